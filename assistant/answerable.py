"""Whether a sentence answers a question: the probability by which the assistant answers or refuses.

A logistic regression over what was found of the question in the sentence. Its weights were fitted to questions
whose evidence is known and to questions that the reports do not answer (evals/LOG.md); no feature knows a word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from assistant.asked import best_fit, subject_share
from assistant.coverage import content_words, coverage
from assistant.figures import contains_figure
from assistant.query import Query
from assistant.required import lacking
from assistant.selection import Weighed
from index import Passage

NUMERIC = frozenset({"number", "compare", "aggregate"})
# Of 882 questions of older sets 18 whose sentence was found lie below this, of 84 without an answer 2 above (LOG.md).
ENOUGH = 0.3
_WEIGHTS: Mapping[str, float] = {
    "cover": 1.68, "likeness": 2.02, "subject": 0.60, "fit": 2.74, "whole": 1.97, "number": -1.77, "number_fit": 2.15,
}  # fmt: skip
_BIAS = -3.81


def context(passage: Passage, position: int) -> str:
    """What a sentence may leave unsaid: its article's title, its section and the sentence before it."""
    before = passage.sentences[position - 1].text if position else ""
    return f"{passage.title} {passage.sentences[position].section} {before}"


def features(query: Query, weighed: Weighed) -> Mapping[str, float]:
    """What of the question was found, each from 0 to 1."""
    evidence = weighed.evidence
    passage, sentence = evidence.passage, evidence.sentence
    around = f"{sentence.text} {context(passage, passage.sentences.index(sentence))}"
    wanted = content_words(query.terms)
    numeric = query.kind == "number"
    fit = best_fit(query, passage, sentence)
    return {
        "cover": weighed.cover,
        "likeness": weighed.similarity,
        "subject": subject_share(query, around),
        "fit": fit,
        "whole": coverage(wanted, {}, around, ""),
        "number": float(numeric),
        "number_fit": fit * numeric,
    }


# What a sentence that holds a name to the letter is worth: 谁说过“固本新兴” is asked of that sentence.
_NAMED = 0.9


# …and one that holds the very amount that the question speaks of: 省下14亿元，是哪一种费用.
_CLAIMED, _OF_IT = 0.5, 0.15


def _holds_claims(query: Query, weighed: Weighed) -> bool:
    """True if the question names amounts, and the sentence, which speaks of its matter, has all of them."""
    amounts = [claim for claim in query.claims if claim.kind in ("amount", "percent")]
    text = weighed.evidence.sentence.text
    told = bool(amounts) and all(contains_figure(text, claim) for claim in amounts)
    return told and weighed.place and weighed.period and weighed.cover >= _OF_IT


def _names(query: Query) -> list[str]:
    """What the question puts in quotation marks, unless it is short enough to stand anywhere."""
    return re.findall("[“‘]([^”’]{4,})[”’]", query.text)


def probability(query: Query, weighed: Weighed) -> float:
    """That the sentence answers the question, from 0 to 1; 0 where it lacks what the question requires."""
    if lacking(query, weighed.evidence):
        return 0.0
    if query.kind not in NUMERIC | {"when"} and any(name in weighed.evidence.sentence.text for name in _names(query)):
        return _NAMED
    total = _BIAS + sum(_WEIGHTS[name] * value for name, value in features(query, weighed).items())
    found = 1 / (1 + math.exp(-total))
    return max(found, _CLAIMED) if query.kind not in NUMERIC and _holds_claims(query, weighed) else found
