"""The reports folder as a person keeps it: hostile names, uploads, the trash, previews, builds, versions."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from assistant import InputError, JudianError, read_settings
from assistant.building import BuildJob
from assistant.filing import MAX_UPLOAD, check_name
from assistant.library import Library
from index import BuildProgress, BuildReport, Embedder, current_version

FULING = (
    "# 涪陵：一颗青菜头的产业链\n\n2023年12月27日\n\n"
    "涪陵区青菜头种植面积73.6万亩，产值约128.5亿\n\n元。带动农户16万户。\n"
)
XICHANG = "# 西昌：工业一年\n\n2023年12月20日\n\n西昌市规上企业达到35家，比上年多4家。\n"


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Library:
    return Library(read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none"), embedder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def upload(tmp_path: Path, words: str = FULING) -> Path:
    path = tmp_path / f"upload-{time.monotonic_ns()}"
    path.write_text(words, encoding="utf-8")
    return path


def built(library: Library) -> None:
    assert library.builds.start()
    state = library.builds.wait(60)
    assert state.status == "done", state.log


def states(library: Library) -> dict[str, str]:
    return {report.source: report.state for report in library.reports()}


@pytest.mark.parametrize(
    "name",
    [
        "../外面.md",
        "夹/报告.md",
        "夹\\报告.md",
        "..",
        "",
        ".隐藏.md",
        "~$报告.docx",
        "报\n告.md",
        "报告\u202egpj.md",
        "报告\u200b.md",
        "报告\x00.md",
        "报告?.md",
        "CON.md",
        "nul.txt",
        "   .md",
        "长" * 61 + ".md",
        "报告.exe",
        "报告",
        "报告.doc",
        "报告.md/",
    ],
)
def test_hostile_names_are_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(JudianError) as refused:
        check_name(name)
    sentence = str(refused.value)
    assert sentence.endswith("。")
    assert sentence.isprintable()


@pytest.mark.parametrize("name", ["2023年报告（终稿）.md", "a b.PDF", "昭通·调研-1.docx", "é.txt"])
def test_ordinary_names_pass(name: str) -> None:
    assert check_name(name) == name


def test_an_upload_is_listed_built_and_answers(library: Library, folder: Path, tmp_path: Path) -> None:
    assert library.add("涪陵.md", upload(tmp_path)) == "涪陵.md"
    assert states(library) == {"涪陵.md": "added"}
    built(library)
    (report,) = library.reports()
    assert (report.state, report.title, report.date) == ("indexed", "涪陵：一颗青菜头的产业链", "2023-12-27")
    assert report.places == ("涪陵",)
    assert report.passages > 0
    assert report.size == (folder / "涪陵.md").stat().st_size
    assert sorted(path.name for path in folder.iterdir()) == ["涪陵.md"]


def test_no_report_is_overwritten(library: Library, folder: Path, tmp_path: Path) -> None:
    library.add("涪陵.md", upload(tmp_path))
    with pytest.raises(InputError, match="同名"):
        library.add("涪陵.md", upload(tmp_path, XICHANG))
    with pytest.raises(InputError, match="同名"):
        library.add("涪陵.MD", upload(tmp_path, XICHANG))
    assert library.add("涪陵.md", upload(tmp_path)) == "涪陵.md"  # the same bytes once more
    assert (folder / "涪陵.md").read_text("utf-8") == FULING
    (folder / "链接.md").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="同名"):
        library.add("链接.md", upload(tmp_path))
    assert not (tmp_path / "nowhere").exists()


def test_links_empty_and_large_files_are_refused(library: Library, folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(upload(tmp_path))
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(MAX_UPLOAD + 1)
    for bad, word in ((link, "链接"), (tmp_path, "链接"), (upload(tmp_path, ""), "空文件"), (large, "50 MB")):
        with pytest.raises(InputError, match=word):
            library.add("报告.md", bad)
    assert not folder.exists() or list(folder.iterdir()) == []


def test_many_at_once_make_one_winner(library: Library, folder: Path, tmp_path: Path) -> None:
    uploads = [upload(tmp_path, f"第{n}份：西昌市规上企业{n}家。\n") for n in range(8)]
    outcomes: list[str] = []

    def add(path: Path) -> None:
        try:
            library.add("西昌.md", path)
            outcomes.append(path.read_text("utf-8"))
        except InputError:
            outcomes.append("")

    threads = [threading.Thread(target=add, args=(path,)) for path in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [text for text in outcomes if text]
    assert len(won) == 1
    assert (folder / "西昌.md").read_text("utf-8") == won[0]


def test_a_deleted_report_comes_back_unchanged(library: Library, folder: Path, tmp_path: Path) -> None:
    (folder / "涪陵").mkdir(parents=True)
    (folder / "涪陵" / "榨菜.md").write_text(FULING, encoding="utf-8")
    library.add("西昌.md", upload(tmp_path, XICHANG))
    built(library)
    item = library.delete("涪陵/榨菜.md")
    assert states(library) == {"涪陵/榨菜.md": "removed", "西昌.md": "indexed"}
    (listed,) = library.trash()
    assert (listed.source, listed.id) == ("涪陵/榨菜.md", item.id)
    built(library)
    assert states(library) == {"西昌.md": "indexed"}
    assert library.restore(item.id) == "涪陵/榨菜.md"
    assert (folder / "涪陵" / "榨菜.md").read_text("utf-8") == FULING
    assert library.trash() == ()
    with pytest.raises(InputError):
        library.restore(item.id)


def test_coming_back_overwrites_nothing(library: Library, folder: Path, tmp_path: Path) -> None:
    library.add("报告.md", upload(tmp_path))
    item = library.delete("报告.md")
    library.add("报告.md", upload(tmp_path, XICHANG))
    with pytest.raises(InputError, match="同名"):
        library.restore(item.id)
    assert (folder / "报告.md").read_text("utf-8") == XICHANG
    assert len(library.trash()) == 1


@pytest.mark.parametrize(
    "source",
    ["", "/etc/passwd", "../secret.md", "夹/../../secret.md", ".hidden.md", "夹//a.md", "link.md", "out/a.md", "夹"],
)
def test_only_files_of_the_folder_can_be_deleted_or_read(
    library: Library, folder: Path, tmp_path: Path, source: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in (tmp_path / "secret.md", outside / "a.md", folder / ".hidden.md", folder / "夹" / "a.md"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(XICHANG, encoding="utf-8")
    (folder / "link.md").symlink_to(tmp_path / "secret.md")
    (folder / "out").symlink_to(outside)
    for action in (library.delete, library.preview, lambda source: library.page(source, 1)):
        with pytest.raises(JudianError):
            action(source)
    assert (tmp_path / "secret.md").exists()
    assert (outside / "a.md").exists()


def test_an_empty_and_a_missing_folder(library: Library, folder: Path, tmp_path: Path) -> None:
    assert library.reports() == library.versions() == ()  # nothing as yet
    library.add("涪陵.md", upload(tmp_path))
    built(library)
    folder.rename(folder.with_name("moved"))
    with pytest.raises(JudianError, match="不存在"):  # what is indexed has lost its folder
        library.reports()
    folder.with_name("moved").rename(folder)
    library.delete("涪陵.md")
    assert states(library) == {"涪陵.md": "removed"}
    assert library.builds.start()
    state = library.builds.wait(60)
    assert state.status == "failed"
    assert "空的" in state.log[-1]


def test_a_skipped_report_says_why_until_it_changes(library: Library, folder: Path, tmp_path: Path) -> None:
    library.add("涪陵.md", upload(tmp_path))
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7 broken")
    (folder / "程序.exe").write_bytes(b"MZ")
    built(library)
    found = {report.source: report for report in library.reports()}
    assert {source: report.state for source, report in found.items()} == {
        "坏.pdf": "skipped",
        "涪陵.md": "indexed",
        "程序.exe": "skipped",
    }
    assert found["坏.pdf"].reason.endswith("。")
    (folder / "坏.pdf").write_bytes(b"%PDF-1.7 broken still")
    assert states(library)["坏.pdf"] == "added"


def test_copies_are_told_apart(library: Library, folder: Path, tmp_path: Path) -> None:
    library.add("涪陵.md", upload(tmp_path))
    library.add("涪陵 - 副本.md", upload(tmp_path))
    built(library)
    found = {report.source: (report.state, report.reason) for report in library.reports()}
    assert found == {"涪陵 - 副本.md": ("same", "涪陵.md"), "涪陵.md": ("indexed", "")}


def test_the_preview_loses_no_character_and_shows_the_mending(library: Library, tmp_path: Path) -> None:
    library.add("涪陵.md", upload(tmp_path))
    fresh = library.preview("涪陵.md")
    built(library)
    assert library.preview("涪陵.md") == fresh
    (article,) = fresh.articles
    assert (article.title, article.date) == ("涪陵：一颗青菜头的产业链", "2023-12-27")
    mended = [row for row in article.rows if "128.5亿元" in row.repaired]
    assert len(mended) == 1
    assert mended[0].mended
    assert "128.5亿\n\n元" in mended[0].original[0]
    shown = sorted("".join("".join(part.split()) for row in article.rows for part in row.original))
    assert [c for c in shown if c not in "#"] == [c for c in sorted("".join(FULING.split())) if c not in "#"]


def test_versions_tell_what_changed_and_one_can_go_back(library: Library, folder: Path, tmp_path: Path) -> None:
    library.add("涪陵.md", upload(tmp_path))
    library.add("西昌.md", upload(tmp_path, XICHANG))
    built(library)
    first = current_version(tmp_path / "index")
    library.delete("西昌.md")
    (folder / "涪陵.md").write_text(FULING.replace("16万", "17万"), encoding="utf-8")
    library.add("新.md", upload(tmp_path, "# 绵阳：科技城\n\n2024年3月1日\n\n绵阳市研发投入强度7.15%。\n"))
    built(library)
    now, before = library.versions()
    assert now.version.current
    assert (now.since, now.added, now.changed, now.removed) == (first, ("新.md",), ("涪陵.md",), ("西昌.md",))
    assert (before.since, before.added) == ("", ("涪陵.md", "西昌.md"))
    assert library.rollback(first) == first
    assert [info.version.current for info in library.versions()] == [False, True]
    with pytest.raises(JudianError):
        library.rollback("../../etc")


def test_a_cancelled_build_leaves_the_version_and_goes_on_later(library: Library, tmp_path: Path) -> None:
    library.add("涪陵.md", upload(tmp_path))
    built(library)
    before = current_version(tmp_path / "index")
    many = "".join(f"第{n}项：西昌市第{n}号园区产值{n}亿元，比上年增加{n % 7}亿元。\n\n" for n in range(400))
    library.add("长.md", upload(tmp_path, "# 西昌：园区\n\n2023年12月20日\n\n" + many))
    assert library.builds.start()
    assert not library.builds.start()
    assert not library.builds.start(full=True)
    deadline = time.monotonic() + 60
    while library.builds.state.stage != "计算向量" and time.monotonic() < deadline:
        time.sleep(0.01)
    with pytest.raises(InputError, match="正在更新索引"):
        library.rollback(before)
    assert library.builds.cancel()
    state = library.builds.wait(60)
    assert state.status == "cancelled", state.log
    assert current_version(tmp_path / "index") == before
    assert not list((tmp_path / "index" / "versions").glob(".new-*"))
    assert not library.builds.cancel()
    assert states(library)["长.md"] == "added"


def test_a_build_that_breaks_is_a_sentence_and_the_next_one_works(caplog: pytest.LogCaptureFixture) -> None:
    failing = True

    def build(full: bool, tell: Callable[[BuildProgress], None]) -> BuildReport:
        tell(BuildProgress("read", 1, 2))
        if failing:
            raise RuntimeError("no one foresaw this")
        return BuildReport("v", True, 1, 2, 3, (), (), (), (("坏.pdf", "坏了。"),), 0.5)

    job = BuildJob(build)
    assert job.start()
    state = job.wait(10)
    assert (state.status, state.stage, state.done, state.total) == ("failed", "读取报告", 1, 2)
    assert "意外" in state.log[-1]
    assert "foresaw" not in "".join(state.log)
    assert "no one foresaw this" in caplog.text
    failing = False
    assert job.start(full=True)
    state = job.wait(10)
    assert (state.status, state.number) == ("done", 2)
    assert any("跳过 坏.pdf：坏了。" in line for line in state.log)


def test_a_build_gives_way_to_questions_and_still_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.building._GIVES_WAY", 1.0)
    steps: list[float] = []

    def build(full: bool, tell: Callable[[BuildProgress], None]) -> BuildReport:
        for done in range(3):
            steps.append(time.monotonic())
            tell(BuildProgress("embed", done, 2))
        return BuildReport("v", True, 1, 2, 3, (), (), (), (), 0.5)

    def longest(busy: Callable[[], bool]) -> float:
        steps.clear()
        job = BuildJob(build, busy=busy)
        assert job.start()
        assert job.wait(20).status == "done"
        return max(after - before for before, after in pairwise(steps))

    assert longest(lambda: True) >= 1.0
    assert longest(lambda: False) < 1.0
    answered = time.monotonic() + 0.1
    assert longest(lambda: time.monotonic() < answered) < 1.0


def test_a_folder_that_cannot_be_written_is_a_sentence(library: Library, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "index").write_text("in the way", encoding="utf-8")
    with pytest.raises(InputError, match="写不了"):
        library.add("涪陵.md", upload(tmp_path))
    assert os.path.lexists(tmp_path / "index")
