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

from assistant import choice as choices
from assistant.chain import build_chain, warm_model
from assistant.choice import ModelChoice
from assistant.engine import Engines
from assistant.examples import example_questions
from assistant.health import Health, index_health
from assistant.library import Library
from assistant.model import load_model, start_model
from assistant.page_image import PageImage, page_image
from assistant.phrasing import simplified
from assistant.rerank import load_reranker
from assistant.retrieve import search
from assistant.schema import Answer, Citation, Event, Hit
from assistant.scope import EVERYWHERE, Scope
from assistant.screen import storable
from assistant.settings import Settings
from assistant.state import Parts, State
from assistant.trace import traced
from index import (
    Embedder,
    Index,
    IndexMissingError,
    JudianError,
    current_version,
    find_places,
    list_versions,
    load_embedder,
    open_index,
)

_OLD_VERSIONS = 2  # kept open for the sources of earlier answers
_EMPTY = "还没有收入报告，现在答不了：请在“报告”页上传报告，再点“更新索引”，建好后就能提问。"
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

    A version of the index that is published later is taken up at the next question. `closed` tells that what fails
    from now on fails because of that.
    """

    closed = False

    def __init__(self, settings: Settings, *, window: bool = False) -> None:
        """For the `window`, an index may be missing as yet, and the model is the one that was chosen there."""
        self.model_pinned = choices.pinned(settings)
        self._settings = settings = choices.kept(settings) if window else settings
        self._embedder = load_embedder(settings.embedding, settings.models)
        self.library = Library(settings, self._embedder, busy=lambda: self._engines.busy)
        self._index: Index | None = None
        try:
            self._index = open_index(settings.index, self._embedder, chroma_url=settings.chroma_url)
        except IndexMissingError:
            if not window:
                raise
        self._similarity = SentenceSimilarity(self._embedder)
        self._rerank = load_reranker(settings.reranker)
        self._engines = Engines(settings, (start_model if window else load_model)(settings))
        self._choosing = threading.Lock()
        self._lock = threading.Lock()
        self._loading = threading.Event()
        self._old: OrderedDict[str, Index] = OrderedDict()

    def wait_for_model(self) -> None:
        """Return when the chat model has loaded, which for the window it does beside. Raises WeightsError."""
        self._engines.model.wait()

    def warm(self) -> None:
        """Load now what the first question would otherwise wait for: the models, the gazetteer, the fixed prompt."""
        self._loading.set()
        try:
            self._similarity("预热", ["西昌市"])
            if self._index is not None:
                self._index.dense("预热", 1)
            with self._engines.use() as (settings, model):
                if settings.llm == "embedded":
                    warm_model(model)
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
        return self._engines.model.name

    @property
    def notice(self) -> str:
        """Empty, or one Chinese sentence: what is missing and how to get it."""
        return self._engines.model.notice

    @property
    def model_choice(self) -> ModelChoice:
        """Which model answers, without its key."""
        return choices.choice_of(self._settings)

    def choose_model(self, choice: ModelChoice) -> None:
        """Answer with another model from the next question on, and at the window's next start.

        It is tried first. Raises JudianError, in the words of the window; the model before then goes on.
        """
        with self._choosing:
            settings = choices.settings_with(self._settings, choice)
            choices.try_out(settings)
            if settings == self._settings and (self._engines.model.chat or settings.llm == "none"):
                return
            model = load_model(settings)
            try:
                choices.keep(settings)
            except JudianError:
                model.close()
                raise
            self._engines.change(settings, model)
            self._settings = settings
        if settings.llm == "embedded":
            threading.Thread(target=self.warm, daemon=True).start()

    @property
    def empty(self) -> bool:
        """Whether no report has been indexed as yet."""
        return self._any_index() is None

    @property
    def index_version(self) -> str:
        """The version that answers, "" as long as there is none."""
        index = self._any_index()
        return index.version if index else ""

    def health(self) -> Health:
        """Whether the index can be read and the model is there; takes no turn from those who ask."""
        return index_health(self._any_index, self._engines.model.state)

    @property
    def report_count(self) -> int:
        index = self._any_index()
        return len(index.sources()) if index else 0

    def examples(self) -> tuple[str, ...]:
        """Up to six questions that the indexed reports can answer."""
        index = self._any_index()
        return example_questions(list(islice(index.each_passage(), _EXAMPLES_FROM))) if index else ()

    def stream(
        self, question: str, *, history: Sequence[str] = (), id: str = "", scope: Scope = EVERYWHERE
    ) -> Iterator[Event]:
        """Progress and Token events, then the verified Answer as the last one.

        `history` holds the user's earlier turns, oldest first; `scope` is where to look. Raises JudianError.
        """
        question, history = storable(question), [storable(turn) for turn in history]
        with self._engines.use() as (settings, model):
            parts = Parts(settings, self._fresh_index(), self._similarity, model.for_one_answer(), self._rerank)
            state = State(question=question, history=tuple(history), scope=scope, id=id, started=time.perf_counter())
            events = build_chain(parts).stream(state)  # a name: it must not be closed before the flag is set
            try:
                for event in traced(events, settings, question, history):
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
        """The best `k` passages, best first; the query may be in traditional characters or in pinyin."""
        query = simplified(storable(query))
        places = tuple(dict.fromkeys(place.name for place in find_places(query)))
        return search(self._fresh_index(), query, k=k, places=places, rerank=self._rerank, scope=scope)

    @property
    def places(self) -> tuple[str, ...]:
        """The places that the indexed reports speak of, each once."""
        index = self._any_index()
        return index.places if index else ()

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
        self.closed = True
        self._engines.close()
        for old in self._old.values():
            old.close()
        if self._index is not None:
            self._index.close()

    def _fresh_index(self) -> Index:
        """The newest version. Raises IndexMissingError where there is none."""
        with self._lock:
            try:
                newest = current_version(self._settings.index)
            except IndexMissingError as error:
                if self._index is None:
                    raise IndexMissingError(_EMPTY) from error
                raise
            if self._index is None or newest != self._index.version:
                # The old version is not closed: answers under way still read it.
                self._index = open_index(self._settings.index, self._embedder, chroma_url=self._settings.chroma_url)
            return self._index

    def _any_index(self) -> Index | None:
        """The newest version, None as long as there has been none. Raises JudianError where it cannot be read."""
        try:
            return self._fresh_index()
        except IndexMissingError:
            if self._index is None:
                return None
            raise

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


def open_assistant(settings: Settings, *, window: bool = False) -> Assistant:
    """An Assistant ready to answer. Raises JudianError: no index, another embedding, an unusable model.

    For the `window`, the index may be made later, the model is the one that was chosen there, and it still loads:
    see `wait_for_model`.
    """
    return Assistant(settings, window=window)
