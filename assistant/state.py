"""What flows through the chain, and what its steps work with."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from assistant.asked import Picked
from assistant.formula import Formula
from assistant.model import LoadedModel
from assistant.query import Query
from assistant.rerank import Rerank
from assistant.schema import Hit
from assistant.scope import EVERYWHERE, Scope
from assistant.selection import Selection, Similarity
from assistant.settings import Settings
from index import Index


@dataclass(frozen=True, slots=True)
class Parts:
    """What the chain works with: one version of the index, one model."""

    settings: Settings
    index: Index
    similarity: Similarity
    model: LoadedModel
    rerank: Rerank | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A question on its way. `started` is a time.perf_counter(), `seconds` what each stage took.

    `failure` is one sentence: why the model did not write the answer to its end.
    """

    question: str
    history: tuple[str, ...] = ()
    scope: Scope = EVERYWHERE
    id: str = ""
    started: float = 0.0
    query: Query | None = None
    hits: tuple[tuple[Hit, ...], ...] = ()
    selections: tuple[Selection, ...] = ()
    drafts: tuple[str, ...] = ()
    picked: tuple[Picked | None, ...] = ()
    failure: str = ""
    formulas: tuple[Formula, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    # Set when nobody reads on: closing an LCEL stream reads its first stages to their end.
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)
