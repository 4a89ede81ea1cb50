"""Reading order of a page: boxes of line segments -> regions of rows.

A recursive XY-cut (G. Nagy and S. Seth, "Hierarchical representation of optically scanned documents", ICPR 1984)
with three cuts, tried in this order: at wide horizontal gaps and above large type; at gutters, unless the columns
are those of a table, which is read by rows; and into strips of consecutive rows that share their gutters, which
parts a headline from the columns that it spans. What no cut can part (boxes set like a pinwheel) is sorted
topologically by the two rules of T. Breuel, "High performance document layout analysis", SDIUT 2003.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
Row = tuple[int, ...]
Region = tuple[Row, ...]

_GUTTER = 0.4  # least width of a gutter, in heights of the type around it
_CELL = 7.0  # mean width up to which segments may be a table's cells, and not lines of a column
_FIGURE = 3.5  # mean width up to which they are a table's even if all of a column are alike, as figures are
_LARGE = 1.4  # type this much higher than the rest is a headline's
_SORTED = 400  # up to so many segments are sorted topologically: the work grows with their cube


def reading_order(boxes: Boxes) -> tuple[Region, ...]:
    """Regions in reading order, each of rows from top to bottom, each of indices from left to right.

    `boxes` is (n, 4): left, top, right, bottom of each segment of a line, in any one unit, top left origin. A
    region is a column, a headline, a caption or a table; a row holds more than one index where segments stand
    side by side in it. Every index occurs exactly once.
    """
    return tuple(_cut(boxes, list(range(len(boxes))))) if len(boxes) else ()


def _cut(boxes: Boxes, members: list[int]) -> list[Region]:
    strips = _strips(boxes, members)
    rows = _rows(boxes, members)
    if len(rows) == 1:
        return [tuple(rows)]
    type_height = float(np.median(boxes[members, 3] - boxes[members, 1]))
    for parts in (
        _under_centred_lines(boxes, strips, type_height),
        _at_wide_gaps(boxes, strips, type_height),
        _round_tables(boxes, strips, type_height),
        _at_gutters(boxes, members, type_height),
        _by_shared_gutters(boxes, strips, type_height),
    ):
        if len(parts) > 1:
            return [region for part in parts for region in _cut(boxes, part)]
    if len(strips) == 1 and 2 < len(members) <= _SORTED:
        return [((i,),) for i in _sorted(boxes, members)]
    return [tuple(rows)]


def _strips(boxes: Boxes, members: Sequence[int]) -> list[list[int]]:
    """Members parted by horizontal lines that touch none of them; of each box only the middle counts."""
    strips: list[list[int]] = []
    end = -np.inf
    for i in sorted(members, key=lambda i: boxes[i, 1] + boxes[i, 3]):
        slack = 0.2 * (boxes[i, 3] - boxes[i, 1])
        if boxes[i, 1] + slack >= end:
            strips.append([])
        strips[-1].append(i)
        end = max(end, boxes[i, 3] - slack)
    return strips


def _rows(boxes: Boxes, members: Sequence[int]) -> list[Row]:
    """Members that stand side by side, from left to right; rows from top to bottom."""
    rows: list[list[int]] = []
    for i in sorted(members, key=lambda i: boxes[i, 1] + boxes[i, 3]):
        if not rows or not all(_beside(boxes, i, j) for j in rows[-1]):
            rows.append([])
        rows[-1].append(i)
    return [tuple(sorted(row, key=lambda i: boxes[i, 0])) for row in rows]


def _beside(boxes: Boxes, i: int, j: int) -> bool:
    """Whether two boxes share most of their heights and none of their widths."""
    shared = min(boxes[i, 3], boxes[j, 3]) - max(boxes[i, 1], boxes[j, 1])
    lower = min(boxes[i, 3] - boxes[i, 1], boxes[j, 3] - boxes[j, 1])
    apart = boxes[i, 0] >= boxes[j, 2] - 0.3 * lower or boxes[j, 0] >= boxes[i, 2] - 0.3 * lower
    return bool(apart and shared > 0.5 * lower)


def _at_wide_gaps(boxes: Boxes, strips: Sequence[list[int]], type_height: float) -> list[list[int]]:
    """Strips joined unless a wide gap is between them or the lower one is all of large type.

    Headlines stand apart from their text, and side by side each over its own: they stay with what is below.
    """
    gaps = [float(boxes[lower, 1].min() - boxes[upper, 3].max()) for upper, lower in pairwise(strips)]
    usual = float(np.median(gaps)) if len(gaps) > 3 else 0.0
    parts = [list(strips[0])]
    large = _LARGE * type_height
    for gap, (upper, lower) in zip(gaps, pairwise(strips), strict=True):
        under_heading = (boxes[upper, 3] - boxes[upper, 1]).min() > large
        heading = not under_heading and (boxes[lower, 3] - boxes[lower, 1]).min() > large
        if heading or gap > max((4 if under_heading else 1.3) * type_height, 2 * usual):
            parts.append([])
        parts[-1].extend(lower)
    return parts


def _under_centred_lines(boxes: Boxes, strips: Sequence[list[int]], type_height: float) -> list[list[int]]:
    """The first strips apart from columns under them: short lines one by one, the last of them in the middle of all.

    Such are a headline and a byline that belong to every column under them.
    """
    everything = [i for strip in strips for i in strip]
    left, right = boxes[everything, 0].min(), boxes[everything, 2].max()
    count = 0
    for at, strip in enumerate(strips[:-1], 1):
        begin, _, end, _ = boxes[strip[0]]
        if len(strip) > 1 or end - begin > 0.8 * (right - left):
            break
        if abs((begin - left) - (right - end)) < 0.06 * (right - left):
            count = at
    head = [i for strip in strips[:count] for i in strip]
    rest = [i for strip in strips[count:] for i in strip]
    return [head, rest] if head and _gutters(boxes, rest, _GUTTER * type_height) else [everything]


def _round_tables(boxes: Boxes, strips: Sequence[list[int]], type_height: float) -> list[list[int]]:
    """Runs of three or more strips of cells, with the heads over them, apart from the text over and under them."""
    everything = [i for strip in strips for i in strip]
    cuts = [(begin + end) / 2 for begin, end in _gutters(boxes, everything, _GUTTER * type_height)]
    edges = [float(boxes[everything, 0].min()), *cuts, float(boxes[everything, 2].max())]
    room = np.diff(edges)[np.minimum(np.searchsorted(cuts, boxes[:, 0]), len(cuts))]
    width = boxes[:, 2] - boxes[:, 0]

    def cells(strip: list[int], most: float) -> bool:
        longer = sum(width[i] > min(most * type_height, 0.75 * room[i]) for i in strip)
        return len(strip) > 1 and longer <= (len(strip) > 2)

    short = [cells(strip, _CELL) for strip in strips]
    table = [
        cell and any(all(short[k : k + 3]) and len(short[k : k + 3]) == 3 for k in range(max(0, at - 2), at + 1))
        for at, cell in enumerate(short)
    ]
    for at in range(len(strips) - 1, 0, -1):
        table[at - 1] = table[at - 1] or (table[at] and cells(strips[at - 1], 2 * _CELL))
        if at > 1 and table[at] and not table[at - 1] and cells(strips[at - 2], 2 * _CELL):
            table[at - 1] = _within_step(boxes, strips[at - 2 : at + 2])
    parts: list[list[int]] = []
    for at, strip in enumerate(strips):
        if not parts or table[at] != table[at - 1]:
            parts.append([])
        parts[-1].extend(strip)
    return parts if cuts else [everything]


def _within_step(boxes: Boxes, strips: Sequence[list[int]]) -> bool:
    """Whether the second strip stands between rows as near to one another as the third and the fourth: the head of
    the first column, in the middle of the heads' height."""
    middles = [float((boxes[strip, 1] + boxes[strip, 3]).mean()) / 2 for strip in strips]
    alone = len(strips[1]) == 1 and boxes[strips[1][0], 0] <= boxes[[i for strip in strips for i in strip], 2].min()
    return bool(alone and len(middles) == 4 and middles[2] - middles[0] < 1.4 * (middles[3] - middles[2]))


