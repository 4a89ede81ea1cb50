"""`judian chat` over an index that cannot be written: it opens, says what is not taken in and why, and answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from chat_pages import free_port
from disks import full, read_only, small_disk

from assistant import Settings, read_settings
from index import Embedder, build_index

ROOT = Path(__file__).parents[1]
QUESTION = "青河县2023年规上企业有多少户？"
SAID = "新的报告没有收入，窗口照样打开，用现有的索引回答，因为无法写入索引目录 "


def write(settings: Settings, place: str, number: int) -> None:
    text = f"# {place}县工业一年\n\n2024年1月5日\n\n2023年，{place}县规上企业达到{number}户，产值增长8.6%。\n"
    (settings.reports / f"{place}.md").write_text(text, "utf-8")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = read_settings(reports=tmp_path / "reports", index=tmp_path / "kept" / "index", llm="none")
    made.reports.mkdir()
    write(made, "青河", 35)
    return made


@contextmanager
def chat(settings: Settings) -> Iterator[tuple[list[str], str]]:
    """What `judian chat` said by the time it was open or had ended, and its address, "" if it has ended."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_")} | {
        "JUDIAN_REPORTS": str(settings.reports),
        "JUDIAN_INDEX": str(settings.index),
        "JUDIAN_MODELS": str(settings.models),
        "JUDIAN_LLM": "none",
    }
    port = free_port()
    command = [sys.executable, "-m", "assistant", "chat", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said: list[str] = []
        try:
            for line in process.stderr:
                said.append(line.rstrip("\n"))
                if "据典已打开" in line:
                    break
            yield said, f"http://127.0.0.1:{port}" if process.poll() is None and "据典已打开" in said[-1] else ""
        finally:
            process.terminate()


def post(address: str, body: dict[str, str]) -> Any:
    with urllib.request.urlopen(address, json.dumps(body).encode(), timeout=60) as reply:
        return json.load(reply)


def answers_from_what_is_there(address: str) -> None:
    assert "35户" in post(f"{address}/api/ask", {"question": QUESTION})["answer"]
    found = post(f"{address}/api/search", {"query": "白石县2023年规上企业"})
    assert ("青河.md" in str(found), "白石.md" in str(found)) == (True, False)


@pytest.mark.parametrize("sealed", ["the folder", "all of the disk"])
def test_the_window_opens_over_an_index_that_may_only_be_read(
    settings: Settings, embedder: Embedder, sealed: str
) -> None:
    build_index(settings.reports, settings.index, embedder)
    write(settings, "白石", 12)
    with read_only(settings.index if sealed == "the folder" else settings.index.parent), chat(settings) as (said, at):
        (told,) = [line for line in said if SAID in line]
        assert told == f"{SAID}{settings.index}（没有写权限）：请检查磁盘空间和目录权限后重试。"
        answers_from_what_is_there(at)


def test_the_window_opens_where_the_disk_is_full(settings: Settings, embedder: Embedder) -> None:
    with small_disk(settings.index, 4096) as disk:
        build_index(settings.reports, settings.index, embedder)
        write(settings, "白石", 12)
        with full(disk), chat(settings) as (said, at):
            assert f"{SAID}{settings.index}（磁盘已满）" in "".join(said)
            answers_from_what_is_there(at)


def test_where_there_is_no_index_it_fails_with_a_sentence(settings: Settings) -> None:
    with read_only(settings.index), chat(settings) as (said, at):
        assert at == ""
        assert said[-1] == f"无法写入索引目录 {settings.index}（没有写权限）：请检查磁盘空间和目录权限后重试。"
        assert "窗口照样打开" not in "".join(said)
