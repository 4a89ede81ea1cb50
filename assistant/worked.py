"""A question that is to be computed -> the formulas that its wording and one sentence of a report give.

Rules for what reports and readers say in few ways: a mean, a part of a whole, what is left, the whole behind a share,
what there was before a growth. The chat model is asked (formula.py) only where none of them applies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise, permutations, product

from assistant.align import share
from assistant.asked_units import in_unit, units_of
from assistant.clauses import CLAUSE, local_words
from assistant.compute import DIFFERENCE, operation
from assistant.ellipsis import SERIES
from assistant.figures import FoundFigure, find_figures
from assistant.formula import GROWN, RECKONS, Formula, of_year_before, percent_of
from assistant.meaning import (
    CLEARLY,
    clearest,
    comparable,
    counting_figures,
    less,
    means,
    of_time,
    told_apart,
    words_of,
    written_alike,
)  # fmt: skip
from assistant.operands import operands
from assistant.query import Query
from assistant.schema import Evidence
from index import find_places

# The sentence was chosen for the question; of its figures, those count whose words are at least so far the question's.
_ENOUGH = 0.3
_LEAST = 0.2  # of a figure that no other of its kind stands beside
_NAMED = 0.6
_EACH = re.compile(r"平均(?:下来)?[，,]?(?:每一?|一|单)(?![年月天季周])(?P<unit>[户家个项亩座笔块台名人])?")
_HOW_MUCH_OF = re.compile(r"(?:多少|几)[亿万户家个项元亩座笔吨人名条]")
_HOW_MUCH = re.compile(
    r"(?:有?多[少大高]|(?<![这近那])几(?:个(?=亿))?)(?P<scale>[亿万])?(?P<unit>[户家个项元亩座笔吨人名条])?"
)
_WHOLE = re.compile(r"(?:占|相当于)(?:到|了)?(?P<whole>[^，。；%]*?)(?:的?(?:比重|比例|份额)?(?:为|达到?|约|是)?)?$")
_TIMES_OF = re.compile(r"(?:是|为|达到?)(?:了)?[^，。；]*(?:年|同期)的?$")
_ABOVE = re.compile(
    r"(?P<how>高于|高出|快于|超过|低于|慢于)(?P<body>[\u3400-\u9fff]{2,8}?)(?:平均水平|平均|增速|水平)*$"
    r"|比(?P<than>[\u3400-\u9fff]{2,8}?)(?:平均水平|平均|增速|水平)*(?P<by>高|快|低|慢)出?$"
)
_UNDER_SCALE = re.compile(
    "(?<![含括])规(?:模以)?下|规(?:模以)?上(?:的?工业|的?企业)*(?:以外|之外)的?(?:部分|工业|企业)?|[没未不](?:到|够|达到?)规(?:模以)?上的?"
)
_ABOVE_SCALE = re.compile("规模以上|规上")
_IN_PERCENT = re.compile("百分之(?:几|多少)|几成|(?:几|多少)个?百分点")
_GIVEN = re.compile(
    "已知|如果|假[如设]|按照?[^，。]*(?:占比|比例|比重)|，那[^，]*(?:大概|大约|约)|(?:根据|^用|^拿|^由|，用)[^。]*(?:关系|倍数|占比|比重|增速|增幅)"
)
_SHARE_ASKED = re.compile("占[^，。\\d]{0,12}的?(?:多少|几成|百分之[几多]|多大)")
_SHARES = re.compile("占|比重|比例|份额|[是的]\\s*[\\d.]+%")
_CHANGES = "[降升掉涨增减][了低高少多加]|从.*[到至]|期间|这[几些]年|[一二三]期时"
_LISTED = re.compile("[、和与跟及]")
_WHICH_WAY = re.compile(
    "[升增涨高][^，。]{0,4}还是[^，。]{0,4}[降减跌低]|[降减跌低][^，。]{0,4}还是[^，。]{0,4}[升增涨高]|是升是降|是增是减"
)
# By whether it is a rate, and whether it rises.
_MOVES = {(True, True): "上升", (True, False): "下降", (False, True): "增加", (False, False): "减少"}
_WAS_RANKED = re.compile("(?:[一二两三四五]年前|之前|原来|此前|以前|原先|当初)[^，。]*第几|第几[^，。]*(?:年前|之前)")
_MOVED, _DOWN = re.compile("提升|上升|前进|前移|跃升|进|下降|后退|下滑"), ("下降", "后退", "下滑")
_DONE_OF_PLANNED = re.compile(
    "(?P<done>完成|开工|到位|投产|竣工|建成|花)(?:率|(?:的?项目)?的?(?:占?比例?|比重)|[了的]*(?:占?(?:计划)?数?的?)(?:百分之|多大比例|几成|多少.*百分))"
)
_DONE, _PLANNED = re.compile("已|现|累计|实际"), re.compile("计划|总|签约|合同|规划|目标")
_GROWTH = re.compile("(?:同比)?(?:增长率|增长|增幅)")
_ALL = re.compile("全部|所有|整个|全[市县区省州]|总")
_OF_TWO = {"share": "÷", "ratio": "÷", "less": "-", "difference": "-"}


def worked(query: Query, evidence: Sequence[Evidence], *, of_whole: bool = False) -> tuple[Formula, ...]:
    """The formulas of the first sentence that holds all their figures: one for each unit the question asks in.

    `of_whole`: the reports tell of a zone only, and of how it compares with the whole that is asked about.
    """
    # a share that the reports state is answered before (chain.py)
    back = of_whole or operation(query.text) == "share" or bool(RECKONS.search(query.text)) or _given(query)
    for one in evidence:
        for way in (*_FORTH, *(_BACK if back else ())):
            made = way(query, one)
            if made:
                return made
    return ()


def asks_for_result(query: Query) -> bool:
    """True if the words of the question ask for something that may have to be computed."""
    words = (RECKONS, _EACH, _UNDER_SCALE, _DONE_OF_PLANNED, _WAS_RANKED, _WHICH_WAY)
    computes = operation(query.text) in (*_OF_TWO, "sum") or any(pattern.search(query.text) for pattern in words)
    computes = computes or _given(query)
    return query.kind != "aggregate" and computes


def _given(query: Query) -> bool:
    """True if the question gives what the answer is to be inferred from: 高新区增长9.1%，那么全市呢."""
    return bool(_GIVEN.search(query.text) or (query.claims and "，那" in query.text))


def agrees(query: Query, made: Formula) -> bool:
    """False if another figure of the sentence is clearly rather what the question's operand says than that chosen."""
    phrases = operands(query.text)
    if len(phrases) != 2 or len(made.figures) != 2:
        return True
    if not _all_told(phrases, made.evidence):
        return False
    figures = counting_figures(made.evidence)
    for phrase, chosen in zip(phrases, made.figures, strict=True):
        fit = means(phrase, made.evidence, chosen)
        rivals = [f for f in figures if f not in made.figures and f.unit == chosen.unit]
        if any(means(phrase, made.evidence, f) > fit + CLEARLY for f in rivals):
            return False
    return True


