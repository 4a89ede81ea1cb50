"""The parts of a web page: which of them hold the running text, and that text as lines and tables.

Which part is the main one follows from where sentences stand, not from the names that one site gives its parts:
it is the smallest that holds four fifths of all sentence characters outside links (the idea of Readability,
A. Laurent's boilerplate studies and others, with Chinese punctuation as the sign of a sentence).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TypeAlias

from lxml import html

from index.load.flow import Table, flow_text
from index.load.grid import Merge

_Element: TypeAlias = html.HtmlElement
Items: TypeAlias = list[str | Table]

_CONTAINERS = {
    "body",
    "div",
    "section",
    "article",
    "main",
    "center",
    "form",
    "table",
    "tbody",
    "tr",
    "td",
    "dl",
    "font",
}
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img",
    "ins", "kbd", "label", "mark", "nobr", "o:p", "q", "ruby", "s", "samp", "small", "span", "strike", "strong", "st1",
    "sub", "sup", "time", "tt", "u", "var", "wbr", "br",
}  # fmt: skip
_FURNITURE = {"nav", "footer", "aside", "menu"}
_ROLES = {"navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu"}
_SENTENCE = re.compile(r"[，。；！？]")
# Words of a page's tools, which stand in the text as lines of their own.
_TOOLS = re.compile(
    r"(?:(?:用微信)?扫[码描]二维码|分享[到至]?(?:好友和)?(?:朋友圈)?|举报|关注|查看更多(?:跟贴)?|加载中|我要跟帖|打印(?:本页|此页)?|关闭(?:本页|窗口)?|收藏|返回(?:顶部|首页|列表)|字[号体]|[大中小]|放大|缩小|默认|微信|微博|QQ空间"
    r"|扫一扫|复制链接|点赞|评论|听新闻|语音播报|浏览(?:次数|量)|点击(?:数|量|次数)|阅读(?:量|次数)|[:：|\[\]【】()（）\s/·+-])+"
    r"|(?:您?(?:当前|现在)?的?(?:所在)?位置)\s*[:：].{0,60}|[上下]一[篇条页]\s*[:：]?.{0,60}"
)
_IMPRINT = re.compile(r"[^。]{0,120}(?:ICP备|公网安备|网站标识码|版权所有|[Aa]ll [Rr]ights [Rr]eserved)[^。]{0,120}")
_NO_HEADING = re.compile(r"[摄文图]\s*[)）/]|[)）]$|供图|^图|记者|编辑|通讯员|执笔|作者|来源|^\d+$")
_COUNTER = re.compile(r"\s*(?:浏览|点击|阅读|访问)(?:次数|量|数)\s*[:：]\s*\d*\s*次?")
_NEARLY_ALL = 0.8
_LINKS = 0.6


@dataclass(slots=True)
class Weights:
    """How many characters of sentences, outside links and in links each part of a page holds."""

    body: _Element
    _sentences: dict[_Element, float] = field(default_factory=lambda: defaultdict(float))
    _plain: dict[_Element, int] = field(default_factory=lambda: defaultdict(int))
    _linked: dict[_Element, int] = field(default_factory=lambda: defaultdict(int))
    _links: dict[_Element, int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self) -> None:
        for element in self.body.iter():
            self._add(element, element.text)
            if element is not self.body:
                self._add(element.getparent(), element.tail)
            if element.tag == "a":
                for one in [element, *element.iterancestors()]:
                    self._links[one] += 1

    def _add(self, element: _Element, text: str | None) -> None:
        size = len(re.sub(r"\s", "", text or ""))
        if not size or text is None:
            return
        above = [element, *element.iterancestors()]
        linked = any(one.tag == "a" for one in above)
        figures = any(one.tag == "td" for one in above) and bool(re.search(r"\d", text))
        weight = size if size >= 20 or _SENTENCE.search(text) or figures else 0.1 * size
        for one in above:
            (self._linked if linked else self._plain)[one] += size
            if not linked:
                self._sentences[one] += weight

    def sentences(self, element: _Element) -> float:
        """Characters of sentences in `element` outside links; those of other short texts count a tenth."""
        return self._sentences[element]

    def main(self) -> _Element:
        """The smallest part that holds nearly all sentences."""
        found, least = self.body, _NEARLY_ALL * self._sentences[self.body]
        while True:
            inner = [one for one in found if one.tag in _CONTAINERS and not is_data_table(one)]
            best = max(inner, key=lambda one: self._sentences[one], default=None)
            if best is None or self._sentences[best] < least:
                return found
            found = best

    def is_furniture(self, element: _Element) -> bool:
        """Whether a part serves to move about the site: mostly links, or marked so and of little text."""
        linked, plain = self._linked[element], self._plain[element]
        if self._links[element] > 1 and linked > _LINKS * (linked + plain):
            return True
        marked = element.tag in _FURNITURE or (element.get("role") or "") in _ROLES
        return marked and self._sentences[element] < 0.2 * self._sentences[self.body]


def main_items(element: _Element, weights: Weights) -> Items:
    """The lines and tables of the main part, without the page's tools and lists of links."""
    reading = _Reading(weights)
    reading.read(element)
    items = [_COUNTER.sub("", item) if isinstance(item, str) else item for item in reading.items]
    return [item for item in items if not isinstance(item, str) or (item and not _is_tool(item))]


