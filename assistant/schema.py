"""The frozen values of an answer, and their JSON (the stable contract of `judian ask --json`)."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from index import Passage, Sentence

Status = Literal["answered", "partial", "refused"]
CITATION_MARK = re.compile(r"\[(\d+)\]")  # in the text of an answer, behind what a citation bears out


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. `score` grows with relevance and is comparable within one query only."""

    passage: Passage
    score: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that bears on the question, with the passage it stands in."""

    passage: Passage
    sentence: Sentence
    score: float

    def heads(self, other: Evidence) -> bool:
        """True if `other` stands under this: a heading, a line not seen to be one, a sentence that a list follows."""
        title, section = (re.sub(r"\W", "", text) for text in (self.sentence.text, other.sentence.section))
        below = self.passage.source == other.passage.source and other.sentence.start > self.sentence.start
        if not below:
            return False
        if self.announces:
            listed = other.sentence.kind == "body" and not other.sentence.text.endswith(("。", "！", "？", "”"))
            return listed and other.sentence.section == self.sentence.section
        bare = self.sentence.kind == "heading" or title == self.sentence.text
        return bare and bool(title) and section.endswith(title)

    @property
    def announces(self) -> bool:
        """True for a sentence that a list follows: 做法有六条：."""
        return self.sentence.kind == "body" and self.sentence.text.endswith("：")


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` equals the source's own characters from `start` to `end`, line breaks and all."""

    n: int
    source: str
    title: str
    date: str
    page: int | None
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the answer as it is written there; `citation` is the n of the citation that proves it.

    `computed` tells a result: the program made it of the cited figures beside it, so no source holds it and it is
    not `verified`.
    """

    text: str
    verified: bool
    citation: int | None
    computed: bool = False

    def to_json(self) -> dict[str, Any]:
        """The object of design; `computed` is there only where it is true, so that others look as they always did."""
        value = {"text": self.text, "verified": self.verified, "citation": self.citation}
        return value | {"computed": True} if self.computed else value


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer. `answer` is Chinese text that holds marks `[n]` for `citations`.

    The last three tell its trace how it came about and are not in its JSON: ids of the passages that the evidence
    stands in, what the evidence does not cover, sentences of the draft that nothing bore out.
    """

    id: str
    question: str
    standalone_question: str
    status: Status
    answer: str
    citations: tuple[Citation, ...] = ()
    figures: tuple[Figure, ...] = ()
    retrieved: tuple[Hit, ...] = ()
    model: str = ""
    index_version: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    dropped: int = 0

    def to_json(self) -> dict[str, Any]:
        """The object of design: keys and their order are a contract."""
        return {
            "id": self.id,
            "question": self.question,
            "standalone_question": self.standalone_question,
            "status": self.status,
            "answer": self.answer,
            "citations": [asdict(citation) for citation in self.citations],
            "figures": [figure.to_json() for figure in self.figures],
            "retrieved": [
                {"source": h.passage.source, "start": h.passage.start, "end": h.passage.end, "score": h.score}
                for h in self.retrieved
            ],
            "model": self.model,
            "index_version": self.index_version,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """A stage of the chain has begun: "rewrite", "retrieve", "evidence", "write" or "verify"."""

    stage: str


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the draft as the model writes it; the final Answer replaces all of them."""

    text: str


Event = Progress | Token | Answer
