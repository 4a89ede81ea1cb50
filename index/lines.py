"""The lines of a report as they stand on the page: marks, doubled characters, credits, captions, columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Mark = Literal["", "heading", "arrow", "bullet", "number", "row"]

_INDENT = 2.0
FINAL = "。！？!?…"
CLOSING = "”’」』）)》】〉]"
_HEADING = re.compile(r"(#{1,6})(?:[ \t\u3000]+|(?=[\u4e00-\u9fff“]))")
_ARROW = re.compile(r"[▶►▷➤]\s*")
# "- 2** item": what OCR makes of a large numeral beside a list item.
_BULLET = re.compile(r"(?:[■□●○◆◇★☆▲△◎▪•·]\s*|[-*+][ \t\u3000]+(?:\d{1,2}\*\*\s*)?)")
_NUMBER = re.compile(r"(?:\d{1,2}[.、)）](?!\d)|[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、)")
_QUOTED = re.compile(r"(?:>[ \t]?)+")
_RULE = re.compile(r"[-=*_~\s|:]+")
_INLINE = re.compile(r"\*\*|__|`")

_FULL = str.maketrans(",;:?!()", "，；：？！（）")
_HALF = re.compile(r"(?<!\d)[,:](?!//)|[,:](?!\d|//)|[;?!()]")
_NEAR_DIGITS = re.compile(
    r"(?<=\d)[ \u3000]+(?=[^\x00-\x7f%])|(?<=[^\x00-\x7f])[ \u3000]+(?=\d)|(?<=\d)[ \u3000]+(?=%)"
)

_NAMES = r"[\u4e00-\u9fff·]{2,4}(?:[ 、\u3000]+[\u4e00-\u9fff·]{2,4})*"
_ROLE = r"(?:见习|实习|首席|全媒体)?(?:记者|通讯员|特约撰稿人?|撰稿|作者|撰文|执笔|编辑|责编|责任编辑|摄影)"
_CREDIT = re.compile(
    rf"[（(]?(?:[\u4e00-\u9fff]{{0,8}}(?:本报|本刊|报|社|台|网))?{_ROLE}"
    r"(?:[:： \u3000/]+|(?=[（(]))[^，。！？；]{2,36}"
    rf"|[（(]{_NAMES}[)）]"
    r"|[（(][^（()）。]{0,24}(?:图片|照片|本版|本文)[^（()）。]{0,30}(?:提供|供图|摄)[)）]"
    r"|(?:来源|稿源|作者|供稿)[:：][^，。！？；]{1,30}"
)
_DATE_LINE = re.compile(
    r"[（(]?(?:19|20)\d\d\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}\s*日?[)）]?"
    r"|(?:发布|刊发|报道|成文|更新)?(?:日期|时间)\s*[:：]\s*(?:19|20)\d\d.{0,24}"
)
_MONTH_LINE = re.compile(r"[（(]?(?:19|20)\d\d\s*年\s*\d{1,2}\s*月[)）]?")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank, without the marks and white space round it.

    `text` is `report.text[start:end]` as it stands, `sign` the first character of its mark; `above` counts
    the blank lines over it; `omitted` are the offsets of inline marks, `doubled` those of the second copies
    of doubled characters, `plain` is what `clean` returns.
    """

    start: int
    end: int
    text: str
    mark: Mark = ""
    sign: str = ""
    level: int = 0
    above: int = 0
    indented: bool = False
    omitted: frozenset[int] = frozenset()
    doubled: frozenset[int] = frozenset()
    plain: str = ""

    @property
    def width(self) -> float:
        """Width in Chinese characters; Latin letters, digits and half-width marks count half."""
        return sum(1.0 if ord(c) > 0x2000 else 0.5 for c in self.text)

    @property
    def finished(self) -> bool:
        """Whether the line ends as a sentence does."""
        return finished(self.text)


def finished(text: str) -> bool:
    """Whether `text` ends with sentence-final punctuation, closing quotes and brackets aside."""
    bare = text.rstrip().rstrip(CLOSING + "*")
    if bare[-1:] == ".":
        return ord(bare[-2:-1] or " ") > 0x2E7F  # a half-width stop after a Chinese character
    return bool(bare) and bare[-1] in FINAL


def read_lines(text: str) -> list[Line]:
    """The lines of `text` that hold something, in order."""
    lines: list[Line] = []
    above = position = 0
    for raw in text.split("\n"):
        line = _read_line(raw, position, above)
        position += len(raw) + 1
        above = above + 1 if line is None else 0
        if line is not None:
            lines.append(line)
    return lines


