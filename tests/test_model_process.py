"""The embedded model in a process of its own: how it ends, how it is lost, and what it keeps to itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from assistant import Answer, Settings, Token, WeightsError, open_assistant, read_settings
from assistant.embedded import ModelProcess
from assistant.endpoint import explain_failure
from assistant.model import load_model, start_model
from assistant.weights import QWEN
from evals.memory import peak_memory, resident
from index import Embedder, build_index

ROOT = Path(__file__).parents[1]
WRONG = {"authorization": "Bearer guessed"}
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked for in /proc")


def weights() -> Path:
    return read_settings().models / QWEN.file


def children(parent: int = 0) -> list[int]:
    """Those that run a model and were started by the process `parent`, else by this one."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            of_parent = f"\nPPid:\t{parent or os.getpid()}\n" in (folder / "status").read_text("ascii", "replace")
            if of_parent and b"assistant.model_process" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def child(parent: int = 0) -> int:
    """The only one; the system shows its command line a moment after it was started."""
    until = time.monotonic() + 5
    while not children(parent) and time.monotonic() < until:
        time.sleep(0.01)
    (process,) = children(parent)
    return process


def runs(process: int) -> bool:
    """False as well for one that has ended and was not looked at."""
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


def kill(process: int) -> None:
    """Returns when it has ended; its exit code is left to who started it."""
    os.kill(process, signal.SIGKILL)
    os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)


@pytest.fixture
def served() -> Iterator[ModelProcess]:
    with closing(ModelProcess(weights(), "qwen")) as model:
        model.address()
        yield model


@pytest.mark.llm
def test_the_key_is_in_no_command_line_and_no_environment(served: ModelProcess) -> None:
    process = child()
    for name in ("cmdline", "environ"):
        assert served.key.encode() not in Path(f"/proc/{process}/{name}").read_bytes()
    assert len(served.key) > 20


@pytest.mark.llm
def test_only_this_machine_and_only_with_the_key(served: ModelProcess) -> None:
    assert urlsplit(served.address()).hostname == "127.0.0.1"
    body = {"messages": [{"role": "user", "content": "你好"}], "max_tokens": 1}
    asked = [
        httpx.post(f"{served.address()}/v1/chat/completions", json=body, headers=headers) for headers in ({}, WRONG)
    ]
    assert [each.status_code for each in asked] == [401, 401]


@pytest.mark.llm
def test_ctrl_c_is_for_the_window_to_handle_and_closing_ends_it(served: ModelProcess) -> None:
    process = child()
    os.kill(process, signal.SIGINT)
    time.sleep(0.3)
    address = urlsplit(served.address())
    assert children() == [process]
    served.close()
    assert not runs(process)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((address.hostname or "", address.port or 0), timeout=5)
    served.close()
    with pytest.raises(WeightsError):
        served.address()
    assert children() == []


@pytest.mark.llm
def test_it_ends_in_the_middle_of_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(ModelProcess(weights(), "qwen")):
        process = child()
        time.sleep(0.5)
    assert not runs(process)

    def interrupted(_: ModelProcess) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(ModelProcess, "address", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load_model(read_settings(llm="embedded"))
    assert children() == []


@pytest.mark.llm
@pytest.mark.parametrize("loaded", [False, True])
def test_it_ends_with_the_process_that_started_it(loaded: bool) -> None:
    code = f"""
import sys, time
from assistant import read_settings
from assistant.model import start_model
model = start_model(read_settings(llm="embedded"))
if {loaded}:
    model.wait()
print("started", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8") as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "started\n"
        process = child(parent.pid)
        parent.kill()
    until = time.monotonic() + 180  # while it loads, which a busy machine is long at, it does not hear
    while runs(process) and time.monotonic() < until:
        time.sleep(0.05)
    assert not runs(process)


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "模型.gguf"
    damaged.write_bytes(b"GGUF" + bytes(range(256)) * 64)
    with closing(ModelProcess(damaged, "qwen")) as model:
        with pytest.raises(WeightsError, match=r"^内置模型加载失败（.*模型\.gguf）：请确认有 2 GB 以上的.*。$"):
            model.address()
        assert children() == []
        with pytest.raises(WeightsError):  # it is tried again
            model.address()
    assert children() == []


def test_what_cannot_be_loaded_is_told_in_the_words_of_the_start() -> None:
    error = WeightsError("内置模型加载失败（x.gguf）：请确认有 2 GB 以上的空闲内存。")
    assert str(explain_failure(error, read_settings(llm="embedded"))) == str(error)


@pytest.mark.llm
def test_a_process_that_was_lost_is_started_anew() -> None:
    with start_model(read_settings(llm="embedded")) as model:
        assert model.chat is not None
        for _ in range(2):
            assert model.chat.invoke("只答一个字：一加一等于几？").text
            process = child()
            kill(process)
    assert children() == []


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    (tmp_path / "reports").mkdir()
    text = "# 青河县工业一年\n\n2024年1月5日\n\n2023年，青河县规上企业达到35户，全年产值比上年增长8.6%。\n"
    (tmp_path / "reports" / "青河.md").write_text(text, "utf-8")
    made = read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="embedded")
    build_index(made.reports, made.index, embedder)
    return made


@pytest.mark.llm
def test_a_question_whose_model_is_lost_is_quoted_and_the_next_is_answered(settings: Settings) -> None:
    question = "青河县2023年规上企业有多少户？"
    with closing(open_assistant(settings)) as assistant:
        process = child()
        answers = []
        for event in assistant.stream(question):
            if isinstance(event, Token) and runs(process):
                kill(process)
            answers += [event] if isinstance(event, Answer) else []
        assert "内置模型没有答完" in answers[0].answer
        assert "改为摘引原文" in answers[0].answer
        assert "35户" in answers[0].answer
        again = assistant.ask(question)
        assert (again.model, "摘引" in again.answer) == (assistant.model_name, False)
        assert "35户" in again.answer
        other = child()
        assert other != process
        assert (peak_memory() or 0) > resident(os.getpid()) / 2 > resident(other) / 2 > 2**29
    assert children() == []
