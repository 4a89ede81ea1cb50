"""An office's own lists become suites; what is wrong with them is named by file and line."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest

from assistant import InputError, read_settings
from evals.check import run_check
from evals.suite import DEFAULT_SUITE, SCHEMA, read_suite, suite_schema

TABLE = (
    "题号,类别,问题,答案,出处,引文,不得出现\n"
    "a1,单项,青禾县有多少家企业？,35家|35户,青禾.md,企业35家,36家\n"
    ',,种了哪些药材？,"天麻；白芨\n重楼",,,\n'
    ",,有几座机场？,（无答案）,,,\n"
)


def table(path: Path, text: str = TABLE, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_becomes_questions(tmp_path: Path, encoding: str) -> None:
    one, many, none = read_suite(table(tmp_path / "本处.csv", encoding=encoding))
    assert (one.id, one.kind, one.accept, one.forbid) == ("a1", "单项", (("35家", "35户"),), ("36家",))
    assert one.evidence[0].model_dump() == {"source": "青禾.md", "quote": "企业35家"}
    assert many.accept == (("天麻",), ("白芨",), ("重楼",))
    assert (many.id, many.answerable, none.answerable, none.accept) == ("本处-3", True, False, ())


def test_english_heads_and_tabs(tmp_path: Path) -> None:
    (one,) = read_suite(table(tmp_path / "q.tsv", "Answer\tQuestion\n35,000户\t多少户？\n"))
    assert (one.question, one.accept) == ("多少户？", (("35,000户",),))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("问题,回答\n甲？,乙\n", "“答案”列"),
        ("一,二\n甲？,乙\n", "“问题、答案”列"),
        ("问题,答案\n甲？,乙\n\n丙？,\n", "第 4 行没有写答案"),
        ("问题,答案\n,乙\n", "第 2 行的 question"),
        ("问题,答案\n", "没有题目"),
        ("", "没有题目"),
        ('问题,答案\n"甲\n？",乙\n丙？,\n', "第 4 行没有写答案"),
    ],
)
def test_a_bad_table_is_named_by_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_suite(table(tmp_path / "坏.csv", text))
    assert words in str(caught.value)
    assert "坏.csv" in str(caught.value)


def workbook(path: Path, *rows: tuple[Any, ...], percent: str = "") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if percent:
        sheet[percent].number_format = "0.0%"
    book.save(path)
    book.close()
    return path


def test_a_workbook_says_what_its_reader_sees(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "本处.xlsx",
        ("问题", "答案"),
        ("多少家？", 35),
        ("占多少？", 0.705),
        ("哪天？", datetime(2023, 12, 26)),
        ("多少亩？", 12.5),
        percent="B3",
    )
    assert [q.accept[0][0] for q in read_suite(path)] == ["35", "70.5%", "2023年12月26日", "12.5"]


@pytest.mark.parametrize("name", ["坏.xlsx", "坏.json", "坏.csv"])
def test_a_file_that_is_none_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe\x00PK")
    with pytest.raises(InputError, match="坏"):
        read_suite(tmp_path / name)
    with pytest.raises(InputError, match="找不到"):
        read_suite(tmp_path / ("没有" + name))


CONTEXT = "青禾县依山傍水。全县企业35家，比上年多4家！药材以天麻为主。"
SQUAD = {
    "version": "2.0",
    "data": [
        {
            "title": "青禾.md",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {"id": "s1", "question": "多少家？", "answers": [{"text": "35家", "answer_start": 12}] * 2},
                        {"id": "s2", "question": "几座机场？", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
    ],
}
CMRC = [
    {
        "context_id": "T1",
        "context_text": CONTEXT,
        "title": "青禾县",
        "qas": [{"query_id": "T1_1", "query_text": "以什么药材为主？", "answers": ["天麻", "以天麻为主", "天麻"]}],
    }
]


def as_json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def test_squad(tmp_path: Path) -> None:
    asked, impossible = read_suite(as_json(tmp_path / "s.json", SQUAD))
    assert asked.accept == (("35家",),)
    assert asked.evidence[0].model_dump() == {"source": "青禾.md", "quote": "全县企业35家，比上年多4家！"}
    assert (impossible.id, impossible.answerable, impossible.evidence) == ("s2", False, ())


def test_cmrc(tmp_path: Path) -> None:
    (asked,) = read_suite(as_json(tmp_path / "c.json", CMRC))
    assert (asked.id, asked.accept, asked.tags) == ("T1_1", (("天麻", "以天麻为主"),), ("青禾县",))
    assert asked.evidence == ()


@pytest.mark.parametrize("value", [{}, [1], {"data": [{"paragraphs": [{"qas": [{"id": "x"}]}]}]}, "话", 5, None])
def test_other_json_is_named(tmp_path: Path, value: object) -> None:
    with pytest.raises(InputError, match=r"坏\.json"):
        read_suite(as_json(tmp_path / "坏.json", value))


def test_json_nested_deeper_than_can_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "坏.json").write_text('{"data": ' + "[" * 5000, "utf-8")
    with pytest.raises(InputError, match=r"坏\.json 不是合法的 JSON"):
        read_suite(tmp_path / "坏.json")


def test_the_published_schema_is_current() -> None:
    """Write it anew with `python -m evals.check`."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == suite_schema()


