"""The value of a spreadsheet's cell and its number format -> the characters that a reader saw in the cell.

Follows ECMA-376 part 1, 18.8.31 (numFmts) as far as tables of figures need it: sections, digits, grouping,
percent, scaling by thousands, literals. A negative number always keeps its sign, which formats may leave to
colour or brackets. Dates are written as in Chinese: 2022年3月5日.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]')
_PLACES = re.compile(r"[#0?,]*[#0?](?:[#0?,]*)(?:\.([#0?]*))?(,*)")


def displayed(value: object, number_format: str) -> str:
    """The text of a cell; "" for an empty one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (datetime, date, time)):
        return _moment(value, number_format)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    if isinstance(value, (int, float)):
        return _number(Decimal(repr(value)), number_format or "General")
    return str(value)


def _moment(value: datetime | date | time, number_format: str) -> str:
    """Date and time, as far as the format shows them."""
    shown = _LITERAL.sub("", number_format).lower()
    clock = ""
    if not isinstance(value, date) or isinstance(value, datetime):
        clock = f"{value.hour}:{value.minute:02d}" + (f":{value.second:02d}" if "s" in shown else "")
    if isinstance(value, time):
        return clock
    text = f"{value.year}年" if "y" in shown or "m" not in shown else ""
    minutes_only = "m" in re.sub(r"h+[^a-z]*m+|m+[^a-z]*s+", "", shown)
    text += f"{value.month}月" if minutes_only or "d" in shown else ""
    text += f"{value.day}日" if "d" in shown else ""
    return f"{text} {clock}" if "h" in shown else text


def _number(number: Decimal, number_format: str) -> str:
    section, negative = _section(number, number_format)
    pieces = _LITERAL.sub(lambda found: "\x00", section)
    literals = ["".join(filter(None, found.groups())) for found in _LITERAL.finditer(section)]
    places = _PLACES.search(pieces)
    if "general" in pieces.lower() or "@" in pieces or "/" in pieces or "E+" in pieces.upper() or not places:
        if places is None and "general" not in pieces.lower() and "@" not in pieces:
            return _filled(pieces, literals)  # a section of words only, as for zero
        return ("-" if negative else "") + _plain(abs(number))
    scaled = abs(number) * 100 ** pieces.count("%") / 1000 ** len(places[2])
    decimals = places[1] or ""
    fixed = scaled.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    digits = f"{fixed:,f}" if "," in places[0][: len(places[0]) - len(places[2])] else f"{fixed:f}"
    digits = _without_optional_zeros(digits, decimals)
    sign = "-" if negative and fixed else ""
    before = _filled(pieces[: places.start()], literals)
    after = _filled(pieces[places.end() :], literals[pieces[: places.start()].count("\x00") :])
    if negative:
        before, after = before.replace("-", "").removesuffix("("), after.removeprefix(")")
    return f"{before}{sign}{digits}{after}".strip()


def _section(number: Decimal, number_format: str) -> tuple[str, bool]:
    """The section of the format that holds for `number`, and whether it is negative."""
    sections = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', number_format)
    if any(re.search(r"\[[<>=]", section) for section in sections):
        return sections[-1] if len(sections) < 3 else "General", number < 0
    if number < 0 and len(sections) > 1:
        return sections[1], True
    if number == 0 and len(sections) > 2:
        return sections[2], False
    return sections[0], number < 0


def _filled(pieces: str, literals: list[str]) -> str:
    """`pieces` with its literals back in their places."""
    rest = iter(literals)
    return re.sub("\x00", lambda _: next(rest, ""), pieces)


def _without_optional_zeros(digits: str, decimals: str) -> str:
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional):
        digits = digits.removesuffix("0")
    return digits.removesuffix(".")


def _plain(number: Decimal) -> str:
    """The General format: fifteen digits at most, no exponent: 519.9999999999999 is 520."""
    places = min(9, max(0, 14 - max(number.adjusted(), 0)))
    text = (
        f"{number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP):f}" if number.adjusted() < 20 else f"{number:f}"
    )
    return text.rstrip("0").rstrip(".") if "." in text else text
