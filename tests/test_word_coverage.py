"""Words of a question in sentences."""

from __future__ import annotations

from assistant.coverage import content_words, coverage, presence

EVEN: dict[str, float] = {}


def test_presence() -> None:
    assert presence("产值", "工业产值为5亿元") == 1
    assert presence("规上", "规模以上企业30户") == 0.9
    assert presence("增速", "同比增长3%") == 0.9
    assert 0 < presence("投资总额", "完成投资3亿元") < 0.9
    assert presence("高铁", "工业产值为5亿元") == 0


def test_codes_stay_whole_and_question_words_go() -> None:
    assert content_words(("1238", "产业体系")) == ("1238", "产业", "体系")
    assert content_words(("报告提到氢能",)) == ("氢能",)


def test_coverage_counts_context_at_a_discount() -> None:
    wanted = ("氢能", "产值")
    here = coverage(wanted, EVEN, "氢能产值为5亿元", "")
    nearby = coverage(wanted, EVEN, "产值为5亿元", "氢能")
    nowhere = coverage(wanted, EVEN, "产值为5亿元", "")
    assert here == 1
    assert here > nearby > nowhere == 0.5


def test_rare_words_weigh_more() -> None:
    assert coverage(("氢能", "产值"), {"氢能": 1.0, "产值": 0.1}, "产值为5亿元", "") < 0.3
