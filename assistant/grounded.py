"""Text whose sentences carry their citations, and several of them as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.schema import CITATION_MARK, Citation, Figure


@dataclass(frozen=True, slots=True)
class Grounded:
    """What is left of a draft: `answer` with marks [n]; `dropped` are the sentences no evidence bears out."""

    answer: str
    citations: tuple[Citation, ...]
    figures: tuple[Figure, ...]
    dropped: tuple[str, ...]


def join(parts: Sequence[Grounded]) -> Grounded:
    """Several grounded texts as one; citations are numbered anew, the same quote keeps one number.

    What two parts say in the same words is said once.
    """
    given: list[Citation] = []
    texts, figures = [], list[Figure]()
    for part in parts:
        numbers: dict[int, int] = {}
        for citation in part.citations:
            known = next((c.n for c in given if replace(c, n=citation.n) == citation), 0)
            if not known:
                known = len(given) + 1
                given.append(replace(citation, n=known))
            numbers[citation.n] = known
        text = _renumbered(part.answer, numbers)
        if text in texts:
            continue
        texts.append(text)
        figures += [replace(f, citation=numbers[f.citation] if f.citation else None) for f in part.figures]
    dropped = tuple(sentence for part in parts for sentence in part.dropped)
    return Grounded("".join(texts), tuple(given), tuple(figures), dropped)


def _renumbered(text: str, numbers: Mapping[int, int]) -> str:
    return CITATION_MARK.sub(lambda mark: f"[{numbers[int(mark[1])]}]", text)
