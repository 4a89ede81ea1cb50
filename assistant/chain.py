"""The steps of an answer in their order, as one LCEL chain: rewrite, retrieve, evidence, write, verify.

What flows is a State; each stage passes on the events of the stages before it and ends with the next State, the
last with the Answer. Only this file knows the order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from langchain_core.runnables import Runnable, RunnableGenerator

from assistant.answer import quoted, refusal, write
from assistant.citations import Grounded, ground
from assistant.evidence import Selection, Similarity, content_words, select
from assistant.figures import contains_figure, find_figures
from assistant.model import LoadedModel, explain_failure
from assistant.retrieve import search
from assistant.rewrite import Query, claimed_figures, understand
from assistant.schema import Answer, Event, Evidence, Hit, Progress, Status, Token
from assistant.settings import Settings
from index import Index

# Passages looked at for one (sub-)question; their sentences compete for the model's few lines of evidence.
PASSAGES = 12
# The model drops items of lists and shortens definitions: there the sentence itself is the answer.
QUOTED_KINDS = frozenset({"list", "definition", "how", "open"})


@dataclass(frozen=True, slots=True)
class Parts:
    """What the chain works with: one version of the index, one model."""

    settings: Settings
    index: Index
    similarity: Similarity
    model: LoadedModel


@dataclass(frozen=True, slots=True)
class State:
    """A question on its way. `started` is a time.perf_counter(), `seconds` what each stage took."""

    question: str
    history: tuple[str, ...] = ()
    id: str = ""
    started: float = 0.0
    query: Query | None = None
    hits: tuple[tuple[Hit, ...], ...] = ()
    selections: tuple[Selection, ...] = ()
    draft: str = ""
    seconds: dict[str, float] = field(default_factory=dict)


Step = Callable[[State], Iterator[Event | State]]


def _stage(name: str, step: Step) -> Runnable[Event | State, Event | State]:
    def transform(items: Iterator[Event | State]) -> Iterator[Event | State]:
        for item in items:
            if isinstance(item, State):
                yield Progress(name)
                yield from step(item)
            else:
                yield item

    return RunnableGenerator(transform)


def build_chain(parts: Parts) -> Runnable[Event | State, Event | State]:
    """The LCEL chain; `.stream(State(...))` yields Progress and Token events and, last, the Answer."""
    return (
        _stage("rewrite", _rewrite)
        | _stage("retrieve", lambda state: _retrieve(state, parts))
        | _stage("evidence", lambda state: _evidence(state, parts))
        | _stage("write", lambda state: _write(state, parts))
        | _stage("verify", lambda state: _verify(state, parts))
    )


def _timed(state: State, name: str, since: float) -> dict[str, float]:
    return {**state.seconds, name: round(time.perf_counter() - since, 3)}


def _rewrite(state: State) -> Iterator[State]:
    since = time.perf_counter()
    query = understand(state.question, state.history)
    yield replace(state, query=query, seconds=_timed(state, "rewrite", since))


def _asked(state: State) -> tuple[Query, ...]:
    assert state.query is not None  # set by the first stage
    return state.query.parts or (state.query,)


def _retrieve(state: State, parts: Parts) -> Iterator[State]:
    since = time.perf_counter()
    hits = tuple(
        search(parts.index, q.text, k=PASSAGES, places=(*q.places, *q.inherited)) for q in _asked(state)
    )
    yield replace(state, hits=hits, seconds=_timed(state, "retrieve", since))


def _evidence(state: State, parts: Parts) -> Iterator[State]:
    since = time.perf_counter()
    asked = _asked(state)
    rarity = parts.index.rarity([word for query in asked for word in content_words(query)])
    selections = tuple(
        select(query, hits, rarity, parts.similarity) for query, hits in zip(asked, state.hits, strict=True)
    )
    yield replace(state, selections=selections, seconds=_timed(state, "evidence", since))


def _write(state: State, parts: Parts) -> Iterator[Event | State]:
    draft, first = "", 0.0
    for piece in _pieces(state, parts):
        first = first or time.perf_counter()
        draft += piece
        yield Token(piece)
    seconds = {**state.seconds, "first_token": round((first or time.perf_counter()) - state.started, 3)}
    yield replace(state, draft=draft, seconds=seconds)


def _pieces(state: State, parts: Parts) -> Iterator[str]:
    for selection in state.selections:
        if selection.covered:
            yield from _draft(selection, parts)


def _draft(selection: Selection, parts: Parts) -> Iterator[str]:
    chat = parts.model.chat
    if chat is None or selection.query.kind in QUOTED_KINDS or _false_claims(selection):
        yield quoted(selection)
        return
    text = ""
    try:
        for piece in write(selection.query, selection.evidence, chat):
            text += piece
            yield piece
    except Exception as error:
        raise explain_failure(error, parts.settings) from error
    if text and not text.rstrip().endswith(("。", "！", "？")):
        yield "。"


def _false_claims(selection: Selection) -> tuple[str, ...]:
    """Figures that the question asserts and that no evidence holds."""
    lines = [e.sentence.text for e in selection.evidence]
    claims = [c for text in claimed_figures(selection.query) for c in find_figures(text)]
    return tuple(c.text for c in claims if not any(contains_figure(line, c) for line in lines))


def _verify(state: State, parts: Parts) -> Iterator[Answer]:
    covered = [s for s in state.selections if s.covered]
    if not covered:
        yield _refuse(state, parts)
        return
    evidence = tuple(e for s in covered for e in s.evidence)
    grounded = ground(state.draft, evidence, text_of=parts.index.text)
    if not _holds(grounded, covered):
        grounded = ground("".join(map(quoted, covered)), evidence, text_of=parts.index.text)
    if not grounded.answer:
        yield _refuse(state, parts)
        return
    notes = [refusal(s) for s in state.selections if not s.covered]
    claims = [claim for s in covered for claim in _false_claims(s)]
    opening = f"报告中没有“{'、'.join(claims)}”的说法，有关记载是：" if claims else ""
    status: Status = "partial" if notes or grounded.dropped else "answered"
    yield _answer(state, parts, status, opening + grounded.answer + "".join(notes), grounded)


def _holds(grounded: Grounded, covered: Sequence[Selection]) -> bool:
    """True if the draft stands: something is left of it, each figure is verified, and a figure asked for is there."""
    if not grounded.answer or not all(f.verified for f in grounded.figures):
        return False
    numeric = any(s.query.kind == "number" for s in covered)
    found = [f for f in find_figures(grounded.answer) if f.kind not in {"year", "date"}]
    return bool(found) or not numeric


def _refuse(state: State, parts: Parts) -> Answer:
    nearest: tuple[Evidence, ...] = tuple(s.evidence[0] for s in state.selections if s.evidence and s.missing[:1] == ("period",))
    text = "".join(dict.fromkeys(refusal(s) for s in state.selections))
    if not nearest:
        return _answer(state, parts, "refused", text, Grounded("", (), (), ()))
    grounded = ground("".join(e.sentence.text for e in nearest[:1]), nearest, text_of=parts.index.text)
    return _answer(state, parts, "refused", f"{text}最接近的记载是：{grounded.answer}", grounded)


def _answer(state: State, parts: Parts, status: Status, text: str, grounded: Grounded) -> Answer:
    assert state.query is not None
    best = {hit.passage.id: hit for hits in state.hits for hit in hits}
    return Answer(
        id=state.id,
        question=state.question,
        standalone_question=state.query.text,
        status=status,
        answer=text,
        citations=grounded.citations,
        figures=grounded.figures,
        retrieved=tuple(sorted(best.values(), key=lambda hit: -hit.score)),
        model=parts.model.name,
        index_version=parts.index.version,
        seconds=_timed(state, "total", state.started),
    )
