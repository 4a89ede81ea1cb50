"""Which words of a sentence belong to one of its figures: its clause, its period, what it counts."""

from __future__ import annotations

import re

from assistant.align import content
from assistant.figures import FoundFigure, find_figures
from assistant.periods import Period, find_periods
from index import find_places

CLAUSE = re.compile(r"[，,。；;：:！？!?\n]")
PIECE = re.compile(r"[，,。；;：:！？!?\n、（）()]")
_ABOVE_SCALE = re.compile("规模以上|规上")
_COMPARED = re.compile(r"(?:比|较|相比|是|与)$")


def governing(periods: tuple[Period, ...], text: str, figure: FoundFigure) -> Period | None:
    """The period of a figure: in its clause the last before or the first after it, else the last before."""
    fit = [p for p in periods if not _COMPARED.search(text[max(0, p.start - 2) : p.start])]
    begin, end = bounds(text, figure, CLAUSE)
    before = [p for p in fit if p.end <= figure.start]
    near = [p for p in before if p.start >= begin]
    after = [p for p in fit if figure.end <= p.start < end]
    fitting = near[-1:] or after[:1] or before[-1:]
    return fitting[0] if fitting else None


def local_words(text: str, figure: FoundFigure) -> str:
    """The words that say what a figure counts: those next to it, or, where there are none, those before."""
    others = [f for f in find_figures(text) if f.kind not in ("year", "date", "code")]
    left = max([f.end for f in others if f.end <= figure.start], default=0)
    right = min([f.start for f in others if f.start >= figure.end], default=len(text))
    begin, end = bounds(text, figure, PIECE)
    before, after = text[max(left, begin) : figure.start], text[figure.end : min(right, end)]
    near = f"{without_subject(before)}，{without_subject(after)}"
    return near if any(w == 1.0 for w in content(near).values()) else without_subject(text[left : figure.start])


def of_other_scale(wanted: str, text: str, figure: FoundFigure) -> bool:
    """True if `wanted` and the figure differ in being of enterprises above scale (规上) only, and another figure of
    that unit in the sentence does not: 工业总产值997.8亿元，其中规上757.8亿元.
    """
    above = bool(_ABOVE_SCALE.search(wanted))
    if above == bool(_ABOVE_SCALE.search(local_words(text, figure))):
        return False
    others = (f for f in find_figures(text) if f.unit == figure.unit and f.start != figure.start)
    return any(above == bool(_ABOVE_SCALE.search(local_words(text, other))) for other in others)


_STRETCH = re.compile("(?<!不[含算要是计])(?:力争|冲刺|争取)")
_LEAST = re.compile("初步|基本|保底|起码|至少|最低|不[含算要是计](?:力争|冲刺)")


def of_other_aim(wanted: str, text: str, figure: FoundFigure) -> bool:
    """True if of 达35亿元，力争突破50亿元 the other figure is that which `wanted` speaks of (力争目标, 初步目标)."""
    stretch = bool(_STRETCH.search(wanted))
    if stretch == bool(_LEAST.search(wanted)) or stretch == _stretches(text, figure):
        return False
    rivals = (
        f for f in find_figures(text) if f.start != figure.start and (f.unit == figure.unit or f.text[-1] == "亿")
    )
    return any(_stretches(text, rival) == stretch for rival in rivals)


def _stretches(text: str, figure: FoundFigure) -> bool:
    return bool(_STRETCH.search(CLAUSE.split(text[: figure.start])[-1][-14:] + figure.qualifier))


def without_subject(text: str) -> str:
    """`text` without places and periods, which are compared by themselves."""
    spans = [(p.start, p.end) for p in find_places(text)] + [(p.start, p.end) for p in find_periods(text)]
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + "，" + text[end:]
    return text


def bounds(text: str, figure: FoundFigure, border: re.Pattern[str]) -> tuple[int, int]:
    """Where the clause of a figure begins and ends."""
    begin = max((m.end() for m in border.finditer(text, 0, figure.start)), default=0)
    after = border.search(text, figure.end)
    return begin, after.start() if after else len(text)
