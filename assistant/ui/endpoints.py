"""What programs can ask for: an answer, a search, the list of reports, as the JSON of the command line.

A function's docstring is Chinese because callers read it: Gradio publishes it, parameter by parameter.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from assistant import LONGEST_QUESTION, Assistant, InputError, hits_to_json
from assistant.ui.scopes import checked_scope

MOST_TURNS = 20
MOST_HITS = 100
_LONGEST_ID = 200
_NONE: list[str] = []  # never changed; Gradio shows it as the default


class Gate:
    """Lets `at_once` callers in and `waiting` more wait; who comes then is told to come back."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._room = threading.BoundedSemaphore(at_once + waiting)
        self._turns = threading.BoundedSemaphore(at_once)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits for a turn. Raises BusyError where too many wait already."""
        if not self._room.acquire(blocking=False):
            raise BusyError("现在请求太多：请过几秒再试。")
        try:
            with self._turns:
                yield
        finally:
            self._room.release()


class BusyError(InputError):
    """Too many callers at once."""


# One for all ways to call: beside the answers of the chat, programs get no more than these.
GATE = Gate(at_once=2, waiting=16)


class Endpoints:
    """The three functions that programs call. Each raises JudianError."""

    def __init__(self, assistant: Assistant, *, gate: Gate = GATE) -> None:
        self._assistant = assistant
        self._gate = gate

    def ask(
        self,
        question: str,
        history: list[str] = _NONE,
        id: str = "",
        places: list[str] = _NONE,
        since: str = "",
        until: str = "",
        passages: int = 0,
    ) -> dict[str, Any]:
        """向报告提问：回答的每句话都有出处，数字与原文核对过；报告里没有的会说明没有。

        Args:
            question: 要问的问题，中文，最多 3000 字
            history: 这之前问过的问题，先问的在前，最多 20 个；追问时用
            id: 自定的编号，原样写进回答
            places: 只在谈到这些地方的报告段落里找，如 西昌；不写不限
            since: 只找这一天及以后的报告，如 2023 或 2023-06；不写不限
            until: 只找这一天及以前的报告；不写不限
            passages: 先读多少段原文再作答，1 到 40；0 是默认的 12
        """
        _check_text("question", question)
        if not isinstance(history, list) or not all(isinstance(turn, str) for turn in history):
            raise InputError("history 要是一列文字（之前问过的问题）：请改正后再试。")
        if len(history) > MOST_TURNS or any(len(turn) > LONGEST_QUESTION for turn in history):
            raise InputError(f"history 最多 {MOST_TURNS} 个问题，每个最多 {LONGEST_QUESTION} 字：请缩短后再试。")
        if not isinstance(id, str) or len(id) > _LONGEST_ID:
            raise InputError(f"id 要是不超过 {_LONGEST_ID} 字的文字：请改正后再试。")
        scope = checked_scope(places, since, until, passages)
        with self._gate.turn():
            return self._assistant.ask(question.strip(), history=tuple(history), id=id, scope=scope).to_json()

    def search(self, query: str, k: int = 10) -> dict[str, Any]:
        """在报告里查找与一句话最相关的段落，不经过语言模型。

        Args:
            query: 要找的内容，最多 3000 字
            k: 找几个段落，1 到 100
        """
        _check_text("query", query)
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST_HITS:
            raise InputError(f"k 要是 1 到 {MOST_HITS} 的整数：请改正后再试。")
        with self._gate.turn():
            return hits_to_json("", query, self._assistant.search(query, k))

    def reports(self) -> dict[str, Any]:
        """列出报告文件夹和索引里的报告，以及每份的状态。"""
        found = [asdict(report) for report in self._assistant.library.reports()]
        return {"index_version": self._assistant.index_version, "reports": found}


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{name} 是空的，或不是文字：请写上要问、要找的内容。")
    if len(value) > LONGEST_QUESTION:
        raise InputError(f"{name} 有 {len(value)} 字，超过了 {LONGEST_QUESTION} 字的上限：请缩短后再试。")
