"""retrieve.py: what stands to the credit of a passage, and queries as they are typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant import Assistant, open_assistant, read_settings
from assistant.retrieve import COVERAGE_BONUS, fuse
from index import Embedder, build_index

REPORTS = {
    "2021": ("2021年3月1日", "全县规上工业企业达到31户，茶叶加工产值完成4.2亿元。"),
    "2022": ("2022年3月1日", "全县规上工业企业达到36户，茶叶加工产值完成5.1亿元。"),
    "2023": ("2023年3月1日", "全县规上工业企业达到40户，茶叶加工产值完成6.3亿元。"),
    "井": ("2023年5月1日", "全县工业企业加快技术改造，工业用水由三口深井供给，企业用水有保障。"),
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("retrieve")
    (folder / "reports").mkdir()
    for name, (date, text) in REPORTS.items():
        (folder / "reports" / f"{name}.md").write_text(f"# 云溪县工业\n\n日期：{date}\n\n{text}\n", "utf-8")
    settings = read_settings(reports=folder / "reports", index=folder / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    with closing(open_assistant(settings)) as opened:
        yield opened


def found(assistant: Assistant, query: str) -> list[str]:
    return [Path(hit.passage.source).stem for hit in assistant.search(query)]


@pytest.mark.parametrize("year", ["2021", "2022", "2023"])
def test_the_report_of_the_year_asked_for_comes_first(assistant: Assistant, year: str) -> None:
    assert found(assistant, f"{year}年云溪县茶叶加工产值是多少？")[0] == year


def test_a_passage_that_holds_the_words_has_credit_for_them(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = "工业用水深井供给"
    with_words = {hit.passage.text: hit.score for hit in assistant.search(query)}
    monkeypatch.setattr("assistant.retrieve.COVERAGE_BONUS", 0.0)
    without = {hit.passage.text: hit.score for hit in assistant.search(query)}
    credit = {text: with_words[text] - without[text] for text in without}
    assert {text: given for text, given in credit.items() if given > 0.7 * COVERAGE_BONUS} == {
        text: pytest.approx(COVERAGE_BONUS, abs=0.01) for text in credit if "深井" in text
    }


@pytest.mark.parametrize("typed", ["雲溪縣茶葉加工產值", "２０２２年云溪县茶叶加工产值", "2022nian chanye chanzhi"])
def test_a_query_is_read_as_it_is_typed(assistant: Assistant, typed: str) -> None:
    assert found(assistant, typed)[0] in REPORTS.keys() - {"井"}


def test_traditional_characters_and_pinyin_find_what_simplified_ones_find(assistant: Assistant) -> None:
    for plain, typed in (("规上工业企业", "規上工業企業"), ("规上工业企业", "guishang gongye qiye")):
        assert [h.score for h in assistant.search(typed)] == [h.score for h in assistant.search(plain)]


def test_words_and_meaning_count_alike() -> None:
    """Each list is standardised; one that a list has not gets the least of it."""
    fused = fuse({"a": 0.9, "b": 0.1}, {"b": 30.0, "c": 10.0})
    assert fused["b"] == pytest.approx(fused["a"], abs=0.5)
    assert fused["c"] == min(fused.values())
    assert fuse({}, {}) == {}
