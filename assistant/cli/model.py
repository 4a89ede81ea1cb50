"""`judian model …`."""

from __future__ import annotations

from assistant.cli.options import Command, Index, Reports, group, session

app = group("内置语言模型的权重。")


@app.command("fetch", cls=Command)
def model_fetch(reports: Reports = None, index: Index = None) -> None:
    """下载并校验内置模型的权重（约 1.1 GB）；中断后接着下载。"""
    with session(reports, index) as settings:
        from assistant.commands import fetch_weights

        print(f"内置模型的权重已就绪：{fetch_weights(settings)}")


@app.command("status", cls=Command)
def model_status(reports: Reports = None, index: Index = None) -> int:
    """设置里用的是哪个模型，能不能用。"""
    with session(reports, index) as settings:
        from assistant.commands import print_model_status

        return print_model_status(settings)
