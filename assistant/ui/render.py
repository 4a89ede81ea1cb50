"""Answers as HTML.

Everything that a report, a model or a user wrote passes `text`, so it is shown as it stands: no markup, no Markdown,
no LaTeX, no address that a browser would fetch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant import CITATION_MARK, Answer, Citation, Figure, Hit, answer_text, comparison_of
from assistant.ui import tables
from assistant.ui.text import text

_STATUS = {
    "answered": ("ok", "已核对", "每句话都有出处，数字都与原文核对过"),
    "partial": ("warn", "部分有据", "只有一部分能在报告里找到依据，或有数字未能核对"),
    "refused": ("none", "未找到依据", "报告里没有能回答这个问题的内容"),
}
_COMPUTED = "计算得出：由程序用本句所引的数字算出，原文里没有这个数"
_THUMB = (
    '<svg viewBox="0 0 24 24" aria-hidden="true"{}><path d="M7 11v9H4v-9zM7 11l4-7c1.5 0 2.5 1 2.3 2.6L13 10h5.2'
    'c1.2 0 2 1.1 1.7 2.2l-1.6 6.2c-.3 1-1.1 1.6-2.1 1.6H7"/></svg>'
)
_UP, _DOWN = _THUMB.format(""), _THUMB.format(' class="jd-flip"')
_NEAREST = 3  # passages shown with a refusal


def one_line(value: str) -> str:
    """A quote for a tooltip: the source's line breaks stand inside Chinese words, so they leave no space."""
    return re.sub(r"\s*\n\s*", "", value).strip()


def chip(citation: Citation, *, turn: str) -> str:
    """A mark that opens its source; the quote shows on hover and on focus (see chat.js)."""
    return (
        f'<span class="jd-chip" role="button" tabindex="0" data-cite="{citation.n}" data-turn="{turn}" '
        f'data-quote="{text(one_line(citation.quote))}" aria-label="出处 {citation.n}">{citation.n}</span>'
    )


def answer(value: Answer, *, turn: str, vote: str = "") -> str:
    """A finished answer: status, the text with marks and figures, a table, the sources, the model and the seconds."""
    tone, label, hint = _STATUS[value.status]
    meant = ""
    if value.standalone_question and value.standalone_question != value.question:
        meant = f'<p class="jd-meant">理解为：{text(value.standalone_question)}</p>'
    compared = comparison_of(value)
    table = tables.comparison(compared, chips={c.n: chip(c, turn=turn) for c in value.citations}) if compared else ""
    return (
        f'<article class="jd-answer"><header><span class="jd-badge {tone}" title="{hint}">{label}</span>'
        f"{_tally(value)}</header>{meant}"
        f'<div class="jd-text">{body(value, turn=turn)}</div>{table}'
        f"{_sources(value, turn)}{_nearest(value, turn)}{_footer(value, turn, vote)}</article>"
    )


def body(value: Answer, *, turn: str) -> str:
    """The answer's text with marks as chips and figures underlined by whether they were verified."""
    pieces = sorted([*_mark_pieces(value, turn), *_figure_pieces(value, turn)])
    parts, at = [], 0
    for start, end, markup in pieces:
        parts += [text(value.answer[at:start]), markup]
        at = end
    return "".join([*parts, text(value.answer[at:])])


def _mark_pieces(value: Answer, turn: str) -> Iterator[tuple[int, int, str]]:
    known = {citation.n: citation for citation in value.citations}
    for match in CITATION_MARK.finditer(value.answer):
        if citation := known.get(int(match[1])):
            yield *match.span(), chip(citation, turn=turn)


def _figure_pieces(value: Answer, turn: str) -> list[tuple[int, int, str]]:
    """Figures in the order of the answer; a figure is looked for after the one before it, then anywhere."""
    taken = [match.span() for match in CITATION_MARK.finditer(value.answer)]
    known = {citation.n for citation in value.citations}
    pieces: list[tuple[int, int, str]] = []
    after = 0
    for figure in value.figures:
        span = _place(value.answer, figure.text, after, taken) or _place(value.answer, figure.text, 0, taken)
        if span is None:
            continue
        taken.append(span)
        after = span[1]
        if figure.computed:
            pieces.append((*span, f'<span class="jd-figure sum" title="{_COMPUTED}">{text(figure.text)}</span>'))
            continue
        pieces.append((*span, _figure(figure, turn, linked=figure.citation in known)))
    return pieces


