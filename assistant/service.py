"""What the command line, the chat and the evaluation use: an Assistant over one index and one model."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice

import numpy as np
import numpy.typing as npt

from assistant.chain import Parts, State, build_chain, warm_model
from assistant.examples import example_questions
from assistant.library import Library
from assistant.model import load_model
from assistant.page_image import PageImage, page_image
from assistant.rerank import load_reranker
from assistant.retrieve import search
from assistant.schema import Answer, Citation, Event, Hit
from assistant.scope import EVERYWHERE, Scope
from assistant.screen import storable
from assistant.settings import Settings
from assistant.trace import traced
from index import (
    Embedder,
    Index,
    JudianError,
    current_version,
    find_places,
    list_versions,
    load_embedder,
    open_index,
)

_OLD_VERSIONS = 2  # kept open for the sources of earlier answers
_EXAMPLES_FROM = 2000  # passages: a chat over many reports must not read them all before it opens


# Nobody asks reports about these: their likeness to a question is that of things that have nothing in common.
_UNRELATED = (
    "今天天气很好，适合去公园散步。",
    "这道菜要先焯水，再用小火慢炖。",
    "他小时候学过小提琴，后来改学绘画。",
    "球队在加时赛里扳平了比分。",
    "这部小说写的是一座海边小镇的往事。",
    "地铁末班车在夜里十一点发车。",
)


class SentenceSimilarity:
    """Likeness of a question and sentences: 0 as if they had nothing in common, 1 the same.

    The cosine, on a scale that begins where that of unrelated sentences lies: models differ widely in this. The
    vectors of the sentences last met are kept.
    """

    def __init__(self, embedder: Embedder, *, keep: int = 20_000) -> None:
        self._embedder = embedder
        self._keep = keep
        self._vectors: OrderedDict[str, npt.NDArray[np.float32]] = OrderedDict()
        self._unrelated: npt.NDArray[np.float32] | None = None
        self._lock = threading.Lock()

    def __call__(self, question: str, sentences: Sequence[str]) -> list[float]:
        with self._lock:
            if self._unrelated is None:
                self._unrelated = np.asarray(self._embedder.embed_documents(list(_UNRELATED)), dtype=np.float32)
            new = [text for text in dict.fromkeys(sentences) if text not in self._vectors]
            if new:
                rows = np.asarray(self._embedder.embed_documents(new), dtype=np.float32)
                self._vectors.update(zip(new, rows, strict=True))
            found = np.stack([self._vectors[text] for text in sentences])
            while len(self._vectors) > self._keep:
                self._vectors.popitem(last=False)
        query = np.asarray(self._embedder.embed_query(question), dtype=np.float32)
        floor = min(0.99, float(np.mean(self._unrelated @ query)))
        return [(float(cosine) - floor) / (1 - floor) for cosine in found @ query]


class Assistant:
    """Answers questions about one folder of reports. Safe to share between threads; close it when done.

    A version of the index that is published later is taken up at the next question.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._embedder = load_embedder(settings.embedding, settings.models)
        self.library = Library(settings, self._embedder)
        self._index = open_index(settings.index, self._embedder, chroma_url=settings.chroma_url)
        self._similarity = SentenceSimilarity(self._embedder)
        self._rerank = load_reranker(settings.reranker)
        self._model = load_model(settings)
        self._lock = threading.Lock()
        self._loading = threading.Event()
        self._old: OrderedDict[str, Index] = OrderedDict()

    def warm(self) -> None:
        """Load now what the first question would otherwise wait for: the models, the gazetteer, the fixed prompt."""
        self._loading.set()
        try:
            self._similarity("预热", ["西昌市"])
            self._index.dense("预热", 1)
            if self._settings.llm == "embedded":
                warm_model(self._model)
        finally:
            self._loading.clear()

    @property
    def loading(self) -> bool:
        """Whether models are being loaded, so that an answer waits for them."""
        return self._loading.is_set()

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def model_name(self) -> str:
        return self._model.name

    @property
    def notice(self) -> str:
        """Empty, or one Chinese sentence: what is missing and how to get it."""
        return self._model.notice

    @property
    def index_version(self) -> str:
        return self._fresh_index().version

    @property
    def report_count(self) -> int:
        return len(self._fresh_index().sources())

    def examples(self) -> tuple[str, ...]:
        """Up to six questions that the indexed reports can answer."""
        return example_questions(list(islice(self._fresh_index().each_passage(), _EXAMPLES_FROM)))

    def stream(
        self, question: str, *, history: Sequence[str] = (), id: str = "", scope: Scope = EVERYWHERE
    ) -> Iterator[Event]:
        """Progress and Token events, then the verified Answer as the last one.

        `history` holds the user's earlier turns, oldest first; `scope` is where to look. Raises JudianError.
        """
        question, history = storable(question), [storable(turn) for turn in history]
        parts = Parts(self._settings, self._fresh_index(), self._similarity, self._model, self._rerank)
        state = State(question=question, history=tuple(history), scope=scope, id=id, started=time.perf_counter())
        events = build_chain(parts).stream(state)  # a name: it must not be closed before the flag is set
        try:
            for event in traced(events, self._settings, question, history):
                assert not isinstance(event, State)  # the last stage turns it into the Answer
                yield event
        finally:
            state.cancelled.set()

    def ask(self, question: str, *, history: Sequence[str] = (), id: str = "", scope: Scope = EVERYWHERE) -> Answer:
        """The verified Answer. Raises JudianError."""
        for event in self.stream(question, history=history, id=id, scope=scope):
            if isinstance(event, Answer):
                return event
        raise AssertionError("the chain ends with an Answer")

    def search(self, query: str, k: int = 10, *, scope: Scope = EVERYWHERE) -> tuple[Hit, ...]:
        """The best `k` passages, best first."""
        query = storable(query)
        places = tuple(dict.fromkeys(place.name for place in find_places(query)))
        return search(self._fresh_index(), query, k=k, places=places, rerank=self._rerank, scope=scope)

    @property
    def places(self) -> tuple[str, ...]:
        """The places that the indexed reports speak of, each once."""
        return tuple(dict.fromkeys(info.place for info in self._fresh_index().sources() if info.place))

    def context(self, citation: Citation, *, version: str = "", characters: int = 300) -> tuple[str, str, str]:
        """The source's own characters before, in and after a citation.

        `version` is the version of the index that the answer names; if it is gone, the newest is read.
        """
        text = self._version(version).text(citation.source)
        before = text[max(0, citation.start - characters) : citation.start]
        return before, text[citation.start : citation.end], text[citation.end : citation.end + characters]

    def page_image(self, citation: Citation, *, version: str = "") -> PageImage | None:
        """The page of a PDF or a scan with the quote's lines; None for a format without pages, or a changed file."""
        index = self._version(version)
        info = next((each for each in index.sources() if each.source == citation.source), None)
        placed = index.page_boxes(citation.source, citation.start, citation.end) if info else []
        return page_image(self._settings.reports / info.source, info.sha256, placed) if info and placed else None

    def close(self) -> None:
        self._model.close()
        for old in self._old.values():
            old.close()
        self._index.close()

    def _fresh_index(self) -> Index:
        with self._lock:
            newest = current_version(self._settings.index)
            if newest is not None and newest != self._index.version:
                # The old version is not closed: answers under way still read it.
                self._index = open_index(self._settings.index, self._embedder, chroma_url=self._settings.chroma_url)
            return self._index

    def _version(self, name: str) -> Index:
        """The version `name`, if it is still on disk and can be read; else the newest."""
        newest = self._fresh_index()
        if name in ("", newest.version):
            return newest
        with self._lock:
            if name not in self._old and any(each.name == name for each in list_versions(self._settings.index)):
                with suppress(JudianError):
                    self._old[name] = open_index(
                        self._settings.index, self._embedder, version=name, chroma_url=self._settings.chroma_url
                    )
            while len(self._old) > _OLD_VERSIONS:
                self._old.popitem(last=False)
            return self._old.get(name, newest)


def open_assistant(settings: Settings) -> Assistant:
    """An Assistant ready to answer. Raises JudianError: no index, another embedding, an unusable model."""
    return Assistant(settings)
