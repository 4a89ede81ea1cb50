"""The vectors on a real Chroma server: the same versions, swap, rollback and pruning; faults are one sentence."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from chroma_server import collections, connected, write

from index import (
    BuildProgress,
    Embedder,
    IndexStoreError,
    build_index,
    current_version,
    list_versions,
    open_index,
    rollback,
    verify,
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    write(tmp_path, "青河", 35)
    return tmp_path


def test_a_server_gives_what_files_give(home: Path, server: str, embedder: Embedder) -> None:
    build_index(home / "reports", home / "here", embedder)
    done = build_index(home / "reports", home / "there", embedder, chroma_url=server)
    assert done.embedded == done.passages
    version = current_version(home / "there")
    assert not (home / "there" / "versions" / version / "vectors").exists()
    with (
        closing(open_index(home / "here", embedder)) as here,
        closing(open_index(home / "there", embedder, chroma_url=server)) as there,
    ):
        question = "青河县第3个园区规上企业"
        assert [id_ for id_, _ in there.dense(question, 3)] == [id_ for id_, _ in here.dense(question, 3)]
        assert dict(there.dense(question, 3)) == pytest.approx(dict(here.dense(question, 3)), abs=1e-3)
        assert there.lexical(question, 3) == here.lexical(question, 3)
        assert there.counts() == here.counts()
    assert verify(home / "there", embedder, chroma_url=server) == []


def test_versions_share_a_collection_and_answer_each_for_itself(home: Path, server: str, embedder: Embedder) -> None:
    folder, before = home / "index", collections(server)
    for place in ("白石", "云岭", "东川"):
        write(home, place, 20)
    build_index(home / "reports", folder, embedder, chroma_url=server)
    assert len(collections(server) - before) == 1
    assert not build_index(home / "reports", folder, embedder, chroma_url=server).changed
    with closing(open_index(folder, embedder, chroma_url=server)) as old:
        found = old.dense("青河县规上企业35户", 3)
        write(home, "青河", 90)
        done = build_index(home / "reports", folder, embedder, chroma_url=server)
        assert 0 < done.embedded < done.passages
        assert old.dense("青河县规上企业35户", 3) == found
    assert len(collections(server) - before) == 1
    with closing(open_index(folder, embedder, chroma_url=server)) as new:
        texts = [passage.text for passage in new.passages([id_ for id_, _ in new.dense("青河县规上企业", 40)])]
        assert len(texts) == done.passages
        assert not any("36户" in text and "青河" in text for text in texts)
    assert verify(folder, embedder, chroma_url=server) == []
    rollback(folder)
    with closing(open_index(folder, embedder, chroma_url=server)) as index:
        assert index.dense("青河县规上企业35户", 3) == found
    assert verify(folder, embedder, chroma_url=server) == []


def test_a_collection_that_no_version_needs_is_dropped(home: Path, server: str, embedder: Embedder) -> None:
    folder, before = home / "index", collections(server)
    for _ in range(5):
        build_index(home / "reports", folder, embedder, full=True, chroma_url=server)
    assert len(list_versions(folder)) == 3
    assert len(collections(server) - before) == 3


def test_a_build_that_fails_leaves_no_collection(home: Path, server: str, embedder: Embedder) -> None:
    before = collections(server)

    def interrupt(progress: BuildProgress) -> None:
        if progress.stage == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(home / "reports", home / "index", embedder, chroma_url=server, progress=interrupt)
    assert collections(server) == before


def test_vectors_move_to_a_server_and_are_not_embedded_again(home: Path, server: str, embedder: Embedder) -> None:
    folder = home / "index"
    build_index(home / "reports", folder, embedder)
    moved = build_index(home / "reports", folder, embedder, chroma_url=server)
    assert (moved.changed, moved.embedded) == (True, 0)
    assert verify(folder, embedder, chroma_url=server) == []


def test_each_fault_is_one_sentence(home: Path, server: str, embedder: Embedder) -> None:
    folder = home / "index"
    build_index(home / "reports", folder, embedder, chroma_url=server)
    nobody = "http://127.0.0.1:9"
    for url, words in (
        (nobody, "连不上 Chroma 服务器 http://127.0.0.1:9：.*chroma run.*JUDIAN_CHROMA_URL"),
        ("", "在 Chroma 服务器上：请设置 JUDIAN_CHROMA_URL"),
        ("http://127.0.0.1:9/路径", "地址不对：.*http://主机:端口"),
    ):
        with pytest.raises(IndexStoreError, match=f"^[^。]*{words}[^。]*。$"):
            open_index(folder, embedder, chroma_url=url)
        with pytest.raises(IndexStoreError, match=f"^[^。]*{words}[^。]*。$"):
            build_index(home / "reports", folder, embedder, chroma_url=url)
    with closing(open_index(folder, embedder, chroma_url=server)) as index:
        name = index.manifest.collection
        with connected(server) as client:
            client.delete_collection(name)
        with pytest.raises(IndexStoreError, match=r"。$"):
            index.dense("青河", 3)
    with pytest.raises(IndexStoreError, match=f"^Chroma 服务器 .* 上没有集合 {name}：.*--full 重建。$"):
        open_index(folder, embedder, chroma_url=server)
    assert build_index(home / "reports", folder, embedder, full=True, chroma_url=server).changed
    assert verify(folder, embedder, chroma_url=server) == []
