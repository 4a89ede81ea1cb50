"""Feedback on answers is kept whole, whoever writes at the same time and wherever a writer was killed."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant import Feedback, InputError, append_feedback, read_feedback
from assistant.feedback import feedback_path

GOOD = Feedback("青禾县有多少户规上企业？", "down", {"answer": "53户。"}, ("青禾县在哪里？",), "数字反了", "35户", "li")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read_feedback(tmp_path) == ()
    written = append_feedback(tmp_path / "index", GOOD)
    assert written.time.endswith("+00:00")
    assert read_feedback(tmp_path / "index") == (written,)


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: append_feedback(tmp_path, Feedback(f"题 {n}\n第二行", "up")), range(60)))
    assert {one.question for one in read_feedback(tmp_path)} == {f"题 {n}\n第二行" for n in range(60)}


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    append_feedback(tmp_path, GOOD)
    with feedback_path(tmp_path).open("ab") as file:
        file.write(b'{"question": "\xe9\x9d')
    append_feedback(tmp_path, Feedback("后来的", "up"))
    assert [one.question for one in read_feedback(tmp_path)] == [GOOD.question, "后来的"]


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "null",
        '{"question": " ", "vote": "up"}',
        '{"question": "问", "vote": "maybe"}',
        '{"question": "问", "vote": ["up"]}',
        '{"question": "问", "vote": "up", "history": 3}',
        '{"question": "问", "vote": "up", "answer": []}',
        '{"question": "问", "vote": "up", "user": null}',
    ],
)
def test_what_is_no_feedback_is_left_out(tmp_path: Path, line: str) -> None:
    feedback_path(tmp_path).write_text(line + "\n" + json.dumps({"question": "问", "vote": "up"}), encoding="utf-8")
    assert read_feedback(tmp_path) == (Feedback("问", "up"),)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "占用").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="占用"):
        append_feedback(tmp_path / "占用", GOOD)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_only_the_user_of_the_machine_may_read_the_file(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        append_feedback(tmp_path, GOOD)
        assert feedback_path(tmp_path).stat().st_mode & 0o777 == 0o600
        feedback_path(tmp_path).chmod(0o644)  # as earlier versions left it
        append_feedback(tmp_path, GOOD)
    finally:
        os.umask(before)
    assert feedback_path(tmp_path).stat().st_mode & 0o777 == 0o600
    assert len(read_feedback(tmp_path)) == 2
