"""Questions to go on with after an answer, made from what the reports state near it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from assistant.examples import Stated, stated
from assistant.schema import Answer, Hit
from index import find_places

MOST = 3
_NEAR = 12  # passages searched for the same matter elsewhere

Search = Callable[[str, int], Sequence[Hit]]


def follow_ups(answer: Answer, search: Search, *, asked: Sequence[str] = ()) -> tuple[str, ...]:
    """Up to three questions that the reports answer: the matter in other places, other matters and years here.

    Each asks for a figure that a retrieved passage states with its place, its year and its indicator, and for none
    that the answer already gave or that stands in `asked`. `search` finds passages by a query.
    """
    question = answer.standalone_question or answer.question
    here = {place.name for place in find_places(question)}
    matter = _without_places(question)
    elsewhere = [hit for hit in search(matter, _NEAR) if hit.passage.place not in here] if matter and here else []
    near = [one for one in _each(answer.retrieved) if not _said(one, answer, question)]
    cited = {(citation.source, citation.start) for citation in answer.citations}
    same = [one for one in near if one.place in here or not here]
    other = sorted(_each(elsewhere), key=lambda one: -_likeness(one.what, question))
    other = [one for one in other if _likeness(one.what, question) >= 0.5 or not cited]
    return _mixed(other, same, known={question, answer.question, *asked})


def _each(hits: Sequence[Hit]) -> Iterator[Stated]:
    for hit in hits:
        yield from stated(hit.passage)


def _without_places(question: str) -> str:
    for place in sorted(find_places(question), key=lambda place: -place.start):
        question = question[: place.start] + question[place.end :]
    return question.strip("的和与、，？? ")


def _said(one: Stated, answer: Answer, question: str) -> bool:
    """Whether the question asked for this, or the answer states it."""
    return (one.what in question and one.when in question) or any(one.figure in c.quote for c in answer.citations)


def _likeness(what: str, question: str) -> float:
    """The share of the indicator's pairs of characters that the question holds."""
    pairs = {what[at : at + 2] for at in range(len(what) - 1)}
    return sum(pair in question for pair in pairs) / max(1, len(pairs))


def _mixed(first: Sequence[Stated], second: Sequence[Stated], *, known: set[str]) -> tuple[str, ...]:
    """By turns from both, no place and indicator twice."""
    found: dict[tuple[str, str], str] = {}
    for pair in zip_longest(first, second):
        for one in pair:
            if one is not None and one.question not in known:
                found.setdefault((one.place, one.what), one.question)
    return tuple(found.values())[:MOST]
