"""Word documents -> lines: paragraphs, headings, lists, tables, text boxes and notes in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from lxml import etree

from index.errors import ReportError
from index.load.flow import Table, flow_text
from index.load.grid import Merge
from index.load.limits import check_package
from index.load.numbering import Numbering, read_numbering
from index.load.properties import sensible_date, sensible_title
from index.report import Report

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SAFE = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_BLANKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_WRAPPERS = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_CENTRED = "\x02"  # before a line that stands centred; no text of an XML file can hold it
_MAX_TITLE = 60


@dataclass(slots=True)
class _Reading:
    """What one document's paragraphs need: its styles, lists and notes."""

    levels: dict[str, int]
    contents: set[str]
    listed: dict[str, tuple[str, int]]
    numbering: Numbering
    notes: dict[str, dict[str, etree._Element]]


def read_docx(data: bytes, source: str) -> Report:
    """A .docx document: its text has a line for each paragraph; what was deleted in revision is left out.

    A table of contents is left out as well, for its headings follow. Raises ReportError for a package that
    `check_package` refuses.
    """
    check_package(data, source, kind="Word 文档", ending=".docx")
    try:
        document = docx.Document(BytesIO(data))
    except (ValueError, KeyError) as error:
        raise ReportError(f"报告“{source}”不是 Word 文档（可能是改了后缀），请另存为 .docx 后重试。") from error
    items = list(_items(document.element.body, _reading(document)))
    text = flow_text(_with_title(items))
    core = document.core_properties
    return Report(
        source=source,
        text=text,
        sha256=sha256(data).hexdigest(),
        title=sensible_title(core.title),
        date=sensible_date(core, text),
        whole_lines=True,
    )


def _reading(document: Document) -> _Reading:
    parts = {rel.reltype: rel.target_part for rel in document.part.rels.values() if not rel.is_external}

    def root(kind: str) -> etree._Element | None:
        part = parts.get(kind)
        return None if part is None else etree.fromstring(part.blob, _SAFE)

    notes = {
        name: {note.get(f"{_W}id", ""): note for note in found.findall(f"{_W}{name}")}
        for name, kind in (("footnote", RELATIONSHIP_TYPE.FOOTNOTES), ("endnote", RELATIONSHIP_TYPE.ENDNOTES))
        if (found := root(kind)) is not None
    }
    levels, contents, listed = _styles(root(RELATIONSHIP_TYPE.STYLES))
    return _Reading(levels, contents, listed, read_numbering(root(RELATIONSHIP_TYPE.NUMBERING)), notes)


def _styles(root: etree._Element | None) -> tuple[dict[str, int], set[str], dict[str, tuple[str, int]]]:
    """By style id: its heading level (0 for a title), whether it is of a table of contents, its list."""
    styles = {} if root is None else {one.get(f"{_W}styleId", ""): one for one in root.findall(f"{_W}style")}
    levels: dict[str, int] = {}
    contents: set[str] = set()
    listed: dict[str, tuple[str, int]] = {}
    for name in styles:
        for style in _with_bases(styles, name):
            called = _value(style, "name").lower()
            outline = style.find(f"{_W}pPr/{_W}outlineLvl")
            heading = re.fullmatch(r"(?:heading|标题)\s*(\d)", called)
            if called in ("title", "标题"):
                levels.setdefault(name, 0)
            elif heading:
                levels.setdefault(name, int(heading[1]))
            elif outline is not None and (value := outline.get(f"{_W}val", "9")).isdigit() and int(value) < 9:
                levels.setdefault(name, int(value) + 1)
            if re.match(r"(?:toc|目录)\s*\d", called):
                contents.add(name)
            if (number := style.find(f"{_W}pPr/{_W}numPr")) is not None:
                listed.setdefault(name, (_value(number, "numId"), int(_value(number, "ilvl") or 0)))
    return levels, contents, listed


def _with_bases(styles: dict[str, etree._Element], name: str) -> Iterator[etree._Element]:
    for _ in range(12):
        if name not in styles:
            return
        yield styles[name]
        name = _value(styles[name], "basedOn")


def _value(element: etree._Element, name: str) -> str:
    child = element.find(f"{_W}{name}")
    return "" if child is None else str(child.get(f"{_W}val", ""))


def _items(parent: etree._Element, reading: _Reading) -> Iterator[str | Table]:
    """Lines and tables below a body, a cell, a text box or a note, in order."""
    for child in parent:
        if child.tag == f"{_W}p":
            yield from _paragraph(child, reading)
        elif child.tag == f"{_W}tbl":
            yield _table(child, reading)
        elif child.tag == f"{_W}sdt":
            gallery = child.find(f"{_W}sdtPr/{_W}docPartObj/{_W}docPartGallery")
            content = child.find(f"{_W}sdtContent")
            if content is not None and (gallery is None or gallery.get(f"{_W}val") != "Table of Contents"):
                yield from _items(content, reading)
        elif child.tag in _WRAPPERS:
            yield from _items(child, reading)


