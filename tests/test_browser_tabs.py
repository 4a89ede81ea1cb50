"""The window as the world changes round it: another tab, a build, another model, a server that ends in mid-answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chat_pages import BROWSER, PICTURES, FakeEndpoint, answered, ask, free_port, open_chat
from playwright.sync_api import Browser, BrowserContext, Page, expect

from assistant import Settings, open_assistant, read_settings
from assistant.ui.app import build, serve
from index import Embedder, build_index

pytestmark = BROWSER
REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
TEA = "云溪县2023年茶叶综合产值是多少？"
KEY = "sk-very-secret-0123456789"


class Server:
    """A window that can be closed and opened again at the same address."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.port = settings, free_port()
        self.open()

    def open(self) -> None:
        self.assistant = open_assistant(self.settings, window=True)
        self.blocks = build(self.assistant)
        self.address = serve(self.blocks, host="127.0.0.1", port=self.port, assistant=self.assistant)

    def close(self) -> None:
        self.blocks.close(verbose=False)
        self.assistant.close()


@pytest.fixture
def server(tmp_path: Path, embedder: Embedder, endpoint: FakeEndpoint) -> Iterator[Server]:
    endpoint.reply, endpoint.pause, endpoint.broken = "2023年，云溪县茶叶综合产值为12.6亿元。", 0.0, False
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, encoding="utf-8")
    settings = read_settings(
        reports=tmp_path / "reports",
        index=tmp_path / "kept" / "index",
        llm="fake",
        llm_base_url=f"http://127.0.0.1:{endpoint.server_address[1]}/v1",
        llm_api_key=KEY,
    )
    build_index(settings.reports, settings.index, embedder)
    one = Server(settings)
    yield one
    one.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as opened:
        yield opened


@pytest.fixture
def page(context: BrowserContext, server: Server) -> Page:
    opened = context.new_page()
    open_chat(opened, server.address)
    return opened


def test_two_tabs_on_one_conversation_see_each_others_turns(
    page: Page, context: BrowserContext, server: Server, endpoint: FakeEndpoint
) -> None:
    ask(page, TEA)
    answered(page)
    other = context.new_page()
    other.goto(server.address)
    other.locator(".jd-open", has_text=TEA).click(timeout=30_000)
    answered(other)
    endpoint.pause = 0.3
    ask(other, "比上年增长多少？")
    expect(page.locator(".jd-question")).to_have_count(2, timeout=15_000)  # and it sees the draft grow
    expect(page.locator(".jd-live")).to_be_visible(timeout=15_000)
    endpoint.pause = 0.0
    answered(page, 2)
    answered(other, 2)
    page.locator('[data-vote="up"]').first.click()
    expect(other.locator('[data-vote="up"]').first).to_have_attribute("aria-pressed", "true", timeout=15_000)
    other.locator("#jd-finder [data-fresh]").click()
    ask(other, "云溪县有多少户规上企业？")
    answered(other)
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # one turns to the first tab
    expect(page.locator(".jd-open")).to_have_count(2, timeout=15_000)
    expect(page.locator(".jd-question")).to_have_count(2)
    seen: list[str] = []
    other.on("request", lambda request: seen.append(request.post_data or ""))
    other.wait_for_timeout(9_000)
    assert seen, "the tab no longer asks for news"
    assert max(map(len, seen)) < 1500, "asking for news must stay light"
    assert len(seen) <= 8, "more than one look at the server's life and one for news every four seconds"