def _gutters(boxes: Boxes, members: Sequence[int], least: float) -> list[tuple[float, float]]:
    """Left and right edges of gaps of at least `least` in which a vertical line touches no member."""
    found: list[tuple[float, float]] = []
    spans = boxes[list(members)][:, [0, 2]]
    spans = spans[np.argsort(spans[:, 0])]
    reached = np.maximum.accumulate(spans[:, 1])
    for end, begin in zip(reached[:-1].tolist(), spans[1:, 0].tolist(), strict=True):
        if begin - end >= least:
            found.append((end, begin))
    return found


def _at_gutters(boxes: Boxes, members: Sequence[int], type_height: float) -> list[list[int]]:
    """Columns; where some gutters are clearly wider than others they part articles, and are cut first."""
    gutters = _gutters(boxes, members, _GUTTER * type_height)
    widest = max((end - begin for begin, end in gutters), default=0.0)
    cuts = [(begin + end) / 2 for begin, end in gutters if end - begin >= 0.7 * widest]
    parts: list[list[int]] = [[] for _ in range(len(cuts) + 1)]
    for i in members:
        parts[int(np.searchsorted(cuts, boxes[i, 0]))].append(i)
    return [list(members)] if len(parts) > 1 and _is_table(boxes, parts, type_height) else parts


