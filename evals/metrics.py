"""What is measured of one answer; every share keeps its counts, so that `summary` can add them up."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant import Citation, Figure, contains_figure, find_figures
from evals.match import MARK, contains, normalise, without_marks
from evals.suite import GoldEvidence, Question, locate
from evals.wording import (
    Share,
    answer_length,
    character_f1,
    gold_figure_precision,
    gold_figure_recall,
    list_recall,
)
from index import ReportError

TextOf = Callable[[str], str]
RANKS = (1, 5, 10)
_BREAK = re.compile(r"(?<!\d)\s+|\s+(?!\d)")  # white space, unless it parts two numbers
_SEAM = 12  # characters on either side of a cut: no figure is longer


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the contract's JSON has it; `retrieved` holds (source, start, end), best first.

    `first_token` and `total` are seconds on the evaluator's own clock; `stages` holds the seconds of each stage
    as the assistant tells them.
    """

    status: str
    answer: str
    citations: tuple[Citation, ...]
    figures: tuple[Figure, ...]
    retrieved: tuple[tuple[str, int, int], ...]
    first_token: float
    total: float
    stages: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def from_json(cls, answer: Mapping[str, Any], *, first_token: float, total: float) -> Reply:
        """The reply in an object of `judian ask --json`."""
        return cls(
            status=answer["status"],
            answer=answer["answer"],
            citations=tuple(Citation(**citation) for citation in answer["citations"]),
            figures=tuple(Figure(**figure) for figure in answer["figures"]),
            retrieved=tuple((hit["source"], hit["start"], hit["end"]) for hit in answer["retrieved"]),
            first_token=first_token,
            total=total,
            stages=answer.get("seconds") or {},
        )


@dataclass(frozen=True, slots=True)
class Score:
    """All measures of one question; see the function of each name."""

    correct: bool
    false_answer: bool | None
    false_refusal: bool | None
    character_f1: float | None
    list_recall: Share
    gold_figure_recall: Share
    gold_figure_precision: Share
    length: int
    citation_support: Share
    uncited: Share
    citation_exactness: Share
    citation_precision: Share
    evidence_recall: Share
    evidence_found: Share
    figure_precision: Share
    figures_verified: Share
    verified_wrongly: Share
    retrieval_recall: tuple[Share, ...]
    reciprocal_rank: float | None
    first_token: float
    total: float
    stages: Mapping[str, float] = field(default_factory=dict)


def score(question: Question, reply: Reply, text_of: TextOf) -> Score:
    """Every measure of one reply. `text_of(source)` is a source's extracted text, or raises ReportError."""
    refused = reply.status == "refused"
    said = "" if refused else reply.answer
    supported = citation_support(reply)
    return Score(
        correct=correct(question, reply),
        false_answer=None if question.answerable else not refused,
        false_refusal=refused if question.answerable else None,
        character_f1=character_f1(question, said),
        list_recall=list_recall(question, said),
        gold_figure_recall=gold_figure_recall(question, said),
        gold_figure_precision=gold_figure_precision(question, said),
        length=answer_length(reply.answer),
        citation_support=supported,
        uncited=Share(supported.cases - supported.hits, supported.cases),
        citation_exactness=citation_exactness(reply, text_of),
        citation_precision=citation_precision(question, reply, text_of),
        evidence_recall=evidence_recall(question, reply, text_of),
        evidence_found=evidence_found(question, reply, text_of),
        figure_precision=figure_precision(reply),
        figures_verified=Share(sum(f.verified for f in reply.figures), len(reply.figures)),
        verified_wrongly=verified_wrongly(reply),
        retrieval_recall=tuple(retrieval_recall(question, reply, text_of, k=k) for k in RANKS),
        reciprocal_rank=reciprocal_rank(question, reply, text_of),
        first_token=reply.first_token,
        total=reply.total,
        stages=reply.stages,
    )


