"""Whether a sentence answers a question: the probability by which the assistant answers or refuses.

A logistic regression over what was found of the question in the sentence. Its weights were fitted to questions
whose evidence is known and to questions that the reports do not answer (evals/LOG.md); no feature knows a word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from assistant.asked import best_fit, in_unit, subject_share
from assistant.coverage import content_words, coverage, presence
from assistant.figures import find_figures
from assistant.query import Query
from assistant.selection import Weighed
from assistant.wordclass import matter
from index import Passage

NUMERIC = frozenset({"number", "compare", "aggregate"})
# Where one error of either sort is worth as much as the other on the tuning sets.
ENOUGH = 0.35
_WEIGHTS: Mapping[str, float] = {
    "cover": 1.85, "likeness": 2.18, "subject": 0.67, "fit": 2.44, "whole": 2.10, "missed": -0.42, "unit": 1.11,
    "number": -2.07, "number_fit": 2.18,
}  # fmt: skip
_BIAS = -4.72


def context(passage: Passage, position: int) -> str:
    """What a sentence may leave unsaid: its article's title, its section and the sentence before it."""
    before = passage.sentences[position - 1].text if position else ""
    return f"{passage.title} {passage.sentences[position].section} {before}"


def features(query: Query, weighed: Weighed, rarity: Mapping[str, float]) -> Mapping[str, float]:
    """What of the question was found, each from 0 to 1; `missed` is the weight of the word it misses most."""
    evidence = weighed.evidence
    passage, sentence = evidence.passage, evidence.sentence
    around = f"{sentence.text} {context(passage, passage.sentences.index(sentence))}"
    wanted = content_words(query.terms)
    numeric = query.kind == "number"
    fit = best_fit(query, passage, sentence)
    lacking = (matter(w) * (0.2 + 0.8 * rarity.get(w, 1.0)) * (1 - presence(w, around)) for w in wanted)
    return {
        "cover": weighed.cover,
        "likeness": weighed.similarity,
        "subject": subject_share(query, around),
        "fit": fit,
        "whole": coverage(wanted, {}, around, ""),
        "missed": max(lacking, default=0.0),
        "unit": float(not query.unit or _in_unit(query, weighed)),
        "number": float(numeric),
        "number_fit": fit * numeric,
    }


def _in_unit(query: Query, weighed: Weighed) -> bool:
    return any(in_unit(figure, query.unit) for figure in find_figures(weighed.evidence.sentence.text))


def probability(query: Query, weighed: Weighed, rarity: Mapping[str, float]) -> float:
    """That the sentence answers the question, from 0 to 1; 0 where it has no figure in the unit asked for."""
    if query.kind == "number" and query.unit and not _in_unit(query, weighed):
        return 0.0
    total = _BIAS + sum(_WEIGHTS[name] * value for name, value in features(query, weighed, rarity).items())
    return 1 / (1 + math.exp(-total))
