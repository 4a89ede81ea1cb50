"""Lines and tables in reading order -> the text of a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from index.load.grid import Merge
from index.load.tables import table_lines
from index.load.units import is_unit_line

_LONGEST_CAPTION = 60
_LONGEST_CELL = 200


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each merged cell's text in its first place; a cell's paragraphs are its lines."""

    rows: list[list[str]]
    merges: tuple[Merge, ...] = ()


def flow_text(items: Sequence[str | Table]) -> str:
    """One line a paragraph; a table's rows as `table_lines` gives them, with what stands over it as caption.

    A table that only sets text in place (one column, or cells of running text) becomes its cells' lines. The
    line 单位：亿元 is dropped where the numbers have taken its unit.
    """
    lines: list[str] = []
    for item in items:
        if isinstance(item, str):
            lines.append(item)
        elif _sets_text(item):
            lines += [line for row in item.rows for cell in row for line in cell.split("\n") if line.strip()]
        else:
            above = _caption(lines)
            lines += table_lines(item.rows, merges=item.merges, caption=" ".join(above))
    return "\n".join(lines)


def _sets_text(table: Table) -> bool:
    full = [sum(bool(cell.strip()) for cell in row) for row in table.rows]
    return max(full, default=0) < 2 or any(len(cell) > _LONGEST_CELL for row in table.rows for cell in row)


def _caption(lines: list[str]) -> list[str]:
    """The short lines right over a table, its title and its units; a line of units alone is taken from `lines`."""
    units = [lines.pop()] if lines and is_unit_line(lines[-1]) else []
    title = lines[-1] if lines else ""
    return [title, *units] if 0 < len(title) <= _LONGEST_CAPTION and title[-1] not in "。！？；，" else units
