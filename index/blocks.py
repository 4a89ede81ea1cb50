"""Lines -> blocks: which lines belong together although the page broke them apart.

A blank line does not end a paragraph: OCR puts one wherever a column or a page ended. A block of running
text goes on until a line ends as a sentence does, or until what follows is a heading, an item, a caption or
a credit. A short line without final punctuation may be a heading or the first half of a cut sentence;
`reads_on` weighs it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from index.asides import boxes, captions, is_keyword, is_label, is_quotation
from index.breaks import HEADING_WIDTH, JOINERS, cut_weight, hangs, heads, reads_on
from index.lines import CLOSING, Line, clean, column_widths, finished, is_credit, is_month

Role = Literal["heading", "text", "item", "row", "caption", "credit", "box"]

_NAME = 12.0  # no newspaper's name is wider
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


def group(lines: Sequence[Line], *, aside: AbstractSet[int] = frozenset()) -> list[Block]:
    """Blocks of consecutive lines, in order.

    The lines at the indices `aside` (page furniture) and those of pull-quotes part nothing: they follow the block
    that goes on below them.
    """
    kept = [(i, line) for i, line in enumerate(lines) if i not in aside]
    quotes = [(kept[a][0], kept[b - 1][0] + 1) for a, b in boxes([line for _, line in kept])]
    boxed = {i for a, b in quotes for i in range(a, b)} - aside
    blocks = _name_headings(_consecutive([line for i, line in kept if i not in boxed]))
    apart = [Block("caption", (lines[i],)) for i in aside]
    apart += [Block("box", tuple(lines[i] for i in range(a, b) if i in boxed)) for a, b in quotes]
    return _with_asides(blocks, sorted(apart, key=lambda block: block.lines[0].start))


def one_a_line(lines: Sequence[Line]) -> list[Block]:
    """Blocks of lines that are whole paragraphs: each its own. Short lines in a row are items, not headings."""
    pictures = captions(lines, gaps=False)
    roles = [_opening_role(line, i in pictures) for i, line in enumerate(lines)]
    blocks = [Block(role, (line,), line.level) for role, line in zip(roles, lines, strict=True)]
    named = _name_headings(blocks, begun=True)
    begun = next((i for i, block in enumerate(named) if block.role == "text"), len(named))
    return _signed([Block("item", b.lines) if _listed(named, i, begun) else b for i, b in enumerate(named)])


def _listed(blocks: Sequence[Block], at: int, begun: int) -> bool:
    """Whether block `at`, a heading by shape, is rather one of a list: numbered beside an item, or one of three in
    a row below the first running text, which is block `begun`.
    """
    block = blocks[at]
    if block.role != "heading" or block.marked:
        return False
    near = [*blocks[max(0, at - 1) : at], *blocks[at + 1 : at + 2]]
    if block.text[:1].isdigit() and any(b.role == "item" or b.text[:1].isdigit() for b in near):
        return True
    if block.lines[0].mark == "number":
        return False
    window = range(max(begun + 1, at - 2), min(len(blocks), at + 3))
    alike = {i for i in window if blocks[i].role == "heading" and not blocks[i].lines[0].mark}
    return any({i, i + 1, i + 2} <= alike for i in alike)


def _signed(blocks: Sequence[Block]) -> list[Block]:
    """Short lines below all the text (who signed a document) are credits and no headings."""
    last = max((i for i, b in enumerate(blocks) if b.role in ("text", "item", "row") or b.marked), default=len(blocks))
    return [Block("credit", b.lines) if i > last and b.role == "heading" else b for i, b in enumerate(blocks)]


def _with_asides(blocks: Sequence[Block], apart: Sequence[Block]) -> list[Block]:
    result: list[Block] = []
    waiting = list(apart)
    for block in blocks:
        while waiting and waiting[0].lines[0].start < block.lines[0].start:
            result.append(waiting.pop(0))
        result.append(block)
    return result + waiting


def _consecutive(lines: Sequence[Line]) -> list[Block]:
    columns, pictures, bias = column_widths(lines), captions(lines), _bias(lines)
    blocks: list[Block] = []
    first = 0
    while first < len(lines):
        role = _opening_role(lines[first], first in pictures)
        last = first + 1
        while last < len(lines) and _continues(lines, first, last, role, columns, pictures, bias):
            last += 1
        blocks.append(Block(role, tuple(lines[first:last]), lines[first].level))
        first = last
    return blocks


def _bias(lines: Sequence[Line]) -> float:
    """How much less likely than usual a short line is a heading: where headings are marked, it seldom is."""
    return 2.0 * (sum(line.mark == "heading" for line in lines) >= 3)


def _opening_role(line: Line, picture: bool) -> Role:
    if line.mark == "heading" or (line.mark == "arrow" and not line.finished) or is_label(clean(line)):
        return "heading"
    if line.mark == "row":
        return "row"
    if picture:
        return "caption"
    if is_credit(line):
        return "credit"
    return "item" if line.mark in ("bullet", "arrow") else "text"


def _continues(
    lines: Sequence[Line],
    first: int,
    at: int,
    role: Role,
    columns: Sequence[float],
    pictures: set[int],
    bias: float,
) -> bool:
    """Whether line `at` goes on with the block of lines `first` to `at` - 1."""
    last, line = lines[at - 1], lines[at]
    adjacent = line.above == 0 and not line.indented
    column = columns[at - 1] or columns[at]  # a line alone at a column's foot goes on in the next column
    full = column > 0 and column - 3 <= last.width <= column + 2.5
    if role == "caption":
        return at in pictures and at - 1 in pictures and line.above == 0 and not re.search("摄|供图", clean(last))
    if line.mark in ("heading", "arrow", "bullet", "row") or at in pictures or is_credit(line):
        return False
    if is_label(clean(line)) or is_keyword(clean(line)) or is_keyword(clean(last)):
        return False
    if line.mark == "number" and not (full and adjacent and not last.finished):
        return False
    if role == "heading":
        return lines[first].mark == "arrow" and adjacent and not last.finished
    if role in ("row", "credit"):
        return False
    text = "".join(clean(one) for one in lines[max(first, at - 6) : at])  # what stands further up tells no more
    if at == first + 1 and _month_of_issue(last, line) and not reads_on(text, clean(line)):
        return False
    if last.finished:
        closes = clean(line)[:1] in CLOSING
        return closes or (adjacent and full and (line.finished or line.width >= columns[at] - 3))
    if role == "item":
        alike = line.width <= 45 and last.width >= 0.6 * line.width
        return (adjacent and (full or alike or last.width > HEADING_WIDTH)) or reads_on(text, clean(line))
    level = full and abs(columns[at] - column) <= 2 and line.width >= columns[at] - 3
    long = full or _width(text) > HEADING_WIDTH or _runs_on(text)
    if long and (level or (adjacent and full)):
        parted = line.indented and not reads_on(text, clean(line))
        return not (at == first + 1 and (parted or heads(text, clean(line))))
    bias += 2.0 * adjacent - 1.0 * (columns[at - 1] > 0)
    if adjacent and not long and clean(line).startswith("——") and not line.finished:
        return True
    if columns[at - 1] and not full and not _runs_on(text):
        return clean(last)[-1:] in JOINERS or hangs(text, clean(line), bias=bias)
    return _text_goes_on(text, last, line, lines[at + 1 : at + 2], adjacent and not columns[at - 1], long, bias)


def _month_of_issue(above: Line, below: Line) -> bool:
    """Whether one of two lines is only a month, and stands below a paper's name or above what begins there."""
    return is_month(above) or (is_month(below) and above.width <= _NAME)