def _is_table(boxes: Boxes, parts: Sequence[list[int]], type_height: float) -> bool:
    """Whether the parts are columns of cells: short ones (but for the widest column), each level with another's.

    Columns of text on one grid of lines are level as well, but their lines are long.
    """
    widths = [float((boxes[part, 2] - boxes[part, 0]).mean()) for part in parts]
    widest = int(np.argmax(widths))
    cells = [i for at, part in enumerate(parts) if at != widest for i in part]
    width = float((boxes[cells, 2] - boxes[cells, 0]).mean()) / type_height
    if width > _CELL or (width > _FIGURE and _full(boxes, parts) > 0.6):
        return False
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    level = 0
    for part in parts:
        others = [i for other in parts if other is not part for i in other]
        level += sum(bool(np.abs(middles[others] - middles[i]).min() < 0.3 * type_height) for i in part if i in cells)
    return level >= 0.8 * len(cells)


def _full(boxes: Boxes, parts: Sequence[list[int]]) -> float:
    """Share of segments that are nearly as wide as their column."""
    full = 0
    for part in parts:
        widths = boxes[part, 2] - boxes[part, 0]
        full += int((widths > 0.85 * widths.max()).sum())
    return full / sum(len(part) for part in parts)


def _by_shared_gutters(boxes: Boxes, strips: Sequence[list[int]], type_height: float) -> list[list[int]]:
    """Consecutive strips joined as long as one gutter runs through them all, or none of them has any."""
    least = _GUTTER * type_height
    groups: list[list[int]] = []
    parted = False  # whether the last group has a gutter
    for strip in strips:
        own = bool(_gutters(boxes, strip, least))
        joint = bool(groups) and bool(_gutters(boxes, groups[-1] + strip, least))
        if groups and (joint or not (own or parted)):
            groups[-1].extend(strip)
            parted = joint
        else:
            groups.append(list(strip))
            parted = own
    return groups


def _sorted(boxes: Boxes, members: Sequence[int]) -> list[int]:
    """Breuel's order: above goes before below where both share a column; left before right where nothing
    between the two spans both."""
    box = boxes[list(members)]
    left, top, right, bottom = box.T
    middle = (top + bottom) / 2
    across = (left[:, None] < right[None, :]) & (left[None, :] < right[:, None])
    before = across & (middle[:, None] < middle[None, :])
    low, high = np.minimum(middle[:, None], middle[None, :]), np.maximum(middle[:, None], middle[None, :])
    spanned = np.zeros_like(across)
    for k in range(len(box)):
        spanned |= (low < middle[k]) & (middle[k] < high) & across[:, k][:, None] & across[k][None, :]
    before |= (right[:, None] <= left[None, :]) & ~spanned & ~before.T
    order: list[int] = []
    left_over = np.ones(len(box), dtype=bool)
    while left_over.any():
        waiting = np.where(left_over, (before & left_over[:, None]).sum(axis=0), len(box) + 1)
        ready = np.flatnonzero(waiting == waiting.min())
        first = int(ready[np.argmin(middle[ready])])
        order.append(members[first])
        left_over[first] = False
    return order
