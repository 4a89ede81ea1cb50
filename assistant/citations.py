"""A draft -> sentences with citations and checked figures. Code alone decides what the evidence bears out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assistant.align import SUPPORTED, align, content, plain, share
from assistant.binding import table
from assistant.figures import FoundFigure, find_figures, proves
from assistant.grounded import Grounded
from assistant.restore import restore_units
from assistant.schema import CITATION_MARK, Citation, Evidence, Figure
from index import find_places

_MARKS = re.compile(
    r"\s*(?:[\[［【〔]\s*(?:资料|来源|证据|注)?\s*\d+(?:\s*[,，、\-–]\s*\d+)*\s*[\]］】〕]"
    r"|[（(]\s*(?:见|参见|来源|资料|证据|出处)[:：\s]*[^（）()]{0,20}[）)]|\^\d+\^?)"
)
_LABEL = re.compile(
    r"(?m)(^|(?<=[。！？；\n]))[^\S\n]*[【〔]([^】〕\n\d]{1,12})(?:\s*\d{4}(?:-\d\d){0,2})?\s*[】〕]"
    r"\s*(?=(.?))([^。\n]*)"
)
_PREFACE = re.compile(
    r"(?m)^(?:根据|按照|依据)(?:所给|提供的|上述|以上|现有|给定的|给出的)*(?:资料|报告|信息)(?:显示|可知|所述)?[，,：:]?|^资料显示[，,：:]?"
)
_MARKDOWN = (
    (re.compile(r"(\*\*|__|`+|~~)(.+?)\1"), r"\2"),
    (re.compile(r"\*\*|```\w*"), ""),
    (re.compile(r"!?\[([^\]\n]+)\]\((?:[^()\s]*)\)"), r"\1"),
    (re.compile(r"(?m)^\s*(?:#{1,6}\s+|>\s*|[-*+•●■▶]\s*(?=\D))"), ""),
    (re.compile(r"(?m)^\s*(?:\d{1,2}[.、)）]\s*(?=[^\d\s])|[（(]\d{1,2}[）)]\s*)"), ""),
    (re.compile(r"(?m)^\s*(?:答案?|回答)[：:]\s*"), ""),
)
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;]+[”’」』）)]*|[^。！？!?；;\n]+")
_CLAUSES = re.compile(r"[^，,；;、：:]*[，,；;、：:]?")
_TAIL = re.compile(r"(?:[。！？!?；;，,：:]+[”’」』）)]*)?$")


def clean(draft: str) -> str:
    """`draft` as plain text: without Markdown, and without marks and labels of the model's own."""
    for pattern, kept in _MARKDOWN:
        draft = pattern.sub(kept, draft)
    draft = _MARKS.sub("", draft)
    return _PREFACE.sub("", _LABEL.sub(_unlabelled, draft)).strip()


def _unlabelled(match: re.Match[str]) -> str:
    """【甲市】全市… becomes 甲市，全市…; the label goes where the sentence itself names the place."""
    name, rest = match[2].strip(), match[4]
    if name in rest or not find_places(name):
        return match[1] + rest
    return f"{match[1]}{name}{'' if match[3].isdigit() else '，'}{rest}"


def draft_sentences(draft: str) -> list[str]:
    """The sentences of a cleaned draft with their marks; a line ending in a colon goes with the next."""
    found: list[str] = []
    for line in draft.splitlines():
        pieces = [piece.strip() for piece in _SENTENCE.findall(line) if plain(piece)]
        if pieces and found and found[-1].endswith(("：", ":", "：\n")):
            pieces[0] = found.pop() + pieces[0]
        if pieces:
            pieces[-1] += "\n"
        found += pieces
    return [re.sub(r"：\n(?=.)", "：", piece) for piece in found]


@dataclass(slots=True)
class _Book:
    """The citations of an answer as they are given out, numbered in order of first appearance."""

    text_of: Callable[[str], str]
    given: list[Citation] = field(default_factory=list)

    def cite(self, evidence: Evidence, start: int, end: int) -> int:
        text = self.text_of(evidence.passage.source)
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        passage = evidence.passage
        for known in self.given:
            if (known.source, known.start, known.end) == (passage.source, start, end):
                return known.n
        n = len(self.given) + 1
        self.given.append(
            Citation(n, passage.source, passage.title, passage.date, passage.page, start, end, text[start:end])
        )
        return n


@dataclass(frozen=True, slots=True)
class _Supported:
    """A sentence with the evidence chosen for it; `proven[i][j]`: evidence i proves figure j."""

    text: str
    evidence: tuple[Evidence, ...]
    figures: tuple[FoundFigure, ...]
    proven: tuple[tuple[bool, ...], ...]


def ground(draft: str, evidence: Sequence[Evidence], *, text_of: Callable[[str], str]) -> Grounded:
    """Match every sentence of `draft` to the evidence that bears it out, cite that, and check each figure.

    `text_of(source)` is the source's extracted text, from which the quotes are taken. A sentence that no
    evidence bears out is left out of the answer and listed in `dropped`; a figure that the cited sentences do
    not prove with its unit, place, period and indicator stays, unverified.
    """
    book, parts, figures, dropped = _Book(text_of), list[tuple[str, str]](), list[Figure](), list[str]()
    seen: set[str] = set()
    for piece in draft_sentences(clean(draft)):
        if plain(piece) in seen:
            continue
        seen.add(plain(piece))
        supported = _support(piece, evidence)
        if supported is None:
            dropped.append(piece.strip())
            continue
        marked, found = _cited(supported, book)
        figures += found
        parts.append((marked, "".join(mark[0] for mark in CITATION_MARK.finditer(marked))))
    return Grounded(_joined(parts), tuple(book.given), tuple(figures), tuple(dropped))


