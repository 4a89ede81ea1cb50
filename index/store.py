"""One published version of the index, open for reading: vectors, terms, passages and texts.

A version folder holds `vectors/` (Chroma; or they stand in a collection on a server), `lexical.sqlite` and
`manifest.json`; with a `base.sqlite`, in two layers (index/layers.py). Once published it is only read.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.boxes import Box, line_boxes
from index.embed import Embedder
from index.errors import EmbeddingError, IndexStoreError
from index.lexical import terms
from index.manifest import SourceInfo, broken, read_manifest
from index.recent import Stored, open_stored
from index.report import Passage
from index.rows import FILE, Record, Rows

VECTORS = "vectors"


class Index:
    """An open version. Any number of threads may read it; it is closed when asked to, or when nobody has it."""

    def __init__(self, folder: Path, embedder: Embedder, *, chroma_url: str = "") -> None:
        """Opens the version in `folder`; `chroma_url` is the server of a version whose vectors are on one.

        Raises IndexStoreError for a broken version or a server that does not answer, EmbeddingError for a
        version made by another model.
        """
        self.manifest = read_manifest(folder)
        if self.manifest.embedding != embedder.name:
            raise EmbeddingError(
                f"索引是用嵌入模型“{self.manifest.embedding}”建立的，当前设置却是“{embedder.name}”："
                "请运行 judian index build 重建索引，或把 JUDIAN_EMBEDDING 改回原来的模型。"
            )
        self._embedder = embedder
        self.folder = folder
        with _damage(folder):
            self.rows = Rows(folder / FILE)
            try:
                self.stored = open_stored(self.rows, folder / VECTORS, self.manifest.collection, chroma_url)
            except BaseException:
                self.rows.close()
                raise
        self._close = weakref.finalize(self, _close, self.rows, self.stored)
        self._close.atexit = False  # Chroma's library may be gone by then

    @property
    def version(self) -> str:
        return self.manifest.version

    def dense(self, query: str, k: int) -> list[tuple[str, float]]:
        """The `k` passages nearest to `query` as (passage id, cosine), best first."""
        if not query.strip() or k < 1:
            return []
        vector = self._embedder.embed_query(query)
        wanted = k + min(k, max(0, self.manifest.stored - self.manifest.passages))
        while True:
            with _damage(self.folder):
                near = self.stored.nearest(vector, wanted)
                ids = self.rows.ids_of([key for key, _ in near])
            found = [(id_, cosine) for key, cosine in near for id_ in ids.get(key, ())]
            if len(found) >= k or len(near) < wanted:
                return found[:k]
            wanted *= 4  # too many of the nearest are of no passage of this version

    def lexical(self, query: str, k: int) -> list[tuple[str, float]]:
        """The `k` passages that share terms with `query` as (passage id, bm25), larger is better."""
        with _damage(self.folder):
            return self.rows.search(query, k)

    def both(self, query: str, k: int) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
        """What `dense` and `lexical` find, searched at the same time: both spend their time outside Python."""
        with ThreadPoolExecutor(1) as beside:
            lexical = beside.submit(self.lexical, query, k)
            return self.dense(query, k), lexical.result()

    def rarity(self, words: Sequence[str]) -> dict[str, float]:
        """How rare each word is among the passages: 1 where none holds it, towards 0 where all do.

        The inverse document frequency log(1 + N / (1 + n)) / log(2 + N) of a word's rarest term
        (Robertson 2004).
        """
        cut = {word: tuple(terms(word)) for word in dict.fromkeys(words)}
        total = self.manifest.passages
        with _damage(self.folder):
            rows = self.rows.term_rows({term for found in cut.values() for term in found})
        least = {word: min((rows[term] for term in found), default=total) for word, found in cut.items()}
        return {word: math.log(1 + total / (1 + n)) / math.log(2 + total) for word, n in least.items()}

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """The passages with these ids, in the same order. Raises IndexStoreError for an unknown id."""
        with _damage(self.folder):
            found = self.rows.passages(ids)
        self._all_known(set(ids) - found.keys())
        return [found[id_] for id_ in ids]

    def all_passages(self) -> list[Passage]:
        """Every passage, source by source in reading order."""
        return list(self.each_passage())

    def each_passage(self) -> Iterator[Passage]:
        """The same one by one, as far as the caller wants to go."""
        with _damage(self.folder):
            yield from self.rows.all_passages()

    def records(self, source: str) -> list[Record]:
        """The passages of one source with the digests of what was embedded for them."""
        with _damage(self.folder):
            return self.rows.records(source)

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Stored vectors, shape (len(ids), dimensions), in the order of `ids`.

        Raises IndexStoreError for an unknown id, and where a vector is missing.
        """
        with _damage(self.folder):
            keys = self.rows.keys_of(ids)
            self._all_known(set(ids) - keys.keys())
            found = self.stored.get(list(dict.fromkeys(keys.values())))
        if any(key not in found for key in keys.values()):
            raise broken(self.folder)
        rows = [found[keys[id_]] for id_ in ids]
        return np.asarray(rows, np.float32).reshape(len(ids), self.manifest.dimensions)

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The places that the articles are about, each once, those of most passages first."""
        with _damage(self.folder):
            return tuple(self.rows.places())

    def text(self, source: str) -> str:
        """The extracted text of `source` as it was indexed. Raises IndexStoreError for an unknown source."""
        with _damage(self.folder):
            text = self.rows.text(source)
        if text is None:
            raise IndexStoreError(f"索引版本 {self.version} 中没有报告“{source}”：请运行 judian index build。")
        return text

    def page_boxes(self, source: str, start: int, end: int) -> list[tuple[int, Box]]:
        """Where the characters [start, end) of `source` stand: the page's number and a box for each line.

        A box is left, top, right, bottom as fractions of the page's width and height, from the top left
        corner. Empty for a format without boxes. Raises IndexStoreError for an unknown source.
        """
        text = self.text(source)
        with _damage(self.folder):
            report = self.rows.report(source)
        return line_boxes(text, report.boxes, report.pages, start, end) if report else []

    def sources(self) -> list[SourceInfo]:
        """The sources of this version, in the order of their names."""
        with _damage(self.folder):
            return self.rows.sources()

    def counts(self) -> dict[str, int]:
        """How many vectors, passages, lexical rows and sources are really there.

        `vectors` counts those that passages need; passages with the same text share one.
        """
        with _damage(self.folder):
            counts = self.rows.counts()
            keys = counts.pop("keys")
            return {"vectors": min(self.stored.count(), keys), **counts}

    def close(self) -> None:
        self._close()

    def _all_known(self, unknown: set[str]) -> None:
        if unknown:
            raise IndexStoreError(
                f"索引版本 {self.version} 中没有段落 {min(unknown)}：请运行 judian index verify 检查索引。"
            )


def _close(rows: Rows, stored: Stored) -> None:
    rows.close()
    stored.close()


@contextmanager
def _damage(folder: Path) -> Iterator[None]:
    """Turns what a missing or damaged file makes SQLite or Chroma raise into one sentence."""
    try:
        yield
    except OSError as error:
        raise broken(folder) from error