def _is_tool(line: str) -> bool:
    return bool(_TOOLS.fullmatch(line) or _IMPRINT.fullmatch(line))


def all_items(element: _Element) -> Items:
    """The lines and tables of all that the page shows."""
    reading = _Reading(None)
    reading.read(element)
    return reading.items


def is_data_table(element: _Element) -> bool:
    """Whether a table holds data; many pages use tables only to set their parts in place."""
    if element.tag != "table" or element.find(".//table") is not None:
        return False
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in element.iter("tr")]
    if sum(len(row) > 1 for row in rows) < 2 and element.find(".//th") is None:
        return False
    cells = [cell for row in rows for cell in row]
    return all(len(cell.text_content()) <= 300 and len(cell.findall(".//p")) <= 8 for cell in cells)


@dataclass(slots=True)
class _Reading:
    """Collects the items of a part in reading order; `weights` is None where nothing is to be left out."""

    weights: Weights | None
    items: Items = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    def read(self, element: _Element) -> None:
        """All that stands in `element`."""
        as_typed = element.tag == "pre"
        self._text(element.text, as_typed)
        for child in element:
            self._read_child(child)
            self._text(child.tail, as_typed)
        if element.tag not in _INLINE:
            self._close()

    def _text(self, text: str | None, as_typed: bool) -> None:
        """Line breaks of the source are spaces, but for preformatted text."""
        self._open.append((text or "") if as_typed else re.sub(r"\s+", " ", text or ""))

    def _read_child(self, child: _Element) -> None:
        tag = child.tag
        if tag == "br":
            self._open.append("\n")
        elif tag in _INLINE:
            self.read(child)
        else:
            self._close()
            if self.weights and self.weights.is_furniture(child):
                self._drop_heading()
            elif is_data_table(child):
                self.items.append(_table(child))
            else:
                first = len(self.items)
                self.read(child)
                self._mark(child, first)

    def _close(self) -> None:
        """End the paragraph that is open; a break after a comma is none."""
        text = re.sub(r"(?<=[，、（《“])[\s\u3000\xa0]*\n", "", "".join(self._open))
        for line in text.split("\n"):
            if shown := re.sub(r"[\s\u3000\xa0\u200b\ufeff]+", " ", line).strip():
                self.items.append(shown)
        self._open.clear()

    def _drop_heading(self) -> None:
        """A heading over a list of links goes with it."""
        last = self.items[-1] if self.items else ""
        if isinstance(last, str) and (last.startswith("#") or re.fullmatch(r"[相热推][^，。]{3}[:：]?", last)):
            self.items.pop()

    def _mark(self, element: _Element, first: int) -> None:
        """Put the sign of a heading or an item before the first of the lines that came of `element`."""
        if len(self.items) == first or not isinstance(self.items[first], str):
            return
        if re.fullmatch(r"h[1-6]", element.tag):
            text = "".join(item for item in self.items[first:] if isinstance(item, str))
            self.items[first:] = ["#" * int(element.tag[1]) + " " + text]
        elif len(self.items) == first + 1 and _is_bold(element, str(self.items[first])):
            self.items[first] = f"## {self.items[first]}"
        elif element.tag == "li" and not re.match(
            r"[-#■●▶·•]|[（(]?[一二三四五六七八九十\d]+[、.)）]", str(self.items[first])
        ):
            self.items[first] = f"{_item_sign(element)}{self.items[first]}"


def _is_bold(element: _Element, line: str) -> bool:
    """Whether a paragraph is a short line all in bold, which many editors make of headings."""
    if (
        element.tag not in ("p", "div")
        or len(line) > 40
        or line[-1] in "。；，：！？"
        or line.startswith("#")
        or _NO_HEADING.search(line)
    ):
        return False
    bold = "".join(
        one.text_content() for one in element.iter("b", "strong") if one.getparent().tag not in ("b", "strong")
    )
    return re.sub(r"\s", "", bold) == re.sub(r"\s", "", element.text_content())


def _item_sign(item: _Element) -> str:
    above = item.getparent()
    if above is None or above.tag != "ol":
        return "- "
    return f"{1 + sum(1 for one in item.itersiblings('li', preceding=True))}. "


def _table(table: _Element) -> Table:
    """The cells of a table and those that reach over several rows or columns."""
    rows: list[list[str]] = []
    merges: list[Merge] = []
    taken: set[tuple[int, int]] = set()
    lines = list(table.iter("tr"))
    for at, row in enumerate(lines):
        texts: list[str] = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while (at, len(texts)) in taken:
                texts.append("")
            left = len(texts)
            down, across = min(_span(cell, "rowspan"), len(lines) - at), _span(cell, "colspan")
            texts += [_cell(cell), *[""] * (across - 1)]
            if down * across > 1:
                merges.append(Merge(at, left, at + down - 1, left + across - 1))
                taken |= {(at + i, left + j) for i in range(down) for j in range(across)}
        rows.append(texts)
    return Table(rows, tuple(merges))


def _span(cell: _Element, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(max(1, int(value)), 100) if value.isascii() and value.isdigit() else 1


def _cell(cell: _Element) -> str:
    return flow_text(all_items(cell))
