"""Blocks -> sentences: characters with their offsets, normalised one for one, then cut.

Everything works on a flow, a list of (character, offset): what is put in place of a character keeps its
offset, a second copy becomes an empty string, so no character of the source is lost and none is invented.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.blocks import Block, Role
from index.lines import CLOSING
from index.report import Sentence, SentenceKind, Span

Flow = list[tuple[str, int]]

_FULL = dict(zip(",;:?!()", "，；：？！（）", strict=True))
_SKIPPABLE = frozenset("#*_`>")
_ENDS = "。！？"
_SPACED = ("heading", "caption", "credit", "row")
_LONG = 80
_SHORTEST = 30
_KINDS: dict[str, SentenceKind] = {
    "heading": "heading", "caption": "caption", "credit": "caption", "box": "box",
}  # fmt: skip
# ”王芳说，… : who said it belongs to what was said.
_SAID = "(?:说|表示|介绍|告诉|坦言|感慨|认为|指出|强调|回忆|解释|道)"
_ATTRIBUTION = re.compile(
    rf"[^，。；：！？“”]{{1,25}}?{_SAID}[^“”]{{0,12}}?[，。：；]|[^。；：！？“”]{{1,50}}?{_SAID}[。：]"
)


def sentences_of(block: Block, text: str, section: str) -> list[Sentence]:
    """The sentences of one block; `text` is the whole source."""
    flow = _full_width(_close_spaces(_flow(block), block.role))
    kind = _KINDS.get(block.role, "body")
    whole = block.role in _SPACED
    ranges = [(0, len(flow))] if whole else _cut(flow)
    made = (_sentence(flow[a:b], text, kind, section) for a, b in ranges)
    return [sentence for sentence in made if sentence is not None]


def _flow(block: Block) -> Flow:
    """All characters of the block's lines but its marks, with a newline where a line ends."""
    flow: Flow = []
    for line in block.lines:
        if flow:
            flow.append(("\n", flow[-1][1] + 1))
        for i, character in enumerate(line.text, line.start):
            if i not in line.omitted:
                flow.append(("" if i in line.doubled else character, i))
    return flow


def _close_spaces(flow: Flow, role: Role) -> Flow:
    """Drop white space within Chinese text and round digits; keep one space between Latin words.

    In headings, captions and credits a space sets clauses or names apart and stays.
    """
    closed: Flow = []
    before = ""
    i = 0
    while i < len(flow):
        character, offset = flow[i]
        if not character.isspace():
            closed.append(flow[i])
            before = character or before
            i += 1
            continue
        end = i
        while end < len(flow) and (flow[end][0].isspace() or not flow[end][0]):
            end += 1
        after = flow[end][0] if end < len(flow) else ""
        gap = "".join(flow[k][0] for k in range(i, end))
        if before and after and _keeps_space(before, after, "\n" in gap, role):
            closed.append((" ", offset))
        closed.extend(item for item in flow[i:end] if not item[0])
        i = end
    return closed


def _keeps_space(before: str, after: str, broken: bool, role: Role) -> bool:
    """Whether white space between two characters stays: between Latin words or two numbers, and in headings.

    A break of the line inside capitals (GD|P) parts no words.
    """
    if broken and role in ("caption", "credit"):
        return True
    numbers = before.isdigit() and after.isdigit()
    if broken:
        return _latin(before) and _latin(after) and not (before.isupper() and after.isupper())
    if role in _SPACED:
        return numbers or not (before.isdigit() or after.isdigit())
    return numbers or (_latin(before, ",.;:!?)'") and _latin(after, "('"))


def _latin(character: str, marks: str = "") -> bool:
    return character.isascii() and (character.isalpha() or character in marks)


