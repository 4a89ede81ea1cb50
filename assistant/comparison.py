"""An answer about several places or years as a table, every cell with its citation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from assistant.align import content, share
from assistant.clauses import local_words
from assistant.figures import find_figures
from assistant.schema import Answer, Citation
from index import find_places

_MARKS = re.compile(r"((?:\[\d+\])+)")
_KINDS = frozenset({"amount", "percent", "count", "ratio"})
_FORMULA = re.compile("（[^，。；]*[÷＋−×][^，。；]*）")  # its operands are told again by the sentences it is of
_GROUPS = frozenset("大批")  # 两大园区, 三批企业: these number what is named, they measure nothing
# A question for names. One for places or years (哪些县超过…) is a comparison all the same.
_LIST = re.compile(r"哪些(?![地市县区州省城年])|哪几(?![地市县区州省城年个])")


@dataclass(frozen=True, slots=True)
class Cell:
    """A verified figure as it is written, its value in the base of the column's unit, and its citation."""

    text: str
    value: float
    citation: int


@dataclass(frozen=True, slots=True)
class Row:
    """`label` is what tells this row from the others: a place, a year, or both."""

    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`units` head the columns; a cell is None where the answer states nothing."""

    units: tuple[str, ...]
    rows: tuple[Row, ...]


def comparison_of(answer: Answer) -> Comparison | None:
    """The table of an answer whose sentences state figures of one unit for several places or years; else None.

    A sentence ends at its marks. Only verified figures stand in the table, and only columns of two or more; a place
    and year with two figures of one unit (a list, not a comparison) makes no table, nor does a question for a list.
    """
    if _LIST.search(answer.standalone_question or answer.question):
        return None
    found: dict[tuple[str, str], dict[str, Cell]] = {}
    counted: dict[str, list[str]] = {}
    for place, period, unit, cell, words in _stated(answer):
        cells = found.setdefault((place, period), {})
        if cells.setdefault(unit, cell).value != cell.value:
            return None
        counted.setdefault(unit, []).append(words)
    units = [unit for cells in found.values() for unit in cells]
    shared = tuple(u for u in dict.fromkeys(units) if units.count(u) > 1 and _of_one_indicator(counted[u]))
    rows = {names: cells for names, cells in found.items() if any(unit in cells for unit in shared)}
    labels = _labels(list(rows))
    if not shared or len(set(labels)) < 2 or "" in labels:
        return None
    return Comparison(
        shared,
        tuple(Row(label, tuple(map(cells.get, shared))) for label, cells in zip(labels, rows.values(), strict=True)),
    )


_SAME = 0.3  # share of the words of one figure that those of another must have


def _of_one_indicator(counted: Sequence[str]) -> bool:
    """True if the words that say what each figure counts are alike: 产值 and 税收 are both money and not compared.

    Words that are missing speak against nothing.
    """
    told = [words for words in map(content, counted) if any(weight == 1.0 for weight in words.values())]
    return all(max(share(one, other), share(other, one)) >= _SAME for one, other in combinations(told, 2))


def _stated(answer: Answer) -> Iterator[tuple[str, str, str, Cell, str]]:
    """Place, year, unit and cell of each verified figure, and the words that say what it counts."""
    home = {citation.n: _place(answer, citation) for citation in answer.citations}
    verified = {(figure.text, figure.citation) for figure in answer.figures if figure.verified}
    place = period = ""
    pieces = _MARKS.split(answer.answer)
    for words, marks in zip(pieces[::2], pieces[1::2], strict=False):
        numbers = [int(number) for number in re.findall(r"\d+", marks)]
        figures = find_figures(words)
        place = next((one.name for one in find_places(words)), "" if "。" in words else place)
        period = next((one.text for one in figures if one.kind in {"year", "date"}), "")
        formulas = [found.span() for found in _FORMULA.finditer(words)]
        for one in figures:
            if any(start < one.start < end for start, end in formulas):
                continue
            n = next((n for n in numbers if (one.text, n) in verified), None)
            measured = one.kind in _KINDS and one.unit not in _GROUPS
            if n is not None and measured and one.value is not None and len(numbers) == 1:
                before = one.qualifier if words[: one.start].endswith(one.qualifier) else ""
                cell = Cell(before + one.text, float(one.value), n)
                yield place or home[n], period, one.unit or "个", cell, local_words(words, one)


def _place(answer: Answer, citation: Citation) -> str:
    """The place of the passage that was cited."""
    passages = (hit.passage for hit in answer.retrieved if hit.passage.source == citation.source)
    return next((p.place for p in passages if p.start <= citation.start and citation.end <= p.end), "")


def _labels(names: list[tuple[str, str]]) -> list[str]:
    places, periods = {place for place, _ in names}, {period for _, period in names}
    if len(places) == len(names) and "" not in places:
        return [place for place, _ in names]
    if len(periods) == len(names) and len(places) == 1 and "" not in periods:
        return [period for _, period in names]
    return [place + period for place, period in names]
