"""Segments of printed lines -> the text of a report, page after page, with a box for each character."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from index.load.columns import Region, reading_order
from index.load.grids import grid_lines
from index.report import Report

Boxes = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters that follow one another in a line, as they were drawn.

    `boxes` is (len(text), 4): left, top, right, bottom in any unit with the origin top left, NaN for white space.
    `turn` counts the quarter turns by which it reads: 0 to the right, 1 downward, 2 to the left, 3 upward.
    """

    text: str
    boxes: Boxes
    turn: int = 0


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """A line as it is read: `boxes` are fractions of the page; `apart` asks for a blank line above it."""

    text: str
    boxes: Boxes
    apart: bool = False


def turned(boxes: Boxes, turn: int, width: float, height: float) -> Boxes:
    """Boxes on a page of `width` and `height` once the page is turned so that text of `turn` is level."""
    left, top, right, bottom = boxes.T
    corners = {
        0: (left, top, right, bottom),
        1: (top, width - right, bottom, width - left),
        2: (width - right, height - bottom, width - left, height - top),
        3: (height - bottom, left, height - top, right),
    }
    return np.stack(corners[turn], axis=1)


def lay_out(segments: Sequence[Segment], width: float, height: float) -> tuple[PrintedLine, ...]:
    """The lines of a page of `width` and `height` (in the segments' unit) in reading order.

    A plain table becomes sentences with its heads, other rows of cells `| cell | cell |`, a paragraph's indent two
    ideographic spaces. No character of a segment is lost but those of heads that a sentence says in another form.
    """
    if not segments:
        return ()
    turns = Counter[int]()
    for segment in segments:
        turns[segment.turn] += len(segment.text)
    hulls = turned(np.array([_hull(segment) for segment in segments]), turns.most_common(1)[0][0], width, height)
    lines: list[PrintedLine] = []
    above: Region = ()
    for region in reading_order(hulls):
        table = sum(len(row) > 1 for row in region) >= max(2, 0.6 * len(region))
        apart, indented = _spacing(hulls, region)
        apart[0] = bool(above) and _below(hulls, above, region)
        rows = [[segments[i] for i in row] for row in region]
        if table and (sentences := _sentences(rows, (width, height), lines)):
            lines.extend(sentences)
        else:
            for at, cells in enumerate(rows):
                indent, gap = indented[at] and not table, apart[at] and not (table and at)
                lines.append(_line(cells, (width, height), table=table, indent=indent, apart=gap))
        above = region
    return tuple(lines)


def _hull(segment: Segment) -> tuple[float, float, float, float]:
    """What a segment covers, less the blank half of full-width punctuation that hangs over a column's edge."""
    left, top = np.nanmin(segment.boxes[:, :2], axis=0)
    right, bottom = np.nanmax(segment.boxes[:, 2:], axis=0)
    half = 0.5 if segment.turn == 0 else 0.0
    if segment.text[-1] in "，。、；：！？”’）》】〉":
        right -= half * (segment.boxes[-1, 2] - segment.boxes[-1, 0])
    if segment.text[0] in "“‘（《【〈":
        left += half * (segment.boxes[0, 2] - segment.boxes[0, 0])
    return float(left), float(top), float(right), float(bottom)


def _spacing(hulls: Boxes, region: Region) -> tuple[list[bool], list[bool]]:
    """For each row: is it of other type than the one above, or further from it than is usual here; is it indented.

    An indent is one and a half to three characters from the region's edge; where one line alone stands there, from
    what else of the same type begins a little left of it.
    """
    tops, lefts = (np.array([hulls[list(row), side].min() for row in region]) for side in (1, 0))
    heights = np.array([_height(hulls, row) for row in region])
    steps = np.diff(tops)
    usual = float(np.median(steps)) if len(steps) > 1 else math.inf
    above, here = heights[:-1], heights[1:]
    other = np.maximum(above, here) > 1.2 * np.minimum(above, here)
    apart = other | (steps > usual + 0.5 * here)
    edge = lefts.min()
    if (lefts < edge + 0.5 * heights).sum() == 1:
        alike = np.abs(hulls[:, 3] - hulls[:, 1] - heights[0]) < 0.15 * heights[0]
        edge = min(edge, hulls[alike & (hulls[:, 0] >= edge - 3 * heights[0]), 0].min(initial=edge))
    shift = (lefts - edge) / np.maximum(heights, 1e-6)
    return [False, *apart.tolist()], ((shift >= 1.3) & (shift <= 3)).tolist()


