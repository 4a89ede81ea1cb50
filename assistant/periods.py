"""Periods in Chinese text as ISO days: years, halves, quarters, months, five-year plans, 今年 and 去年."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from functools import lru_cache

from assistant.notation import CLASS, HALF_WIDTH

FAR = "9999-12-31"  # the end of a period that is still open


@dataclass(frozen=True, slots=True)
class Period:
    """A period named in a text: `first` and `last` are ISO days, both inside it.

    `relative` says that the report's date was needed (今年, 目前, 上半年 without a year); without that date
    `first` and `last` are empty. An open end (2022年以来) lasts to the report's date, or to FAR without one.
    """

    text: str
    start: int
    end: int
    first: str
    last: str
    relative: bool


_TO = r"\s*(?:—+|-|－|–|~|～|至|到)\s*"
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
YEARS_AWAY = {"今年": 0, "本年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "后年": 2}
_ANCHOR = re.compile(
    r"(?P<iso>(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d))"
    rf"|(?P<year>(?<![\d.])(?:19|20)\d\d)(?:\s*年?{_TO}(?P<year2>(?:19|20)\d\d))?\s*年(?![代级])"
    r"|(?P<bare>(?<![\d.A-Za-z])(?:19|20)\d\d)"
    rf"(?![\d.]|\s*(?:(?!{CLASS})[亿万千百元%+/个户家名人项件吨亩平公米A-Za-z]|[,，]\d{{3}}))"
    r"|(?P<word>今年|本年|去年|上年|(?<![之以])前年|明年|后年)"
    r"|(?<![一二三四五六七八九十百])十(?P<plan>[一二三四五六])五(?![一二三四五六七八九十百千万亿年个])"
    r"(?:[”\"’」]?\s*(?P<plan_edge>末|初|时期|期间|以来))?"
    r"|(?:(?P<century>上|\d\d)\s*世纪\s*)?(?P<decade>(?<!\d)[1-9]0)\s*年代"
    r"|(?P<now>截至目前|目前|当前|现在|如今|日前|近日)"
    r"|(?=(?P<part>[上下]半年|前[一二三四1-4]\s*个?季度|第?(?<!前)[一二三四1-4]\s*季度|全年"
    r"|(?<![\d.])1?\d[^。，\d]{0,4}1?\d?\s*月))"
)
_PART = re.compile(
    r"\s*(?:(?P<half>[上下])半年|(?P<before>前)?第?(?P<quarter>[一二三四1-4])\s*个?季度|(?P<whole>全年)"
    rf"|(?P<month>1[0-2]|0?[1-9])(?:\s*月?{_TO}(?P<month2>1[0-2]|[1-9]))?\s*月份?"
    rf"(?:\s*(?P<day>3[01]|[12]\d|0?[1-9])\s*[日号](?:{_TO}(?:(?P<month3>1[0-2]|[1-9])\s*月\s*)?"
    r"(?P<day2>3[01]|[12]\d|0?[1-9])\s*[日号])?)?"
    r"|(?P<edge>年?[初底末])(?!级|端))"
)
_SINCE = re.compile(r"\s*(?:以来|至今|起(?!步))")


def _month_end(year: int, month: int) -> str:
    return f"{year:04d}-{month:02d}-{monthrange(year, month)[1]:02d}"


def _span(text: str) -> tuple[str, str] | None:
    """First and last day of an ISO date of any precision: "2023", "2023-12" or "2023-12-27"."""
    match = re.match(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    if not match:
        return None
    year, month, day = match[1], match[2], match[3]
    if not month:
        return f"{year}-01-01", f"{year}-12-31"
    if not day:
        return f"{year}-{month}-01", _month_end(int(year), int(month))
    return (match[0], match[0])


def _within(year: int, part: re.Match[str]) -> tuple[str, str]:
    """First and last day of a part of a year."""
    low, high = 1, 12
    if part["half"]:
        low, high = (1, 6) if part["half"] == "上" else (7, 12)
    elif part["quarter"]:
        quarter = _QUARTERS.get(part["quarter"]) or int(part["quarter"])
        low, high = (1 if part["before"] else 3 * quarter - 2), 3 * quarter
    elif part["edge"]:
        low, high = (1, 1) if part["edge"].endswith("初") else (12, 12)
    elif part["month"]:
        low = int(part["month"])
        high = int(part["month2"] or low)
    if not part["day"]:
        return f"{year:04d}-{low:02d}-01", _month_end(year, max(low, high))
    last_month = int(part["month3"] or low)
    return (
        f"{year:04d}-{low:02d}-{int(part['day']):02d}",
        f"{year:04d}-{last_month:02d}-{int(part['day2'] or part['day']):02d}",
    )


def _decade(match: re.Match[str]) -> tuple[str, str]:
    decade, century = int(match["decade"]), match["century"]
    base = 1900 if century == "上" else (int(century) - 1) * 100 if century else 1900 if decade >= 30 else 2000
    return f"{base + decade}-01-01", f"{base + decade + 9}-12-31"


def _plan(match: re.Match[str], today: str) -> tuple[str, str]:
    """The N-th five-year plan begins in 1981 + 5 (N - 6)."""
    first = 1981 + 5 * (10 + "一二三四五六".index(match["plan"]) + 1 - 6)
    edge = match["plan_edge"]
    if edge == "末":
        return f"{first + 4}-01-01", f"{first + 4}-12-31"
    if edge == "初":
        return f"{first}-01-01", f"{first}-12-31"
    return f"{first}-01-01", (today or FAR) if edge == "以来" else f"{first + 4}-12-31"


def _year_of(match: re.Match[str], reference: str, stated: int | None) -> tuple[int | None, bool]:
    """The year a match speaks of (None: unknown) and whether the report's date was needed to tell."""
    if match["year"] or match["bare"]:
        return int(match["year"] or match["bare"]), False
    known = int(reference[:4]) if reference else None
    if match["word"]:
        return (None if known is None else known + YEARS_AWAY[match["word"]]), True
    return (stated, False) if stated else (known, True)


