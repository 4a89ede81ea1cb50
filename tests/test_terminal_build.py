"""What the terminal shows of a build: a bar with speed and time left, and all that its report tells."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from rich.console import Console

from assistant import terminal
from index import BuildProgress, BuildReport, Embedder, Version, build_index, list_versions, verify

ROOT = Path(__file__).parents[1]

REPORT = BuildReport(
    version="20240101-0800-abcdef",
    changed=True,
    sources=3,
    passages=42,
    embedded=7,
    added=("云岭.md",),
    updated=(),
    removed=("白石.md",),
    skipped=(("空.txt", "报告“空.txt”是空的。"),),
    seconds=1.25,
    kept=(("青河.pdf", "报告“青河.pdf”打不开。"),),
    duplicates=(("青河 - 副本.md", "青河.md"),),
    similar=(("初稿.md", "定稿.md", 0.934),),
)


def test_a_report_names_all_that_is_not_as_it_seems(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_build(REPORT)
    shown = capsys.readouterr()
    assert "新增 1 份，改动 0 份，删除 1 份；新算向量 7 个" in shown.out
    assert "内容相同，只收一份：青河 - 副本.md = 青河.md" in shown.out
    assert "内容相近（93%），都已收入：初稿.md ≈ 定稿.md" in shown.out
    assert "沿用 青河.pdf 上次的内容：报告“青河.pdf”打不开。" in shown.err
    assert "跳过 空.txt：报告“空.txt”是空的。" in shown.err


def test_versions_tell_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_versions([Version("v", "2024", "e5", 3, 42, True, added=2, updated=1, removed=4)])
    assert "新增 2、改动 1、删除 4" in capsys.readouterr().out


def test_the_bar_tells_items_speed_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(terminal, "Console", lambda **_: Console(file=shown, force_terminal=True, width=120))
    with terminal.build_bar() as bar:
        bar(BuildProgress("wait", 0, 1))
        for done in range(0, 101, 10):
            bar(BuildProgress("embed", done, 100))
            bar(BuildProgress("read", done // 10, 10))
    assert "等待另一个索引任务" in shown.getvalue()
    assert "100/100" in shown.getvalue()
    assert "段/秒" in shown.getvalue()
    assert "份/秒" in shown.getvalue()
    assert re.search(r"\d+:\d\d:\d\d", shown.getvalue())


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_that_a_library_swallows_ends_the_build_at_its_next_step() -> None:
    before = signal.getsignal(signal.SIGINT)
    with terminal.build_bar() as bar:
        bar(BuildProgress("embed", 1, 3))
        with suppress(KeyboardInterrupt):  # as a callback from C does
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        with pytest.raises(KeyboardInterrupt):
            bar(BuildProgress("embed", 2, 3))
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_ctrl_c_in_a_build_is_one_sentence_and_the_next_one_goes_on(tmp_path: Path, embedder: Embedder) -> None:
    reports, folder = tmp_path / "reports", tmp_path / "index"
    reports.mkdir()
    for number in range(20):
        lines = "".join(f"第{number}镇第{i}个园区有规上企业{number + i}户，全年产值增长{i}.6%。" for i in range(1, 9))
        (reports / f"{number}.md").write_text(f"# 第{number}镇工业一年\n\n2023年，{lines}\n", encoding="utf-8")
    command = [sys.executable, "-m", "assistant", "index", "build", "--reports", str(reports), "--index", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (folder / "unpublished.sqlite").exists():  # from now on it embeds
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=120)[1]
    assert process.returncode in (130, -signal.SIGINT)  # to a shell the same
    assert "已中断；已完成的部分会保留，重新运行同一条命令即可继续。" in told
    assert "Traceback" not in told
    assert list_versions(folder) == ()
    assert build_index(reports, folder, embedder).sources == 20
    assert verify(folder, embedder) == []
