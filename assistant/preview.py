"""A report as it was read beside the report as it was repaired, sentence by sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from index import Report, Sentence, repair

LONGEST = 200_000  # characters of a report that are repaired for a preview


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A repaired sentence and what stands for it in the source: `original` has a piece for each of its ranges.

    `start` counts characters of the source, `page` to `last` are the pages it stands on (None: no pages); `mended`
    tells that repair changed more than white space at the ends.
    """

    original: tuple[str, ...]
    repaired: str
    kind: str
    start: int
    page: int | None
    last: int | None
    mended: bool


@dataclass(frozen=True, slots=True)
class PreviewArticle:
    """One article of a report with its rows in reading order; `date` is ISO or ""."""

    title: str
    place: str
    date: str
    rows: tuple[PreviewRow, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`pages` is 0 for a format without pages. `characters` counts those of the source, `shown` those previewed."""

    source: str
    articles: tuple[PreviewArticle, ...]
    pages: int
    characters: int
    shown: int


@lru_cache(maxsize=4)  # somebody turns its pages
def preview_of(report: Report) -> Preview:
    """The first LONGEST characters of `report`, repaired; every character but white space stands in some row."""
    part = report
    if len(report.text) > LONGEST:
        boxes = None if report.boxes is None else report.boxes[:LONGEST]
        pages = tuple(start for start in report.pages if start < LONGEST)
        part = replace(report, text=report.text[:LONGEST], boxes=boxes, pages=pages)
    articles = tuple(
        PreviewArticle(article.title, article.place, article.date, tuple(_row(part, s) for s in article.sentences))
        for article in repair(part)
    )
    return Preview(report.source, articles, len(report.pages), len(report.text), len(part.text))


def _row(report: Report, sentence: Sentence) -> PreviewRow:
    original = tuple(report.text[span.start : span.end].strip("\n") for span in sentence.spans)
    mended = " ".join(part.strip() for part in original) != sentence.text.strip()
    pages = report.page_of(sentence.start), report.page_of(sentence.end - 1)
    return PreviewRow(original, sentence.text, sentence.kind, sentence.start, *pages, mended)
