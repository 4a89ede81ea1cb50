"""Where a page can get to if an escape fails: scripts planted in the window, in a real Chromium, with another host.

Once as it is, and once without Connection-Allowlist: so are the browsers that do not know this header.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from chat_pages import BROWSER, POPUPS, start_chromium
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright
from serving import running
from window_parts import window

from index import Embedder

pytestmark = [*BROWSER, pytest.mark.filterwarnings("ignore::ResourceWarning")]
REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
OLDER = "ConnectionAllowlists"  # what such a browser is started without


class Elsewhere(ThreadingHTTPServer):
    """Another host, to the browser; notes what it is asked, and serves a page without any header."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Note)
        self.asked: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Note(BaseHTTPRequestHandler):
    server: Elsewhere

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.asked.append(self.path.strip("/?"))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(b"<!doctype html><p>elsewhere")

    def do_POST(self) -> None:
        self.do_GET()

    def do_OPTIONS(self) -> None:
        self.do_GET()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with running(Elsewhere()) as server:
        yield server


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    with window(tmp_path_factory.mktemp("page"), {"云溪.md": REPORT}, embedder) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browsers() -> Iterator[dict[str, Browser]]:
    with sync_playwright() as it, start_chromium(it) as newer, start_chromium(it, OLDER) as older:
        yield {"newer": newer, "older": older}


@pytest.fixture
def page(
    request: pytest.FixtureRequest, browsers: dict[str, Browser], home: str, elsewhere: Elsewhere
) -> Iterator[Page]:
    """The window in the browser that the test names by `request.param`."""
    with browsers[request.param].new_context() as context:
        opened = context.new_page()
        opened.goto(home)
        expect(opened.locator("#jd-question textarea")).to_be_visible(timeout=30_000)
        elsewhere.asked.clear()
        yield opened


def test_what_playwright_turns_off_is_off(browsers: dict[str, Browser]) -> None:
    for name, more in (("newer", {*POPUPS}), ("older", {*POPUPS, OLDER})):
        with browsers[name].new_context() as context:
            page = context.new_page()
            page.goto("chrome://version")
            switches = re.findall(r"--disable-features=(\S+)", page.locator("#command_line").inner_text())
        own, heeded = (set(switch.split(",")) for switch in switches)
        assert own
        assert heeded == own | more


BOTH = pytest.mark.parametrize("page", ["newer", "older"], indirect=True)

# What loads or sends something by itself.
LOADED = """there => {
  const add = (tag, set) => { const e = document.createElement(tag); Object.assign(e, set); document.body.append(e) }
  const html = document.createElement('div'); document.body.append(html)
  html.innerHTML = `<img src="${there}/html-img"><iframe src="${there}/html-frame"></iframe>
    <video src="${there}/video" autoplay></video><object data="${there}/object"></object>
    <p style="background:url(${there}/style)">x</p><svg><image href="${there}/svg"/></svg>`
  add('img', {src: there + '/img'}); add('script', {src: there + '/script'})
  add('link', {rel: 'stylesheet', href: there + '/css'}); add('link', {rel: 'prefetch', href: there + '/prefetch'})
  add('link', {rel: 'preload', as: 'image', href: there + '/preload'})
  add('style', {textContent: `@import url(${there}/import); @font-face {font-family: z; src: url(${there}/font)}
    body {font-family: z; background: url(${there}/background)}`})
  const form = document.createElement('form'); form.action = there + '/form'; form.method = 'post'; form.target = 'z'
  document.body.append(form); form.submit()
  add('iframe', {srcdoc: `<img src="${there}/srcdoc">`})
  fetch(there + '/fetch').catch(() => 0); try { navigator.sendBeacon(there + '/beacon', 'x') } catch {}
  const x = new XMLHttpRequest(); x.open('GET', there + '/xhr'); try { x.send() } catch {}
  try { new EventSource(there + '/events') } catch {}
  try { new WebSocket(there.replace('http', 'ws') + '/socket') } catch {}
  try { new Worker(there + '/worker') } catch {}
}"""


@BOTH
def test_a_page_loads_and_sends_nothing_elsewhere(page: Page, elsewhere: Elsewhere) -> None:
    page.evaluate(LOADED, elsewhere.address)
    page.wait_for_timeout(2000)
    assert elsewhere.asked == []
    page.goto(elsewhere.address)  # the same where nothing holds: the test can fail
    elsewhere.asked.clear()
    page.evaluate(LOADED, elsewhere.address.replace("127.0.0.1", "localhost"))
    assert wait(page, lambda: len(elsewhere.asked) >= 8)


