"""`judian trace`: what past questions took and how they ended."""

from __future__ import annotations

import json
from itertools import islice
from typing import Annotated, Any

import typer

from assistant.cli.options import Command, Index, Json, Reports, session

_SECONDS = ("total", "first_token", "rewrite", "retrieve", "evidence", "write", "verify")
_MISSING = {"place": "地区", "period": "时期", "scope": "整体", "matter": "内容"}
_STATUS = {"answered": "已答", "partial": "部分", "refused": "拒答", "cancelled": "中止", "failed": "出错"}


def trace(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="只看这一条（编号的开头几位即可）")] = None,
    count: Annotated[int, typer.Option("-n", min=1, max=100_000, metavar="N", help="看几条")] = 20,
    slowest: Annotated[bool, typer.Option("--slowest", help="最慢的在前，而不是最近的")] = False,
    as_json: Json = False,
    reports: Reports = None,
    index: Index = None,
) -> int:
    """近来每个问题的用时、结果和核对情况；默认不记问题和答案。"""
    with session(reports, index) as settings:
        from assistant import InputError
        from assistant import trace as traces

        found = traces.read_traces(settings.index)
        if id is not None:
            found = (line for line in found if line["id"].startswith(id))
        shown = traces.slowest(found, count) if slowest else list(islice(found, count))
        if not shown:
            raise InputError(f"{settings.index / 'traces'} 里没有这样的记录：请先问一个问题，或检查编号和 --index。")
    if as_json:
        print("\n".join(json.dumps(line, ensure_ascii=False) for line in shown))
    elif id is not None and len(shown) == 1:
        print(json.dumps(shown[0], ensure_ascii=False, indent=2))
    else:
        print("编号      时间                 结果  总秒数  首字  改写  检索  证据  撰写  核对  已核/未核  去掉  缺少")
        print("\n".join(_row(line) for line in shown))
    return 0


def _row(line: dict[str, Any]) -> str:
    parts = [line["seconds"].get(name) for name in _SECONDS]
    seconds = [f"{part:.2f}" if isinstance(part, int | float) else "-" for part in parts]
    figures = line.get("figures") or {}
    checked = f"{figures.get('verified', '-')}/{figures.get('unverified', '-')}"
    dropped = str(line.get("dropped", "-"))
    missing = "、".join(_MISSING.get(str(one), "不明") for one in line.get("missing") or ()) or "-"
    status = _STATUS.get(str(line.get("status")), "不明")
    at = str(line.get("at", ""))[:19].replace("T", " ")
    return (
        f"{line['id'][:8]:8}  {at:19}  {status}  {seconds[0]:>6}"
        + "".join(f"{s:>6}" for s in seconds[1:])
        + f"  {checked:>9}  {dropped:>4}  {missing}"
    )


def add_to(app: typer.Typer) -> None:
    """Make this a command of `app`, in no group."""
    app.command(cls=Command)(trace)
