"""Suites are read strictly; gold quotes are looked up in the reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assistant import InputError
from evals.suite import DEFAULT_SUITE, check_evidence, locate, read_suite, read_suites
from index import ReportError, read_report

GOOD: dict[str, Any] = {
    "id": "q1",
    "class": "事实",
    "question": "青禾县有多少家企业？",
    "history": [],
    "answerable": True,
    "accept": [["35家", "35户"]],
    "forbid": ["5家"],
    "evidence": [{"source": "青禾.txt", "quote": "企业35家"}],
    "tags": [],
    "half": "test",
}


def write(path: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_reads_every_field(tmp_path: Path) -> None:
    (question,) = read_suite(write(tmp_path / "a.jsonl", GOOD, ""))
    assert (question.id, question.kind, question.half) == ("q1", "事实", "test")
    assert question.accept == (("35家", "35户"),)
    assert question.evidence[0].quote == "企业35家"


def test_a_line_separator_inside_a_question_does_not_end_the_line(tmp_path: Path) -> None:
    (question,) = read_suite(write(tmp_path / "a.jsonl", GOOD | {"question": "甲\u2028乙？"}))
    assert question.question == "甲\u2028乙？"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{不是", "JSON"),
        ({k: v for k, v in GOOD.items() if k != "question"}, "question"),
        (GOOD | {"acept": []}, "acept"),
        (GOOD | {"answerable": "yes"}, "answerable"),
        (GOOD | {"accept": []}, "accept"),
        (GOOD | {"accept": [[]]}, "accept"),
        (GOOD | {"accept": [[" "]]}, "accept"),
        (GOOD | {"half": "train"}, "half"),
        (GOOD | {"evidence": [{"source": "a.txt"}]}, "evidence"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, row: object, words: str) -> None:
    path = write(tmp_path / "坏.jsonl", GOOD | {"id": "q0"}, row)
    with pytest.raises(InputError) as caught:
        read_suite(path)
    message = str(caught.value)
    assert "坏.jsonl" in message
    assert "第 2 行" in message
    assert words in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_suite_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "空.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"空\.jsonl"):
        read_suite(path)


def test_an_id_may_not_occur_twice(tmp_path: Path) -> None:
    one, two = write(tmp_path / "a.jsonl", GOOD), write(tmp_path / "b.jsonl", GOOD)
    with pytest.raises(InputError, match="q1 重复"):
        read_suites([one, two])


def test_locate_ignores_white_space_and_finds_every_place() -> None:
    text = "产值约25亿\n\n元，又是产值约 25亿元。"
    places = locate("产值约25亿元", text)
    assert ["".join(text[start:end].split()) for start, end in places] == ["产值约25亿元"] * 2
    assert locate("产值约26亿元", text) == ()
    assert locate(" ", text) == ()


def test_check_evidence_names_what_does_not_stand_there(tmp_path: Path) -> None:
    reports = {"青禾.txt": "全县有企业\n35家。"}

    def text_of(source: str) -> str:
        if source not in reports:
            raise ReportError("没有这份报告。")
        return reports[source]

    wrong = GOOD | {"id": "q2", "evidence": [{"source": "青禾.txt", "quote": "企业36家"}]}
    absent = GOOD | {"id": "q3", "evidence": [{"source": "别处.txt", "quote": "企业35家"}]}
    questions = read_suite(write(tmp_path / "a.jsonl", GOOD, wrong, absent))
    complaints = check_evidence(questions, text_of)
    assert [complaint.split()[1] for complaint in complaints] == ["q2", "q3"]


def test_the_packaged_suite_is_sound() -> None:
    questions = read_suite(DEFAULT_SUITE)
    assert len(questions) >= 60
    assert {question.half for question in questions} == {"tune", "test"}
    assert any(not question.answerable for question in questions)
    reports = Path(__file__).parents[1] / "reports"
    assert check_evidence(questions, lambda source: read_report(reports / source, source).text) == ()
