"""`index verify --repair` where the vectors are on a real Chroma server: only what is broken is made anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chroma_server import collections, connected, write

from assistant import cli
from index import (
    Embedder,
    IndexStoreError,
    build_index,
    current_version,
    mend_index,
    open_index,
    reading,
    rollback,
    verify,
)
from index.manifest import read_manifest
from index.versions import version_folder

PLACES = ("青河", "白石", "云岭")
QUESTION = "白石县第3个工业园区有规上企业43户"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    for number, place in enumerate(PLACES):
        write(tmp_path, place, 20 * (number + 1))
    return tmp_path / "reports"


@pytest.fixture
def folder(reports: Path, tmp_path: Path, embedder: Embedder, server: str) -> Path:
    build_index(reports, tmp_path / "index", embedder, chroma_url=server)
    return tmp_path / "index"


@pytest.fixture
def read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that are read once the index stands."""
    names: list[str] = []
    real = reading.read_report

    def spy(path: Path, source: str) -> object:
        names.append(source)
        return real(path, source)

    monkeypatch.setattr(reading, "read_report", spy)
    return names


def collection_of(folder: Path) -> str:
    return read_manifest(version_folder(folder, current_version(folder))).collection


def contents(folder: Path, embedder: Embedder, url: str) -> list[tuple[str, str, list[float]]]:
    """Each passage with its vector, as they are found again."""
    with closing(open_index(folder, embedder, chroma_url=url)) as index:
        passages = index.all_passages()
        vectors = index.vectors([passage.id for passage in passages]).round(3).tolist()
        return [(passage.id, passage.text, vector) for passage, vector in zip(passages, vectors, strict=True)]


def lose_two(collection: Any) -> int:
    collection.delete(ids=collection.get(include=[])["ids"][:2])
    return 2


def lose_all(collection: Any) -> int:
    ids = collection.get(include=[])["ids"]
    collection.delete(ids=ids)
    return len(ids)


def spoil_three(collection: Any) -> int:
    found = collection.get(include=["embeddings"])
    collection.update(ids=found["ids"][:3], embeddings=np.full((3, len(found["embeddings"][0])), 0.5))
    return 3


def exchange(collection: Any) -> int:
    """Vectors of the right length that are other texts'."""
    found = collection.get(include=["embeddings"])
    collection.update(ids=found["ids"], embeddings=np.roll(found["embeddings"], 1, axis=0))
    return len(found["ids"])


@pytest.mark.parametrize("damage", [lose_two, lose_all, spoil_three, exchange])
def test_vectors_that_are_lost_or_spoiled_are_embedded_again(
    folder: Path, reports: Path, embedder: Embedder, server: str, read: list[str], damage: Callable[[Any], int]
) -> None:
    before = contents(folder, embedder, server)
    with closing(open_index(folder, embedder, chroma_url=server)) as index:
        nearest = index.dense(QUESTION, 3)
    with connected(server) as client:
        embedded = damage(client.get_collection(collection_of(folder), embedding_function=None))
    assert any("向量" in problem for problem in verify(folder, embedder, chroma_url=server))
    mended = mend_index(reports, folder, embedder, chroma_url=server)
    assert mended.build is not None
    assert (mended.build.embedded, read) == (embedded, [])
    assert contents(folder, embedder, server) == before
    assert verify(folder, embedder, chroma_url=server) == []
    with closing(open_index(folder, embedder, chroma_url=server)) as index:
        found = index.dense(QUESTION, 3)
        assert [id_ for id_, _ in found] == [id_ for id_, _ in nearest]
        assert dict(found) == pytest.approx(dict(nearest), abs=1e-3)


def test_a_collection_that_is_gone_costs_no_reading(
    folder: Path, reports: Path, embedder: Embedder, server: str, read: list[str]
) -> None:
    before, old = contents(folder, embedder, server), collection_of(folder)
    with connected(server) as client:
        client.delete_collection(old)
    (problem,) = verify(folder, embedder, chroma_url=server)
    assert problem.startswith(f"当前版本 {current_version(folder)} 打不开（Chroma 服务器 {server} 上没有集合 {old}，")
    assert problem.endswith("请先核对 JUDIAN_CHROMA_URL）：请运行 judian index verify --repair 修复。")
    done = mend_index(reports, folder, embedder, chroma_url=server).build
    assert done is not None
    assert (done.embedded, read) == (done.passages, [])
    assert old not in collections(server)
    assert contents(folder, embedder, server) == before
    assert verify(folder, embedder, chroma_url=server) == []


def test_what_another_collection_has_kept_is_not_embedded_again(
    folder: Path, reports: Path, embedder: Embedder, server: str
) -> None:
    build_index(reports, folder, embedder, full=True, chroma_url=server)
    write(reports.parent, "东川", 70)
    build_index(reports, folder, embedder, chroma_url=server)
    with connected(server) as client:
        client.delete_collection(collection_of(folder))
    done = mend_index(reports, folder, embedder, chroma_url=server).build
    assert done is not None
    assert 0 < done.embedded < done.passages
    assert verify(folder, embedder, chroma_url=server) == []


