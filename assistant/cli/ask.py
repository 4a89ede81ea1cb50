"""`judian chat`, `ask` and `search`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.options import Command, Index, Json, Reports, session

BatchIn = Annotated[Path | None, typer.Option("--batch", metavar="IN.jsonl", help="成批处理：每行一个 JSON")]
BatchOut = Annotated[Path | None, typer.Option("--out", metavar="OUT.jsonl", help="成批处理的输出，中断后接着做")]


def _one_or_batch(what: str, text: str | None, batch: Path | None, out: Path | None) -> None:
    if (text is None) == (batch is None):
        raise typer.BadParameter(f"请给出 {what}，或用 --batch IN.jsonl --out OUT.jsonl，二者取一。")
    if (batch is None) != (out is None):
        raise typer.BadParameter("--batch 和 --out 要一起用。")


def chat(
    host: Annotated[str, typer.Option(metavar="HOST", help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="PORT", help="监听的端口")] = 7860,
    auth_file: Annotated[Path | None, typer.Option(metavar="F", help="登录用户的文件，由 judian user add 建立")] = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="同时作为 MCP 工具供别的程序使用")] = False,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """打开聊天窗口；缺权重时先下载，报告有变化时先更新索引。"""
    with session(reports, index) as settings:
        from assistant import commands
        from evals.service import Evaluation

        evaluation = Evaluation(settings)
        commands.chat(settings, host=host, port=port, auth_file=auth_file, evaluation=evaluation, mcp=mcp)


def ask(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="要问的问题")] = None,
    history: Annotated[
        list[str] | None,
        typer.Option("--history", metavar="Q", help="之前问过的问题，可以写多次，先问的在前"),
    ] = None,
    as_json: Json = False,
    batch: BatchIn = None,
    out: BatchOut = None,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """问一个问题，或一批问题。"""
    _one_or_batch("QUESTION", question, batch, out)
    with session(reports, index) as settings:
        from assistant import commands

        if question is not None:
            commands.ask(settings, question, history=history or (), as_json=as_json)
        elif batch and out:
            commands.ask_batch(settings, batch, out)


def search(
    query: Annotated[str | None, typer.Argument(metavar="QUERY", help="要找的内容")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, metavar="K", help="找几个段落")] = 10,
    as_json: Json = False,
    batch: BatchIn = None,
    out: BatchOut = None,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """在报告里查找段落，不经过语言模型。"""
    _one_or_batch("QUERY", query, batch, out)
    with session(reports, index) as settings:
        from assistant import commands

        if query is not None:
            commands.search(settings, query, k=k, as_json=as_json)
        elif batch and out:
            commands.search_batch(settings, batch, out, k=k)


def add_to(app: typer.Typer) -> None:
    """Make these the commands of `app`: they stand at the top, in no group."""
    for command in (chat, ask, search):
        app.command(cls=Command)(command)
