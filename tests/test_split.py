"""Passages: whole sentences of one section, sized in tokens, with ids that depend on content alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from index import Article, Passage, Report, Sentence, Span, count_tokens, split
from index.report import SentenceKind
from index.split import PASSAGE_TOKENS, embedded_text

PLAIN = "全县新开工的加工项目比上年多了三成，带动两千多名农户就近务工增收。"


def article(*sentences: tuple[str, SentenceKind, str]) -> tuple[Report, Article]:
    made, at = [], 0
    for text, kind, section in sentences:
        made.append(Sentence(text, (Span(at, at + len(text)),), kind, section))
        at += len(text)
    report = Report("青河.md", "".join(text for text, _, _ in sentences), "0" * 64)
    return report, Article("青河.md", "青河工业", "青河", "2023", tuple(made))


def texts(passages: tuple[Passage, ...]) -> list[list[str]]:
    return [[sentence.text for sentence in passage.sentences] for passage in passages]


def body(count: int, section: str = "") -> list[tuple[str, SentenceKind, str]]:
    return [(f"第{number}：{PLAIN}", "body", section) for number in range(count)]


def test_tokens_are_those_of_the_qwen_vocabulary() -> None:
    assert count_tokens("") == 0
    assert count_tokens("人工智能") == 1  # one entry of the vocabulary
    assert count_tokens("12345") == 5  # each digit stands alone
    assert count_tokens("<|im_end|>") > 1  # a report cannot write a control token


def test_a_very_long_run_is_counted() -> None:
    assert count_tokens("䶮" * 100_000) >= 100_000


def test_passages_fill_up_and_overlap_by_one_sentence() -> None:
    report, whole = article(*body(12))
    passages = split(report, whole)
    assert len(passages) > 2
    for one, next_ in pairwise(passages):
        assert one.sentences[-1] == next_.sentences[0]
        assert one.tokens <= PASSAGE_TOKENS
        assert count_tokens(one.text + next_.sentences[1].text) > PASSAGE_TOKENS
    seen = [sentence for passage in passages for sentence in passage.sentences]
    assert list(dict.fromkeys(seen)) == list(whole.sentences)


def test_a_section_is_never_mixed_with_another() -> None:
    passages = split(*article(*body(5, "一、工业"), *body(5, "二、农业")))
    for passage in passages:
        assert {sentence.section for sentence in passage.sentences} == {passage.section}
    assert passages[0].section == "一、工业"
    assert passages[-1].section == "二、农业"


def test_a_heading_leads_the_passage_it_heads() -> None:
    heading: tuple[str, SentenceKind, str] = ("做强园区", "heading", "做强园区")
    passages = split(*article(*body(2, "做强园区"), heading, *body(2, "做强园区")))
    assert len(passages) == 2
    assert passages[1].text.startswith("做强园区\n第0")


def test_a_heading_stays_with_a_sentence_too_long_for_it() -> None:
    long = "，".join([PLAIN.rstrip("。")] * 20) + "。"
    (passage,) = split(*article(("做强园区", "heading", ""), (long, "body", "")))
    assert passage.text == f"做强园区\n{long}"


def test_a_long_sentence_stands_alone() -> None:
    long = "，".join([PLAIN.rstrip("。")] * 20) + "。"
    found = texts(split(*article(*body(1), (long, "body", ""), *body(1))))
    assert found == [[f"第0：{PLAIN}"], [long], [f"第0：{PLAIN}"]]


def test_a_box_does_not_break_the_text_around_it() -> None:
    first, second = body(2)
    found = texts(split(*article(first, ("数读：园区三年翻番", "box", ""), second)))
    assert sorted(found) == sorted([[first[0], second[0]], ["数读：园区三年翻番"]])


def test_items_are_parted_by_lines_and_sentences_are_not() -> None:
    (passage,) = split(*article(("新材料", "body", ""), ("好。", "body", ""), ("OK.", "body", ""), ("完", "body", "")))
    assert passage.text == "新材料\n好。OK. 完"


def test_ids_depend_on_source_spans_and_text_alone() -> None:
    report, whole = article(*body(3))
    first = [passage.id for passage in split(report, whole)]
    assert first == [passage.id for passage in split(report, replace(whole, title="别的题目"))]
    assert first != [passage.id for passage in split(report, replace(whole, source="白石.md"))]
    moved = replace(whole.sentences[0], spans=(Span(1, 9),))
    assert first != [p.id for p in split(report, replace(whole, sentences=(moved, *whole.sentences[1:])))]


def test_the_page_is_that_of_the_first_sentence() -> None:
    report, whole = article(*body(10))
    passages = split(replace(report, pages=(0, whole.sentences[5].start)), whole)
    assert [passages[0].page, passages[-1].page] == [1, 2]


@pytest.mark.parametrize(
    ("place", "title", "expected"),
    [("青河", "题", "【青河】一、工业\n好。"), ("", "题", "题\n一、工业\n好。"), ("", "", "一、工业\n好。")],
)
def test_what_is_embedded_names_place_and_section(place: str, title: str, expected: str) -> None:
    report, whole = article(("好。", "body", "一、工业"))
    (passage,) = split(report, replace(whole, place=place, title=title))
    assert embedded_text(passage) == expected


def test_nothing_gives_nothing() -> None:
    assert split(*article()) == ()
