"""The hybrid retriever: dense and lexical scores of the same candidates, standardised and summed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from heapq import heappush, heappushpop
from statistics import fmean, pstdev
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.coverage import content_words, coverage, speaks_of
from assistant.periods import find_periods
from assistant.rerank import Rerank
from assistant.schema import Hit
from assistant.scope import EVERYWHERE, Scope
from index import Index, Passage

# Measured (evals/LOG.md): weighted sums of z-scores beat reciprocal ranks on Chinese question sets.
DENSE_WEIGHT = 0.5
CANDIDATES = 60
# For a passage of a place or of a year that the question names: the same notice may stand in the report of each year.
PLACE_BONUS = 1.5
YEAR_BONUS = 1.5
# For the share of the query's words, by their rarity, that a passage holds whole or by a synonym: BM25 counts pairs of
# characters, of which common ones can outweigh the word that the question is about.
COVERAGE_BONUS = 1.0
# Passages that a cross-encoder reads, if there is one.
RERANKED = 30

RUN = re.compile(r"[A-Za-z0-9.%+·]+|[\u3400-\u9fff]+")


def standardise(scores: Mapping[str, float], ids: Sequence[str]) -> dict[str, float]:
    """z-scores of `ids`; one that was not found gets the lowest score that was."""
    if not scores:
        return dict.fromkeys(ids, 0.0)
    floor = min(scores.values())
    values = [scores.get(id, floor) for id in ids]
    mean, spread = fmean(values), pstdev(values) or 1.0
    return {id: (value - mean) / spread for id, value in zip(ids, values, strict=True)}


def fuse(dense: Mapping[str, float], lexical: Mapping[str, float]) -> dict[str, float]:
    """The weighted sum of z(dense) and z(lexical) over the union of both result lists."""
    ids = list(dict.fromkeys((*dense, *lexical)))
    z_dense, z_lexical = standardise(dense, ids), standardise(lexical, ids)
    return {id: DENSE_WEIGHT * z_dense[id] + (1 - DENSE_WEIGHT) * z_lexical[id] for id in ids}


def _within_reach(scores: Mapping[str, float], k: int, bonus: float) -> list[str]:
    """Those that can be among the best `k` once some have got the `bonus`: the others need not be read."""
    least = min(sorted(scores.values(), reverse=True)[:k], default=0.0)
    return [id for id, score in scores.items() if score + bonus >= least]


class HybridRetriever(BaseRetriever):
    """A LangChain retriever over one version of the index.

    Documents carry their `Passage` and `score` in the metadata; passages of the places wanted come first.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    k: int = 10
    places: tuple[str, ...] = ()
    rerank: Rerank | None = None
    scope: Scope = EVERYWHERE

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        scored = self._candidates(query)
        scored.sort(key=lambda pair: (-pair[1], pair[0].id))
        if self.rerank:
            scored = self._reranked(query, scored[: max(RERANKED, self.k)])
        return [
            Document(page_content=passage.text, id=passage.id, metadata={"passage": passage, "score": score})
            for passage, score in scored[: self.k]
        ]

    def _candidates(self, query: str) -> list[tuple[Passage, float]]:
        """Passages within the scope with their scores; the search widens until it has enough of them."""
        wide = max(CANDIDATES, self.k)
        years = _years(query)
        words = content_words(RUN.findall(query))
        rarity = self.index.rarity(words)
        most = PLACE_BONUS * bool(self.places) + YEAR_BONUS * bool(years) + COVERAGE_BONUS
        while True:
            dense, lexical = map(dict, self.index.both(query, wide))
            fused = fuse(dense, lexical)
            reach = len(fused) if self.scope.narrows else self.k
            passages = self.index.passages(_within_reach(fused, reach, most))
            if self.scope.narrows:
                passages = [passage for passage in passages if self.scope.admits(passage)]
            if not self.scope.narrows or len(passages) >= self.k or len(dense) < wide:
                break
            wide *= 4
        scored: list[tuple[Passage, float]] = []
        best: list[float] = []  # a heap of the scores of those that will be kept
        kept = max(RERANKED, self.k) if self.rerank else self.k
        for passage in sorted(passages, key=lambda p: -fused[p.id]):
            if len(best) == kept and fused[passage.id] + most < best[0]:
                break  # with all that it could gain, neither this one nor those after it are among the best
            covered = COVERAGE_BONUS * coverage(words, rarity, passage.text, passage.title)
            scored.append((passage, fused[passage.id] + covered + _bonus(passage, self.places, years)))
            (heappush if len(best) < kept else heappushpop)(best, scored[-1][1])
        return scored

    def _reranked(self, query: str, scored: Sequence[tuple[Passage, float]]) -> list[tuple[Passage, float]]:
        """The passages by the cross-encoder's relevance, standardised, with the preference for places and years."""
        assert self.rerank is not None
        relevance = dict(enumerate(self.rerank(query, [passage.text for passage, _ in scored])))
        z = standardise({str(i): value for i, value in relevance.items()}, [str(i) for i in relevance])
        years = _years(query)
        again = [(p, z[str(i)] + _bonus(p, self.places, years)) for i, (p, _) in enumerate(scored)]
        return sorted(again, key=lambda pair: (-pair[1], pair[0].id))


def _years(query: str) -> frozenset[str]:
    """The years that the query writes out, as four digits."""
    return frozenset(year for period in find_periods(query) for year in re.findall(r"(?:19|20)\d\d", period.text))


def _bonus(passage: Passage, places: Sequence[str], years: frozenset[str]) -> float:
    """What stands to the credit of a passage of the places and years wanted: those it speaks of, or its report's."""
    of_year = passage.date[:4] in years or any(year in passage.text for year in years)
    return PLACE_BONUS * any(_speaks_of(passage, place) for place in places) + YEAR_BONUS * of_year


def _speaks_of(passage: Passage, place: str) -> bool:
    """The same as `speaks_of`, without reading the text for places where the name's beginning does not stand in it.

    Every way to write a place begins with the first two characters of its name.
    """
    beginning = place[:2]
    return (beginning in passage.text or passage.place.startswith(beginning)) and speaks_of(passage, place)


def search(
    index: Index,
    query: str,
    *,
    k: int = 10,
    places: Sequence[str] = (),
    rerank: Rerank | None = None,
    scope: Scope = EVERYWHERE,
) -> tuple[Hit, ...]:
    """The best `k` passages for `query` within `scope`, best first; those of `places` and of its years are preferred.

    `rerank` puts the best of the hybrid search in its own order.
    """
    if not query.strip():
        return ()
    retriever = HybridRetriever(index=index, k=k, places=tuple(places), rerank=rerank, scope=scope)
    return tuple(_hit(document.metadata) for document in retriever.invoke(query))


def _hit(metadata: Mapping[str, Any]) -> Hit:
    return Hit(passage=metadata["passage"], score=round(float(metadata["score"]), 4))
