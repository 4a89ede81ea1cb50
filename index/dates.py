"""When a report was published: its date line, or else the latest time its text speaks of as past or present.

The rule, from sure to unsure:
1. A line 日期：2024-01-20 (also 发布时间：, 2024年1月20日, or a line that is nothing but a date) is the date, or
   the running head of a newspaper's page, which has the weekday after it.
2. Else the latest year with a sure sign of being past or present: a month of that year, 以来, 上半年, a verb
   of completion in the same clause, or 刚刚/迎来 before it. Years of targets and plans never count: after 到,
   至, 预计, 力争, 确保, 计划; before 将, 预计; in a range such as 2023—2027年. A year that is only named
   counts when no clause makes it a target and no surer year is known.
3. The month: of that year, if each mention of the year names one (so not for a review of a whole year); or
   the latest 12月26日 / 今年6月 that stands without a year, if the text says 今年 and gives no month of that
   year elsewhere.
4. What the file itself says (its metadata, its name) is more exact than rule 2, but may be the day of a scan or
   a copy: it is believed where the text tells nothing, or where it lies in the period of rule 2 or at most three
   months after it (a review of a year appears early in the next).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(
    r"^[#>*（(\s]*(?:(?:发布|刊发|报道|成文|更新)?(?:日期|时间)\s*[:：]\s*)?"
    r"((?:19|20)\d\d)\s*[-年/.]\s*(\d{1,2})(?:\s*[-月/.]\s*(\d{1,2})\s*日?|\s*月)?(?!\d)(.{0,24})$",
    re.MULTILINE,
)
# A newspaper's running head: 青溪日报 2023年12月27日 星期三 A3版.
_HEAD = re.compile(
    r"^[^\d，。；\n]{0,14}?((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日[ \u3000]*"
    r"(?:星期|周)[一二三四五六日天](?:[ \u3000][^，。；\n]*)?$",
    re.MULTILINE,
)
_FILE_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:(?:[-年/._](\d{1,2})|(0[1-9]|1[0-2]))(?:(?:[-月/._](\d{1,2})|([0-3]\d)))?)?(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_CLAUSE = re.compile(r"[，。；！？：,;\n]")
_TARGET_BEFORE = re.compile(r"(?:到|至|预计|力争|确保|计划|争取|将在|展望|面向|[—\-－~～])\s*$")
_TARGET_AFTER = re.compile(r"年?(?:[—\-－~～至到]|[^，。；]{0,14}(?:将|预计|力争|计划|有望))")
_SURE_BEFORE = re.compile(r"(?:刚刚[^，。；]{0,6}|迎来|截至)\s*$")
_SURE_AFTER = re.compile(
    r"年(?:\s*\d{1,2}月|以来|上半年|前三季度|初|底|[^，。；]{0,24}(?:召开|举行|完成|实现|出台|入选|同比|获批|签约|建成|争取|节约|保持))"
)
_MONTH = re.compile(r"年\s*(\d{1,2})\s*月")
_BARE = re.compile(r"(?<![\d年去上前])(?:今年)?(\d{1,2})月(?:\d{1,2}日)")
_THIS_YEAR = re.compile(r"今年(?:以来)?[，,]?(\d{1,2})月")


def date_line(text: str) -> str:
    """ISO date of the first line that only gives a date, else of a newspaper's running head; "" without either."""
    for found in _LINE.finditer(text):
        year, month, day, rest = found.groups()
        labelled = re.match(r"[#>*（(\s]*\D{0,2}(?:日期|时间)", found[0])
        if _valid(month, day or "1") and (labelled or not rest.strip(" ）)")):
            return f"{year}-{int(month):02d}" + (f"-{int(day):02d}" if day else "")
    heads = (found.groups() for found in _HEAD.finditer(text))
    return next((f"{y}-{int(m):02d}-{int(d):02d}" for y, m, d in heads if _valid(m, d)), "")


def _valid(month: str, day: str) -> bool:
    return 1 <= int(month) <= 12 and 1 <= int(day) <= 31


def infer_date(text: str) -> str:
    """ISO month or year that clean `text` was written in, by rules 2 and 3 above; "" if nothing tells."""
    sure: dict[str, list[str]] = {}
    named: set[str] = set()
    targets: set[str] = set()
    for year, before, after in _years(text):
        if _TARGET_BEFORE.search(before) or _TARGET_AFTER.match(after):
            targets.add(year)
        elif _SURE_BEFORE.search(before) or _SURE_AFTER.match(after):
            month = _MONTH.match(after)
            sure.setdefault(year, []).append(month[1] if month else "")
        else:
            named.add(year)
    if not sure and not named - targets:
        return ""
    year = max(sure or named - targets)
    months = {int(month) for month in sure.get(year, []) if month}
    if months and "" not in sure[year] and year not in named:
        return _iso(year, max(months))
    bare = {int(found[1]) for pattern in (_BARE, _THIS_YEAR) for found in pattern.finditer(text)}
    if bare and "今年" in text and not months:
        return _iso(year, max(bare))
    return year


def choose_date(inferred: str, stated: str) -> str:
    """The date by rule 4: `inferred` from the text (rules 2 and 3), `stated` by the file; either may be ""."""
    if not inferred or not stated or stated.startswith(inferred):
        return stated or inferred
    year, month = int(inferred[:4]), int(inferred[5:7] or 12)
    late = f"{year + (month + 3 > 12)}-{(month + 2) % 12 + 1:02d}"
    return stated if inferred[:7] < stated[:7] <= late else inferred


def file_date(name: str) -> str:
    """ISO date that a file's name begins or ends with or holds (2023-12-27, 2023年12月, 20231227, 2023), or ""."""
    for found in _FILE_DATE.finditer(name):
        year, month, day = found[1], found[2] or found[3], found[4] or found[5]
        if month and not 1 <= int(month) <= 12:
            continue
        if day and 1 <= int(day) <= 31:
            return f"{year}-{int(month):02d}-{int(day):02d}"
        return f"{year}-{int(month):02d}" if month else year
    return ""


def _iso(year: str, month: int) -> str:
    return f"{year}-{month:02d}" if 1 <= month <= 12 else year


def _years(text: str) -> Iterator[tuple[str, str, str]]:
    """Each year with what stands before and after it in its clause."""
    for found in _YEAR.finditer(text):
        before = _CLAUSE.split(text[max(0, found.start() - 16) : found.start()])[-1]
        after = _CLAUSE.split(text[found.end() : found.end() + 40])[0]
        yield found[1], before, after