def _height(hulls: Boxes, row: Sequence[int]) -> float:
    heights = sorted((hulls[list(row), 3] - hulls[list(row), 1]).tolist())
    return float(heights[len(heights) // 2])


def _below(hulls: Boxes, above: Region, region: Region) -> bool:
    """Whether `region` starts anew, and is not the next column of the one above it in the order."""
    climbs = hulls[list(region[0]), 1].min() < hulls[list(above[-1]), 1].min()
    first, last = _height(hulls, region[0]), _height(hulls, above[-1])
    return bool(not climbs or max(first, last) > 1.2 * min(first, last))


def _sentences(
    rows: Sequence[Sequence[Segment]], size: tuple[float, float], above: Sequence[PrintedLine]
) -> list[PrintedLine]:
    """The rows of a plain table as sentences with their heads; empty if they are none."""
    caption = " ".join(line.text for line in above[-2:] if len(line.text) <= 40 and line.text[-1] not in "。！？，")
    made = grid_lines([[(cell.text, cell.boxes) for cell in row] for row in rows], caption=caption) or []
    scale = np.array([*size, *size])
    return [PrintedLine(text, boxes / scale, apart=not at) for at, (text, boxes) in enumerate(made)]


def _line(
    cells: Sequence[Segment], size: tuple[float, float], *, table: bool, indent: bool, apart: bool
) -> PrintedLine:
    pieces = ["\u3000\u3000"] if indent else []
    boxes = [_nowhere(2 * len(pieces))]

    def add(text: str, where: Boxes | None = None) -> None:
        pieces.append(text)
        boxes.append(_nowhere(len(text)) if where is None else where)

    row = table and len(cells) > 1
    for at, cell in enumerate(cells):
        if row:
            add("| " if at == 0 else " | ")
        elif at and _spaced(cells[at - 1], cell):
            add(" ")
        add(cell.text, cell.boxes)
    if row:
        add(" |")
    return PrintedLine("".join(pieces), np.concatenate(boxes) / np.array([*size, *size]), apart)


def _spaced(one: Segment, other: Segment) -> bool:
    """Whether a reader sees a space between two segments of a row."""
    (left, top, right, bottom), (begin, _, finish, _) = _hull(one), _hull(other)
    gap = max(begin - right, left - finish)
    return one.turn != 0 or gap > 0.4 * (bottom - top) or (one.text[-1] + other.text[0]).isascii()


def report_of(
    pages: Sequence[Sequence[PrintedLine]], data: bytes, source: str, *, title: str = "", date: str = ""
) -> Report:
    """The report of these pages; `data` are the file's bytes. Running heads and page numbers stay where they stand."""
    text: list[str] = []
    boxes: list[Boxes] = [np.zeros((0, 4))]
    starts: list[int] = []
    length = 0
    for lines in pages:
        starts.append(length)
        for at, line in enumerate(lines):
            above = "\n" if line.apart and at else ""
            text.append(f"{above}{line.text}\n")
            boxes.extend((_nowhere(len(above)), line.boxes, _nowhere(1)))
            length += len(text[-1])
    return Report(
        source,
        "".join(text),
        sha256(data).hexdigest(),
        pages=tuple(starts),
        title=title,
        date=date,
        boxes=np.concatenate(boxes).astype(np.float32),
    )


def _nowhere(count: int) -> Boxes:
    return np.full((count, 4), math.nan)
