"""`judian eval …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.cli.options import Command, Group, Index, Reports, group, session


class _EvalGroup(Group):
    """A group whose command `run` may be left out: `judian eval SUITE.jsonl` is `judian eval run SUITE.jsonl`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args[:1] and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["run", *args])

    def get_help(self, ctx: Any) -> str:
        run = self.commands["run"]
        return super().get_help(ctx) + "\n\n" + run.get_help(run.make_context("run", [""], ctx))


app = group("用题库评测；不写子命令就是 run。", _EvalGroup)

Suites = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[SUITE.jsonl]...", help="题库（.jsonl .json .csv .xlsx），默认用自带的"),
]


@app.command("run", cls=Command)
def evaluate(
    suites: Suites = None,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="把明细写进这个文件夹")] = None,
    baseline: Annotated[Path | None, typer.Option(metavar="FILE", help="与这份基线比较")] = None,
    update_baseline: Annotated[bool, typer.Option("--update-baseline", help="用这次的结果更新基线")] = False,
    tolerance: Annotated[
        float | None, typer.Option(min=0, max=100, metavar="PCT", help="比基线差几个百分点以内不算低（默认 2）")
    ] = None,
    judge: Annotated[
        str | None, typer.Option(metavar="MODEL", help="评判模型（JUDIAN_JUDGE）：embedded，或接口上的模型名")
    ] = None,
    reports: Reports = None,
    index: Index = None,
) -> int:
    """用题库评测：正确率、出处、数字、拒答和用时。"""
    with session(reports, index) as settings:
        from assistant.model import check_endpoint
        from evals.baseline import TOLERANCE
        from evals.run import run_eval

        if judge is not None:
            settings = settings.model_copy(update={"judge": judge})
        check_endpoint(settings)
        return run_eval(
            settings,
            suites or (),
            report=report,
            baseline=baseline,
            update_baseline=update_baseline,
            tolerance=TOLERANCE if tolerance is None else tolerance / 100,
        )


@app.command("compare", cls=Command)
def eval_compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="先前的运行：文件夹、留存的名字，或基线文件")],
    b: Annotated[Path, typer.Argument(metavar="B", help="后来的运行")],
    reports: Reports = None,
    index: Index = None,
) -> int:
    """逐题比较两次运行：哪些变对，哪些变错，差别是否可能只是偶然。"""
    with session(reports, index) as settings:
        from evals.compare import run_compare

        return run_compare(settings, a, b)


@app.command("check", cls=Command)
def eval_check(suites: Suites = None, reports: Reports = None, index: Index = None) -> int:
    """检查题库：格式对不对，每处引文是否还在报告里。"""
    with session(reports, index) as settings:
        from evals.check import run_check

        return run_check(settings, suites or ())


@app.command("from-feedback", cls=Command)
def eval_from_feedback(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="题库文件（默认在索引旁的 suites/反馈.jsonl）")
    ] = None,
    accept: Annotated[list[str] | None, typer.Option("--accept", metavar="ID", help="收下这道草稿，可以写多次")] = None,
    reports: Reports = None,
    index: Index = None,
) -> int:
    """把聊天里的赞、踩和“正确答案”变成题目草稿，由人核对后收下。"""
    with session(reports, index) as settings:
        from evals.drafts import run_drafts

        return run_drafts(settings, out, accept or ())


@app.command("sweep", cls=Command)
def eval_sweep(
    grid: Annotated[
        Path, typer.Argument(metavar="GRID.toml", help="要试的值：[settings] [search] [constants] [prompts]")
    ],
    suites: Suites = None,
    jobs: Annotated[int, typer.Option("-j", min=0, max=64, metavar="N", help="几格同时跑，默认按内存和核数")] = 0,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="记录放哪里，默认在索引旁的 sweeps/ 里")] = None,
    reports: Reports = None,
    index: Index = None,
) -> int:
    """把几种设置的各种组合都跑一遍题库，列成带区间的表；中断后重新运行会接着做。"""
    with session(reports, index) as settings:
        from evals.sweep import run_sweep

        return run_sweep(settings, grid, suites or (), jobs=jobs, out=out)
