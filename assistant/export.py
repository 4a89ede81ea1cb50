"""Answers and conversations for other programs: plain text, Markdown and Word, with footnotes for the citations."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from assistant.comparison import Comparison, comparison_of
from assistant.conversations import Turn
from assistant.schema import CITATION_MARK, Answer, Citation

# What Markdown would read as its own, anywhere or at the beginning of a line.
_MARKDOWN = re.compile(r"([\\`*_\[\]|<>~$&]|^[#+\-=]|(?<=^\d)[.)](?= |$)|(?<=^\d\d)[.)](?= |$))")
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
# Characters that XML cannot hold.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def reference(citation: Citation) -> str:
    """One citation as a footnote: title, date, file, page and the quote."""
    where = [f"《{citation.title or citation.source}》", citation.date, citation.source]
    where += [f"第 {citation.page} 页"] if citation.page else []
    quote = re.sub(r"\s*\n\s*", "", citation.quote).strip()
    return f"{'，'.join(part for part in where if part)}：“{quote}”"


def answer_text(answer: Answer) -> str:
    """An answer as plain text with its marks, and below it what they stand for."""
    notes = [f"[{citation.n}] {reference(citation)}" for citation in answer.citations]
    return "\n".join([answer.answer, *([""] if notes else []), *notes])


def to_markdown(title: str, turns: Sequence[Turn]) -> str:
    """A conversation as Markdown with footnotes, numbered through."""
    lines, notes, count = [f"# {_plain(title)}", ""], [], 0
    for turn in turns:
        lines += [f"## {_plain(turn.question)}", ""]
        numbers: dict[int, int] = {}
        for citation in turn.answer.citations if turn.answer else ():
            count += 1
            numbers[citation.n] = count
            notes.append(f"[^{count}]: {_plain(reference(citation))}")
        parts = [f"[^{numbers[part]}]" if isinstance(part, int) else _plain(part) for part in _parts(turn)]
        lines += ["".join(parts), "", *_markdown_table(_compared(turn), numbers)]
    return "\n".join([*lines, *notes, ""])


def to_word(title: str, turns: Sequence[Turn]) -> bytes:
    """A conversation as a .docx with real footnotes."""
    from docx import Document
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml.ns import qn

    document, notes = Document(), []
    for language in document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang"):
        language.set(qn("w:eastAsia"), "zh-CN")  # the fonts for Chinese characters are chosen by it
    document.core_properties.title = _clean(title)
    document.add_heading(_clean(title), level=1)
    for turn in turns:
        document.add_heading(_clean(turn.question), level=2)
        known = {citation.n: citation for citation in turn.answer.citations} if turn.answer else {}
        paragraph = document.add_paragraph()
        for part in _parts(turn):
            if isinstance(part, int):
                notes.append(reference(known[part]))
                _refer(paragraph, len(notes))
            else:
                paragraph.add_run(_clean(part))
        if compared := _compared(turn):
            notes += _add_table(document, compared, known, since=len(notes) + 1)
    kept = Part(
        PackURI(f"{document.part.partname.baseURI}/footnotes.xml"), _PART, _footnotes(notes), document.part.package
    )
    document.part.relate_to(kept, _FOOTNOTES)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _parts(turn: Turn) -> Iterator[str | int]:
    """The words of a reply, and between them the numbers of its citations."""
    if turn.answer is None:
        yield turn.error or ("（已停止）" if turn.stopped else "（还没有回答）")
        return
    known, at = {citation.n for citation in turn.answer.citations}, 0
    for mark in CITATION_MARK.finditer(turn.answer.answer):
        if int(mark[1]) in known:
            yield turn.answer.answer[at : mark.start()]
            yield int(mark[1])
            at = mark.end()
    yield turn.answer.answer[at:]


def _compared(turn: Turn) -> Comparison | None:
    return comparison_of(turn.answer) if turn.answer else None


def _markdown_table(found: Comparison | None, numbers: Mapping[int, int]) -> list[str]:
    """The table of a comparison; each cell has the mark of its footnote."""
    if found is None:
        return []
    rows = [["", *(f"数值（{_plain(unit)}）" for unit in found.units)], ["---"] * (1 + len(found.units))]
    for row in found.rows:
        cells = (f"{_plain(cell.text)}[^{numbers[cell.citation]}]" if cell else "—" for cell in row.cells)
        rows.append([_plain(row.label), *cells])
    return [*(f"| {' | '.join(row)} |" for row in rows), ""]


def _add_table(document: Any, found: Comparison, known: Mapping[int, Citation], *, since: int) -> list[str]:
    """The same in Word; the footnotes of its cells, which are numbered from `since`."""
    notes: list[str] = []
    table = document.add_table(1 + len(found.rows), 1 + len(found.units), style="Table Grid")
    for column, unit in enumerate(found.units, 1):
        table.cell(0, column).text = f"数值（{_clean(unit)}）"
    for line, row in enumerate(found.rows, 1):
        table.cell(line, 0).text = _clean(row.label)
        for column, cell in enumerate(row.cells, 1):
            paragraph = table.cell(line, column).paragraphs[0]
            paragraph.add_run(_clean(cell.text) if cell else "—")
            if cell:
                _refer(paragraph, since + len(notes))
                notes.append(reference(known[cell.citation]))
    return notes


def _plain(words: str) -> str:
    """Words that Markdown shows as they stand, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(words.split()))


def _clean(words: str) -> str:
    return _UNWRITABLE.sub("", words)


def _refer(paragraph: Any, number: int) -> None:
    """A footnote's mark at the end of a paragraph."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = paragraph.add_run()
    run.font.superscript = True
    mark = OxmlElement("w:footnoteReference")
    mark.set(qn("w:id"), str(number))
    run._r.append(mark)


def _footnotes(notes: Sequence[str]) -> bytes:
    """The footnotes' part (ECMA-376 Part 1, 17.11): the two separators that Word asks for, and the notes."""
    line = '<w:footnote w:type="{0}" w:id="{1}"><w:p><w:r><w:{2}/></w:r></w:p></w:footnote>'
    raised = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
    bodies = "".join(
        f'<w:footnote w:id="{n}"><w:p>{raised}<w:r><w:t xml:space="preserve"> {escape(_clean(note))}</w:t></w:r></w:p>'
        "</w:footnote>"
        for n, note in enumerate(notes, 1)
    )
    separators = line.format("separator", -1, "separator") + line.format(
        "continuationSeparator", 0, "continuationSeparator"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:footnotes xmlns:w="{_W}">{separators}{bodies}</w:footnotes>'
    ).encode()
