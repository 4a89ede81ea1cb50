"""Version folders: the pointer, rollback, pruning, verification."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from index import (
    Embedder,
    IndexMissingError,
    IndexStoreError,
    build_index,
    current_version,
    list_versions,
    open_index,
    prune,
    rollback,
    verify,
)
from index.versions import version_folder


@pytest.fixture(scope="module")
def built(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with two versions: the first with one report, the second with two."""
    home = tmp_path_factory.mktemp("versions")
    reports = home / "reports"
    reports.mkdir()
    for name in ("青河", "白石"):
        text = f"# {name}县工业一年\n\n2023年，{name}县规上企业达到35户，产值增长8.6%。\n"
        (reports / f"{name}.md").write_text(text, "utf-8")
        build_index(reports, home / "index", embedder)
    return home / "index"


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of its own for each test."""
    return Path(shutil.copytree(built, tmp_path / "index"))


def test_versions_are_listed_newest_first(folder: Path) -> None:
    newest, oldest = list_versions(folder)
    assert (newest.current, oldest.current) == (True, False)
    assert (newest.sources, oldest.sources) == (2, 1)
    assert newest.name == current_version(folder)
    assert newest.created > oldest.created
    assert (newest.added, newest.updated, newest.removed) == (1, 0, 0)


def test_rollback_goes_to_the_one_before_and_to_a_named_one(folder: Path, embedder: Embedder) -> None:
    newest, oldest = (version.name for version in list_versions(folder))
    assert rollback(folder) == oldest == current_version(folder)
    with closing(open_index(folder, embedder)) as index:
        assert [info.source for info in index.sources()] == ["青河.md"]
    with pytest.raises(IndexStoreError, match="没有更早的索引版本"):
        rollback(folder)
    assert rollback(folder, newest) == newest == current_version(folder)


@pytest.mark.parametrize("version", ["20000101-0000-ffffff", "../versions", "", "/etc"])
def test_rollback_to_an_unknown_version_changes_nothing(folder: Path, version: str) -> None:
    before = current_version(folder)
    with pytest.raises(IndexStoreError, match=r"没有索引版本.*judian index versions"):
        rollback(folder, version)
    assert current_version(folder) == before


def test_pruning_keeps_the_newest_and_the_current(folder: Path) -> None:
    newest, oldest = (version.name for version in list_versions(folder))
    rollback(folder)
    assert prune(folder, keep=1) == ()
    assert len(list_versions(folder)) == 2
    rollback(folder, newest)
    assert prune(folder, keep=1) == (oldest,)
    assert not version_folder(folder, oldest).exists()


def test_no_index_is_its_own_error(tmp_path: Path, embedder: Embedder) -> None:
    for act in (lambda: open_index(tmp_path, embedder), lambda: verify(tmp_path, embedder)):
        with pytest.raises(IndexMissingError, match=r"^还没有索引：.*请先运行 judian index build。$"):
            act()
    with pytest.raises(IndexMissingError):
        rollback(tmp_path)
    assert list_versions(tmp_path) == ()


@pytest.mark.parametrize("pointer", [b"../../etc", b"", b"\xff\xfe", b"20000101-0000-ffffff"])
def test_a_broken_pointer_is_one_sentence(folder: Path, embedder: Embedder, pointer: bytes) -> None:
    (folder / "current").write_bytes(pointer)
    with pytest.raises(IndexStoreError, match=r"已损坏.*judian index rollback"):
        open_index(folder, embedder)
    assert len(list_versions(folder)) == 2


def test_a_sound_index_verifies(folder: Path, embedder: Embedder) -> None:
    assert verify(folder, embedder) == []


def edit(folder: Path, statement: str) -> None:
    path = version_folder(folder, current_version(folder)) / "lexical.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DELETE FROM passages WHERE source = '青河.md'", "段落有"),
        ("DELETE FROM terms_docsize", "词条有"),
        ("UPDATE reports SET text = '短'", "超出了原文"),
        ("UPDATE reports SET text = replace(text, '35', '53')", "被改动"),
        ("UPDATE passages SET data = replace(data, '35', '53')", "与其向量不符"),
        ("UPDATE passages SET key = 'another'", "没有向量"),
        ("UPDATE passages SET row = row + 100", "不是同一批"),
        ("INSERT INTO terms (terms, rowid, place, head, body) SELECT 'delete', 1, '', '', ''", "词条有"),
        ("DELETE FROM sources", "报告有"),
        ("DELETE FROM sources WHERE source = '青河.md'", "清单中却没有"),
        ("UPDATE sources SET passages = 7", "段落数"),
        ("UPDATE sources SET same_as = 'x.md' WHERE source = '青河.md'", "不在索引中"),
        ("DROP TABLE passages", "读不下去"),
    ],
)
def test_damage_is_found(folder: Path, embedder: Embedder, damage: str, found: str) -> None:
    edit(folder, damage)
    problems = verify(folder, embedder)
    assert any(found in problem for problem in problems), problems
    assert all(problem.endswith("。") for problem in problems)


def test_an_index_of_another_model_does_not_verify(folder: Path) -> None:
    other = Embedder("other", lambda: pytest.fail("loaded for nothing"), 384)
    (problem,) = verify(folder, other)
    assert "other" in problem
