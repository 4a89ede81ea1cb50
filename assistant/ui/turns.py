"""What a page of conversation shows, as HTML and as the changes that a page still lacks.

A page tells with each event which turns it shows (by their stamps, another after each change); it is sent the order
of all stamps and the HTML of those it lacks. So an update costs the same after two hundred turns as after two.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import Any

from assistant import Assistant, Draft, Talk, Turn
from assistant.ui import render
from assistant.ui.text import text

_STAGES = {"rewrite": "理解", "retrieve": "检索", "evidence": "取证", "write": "撰写", "verify": "核对"}


def changes(talk: Talk, known: Collection[str], *, welcome: str) -> dict[str, Any]:
    """The order of the turns shown, and the HTML of those that are not among `known`."""
    mark = talk.mark  # before the turns: an old mark is noticed, a new one with old turns would not be
    visible = shown(talk.turns)
    return {
        "talk": talk.id,
        "mark": mark,
        "order": [turn.stamp for turn in visible],
        "html": {turn.stamp: _turn(turn) for turn in visible if turn.stamp not in known},
        "welcome": "" if visible else welcome,
        "at": time.monotonic(),  # two equal values in a row would not reach the page
    }


def message(*, said: str = "", file: dict[str, str] | None = None) -> dict[str, Any]:
    """A sentence for the user or a file for the browser to keep; nothing else changes."""
    return {"said": said, "file": file, "at": time.monotonic()}


def news(*, talk: bool, welcome: str = "") -> dict[str, Any]:
    """That another tab has changed the conversation (`talk`); what an empty one shows from now on, "" as before."""
    return {"news": True, "catch": talk, "welcome": welcome, "at": time.monotonic()}


def running(talk: Talk, assistant: Assistant) -> str:
    """Below the turns: the draft and what waits behind it; or, when all is answered, how to go on."""
    all_turns = talk.turns
    waiting = [turn for turn in all_turns if turn.pending]
    words = _go_on(all_turns[-1]) if all_turns and not waiting else ""
    if waiting:
        words = _draft(talk.draft, loading=assistant.loading)
        words += "".join(_waiting(turn, place) for place, turn in enumerate(waiting[1:], 1))
    return f'<div data-talk="{text(talk.id)}">{words}</div>'


def shown(all_turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The turns up to the one that is being answered; those behind it wait below the draft."""
    first = next((place for place, turn in enumerate(all_turns) if turn.pending), len(all_turns))
    return all_turns[: first + 1]


def _turn(turn: Turn) -> str:
    tools = "" if turn.pending else _tools(turn)
    return f'<div class="jd-asked"><p class="jd-question">{text(turn.question)}</p>{tools}</div>{_reply(turn)}'


def _tools(turn: Turn) -> str:
    again = "" if turn.answer else f'<button type="button" data-again="{turn.key}">重问</button>'
    return (
        f'<div class="jd-tools">{again}<button type="button" data-edit="{turn.key}" '
        'title="修改后重新提问；这之后的问答会被替换">修改</button></div>'
    )


def _reply(turn: Turn) -> str:
    if turn.answer is not None:
        return render.answer(turn.answer, turn=turn.key, vote=turn.vote)
    if turn.error:
        return f'<article class="jd-answer jd-error" role="alert">{text(turn.error)}</article>'
    if turn.stopped:
        return '<article class="jd-answer jd-stopped">已停止。没有核对完的草稿不保留。</article>'
    return ""


def _waiting(turn: Turn, place: int) -> str:
    return (
        f'<div class="jd-asked jd-queued"><p class="jd-question">{text(turn.question)}</p><div class="jd-tools">'
        f'<span>排在第 {place} 位</span><button type="button" data-withdraw="{turn.key}">撤回</button></div></div>'
    )


def _go_on(turn: Turn) -> str:
    if not turn.more:
        return ""
    chips = "".join(f'<li><button type="button" data-ask="{text(one)}">{text(one)}</button></li>' for one in turn.more)
    return f'<nav class="jd-more" aria-label="接着问"><h4>接着问</h4><ul>{chips}</ul></nav>'


def _draft(now: Draft, *, loading: bool) -> str:
    """The steps with the running one marked, the seconds, and the words so far."""
    names = list(_STAGES)
    current = names.index(now.stage) if now.stage in names else -1
    steps = "".join(f'<li class="{_step(place, current)}">{label}</li>' for place, label in enumerate(_STAGES.values()))
    before = f"前面还有 {now.ahead} 个问题，" if now.ahead else ""
    waiting = "" if now.key else f'<span class="jd-wait">{before}排队等候中……</span>'
    if loading:
        waiting = '<span class="jd-wait">正在载入模型，第一次要等十来秒……</span>'
    words = f'<div class="jd-draft">{text(now.text)}<i class="jd-caret"></i></div>' if now.text else ""
    seconds = f"<time>{time.monotonic() - now.since:.1f} 秒</time>" if now.key else ""
    return (
        f'<article class="jd-answer jd-live" role="status"><div class="jd-steps"><ol>{steps}</ol>{waiting}{seconds}'
        f"</div>{words}</article>"
    )


def _step(place: int, current: int) -> str:
    return "done" if place < current else "now" if place == current else "todo"
