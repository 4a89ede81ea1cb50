"""The watchers of a page: what each sends it, and with which update it ends."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import Answer, Assistant, Event, Progress, read_settings
from assistant.ui.chat_events import ChatEvents, Parts, Update
from assistant.ui.context import Context

ANSWER = Answer("", "产值？", "产值？", "refused", "没有找到。", (), (), (), "示例", "v1", {"total": 0.1})


class _Assistant(Assistant):
    """Answers when `gate` opens."""

    def __init__(self, folder: Path) -> None:
        self._settings = read_settings(index=folder / "index", llm="none")
        self.gate = threading.Event()

    @property
    def loading(self) -> bool:
        return False

    def stream(self, question: str, **given: Any) -> Iterator[Event]:
        yield Progress("write")
        assert self.gate.wait(20)
        yield ANSWER

    def search(self, query: str, *args: Any, **given: Any) -> tuple[()]:
        return ()


def _request() -> gr.Request:
    return gr.Request(client=("127.0.0.1", 1), headers={}, username="李", session_hash="一页")


def test_a_watcher_that_ends_after_a_newer_one_leaves_nothing_of_its_draft(tmp_path: Path) -> None:
    """Gradio sends a generator's last update once more when it ends."""
    fake = _Assistant(tmp_path)
    parts = Parts(*(gr.HTML() for _ in range(5)), gr.Button(), gr.Button())  # type: ignore[arg-type]
    events = ChatEvents(Context(fake, who=lambda request: "李"), parts)
    talk = events._talks.open("李", "")
    told = json.dumps({"talk": talk.id})
    assert events._talks.ask(talk, "产值？")

    async def watched() -> tuple[Update, Update, Update]:
        older, newer = events.watch(told, _request()), events.watch(told, _request())
        drafts = [await anext(older) for _ in range(3)]
        assert "jd-live" in drafts[-1][parts.running]
        await anext(newer)
        await anext(newer)
        fake.gate.set()
        *_, shown, last = [update async for update in newer]
        return shown, last, [update async for update in older][-1]

    shown, *ends = asyncio.run(watched())
    assert "jd-live" not in shown[parts.running]
    assert ends == [{parts.running: gr.skip()}] * 2
