"""The chat in a real Chromium: the real assistant over small reports; only the chat model is faked.

`pytest tests/test_browser.py -k pictures` writes screenshots of every size and both themes to screenshots/.
"""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from assistant import open_assistant, read_settings
from assistant.ui.app import build, serve
from index import build_index, load_embedder

pytestmark = [
    pytest.mark.browser,
    # Sockets of Gradio's server and of Chromium's pipe are closed by the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    # Gradio's own statistics of its queue use what pandas will drop.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]

PICTURES = Path(__file__).parents[1] / "screenshots"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = '<script>document.title="bad"</script><img src=http://example.com/a.png> ![图](http://example.com/b.png)'
REPORTS = {
    "涪陵/榨菜.md": (
        "# 涪陵：一颗青菜头的产业链\n\n2023年12月27日\n\n"
        "2023年，涪陵区青菜头种植面积73.6万亩，榨菜产值约128.5亿\n\n元。"
        f"带动农户16万户。\n\n涪陵区榨菜标识的写法是{HOSTILE} **加粗** $x^2$，共有3种。\n"
    ),
    "西昌/工业.md": (
        "# 西昌：工业一年\n\n2023年12月20日\n\n2023年，西昌市规上企业达到35家，比上年多4家。"
        "西昌市完成工业投资46.2亿元。\n"
    ),
}
QUESTION = "涪陵区2023年青菜头种植面积是多少？"
REPLY = "2023年，涪陵区青菜头种植面积73.6万亩。"


class FakeModel(ThreadingHTTPServer):
    """An endpoint of OpenAI's protocol on loopback that streams `reply`, two characters each `pause` seconds.

    With `broken` it answers 500. `cut` counts the replies whose reader went away.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply, self.pause, self.broken, self.cut = REPLY, 0.0, False, 0


class _Handler(BaseHTTPRequestHandler):
    server: FakeModel

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._send(200, "application/json", json.dumps({"object": "list", "data": [{"id": "fake"}]}))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.broken:
            self._send(500, "application/json", '{"error": {"message": "broken"}}')
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        reply = self.server.reply
        try:
            for at in range(0, len(reply), 2):
                self._chunk({"content": reply[at : at + 2]}, None)
                time.sleep(self.server.pause)
            self._chunk({}, "stop")
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            self.server.cut += 1

    def _chunk(self, delta: dict[str, str], finish: str | None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
        self.wfile.write(f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode())
        self.wfile.flush()

    def _send(self, status: int, kind: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture(scope="module")
def model() -> Iterator[FakeModel]:
    with FakeModel() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def _plain_model(model: FakeModel) -> None:
    model.reply, model.pause, model.broken = REPLY, 0.0, False


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, model: FakeModel) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("chat")
    for name, words in REPORTS.items():
        path = folder / "reports" / name
        path.parent.mkdir(parents=True)
        path.write_text(words, encoding="utf-8")
    settings = read_settings(
        reports=folder / "reports",
        index=folder / "index",
        llm="fake",
        llm_base_url=f"http://127.0.0.1:{model.server_address[1]}/v1",
    )
    build_index(settings.reports, settings.index, load_embedder(settings.embedding, settings.models))
    assistant = open_assistant(settings)
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=_free_port())
    blocks.close(verbose=False)
    assistant.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"no Chromium found: install one of {', '.join(CHROMIUM)} (Debian: apt-get install chromium)")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=found, args=ARGUMENTS) as chromium,
    ):
        yield chromium


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh tab on the chat. Whatever a test does in it, the browser may ask this machine only."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US") as context:
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        tab = context.new_page()
        _open(tab, address)
        yield tab
        hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in ("data", "blob")}
        assert hosts == {"127.0.0.1"}


def _open(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".jd-welcome")).to_be_visible(timeout=30_000)


def _ask(page: Page, question: str) -> None:
    page.locator("#jd-question textarea").fill(question)
    page.keyboard.press("Enter")


def _answered(page: Page, count: int = 1) -> None:
    expect(page.locator(".jd-badge")).to_have_count(count, timeout=60_000)


def test_an_answer_streams_and_its_mark_opens_the_source(page: Page, model: FakeModel) -> None:
    model.pause = 0.15
    _ask(page, QUESTION)
    expect(page.locator(".jd-draft")).to_contain_text("涪陵区", timeout=60_000)
    expect(page.locator(".jd-steps .now")).to_have_text("撰写")
    _answered(page)
    expect(page.locator(".jd-live")).to_have_count(0)
    expect(page.locator(".jd-text")).to_contain_text("73.6万亩")
    assert page.locator(".jd-figure.ok", has_text="73.6万亩").get_attribute("title") == "已与原文核对（出处 1）"
    chip = page.locator(".jd-text .jd-chip").first
    assert "青菜头种植面积73.6万亩" in (chip.get_attribute("title") or "")
    page.locator("#jd-clear").hover()
    chip.click()
    expect(page.locator(".jd-panel h3")).to_have_text("涪陵：一颗青菜头的产业链")
    expect(page.locator(".jd-source mark")).to_contain_text("青菜头种植面积73.6万亩")
    expect(page.locator(".jd-source")).to_contain_text("带动农户16万户")
    expect(chip).to_have_class("jd-chip open")


def test_stop_ends_the_answer_and_the_next_question_works(page: Page, model: FakeModel) -> None:
    model.reply, model.pause = REPLY * 20, 0.2
    cut = model.cut
    _ask(page, QUESTION)
    expect(page.locator(".jd-draft")).to_contain_text("涪陵区", timeout=60_000)
    page.locator("#jd-stop").click()
    expect(page.locator(".jd-stopped")).to_be_visible()
    expect(page.locator(".jd-live")).to_have_count(0)
    deadline = time.monotonic() + 10
    while model.cut == cut and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert model.cut == cut + 1, "the model goes on writing after the stop"
    model.reply, model.pause = REPLY, 0.0
    _ask(page, QUESTION)
    _answered(page)


def test_what_a_report_and_a_user_wrote_stays_text(page: Page, model: FakeModel) -> None:
    model.reply = f"涪陵区榨菜标识的写法是{HOSTILE} **加粗** $x^2$，共有3种。"
    _ask(page, f"涪陵区榨菜标识的写法是什么？{HOSTILE}")
    _answered(page)
    expect(page.locator(".jd-question")).to_contain_text(HOSTILE)
    if page.locator(".jd-text .jd-chip").count() == 0:
        _ask(page, QUESTION)  # the same paragraph stands in this source
        _answered(page, 2)
    page.locator(".jd-text .jd-chip").first.click()
    expect(page.locator(".jd-source")).to_contain_text(HOSTILE)
    expect(page.locator(".jd-source")).to_contain_text("**加粗** $x^2$")
    assert page.locator("#jd-main img, #jd-main script, #jd-main a").count() == 0
    assert page.title() == "据典"


def test_two_tabs_share_nothing(page: Page, browser: Browser, address: str) -> None:
    _ask(page, QUESTION)
    _answered(page)
    with browser.new_context() as other:
        tab = other.new_page()
        _open(tab, address)
        assert tab.locator(".jd-turn").count() == 0
        _ask(tab, "西昌市2023年规上企业有多少家？")
        _answered(tab)
    expect(page.locator(".jd-turn")).to_have_count(1)
    expect(page.locator(".jd-question")).to_have_text(QUESTION)


def test_failures_are_chinese_sentences_in_the_chat(page: Page, model: FakeModel) -> None:
    model.broken = True
    _ask(page, QUESTION)
    error = page.locator(".jd-error")
    expect(error).to_be_visible(timeout=90_000)
    assert "：" in error.inner_text()
    assert "Traceback" not in page.content()
    assert page.locator(".toast-body").count() == 0


def test_blank_and_overlong_questions(page: Page) -> None:
    _ask(page, "   ")
    page.wait_for_timeout(500)
    expect(page.locator(".jd-turn")).to_have_count(0)
    expect(page.locator(".jd-welcome")).to_be_visible()
    page.locator("#jd-question textarea").evaluate("box => box.removeAttribute('maxlength')")
    _ask(page, "长" * 3001)
    expect(page.locator(".jd-error")).to_contain_text("3000 字的上限")


def test_a_new_conversation_begins_empty_even_while_one_runs(page: Page, model: FakeModel) -> None:
    model.pause = 0.2
    _ask(page, QUESTION)
    expect(page.locator(".jd-live")).to_be_visible(timeout=30_000)
    page.locator("#jd-clear").click()
    expect(page.locator(".jd-welcome")).to_be_visible()
    page.wait_for_timeout(3000)
    expect(page.locator(".jd-turn, .jd-live")).to_have_count(0)


def test_no_english_word_of_gradio_is_seen(page: Page) -> None:
    seen = page.locator("body").inner_text().replace("fake", "")
    for word in ("Gradio", "Textbox", "Submit", "Settings", "API", "Error", "Chatbot"):
        assert word not in seen


def test_on_a_phone_the_source_stands_below_the_chat(page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    _ask(page, QUESTION)
    _answered(page)
    chat, side = page.locator("#jd-chat").bounding_box(), page.locator("#jd-side").bounding_box()
    assert chat is not None
    assert side is not None
    assert side["y"] >= chat["y"] + chat["height"] - 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.locator(".jd-text .jd-chip").first.click()
    expect(page.locator(".jd-source mark")).to_be_in_viewport(timeout=10_000)
    page.locator("[data-back]").click()
    expect(page.locator(".jd-text")).to_be_in_viewport(timeout=10_000)


@pytest.mark.llm
def test_pictures_for_the_readme(browser: Browser, tmp_path: Path) -> None:
    """The packaged reports and the embedded model: screenshots/chat.png and chat-mobile.png go to docs/."""
    settings = read_settings(reports=Path(__file__).parents[1] / "reports", index=tmp_path, llm="embedded")
    build_index(settings.reports, settings.index, load_embedder(settings.embedding, settings.models))
    assistant = open_assistant(settings)
    if assistant.notice:
        pytest.skip(assistant.notice)
    PICTURES.mkdir(exist_ok=True)
    blocks = build(assistant)
    address = serve(blocks, host="127.0.0.1", port=_free_port())
    for name, width, height, scale in (("chat", 1280, 800, 1), ("chat-mobile", 375, 812, 2)):
        with browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale) as context:
            page = context.new_page()
            _open(page, address)
            for count, question in enumerate(assistant.examples()[: 1 + (width > 600)], 1):
                _ask(page, question)
                _answered(page, count)
            page.locator(".jd-text .jd-chip").last.click() if width > 600 else None
            page.wait_for_timeout(1000)
            page.screenshot(path=PICTURES / f"{name}.png")
            assert page.locator(".jd-figure.ok").count() > 0
    blocks.close(verbose=False)
    assistant.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (768, 1024), (375, 812)])
def test_pictures(browser: Browser, address: str, width: int, height: int, theme: str) -> None:
    """Every size and both themes, empty and with an answer, for a reader to look at."""
    PICTURES.mkdir(exist_ok=True)
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        _open(page, address)
        page.screenshot(path=PICTURES / f"{width}-{theme}-empty.png")
        _ask(page, QUESTION)
        _answered(page)
        expect(page.locator(".jd-source mark")).to_have_count(1)
        page.screenshot(path=PICTURES / f"{width}-{theme}-answer.png")
        assert (PICTURES / f"{width}-{theme}-answer.png").stat().st_size > 5_000
