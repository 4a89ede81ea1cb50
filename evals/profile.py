"""Where the time of an answer goes, beside the plain recipe: `python -m evals.profile [--questions 40]`.

First 据典: seconds from opening to ready, then each stage's share of the questions. Then the plain recipe of a
retrieval chain over the same reports, embedding, model and questions: windows of 500 characters that overlap by 50,
held in LangChain's InMemoryVectorStore, the best four put whole into one prompt, the reply taken as it is. Both run
one after the other in this process, so a machine that is busy with other things slows both: read the ratios.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from langchain_core.vectorstores import InMemoryVectorStore
from rich.console import Console
from rich.table import Table

from assistant import (
    Answer,
    Assistant,
    JudgeModel,
    Progress,
    Settings,
    Token,
    open_assistant,
    open_judge,
    read_settings,
)
from evals.metrics import Reply, correct
from evals.suite import DEFAULT_SUITE, Question, read_suite
from evals.summary import percentiles
from index import Embedder, build_index, load_embedder, read_report

_STAGES = {"rewrite": "理解问题", "retrieve": "检索", "evidence": "挑证据", "write": "撰写", "verify": "核对"}
_WINDOW, _OVERLAP, _SHOWN = 500, 50, 4
PLAIN_PROMPT = "根据下面的资料回答问题；资料完全没有提到时才回答“没有”。\n\n资料：\n{passages}\n\n问题：{question}"
DECLINES = re.compile(r"^\W*(资料|报告)?(中|里)?(完全)?(没有|未提|无法|不知道)")


@dataclass
class Measured:
    """Seconds of each question and how many were answered right; `stages` is empty for the plain recipe."""

    ready: float = 0.0
    retrieve: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    right: int = 0
    stages: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def ours(settings: Settings, questions: Sequence[Question]) -> Measured:
    """据典 over the index of `settings`."""
    found, since = Measured(), time.perf_counter()
    with closing(open_assistant(settings)) as assistant:
        assistant.warm()
        found.ready = time.perf_counter() - since
        for question in questions:
            _ask(assistant, question, found)
    return found


def _ask(assistant: Assistant, question: Question, found: Measured) -> None:
    """One question; a stage lasts until the next begins."""
    started = last = time.perf_counter()
    stage, first = "", 0.0
    for event in assistant.stream(question.question, history=question.history):
        now = time.perf_counter()
        if isinstance(event, Token):
            first = first or now
        elif isinstance(event, Progress | Answer):
            if stage:
                found.stages[stage] += now - last
            if stage == "retrieve":
                found.retrieve.append(now - last)
            stage, last = (event.stage, now) if isinstance(event, Progress) else ("", now)
        if isinstance(event, Answer):
            found.right += correct(question, _reply(event.status, event.answer))
            found.whole.append(now - started)
            found.first.append((first or now) - started)


def plain(settings: Settings, embedder: Embedder, questions: Sequence[Question]) -> Measured:
    """The plain recipe over the same reports; `settings.llm` is its model. Its index is ready before the clock runs."""
    found = Measured()
    store = InMemoryVectorStore(embedder)
    store.add_texts(list(_windows(settings.reports)))
    since = time.perf_counter()
    with closing(open_judge(settings.model_copy(update={"judge": settings.llm}))) as model:
        found.ready = time.perf_counter() - since
        for question in questions:
            _ask_plain(store, model, question, found)
    return found


def _ask_plain(store: InMemoryVectorStore, model: JudgeModel, question: Question, found: Measured) -> None:
    started = time.perf_counter()
    passages = [document.page_content for document in store.similarity_search(question.question, _SHOWN)]
    found.retrieve.append(time.perf_counter() - started)
    said, first = "", 0.0
    for piece in model.stream(PLAIN_PROMPT.format(passages="\n\n".join(passages), question=question.question)):
        first = first or time.perf_counter()
        said += piece
    found.whole.append(time.perf_counter() - started)
    found.first.append((first or time.perf_counter()) - started)
    status = "refused" if DECLINES.match(said) else "answered"
    found.right += correct(question, _reply(status, said))


def _reply(status: str, said: str) -> Reply:
    return Reply(status, said, (), (), (), 0.0, 0.0)


def _windows(reports: Path) -> Iterator[str]:
    for path in sorted(path for path in reports.rglob("*") if path.is_file() and not path.name.startswith(".")):
        text = read_report(path, path.relative_to(reports).as_posix()).text
        for start in range(0, max(1, len(text) - _OVERLAP), _WINDOW - _OVERLAP):
            yield text[start : start + _WINDOW]


def print_tables(own: Measured, other: Measured | None, count: int, console: Console) -> None:
    """The shares of the stages, then the two ways side by side."""
    spent = sum(own.stages.values()) or 1.0
    shares = Table(title=f"{count} 个问题里各步所占")
    for name in ("步骤", "占比", "平均秒"):
        shares.add_column(name, justify="left" if name == "步骤" else "right")
    for stage, name in _STAGES.items():
        seconds = own.stages.get(stage, 0.0)
        shares.add_row(name, f"{seconds / spent:.0%}", f"{seconds / count:.3f}")
    console.print(shares)
    sides = Table(title="秒为 p50 / p95")
    sides.add_column("")
    sides.add_column("据典", justify="right")
    sides.add_column("普通做法", justify="right")
    rows: dict[str, Callable[[Measured], str]] = {
        "打开到能问": lambda one: f"{one.ready:.1f}",
        "检索（含问题的向量）": lambda one: _pair(one.retrieve),
        "第一个字": lambda one: _pair(one.first),
        "整个回答": lambda one: _pair(one.whole),
        "答对": lambda one: f"{one.right / count:.0%}",
    }
    for name, cell in rows.items():
        sides.add_row(name, cell(own), cell(other) if other else "没有模型，不能比")
    console.print(sides)


def _pair(seconds: Sequence[float]) -> str:
    p50, p95 = percentiles(seconds)
    return f"{p50:.2f} / {p95:.2f}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.profile", description="回答的时间花在哪里，与普通做法相比")
    parser.add_argument("--questions", type=int, default=40, help="从题库里均匀取多少题")
    parser.add_argument("--suite", type=Path, default=DEFAULT_SUITE)
    args = parser.parse_args(arguments)
    asked = [question for question in read_suite(args.suite) if not question.history]
    places = np.linspace(0, len(asked) - 1, min(args.questions, len(asked))).astype(int)
    questions = [asked[place] for place in places]
    settings = read_settings()
    embedder = load_embedder(settings.embedding, settings.models)
    with tempfile.TemporaryDirectory() as home:
        there = settings.model_copy(update={"index": Path(home, "index"), "chroma_url": "", "trace": "off"})
        print("正在建索引……", file=sys.stderr)
        build_index(there.reports, there.index, embedder)
        print(f"正在问据典 {len(questions)} 题……", file=sys.stderr)
        own = ours(there, questions)
        other = None
        if settings.llm != "none":
            print("正在用普通做法再问一遍……", file=sys.stderr)
            other = plain(there, embedder, questions)
    print_tables(own, other, len(questions), Console())


if __name__ == "__main__":
    main()
