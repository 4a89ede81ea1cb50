"""`judian …`: reads the arguments and calls what they ask for; a command loads the libraries it needs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from assistant import terminal, usage

if TYPE_CHECKING:
    from assistant import Settings


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return usage.translate_help(super().get_help(ctx))


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return usage.translate_help(super().get_help(ctx))


class _EvalGroup(_Group):
    """A group whose command `run` may be left out: `judian eval SUITE.jsonl` is `judian eval run SUITE.jsonl`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args[:1] and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["run", *args])

    def get_help(self, ctx: Any) -> str:
        run = self.commands["run"]
        return super().get_help(ctx) + "\n\n" + run.get_help(run.make_context("run", [""], ctx))


def _typer(help: str, cls: type[_Group] = _Group) -> typer.Typer:
    return typer.Typer(
        cls=cls,
        help=help,
        add_completion=False,
        no_args_is_help=cls is _Group,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


app = _typer("据典：句句有出处、数字都核对的中文报告问答助手。")
index_app = _typer("建立、查看和管理索引。")
model_app = _typer("内置语言模型的权重。")
eval_app = _typer("用题库评测；不写子命令就是 run。", _EvalGroup)
app.add_typer(index_app, name="index")
app.add_typer(eval_app, name="eval")
app.add_typer(model_app, name="model")

Reports = Annotated[
    Path | None, typer.Option("--reports", metavar="DIR", help="报告文件夹（JUDIAN_REPORTS，默认 reports）")
]
Index = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="索引文件夹（JUDIAN_INDEX，默认 .judian/index）")
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]
BatchIn = Annotated[Path | None, typer.Option("--batch", metavar="IN.jsonl", help="成批处理：每行一个 JSON")]
BatchOut = Annotated[Path | None, typer.Option("--out", metavar="OUT.jsonl", help="成批处理的输出，中断后接着做")]


@contextmanager
def _session(reports: Path | None, index: Path | None) -> Iterator[Settings]:
    """The settings of a command; an error that nobody foresaw goes to a log, not to the screen."""
    from assistant import read_settings
    from index import JudianError

    if not sys.warnoptions:
        import warnings

        warnings.simplefilter("ignore")  # of libraries, and nothing a user could act on
    settings = read_settings(reports=reports, index=index)
    try:
        yield settings
    except (JudianError, typer.TyperException, typer.Exit, BrokenPipeError):
        raise
    except Exception as error:
        raise JudianError(terminal.log_unexpected(error, settings.index)) from error


def _one_or_batch(what: str, text: str | None, batch: Path | None, out: Path | None) -> None:
    if (text is None) == (batch is None):
        raise typer.BadParameter(f"请给出 {what}，或用 --batch IN.jsonl --out OUT.jsonl，二者取一。")
    if (batch is None) != (out is None):
        raise typer.BadParameter("--batch 和 --out 要一起用。")


@app.command(cls=_Command)
def chat(
    host: Annotated[str, typer.Option(metavar="HOST", help="监听的地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="PORT", help="监听的端口")] = 7860,
    auth_file: Annotated[Path | None, typer.Option(metavar="F", help="登录用户，每行一个 用户名:密码")] = None,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """打开聊天窗口；缺权重时先下载，报告有变化时先更新索引。"""
    with _session(reports, index) as settings:
        from assistant import commands

        commands.chat(settings, host=host, port=port, auth_file=auth_file)


@app.command(cls=_Command)
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
    with _session(reports, index) as settings:
        from assistant import commands

        if question is not None:
            commands.ask(settings, question, history=history or (), as_json=as_json)
        elif batch and out:
            commands.ask_batch(settings, batch, out)


@app.command(cls=_Command)
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
    with _session(reports, index) as settings:
        from assistant import commands

        if query is not None:
            commands.search(settings, query, k=k, as_json=as_json)
        elif batch and out:
            commands.search_batch(settings, batch, out, k=k)


Suites = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[SUITE.jsonl]...", help="题库（.jsonl .json .csv .xlsx），默认用自带的"),
]


@eval_app.command("run", cls=_Command)
def evaluate(
    suites: Suites = None,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="把明细写进这个文件夹")] = None,
    baseline: Annotated[Path | None, typer.Option(metavar="FILE", help="与这份基线比较")] = None,
    update_baseline: Annotated[bool, typer.Option("--update-baseline", help="用这次的结果更新基线")] = False,
    reports: Reports = None,
    index: Index = None,
) -> int:
    """用题库评测：正确率、出处、数字、拒答和用时。"""
    with _session(reports, index) as settings:
        from assistant.model import check_endpoint
        from evals.run import run_eval

        check_endpoint(settings)
        return run_eval(settings, suites or (), report=report, baseline=baseline, update_baseline=update_baseline)


