"""Lines -> blocks: which lines belong together although the page broke them apart.

A blank line does not end a paragraph: OCR puts one wherever a column or a page ended. A block of running
text goes on until a line ends as a sentence does, or until what follows is a heading, an item, a caption or
a credit. A short line without final punctuation may be a heading or the first half of a cut sentence;
`reads_on` weighs it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index.lines import CLOSING, Line, captions, clean, column_widths, finished, is_credit, two_clauses
from index.vocabulary import common_words

Role = Literal["heading", "text", "item", "row", "caption", "credit", "box"]

HEADING_WIDTH = 32.0
_JOINERS = "，、；：,;:（(《“‘〈—-/～~"
_NON_STARTERS = "，、。；：！？,;:!?）)》〉”’%％的了们得着"
_NON_ENDERS = "的和与及在从将把被对至约近超达逾第到"
_UNITS = "0123456789.%％亿万千百元吨户个家名项亩座公平年月日人次倍届期条米位度股台套辆"
_OPENER = re.compile(
    r"(?:据(?:统计|悉|了解|介绍|测算)|目前|当前|如今|近年来|今年|去年|截至|与此同时|同时|此外|另外|其中|通过|为了|为|随着|经过|经"
    r"|围绕|依托|针对|按照|根据|面对|走进|\d{4}年)[^，]{0,24}，"
)
_QUOTE = re.compile(r"“[^“”]*(?:“[^“”]*”[^“”]*)*[。！？…]”[。]?")
_LABELLED = re.compile(r"[^：:，。“”]{1,12}[：:][^：:]*\d.*")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that make one paragraph, heading, item, table row, caption, credit or pull-quote box."""

    role: Role
    lines: tuple[Line, ...]
    level: int = 0

    @property
    def text(self) -> str:
        """The block's characters without line breaks and marks, not otherwise normalised."""
        return "".join(clean(line) for line in self.lines)

    @property
    def marked(self) -> bool:
        """Whether a mark (and not its shape alone) makes it a heading."""
        return self.lines[0].mark in ("heading", "arrow")


def group(lines: Sequence[Line]) -> list[Block]:
    """Blocks of consecutive lines, in order."""
    columns, pictures = column_widths(lines), captions(lines)
    blocks: list[Block] = []
    first = 0
    while first < len(lines):
        role = _opening_role(lines[first], first in pictures)
        last = first + 1
        while last < len(lines) and _continues(lines, first, last, role, columns, pictures):
            last += 1
        blocks.append(Block(role, tuple(lines[first:last]), lines[first].level))
        first = last
    return _name_headings(blocks)


def _opening_role(line: Line, picture: bool) -> Role:
    if line.mark == "heading" or (line.mark == "arrow" and not line.finished):
        return "heading"
    if line.mark == "row":
        return "row"
    if picture:
        return "caption"
    if is_credit(line):
        return "credit"
    return "item" if line.mark in ("bullet", "arrow") else "text"


def _continues(
    lines: Sequence[Line], first: int, at: int, role: Role, columns: Sequence[float], pictures: set[int]
) -> bool:
    """Whether line `at` goes on with the block of lines `first` to `at` - 1."""
    last, line = lines[at - 1], lines[at]
    adjacent = line.above == 0 and not line.indented
    full = columns[at - 1] > 0 and columns[at - 1] - 3 <= last.width <= columns[at - 1] + 2.5
    if role == "caption":
        return at in pictures and at - 1 in pictures and line.above == 0 and not re.search("摄|供图", clean(last))
    if line.mark in ("heading", "arrow", "bullet", "row") or at in pictures or is_credit(line):
        return False
    if line.mark == "number" and not (full and adjacent and not last.finished):
        return False
    if role == "heading":
        return lines[first].mark == "arrow" and adjacent and not last.finished
    if role in ("row", "credit"):
        return False
    text = "".join(clean(one) for one in lines[max(first, at - 6) : at])  # what stands further up tells no more
    if last.finished:
        closes = clean(line)[:1] in CLOSING
        return closes or (adjacent and full and (line.finished or line.width >= columns[at] - 3))
    if role == "item":
        alike = line.width <= 45 and last.width >= 0.6 * line.width
        return (adjacent and (full or alike or last.width > HEADING_WIDTH)) or reads_on(text, clean(line))
    level = full and abs(columns[at] - columns[at - 1]) <= 2 and line.width >= columns[at] - 3
    long = full or _width(text) > HEADING_WIDTH or _runs_on(text)
    if long and (level or (adjacent and full)):
        return True
    return _text_goes_on(text, last, line, lines[at + 1 : at + 2], adjacent, long)


def _text_goes_on(text: str, last: Line, line: Line, following: Sequence[Line], adjacent: bool, long: bool) -> bool:
    after = clean(line)
    if clean(last)[-1:] in _JOINERS or reads_on(text, after):
        return True
    if long:
        return not (_stands_alone(line, following) or _QUOTE.fullmatch(after))
    if _OPENER.match(text):
        return True
    return adjacent and line.width <= 45 and last.width >= 0.6 * line.width


