"""What stands on a page beside its text: running heads, page numbers, captions, boxes."""

from __future__ import annotations

import textwrap

import pytest

from index.layout import repair
from index.report import Report

LONG = "青溪县把装备制造作为支柱产业，去年新开工项目十二个，建成投产七个，带动就业三千余人，园区面貌焕然一新。"


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("青溪日报 2023年12月27日 星期三 A{}版", "— {} —"),
        ("青溪县工业年度报告", "第{}页"),
        ("", "{}"),
        ("内部资料", "第 {} 页 共 3 页"),
    ],
)
def test_page_furniture_parts_no_sentence(head: str, foot: str) -> None:
    column = textwrap.wrap(LONG * 4, 30)
    pages, text = [], ""
    for number in range(3):
        pages.append(len(text))
        lines = [head.format(number + 1), *column[number * 3 : number * 3 + 3], foot.format(number + 1)]
        text += "\n".join(filter(None, lines)) + "\n"
    articles = repair(Report("样例.pdf", text, "0" * 64, pages=tuple(pages)))
    body = [s.text for a in articles for s in a.sentences if s.kind == "body"]
    assert body == [LONG] * 4
    assert len([s for a in articles for s in a.sentences if s.kind == "caption"]) == (6 if head else 3)
    assert articles[0].date == ("2023-12-27" if "2023" in head else "")


def test_a_heading_on_two_pages_is_no_furniture() -> None:
    page = f"二、下一步打算\n{LONG}\n"
    text = page + LONG + "\n" + LONG + "\n" + LONG + "\n" + page
    articles = repair(Report("样例.pdf", text * 2, "0" * 64, pages=(0, len(text))))
    assert "二、下一步打算" in [s.text for a in articles for s in a.sentences if s.kind == "heading"]
