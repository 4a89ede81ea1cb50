"""The page 设置: where to look and how much to read; the other pages ask it for the scope of a question."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant import JudianError, Scope
from assistant.ui import page, render
from assistant.ui.context import Context
from assistant.ui.text import text

USUAL = 12  # passages read for a question
# Storage may be switched off in a browser.
_RECALL = "() => { try { return [localStorage.getItem('judian-scope')] } catch { return [null] } }"
_KEEP = "(...all) => { try { localStorage.setItem('judian-scope', JSON.stringify(all)) } catch {} return all }"
_DATE = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_NO_DATE = "日期写成 2023、2023-06 或 2023-06-30：请改成其中一种，或留空。"


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


def scope_of(places: Any, since: Any, until: Any, passages: Any) -> Scope:
    """The scope that the fields tell; what is no place or no date counts as empty, for a page may send anything."""
    names = [place for place in places if isinstance(place, str)] if isinstance(places, list) else []
    count = int(passages) if isinstance(passages, int | float) else USUAL
    return Scope(tuple(names[:50]), _date(since), _date(until), 0 if count == USUAL else max(1, min(40, count)))


def _date(value: Any) -> str:
    words = str(value or "").strip()
    return words if _DATE.fullmatch(words) else ""


def settings_page(blocks: gr.Blocks, context: Context, line: gr.HTML) -> ScopeFields:
    """Lays the page out in the open tab and connects it; the values are kept in the browser."""
    kept = gr.Textbox(visible=False)
    with gr.Column(elem_classes="jd-page jd-settings"):
        gr.HTML("<h2>设置</h2><p>只影响这个浏览器里之后提的问题。</p>", js_on_load=None)
        places = gr.Dropdown(
            [],
            multiselect=True,
            label="地方",
            info="只在谈到这些地方的报告段落里找；不选就是全部。",
            elem_id="jd-places",
        )
        with gr.Row():
            since = gr.Textbox(label="报告日期从", info="只找这一天及以后的报告，如 2023 或 2023-06。", max_length=10)
            until = gr.Textbox(label="到", info="只找这一天及以前的报告；留空不限。", max_length=10)
        passages = gr.Slider(
            4, 40, USUAL, step=1, label="参考多少段", info="每个问题先读多少段原文再作答：多些更全，也更慢。"
        )
        wrong = gr.HTML(elem_id="jd-wrong", js_on_load=None)
        reset = gr.Button("恢复默认", size="sm", elem_id="jd-reset")
        gr.HTML(_model(context), js_on_load=None)
    fields = ScopeFields(places, since, until, passages, line)
    _connect(blocks, context, fields, kept, wrong, reset)
    return fields


def _connect(
    blocks: gr.Blocks, context: Context, fields: ScopeFields, kept: gr.Textbox, wrong: gr.HTML, reset: gr.Button
) -> None:
    at_once: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}

    def load(told: Any) -> list[Any]:
        try:
            known = list(context.assistant.places)
        except JudianError:
            known = []  # the header says what is wrong
        scope = _read(told)
        chosen = [place for place in scope.places if place in known]
        return [gr.Dropdown(choices=known, value=chosen), scope.since, scope.until, scope.passages or USUAL]

    def change(places: Any, since: Any, until: Any, passages: Any) -> list[Any]:
        scope = scope_of(places, since, until, passages)
        bad = [words for words in (since, until) if str(words or "").strip() and not _date(words)]
        said = f'<p class="jd-notice" role="alert">{_NO_DATE}</p>' if bad else ""
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


def _model(context: Context) -> str:
    settings = context.assistant.settings
    name = render.model(context.assistant.model_name)
    where = f"接口 {text(settings.llm_base_url)}" if settings.llm_base_url else "在本机运行，不连外网"
    if settings.llm == "none":
        where = "不用语言模型，只摘引原文"
    return (
        f'<dl class="jd-facts"><dt>模型</dt><dd>{name}<small>{where}。'
        "要换模型，请在启动前改设置 JUDIAN_LLM。</small></dd>"
        f"<dt>向量</dt><dd>{text(settings.embedding)}<small>换了要重建索引。</small></dd></dl>"
    )
