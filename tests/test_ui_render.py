"""HTML of answers and sources: what others wrote stays text; marks, figures and states show."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import Answer, Assistant, Citation, Conversation, Draft, Figure, Hit, Scope, Talk, Turn
from assistant.comparison import comparison_of
from assistant.ui import page, panel, render, tables, turns
from assistant.ui.chat_events import read_page
from assistant.ui.scopes import USUAL, scope_of
from index import Passage, Sentence, Span

HOSTILE = (
    "<script>alert(1)</script><img src=http://example.com/a.png onerror=alert(1)> "
    "![图](http://example.com/b.png) [链接](http://example.com) **粗** $x^2$ ${1+1} {{value}} \" ' &amp;"
)
CITATION = Citation(1, "涪陵.md", "榨菜一年", "2023-12-27", None, 10, 30, "种植面积\n\n73.6万亩")
ANSWER = Answer(
    id="",
    question="种了多少？",
    standalone_question="种了多少？",
    status="answered",
    answer="种植面积73.6万亩[1]，比上年多6万亩。",
    citations=(CITATION,),
    figures=(Figure("73.6万亩", True, 1), Figure("6万亩", False, None)),
    model="示例模型",
    seconds={"first_token": 1.25, "total": 3.04},
)


class _Reader(HTMLParser):
    """Names of the elements, values of the attributes, and the text that a browser would show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def _passage(words: str) -> Passage:
    return Passage("a", words, words, "涪陵", words, "", None, words, 9, (Sentence(words, (Span(0, 9),)),))


class _Idle(Assistant):
    """An assistant of which only `loading` is asked."""

    def __init__(self, *, loading: bool = False) -> None:
        self._busy = loading

    @property
    def loading(self) -> bool:
        return self._busy


def _talk(*given: Turn, draft: Draft | None = None) -> Talk:
    talk = Talk("", "t", given)
    talk.draft = draft or Draft()
    return talk


def _all_parts(words: str) -> str:
    """Every place of the window that shows what others wrote."""
    cited = replace(CITATION, source=words, title=words, date=words, quote=words)
    answer = replace(
        ANSWER, question=words, standalone_question=words + "？", answer=words + "[1]", citations=(cited,),
        figures=(Figure(words, True, 1),), model=words,
    )  # fmt: skip
    refused = replace(answer, status="refused", retrieved=(Hit(_passage(words), 1.0),))
    done = (Turn(words, answer=answer, more=(words,)), Turn(words, answer=refused), Turn(words, error=words))
    html = turns.changes(_talk(*done), (), welcome="")["html"]
    busy = _talk(Turn(words), Turn(words), draft=Draft("k", "write", 1.0, words))
    return (
        "".join(html.values())
        + turns.running(_talk(done[0]), _Idle())
        + turns.running(busy, _Idle())
        + page.welcome((words,))
        + page.conversations((Conversation("a", words, "2026-01-01T00:00:00+00:00"),), current="", searched=False)
        + page.scope(Scope(places=(words,)))
        + page.sentence(words)
        + panel.error(words)
        + page.header_error(words)
    )


def test_what_others_wrote_is_shown_as_text() -> None:
    plain, hostile = _Reader(_all_parts("甲")), _Reader(_all_parts(HOSTILE))
    assert hostile.tags == plain.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in plain.attributes]
    assert hostile.text.count(HOSTILE) > 8
    assert "![图](http://example.com/b.png)" in hostile.text


@settings(deadline=None)  # other work on the machine is no failure
@given(st.text(alphabet="<>&\"'`$[]1甲\n {}/=", max_size=40))
def test_no_text_makes_an_element(words: str) -> None:
    plain, other = _Reader(_all_parts("甲")), _Reader(_all_parts(f"甲{words}甲"))
    marks = words.count("[1]")  # a chip each, in the place of the figure that holds it
    assert {name for name, _ in other.attributes} == {name for name, _ in plain.attributes}
    assert [tag for tag in other.tags if tag != "span"] == [tag for tag in plain.tags if tag != "span"]
    assert other.tags.count("span") == plain.tags.count("span") + 2 * max(0, marks - 1)


def test_a_mark_opens_its_citation_and_shows_the_quote_on_hover() -> None:
    html = render.body(ANSWER, turn="k4")
    assert 'data-cite="1" data-turn="k4" data-quote="种植面积73.6万亩"' in html
    assert "[1]" not in html


def test_a_mark_without_a_citation_stays_text() -> None:
    html = render.body(replace(ANSWER, answer="甲[2]乙", figures=()), turn="k")
    assert html == "甲[2]乙"


