"""Conversations, in a real Chromium: history, files, votes, several tabs, a restarted server, two hundred turns."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_pages import BROWSER, QUESTION, FakeEndpoint, answered, ask, free_port, open_chat
from docx import Document
from playwright.sync_api import Browser, Page, expect

from assistant import Answer, Citation, Figure, Settings, Turn, open_assistant, read_settings
from assistant.conversations import ConversationStore
from assistant.ui.app import build, serve
from index import build_index, load_embedder

pytestmark = BROWSER
WORDS = "# 云溪县的茶园\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值12.6亿元，同比增长8.6%。\n"
TEA = "云溪县2023年茶叶综合产值是多少？"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(WORDS, encoding="utf-8")
    settings = read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none")
    build_index(settings.reports, settings.index, load_embedder(settings.embedding, settings.models))
    return settings


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        yield context.new_page()


class _Server:
    """A chat that can be closed and opened again at the same address."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.port = settings, free_port()
        self.open()

    def open(self) -> None:
        self.assistant = open_assistant(self.settings)
        self.blocks = build(self.assistant)
        self.address = serve(self.blocks, host="127.0.0.1", port=self.port)

    def close(self) -> None:
        self.blocks.close(verbose=False)
        self.assistant.close()


@pytest.fixture
def server(settings: Settings) -> Iterator[_Server]:
    one = _Server(settings)
    yield one
    one.close()


def test_conversations_are_listed_searched_renamed_and_deleted(tab: Page, server: _Server) -> None:
    open_chat(tab, server.address)
    ask(tab, TEA)
    answered(tab)
    tab.locator("#jd-finder [data-fresh]").click()
    expect(tab.locator(".jd-welcome")).to_be_visible()
    ask(tab, "云溪县的县长是谁？")
    answered(tab)
    names = tab.locator(".jd-open")
    expect(names).to_have_text(["云溪县的县长是谁？", TEA])
    tab.locator(".jd-find").fill("12.6")
    expect(names).to_have_text([TEA])
    tab.locator(".jd-find").fill("百分之%")
    expect(tab.locator("#jd-talks")).to_contain_text("没有找到")
    tab.locator(".jd-find").fill("")
    expect(names).to_have_count(2)
    tab.locator(".jd-menu").nth(1).click()
    tab.locator(".jd-dialog input").fill("茶叶 <b>产值</b>")
    tab.get_by_role("button", name="改名").click()
    expect(names).to_have_text(["云溪县的县长是谁？", "茶叶 <b>产值</b>"])
    names.nth(1).click()
    expect(tab.locator(".jd-question")).to_have_text([TEA])
    tab.locator(".jd-talk[aria-current] .jd-menu").click()
    tab.locator(".jd-dialog .danger").click()
    expect(tab.locator(".jd-dialog h3")).to_have_text("删除这个对话？")
    tab.locator(".jd-dialog .danger").click()
    expect(names).to_have_text(["云溪县的县长是谁？"])
    expect(tab.locator(".jd-welcome")).to_be_visible()


def test_a_conversation_is_exported_with_its_citations(tab: Page, server: _Server) -> None:
    open_chat(tab, server.address)
    ask(tab, TEA)
    answered(tab)
    for name, ending in (("导出 Word", ".docx"), ("导出 Markdown", ".md")):
        tab.locator(".jd-menu").first.click()
        with tab.expect_download() as download:
            tab.get_by_role("button", name=name).click()
        assert download.value.suggested_filename.endswith(ending)
        data = Path(download.value.path()).read_bytes()
        if ending == ".md":
            assert "[^1]: 《云溪县的茶园》" in data.decode()
        else:
            assert any("12.6亿元" in paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs)


def test_a_vote_and_the_right_answer_are_kept(tab: Page, server: _Server) -> None:
    open_chat(tab, server.address)
    ask(tab, TEA)
    answered(tab)
    tab.locator('[data-vote="down"]').click()
    tab.locator(".jd-dialog textarea").nth(0).fill("数不对")
    tab.locator(".jd-dialog textarea").nth(1).fill("12.6亿元")
    tab.get_by_role("button", name="提交").click()
    expect(tab.locator('[data-vote="down"]')).to_have_attribute("aria-pressed", "true")
    expect(tab.locator(".jd-say")).to_contain_text("已记下")
    kept = (server.settings.index / "feedback.jsonl").read_text(encoding="utf-8")
    line = json.loads(kept.splitlines()[-1])
    assert (line["vote"], line["comment"], line["right_answer"]) == ("down", "数不对", "12.6亿元")
    assert line["answer"]["citations"]


