"""The page 问答: its components and the events between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import Assistant, JudianError
from assistant.ui import page, render
from assistant.ui.context import Context
from assistant.ui.talk import LONGEST_QUESTION, Conversation, Draft

_HERE = Path(__file__).parent

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


def chat_page(blocks: gr.Blocks, context: Context) -> None:
    """Lays the page out in the open tab and connects it."""
    _connect(blocks, _lay_out(), context.assistant)


def _lay_out() -> Window:
    script = (_HERE / "cite.js").read_text(encoding="utf-8")
    html: dict[str, Any] = {"js_on_load": script, "apply_default_css": False}
    talk = gr.State(Conversation())  # copied for each tab
    with gr.Column(elem_id="jd-ask"):
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
