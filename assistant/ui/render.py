"""Answers, drafts and sources as HTML.

HTML is made here and in `page` only. Everything that a report, a model or a user wrote passes `text`, so it
is shown as it stands: no markup, no Markdown, no LaTeX, no address that a browser would fetch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from assistant import Answer, Citation, Figure
from assistant.ui.talk import Draft

_MARK = re.compile(r"\[(\d+)\]")
_STATUS = {
    "answered": ("ok", "已核对", "每句话都有出处，数字都与原文核对过"),
    "partial": ("warn", "部分有据", "只有一部分能在报告里找到依据，或有数字未能核对"),
    "refused": ("none", "未找到依据", "报告里没有能回答这个问题的内容"),
}
_STAGES = {"rewrite": "理解", "retrieve": "检索", "evidence": "取证", "write": "撰写", "verify": "核对"}


def text(value: object) -> str:
    """`value` as characters that a browser shows and never interprets, in text and in attributes."""
    return escape(str(value), quote=True)


def one_line(value: str) -> str:
    """A quote for a tooltip: the source's line breaks stand inside Chinese words, so they leave no space."""
    return re.sub(r"\s*\n\s*", "", value).strip()


def chip(citation: Citation, *, turn: int) -> str:
    """A mark that opens its source; the quote shows on hover."""
    return (
        f'<span class="jd-chip" role="button" tabindex="0" data-cite="{citation.n}" data-turn="{turn}" '
        f'title="{text(one_line(citation.quote))}" aria-label="出处 {citation.n}">{citation.n}</span>'
    )


def draft(now: Draft) -> str:
    """The steps with the running one marked, the seconds, and the words so far."""
    names = list(_STAGES)
    current = names.index(now.stage) if now.stage in names else -1
    steps = "".join(f'<li class="{_step(place, current)}">{label}</li>' for place, label in enumerate(_STAGES.values()))
    waiting = "" if now.stage else '<span class="jd-wait">排队等候中……</span>'
    words = f'<div class="jd-draft">{text(now.text)}<i class="jd-caret"></i></div>' if now.text else ""
    return (
        f'<article class="jd-answer jd-live"><div class="jd-steps"><ol>{steps}</ol>{waiting}'
        f"<time>{now.seconds:.1f} 秒</time></div>{words}</article>"
    )


def _step(place: int, current: int) -> str:
    return "done" if place < current else "now" if place == current else "todo"


def answer(value: Answer, *, turn: int) -> str:
    """A finished answer: status, the text with marks and figures, the sources, the model and the seconds."""
    tone, label, hint = _STATUS[value.status]
    meant = ""
    if value.standalone_question and value.standalone_question != value.question:
        meant = f'<p class="jd-meant">理解为：{text(value.standalone_question)}</p>'
    return (
        f'<article class="jd-answer"><header><span class="jd-badge {tone}" title="{hint}">{label}</span>'
        f"{_tally(value.figures)}</header>{meant}"
        f'<div class="jd-text">{body(value, turn=turn)}</div>'
        f"{_sources(value, turn)}{_footer(value)}</article>"
    )


def body(value: Answer, *, turn: int) -> str:
    """The answer's text with marks as chips and figures underlined by whether they were verified."""
    pieces = sorted([*_mark_pieces(value, turn), *_figure_pieces(value, turn)])
    parts, at = [], 0
    for start, end, markup in pieces:
        parts += [text(value.answer[at:start]), markup]
        at = end
    return "".join([*parts, text(value.answer[at:])])


def _mark_pieces(value: Answer, turn: int) -> Iterator[tuple[int, int, str]]:
    known = {citation.n: citation for citation in value.citations}
    for match in _MARK.finditer(value.answer):
        if citation := known.get(int(match[1])):
            yield *match.span(), chip(citation, turn=turn)


def _figure_pieces(value: Answer, turn: int) -> list[tuple[int, int, str]]:
    """Figures in the order of the answer; a figure is looked for after the one before it, then anywhere."""
    taken = [match.span() for match in _MARK.finditer(value.answer)]
    known = {citation.n for citation in value.citations}
    pieces: list[tuple[int, int, str]] = []
    after = 0
    for figure in value.figures:
        span = _place(value.answer, figure.text, after, taken) or _place(value.answer, figure.text, 0, taken)
        if span is None:
            continue
        taken.append(span)
        after = span[1]
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


def _figure(figure: Figure, turn: int, *, linked: bool) -> str:
    tone, hint = ("ok", "已与原文核对") if figure.verified else ("warn", "未核对：引用的原文里没有找到这个数字")
    link = ""
    if linked:
        hint += f"（出处 {figure.citation}）" if figure.verified else ""
        link = f' role="button" tabindex="0" data-cite="{figure.citation}" data-turn="{turn}"'
    return f'<span class="jd-figure {tone}" title="{hint}"{link}>{text(figure.text)}</span>'


def _tally(figures: tuple[Figure, ...]) -> str:
    if not figures:
        return ""
    good = sum(figure.verified for figure in figures)
    tone = "ok" if good == len(figures) else "warn"
    return f'<span class="jd-tally {tone}">数字 {good}/{len(figures)} 已与原文核对</span>'


def _sources(value: Answer, turn: int) -> str:
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


def _footer(value: Answer) -> str:
    total, first = value.seconds.get("total"), value.seconds.get("first_token")
    parts = [model(value.model)]
    parts += [f"首字 {first:.1f} 秒"] if first else []
    parts += [f"共 {total:.1f} 秒"] if total is not None else []
    facts = " · ".join(part for part in parts if part)
    return f'<footer><span>{facts}</span><button type="button" class="jd-copy" data-copy>复制</button></footer>'
