"""`judian …`: reads the arguments and calls what they ask for; a command loads the libraries it needs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from assistant import terminal, usage
from assistant.cli import ask, doctor, evals, index, model, trace, users
from assistant.cli.options import group

app = group("据典：句句有出处、数字都核对的中文报告问答助手。")
ask.add_to(app)
trace.add_to(app)
doctor.add_to(app)
app.add_typer(index.app, name="index")
app.add_typer(evals.app, name="eval")
app.add_typer(model.app, name="model")
app.add_typer(users.app, name="user")


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
    # The libraries make a million objects that stay. Python's 700 would have them looked through for garbage over and
    # over while they load, which takes a second.
    gc.set_threshold(100_000, 10, 10)
    sys.exit(run())
