"""A sheet of cells -> lines: blank rows and titles divide it into tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.load.tables import Merge, is_data, table_lines

Rows = Sequence[Sequence[str]]


def sheet_lines(rows: Rows, merges: Sequence[Merge] = (), *, title: str = "# ") -> list[str]:
    """All lines of a sheet; `rows` as for `table_lines`, with blank rows where they stand; `title` as there."""
    lines: list[str] = []
    for first, last in _tables(rows):
        own = [
            Merge(m.top - first, m.left, min(m.bottom, last - 1) - first, m.right)
            for m in merges
            if first <= m.top < last
        ]
        part = rows[first:last]
        lefts = [next((i for i, cell in enumerate(row) if cell.strip()), len(row)) for row in part]
        left = min(lefts, default=0)
        own = [Merge(m.top, max(0, m.left - left), m.bottom, m.right - left) for m in own]
        kept = [i for i, row in enumerate(part) if any(cell.strip() for cell in row) or _covered(i, own)]
        place = {row: at for at, row in enumerate(kept)}
        own = [
            Merge(place[m.top], m.left, place[m.bottom], m.right) for m in own if m.top in place and m.bottom in place
        ]
        lines += table_lines([part[i][left:] for i in kept], merges=own, title=title)
    return lines


def _covered(row: int, merges: Sequence[Merge]) -> bool:
    return any(m.top < row <= m.bottom for m in merges)


def _tables(rows: Rows) -> Iterator[tuple[int, int]]:
    """Half-open ranges of rows: after blank rows a table begins only where heads do."""
    blocks: list[tuple[int, int]] = []
    start: int | None = None
    for at in range(len(rows) + 1):
        blank = at == len(rows) or not any(cell.strip() for cell in rows[at])
        if not blank and start is None:
            start = at
        elif blank and start is not None:
            blocks.append((start, at))
            start = None
    begin = 0
    for number, (first, _) in enumerate(blocks):
        if number and _begins_anew(rows, blocks, number):
            yield begin, blocks[number - 1][1]
            begin = first
        elif not number:
            begin = first
    if blocks:
        yield begin, blocks[-1][1]


def _begins_anew(rows: Rows, blocks: Sequence[tuple[int, int]], number: int) -> bool:
    """Whether this block has heads of its own, or is a title over the next one that has."""
    first, last = blocks[number]
    full = [row for row in rows[first:last] if sum(bool(cell.strip()) for cell in row) > 1]
    if not full:
        above = rows[blocks[number - 1][0] : blocks[number - 1][1]]
        titles = all(sum(bool(cell.strip()) for cell in row) <= 1 for row in above)
        return number + 1 < len(blocks) and not titles and _begins_anew(rows, blocks, number + 1)
    if first and all(sum(bool(c.strip()) for c in row) <= 1 for row in rows[blocks[number - 1][0] : first]):
        return False  # what stands above is the title of this very table
    return len(full) > 1 and not any(is_data(cell.strip()) for cell in full[0])
