"""Wrong usage and help in Chinese: the command-line library speaks English only."""

from __future__ import annotations

import re
from typing import Any

_HELP = (
    (re.compile(r"^Usage: ", re.M), "用法："),
    (re.compile(r"^Options:$", re.M), "选项："),
    (re.compile(r"^Arguments:$", re.M), "参数："),
    (re.compile(r"^Commands:$", re.M), "命令："),
    (re.compile(r"\[OPTIONS\]"), "[选项]"),
    (re.compile(r"COMMAND \[ARGS\]\.\.\."), "命令 [参数]..."),
    (re.compile(r"Show this message and exit\."), "显示这段说明"),
    (re.compile(r"\[required\]"), "[必填]"),
    # As wide as what they replace, so that the columns stay.
    (re.compile(r"<path>"), "<文件>"),
    (re.compile(r"<list\[Path\]>"), "<若干文件>  "),
    (re.compile(r"\[default: ([^\];]+)[^\]]*\]"), r"[默认 \1]"),
)
# The library's own sentences; one that is not here is shown as it is.
_ERRORS = (
    (re.compile(r"No such option: (\S+)(?: \(Possible options: (.+)\))?"), r"没有选项 \1"),
    (re.compile(r"No such command '(.*?)'.*", re.S), r"没有命令 \1"),
    (re.compile(r"Missing command\."), "缺少命令"),
    (re.compile(r"Missing (?:argument|option|parameter) '?([^'.]+)'?.*", re.S), r"缺少参数 \1"),
    (re.compile(r"Got unexpected extra argument\S* \((.*)\)", re.S), r"多出了参数 \1"),
    (re.compile(r"Option '?(\S+?)'? requires .*", re.S), r"选项 \1 后面缺少值"),
    (re.compile(r"Option '?(\S+?)'? does not take a value.*", re.S), r"选项 \1 不带值"),
    (re.compile(r"Invalid value for '?([^']+)'?: (.*)", re.S), r"\1 的值不能用（\2）"),
    (re.compile(r"Invalid value: (.*)", re.S), r"\1"),
)
_DETAILS = (
    (re.compile(r"Input should be a valid integer[^）]*"), "应是整数"),
    (re.compile(r"Input should be a valid number[^）]*"), "应是数"),
    (re.compile(r"Input should be greater than or equal to (\d+)"), r"不能小于 \1"),
    (re.compile(r"Input should be less than or equal to (\d+)"), r"不能大于 \1"),
)


def translate_help(text: str) -> str:
    """A page of help with the library's own words in Chinese."""
    for pattern, chinese in _HELP:
        text = pattern.sub(chinese, text)
    return text


def explain(error: Any) -> str:
    """One Chinese sentence for a typer.TyperException, or the help where nothing was asked for."""
    said: str = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        return said
    for pattern, chinese in _ERRORS:
        if pattern.fullmatch(said):
            said = pattern.sub(chinese, said)
            break
    for pattern, chinese in _DETAILS:
        said = pattern.sub(chinese, said)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "judian"
    said = said.rstrip("。.")
    return f"用法不对：{said}；运行 {command} --help 查看用法。"
