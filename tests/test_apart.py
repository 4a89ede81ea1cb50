"""Files are read in a process of their own: one that hangs or crashes it is named, and the others are indexed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from test_load_ocr import drawn
from test_load_ocr import font as _font

from index import Embedder, ReportError, apart, build_index, index_status, open_index, read_report, reading, verify
from index.apart import Apart
from index.journal import Readings
from index.load.kept import DESK, find_page, keep_page
from index.load.pages import Segment

HOSTILE = "hostile_readers:read"
font = _font  # a fixture


def pdf(path: Path, place: str) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    page = canvas.Canvas(str(path))
    page.setFont("STSong-Light", 14)
    for number in range(3):
        page.drawString(72, 700 - 30 * number, f"2023年，{place}县第{number + 1}个园区有规上企业{30 + number}户。")
    page.save()


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    pdf(folder / "青河.pdf", "青河")
    (folder / "白石.md").write_text("# 白石县\n\n2023年，白石县有规上企业12户。\n", "utf-8")
    return folder


def test_what_is_read_apart_is_what_is_read_here(reports: Path) -> None:
    path = reports / "青河.pdf"
    with closing(Apart()) as reader:
        there, here = reader.read(path, "青河.pdf", ""), read_report(path, "青河.pdf")
        assert there == here
        assert there.boxes is not None
        np.testing.assert_array_equal(there.boxes, here.boxes)
        first = reader._process
        reader.read(path, "青河.pdf", "")
        assert reader._process is first
    assert first is not None
    assert first.poll() is not None
    assert not Apart().takes(reports / "白石.md")


def test_a_file_that_crashes_or_hangs_its_reader_is_one_sentence(reports: Path) -> None:
    for name in ("崩溃.pdf", "卡住.pdf"):
        pdf(reports / name, "云岭")
    with closing(Apart(reader=HOSTILE, seconds=8)) as reader:  # a slow machine takes some to start the process
        with pytest.raises(ReportError, match=r"^报告“崩溃.pdf”让读取程序崩溃了（SIGSEGV），已跳过：.*。$"):
            reader.read(reports / "崩溃.pdf", "崩溃.pdf", "")
        assert reader.read(reports / "青河.pdf", "青河.pdf", "").text
        started = time.monotonic()
        with pytest.raises(ReportError, match=r"^报告“卡住.pdf”读了 8 秒仍没有读完一页，已跳过：.*。$"):
            reader.read(reports / "卡住.pdf", "卡住.pdf", "")
        assert time.monotonic() - started < 14
        assert reader.read(reports / "青河.pdf", "青河.pdf", "").text


def test_a_long_file_has_time_as_long_as_its_pages_come(reports: Path) -> None:
    pdf(reports / "慢页.pdf", "云岭")
    with closing(Apart(reader=HOSTILE, seconds=6)) as reader:
        reader.read(reports / "青河.pdf", "青河.pdf", "")  # the process has started
        assert "云岭" in reader.read(reports / "慢页.pdf", "慢页.pdf", "").text


def test_the_build_goes_on_and_does_not_try_again_what_took_long(
    reports: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart.Apart.__init__, "__kwdefaults__", {"reader": HOSTILE, "seconds": 8.0})
    monkeypatch.setattr(apart, "SLOW", 0.2)
    folder = tmp_path / "index"
    pdf(reports / "卡住.pdf", "云岭")
    done = build_index(reports, folder, embedder)
    assert done.added == ("白石.md", "青河.pdf")
    ((source, reason),) = done.skipped
    assert (source, reason.count("没有读完一页")) == ("卡住.pdf", 1)
    assert verify(folder, embedder) == []
    started = time.monotonic()
    again = build_index(reports, folder, embedder)
    assert time.monotonic() - started < 2
    assert (again.changed, again.skipped) == (False, done.skipped)
    status = index_status(reports, folder)
    assert (status.added, status.skipped) == ((), done.skipped)
    monkeypatch.undo()
    full = build_index(reports, folder, embedder, full=True)  # --full tries again
    assert (full.skipped, full.sources) == ((), 3)
    assert index_status(reports, folder).skipped == ()


def test_status_lists_a_corrupt_file_with_its_reason_until_it_changes(
    reports: Path, tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "index"
    (reports / "坏.pdf").write_bytes(b"%PDF-1.4 not more")
    (reports / "坏.docx").write_bytes(b"PK not more")
    assert index_status(reports, folder).added == ("坏.docx", "坏.pdf", "白石.md", "青河.pdf")
    done = build_index(reports, folder, embedder)
    status = index_status(reports, folder)
    assert (status.added, status.changed, status.removed) == ((), (), ())
    assert status.skipped == done.skipped
    assert [source for source, _ in status.skipped] == ["坏.docx", "坏.pdf"]
    pdf(reports / "坏.pdf", "云岭")
    status = index_status(reports, folder)
    assert (status.added, [source for source, _ in status.skipped]) == (("坏.pdf",), ["坏.docx"])
    (reports / "坏.docx").unlink()
    assert build_index(reports, folder, embedder).skipped == ()
    assert index_status(reports, folder).skipped == ()


def test_what_took_long_to_read_is_not_read_again_after_a_kill(
    reports: Path, tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart.Apart.__init__, "__kwdefaults__", {"reader": HOSTILE, "seconds": 60.0})
    monkeypatch.setattr(apart, "LONG", 0.0)
    folder, real = tmp_path / "index", reading.repair

    def interrupt(report: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(reading, "repair", interrupt)
    with pytest.raises(KeyboardInterrupt):
        build_index(reports, folder, embedder)
    (reports / "白石.md").unlink()
    with pytest.raises(KeyboardInterrupt):
        build_index(reports, folder, embedder)
    assert (reports / ".次数").read_text("utf-8") == "青河.pdf\n"
    monkeypatch.setattr(reading, "repair", real)
    assert build_index(reports, folder, embedder).added == ("青河.pdf",)
    assert (reports / ".次数").read_text("utf-8") == "青河.pdf\n"
    assert not list(folder.glob("unpublished*"))
    with closing(open_index(folder, embedder)) as index:
        whole = read_report(reports / "青河.pdf", "青河.pdf")
        assert index.text("青河.pdf") == whole.text
        assert index.page_boxes("青河.pdf", 0, 10)


def test_kept_reports_are_of_their_bytes_and_of_one_code(reports: Path, tmp_path: Path) -> None:
    report = read_report(reports / "青河.pdf", "青河.pdf")
    kept = Readings(tmp_path, "a" * 32)
    kept.keep(report)
    found = kept.find("改名.pdf", report.sha256)
    assert found is not None
    assert (found.source, found.text, found.pages) == ("改名.pdf", report.text, report.pages)
    assert report.boxes is not None
    assert found.boxes is not None
    np.testing.assert_allclose(found.boxes, report.boxes, atol=2e-5)
    assert kept.find("青河.pdf", "0" * 64) is None
    other = Readings(tmp_path, "b" * 32)
    assert other.find("青河.pdf", report.sha256) is None
    other.open()
    assert kept.find("青河.pdf", report.sha256) is None  # gone with the code that read it


def test_pages_that_were_read_are_kept_to_the_last_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    segments = (Segment("青河", np.asarray([[0.1, 1 / 3, 2, 3], [np.nan] * 4]), 1),)
    assert find_page(picture) is None
    keep_page(picture, segments)
    monkeypatch.setattr(DESK, "folder", tmp_path)
    assert find_page(picture) is None
    keep_page(picture, segments)
    ((text, boxes, turn),) = ((s.text, s.boxes, s.turn) for s in find_page(picture) or ())
    assert (text, turn) == ("青河", 1)
    np.testing.assert_array_equal(boxes, segments[0].boxes)
    assert find_page(picture.reshape(2, 8, 3)) is None
    (tmp_path / next(path.name for path in tmp_path.iterdir())).write_text("{", "utf-8")
    assert find_page(picture) is None


def test_a_scan_goes_on_with_the_page_it_was_at(tmp_path: Path, font: str) -> None:
    pytest.importorskip("rapidocr")
    lines = [f"第{page}页的青河县第{page}个园区有规上企业3{page}户。" for page in range(1, 4)]
    pictures = [drawn(font, [line]) for line in lines]
    pictures[0].save(tmp_path / "断页.pdf", save_all=True, append_images=pictures[1:])
    kept = Readings(tmp_path, "a" * 32)
    with closing(Apart(kept, reader=HOSTILE)) as reader, pytest.raises(ReportError, match="SIGKILL"):
        reader.read(tmp_path / "断页.pdf", "断页.pdf", "")
    before = {path: path.stat().st_mtime_ns for path in kept.folder.glob("*.json")}
    assert len(before) == 1
    (tmp_path / "断页.pdf").rename(tmp_path / "接着.pdf")
    with closing(Apart(kept, reader=HOSTILE)) as reader:
        report = reader.read(tmp_path / "接着.pdf", "接着.pdf", "")
    after = {path: path.stat().st_mtime_ns for path in kept.folder.glob("*.json")}
    assert len(after) == 3
    assert before.items() <= after.items()
    assert [report.page_of(report.text.index(f"第{page}页")) for page in (1, 2, 3)] == [1, 2, 3]
    assert report == read_report(tmp_path / "接着.pdf", "接着.pdf")


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL is of POSIX")
def test_a_reader_that_hangs_ends_with_a_builder_that_was_killed(reports: Path) -> None:
    pdf(reports / "卡住.pdf", "云岭")
    script = (
        "import sys; from pathlib import Path; from index.apart import Apart; a = Apart(reader='hostile_readers:read');"
        "a._open(); print(a._process.pid, flush=True); a.read(Path(sys.argv[1]), '卡住.pdf', '')"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[1])])
    with subprocess.Popen(
        [sys.executable, "-c", script, str(reports / "卡住.pdf")],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    ) as builder:
        assert builder.stdout
        child = int(builder.stdout.readline())
        time.sleep(2)
        os.kill(child, 0)
        builder.send_signal(signal.SIGKILL)
    for _ in range(100):
        with suppress(ProcessLookupError, FileNotFoundError):
            if Path(f"/proc/{child}/stat").exists() and "Z" in Path(f"/proc/{child}/stat").read_text().split()[2]:
                break
            os.kill(child, 0)
            time.sleep(0.1)
            continue
        break
    else:
        os.kill(child, signal.SIGKILL)
        pytest.fail("the reader goes on")
