"""What the commands share: groups in Chinese, options, and the session in which a command runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from assistant import terminal, usage

if TYPE_CHECKING:
    from assistant import Settings


class Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return usage.translate_help(super().get_help(ctx))


class Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return usage.translate_help(super().get_help(ctx))


def group(help: str, cls: type[Group] = Group) -> typer.Typer:
    """A group of commands that shows its help when called alone, unless `cls` says otherwise."""
    return typer.Typer(
        cls=cls,
        help=help,
        add_completion=False,
        no_args_is_help=cls is Group,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


Reports = Annotated[
    Path | None, typer.Option("--reports", metavar="DIR", help="报告文件夹（JUDIAN_REPORTS，默认 reports）")
]
Index = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="索引文件夹（JUDIAN_INDEX，默认 .judian/index）")
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


@contextmanager
def session(reports: Path | None, index: Path | None) -> Iterator[Settings]:
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