def test_a_question_sent_right_after_new_conversation_goes_into_it(page: Page, server: Server) -> None:
    ask(page, TEA)
    answered(page)
    # The server's answers are held up: neither the new conversation nor the question's place in it has come.
    page.route("**/gradio_api/**", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.locator("#jd-finder [data-fresh]").click()
    ask(page, "云溪县有多少户规上企业？")
    page.unroute_all(behavior="wait")
    expect(page.locator(".jd-question")).to_have_text(["云溪县有多少户规上企业？"], timeout=30_000)
    answered(page)
    expect(page.locator(".jd-open")).to_have_count(2, timeout=15_000)
    page.locator(".jd-open", has_text=TEA).click()
    expect(page.locator(".jd-question")).to_have_text([TEA], timeout=15_000)


def test_a_build_is_seen_in_every_header_and_in_the_places_to_choose(
    page: Page, server: Server, embedder: Embedder
) -> None:
    expect(page.locator(".jd-state")).to_contain_text("1 份报告")
    words = REPORT.replace("云溪县", "彝良县").replace("12.6", "9.3")
    (server.settings.reports / "彝良.md").write_text(words, encoding="utf-8")
    build_index(server.settings.reports, server.settings.index, embedder)
    expect(page.locator(".jd-state")).to_contain_text("2 份报告", timeout=15_000)
    page.get_by_role("tab", name="设置", exact=True).click()
    page.locator("#jd-places input").click()
    expect(page.locator("#jd-places [role=option]", has_text="彝良")).to_be_visible()


def test_a_server_that_ends_in_mid_answer_goes_on_where_it_was(
    page: Page, server: Server, endpoint: FakeEndpoint
) -> None:
    ask(page, TEA)
    answered(page)
    endpoint.pause = 0.4
    ask(page, "比上年增长多少？")
    ask(page, "云溪县的县长是谁？")
    expect(page.locator(".jd-live")).to_be_visible(timeout=30_000)
    expect(page.locator(".jd-draft")).to_be_visible(timeout=30_000)
    server.close()
    expect(page.locator(".jd-lost")).to_be_visible(timeout=20_000)
    endpoint.pause = 0.0
    server.open()
    answered(page, 3)
    expect(page.locator(".jd-question")).to_have_text([TEA, "比上年增长多少？", "云溪县的县长是谁？"])
    expect(page.locator(".jd-error, .jd-stopped")).to_have_count(0)
    expect(page.locator("#jd-conversation")).not_to_contain_text("改为摘引原文")


def test_the_model_is_changed_in_the_page_and_a_wrong_address_changes_nothing(
    page: Page, context: BrowserContext, server: Server, endpoint: FakeEndpoint
) -> None:
    other = context.new_page()
    open_chat(other, server.address)
    page.bring_to_front()
    page.get_by_role("tab", name="设置", exact=True).click()
    expect(page.locator("#jd-mname input")).to_have_value("fake")
    page.locator("#jd-mname input").fill("")
    page.locator("#jd-muse").click()
    expect(page.locator("#jd-msaid .bad", has_text="没有写模型名")).to_be_visible(timeout=15_000)
    page.locator("#jd-mname input").fill("missing-model")
    page.locator("#jd-maddress input").fill(f"http://127.0.0.1:{free_port()}/v1")
    page.locator("#jd-mkey input").fill("sk-another-secret")
    page.locator("#jd-muse").click()
    expect(page.locator("#jd-msaid .bad", has_text="连不上模型服务")).to_be_visible(timeout=30_000)
    expect(page.locator("#jd-msaid .bad")).to_contain_text("仍用原来的模型")
    assert server.assistant.model_name == "fake"
    page.get_by_text("不用模型", exact=True).click()
    expect(page.locator("#jd-mkey input")).to_be_hidden()
    page.locator("#jd-muse").click()
    expect(page.locator("#jd-msaid .ok")).to_contain_text("已换好", timeout=30_000)
    expect(page.locator(".jd-state")).to_contain_text("只摘引原文")
    expect(other.locator(".jd-state")).to_contain_text("只摘引原文", timeout=15_000)
    page.get_by_text("接口上的模型", exact=True).click()
    page.locator("#jd-maddress input").fill(server.settings.llm_base_url)
    page.locator("#jd-mname input").fill("fake")
    page.locator("#jd-mkey input").fill(KEY)
    page.locator("#jd-muse").click()
    expect(page.locator("#jd-msaid .ok")).to_contain_text("已换好", timeout=30_000)
    expect(page.locator("#jd-mkey input")).to_have_value("")
    kept = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.documentElement.outerHTML])")
    assert KEY not in kept
    page.get_by_role("tab", name="问答", exact=True).click()
    ask(page, TEA)
    answered(page)
    expect(page.locator(".jd-answer footer")).to_contain_text("fake")


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (1280, "dark"), (375, "light"), (375, "dark")])
def test_pictures_of_the_settings(browser: Browser, server: Server, width: int, theme: str) -> None:
    PICTURES.mkdir(exist_ok=True)
    with browser.new_context(viewport={"width": width, "height": 1500}, color_scheme=theme) as opened:  # type: ignore[arg-type]
        page = opened.new_page()
        open_chat(page, server.address)
        page.get_by_role("tab", name="设置", exact=True).click()
        expect(page.locator("#jd-mname input")).to_have_value("fake")
        page.wait_for_timeout(300)
        page.screenshot(path=PICTURES / f"{width}-{theme}-model.png")
        slider = page.locator("input[type=range]").first
        slider.focus()
        expect(slider).to_have_attribute("aria-label", "参考多少段")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
