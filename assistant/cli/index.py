"""`judian index …`."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant import terminal
from assistant.cli.options import Command, Index, Reports, group, session

app = group("建立、查看和管理索引。")


@app.command("build", cls=Command)
def index_build(
    full: Annotated[bool, typer.Option("--full", help="全部重做，不用上一版的结果")] = False,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """按报告文件夹更新索引；只处理新增、改动和删除的文件。"""
    with session(reports, index) as settings:
        from assistant.commands import build

        terminal.print_build(build(settings, full=full))


@app.command("status", cls=Command)
def show_index_status(reports: Reports = None, index: Index = None) -> None:
    """当前版本，以及报告文件夹里有哪些变化。"""
    with session(reports, index) as settings:
        from index import index_status

        terminal.print_status(index_status(settings.reports, settings.index))


@app.command("versions", cls=Command)
def index_versions(reports: Reports = None, index: Index = None) -> None:
    """列出索引的各个版本，新的在前，* 是当前版本。"""
    with session(reports, index) as settings:
        from index import list_versions

        terminal.print_versions(list_versions(settings.index))


@app.command("rollback", cls=Command)
def index_rollback(
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="默认是前一个版本")] = None,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """退回到以前的版本。"""
    with session(reports, index) as settings:
        from index import rollback

        print(f"当前版本改为 {rollback(settings.index, version)}。")


@app.command("verify", cls=Command)
def index_verify(
    repair: Annotated[bool, typer.Option("--repair", help="把坏的部分重做成新的一版")] = False,
    reports: Reports = None,
    index: Index = None,
) -> int:
    """检查当前版本是否完好。"""
    with session(reports, index) as settings:
        from index import load_embedder, mend_index, verify

        embedder = load_embedder(settings.embedding, settings.models, progress=terminal.say)
        if repair:
            with terminal.build_bar() as progress:
                mended = mend_index(
                    settings.reports, settings.index, embedder, chroma_url=settings.chroma_url, progress=progress
                )
            if mended.build:
                print("\n".join(f"已重做：{problem.partition('：请运行')[0]}。" for problem in mended.problems))
                terminal.print_build(mended.build)
        problems = verify(settings.index, embedder, chroma_url=settings.chroma_url)
    print("\n".join(problems) if problems else "当前版本完好。")
    return 1 if problems else 0
