"""What stands on a page beside its text: picture captions, labels of boxes, running heads and page numbers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from index.breaks import HEADING_WIDTH, cut_weight, hangs, reads_on
from index.lines import FINAL, Line, clean, is_credit

_PHOTO = re.compile(r"[^。！？；]{0,60}(?:[ \u3000（(/][\u4e00-\u9fff·]{0,12}摄(?:影)?|供图|图片)[)）]?")
_PHOTO_ONLY = re.compile(r"[^，。！？；]{0,30}[ \u3000](?:摄|摄影|供图)")
_PICTURE = re.compile(
    r"(?:图为|图[一二三四五①②③④\d]+[:：、])[^。]{2,60}。?(?:.{0,14}(?:摄|供图))?"
    r"|[^。]{2,60}。[ \u3000]?(?:.{0,6}(?:记者|通讯员))?[ \u3000]?[\u4e00-\u9fff·]{2,4}[ \u3000](?:摄|摄影|供图)"
)
_PHOTOGRAPHER = re.compile(r"(?:.{0,6}记者|通讯员)?[ \u3000]?[\u4e00-\u9fff·]{2,10}[ \u3000](?:摄|摄影|供图)")
_MAX_CAPTION = 45
_QUOTE_LINES = 12
_QUOTE = re.compile(r"“[^“”]*(?:“[^“”]*”[^“”]*)*[。！？…]”[。]?")
_LABEL = re.compile(
    r"[【\[]?(?:专家|群众|企业|记者|相关|新闻|现场|各方|干部|代表|[一-九]句)?"
    r"(?:声音|观点|数读|链接|手记|短评|点评|感言|寄语|评论|延伸阅读|名词解释|核心提示|编者按|小贴士|导读|摘要)[】\]]?"
)
_EDGE = 3
_LONGEST = 45
_DAY = r"(?:19|20)\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日"
_WEEKDAY = r"(?:星期|周)[一二三四五六日天]"
_SHEET = r"(?:第\s*)?[A-Z]?\s*(?:\d{1,3}|[一二三四五六七八九十]{1,3})\s*版"
# Sure wherever it stands: nothing else is written so.
_NUMBERED = re.compile(
    r"第\s*\d{1,4}\s*页(?:\s*[,，/(（]?\s*共\s*\d{1,4}\s*页\s*[)）]?)?|(?:[-—–－―~·]\s*){1,2}\d{1,4}(?:\s*[-—–－―~·]){1,2}"
    r"|[Pp](?:age)?\.?\s*\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?|(?:责任编辑|责编|版式|校对|美编)[:： ].{2,40}"
)
_DATELINE = re.compile(rf"(?=.*(?:{_WEEKDAY}|{_SHEET}|{_DAY}))(?:{_DAY}|{_WEEKDAY}|{_SHEET}|[^，。；！？\d])++")
_BARE = re.compile(r"\d{1,4}|\d{1,4}\s*/\s*\d{1,4}|[ivxIVX]{1,5}|[A-Z]\d{1,2}")


def captions(lines: Sequence[Line], *, gaps: bool = True) -> set[int]:
    """Indices of picture captions: by what they say, or (with `gaps`) as a short line set off by a wide gap."""
    usual = sorted(line.above for line in lines)[len(lines) // 2 : len(lines) // 2 + 1]
    wide = 3 if gaps and usual and usual[0] <= 1 else 1_000_000
    found: set[int] = set()
    for i, line in enumerate(lines):
        text = clean(line)
        if line.mark in ("heading", "arrow", "row"):
            continue
        after = lines[i + 1].above if i + 1 < len(lines) else 1
        alone = i > 0 and line.above >= wide and after >= 1 and len(text) <= _MAX_CAPTION
        alone = alone and not line.mark and _one_sentence(text) and not is_credit(line)
        alone = alone and not _completes(lines, i, found)
        alone = alone and not (not line.finished and _goes_on_below(lines, i))
        if alone or (_says_photo(text) and not is_credit(line)) or _PHOTO_ONLY.fullmatch(text):
            found.add(i)
            if i and _PHOTOGRAPHER.fullmatch(text) and line.above == 0 and not lines[i - 1].finished:
                found.add(i - 1)
    return found


def _one_sentence(text: str) -> bool:
    return not re.search(rf"[{FINAL}；]", text[:-1])


def _completes(lines: Sequence[Line], at: int, pictures: AbstractSet[int]) -> bool:
    """Whether line `at` is the rest of the sentence that stands cut above the captions over it."""
    above = next((lines[i] for i in range(at - 1, -1, -1) if i not in pictures), None)
    if above is None or above.finished or above.mark in ("heading", "arrow") or is_credit(above):
        return False
    left, right = clean(above), clean(lines[at])
    if not lines[at].finished:
        return reads_on(left, right)
    return above.width > HEADING_WIDTH or cut_weight(left) >= 4 or hangs(left, right)


def _goes_on_below(lines: Sequence[Line], at: int) -> bool:
    """Whether line `at` is the first half of the sentence that goes on below the caption under it."""
    below = next((line for line in lines[at + 1 : at + 4] if not _says_photo(clean(line))), None)
    return below is not None and not below.mark and hangs(clean(lines[at]), clean(below))


def _says_photo(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_PHOTO, _PHOTO_ONLY, _PICTURE))


def is_label(text: str) -> bool:
    """Whether `text` only names the box below it: 声音, 专家观点, 【数读】."""
    return bool(_LABEL.fullmatch(text))


def is_keyword(text: str) -> bool:
    """Whether `text` is one of the keyword lines over an article: 关键词 绿色硅谷."""
    return bool(re.match(r"(?:关键词|主题词|关键字)[ \u3000:：]", text)) and len(text) < 40


def boxes(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Half-open ranges of lines that are a pull-quote: a label, and quotations that stand in the text as well.

    A quotation is a box if it is whole, its lines hold nothing else, and its first words stand elsewhere inside a
    line or a sentence; what stands below a label, or below such a box, need not.
    """
    quotes = _quotations(lines)
    own = {i for first, last in quotes for i in range(first, last)}
    rest = "".join(clean(line) for i, line in enumerate(lines) if i not in own)
    found: list[tuple[int, int]] = []
    for first, last in quotes:
        words = "".join(clean(line) for line in lines[first:last]).strip("“”")
        labelled = first > 0 and is_label(clean(lines[first - 1]))
        if labelled:
            found.append((first - 1, first))
        if labelled or words[:12] in rest or (found and found[-1][1] == first):
            found.append((first, last))
    return found