def test_what_was_asked_survives_a_server_that_is_restarted_under_the_page(tab: Page, server: _Server) -> None:
    open_chat(tab, server.address)
    ask(tab, TEA)
    answered(tab)
    tab.locator("#jd-question textarea").fill("还没问完")
    server.close()
    expect(tab.locator(".jd-lost")).to_contain_text("可能正在重新启动", timeout=20_000)
    server.open()
    expect(tab.locator(".jd-lost")).to_have_count(0, timeout=30_000)
    expect(tab.locator(".jd-question")).to_have_text([TEA], timeout=30_000)
    expect(tab.locator("#jd-question textarea")).to_have_value("还没问完")
    ask(tab, "云溪县的县长是谁？")
    answered(tab, 2)
    assert tab.locator(".toast-body:visible").count() == 0


def _long_answer(number: int) -> Answer:
    quote = "2023年，云溪县茶叶综合产值12.6亿元，同比增长8.6%。"
    start = WORDS.index(quote)
    citation = Citation(1, "云溪.md", "云溪县的茶园", "2024-03-08", None, start, start + len(quote), quote)
    figures = (Figure("12.6亿元", True, 1), Figure("8.6%", True, 1))
    return Answer(
        str(number), f"第{number}问？", f"第{number}问？", "answered", quote[:-1] + "[1]。", (citation,), figures
    )


def test_two_hundred_turns_do_not_slow_the_next_one(tab: Page, server: _Server) -> None:
    store = ConversationStore(server.settings.index.parent / "conversations")
    store.save("", "long", tuple(Turn(f"第{n}问？", answer=_long_answer(n)) for n in range(200)))
    sizes: list[int] = []
    tab.on(
        "response",
        lambda response: sizes.append(len(response.body())) if response.url.endswith("/run/predict") else None,
    )
    tab.add_init_script("sessionStorage.setItem('judian-talk', 'long')")
    tab.goto(server.address)
    expect(tab.locator(".jd-turn")).to_have_count(200, timeout=30_000)
    tab.wait_for_timeout(1000)
    sizes.clear()
    tab.evaluate(
        """() => {
          const root = document.querySelector("#jd-conversation .html-container > div");
          window.kept = root.children[150];
          window.frames = [];
          let last = performance.now();
          (function tick() {
            const now = performance.now();
            frames.push(now - last);
            last = now;
            requestAnimationFrame(tick);
          })();
        }"""
    )
    begun = time.monotonic()
    ask(tab, TEA)
    answered(tab, 201)
    assert tab.evaluate("window.kept.isConnected"), "turns that did not change were drawn anew"
    assert max(sizes) < 60_000, "an update sends the whole conversation"
    slowest = tab.evaluate("Math.max(...window.frames)")
    took = time.monotonic() - begun
    print(f"201st turn: {took:.1f} s, largest reply {max(sizes)} bytes, longest frame {slowest:.0f} ms")


def test_two_tabs_share_nothing_but_the_list(page: Page, browser: Browser, chat: str) -> None:
    ask(page, QUESTION)
    answered(page)
    with browser.new_context() as other:
        second = other.new_page()
        open_chat(second, chat)
        assert second.locator(".jd-turn").count() == 0
        ask(second, "西昌市2023年规上企业有多少家？")
        answered(second)
    expect(page.locator(".jd-turn")).to_have_count(1)
    expect(page.locator(".jd-question")).to_have_text(QUESTION)


def test_the_keyboard_alone_asks_and_opens_the_source(page: Page, endpoint: FakeEndpoint) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("/")
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    answered(page)
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.jd-text .jd-chip')"):
            break
    expect(page.locator(".jd-tip")).to_be_visible()
    page.locator(".jd-panel").evaluate("panel => panel.dataset.seen = 'before'")
    page.keyboard.press("Enter")
    expect(page.locator(".jd-source mark")).to_contain_text("73.6万亩")
    page.keyboard.press("/")
    page.keyboard.type("西昌市2023年规上企业有多少家？")
    page.keyboard.press("Enter")
    answered(page, 2)


def test_the_keyboard_alone_reaches_every_page(page: Page) -> None:
    for name, part in (("报告", "#jd-rupdate"), ("评测", "#jd-evaluation"), ("设置", "#jd-mname input")):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(
                "name => document.activeElement.matches('[role=tab]') && "
                "document.activeElement.innerText.trim() === name",
                name,
            ):
                break
        page.keyboard.press("Enter")
        expect(page.locator(part)).to_be_visible()


def test_on_a_phone_the_source_comes_over_the_chat(page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    ask(page, QUESTION)
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    expect(page.locator(".jd-source")).not_to_be_in_viewport()
    page.locator(".jd-text .jd-chip").first.click()
    expect(page.locator(".jd-source mark")).to_be_in_viewport(timeout=10_000)
    page.locator("[data-back]").click()
    expect(page.locator(".jd-text")).to_be_in_viewport(timeout=10_000)
    page.locator("#jd-bar [data-list]").click()
    expect(page.locator(".jd-open").first).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator(".jd-open").first).not_to_be_in_viewport()