GOOD = {"id": "a", "class": "b", "question": "c", "answerable": True, "accept": [["d"]]}


def test_the_schema_accepts_the_packaged_suite() -> None:
    validator = jsonschema.Draft202012Validator(suite_schema())
    for line in DEFAULT_SUITE.read_text(encoding="utf-8").splitlines():
        assert list(validator.iter_errors(json.loads(line))) == []


@pytest.mark.parametrize(
    "change", [{"accept": []}, {"accept": [[]]}, {"acept": []}, {"question": " "}, {"answerable": "yes"}, {"half": "x"}]
)
def test_the_schema_rejects_what_the_reader_rejects(tmp_path: Path, change: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(suite_schema())
    assert validator.is_valid(GOOD)
    assert not validator.is_valid(GOOD | change)
    (tmp_path / "s.jsonl").write_text(json.dumps(GOOD | change), encoding="utf-8")
    with pytest.raises(InputError):
        read_suite(tmp_path / "s.jsonl")


def test_gold_that_contradicts_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").write_text(json.dumps(GOOD | {"forbid": ["d"]}), encoding="utf-8")
    with pytest.raises(InputError, match="第 1 行自相矛盾"):
        read_suite(tmp_path / "s.jsonl")


def check(tmp_path: Path, *lines: dict[str, Any] | str) -> int:
    reports = tmp_path / "reports"
    reports.mkdir(exist_ok=True)
    (reports / "青禾.md").write_text("# 青禾\n\n全县有企业\n\n35家，从业者1200人。\n", encoding="utf-8")
    rows = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    (tmp_path / "s.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return run_check(read_settings(reports=reports, index=tmp_path / "index"), [tmp_path / "s.jsonl"])


def gold(id: str, quote: str, source: str = "青禾.md") -> dict[str, Any]:
    return GOOD | {"id": id, "evidence": [{"source": source, "quote": quote}]}


def test_check_is_silent_where_all_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, gold("a", "企业35家")) == 0
    assert capsys.readouterr().out == "查了 1 道题、1 处引文：都在报告里。\n"


def test_check_names_every_line_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        "{坏",
        gold("a", "企业35家"),
        gold("b", "企业35家，从业者1300人"),
        gold("a", "企业"),
        gold("c", "x", "无.md"),
    ]
    assert check(tmp_path, *lines) == 1
    said = capsys.readouterr().out.splitlines()
    assert ["第 1 行" in said[0], "第 3 行" in said[1], "第 4 行" in said[2], "第 5 行" in said[3]] == [True] * 4
    assert "“企业35家，从业者1”还在" in said[1]
    assert "重复" in said[2]
    assert "无.md" in said[3]
    assert said[4] == "查了 5 道题、3 处引文：4 处要改。"
    assert all("s.jsonl" in line for line in said[:4])


def test_check_reads_nothing_outside_the_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "secret.md").write_text("企业35家", encoding="utf-8")
    assert check(tmp_path, gold("a", "企业35家", "../secret.md")) == 1
    assert "不在报告目录里" in capsys.readouterr().out
