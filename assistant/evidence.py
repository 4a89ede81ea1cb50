"""Retrieved passages -> the sentences that bear on the question, and whether they cover what was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from assistant.answerable import ENOUGH, NUMERIC, context, probability
from assistant.asked import best_fit, misdated, only_aims, only_of_zone, reaches_bounds, units_of
from assistant.coverage import THERE, content_words, coverage, presence, speaks_of
from assistant.ellipsis import SERIES
from assistant.figures import contains_figure, find_figures
from assistant.periods import find_periods
from assistant.query import Query
from assistant.schema import Evidence, Hit
from assistant.selection import ORDERS_READERS, Selection, Similarity, Weighed
from assistant.timing import agrees, names_period
from assistant.unfold import (
    accounts,
    continuation,
    explains,
    guests,
    identified,
    interviewed,
    of_digit,
    outlined,
    post_of_speaker,
    signed,
    spelled_out,
    titled,
    under,
)
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
        place = all(any(_of_place(p, passage, sentence) for passage in told) for p in query.places)
        liked = any(speaks_of(hit.passage, p) for p in query.inherited)
        period = agrees(query, hit.passage, position, coverage(wanted, rarity, sentence.text, ""))
        score = (
            cover
            + 0.8 * like
            + 0.05 * (hit.score - best_hit)
            + (0.0 if place else -0.5)
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


def _of_place(place: str, passage: Passage, sentence: Sentence) -> bool:
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

# A question is covered if one of this many best sentences answers it.
JUDGED = 3
# …and of so many, those of other places go with it into a list.
_LOOKED_AT = 30
# …and of so many, one may hold what the question says of another year.
_FEW = 8
_COUNTS = {"list": 4, "definition": 2, "how": 2, "open": 2, "number": 2, "who": 2, "when": 2, "yesno": 2}

# How far behind the best sentence another may score and still be evidence.
_MARGINS = {"list": 0.12, "definition": 0.12, "how": 0.15, "open": 0.15}


def _answers(query: Query, rows: Sequence[Weighed]) -> list[Weighed]:
    """Those of the best rows that answer the question."""
    return [
        w
        for w in rows[:JUDGED]
        if probability(query, w) >= ENOUGH
        and not _lacks_name(query, w, rows)
        and not _of_other_level(query, w.evidence.sentence.text)
    ]


_OPEN = 0.04  # probability from which on it is open whether a sentence answers


def doubtful(selection: Selection) -> tuple[Evidence, ...]:
    """The two best sentences of which it is open whether they answer, where none is known to."""
    query = selection.query
    if selection.missing != ("matter",) or query.kind == "aggregate":
        return ()
    rows = [w for w in selection.weighed if w.place and w.period][:JUDGED]
    rows = [w for w in rows if not _lacks_name(query, w, rows) and not _of_other_level(query, w.evidence.sentence.text)]
    likely = [(probability(query, w), w.evidence) for w in rows]
    if any(found >= ENOUGH for found, _ in likely):  # refused for another reason
        return ()
    likely.sort(key=lambda pair: -pair[0])
    return tuple(one for found, one in likely[:2] if found >= _OPEN)


_LEVELS = re.compile("国家级|省级|市级|县级")


def _of_other_level(query: Query, text: str) -> bool:
    """True if the question asks for what is 国家级 and the sentence tells of other levels only."""
    asked = [level.removesuffix("级") for level in _LEVELS.findall(query.text)]
    others = _LEVELS.search(text)  # a report writes 省专精特新企业 as well
    return query.kind == "number" and bool(asked and others) and not any(level in text for level in asked)


_ZONE = re.compile("(?<![\u3400-\u9fff])[\u3400-\u9fff]{2,6}(?:园区|开发区|高新区|经开区|新区|基地)")
_BUT_FOR = re.compile("[\u3400-\u9fff]{2}外(?=的?(?:工业|产业|投资|项目|收入|产值))")  # 能源外工业投资
_INDUSTRY = re.compile("([\u3400-\u9fff]{2,4})(?:产业|行业|集群)")  # 榨菜产业: no figure of the city's industry
_IN_BRACKETS = re.compile("[（(][^（）()]*[）)]")
_ALL_BUT = 0.8  # presence of a word that is there whole or abbreviated, not of one that differs
_NAME = 3  # characters from which on a word may be a name


def _lacks_name(query: Query, weighed: Weighed, rows: Sequence[Weighed]) -> bool:
    """True if a figure is asked for and another of the best rows has a long word of the question that neither this
    sentence nor what goes before it has: the figure is of something else.
    """
    if query.kind != "number":
        return False
    passage, sentence = weighed.evidence.passage, weighed.evidence.sentence
    told = f"{sentence.text} {context(passage, passage.sentences.index(sentence))}"
    bare = _IN_BRACKETS.sub("", query.text)  # 省级开发区（产业园区）: another name, which a report need not give
    zones = [zone for term in query.terms for zone in _ZONE.findall(term)]
    names = [w for w in (*content_words(query.terms), *zones) if len(w) >= _NAME and w in bare]
    whole = bool(find_places(sentence.text))  # a sentence that names its place is not of the zone told of before it
    names += [*SERIES.findall(query.text), *_BUT_FOR.findall(query.text)]
    industries = [found[1] for term in query.terms for found in _INDUSTRY.finditer(term)]
    unnamed = [w for w in industries if presence(w, told) < THERE]
    if any(presence(word, row.evidence.sentence.text) > _ALL_BUT for word in unnamed for row in rows[:_LOOKED_AT]):
        return True
    absent = [w for w in names if presence(w, sentence.text if whole and _ZONE.fullmatch(w) else told) < THERE]
    return any(presence(word, row.evidence.sentence.text) > _ALL_BUT for word in absent for row in rows[:JUDGED])


def select(query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity) -> Selection:
    """The evidence for one question without sub-questions.

    `missing` names what no sentence covers: the places the reports do not speak of, "period" where they speak of
    the matter for other periods only, "scope" for a zone of the place only, or "matter" where they do not speak of it.
    """
    rows = weigh(query, hits, rarity, similarity)
    named = guests(query, rows) or signed(query, rows) or titled(query, rows) or identified(query, rows)
    if named:
        return Selection(query, named, (), rows, whole=True)
    unknown = tuple(
        p for p in query.places if not any(_of_place(p, w.evidence.passage, w.evidence.sentence) for w in rows)
    )
    there = tuple(w for w in rows if w.place)
    in_time = [w for w in there if w.period]
    lacking = [w for w in in_time[:JUDGED] if _lacks_name(query, w, rows)]  # these are of something else
    fits = [*(w for w in in_time if w not in lacking), *lacking]
    missing: tuple[str, ...] = ()
    if unknown or not there:
        missing = unknown or ("matter",)
    answering: Sequence[Weighed] = ()
    if not missing and not _answers(query, fits):
        answering = _answers(query, there)
        missing = ("period",) if answering else ("matter",)
        wrong = [w for w in (*answering[:1], *there[:_FEW]) if misdated(query, w.evidence.sentence.text)][:1]
        if answering and wrong:
            answering, missing = [*wrong, *(w for w in answering if w not in wrong)], ()  # a premise to be put right
    if not missing and _of_no_such_event(query, rarity):
        missing = ("matter",)
    if not missing and query.kind == "number" and units_of(query) and query.places:
        answering = _answers(query, fits) or answering
        if all(only_of_zone(query, w.evidence.sentence) for w in answering):
            missing = ("scope",)
    chosen = _closest(query, answering or fits or there or rows)
    whole = query.accounts and not missing
    if whole:
        chosen = accounts(query, fits)
    if query.kind == "when":
        chosen = _dated(_of_event(query, chosen, fits))
    if query.kind == "who" and chosen and not missing:
        turn = interviewed(query, chosen[0], rows)
        post = post_of_speaker(query, (*turn, *chosen)[0], rows)
        if turn or post:
            chosen, whole = (*turn, chosen[0], *post), True
    if query.kind == "list" and not (query.places or query.inherited or missing):
        chosen += _of_other_places(query, chosen, rows)
        whole = len({one.passage.place for one in chosen}) > 1
    return Selection(query, chosen, missing, rows, whole=whole)


_WHY, _NOWHERE = re.compile("为什么|为何|因何|原因"), 0.98


def _of_no_such_event(query: Query, rarity: Mapping[str, float]) -> bool:
    """True if the question asks why something happened of which no report has a word: 为什么撤销…"""
    if query.claims:  # which tell the sentence whose premise is to be put right
        return False
    words = content_words(query.terms) if _WHY.search(query.text) else ()
    return any(len(word) == 2 and rarity.get(word, 0.0) > _NOWHERE for word in words)


def _of_other_places(query: Query, chosen: Sequence[Evidence], rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The best sentence of each place that the chosen ones are not of, where it answers the question as well."""
    found = {one.passage.place: None for one in chosen}
    more: list[Evidence] = []
    for w in rows[:_LOOKED_AT]:
        place = w.evidence.passage.place
        if place not in found and w.evidence.sentence.kind != "heading" and probability(query, w) >= ENOUGH:
            found[place] = None
            more.append(w.evidence)
    return tuple(more)


