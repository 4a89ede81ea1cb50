"""Conversations as Markdown and Word, with their citations as footnotes."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

from docx import Document

from assistant import Answer, Citation, Figure, Turn, answer_text
from assistant.export import to_markdown, to_word

CITATION = Citation(1, "云溪.md", "茶园 <一>", "2024-03", 2, 3, 10, "产值\n\n12.6亿元")
ANSWER = Answer(
    "",
    "产值？",
    "云溪产值？",
    "answered",
    "产值12.6亿元[1]。",
    (CITATION,),
    (Figure("12.6亿元", True, 1),),
)


def test_plain_text_and_markdown_carry_the_citations() -> None:
    assert answer_text(ANSWER) == ("产值12.6亿元[1]。\n\n[1] 《茶园 <一>》，2024-03，云溪.md，第 2 页：“产值12.6亿元”")
    twice = (Turn("产值？", answer=ANSWER), Turn("# *再*问", answer=ANSWER), Turn("没答", stopped=True))
    words = to_markdown("茶园", twice)
    assert "## \\# \\*再\\*问" in words
    assert "[^1]" in words
    assert "[^2]: 《茶园 \\<一\\>》，2024\\-03，云溪\\.md，第 2 页：“产值12\\.6亿元”" in words
    assert "（已停止）" in words


def test_word_has_real_footnotes() -> None:
    data = to_word("茶园\x0b", (Turn("产值？", answer=ANSWER), Turn("再问", answer=ANSWER)))
    assert Document(io.BytesIO(data)).paragraphs[0].text == "茶园"
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        notes = ElementTree.fromstring(package.read("word/footnotes.xml"))
        body = ElementTree.fromstring(package.read("word/document.xml"))
        types = package.read("[Content_Types].xml").decode()
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    marks = [mark.get(f"{name}id") for mark in body.iter(f"{name}footnoteReference")]
    found = {note.get(f"{name}id"): "".join(note.itertext()) for note in notes.iter(f"{name}footnote")}
    assert marks == ["1", "2"]
    assert all("12.6亿元" in found[mark or ""] for mark in marks)
    assert "footnotes+xml" in types
