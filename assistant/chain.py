"""The steps of an answer in their order, as one LCEL chain: rewrite, retrieve, evidence, write, verify.

What flows is a State; each stage passes on the events of the stages before it and ends with the next State, the
last with the Answer. Only this file knows the order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from langchain_core.language_models import BaseChatModel
from langchain_core.runnables import Runnable, RunnableGenerator

from assistant.analyse import analyse, divided, without_places_in_names
from assistant.answer import prompt, quoted, refusal, write
from assistant.asked import Picked, pick, same
from assistant.citations import ground
from assistant.compute import operation
from assistant.conclusion import computed, of_result_alone, recounted, to_take_apart
from assistant.coverage import content_words
from assistant.decompose import decompose
from assistant.errors import EndpointError
from assistant.everywhere import of_each_place, select_everywhere, told_apart
from assistant.evidence import doubtful, select
from assistant.fewshot import turns
from assistant.formula import Formula, apart, candidates, formula, looks_back, reckons
from assistant.frame import only_orders
from assistant.greatest import asks_greatest, of_each_sort
from assistant.grounded import Grounded, join
from assistant.groups import members, the_other
from assistant.model import LoadedModel, explain_failure
from assistant.operands import plainly_compares
from assistant.part_figures import asks_twice, led_by, of_more, of_several_places, picked_of, stated_as, tells_share
from assistant.premises import as_told
from assistant.query import Query
from assistant.retrieve import search
from assistant.rewrite import understand
from assistant.schema import Answer, Event, Evidence, Hit, Progress, Status, Token
from assistant.scope import Scope
from assistant.second_reading import answered_by
from assistant.selection import Selection
from assistant.several import several, together
from assistant.state import Parts, State
from assistant.typos import corrected, places_corrected, places_read
from assistant.unfold import POST_ASKED
from assistant.verification import checked, denial, disagreement, false_claims, figure_read, foretold
from assistant.worked import agrees, asks_for_result, states_lead, worked

# Passages looked at for one (sub-)question; their sentences compete for the model's few lines of evidence.
PASSAGES = 12
PASSAGES_OF_ALL = 40  # …for a question to all industries or zones of a place
PASSAGES_EVERYWHERE = 200  # …and for one to all reports
# The embedded model drops items of lists, shortens definitions and takes seconds a place: there the sentence itself
# is the answer.
QUOTED_KINDS = frozenset({"list", "definition", "how", "open", "aggregate"})

_log = logging.getLogger(__name__)
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
        _stage("rewrite", lambda state: _rewrite(state, parts))
        | _stage("retrieve", lambda state: _retrieve(state, parts))
        | _stage("evidence", lambda state: _evidence(state, parts))
        | _stage("write", lambda state: _write(state, parts))
        | _stage("verify", lambda state: _verify(state, parts))
    )


def warm_model(model: LoadedModel) -> None:
    """Let the embedded model read the fixed prompts, which its server keeps, ahead of the first question."""
    if model.chat:
        for fixed in (prompt("", ""), *(turns(step, "") for step in ("decompose", "formula", "second_reading"))):
            model.chat.bind(extra_body={"max_tokens": 1}).invoke(fixed)


def _timed(state: State, name: str, since: float) -> dict[str, float]:
    return {**state.seconds, name: round(time.perf_counter() - since, 3)}


def _rewrite(state: State, parts: Parts) -> Iterator[Event | State]:
    since = time.perf_counter()
    question = places_read(state.question, parts.index.places)
    query = understand(question, state.history)
    if not (query.places or query.inherited):
        query = understand(places_corrected(question, parts.index.places), state.history)
    each = several(query.text)
    if each:
        none = _answer(replace(state, query=query), parts, "refused", "", Grounded("", (), (), ()))
        alone = (build_chain(parts).stream(replace(state, question=text, history=())) for text in each)
        yield from together(none, alone)
        return
    if parts.model.chat and to_take_apart(query):
        try:
            texts = decompose(query.text, parts.model.chat)
        except Exception as error:  # the rules stand in; a model that is gone is said when it is to write
            _log.warning("the question was not taken apart by the model: %s", type(error).__name__)
            texts = ()
        query = divided(query, texts) if texts else query
    yield replace(state, query=query, seconds=_timed(state, "rewrite", since))


def _asked(state: State) -> tuple[Query, ...]:
    assert state.query is not None  # set by the first stage
    return state.query.parts or (state.query,)


def _retrieve(state: State, parts: Parts) -> Iterator[State]:
    since = time.perf_counter()
    state = _found(state, parts)
    assert state.query is not None
    text, texts = state.query.text, [hit.passage.text for found in state.hits for hit in found]
    for term in state.query.terms:  # the words looked for, not those of asking
        text = text.replace(term, corrected(term, texts))
    if text != state.query.text:
        mended = analyse(text, inherited=state.query.inherited)
        wordings = [corrected(part.text, texts) for part in state.query.parts]
        state = _found(replace(state, query=divided(mended, wordings) if wordings else mended), parts)
    if state.query and (whole := the_other(state.query, state.hits[0])):
        state = _found(replace(state, query=analyse(whole, inherited=state.query.inherited)), parts)
    if state.query and not state.query.parts and (mended := as_told(state.query, texts)) != state.query:
        state = _found(replace(state, query=mended), parts)
    named = without_places_in_names(state.query, texts) if state.query and not state.query.parts else state.query
    if named != state.query:
        state = _found(replace(state, query=named), parts)
    each = members(state.query, state.hits[0]) if state.query and not state.query.parts else ()
    if state.query and each:
        state = _found(replace(state, query=divided(state.query, each)), parts)
    yield replace(state, seconds=_timed(state, "retrieve", since))


def _found(state: State, parts: Parts) -> State:
    """The state with the hits of its query, or of each of its parts."""
    return replace(state, hits=tuple(_hits(query, state.scope, parts) for query in _asked(state)))


def _hits(query: Query, scope: Scope, parts: Parts) -> tuple[Hit, ...]:
    asks_post = query.kind == "who" and POST_ASKED.search(query.text)  # which another article may tell
    k = scope.passages or (PASSAGES_OF_ALL if asks_greatest(query) else PASSAGES)
    k = PASSAGES_EVERYWHERE if query.kind == "aggregate" or asks_post else k
    near = (*query.places, *query.inherited)
    return search(parts.index, query.text, k=k, places=near, rerank=parts.rerank, scope=scope)


def _evidence(state: State, parts: Parts) -> Iterator[State]:
    since = time.perf_counter()
    state = _as_stated(state, parts)
    asked = _asked(state)
    rarity = parts.index.rarity([word for query in asked for word in content_words(query.terms)])
    selections: tuple[Selection, ...] = ()
    for query, hits in zip(asked, state.hits, strict=True):
        each = select_everywhere(query, hits, rarity) if query.kind == "aggregate" else ()
        selections += each or (select(query, hits, rarity, parts.similarity),)
    selections = _of_each(state, rarity, parts) or selections
    if len(asked) < len(selections) and all(one.query.kind == "number" for one in selections):
        state = replace(state, query=replace(asked[0], kind="compare", parts=tuple(one.query for one in selections)))
    state = _read_again(replace(state, selections=selections), parts)
    yield replace(state, seconds=_timed(state, "evidence", since))


def _of_each(state: State, rarity: Mapping[str, float], parts: Parts) -> tuple[Selection, ...]:
    """The selections with the figure that is asked of each place, or industry; () where fewer than two tell theirs."""
    query, hits = _asked(state)[0], state.hits[0]
    asked = of_each_place(query, hits) if query.kind == "aggregate" else of_each_sort(query, hits)
    own = ([hit for hit in hits if hit.passage.place in one.places] for one in asked)
    return told_apart(select(one, found, rarity, parts.similarity) for one, found in zip(asked, own, strict=True))


def _read_again(state: State, parts: Parts) -> State:
    """The state in which what nothing answers by the words alone is answered by a sentence in which the model finds
    it, to be quoted as it stands.
    """
    query = state.query
    assert query is not None
    if not parts.model.chat or asks_for_result(query):
        return state
    try:
        again = tuple(_second(selection, parts.model.chat) for selection in state.selections)
    except Exception as error:  # the refusal stands
        _log.warning("no sentence was read again by the model: %s", type(error).__name__)
        return state
    # of things that are compared, each is told or none is: half of what only sounds alike proves nothing
    return replace(state, selections=again) if all(one.covered for one in again) else state


def _second(selection: Selection, chat: BaseChatModel) -> Selection:
    for one in doubtful(selection):
        if answered_by(selection.query, one.sentence.text, chat):
            return replace(selection, evidence=(one,), missing=(), whole=True)
    return selection


def _as_stated(state: State, parts: Parts) -> State:
    """The question without its parts where a report states the share, the ratio or the lead that is asked for."""
    query = state.query
    wanted = operation(query.text) if query else None
    if query is None or not query.parts or wanted not in ("share", "ratio", "difference"):
        return state
    unit = {"share": "%", "ratio": "倍"}.get(wanted, query.unit)
    whole = replace(query, parts=(), kind="number", unit=unit)
    hits = _hits(whole, state.scope, parts)
    found = select(whole, hits, parts.index.rarity(content_words(whole.terms)), parts.similarity)
    picked = pick(whole, found.evidence) if found.covered and wanted == "share" else None
    stated = picked is not None and tells_share(picked)
    stated = stated or (wanted == "ratio" and found.covered and not plainly_compares(query.text))
    stated = stated or (wanted == "difference" and found.covered and states_lead(query, found.evidence[0]))
    return replace(state, query=whole, hits=(hits,)) if stated else state


def _with_formulas(state: State, parts: Parts) -> State:
    """The state with what is to be computed of one sentence, by rule or as the chat model writes it; else as it is.

    Figures of several sentences are found part by part.
    """
    query = state.query
    assert query is not None
    unknown = any(set(selection.missing) & set(selection.query.places) for selection in state.selections)
    of_whole = any("scope" in selection.missing for selection in state.selections)  # which a zone's lead may tell
    if unknown or not (query.parts or of_whole or asks_for_result(query)):
        return state
    asked = replace(query, parts=(), kind="number", unit="")
    rarity = parts.index.rarity(content_words(query.terms))
    whole = select(asked, _hits(asked, state.scope, parts), rarity, parts.similarity)
    near = candidates(state.selections, whole)
    made = worked(query, near, of_whole=of_whole)
    covered = bool(made) or whole.covered or any(selection.covered for selection in state.selections)
    if not made and (covered or whole.missing == ("period",)):
        made = _of_model(query, near, parts)
    if not made or (("period" in whole.missing or not covered) and not all(map(looks_back, made))):
        return state
    plain = replace(query, parts=(), kind="open")
    return replace(state, formulas=made, selections=(Selection(plain, (made[0].evidence,)),))


def _of_model(query: Query, near: Sequence[Evidence], parts: Parts) -> tuple[Formula, ...]:
    wanted = reckons(query) or (query.parts and not apart(query))
    # a model that takes the amount spent for that planned divides as readily: means are the rules' alone
    if not parts.model.chat or not wanted or operation(query.text) == "average":
        return ()
    try:
        made = formula(query, near, parts.model.chat)
    except Exception as error:  # what the rules find stands in
        _log.warning("the model wrote no formula: %s", type(error).__name__)
        return ()
    return (made,) if made and agrees(query, made) else ()


def _write(state: State, parts: Parts) -> Iterator[Event | State]:
    drafts, first, failure = [], 0.0, ""
    state = _with_formulas(state, parts)
    picked = picked_of(state)
    state = replace(state, selections=tuple(map(led_by, state.selections, picked)))
    stated = bool(state.query and state.query.parts) and not state.formulas
    placed = stated and of_several_places(state.selections)
    plain = state.query is not None and not state.query.parts
    if state.formulas or (plain and state.query and reckons(state.query)):  # nobody but code computes
        parts = replace(parts, model=replace(parts.model, chat=None))
    for selection, figure in zip(state.selections, picked, strict=True):
        draft = ""
        try:
            for piece in _draft(selection, parts, figure, stated=stated, placed=placed):
                if state.cancelled.is_set():
                    return
                first = first or time.perf_counter()
                draft += piece
                yield Token(piece)
        except EndpointError as error:  # half a draft proves nothing: the evidence stands in for it
            failure, draft = str(error), quoted(selection)
            parts = replace(parts, model=replace(parts.model, chat=None))
        drafts.append(draft)
    if stated and parts.model.chat:
        drafts, picked = _read_or_picked(state.selections, drafts, picked, parts)
    seconds = {**state.seconds, "first_token": round((first or time.perf_counter()) - state.started, 3)}
    yield replace(state, drafts=tuple(drafts), picked=picked, failure=failure, seconds=seconds)


def _read_or_picked(
    selections: Sequence[Selection], drafts: Sequence[str], picked: Sequence[Picked | None], parts: Parts
) -> tuple[list[str], tuple[Picked | None, ...]]:
    """Drafts and figures of the parts: what the rules picked, else what the model read."""
    found: list[Picked | None] = []
    texts: list[str] = []
    for selection, draft, figure in zip(selections, drafts, picked, strict=True):
        read = figure_read(selection, draft, parts.index.text) if selection.covered and not figure else figure
        if read and not figure and any(same(read, other) for other in (*picked, *found) if other):
            read = None  # what the rules or the model took for another part already
        if not read and selection.query.kind == "number":  # what the model took for it is not it
            draft = quoted(selection, placed=of_several_places(selections))
        texts.append(draft)
        found.append(read)
    return texts, tuple(found)


def _draft(selection: Selection, parts: Parts, picked: Picked | None, *, stated: bool, placed: bool) -> Iterator[str]:
    """The draft of one selection; an operand of a comparison whose figure the rules picked needs no model."""
    chat = parts.model.chat
    if not selection.covered:
        return
    if stated and picked:
        as_written = asks_twice(selection.query) or of_more(selection.query, picked)
        yield quoted(selection) if as_written else stated_as(selection, picked)
        return
    query = selection.query
    # of two things that are asked for the model tells one, or takes one for the other
    two = asks_twice(query) or (query.kind == "who" and POST_ASKED.search(query.text))
    copied = selection.whole or (parts.settings.llm == "embedded" and (query.kind in QUOTED_KINDS or two))
    if chat is None or copied or false_claims(selection):
        yield quoted(selection, placed=placed)
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


def _verify(state: State, parts: Parts) -> Iterator[Answer]:
    grounded = [
        checked(selection, draft, parts.index.text)
        for selection, draft in zip(state.selections, state.drafts, strict=True)
        if selection.covered
    ]
    assert state.query is not None
    covered = [s for s in state.selections if s.covered]
    if not state.query.parts:
        grounded += [disagreement(s, part, parts.index.text) for s, part in zip(covered, list(grounded), strict=True)]
    whole = join(grounded)
    if not whole.answer:
        yield _refuse(state, parts)
        return
    missing = [s for s in state.selections if not s.covered]
    notes = [refusal(s) for s in missing]
    if notes and of_result_alone(state.query, missing):
        yield _answer(state, parts, "refused", f"{''.join(notes)}最接近的记载是：{whole.answer}", whole)
        return
    claims = [claim for s in covered for claim in false_claims(s)]
    ordered = only_orders(state.question)  # what it wants written stands in no report
    opening = denial(claims) if claims or ordered else ""
    results = "" if notes else computed(state, covered, grounded)
    status: Status = "partial" if notes or whole.dropped else "answered"
    status = "refused" if ordered else status
    notes += dict.fromkeys(note for s, part in zip(covered, grounded, strict=False) if (note := foretold(s, part)))
    if state.failure:
        notes.append(f"（{state.failure}以上改为摘引原文。）")
    shown = replace(whole, figures=(*recounted(results, whole.figures), *whole.figures))
    yield _answer(state, parts, status, results + opening + whole.answer + "".join(notes), shown)


def _refuse(state: State, parts: Parts) -> Answer:
    """What was looked for; where only the period or the scope is missing, what the reports say of others."""
    text = "".join(dict.fromkeys(refusal(s) for s in state.selections))
    text = f"在所选的范围内，{text}" if state.scope.narrows else text
    near = (s.evidence[:1] for s in state.selections if {"period", "scope"} & set(s.missing))
    nearest = next(filter(None, near), ())
    if not nearest:
        return _answer(state, parts, "refused", text, Grounded("", (), (), ()))
    grounded = ground(nearest[0].sentence.text, nearest, text_of=parts.index.text)
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
        model="none" if state.failure else parts.model.name,
        index_version=parts.index.version,
        seconds=_timed(state, "total", state.started),
        evidence=tuple(dict.fromkeys(one.passage.id for selection in state.selections for one in selection.evidence)),
        missing=tuple(dict.fromkeys(word for selection in state.selections for word in selection.missing)),
        dropped=len(grounded.dropped),
    )