def _place(answer_text: str, figure: str, after: int, taken: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Where `figure` stands whole (not inside a longer number) and free; None if nowhere."""
    if not figure:
        return None
    before, behind = (r"(?<![\d.])" if figure[0].isdigit() else "", r"(?!\d)" if figure[-1].isdigit() else "")
    for match in re.compile(before + re.escape(figure) + behind).finditer(answer_text, after):
        if all(match.end() <= start or end <= match.start() for start, end in taken):
            return match.span()
    return None


def _figure(figure: Figure, turn: str, *, linked: bool) -> str:
    tone, hint = ("ok", "已与原文核对") if figure.verified else ("warn", "未核对：引用的原文里没有找到这个数字")
    link = ""
    if linked:
        hint += f"（出处 {figure.citation}）" if figure.verified else ""
        link = f' role="button" tabindex="0" data-cite="{figure.citation}" data-turn="{turn}"'
    return f'<span class="jd-figure {tone}" title="{hint}"{link}>{text(figure.text)}</span>'


def _tally(value: Answer) -> str:
    results = sum(figure.computed for figure in value.figures)
    stated = len(value.figures) - results
    good = sum(figure.verified for figure in value.figures)
    said = [f"数字 {good}/{stated} 已与原文核对"] if stated else []
    said += [f"{results} 个由程序计算得出"] if results else []
    tone = "ok" if good == stated else "warn"
    return f'<span class="jd-tally {tone}">{"，".join(said)}</span>' if said else ""


def _nearest(value: Answer, turn: str) -> str:
    """The passages nearest to a question that was refused; each opens in its source."""
    if value.status != "refused" or not value.retrieved:
        return ""
    rows = "".join(_near(hit, place, turn) for place, hit in enumerate(value.retrieved[:_NEAREST]))
    return f'<section class="jd-sources jd-nearest"><h4>报告里最接近的段落</h4><ol>{rows}</ol></section>'


def _near(hit: Hit, place: int, turn: str) -> str:
    passage = hit.passage
    words = one_line(passage.text)
    where = " · ".join(part for part in (passage.date, passage.source) if part)
    return (
        f'<li><button type="button" data-near="{place}" data-turn="{turn}">'
        f'<span class="jd-title">{text(passage.title or passage.source)}</span>'
        f'<span class="jd-where">{text(where)}</span>'
        f'<span class="jd-excerpt">{text(words[:90] + ("……" if len(words) > 90 else ""))}</span></button></li>'
    )


def _sources(value: Answer, turn: str) -> str:
    """The sources, each once, with the marks that lead to it."""
    grouped: dict[tuple[str, str, str], list[Citation]] = {}
    for citation in value.citations:
        grouped.setdefault((citation.source, citation.title, citation.date), []).append(citation)
    if not grouped:
        return ""
    rows = "".join(
        f"<li>{''.join(chip(citation, turn=turn) for citation in citations)}"
        f'<span class="jd-title">{text(title or source)}</span>'
        f'<span class="jd-where">{text(" · ".join(part for part in (date, source) if part))}</span></li>'
        for (source, title, date), citations in grouped.items()
    )
    return f'<section class="jd-sources"><h4>出处</h4><ol>{rows}</ol></section>'


def model(name: str) -> str:
    """A model's name; without one, what the assistant does instead."""
    return text("只摘引原文" if name == "none" else name)


def _footer(value: Answer, turn: str, vote: str) -> str:
    total, first = value.seconds.get("total"), value.seconds.get("first_token")
    parts = [model(value.model)]
    if first and (total is None or total - first >= 0.1):  # else it came in one piece
        parts.append(f"首字 {first:.1f} 秒")
    parts += [f"共 {total:.1f} 秒"] if total is not None else []
    facts = " · ".join(f"<span>{part}</span>" for part in parts if part)
    votes = "".join(
        f'<button type="button" data-vote="{name}" data-turn="{turn}" aria-pressed="{str(vote == name).lower()}" '
        f'title="{label}" aria-label="{label}">{sign}</button>'
        for name, label, sign in (("up", "回答得好", _UP), ("down", "回答有问题", _DOWN))
    )
    copied = f'<button type="button" class="jd-copy" data-copy="{text(answer_text(value))}">复制</button>'
    return f'<footer><span>{facts}</span><div class="jd-acts">{votes}{copied}</div></footer>'
