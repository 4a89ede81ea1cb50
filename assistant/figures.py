"""Numbers, units and dates in Chinese text: find, normalise, compare.

All functions are pure; offsets count characters of the text that was passed. `notation` holds the patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from assistant.notation import (
    AFTER,
    AMOUNTS,
    BARE_CHINESE,
    BEFORE,
    FIGURE,
    GENERIC,
    HALF_WIDTH,
    INTERCHANGEABLE,
    MULTIPLIERS,
    NO_UNIT,
    TENTH,
    UNITS,
    chinese_number,
)

_LABEL = re.compile(r"[^，。”’」』》]{0,10}[”’」』》]")
_PARTS = ("pa", "pb")
FigureKind = Literal["amount", "percent", "ordinal", "year", "date", "count", "ratio", "code"]


@dataclass(frozen=True, slots=True)
class FoundFigure:
    """A figure as it stands in a text.

    `text` is the number with its unit, `start`/`end` its offsets. `value` is in the base of `unit`: 2.5亿元
    is 250000000 元, 7成 is 70 %. It is the low end of a range whose other end is `high`, and None for a code.
    A date is the number yyyymmdd with zeros for what is not said; `unit` names its parts: 年月日, 月日, 月.
    `qualifier` is what limits the number, as written next to it: 约, 力争突破, 以上, 余, or empty.
    """

    text: str
    start: int
    end: int
    value: Decimal | None
    high: Decimal | None
    unit: str
    qualifier: str
    kind: FigureKind


def _arabic(text: str) -> Decimal:
    return Decimal(re.sub(r"[\s,，]", "", text))


def _number(text: str) -> Decimal | None:
    return _arabic(text) if re.match(r"\d", text) else chinese_number(text)


def _qualifier(text: str, start: int, end: int) -> str:
    before, after = BEFORE.search(text[max(0, start - 12) : start]), AFTER.match(text, end)
    words = (before["modal"] or "") + (before["limit"] or "") if before else ""
    return words + (after[1] if after else "")


def _kind(unit: str, number: Decimal = Decimal(0)) -> FigureKind:
    if unit == "年" and 1900 <= number < 2100:
        return "year"
    if unit in ("%", "‰", "百分点"):
        return "percent"
    return "ratio" if unit == "倍" else "amount" if unit in AMOUNTS else "count"


def _scaled(number: Decimal, multiplier: str | None, unit: str | None) -> Decimal:
    return number * MULTIPLIERS.get(multiplier or "", 1) * UNITS.get(unit or "", ("", 1))[1]


def _is_unit(text: str, unit: str | None, end: int) -> bool:
    return bool(unit) and text[end : end + 1] not in tuple(NO_UNIT.get(unit or "", ""))


def _make(
    text: str, match: re.Match[str], end: int, value: Decimal | None, unit: str, kind: FigureKind,
    *, high: Decimal | None = None, extra: str = "", start: int | None = None,
) -> FoundFigure:  # fmt: skip
    start = match.start() if start is None else start
    qualifier = "" if kind in ("code", "year", "date") else _qualifier(text, start, end)
    return FoundFigure(text[start:end], start, end, value, high, unit, qualifier + extra, kind)


def _from_arabic(text: str, m: re.Match[str]) -> FoundFigure:
    unit1, end1 = _unit_at(text, m, 1)
    sign = -1 if m["neg"] else 1
    first = sign * _arabic(m["n1"])
    first += _arabic(m["yi"].rstrip("亿 ")) * 10**4 if m["yi"] else 0
    extra = (m["m1"] or m["k1"] or "").strip()
    if m["n2"] and not _two_figures(text, m, unit1):
        unit2, end = _unit_at(text, m, 2)
        low_multiplier = m["s1"] or (None if unit1 else m["s2"])
        low, high = _scaled(first, low_multiplier, unit1 or unit2), _scaled(_arabic(m["n2"]), m["s2"], unit2)
        name = UNITS.get(unit2 or "", ("", 1))[0]
        return _make(text, m, end, low, name, _kind(name), high=high, extra=extra)
    name = UNITS.get(unit1 or "", ("", 1))[0]
    kind, value = _kind(name, first), _scaled(first, m["s1"], unit1)
    if unit1 == "成":
        value, end1 = _with_tenth(text, value, end1)
    return _make(text, m, end1, value, name, kind, extra=extra)


def _with_tenth(text: str, value: Decimal, end: int) -> tuple[Decimal, int]:
    """七成 goes on as 七成五 or 七成半: five more of a hundred."""
    tenth = TENTH.match(text, end)
    if not tenth:
        return value, end
    digit = "零一二三四五六七八九".find(tenth[0])
    return value + (5 if tenth[0] == "半" else int(tenth[0]) if digit < 0 else digit), tenth.end()


def _unit_at(text: str, m: re.Match[str], which: int) -> tuple[str | None, int]:
    unit: str | None = m[f"u{which}"]
    if _is_unit(text, unit, m.end(f"u{which}")):
        return unit, max(m.end(f"u{which}"), m.end(f"p{which}"))
    ends = [m.end(f"{part}{which}") for part in "nmsk"]
    return None, max(ends)


def _two_figures(text: str, m: re.Match[str], unit1: str | None) -> bool:
    """True for a change (从20亿元到30亿元) and for two figures of different units: neither is a range."""
    unit2, _ = _unit_at(text, m, 2)
    names = {UNITS[u][0] for u in (unit1, unit2) if u}
    moved = re.search(r"[从由自][^，。；]{0,8}$", text[: m.start()])
    if unit2 == "年" and (unit1 or m["s1"]) and re.fullmatch(r"(?:19|20)\d\d", m["n2"]):
        return True  # 从2020年的300亿到2023年
    return len(names) > 1 or bool(unit1 and not unit2) or bool(moved and unit1)


def _from_chinese(text: str, m: re.Match[str]) -> FoundFigure | None:
    value, spelled = chinese_number(m["cn"]), m["cu"]
    label = text[max(0, m.start() - 1) : m.start()] in tuple("“‘「『《") and _LABEL.match(text, m.end())
    if value is None or label or not _is_unit(text, spelled, m.end()) or (spelled == "大" and value > 12):
        return None  # “三名”人才, 二十大: names
    if spelled == "级":
        return _make(text, m, m.end(), value, "级", "count") if m["cn"][-1] == "亿" else None
    if spelled == "年半":
        return _make(text, m, m.end(), value + Decimal("0.5"), "年", "count")
    name, factor = UNITS[spelled]
    decimal = "点" in m["cn"]
    if decimal and spelled == "分":
        return None  # 三点五分: a time of day
    if value == 1 and spelled in (BARE_CHINESE - {"倍", "成", "个月", "吨", "亩", "个百分点", "百分点"}):
        return None  # 一个, 一家: an article
    if not decimal and spelled not in BARE_CHINESE and not (value >= 100 and name in AMOUNTS):
        return None
    value, end = value * factor, m.end()
    if spelled == "成":
        value, end = _with_tenth(text, value, end)
    elif spelled == "倍" and text[end : end + 1] == "半":
        value, end = value + Decimal("0.5"), end + 1
    return _make(text, m, end, value, name, _kind(name, value), extra=m["cm"] or "")


def _from_large(text: str, m: re.Match[str]) -> FoundFigure | None:
    """三点五亿, without a unit."""
    value = chinese_number(m["cl"] or m["ci"])
    return None if value is None else _make(text, m, m.end(), value, "", "count")


def _from_mixed(text: str, m: re.Match[str]) -> FoundFigure | None:
    """3亿5千万元, 2万3千亩: one figure."""
    unit = m["xu"] if _is_unit(text, m["xu"], m.end()) else None
    number = Decimal(m["xa"]) * MULTIPLIERS[m["xm"]] + Decimal(m["xb"]) * MULTIPLIERS[m["xs"]]
    name, factor = UNITS.get(unit or "", ("", 1))
    end = m.end() if unit or not m["xu"] else m.start("xu")
    return _make(text, m, end, number * factor, name, _kind(name, number), extra=m["xk"] or "")


def _from_ordinal(text: str, m: re.Match[str]) -> FoundFigure | None:
    value = _number(m["oa"] or m["oc"])
    return None if value is None else _make(text, m, m.end(), value, "第", "ordinal")


def _from_ratio(text: str, m: re.Match[str]) -> FoundFigure | None:
    if m["fa"]:
        return _make(text, m, m.end(), Decimal(m["fa"]) / Decimal(m["fb"]), "", "ratio")
    whole, part = (Decimal(MULTIPLIERS[p]) if (p := m[name]) in ("百", "千", "万") else _number(p) for name in _PARTS)
    if not whole or part is None:
        return None
    if m["pa"] in ("百", "千") or whole == 100:
        unit = "‰" if m["pa"] == "千" else "%"
        return _make(text, m, m.end(), part, unit, "percent")
    return _make(text, m, m.end(), part / whole, "", "ratio")


def _from_date(text: str, m: re.Match[str]) -> FoundFigure | None:
    if m["iy"]:
        return _make(text, m, m.end(), _day(m["iy"], m["im"], m["id"]), "年月日", "date")
    day = m["d"] or m["d0"]
    unit = "".join(part for part, value in zip("年月日", (m["y"], m["mo"], day), strict=True) if value)
    high = None
    if m["d2"]:
        high = _day(m["y"], m["dm2"] or m["mo"], m["d2"])
    elif m["mo2"]:
        high = _day(m["y"], m["mo2"], day)
    return _make(text, m, m.end(), _day(m["y"], m["mo"], day), unit, "date", high=high)


def _from_chinese_date(text: str, m: re.Match[str]) -> FoundFigure:
    month, day = m["cmo"] or m["cmo0"], m["cd"] or m["cd0"]
    year, *rest = (int(chinese_number(part) or 0) if part else 0 for part in (m["cy"], month, day))
    unit = ("年" if year else "") + "月" + ("日" if day else "")
    return _make(text, m, m.end(), Decimal(year * 10000 + rest[0] * 100 + rest[1]), unit, "date")


def _day(year: str | None, month: str | None, day: str | None) -> Decimal:
    return Decimal(int(year or 0) * 10000 + int(month or 0) * 100 + int(day or 0))


def _read(text: str, m: re.Match[str]) -> FoundFigure | None:
    """The figure of one match, or None where the characters are a word."""
    if m["year"] or m["bare"]:
        high = Decimal(m["year2"]) if m["year2"] else None
        return _make(text, m, m.end(), Decimal(m["year"] or m["bare"]), "年", "year", high=high)
    if m["iy"] or m["mo"] or m["d0"]:
        return _from_date(text, m)
    if m["cmo"] or m["cmo0"]:
        return _from_chinese_date(text, m)
    if m["half"]:
        return _make(text, m, m.end(), Decimal("0.5"), "", "ratio")
    if m["xa"]:
        return _from_mixed(text, m)
    if m["cl"] or m["ci"]:
        return _from_large(text, m)
    if m["decade"]:
        return _make(text, m, m.end(), Decimal(m["decade"]), "年代", "year")
    if m["quoted"] or m["plus"] or m["latin"]:
        return _make(text, m, m.end(), None, "", "code")
    if m["oa"] or m["oc"]:
        return _from_ordinal(text, m)
    if m["pa"] or m["fa"]:
        return _from_ratio(text, m)
    if m["vast"]:
        unit = "元" if m[0].endswith("元") else ""
        return _make(text, m, m.end(), Decimal(MULTIPLIERS[m["vast"]]), unit, "amount")
    return _from_arabic(text, m) if m["n1"] else _from_chinese(text, m)


def _scan(text: str) -> Iterator[FoundFigure]:
    position = 0
    while match := FIGURE.search(text, position):
        figure = _read(text, match)
        if figure:
            yield figure
        position = figure.end if figure else match.end()


@lru_cache(maxsize=4096)
def find_figures(text: str) -> tuple[FoundFigure, ...]:
    """Every figure of `text` in reading order; words that hold a numeral (一体化, 十四五) are none."""
    found = _scan(text.translate(HALF_WIDTH))
    return tuple(replace(figure, text=text[figure.start : figure.end]) for figure in found)


def _compatible(a: FoundFigure, b: FoundFigure) -> bool:
    """Units that may stand for each other: 户 and 家, 名 and 人, 个 and any measure word, 亿 and 亿元."""
    one, two = a.unit, b.unit
    if one == two or frozenset((one, two)) in INTERCHANGEABLE:
        return True
    if "个" in (one, two) or "大" in (one, two):
        return {one, two} <= GENERIC
    large = abs(a.value or Decimal(0)) >= 10**4
    return large and {one, two} <= {"", "元", "级"}


def _key(figure: FoundFigure) -> tuple[Decimal | None, Decimal | None]:
    if figure.kind == "ratio" and figure.unit == "":
        return (figure.value or Decimal(0)) * 100, None
    return figure.value, figure.high


def same_figure(a: FoundFigure, b: FoundFigure) -> bool:
    """Whether two figures say the same: equal value in compatible units, whatever the notation.

    A date that lacks its year equals one that has it (12月26日, 2023-12-26); qualifiers are not compared.
    """
    if "code" in (a.kind, b.kind):
        bare = all(f.kind == "code" or f.unit == "" for f in (a, b))
        return bare and _characters(a) == _characters(b)
    if "date" in (a.kind, b.kind):
        return a.kind == b.kind and _same_date(a, b)
    proportion = [f.unit == "%" or (f.kind == "ratio" and f.unit == "") for f in (a, b)]
    if any(proportion):
        return all(proportion) and _key(a) == _key(b)
    kinds = {a.kind, b.kind} & {"year", "ordinal"}
    return not (kinds and a.kind != b.kind) and _key(a) == _key(b) and _compatible(a, b)


def _characters(figure: FoundFigure) -> str:
    return re.sub(r"\s", "", figure.text.translate(HALF_WIDTH))


def _same_date(a: FoundFigure, b: FoundFigure) -> bool:
    if a.unit == b.unit:
        return _key(a) == _key(b)
    if {a.unit, b.unit} not in ({"年月日", "月日"}, {"年月", "月"}):
        return False
    year = 10**4
    return [v and v % year for v in _key(a)] == [v and v % year for v in _key(b)]


def proves(source: FoundFigure, claim: FoundFigure) -> bool:
    """Whether `source` bears out `claim`: the same figure, or a date or span of years that holds it."""
    if same_figure(source, claim):
        return True
    if claim.high is not None or source.unit == "年代" or source.value is None or claim.value is None:
        return False
    if claim.kind == "year":
        return claim.unit == "年" and claim.value in _years(source)
    if not (source.kind == claim.kind == "date" and set(claim.unit) < set(source.unit)):
        return False
    modulus = 10**8 if "年" in claim.unit else 10**4
    ends = [v % modulus for v in (source.value, source.high) if v is not None]
    return "日" not in claim.unit and any(v // 100 == claim.value // 100 for v in ends)


def _years(figure: FoundFigure) -> set[Decimal]:
    ends = {v for v in (figure.value, figure.high) if v is not None}
    if figure.kind == "year":
        return ends
    return {v // 10**4 for v in ends} if figure.kind == "date" and "年" in figure.unit else set()


def contains_figure(text: str, figure: FoundFigure) -> bool:
    """Whether `text` holds the figure as a whole: 5户 is not in 35户."""
    return any(proves(found, figure) for found in find_figures(text))


_AT_LEAST = r"(?:过|超过?|突破|破|[上迈跨]了?|不低于|不少于|至少|达到?|逾)"
_ROUND = {"十亿": 9, "百亿": 10, "千亿": 11, "万亿": 12}  # zeros
_ROUND_BOUND = re.compile(rf"{_AT_LEAST}([十百千万]亿)|([十百千万]亿)元?(?:级|以上)")
_UP = re.compile("级|[或及]?以上")


def lower_bound(question: str) -> tuple[Decimal, str] | None:
    """Value and unit above which the things asked for lie (产值过百亿, 50亿元以上), None where none is said."""
    round_one = _ROUND_BOUND.search(question)
    if round_one:
        return Decimal(10 ** _ROUND[round_one[1] or round_one[2]]), "元"
    for figure in find_figures(question):
        if question.count("“", 0, figure.start) > question.count("”", 0, figure.start):
            continue  # 力争数为“突破50亿元”的: of those words
        before = question[: figure.start] + figure.qualifier
        said = re.search(f"{_AT_LEAST}$", before) or _UP.match(question, figure.end)
        if said and figure.kind in {"amount", "count"} and figure.value is not None:
            return figure.value, figure.unit
    return None


def reaches(bound: tuple[Decimal, str], text: str) -> bool:
    """True if `text` has a figure in the unit of the bound that is as large."""
    least, unit = bound
    if unit == "元" and any(10 ** _ROUND[found[0]] >= least for found in re.finditer("|".join(_ROUND), text)):
        return True
    found = (f for f in find_figures(text) if f.value is not None and f.value >= least)
    return any(f.unit == unit or (unit == "元" and not f.unit and f.text.endswith("亿")) for f in found)  # 突破80亿
