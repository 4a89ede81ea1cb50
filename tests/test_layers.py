"""A large version in two layers: what changed is written, the rest linked, and both are searched as one."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index import Embedder, IndexStoreError, build_index, current_version, draft, list_versions, open_index, verify
from index.layers import BASE
from index.split import embedded_text
from index.versions import version_folder

PLACES = ("青河", "白石", "云岭", "东川", "南山", "西岭", "北湖", "长坪")


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "LARGE", 10)
    monkeypatch.setattr(draft, "MOST", 12)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for place in PLACES:
        write(folder / f"{place}.md", place)
    return folder


def write(path: Path, place: str, number: int = 35) -> None:
    sentences = [f"{place}县第{i}个工业园区有规上企业{number + i}户，全年产值增长{i}.6%。" for i in range(1, 13)]
    path.write_text(f"# {place}县工业一年\n\n2023年，{''.join(sentences)}\n", "utf-8")


def home(folder: Path) -> Path:
    return version_folder(folder, current_version(folder))


def frozen(version: Path) -> dict[str, str]:
    """Digests of a version's files; Chroma notes each opening in its own database."""
    files = [path for path in version.rglob("*") if path.is_file() and not path.name.startswith("chroma.sqlite3")]
    return {str(path.relative_to(version)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def contents(folder: Path, embedder: Embedder) -> list[tuple[str, str, str]]:
    with closing(open_index(folder, embedder)) as index:
        return [(passage.id, passage.source, passage.text) for passage in index.all_passages()]


def test_only_what_changed_is_written(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    first = home(folder)
    before = frozen(first)
    write(reports / "新镇.md", "新镇")
    done = build_index(reports, folder, embedder)
    assert (done.added, done.embedded > 0) == (("新镇.md",), True)
    second = home(folder)
    linked = {path.relative_to(second) for path in second.rglob("*") if path.is_file() and path.stat().st_nlink > 1}
    assert (second / BASE).samefile(first / "lexical.sqlite")
    assert {path.name for path in linked} >= {BASE, "data_level0.bin", "link_lists.bin"}
    with closing(sqlite3.connect(second / "lexical.sqlite")) as upper:
        assert upper.execute("SELECT DISTINCT source FROM passages").fetchall() == [("新镇.md",)]
    assert frozen(first) == before
    assert verify(folder, embedder) == []


def test_many_changes_give_what_one_build_gives(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    layered = 0
    for change in (
        lambda: write(reports / "青河.md", "青河", 90),
        lambda: (reports / "白石.md").rename(reports / "改名.md"),
        lambda: (reports / "云岭.md").unlink(),
        lambda: write(reports / "云岭.md", "云岭"),  # as it was: its old vectors are still there
        lambda: (reports / "副本东川.md").write_bytes((reports / "东川.md").read_bytes()),
        lambda: write(reports / "新镇.md", "新镇"),
        lambda: write(reports / "新镇.md", "新镇", 60),
    ):
        change()
        build_index(reports, folder, embedder)
        layered += (home(folder) / BASE).exists()
        assert verify(folder, embedder) == []
    assert layered >= 4
    build_index(reports, tmp_path / "new", embedder)
    assert contents(folder, embedder) == contents(tmp_path / "new", embedder)
    questions = ("云岭县第3个工业园区规上企业", "新镇县产值增长", "青河县第9个园区", "改名以后白石县", "岭")
    with closing(open_index(folder, embedder)) as old, closing(open_index(tmp_path / "new", embedder)) as new:
        assert old.manifest.passages == new.manifest.passages
        for question in questions:
            expected = dict(new.dense(question, 9))
            assert dict(old.dense(question, 9)) == pytest.approx(expected, abs=1e-5)
            assert {i for i, _ in old.lexical(question, 99)} == {i for i, _ in new.lexical(question, 99)}
        ids = [passage.id for passage in new.all_passages()]
        np.testing.assert_allclose(old.vectors(ids), new.vectors(ids), atol=1e-3)
        assert old.sources() == new.sources()


def test_terms_of_the_upper_layer_weigh_as_in_the_whole(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    write(reports / "新镇.md", "新镇")
    build_index(reports, folder, embedder)
    assert (home(folder) / BASE).exists()
    build_index(reports, tmp_path / "new", embedder)
    with closing(open_index(folder, embedder)) as old, closing(open_index(tmp_path / "new", embedder)) as new:
        for question in ("新镇县第3个工业园区", "新镇县规上企业", "新镇产值增长"):
            mine, whole = old.lexical(question, 5), new.lexical(question, 5)
            assert {old.passages([id_])[0].source for id_, _ in mine[:2]} == {"新镇.md"}
            assert mine[0][1] == pytest.approx(whole[0][1], rel=0.2)
            # FTS5's own weights in a table of one report: a name that stands in each of its rows weighs nothing.
            assert mine[0][1] > 1


def test_many_changes_are_written_as_one_layer_again(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    states = []
    for number in range(5):
        write(reports / f"镇{number}.md", f"第{number}镇", 100 * number)
        build_index(reports, folder, embedder)
        states.append((home(folder) / BASE).exists())
        assert verify(folder, embedder) == []
    assert states[0]
    assert not all(states)
    assert states[states.index(False) + 1]
    with closing(open_index(folder, embedder)) as index:
        sample = index.all_passages()[::9]
        fresh = embedder.embed([embedded_text(passage) for passage in sample])
        assert (np.sum(index.vectors([passage.id for passage in sample]) * fresh, axis=1) > 0.999).all()
        assert len(index.sources()) == len(PLACES) + 5
    assert len(list_versions(folder)) == 3  # what they linked to is gone, and they answer


def test_a_layered_version_is_a_base_for_all_kinds_of_builds(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    write(reports / "新镇.md", "新镇")
    build_index(reports, folder, embedder)
    assert (home(folder) / BASE).exists()
    assert not build_index(reports, folder, embedder).changed
    before = contents(folder, embedder)
    done = build_index(reports, folder, embedder, full=True)
    assert done.embedded == done.passages
    assert not (home(folder) / BASE).exists()
    assert contents(folder, embedder) == before
    assert verify(folder, embedder) == []


def test_damage_in_the_upper_layer_is_found(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    write(reports / "新镇.md", "新镇")
    build_index(reports, folder, embedder)
    with closing(sqlite3.connect(home(folder) / "lexical.sqlite")) as rows, rows:
        rows.execute("DELETE FROM vectors WHERE key = (SELECT min(key) FROM vectors)")
    problems = verify(folder, embedder)
    assert any("没有向量" in problem for problem in problems)
    assert all(problem.endswith("。") for problem in problems)
    (home(folder) / BASE).unlink()
    assert verify(folder, embedder)
    with pytest.raises(IndexStoreError, match="已损坏"):
        open_index(folder, embedder)
    done = build_index(reports, folder, embedder)
    assert done.sources == len(PLACES) + 1
    assert verify(folder, embedder) == []
