"""Does an answer say this? Comparison of Chinese text that knows how numbers are written."""

from __future__ import annotations

import re
import unicodedata

from assistant import FoundFigure, find_figures, same_figure

MARK = re.compile(r"\[\d+\]")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMERAL = "一二三四五六七八九十两"


def without_marks(answer: str) -> str:
    """The answer's text without its citation marks `[n]`."""
    return MARK.sub("", answer)


def normalise(text: str) -> str:
    """NFKC, no white space, no thousands separators ("１,２３４ 户" -> "1234户")."""
    packed = "".join(unicodedata.normalize("NFKC", text).split())
    return _THOUSANDS.sub("", packed)


def contains(text: str, wanted: str) -> bool:
    """Whether `text` says `wanted`, as characters or with figures of the same value. Case does not count.

    A number is never found inside a longer one: "5户" is not in "35户", "80" not in "80亿".
    Written otherwise it is still the same figure: "1,234" is "1234", "7成" is "70%", "0.5万元" is "5000元".
    """
    haystack, needle = normalise(text), normalise(wanted)
    return bool(needle) and (_plainly(haystack, needle) or _by_figures(haystack, needle))


def _plainly(haystack: str, needle: str) -> bool:
    before = after = ""
    if needle[0].isdigit():
        before = r"(?<!\d)(?<!\d\.)"
    elif needle[0] in _NUMERAL:
        before = rf"(?<![{_NUMERAL}百千万亿零〇])"
    if re.search(r"\d$", needle):
        after = r"(?!\d|\.\d|[百千万亿%‰])"
    elif re.search(r"\d[百千万亿]+$", needle):
        after = r"(?![百千万亿])"
    return re.search(before + re.escape(needle) + after, haystack, re.IGNORECASE) is not None


def _by_figures(haystack: str, needle: str) -> bool:
    """Whether the needle's characters and figures follow one another in the haystack."""
    wanted = _pieces(needle)
    if all(isinstance(piece, str) for piece in wanted):
        return False
    pieces = _pieces(haystack)
    return any(
        all(_same(have, want) for have, want in zip(pieces[at:], wanted, strict=False))
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


def _same(have: str | FoundFigure, want: str | FoundFigure) -> bool:
    if isinstance(have, str) and isinstance(want, str):
        return have.casefold() == want.casefold()
    if isinstance(have, str) or isinstance(want, str):
        return False
    return same_figure(have, want)
