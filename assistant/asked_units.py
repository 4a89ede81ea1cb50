"""In which units a question may be answered: 产值 in 元, 企业数 in 户 or 家, 增速 in % or 百分点."""

from __future__ import annotations

import re

from assistant.figures import FoundFigure
from assistant.notation import GENERIC, INTERCHANGEABLE
from assistant.query import ANY_COUNT, Query

_MONEY = re.compile(
    r"产值|增加值|收入|投资额?(?!项目|强度)|资金|税收|[缴纳交]的?税|利润|GDP|金额|贷款|补助|[营销]业?售?额|成交额"
)
_RATE = re.compile(r"增速|增幅|增长率|增长|占比|比重|比例|百分比|份额|速度|百分之几|[覆盖达标复合转化]率|强度")
_COUNT = re.compile(r"[户家个亩项园人]数|数量|总数|企业数|多少[户家个项]|几[户家个项]")
_MEASURES = (
    (_MONEY, frozenset({"元"})),
    (_RATE, frozenset({"%", "百分点"})),
    (re.compile(r"位次|名次"), frozenset({"位"})),
    (re.compile(r"产能|产量|年产"), frozenset({"吨", "千瓦", "千瓦时", "平方米", "台", "辆", "套", "条"})),
    (re.compile(r"面积"), frozenset({"亩", "平方公里", "平方米", "公顷"})),
    (_COUNT, frozenset({ANY_COUNT})),
)


def of_unit(query: Query, figure: FoundFigure) -> bool:
    """Whether the figure is in a unit in which the question may be answered."""
    if figure.kind in ("year", "date", "code") or (figure.kind == "ordinal" and _MOVES.search(query.text)):
        return False
    units = units_of(query)
    return not units or any(in_unit(figure, unit) for unit in units)


_MOVES = re.compile(
    "(?:提升|上升|前移|前进|下降|后退|变化)了?的?(?:位次|名次|几位|多少位)"
)  # by how many, not to which
_OF_THINGS = frozenset("种项款类条")


def in_unit(figure: FoundFigure, unit: str) -> bool:
    """Whether a figure answers a question that asks in `unit`: 几家 may be answered in 户, 几个百分点 in %."""
    if figure.unit == unit or (unit == ANY_COUNT and figure.kind == "count"):
        return True
    if unit == "元" and not figure.unit and figure.text.endswith("亿"):  # 力争突破80亿
        return True
    pair = frozenset((figure.unit, unit))
    alike = pair in INTERCHANGEABLE or pair <= _OF_THINGS or ("个" in pair and pair <= GENERIC)
    return alike or pair == {"%", "百分点"}


_AIM_OF_INDUSTRY = re.compile("(?:产业|行业|集群)[^，。产增占比数户个]{0,12}目标是多少")


def units_of(query: Query) -> frozenset[str]:
    """Units that the answer may have; empty where any will do."""
    if query.unit:
        return frozenset({query.unit})
    last = [(m.end(), units) for pattern, units in _MEASURES for m in pattern.finditer(query.text)]
    if not last and _AIM_OF_INDUSTRY.search(query.text):  # what it is to produce
        return frozenset({"元"})
    return max(last, key=lambda pair: pair[0])[1] if last else frozenset()


OF_ELSE = 0.6
_FIRMS = re.compile("(?:(?![园区城市县])[\u3400-\u9fff]){0,8}?(?:企业|公司|主体|单位|商户|厂)|(?![\u3400-\u9fff])")


def counts_else(query: Query, text: str, figure: FoundFigure) -> float:
    """What speaks against 7个 where 户 are asked for: much if what it counts is told (7个中心城市)."""
    if figure.unit != "个" or query.unit not in ("户", "家"):
        return 0.0
    return 0.15 if _FIRMS.match(text, figure.end) else OF_ELSE
