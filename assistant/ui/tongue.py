"""Gradio's own words in Chinese, whatever language the browser prefers.

Gradio takes the language of its labels from `navigator.language` before anything of ours runs, so the page has to say
so first; there the guard of the page (guard.js) stands as well. The page that it shows to a browser at the address of
its MCP server is English alone; ours takes its place.
"""

from __future__ import annotations

import html
from pathlib import Path

from gradio.route_utils import API_PREFIX
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SCRIPTS = (
    b"<head><script>" + Path(__file__).with_name("guard.js").read_bytes() + b"</script>"
    b"<script>for(const[n,v]of[['language','zh-CN'],['languages',['zh-CN']]])"
    b"Object.defineProperty(navigator,n,{get:()=>v,configurable:true})</script>"
)
MCP = f"{API_PREFIX}/mcp/"


class ChineseWords:
    """ASGI middleware: tells the language at the head of the page at `/`, and says what the address for MCP is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tools = _is_browser_at_mcp(scope)
        if not tools and (scope["type"] != "http" or scope["path"] not in ("", "/")):
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
                body = _mcp_page(scope) if tools else _in_chinese(body)
                if "content-length" in headers:
                    headers["content-length"] = str(len(body))
            await send(begun[0])
            await send({"type": "http.response.body", "body": body})

        await self._app(scope, receive, keep)


def _is_browser_at_mcp(scope: Scope) -> bool:
    """A program asks the address for a stream of events, a browser for a page."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].rstrip("/") + "/" != MCP:
        return False
    return "text/event-stream" not in Headers(scope=scope).get("accept", "")


def _in_chinese(body: bytes) -> bytes:
    return body.replace(b"<head>", _SCRIPTS, 1).replace(b'lang="en"', b'lang="zh-CN"', 1)


def _mcp_page(scope: Scope) -> bytes:
    address = f"{scope['scheme']}://{Headers(scope=scope).get('host', '127.0.0.1')}{MCP}"
    return _PAGE.replace("<!--address-->", html.escape(address)).encode()


_PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>MCP · 据典</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>
:root{color-scheme:light dark}body{max-width:40rem;margin:3rem auto;padding:0 1rem;
font:16px/1.7 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}pre{padding:.8rem;
white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #8884;border-radius:.4rem}</style></head>
<body><h1>据典的 MCP 工具</h1>
<p>这个地址给程序用，浏览器里没有可看的。</p>
<p>把下面一段写进支持 MCP 的程序，就能用提问、查找、列出报告三个工具（Streamable HTTP）：</p>
<pre>{"mcpServers": {"judian": {"url": "<!--address-->"}}}</pre>
<p>要提问，请<a href="/">打开据典的窗口</a>。</p></body></html>"""
