"""Repair of broken newspaper text: Report -> articles of whole sentences, every character with its offset.

lines -> blocks -> boxes set apart -> articles -> sentences. Nothing is lost: each character of the source
that is neither white space nor a mark stands in the span of some sentence. Nothing is invented: a sentence's
text holds the characters of its spans in their order, less second copies of doubled captions and white space,
with half-width punctuation made full-width one for one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from index.articles import Part, divide
from index.asides import furniture
from index.blocks import Block, group, one_a_line, set_boxes_apart
from index.dates import choose_date, date_line, file_date, infer_date
from index.lines import read_lines
from index.places import find_places
from index.report import Article, Report, Sentence
from index.sections import sections
from index.sentences import sentences_of


def repair(report: Report) -> tuple[Article, ...]:
    """The articles of `report` in the order of the file; empty for a report of white space only.

    Articles of one file share its date unless they carry date lines of their own. `report.title` serves an
    article without a headline, and what a file is called may tell its place where nothing else does.
    """
    parts = [(part, _sentences(part, report.text)) for part in divide(_blocks(report))]
    whole = "\n".join(sentence.text for _, sentences in parts for sentence in sentences)
    shared = date_line(whole) or choose_date(infer_date(whole), report.date or file_date(report.source))
    return tuple(_article(report, part, sentences, shared) for part, sentences in parts if sentences)


def _blocks(report: Report) -> list[Block]:
    lines = read_lines(report.text)
    if report.whole_lines:
        return one_a_line(lines)
    return set_boxes_apart(group(lines, aside=furniture(lines, report.pages)))


def _sentences(part: Part, text: str) -> tuple[Sentence, ...]:
    made: list[Sentence] = []
    for block, section in zip(part.blocks, sections(part), strict=True):
        for sentence in sentences_of(block, text, section):
            if made and not re.search(r"\w", sentence.text):
                made[-1] = _with_marks(made[-1], sentence)
            else:
                made.append(sentence)
    return tuple(made)


def _with_marks(sentence: Sentence, marks: Sentence) -> Sentence:
    """A line of nothing but punctuation (……) closes the sentence before it."""
    return replace(sentence, text=sentence.text + marks.text, spans=sentence.spans + marks.spans)


def _article(report: Report, part: Part, sentences: tuple[Sentence, ...], shared: str) -> Article:
    title = ""
    if part.title is not None:
        title = next((s.text for s in sentences_of(part.title, report.text, "")), "")
    named = part.place or _first_place(report.title) or _first_place(PurePosixPath(report.source).stem)
    own = date_line("\n".join(sentence.text for sentence in sentences))
    return Article(report.source, title or report.title, named, own or shared, sentences)


def _first_place(text: str) -> str:
    return next((place.name for place in find_places(text)), "")
