"""The source beside the chat, as HTML: the quote in its text or on its page."""

from __future__ import annotations

import base64
import re

from assistant import Answer, Assistant, Citation, PageImage, Turn
from assistant.ui.text import text

_AROUND = 400  # characters of a source shown on each side of a quote


def hint() -> str:
    """When no source is open: what the signs in an answer mean."""
    return (
        '<div class="jd-panel jd-blank"><p>点击回答里的角标，这里显示它在原文中的位置。</p>'
        '<dl class="jd-legend">'
        '<dt><span class="jd-chip">1</span></dt><dd>出处：停留看原句，点击看原文</dd>'
        '<dt><span class="jd-figure ok">8.6%</span></dt><dd>数字已与原文核对</dd>'
        '<dt><span class="jd-figure sum">3倍</span></dt><dd>由程序用核对过的数字算出</dd>'
        '<dt><span class="jd-figure warn">70%</span></dt><dd>原文里没有找到这个数字</dd></dl></div>'
    )


def error(sentence: str) -> str:
    """When a source cannot be shown."""
    return f'<div class="jd-panel jd-blank"><p role="alert">{text(sentence)}</p></div>'


def cited(assistant: Assistant, turn: Turn | None, n: int) -> str:
    """Citation `n` of a turn: where it stands in its source. The hint if there is none; raises JudianError."""
    reply = turn.answer if turn else None
    citation = next((each for each in reply.citations if each.n == n), None) if reply else None
    if turn is None or reply is None or citation is None:
        return hint()
    numbers = [each.n for each in reply.citations]
    place = numbers.index(n)
    steps = _step("上一条", "‹", turn.key, "cite", numbers[place - 1] if place else None)
    steps += _step("下一条", "›", turn.key, "cite", numbers[place + 1] if place + 1 < len(numbers) else None)
    title = f"<span>出处 {n}<small> / {len(numbers)}</small></span>"
    return _panel(assistant, reply, citation, title + steps, shown=f"{turn.key}:{n}")


def nearest(assistant: Assistant, turn: Turn | None, place: int) -> str:
    """The passage at `place` among those retrieved for a turn. The hint if there is none; raises JudianError."""
    reply = turn.answer if turn else None
    if turn is None or reply is None or not 0 <= place < len(reply.retrieved):
        return hint()
    passage = reply.retrieved[place].passage
    _, quote, _ = assistant.context(
        Citation(0, passage.source, "", "", None, passage.start, passage.end, ""), version=reply.index_version
    )
    citation = Citation(0, passage.source, passage.title, passage.date, passage.page, passage.start, passage.end, quote)
    return _panel(assistant, reply, citation, "<span>最接近的段落</span>", shown="")


def _panel(assistant: Assistant, reply: Answer, citation: Citation, head: str, *, shown: str) -> str:
    before, quote, after = assistant.context(citation, version=reply.index_version, characters=_AROUND)
    image = assistant.page_image(citation, version=reply.index_version)
    note = ""
    if quote != citation.quote:  # that version of the index is gone
        before, quote, after, image = "", citation.quote, "", None
        note = '<p class="jd-notice">这份报告在回答之后更新过，下面只有回答当时引用的原文。</p>'
    where = [citation.date, f"第 {citation.page} 页" if citation.page else "", citation.source]
    words = (
        f'<div class="jd-words">{"……" if len(before) == _AROUND else ""}{_source(before)}'
        f"<mark>{_source(quote)}</mark>{_source(after)}{'……' if len(after) == _AROUND else ''}</div>"
    )
    if image is not None:
        words = f'{_page(image)}<details class="jd-plain"><summary>这一处的文字</summary>{words}</details>'
    return (
        f'<div class="jd-panel" data-shown="{text(shown)}"><header><nav>'
        f'<button type="button" class="jd-back" data-back>‹ 回到回答</button>{head}</nav>'
        f"<h3>{text(citation.title or citation.source)}</h3>"
        f'<p class="jd-where">{text(" · ".join(part for part in where if part))}</p></header>{note}'
        f'<div class="jd-source" tabindex="0">{words}</div></div>'
    )


def _page(image: PageImage) -> str:
    boxes = "".join(
        f'<i style="left:{left:.2%};top:{top:.2%};width:{right - left:.2%};height:{bottom - top:.2%}"></i>'
        for left, top, right, bottom in image.boxes
    )
    data = base64.b64encode(image.jpeg).decode()
    return (
        f'<div class="jd-sheet" role="button" tabindex="0" data-zoom title="点击放大或缩小" '
        f'aria-label="第 {image.page} 页，点击放大或缩小"><img alt="第 {image.page} 页" width="{image.width}" '
        f'height="{image.height}" src="data:image/jpeg;base64,{data}">{boxes}</div>'
    )


def _step(label: str, sign: str, turn: str, kind: str, n: int | None) -> str:
    target = "disabled" if n is None else f'data-{kind}="{n}" data-turn="{turn}"'
    return f'<button type="button" class="jd-step" aria-label="{label}" title="{label}" {target}>{sign}</button>'


def _source(characters: str) -> str:
    """A source's own characters and line breaks; a blank line, which OCR leaves anywhere, is a small gap."""
    return '<i class="jd-gap"></i>'.join(text(part) for part in re.split(r"\n(?:[^\S\n]*\n)+", characters))
