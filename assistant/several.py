"""A question that asks for several results -> a whole question for each, and their answers as one.

占A的比例是多少，占B的又是多少; 甲与乙分别在哪个月投产.

Only where something is to be computed or the time of several events is asked for: what one sentence of a report tells
together is asked for together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from assistant.compute import operation
from assistant.contrast import only_asks
from assistant.ellipsis import COUNTABLE, JOINS, bare, completed
from assistant.grounded import Grounded, join
from assistant.periods import find_periods
from assistant.schema import Answer, Event
from index import find_places

T = TypeVar("T")

_ASKS = re.compile("多少|几(?:[个家户项座倍成年月位]|百分|亿|万)|百分之几|哪一?[年天]|哪个?月|几号|何[年时月]|什么时候")
_TIME = "(?:哪一?年(?:哪一?个?|几)月|几月几[日号]|几月|几号|哪一?[天年]|哪个?月|何年何月|何[年时月]|什么时候)"
_WHEN = re.compile(_TIME)
_COMPUTED = frozenset({"share", "average", "ratio"})
_RATE = re.compile("(?:开工|完成|到位|纳统|投产|竣工)率是?(?:多少|几)|百分之几")
_TURNS = re.compile("^(?:其中的?|那么?|而|又|还有|另外|其)|又(?=[是有合为])")
_AND_ALSO = re.compile("(?<=[㐀-鿿]{4})又[是为有](?:多少|几)")  # of another matter than the clause before
_COMPARES = re.compile("谁|哪个(?!月)|孰|先后|前者|后者|[两二]者|它们")  # of all of them at once
_LEAST = 4  # characters that a clause which asks says of its own, and that what stands before all of them has
# 用2021年的数和增速，把甲与乙2020年的都推算出来，分别是多少; 甲与乙，平均每个项目的投资分别是多少
_EACH_COMPUTED = re.compile(
    rf"^(?P<lead>(?:(?:用|按照?|根据|由|从)[^，]*(?:推算|回算|倒推|反推|[增涨]速|增幅)[^，]*，)?把?)(?P<a>[^，]{{4,}}?)，?(?:{JOINS})(?P<b>[^，]{{4,}}?)"
    "，?(?P<what>(?:平均每[^，]*?)?)(?:都?(?:推算|回算|倒推|反推)出来，)?分别(?P<asks>(?:约|大约)?[是为有]?(?:多少|几)[^，]*)$"
)
# 甲投产与乙签约，分别在哪个月
_EACH_WHEN = re.compile(
    rf"^(?:(?P<lead>[^，]*)(?:[:：]|——))?(?P<a>.{{6,}}?)，?(?:{JOINS})(?P<b>.{{6,}}?)，?(?:分别|各)"
    rf"(?P<asks>[^，]{{0,4}}?{_TIME}[^，]{{0,6}})$"
)
# 在甲50强与乙百强市两张榜单上各列第几，两年各进了几位
_TWO_LISTS = re.compile(
    f"^(?P<lead>[^，]*?在)(?P<a>[^，]{{4,}}?)(?:{JOINS})(?P<b>[^，]{{4,}}?)[这那]?两[张个份]?(?:榜单?|排行榜)[上中里]?"
    "(?P<asks>各[^，]*第几.*)$"
)


def several(text: str) -> tuple[str, ...]:
    """The questions that the standalone question `text` puts together, each whole; () for one question."""
    text = text.strip(" 。？?")
    return _listed(text) or _in_turn(text)


def _in_turn(text: str) -> tuple[str, ...]:
    """甲的项目，开工率是多少？其中百分之几完成了验收？ What stands before the first of them is of all."""
    clauses = [clause for clause in re.split("[，；？?]", text) if clause]
    asking = [i for i, clause in enumerate(clauses) if _ASKS.search(clause)]
    if _COMPARES.search(text) or len(asking) < 2 or asking != list(range(asking[0], len(clauses))):
        return ()
    asked = [_TURNS.sub("", clauses[i]) for i in asking]
    also = any(_AND_ALSO.search(clauses[i]) for i in asking[1:])
    if any(only_asks(one) or (len(_ASKS.sub("", bare(one))) < _LEAST and not also) for one in asked):
        return ()
    if not (
        all(map(_WHEN.search, asked))
        or also
        or any(operation(one) in (*_COMPUTED, "sum") or _RATE.search(one) for one in asked)
    ):
        return ()
    lead = "，".join(clauses[: asking[0]])
    each = (_each_mean(asked) or _each_sum(asked)) if not lead else ()
    if each:
        return each
    if len(bare(lead)) < _LEAST:
        return _alone(asked) if not lead else ()
    asked = [_of_those(lead, one) for one in asked]
    return tuple(one if find_places(one) else f"{lead}，{one}" for one in asked)


_MEAN = re.compile(
    "^(?P<of>.+?)，?(?P<mean>平均(?:下来)?每一?[个家户项]的?(?P<what>[^，]*?)(?:又|大?约)*[是为有]?(?:多少|几)[^，]*)$"
)
_BOTH = re.compile("^[^，]{4,}?[两二三四](?:[个大家](?:园区|产业|行业|城市|地方|企业|公司|项目)|[地市县区])的?")


def _each_mean(asked: Sequence[str]) -> tuple[str, ...]:
    """甲市酒业项目平均每个总投资多少，列入重点的平均每个又是多少: of the same things, by the same measure; () else."""
    found = [_MEAN.match(one) for one in asked]
    if len(found) != 2 or found[0] is None or found[1] is None:
        return ()
    first, other = found[0], found[1]
    noun = COUNTABLE.search(first["of"])
    if not noun or not first["what"] or find_places(other["of"]):
        return ()
    where = "".join(place.name for place in find_places(first["of"])[:1])
    when = "".join(period.text for period in find_periods(first["of"])[:1])
    of = other["of"].rstrip("的")
    of = of if COUNTABLE.search(of) else f"{of}的{noun[0]}"
    return asked[0], f"{where}{'' if find_periods(of) else when}{of}{first['mean']}"


def _each_sum(asked: Sequence[str]) -> tuple[str, ...]:
    """甲、乙两个园区的企业加起来多少户，2023年产值合计多少: both of the same things; () else."""
    both = _BOTH.match(asked[0])
    if not both or any(operation(one) != "sum" for one in asked) or any(map(find_places, asked[1:])):
        return ()
    return asked[0], *(f"{both[0]}{one}" for one in asked[1:])


def _alone(asked: Sequence[str]) -> tuple[str, ...]:
    """甲市签约甲厂是几月，乙厂投产又是几月: each by itself, in the place of the first; () for a day to be inferred."""
    if not all(map(_WHEN.search, asked)) or any(re.search("推算|折算", one) for one in asked):
        return ()
    where = next((p.name for p in find_places(asked[0])), "")
    return tuple(one if find_places(one) else f"{where}{one}" for one in asked)


def _of_those(lead: str, clause: str) -> str:
    """甲市新开工的酿酒项目 and 已开工的项目里…: 甲市已开工的酿酒项目里…; any other clause as it is."""
    those = re.match("(?P<which>已经?[^，的]{2,4})的(?P<noun>项目|企业|园区)", clause)
    if not those or not lead.endswith(those["noun"]) or "的" not in lead:
        return clause
    where = "".join(place.name for place in find_places(lead)[:1])
    return f"{where}{those['which']}的{lead.rpartition('的')[2]}{clause[those.end() :]}"


def _listed(text: str) -> tuple[str, ...]:
    """甲与乙，分别发生在哪个月: each asked alone, of the place and period that only one of them says."""
    lists = _TWO_LISTS.match(text)
    if lists:
        asks = re.sub("，?(?:哪|谁)[^，]*$", "", lists["asks"]).replace("各", "")
        return tuple(f"{lists['lead']}{lists[one].strip()}{asks}" for one in "ab")
    found = _EACH_WHEN.match(text) or _EACH_COMPUTED.match(text)
    if not found or _COMPARES.search(text):
        return ()
    told = found.groupdict()
    lead, what = (told["lead"] or "").removesuffix("把"), told.get("what", "")
    if "what" in told and not (lead or what):
        return ()
    named = (found["a"], re.sub("^其中的?", "", found["b"]))
    items: tuple[str, ...] = (completed(named) or named) if "what" in told else named
    where = next((p.name for one in (lead, *items) for p in find_places(one)), "")
    lead = lead if "what" in told else ""
    return tuple(f"{lead}{'' if find_places(one) else where}{one}{what}{found['asks']}" for one in items)


def together(asked: Answer, each: Iterable[Iterator[Event | T]]) -> Iterator[Event | T]:
    """The events of each of the questions in turn, and one Answer of theirs last; nothing is last where one has none.

    What two answers say in the same words is said once. `asked` gives what is of the question as a whole.
    """
    answers = []
    for events in each:
        answer = None
        for event in events:
            if isinstance(event, Answer):
                answer = event
            else:
                yield event
        if answer is None:
            return
        answers.append(answer)
    yield _merged(asked, answers)


def _merged(asked: Answer, answers: Sequence[Answer]) -> Answer:
    whole = join([part for answer in answers for part in _sentences(answer)])
    told = {answer.status for answer in answers}
    hits = {hit.passage.id: hit for answer in answers for hit in answer.retrieved}
    stages = dict.fromkeys(stage for answer in answers for stage in answer.seconds)
    seconds = {stage: round(sum(answer.seconds.get(stage, 0.0) for answer in answers), 3) for stage in stages}
    since_asked = {stage: answers[i].seconds[stage] for stage, i in (("first_token", 0), ("total", -1)) if seconds}
    return replace(
        asked,
        status=answers[0].status if len(told) == 1 else "partial",
        answer=whole.answer,
        citations=whole.citations,
        figures=tuple(dict.fromkeys(whole.figures)),
        retrieved=tuple(sorted(hits.values(), key=lambda hit: -hit.score)),
        model=next((one.model for one in answers if one.model == "none"), answers[0].model),
        seconds=seconds | since_asked,
        evidence=tuple(dict.fromkeys(id for answer in answers for id in answer.evidence)),
        missing=tuple(dict.fromkeys(word for answer in answers for word in answer.missing)),
        dropped=sum(answer.dropped for answer in answers),
    )


def _sentences(answer: Answer) -> Iterator[Grounded]:
    """Each sentence of the answer with its citations and figures."""
    for sentence in filter(None, re.findall("[^。]*(?:。[”’」』]?|$)", answer.answer)):
        cited = tuple(citation for citation in answer.citations if f"[{citation.n}]" in sentence)
        proofs = {None, *(citation.n for citation in cited)}
        figures = tuple(f for f in answer.figures if f.text in sentence and f.citation in proofs)
        yield Grounded(sentence, cited, figures, ())
