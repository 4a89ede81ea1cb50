"""Changes cost themselves: what an index keeps of a report, and what remains of those that are gone."""

from __future__ import annotations

import os
import time
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index import Embedder, Index, Report, build_index, open_index, read_report, reading, verify
from index.boxes import line_boxes, pack, unpack
from index.changes import scan

PLACES = ("青河", "白石", "云岭", "东川", "南山")


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


def contents(folder: Path, embedder: Embedder) -> list[tuple[str, str, str]]:
    with closing(open_index(folder, embedder)) as index:
        return [(passage.id, passage.source, passage.text) for passage in index.all_passages()]


def test_many_changes_give_what_one_build_gives(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    for number, place in enumerate(PLACES):
        write(reports / f"{place}.md", place, 50 + number)
        build_index(reports, folder, embedder)
    (reports / "青河.md").rename(reports / "改名.md")
    (reports / "白石.md").unlink()
    write(reports / "西岭.md", "西岭")
    build_index(reports, folder, embedder)
    build_index(reports, tmp_path / "new", embedder)
    assert contents(folder, embedder) == contents(tmp_path / "new", embedder)
    questions = ("云岭县第3个工业园区规上企业", "西岭县产值增长", "青河县第9个园区")
    with closing(open_index(folder, embedder)) as old, closing(open_index(tmp_path / "new", embedder)) as new:
        for question in questions:
            assert [id_ for id_, _ in old.dense(question, 5)] == [id_ for id_, _ in new.dense(question, 5)]
            assert dict(old.lexical(question, 99)) == pytest.approx(dict(new.lexical(question, 99)), rel=1e-6)
        assert old.rarity(["云岭", "园区", "没有"]) == pytest.approx(new.rarity(["云岭", "园区", "没有"]))
    assert verify(folder, embedder) == []


def test_vectors_that_nobody_needs_are_passed_over_and_then_left_behind(
    reports: Path, tmp_path: Path, embedder: Embedder
) -> None:
    folder, shares = tmp_path / "index", []
    for number in range(6):
        write(reports / "青河.md", "青河", 100 * number)
        done = build_index(reports, folder, embedder)
        with closing(open_index(folder, embedder)) as index:
            live = index.rows.counts()["keys"]
            shares.append(1 - live / index.stored.count())
            assert index.manifest.stored == index.stored.count()
            found = index.dense("青河县规上企业", done.passages + 5)
            assert len({id_ for id_, _ in found}) == len(found) == done.passages
        assert verify(folder, embedder) == []
    assert 0 < max(shares) <= 0.3
    assert sum(after < before for before, after in pairwise(shares)) >= 1


def test_a_file_that_was_not_touched_is_not_opened(
    reports: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = time.time() - 1000
    for path in reports.iterdir():
        os.utime(path, (past, past))
    time.sleep(2.1)
    folder = tmp_path / "index"
    build_index(reports, folder, embedder)
    assert all(file.stamp for file in scan(reports, folder).files)
    opened: list[str] = []
    real = Path.open

    def spy(self: Path, *args: object, **options: object) -> object:
        if self.parent == reports:
            opened.append(self.name)
        return real(self, *args, **options)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(Path, "open", spy)
    assert not build_index(reports, folder, embedder).changed
    assert opened == []
    text = (reports / "青河.md").read_text("utf-8")
    (reports / "青河.md").write_text(text.replace("36户", "63户"), "utf-8")  # as long as before, and as old
    os.utime(reports / "青河.md", (past, past))
    opened.clear()
    assert build_index(reports, folder, embedder).updated == ("青河.md",)
    assert set(opened) == {"青河.md"}


def test_a_renamed_report_is_not_read_again(
    reports: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(reports, tmp_path / "index", embedder)
    (reports / "青河.md").rename(reports / "改名.md")
    monkeypatch.setattr(reading, "read_report", lambda *_: pytest.fail("read again"))
    done = build_index(reports, tmp_path / "index", embedder)
    assert (done.added, done.removed, done.embedded) == (("改名.md",), ("青河.md",), 0)


def boxed(text: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Characters a fiftieth of the page wide; a line break stands nowhere and begins a line."""
    boxes, line, column = [], 0, 0
    for character in text:
        if character == "\n":
            boxes.append((np.nan,) * 4)
            line, column = line + 1, 0
        else:
            boxes.append((0.1 + column / 50, 0.1 + line / 40, 0.1 + (column + 1) / 50, 0.12 + line / 40))
            column += 1
    return np.asarray(boxes, np.float32)


def test_boxes_come_back_and_are_merged_line_by_line() -> None:
    text = "青河县规上企\n业有三十五户\n产值增长"
    boxes = boxed(text)
    packed = pack(boxes)
    assert packed is not None
    back = unpack(packed)
    np.testing.assert_allclose(back, boxes, atol=2e-5)
    assert np.array_equal(unpack(pack(back)), back, equal_nan=True)  # type: ignore[arg-type]
    assert (pack(None), unpack(None)) == (None, None)
    found = line_boxes(text, boxes, (0, 14), 3, 16)
    assert [page for page, _ in found] == [1, 1, 2]
    assert [pytest.approx(box, abs=1e-4) for _, box in found] == [
        (0.16, 0.1, 0.22, 0.12),
        (0.1, 0.125, 0.22, 0.145),
        (0.1, 0.15, 0.14, 0.17),
    ]
    assert line_boxes(text, boxes, (0,), 6, 7) == line_boxes(text, None, (), 0, 9) == []


def test_boxes_of_two_columns_are_not_merged() -> None:
    boxes = np.asarray([(0.1, 0.1, 0.12, 0.12), (0.12, 0.1, 0.14, 0.12), (0.6, 0.1, 0.62, 0.12)], np.float32)
    assert len(line_boxes("左左右", boxes, (0,), 0, 3)) == 2


def test_pages_and_boxes_are_kept_with_the_text(
    reports: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def with_boxes(path: Path, source: str) -> Report:
        report = read_report(path, source)
        if source != "青河.md":
            return report
        return replace(report, pages=(0, 20), title="版面标题", date="2024-01-02", boxes=boxed(report.text))

    monkeypatch.setattr(reading, "read_report", with_boxes)
    build_index(reports, tmp_path / "index", embedder)
    with closing(open_index(tmp_path / "index", embedder)) as index:
        passage = next(p for p in index.all_passages() if p.source == "青河.md" and p.page == 2)
        found = index.page_boxes("青河.md", passage.start, passage.end)
        assert {page for page, _ in found} == {2}
        assert index.page_boxes("白石.md", 0, 10) == []
        report = index.rows.report("青河.md")
        assert report is not None
        assert (report.pages, report.title, report.date) == ((0, 20), "版面标题", "2024-01-02")
    assert verify(tmp_path / "index", embedder) == []


def test_an_index_that_nobody_has_is_closed(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    build_index(reports, tmp_path / "index", embedder)
    index: Index | None = open_index(tmp_path / "index", embedder)
    assert index is not None
    rows, stored = index.rows, index.stored
    index = None
    with pytest.raises(Exception, match="closed"):
        rows.query("SELECT 1")
    assert not stored._open
