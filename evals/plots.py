"""Plots as inline SVG; the page's style sheet colours them, so that they follow light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.markup import Html, tag

WIDTH = 760
_ROW = 30
_LABEL = 104


@dataclass(frozen=True, slots=True)
class Bar:
    """A share (0 to 1) of `cases` questions with its 95 % interval, and what it was before (None: unknown)."""

    label: str
    value: float
    interval: tuple[float, float]
    cases: int
    before: float | None


def _svg(height: float, *children: str, title: str) -> Html:
    return tag(
        "svg", tag("title", title), *children, viewBox=f"0 0 {WIDTH} {height:g}", role="img", aria_label=title,
        class_="plot",
    )  # fmt: skip


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Html:
    return tag("line", x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}", class_=kind)


def _rect(x: float, y: float, width: float, height: float, kind: str, title: str = "") -> Html:
    box = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{max(width, 0):.1f}", "height": f"{height:.1f}"}
    return tag("rect", *([tag("title", title)] if title else []), **box, rx=2, class_=kind)


def _text(x: float, y: float, words: str, kind: str = "label", anchor: str = "start") -> Html:
    return tag("text", words, x=f"{x:.1f}", y=f"{y:.1f}", class_=kind, text_anchor=anchor)


def bars(rows: Sequence[Bar], *, title: str) -> Html:
    """A horizontal bar a row, with its interval as a whisker and the earlier value as a tick."""
    left, right = _LABEL, WIDTH - 150
    scale, bottom = right - left, len(rows) * _ROW + 6
    parts = []
    for percent in (0, 25, 50, 75, 100):
        x = left + scale * percent / 100
        parts += [_line(x, 2, x, bottom, "grid"), _text(x, bottom + 16, f"{percent}%", "tick", "middle")]
    for n, row in enumerate(rows):
        y = n * _ROW + 6
        low, high = (left + scale * end for end in row.interval)
        parts += [
            _text(left - 10, y + 15, row.label, "label", "end"),
            _rect(left, y, scale * row.value, 20, "bar", f"{row.label}：{row.value:.1%}，{row.cases} 题"),
            _line(low, y + 10, high, y + 10, "whisker"),
            *(_line(end, y + 6, end, y + 14, "whisker") for end in (low, high)),
            _text(right + 14, y + 15, f"{row.value:.0%}", "value"),
            _text(WIDTH - 6, y + 15, f"{row.cases} 题", "tick", "end"),
        ]
        if row.before is not None:
            x = left + scale * row.before
            parts.append(_line(x, y - 2, x, y + 22, "before"))
    return _svg(bottom + 24, *parts, title=title)


def stacked(rows: Mapping[str, Mapping[str, int]], kinds: Mapping[str, str], *, title: str) -> Html:
    """A bar a row, made of counts by kind (key -> Chinese name); the longest row fills the width."""
    left, scale_to = _LABEL, WIDTH - 60
    most = max((sum(counts.values()) for counts in rows.values()), default=0) or 1
    parts = []
    for n, (label, counts) in enumerate(rows.items()):
        y, x = n * _ROW + 4, float(left)
        parts.append(_text(left - 10, y + 15, label, "label", "end"))
        for kind, name in kinds.items():
            width = (scale_to - left) * counts.get(kind, 0) / most
            if width:
                parts.append(_rect(x, y, width - 1, 20, f"kind {kind}", f"{label}，{name}：{counts[kind]} 题"))
                if width > 14:
                    parts.append(_text(x + width / 2, y + 15, str(counts[kind]), "on", "middle"))
            x += width
        parts.append(_text(x + 8, y + 15, str(sum(counts.values())), "value"))
    return _svg(len(rows) * _ROW + 8, *parts, title=title)


def histogram(seconds: Sequence[float], *, title: str) -> Html:
    """How many answers took how long, with lines at p50 and p95; the last bar holds the few that took far longer."""
    left, top, height = 40, 40, 150
    longest = max(seconds)
    limit = min(longest, 3 * float(np.percentile(seconds, 95))) or 1.0
    bins = min(30, max(8, len(seconds) // 4))
    counts, edges = np.histogram(np.minimum(seconds, limit), bins=bins, range=(0, limit))
    scale, step = (WIDTH - left - 16) / limit, height / max(counts.max(), 1)
    parts = [_line(left, top + height, WIDTH - 16, top + height, "axis")]
    for count, begin, end in zip(counts, edges[:-1], edges[1:], strict=True):
        told = f"{begin:.2f}–{longest if end == edges[-1] else end:.2f} 秒：{count} 题"
        x, tall = left + begin * scale, count * step
        parts.append(_rect(x + 0.5, top + height - tall, (end - begin) * scale - 1, tall, "bar", told))
    for part, anchor in enumerate(("start", "middle", "middle", "middle", "end")):
        at = limit * part / 4
        name = f"{at:.3g} 秒" + ("以上" if part == 4 and longest > limit else "")
        parts.append(_text(left + at * scale, top + height + 18, name, "tick", anchor))
    for row, (name, at) in enumerate(_marks(seconds)):
        x, y = left + at * scale, top - 24 + 14 * row
        parts.append(_line(x, y - 8, x, top + height, "before"))
        last = x > WIDTH - 160
        parts.append(_text(x - 5 if last else x + 5, y, name, "tick", "end" if last else "start"))
    parts.append(_text(left - 6, top + 8, str(counts.max()), "tick", "end"))
    return _svg(top + height + 28, *parts, title=title)


def _marks(seconds: Sequence[float]) -> list[tuple[str, float]]:
    middle, late = (float(np.percentile(seconds, q)) for q in (50, 95))
    return [(f"中位 {middle:.2f} 秒", middle), (f"95% 在 {late:.2f} 秒内", late)]


@dataclass(frozen=True, slots=True)
class Point:
    """A run: when, its accuracy with the 95 % interval, and what it was."""

    label: str
    value: float
    interval: tuple[float, float]
    told: str


def timeline(points: Sequence[Point], *, title: str) -> Html:
    """Accuracy from run to run (evenly spaced), each with its interval."""
    left, right, top, height = 48, WIDTH - 24, 12, 170
    floor = max(0.0, np.floor(min(p.interval[0] for p in points) * 10) / 10)
    span = 1 - floor or 1.0

    def down(value: float) -> float:
        return float(top + height * (1 - (value - floor) / span))

    parts = []
    for step in range(5):
        value = floor + span * step / 4
        parts += [_line(left, down(value), right, down(value), "grid")]
        parts += [_text(left - 8, down(value) + 4, f"{value:.0%}", "tick", "end")]
    gap = (right - left) / (len(points) + 1)
    places = [(left + gap * (n + 1), down(p.value)) for n, p in enumerate(points)]
    parts.append(tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places), class_="trend"))
    every = max(1, len(points) // 8)
    for n, (point, (x, y)) in enumerate(zip(points, places, strict=True)):
        parts.append(_line(x, down(point.interval[0]), x, down(point.interval[1]), "whisker"))
        parts.append(tag("circle", tag("title", point.told), cx=f"{x:.1f}", cy=f"{y:.1f}", r=4.5, class_="dot"))
        if (len(points) - 1 - n) % every == 0:
            parts.append(_text(x, top + height + 18, point.label, "tick", "middle"))
    return _svg(top + height + 28, *parts, title=title)
