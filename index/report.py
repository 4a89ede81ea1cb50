"""The frozen values that flow through the index: Report -> Article -> Sentence -> Passage.

All offsets count characters of `Report.text`, the extracted text of the source (for .txt and .md the decoded
file with newlines as "\\n"), so `report.text[span.start:span.end]` is always what stands in the source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SentenceKind = Literal["body", "heading", "caption", "box"]


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of characters of a source's extracted text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Report:
    """One source file as it was read.

    `source` is the POSIX path below the reports folder; `sha256` the hex digest of the file's bytes;
    `pages` the offset at which each page begins (empty where the format has no pages). `title` and `date` (ISO)
    are what the format itself says of them, "" where it says nothing. `whole_lines` tells that each line is a
    whole paragraph (a word processor's, a web page's), so that no two lines are ever one sentence. `boxes` has a
    row for each character of `text`: left, top, right, bottom as fractions of its page's width and height, from
    the top left corner; NaN where a character stands nowhere on a page. None for formats without a layout.
    `notes` are Chinese sentences on what of the file is not in `text`; an index does not keep them.
    """

    source: str
    text: str
    sha256: str
    pages: tuple[int, ...] = ()
    title: str = ""
    date: str = ""
    whole_lines: bool = False
    boxes: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    def page_of(self, offset: int) -> int | None:
        """Number (from 1) of the page that holds `offset`, or None where there are no pages."""
        if not self.pages:
            return None
        return max(1, sum(1 for start in self.pages if start <= offset))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A repaired sentence and where its characters stand.

    `text` is what a reader would print: line breaks inside words removed, doubled captions collapsed, spaces
    round digits closed. `spans` are the contiguous ranges of the source that it was made of, in reading order;
    a sentence that a pull-quote box cuts in two has two. Runs of white space inside a range belong to it.
    """

    text: str
    spans: tuple[Span, ...]
    kind: SentenceKind = "body"
    section: str = ""

    @property
    def start(self) -> int:
        return min(span.start for span in self.spans)

    @property
    def end(self) -> int:
        return max(span.end for span in self.spans)


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a report: a page may hold several.

    `place` is the administrative name the article speaks of ("" if none was found); `date` is ISO, as exact as
    is known ("2023-12-27", "2023-12", "2023" or "").
    """

    source: str
    title: str
    place: str
    date: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """What is embedded and retrieved: consecutive sentences of one section of one article.

    `id` is a hash of source, spans and text, so the same content has the same id in every version.
    """

    id: str
    source: str
    title: str
    place: str
    date: str
    section: str
    page: int | None
    text: str
    tokens: int
    sentences: tuple[Sentence, ...] = field(repr=False)

    @property
    def start(self) -> int:
        return min(sentence.start for sentence in self.sentences)

    @property
    def end(self) -> int:
        return max(sentence.end for sentence in self.sentences)