def _read_line(raw: str, position: int, above: int) -> Line | None:
    stripped = raw.strip().strip("\ufeff\u200b")
    if not stripped or (_RULE.fullmatch(stripped) and len(stripped) > 1):
        return None
    start = raw.index(stripped[0])
    indented = start > 0
    if quoted := _QUOTED.match(raw, start):
        start = quoted.end()
    sign = raw[start : start + 1]  # "" where nothing is quoted
    mark, level, start = _read_mark(raw, start)
    end = len(raw.rstrip())
    body = raw[start:end]
    if not body.strip("*_`# "):
        return None
    omitted = {i for m in _INLINE.finditer(body) for i in range(m.start(), m.end())}
    shift = position + start
    doubled = _doubled(body)
    kept = "".join(c for i, c in enumerate(body) if i not in omitted and i not in doubled)
    return Line(
        start=shift,
        end=position + end,
        text=body,
        mark=mark,
        sign=sign if mark else "",
        level=level,
        above=above,
        indented=indented,
        omitted=frozenset(shift + i for i in omitted),
        doubled=frozenset(shift + i for i in doubled),
        plain=_plain(kept),
    )


def _read_mark(raw: str, start: int) -> tuple[Mark, int, int]:
    """Mark, heading level and where the content begins."""
    if found := _HEADING.match(raw, start):
        return "heading", len(found[1]), found.end()
    if raw.startswith("|", start):
        return "row", 0, start
    if found := _ARROW.match(raw, start):
        return "arrow", 0, found.end()
    if (found := _BULLET.match(raw, start)) and found.end() < len(raw.rstrip()):
        return "bullet", 0, found.end()
    return ("number" if _NUMBER.match(raw, start) else ""), 0, start


def _doubled(text: str) -> set[int]:
    """Positions of second copies, if every word of the line is doubled: 记者记者 张三张三, or 记记者者.

    Running text with punctuation may repeat a clause on purpose, and is left alone.
    """
    words = [(m.start(), m[0]) for m in re.finditer(r"\S+", text)]
    length = sum(len(word) for _, word in words)
    if any(len(word) % 2 for _, word in words) or not 8 <= length <= 120 or any(c in text for c in FINAL + "，；"):
        return set()
    if all(word[: len(word) // 2] == word[len(word) // 2 :] for _, word in words):
        return {at + i for at, word in words for i in range(len(word) // 2, len(word))}
    if all(word[::2] == word[1::2] for _, word in words):
        return {at + i for at, word in words for i in range(1, len(word), 2)}
    return set()


def clean(line: Line) -> str:
    """What the line says: without inline marks and second copies, punctuation full-width, digits without spaces."""
    return line.plain


def _plain(text: str) -> str:
    text = _NEAR_DIGITS.sub("", text.strip())
    return _HALF.sub(lambda m: m[0].translate(_FULL), text)


def is_credit(line: Line) -> bool:
    """Whether the line says who wrote, took or gave something, or when it was published."""
    text = clean(line)
    return bool(_CREDIT.fullmatch(text) or _DATE_LINE.fullmatch(text))


def is_byline(line: Line) -> bool:
    """Whether the line names authors (and not only who gave the pictures)."""
    return is_credit(line) and not re.search(r"图片|供图|照片|日期|时间|来源", clean(line))


def is_month(line: Line) -> bool:
    """Whether the line is nothing but a year and a month, as a monthly has under its name."""
    return bool(_MONTH_LINE.fullmatch(clean(line)))


def column_widths(lines: Sequence[Line]) -> list[float]:
    """For each line the width of the narrow column it was set in, 0.0 where text is not hard-wrapped.

    In a wrapped column most lines stop in mid-sentence at nearly the same width. Three such lines nearby make
    a column, six where blank lines stand between all of them (headings are alike by chance); the widest group
    in a run of lines without a blank or an indent counts for the whole run.
    """
    widths = [line.width + _INDENT * line.indented for line in lines]
    alike = [0] * len(lines)
    for i, width in enumerate(widths):
        near = range(max(0, min(i - 10, len(lines) - 21)), min(len(lines), max(i + 11, 21)))
        if 11 <= width <= 60 and lines[i].mark != "heading" and not two_clauses(lines[i].text):
            alike[i] = sum(1 for j in near if abs(widths[j] - width) <= 1.5 and not lines[j].finished)
    columns = [0.0] * len(lines)
    for first, last in _runs(lines):
        needed = 3 if last - first > 1 else 6
        inside = max((widths[i] for i in range(first, last) if alike[i] >= needed), default=0.0)
        for i in range(first, last):
            columns[i] = inside
    return columns


def two_clauses(text: str) -> bool:
    """Clauses set apart by a space and nothing else: a heading."""
    return bool(re.search(r"[\u4e00-\u9fff”] [\u4e00-\u9fff“]", text)) and not re.search(r"[，。；]", text)


def _runs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Half-open ranges of lines without a blank line between them or an indent."""
    if not lines:
        return []
    starts = [i for i, line in enumerate(lines) if i == 0 or line.above or line.indented]
    return list(zip(starts, [*starts[1:], len(lines)], strict=True))
