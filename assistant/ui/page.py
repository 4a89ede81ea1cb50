"""The parts of the window round the answers, as HTML: header, conversation, source panel."""

from __future__ import annotations

import re

from assistant import Answer, Assistant, Citation
from assistant.ui import render
from assistant.ui.render import text
from assistant.ui.talk import Turn, Turns

_AROUND = 400  # characters of a source shown on each side of a quote
_SEAL = (
    '<svg class="jd-seal" viewBox="0 0 40 40" aria-hidden="true">'
    '<rect x="1.5" y="1.5" width="37" height="37" rx="8"/>'
    '<path d="M11 13h6v7h-6zM23 13h6v7h-6zM17 20c0 4-2 6.5-5 7.5M29 20c0 4-2 6.5-5 7.5"/></svg>'
)


def header(assistant: Assistant) -> str:
    """Name, promise and state; a banner when the assistant says that it is degraded."""
    model = render.model(assistant.model_name)
    notice = f'<p class="jd-notice" role="status">{text(assistant.notice)}</p>' if assistant.notice else ""
    return (
        f'<div class="jd-header">{_SEAL}<div class="jd-name"><h1>据典</h1><p>句句有出处，数字都核对</p></div>'
        f'<ul class="jd-state"><li title="写回答的模型：{model}">{model}</li>'
        f"<li>{assistant.report_count} 份报告</li>"
        f'<li title="索引版本">索引 {text(assistant.index_version)}</li></ul></div>{notice}'
    )


def header_error(sentence: str) -> str:
    """The header when the index cannot be read."""
    notice = f'<p class="jd-notice" role="alert">{text(sentence)}</p>'
    return f'<div class="jd-header">{_SEAL}<div class="jd-name"><h1>据典</h1></div></div>{notice}'


def conversation(turns: Turns, examples: tuple[str, ...]) -> str:
    """All turns, or the welcome with its example questions."""
    if not turns:
        return _welcome(examples)
    return "".join(_turn(turn, place) for place, turn in enumerate(turns))


def _welcome(examples: tuple[str, ...]) -> str:
    chips = "".join(
        f'<li><button type="button" data-example="{place}">{text(example)}</button></li>'
        for place, example in enumerate(examples)
    )
    asked = f"<p>可以这样问：</p><ul>{chips}</ul>" if chips else ""
    return (
        f'<div class="jd-welcome">{_SEAL}<h2>向报告提问</h2>'
        "<p>回答只取自已收入的报告。点开<b>角标</b>可以对照原文，每个数字都标明是否核对过。</p>"
        f"{asked}</div>"
    )


def _turn(turn: Turn, place: int) -> str:
    question = f'<p class="jd-question">{text(turn.question)}</p>'
    return f'<section class="jd-turn">{question}{_reply(turn, place)}</section>'


def _reply(turn: Turn, place: int) -> str:
    if turn.answer is not None:
        return render.answer(turn.answer, turn=place)
    if turn.error:
        return f'<article class="jd-answer jd-error" role="alert">{text(turn.error)}</article>'
    if turn.stopped:
        return '<article class="jd-answer jd-stopped">已停止。没有核对完的草稿不保留。</article>'
    return ""


def panel_hint() -> str:
    """The source panel when no source is open: what the signs in an answer mean."""
    return (
        '<div class="jd-panel jd-blank"><p>点击回答里的角标，这里显示它在原文中的位置。</p>'
        '<dl class="jd-legend">'
        '<dt><span class="jd-chip">1</span></dt><dd>出处：停留看原句，点击看原文</dd>'
        '<dt><span class="jd-figure ok">8.6%</span></dt><dd>数字已与原文核对</dd>'
        '<dt><span class="jd-figure warn">3倍</span></dt><dd>原文里没有找到这个数字</dd></dl></div>'
    )


def panel_error(sentence: str) -> str:
    """The source panel when a source cannot be shown."""
    return f'<div class="jd-panel jd-blank"><p role="alert">{text(sentence)}</p></div>'


def panel(assistant: Assistant, turns: Turns, turn: int, n: int) -> str:
    """Citation `n` of the turn at place `turn`: where it stands in its source, the quote highlighted.

    The hint if there is no such citation. Raises JudianError if the source cannot be read.
    """
    reply = turns[turn].answer if 0 <= turn < len(turns) else None
    citation = next((each for each in reply.citations if each.n == n), None) if reply else None
    if reply is None or citation is None:
        return panel_hint()
    before, quote, after = assistant.context(citation, characters=_AROUND)
    note = ""
    if quote != citation.quote:  # a newer version of the index is in use
        before, quote, after = "", citation.quote, ""
        note = '<p class="jd-notice">这份报告在回答之后更新过，下面只有回答当时引用的原文。</p>'
    return (
        f'<div class="jd-panel" data-shown="{turn}:{n}">{_panel_head(reply, citation, turn)}{note}'
        f'<div class="jd-source">{"……" if len(before) == _AROUND else ""}{_source(before)}'
        f"<mark>{_source(quote)}</mark>{_source(after)}{'……' if len(after) == _AROUND else ''}</div></div>"
    )


def _panel_head(reply: Answer, citation: Citation, turn: int) -> str:
    numbers = [each.n for each in reply.citations]
    place = numbers.index(citation.n)
    where = [citation.date, f"第 {citation.page} 页" if citation.page else "", citation.source]
    return (
        '<header><nav><button type="button" class="jd-back" data-back>↑ 回到回答</button>'
        f"<span>出处 {citation.n}<small> / {len(numbers)}</small></span>"
        f"{_step('上一条', '‹', numbers[place - 1] if place else None, turn)}"
        f"{_step('下一条', '›', numbers[place + 1] if place + 1 < len(numbers) else None, turn)}</nav>"
        f"<h3>{text(citation.title or citation.source)}</h3>"
        f'<p class="jd-where">{text(" · ".join(part for part in where if part))}</p></header>'
    )


def _step(label: str, sign: str, n: int | None, turn: int) -> str:
    target = "disabled" if n is None else f'data-cite="{n}" data-turn="{turn}"'
    return f'<button type="button" class="jd-step" aria-label="{label}" title="{label}" {target}>{sign}</button>'


def _source(characters: str) -> str:
    """A source's own characters and line breaks; a blank line, which OCR leaves anywhere, is a small gap."""
    return '<i class="jd-gap"></i>'.join(text(part) for part in re.split(r"\n(?:[^\S\n]*\n)+", characters))
