"""HTML of answers and sources: what others wrote stays text; marks, figures and states show."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import Answer, Citation, Figure
from assistant.ui import page, render
from assistant.ui.pace import paced
from assistant.ui.talk import LONGEST_QUESTION, Conversation, Draft, Turn

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


def _all_parts(words: str) -> str:
    """Every place of the window that shows what others wrote."""
    cited = replace(CITATION, source=words, title=words, date=words, quote=words)
    answer = replace(
        ANSWER, question=words, standalone_question=words + "？", answer=words + "[1]", citations=(cited,),
        figures=(Figure(words, True, 1),), model=words,
    )  # fmt: skip
    turns = (Turn(words, answer=answer), Turn(words, error=words), Turn(words))
    return (
        page.conversation(turns, ())
        + page.conversation((), (words,))
        + page.panel_error(words)
        + page.header_error(words)
        + render.draft(Draft("write", 1.0, words))
    )


def test_what_others_wrote_is_shown_as_text() -> None:
    plain, hostile = _Reader(_all_parts("甲")), _Reader(_all_parts(HOSTILE))
    assert hostile.tags == plain.tags
    assert [name for name, _ in hostile.attributes] == [name for name, _ in plain.attributes]
    assert HOSTILE in hostile.text
    assert "![图](http://example.com/b.png)" in hostile.text


@given(st.text(alphabet="<>&\"'`$[]1甲\n {}/=", max_size=40))
def test_no_text_makes_an_element(words: str) -> None:
    plain, other = _Reader(_all_parts("甲")), _Reader(_all_parts(f"甲{words}甲"))
    marks = words.count("[1]")  # a chip each, and the rest of the elements as without the words
    assert [tag for tag in other.tags if tag != "span"] == [tag for tag in plain.tags if tag != "span"]
    assert other.tags.count("span") == plain.tags.count("span") + marks


def test_a_mark_opens_its_citation_and_shows_the_quote_on_hover() -> None:
    html = render.body(ANSWER, turn=4)
    assert 'data-cite="1" data-turn="4" title="种植面积73.6万亩"' in html
    assert "[1]" not in html


def test_a_mark_without_a_citation_stays_text() -> None:
    html = render.body(replace(ANSWER, answer="甲[2]乙", figures=()), turn=0)
    assert html == "甲[2]乙"


def test_figures_show_whether_they_were_verified() -> None:
    html = render.body(ANSWER, turn=0)
    assert '<span class="jd-figure ok" title="已与原文核对（出处 1）"' in html
    assert '<span class="jd-figure warn" title="未核对' in html
    assert html.index("73.6万亩") < html.index('">6万亩<')


def test_a_figure_is_not_found_inside_a_longer_number_or_a_mark() -> None:
    answer = replace(ANSWER, answer="产值73.6亿元[1]，增加6亿元。", figures=(Figure("6亿元", True, 1),))
    assert render.body(answer, turn=0).startswith("产值73.6亿元<span")
    answer = replace(ANSWER, answer="共有[1]", figures=(Figure("1", True, None),))
    assert "jd-figure" not in render.body(answer, turn=0)


def test_equal_figures_are_told_apart_by_their_order() -> None:
    figures = (Figure("5%", True, 1), Figure("5%", False, None))
    html = render.body(replace(ANSWER, answer="甲增长5%[1]，乙增长5%。", figures=figures), turn=0)
    assert html.index("jd-figure ok") < html.index("乙增长") < html.index("jd-figure warn")


@pytest.mark.parametrize(
    ("status", "label"), [("answered", "已核对"), ("partial", "部分有据"), ("refused", "未找到依据")]
)
def test_every_status_has_its_badge(status: str, label: str) -> None:
    html = render.answer(replace(ANSWER, status=status), turn=0)  # type: ignore[arg-type]
    assert f">{label}</span>" in html


def test_a_rewritten_question_is_shown() -> None:
    assert "理解为" not in render.answer(ANSWER, turn=0)
    assert "理解为：涪陵种了多少？" in render.answer(replace(ANSWER, standalone_question="涪陵种了多少？"), turn=0)


def test_sources_seconds_and_model_stand_below_the_answer() -> None:
    text = _Reader(render.answer(ANSWER, turn=0)).text
    assert "榨菜一年2023-12-27 · 涪陵.md" in text
    assert "示例模型 · 首字 1.2 秒 · 共 3.0 秒" in text


def test_the_draft_shows_the_running_step() -> None:
    html = render.draft(Draft("evidence", 2.0, ""))
    assert '<li class="done">检索</li><li class="now">取证</li><li class="todo">撰写</li>' in html
    assert "2.0 秒" in html
    assert "排队" in render.draft(Draft())


def test_blank_questions_and_a_second_one_while_the_first_waits_do_nothing() -> None:
    talk = Conversation()
    assert not talk.ask(" \n　")
    assert talk.ask(" 甲？ ")
    assert not talk.ask("乙？")
    assert talk.turns == (Turn("甲？"),)
    talk.stop()
    assert talk.turns[0].stopped
    assert talk.ask("乙？")
    talk.clear()
    assert talk.turns == ()


def test_a_question_that_is_too_long_is_refused_in_chinese() -> None:
    talk = Conversation()
    assert talk.ask("长" * (LONGEST_QUESTION + 1))
    assert not talk.busy
    assert talk.turns[0].error.startswith(f"问题有 {LONGEST_QUESTION + 1} 字")
    talk.clear()
    assert talk.ask("长" * LONGEST_QUESTION)
    assert talk.busy


def test_events_come_in_batches_and_nothing_is_lost() -> None:
    assert [n for batch in paced(iter(range(1000)), seconds=0.05) for n in batch] == list(range(1000))


def test_a_slow_source_gives_empty_batches_so_that_the_clock_goes_on() -> None:
    def slow() -> Iterator[int]:
        time.sleep(0.2)
        yield 1

    batches = list(paced(slow(), seconds=0.02))
    assert batches[0] == ()
    assert (1,) in batches


def test_an_error_comes_after_what_came_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("a failure")

    batches = paced(failing(), seconds=0.5)
    assert next(batches) == (1,)
    with pytest.raises(ValueError, match="a failure"):
        next(batches)


def test_closing_ends_the_source() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    with closing(paced(endless(), seconds=0.02)) as batches:
        next(batches)
    assert closed.wait(5)
