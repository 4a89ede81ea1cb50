"""The page 报告 in a real Chromium, over real reports in a folder of its own.

The pictures of every size and both themes go to screenshots/.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from chat_pages import BROWSER, PICTURES
from playwright.sync_api import Browser, Page, expect
from window_parts import tab, window

from assistant import Assistant, Library
from index import Embedder

pytestmark = BROWSER
HOSTILE = '<script>document.title="bad"</script><img src=http://example.com/a.png onerror=alert(1)>'
FULING = (
    "# 涪陵：一颗青菜头的产业链\n\n2023年12月27日\n\n"
    f"涪陵区青菜头种植面积73.6万亩，产值约128.5亿\n\n元。包装上印着{HOSTILE}。\n"
)
XICHANG = "# 西昌：工业一年\n\n2023年12月20日\n\n2023年，西昌市规上企业达到35家，比上年多4家。\n"
MIANYANG = "# 绵阳：科技城\n\n2024年3月1日\n\n2023年，绵阳市研发投入强度达到7.15%。\n"


@pytest.fixture
def place(tmp_path: Path, embedder: Embedder) -> Iterator[tuple[str, Assistant]]:
    with window(tmp_path, {"涪陵.md": FULING, "西昌.md": XICHANG}, embedder) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, place: tuple[str, Assistant]) -> Iterator[Page]:
    with tab(browser, place[0], "报告") as opened:
        expect(opened.locator(".jd-rtable tbody tr")).to_have_count(2)
        yield opened


@pytest.fixture
def library(place: tuple[str, Assistant]) -> Library:
    return place[1].library


def file(name: str, words: str | bytes) -> Any:
    data = words if isinstance(words, bytes) else words.encode()
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def upload(page: Page, *files: Any) -> None:
    page.locator("#jd-reports input[type=file]").set_input_files(list(files))


def row(page: Page, name: str) -> Any:
    return page.locator(".jd-rtable tbody tr", has_text=name)


def updated(page: Page) -> None:
    page.locator("#jd-rupdate").click()
    expect(page.locator(".jd-rbuild .jd-badge")).to_have_text("完成", timeout=60_000)


def test_an_upload_is_listed_built_and_answers_questions(page: Page) -> None:
    upload(page, file("绵阳（新）.md", MIANYANG), file("报告.exe", b"MZ"), file("空.md", b""))
    expect(page.locator(".jd-rsaid li.ok")).to_contain_text(["已收下“绵阳（新）.md”。", "点“更新索引”"])
    expect(page.locator(".jd-rsaid li.bad")).to_contain_text(["报告.exe", "空.md"])
    expect(row(page, "绵阳（新）.md")).to_contain_text("新增，待更新")
    updated(page)
    expect(row(page, "绵阳（新）.md")).to_contain_text("已入库")
    expect(page.locator(".jd-rversions").first.locator("> li").first).to_contain_text("新增 1 份绵阳（新）.md")
    page.get_by_role("tab", name="问答", exact=True).click()
    page.locator("#jd-question textarea").fill("绵阳市2023年研发投入强度是多少？")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-text")).to_contain_text("7.15%", timeout=60_000)


def test_the_chat_answers_while_a_build_runs(page: Page, library: Library) -> None:
    many = "".join(f"第{n}号园区产值{n}亿元，入驻企业{n % 9 + 1}家，用地{n}亩。\n\n" for n in range(600))
    upload(page, file("长.md", "# 西昌：园区\n\n2023年12月20日\n\n" + many))
    expect(row(page, "长.md")).to_contain_text("新增")
    page.locator("#jd-rupdate").click()
    expect(page.locator(".jd-rbar")).to_be_visible()
    expect(page.locator("#jd-rupdate")).to_be_disabled()
    page.get_by_role("tab", name="问答", exact=True).click()
    page.locator("#jd-question textarea").fill("2023年西昌市规上企业有多少家？")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-text")).to_contain_text("35家", timeout=30_000)
    assert library.builds.state.running, "the build was over before the answer: the test shows nothing"
    page.get_by_role("tab", name="报告", exact=True).click()
    expect(page.locator(".jd-rlog li").first).to_contain_text("开始更新索引")
    page.locator("#jd-rcancel").click()
    expect(page.locator(".jd-rbuild .jd-badge")).to_have_text("已取消", timeout=60_000)
    expect(row(page, "长.md")).to_contain_text("新增，待更新")
    expect(page.locator("#jd-rupdate")).to_be_enabled()


def test_deleting_asks_first_and_can_be_undone(page: Page, library: Library) -> None:
    row(page, "西昌.md").get_by_role("button", name="删除").click()
    question = row(page, "西昌.md").get_by_role("alertdialog")
    expect(question).to_contain_text("删除“西昌.md”？")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    row(page, "西昌.md").get_by_role("button", name="删除").click()
    question.get_by_role("button", name="删除").click()
    expect(page.locator(".jd-rsaid")).to_contain_text("已把“西昌.md”移到回收站")
    expect(row(page, "西昌.md")).to_contain_text("已删除，待更新")
    assert [item.source for item in library.trash()] == ["西昌.md"]
    page.locator("#jd-rtrash [data-do=restore]").click()
    expect(page.locator(".jd-rsaid")).to_contain_text("已恢复“西昌.md”")
    expect(row(page, "西昌.md")).to_contain_text("已入库")


def test_the_preview_shows_both_texts_and_no_html_of_theirs(page: Page) -> None:
    row(page, "涪陵.md").get_by_role("button", name="预览").click()
    pair = page.locator(".jd-rpair.mended", has_text="128.5亿")
    expect(pair.locator("p").nth(1)).to_contain_text("产值约128.5亿元。")
    assert "128.5亿\n\n元" in pair.locator("p").first.inner_text()
    expect(page.locator("#jd-rpreview")).to_contain_text(HOSTILE)
    assert page.locator("#jd-reports img, #jd-reports script").count() == 0
    assert page.title() == "据典"
    page.locator("[data-do=close]").first.click()
    expect(page.locator(".jd-rtable")).to_be_visible()


def test_a_pdf_is_previewed_beside_its_page(page: Page) -> None:
    upload(page, file("扫描.pdf", pdf("First page of 35 firms.", "Second page of 46 firms.")))
    expect(row(page, "扫描.pdf")).to_be_visible()
    row(page, "扫描.pdf").get_by_role("button", name="预览").click()
    picture = page.locator("img.jd-rpage")
    expect(picture).to_have_attribute("alt", "原件第 1 页", timeout=30_000)
    assert picture.evaluate("image => image.naturalWidth") > 500
    expect(page.locator(".jd-rpair").last).to_contain_text("35 firms")
    page.get_by_role("button", name="下一页").first.click()
    expect(picture).to_have_attribute("alt", "原件第 2 页", timeout=30_000)
    expect(page.locator(".jd-rpair").last).to_contain_text("46 firms")
    expect(page.get_by_role("button", name="下一页").first).to_be_disabled()


def pdf(*pages: str) -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    made = BytesIO()
    canvas = Canvas(made)
    for words in pages:
        canvas.drawString(72, 700, words)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def test_one_can_go_back_to_an_older_version(page: Page, library: Library) -> None:
    first = library.version
    upload(page, file("绵阳.md", MIANYANG))
    expect(row(page, "绵阳.md")).to_be_visible()
    updated(page)
    versions = page.locator("#jd-rversions ol > li")
    expect(versions).to_have_count(2)
    versions.nth(1).get_by_role("button", name="换成这一版").click()
    versions.nth(1).get_by_role("alertdialog").get_by_role("button", name="换成这一版").click()
    expect(page.locator(".jd-rsaid")).to_contain_text(f"已换成版本 {first}")
    expect(versions.nth(1)).to_contain_text("正在使用")
    assert library.version == first
    expect(row(page, "绵阳.md")).to_contain_text("新增，待更新")


def test_two_tabs_see_the_same_build(page: Page, browser: Browser, place: tuple[str, Assistant]) -> None:
    with tab(browser, place[0], "报告") as other:
        expect(other.locator(".jd-rtable tbody tr")).to_have_count(2)
        upload(page, file("绵阳.md", MIANYANG))
        expect(row(page, "绵阳.md")).to_be_visible()
        updated(page)
        expect(row(other, "绵阳.md")).to_contain_text("已入库", timeout=15_000)
        expect(other.locator(".jd-rbuild .jd-badge")).to_have_text("完成")


def test_names_are_found_by_typing(page: Page) -> None:
    for n in range(5):
        upload(page, file(f"第{n}份.md", f"西昌市第{n}区产值{n}亿元。\n"))
        expect(row(page, f"第{n}份.md")).to_be_visible()
    page.locator("#jd-rlisting [data-find]").fill("西昌")
    expect(page.locator(".jd-rtable tbody tr:visible")).to_have_count(1)
    page.locator("#jd-rlisting [data-find]").fill("没有这样的")
    expect(page.locator("#jd-rlisting [data-none]")).to_be_visible()


def test_too_large_a_file_is_refused_in_chinese(page: Page, library: Library, tmp_path: Path) -> None:
    large = tmp_path / "大.md"
    large.write_bytes(b"a" * (library.max_upload + 1))
    upload(page, large)
    expect(page.locator("#jd-reports .jd-rsaid, .toast-body").filter(has_text="50 MB")).not_to_have_count(0)
    words = page.locator("body").inner_text()
    for word in ("File", "exceed", "Error", "size", "upload"):
        assert word not in words
    assert [report.source for report in library.reports()] == ["涪陵.md", "西昌.md"]


@pytest.fixture(scope="module")
def pictured(browser: Browser, tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    """A window in which reports were added, one of them broken, and the index was brought up to date."""
    with window(tmp_path_factory.mktemp("pictures"), {"涪陵.md": FULING, "西昌.md": XICHANG}, embedder) as (address, _):
        with tab(browser, address, "报告") as page:
            upload(page, file("绵阳.md", MIANYANG), file("坏.pdf", b"%PDF-1.7"))
            expect(row(page, "绵阳.md")).to_be_visible()
            updated(page)
        yield address


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 768, 375])
def test_pictures(browser: Browser, pictured: str, width: int, theme: str) -> None:
    """Every size and both themes, for a reader to look at; nothing is wider than the screen."""
    PICTURES.mkdir(exist_ok=True)
    with tab(browser, pictured, "报告", width=width, theme=theme) as page:
        expect(page.locator(".jd-rtable tbody tr")).to_have_count(4)
        expect(page.locator(".jd-rbuild .jd-badge")).to_have_text("完成")
        upload(page, file("报告.exe", b"MZ"))
        expect(page.locator(".jd-rsaid li.bad")).to_contain_text("报告.exe")
        row(page, "涪陵.md").get_by_role("button", name="删除").click()
        page.wait_for_timeout(500)
        page.screenshot(path=PICTURES / f"{width}-{theme}-reports.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
        row(page, "涪陵.md").get_by_role("button", name="预览").click()
        expect(page.locator(".jd-rpair.mended")).to_have_count(1)
        page.screenshot(path=PICTURES / f"{width}-{theme}-preview.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
