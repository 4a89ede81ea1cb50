"""Web pages -> lines: the main text with its headings, lists and tables.

Nothing is fetched, and no entity of a document type is expanded. Text is never left out in silence: where the
main text is much less than what the page shows, all of it is kept.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TypeAlias

from lxml import html

from index.errors import ReportError
from index.load.encodings import decode
from index.load.flow import Table, flow_text
from index.load.limits import MAX_CHARACTERS
from index.load.page import Items, Weights, all_items, main_items
from index.load.page_facts import page_date, page_title
from index.report import Report

_Element: TypeAlias = html.HtmlElement

_DECLARED = re.compile(rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_UNSEEN = (
    "script", "style", "template", "noscript", "head", "iframe", "object", "svg", "canvas", "audio", "video", "select",
    "button", "input", "textarea", "datalist", "map", "rp", "rt",
)  # fmt: skip
_MUCH_LESS = 0.5


def read_html(data: bytes, source: str) -> Report:
    """A web page in any encoding that `decode` knows; what it says of its own settles what its bytes leave open.

    Raises ReportError as `decode` does, and for tags more than 2,048 deep, of which the parser keeps no more.
    """
    found = _DECLARED.search(data[:4096])
    text = decode(data, source, declared=found[1].decode("ascii") if found else "", limit=2 * MAX_CHARACTERS)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True)
    page = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise ReportError(f"网页“{source}”的标签嵌套过深，读不全，请用浏览器打开它，把正文另存为文本后重试。")
    title, date = page_title(page), page_date(page)
    return Report(
        source=source,
        text=flow_text(_headed(_shown(page), title)),
        sha256=sha256(data).hexdigest(),
        title=title,
        date=date,
        whole_lines=True,
    )


def _shown(page: _Element) -> Items:
    """The page's main text, or all that it shows where the main text would be less than half of its sentences."""
    body = page.find("body")
    _drop_unseen(body)
    weights = Weights(body)
    try:
        items = main_items(weights.main(), weights)
        kept = sum(map(_size, items))
        return items if items and kept >= _MUCH_LESS * weights.sentences(body) else all_items(body)
    except RecursionError:  # tags that were never closed, a thousand deep
        return [line for text in body.itertext() if (line := text.strip())]


def _drop_unseen(body: _Element) -> None:
    """Remove scripts and the like; and what is hidden, unless most of the page is (until a script shows it)."""
    for element in list(body.iter(*_UNSEEN)):
        _drop(element)
    hidden = [element for element in body.iter() if _is_hidden(element)]
    if sum(len(element.text_content()) for element in hidden) <= 0.5 * len(body.text_content()):
        for element in hidden:
            _drop(element)


def _drop(element: _Element) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _is_hidden(element: _Element) -> bool:
    style = re.sub(r"\s", "", element.get("style") or "").lower()
    return "display:none" in style or "hidden" in element.attrib


def _size(item: str | Table) -> int:
    cells = [item] if isinstance(item, str) else [cell for row in item.rows for cell in row]
    return sum(len(re.sub(r"\s", "", cell)) for cell in cells)


def _headed(items: Items, title: str) -> Items:
    """The title as the first heading, all others below it."""
    if not title:
        return items
    wanted = _bare(title)
    at = next((i for i, item in enumerate(items[:12]) if isinstance(item, str) and _bare(item) == wanted), None)
    rest = [item for i, item in enumerate(items) if i != at]
    return [f"# {title}", *(f"#{item}" if isinstance(item, str) and item.startswith("# ") else item for item in rest)]


def _bare(line: str) -> str:
    return re.sub(r"[\s#]", "", line)
