"""What a question takes for granted that the reports tell otherwise: a place, a year, somebody's post."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.analyse import analyse
from assistant.answerable import ENOUGH, NUMERIC, probability
from assistant.asked import only_aims
from assistant.clauses import CLAUSE
from assistant.coverage import THERE, presence
from assistant.figures import contains_figure
from assistant.periods import find_periods, overlaps
from assistant.query import Query
from assistant.schema import Evidence
from assistant.selection import Weighed
from assistant.weighing import OF_PLACE
from assistant.wordclass import is_word
from index import find_places, parent_place

_JUDGED = 5  # of the best sentences
_COVER = 0.75  # of the question's words, beside its place
_QUOTED = re.compile("[“‘]([^”’]{3,})[”’]")
_POST = (
    "(?P<post>(?P<of>[省市州县区]委)?(?P<vice>副)?"
    "(?P<head>书记|[市县区州局乡镇校院厂行会部处科]长|董事长|总经理|总裁|总工程师|主任|主席|经理))"
)
_SOMEBODY = re.compile(
    rf"{_POST}(?P<name>[\u3400-\u9fff]{{2,3}}?)(?=说|提出|表示|介绍|认为|讲|谈|指出|称|强调|透露|的|，|是|在|对|怎么|如何)"
)


_IS_SAID_TO_BE = re.compile(  # 种茶的张三是某乡的乡长吧
    rf"(?:^|[的，])(?P<name>[\u3400-\u9fff]{{2,3}})(?:就|应该)?是(?P<where>[^，。？]{{0,12}}?){_POST}(?:吧|吗|，对|，是)"
)


def _names(query: Query) -> list[str]:
    """What tells a matter by itself: names in quotation marks, and of people whose post is told."""
    return [*_QUOTED.findall(query.text), *(found["name"] for found in _SOMEBODY.finditer(query.text))]


def misplaced(query: Query, rows: Sequence[Weighed]) -> tuple[Query, tuple[Evidence, ...]]:
    """The question with its place denied, and the sentence of another place that tells what it asks by the same name;
    the question as it is, and nothing, where there is none.
    """
    names = _names(query)
    if not names or not query.places or query.kind in NUMERIC:
        return query, ()
    bare = replace(query, places=())
    for w in rows[:_JUDGED]:
        text = w.evidence.sentence.text
        told = w.period and w.cover >= _COVER and all(name in text for name in names)
        if told and not w.place and probability(bare, w) >= ENOUGH:
            return replace(query, denied=(*query.denied, *query.places)), (w.evidence,)
    return query, ()


_DONE = re.compile("已经?(?:完成|实现|达到|做到)了?|(?:完成|实现|达到|做到)了")


def unfinished(query: Query, rows: Sequence[Weighed]) -> tuple[Query, list[Weighed]]:
    """The question with its 已经完成 denied, and the rows that only aim at the figures it names; as it is, and none."""
    said = _DONE.search(query.text)
    if not said or not query.claims:
        return query, []
    aims = [
        w
        for w in rows
        if w.place
        and all(contains_figure(w.evidence.sentence.text, claim) for claim in query.claims)
        and only_aims(replace(query, aims=True), w.evidence.passage, w.evidence.sentence)
    ]
    return (replace(query, denied=(*query.denied, said[0])), aims) if aims else (query, [])


def in_zone(query: Query, rows: Sequence[Weighed]) -> list[Weighed]:
    """The rows of a question about a zone that are told of the city it is in, whose articles write 园区 for it; not of
    figures, which may be the city's.
    """
    above = [parent_place(place) for place in query.places]
    if query.kind in NUMERIC or not above or not all(place in _cities(query.places) for place in above):
        return []
    names = _QUOTED.findall(query.text)
    return [
        replace(w, place=True, evidence=replace(w.evidence, score=w.evidence.score + OF_PLACE))
        for w in rows
        if w.period
        and not w.place
        and all(w.evidence.passage.place.startswith(place) for place in above)
        and not _of_others(w.evidence.sentence.text, query.places)
        and ("园区" in w.evidence.sentence.text or any(name in w.evidence.sentence.text for name in names))
    ]


def _of_others(text: str, zones: Sequence[str]) -> bool:
    """True if the text names a place that is neither the zone nor what it lies in."""
    cities = _cities(zones)
    own = {*zones, *cities, *map(parent_place, cities)}
    return any(place.name not in own for place in find_places(text))


def _cities(zones: Sequence[str]) -> list[str]:
    """The cities by whose names those of the zones begin: 绵阳 of 绵阳高新区, not 四川 of 绵阳."""
    return [parent for zone in zones if zone.startswith(parent := parent_place(zone)) and parent]


def as_told(query: Query, texts: Sequence[str]) -> Query:
    """The question without what `texts`, the passages found, tell otherwise, which it denies."""
    for way in (without_false_first, without_false_origin, without_false_posts):
        if (mended := way(query, texts)).denied:
            return mended
    return query


def without_false_posts(query: Query, texts: Sequence[str]) -> Query:
    """The question without the posts that `texts` give otherwise (市长某某, who is 局长 there), which it denies."""
    text, denied = query.text, []
    claim = _IS_SAID_TO_BE.search(query.text)
    if claim and not _told_as(claim, texts):
        told = f"{claim['where']}{claim['post']}".lstrip("的")
        return replace(analyse(f"{claim['name']}是谁？", inherited=query.inherited), denied=(told,))
    for said in _SOMEBODY.finditer(query.text):
        if not is_word(said["name"][:2]) and not _told_as(said, texts):
            denied.append(said["post"] + said["name"])
            text = text.replace(said["post"] + said["name"], said["name"])
    return replace(analyse(text, inherited=query.inherited), denied=tuple(denied)) if denied else query


_IS_FIRST = re.compile(  # 甲市第一家产值超百亿元的企业是乙公司，对不对
    "^(?P<what>[^，。？]*?(?:第[一二三123]|首)[家个座户][^，。？]*?)(?:就|应该)?是(?P<who>[^，。？是]{2,14})"
    "，?(?:对不对|对吗|对吧|是吗|是不是|吧|吗)[？?。]?$"
)


def without_false_first(query: Query, texts: Sequence[str]) -> Query:
    """The question which is the first (第一家…是哪一家) in the place of one that gives a name no text tells it of."""
    claim = _IS_FIRST.match(query.text)
    if not claim:
        return query
    told = any(
        presence(claim["who"], clause) >= THERE and re.search("第[一二三123]|首[家个座户]", clause)
        for text in texts
        for clause in re.split("[。；]", text)
    )
    return query if told else replace(analyse(f"{claim['what']}是哪一家？"), denied=(claim["who"],))


_WAS = re.compile("(?P<who>[^，。？的是]{2,14}?)的?前身[是为](?P<was>[^，。？]{2,14})(?=[，。？])")


def without_false_origin(query: Query, texts: Sequence[str]) -> Query:
    """The question what something was before, in the place of one that tells it otherwise than `texts` do."""
    claim = _WAS.search(query.text)
    if not claim or re.search("什么|哪|谁", claim["was"]):
        return query
    told = [
        found[1] for one in texts for found in re.finditer(f"{re.escape(claim['who'])}的?前身[是为]([^，。；]+)", one)
    ]
    if not told or any(presence(claim["was"].rstrip("吗吧"), was) >= THERE for was in told):
        return query
    return replace(analyse(f"{claim['who']}的前身是什么？", inherited=query.inherited), denied=(claim["was"],))


def _told_as(said: re.Match[str], texts: Sequence[str]) -> bool:
    """True if `texts` give whom it names the same post, or none at all."""
    told = [m for one in texts for m in re.finditer(rf"{_POST}[ 　]?{re.escape(said['name'])}", one)]
    return any(_may_be(said, other) for other in told) if told else True


def _may_be(one: re.Match[str], other: re.Match[str]) -> bool:
    """True if both tell one post, be it that one of them leaves out of what."""
    same = one["head"] == other["head"] and one["vice"] == other["vice"]
    return same and (one["of"] == other["of"] or not (one["of"] and other["of"]))


_ONCE = re.compile(r"[^，。；？]{0,8}?(落户|成立|建成|投产|竣工|挂牌|设立|创办|获批|入驻|进驻|搬迁)")


def misdated(query: Query, text: str) -> tuple[str, ...]:
    """The years that the question gives what `text` says of others: 2006年落户时, 950亿元的目标定在2030年."""
    told = [period for period in find_periods(text) if period.first]
    if told and query.claims and all(contains_figure(text, claim) for claim in query.claims):
        clauses = [clause for clause in CLAUSE.split(query.text) if any(c.text in clause for c in query.claims)]
        asked = [p for p in query.periods if p.first and not p.relative and any(p.text in one for one in clauses)]
        return tuple(p.text for p in asked if not any(overlaps(p, other) for other in told))
    if query.kind == "yesno" and told:  # …从2021年11月开始运行，对吗
        asked = [p for p in query.periods if p.first and not p.relative]
        return tuple(p.text for p in asked if not any(overlaps(p, other) for other in told))
    names = _QUOTED.findall(query.text)
    if query.kind == "when" and told and names and all(name in text for name in names):  # 2021年“…”称号是哪天授予的
        asked = [p for p in query.periods if p.first and not p.relative]
        return tuple(p.text for p in asked if not any(overlaps(p, other) for other in told))
    found = []
    for period in query.periods:
        event = _ONCE.match(query.text, period.end)
        if event and not period.relative and event[1] in text and told and not any(overlaps(period, p) for p in told):
            found.append(period.text)
    return tuple(found)
