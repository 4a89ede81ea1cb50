"""citations.py and its steps: which evidence a draft's sentence gets, and which of its figures are proven."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.align import align
from assistant.binding import table
from assistant.citations import clean, draft_sentences, ground
from assistant.figures import find_figures
from assistant.grounded import Grounded, join
from assistant.restore import restore_units
from assistant.schema import Citation, Evidence, Figure
from index import Passage, Sentence, Span

# Reports written for these tests, with line breaks inside words and numbers as newspapers have them.
TEXTS = {
    "西昌.txt": (
        "2021年，西昌市新材料产业实现产值31\n2.5亿元，占全部工业总产\n\n值的64.3%。"
        "到2025年，西昌市医药产业产值达到66亿元，力争突破\n72亿。2021年以来，西昌市投入约18亿\n\n元改造园区。"
        "西昌航天产业园区现有规上工业企业4\n7户，2022年产值208.6亿元，同比增长5.2%。"
        "到2025年，装备制造产业产值突破24亿元。西昌市规模以上工业企业突破110户。"
    ),
    "昭通.txt": (
        "2021年，昭通全市工业总产值实现765.4亿元，其中规模以上工业总产值612.9亿元，居全省第6位。"
        "今年上半年，预计完成工业投资\n138亿元，同比增长31%。"
        "认定省级创新企业5户，其中国家级2户、省级3户。技术人才达到170余名。"
    ),
    "绵阳.txt": "绵阳高新区2022年GDP增长8.7%，增速高于全市1.9个百分点。绵阳市建成智能工厂三家。",
}
META = {
    "西昌.txt": ("西昌", "2023-02"),
    "昭通.txt": ("昭通", "2022-07"),
    "绵阳.txt": ("绵阳科技城", "2023-01"),
}


def sentences(source: str) -> tuple[Sentence, ...]:
    spans = [m.span() for m in re.finditer(r"[^。]+。", TEXTS[source])]
    return tuple(Sentence(re.sub(r"\s", "", TEXTS[source][a:b]), (Span(a, b),)) for a, b in spans)


def evidence(*sources: str) -> list[Evidence]:
    found = []
    for source in sources or tuple(TEXTS):
        place, date = META[source]
        whole = sentences(source)
        text = "".join(s.text for s in whole)
        passage = Passage(source, source, f"{place}报告", place, date, "", None, text, 0, whole)
        found += [Evidence(passage, s, 0.0) for s in whole]
    return found


def grounded(draft: str, *sources: str) -> Grounded:
    return ground(draft, evidence(*sources), text_of=TEXTS.__getitem__)


def test_a_true_sentence_is_cited_with_the_source_characters() -> None:
    result = grounded("2021年，西昌新材料产业产值为312.5亿元。")
    assert result.answer == "2021年，西昌新材料产业产值为312.5亿元[1]。"
    assert [(f.text, f.verified, f.citation) for f in result.figures] == [
        ("2021年", True, 1),
        ("312.5亿元", True, 1),
    ]
    citation = result.citations[0]
    assert citation.quote == TEXTS["西昌.txt"][citation.start : citation.end]
    assert "31\n2.5亿元" in citation.quote
    assert result.dropped == ()


@pytest.mark.parametrize(
    "draft",
    [
        "2021年，西昌新材料产业产值为312.6亿元。",  # another number
        "2021年，西昌新材料产业产值为312.5万元。",  # another unit
        "2022年，西昌新材料产业产值为312.5亿元。",  # another year
        "2021年，昭通新材料产业产值为312.5亿元。",  # another place
        "到2025年，西昌医药产业产值达到24亿元。",  # the figure of another industry
        "2022年，西昌市规上企业产值208.6亿元。",  # of a zone, not of the city
        "昭通2021年规模以上工业总产值765.4亿元。",  # of the neighbouring indicator
        "2022年，昭通完成工业投资138亿元。",  # of half a year
        "2022年，绵阳GDP增长8.7%。",  # of a zone again
        "绵阳高新区GDP增速高于全市1.9%。",  # per cent, not percentage points
        "昭通认定国家级创新企业3户。",  # the one next to it
        "到2025年，西昌市新材料产业产值为312.5亿元。",  # a year that another sentence holds
        "2021年上半年，昭通全市工业总产值实现765.4亿元。",  # a part of the year
        "乐山全市工业总产值765.4亿元。",
    ],
)
def test_a_figure_with_another_subject_is_not_verified(draft: str) -> None:
    result = grounded(draft)
    measured = [f for f in result.figures if not f.text.endswith("年")]
    assert [(f.verified, f.citation) for f in measured] == [(False, None)] or result.dropped == (draft,)


@pytest.mark.parametrize(
    "draft",
    [
        "西昌航天产业园区2022年产值208.6亿元，同比增长5.2%。",
        "昭通2021年规上工业总产值为612.9亿元，居全省第六。",
        "2022年上半年，昭通预计完成工业投资138亿元，增长31%。",
        "昭通认定省级创新企业五户，其中国家级2户。",
        "绵阳高新区2022年GDP增长8.7%，高于全市1.9个百分点。",
        "绵阳市建成3户智能工厂。",
        "昭通和西昌2021年的工业总产值、新材料产业产值分别为765.4亿元和312.5亿元。",
    ],
)
def test_a_figure_in_other_words_is_verified(draft: str) -> None:
    found = grounded(draft).figures
    assert found
    assert all(f.verified for f in found), found


def test_a_comparison_gets_each_mark_after_its_clause() -> None:
    result = grounded("2021年昭通工业总产值765.4亿元，西昌新材料产业产值312.5亿元。")
    assert result.answer == "2021年昭通工业总产值765.4亿元[1]，西昌新材料产业产值312.5亿元[2]。"
    assert [c.source for c in result.citations] == ["昭通.txt", "西昌.txt"]


def test_an_unsupported_sentence_is_dropped() -> None:
    result = grounded("西昌市规模以上工业企业突破110户。西昌机场年旅客吞吐量居全国前列。")
    assert result.answer == "西昌市规模以上工业企业突破110户[1]。"
    assert result.dropped == ("西昌机场年旅客吞吐量居全国前列。",)


def test_nothing_is_cited_without_evidence() -> None:
    assert ground("西昌很好。", (), text_of=TEXTS.__getitem__) == Grounded("", (), (), ("西昌很好。",))
    assert ground("", evidence(), text_of=TEXTS.__getitem__) == Grounded("", (), (), ())


def test_citations_are_numbered_once_in_order_of_appearance() -> None:
    result = grounded("昭通技术人才达到170余名。西昌市规模以上工业企业突破110户。昭通的技术人才达170余名。")
    assert (
        result.answer == "昭通技术人才达到170余名[1]。西昌市规模以上工业企业突破110户[2]。昭通的技术人才达170余名[1]。"
    )
    assert [c.n for c in result.citations] == [1, 2]


def test_marks_labels_and_markdown_of_the_model_are_removed() -> None:
    draft = "**答**：根据资料，西昌市[3]规上企业【1】突破110户（资料2）。\n- 【昭通 2022-07】技术人才170余名[1,2]"
    assert clean(draft) == "西昌市规上企业突破110户。\n昭通，技术人才170余名"
    assert clean("【西昌】西昌市有企业。") == "西昌市有企业。"
    assert clean("见[说明](http://example.invalid/x)") == "见说明"
    assert clean("# 标题\n1. 第一项\n（2）第二项") == "标题\n第一项\n第二项"


def test_html_stays_text() -> None:
    result = grounded("西昌市规模以上工业企业突破110户<b>。")
    assert "<b>" in result.answer


def test_a_line_that_ends_in_a_colon_goes_with_the_next() -> None:
    assert draft_sentences("有两项：\n甲项；乙项。\n好。") == ["有两项：甲项；", "乙项。\n", "好。\n"]


def test_of_a_sentence_cut_by_a_box_the_part_with_the_figure_is_cited() -> None:
    text = "涪陵新材料产业稳步壮大，靠的是新\n方框里的一段话\n工艺；全年产值达到83亿元。"
    first, second = text.index("\n"), text.index("工艺")
    whole = Sentence(
        "涪陵新材料产业稳步壮大，靠的是新工艺；全年产值达到83亿元。",
        (Span(0, first), Span(second, len(text))),
    )
    passage = Passage("1", "a.txt", "涪陵", "涪陵", "2023", "", None, whole.text, 0, (whole,))
    result = ground("全年产值达到83亿元。", [Evidence(passage, whole, 0.0)], text_of=lambda _: text)
    assert [c.quote for c in result.citations] == ["工艺；全年产值达到83亿元。"]
    assert [f.verified for f in result.figures] == [True]


def test_of_a_figure_cut_by_a_picture_both_parts_are_cited() -> None:
    text = "涪陵建成充电站，新建5G基站135\n图为夜色中的基站。\n个，另有公园。"
    first, second = text.index("\n"), text.index("个，")
    whole = Sentence("涪陵建成充电站，新建5G基站135个，另有公园。", (Span(0, first), Span(second, len(text))))
    passage = Passage("1", "a.txt", "涪陵", "涪陵", "2023", "", None, whole.text, 0, (whole,))
    result = ground("涪陵新建5G基站135个。", [Evidence(passage, whole, 0.0)], text_of=lambda _: text)
    assert [c.quote for c in result.citations] == ["涪陵建成充电站，新建5G基站135", "个，另有公园。"]
    assert all(f.verified for f in result.figures)


@pytest.mark.parametrize(
    ("draft", "restored"),
    [
        ("产值312.5，占64.3%。", "产值312.5亿元，占64.3%。"),
        ("医药产业产值66亿。", "医药产业产值66亿元。"),
        ("投入18亿元改造园区。", "投入约18亿元改造园区。"),
        ("医药产业产值72亿。", "医药产业产值力争突破72亿。"),
        ("技术人才170名。", "技术人才170余名。"),
        ("上半年完成工业投资达138亿元。", "上半年完成工业投资预计达138亿元。"),
        ("投入超过18亿元。", "投入超过18亿元。"),  # qualified by the draft itself
        ("投入19亿元。", "投入19亿元。"),
        ("企业5户。", "企业5户。"),
    ],
)
def test_dropped_units_and_qualifiers_come_back(draft: str, restored: str) -> None:
    sources = [e.sentence.text for e in evidence()]
    sources = [s.replace("预计完成工业投资", "工业投资预计完成") for s in sources]
    assert restore_units(draft, sources) == restored


def test_an_ambiguous_number_gets_no_unit() -> None:
    assert restore_units("共5。", ["企业5户。", "增长5%。"]) == "共5。"


def test_alignment_prefers_the_evidence_of_the_place() -> None:
    pool = evidence()
    sentence = "昭通工业总产值765.4亿元。"
    positions, covered = align(sentence, pool, table(sentence, pool))
    assert pool[positions[0]].passage.place == "昭通"
    assert covered > 0.9


# Properties

ALL = [e for source in TEXTS for e in evidence(source)]


@settings(deadline=None)
@given(st.sampled_from(ALL))
def test_the_source_own_sentence_is_wholly_verified(chosen: Evidence) -> None:
    result = ground(chosen.sentence.text, evidence(), text_of=TEXTS.__getitem__)
    assert result.dropped == ()
    assert all(f.verified for f in result.figures)
    assert len(result.figures) == len(find_figures(chosen.sentence.text))


@settings(deadline=None)
@given(st.lists(st.sampled_from([*(e.sentence.text for e in ALL), "没有资料。", "[1]", "**", "\n", "；"]), max_size=6))
def test_quotes_are_the_source_own_characters(pieces: list[str]) -> None:
    result = ground("".join(pieces), evidence(), text_of=TEXTS.__getitem__)
    for citation in result.citations:
        assert citation.quote == TEXTS[citation.source][citation.start : citation.end]
        assert citation.quote == citation.quote.strip() != ""
    assert [c.n for c in result.citations] == list(range(1, len(result.citations) + 1))
    marks = [int(n) for n in re.findall(r"\[(\d+)\]", result.answer)]
    firsts = [n for i, n in enumerate(marks) if n not in marks[:i]]
    assert firsts == [c.n for c in result.citations]
    assert all(a < b for a, b in pairwise(firsts))


@settings(deadline=None)
@given(
    st.sampled_from(["312.5", "64.3", "66", "208.6", "765.4", "612.9", "138", "31", "8.7", "170"]),
    st.integers(1, 9),
)
def test_a_wrong_digit_is_never_verified(number: str, digit: int) -> None:
    whole = re.compile(rf"(?<![\d.]){re.escape(number)}(?![\d.])")
    chosen = next(e for e in ALL if whole.search(e.sentence.text))
    wrong = f"{number}{digit}" if "." in number else f"{number}.{digit}"
    draft = whole.sub(wrong, chosen.sentence.text)
    verified = {f.text: f.verified for f in ground(draft, evidence(), text_of=TEXTS.__getitem__).figures}
    assert not any(ok for text, ok in verified.items() if text.startswith(wrong))
    assert verified.keys() & {t.text for t in find_figures(draft)} or len(draft) < 16


@pytest.mark.parametrize(("said", "verified"), [("2022年3月", True), ("2023年3月", False)])
def test_a_relative_date_is_of_the_year_that_the_report_tells(
    said: str, verified: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TEXTS, "涪陵.txt", "自去年3月落户涪陵高新区以来，恒远科技便与当地高校合作。")
    monkeypatch.setitem(META, "涪陵.txt", ("涪陵高新区", "2023-10"))
    found = grounded(f"恒远科技{said}落户涪陵高新区。", "涪陵.txt")
    assert [(figure.text, figure.verified) for figure in found.figures] == [(said, verified)]


def test_what_two_parts_say_alike_is_said_once() -> None:
    one = Citation(1, "a.md", "甲", "2023", None, 0, 9, "产值是5亿元。")
    part = Grounded("产值是5亿元[1]。", (one,), (Figure("5亿元", True, 1),), ())
    whole = join([part, part])
    assert (whole.answer, len(whole.figures), len(whole.citations)) == ("产值是5亿元[1]。", 1, 1)


@pytest.mark.parametrize(
    ("draft", "verified"),
    [
        ("2021年，昭通工业总产值为765.4亿元。", True),
        ("2021年，昭通规上工业总产值为612.9亿元。", True),
        ("2021年，昭通规上工业总产值为765.4亿元。", False),
        ("2021年，昭通工业总产值为612.9亿元。", False),
        ("全国的智能工厂建成三家。", False),
        ("今年上半年，昭通实际完成了工业投资138亿元。", False),
        ("到2025年，西昌市医药产业产值力争突破72亿。", True),
        ("到2025年，西昌市医药产业产值的力争目标为66亿元。", False),
    ],
)
def test_a_figure_of_a_part_is_not_one_of_the_whole(draft: str, verified: bool) -> None:
    said = [figure for figure in grounded(draft).figures if "年" not in figure.text]
    assert (bool(said) and all(figure.verified for figure in said)) == verified
