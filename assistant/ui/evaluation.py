"""The page 评测: start a run over a suite and stop it, look at a run's report, compare two runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import EvaluationJob, JudianError
from assistant.ui import evaluation_html as html
from assistant.ui.context import Context
from assistant.ui.reports_html import moment, said

_SCRIPT = Path(__file__).with_name("reports.js")
_IDLE, _BUSY = 5.0, 1.0  # seconds between two looks at the run
_NONE = '<p class="jd-rempty">这个窗口没有带评测：请在命令行运行 judian eval，或用 judian chat 打开窗口。</p>'
_OWN = "自己的题库（.jsonl .json .csv .xlsx）放进索引旁的 suites 文件夹，就会列在这里。评测时聊天照常，只是会慢一些。"

Update = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the page. `seen` is the state of the run that this tab shows."""

    seen: gr.State
    timer: gr.Timer
    list_view: gr.Column
    suite: gr.Dropdown
    start: gr.Button
    cancel: gr.Button
    said: gr.HTML
    run: gr.HTML
    runs: gr.HTML
    before: gr.Dropdown
    after: gr.Dropdown
    compare: gr.Button
    comparison: gr.HTML
    report: gr.HTML


def evaluation_page(blocks: gr.Blocks, context: Context) -> None:
    """Lays the page out in the open tab and connects it."""
    if context.evaluation is None:
        with gr.Column(elem_classes="jd-page", elem_id="jd-evaluation"):
            gr.HTML(_NONE, js_on_load=None, apply_default_css=False)
        return
    job = EvaluationJob(context.evaluation, context.assistant)
    _connect(blocks, _lay_out(), context.evaluation, job)


def _lay_out() -> Parts:
    live: dict[str, Any] = {"js_on_load": _SCRIPT.read_text(encoding="utf-8"), "apply_default_css": False}
    plain: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    seen, timer = gr.State(""), gr.Timer(_IDLE)
    with gr.Column(elem_classes="jd-page", elem_id="jd-evaluation"):
        with gr.Column(elem_id="jd-elist") as list_view:
            gr.HTML('<div class="jd-rhead"><h2>评测</h2><p>用有标准答案的题库检查回答</p></div>', **plain)
            with gr.Row(elem_id="jd-eactions"):
                suite = gr.Dropdown([], label="题库", elem_id="jd-esuite", scale=1, min_width=200)
                start = gr.Button("开始评测", variant="primary", size="sm", elem_id="jd-estart", scale=0)
                cancel = gr.Button("停下", variant="stop", size="sm", elem_id="jd-ecancel", scale=0, visible=False)
            gr.HTML(f'<p class="jd-rnote">{_OWN}</p>', **plain)
            said = gr.HTML(elem_id="jd-esaid", **plain)
            run = gr.HTML(elem_id="jd-erun", **plain)
            runs = gr.HTML(elem_id="jd-eruns", **live)
            gr.HTML('<h3 class="jd-rtitle">比较两次</h3>', **plain)
            with gr.Row(elem_id="jd-epair"):
                before = gr.Dropdown([], label="先前的一次", elem_id="jd-ebefore", min_width=180)
                after = gr.Dropdown([], label="后来的一次", elem_id="jd-eafter", min_width=180)
                compare = gr.Button("比较", size="sm", elem_id="jd-ecompare", scale=0)
            comparison = gr.HTML(elem_id="jd-ecomparison", **plain)
        report = gr.HTML(elem_id="jd-ereport", visible=False, **live)
    pair = (before, after, compare, comparison)
    return Parts(seen, timer, list_view, suite, start, cancel, said, run, runs, *pair, report)


