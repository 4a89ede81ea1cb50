"""A file of questions in, a file of answers out: in order, as they are ready, continued where it stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.schema import Hit
from assistant.screen import storable

Work = Callable[["Item"], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a batch: `text` is the question or the query, `history` the user's earlier turns."""

    id: str
    text: str
    history: tuple[str, ...] = ()


def read_items(path: Path, *, field: str) -> tuple[Item, ...]:
    """The lines of a JSONL file whose `field` ("question" or "query") holds the text; blank ones skipped.

    Raises InputError, which names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(f"读不了批量输入 {path}（{error.strerror}）：请检查路径和权限。") from error
    except UnicodeDecodeError as error:
        raise InputError(f"批量输入 {path} 不是 UTF-8 编码：请另存为 UTF-8 后重试。") from error
    items = [_read_item(line, f"{path} 第 {n} 行", field) for n, line in enumerate(lines, 1) if line.strip()]
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise InputError(f"批量输入 {path} 里 id “{item.id}” 出现了不止一次：每行的 id 必须不同。")
        seen.add(item.id)
    if not items:
        raise InputError(f'批量输入 {path} 是空的：每行应是 {{"id": "…", "{field}": "…"}}。')
    return tuple(items)


def _read_item(line: str, where: str, field: str) -> Item:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}不是合法的 JSON：请改正后重试。") from error
    if not isinstance(value, dict):
        raise InputError(f"{where}不是 JSON 对象：每行应是 {{…}}。")
    for name in ("id", field):
        if not isinstance(value.get(name), str) or not value[name].strip():
            raise InputError(f"{where}缺少 {name}，或它不是非空的字符串：请补上后重试。")
    history = value.get("history", [])
    if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
        raise InputError(f"{where}的 history 应是字符串的列表：请改正后重试。")
    return Item(storable(value["id"]), storable(value[field]), tuple(map(storable, history)))


def run_batch(items: Sequence[Item], out: Path, work: Work, *, field: str, progress: Callable[[int, int], None]) -> int:
    """Append to `out` what `work` makes of each item that is not there yet; how many were done now.

    A last line that was cut short is dropped and done again. `progress` hears (done, total) of lines that are on
    disk; they stay, whatever `work` raises. Raises InputError if `out` cannot be written or answers another input.
    """
    try:
        done = _resume(items, out, field)
        progress(done, len(items))
        with out.open("a", encoding="utf-8", newline="\n") as file:
            for number, item in enumerate(items[done:], start=done + 1):
                file.write(json.dumps(work(item), ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
                progress(number, len(items))
    except OSError as error:
        raise InputError(f"写不了批量输出 {out}（{error.strerror}）：请检查路径、权限和磁盘空间。") from error
    return len(items) - done


def _resume(items: Sequence[Item], out: Path, field: str) -> int:
    """Cut a torn last line off `out`; how many items it answers already. Raises InputError."""
    if not out.exists():
        return 0
    data = out.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    lines = whole.splitlines()
    if len(lines) > len(items):
        raise _other(out, f"它有 {len(lines)} 行，输入只有 {len(items)} 行")
    for number, (line, item) in enumerate(zip(lines, items, strict=False), start=1):
        try:
            value = json.loads(line)
            same = (value["id"], value[field]) == (item.id, item.text)
        except (ValueError, KeyError, TypeError) as error:
            raise _other(out, f"第 {number} 行不是本程序写的") from error
        if not same:
            raise _other(out, f"第 {number} 行与输入对不上")
    if len(whole) < len(data):
        os.truncate(out, len(whole))
    return len(lines)


def _other(out: Path, why: str) -> InputError:
    return InputError(f"输出文件 {out} 属于另一份输入（{why}）：请换一个 --out，或移走该文件后重试。")


def hits_to_json(id: str, query: str, hits: Sequence[Hit]) -> dict[str, Any]:
    """The object that `judian search` prints; its keys and their order are a contract."""
    return {
        "id": id,
        "query": query,
        "hits": [
            {
                "source": hit.passage.source,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "text": hit.passage.text,
                "score": hit.score,
            }
            for hit in hits
        ],
    }
