"""On the page 设置: which model writes the answers, for all who use this server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant import JudianError, ModelChoice, is_loopback
from assistant.ui import page, render
from assistant.ui.context import Context
from assistant.ui.reports_html import said
from assistant.ui.text import text

Update = dict[Any, Any]
_KINDS = [("内置模型", "embedded"), ("接口上的模型", "endpoint"), ("不用模型", "none")]
_ABOUT = (
    "内置模型在本机运行，不连外网；接口上的模型一般更好，问题和选出的原文会发给它；不用模型最快，只摘引原文。"
    "所有窗口一起换，从下一个问题起用。"
)
_SHARED = "这里有登录用户，而用户之间没有管理员之分，所以不能在窗口里换模型：请管服务器的人在启动前改设置 JUDIAN_LLM。"
_PINNED = "启动时用 JUDIAN_LLM 指定了模型：在这里换的只用到下次启动。"


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the section; `header` is that of the window."""

    note: gr.HTML
    form: gr.Column
    kind: gr.Radio
    endpoint: gr.Column
    address: gr.Textbox
    name: gr.Textbox
    key: gr.Textbox
    said: gr.HTML
    facts: gr.HTML
    header: gr.HTML


def model_section(blocks: gr.Blocks, context: Context, header: gr.HTML) -> None:
    """Lays the section out in the open page and connects it."""
    still: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    gr.HTML('<h3 class="jd-rtitle">模型</h3>', **still)
    note = gr.HTML(elem_id="jd-mnote", **still)
    with gr.Column(elem_id="jd-mform", visible=False) as form:
        kind = gr.Radio(_KINDS, label="写回答的模型", info=_ABOUT, elem_id="jd-mkind")
        with gr.Column(visible=False, elem_id="jd-mendpoint") as endpoint:
            address = _box(
                "jd-maddress", "地址", "OpenAI 兼容接口的地址，多以 /v1 结尾，如 http://127.0.0.1:11434/v1。"
            )
            name = _box("jd-mname", "模型名", "接口上的模型名，如 qwen-plus。")
            key = _box(
                "jd-mkey",
                "密钥",
                "存在服务器上，只有运行据典的用户能读，不再显示；不需要密钥，或地址没变、仍用原来的，就留空。",
                type="password",
            )
        use = gr.Button("试一试，能用就换", variant="primary", size="sm", elem_id="jd-muse")
        told = gr.HTML(elem_id="jd-msaid", **still)
    facts = gr.HTML(elem_id="jd-mfacts", **still)
    parts = Parts(note, form, kind, endpoint, address, name, key, told, facts, header)
    _connect(blocks, parts, use, _Section(context, parts))


def _box(id: str, label: str, info: str, **more: Any) -> gr.Textbox:
    plain = gr.InputHTMLAttributes(autocomplete="off", autocapitalize="off", spellcheck=False)
    return gr.Textbox(elem_id=id, label=label, info=info, max_length=500, max_lines=1, html_attributes=plain, **more)


def _connect(blocks: gr.Blocks, parts: Parts, use: gr.Button, section: _Section) -> None:
    p = parts
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    shown = [p.note, p.form, p.kind, p.endpoint, p.address, p.name, p.key, p.facts]
    blocks.load(section.load, None, shown, **quiet)
    p.header.change(section.facts, None, [p.facts], **quiet)  # another tab may have changed the model
    p.kind.change(lambda kind: gr.Column(visible=kind == "endpoint"), [p.kind], [p.endpoint], **quiet)
    asked = use.click(_waiting, [p.kind], [use, p.said], **quiet)
    tried = asked.then(section.choose, [p.kind, p.address, p.name, p.key], [p.said, p.key, p.facts, p.header], **quiet)
    tried.then(lambda: gr.Button(interactive=True), None, [use], **quiet)


_WAIT = '<ul class="jd-rsaid" role="status"><li>正在试……{}</li></ul>'


def _waiting(kind: Any) -> list[Any]:
    return [gr.Button(interactive=False), _WAIT.format("载入内置模型要十来秒。" if kind == "embedded" else "")]


class _Section:
    """What each event changes, over the assistant."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._assistant = context.assistant
        self._parts = parts

    def load(self, request: gr.Request) -> Update:
        """The choice as it stands; no way to change it for those who may not."""
        p, now = self._parts, self._assistant.model_choice
        note = _PINNED if self._assistant.model_pinned else ""
        shown = {p.note: _note(note if self._may(request) else _SHARED), p.facts: self.facts()}
        if not self._may(request):
            return shown | {p.form: gr.Column(visible=False)}
        return shown | {
            p.form: gr.Column(visible=True),
            p.kind: now.kind,
            p.endpoint: gr.Column(visible=now.kind == "endpoint"),
            p.address: now.address,
            p.name: now.name,
            p.key: "",
        }

    def choose(self, kind: Any, address: Any, name: Any, key: Any, request: gr.Request) -> Update:
        """Change the model where it can answer; the box of the key is empty in any case after it was used."""
        p = self._parts
        if not self._may(request):
            return {p.said: said([(False, _SHARED)]), p.key: ""}
        if kind not in [value for _, value in _KINDS]:
            return {p.said: said([(False, "没有选模型：请先选一个。")])}
        words = [each if isinstance(each, str) else "" for each in (name, address, key)]
        try:
            self._assistant.choose_model(ModelChoice(kind, *words))
        except JudianError as error:
            return {p.said: said([(False, f"{error}仍用原来的模型。")])}
        good = "已换好，从下一个问题起用它。" if kind != "none" else "已换好，从下一个问题起只摘引原文。"
        header = page.header(self._assistant, self._context.who(request))
        return {p.said: said([(True, good)]), p.key: "", p.facts: self.facts(), p.header: header}

    def facts(self) -> str:
        """What answers now, and by what vectors."""
        now, vectors = self._assistant.model_choice, self._assistant.settings.embedding
        vectors = "自带的 multilingual-e5-small" if vectors == "bundled" else vectors
        where = {
            "embedded": "在本机运行，不连外网。",
            "none": "不用语言模型，只摘引原文。",
            "endpoint": f"接口 {text(now.address)}。",
        }[now.kind]
        return (
            f'<dl class="jd-facts"><dt>正在用</dt><dd>{render.model(self._assistant.model_name)}'
            f"<small>{where}</small></dd>"
            f"<dt>向量</dt><dd>{text(vectors)}<small>把段落变成可比较的数；在启动前改设置 JUDIAN_EMBEDDING，"
            "换了要重建索引。</small></dd></dl>"
        )

    def _may(self, request: gr.Request) -> bool:
        """Only who sits at this machine and needs no login: accounts know no administrator."""
        client = getattr(request.client, "host", "") or ""
        return not self._context.who(request) and is_loopback(client)


def _note(words: str) -> str:
    return f'<p class="jd-rnote">{text(words)}</p>' if words else ""
