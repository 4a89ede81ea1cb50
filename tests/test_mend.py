"""`index verify --repair`: what is broken is made anew in a new version; what is sound is taken over."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index import Embedder, build_index, current_version, draft, mend_index, open_index, reading, verify
from index.vectors import extend_vectors
from index.versions import version_folder

PLACES = ("青河", "白石", "云岭", "东川")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for place in PLACES:
        sentences = [f"{place}县第{i}个工业园区有规上企业{35 + i}户，全年产值增长{i}.6%。" for i in range(1, 9)]
        (folder / f"{place}.md").write_text(f"# {place}县工业一年\n\n2023年，{''.join(sentences)}\n", "utf-8")
    return folder


@pytest.fixture
def folder(reports: Path, tmp_path: Path, embedder: Embedder) -> Path:
    build_index(reports, tmp_path / "index", embedder)
    return tmp_path / "index"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that are read from now on."""
    names: list[str] = []
    real = reading.read_report

    def spy(path: Path, source: str) -> object:
        names.append(source)
        return real(path, source)

    monkeypatch.setattr(reading, "read_report", spy)
    return names


def home(folder: Path) -> Path:
    return version_folder(folder, current_version(folder))


def edit(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(home(folder) / "lexical.sqlite")) as connection, connection:
        connection.execute(statement)


def contents(folder: Path, embedder: Embedder) -> list[tuple[str, str, str]]:
    with closing(open_index(folder, embedder)) as index:
        return [(passage.id, passage.source, passage.text) for passage in index.all_passages()]


def frozen(version: Path) -> dict[str, str]:
    files = [path for path in version.rglob("*") if path.is_file() and not path.name.startswith("chroma.sqlite3")]
    return {str(path.relative_to(version)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def flip(path: Path, dimensions: int) -> None:
    """Other numbers in the fourth of the vectors, each of which follows its neighbours in the graph."""
    data = bytearray(path.read_bytes())
    links, label = 132, 8
    at = 3 * (links + 4 * dimensions + label) + links
    assert np.linalg.norm(np.frombuffer(bytes(data[at : at + 4 * dimensions]), "<f4")) == pytest.approx(1, abs=1e-3)
    data[at : at + 400] = np.full(100, 3.0, "<f4").tobytes()
    path.write_bytes(data)


def test_a_sound_index_is_left_alone(folder: Path, reports: Path, embedder: Embedder) -> None:
    version = current_version(folder)
    assert mend_index(reports, folder, embedder).build is None
    assert current_version(folder) == version


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE passages SET data = replace(data, '36', '63') WHERE source = '青河.md'",
        "UPDATE passages SET data = 'no passage' WHERE source = '青河.md'",
        "UPDATE reports SET text = replace(text, '36', '63') WHERE source = '青河.md'",
        "DELETE FROM passages WHERE source = '青河.md'",
        "DELETE FROM reports WHERE source = '青河.md'",
        "DELETE FROM sources WHERE source = '青河.md'",
    ],
)
def test_a_damaged_row_costs_its_own_report(
    folder: Path, reports: Path, embedder: Embedder, read: list[str], damage: str
) -> None:
    before = contents(folder, embedder)
    edit(folder, damage)
    old = home(folder)
    broken = frozen(old)
    mended = mend_index(reports, folder, embedder)
    assert mended.problems
    assert mended.build is not None
    assert read == ["青河.md"]
    assert mended.build.embedded == 0 or damage.startswith("DELETE FROM passages")
    assert contents(folder, embedder) == before
    assert verify(folder, embedder) == []
    assert home(folder) != old
    assert frozen(old) == broken  # a published version never changes, not even a broken one
    with closing(open_index(folder, embedder)) as index:
        assert index.lexical("青河县第1个工业园区", 3)
        assert all("63户" not in passage.text for passage in index.all_passages())


def test_terms_alone_are_cut_again(folder: Path, reports: Path, embedder: Embedder, read: list[str]) -> None:
    edit(folder, "DELETE FROM terms_docsize")
    assert mend_index(reports, folder, embedder).build is not None
    assert read == []
    assert verify(folder, embedder) == []
    with closing(open_index(folder, embedder)) as index:
        assert index.lexical("青河县第1个工业园区", 3)


def test_damaged_vectors_are_embedded_again_and_nothing_is_read(
    folder: Path, reports: Path, embedder: Embedder, read: list[str]
) -> None:
    before = contents(folder, embedder)
    (path,) = home(folder).rglob("data_level0.bin")
    flip(path, embedder.dimensions)
    assert any("向量" in problem for problem in verify(folder, embedder))
    done = mend_index(reports, folder, embedder).build
    assert done is not None
    assert done.embedded == 1
    assert read == []
    assert contents(folder, embedder) == before
    assert verify(folder, embedder) == []


def test_a_lost_vector_is_embedded_again(folder: Path, reports: Path, embedder: Embedder, read: list[str]) -> None:
    with closing(extend_vectors(home(folder) / "vectors")) as vectors:
        vectors._collection.delete(ids=vectors.keys()[:1])
    done = mend_index(reports, folder, embedder).build
    assert done is not None
    assert (done.embedded, read) == (1, [])
    assert verify(folder, embedder) == []


def wipe(version: Path) -> None:
    for path in version.rglob("*.bin"):
        path.write_bytes(b"")


def no_database(version: Path) -> None:
    (version / "vectors" / "chroma.sqlite3").write_bytes(b"no database" * 100)


def no_vectors(version: Path) -> None:
    shutil.rmtree(version / "vectors")


def no_manifest(version: Path) -> None:
    (version / "manifest.json").write_text("{", "utf-8")


def wrong_manifest(version: Path) -> None:
    data = json.loads((version / "manifest.json").read_text("utf-8"))
    (version / "manifest.json").write_text(json.dumps({**data, "passages": 3}), "utf-8")


def torn_rows(version: Path) -> None:
    path = version / "lexical.sqlite"
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [wipe, no_database, no_vectors, no_manifest, wrong_manifest, torn_rows])
def test_what_an_older_version_has_kept_is_not_embedded_again(
    folder: Path, reports: Path, embedder: Embedder, read: list[str], damage: Callable[[Path], None]
) -> None:
    (reports / "新镇.md").write_text("# 新镇\n\n2023年，新镇县有规上企业12户。\n", "utf-8")
    build_index(reports, folder, embedder)
    before = contents(folder, embedder)
    damage(home(folder))
    read.clear()
    assert verify(folder, embedder)
    done = mend_index(reports, folder, embedder).build
    assert done is not None
    assert done.embedded <= 1  # that of the report that came last
    assert not read or damage in (no_manifest, wrong_manifest, torn_rows)  # vectors alone cost no reading
    assert contents(folder, embedder) == before
    assert verify(folder, embedder) == []


def test_a_layered_version_is_mended_too(
    folder: Path, reports: Path, embedder: Embedder, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "LARGE", 2)
    (reports / "新镇.md").write_text("# 新镇\n\n2023年，新镇县有规上企业12户。\n", "utf-8")
    build_index(reports, folder, embedder)
    assert (home(folder) / "base.sqlite").exists()
    before = contents(folder, embedder)
    with closing(sqlite3.connect(home(folder) / "base.sqlite")) as connection, connection:
        connection.execute("UPDATE passages SET data = 'no passage' WHERE source = '青河.md'")
    read.clear()
    assert mend_index(reports, folder, embedder).build is not None
    assert read == ["青河.md"]
    assert contents(folder, embedder) == before
    assert verify(folder, embedder) == []
