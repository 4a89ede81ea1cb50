"""Passages written for a test, and what is selected from them."""

from __future__ import annotations

from assistant.evidence import select
from assistant.rewrite import understand
from assistant.schema import Hit
from assistant.selection import Selection
from assistant.service import SentenceSimilarity
from index import Passage, Sentence, Span

Told = str | tuple[str, str]  # a sentence, or one with its section


def passage(*told: Told, place: str = "泸州", date: str = "2021-03", source: str = "甲.md") -> Passage:
    sentences, at = [], 0
    for one in told:
        text, section = (one, "") if isinstance(one, str) else one
        kind = "heading" if text.startswith("■") else "body"
        sentences.append(Sentence(text, (Span(at, at + len(text)),), kind, section))  # type: ignore[arg-type]
        at += len(text)
    text = "".join(s.text for s in sentences)
    return Passage(source + text, source, f"{place}纪行", place, date, "", None, text, 0, tuple(sentences))


def selected(alike: SentenceSimilarity, question: str, *passages: Passage) -> Selection:
    return select(understand(question), [Hit(p, 1.0) for p in passages], {}, alike)


def texts(selection: Selection) -> list[str]:
    return [one.sentence.text for one in selection.evidence]
