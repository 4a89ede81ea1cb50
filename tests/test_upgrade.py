"""Indexes that older releases made of one small report: read, or refused with what to do; never a crash, nothing lost.

`data/index-format-N.tar.gz` was written by the release of that format itself.
"""

from __future__ import annotations

import json
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from index import (
    Embedder,
    IndexStoreError,
    JudianError,
    build_index,
    current_version,
    index_status,
    open_index,
    rollback,
    verify,
)
from index.manifest import FORMAT

DATA = Path(__file__).parent / "data"
REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"


@pytest.fixture(params=sorted(DATA.glob("index-format-*.tar.gz")), ids=lambda path: path.name.split(".")[0])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path / "index", filter="data")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, "utf-8")
    return tmp_path / "index"


def written_by(folder: Path) -> int:
    (manifest,) = folder.glob("versions/*/manifest.json")
    return int(json.loads(manifest.read_text("utf-8"))["format"])


def test_an_old_index_answers_or_says_what_to_do(folder: Path, embedder: Embedder) -> None:
    if written_by(folder) == FORMAT:
        with closing(open_index(folder, embedder)) as index:
            assert index.lexical("茶叶综合产值", 3)
            assert index.dense("茶叶综合产值", 3)
    else:
        with pytest.raises(
            IndexStoreError, match=r"^索引版本 .* 由另一版据典建立，不能读取：请运行 judian index build"
        ):
            open_index(folder, embedder)
        with pytest.raises(IndexStoreError, match="judian index build"):
            index_status(folder.parent / "reports", folder)


def test_a_build_makes_an_old_index_new(folder: Path, embedder: Embedder) -> None:
    old = current_version(folder)
    done = build_index(folder.parent / "reports", folder, embedder)
    assert (done.sources, done.skipped) == (1, ())
    assert verify(folder, embedder) == []
    with closing(open_index(folder, embedder)) as index:
        assert [info.source for info in index.sources()] == ["云溪.md"]
        assert index.text("云溪.md") == REPORT
    assert not build_index(folder.parent / "reports", folder, embedder).changed
    if done.version != old and not (folder / "versions" / old).exists():
        with pytest.raises(JudianError):
            rollback(folder, old)
