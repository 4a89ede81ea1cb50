"""`judian doctor`: whether this machine can run 据典, and what to do where it cannot."""

from __future__ import annotations

import typer

from assistant.cli.options import Command, Index, Reports, session

_SIGNS = {"ok": "正常", "warn": "注意", "fail": "不行"}


def doctor(reports: Reports = None, index: Index = None) -> int:
    """检查这台机器：Python、程序包、处理器、内存、磁盘、权重、接口、索引；有一项不行时退出码为 1。"""
    failed = 0
    with session(reports, index) as settings:
        from assistant.doctor import examine
        from assistant.screen import visible

        for check in examine(settings):
            print(visible(f"[{_SIGNS[check.state]}] {check.name}：{check.said}"), flush=True)
            failed += check.state == "fail"
    return 1 if failed else 0


def add_to(app: typer.Typer) -> None:
    """Make this a command of `app`, in no group."""
    app.command(cls=Command)(doctor)