def _text_goes_on(
    text: str, last: Line, line: Line, following: Sequence[Line], adjacent: bool, long: bool, bias: float
) -> bool:
    after = clean(line)
    if clean(last)[-1:] in JOINERS or reads_on(text, after):
        return True
    if long:
        return not (_stands_alone(line, following) or is_quotation(after))
    if hangs(text, after, bias=bias - 3.0 * _heading_like(line)):
        return True
    paired = not (following and following[0].above == 0 and _heading_like(following[0]))
    return adjacent and paired and line.width <= 45 and last.width >= 0.6 * line.width


def _heading_like(line: Line) -> bool:
    return line.width <= 22 and not line.finished and not line.mark and cut_weight(clean(line)) < 3


def _stands_alone(line: Line, following: Sequence[Line]) -> bool:
    """Short, without punctuation at its end, and with space or a mark after it: a heading by shape."""
    if line.width > 22 or line.finished or clean(line)[-1:] in JOINERS:
        return False
    below = following[0] if following else None
    apart = line.above > 0 or line.indented
    return apart and (below is None or below.above > 0 or below.indented or below.mark != "")


def _runs_on(text: str) -> bool:
    """Whether there is more in `text` than a heading holds: a whole sentence, or three clauses."""
    return any(c in text[:-1] for c in "。！") or text.count("，") >= 2


def _width(text: str) -> float:
    return sum(1.0 if ord(c) > 0x2000 else 0.5 for c in text)


def _name_headings(blocks: Sequence[Block], *, begun: bool = False) -> list[Block]:
    """Short text blocks that never came to a sentence's end are headings; `begun` says that no pictures stand above
    the text.
    """
    named: list[Block] = []
    for i, block in enumerate(blocks):
        role = block.role
        text = block.text
        if role == "text" and not finished(text) and _width(text) <= HEADING_WIDTH + 4:
            following = blocks[i + 1].role if i + 1 < len(blocks) else "text"
            open_ended = text[-1:] in JOINERS and not (text[-1:] in "：:" and following in ("item", "row"))
            if _LABELLED.fullmatch(text):
                role = "item"
            elif not open_ended and not _runs_on(text) and not ("，" in text and cut_weight(text) >= 4):
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
    a box: complete quotations, mostly under a short heading of their own, or a list under a label (数读), which stays
    a list.
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
    quotes, labelled, listed = 0, False, False
    for i, other in enumerate(after):
        quote = _is_quote(other)
        if other.role == "text" and not quote:
            sure = hangs(text, other.text) if block.role == "heading" and not listed else reads_on(text, other.text)
            unheaded = all(
                one.role in ("caption", "credit", "box") or is_label(one.text)
                for one in after[:i]
                if not _is_quote(one)
            )
            loose = unheaded and block.role == "text"
            return i if i and (sure or loose) and (quotes or unheaded or listed) else -1
        labelled = labelled or is_label(other.text)
        if other.role == "row" or other.marked or (other.role == "item" and not labelled):
            return -1
        listed = listed or (labelled and other.role == "item")
        quotes += quote
    return -1


def _is_quote(block: Block) -> bool:
    return block.role == "text" and is_quotation(block.text)


def _boxed(block: Block) -> Block:
    return Block("box", block.lines) if block.role in ("text", "heading") else block


def _name_repeats(blocks: Sequence[Block]) -> list[Block]:
    """A complete quotation that the body holds as well is a box."""
    whole = "".join(block.text for block in blocks)
    return [
        Block("box", block.lines)
        if block.role == "text" and is_quotation(block.text) and whole.count(block.text[1:13]) > 1
        else block
        for block in blocks
    ]