def _matter(query: Query) -> str:
    """The question up to what asks how much."""
    found = _HOW_MUCH.search(query.text)
    return query.text[: found.start()] if found else query.label


def _units(query: Query) -> list[frozenset[str]]:
    """The units that each 多少 of the question asks in; one empty set where any will do."""
    if _IN_PERCENT.search(query.text):
        return [frozenset({"%", "百分点"})]
    said = [m["unit"] or ("元" if m["scale"] == "亿" else "") for m in _HOW_MUCH.finditer(query.text)]
    return [frozenset({unit}) for unit in dict.fromkeys(said) if unit] or [
        units_of(replace(query, text=_matter(query), unit=""))
    ]


def _fits_unit(units: frozenset[str], figure: FoundFigure) -> bool:
    return not units or any(in_unit(figure, unit) for unit in units)


def _mean(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """平均每个计划投资多少: the amount named, by the number of what it is of."""
    each = _EACH.search(query.text)
    if not each:
        return ()
    phrase, unit = _matter(query), each["unit"] or ""
    figures = [f for f in counting_figures(evidence) if of_time(phrase, evidence, f)]
    counts = [f for f in figures if f.kind == "count" and (not unit or in_unit(f, unit))]
    amounts = [f for f in figures if f not in counts and f.unit != "%" and _fits_unit(_units(query)[-1], f)]
    # of those that are named as well, the two that stand nearest: 项目279个、总投资1380亿元，其中…
    pairs = [
        (round(sum(fits), 1), -abs(whole.start - by.start), (whole, by))
        for whole, by in product(amounts, counts)
        if min(fits := [means(phrase, evidence, f) for f in (whole, by)]) >= _LEAST
    ]
    return (Formula("÷", max(pairs, key=lambda pair: pair[:2])[2], evidence),) if pairs else ()


def _before_growth(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """由今年的数和增幅倒推去年: the figure without its growth, or by how many times it is of the year before."""
    text, figures = evidence.sentence.text, counting_figures(evidence)
    for first, by in pairwise(figures):
        if _SHARE_ASKED.search(query.text) and first.unit != "%":
            continue
        if not _fits_unit(_units(query)[0], first) or means(_matter(query), evidence, first) < _ENOUGH:
            continue
        between = text[first.end : by.start]
        made = Formula(GROWN, (first, by), evidence)
        if by.unit == "倍":
            made = replace(made, sign="÷")
            follows = bool(_TIMES_OF.search(between)) and len(CLAUSE.findall(between)) < 2
        else:
            follows = by.unit == "%" != first.unit and percent_of(made) == "growth"
        if follows and of_year_before(made, query):
            return (made,)
    return ()


def _whole_of_share(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """由产值和占比推算全市: the part by its share, where the question asks for what the share is of."""
    text, figures = evidence.sentence.text, counting_figures(evidence)
    if (_GROWTH.search(query.text) and not _SHARES.search(query.text)) or _SHARE_ASKED.search(query.text):
        return ()
    for i, by in enumerate(figures):
        found = _WHOLE.search(CLAUSE.split(text[: by.start])[-1]) if by.unit == "%" else None
        counted = (f for f in figures[:i] if f.kind in ("amount", "count") and of_time(_matter(query), evidence, f))
        parts = [f for f in counted if _fits_unit(_units(query)[0], f)]
        if found and parts and _says(found["whole"].strip("的"), query.text):
            return (Formula("÷", (parts[-1], by), evidence),)
    return ()


def _says(name: str, text: str) -> bool:
    if re.search("[全总]", text):  # 占企业总数: of all 企业
        name = re.sub("^(?:全部|所有)(?=[\u3400-\u9fff]{2})|(?:总数|总量|总额|总体)$", "", name)
    return bool(name) and (name in text or (len(name) > 2 and share(words_of(name), words_of(text)) >= _NAMED))


def _rate_compared(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """增长8.2%, 增速高于全市1.7个百分点: the rate of the body that the sentence compares with."""
    text = evidence.sentence.text
    for first, by in pairwise(counting_figures(evidence)):
        above = _ABOVE.search(text[first.end : by.start]) if (first.unit, by.unit) == ("%", "百分点") else None
        if (
            above
            and (above["body"] or above["than"]) in query.text
            and means(_matter(query), evidence, first) >= _ENOUGH
        ):
            return (Formula("+" if (above["how"] or above["by"])[0] in "低慢" else "-", (first, by), evidence),)
    return ()


def states_lead(query: Query, evidence: Evidence) -> bool:
    """True if the sentence tells by how much one is ahead of a body in the question: 增速高于全市1.7个百分点."""
    text = evidence.sentence.text
    leads = (_ABOVE.search(CLAUSE.split(text[: figure.start])[-1]) for figure in counting_figures(evidence))
    return any((found["body"] or found["than"]) in query.text for found in leads if found)


def _of_two(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """甲占乙的几成, 甲减去乙, 甲是乙的几倍: each operand a figure of the sentence."""
    sign = _OF_TWO.get(operation(query.text) or "")
    phrases = operands(query.text) if sign else ()
    places = {tuple(place.name for place in find_places(phrase)) for phrase in phrases}
    if not sign or len(phrases) != 2 or len(places - {()}) > 1 or not _tells_both(phrases, evidence):
        return ()
    in_things = _units(query)[0].isdisjoint(("%", "倍", "百分点")) and _HOW_MUCH_OF.search(query.text)
    if sign == "÷" and in_things and "倍" not in query.text:
        return ()
    if not _all_told(phrases, evidence):
        return ()
    made = []
    for units in _units(query) if sign == "-" else [frozenset[str]()]:
        figures = [f for f in counting_figures(evidence) if _fits_unit(units, f)]
        found = _assigned(phrases, evidence, [p for p in permutations(figures, 2) if comparable(*p)])
        if found and (sign == "-" or operation(query.text) == "ratio" or less(*found)):
            made.append(Formula(sign, found, evidence))
        if found and operation(query.text) == "ratio" and re.search(DIFFERENCE, query.text):  # …多多少，是它的几倍
            made.insert(0, Formula("-", found[::-1] if less(*found) else found, evidence))
    return tuple(made)


def _all_told(phrases: Sequence[str], evidence: Evidence) -> bool:
    """False if what tells one phrase from the others is not in the sentence: 生物医药产业 beside 农产品加工业."""
    words = [frozenset(words_of(_ALL.sub("，", phrase))) for phrase in phrases]
    return all(told_apart(one, words, evidence) for one in words)


def _tells_both(phrases: Sequence[str], evidence: Evidence) -> bool:
    """False if a phrase is of a number in a series (一期) that the sentence does not speak of."""
    numbered = (found[0] for phrase in phrases if (found := SERIES.search(phrase)))
    return all(one in evidence.sentence.text for one in numbered)


def _assigned(
    phrases: Sequence[str], evidence: Evidence, tried: Iterable[tuple[FoundFigure, ...]]
) -> tuple[FoundFigure, ...] | None:
    """The figures that fit the phrases best in their order, if each fits and no others fit as well."""
    ranked = []
    for figures in tried:
        fits = [
            means(phrase, evidence, figure) if of_time(phrase, evidence, figure) else 0.0
            for phrase, figure in zip(phrases, figures, strict=True)
        ]
        ranked.append((sum(fits) if min(fits) >= _ENOUGH else 0.0, figures))
    ranked.sort(key=lambda pair: -pair[0])
    clear = ranked and ranked[0][0] > 0 and (len(ranked) == 1 or ranked[0][0] > ranked[1][0] + CLEARLY)
    return ranked[0][1] if clear else None


def _changed(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """从68.5%下降到52%: by how much, or to how many times, where the question asks for the change of that."""
    how = operation(query.text)
    text, figures = evidence.sentence.text, counting_figures(evidence)
    which_way = _WHICH_WAY.search(query.text)
    if not which_way and (how not in ("difference", "ratio") or operands(query.text)):
        return ()
    if not which_way and not re.search(_CHANGES, query.text):
        return ()
    for first, last in pairwise(figures):
        since = re.search("(?:从|由)[^。；]*$", text[: first.start])
        until = re.search("[到至为][^，。；]*$", text[first.end : last.start])
        alike = first.unit == last.unit or in_unit(first, last.unit)
        if since and until and alike and means(_matter(query), evidence, first) >= _ENOUGH:
            both = (last, first) if how == "ratio" or less(first, last) else (first, last)
            rises = _MOVES[first.unit in ("%", "百分点"), less(first, last)]
            moved = "" if how == "ratio" else rises
            return (Formula("÷" if how == "ratio" else "-", both, evidence, moved),)
    return ()


def _rank_before(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """第17位、两年提升24位: the place before the rise, or the fall."""
    if not _WAS_RANKED.search(query.text):
        return ()
    text = evidence.sentence.text
    figures = [f for f in find_figures(text) if f.value and (f.kind == "ordinal" or f.unit == "位")]
    found = []
    for last, by in pairwise(figures):
        moved = _MOVED.search(text[last.end : by.start])
        if moved and last.kind == "ordinal" != by.kind and len(CLAUSE.findall(text[last.end : by.start])) < 2:
            fits = share(words_of(_matter(query)), words_of(text[: last.start]))
            found.append((fits, Formula("-" if moved[0] in _DOWN else "+", (last, by), evidence)))
    best = max(found, key=lambda pair: pair[0], default=(0.0, None))
    return (best[1],) if best[1] and best[0] >= _ENOUGH else ()


def _under_scale(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """规模以下工业总产值: all of it without that of enterprises above scale."""
    if not _UNDER_SCALE.search(query.text):
        return ()
    phrase = _UNDER_SCALE.sub("", _matter(query))
    figures = [f for f in counting_figures(evidence) if _fits_unit(_units(query)[0], f)]
    above = [f for f in figures if _ABOVE_SCALE.search(local_words(evidence.sentence.text, f))]
    part = clearest(phrase, evidence, [f for f in above if of_time(phrase, evidence, f)])
    wholes = [f for f in figures if part and f not in above and comparable(f, part) and less(part, f)]
    whole = clearest(phrase, evidence, wholes)
    return (Formula("-", (whole, part), evidence),) if whole and part else ()


def _done_of_planned(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """完成率, 开工率: what is done of what was planned."""
    asked = _DONE_OF_PLANNED.search(written_alike(query.text))
    text, figures = evidence.sentence.text, counting_figures(evidence)
    if not asked or share(words_of(_matter(query)), words_of(text)) < _ENOUGH:
        return ()
    clauses = [CLAUSE.split(text[: f.start])[-1] for f in figures]
    for i, part in enumerate(figures):
        if asked["done"] in clauses[i] and _DONE.search(clauses[i]):
            planned = zip(figures[:i], clauses, strict=False)
            wholes = [f for f, c in planned if _PLANNED.search(c) and comparable(part, f) and less(part, f)]
            if wholes:
                return (Formula("÷", (part, wholes[-1]), evidence),)
    return ()


_AIMS = frozenset(
    {"力争", "突破", "目标", "计划", "预计", "初步", "冲刺"}
)  # no names of things: 40亿元，力争突破50亿元


def _all_of_list(query: Query, evidence: Evidence) -> tuple[Formula, ...]:
    """省级7个、市级31个、县级95个: their sum, where the question names what tells each of them from the others."""
    number = len(_LISTED.findall(query.text)) + 1
    if operation(query.text) != "sum" or number < 2:
        return ()
    text = evidence.sentence.text
    figures = [f for f in counting_figures(evidence) if _fits_unit(_units(query)[0], f)]
    names = [set(words_of(local_words(text, f))) - _AIMS for f in figures]
    asked = written_alike(query.text)
    words = [frozenset(words_of(part.text)) for part in query.parts]
    if len(words) > 1 and not all(told_apart(one, words, evidence) for one in words):
        return ()
    for begin in range(len(figures) - number + 1):
        run, own = figures[begin : begin + number], names[begin : begin + number]
        listed = all(re.fullmatch("[、和及，]?[^，。；]*", text[a.end : b.start]) for a, b in pairwise(run))
        common = set.intersection(*own)
        told = all(any(word in asked for word in name - common) for name in own)
        named = all(common or share(dict.fromkeys(name, 1.0), words_of(query.text)) >= _ENOUGH for name in own)
        if listed and told and named and len({f.unit for f in run}) == 1:
            return (Formula("+", tuple(run), evidence),)
    return ()


_Way = Callable[[Query, Evidence], tuple[Formula, ...]]
_FORTH: tuple[_Way, ...] = (_mean, _done_of_planned, _under_scale, _of_two, _changed, _all_of_list, _rank_before)
# What a report would state if it were known; only a question that says it is to be inferred is answered so.
_BACK: tuple[_Way, ...] = (_whole_of_share, _before_growth, _rate_compared)
