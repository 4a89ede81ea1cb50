"""What an answer's words and figures are worth against the gold answer, without regard to citations.

Measured on answerable questions only; a refusal says nothing, so it has no hits.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from assistant import FoundFigure, find_figures, same_figure
from evals.match import contains, normalise, without_marks
from evals.suite import Question


class Share(NamedTuple):
    """`hits` of `cases`."""

    hits: int
    cases: int

    @property
    def value(self) -> float | None:
        return self.hits / self.cases if self.cases else None


def answer_length(answer: str) -> int:
    """Characters of the answer without marks and white space: what a reader has to read."""
    return len("".join(without_marks(answer).split()))


def character_f1(question: Question, said: str) -> float | None:
    """F1 of the bags of characters of answer and gold answer; None if unanswerable.

    The gold answer is, of each `accept` group, the alternative that fits best. Punctuation, white space, case and
    width do not count. Source: token F1 of SQuAD (Rajpurkar et al. 2016) with characters for tokens, as is usual
    for Chinese (DRCD, Shao et al. 2018). A whole sentence scores below 1 against a gold phrase: compare runs by
    it, do not read it as a share of right answers.
    """
    if not question.answerable:
        return None
    have = _characters(said)
    gold: Counter[str] = Counter()
    for group in question.accept:
        bags = [_characters(alternative) for alternative in group]
        gold += bags[max(range(len(bags)), key=[_f1(have, bag) for bag in bags].__getitem__)]
    return _f1(have, gold)


def _characters(text: str) -> Counter[str]:
    text = normalise(without_marks(text)).casefold()
    return Counter(c for c in text if c == "%" or unicodedata.category(c)[0] in "LN")


def _f1(have: Counter[str], gold: Counter[str]) -> float:
    shared = (have & gold).total()
    return 2 * shared / (have.total() + gold.total()) if shared else 0.0


def list_recall(question: Question, said: str) -> Share:
    """`accept` groups that are said / `accept` groups, over questions that ask for more than one thing.

    Source: "instance recall" of the list questions of TREC QA 2003 (Voorhees 2003).
    """
    if not question.answerable or len(question.accept) < 2:
        return Share(0, 0)
    text = without_marks(said)
    return Share(sum(any(contains(text, one) for one in group) for group in question.accept), len(question.accept))


def gold_figure_recall(question: Question, said: str) -> Share:
    """Figures of the gold answer that the answer says / figures of the gold answer, figure by figure.

    Of each `accept` group counts the alternative with the largest share said; a group without figures has none.
    Same figure: equal value in a compatible unit (`assistant.same_figure`). Source: slot recall (MUC-4,
    Chinchor 1992) with figures for slots.
    """
    if not question.answerable:
        return Share(0, 0)
    figures = _figures(said)
    best = [_best([_found(_figures(one), figures) for one in group]) for group in question.accept]
    return Share(sum(share.hits for share in best), sum(share.cases for share in best))


def _best(shares: Sequence[Share]) -> Share:
    return max((share for share in shares if share.cases), key=lambda s: s.hits / s.cases, default=Share(0, 0))


def _found(wanted: Sequence[FoundFigure], figures: Sequence[FoundFigure]) -> Share:
    return Share(sum(any(same_figure(have, want) for have in figures) for want in wanted), len(wanted))


def gold_figure_precision(question: Question, said: str) -> Share:
    """Figures of the answer that are figures of the gold answer / figures of the answer.

    Figures that repeat the question's (the year asked for) do not count; nor do questions whose gold answer has
    no figure. Strict: a true figure that was not asked for counts against the answer. Source: slot precision
    (MUC-4, Chinchor 1992).
    """
    gold = [figure for group in question.accept for one in group for figure in _figures(one)]
    if not question.answerable or not gold:
        return Share(0, 0)
    asked = [figure for turn in (question.question, *question.history) for figure in _figures(turn)]
    own = [f for f in _figures(said) if not _among(f, asked) or _among(f, gold)]
    return Share(sum(_among(figure, gold) for figure in own), len(own))


def _figures(text: str) -> tuple[FoundFigure, ...]:
    return find_figures(normalise(without_marks(text)))


def _among(figure: FoundFigure, others: Sequence[FoundFigure]) -> bool:
    return any(same_figure(figure, other) for other in others)