def reads_on(left: str, right: str) -> bool:
    """Whether `right` goes on with the unfinished `left`, by what stands at the break itself."""
    if not left or not right or finished(left):
        return False
    end, start = left[-1], right[0]
    if start in _NON_STARTERS or end in _NON_ENDERS or _closes_what_is_open(left, right):
        return True
    if (two_clauses(left) and len(left) < HEADING_WIDTH) or (two_clauses(right) and not finished(right)):
        return False
    if end.isdigit() and start in _UNITS:
        return True
    return end + start in common_words()


def _closes_what_is_open(left: str, right: str) -> bool:
    for opening, closing in ("“”", "《》", "（）", "()"):
        if left.rfind(opening) > left.rfind(closing) and right.find(closing) >= 0:
            before = right[: right.find(closing)]
            if opening not in before:
                return True
    return False


def _stands_alone(line: Line, following: Sequence[Line]) -> bool:
    """Short, without punctuation at its end, and with space or a mark after it: a heading by shape."""
    if line.width > 22 or line.finished or clean(line)[-1:] in _JOINERS:
        return False
    below = following[0] if following else None
    apart = line.above > 0 or line.indented
    return apart and (below is None or below.above > 0 or below.indented or below.mark != "")


def _runs_on(text: str) -> bool:
    """Whether there is more in `text` than a heading holds: a whole sentence, or three clauses."""
    return any(c in text[:-1] for c in "。！") or text.count("，") >= 2


def _width(text: str) -> float:
    return sum(1.0 if ord(c) > 0x2000 else 0.5 for c in text)


def _name_headings(blocks: Sequence[Block]) -> list[Block]:
    """Short text blocks that never came to a sentence's end are headings."""
    named: list[Block] = []
    begun = False
    for i, block in enumerate(blocks):
        role = block.role
        text = block.text
        if role == "text" and not finished(text) and _width(text) <= HEADING_WIDTH + 4:
            following = blocks[i + 1].role if i + 1 < len(blocks) else "text"
            open_ended = text[-1:] in _JOINERS and not (text[-1:] in "：:" and following in ("item", "row"))
            if _LABELLED.fullmatch(text):
                role = "item"
            elif not open_ended and not _runs_on(text):
                role = "heading"
        elif role == "text" and not begun and _between_headings(named, block, blocks[i + 1 : i + 2]):
            role = "caption"
        begun = begun or (role == "text" and _width(text) > 40)
        named.append(Block(role, block.lines, block.level))
    return named


def _between_headings(above: Sequence[Block], block: Block, below: Sequence[Block]) -> bool:
    """A short full stop among the headlines, before any running text, belongs to a picture."""
    among = bool(above and below) and above[-1].role == "heading" and not finished(below[0].text)
    return among and below[0].role != "item" and _width(block.text) <= 20 and "，" not in block.text


def set_boxes_apart(blocks: Sequence[Block], *, reach: int = 8) -> list[Block]:
    """Rejoin sentences that captions or a pull-quote box cut in two, and name the boxes.

    The first half stops in mid-sentence; between it and what completes it stand only captions and credits, or
    a box: complete quotations, mostly under a short heading of their own.
    """
    result: list[Block] = []
    rest = list(blocks)
    while rest:
        block = rest.pop(0)
        while (at := _completion(block, rest[: reach + 1])) > 0:
            block = Block("text", block.lines + rest[at].lines)
            rest[: at + 1] = [_boxed(one) for one in rest[:at]]
        result.append(block)
    return _name_repeats(result)


def _completion(block: Block, after: Sequence[Block]) -> int:
    """Index in `after` of the block that completes `block`, or 0 or less where there is none."""
    text = block.text
    if block.role not in ("text", "heading") or block.marked or finished(text):
        return -1
    quotes = 0
    for i, other in enumerate(after):
        quote = other.role == "text" and bool(_QUOTE.fullmatch(other.text))
        if other.role == "text" and not quote:
            sure = reads_on(text, other.text)
            unheaded = all(one.role in ("caption", "credit", "box") for one in after[:i])
            loose = unheaded and block.role == "text"
            return i if i and (sure or loose) and (quotes or unheaded) else -1
        if other.role in ("item", "row") or other.marked:
            return -1
        quotes += quote
    return -1


def _boxed(block: Block) -> Block:
    return Block("box", block.lines) if block.role in ("text", "heading") else block


def _name_repeats(blocks: Sequence[Block]) -> list[Block]:
    """A complete quotation that the body holds as well is a box."""
    whole = "".join(block.text for block in blocks)
    return [
        Block("box", block.lines)
        if block.role == "text" and _QUOTE.fullmatch(block.text) and whole.count(block.text[1:13]) > 1
        else block
        for block in blocks
    ]