_LINK = "const a = document.createElement('a'); a.href = to; a.textContent = to; document.body.append(a)"
_FRAME = "const f = document.createElement('iframe'); document.body.append(f)"
_STRICT = "const f = document.createElement('iframe'); f.sandbox = 'allow-scripts allow-top-navigation allow-popups'"
_FORM = "const f = document.createElement('form'); document.body.append(f); f.action = to"
# What leaves the page, or opens another one; the last of them wipes the page out.
LEFT = {
    "location": "location.href = to",
    "assign": "location.assign(to)",
    "navigate": "navigation.navigate(to).finished.catch(() => 0)",
    "javascript": "location = `javascript:void(location='${to}')`",
    "own-window": "open(to, '_self')",
    "new-window": "open(to)",
    "link": f"{_LINK}; a.click()",
    "link-blank": f"{_LINK}; a.target = '_blank'; a.click()",
    "link-download": f"{_LINK}; a.download = 'x'; a.click()",
    "ping": f"{_LINK}; a.href = '#x'; a.ping = to; a.click()",
    "refresh": "document.head.insertAdjacentHTML('beforeend', `<meta http-equiv=refresh content='0;url=${to}'>`)",
    "form": f"{_FORM}; f.submit()",
    "form-blank": f"{_FORM}; f.target = '_blank'; f.submit()",
    "frame-top": f"{_FRAME}; f.contentWindow.eval(`top.location='${{to}}'`)",
    "frame-open": f"{_FRAME}; f.contentWindow.open(to)",
    "strict-frame-top": f"{_STRICT}; f.srcdoc = `<script>top.location='${{to}}'</script>`; document.body.append(f)",
    "strict-frame-open": f"{_STRICT}; f.srcdoc = `<script>open('${{to}}')</script>`; document.body.append(f)",
    "blob": "location = URL.createObjectURL(new Blob([`<script>location='${to}'</script>`], {type: 'text/html'}))",
    "speculation": "const s = document.createElement('script'); s.type = 'speculationrules'; document.head.append(s);"
    "s.textContent = JSON.stringify({prefetch: [{source: 'list', urls: [to], eagerness: 'immediate'}]})",
    "written": "document.open(); document.write(`<script>location='${to}'</script>`); document.close()",
}
# What only Connection-Allowlist stops: SECURITY.md says so.
NOT_STOPPED_IN_OLDER = {"speculation", "control", "middle", "shift"}


def leave(page: Page, name: str, there: str) -> None:
    with suppress(Error):  # the page is gone
        page.evaluate(f"to => {{ {LEFT[name]} }}", f"{there}/{name}")
    page.wait_for_timeout(100)


@BOTH
def test_a_page_goes_nowhere_else_and_opens_nothing_else(
    page: Page, elsewhere: Elsewhere, request: pytest.FixtureRequest
) -> None:
    for name in LEFT:
        leave(page, name, elsewhere.address)
    page.wait_for_timeout(2000)
    left = set(elsewhere.asked)
    assert left <= (NOT_STOPPED_IN_OLDER if "older" in request.node.name else set())
    assert len(page.context.pages) == 1


def test_the_same_leaves_a_page_that_nothing_holds(browsers: dict[str, Browser], elsewhere: Elsewhere) -> None:
    kept = []
    for name in LEFT:
        with browsers["newer"].new_context() as context:
            page = context.new_page()
            page.goto(elsewhere.address)
            leave(page, name, elsewhere.address.replace("127.0.0.1", "localhost"))
            if not wait(page, partial(elsewhere.asked.__contains__, name)):
                kept.append(name)
    assert kept == []


PLANTED_LINK = """to => {
  document.querySelectorAll('#planted').forEach(a => a.remove())
  const a = document.createElement('a')
  Object.assign(a, {href: to, id: 'planted', textContent: to, style: 'position:fixed;top:0;left:0;z-index:9999'})
  document.body.append(a)
}"""


@BOTH
def test_a_link_that_a_user_clicks_goes_nowhere_else(
    page: Page, elsewhere: Elsewhere, request: pytest.FixtureRequest
) -> None:
    """There is no link in the window; these are planted. Who saves one by Alt and a click asks for it himself."""
    how: dict[str, Any] = {"plain": {}, "middle": {"button": "middle"}}
    how |= {"control": {"modifiers": ["Control"]}, "shift": {"modifiers": ["Shift"]}}
    for name, click in how.items():
        page.evaluate(PLANTED_LINK, f"{elsewhere.address}/{name}")
        page.locator("#planted").click(**click)
        page.wait_for_timeout(700)
    asked = set(elsewhere.asked) - {"favicon.ico"}
    assert asked <= (NOT_STOPPED_IN_OLDER if "older" in request.node.name else set())


CALL = """async ([port, framed]) => {
  let own = window
  if (framed) { const f = document.createElement('iframe'); document.body.append(f); own = f.contentWindow }
  if (!own.RTCPeerConnection) return
  const call = new own.RTCPeerConnection({iceServers: [{urls: `stun:127.0.0.1:${port}`}]})
  call.createDataChannel('x')
  await call.setLocalDescription(await call.createOffer())
}"""


def called(page: Page, *, framed: bool = False) -> bool:
    """Whether WebRTC reaches a server."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(2)
        with suppress(Error):  # Chromium ends a page that calls where it may not
            page.evaluate(CALL, [server.getsockname()[1], framed])
        try:
            return bool(server.recv(2048))
        except TimeoutError:
            return False


@BOTH
def test_a_page_makes_no_call(page: Page, elsewhere: Elsewhere, request: pytest.FixtureRequest) -> None:
    assert not called(page)
    if "newer" in request.node.name:  # in an older browser a frame has WebRTC of its own: SECURITY.md says so
        assert not called(page, framed=True)
    free = page.context.new_page()
    free.goto(elsewhere.address)
    assert called(free)


@BOTH
def test_what_the_page_makes_itself_can_be_saved(page: Page, tmp_path: Path) -> None:
    with page.expect_download(timeout=10_000) as saved:
        page.evaluate(
            "() => { const a = document.createElement('a'); a.download = '对话.md'; document.body.append(a);"
            "a.href = URL.createObjectURL(new Blob(['据典'])); a.click() }"
        )
    saved.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_text("utf-8") == "据典"


def wait(page: Page, done: Callable[[], bool]) -> bool:
    """Whether it was `done` in time."""
    until = time.monotonic() + 10
    while not done() and time.monotonic() < until:
        with suppress(Error):
            page.wait_for_timeout(50)
    return done()
