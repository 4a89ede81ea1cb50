"""Gradio's own words in Chinese, whatever language the browser prefers.

Gradio takes the language of its labels from `navigator.language` before anything of ours runs, so the page has to say
so first.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SCRIPT = (
    b"<head><script>for(const[n,v]of[['language','zh-CN'],['languages',['zh-CN']]])"
    b"Object.defineProperty(navigator,n,{get:()=>v,configurable:true})</script>"
)


class ChineseWords:
    """ASGI middleware: tells the language at the head of the page at `/`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in ("", "/"):
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []
        parts: list[bytes] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body") or not begun:
                return
            body = b"".join(parts)
            headers = MutableHeaders(scope=begun[0])
            if body and headers.get("content-type", "").startswith("text/html"):
                body = body.replace(b"<head>", _SCRIPT, 1).replace(b'lang="en"', b'lang="zh-CN"', 1)
                if "content-length" in headers:
                    headers["content-length"] = str(len(body))
            await send(begun[0])
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, keep)