def _quotations(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Half-open ranges of lines that hold one whole quotation and no more."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(lines):
        end = at + 1
        if clean(lines[at]).startswith("“") and not lines[at].mark:
            text = clean(lines[at])
            while not is_quotation(text) and end < min(len(lines), at + _QUOTE_LINES) and lines[end].above <= 1:
                text, end = text + clean(lines[end]), end + 1
            if is_quotation(text):
                found.append((at, end))
            else:
                end = at + 1
        at = end
    return found


def is_quotation(text: str) -> bool:
    """Whether `text` is one quotation of at least a sentence and nothing else."""
    return bool(_QUOTE.fullmatch(text))


def furniture(lines: Sequence[Line], pages: Sequence[int]) -> set[int]:
    """Indices of the lines that belong to the page and not to what is written on it.

    Anywhere: "第3页", "— 3 —" and a newspaper's dateline with its weekday or sheet. Where `pages` (the offset at
    which each page begins) tells the edges: a bare number, and a short line that comes back, digits aside, among
    the first or the last three lines of at least half of the pages (of both, if there are two).
    """
    found = {i for i, line in enumerate(lines) if _sure(clean(line))}
    edges = _edges(lines, pages)
    shapes = Counter(shape for page in edges for shape in {_shape(lines[i]) for i in page})
    needed = max(2, (len(edges) + 1) // 2)
    for page in edges:
        found |= {i for i in page if shapes[_shape(lines[i])] >= needed and _may_repeat(lines[i])}
        found |= {i for i in (page[0], page[-1]) if _BARE.fullmatch(clean(lines[i]))}
    return found


def _sure(text: str) -> bool:
    if len(text) > _LONGEST:
        return False
    if _NUMBERED.fullmatch(text):
        return True
    return (
        bool(_DATELINE.fullmatch(text))
        and bool(re.search(rf"{_WEEKDAY}|{_SHEET}", text))
        and any(map(str.isdigit, text))
    )


def _edges(lines: Sequence[Line], pages: Sequence[int]) -> list[list[int]]:
    """For each page that holds any the indices of its first and last lines."""
    if len(pages) < 2:
        return []
    inside: list[list[int]] = [[] for _ in pages]
    for i, line in enumerate(lines):
        inside[max(0, bisect_right(pages, line.start) - 1)].append(i)
    return [sorted({*page[:_EDGE], *page[-_EDGE:]}) for page in inside if page]


def _shape(line: Line) -> str:
    return re.sub(r"[\d一二三四五六七八九十]+", "0", re.sub(r"\s", "", clean(line)))


def _may_repeat(line: Line) -> bool:
    return line.width <= _LONGEST and not line.finished and line.mark not in ("bullet", "row", "number")
