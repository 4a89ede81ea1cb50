"""Batches: the lines of the input, the order of the output, and going on after an interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant import InputError
from assistant.batch import Item, read_items, run_batch

ROOT = Path(__file__).parents[1]
ITEMS = (Item("a", "甲地有几家企业？"), Item("b", "乙地呢？", ("甲地有几家企业？",)), Item("c", "丙地呢？"))


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def work(item: Item) -> dict[str, Any]:
    return {"id": item.id, "question": item.text, "answer": f"答{item.id}"}


def run(out: Path, items: Sequence[Item] = ITEMS) -> tuple[int, list[tuple[int, int]]]:
    heard: list[tuple[int, int]] = []
    done = run_batch(items, out, work, field="question", progress=lambda n, of: heard.append((n, of)))
    return done, heard


def ids(out: Path) -> list[str]:
    return [json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()]


def test_lines_become_items(tmp_path: Path) -> None:
    path = written(
        tmp_path / "in.jsonl",
        '\ufeff{"id": "a", "question": "甲地有几家企业？"}',
        "",
        '{"id": "b", "question": "乙地呢？", "history": ["甲地有几家企业？"], "note": "不管它"}',
    )
    assert read_items(path, field="question") == ITEMS[:2]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "第 2 行不是合法的 JSON"),
        ("[]", "第 2 行不是 JSON 对象"),
        ('{"question": "问"}', "第 2 行缺少 id"),
        ('{"id": 7, "question": "问"}', "第 2 行缺少 id"),
        ('{"id": "x"}', "第 2 行缺少 question"),
        ('{"id": "x", "question": "  "}', "第 2 行缺少 question"),
        ('{"id": "x", "question": "问", "history": "前一问"}', "第 2 行的 history"),
        ('{"id": "ok", "question": "问"}', "“ok” 出现了不止一次"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = written(tmp_path / "in.jsonl", '{"id": "ok", "question": "问"}', line)
    with pytest.raises(InputError, match=said):
        read_items(path, field="question")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="读不了"):
        read_items(tmp_path / "none.jsonl", field="query")
    (tmp_path / "gbk.jsonl").write_bytes('{"id": "a", "query": "问题"}'.encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        read_items(tmp_path / "gbk.jsonl", field="query")
    with pytest.raises(InputError, match="是空的"):
        read_items(written(tmp_path / "empty.jsonl", "", ""), field="query")


def test_output_keeps_the_order_and_chinese(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run(out) == (3, [(0, 3), (1, 3), (2, 3), (3, 3)])
    assert ids(out) == ["a", "b", "c"]
    assert "甲地有几家企业？" in out.read_text(encoding="utf-8")


def test_each_line_is_on_disk_when_it_is_ready(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    seen = []

    def look(item: Item) -> dict[str, Any]:
        seen.append(ids(out))
        return work(item)

    run_batch(ITEMS, out, look, field="question", progress=lambda n, of: None)
    assert seen == [[], ["a"], ["a", "b"]]


def test_progress_tells_only_of_what_a_power_cut_leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, real, safe, told = tmp_path / "out.jsonl", os.fsync, [0], list[int]()

    def fsync(file: int) -> None:
        real(file)
        safe.append(len(ids(out)))

    monkeypatch.setattr(os, "fsync", fsync)
    run_batch(ITEMS, out, work, field="question", progress=lambda n, of: told.append(n - safe[-1]))
    assert told == [0, 0, 0, 0]
    assert safe == [0, 1, 2, 3]


KILLED = """
import sys, time
from pathlib import Path
from assistant.batch import read_items, run_batch
items, out = read_items(Path(sys.argv[1]), field="question"), Path(sys.argv[2])
run_batch(
    items,
    out,
    lambda item: time.sleep(0.005) or {"id": item.id, "question": item.text, "answer": "长" * 20},
    field="question",
    progress=lambda n, of: print(n, flush=True),
)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("count", [0, 1, 17])
def test_a_killed_batch_keeps_what_it_told_of_and_goes_on(tmp_path: Path, count: int) -> None:
    items = [json.dumps({"id": str(n), "question": f"第{n}问"}, ensure_ascii=False) for n in range(300)]
    asked, out = written(tmp_path / "in.jsonl", *items), tmp_path / "out.jsonl"
    command = [sys.executable, "-c", KILLED, str(asked), str(out)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [next(int(line) for line in process.stdout if int(line) == count)]
        process.send_signal(signal.SIGKILL)
        said += map(int, process.stdout.read().split())
    assert said[-1] < len(items), "the batch ended before it was killed"
    before = out.read_bytes() if out.exists() else b""
    whole = before[: before.rfind(b"\n") + 1]
    assert whole.count(b"\n") >= said[-1]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[0]) == whole.count(b"\n")
    assert out.read_bytes().startswith(whole)
    assert ids(out) == [str(n) for n in range(300)]


@pytest.mark.parametrize("torn", ["", '{"id": "b", "quest', '{"id": "b", "question": "乙地呢？"}'])
def test_an_interrupted_batch_goes_on_where_it_stopped(tmp_path: Path, torn: str) -> None:
    out = tmp_path / "out.jsonl"
    run(out, ITEMS[:1])
    with out.open("a", encoding="utf-8") as file:
        file.write(torn)
    assert run(out) == (2, [(1, 3), (2, 3), (3, 3)])
    assert ids(out) == ["a", "b", "c"]
    before = out.read_bytes()
    assert run(out) == (0, [(3, 3)])
    assert out.read_bytes() == before


def test_an_error_keeps_what_was_written(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"

    def fail(item: Item) -> dict[str, Any]:
        if item.id == "b":
            raise InputError("断了")
        return work(item)

    with pytest.raises(InputError, match="断了"):
        run_batch(ITEMS, out, fail, field="question", progress=lambda n, of: None)
    assert ids(out) == ["a"]


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "z", "question": "甲地有几家企业？"}',
        '{"id": "a", "question": "别的问题"}',
        '{"id": "a"}',
        "不是 JSON",
        '["a"]',
    ],
)
def test_an_output_of_another_input_is_left_alone(tmp_path: Path, line: str) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text(line + "\n半行", encoding="utf-8")
    with pytest.raises(InputError, match="另一份输入"):
        run(out)
    assert out.read_text(encoding="utf-8") == line + "\n半行"


def test_an_output_longer_than_the_input(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    run(out)
    with pytest.raises(InputError, match="3 行"):
        run(out, ITEMS[:2])


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="写不了"):
        run(tmp_path / "no" / "out.jsonl")