def correct(question: Question, reply: Reply) -> bool:
    """Answerable: not refused, and one alternative of every `accept` group is said. Unanswerable: refused.

    An answer that says anything of `forbid` is wrong whatever else it says (3月 says no year); the refusal of an
    unanswerable question may name the nearest record, so there nothing is forbidden. Source: key-fact ("nugget")
    matching as in TREC QA 2003, each nugget vital; how two texts are compared is `match.contains`.
    """
    text = without_marks(reply.answer)
    if not question.answerable:
        return reply.status == "refused"
    if any(contains(text, wrong, whole_dates=True) for wrong in question.forbid):
        return False
    said = all(any(contains(text, alternative) for alternative in group) for group in question.accept)
    return said and reply.status != "refused"


def citation_support(reply: Reply) -> Share:
    """Answer sentences with at least one mark of an existing citation / answer sentences.

    Its complement, `uncited`, counts the sentences without one. A line that ends in a colon introduces others
    and claims nothing; a refusal has no sentences to support.
    Source: "citation recall" of ALCE (Gao et al. 2023), with the presence of a mark in place of an NLI judge.
    """
    if reply.status == "refused":
        return Share(0, 0)
    known = {f"[{citation.n}]" for citation in reply.citations}
    sentences = _sentences(reply.answer)
    return Share(sum(bool(known & set(MARK.findall(s))) for s in sentences), len(sentences))


def _sentences(answer: str) -> list[str]:
    """The claiming sentences of an answer, each with the marks right before or after its full stop."""
    parts = re.findall(rf"[^。！？!?\n]*(?:[。！？!?]+(?:\s*{MARK.pattern}|[”」』）)])*|\n|$)", answer)
    return [part for part in parts if re.search(r"\w", without_marks(part)) and not _introduces(part)]


def _introduces(sentence: str) -> bool:
    return without_marks(sentence).rstrip().endswith(("：", ":"))


def citation_exactness(reply: Reply, text_of: TextOf) -> Share:
    """Citations whose quote is the source's text at their offsets, character by character / citations."""
    return Share(sum(_exact(citation, text_of) for citation in reply.citations), len(reply.citations))


def _exact(citation: Citation, text_of: TextOf) -> bool:
    if not 0 <= citation.start < citation.end:
        return False
    try:
        return text_of(citation.source)[citation.start : citation.end] == citation.quote
    except ReportError:
        return False


def citation_precision(question: Question, reply: Reply, text_of: TextOf) -> Share:
    """Citations that overlap a gold quote / citations, over answerable questions that name their evidence.

    Source: "citation precision" of ALCE (Gao et al. 2023), with the gold evidence in place of an NLI judge: a
    true citation that the suite's author did not think of counts against the answer.
    """
    if not question.answerable or not question.evidence:
        return Share(0, 0)
    fitting = [any(_cites(citation, gold, text_of) for gold in question.evidence) for citation in reply.citations]
    return Share(sum(fitting), len(fitting))


def evidence_recall(question: Question, reply: Reply, text_of: TextOf) -> Share:
    """Gold quotes that a citation overlaps / gold quotes, over answerable questions.

    Overlap: the same source and at least half of the shorter range; where the gold quote does not stand in
    the source as it is now, one text within the other.
    """
    if not question.answerable:
        return Share(0, 0)
    cited = [any(_cites(c, gold, text_of) for c in reply.citations) for gold in question.evidence]
    return Share(sum(cited), len(cited))


def evidence_found(question: Question, reply: Reply, text_of: TextOf) -> Share:
    """Gold quotes that any retrieved passage, or a citation, overlaps / gold quotes, over answerable questions."""
    found = evidence_trace(question, reply, text_of) if question.answerable else ()
    return Share(sum(bool(rank) or cited for rank, cited in found), len(found))


def evidence_trace(question: Question, reply: Reply, text_of: TextOf) -> tuple[tuple[int | None, bool], ...]:
    """Of each gold quote: the rank (from 1) of the first passage that overlaps it, and whether a citation does."""
    return tuple(
        (_rank(gold, reply, text_of), any(_cites(citation, gold, text_of) for citation in reply.citations))
        for gold in question.evidence
    )


