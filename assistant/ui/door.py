"""Round the window: who may come in, what a page may ask for, and whether the server is well.

Gradio serves the window and its API; the middleware here stands before all of it. With accounts, nothing but the
login page and the state of health is served without a session.

Headers are to hold where escaping has a gap, whatever a report or a model wrote. Connection-Allowlist lets a page reach
this server and no other; Chromium knows it since 152. For other browsers the Content-Security-Policy stops what a page
loads and sends, its sandbox new windows, and guard.js the page's own way elsewhere; SECURITY.md says what is left.
"""

from __future__ import annotations

import asyncio
import html
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from gradio.route_utils import API_PREFIX
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant import Accounts, Assistant, LoginError, app_version, is_loopback

COOKIE = "judian-session"
# Gradio's own page has inline scripts and builds functions from text.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self' blob:",
        "manifest-src 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "sandbox allow-same-origin allow-scripts allow-forms allow-modals allow-downloads",  # no window beside it
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    # Links, windows, WebRTC and prefetching, too. Logging in redirects; nothing here does so to another host.
    "connection-allowlist": "(response-origin);redirects=allow",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "SAMEORIGIN",
    "x-dns-prefetch-control": "off",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_OPEN = {"/login", "/login/", "/logout", "/health"}
_STARTING = f"{API_PREFIX}/startup-events"  # Gradio asks itself for this before the window opens
_LONGEST_FORM = 4096
_FRESH, _PATIENCE = 1.0, 3.0  # seconds; what asks for the state of health waits for some five
_READING = {"GET", "HEAD", "OPTIONS"}


def app_options(assistant: Assistant | None, accounts: Accounts | None, *, host: str) -> dict[str, Any]:
    """What `Blocks.launch(app_kwargs=…)` is given: the middleware, and the routes that come before Gradio's."""
    door = Middleware(Door, accounts=accounts, loopback=accounts is None and is_loopback(host))
    routes = [Route("/health", _health(assistant), methods=["GET"])]
    if accounts:
        login = _login(accounts)
        routes += [Route(path, login, methods=["GET", "POST"]) for path in ("/login", "/login/")]
        routes.append(Route("/logout", _logout(accounts), methods=["GET"]))
    return {"middleware": [door], "routes": routes}


def user_of(accounts: Accounts | None) -> Callable[[Request], str | None] | None:
    """What `Blocks.launch(auth_dependency=…)` is given: events then know the user by `gr.Request.username`."""
    return (lambda request: accounts.user_of(request.cookies.get(COOKIE, ""))) if accounts else None


class Door:
    """ASGI middleware: security headers on every answer; no request of another site, of a stranger, or to a name
    that only pretends to be this machine (`loopback`: the server is open to this machine alone).
    """

    def __init__(self, app: ASGIApp, *, accounts: Accounts | None, loopback: bool) -> None:
        self._app = app
        self._accounts = accounts
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # no web socket is served
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        request = Request(scope)
        answer = self._app if (refused := self._refused(request)) is None else refused
        await answer(scope, receive, send_guarded)

    def _refused(self, request: Request) -> Response | None:
        host = _host(f"//{request.headers.get('host', '')}")
        if self._loopback and not is_loopback(host):
            return _say(403, "这个地址不是本机：请用 http://127.0.0.1 打开据典。")
        if request.method not in _READING and _from_another_site(request):
            return _say(403, "请求来自别的网站，已拒绝：请在据典自己的窗口里操作。")
        if self._accounts is None or request.url.path in _OPEN:
            return None
        if request.url.path == _STARTING and request.client and is_loopback(request.client.host):
            return None
        if self._accounts.user_of(request.cookies.get(COOKIE, "")):
            return None
        if request.method in _READING and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/login", status_code=303)
        return _say(401, "还没有登录，或登录已过期：请先登录。")


def _health(assistant: Assistant | None) -> Callable[[Request], Any]:
    """One look a second for all who ask, and one at a time: anybody may ask, and a server that hangs holds a thread."""
    looks: deque[asyncio.Task[dict[str, str]]] = deque(maxlen=1)
    since = 0.0

    async def health(_: Request) -> Response:
        nonlocal since
        if not looks or (looks[0].done() and time.monotonic() - since > _FRESH):
            looks.append(asyncio.create_task(run_in_threadpool(_look, assistant)))
            since = time.monotonic()
        done, _late = await asyncio.wait(looks, timeout=_PATIENCE)
        state = looks[0].result() if done else {"status": "fail"}
        return JSONResponse({"version": app_version()} | state, status_code=503 if state["status"] == "fail" else 200)

    return health


