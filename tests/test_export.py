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
    assert "[^2]: 《茶园 \\<一\\>》，2024-03，云溪.md，第 2 页：“产值12.6亿元”" in words
    assert "（已停止）" in words


def test_word_has_real_footnotes() -> None:
    data = to_word("茶园\x0b", (Turn("产值？", answer=ANSWER), Turn("再问", answer=ANSWER)))
    assert Document(io.BytesIO(data)).paragraphs[0].text == "茶园"
    marks, found = _footnotes_of(data)
    assert marks == ["1", "2"]
    assert all("12.6亿元" in found[mark] for mark in marks)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert "footnotes+xml" in package.read("[Content_Types].xml").decode()


def _footnotes_of(data: bytes) -> tuple[list[str], dict[str, str]]:
    """The numbers of the marks in the text of a .docx, in order, and the footnotes by their number."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        notes = ElementTree.fromstring(package.read("word/footnotes.xml"))
        body = ElementTree.fromstring(package.read("word/document.xml"))
    name = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    marks = [str(mark.get(f"{name}id")) for mark in body.iter(f"{name}footnoteReference")]
    return marks, {str(n.get(f"{name}id")): "".join(n.itertext()) for n in notes.iter(f"{name}footnote")}


def test_only_what_markdown_would_read_as_its_own_is_escaped() -> None:
    said = ("1. 第一", "12) 条", "- 甲", "+5%", "增长-3.5%（同比）", "5~10亿，$x$ & <b>", "#话题# a_b")
    escaped = [line.removeprefix("## ") for line in to_markdown("题", [Turn(one) for one in said]).split("\n")[2::4]]
    assert escaped[:5] == ["1\\. 第一", "12\\) 条", "\\- 甲", "\\+5%", "增长-3.5%（同比）"]
    assert escaped[5:7] == ["5\\~10亿，\\$x\\$ \\& \\<b\\>", "\\#话题# a\\_b"]


def test_a_comparison_is_a_table_whose_cells_have_footnotes() -> None:
    towns = (("威信县茶叶产值12.6亿元", "12.6亿元"), ("彝良县茶叶产值9.3亿元", "9.3亿元"))
    compared = Answer(
        "",
        "威信县和彝良县的茶叶产值？",
        "威信县和彝良县的茶叶产值？",
        "answered",
        "".join(f"{words}[{n}]。" for n, (words, _) in enumerate(towns, 1)),
        tuple(Citation(n, f"{n}.md", "茶", "", None, 0, len(words), words) for n, (words, _) in enumerate(towns, 1)),
        tuple(Figure(figure, True, n) for n, (_, figure) in enumerate(towns, 1)),
    )
    turns = (Turn("产值？", answer=ANSWER), Turn("比较", answer=compared))
    words = to_markdown("茶园", turns)
    assert "|  | 数值（元） |\n| --- | --- |\n| 威信 | 12.6亿元[^2] |\n| 彝良 | 9.3亿元[^3] |\n" in words
    data = to_word("茶园", turns)
    (table,) = Document(io.BytesIO(data)).tables
    assert [cell.text for cell in table.columns[1].cells] == ["数值（元）", "12.6亿元", "9.3亿元"]
    marks, found = _footnotes_of(data)
    assert marks == ["1", "2", "3", "4", "5"]
    assert "12.6亿元" in found["4"]
    assert "9.3亿元" in found["5"]