def _cites(citation: Citation, gold: GoldEvidence, text_of: TextOf) -> bool:
    if citation.source != gold.source:
        return False
    places = _places(gold, text_of)
    if places:
        return any(_overlap((citation.start, citation.end), place) for place in places)
    quote, wanted = normalise(citation.quote), normalise(gold.quote)
    return bool(quote) and (quote in wanted or wanted in quote)


def _places(gold: GoldEvidence, text_of: TextOf) -> tuple[tuple[int, int], ...]:
    try:
        return locate(gold.quote, text_of(gold.source))
    except ReportError:
        return ()


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > 0 and 2 * shared >= min(one[1] - one[0], other[1] - other[0])


def figure_precision(reply: Reply) -> Share:
    """Figures of the answer that stand in a cited quote, title or date / figures of the answer.

    Found anew from the text; what the answer says of its own figures is not trusted. A sum that stands in no
    report counts as not found.
    """
    if reply.status == "refused":
        return Share(0, 0)
    figures = find_figures(without_marks(reply.answer))
    proof = "\n".join([*map(_said_by, reply.citations), *_rejoined(reply).values()])
    return Share(sum(contains_figure(proof, figure) for figure in figures), len(figures))


def verified_wrongly(reply: Reply) -> Share:
    """Figures marked verified that do not stand in the citation they name / figures marked verified.

    One that the page cuts in two (a picture stands inside it) stands in that citation and the next together.
    """
    said, rejoined = {citation.n: _said_by(citation) for citation in reply.citations}, _rejoined(reply)
    marked = [figure for figure in reply.figures if figure.verified]
    return Share(sum(not _proved(figure, said, rejoined) for figure in marked), len(marked))


def _proved(figure: Figure, said: Mapping[int, str], rejoined: Mapping[int, str]) -> bool:
    n = figure.citation or 0
    across = _stands(figure.text, rejoined.get(n, "")) and not _stands(figure.text, said.get(n + 1, ""))
    return across or _stands(figure.text, said.get(n, ""))


def _rejoined(reply: Reply) -> dict[int, str]:
    """For each citation that the next goes on with, below it in the same source: the last and first words of both."""
    pairs = zip(reply.citations, reply.citations[1:], strict=False)
    return {
        one.n: _whole(one.quote)[-_SEAM:] + _whole(after.quote)[:_SEAM]
        for one, after in pairs
        if (one.source, one.n + 1) == (after.source, after.n) and one.end <= after.start
    }


def _whole(quote: str) -> str:
    """A quote without the line breaks that cut its figures and words."""
    return _BREAK.sub("", quote)


def _stands(figure: str, text: str) -> bool:
    wanted = find_figures(figure)
    return all(contains_figure(text, want) for want in wanted) if wanted else contains(text, figure)


def _said_by(citation: Citation) -> str:
    """A citation's quote, title and date (in Chinese), apart from one another."""
    parts = [part.lstrip("0") for part in citation.date.split("-") if part]
    date = "".join(number + unit for number, unit in zip(parts, "年月日", strict=False))
    return "。\n".join(part for part in (_whole(citation.quote), citation.title, date) if part)


def retrieval_recall(question: Question, reply: Reply, text_of: TextOf, *, k: int) -> Share:
    """Gold quotes that one of the first `k` passages overlaps / gold quotes (answerable questions)."""
    if not question.answerable:
        return Share(0, 0)
    found = [_rank(gold, reply, text_of) for gold in question.evidence]
    return Share(sum(rank is not None and rank <= k for rank in found), len(found))


def reciprocal_rank(question: Question, reply: Reply, text_of: TextOf) -> float | None:
    """1 / rank of the first passage that overlaps a gold quote, 0 if none does (Voorhees, TREC-8 QA)."""
    if not question.answerable or not question.evidence:
        return None
    ranks = [rank for gold in question.evidence if (rank := _rank(gold, reply, text_of))]
    return 1 / min(ranks) if ranks else 0.0


def _rank(gold: GoldEvidence, reply: Reply, text_of: TextOf) -> int | None:
    places = _places(gold, text_of)
    for rank, (source, start, end) in enumerate(reply.retrieved, start=1):
        if source == gold.source and any(_overlap((start, end), place) for place in places):
            return rank
    return None
