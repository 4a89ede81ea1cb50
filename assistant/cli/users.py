"""`judian user …`: the accounts of the window."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.options import Command, group

app = group("聊天窗口的登录用户。")
Name = Annotated[str, typer.Argument(metavar="NAME", help="用户名")]
AuthFile = Annotated[Path, typer.Option("--auth-file", metavar="F", help="登录用户的文件；没有时新建")]


@app.command("add", cls=Command)
def user_add(
    name: Name,
    auth_file: AuthFile,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="从标准输入读密码（一行）")] = False,
) -> None:
    """增加用户，或改用户的密码；密码只存散列。"""
    from assistant import accounts

    accounts.check_name(name)
    new = accounts.add_account(auth_file, name, _password(from_stdin=password_stdin))
    print(f"{'已增加用户' if new else '已改密码：'}{name}。")


@app.command("list", cls=Command)
def user_list(auth_file: AuthFile) -> None:
    """列出用户。"""
    from assistant import accounts
    from assistant.screen import visible

    for name, usable in accounts.account_names(auth_file).items():
        shown = visible(name)
        print(shown if usable else f"{shown}（密码没有加密，不能登录：请用 judian user add 重设）")


@app.command("remove", cls=Command)
def user_remove(name: Name, auth_file: AuthFile) -> None:
    """删除用户；已登录的立即失效。"""
    from assistant import accounts

    accounts.remove_account(auth_file, name)
    print(f"已删除用户{name}。")


def _password(*, from_stdin: bool) -> str:
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    from getpass import getpass

    from assistant import InputError

    password = getpass("密码（不显示）：")
    if getpass("再输一遍：") != password:
        raise InputError("两次输入的密码不同：请重新运行。")
    return password
