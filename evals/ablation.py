"""What each part of the chain is worth: `python -m evals.ablation [--questions 60] [--rows dense hybrid …]`.

Each row adds one part to the row before it: passages of the dense search alone, put whole into one prompt; those of
the hybrid search; evidence by sentence, from which the code decides whether to answer; questions taken apart, and
results computed; each sentence and figure verified. A part that is left out is replaced where the chain names it.
The first two rows need a model, and read some 1,000 tokens a question.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from unittest import mock

import numpy as np
from rich.console import Console
from rich.table import Table

from assistant import Figure, Settings, contains_figure, find_figures, open_assistant, open_judge, read_settings
from evals.match import without_marks
from evals.metrics import Reply, correct
from evals.profile import DECLINES, PLAIN_PROMPT
from evals.suite import DEFAULT_SUITE, Question, read_suite
from index import Index, build_index, load_embedder, open_index

ROWS = {
    "dense": "只用向量检索，整段交给模型",
    "hybrid": "混合检索，整段交给模型",
    "evidence": "＋逐句取证、由程序拒答",
    "decomposition": "＋拆题、由程序计算",
    "verification": "＋核对（据典）",
}
_SHOWN = 4  # passages in a plain prompt
Ask = Callable[[Question], Reply]


@dataclass(frozen=True, slots=True)
class Result:
    """One row over its questions. Counts, but `seconds`: the mean of a question.

    `unfounded` are the answers with a figure that stands in no report; results that the program computed and says it
    computed are not counted, nor figures of the question.
    """

    questions: int
    right: int
    unanswerable: int
    false_answers: int
    false_refusals: int
    unfounded: int
    seconds: float


def measure(row: str, settings: Settings, questions: Sequence[Question]) -> Result:
    """One row of ROWS over an index that is built. Raises JudianError."""
    way = partial(_plain, row == "dense") if row in ("dense", "hybrid") else partial(_chain, row)
    embedder = load_embedder(settings.embedding, settings.models)
    with closing(open_index(settings.index, embedder)) as index:
        texts = [index.text(source) for source in dict.fromkeys(p.source for p in index.all_passages())]
        with way(settings, index) as ask:
            since = time.perf_counter()
            replies = [ask(question) for question in questions]
            seconds = (time.perf_counter() - since) / len(questions)
    pairs = list(zip(questions, replies, strict=True))
    return Result(
        questions=len(pairs),
        right=sum(correct(q, r) for q, r in pairs),
        unanswerable=sum(not q.answerable for q in questions),
        false_answers=sum(not q.answerable and r.status != "refused" for q, r in pairs),
        false_refusals=sum(q.answerable and r.status == "refused" for q, r in pairs),
        unfounded=sum(_unfounded(q, r, "\n".join(texts)) for q, r in pairs),
        seconds=seconds,
    )


def _unfounded(question: Question, reply: Reply, text: str) -> bool:
    if reply.status == "refused":
        return False
    results = {figure.text for figure in reply.figures if figure.computed}
    said = [f for f in find_figures(without_marks(reply.answer)) if f.text not in results]
    asked = "\n".join((question.question, *question.history))
    return not all(contains_figure(text, figure) or contains_figure(asked, figure) for figure in said)


@contextmanager
def _plain(dense: bool, settings: Settings, index: Index) -> Iterator[Ask]:
    """Whole passages in one prompt; what the model says is the answer."""
    with (
        closing(open_judge(settings.model_copy(update={"judge": settings.llm}))) as model,
        closing(open_assistant(settings.model_copy(update={"llm": "none"}))) as assistant,
    ):

        def ask(question: Question) -> Reply:
            text = question.question
            ids = [id_ for id_, _ in index.dense(text, _SHOWN)]
            found = index.passages(ids) if dense else [hit.passage for hit in assistant.search(text, _SHOWN)]
            said = "".join(model.stream(PLAIN_PROMPT.format(passages=_together(found), question=text)))
            return Reply("refused" if DECLINES.match(said) else "answered", said, (), (), (), 0.0, 0.0)

        yield ask


def _together(passages: Sequence[Any]) -> str:
    return "\n\n".join(passage.text for passage in passages)


@contextmanager
def _chain(row: str, settings: Settings, index: Index) -> Iterator[Ask]:
    """The chain, without the parts that come after `row`."""
    with ExitStack() as without, closing(open_assistant(settings)) as assistant:
        if row == "evidence":
            _without(
                without,
                understand=_whole,
                several=_none,
                of_each_place=_none,
                to_take_apart=_no,
                asks_for_result=_no,
                reckons=_no,
                members=_none,
            )
        if row in ("evidence", "decomposition"):
            _without(without, checked=_as_written, false_claims=_none, disagreement=_nothing, foretold=_silent)

        def ask(question: Question) -> Reply:
            answer = assistant.ask(question.question, history=question.history)
            return Reply.from_json(answer.to_json(), first_token=0.0, total=0.0)

        yield ask


def _without(stack: ExitStack, **stands_in: Callable[..., Any]) -> None:
    """Until `stack` is closed, the chain has these for its steps; each is given the real one first."""
    for name, function in stands_in.items():
        real = resolve_name(f"assistant.chain:{name}")
        stack.enter_context(mock.patch(f"assistant.chain.{name}", partial(function, real)))


def _whole(real: Callable[..., Any], text: str, history: Sequence[str]) -> Any:
    query = real(text, history)
    return replace(query, parts=(), kind="list" if query.kind == "aggregate" else query.kind)


def _as_written(real: Callable[..., Any], selection: Any, draft: str, text_of: Callable[[str], str]) -> Any:
    """The draft as it is, with the citations of what would have stood; each figure passes for verified."""
    figures = tuple(Figure(figure.text, True, 1) for figure in find_figures(draft))
    return replace(real(selection, draft, text_of), answer=draft, figures=figures, dropped=())


def _nothing(real: Callable[..., Any], selection: Any, said: Any, text_of: Any) -> Any:
    return replace(said, answer="", citations=(), figures=(), dropped=())


def _none(real: Callable[..., Any], *arguments: Any) -> tuple[()]:
    return ()


def _no(real: Callable[..., Any], *arguments: Any) -> bool:
    return False


def _silent(real: Callable[..., Any], *arguments: Any) -> str:
    return ""


def table(results: dict[str, Result], title: str) -> Table:
    """The rows as a table for a terminal."""
    shown = Table(title=title)
    for name in ("", "答对", "误答", "误拒", "有报告里没有的数字", "平均秒"):
        shown.add_column(name, justify="right" if name else "left")
    for row, one in results.items():
        answerable = one.questions - one.unanswerable
        shown.add_row(
            ROWS[row],
            f"{one.right}/{one.questions} {one.right / one.questions:.1%}",
            f"{one.false_answers}/{one.unanswerable}",
            f"{one.false_refusals}/{answerable}",
            f"{one.unfounded}",
            f"{one.seconds:.1f}",
        )
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.ablation", description="链条上每一步值多少，逐行加一步")
    parser.add_argument("--questions", type=int, default=60, help="从题库里均匀取多少题")
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="只量这几行")
    parser.add_argument("--suite", type=Path, default=DEFAULT_SUITE)
    args = parser.parse_args(arguments)
    asked = read_suite(args.suite)
    places = np.linspace(0, len(asked) - 1, min(args.questions, len(asked))).astype(int)
    questions = [asked[place] for place in places]
    settings = read_settings()
    results = {}
    with tempfile.TemporaryDirectory() as home:
        there = settings.model_copy(update={"index": Path(home, "index"), "chroma_url": "", "trace": "off"})
        print("正在建索引……", file=sys.stderr)
        build_index(there.reports, there.index, load_embedder(settings.embedding, settings.models))
        for row in args.rows:
            if row in ("dense", "hybrid") and settings.llm == "none":
                print(f"{ROWS[row]}：没有模型，不能量。", file=sys.stderr)
                continue
            print(f"{ROWS[row]}：正在问 {len(questions)} 题……", file=sys.stderr)
            results[row] = measure(row, there, questions)
            Console().print(table({row: results[row]}, ""))
    if len(results) > 1:
        Console().print(table(results, f"{settings.llm}，{len(questions)} 题"))


if __name__ == "__main__":
    main()
