"""Retrieved passages -> the sentences that bear on the question, and whether they cover what was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.answerable import ENOUGH, context, probability
from assistant.asked import only_of_zone, reaches_bounds
from assistant.asked_units import units_of
from assistant.coverage import THERE, content_words, presence
from assistant.ellipsis import SERIES
from assistant.figures import contains_figure, lower_bound
from assistant.named import leaves_items_out, leaves_parts_out
from assistant.periods import find_periods
from assistant.premises import in_zone, misdated, misplaced, unfinished
from assistant.query import Query
from assistant.required import lacking
from assistant.schema import Evidence, Hit
from assistant.selection import Selection, Similarity, Weighed
from assistant.unfold import (
    accounts,
    continuation,
    counted_off,
    explains,
    guests,
    identified,
    interviewed,
    of_digit,
    outlined,
    post_of_speaker,
    posts_told,
    signed,
    spelled_out,
    titled,
    under,
)
from assistant.weighing import of_place, weigh
from assistant.wordclass import is_verb
from index import find_places

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
    names += SERIES.findall(query.text)
    but_for = [word for word in _BUT_FOR.findall(query.text) if word not in sentence.text]  # to the letter, here
    industries = [found[1] for term in query.terms for found in _INDUSTRY.finditer(term)]
    unnamed = [w for w in industries if presence(w, told) < THERE]
    if any(presence(word, row.evidence.sentence.text) > _ALL_BUT for word in unnamed for row in rows[:_LOOKED_AT]):
        return True
    absent = but_for + [
        w for w in names if presence(w, sentence.text if whole and _ZONE.fullmatch(w) else told) < THERE
    ]
    return any(presence(word, row.evidence.sentence.text) > _ALL_BUT for word in absent for row in rows[:JUDGED])


def select(query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity) -> Selection:
    """The evidence for one question without sub-questions.

    `missing` names what no sentence covers: the places the reports do not speak of, "period" where they speak of
    the matter for other periods only, "scope" for a zone of the place only, or "matter" where they do not speak of it.
    """
    rows = weigh(query, hits, rarity, similarity)
    selection = _selected(query, rows, rarity)
    posts = posts_told(selection.query, rows) if selection.covered else ()
    if not posts:
        return selection
    others = tuple(one for one in selection.evidence if one.sentence not in [post.sentence for post in posts])
    return replace(selection, evidence=(*posts, *others), whole=True)


def _selected(query: Query, rows: tuple[Weighed, ...], rarity: Mapping[str, float]) -> Selection:
    named = guests(query, rows) or signed(query, rows) or titled(query, rows) or identified(query, rows)
    if named:
        return Selection(query, named, (), rows, whole=True)
    unknown = tuple(
        p for p in query.places if not any(of_place(p, w.evidence.passage, w.evidence.sentence) for w in rows)
    )
    there = tuple(w for w in rows if w.place)
    there = tuple(sorted((*there, *in_zone(query, rows)), key=lambda w: -w.evidence.score))
    if not _answers(query, there):
        query, elsewhere = misplaced(query, rows)
        if elsewhere:
            return Selection(query, elsewhere, (), rows, whole=True)
    in_time = [w for w in there if w.period]
    others = [w for w in in_time[:JUDGED] if _lacks_name(query, w, rows)]  # these are of something else
    fits = [w for w in in_time if w not in others]
    fits = [*sorted(fits[:JUDGED], key=lambda w: lacking(query, w.evidence)), *fits[JUDGED:], *others]
    missing: tuple[str, ...] = ()
    if unknown or not there:
        missing = unknown or ("matter",)
    answering: Sequence[Weighed] = ()
    if not missing and not _answers(query, fits):
        answering = _answers(query, there)
        missing = ("period",) if answering else ("matter",)
        query, aims = unfinished(query, rows) if missing == ("period",) else (query, [])
        if aims:
            return Selection(query, (aims[0].evidence,), (), rows, whole=True)
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
    if query.kind in _MARGINS:
        chosen = tuple(dict.fromkeys(e for one in chosen for e in (one, *counted_off(one, rows))))
    if not missing and (leaves_parts_out(query, chosen) or leaves_items_out(query, chosen)):
        missing = ("matter",)
    whole = query.accounts and not missing
    if whole:
        chosen = accounts(query, fits)
    if query.kind == "yesno":
        chosen = _of_event(query, chosen, there)
    if query.kind == "when":
        chosen = _dated(_of_event(query, chosen, fits))
        missing = missing or (() if any(_tells_time(query, one) for one in chosen) else ("matter",))
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
    return any(len(word) == 2 and rarity.get(word, 0.0) > _NOWHERE and is_verb(word) for word in words)


def _of_other_places(query: Query, chosen: Sequence[Evidence], rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The best sentence of each place that the chosen ones are not of, where it answers the question as well."""
    found = {one.passage.place: None for one in chosen}
    more: list[Evidence] = []
    for w in rows[:_LOOKED_AT]:
        place = w.evidence.passage.place
        told = w.evidence.sentence.kind != "heading" and reaches_bounds(query, w.evidence.sentence.text)
        if place not in found and told and probability(query, w) >= ENOUGH:
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


