"""Does an answer say this? Comparison of Chinese text that knows how numbers are written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from assistant import FoundFigure, find_figures, same_figure

MARK = re.compile(r"\[\d+\]")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[, ]\d{3})+(?![\d,])")
_BULLET = re.compile(r"^\s*[-*•·▪■▶]\s+", re.M)
_SYMBOLS = {"km²": "平方公里", "m²": "平方米", "㎡": "平方米", "㎢": "平方公里", "m³": "立方米", "㎥": "立方米"}
_NUMERAL = "一二三四五六七八九十两"
_PROPORTIONS = ("%", "‰", "百分点")


def without_marks(answer: str) -> str:
    """The answer's text without its citation marks `[n]`."""
    return MARK.sub("", answer)


def normalise(text: str) -> str:
    """NFKC, no white space but between two numbers, no thousands separators ("１,２３４ 户" -> "1234户").

    Bullets at the start of a line go (a hyphen there is no minus), ㎡ becomes 平方米.
    """
    for symbol, word in _SYMBOLS.items():
        text = text.replace(symbol, word)
    text = unicodedata.normalize("NFKC", _BULLET.sub("", text)).replace("−", "-")
    packed = re.sub(r"(?<!\d)\s+|\s+(?!\d)", "", re.sub(r"\s+", " ", text))
    return _THOUSANDS.sub(lambda m: re.sub("[, ]", "", m[0]), packed)


def contains(text: str, wanted: str, *, whole_dates: bool = False) -> bool:
    """Whether `text` says `wanted`, as characters or with figures of the same value. Case does not count.

    3月 says 2022年3月, unless `whole_dates` asks for the year as well.

    A number is never found inside a longer one or one of another unit: "5户" is not in "35户", "80" not in
    "80亿", "5个" not in "5个百分点", "3位" not in "第3位", "3%" not in "-3%", "30家" not in "20-30家".
    Written otherwise it is still the same figure: "1,234" is "1234", "7成" is "70%", "0.5万元" is "5000元".
    """
    haystack, needle = normalise(text), normalise(wanted)
    return bool(needle) and (any(_plainly(haystack, needle)) or _by_figures(haystack, needle, whole_dates))


def _plainly(haystack: str, needle: str) -> Iterator[bool]:
    before = after = ""
    if needle[0].isdigit():
        before = r"(?<!\d)(?<!\d\.)"
    elif needle[0] in _NUMERAL:
        before = rf"(?<![{_NUMERAL}百千万亿零〇])"
    if re.search(r"\d$", needle):
        after = r"(?!\d|\.\d|[百千万亿%‰])"
    elif re.search(r"\d[百千万亿]+$", needle):
        after = r"(?![百千万亿])"
    for match in re.finditer(before + re.escape(needle) + after, haystack, re.IGNORECASE):
        yield not _cuts_a_figure(haystack, needle, match.start(), match.end())


def _cuts_a_figure(haystack: str, needle: str, start: int, end: int) -> bool:
    """Whether the occurrence begins or ends inside a figure that says something else than the needle."""
    inside = find_figures(needle)
    for figure in find_figures(haystack):
        if figure.start < start < figure.end and inside and inside[0].start == 0 and not _dates(figure, inside[0]):
            return True
        last = inside[-1] if inside and inside[-1].end == len(needle) else None
        if figure.start < end < figure.end and last and not _goes_on(figure, last):
            return True
    return False


def _dates(figure: FoundFigure, part: FoundFigure) -> bool:
    """10月 of 2023年10月, 2023年 of 2021-2023年."""
    return {figure.kind, part.kind} <= {"date", "year"}


def _goes_on(figure: FoundFigure, part: FoundFigure) -> bool:
    """Whether the longer figure says the same: 25亿元 for 25亿, 35家 for a bare 35, but not 35%."""
    if _dates(figure, part) or same_figure(figure, part):
        return True
    bare = part.unit == "" and figure.unit not in _PROPORTIONS and "date" not in (figure.kind, part.kind)
    return bare and (figure.value, figure.high) == (part.value, part.high)


def _by_figures(haystack: str, needle: str, whole_dates: bool) -> bool:
    """Whether the needle's characters and figures follow one another in the haystack."""
    wanted = _pieces(needle)
    if all(isinstance(piece, str) for piece in wanted):
        return False
    pieces = _pieces(haystack)
    return any(
        all(_same(have, want, whole_dates) for have, want in zip(pieces[at:], wanted, strict=False))
        for at in range(len(pieces) - len(wanted) + 1)
    )


def _pieces(text: str) -> list[str | FoundFigure]:
    """The text as single characters and whole figures."""
    pieces: list[str | FoundFigure] = []
    at = 0
    for figure in find_figures(text):
        pieces += [*text[at : figure.start], figure]
        at = figure.end
    return [*pieces, *text[at:]]


def _same(have: str | FoundFigure, want: str | FoundFigure, whole_dates: bool) -> bool:
    if isinstance(have, str) and isinstance(want, str):
        return have.casefold() == want.casefold()
    if isinstance(have, str) or isinstance(want, str):
        return False
    return same_figure(have, want) and not (whole_dates and want.kind == "date" and have.unit != want.unit)
