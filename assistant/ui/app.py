"""The window: Gradio's components, the events between them, and the server."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import Assistant, InputError, JudianError
from assistant.ui import page, render
from assistant.ui.talk import LONGEST_QUESTION, Conversation, Draft

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

Update = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """The components that events read and write. `talk` belongs to one browser tab."""

    talk: gr.State
    header: gr.HTML
    conversation: gr.HTML
    running: gr.HTML
    panel: gr.HTML
    question: gr.Textbox
    send: gr.Button
    stop: gr.Button
    clear: gr.Button


def build(assistant: Assistant) -> gr.Blocks:
    """The window as Gradio blocks, not yet served."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    blocks = gr.Blocks(title="据典", analytics_enabled=False, fill_width=True)
    with blocks:
        window = _lay_out()
        _connect(blocks, window, assistant)
    blocks.queue(default_concurrency_limit=ANSWERS_AT_ONCE, api_open=False)
    return blocks


def launch(assistant: Assistant, *, host: str, port: int, auth: list[tuple[str, str]] | None = None) -> None:
    """Serve the window until the process is interrupted. `auth` holds (user, password) pairs.

    Raises InputError if the port cannot be used.
    """
    blocks = build(assistant)
    try:
        serve(blocks, host=host, port=port, auth=auth)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    finally:
        blocks.close(verbose=False)


def serve(blocks: gr.Blocks, *, host: str, port: int, auth: list[tuple[str, str]] | None = None) -> str:
    """Start serving in the background; the address to open. Raises InputError if the port cannot be used."""
    try:
        _, address, _ = blocks.launch(
            server_name=host,
            server_port=port,
            auth=auth,
            auth_message="请登录后使用据典。" if auth else None,
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            run_history=False,
            enable_monitoring=False,
            footer_links=[],
            max_file_size=1,
            state_session_capacity=500,
            theme=_theme(),
            css_paths=_HERE / "style.css",
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


def _lay_out() -> Window:
    script = (_HERE / "cite.js").read_text(encoding="utf-8")
    html: dict[str, Any] = {"js_on_load": script, "apply_default_css": False}
    talk = gr.State(Conversation())  # copied for each tab
    with gr.Column(elem_id="jd-app"):
        header = gr.HTML(elem_id="jd-top", js_on_load=None, apply_default_css=False)
        with gr.Row(elem_id="jd-main"):
            with gr.Column(elem_id="jd-chat"):
                with gr.Column(elem_id="jd-scroll"):
                    conversation = gr.HTML(elem_id="jd-conversation", **html)
                    running = gr.HTML(elem_id="jd-running", js_on_load=None, apply_default_css=False)
                with gr.Row(elem_id="jd-composer"):
                    clear = gr.Button("新对话", elem_id="jd-clear", size="sm", scale=0)
                    question = _question_box()
                    send = gr.Button("发送", elem_id="jd-send", variant="primary", scale=0)
                    stop_button = gr.Button("停止", elem_id="jd-stop", variant="stop", scale=0, visible=False)
            with gr.Column(elem_id="jd-side"):
                panel = gr.HTML(page.panel_hint(), elem_id="jd-panel", **html)
    return Window(talk, header, conversation, running, panel, question, send, stop_button, clear)


def _question_box() -> gr.Textbox:
    return gr.Textbox(
        elem_id="jd-question",
        placeholder="向报告提问，回车发送",
        label="问题",
        show_label=False,
        container=False,
        autofocus=True,
        lines=1,
        max_lines=6,
        max_length=LONGEST_QUESTION,
    )


def _connect(blocks: gr.Blocks, window: Window, assistant: Assistant) -> None:
    """Which event runs what. Nothing is offered as an API; nothing shows Gradio's own progress."""
    w = window
    queued: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    at_once = queued | {"queue": False}
    show = _Show(window, assistant)
    state = [w.conversation, w.running, w.question, w.send, w.stop]
    everything = [*state, w.header, w.panel]
    blocks.load(show.everything, [w.talk], everything, **at_once)
    answers = []
    for trigger, inputs, ask in (
        (w.question.submit, [w.talk, w.question], show.ask),
        (w.send.click, [w.talk, w.question], show.ask),
        (w.conversation.example, [w.talk], show.example),
    ):
        asked = trigger(ask, inputs, state, **at_once)
        answers.append(asked.then(show.answer, [w.talk], everything, concurrency_id="answers", **queued))
    w.stop.click(show.stopped, [w.talk], state, cancels=answers, **at_once)
    w.clear.click(show.cleared, [w.talk], everything, cancels=answers, **at_once)
    for html in (w.conversation, w.panel):
        html.cite(show.source, [w.talk], [w.panel], trigger_mode="always_last", **at_once)


class _Show:
    """What each event changes in the window, over the public API of the assistant."""

    def __init__(self, window: Window, assistant: Assistant) -> None:
        self._window = window
        self._assistant = assistant

    def everything(self, talk: Conversation) -> Update:
        return self._state(talk) | {self._window.header: self._header()}

    def ask(self, talk: Conversation, question: str) -> Update:
        return self._state(talk) | {self._window.question: ""} if talk.ask(question) else self._nothing()

    def example(self, talk: Conversation, event: gr.EventData) -> Update:
        examples = self._examples()
        known = isinstance(event.index, int) and 0 <= event.index < len(examples)
        return self.ask(talk, examples[event.index] if known else "")

    def answer(self, talk: Conversation) -> Iterator[Update]:
        """Drafts as they come, then the finished turn with its first source opened."""
        w = self._window
        yield self._nothing()  # a generator that yields nothing would empty every component
        before = talk.turns
        for draft in talk.respond(self._assistant):
            yield {w.running: render.draft(draft)}
        if talk.turns is not before:
            last = len(talk.turns) - 1
            yield self._state(talk) | {w.header: self._header(), w.panel: self._panel(talk, last, 1)}

    def stopped(self, talk: Conversation) -> Update:
        talk.stop()
        return self._state(talk)

    def cleared(self, talk: Conversation) -> Update:
        talk.clear()
        return self._state(talk) | {
            self._window.header: self._header(),
            self._window.panel: page.panel_hint(),
        }

    def source(self, talk: Conversation, event: gr.EventData) -> str:
        if not isinstance(event.turn, int) or not isinstance(event.n, int):
            return page.panel_hint()
        return self._panel(talk, event.turn, event.n)

    def _nothing(self) -> Update:
        return {self._window.question: gr.skip()}

    def _state(self, talk: Conversation) -> Update:
        w = self._window
        return {
            w.conversation: page.conversation(talk.turns, () if talk.turns else self._examples()),
            w.running: render.draft(Draft()) if talk.busy else "",
            w.send: gr.Button(visible=not talk.busy),
            w.stop: gr.Button(visible=talk.busy),
        }

    def _header(self) -> str:
        try:
            return page.header(self._assistant)
        except JudianError as error:
            return page.header_error(str(error))

    def _examples(self) -> tuple[str, ...]:
        try:
            return self._assistant.examples()
        except JudianError:
            return ()  # the header says what is wrong

    def _panel(self, talk: Conversation, turn: int, n: int) -> str:
        try:
            return page.panel(self._assistant, talk.turns, turn, n)
        except JudianError as error:
            return page.panel_error(str(error))
