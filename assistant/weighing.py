"""Retrieved passages -> their sentences, weighed by how much of the question each holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.answerable import NUMERIC, context
from assistant.asked import best_fit, only_aims, reaches_bounds
from assistant.coverage import content_words, coverage, speaks_of
from assistant.figures import contains_figure, find_figures
from assistant.query import Query
from assistant.schema import Evidence, Hit
from assistant.selection import ORDERS_READERS, Similarity, Weighed
from assistant.timing import agrees, names_period
from index import Passage, Sentence, find_places

_AIM = re.compile(r"到20\d\d年|到“?十四五”?末|计划|力争|预计|目标|将达|争取|确保")
_SPEAKER = re.compile(r"说|表示|介绍|告诉|(?<![简名职著号统美尊])称|认为|指出|感慨|谈到|强调")
_SAYS = re.compile(r"说|讲|谈|表示|介绍|评价|透露|解释|感叹|感慨|认为|指出|强调")  # of the question: somebody speaks
_MONTHS = re.compile(r"月|日|年")


def _claimed(query: Query, text: str) -> float:
    """A sentence that holds the figures the question names is the one it speaks of."""
    claims = query.claims
    return 0.3 * sum(contains_figure(text, c) for c in claims) / len(claims) if claims else 0.0


def _kind_bonus(query: Query, passage: Passage, sentence: Sentence) -> float:
    """A sentence that can hold the kind of answer asked for is worth more."""
    text = sentence.text
    bonus = 0.0
    if query.kind in NUMERIC:
        bonus += 0.12 if any(f.kind not in {"year", "date", "code"} for f in find_figures(text)) else -0.1
        bonus -= 0.2 * (not query.aims and not query.periods and only_aims(query, passage, sentence))
    if query.kind == "who":
        bonus += 0.2 if _SPEAKER.search(text) else -0.2 * bool(_SAYS.search(query.text))
    if query.kind == "when":
        bonus += 0.08 if _MONTHS.search(text) else -0.05
    if query.kind in {"list", "definition"}:
        bonus += 0.05 * min(2, text.count("、") / 2) + _COUNTED * _counts_as_asked(query.text, text)
    if query.kind != "definition":
        aims = bool(_AIM.search(text))
        bonus += 0.06 if aims == query.aims else -0.06
    if sentence.kind == "heading":
        bonus -= 0.15
    if sentence.kind in {"caption", "box"}:
        bonus -= 0.03
    return bonus


OF_PLACE = 0.5  # what it is worth to speak of the place asked about
_COUNTED = 0.3  # what it is worth to count the items asked for


def _counts_as_asked(question: str, text: str) -> bool:
    """True if the question asks for so many (哪三个产业) and the sentence counts as many (…3个产业)."""
    asked = re.search("哪(?=[两二三四五六七八九十\\d])", question)
    wanted = next((f for f in find_figures(question[asked.end() :])[:1] if f.start == 0), None) if asked else None
    return wanted is not None and any(f.kind == "count" and f.value == wanted.value for f in find_figures(text))


def weigh(
    query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity
) -> tuple[Weighed, ...]:
    """Every sentence of the hits, scored, best first.

    score = coverage of the question's words + 0.6 standardised similarity + fit of place, period and kind.
    """
    wanted = content_words(query.terms)
    rows: list[tuple[Hit, int, Sentence]] = []
    holding: dict[tuple[str, int], list[Passage]] = {}
    for hit in hits:
        for position, sentence in enumerate(hit.passage.sentences):
            key = (hit.passage.source, sentence.start)
            if len(sentence.text) > 3 and not ORDERS_READERS.search(sentence.text):
                holding.setdefault(key, []).append(hit.passage)
                if len(holding[key]) == 1:
                    rows.append((hit, position, sentence))
    if not rows:
        return ()
    covers = [coverage(wanted, rarity, s.text, context(h.passage, i)) for h, i, s in rows]
    likeness = _similarities(query, rows, covers, similarity)
    best_hit = hits[0].score
    weighed = []
    for (hit, position, sentence), cover, like in zip(rows, covers, likeness, strict=True):
        told = holding[hit.passage.source, sentence.start]  # one passage may begin where another names the place
        place = all(any(of_place(p, passage, sentence) for passage in told) for p in query.places)
        liked = any(speaks_of(hit.passage, p) for p in query.inherited)
        period = agrees(query, hit.passage, position, coverage(wanted, rarity, sentence.text, ""))
        score = (
            cover
            + 0.8 * like
            + 0.05 * (hit.score - best_hit)
            + (0.0 if place else -OF_PLACE)
            + (0.25 if liked else 0.0)
            + (0.0 if period else -0.3)
            + (0.15 if names_period(query, sentence, hit.passage.date) else 0.0)
            + _kind_bonus(query, hit.passage, sentence)
            + (0.4 * best_fit(query, hit.passage, sentence) if query.kind in NUMERIC else 0.0)
            + _claimed(query, sentence.text)
            - (0.0 if reaches_bounds(query, sentence.text) else 0.5)
        )
        weighed.append(Weighed(Evidence(hit.passage, sentence, round(score, 4)), cover, like, place, period))
    return tuple(sorted(weighed, key=lambda w: (-w.evidence.score, w.evidence.sentence.start)))


_IN_A_NAME = re.compile(
    "[\u3400-\u9fff]{0,4}?(?:大学|学院|科学院|研究院|公司|集团|专家)"
)  # 浙江大学 is no news of 浙江


def of_place(place: str, passage: Passage, sentence: Sentence) -> bool:
    """True if the sentence names the place, or stands in its article, or the place named last before it is that.

    An article about another place that names this one somewhere does not speak of it in every sentence.
    """
    if place and passage.place.startswith(place):
        return True
    named = find_places(sentence.text)
    if any(found.name == place for found in named):
        return True
    if any(not _IN_A_NAME.match(sentence.text, found.end) for found in named):
        return False
    before = "".join(s.text for s in passage.sentences if s.start < sentence.start)
    return [found.name for found in find_places(before)[-1:]] == [place]


def _similarities(
    query: Query, rows: Sequence[tuple[Hit, int, Sentence]], covers: Sequence[float], similarity: Similarity
) -> list[float]:
    """Cosine of question and sentence for the best-covered sentences; the others get the lowest of these."""
    order = sorted(range(len(rows)), key=lambda i: -covers[i])[:LIKENED]
    cosines = dict(zip(order, similarity(query.text, [rows[i][2].text for i in order]), strict=True))
    floor = min(cosines.values())
    return [cosines.get(i, floor) for i in range(len(rows))]


# Sentences whose likeness to the question is worth the time to embed them.
LIKENED = 8
