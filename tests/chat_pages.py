"""What the tests of the chat in a real Chromium share: small reports, an endpoint that answers, a browser.

Only the chat model is faked; the fixtures are known to every test (see conftest.py).
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright
from serving import running

from assistant import open_assistant, read_settings
from assistant.ui.app import build, serve
from index import build_index, load_embedder

# For `pytestmark` of a test file.
BROWSER = [
    pytest.mark.browser,
    # Gradio's own statistics of its queue use what pandas will drop.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]

PICTURES = Path(__file__).parents[1] / "screenshots"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# Each window would draw two pages for these popups of its address line, half the time of opening one.
POPUPS = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
HOSTILE = '<script>document.title="bad"</script><img src=http://example.com/a.png> ![图](http://example.com/b.png)'
REPORTS = {
    "涪陵/榨菜.md": (
        "# 涪陵：一颗青菜头的产业链\n\n2023年12月27日\n\n"
        "2023年，涪陵区青菜头种植面积73.6万亩，榨菜产值约128.5亿\n\n元。"
        f"带动农户16万户。\n\n涪陵区榨菜标识的写法是{HOSTILE} **加粗** $x^2$，共有3种。\n"
    ),
    "西昌/工业.md": (
        "# 西昌：工业一年\n\n2023年12月20日\n\n2023年，西昌市规上企业达到35家，比上年多4家。"
        "2023年，西昌市完成工业投资46.2亿元。\n"
    ),
}
QUESTION = "涪陵区2023年青菜头种植面积是多少？"
REPLY = "2023年，涪陵区青菜头种植面积73.6万亩。"


class FakeEndpoint(ThreadingHTTPServer):
    """An endpoint of OpenAI's protocol on loopback that streams `reply`, two characters each `pause` seconds.

    With `broken` it answers 500. `cut` counts the replies whose reader went away.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply, self.pause, self.broken, self.cut = REPLY, 0.0, False, 0


class _Handler(BaseHTTPRequestHandler):
    server: FakeEndpoint

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
def endpoint() -> Iterator[FakeEndpoint]:
    with running(FakeEndpoint()) as server:
        yield server


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory, endpoint: FakeEndpoint) -> Iterator[str]:
    """The address of a chat over REPORTS."""
    folder = tmp_path_factory.mktemp("chat")
    for name, words in REPORTS.items():
        path = folder / "reports" / name
        path.parent.mkdir(parents=True)
        path.write_text(words, encoding="utf-8")
    settings = read_settings(
        reports=folder / "reports",
        index=folder / "index",
        llm="fake",
        llm_base_url=f"http://127.0.0.1:{endpoint.server_address[1]}/v1",
    )
    build_index(settings.reports, settings.index, load_embedder(settings.embedding, settings.models))
    assistant = open_assistant(settings)
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=free_port())
    blocks.close(verbose=False)
    assistant.close()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = start_chromium(playwright)
        yield chromium
        chromium.close()


def start_chromium(playwright: Playwright, *without: str) -> Browser:
    """The installed Chromium `without` these features, POPUPS, and what Playwright turns off in any Chromium.

    Of several --disable-features Chromium heeds the last, so this one says again what Playwright's own says, as an
    attempt to launch what is no browser tells.
    """
    with pytest.raises(Error) as failed:
        playwright.chromium.launch(executable_path=sys.executable)
    own = re.search(r" --disable-features=(\S+)", str(failed.value))
    assert own, failed.value
    features = ",".join((own[1], *POPUPS, *without))
    return playwright.chromium.launch(executable_path=chromium_path(), args=[f"--disable-features={features}"])


def chromium_path() -> str:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"no Chromium found: install one of {', '.join(CHROMIUM)} (Debian: apt-get install chromium)")
    return found


@pytest.fixture
def page(browser: Browser, chat: str, endpoint: FakeEndpoint) -> Iterator[Page]:
    """A fresh browser on the chat. Whatever a test does in it, it may ask this machine only."""
    endpoint.reply, endpoint.pause, endpoint.broken = REPLY, 0.0, False
    with browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US") as context:
        asked: list[str] = []
        errors: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        open_chat(tab, chat)
        yield tab
        assert errors == []
        hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in ("data", "blob")}
        assert hosts == {"127.0.0.1"}


def open_chat(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".jd-welcome")).to_be_visible(timeout=30_000)


def ask(page: Page, question: str) -> None:
    page.locator("#jd-question textarea").fill(question)
    page.keyboard.press("Enter")


def answered(page: Page, count: int = 1) -> None:
    """Waits until `count` answers stand in the page and nothing runs."""
    expect(page.locator("#jd-conversation .jd-badge")).to_have_count(count, timeout=60_000)
    expect(page.locator(".jd-live")).to_have_count(0, timeout=60_000)
