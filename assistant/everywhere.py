"""A question to all reports (哪些城市…): for each place they speak of, the sentence that speaks of what is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assistant.analyse import analyse
from assistant.answerable import NUMERIC
from assistant.asked import ENOUGH, Picked, aimed, best_fit, pick, reaches_bounds
from assistant.asked_units import in_unit, units_of
from assistant.coverage import THERE, content_words, coverage, presence, weight
from assistant.figures import find_figures, lower_bound
from assistant.query import ANY_COUNT, Query
from assistant.schema import Evidence, Hit
from assistant.selection import ORDERS_READERS, Selection
from assistant.timing import agrees
from index import Sentence

# A place joins the answer to 哪些城市… only if its sentence speaks of nearly all that was asked.
COVER_EVERYWHERE = 0.75
_COVER_NAMED = 0.35  # …less where it holds the name in quotation marks that the question looks for


def select_everywhere(query: Query, hits: Sequence[Hit], rarity: Mapping[str, float]) -> tuple[Selection, ...]:
    """One selection for each place that the hits speak of and that covers the question: 哪些城市…; () if none does.

    Alternatives (飞地园区、飞地经济) need not all be there.
    """
    places = tuple(dict.fromkeys(hit.passage.place for hit in hits if hit.passage.place))
    if query.inherited:  # asked of these alone
        places = tuple(place for place in places if place.startswith(query.inherited))
    names = _QUOTED.findall(query.text)
    if names:  # what the question puts in quotation marks is what it looks for
        rarity = {word: value if any(word in name for name in names) else 0.0 for word, value in rarity.items()}
    alternatives = [content_words(terms) for terms in _alternatives(query)]
    found = []
    for place in places:
        own = [hit for hit in hits if hit.passage.place == place]
        best = _best_of_place(query, own, alternatives, rarity)
        if best:
            found.append(Selection(replace(query, places=(place,)), (best,)))
    return tuple(found)


def of_each_place(query: Query, hits: Sequence[Hit]) -> tuple[Query, ...]:
    """The question for a figure of each place that the hits are of: 哪些城市有规上企业，各多少户.

    () where no figures are asked for.
    """
    if query.aims or not asks_figures(query) or lower_bound(query.text):
        return ()
    places = tuple(dict.fromkeys(hit.passage.place for hit in hits if hit.passage.place))
    matter = "".join((*(period.text for period in query.periods), *(t for t in query.terms if t not in places)))
    unit = "个" if query.unit == ANY_COUNT else query.unit
    counted = unit and any(figure.kind == "count" for figure in find_figures(f"3{unit}"))
    ask = f"有多少{unit}" if counted else "是多少"
    return tuple(analyse(f"{place}{matter}{ask}？") for place in places)


def _reached(query: Query, evidence: Sequence[Evidence]) -> Picked | None:
    """The figure asked for, one that is there unless the question asks for what is aimed at; None if none is told."""
    picked = pick(query, evidence)
    there = picked and (query.aims or not aimed(picked.evidence.sentence.text, picked.figure))
    return picked if there else None


def told_apart(selections: Iterable[Selection]) -> tuple[Selection, ...]:
    """Those that tell the figure asked for, each figure once, for that which it fits best; () for fewer than two."""
    best: dict[tuple[str, int, int], tuple[float, Selection]] = {}
    for one in (one for one in selections if one.covered):
        picked = _reached(one.query, one.evidence)
        if picked:
            sentence = picked.evidence.sentence
            place = picked.evidence.passage.source, sentence.start, picked.figure.start
            if place not in best or picked.fit > best[place][0]:
                best[place] = picked.fit, one
    return tuple(one for _, one in best.values()) if len(best) > 1 else ()


_LITTLE = 0.3  # what a word that any report holds weighs at most
_QUOTED = re.compile("“([^”]+)”")


def _alternatives(query: Query) -> list[tuple[str, ...]]:
    """The terms that a sentence must hold, in each of the ways that the question allows (飞地园区、飞地经济)."""
    text = re.sub("“[^”]*”", "", query.text)
    each: list[str] = []
    common: list[str] = []
    for term in query.terms:
        several = [one for one in re.split("或者?|还是", term) if one]
        listed = len(several) > 1 or bool(re.search(rf"{re.escape(term)}[、/]|[、/]{re.escape(term)}", text))
        (each if listed else common).extend(several)
    if any("规上" in term or "规模以上" in term for term in common):  # enterprises above scale are industrial ones
        common = [term.replace("工业企业", "企业") for term in common]
    each = [one for one in each if any(weight(word, {}) > _LITTLE for word in content_words((one,)))]  # 项目、材料
    return [(*common, one) for one in each] or [tuple(common)]


SUPERLATIVE = re.compile("最[高低多少大小快慢强]")
_HOW_MUCH = re.compile(
    "[各别]有?是?(?:多少|几)|多少$|[由从][多少高低大小][到至][多少高低大小]|(?:数额|数量|目标)各?是?多少"
)


def _letters(text: str) -> str:
    """The text without what stands between words: “园区提质 企业满园” may be typed for “园区提质、企业满园”."""
    return re.sub(r"[\s、，·]", "", text)


def asks_figures(query: Query) -> bool:
    """True if the question asks for a figure of each place, or for the place with the greatest."""
    how_much = SUPERLATIVE.search(query.text) or _HOW_MUCH.search(query.text.rstrip("？?。"))
    return bool(how_much and units_of(query))


def _tells_how_much(query: Query, sentence: Sentence) -> bool:
    """False if the question asks each place for a figure in a unit, and the sentence has none, or none that is aimed
    at where it asks for aims.
    """
    if not asks_figures(query):
        return True
    units, most = units_of(query), bool(SUPERLATIVE.search(query.text))
    figures = [f for f in find_figures(sentence.text) if any(in_unit(f, unit) for unit in units)]
    if most and not query.aims:  # which has most is told by what there is
        return any(not aimed(sentence.text, figure) for figure in figures)
    return any(aimed(sentence.text, figure) for figure in figures) if query.aims else bool(figures)


def _told(wanted: Sequence[str], rarity: Mapping[str, float], text: str) -> float:
    """Coverage of the wanted words by a sentence; 0 where the one that tells most is not there."""
    most = max(wanted, key=lambda word: weight(word, rarity), default="")
    return coverage(wanted, rarity, text, "") if presence(most, text) >= THERE else 0.0


def _best_of_place(
    query: Query, hits: Sequence[Hit], alternatives: Sequence[Sequence[str]], rarity: Mapping[str, float]
) -> Evidence | None:
    """The sentence of one place that speaks most of what is asked, if it speaks of nearly all of it.

    What the question puts in quotation marks must be there to the letter.
    """
    named = _QUOTED.findall(query.text)
    best, most = None, COVER_EVERYWHERE
    for hit in hits:
        for position, sentence in enumerate(hit.passage.sentences):
            if sentence.kind == "heading" or len(sentence.text) < 8 or ORDERS_READERS.search(sentence.text):
                continue
            if named and not any(_letters(name) in _letters(sentence.text) for name in named):
                continue
            if not (reaches_bounds(query, sentence.text) and _tells_how_much(query, sentence)):
                continue
            cover = max(_told(wanted, rarity, sentence.text) for wanted in alternatives)
            cover = max(cover, COVER_EVERYWHERE + 0.01) if named and cover > _COVER_NAMED else cover
            fits = best_fit(query, hit.passage, sentence) if query.kind in NUMERIC and units_of(query) else 0.0
            if SUPERLATIVE.search(query.text) and units_of(query) and fits < ENOUGH:
                continue
            cover += 0.05 * fits
            if cover > most and agrees(query, hit.passage, position, cover):
                best, most = Evidence(hit.passage, sentence, round(cover, 4)), cover
    return best