_EVENT = re.compile(
    "竣工|投产|建成|开工|动工|落户|签约|成立|挂牌|投用|开幕|举办|召开|通过|达产|获批|入选|发布|出台|启动"
)


def _of_event(query: Query, chosen: tuple[Evidence, ...], rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The evidence led by a sentence that tells the time of what is asked, where the best one tells another event's."""
    asked = _EVENT.findall(query.text)[-1:]
    if not asked or not chosen or asked[0] in chosen[0].sentence.text:
        return chosen
    telling = (w.evidence for w in _answers(query, rows) if asked[0] in w.evidence.sentence.text)
    found = next((one for one in telling if find_periods(one.sentence.text)), None)
    return (found, *(one for one in chosen if one != found)) if found else chosen


def _dated(chosen: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence, with the sentence that gives the best one its time where that one names none."""
    if not chosen or find_periods(chosen[0].sentence.text):
        return chosen
    passage, sentence = chosen[0].passage, chosen[0].sentence
    before = [s for s in passage.sentences if s.start < sentence.start and find_periods(s.text)]
    return (*(Evidence(passage, s, chosen[0].score) for s in before[-1:]), *chosen)[:3]


def _closest(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The best sentence, what continues its list, and those that come close to it."""
    if not rows:
        return ()
    best = rows[0]
    if best.evidence.sentence.kind == "heading" and query.kind == "definition":
        best = next((w for w in rows[:8] if explains(query, w.evidence.sentence)), best)
    if query.kind in {"list", "definition", "how", "open"}:
        below = under(best.evidence, rows)
        if below:
            return below
    of_one = of_digit(query, rows) if query.kind in {"list", "definition"} else ()
    if of_one:
        return of_one
    outline = outlined(query, rows) if query.kind == "definition" else ()
    if outline:
        return outline[1:] if best.evidence in outline else (best.evidence, *outline[1:])
    spelled = spelled_out(query, best, rows) if query.kind == "definition" else ()
    if spelled:
        return (best.evidence, *spelled)
    going_on = continuation(query, best, rows) if query.kind in {"list", "definition"} else ()
    if going_on:
        return (best.evidence, *going_on)
    after = _next(query, best, rows) if query.kind in {"how", "open"} else ()
    if after:
        return (best.evidence, *after)
    margin = _MARGINS.get(query.kind, 0.3)
    claims = query.claims if query.kind == "list" else ()
    near = [
        w.evidence
        for w in rows
        if (w.evidence.score >= best.evidence.score - margin and (w is best or not _lacks_name(query, w, rows)))
        or (
            claims
            and w.cover >= best.cover - 0.05
            and all(contains_figure(w.evidence.sentence.text, c) for c in claims)
        )
    ]
    return tuple(near[: _COUNTS.get(query.kind, 2)])


def _next(query: Query, best: Weighed, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The sentence right behind the best one, where it answers the question as well: …已完成测试。“我们加入一种…”"""
    sentences = best.evidence.passage.sentences
    at = sentences.index(best.evidence.sentence) + 1
    following = [w for w in rows[:JUDGED] if sentences[at : at + 1] == (w.evidence.sentence,)]
    return tuple(w.evidence for w in following if probability(query, w) >= ENOUGH)
