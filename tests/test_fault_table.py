"""Faults of docs/faults.md that no other test shows: disks, clocks, servers and processes that go and come back."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from disks import enlarge, full, small_disk

from assistant import InputError, JudianError, Settings, open_assistant, read_settings, trace
from assistant.batch import Item, run_batch
from index import (
    Embedder,
    IndexStoreError,
    build_index,
    current_version,
    finish,
    list_versions,
    open_index,
    rollback,
    verify,
)

ROOT = Path(__file__).parents[1]
QUESTION = "青河县2023年规上企业有多少户？"
posix = pytest.mark.skipif(os.name != "posix", reason="mounts, signals and links of POSIX")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "reports").mkdir()
    made = read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none")
    write(made, "青河", 35)
    return made


def write(settings: Settings, place: str, number: int) -> None:
    text = f"# {place}县工业一年\n\n2024年1月5日\n\n2023年，{place}县规上企业达到{number}户，产值增长8.6%。\n"
    (settings.reports / f"{place}.md").write_text(text, "utf-8")


@posix
def test_a_batch_on_a_full_disk_keeps_its_lines_and_goes_on_later(tmp_path: Path) -> None:
    items = [Item(str(number), f"第{number}问") for number in range(40)]
    long = "长" * 4000
    with small_disk(tmp_path / "disk", 64) as disk:

        def work(item: Item) -> dict[str, str]:
            return {"id": item.id, "question": item.text, "answer": long}

        with pytest.raises(InputError, match=r"^写不了批量输出 .*：请检查路径、权限和磁盘空间。$"):
            run_batch(items, disk / "out.jsonl", work, field="question", progress=lambda *_: None)
        enlarge(disk, 4096)
        done = run_batch(items, disk / "out.jsonl", work, field="question", progress=lambda *_: None)
        lines = [json.loads(line) for line in (disk / "out.jsonl").read_text("utf-8").splitlines()]
    assert 0 < done < len(items)
    assert [line["id"] for line in lines] == [item.id for item in items]
    assert {line["answer"] for line in lines} == {long}


@posix
def test_a_question_is_answered_where_nothing_can_be_written(settings: Settings, embedder: Embedder) -> None:
    build_index(settings.reports, settings.index, embedder)
    with closing(open_assistant(settings)) as assistant:
        with small_disk(settings.index / "traces", 4) as disk, full(disk):
            assert "35户" in assistant.ask(QUESTION).answer
            assert list(trace.read_traces(settings.index)) == []
        assert "35户" in assistant.ask(QUESTION).answer


class Earlier(datetime):
    """A clock that was set back by ten years."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) - timedelta(days=3650)


def test_a_clock_set_back_changes_neither_what_answers_nor_what_is_kept(
    settings: Settings, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_index(settings.reports, settings.index, embedder).version
    monkeypatch.setattr(finish, "datetime", Earlier)
    versions = [first]
    for number in range(4):
        write(settings, "白石", number + 1)
        versions.append(build_index(settings.reports, settings.index, embedder).version)
        assert current_version(settings.index) == versions[-1]
        with closing(open_index(settings.index, embedder)) as index:
            assert f"达到{number + 1}户" in index.text("白石.md")
    assert len(set(versions)) == len(versions)
    assert verify(settings.index, embedder) == []
    assert not build_index(settings.reports, settings.index, embedder).changed
    assert versions[-1] in {version.name for version in list_versions(settings.index)}
    assert rollback(settings.index, first) == first
    with closing(open_index(settings.index, embedder)) as index:
        assert [info.source for info in index.sources()] == ["青河.md"]


@posix
def test_two_processes_build_and_a_third_asks(settings: Settings, embedder: Embedder) -> None:
    build_index(settings.reports, settings.index, embedder)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_") or "MODELS" in name}
    where = {"JUDIAN_REPORTS": str(settings.reports), "JUDIAN_INDEX": str(settings.index), "JUDIAN_LLM": "none"}
    for number in range(6):
        write(settings, f"第{number}", number)
    builds = [
        subprocess.Popen(
            [sys.executable, "-m", "assistant", "index", "build"],
            cwd=ROOT,
            env=kept | where,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    asked = 0
    with closing(open_assistant(settings)) as assistant:
        while any(build.poll() is None for build in builds) or not asked:
            assert "35户" in assistant.ask(QUESTION).answer
            asked += 1
        assert assistant.report_count == 7
    for build in builds:
        said = build.communicate(timeout=60)[1].decode()
        assert build.returncode == 0, said
    assert verify(settings.index, embedder) == []
    with closing(open_index(settings.index, embedder)) as index:
        assert len(index.sources()) == 7


@contextmanager
def chroma(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    program = Path(sys.executable).with_name("chroma")
    command = [str(program), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(home)]
    with subprocess.Popen(command, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.1)
        try:
            yield process
        finally:
            process.kill()


@posix
def test_a_chroma_server_that_goes_is_said_and_used_again_when_it_is_back(
    settings: Settings, embedder: Embedder, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    remote = settings.model_copy(update={"chroma_url": f"http://127.0.0.1:{port}"})
    (tmp_path / "chroma").mkdir()
    with chroma(tmp_path / "chroma", port) as server:
        build_index(remote.reports, remote.index, embedder, chroma_url=remote.chroma_url)
        assistant = open_assistant(remote)
        assert "35户" in assistant.ask(QUESTION).answer
        server.send_signal(signal.SIGKILL)
        server.wait()
        with pytest.raises(JudianError, match=r"^连不上 Chroma 服务器 [^。]*。$"):
            assistant.ask(QUESTION)
        write(remote, "白石", 7)
        with pytest.raises(IndexStoreError, match=r"^连不上 Chroma 服务器 [^。]*。$"):
            build_index(remote.reports, remote.index, embedder, chroma_url=remote.chroma_url)
    with chroma(tmp_path / "chroma", port):
        assert "35户" in assistant.ask(QUESTION).answer
        assert build_index(remote.reports, remote.index, embedder, chroma_url=remote.chroma_url).added == ("白石.md",)
        assert verify(remote.index, embedder, chroma_url=remote.chroma_url) == []
        assistant.close()


def test_weights_that_vanish_are_said_and_the_reports_quoted(settings: Settings, embedder: Embedder) -> None:
    """Of the language model; without those of the embedding nothing can be asked, which is said as well."""
    build_index(settings.reports, settings.index, embedder)
    without = settings.model_copy(update={"llm": "embedded"})
    nothing = settings.index / "no models"
    nothing.mkdir()
    unpacked = settings.models / "multilingual-e5-small"
    if unpacked.is_dir():
        (nothing / unpacked.name).symlink_to(unpacked)
    with closing(open_assistant(without.model_copy(update={"models": nothing}))) as assistant:
        assert "judian model fetch" in assistant.notice
        assert "35户" in assistant.ask(QUESTION).answer
    with pytest.raises(JudianError, match=r"^[^。]*JUDIAN_EMBEDDING[^。]*。$"):
        open_assistant(settings.model_copy(update={"embedding": str(settings.index / "deleted")}))
