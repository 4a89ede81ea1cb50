"""Faults of files, folders and disks: the rest is indexed, the last version answers, one sentence says why."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from disks import full, read_only, small_disk
from filelock import FileLock

from index import (
    BuildProgress,
    Embedder,
    IndexStoreError,
    Report,
    ReportError,
    build_index,
    current_version,
    draft,
    open_index,
    reading,
    verify,
)
from index import build as building
from index.changes import Found, scan

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links, mounts and permissions of POSIX")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for place in ("青河", "白石"):
        write(folder / f"{place}.md", place)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def write(path: Path, place: str, number: int = 35) -> None:
    path.write_text(f"# {place}县工业一年\n\n2023年，{place}县规上企业达到{number}户，产值增长8.6%。\n", "utf-8")


def sources(folder: Path, embedder: Embedder) -> list[str]:
    with closing(open_index(folder, embedder)) as index:
        return [info.source for info in index.sources()]


def test_links_that_lead_outside_or_nowhere_are_named(
    reports: Path, folder: Path, embedder: Embedder, tmp_path: Path
) -> None:
    write(tmp_path / "外面.md", "外面")
    (tmp_path / "别处").mkdir()
    write(tmp_path / "别处" / "里面.md", "里面")
    (reports / "链接.md").symlink_to(tmp_path / "外面.md")
    (reports / "目录").symlink_to(tmp_path / "别处")
    (reports / "失效.md").symlink_to(tmp_path / "没有.md")
    (reports / "自己").symlink_to(reports)
    (reports / "又名的青河.md").symlink_to(reports / "青河.md")
    done = build_index(reports, folder, embedder)
    assert [source for source, _ in done.skipped] == ["失效.md", "目录", "链接.md"]
    assert [reason.count("报告目录以外") for _, reason in done.skipped] == [0, 1, 1]
    assert done.duplicates == (("又名的青河.md", "青河.md"),)
    assert sources(folder, embedder) == ["白石.md", "青河.md"]


def test_a_reports_folder_may_itself_be_a_link(reports: Path, folder: Path, embedder: Embedder, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(reports)
    assert build_index(tmp_path / "link", folder, embedder).added == ("白石.md", "青河.md")
    assert not build_index(reports, folder, embedder).changed


def test_a_report_that_cannot_be_opened_any_more_stays(
    reports: Path, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(reports, folder, embedder)
    write(reports / "云岭.md", "云岭")
    real = Path.open

    def refuse(self: Path, *args: object, **options: object) -> object:
        if self.name == "青河.md":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **options)  # type: ignore[arg-type, call-overload]

    # Root may read every file, so that permissions could not show this.
    monkeypatch.setattr(Path, "open", refuse)
    done = build_index(reports, folder, embedder)
    assert (done.added, done.removed, done.skipped) == (("云岭.md",), (), ())
    assert [source for source, _ in done.kept] == ["青河.md"]
    assert "Permission denied" in done.kept[0][1]
    again = build_index(reports, folder, embedder, full=True)
    assert [source for source, _ in again.kept] == ["青河.md"]
    assert sources(folder, embedder) == ["云岭.md", "白石.md", "青河.md"]
    assert verify(folder, embedder) == []


def test_a_folder_that_cannot_be_looked_into_loses_nothing(
    reports: Path, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (reports / "川东").mkdir()
    write(reports / "川东" / "青河.md", "川东青河")
    build_index(reports, folder, embedder)
    real = os.scandir

    def refuse(path: Path) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "川东":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    write(reports / "白石.md", "白石", 77)
    done = build_index(reports, folder, embedder)
    assert (done.updated, done.removed) == (("白石.md",), ())
    assert [source for source, _ in done.kept] == ["川东/青河.md"]
    assert sources(folder, embedder) == ["川东/青河.md", "白石.md", "青河.md"]


def test_a_file_that_changes_while_it_is_read_is_read_again(
    reports: Path, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(reports, folder, embedder)
    real, numbers = reading.read_report, iter(range(100, 200))

    def growing(path: Path, source: str) -> Report:
        report = real(path, source)
        if path.name == "青河.md" and next(numbers) < limit:
            write(path, "青河", next(numbers))
        return report

    monkeypatch.setattr(reading, "read_report", growing)
    limit = 102
    write(reports / "青河.md", "青河", 90)
    assert build_index(reports, folder, embedder).updated == ("青河.md",)
    with closing(open_index(folder, embedder)) as index:
        assert index.text("青河.md") == (reports / "青河.md").read_text("utf-8")
        kept = index.text("青河.md")
    limit = 200
    write(reports / "青河.md", "青河", 91)
    write(reports / "云岭.md", "云岭")
    done = build_index(reports, folder, embedder)
    assert (done.added, done.updated, done.skipped) == (("云岭.md",), (), ())
    assert [(source, "正在被改动" in reason) for source, reason in done.kept] == [("青河.md", True)]
    with closing(open_index(folder, embedder)) as index:
        assert index.text("青河.md") == kept
    monkeypatch.setattr(reading, "read_report", real)
    assert build_index(reports, folder, embedder).updated == ("青河.md",)


def test_a_build_that_waited_sees_what_changed_meanwhile(reports: Path, folder: Path, embedder: Embedder) -> None:
    folder.mkdir()
    held, enough = threading.Event(), threading.Event()

    def hold() -> None:
        with FileLock(folder / ".build.lock"):
            held.set()
            enough.wait(30)

    def tell(progress: BuildProgress) -> None:
        if progress.stage == "wait":
            (reports / "青河.md").unlink()
            write(reports / "云岭.md", "云岭")
            enough.set()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    assert build_index(reports, folder, embedder, progress=tell).added == ("云岭.md", "白石.md")
    holder.join()


def test_a_file_deleted_after_the_look_is_no_fault(
    reports: Path, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(reports, folder, embedder)
    real = building.scan

    def late(reports: Path, folder: Path) -> Found:
        found = real(reports, folder)
        (reports / "青河.md").unlink()
        return found

    monkeypatch.setattr(building, "scan", late)
    done = build_index(reports, folder, embedder)
    assert (done.removed, done.kept, done.skipped) == (("青河.md",), (), ())


def test_a_report_that_breaks_the_code_harms_no_other(
    reports: Path, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reading.repair

    def breaks(report: Report) -> object:
        if report.source == "青河.md":
            raise RecursionError("maximum recursion depth exceeded")
        return real(report)

    monkeypatch.setattr(reading, "repair", breaks)
    done = build_index(reports, folder, embedder)
    assert done.added == ("白石.md",)
    assert done.skipped == (("青河.md", "报告“青河.md”处理时出错（RecursionError），请另存为别的格式后重试。"),)


def test_a_full_disk_is_one_sentence_and_loses_nothing(reports: Path, embedder: Embedder, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 3072) as disk:
        folder = disk / "index"
        first = build_index(reports, folder, embedder)
        for number in range(3):
            write(reports / f"云岭{number}.md", "云岭", number)
        failed = 0
        for room in range(0, 800, 40):  # kilobytes: each runs out of them somewhere else
            with full(disk, leave=room):
                if (message := built(reports, folder, embedder)) == "":
                    break
                failed += 1
                assert message == f"无法写入索引目录 {folder}（磁盘已满）：请检查磁盘空间和目录权限后重试。"
                assert current_version(folder) == first.version
                with closing(open_index(folder, embedder)) as index:
                    assert index.lexical("青河县规上企业", 3)
                    assert index.dense("青河县规上企业", 3)
        assert failed > 3
        build_index(reports, folder, embedder)
        assert len(sources(folder, embedder)) == 5
        assert verify(folder, embedder) == []


def built(reports: Path, folder: Path, embedder: Embedder) -> str:
    """Why a build failed, or ""."""
    try:
        build_index(reports, folder, embedder)
    except IndexStoreError as error:
        return str(error)
    return ""


def test_an_index_that_may_only_be_read_answers_and_refuses_a_build(
    reports: Path, folder: Path, embedder: Embedder
) -> None:
    build_index(reports, folder, embedder)
    write(reports / "云岭.md", "云岭")
    with read_only(folder):
        with closing(open_index(folder, embedder)) as index:
            assert index.dense("青河县规上企业", 3)
            assert index.lexical("青河县规上企业", 3)
        with pytest.raises(IndexStoreError, match=r"^无法写入索引目录 .*（没有写权限）：.*。$"):
            build_index(reports, folder, embedder)


def test_nothing_but_bad_files_is_one_sentence(reports: Path, folder: Path, embedder: Embedder) -> None:
    for path in reports.iterdir():
        path.write_bytes(b"")
    with pytest.raises(ReportError, match=r"^没有一份报告可以建立索引：.*是空的.*。$"):
        build_index(reports, folder, embedder)
    assert not list(folder.glob("versions/*"))


def test_a_stamp_that_proves_nothing_is_not_trusted(reports: Path, folder: Path) -> None:
    assert {file.stamp for file in scan(reports, folder).files} == {""}  # written a moment ago


def test_an_interrupted_build_goes_on_where_it_was(
    reports: Path, folder: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draft, "_EMBEDDED_AT_ONCE", 4)
    for number in range(12):
        write(reports / f"镇{number}.md", f"第{number}镇")

    def interrupt(progress: BuildProgress) -> None:
        if progress.stage == "embed" and progress.done > 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(reports, folder, embedder, progress=interrupt)
    assert (folder / "unpublished.sqlite").exists()
    done = build_index(reports, folder, embedder)
    assert done.embedded == done.passages - 8
    assert verify(folder, embedder) == []
    assert not (folder / "unpublished.sqlite").exists()


def test_a_damaged_journal_is_begun_anew(reports: Path, folder: Path, embedder: Embedder) -> None:
    folder.mkdir()
    (folder / "unpublished.sqlite").write_bytes(b"not what it was" * 1000)
    done = build_index(reports, folder, embedder)
    assert done.embedded == done.passages
    assert verify(folder, embedder) == []
