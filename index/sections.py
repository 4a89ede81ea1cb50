"""The section each block of an article stands in: the nearest heading above it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from index.articles import Part
from index.asides import is_keyword
from index.blocks import Block
from index.lines import clean, is_byline

_RUNNING = ("text", "item", "row")
_NARROWER = 3.0
_BUNCH = 4
_ENOUGH = 0.6


def sections(part: Part) -> list[str]:
    """For each block of `part` the nearest heading above it; of headings that stand together the last two.

    The headline is no section, nor is anything above it. Text after a byline has no section, nor has text set
    in a column of another width, which was read out of its place. An item under an item of another kind
    ("■" under "-") has that one's words after the heading.
    """
    names: list[str] = []
    current: list[str] = []
    together = False
    open_yet = part.title is None or _stands_below_text(part)
    column = 0.0
    for i, block in enumerate(part.blocks):
        if block is part.title:
            open_yet, current = True, []
        elif block.role == "heading" and open_yet:
            current = [*(current if together else []), _tidy(block)][-2:]
        elif block.role == "credit" and is_byline(block.lines[0]):
            current = []
        elif block.role == "text" and (width := _column(block) or _column_led(part.blocks[i : i + 2])):
            if together or not column:
                column = width
            elif abs(width - column) >= _NARROWER:
                current, column = [], width
        together = block.role == "heading"
        names.append(" ".join(current))
    names = _by_words(part, _whole_groups(part, names))
    return [" ".join(filter(None, pair)) for pair in zip(names, _outer_items(part.blocks), strict=True)]


def _stands_below_text(part: Part) -> bool:
    at = next(i for i, block in enumerate(part.blocks) if block is part.title)
    return any(block.role in _RUNNING for block in part.blocks[:at])


def _column(block: Block) -> float:
    """Width of the column the block was set in, 0.0 where it has fewer than three lines or no two of that width.

    A paragraph that was not wrapped, but cut in places, has no column.
    """
    widths = sorted(line.width for line in block.lines[:-1])
    return widths[-1] if len(widths) >= 2 and widths[-1] - widths[-2] < _NARROWER else 0.0


def _column_led(blocks: Sequence[Block]) -> float:
    """Width of the second block's column, if the first is an indented line that leads in to it; else 0.0."""
    first, *below = blocks
    lead = len(first.lines) == 1 and first.lines[0].indented and below and below[0].role == "text"
    return _column(below[0]) if lead else 0.0


def _whole_groups(part: Part, names: Sequence[str]) -> list[str]:
    """Headings that stand together all open the section that the last of them names."""
    whole = list(names)
    for i in range(len(whole) - 2, -1, -1):
        here, below = part.blocks[i], part.blocks[i + 1]
        if here.role == below.role == "heading" and here is not part.title and whole[i]:
            whole[i] = whole[i + 1] or whole[i]
    return whole


def _by_words(part: Part, names: Sequence[str]) -> list[str]:
    """Where headings stand in a bunch (the page was read headlines first), text below them or without a section
    has the one whose words it uses, if there is one.
    """
    bunch = {i for group in _runs(part.blocks, ("heading",)) if len(group) >= _BUNCH for i in group}
    spread = [i for i in bunch if part.blocks[i] is not part.title and not is_keyword(part.blocks[i].text)]
    placed = list(names)
    for run in _runs(part.blocks, _RUNNING) if spread else []:
        for name, same in groupby(run, key=names.__getitem__):
            inside = list(same)
            led = name != "" and (inside[0] != run[0] or run[0] - 1 not in bunch)
            if led or part.blocks[inside[0] - 1].role == "credit":
                continue
            text = "".join(part.blocks[i].text for i in inside)
            best = max(spread, key=lambda i: _share(part.blocks[i].text, text))
            if _share(part.blocks[best].text, text) >= _ENOUGH:
                placed = [_tidy(part.blocks[best]) if i in inside else old for i, old in enumerate(placed)]
    return placed


def _runs(blocks: Sequence[Block], roles: Sequence[str]) -> list[list[int]]:
    """Indices of consecutive blocks of these roles; captions and boxes between them do not part them."""
    runs: list[list[int]] = []
    apart = True
    for i, block in enumerate(blocks):
        if block.role in roles:
            runs = [*runs, [i]] if apart else [*runs[:-1], [*runs[-1], i]]
            apart = False
        elif block.role not in ("caption", "box", "credit"):
            apart = True
    return runs


def _share(heading: str, text: str) -> float:
    """Share of the heading's pairs of characters that `text` holds."""
    pairs = {heading[i : i + 2] for i in range(len(heading) - 1) if heading[i : i + 2].isalnum()}
    return sum(pair in text for pair in pairs) / len(pairs) if len(pairs) >= 4 else 0.0


def _outer_items(blocks: Sequence[Block]) -> Iterator[str]:
    """For each block the item it stands under, "" for most."""
    outer_sign = outer = ""
    for block in blocks:
        sign = block.lines[0].sign if block.role == "item" and block.lines[0].mark != "number" else ""
        if not sign:
            outer_sign = outer = ""
            yield ""
        elif sign == (outer_sign or sign):
            outer_sign, outer = sign, _tidy(block)
            yield ""
        else:
            yield outer


def _tidy(block: Block) -> str:
    """The heading on one line, without a quotation mark or bracket that is never closed."""
    text = re.sub(r"\s+", " ", "".join(clean(line) for line in block.lines))
    for opening, closing in ("“”", "【】", "《》"):
        if text.count(opening) != text.count(closing):
            text = text.replace(opening, "").replace(closing, "")
    return text.strip()