def _dates(text: str) -> bool:
    """True if the text tells when something happened, not only since when something has been so."""
    return any("以来" not in text[period.start : period.end + 2] for period in find_periods(text))


_HOW_LONG = re.compile("多长时间|多久")
_LASTED = re.compile(r"(?:\d|[一二两三四五六七八九十半])\d*个?多?(?:年|月|天|周|小时)")
_MONTH_ASKED = re.compile("几月|哪一?个?月|哪一?[天日]|几[号日](?!线)|月份")
_MONTH = re.compile(
    r"\d\s*月|[\d一二三四五六七八九十]\s*[日号]|[一二三四五六七八九十]月|日前|[今昨前]日|季度|月[初底末]"
)


def _tells_time(query: Query, evidence: Evidence) -> bool:
    """True if the sentence tells a time, and a month or day of it where that is asked for."""
    text = evidence.sentence.text
    if _MONTH_ASKED.search(query.text) and not _MONTH.search(text):
        return False
    if _HOW_LONG.search(query.text) and _LASTED.search(text):
        return True
    return bool(find_periods(text) or re.search(r"\d[年月日天]|[日时天年]前|如今|目前", text))


def _dated(chosen: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence, with the sentence that gives the best one its time where that one names none."""
    if not chosen or find_periods(chosen[0].sentence.text):
        return chosen
    passage, sentence = chosen[0].passage, chosen[0].sentence
    before = [s for s in passage.sentences if s.start < sentence.start and _dates(s.text)]
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
    above = _above(query, best, rows)
    if len(above) > 1:
        return above
    margin = _MARGINS.get(query.kind, 0.3)
    claims = query.claims if query.kind == "list" else ()
    near = [
        w.evidence
        for w in rows
        if (
            (w is best or reaches_bounds(query, w.evidence.sentence.text))
            and (w.evidence.score >= best.evidence.score - margin and (w is best or not _lacks_name(query, w, rows)))
        )
        or (
            claims
            and w.cover >= best.cover - 0.05
            and all(contains_figure(w.evidence.sentence.text, c) for c in claims)
        )
    ]
    return tuple(near[: _MOST if claims else _COUNTS.get(query.kind, 2)])


_MOST = 8  # sentences of a list of all above a bound
_SORT_ASKED = re.compile(
    "哪[些几](?:个|家|大)?(?P<sort>产业|行业|企业|公司|园区|项目|领域)"
    "|(?P<of>产业|企业|公司|园区|项目)[^，。？]{0,4}(?:哪些|几[个家])|几[个家](?P<n>产业|企业|公司|园区|项目)"
)


def _above(query: Query, best: Weighed, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For 哪些产业产值要到80亿元以上: each sentence about one of the sort asked for that reaches the bound; () else."""
    asked = _SORT_ASKED.search(query.text) if query.kind == "list" and lower_bound(query.text) else None
    if not asked:
        return ()
    found = [
        w.evidence
        for w in rows
        if w.cover >= best.cover - _MARGINS["list"]
        and (asked["sort"] or asked["of"] or asked["n"]) in w.evidence.sentence.text
        and reaches_bounds(query, w.evidence.sentence.text)
    ]
    return tuple(found[:_MOST])


def _next(query: Query, best: Weighed, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The sentence right behind the best one, where it answers the question as well: …已完成测试。“我们加入一种…”"""
    sentences = best.evidence.passage.sentences
    at = sentences.index(best.evidence.sentence) + 1
    following = [w for w in rows[:JUDGED] if sentences[at : at + 1] == (w.evidence.sentence,)]
    return tuple(w.evidence for w in following if probability(query, w) >= ENOUGH)