def _look(assistant: Assistant | None) -> dict[str, str]:
    """States only: what is wrong is told to those who may see the window."""
    if assistant is None:
        return {"status": "ok", "index_version": ""}
    found = assistant.health()
    status = "degraded" if found.model == "fail" else "ok"  # without its model it quotes
    if found.index == "empty":
        status = "empty"  # it serves, and waits for the first reports
    elif "fail" in (found.index, found.vectors):
        status = "fail"
    parts = {"index": found.index, "vectors": found.vectors, "model": found.model}
    return {"status": status, "index_version": found.version, **parts}


def _login(accounts: Accounts) -> Callable[[Request], Any]:
    async def login(request: Request) -> Response:
        browser = "text/html" in request.headers.get("accept", "")
        if request.method == "GET":
            inside = accounts.user_of(request.cookies.get(COOKIE, ""))
            return RedirectResponse("/", status_code=303) if inside else _page("")
        form = await _form(request)
        address = request.client.host if request.client else ""
        try:
            password = form.get("password", "").rstrip("\r\n")  # no password has one, but a file that curl sends
            token = await run_in_threadpool(accounts.login, form.get("username", ""), password, address=address)
        except LoginError as error:
            status = 429 if error.wait else 401
            refused = _page(str(error), status) if browser else _say(status, str(error))
            if error.wait:
                refused.headers["retry-after"] = str(int(error.wait) + 1)
            return refused
        done: Response = RedirectResponse("/", status_code=303) if browser else JSONResponse({"success": True})
        secure = request.url.scheme == "https"
        done.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")
        return done

    return login


def _logout(accounts: Accounts) -> Callable[[Request], Response]:
    def logout(request: Request) -> Response:
        accounts.logout(request.cookies.get(COOKIE, ""))
        gone = RedirectResponse("/login", status_code=303)
        gone.delete_cookie(COOKIE, path="/")
        return gone

    return logout


def _from_another_site(request: Request) -> bool:
    """Browsers say where a request comes from: newer ones in Sec-Fetch-Site, all in Origin."""
    if site := request.headers.get("sec-fetch-site"):
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return bool(origin) and urlsplit(origin).netloc != request.headers.get("host")


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form as text; nothing for one that is too long to be a login's, or no form."""
    length = request.headers.get("content-length", "")
    if not length.isascii() or not length.isdigit() or int(length) > _LONGEST_FORM:
        return {}
    async with request.form(max_files=0, max_fields=8) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _say(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status_code=status)


def _page(error: str, status: int = 200) -> Response:
    said = f'<p role="alert">{html.escape(error)}</p>' if error else ""
    return HTMLResponse(_LOGIN.replace("<!--said-->", said), status_code=status, headers={"cache-control": "no-store"})


_LOGIN = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>登录 · 据典</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>
:root{color-scheme:light dark;--paper:#faf8f4;--ink:#22201d;--line:#d8d2c8;--seal:#b23a2c}
@media(prefers-color-scheme:dark){:root{--paper:#1c1a18;--ink:#ece7df;--line:#4a453f;--seal:#cf5a4b}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);
color:var(--ink);font:16px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
form{width:min(22rem,calc(100vw - 2rem));display:grid;gap:.8rem}h1{margin:0;font-size:1.6rem}p{margin:0}
label{display:grid;gap:.25rem}input,button{font:inherit;color:inherit;padding:.55rem .7rem;border-radius:.4rem;
border:1px solid var(--line);background:transparent}button{background:var(--seal);border-color:var(--seal);color:#fff;
cursor:pointer}:focus-visible{outline:2px solid var(--seal);outline-offset:2px}[role=alert]{color:var(--seal)}
</style></head><body><form method="post" action="/login"><h1>据典</h1><p>请登录后使用。</p><!--said-->
<label>用户名<input name="username" autocomplete="username" autofocus required maxlength="40"></label>
<label>密码<input name="password" type="password" autocomplete="current-password" required maxlength="256"></label>
<button>登录</button></form></body></html>"""