def _full_width(flow: Flow) -> Flow:
    """Half-width punctuation next to Chinese characters becomes full-width; numbers stay as they are."""
    visible = [i for i, (character, _) in enumerate(flow) if character.strip()]
    out = list(flow)
    pairs = _bracket_pairs([(i, flow[i][0]) for i in visible])
    for at, i in enumerate(visible):
        character, offset = flow[i]
        before = flow[visible[at - 1]][0] if at else ""
        after = flow[visible[at + 1]][0] if at + 1 < len(visible) else ""
        if character == "." and _wide(before) and (not after or after in CLOSING):
            out[i] = ("。", offset)
        elif character in "()":
            partner = pairs.get(i)
            inside = flow[min(i, partner) : max(i, partner)] if partner is not None else []
            if _wide(before) or _wide(after) or any(_wide(c) for c, _ in inside):
                out[i] = (_FULL[character], offset)
                if partner is not None:
                    out[partner] = (_FULL[flow[partner][0]], flow[partner][1])
        elif character in _FULL and (_wide(before) or _wide(after)):
            out[i] = (_FULL[character], offset)
    return out


def _bracket_pairs(characters: Sequence[tuple[int, str]]) -> dict[int, int]:
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for i, character in characters:
        if character == "(":
            waiting.append(i)
        elif character == ")" and waiting:
            pairs[i] = waiting.pop()
            pairs[pairs[i]] = i
    return pairs


def _wide(character: str) -> bool:
    return bool(character) and (ord(character) > 0x2E7F or character in "“”‘’…—")


def _cut(flow: Flow) -> list[tuple[int, int]]:
    """Half-open ranges of the flow, one a sentence."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for end in _ends(flow):
        ranges.extend(_cut_long(flow, start, end))
        start = end
    return ranges


def _ends(flow: Flow) -> Iterator[int]:
    """Where sentences end: after 。！？ with the quotes that close there, not inside brackets."""
    enclosed = _enclosed(flow, "（）《》")
    i = 0
    while i < len(flow):
        if flow[i][0] not in _ENDS or not flow[i][0] or enclosed[i]:
            i += 1
            continue
        end = i + 1
        while end < len(flow) and (flow[end][0] in _ENDS + CLOSING or flow[end][0] in "…"):
            end += 1
        quoted = any(c in "”’」』" for c, _ in flow[i:end] if c)
        rest = "".join(c for c, _ in flow[end : end + 60])
        if not (quoted and rest and (rest[0] in "的之等与和、，；：" or _ATTRIBUTION.match(rest))):
            yield end
        i = end
    yield len(flow)


def _cut_long(flow: Flow, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences over 80 characters are cut at the semicolons that stand outside quotes and brackets."""
    if end - start > _LONG:
        base, enclosed = start, _enclosed(flow[start:end], "（）《》“”")
        for i in range(start, end):
            long_enough = i + 1 - start >= _SHORTEST and end - i > _SHORTEST
            if flow[i][0] == "；" and not enclosed[i - base] and long_enough:
                yield start, i + 1
                start = i + 1
    if end > start:
        yield start, end


def _enclosed(flow: Flow, brackets: str) -> list[bool]:
    """For each place whether it stands inside a pair of brackets that is opened and closed in the flow."""
    inside = [False] * len(flow)
    for opening, closing in zip(brackets[::2], brackets[1::2], strict=True):
        waiting: list[int] = []
        for i, (character, _) in enumerate(flow):
            if character == opening:
                waiting.append(i)
            elif character == closing and waiting:
                first = waiting.pop()
                if i - first <= 200:
                    inside[first:i] = [True] * (i - first)
    return inside


def _sentence(flow: Flow, text: str, kind: SentenceKind, section: str) -> Sentence | None:
    words = "".join(character for character, _ in flow).strip()
    spans = spans_of([offset for character, offset in flow if not character.isspace()], text)
    return Sentence(words, spans, kind, section) if spans and words else None


def spans_of(offsets: Sequence[int], text: str) -> tuple[Span, ...]:
    """Contiguous ranges that hold `offsets`; gaps of white space and Markdown marks are part of a range."""
    spans: list[Span] = []
    for offset in offsets:
        gap = text[spans[-1].end : offset] if spans else ""
        if spans and offset >= spans[-1].end and all(c.isspace() or c in _SKIPPABLE for c in gap):
            spans[-1] = Span(spans[-1].start, offset + 1)
        else:
            spans.append(Span(offset, offset + 1))
    return tuple(spans)
