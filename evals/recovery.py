"""What comes back of clean articles from a repaired text: sentences, characters, figures, subjects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant import find_figures
from index import Article, Report, repair

_QUOTES = str.maketrans("", "", "“”")


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph, heading, item, credit or whatever else stands on a line of its own in a clean text."""

    kind: Literal["title", "credit", "heading", "text", "item", "caption", "box"]
    text: str


@dataclass(frozen=True, slots=True)
class Clean:
    """A clean article: what it says of itself, its units in order, and its sentences of running text and lists."""

    title: str
    place: str
    date: str
    units: tuple[Unit, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recovery:
    """Shares from 0 to 1; what each means is said in the function of its name."""

    sentences: float
    recall: float
    precision: float
    figures: float
    title: float
    place: float
    date: float


def read_clean(report: Report) -> list[Clean]:
    """The articles of a clean text: each line a whole paragraph, each first-level heading (#) a new article."""
    pieces = [piece for piece in re.split(r"^(?=# )", report.text, flags=re.MULTILINE) if piece.startswith("# ")]
    return [_clean(replace(report, text=piece, pages=(), whole_lines=True)) for piece in pieces]


def _clean(report: Report) -> Clean:
    articles = repair(report)
    sentences = tuple(s.text for article in articles for s in article.sentences if s.kind == "body")
    units = tuple(_unit(line.strip()) for line in report.text.split("\n") if line.strip())
    return Clean(articles[0].title, articles[0].place, articles[0].date, units, sentences)


def _unit(line: str) -> Unit:
    if mark := re.match(r"(#+)\s*", line):
        return Unit("title" if mark[1] == "#" else "heading", line[mark.end() :])
    if line.startswith("- "):
        return Unit("item", line[2:])
    return Unit("credit" if line.startswith("日期") else "text", line)


def sentences_recovered(clean: Sequence[str], found: Sequence[str]) -> float:
    """Share of the sentences of `clean` that `found` holds whole, character by character.

    A sentence that stands twice counts twice. Quotation marks are not compared: one that was never closed cannot
    be closed again.
    """
    wanted = Counter(one.translate(_QUOTES) for one in clean)
    there = Counter(one.translate(_QUOTES) for one in found)
    return sum((wanted & there).values()) / max(1, len(clean))


def characters(clean: str, found: str) -> tuple[float, float]:
    """Recall and precision of characters in order: the longest common subsequence over the length of each.

    White space is not counted; nothing found has a precision of 1.
    Bit-parallel (Hyyrö, Bit-parallel LCS-length computation revisited, 2004).
    """
    clean, found = re.sub(r"\s", "", clean), re.sub(r"\s", "", found)
    if not clean or not found:
        return float(not clean), float(not found)
    where: dict[str, int] = {}
    for i, character in enumerate(clean):
        where[character] = where.get(character, 0) | 1 << i
    full = (1 << len(clean)) - 1
    row = full
    for character in found:
        matched = row & where.get(character, 0)
        row = ((row + matched) | (row - matched)) & full
    common = len(clean) - row.bit_count()
    return common / len(clean), common / len(found)


def figures_intact(clean: Sequence[str], found: Sequence[str]) -> float:
    """Share of the figures of `clean`, each a number with its unit, that stand within one sentence of `found`."""
    wanted = Counter(figure.text for one in clean for figure in find_figures(one))
    there = Counter(figure.text for one in found for figure in find_figures(one))
    return sum((wanted & there).values()) / wanted.total() if wanted else 1.0


def subjects(clean: Sequence[Clean], found: Sequence[Article]) -> tuple[float, float, float]:
    """Shares of the clean sentences that stand in an article of their own title, place and date.

    A sentence stands where its middle twelve characters do; one that stands nowhere has nothing right.
    """
    bodies = [(a, _bare("".join(s.text for s in a.sentences if s.kind == "body"))) for a in found]
    right = [0, 0, 0]
    for article in clean:
        for sentence in map(_bare, article.sentences):
            middle = sentence[max(0, len(sentence) // 2 - 6) :][:12]
            home = next((a for a, body in bodies if middle in body), None)
            if home is not None:
                same = (
                    _bare(home.title) == _bare(article.title),
                    home.place == article.place,
                    home.date == article.date,
                )
                right = [count + one for count, one in zip(right, same, strict=True)]
    total = max(1, sum(len(article.sentences) for article in clean))
    return right[0] / total, right[1] / total, right[2] / total


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)