def _paragraph(paragraph: etree._Element, reading: _Reading) -> Iterator[str | Table]:
    """The paragraph's line, then the notes and text boxes that hang on it."""
    style, properties = "", paragraph.find(f"{_W}pPr")
    if properties is not None:
        style = _value(properties, "pStyle")
    text: list[str] = []
    hanging: list[etree._Element] = []
    _collect(paragraph, reading, text, hanging)
    line = "".join(text).strip()
    if line and style not in reading.contents:
        prefix = _prefix(properties, style, reading)
        yield prefix + re.sub(r"\s*\n\s*", "" if prefix.startswith("#") else "\n", line)
    for element in hanging:
        items = list(_items(element, reading))
        if element.tag != f"{_W}txbxContent":
            items = [f"注：{item}" if isinstance(item, str) else item for item in items]
        yield from items


def _collect(parent: etree._Element, reading: _Reading, text: list[str], hanging: list[etree._Element]) -> None:
    for child in parent:
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if name == "t":
            text.append(child.text or "")
        elif name in _BLANKS and child.getparent().tag == f"{_W}r":
            text.append(_BLANKS[name])
        elif name == "sym":
            text.append(_symbol(child))
        elif name in ("footnoteReference", "endnoteReference"):
            note = reading.notes.get(name.removesuffix("Reference"), {}).get(child.get(f"{_W}id", ""))
            if note is not None:
                hanging.append(note)
        elif name == "txbxContent":
            hanging.append(child)
        elif name not in ("pPr", "rPr", "rt", "del", "moveFrom", "instrText") and child.tag != _FALLBACK:
            _collect(child, reading, text, hanging)


def _symbol(element: etree._Element) -> str:
    """A character of a symbol font; those have no meaning outside it, but for a tick and a cross."""
    return {"F0FE": "☑", "F052": "☑", "F0A8": "□", "F0FC": "√", "F0FB": "×"}.get(element.get(f"{_W}char", ""), "")


def _prefix(properties: etree._Element | None, style: str, reading: _Reading) -> str:
    """Heading marks and the number or bullet of a list."""
    level = reading.levels.get(style)
    number = reading.listed.get(style, ("", 0))
    if properties is not None:
        outline = _value(properties, "outlineLvl")
        level = int(outline) + 1 if outline.isdigit() and int(outline) < 9 else level
        if (own := properties.find(f"{_W}numPr")) is not None:
            number = (_value(own, "numId"), int(_value(own, "ilvl") or number[1]))
        if level is None and _value(properties, "jc") == "center":
            level = -1
    label = reading.numbering.label(*number) if number[0] not in ("", "0") else ""
    if level is None:
        return label
    return _CENTRED if level < 0 else "#" * min(level + 1, 6) + " " + label.removeprefix("- ")


def _with_title(items: list[str | Table]) -> list[str | Table]:
    """Headings as "#" lines: the title first, all others below it.

    The title is the paragraph of that style, else the first line where it stands centred, else the only
    heading of the first level.
    """
    lines = [item for item in items if isinstance(item, str)]
    titled = any(line.startswith("# ") for line in lines)
    first = lines[0] if lines else ""
    bare = first.removeprefix(_CENTRED)
    centred = first.startswith(_CENTRED) and len(bare) <= _MAX_TITLE and bare[-1] not in "。；，：！？"
    top = sum(line.startswith("## ") for line in lines)
    raised = not titled and not centred and top == 1
    result: list[str | Table] = []
    for at, item in enumerate(items):
        if not isinstance(item, str):
            result.append(item)
            continue
        if centred and not titled and item is first and all(not isinstance(one, str) for one in items[:at]):
            item = f"# {bare}"
        item = item.removeprefix(_CENTRED)
        result.append(item[1:] if raised and re.match("#{2,} ", item) else item)
    return result


def _table(table: etree._Element, reading: _Reading) -> Table:
    """The cells of a table, with those merged across and down."""
    rows: list[list[str]] = []
    done: list[Merge] = []
    down: dict[int, Merge] = {}
    for row in _inner(table, f"{_W}tr"):
        texts: list[str] = []
        for cell in _inner(row, f"{_W}tc"):
            left, right, merged = _place(cell, len(texts))
            if merged == "continue" and left in down:
                down[left] = replace(down[left], bottom=len(rows))
                texts += [""] * (right - left + 1)
                continue
            if left in down:
                done.append(down.pop(left))
            texts += [flow_text(list(_items(cell, reading))), *[""] * (right - left)]
            here = Merge(len(rows), left, len(rows), right)
            if merged:
                down[left] = here
            elif right > left:
                done.append(here)
        rows.append(texts)
    merges = (one for one in [*done, *down.values()] if (one.top, one.left) != (one.bottom, one.right))
    return Table(rows, tuple(merges))


def _inner(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Rows of a table or cells of a row, also where a content control or a revision wraps them."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _inner(child, tag)


def _place(cell: etree._Element, left: int) -> tuple[int, int, str]:
    """First and last column of a cell, and "restart" or "continue" where it is merged down."""
    properties = cell.find(f"{_W}tcPr")
    if properties is None:
        return left, left, ""
    span = _value(properties, "gridSpan")
    down = properties.find(f"{_W}vMerge")
    merged = "" if down is None else str(down.get(f"{_W}val", "continue"))
    return left, left + min(max(int(span), 1), 500) - 1 if span.isdigit() else left, merged
