"""A question that is to be computed -> the formula that the chat model writes, checked and computed by code.

The model only chooses: each number of its formula must stand in the evidence, with its unit, and units must go
together as in school. Nothing it says of the result is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from langchain_core.language_models import BaseChatModel

from assistant.asked import fit
from assistant.clauses import governing
from assistant.compute import about, operation, plain, share_said, written
from assistant.fewshot import turns
from assistant.figures import FoundFigure, find_figures, proves
from assistant.periods import find_periods
from assistant.query import Query
from assistant.schema import Evidence
from assistant.selection import Selection

_TOKENS = 60
_LINES = 3  # of evidence: two cores read some fifty tokens a second
_OPERATOR = re.compile(r"\s*(÷1\+|[+＋\-−–—－×*÷/])\s*")
_SIGNS = {"＋": "+", "−": "-", "–": "-", "—": "-", "－": "-", "*": "×", "/": "÷"}
# What a question of each kind may have computed; a kind that is not here, anything.
_MEANT = {"sum": "+", "difference": "-", "less": "-", "share": "÷", "ratio": "÷", "average": "÷", "rank": "-"}
_SHARE = re.compile("百分之|占|比例|比重|[完到履开].?[成位约工]率")
RECKONS = re.compile(
    r"(?<![签履合])(?:大?约|大概|差不多)(?:等于|[是为有]|达到?)?(?:多少|几)|能[推估]?算|推一[下推]|估[计一]下|[推倒反折换估回]算|[完到履开][成位约工]率|算下来|算一下|算出|算算|折合|[倒反回]推|推[得不]?出|[来数]推|照[这此]样?|据此|由此|平均一|除以|乘以|[降升掉涨增减][了低高少多]?(?:几|多少)个?(?:百分)?点"
)
GROWN = "÷1+"  # divided by one and the growth: what there was before it
_BEFORE_GROWTH = re.compile(r"\s*[÷/]\s*[（(]\s*1\s*[+＋]\s*(?P<by>[^（）()]+)[）)]\s*$")
_YEAR_BEFORE = re.compile("[前上]一?年|同期")
_SIGNS_SHOWN = {"+": "＋", "-": "−"}
_NUMBER = re.compile(r"\d[\d,，]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Formula:
    """Figures of one sentence, the `evidence`, joined by one operator: +, -, ×, ÷, or ÷ (1 + …).

    `moved` says which way (上升, 下降) where the figures are one before and one after a change.
    """

    sign: str
    figures: tuple[FoundFigure, ...]
    evidence: Evidence
    moved: str = ""


def reckons(query: Query) -> bool:
    """True if the question's words ask for something to be computed from stated figures."""
    return query.kind != "aggregate" and bool(RECKONS.search(query.text))


def apart(query: Query) -> bool:
    """True if the parts are of several places or periods, each of which is looked up by itself."""
    return len({(part.places, tuple(period.text for period in part.periods)) for part in query.parts}) > 1


def looks_back(made: Formula) -> bool:
    """True if what the formula gives is of the year before: a figure without its growth, or by the times it is."""
    return made.sign == GROWN or made.figures[-1].unit == "倍" != made.figures[0].unit


def candidates(selections: Sequence[Selection], whole: Selection) -> tuple[Evidence, ...]:
    """The sentences that may hold the figures: the best of the whole question, then that of each part."""
    found = [*whole.evidence[:1], *(one for selection in selections for one in selection.evidence[:1])]
    found += whole.evidence[1:]
    by_place = {(one.passage.source, one.sentence.start): one for one in reversed(found)}
    return tuple(sorted(by_place.values(), key=found.index))[:_LINES]


def formula(query: Query, evidence: Sequence[Evidence], chat: BaseChatModel) -> Formula | None:
    """What the model would compute from the evidence; None where it finds nothing to, or is not to be trusted.

    Raises what the chat model raises.
    """
    lines = "\n".join(dict.fromkeys(re.sub(r"\s+", " ", one.sentence.text) for one in evidence))
    asked = turns("formula", f"资料：\n{lines}\n问题：{query.text}")
    reply = str(chat.bind(extra_body={"max_tokens": _TOKENS}).invoke(asked).text)
    return read(reply.strip().split("\n")[0], query, evidence)


def read(written: str, query: Query, evidence: Sequence[Evidence]) -> Formula | None:
    """The formula that `written` is, if one sentence of the evidence holds all its figures."""
    said = re.split("[=＝≈]", written)[0].strip(" 。")
    said = re.sub(r"\s*[×*xX]\s*100\s*%?$", "", said)  # a share as a percentage
    said = _BEFORE_GROWTH.sub(rf"{GROWN}\g<by>", said)
    pieces = _OPERATOR.split(said)
    signs = {_SIGNS.get(sign, sign) for sign in pieces[1::2]}
    if len(signs) != 1:
        return None
    sign = signs.pop()
    for one in evidence:
        found = [_stated(piece, query, one) for piece in pieces[::2]]
        figures = tuple(figure for figure in found if figure)
        made = _as_told(Formula(sign, figures, one), query)
        if len({figure.start for figure in figures}) == len(found) > 1 and _goes_together(made, query):
            return made
    return None


def _as_told(made: Formula, query: Query) -> Formula:
    """The formula with the operator that follows from what its percentage is of, where the sentence tells that, and
    with a share's smaller figure first.
    """
    if len(made.figures) != 2 or made.sign in "+-":
        return made
    first, by = made.figures
    if by.unit == "%" != first.unit:
        return replace(made, sign=_SIGN_OF_PERCENT.get(percent_of(made), made.sign))
    turned = first.unit == by.unit and _SHARE.search(query.text) and (first.value or 0) > (by.value or 0)
    return replace(made, figures=(by, first)) if turned else made


