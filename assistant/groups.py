"""两大园区, 三个基地: a question about a group whose members the reports name -> a question about each of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.asked_units import in_unit, units_of
from assistant.coverage import presence
from assistant.figures import find_figures
from assistant.query import Query
from assistant.schema import Hit

_NUMBERS = {**{c: n for n, c in enumerate("一二三四五六", 1)}, **{str(n): n for n in range(2, 7)}, "两": 2}
_GROUP = re.compile(
    r"(?P<n>[两二三四五六2-6])[个大家]{1,2}(?:重点|主要|特色|骨干)?(?P<kind>(?:产业|工业)?园区|开发区|高新区|经开区|新区|基地)(?!群)"
)
_NO_NAME = "[有是在为和与及等的各两三四五六]"
_EACH = re.compile(r"各[有是自]?|分别[有是]?")
_EACH_ASKS = re.compile(r"(?:各|分别)[有是自为]*(?:多少|几)")
_APART = re.compile(r"[，,]?(?:之间)?(?:相差|差|谁|哪个?)(?:更?[高低多少大小快慢]些?|距)?(?:多少|几|多大)?.*$")
_WHICH_HAS = re.compile(  # 哪个规上企业多，各几户
    r"(?:谁|哪一?[个家座]?(?:地方|园区)?)的?(?P<what>[^，？]{2,10}?)更?[高低多少大小快慢](?=，(?:各|分别))"
)
_TOGETHER = re.compile(r"[，,]?(?:加(?:到|在)?(?:一[块起])?(?:起来)?|合(?:在一)?起来|合计|总共|一共|共计|相加)")


def members(query: Query, hits: Sequence[Hit]) -> tuple[str, ...]:
    """A question for each member of the group that `query` asks about, as many as it says there are; () else.

    A member is what a sentence with a figure in the unit asked for begins with.
    """
    group = _GROUP.search(query.text)
    several = _EACH.search(query.text) or _TOGETHER.search(query.text) or _APART.search(query.text)
    if query.kind not in ("number", "compare", "open") or not group or not several:
        return ()
    names = list(dict.fromkeys(name for hit in hits for name in _named(query, hit, group["kind"][-2:])))
    if len(names) != _NUMBERS[group["n"]]:
        return ()
    before, after = query.text[: group.start()], _WHICH_HAS.sub(r"\g<what>", query.text[group.end() :])
    clauses = [clause for clause in re.split("[，,]", after) if clause]
    if len(clauses) > 1 and all(_EACH_ASKS.search(clause) for clause in clauses):  # 各有几户，产值各多少
        return tuple(f"{before}{name}{_EACH.sub('有', clause)}" for name in names for clause in clauses)
    after = _TOGETHER.sub("", _EACH.sub("有", after, count=1))
    after = _APART.sub("是多少？", after)
    return tuple(f"{before}{name}{_EACH.sub('', after)}".replace("，有", "有") for name in names)


_MISTYPED = 0.8  # presence of a name that differs by a character: 酒业园区 is not 工业园区
OTHER_THAN, THE_OTHER = "除", "外的另一个"
_OTHER = re.compile(f"{OTHER_THAN}(?P<one>[\u3400-\u9fff]+?){THE_OTHER}(?P<kind>[\u3400-\u9fff]{{2}}区?)")


def the_other(query: Query, hits: Sequence[Hit]) -> str:
    """The question about the other of two (除甲园区外的另一个园区) with its name in it; "" where the hits tell none or
    several.
    """
    asked = _OTHER.search(query.text)
    names = dict.fromkeys(name for hit in hits for name in _named(query, hit, asked["kind"])) if asked else ()
    others = [name for name in names if asked and presence(asked["one"], name) <= _MISTYPED]
    return query.text.replace(asked[0], others[0]) if asked and len(others) == 1 else ""


_IN_MONEY = re.compile("产值|收入|营收|投资|税收|利润")  # 各有几户，产值各多少


def _named(query: Query, hit: Hit, kind: str) -> list[str]:
    """What sentences of a passage begin with, be it behind a year, if it is of that kind and they have a figure in a
    unit asked for.
    """
    units = units_of(query) | {"元"} if _IN_MONEY.search(query.text) else units_of(query)
    place = "|".join(map(re.escape, query.places)) or "(?!)"
    found = []
    for sentence in hit.passage.sentences:
        name = re.match(
            rf"(?:20\d\d年，?)?(?:{place})?市?((?:(?!{_NO_NAME})[\u3400-\u9fff]){{2,10}}?{kind})(?=[\u3400-\u9fff\d，（(])",
            sentence.text,
        )
        figures = find_figures(sentence.text)
        if name and any(in_unit(figure, unit) for figure in figures for unit in units):
            found.append(name[1])
    return found