def test_damage_behind_a_lost_collection_is_mended_too(
    folder: Path, reports: Path, embedder: Embedder, server: str, read: list[str]
) -> None:
    before = contents(folder, embedder, server)
    edit(folder, "UPDATE passages SET data = replace(data, '43', '34') WHERE source = '白石.md'")
    with connected(server) as client:
        client.delete_collection(collection_of(folder))
    mended = mend_index(reports, folder, embedder, chroma_url=server)
    assert len(mended.problems) > 1
    assert read == ["白石.md"]
    assert contents(folder, embedder, server) == before
    assert verify(folder, embedder, chroma_url=server) == []


def edit(folder: Path, statement: str) -> None:
    path = version_folder(folder, current_version(folder)) / "lexical.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("damage", "readings"),
    [
        ("UPDATE passages SET data = 'no passage' WHERE source = '青河.md'", ["青河.md"]),
        ("DELETE FROM passages WHERE source = '青河.md'", ["青河.md"]),
        ("DELETE FROM reports WHERE source = '青河.md'", ["青河.md"]),
        ("DELETE FROM terms_docsize", []),
    ],
)
def test_damage_on_the_lexical_side_embeds_nothing(
    folder: Path, reports: Path, embedder: Embedder, server: str, read: list[str], damage: str, readings: list[str]
) -> None:
    before = contents(folder, embedder, server)
    edit(folder, damage)
    done = mend_index(reports, folder, embedder, chroma_url=server).build
    assert done is not None
    assert read == readings
    assert done.embedded == 0 or damage.startswith("DELETE FROM passages")
    assert contents(folder, embedder, server) == before
    assert verify(folder, embedder, chroma_url=server) == []
    with closing(open_index(folder, embedder, chroma_url=server)) as index:
        assert index.lexical("青河县第1个工业园区", 3)


def test_rows_that_are_torn_are_read_again_with_the_vectors_of_the_server(
    folder: Path, reports: Path, embedder: Embedder, server: str, read: list[str]
) -> None:
    before = contents(folder, embedder, server)
    path = version_folder(folder, current_version(folder)) / "lexical.sqlite"
    path.write_bytes(b"no database" * 1000)
    done = mend_index(reports, folder, embedder, chroma_url=server).build
    assert done is not None
    assert (done.embedded, len(read)) == (0, len(PLACES))
    assert contents(folder, embedder, server) == before


def test_a_report_less_after_others_took_vectors_away(
    folder: Path, reports: Path, embedder: Embedder, server: str
) -> None:
    write(reports.parent, "青河", 90)
    build_index(reports, folder, embedder, chroma_url=server)
    with closing(open_index(folder, embedder, chroma_url=server)) as index:
        needed = {key for (key,) in index.rows.query("SELECT key FROM passages")}
    with connected(server) as client:
        collection = client.get_collection(collection_of(folder), embedding_function=None)
        old = sorted(set(collection.get(include=[])["ids"]) - needed)
        collection.delete(ids=old)
    assert old
    assert verify(folder, embedder, chroma_url=server) == []
    (reports / "云岭.md").unlink()
    assert build_index(reports, folder, embedder, chroma_url=server).removed == ("云岭.md",)
    rollback(folder)
    rollback(folder)
    assert any("没有向量" in problem for problem in verify(folder, embedder, chroma_url=server))


def test_nothing_is_made_anew_where_no_server_answers(
    folder: Path, reports: Path, embedder: Embedder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    version = current_version(folder)
    for url, words in (
        ("http://127.0.0.1:9", "连不上 Chroma 服务器 http://127.0.0.1:9：.*chroma run.*JUDIAN_CHROMA_URL"),
        ("", "在 Chroma 服务器上：请设置 JUDIAN_CHROMA_URL.*--full"),
        ("http://127.0.0.1:9/路径", "地址不对"),
    ):
        with pytest.raises(IndexStoreError, match=f"^[^。]*{words}[^。]*。$"):
            mend_index(reports, folder, embedder, chroma_url=url)
        (problem,) = verify(folder, embedder, chroma_url=url)
        assert problem.startswith(f"当前版本 {version} 打不开：")
    monkeypatch.setenv("JUDIAN_CHROMA_URL", "http://127.0.0.1:9")
    command = ["index", "verify", "--repair", "--reports", str(reports), "--index", str(folder)]
    assert cli.run(command) == 1
    assert "连不上 Chroma 服务器" in capsys.readouterr().err
    assert current_version(folder) == version


def test_the_command_says_what_it_mended(
    folder: Path, reports: Path, server: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(server) as client:
        client.delete_collection(collection_of(folder))
    monkeypatch.setenv("JUDIAN_CHROMA_URL", server)
    command = ["index", "verify", "--repair", "--reports", str(reports), "--index", str(folder)]
    assert cli.run(command) == 0
    shown = capsys.readouterr().out
    assert "已重做：当前版本" in shown
    assert "。。" not in shown
    assert shown.strip().endswith("当前版本完好。")
