"""The page 评测 as HTML: the run under way, the kept runs, a comparison, a run's report.

`runs` and comparisons are values of the evaluation, which this room does not import.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from assistant import RunState
from assistant.ui.reports_html import moment
from assistant.ui.text import text

_OUTCOMES = {"done": ("ok", "完成"), "failed": ("bad", "没有完成"), "cancelled": ("none", "已停下")}
_MOST_CHANGES = 100


def progress(state: RunState) -> str:
    """The run under way with its bar, or how the last one ended; "" before the first."""
    if state.status == "idle":
        return ""
    seconds = f"<time>{state.seconds:.0f} 秒</time>"
    right = f"答对 {state.correct}" if state.done else ""
    if not state.running:
        tone, label = _OUTCOMES[state.status]
        said = state.error or f"{state.suite}：{state.done} / {state.total} 题，{right or '还没有作答'}"
        said += "。再次开始会接着做。" if state.status == "cancelled" else ""
        badge = f'<span class="jd-badge {tone}">{label}</span>'
        return f'<section class="jd-rbuild" role="status"><p>{badge}<span>{text(said)}</span>{seconds}</p></section>'
    share = 100 * state.done / state.total if state.total else 0
    stage = "做完这一题就停" if state.cancelling else f"正在评测 {state.suite}"
    count = f"{state.done} / {state.total} 题" if state.total else "准备"
    return (
        f'<section class="jd-rbuild"><p><b>{text(stage)}</b><span>{count}　{right}</span>{seconds}</p>'
        f'<div class="jd-rbar" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share:.0f}" '
        f'aria-label="评测进度"><i style="width:{share:.1f}%"></i></div>'
        f'<p class="jd-rnote">{text(state.question)}</p></section>'
    )


def runs(found: Sequence[Any]) -> str:
    """The kept runs, newest first, each with its shares and the way to its report."""
    if not found:
        return '<p class="jd-rempty">还没有评测过：选一个题库，点“开始评测”。</p>'
    rows = "".join(_run(info) for info in found[:200])
    return (
        '<table class="jd-rtable"><thead><tr><th>完成于</th><th>题库</th><th>模型</th><th class="num">题数</th>'
        '<th>正确率（95% 区间）</th><th class="num">误答</th><th class="num">误拒</th>'
        f'<th><span class="jd-hidden">操作</span></th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _run(info: Any) -> str:
    low, high = info.interval
    bar = (
        '<span class="jd-einterval" aria-hidden="true">'
        f'<i style="left:{100 * low:.1f}%;width:{100 * (high - low):.1f}%"></i>'
        f'<b style="left:{100 * info.accuracy:.1f}%"></b></span>'
    )
    model = "只摘引原文" if info.model == "none" else info.model
    return (
        f'<tr><td class="name"><b>{text(moment(info.finished_at))}</b>'
        f"<small>索引 {text(info.index_version)}</small></td>"
        f'<td data-label="题库">{text("、".join(info.suites))}</td><td data-label="模型">{text(model)}</td>'
        f'<td class="num" data-label="题数">{info.questions}</td>'
        f'<td data-label="正确率">{share(info.accuracy)}<small>{share(low)}–{share(high)}</small>{bar}</td>'
        f'<td class="num" data-label="误答">{share(info.false_answers)}</td>'
        f'<td class="num" data-label="误拒">{share(info.false_refusals)}</td>'
        f'<td class="do"><button type="button" class="jd-rbutton" data-do="show" data-name="{text(info.name)}">'
        "看报告</button></td></tr>"
    )


def comparison(found: Any) -> str:
    """Two runs over the questions they share: shares, the interval of their difference, what turned."""
    before, after = found.accuracy
    low, high = found.interval
    facts = (
        f"共有 {found.shared} 题：先前 {share(before)}，后来 {share(after)}，相差 {points(after - before)}"
        f"（95% 区间 {points(low)} 至 {points(high)}，p = {found.p:.3f}）。{found.verdict}"
    )
    return (
        f'<section class="jd-ecompare"><p>{text(facts)}</p>'
        f"{_turned('由对变错', found.turned_wrong)}{_turned('由错变对', found.turned_right)}</section>"
    )


def _turned(label: str, changes: Sequence[Any]) -> str:
    if not changes:
        return f'<h4>{label}</h4><p class="jd-rnote">没有。</p>'
    rows = "".join(
        f"<li><b>{text(change.question)}</b><small>{text(change.kind)}　{text(change.id)}</small>"
        f"<p><i>先前</i>{text(change.before)}</p><p><i>后来</i>{text(change.after)}</p></li>"
        for change in changes[:_MOST_CHANGES]
    )
    return f"<h4>{label}（{len(changes)} 题）</h4><ol>{rows}</ol>"


def report(name: str, page: str) -> str:
    """A run's report, a whole page of its own, in a frame that can reach neither this window nor any host."""
    return (
        '<header class="jd-rpreview"><button type="button" class="jd-rbutton" data-do="close">‹ 返回列表</button>'
        f'<h2>评测报告</h2></header><iframe class="jd-eframe" sandbox="allow-scripts" title="评测报告 {text(name)}" '
        f'srcdoc="{escape(page)}"></iframe>'
    )


def share(value: float | None) -> str:
    """A share as a percentage, "" where it was not measured."""
    return "" if value is None else f"{100 * value:.1f}%"


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{100 * value:+.1f} 个百分点"
