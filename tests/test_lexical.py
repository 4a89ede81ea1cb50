"""Lexical search over Chinese: terms, ranking, and a query that is only ever text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from index import lexical
from index.lexical import add_terms, create_terms, search_terms, term_rows, terms

ROWS = [
    (0, "青河", "园区提质", "开发区新增规上企业18户，产值增长8.6%。"),
    (1, "白石", "园区提质", "开发区新增规上企业23户，产值增长18.6%。"),
    (2, "白石", "绿色转型", "装机容量达到3万千瓦的光伏电站并网，服务5G基站。"),
    (3, "云岭", "绿色转型", "与青河合作建设的冷链仓库投用。"),
]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        create_terms(connection)
        add_terms(connection, ROWS)
        yield connection


def test_terms_are_bigrams_and_whole_runs() -> None:
    assert list(terms("增长8.6%达到")) == ["增长", "8.6", "达到"]
    assert list(terms("ＧＤＰ增３０００亿元、PM2.5")) == ["gdp", "增", "3000", "亿元", "pm2.5"]
    assert list(terms("新型工业化")) == ["新型", "型工", "工业", "业化"]
    assert list(terms("，。！ \n")) == []


def test_a_decimal_is_found_whole(connection: sqlite3.Connection) -> None:
    assert [row for row, _ in search_terms(connection, "8.6", 5)] == [0]
    assert [row for row, _ in search_terms(connection, "18.6", 5)] == [1]
    assert search_terms(connection, "6", 5) == []


def test_forms_and_cases_are_one(connection: sqlite3.Connection) -> None:
    assert [row for row, _ in search_terms(connection, "５ｇ", 5)] == [2]


def test_larger_is_better_and_the_best_comes_first(connection: sqlite3.Connection) -> None:
    found = search_terms(connection, "白石的光伏装机容量", 5)
    assert found[0][0] == 2
    assert all(score > 0 for _, score in found[:1])
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_the_place_of_a_report_counts_more_than_a_mention(connection: sqlite3.Connection) -> None:
    assert [row for row, _ in search_terms(connection, "青河", 5)] == [0, 3]


def test_k_limits(connection: sqlite3.Connection) -> None:
    assert len(search_terms(connection, "开发区", 1)) == 1
    assert search_terms(connection, "开发区", 0) == []


def test_a_single_character_finds_the_words_it_begins(connection: sqlite3.Connection) -> None:
    assert [row for row, _ in search_terms(connection, "冷", 5)] == [3]


@pytest.mark.parametrize("query", ["", "   ", "？！", '""', "*"])
def test_a_query_without_terms_finds_nothing(connection: sqlite3.Connection, query: str) -> None:
    assert search_terms(connection, query, 5) == []


@pytest.mark.parametrize(
    "query",
    [
        '冷链" OR 开发',
        "冷链 NOT 仓库",
        "place:冷链",
        "NEAR(冷链)",
        "冷链*",
        "^冷链",
        "{a b}: 冷链",
        "'; DROP TABLE terms",
    ],
)
def test_query_language_is_text(connection: sqlite3.Connection, query: str) -> None:
    search_terms(connection, query, 5)
    assert [row for row, _ in search_terms(connection, "冷链仓库", 5)] == [3]


def test_not_does_not_exclude(connection: sqlite3.Connection) -> None:
    assert [row for row, _ in search_terms(connection, "冷链 NOT 仓库", 5)] == [3]


def test_a_pasted_document_is_a_query_too(connection: sqlite3.Connection) -> None:
    words = "".join(chr(0x4E00 + number) for number in range(6000))
    assert search_terms(connection, f"冷链仓库{words}", 5)[0][0] == 3


def many(connection: sqlite3.Connection, count: int) -> None:
    """Rows that all hold 园区, half of them 企业 as well, and one in twenty a number of its own kind."""
    rows = (
        (n + 10, "", "园区一览", f"企业{'新建厂房' if n % 2 else '扩产'}{n % 20}号" * (1 + n % 3)) for n in range(count)
    )
    add_terms(connection, rows)


@pytest.mark.parametrize("query", ["园区企业新建7号", "13号企业扩产的园区", "园区企业扩产11号"])
def test_common_terms_do_not_choose_which_rows_are_scored(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    many(connection, 400)
    whole = search_terms(connection, query, 12)
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 60)
    found = list(dict.fromkeys(terms(query)))
    scored, near = lexical._narrowed(connection, found, 12)
    assert "园区" not in near
    assert "园区" not in scored
    narrowed = search_terms(connection, query, 12)
    assert [row for row, _ in narrowed] == [row for row, _ in whole]
    assert [score for _, score in narrowed] == pytest.approx([score for _, score in whole], abs=1e-4)


@pytest.mark.parametrize("query", ["园区", "园区企业", "冷链仓库与园区企业", "园区里的青河"])
def test_as_many_are_found_where_rare_terms_stand_in_too_few_rows(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    many(connection, 100)
    whole = search_terms(connection, query, 12)
    monkeypatch.setattr(lexical, "_SCORED_ROWS", 10)
    narrowed = search_terms(connection, query, 12)
    assert len(narrowed) == len(whole) == 12
    assert [row for row, score in narrowed if score > 1] == [row for row, score in whole if score > 1]


def test_rows_are_counted_once(connection: sqlite3.Connection) -> None:
    first = term_rows(connection, ["冷链", "开发", "没有"])
    assert first == {"冷链": 1, "开发": 2, "没有": 0}
    connection.execute("DROP TABLE temp.vocabulary_main")
    assert term_rows(connection, ["开发", "没有"]) == {"开发": 2, "没有": 0}
