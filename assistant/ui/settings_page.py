"""The page 设置: where to look and how much to read, and by which model; the pages ask it for a question's scope."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant import JudianError, Scope
from assistant.ui import page
from assistant.ui.context import Context
from assistant.ui.model_section import model_section
from assistant.ui.scopes import MOST, NO_DATE, USUAL, is_date, scope_of

# Storage may be switched off in a browser.
_RECALL = "() => { try { return [localStorage.getItem('judian-scope')] } catch { return [null] } }"
_KEEP = "(...all) => { try { localStorage.setItem('judian-scope', JSON.stringify(all)) } catch {} return all }"


@dataclass(frozen=True, slots=True)
class ScopeFields:
    """The components that make up a scope; `line` stands above the question box."""

    places: gr.Dropdown
    since: gr.Textbox
    until: gr.Textbox
    passages: gr.Slider
    line: gr.HTML

    def inputs(self) -> list[Any]:
        return [self.places, self.since, self.until, self.passages]


def settings_page(blocks: gr.Blocks, context: Context, line: gr.HTML, header: gr.HTML) -> ScopeFields:
    """Lays the page out in the open tab and connects it; the scope is kept in the browser, the model on the server."""
    kept = gr.Textbox(visible=False)
    with gr.Column(elem_classes="jd-page jd-settings"):
        gr.HTML(
            '<h2>设置</h2><h3 class="jd-rtitle">在哪里找</h3><p>只影响这个浏览器里之后提的问题。</p>', js_on_load=None
        )
        places = gr.Dropdown(
            [],
            multiselect=True,
            label="地方",
            info="只在谈到这些地方的报告段落里找；不选就是全部。",
            elem_id="jd-places",
        )
        with gr.Row():
            since = gr.Textbox(label="报告日期从", info="这一天及以后的报告，如 2023-06。", max_length=10)
            until = gr.Textbox(label="到", info="这一天及以前的报告；留空不限。", max_length=10)
        passages = gr.Slider(
            4,
            MOST,
            USUAL,
            step=1,
            label="参考多少段",
            info="每个问题先读多少段原文再作答：多些更全，也更慢。",
            buttons=[],  # its hint is English, and “恢复默认” does the same
        )
        wrong = gr.HTML(elem_id="jd-wrong", js_on_load=None)
        reset = gr.Button("恢复默认", size="sm", elem_id="jd-reset")
        model_section(blocks, context, header)
    fields = ScopeFields(places, since, until, passages, line)
    _connect(blocks, context, fields, kept, wrong, reset)
    again: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    header.change(lambda: gr.Dropdown(choices=_places(context)), None, [places], **again)  # another index answers
    return fields


def _connect(
    blocks: gr.Blocks, context: Context, fields: ScopeFields, kept: gr.Textbox, wrong: gr.HTML, reset: gr.Button
) -> None:
    at_once: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

    def load(told: Any) -> list[Any]:
        known = _places(context)
        scope = _read(told)
        chosen = [place for place in scope.places if place in known]
        return [gr.Dropdown(choices=known, value=chosen), scope.since, scope.until, scope.passages or USUAL]

    def change(places: Any, since: Any, until: Any, passages: Any) -> list[Any]:
        scope = scope_of(places, since, until, passages)
        bad = [words for each in (since, until) if (words := str(each or "").strip()) and not is_date(words)]
        said = f'<p class="jd-notice" role="alert">{NO_DATE}</p>' if bad else ""
        return [page.scope(scope), said]

    loaded = blocks.load(load, [kept], fields.inputs(), js=_RECALL, **at_once)
    loaded.then(change, fields.inputs(), [fields.line, wrong], **at_once)
    for field in (fields.places, fields.since, fields.until, fields.passages):
        field.change(change, fields.inputs(), [fields.line, wrong], js=_KEEP, **at_once)
    reset.click(lambda: _usual(), None, fields.inputs(), **at_once)


def _read(told: Any) -> Scope:
    """The scope that the browser kept; the empty one for anything else."""
    try:
        values = json.loads(str(told or "[]"))
    except ValueError:
        values = []
    return scope_of(*values) if isinstance(values, list) and len(values) == 4 else Scope()


def _usual() -> list[Any]:
    return [[], "", "", USUAL]


def _places(context: Context) -> list[str]:
    try:
        return list(context.assistant.places)
    except JudianError:
        return []  # the header says what is wrong
