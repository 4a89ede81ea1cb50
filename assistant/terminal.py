"""What a terminal shows: progress and messages on standard error, results on standard output, in plain text.

Nothing here goes through rich's markup: answers hold marks like [1], reports anything at all.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

from assistant.redact import redacted
from assistant.screen import visible

if TYPE_CHECKING:
    from assistant.schema import Answer, Hit
    from index import BuildProgress, BuildReport, IndexStatus, Version

Bar = Callable[[int, int], None]
STAGES = {"wait": "等待另一个索引任务", "read": "读取报告", "embed": "计算向量", "write": "写入索引"}
_MOST_LINES = 20


def say(text: str) -> None:
    """A message to the user, on standard error."""
    print(visible(text), file=sys.stderr, flush=True)


@contextmanager
def progress_bar(what: str, *, bytes: bool = False) -> Iterator[Bar]:
    """A bar on standard error; call what it yields with (done, total)."""
    counts: tuple[ProgressColumn, ...] = (MofNCompleteColumn(),)
    if bytes:
        counts = (DownloadColumn(), TransferSpeedColumn())
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), *counts, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


class _Speed(ProgressColumn):
    """Items a second of a stage that is under way."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f} {task.fields['unit']}/秒" if speed else "")


@contextmanager
def _remembered_interrupt() -> Iterator[Callable[[], None]]:
    """What it yields raises KeyboardInterrupt if Ctrl+C was pressed: libraries swallow one that comes in a callback."""
    pressed: list[int] = []

    def press(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    def again() -> None:
        if pressed:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # where no signal arrives
        yield again
        return
    before = signal.signal(signal.SIGINT, press)
    try:
        yield again
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def build_bar() -> Iterator[Callable[[BuildProgress], None]]:
    """A bar for each stage of a build: items done, items a second, time left."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _Speed(),
        TimeRemainingColumn(),
    )
    with _remembered_interrupt() as interrupted, Progress(*columns, console=Console(stderr=True)) as progress:
        tasks = {}

        def show(now: BuildProgress) -> None:
            interrupted()
            if now.stage not in tasks:
                unit = "份" if now.stage == "read" else "段"
                tasks[now.stage] = progress.add_task(STAGES.get(now.stage, now.stage), total=None, unit=unit)
            progress.update(tasks[now.stage], completed=now.done, total=now.total)

        yield show


def print_answer(answer: Answer) -> None:
    """The answer, then its sources with what is quoted from them, then figures that were not verified."""
    print(visible(answer.answer))
    if answer.citations:
        print("\n出处：")
    for c in answer.citations:
        page = f" 第 {c.page} 页" if c.page is not None else ""
        print(visible(f"[{c.n}] {c.title or c.source}（{c.source}{page}，{c.date or '日期不详'}）"))
        print(f"    “{_one_line(c.quote)}”")
    unverified = [figure.text for figure in answer.figures if not (figure.verified or figure.computed)]
    if unverified:
        print(f"\n未能核实的数字：{'、'.join(unverified)}")


def print_hits(hits: Sequence[Hit]) -> None:
    """The passages found, best first."""
    if not hits:
        print("没有找到相关的段落。")
    for number, hit in enumerate(hits, start=1):
        passage = hit.passage
        print(f"{number}. {visible(passage.source)} [{passage.start}–{passage.end}] 相关度 {hit.score:.3f}")
        print(f"   {_one_line(passage.text)}")


def print_build(report: BuildReport) -> None:
    """What a build did; files that were left out go to standard error."""
    print(visible("\n".join(build_lines(report))))
    for line in left_out_lines(report):
        say(line)


def build_lines(report: BuildReport) -> list[str]:
    """What a build did, in sentences."""
    state = "已更新" if report.changed else "没有变化"
    done = [f"索引{state}：版本 {report.version}，{report.sources} 份报告，{report.passages} 个段落。"]
    if report.changed:
        counts = f"新增 {len(report.added)} 份，改动 {len(report.updated)} 份，删除 {len(report.removed)} 份"
        done.append(f"{counts}；新算向量 {report.embedded} 个，用时 {report.seconds:.1f} 秒。")
    lines = [f"内容相同，只收一份：{source} = {kept}" for source, kept in report.duplicates]
    lines += [f"内容相近（{share:.0%}），都已收入：{a} ≈ {b}" for a, b, share in report.similar]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"……另有 {len(lines) - _MOST_LINES} 处相同或相近，不再列出。"]
    return done + lines


def left_out_lines(report: BuildReport) -> list[str]:
    """Which files a build kept as they were, or left out, and why."""
    kept = [f"沿用 {source} 上次的内容：{reason}" for source, reason in report.kept]
    return [*report.notes, *kept, *(f"跳过 {source}：{reason}" for source, reason in report.skipped)]


def print_status(status: IndexStatus) -> None:
    """The current version and what a build would change."""
    if not status.version:
        print("还没有索引：请运行 judian index build。")
    else:
        print(f"当前版本：{status.version}（{status.created}）")
        print(f"向量模型：{status.embedding}")
        print(f"内容：{status.sources} 份报告，{status.passages} 个段落")
    pending = {"新增": status.added, "改动": status.changed, "删除": status.removed}
    for name, sources in pending.items():
        for source in sources:
            print(f"待更新（{name}）：{visible(source)}")
    for source, reason in status.skipped:
        print(f"跳过 {visible(source)}：{visible(reason)}")
    if status.version and not any(pending.values()):
        print("报告没有变化。")


def print_versions(versions: Sequence[Version]) -> None:
    """One line a version, newest first; a star before the current one."""
    for v in versions:
        mark = "*" if v.current else " "
        change = f"新增 {v.added}、改动 {v.updated}、删除 {v.removed}"
        print(f"{mark} {v.name}  {v.created}  {v.embedding}  {v.sources} 份报告  {v.passages} 个段落  {change}")
    if not versions:
        print("还没有索引：请运行 judian index build。")


def log_unexpected(error: BaseException, folder: Path) -> str:
    """Append the traceback to a log in `folder` (or the temporary one); a sentence for the user.

    Of the command line the log holds the command alone, for a question may follow it.
    """
    text = "".join(traceback.format_exception(error))
    moment = datetime.now().astimezone().isoformat(timespec="seconds")
    entry = redacted(f"{moment} {' '.join(sys.argv[1:2])}\n{text}\n")
    for home in (folder, Path(tempfile.gettempdir())):
        log = home / "judian-error.log"
        try:
            home.mkdir(parents=True, exist_ok=True)
            with open(log, "a", encoding="utf-8", errors="replace", opener=partial(os.open, mode=0o600)) as file:
                log.chmod(0o600)  # one that was there already; that of another user is not written to
                file.write(entry)
        except OSError:
            continue
        return f"程序出错了（{type(error).__name__}）：请把它连同日志 {log} 报告给开发者。"
    return f"程序出错了（{type(error).__name__}），日志也写不下：请检查磁盘后重试。"


def _one_line(text: str) -> str:
    return visible(" ".join(text.split()))