def test_figures_show_whether_they_were_verified() -> None:
    html = render.body(ANSWER, turn="k")
    assert '<span class="jd-figure ok" title="已与原文核对（出处 1）"' in html
    assert '<span class="jd-figure warn" title="未核对' in html
    assert html.index("73.6万亩") < html.index('">6万亩<')


def test_a_figure_is_not_found_inside_a_longer_number_or_a_mark() -> None:
    answer = replace(ANSWER, answer="产值73.6亿元[1]，增加6亿元。", figures=(Figure("6亿元", True, 1),))
    assert render.body(answer, turn="k").startswith("产值73.6亿元<span")
    answer = replace(ANSWER, answer="共有[1]", figures=(Figure("1", True, None),))
    assert "jd-figure" not in render.body(answer, turn="k")


def test_equal_figures_are_told_apart_by_their_order() -> None:
    figures = (Figure("5%", True, 1), Figure("5%", False, None))
    html = render.body(replace(ANSWER, answer="甲增长5%[1]，乙增长5%。", figures=figures), turn="k")
    assert html.index("jd-figure ok") < html.index("乙增长") < html.index("jd-figure warn")


@pytest.mark.parametrize(
    ("status", "label"), [("answered", "已核对"), ("partial", "部分有据"), ("refused", "未找到依据")]
)
def test_every_status_has_its_badge(status: str, label: str) -> None:
    html = render.answer(replace(ANSWER, status=status), turn="k")  # type: ignore[arg-type]
    assert f">{label}</span>" in html


def test_a_rewritten_question_is_shown() -> None:
    assert "理解为" not in render.answer(ANSWER, turn="k")
    assert "理解为：涪陵种了多少？" in render.answer(replace(ANSWER, standalone_question="涪陵种了多少？"), turn="k")


def test_sources_seconds_and_model_stand_below_the_answer() -> None:
    text = _Reader(render.answer(ANSWER, turn="k")).text
    assert "榨菜一年2023-12-27 · 涪陵.md" in text
    assert "示例模型 · 首字 1.2 秒 · 共 3.0 秒" in text
    at_once = replace(ANSWER, seconds={"first_token": 3.0, "total": 3.0})
    assert "示例模型 · 共 3.0 秒" in _Reader(render.answer(at_once, turn="k")).text


def test_the_draft_shows_the_running_step_and_what_it_waits_for() -> None:
    busy = _talk(Turn("甲？"), Turn("乙？"), draft=Draft("k", "evidence", 0.0, ""))
    html = turns.running(busy, _Idle())
    assert '<li class="done">检索</li><li class="now">取证</li><li class="todo">撰写</li>' in html
    assert "乙？" in html
    assert "排在第 1 位" in html
    assert "载入模型" not in html
    assert "载入模型" in turns.running(busy, _Idle(loading=True))
    assert "排队等候中" in turns.running(_talk(Turn("甲？")), _Idle())


def test_a_page_is_sent_only_the_turns_that_it_lacks() -> None:
    done = tuple(Turn(f"{n}？", answer=ANSWER) for n in range(3))
    talk = _talk(*done, Turn("四？"), Turn("五？"))
    first = turns.changes(talk, (), welcome="")
    assert first["order"] == [turn.stamp for turn in talk.turns[:4]], "a waiting question stands below the draft"
    assert set(first["html"]) == set(first["order"])
    talk.turns = (*done, talk.turns[3].changed(answer=ANSWER))
    then = turns.changes(talk, first["order"], welcome="")
    assert list(then["html"]) == [talk.turns[3].stamp]
    assert talk.turns[3].stamp not in first["order"]


def test_a_result_is_marked_as_computed_and_other_unproven_figures_are_not() -> None:
    result = Figure("80万亩", False, None, computed=True)
    figures = (result, Figure("73.6万亩", True, 1), Figure("9%", False, None))
    answer = replace(ANSWER, answer="合计80万亩[1]。种植面积73.6万亩[1]，另有9%。", figures=figures)
    html = render.body(answer, turn="k")
    assert html.index("jd-figure sum") < html.index("jd-figure ok") < html.index("jd-figure warn")
    assert "数字 1/2 已与原文核对，1 个由程序计算得出" in render.answer(answer, turn="k")
    claim = replace(answer, figures=(replace(result, computed=False), *figures[1:]))
    assert "jd-figure sum" not in render.body(claim, turn="k")


def test_only_a_result_says_in_json_that_it_was_computed() -> None:
    assert Figure("8%", True, 1).to_json() == {"text": "8%", "verified": True, "citation": 1}
    result = {"text": "3倍", "verified": False, "citation": None, "computed": True}
    assert Figure("3倍", False, None, computed=True).to_json() == result