def _support(piece: str, evidence: Sequence[Evidence]) -> _Supported | None:
    supported, covered = _aligned(piece, evidence)
    restored = restore_units(piece, [e.sentence.text for e in supported.evidence])
    if restored != piece:
        supported, covered = _aligned(restored, evidence)
    return supported if supported.evidence and covered >= SUPPORTED else None


def _aligned(sentence: str, evidence: Sequence[Evidence]) -> tuple[_Supported, float]:
    proven = table(sentence, evidence)
    positions, covered = align(sentence, evidence, proven)
    return _Supported(
        sentence,
        tuple(evidence[i] for i in positions),
        find_figures(sentence),
        tuple(tuple(proven[i]) for i in positions),
    ), covered


def _cited(supported: _Supported, book: _Book) -> tuple[str, list[Figure]]:
    """The sentence with its marks, and its figures as they were checked."""
    ends = [_end_of(supported, i) for i in range(len(supported.evidence))]
    order = sorted(range(len(ends)), key=lambda i: ends[i])
    numbers: dict[int, dict[int, int]] = {}  # evidence -> start of its span -> number of the citation
    for i in order:
        spans = _spans(supported, i, book.text_of)
        numbers[i] = {start: book.cite(supported.evidence[i], start, end) for start, end in spans}
    text = supported.text
    for end in sorted(set(ends), reverse=True):
        here = sorted({n for i in order if ends[i] == end for n in numbers[i].values()})
        text = text[:end] + "".join(f"[{n}]" for n in here) + text[end:]
    return text, list(_checked(supported, numbers, book))


def _checked(supported: _Supported, numbers: dict[int, dict[int, int]], book: _Book) -> Iterator[Figure]:
    for j, figure in enumerate(supported.figures):
        by = next((i for i, row in enumerate(supported.proven) if row[j]), None)
        if by is None:
            yield Figure(figure.text, False, None)
            continue
        cited = [book.given[n - 1] for n in numbers[by].values()]
        holding = [c for c in cited if any(proves(f, figure) for f in find_figures(c.quote))]
        yield Figure(figure.text, True, (holding or cited)[0].n)


def _end_of(supported: _Supported, which: int) -> int:
    """Where the mark of an evidence goes: after the last clause that it bears out better than the others."""
    whole = len(_TAIL.sub("", supported.text.rstrip()))
    if len(supported.evidence) == 1:
        return whole
    end = 0
    for clause in _CLAUSES.finditer(supported.text):
        worth = [_bears(supported, i, clause.start(), clause.end()) for i in range(len(supported.evidence))]
        if clause[0].strip() and worth.index(max(worth)) == which:
            end = min(whole, clause.end() - (1 if clause[0][-1] in "，,；;、：:" else 0))
    return end or whole


def _bears(supported: _Supported, which: int, start: int, end: int) -> float:
    row, evidence = supported.proven[which], supported.evidence[which]
    held = sum(ok for figure, ok in zip(supported.figures, row, strict=True) if start <= figure.start < end)
    clause = content(supported.text[start:end])
    return 2 * held + share(clause, content(evidence.sentence.text), content(evidence.passage.place))


def _spans(supported: _Supported, which: int, text_of: Callable[[str], str]) -> list[tuple[int, int]]:
    """The ranges of a cited sentence that hold what the answer says: the best, and those with more of it."""
    evidence = supported.evidence[which]
    spans = [(span.start, span.end) for span in evidence.sentence.spans]
    if len(spans) == 1:
        return spans
    source, wanted = text_of(evidence.passage.source), content(supported.text)
    needed = [f for f, ok in zip(supported.figures, supported.proven[which], strict=True) if ok]
    quotes = [re.sub(r"\s*\n\s*", "", source[start:end]) for start, end in spans]
    worth = [(_held(needed, quote), share(wanted, content(quote)) if wanted else 0.0) for quote in quotes]
    best = max(range(len(spans)), key=lambda i: (len(worth[i][0]), worth[i][1]))
    kept = {i for i in range(len(spans)) if i == best or worth[i][0] - worth[best][0] or worth[i][1] >= 0.3}
    alone = {j for held, _ in worth for j in held}
    for i, (one, after) in enumerate(pairwise(quotes)):
        if _held(needed, one + after) - alone:  # a picture or a page's end stands inside a figure
            kept |= {i, i + 1}
    return [spans[i] for i in sorted(kept)]


def _held(figures: Sequence[FoundFigure], quote: str) -> set[int]:
    """Which of the figures stand in the quote."""
    found = find_figures(quote)
    return {j for j, figure in enumerate(figures) if any(proves(one, figure) for one in found)}


def _joined(parts: Sequence[tuple[str, str]]) -> str:
    """The sentences in order; of clauses before semicolons that have the same marks, the last keeps them."""
    text = ""
    for position, (marked, marks) in enumerate(parts):
        following = parts[position + 1][1] if position + 1 < len(parts) else ""
        if marked.endswith(("；", ";")) and marks == following:
            marked = CITATION_MARK.sub("", marked)
        text += marked
    text = text.strip()
    if text and not re.search(r"[。！？!?”’」』）)；;，,：:]$", text):
        text += "。"
    return re.sub(r"[；;，,：:]$", "。", text)
