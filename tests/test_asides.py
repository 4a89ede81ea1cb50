"""What stands on a page beside its text: running heads, page numbers, captions, boxes."""

from __future__ import annotations

import textwrap

import pytest

from index.layout import repair
from index.report import Article, Report, Sentence

LONG = "青溪县把装备制造作为支柱产业，去年新开工项目十二个，建成投产七个，带动就业三千余人，园区面貌焕然一新。"


def _repaired(text: str) -> tuple[Article, ...]:
    return repair(Report("样例.txt", text, "0" * 64))


def _body(text: str) -> list[Sentence]:
    return [s for article in _repaired(text) for s in article.sentences if s.kind == "body"]


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


def test_a_list_under_a_label_in_the_middle_of_a_sentence_is_set_apart() -> None:
    listed = "数读\n\n- 12** 新开工项目\n- 7** 建成投产项目"
    text = f"{LONG}\n\n## 城市\n\n青溪县改善交通，两年来新建公交站亭46\n\n{listed}\n\n个，停车场9座。\n\n{LONG}"
    sentences = _body(text)
    assert [s.text for s in sentences] == [
        LONG, "青溪县改善交通，两年来新建公交站亭46个，停车场9座。", "新开工项目", "建成投产项目", LONG,
    ]  # fmt: skip
    assert {s.section for s in sentences[1:]} == {"城市"}


def test_a_list_under_a_label_joins_nothing_that_does_not_read_on() -> None:
    text = f"{LONG}\n\n青溪县改善交通，两年来新建公交站亭\n\n数读\n\n- 12** 新开工项目\n\n近年来，县里还修了路。"
    assert _body(text)[-1].text == "近年来，县里还修了路。"


def test_a_month_under_the_name_of_the_paper_is_the_date() -> None:
    article = _repaired(f"县域观察\n2023年7月\n彝良：园区提质\n\n{LONG}")[0]
    assert (article.title, article.date) == ("彝良：园区提质", "2023-07")
    text = "青溪县第二座污水处理厂开工是在\n2023年7月\n的一天，当年建成。"
    assert _body(f"{LONG}\n\n{text}")[1].text == text.replace("\n", "")


def test_a_paragraph_that_is_cut_but_not_wrapped_stays_in_its_section() -> None:
    first, second = ("青溪县" + "做强装备制造，延长链条，扩大就业" * n + "。" for n in (9, 7))
    cut = [text[:a] + "\n\n" + text[a:b] + "\n\n" + text[b:] for text, a, b in ((first, 97, 130), (second, 47, 90))]
    sentences = _body(f"# 青溪：开新局\n\n## 工业\n\n{cut[0]}\n\n{cut[1]}\n")
    assert [(s.text, s.section) for s in sentences] == [(first, "工业"), (second, "工业")]