@eval_app.command("compare", cls=_Command)
def eval_compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="先前的运行：文件夹、留存的名字，或基线文件")],
    b: Annotated[Path, typer.Argument(metavar="B", help="后来的运行")],
    reports: Reports = None,
    index: Index = None,
) -> int:
    """逐题比较两次运行：哪些变对，哪些变错，差别是否可能只是偶然。"""
    with _session(reports, index) as settings:
        from evals.compare import run_compare

        return run_compare(settings, a, b)


@eval_app.command("check", cls=_Command)
def eval_check(suites: Suites = None, reports: Reports = None, index: Index = None) -> int:
    """检查题库：格式对不对，每处引文是否还在报告里。"""
    with _session(reports, index) as settings:
        from evals.check import run_check

        return run_check(settings, suites or ())


@index_app.command("build", cls=_Command)
def index_build(
    full: Annotated[bool, typer.Option("--full", help="全部重做，不用上一版的结果")] = False,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """按报告文件夹更新索引；只处理新增、改动和删除的文件。"""
    with _session(reports, index) as settings:
        from assistant.commands import build

        terminal.print_build(build(settings, full=full))


@index_app.command("status", cls=_Command)
def show_index_status(reports: Reports = None, index: Index = None) -> None:
    """当前版本，以及报告文件夹里有哪些变化。"""
    with _session(reports, index) as settings:
        from index import index_status

        terminal.print_status(index_status(settings.reports, settings.index))


@index_app.command("versions", cls=_Command)
def index_versions(reports: Reports = None, index: Index = None) -> None:
    """列出索引的各个版本，新的在前，* 是当前版本。"""
    with _session(reports, index) as settings:
        from index import list_versions

        terminal.print_versions(list_versions(settings.index))


@index_app.command("rollback", cls=_Command)
def index_rollback(
    version: Annotated[str | None, typer.Argument(metavar="[VERSION]", help="默认是前一个版本")] = None,
    reports: Reports = None,
    index: Index = None,
) -> None:
    """退回到以前的版本。"""
    with _session(reports, index) as settings:
        from index import rollback

        print(f"当前版本改为 {rollback(settings.index, version)}。")


@index_app.command("verify", cls=_Command)
def index_verify(reports: Reports = None, index: Index = None) -> int:
    """检查当前版本是否完好。"""
    with _session(reports, index) as settings:
        from index import load_embedder, verify

        embedder = load_embedder(settings.embedding, settings.models, progress=terminal.say)
        problems = verify(settings.index, embedder, chroma_url=settings.chroma_url)
    print("\n".join(problems) if problems else "当前版本完好。")
    return 1 if problems else 0


@model_app.command("fetch", cls=_Command)
def model_fetch(reports: Reports = None, index: Index = None) -> None:
    """下载并校验内置模型的权重（约 1.1 GB）；中断后接着下载。"""
    with _session(reports, index) as settings:
        from assistant.commands import fetch_weights

        print(f"内置模型的权重已就绪：{fetch_weights(settings)}")


@model_app.command("status", cls=_Command)
def model_status(reports: Reports = None, index: Index = None) -> int:
    """设置里用的是哪个模型，能不能用。"""
    with _session(reports, index) as settings:
        from assistant.commands import print_model_status

        return print_model_status(settings)


def run(args: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    try:
        code = app(args=args, prog_name="judian", standalone_mode=False)
    except typer.TyperException as error:
        terminal.say(usage.explain(error))
        return 2
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:
        from index import JudianError

        if not isinstance(error, JudianError):
            error = JudianError(terminal.log_unexpected(error, Path.cwd()))
        terminal.say(str(error))
        return 1
    if code == 130:
        terminal.say("已中断；已完成的部分会保留，重新运行同一条命令即可继续。")
    return int(code or 0)


def main() -> None:
    """The `judian` command."""
    sys.exit(run())
