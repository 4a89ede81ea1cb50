"""Blocks -> articles: where one article ends and the next begins, and each one's title and place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.asides import is_keyword, is_label
from index.blocks import Block, Role
from index.lines import is_byline
from index.places import find_places, parent_place

_HEAD = 1_500
_SURE = 13  # a heading this like a headline has a text of its own
_RUNNING: tuple[Role, ...] = ("text", "item", "row")


@dataclass(frozen=True, slots=True)
class Part:
    """The blocks of one article in reading order; `title` is the block of its headline, or None."""

    blocks: tuple[Block, ...]
    title: Block | None
    place: str


def divide(blocks: Sequence[Block]) -> list[Part]:
    """The articles of one file.

    A headline opens an article if it is a first-level heading, or `地名：…`, or begins with a place name
    right after the byline that closed the article above. One with no text below it heads the text above:
    newspapers that were read column by column give the headline last.
    """
    begun = next((i for i, block in enumerate(blocks) if block.role in _RUNNING), len(blocks))
    starts = [0, *(i for i in range(begun + 1, len(blocks)) if _opens(blocks, i))]
    starts = [_with_headings_above(blocks, start) for start in starts]
    ends = [*starts[1:], len(blocks)]
    parts: list[list[Block]] = []
    for start, end in zip(starts, ends, strict=True):
        part = list(blocks[start:end])
        if parts and not any(block.role in _RUNNING for block in part):
            parts[-1], part = _claim(parts[-1], part)
        if parts and not any(block.role in _RUNNING for block in parts[-1]):
            part = parts.pop() + part
        parts.append(part)
    return [_part(part) for part in parts if part]


def _opens(blocks: Sequence[Block], at: int) -> bool:
    block = blocks[at]
    text = _bare(block.text)
    if block.role != "heading":
        return False
    place = _leading_place(text)
    credited = any(b.role == "credit" for b in blocks[at + 1 : at + 3])
    if block.level:
        return block.level == 1 and (bool(find_places(text)) or credited)
    if place and text[len(place) : len(place) + 1] in ("：", ":"):
        return True
    closed = [b for b in blocks[max(0, at - 4) : at] if b.role == "credit" and is_byline(b.lines[0])]
    return bool(place and closed) and sum(len(b.text) for b in blocks[at + 1 :] if b.role == "text") > 150


def _bare(text: str) -> str:
    return text.strip().strip("“”‘’【】[]#* ")


def _leading_place(text: str) -> str:
    """The name, as it is written, that `text` begins with."""
    found = find_places(text[:24])
    return text[: found[0].end] if found and found[0].start == 0 else ""


def _with_headings_above(blocks: Sequence[Block], start: int) -> int:
    while start and blocks[start - 1].role == "heading" and blocks[start - 1].level <= 1:
        start -= 1
    return start


def _claim(above: list[Block], headline: list[Block]) -> tuple[list[Block], list[Block]]:
    """Give a headline without text the end of the article above that speaks of its place, and no other."""
    named = [place.name for block in headline if block.role == "heading" for place in find_places(block.text)]
    title = _title(above)
    if not named or title is None or _likeness(title, _main_place(above)) < _SURE:
        return [], above + headline
    own = _place_of(above, title)
    last_own = max((i for i, b in enumerate(above) if own != named[0] and own in _names(b)), default=-1)
    rest = range(last_own + 1, len(above))
    first = next((i for i in rest if above[i].role in _RUNNING and named[0] in _names(above[i])), None)
    if first is None or own == named[0]:
        return [], above + headline
    while first and above[first - 1].role in ("heading", "caption", "box"):
        first -= 1
    return above[:first], above[first:] + headline


def _names(block: Block) -> set[str]:
    return {place.name for place in find_places(block.text)}


def _part(blocks: Sequence[Block]) -> Part:
    title = _title(blocks)
    return Part(tuple(blocks), title, _place_of(blocks, title))


def _title(blocks: Sequence[Block]) -> Block | None:
    """The headline: a first-level heading, `地名：…`, or the one above the text that names its main place."""
    first = next((i for i, b in enumerate(blocks) if b.role == "text" and len(b.text) > 15), len(blocks))
    last = max((i for i, b in enumerate(blocks) if b.role in _RUNNING), default=-1)
    near = [
        b for i, b in enumerate(blocks) if b.role == "heading" and (i < first or i > last) and not is_keyword(b.text)
    ]
    main = _main_place(blocks)
    return max(near, key=lambda block: _likeness(block, main), default=None)


def _likeness(block: Block, main: str) -> int:
    """How much a heading looks like the headline of an article on the place `main`."""
    text = _bare(block.text)
    leading = _leading_place(text)
    names = [place.name for place in find_places(text)]
    if is_label(text):
        return 0
    if block.level:
        return 10 - block.level if block.level > 1 else 20 + bool(names)
    if leading and text[len(leading) : len(leading) + 1] in ("：", ":"):
        return 15
    if main and any(name.startswith(main) for name in names):
        return 14 if leading else 13
    return 2 if len(text) >= 6 else 1


def _main_place(blocks: Sequence[Block]) -> str:
    """The place named most often at the beginning; a zone's mention counts for its city as well."""
    counts: Counter[str] = Counter()
    seen = 0
    for block in blocks:
        for place in find_places(block.text):
            counts[place.name] += 1
        seen += len(block.text)
        if seen > _HEAD:
            break
    if not counts:
        return ""
    best = max(counts.values())
    return next(name for name in counts if counts[name] == best)


def _place_of(blocks: Sequence[Block], title: Block | None) -> str:
    """The most exact place of the headline, else the place named most often in the first part."""
    names = [place.name for place in find_places(title.text)] if title else []
    main = _main_place(blocks)
    if main in names:
        return main
    if names:
        above = {name: parent_place(name) for name in names[1:]}
        inner = [name for name in names[1:] if names[0] in (above[name], parent_place(above[name]))]
        return inner[0] if inner else names[0]
    return main