def _stated(piece: str, query: Query, evidence: Evidence) -> FoundFigure | None:
    """The figure of the sentence that `piece` copies; of several, that which fits the question best."""
    claim = next(iter(find_figures(piece)), None)
    digits = _NUMBER.search(piece)
    if not claim or not digits:
        return None
    same = [
        figure
        for figure in find_figures(evidence.sentence.text)
        if figure.kind not in {"year", "date", "code"} and not figure.high and _copies(claim, digits[0], figure)
    ]
    return max(same, key=lambda figure: _fits(query, evidence, figure), default=None)


def _fits(query: Query, evidence: Evidence, figure: FoundFigure) -> float:
    return max(fit(each, evidence.passage, evidence.sentence, figure) for each in query.parts or (query,))


def _copies(claim: FoundFigure, digits: str, figure: FoundFigure) -> bool:
    """True if the claim is the figure, or its digits without a unit."""
    bare = claim.text == digits and digits in _NUMBER.findall(figure.text)
    return bare or proves(figure, claim)


def _goes_together(made: Formula, query: Query) -> bool:
    """True if the units allow the operation and the question asks for it."""
    if made.sign[0] not in _MEANT.get(operation(query.text) or "", "+-×÷"):
        return False
    units = [figure.unit for figure in made.figures]
    if made.sign in "+-":
        return len(set(units)) == 1
    if len(units) != 2 or not all(figure.value for figure in made.figures):
        return False
    if units[1] == "%" != units[0]:
        if made.sign == GROWN and not of_year_before(made, query):
            return False
        return bool(percent_of(made))
    if "倍" in units:
        return made.sign == "÷" and units[1] == "倍" and of_year_before(made, query)
    return made.sign == "÷" and (units[0] == units[1] or made.figures[1].kind == "count")


# 产值640亿元，占全市的32%: the figure is the part. 总投资50亿元，一期占40%: it is the whole.
_SIGN_OF_PERCENT = {"of another": "÷", "of it": "×", "growth": GROWN}
_OF_ANOTHER = re.compile(r"(?:占|相当于)(?:到|了|全)?[^，。；%]*[\u3400-\u9fff]{2}[^，。；%]*$")
_OF_IT = re.compile(r"(?:占|的)(?:到|了|比)?约?$")
_GROWTH = re.compile(r"(?:增长|增幅|增速|提高|上升)[了为达到约超过]*$")


def percent_of(made: Formula) -> str:
    """What the percentage of a formula is of, as its sentence tells: the clause before it."""
    first, percent = made.figures
    before = re.split("[，,。；]", made.evidence.sentence.text[: percent.start])[-1]
    if first.start > percent.start:
        return "of it" if re.match("的|是|，", made.evidence.sentence.text[percent.end :]) else ""
    if _GROWTH.search(before):
        return "growth"
    return "of another" if _OF_ANOTHER.search(before) else "of it" if _OF_IT.search(before) else ""


def of_year_before(made: Formula, query: Query) -> bool:
    """True if the question asks for the year before that of the formula's first figure."""
    text, date = made.evidence.sentence.text, made.evidence.passage.date
    held = governing(find_periods(text, reference=date), text, made.figures[0])
    year = (held.first if held else date)[:4]
    asked = [period.first[:4] for period in find_periods(query.text, reference=date)]
    return bool(_YEAR_BEFORE.search(query.text)) or (year.isdigit() and f"{int(year) - 1}" in asked)


def reckoned(made: Formula, query: Query) -> str:
    """One sentence with the result and the formula."""
    texts = [figure.text for figure in made.figures]
    shown = f"（{_SIGNS_SHOWN.get(made.sign, made.sign).join(texts)}）。"
    if made.sign == GROWN:
        shown = f"（{texts[0]}÷（1＋{texts[1]}））。"
    value, unit = _result(made)
    if {figure.unit for figure in made.figures} == {"%", "百分点"}:
        return f"推算约为{plain(value)}%{shown}"
    if made.figures[0].kind == "ordinal":  # a place in a list, and by how many it moved
        return f"推算为第{plain(value)}位{shown}"
    if made.sign == "+":
        return f"合计{written(value, unit, texts[0])}{shown}"
    if made.sign == "-":
        opening = made.moved or ("相减得" if operation(query.text) == "less" else "相差")
        return f"{opening}{written(value, unit, texts[0])}{shown}"
    first, by = made.figures
    if made.sign in ("×", GROWN) or (by.unit in ("%", "倍") and first.unit != by.unit):
        return f"推算约为{about(value, unit)}{shown}"
    if by.unit != first.unit:
        return f"平均每{by.unit}约{about(value, unit)}{shown}"
    share = operation(query.text) == "share" or (operation(query.text) != "ratio" and value < 1)
    said = share_said(value) if share else f"前者是后者的{plain(round(value, 2))}倍"
    return said + shown


def _result(made: Formula) -> tuple[Decimal, str]:
    """Value and unit; a quotient of like units has none."""
    values = [figure.value or Decimal(0) for figure in made.figures]
    unit, other = made.figures[0].unit, made.figures[-1].unit
    if made.sign == "+":
        return sum(values, Decimal(0)), unit
    if made.sign == "-":
        gap = values[0] - sum(values[1:])
        return (abs(gap) if len(values) == 2 else gap), "百分点" if unit == "%" else unit
    if made.sign == GROWN:
        return values[0] / (1 + values[1] / 100), unit
    by = values[1] / 100 if other == "%" and unit != "%" else values[1]
    return (values[0] / by if made.sign == "÷" else values[0] * by), "" if made.sign == "÷" and other == unit else unit
