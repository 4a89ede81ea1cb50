"""The page 问答: its components and the events between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import LONGEST_QUESTION
from assistant.ui import panel
from assistant.ui.chat_events import ChatEvents, Parts
from assistant.ui.context import Context
from assistant.ui.settings_page import ScopeFields

_HERE = Path(__file__).parent
# What a page tells with an event (see chat.js); a question takes the turn that it replaces with it.
_TELL = "(_, ...rest) => [window.jd.page(), ...rest]"
_TELL_QUESTION = "(_, ...rest) => [window.jd.page(true), ...rest]"
_TELL_SEEN = "() => [window.jd.seen()]"
_TELL_AND_EMPTY = "(_, ...rest) => [window.jd.sent(), ...rest]"


@dataclass(frozen=True, slots=True)
class ChatFields:
    """The components that events read and write."""

    page: gr.Textbox
    parts: Parts
    question: gr.Textbox
    scope_line: gr.HTML


def lay_out_chat(header: gr.HTML) -> ChatFields:
    """Lays the page out in the open tab."""
    still: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    script = (_HERE / "chat.js").read_text(encoding="utf-8")
    page = gr.Textbox(visible=False)
    with gr.Row(elem_id="jd-main"):
        with gr.Column(elem_id="jd-list"):
            gr.HTML(_FINDER, elem_id="jd-finder", **still)
            talks = gr.HTML(elem_id="jd-talks", **still)
        with gr.Column(elem_id="jd-chat"):
            gr.HTML(_BAR, elem_id="jd-bar", **still)
            with gr.Column(elem_id="jd-scroll"):
                turns = gr.HTML(elem_id="jd-conversation", html_template="", js_on_load=script, apply_default_css=False)
                running = gr.HTML(elem_id="jd-running", **still)
            scope_line = gr.HTML(elem_id="jd-scope", **still)
            with gr.Row(elem_id="jd-composer"):
                question = _question_box()
                send = gr.Button("发送", elem_id="jd-send", variant="primary", scale=0)
                stop = gr.Button("停止", elem_id="jd-stop", variant="stop", scale=0, visible=False)
        with gr.Column(elem_id="jd-side"):
            side = gr.HTML(panel.hint(), elem_id="jd-panel", **still)
    return ChatFields(page, Parts(header, talks, turns, running, side, send, stop), question, scope_line)


_FINDER = (
    '<button type="button" class="jd-fresh" data-fresh>＋ 新对话</button>'
    '<input type="search" class="jd-find" data-find placeholder="搜索对话" aria-label="搜索对话" maxlength="100">'
)
_BAR = (
    '<button type="button" data-list aria-controls="jd-list">☰ 对话</button>'
    '<button type="button" data-fresh>＋ 新对话</button>'
)


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


def connect_chat(blocks: gr.Blocks, context: Context, fields: ChatFields, scope: ScopeFields) -> None:
    """Which event runs what. Nothing is offered as an API; nothing shows Gradio's own progress."""
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "multiple"}
    at_once = quiet | {"queue": False}
    events = ChatEvents(context, fields.parts)
    page, parts, turns = fields.page, fields.parts, fields.parts.turns
    everything = parts.all()

    def then_watch(event: Any) -> None:
        # It only looks on, so any number may.
        event.then(events.watch, [page], everything, js=_TELL, concurrency_limit=None, **quiet)

    blocks.load(events.head, None, [parts.header], **at_once)
    for trigger in (fields.question.submit, fields.parts.send.click):
        asked = trigger(
            events.ask,
            [page, fields.question, *scope.inputs()],
            everything,
            js=_TELL_AND_EMPTY,
            **at_once,
        )
        then_watch(asked)
    then_watch(turns.ask(events.ask_this, [page, *scope.inputs()], everything, js=_TELL_QUESTION, **at_once))
    for trigger in (turns.open, turns.fresh, turns.remove, turns.sync):
        then_watch(trigger(events.open, [page], everything, js=_TELL, **at_once))
    then_watch(turns.catch(events.catch_up, [page], everything, js=_TELL, **at_once))
    heard = [parts.header, turns, parts.running]
    turns.news(events.news, [page], heard, js=_TELL_SEEN, **at_once | {"trigger_mode": "once"})
    turns.cite(events.source, [page], [parts.side], js=_TELL, **quiet | {"trigger_mode": "always_last", "queue": False})
    for trigger, run in (
        (parts.stop.click, events.stop),
        (turns.withdraw, events.stop),
        (turns.vote, events.vote),
        (turns.rename, events.rename),
        (turns.find, events.refresh),
        (turns.export, events.export),
    ):
        trigger(run, [page], everything, js=_TELL, **at_once)