def _resolve(
    match: re.Match[str], part: re.Match[str] | None, year: int, reference: str, *, relative: bool
) -> tuple[str, str]:
    if part is None:
        last = match["year2"] or f"{year}"
        return f"{year:04d}-01-01", f"{last}-12-31"
    month = int(part["month"] or 0)
    if relative and match["part"] and len(reference) >= 7 and month - int(reference[5:7]) > 8:
        year -= 1  # 12月 in a report of January is last year's
    if relative and match["part"] and part["whole"] and "-01" <= reference[4:7] <= "-02":
        year -= 1  # a report of January that says 全年 looks back
    return _within(year, part)


def _dated(text: str, match: re.Match[str], reference: str, stated: int | None) -> tuple[int, str, str, bool] | None:
    """(end, first, last, relative) of a year, a word such as 今年, or a part of a year."""
    part = _PART.match(text, match.end())
    if part is None and match["part"]:
        return None
    year, relative = _year_of(match, reference, stated)
    end = part.end() if part else match.end()
    first, last = _resolve(match, part, year, reference, relative=relative) if year is not None else ("", "")
    since = _SINCE.match(text, end)
    if since and first:
        last = (_span(reference) or ("", FAR))[1]
    return (since.end() if since else end), first, max(first, last), relative


@lru_cache(maxsize=4096)
def find_periods(text: str, *, reference: str = "") -> tuple[Period, ...]:
    """Every period of `text` in reading order; `reference` is the report's ISO date, of any precision."""
    plain, today = text.translate(HALF_WIDTH), _span(reference)
    reference = reference if today else ""
    found: list[Period] = []
    stated: int | None = None
    position = 0
    while match := _ANCHOR.search(plain, position):
        begin, end = match.start(), match.end()
        if re.search("[。！？\n]", plain[position:begin]):
            stated = None  # a year holds for the parts of a year named after it in its sentence
        first, last, relative = "", "", False
        if match["iso"]:
            first = last = match["iso"]
        elif match["plan"]:
            first, last = _plan(match, today[1] if today else "")
        elif match["decade"]:
            first, last = _decade(match)
        elif match["now"]:
            (first, last), relative = today or ("", ""), True
        else:
            dated = _dated(plain, match, reference, stated)
            if dated is None:
                position = begin + 1
                continue
            end, first, last, relative = dated
            stated = int(first[:4]) if first and not relative and not match["part"] else stated
        found.append(Period(text[begin:end], begin, end, first, last, relative))
        position = end
    return tuple(found)


def follows(period: Period, date: str) -> bool:
    """Whether all of a resolved period lies after the ISO `date`, of any precision; False without a date."""
    day = _span(date)
    return bool(day and period.first) and period.first > (day or ("", FAR))[1]


def covers(a: Period, b: Period) -> bool:
    """Whether all of `b` lies in `a`; False where either is not resolved."""
    return bool(a.first and b.first) and a.first <= b.first and b.last <= a.last


def overlaps(a: Period, b: Period) -> bool:
    """Whether the two share a day; False where either is not resolved."""
    return bool(a.first and b.first) and a.first <= b.last and b.first <= a.last


_WORD_OF_YEAR = re.compile("今年|本年|去年|上年|前年|明年")


def dated(text: str, date: str) -> str:
    """今年6月 and 去年 of a report with what they mean behind: 今年6月（2023年6月）; so too 上半年, 6月 and 本月."""
    if not date:
        return text
    month = re.search("这个月|本月", text)
    if month and len(date) > 6:
        return f"{text[: month.end()]}（{int(date[:4])}年{int(date[5:7])}月）{text[month.end() :]}"
    periods = find_periods(text, reference=date)
    word = _WORD_OF_YEAR.search(text)
    since = next((p for p in periods if word and p.start == word.start() and p.text.endswith("以来")), None)
    if since and any(p.relative and "月" in p.text for p in periods if p.start > since.start):
        word = None  # 今年以来，…：2月，签约…: when it was is the month
    if word:
        year, rest = int(date[:4]) + YEARS_AWAY[word[0]], word.end()
        end = next((p.end for p in periods if p.start <= word.start() < p.end), rest)
    else:
        unsaid = [p for p in periods if p.relative and re.search("[月年季]", p.text) and p != since]
        if not unsaid or not unsaid[0].first:
            return text
        year, rest, end = int(unsaid[0].first[:4]), unsaid[0].start, unsaid[0].end
    return f"{text[:end]}（{year}年{text[rest:end]}）{text[end:]}"