def _connect(blocks: gr.Blocks, parts: Parts, evaluation: Any, job: EvaluationJob) -> None:
    p, page = parts, _Page(parts, evaluation, job)
    at_once: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    shown = [p.seen, p.timer, p.suite, p.start, p.cancel, p.run, p.runs, p.before, p.after]
    blocks.load(page.opened, None, [p.said, *shown], **at_once)
    p.timer.tick(page.tick, [p.seen], shown, **at_once)
    p.start.click(page.start, [p.suite], [p.said, *shown], **at_once)
    p.cancel.click(page.cancel, None, [p.said, *shown], **at_once)
    p.compare.click(page.compare, [p.before, p.after], [p.comparison], **at_once)
    p.runs.show(page.show, None, [p.list_view, p.report], **at_once)
    p.report.close(page.close, None, [p.list_view, p.report], **at_once)


class _Page:
    """What each event changes, over the evaluation."""

    def __init__(self, parts: Parts, evaluation: Any, job: EvaluationJob) -> None:
        self._parts = parts
        self._evaluation = evaluation
        self._job = job

    def opened(self) -> Update:
        """The whole list view, the first suite chosen."""
        suites = self._evaluation.suites()
        usable = [(f"{suite.name}（{suite.questions} 题）", suite.name) for suite in suites if not suite.problem]
        bad = [(False, suite.problem) for suite in suites if suite.problem]
        chosen = gr.Dropdown(usable, value=usable[0][1] if usable else None)
        return self._kept() | {self._parts.suite: chosen, self._parts.said: said(bad)}

    def _kept(self) -> Update:
        """The kept runs, the last two ready to be compared."""
        p, found = self._parts, self._evaluation.runs()
        kept = [
            (f"{moment(run.finished_at)}　{'、'.join(run.suites)}　{html.share(run.accuracy)}", run.name)
            for run in found
        ]
        names = [*(name for _, name in kept), None, None]
        return self._run() | {
            p.runs: html.runs(found),
            p.before: gr.Dropdown(kept, value=names[1]),
            p.after: gr.Dropdown(kept, value=names[0]),
        }

    def tick(self, seen: str) -> Update:
        """The run as it goes on; the kept runs once it has ended."""
        if seen != self._seen():
            return self._kept()
        return self._run() if self._job.state.running else {self._parts.seen: gr.skip()}

    def start(self, suite: Any) -> Update:
        if not isinstance(suite, str):
            return self._said("没有选题库：请先选一个。")
        return self._said("" if self._job.start(suite) else "已有一次评测正在进行：请等它结束，或先停下它。")

    def cancel(self) -> Update:
        self._job.cancel()
        return self._said("")

    def compare(self, before: Any, after: Any) -> str:
        if not isinstance(before, str) or not isinstance(after, str):
            return said([(False, "要选好先前和后来两次评测，才能比较。")])
        try:
            return html.comparison(self._evaluation.compare(before, after))
        except JudianError as error:
            return said([(False, str(error))])

    def show(self, event: gr.EventData) -> Update:
        name = event.name if isinstance(event.name, str) else ""
        try:
            page = html.report(name, self._evaluation.report_html(name).read_text(encoding="utf-8"))
        except (JudianError, OSError) as error:
            sentence = str(error) if isinstance(error, JudianError) else f"评测报告 {name} 打不开：请重新运行一次。"
            return self._said(sentence) | {self._parts.list_view: gr.skip()}
        return {self._parts.list_view: gr.Column(visible=False), self._parts.report: gr.HTML(page, visible=True)}

    def close(self) -> Update:
        return {self._parts.list_view: gr.Column(visible=True), self._parts.report: gr.HTML("", visible=False)}

    def _said(self, sentence: str) -> Update:
        return self._run() | {self._parts.said: said([(False, sentence)] if sentence else [])}

    def _run(self) -> Update:
        p, state = self._parts, self._job.state
        return {
            p.seen: self._seen(),
            p.timer: gr.Timer(_BUSY if state.running else _IDLE),
            p.run: html.progress(state),
            p.start: gr.Button(interactive=not state.running),
            p.cancel: gr.Button(visible=state.running, interactive=not state.cancelling),
        }

    def _seen(self) -> str:
        """What a tab has seen of the run: other tabs start and stop it too."""
        state = self._job.state
        return f"{state.number} {state.status}"
