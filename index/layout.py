"""Repair of broken newspaper text: Report -> articles of whole sentences, every character with its offset.

lines -> blocks -> boxes set apart -> articles -> sentences. Nothing is lost: each character of the source
that is neither white space nor a mark stands in the span of some sentence. Nothing is invented: a sentence's
text holds the characters of its spans in their order, less second copies of doubled captions and white space,
with half-width punctuation made full-width one for one.
"""

from __future__ import annotations

import re
from dataclasses import replace

from index.articles import Part, divide
from index.blocks import group, set_boxes_apart
from index.dates import date_line, infer_date
from index.lines import read_lines
from index.report import Article, Report, Sentence
from index.sections import sections
from index.sentences import sentences_of


def repair(report: Report) -> tuple[Article, ...]:
    """The articles of `report` in the order of the file; empty for a report of white space only.

    Articles of one file share its date unless they carry date lines of their own.
    """
    blocks = set_boxes_apart(group(read_lines(report.text)))
    parts = [(part, _sentences(part, report.text)) for part in divide(blocks)]
    whole = "\n".join(sentence.text for _, sentences in parts for sentence in sentences)
    shared = date_line(whole) or infer_date(whole)
    return tuple(_article(report, part, sentences, shared) for part, sentences in parts if sentences)


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
    own = date_line("\n".join(sentence.text for sentence in sentences))
    return Article(report.source, title, part.place, own or shared, sentences)
