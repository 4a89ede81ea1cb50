"""Checking an answer, in a real Chromium: sources, pages of a PDF, tables, results, refusals."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from chat_pages import BROWSER, answered, ask, free_port, open_chat
from chinese_font import chinese_font
from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, Page, expect

from assistant import open_assistant, read_settings
from assistant.ui.app import build, serve
from index import build_index, load_embedder

pytestmark = BROWSER
TOWNS = {
    "彝良.md": "# 彝良县的茶园\n\n2024年3月8日\n\n2023年，彝良县茶叶综合产值12.6亿元，同比增长8.6%。\n",
    "威信.md": "# 威信县的果园\n\n2024年3月9日\n\n2023年，威信县水果综合产值7.5亿元，同比增长5.1%。\n",
}


def _pdf() -> bytes:
    """Two pages; the sentence asked for stands on the second."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(420, 595))
    for lines in (
        ("青川县产业调研", "2024年5月6日", "青川县的木耳远近闻名。"),
        ("木耳产业", "2023年，青川县木耳综合产值9.3亿元。", "全县有合作社42家。"),
    ):
        canvas.setFont("STSong-Light", 16)
        for row, line in enumerate(lines):
            canvas.drawString(50, 520 - 40 * row, line)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _scan(font: str) -> bytes:
    """A page as a scanner makes it; the sentence asked for is the second line."""
    picture = Image.new("RGB", (1000, 600), "white")
    face = ImageFont.truetype(font, 32)
    lines = ("平武县产业调研", "2023年，平武县厚朴综合产值4.7亿元。", "全县有药农合作社28家。")
    for row, line in enumerate(lines):
        ImageDraw.Draw(picture).text((100, 100 + 120 * row), line, fill="black", font=face)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a chat without a model, over two short texts, a PDF and a scan."""
    folder = tmp_path_factory.mktemp("towns")
    (folder / "reports").mkdir()
    for name, words in TOWNS.items():
        (folder / "reports" / name).write_text(words, encoding="utf-8")
    (folder / "reports" / "青川.pdf").write_bytes(_pdf())
    if font := chinese_font():
        (folder / "reports" / "平武.png").write_bytes(_scan(font))
    settings = read_settings(reports=folder / "reports", index=folder / "index", llm="none")
    build_index(settings.reports, settings.index, load_embedder(settings.embedding, settings.models))
    assistant = open_assistant(settings)
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=free_port())
    blocks.close(verbose=False)
    assistant.close()


@pytest.fixture
def tab(browser: Browser, towns: str) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        open_chat(page, towns)
        yield page


def test_a_quote_of_a_pdf_is_boxed_on_the_picture_of_its_page(tab: Page) -> None:
    ask(tab, "青川县2023年木耳综合产值是多少？")
    answered(tab)
    expect(tab.locator(".jd-text")).to_contain_text("9.3亿元")
    sheet = tab.locator(".jd-sheet")
    expect(sheet.locator("img")).to_have_attribute("alt", "第 2 页")
    expect(tab.locator(".jd-panel .jd-where")).to_contain_text("第 2 页")
    assert sheet.locator("img").evaluate("image => image.complete && image.naturalWidth") == 1200
    box, page = sheet.locator("i").first.bounding_box(), sheet.locator("img").bounding_box()
    assert box is not None
    assert page is not None
    # The second line of text stands 480 of 595 points above the foot, 50 from the left.
    assert (box["x"] - page["x"]) / page["width"] == pytest.approx(50 / 420, abs=0.02)
    assert (box["y"] - page["y"]) / page["height"] == pytest.approx(1 - 480 / 595, abs=0.04)
    width = page["width"]
    sheet.click()
    enlarged = sheet.locator("img").bounding_box()
    assert enlarged is not None
    assert enlarged["width"] > width * 1.5
    tab.locator(".jd-plain summary").click()
    expect(tab.locator(".jd-plain mark")).to_contain_text("9.3亿元")


def test_a_quote_of_a_scan_is_boxed_on_it(tab: Page) -> None:
    pytest.importorskip("rapidocr")
    if not chinese_font():
        pytest.skip("no Chinese font on this machine")
    ask(tab, "平武县2023年厚朴综合产值是多少？")
    answered(tab)
    expect(tab.locator(".jd-text")).to_contain_text("4.7亿元")
    sheet = tab.locator(".jd-sheet")
    box, page = sheet.locator("i").first.bounding_box(), sheet.locator("img").bounding_box()
    assert box is not None
    assert page is not None
    assert (box["x"] - page["x"]) / page["width"] == pytest.approx(0.1, abs=0.03)
    assert (box["y"] - page["y"]) / page["height"] == pytest.approx(220 / 600, abs=0.05)


def test_a_comparison_is_a_table_with_citations_and_bars(tab: Page) -> None:
    ask(tab, "彝良县和威信县2023年的综合产值分别是多少？")
    answered(tab)
    rows = tab.locator(".jd-compare tbody tr")
    expect(rows).to_have_count(2)
    for row in rows.all():
        assert row.locator(".jd-chip").count() >= 1
    assert sorted(rows.locator("th").all_inner_texts()) == ["威信", "彝良"]
    expect(tab.locator(".jd-bars li")).to_have_count(2)
    longest = [
        float(width or 0)
        for width in tab.locator(".jd-bars rect").evaluate_all("all => all.map(r => r.getAttribute('width'))")
    ]
    assert max(longest) == 100
    assert min(longest) == pytest.approx(100 * 7.5 / 12.6, abs=0.1)
    rows.first.locator(".jd-chip").first.click()
    expect(tab.locator(".jd-source mark")).to_contain_text("综合产值")


def test_one_steps_through_the_citations_and_copies_with_them(tab: Page) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(tab, "彝良县和威信县2023年的综合产值分别是多少？")
    answered(tab)
    tab.locator(".jd-text .jd-chip").first.click()
    panel = tab.locator(".jd-panel nav")
    expect(panel).to_contain_text("出处 1 / 2")
    expect(panel.get_by_label("上一条")).to_be_disabled()
    first = tab.locator(".jd-source mark").inner_text()
    panel.get_by_label("下一条").click()
    expect(panel).to_contain_text("出处 2 / 2", timeout=20_000)
    expect(tab.locator(".jd-source mark")).not_to_have_text(first)
    expect(tab.locator('.jd-text .jd-chip.open[data-cite="2"]').first).to_be_visible()
    panel.get_by_label("上一条").click()
    expect(tab.locator(".jd-source mark")).to_have_text(first)
    tab.locator("[data-copy]").click()
    expect(tab.locator("[data-copy]")).to_have_text("已复制")
    copied = str(tab.evaluate("navigator.clipboard.readText()"))
    assert "[1]" in copied
    assert "\n[1] 《" in copied
    assert "\n[2] 《" in copied
    assert "综合产值12.6亿元" in copied


def test_a_mistyped_question_is_understood_and_says_how(tab: Page) -> None:
    ask(tab, "彝良县2023年茶页综合产直是多少？")
    answered(tab)
    expect(tab.locator(".jd-meant")).to_contain_text("综合产值")
    expect(tab.locator(".jd-text")).to_contain_text("12.6亿元")


def test_a_result_is_marked_as_computed_and_what_it_comes_from_as_checked(tab: Page) -> None:
    ask(tab, "彝良县和威信县2023年的综合产值合计多少？")
    answered(tab)
    expect(tab.locator("#jd-conversation .jd-figure.sum")).to_have_text(["20.1亿元"])
    expect(tab.locator(".jd-tally")).to_contain_text("1 个由程序计算得出")
    expect(tab.locator(".jd-tally")).to_have_class("jd-tally ok")


def test_a_refusal_shows_the_nearest_passages(tab: Page) -> None:
    ask(tab, "彝良县的县长是谁？")
    answered(tab)
    expect(tab.locator(".jd-badge")).to_have_text("未找到依据")
    near = tab.locator(".jd-nearest [data-near]")
    assert near.count() >= 1
    near.first.click()
    expect(tab.locator(".jd-panel")).to_contain_text("最接近的段落")
    expect(tab.locator(".jd-source mark")).to_contain_text("彝良县")


def test_the_scope_of_a_question_is_set_shown_kept_and_reset(tab: Page) -> None:
    tab.get_by_role("tab", name="设置").click()
    tab.get_by_label("报告日期从").fill("2024-13")
    expect(tab.locator("#jd-wrong .jd-notice", has_text="日期写成")).to_be_visible()
    tab.get_by_label("报告日期从").fill("2024-05")
    expect(tab.locator("#jd-wrong")).not_to_contain_text("日期写成")
    tab.get_by_role("tab", name="问答").click()
    expect(tab.locator(".jd-scope")).to_contain_text("2024-05 至 最近")
    ask(tab, "彝良县2023年茶叶综合产值是多少？")
    answered(tab)
    expect(tab.locator(".jd-badge")).to_have_text("未找到依据")
    tab.reload()
    expect(tab.locator(".jd-scope")).to_contain_text("2024-05 至 最近", timeout=20_000)
    tab.locator(".jd-scope a").click()
    tab.get_by_role("button", name="恢复默认").click()
    tab.get_by_role("tab", name="问答").click()
    expect(tab.locator(".jd-scope")).to_have_count(0)
