"""What a figure of a sentence counts, held against a phrase of a question."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.align import content, share
from assistant.asked import NOW
from assistant.asked_units import in_unit
from assistant.clauses import governing, local_words, without_subject
from assistant.figures import FoundFigure, find_figures
from assistant.formula import RECKONS
from assistant.periods import find_periods
from assistant.schema import Evidence

# By how much the better of two figures must be what is said.
CLEARLY = 0.04
_SAME_WORDS = (("动工", "开工"), ("花了", "完成"), ("规模以上", "规上"))
_GROWTH = re.compile("(?:同比)?(?:增长率|增长|增幅)")


def written_alike(text: str) -> str:
    for said, same in _SAME_WORDS:
        text = text.replace(said, same)
    if re.search("[两二三四]级", text):  # 国家、省、市三级
        text = re.sub("(?<=[家省市县区州乡镇])(?=[、和与]|[两二三四]级)", "级", text)
    return _GROWTH.sub("增速", text)


def words_of(text: str) -> Mapping[str, float]:
    return content(RECKONS.sub("，", without_subject(written_alike(text))))


def counting_figures(evidence: Evidence) -> list[FoundFigure]:
    """The exact figures of the sentence that count something, in order; not 3000万元以上的项目, which tells which."""
    text = evidence.sentence.text
    counting = (f for f in find_figures(text) if f.kind not in ("year", "date", "code", "ordinal"))
    return [
        f
        for f in counting
        if f.value and not f.high and not re.match("(?:以上|以下|以内|级)的?[^，。；、）]", text[f.end :])
    ]


def means(phrase: str, evidence: Evidence, figure: FoundFigure) -> float:
    """How well what the figure counts is what `phrase` says (0 to 1): its own words, and those before it."""
    text = evidence.sentence.text
    own, wanted = words_of(local_words(text, figure)), words_of(phrase)
    behind = words_of(f"{evidence.passage.title}，{evidence.sentence.section}")
    return 0.5 * share(own, wanted) + 0.5 * share(wanted, own, words_of(text[: figure.start]), behind)


def of_time(phrase: str, evidence: Evidence, figure: FoundFigure) -> bool:
    """False if the phrase names a period and the figure is of another."""
    text, date = evidence.sentence.text, evidence.passage.date
    asked = [p for p in find_periods(phrase, reference=date) if p.first]
    held = governing(find_periods(text, reference=date), text, figure)
    if not asked or not held or not held.first or NOW.search(held.text):
        return True
    return any(p.first <= held.first and held.last <= p.last for p in asked)


def less(one: FoundFigure, other: FoundFigure) -> bool:
    return one.value is not None and other.value is not None and one.value < other.value


def comparable(one: FoundFigure, other: FoundFigure) -> bool:
    return one.unit not in ("%", "百分点") and (one.unit == other.unit or in_unit(one, other.unit))


def told_apart(one: frozenset[str], words: Sequence[frozenset[str]], evidence: Evidence) -> bool:
    """False if the sentence holds no word that tells this operand from the others."""
    own = one - frozenset.intersection(*words)
    return not own or any(word in written_alike(evidence.sentence.text) for word in own)


def clearest(phrase: str, evidence: Evidence, figures: Sequence[FoundFigure]) -> FoundFigure | None:
    """The figure that is what `phrase` says; None where two are as much."""
    ranked = sorted(figures, key=lambda f: -means(phrase, evidence, f))
    fits = [means(phrase, evidence, f) for f in ranked]
    return ranked[0] if fits and (len(fits) == 1 or fits[0] > fits[1] + CLEARLY) else None