def _compared(*said: tuple[str, str], marks: bool = True) -> Answer:
    """A sentence and its figure for each citation."""
    text = "".join(words + (f"[{n}]。" if marks else "。") for n, (words, _) in enumerate(said, 1))
    figures = tuple(Figure(figure, True, n) for n, (_, figure) in enumerate(said, 1))
    citations = tuple(replace(CITATION, n=n) for n in range(1, len(said) + 1))
    return replace(ANSWER, answer=text, figures=figures, citations=citations)


TWO = (("涪陵产值为12亿元", "12亿元"), ("西昌产值为9000万元", "9000万元"))


def test_figures_of_one_unit_for_several_places_or_years_are_a_table() -> None:
    assert comparison_of(replace(_compared(*TWO), standalone_question="哪些县产值超过5000万元？")) is not None
    found = comparison_of(_compared(*TWO))
    assert found is not None
    assert [(row.label, row.cells[0] and row.cells[0].text) for row in found.rows] == [
        ("涪陵", "12亿元"),
        ("西昌", "9000万元"),
    ]
    html = tables.comparison(found, chips={1: "<b>一</b>", 2: "<b>二</b>"})
    assert "<td>12亿元<b>一</b></td>" in html
    assert 'width="100.0"' in html
    assert 'width="7.5"' in html
    years = comparison_of(_compared(("西昌2022年产值为8亿元", "8亿元"), ("西昌2023年产值为9亿元", "9亿元")))
    assert years is not None
    assert [row.label for row in years.rows] == ["2022年", "2023年"]


@pytest.mark.parametrize(
    "answer",
    [
        _compared(("涪陵产值为12亿元", "12亿元")),
        _compared(("涪陵产值为12亿元", "12亿元"), ("西昌有企业35家", "35家")),
        _compared(("涪陵产值为12亿元", "12亿元"), ("涪陵投资为5亿元", "5亿元")),
        _compared(("涪陵产值为12亿元", "12亿元"), ("西昌产值为9亿元", "9亿元"), marks=False),
        _compared(("涪陵工业产值为12亿元", "12亿元"), ("西昌缴纳税收为9亿元", "9亿元")),
        _compared(("涪陵有三大园区", "三大"), ("西昌有两大园区", "两大")),
        replace(_compared(TWO[0], TWO[1]), standalone_question="涪陵和西昌有哪些特色产业？"),
        _compared(("涪陵推算约为15%（16%−1个百分点）", "16%"), ("西昌增长16%", "16%")),  # no figure of 涪陵
        ANSWER,
    ],
)
def test_what_cannot_be_compared_is_no_table(answer: Answer) -> None:
    assert comparison_of(answer) is None


def test_a_scope_from_a_page_is_checked() -> None:
    assert scope_of(["涪陵"], "2023", "2023-06-30", USUAL) == Scope(("涪陵",), "2023", "2023-06-30", 0)
    assert scope_of(None, "昨天", "2023-13", "many") == Scope()
    assert scope_of([1, None], None, None, 1e9).passages == 40
    assert "涪陵；2023 至 最近" in page.scope(Scope(("涪陵",), "2023"))
    assert page.scope(Scope(passages=30)) == ""


@pytest.mark.parametrize("told", [None, "", "[", "[]", '"x"', '{"talk": 3, "known": "x"}', '{"known": [1, {}]}'])
def test_what_a_page_tells_of_itself_may_be_anything(told: str | None) -> None:
    assert read_page(told) == read_page("{}")


def test_conversations_are_listed_by_day() -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    days = (
        "2026-11-21T03:00:00+00:00",
        "2026-11-20T03:00:00+00:00",
        "2026-11-16T03:00:00+00:00",
        "2026-09-01T03:00:00+00:00",
    )
    found = [Conversation(str(n), f"第{n}个", day) for n, day in enumerate(days)]
    html = page.conversations(found, current="1", searched=False, now=now)
    assert [html.index(name) for name in ("今天", "昨天", "最近一周", "2026 年 9 月")] == sorted(
        html.index(name) for name in ("今天", "昨天", "最近一周", "2026 年 9 月")
    )
    assert html.count('aria-current="true"') == 1
    assert "没有找到" in page.conversations((), current="", searched=True)


def test_the_window_uses_no_private_name_of_others() -> None:
    for path in Path(page.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__"):
                assert isinstance(node.value, ast.Name), (path.name, node.attr)
                assert node.value.id == "self", (path.name, node.attr)
            if isinstance(node, ast.Constant):
                assert node.value != "_data", path.name
