"""The window: pages in tabs, and the server.

A page is a function of its own file that is called inside an open gr.Tab: `name_page(blocks, context)`. It lays out
its components and connects their events (each with queue/show_progress as it needs, `api_visibility="private"`).
Tabs, not routes: a tab stays in the page, so an answer goes on streaming while another page is looked at, and the
state of every page survives. Every `*.css` beside this file is loaded. A page's own script is the `js_on_load` of
its gr.HTML components. What a page shows of a report or a user passes `text.text` before it stands in HTML.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from assistant import Accounts, Assistant, InputError, Library
from assistant.ui import door
from assistant.ui.api import add_endpoints, api_routes
from assistant.ui.chat import connect_chat, lay_out_chat
from assistant.ui.context import Context
from assistant.ui.evaluation import evaluation_page
from assistant.ui.reports import reports_page
from assistant.ui.settings_page import settings_page
from assistant.ui.tongue import ChineseWords

ANSWERS_AT_ONCE = 2
_HERE = Path(__file__).parent
_FONTS = (
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "sans-serif",
)
_HEAD = (
    '<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 '
    "viewBox=%220 0 40 40%22%3E"
    '%3Crect width=%2240%22 height=%2240%22 rx=%229%22 fill=%22%23b23a2c%22/%3E%3C/svg%3E">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
)


def build(assistant: Assistant, *, evaluation: Any = None) -> gr.Blocks:
    """The window as Gradio blocks, not yet served."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    context = Context(assistant, evaluation)
    blocks = gr.Blocks(title="据典", analytics_enabled=False, fill_width=True)
    with blocks, gr.Column(elem_id="jd-app"):
        add_endpoints(context)  # first: Gradio would number a name that an event of a page has taken
        header = gr.HTML(elem_id="jd-top", js_on_load=None, apply_default_css=False)
        with gr.Tabs(elem_id="jd-tabs", overflow_behavior="wrap"):
            with gr.Tab("问答", id="ask", elem_id="jd-tab-ask", render_children=True):
                chat = lay_out_chat(header)
            with gr.Tab("报告", id="reports", elem_id="jd-tab-reports", render_children=True):
                reports_page(blocks, context)
            with gr.Tab("评测", id="evaluation", elem_id="jd-tab-evaluation", render_children=True):
                evaluation_page(blocks, context)
            with gr.Tab("设置", id="settings", elem_id="jd-tab-settings", render_children=True):
                scope = settings_page(blocks, context, chat.scope_line, header)
        connect_chat(blocks, context, chat, scope)
    blocks.queue(default_concurrency_limit=ANSWERS_AT_ONCE, api_open=False)
    return blocks


def launch(
    assistant: Assistant,
    *,
    host: str,
    port: int,
    accounts: Accounts | None = None,
    evaluation: Any = None,
    mcp: bool = False,
    opened: Callable[[], None] = lambda: None,
) -> None:
    """Serve the window until the process is interrupted; with `accounts`, to those who log in.

    With `mcp`, the endpoints are MCP tools as well. `opened` is called once the window can be opened. Raises
    InputError if the port cannot be used.
    """
    blocks = build(assistant, evaluation=evaluation)
    try:
        serve(blocks, host=host, port=port, assistant=assistant, accounts=accounts, mcp=mcp)
        opened()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    finally:
        blocks.close(verbose=False)


def serve(
    blocks: gr.Blocks,
    *,
    host: str,
    port: int,
    assistant: Assistant | None = None,
    accounts: Accounts | None = None,
    mcp: bool = False,
) -> str:
    """Start serving in the background; the address to open. /health tells of `assistant`, /api/… asks it.

    Who a visitor is and whether by HTTPS is taken from a proxy's headers (X-Forwarded-For, X-Forwarded-Proto) where
    it is one of uvicorn's FORWARDED_ALLOW_IPS, by default this machine. Raises InputError if the port cannot be used.
    """
    options = door.app_options(assistant, accounts, host=host)
    options["middleware"].append(Middleware(ChineseWords))
    if assistant:
        options["routes"] += api_routes(assistant)
    try:
        with redirect_stdout(StringIO()):  # with `mcp`, Gradio prints in English even when it is to be quiet
            _, address, _ = blocks.launch(
                server_name=host,
                server_port=port,
                auth_dependency=door.user_of(accounts),
                app_kwargs=options,
                prevent_thread_lock=True,
                quiet=True,
                share=False,
                ssr_mode=False,
                pwa=False,
                mcp_server=mcp,
                run_history=False,
                enable_monitoring=False,
                footer_links=[],
                max_file_size=Library.max_upload,
                state_session_capacity=500,
                theme=_theme(),
                css_paths=sorted(_HERE.glob("*.css")),
                head=_HEAD,
            )
    except OSError as error:
        raise InputError(f"端口 {port} 不能用（可能已被占用）：请用 --port 换一个端口。") from error
    return str(address)


def _theme() -> gr.themes.Base:
    """System fonts only: a font from elsewhere would be a request to another host."""
    fonts = [gr.themes.Font(name) for name in _FONTS]
    mono = [gr.themes.Font(name) for name in ("Menlo", "Consolas", "monospace")]
    return gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=fonts, font_mono=mono)
