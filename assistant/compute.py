"""Sums, differences, ratios and rankings, computed from figures that are already cited."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from assistant.figures import FoundFigure, find_figures

Operation = Literal["share", "compound", "yearly", "growth", "average", "less", "sum", "difference", "ratio", "rank"]

CHANGE_OF_A_YEAR = (
    "(?:平均每一?年|每年平均|年均|一年平均)[^，]{0,4}(?:增|提高|上升|涨|加|减|降|变)[^，]{0,4}(?:多少|几)"
)
# …as a rate that is the same every year: 从2020年到2025年年均增长百分之几.
COMPOUND = (
    "(?=.*20\\d\\d年.*20\\d\\d年).*(?:平均每一?年|每年平均|年均|一?年平均|年复合)[^，]{0,4}"
    "(?:(?:增长率|[增涨降]幅|增速)[应需要达到约为是]{0,4}(?:多少|多[大高]|几|百分之)"
    "|(?:增长?|提高|上升|涨|降|下降|减少)了?(?:百分之(?:几|多少)|多少%|几%))"
)
# …and over all of the years between, in per cent: 从2020年的30亿元到2023年的目标，增长百分之几.
GROWTH_BETWEEN = (
    "(?:(?:从|由|比)(?=.*(?:20\\d\\d年|十[一二三四五]五).*(?:20\\d\\d年|十[一二三四五]五)|.*[初末].*[初末])"
    "|20\\d\\d年[^？]*?[比较][^，？]{0,6}20\\d\\d年).*"
    "(?:(?:增长率?|增加|提高|上升|扩大|下降|减少|[增涨降]幅)了?(?:大?[是为约])*(?:百分之(?:几|多少)|多少%|几%|几成)"
    "|(?:增长率|[增涨]幅)[是为约]*多少)"
)

DIFFERENCE = (
    r"相差|相减|之差|差了?多少|差了?几|差距|差额|[高低多少大小快慢]出?了?多少|[高低多少大小快慢]出?了?几(?=个?百分|个点|[亿万户家个位项元倍亩年])|[多少]了?多少|[高低多少]几|(?:增加|新增|净增)了?(?:多少|几)"
    r"|[降升掉涨增减][了低高少多]{0,2}(?:几|多少)个?百分点"
)
_OPERATIONS: tuple[tuple[Operation, str], ...] = (
    (
        "share",
        r"(?<!对)占比(?:有|是|为)?(?:多|几)|[里中]有?(?:百分之(?:几|多少)|几成|多大比例)的?[\u3400-\u9fff]|^(?!.*(?:相差|差多少|差了?几|差距|合计|[高低多少]出?多少|[高低]出?了?几|[降升掉涨增减][了低高少多]{0,2}(?:几|多少)个?百分点)).*占.*(?:比例|比重|占比|百分之|百分比|份额|几成|多少(?![亿万元户家项亩吨人A-Za-z]|个(?!百分)))",
    ),
    ("compound", COMPOUND),
    ("yearly", CHANGE_OF_A_YEAR),
    ("growth", GROWTH_BETWEEN),
    ("average", r"平均(?:下来)?[，,]?[每一]"),
    (
        "less",
        r"减去|减掉|扣除|扣掉|扣去|除去|去掉|刨[去开除]|除开|撇开|剔除|不算|除[^，。]*外，?的?(?:其余|其他|剩|别的|另外)|还(?:差|缺)|(?:还有|还剩|尚有|剩下)(?:多少|几).*[没未]"
        "|[没未]有?(?:开工|动工|完成|投产|竣工|建成|签约|落地|到位|验收|纳统)的(?:还)?[剩有]下?(?:几|多少)[个家户项]",
    ),
    (
        "sum",
        r"合计|(?:总共|一共|共计|总计)(?!了?(?:下降|上升|增加|增长|提高|提升|减少|回落|降低|扩大|[升降涨跌]))|总和|之和|加起来|加[在到]?一[起块]|拢共|统共|相加|加总|求和|合起来|合[在到]一[起块]|加上|共有?多少",
    ),
    ("ratio", r"多少倍|几倍|的倍数"),
    (
        "difference",
        DIFFERENCE,
    ),
    (
        "rank",
        r"哪一?[个座里边方家项种类]|谁|孰|最[高低多少大小快慢]|更[高低多少大小快慢]|比[^，。？]*[高低多少大小快慢]",
    ),
)
_DIGITS = 4
_SCALES = ((Decimal(10**8), "亿"), (Decimal(10**4), "万"))


@dataclass(frozen=True, slots=True)
class Operand:
    """A cited figure and what it is of."""

    label: str
    figure: FoundFigure


def operation(question: str) -> Operation | None:
    """What the question wants computed, if anything; what it says in brackets (不算…) only limits it."""
    asked = re.sub("[（(][^（）()]*[）)]", "", question)
    return next((name for name, pattern in _OPERATIONS if re.search(pattern, asked)), None)


def conclude(question: str, operands: Sequence[Operand]) -> str:
    """One sentence with the result and its formula, or "" where figures do not compare or nothing is asked."""
    asked = operation(question)
    values = [o.figure.value for o in operands]
    units = {o.figure.unit for o in operands}
    if units == {"", "元"} and all(o.figure.unit or o.figure.text.endswith("亿") for o in operands):
        units = {"元"}  # 力争突破80亿
    exact = [value for value in values if value is not None]
    if asked is None or len(operands) < 2 or len(exact) != len(operands) or any(o.figure.high for o in operands):
        return ""
    texts = [o.figure.text for o in operands]
    roughly = "约" if any(o.figure.qualifier for o in operands) else ""
    if asked == "average":
        return _averaged(operands, exact) if len(operands) == 2 else ""
    if {unit.removesuffix("/年") for unit in units} < units:  # 16万吨/年 and 150万吨
        units = {min(units, key=len)}
    if len(units) != 1:
        return ""
    unit = units.pop()
    if asked == "share" and unit in ("%", "百分点"):  # shares are asked for, and there they are
        asked = "rank"
    if asked == "share":
        return f"{share_said(exact[0] / exact[1])}（{texts[0]}÷{texts[1]}）。" if exact[1] > exact[0] else ""
    if asked == "compound" and unit not in ("%", "百分点"):
        return _compounded(operands, exact)
    if asked in ("compound", "yearly"):
        return _a_year(operands, exact, unit)
    if asked == "growth":
        return _grown(operands, exact, unit)
    if asked == "sum":
        return f"合计{written(sum(exact, Decimal(0)), unit, texts[0])}（{'＋'.join(texts)}）。"
    if asked == "less" and len(operands) == 2:
        return f"相减得{written(exact[0] - exact[1], unit, texts[0])}（{texts[0]}−{texts[1]}）。"
    if asked == "rank" or len(operands) > 2:
        return _ranked(question, operands, exact)
    high, low = (0, 1) if exact[0] >= exact[1] else (1, 0)
    times = ""
    if asked == "ratio" and exact[1]:
        one, two = (o.label for o in operands) if all(o.label in question for o in operands) else ("前者", "后者")
        times = f"{one}是{two}的{plain(round(exact[0] / exact[1], 2))}倍（{texts[0]}÷{texts[1]}）"
    if asked == "ratio" and not re.search(DIFFERENCE, question):
        return f"{times}。" if times else ""
    if exact[0] == exact[1]:
        return f"两者相同，都是{texts[0]}。"
    gap = written(exact[high] - exact[low], "百分点" if unit == "%" else unit, texts[high])
    name, other = operands[high].label, operands[low].label
    by = f"{name}比{other}{'高' if unit == '%' else '多'}{roughly}{gap}（{texts[high]}−{texts[low]}）"
    return f"{by}；{times}。" if times else f"{by}。"


def _in_time(operands: Sequence[Operand], values: Sequence[Decimal]) -> tuple[tuple[int, tuple[Decimal, Operand]], ...]:
    """The operands of two years, earlier first; () for any others."""
    years = [int(year[0]) for one in operands if (year := re.findall(r"20\d\d(?=年)", one.label))]
    if len(years) != 2 or len(values) != 2 or years[0] == years[1]:
        return ()
    rows = zip(years, zip(values, operands, strict=True), strict=True)
    return tuple(sorted(rows, key=lambda row: row[0]))


def _grown(operands: Sequence[Operand], values: Sequence[Decimal], unit: str) -> str:
    """By how much the later of two years is above the earlier, in per cent of that."""
    rows = _in_time(operands, values)
    if not rows or unit in ("%", "百分点") or not rows[0][1][0]:
        return ""
    (_, (before, first)), (_, (after, last)) = rows
    how, high, low = ("增长", last, first) if after >= before else ("下降", first, last)
    rate = percentage(abs(after - before) / before)
    return f"{how}约{rate}（（{high.figure.text}−{low.figure.text}）÷{first.figure.text}）。"


def _a_year(operands: Sequence[Operand], values: Sequence[Decimal], unit: str) -> str:
    """The change between two years, for each of the years between them."""
    rows = _in_time(operands, values)
    if not rows:
        return ""
    (first, before), (last, after) = rows
    mean = about(abs(after[0] - before[0]) / (last - first), "百分点" if unit == "%" else unit)
    how = "增加" if after[0] >= before[0] else "减少"
    high, low = (after[1], before[1]) if after[0] >= before[0] else (before[1], after[1])
    return f"平均每年{how}约{mean}（（{high.figure.text}−{low.figure.text}）÷{last - first}年）。"


def _compounded(operands: Sequence[Operand], values: Sequence[Decimal]) -> str:
    """The rate that, the same every year, leads from the earlier of two years to the later."""
    rows = _in_time(operands, values)
    if not rows or rows[0][1][0] <= 0 or rows[1][1][0] <= 0:
        return ""
    (since, (before, first)), (until, (after, last)) = rows
    years = until - since
    rate = (after / before) ** (Decimal(1) / years) - 1
    how, root = ("增长" if rate >= 0 else "下降"), "" if years == 1 else f"的{years}次方根"
    return f"年均{how}约{percentage(abs(rate))}（（{last.figure.text}÷{first.figure.text}）{root}−1）。"


def _averaged(operands: Sequence[Operand], values: Sequence[Decimal]) -> str:
    """The first operand for each of the second, which must be a count."""
    whole, number = operands
    if number.figure.kind != "count" or not values[1]:
        return ""
    mean = about(values[0] / values[1], whole.figure.unit)
    return f"平均每{number.figure.unit}约{mean}（{whole.figure.text}÷{number.figure.text}）。"


def _ranked(question: str, operands: Sequence[Operand], values: Sequence[Decimal]) -> str:
    least = bool(re.search(r"最[低少小慢]|更[低少小慢]|哪[个座里边家一]*[低少小慢]|谁[更]?[低少小慢]", question))
    best = (min if least else max)(values)
    winners = [o for o, value in zip(operands, values, strict=True) if value == best]
    if len(winners) == len(operands):
        return f"{'、'.join(o.label for o in operands)}相同，都是{limited(operands[0].figure)}。"
    names = "、".join(o.label for o in winners)
    others = "、".join(f"{o.label}{limited(o.figure)}" for o in operands if o not in winners)
    how = ("低" if least else "高") if operands[0].figure.unit == "%" else ("少" if least else "多")
    more = f"{'最' if len(operands) > 2 else '更'}{how}"
    return f"{names}{more}：{names}{limited(winners[0].figure)}，{others}。"


_BEHIND = re.compile("左右|上下|以上|以下|以内|[多余来]")


def limited(figure: FoundFigure) -> str:
    """The figure with what limits it, as a report writes it: 超过40%, 700亿元左右."""
    behind = _BEHIND.fullmatch(figure.qualifier)
    return f"{figure.text}{figure.qualifier}" if behind else f"{figure.qualifier}{figure.text}"


def plain(number: Decimal) -> str:
    """The number without exponent and trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written(value: Decimal, unit: str, like: str) -> str:
    """`value` in `unit`, on the scale of the figure `like` it was computed from."""
    lettered = re.fullmatch(r"\D*(?P<number>[\d.]+)(?P<unit>[A-Za-z]+)", like)
    if lettered and (stated := find_figures(like)) and stated[0].value:
        return f"{plain(value * Decimal(lettered['number']) / stated[0].value)}{lettered['unit']}"
    scale, name = next(((s, n) for s, n in _SCALES if n in like), (Decimal(1), ""))
    return f"{plain(value / scale)}{name}{'个百分点' if unit == '百分点' else unit}"


def about(value: Decimal, unit: str) -> str:
    """A quotient in `unit` on its own scale, to four digits and no more than two places: 3602亿元, 494.7亿元, 4.95亿元.

    What it was computed from is known no better.
    """
    scale, name = next(((s, n) for s, n in _SCALES if value >= s), (Decimal(1), ""))
    scaled = value / scale
    places = max(0, min(2, _DIGITS - len(str(int(abs(scaled))))))
    return f"{plain(round(scaled, places))}{name}{unit}"


def share_said(share: Decimal) -> str:
    """占比为25%, 占比约为57.8% where it was rounded."""
    said = percentage(share)
    return f"占比{'为' if Decimal(said.rstrip('%')) == share * 100 else '约为'}{said}"


def percentage(share: Decimal) -> str:
    """A quotient as a percentage, to one place, or two below 1%: 57.8%, 0.46%."""
    return f"{plain(round(share * 100, 1 if abs(share) >= Decimal('0.01') else 2))}%"
