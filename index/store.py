"""One version of the index: Chroma vectors, lexical terms, passages and texts, and a manifest.

The only file that knows Chroma. A version folder holds `vectors/` (Chroma), `lexical.sqlite` (terms,
passages, the extracted text of each source) and `manifest.json`. Once published it is only read.
"""

from __future__ import annotations

import json
import math
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder
from index.errors import EmbeddingError, IndexStoreError
from index.lexical import add_terms, create_terms, search_terms, term_rows, terms
from index.manifest import Manifest, SourceInfo, broken, read_manifest, write_manifest
from index.report import Passage, Sentence, Span

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

_COLLECTION = "passages"
_BATCH = 2000
_SCHEMA = (
    "CREATE TABLE passages (row INTEGER PRIMARY KEY, id TEXT UNIQUE, source TEXT, key TEXT, data TEXT)",
    "CREATE INDEX passages_of_source ON passages (source)",
    "CREATE TABLE sources (source TEXT PRIMARY KEY, text TEXT)",
)


@dataclass(frozen=True, slots=True)
class Record:
    """A passage with `key`, the digest of the text that was embedded for it."""

    passage: Passage
    key: str


class Index:
    """An open version. Any number of threads may read it; close it when done."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        """Opens the version in `folder`.

        Raises IndexStoreError for a broken version, EmbeddingError for one made by another model.
        """
        self.manifest = read_manifest(folder)
        if self.manifest.embedding != embedder.name:
            raise EmbeddingError(
                f"索引是用嵌入模型“{self.manifest.embedding}”建立的，当前设置却是“{embedder.name}”："
                "请运行 judian index build 重建索引，或把 JUDIAN_EMBEDDING 改回原来的模型。"
            )
        self._embedder = embedder
        self._folder = folder
        self._lock = threading.Lock()
        with _damage(folder):
            self._client, self._collection = _open_collection(folder / "vectors")
            self._rows = _connect(folder / "lexical.sqlite")

    @property
    def version(self) -> str:
        return self.manifest.version

    def dense(self, query: str, k: int) -> list[tuple[str, float]]:
        """The `k` passages nearest to `query` as (passage id, cosine), best first."""
        if not query.strip() or k < 1:
            return []
        vector: Sequence[float] = self._embedder.embed_query(query)
        with _damage(self._folder):
            found = self._collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
        distances = cast(list[list[float]], found["distances"])
        return [(id_, 1.0 - distance) for id_, distance in zip(found["ids"][0], distances[0], strict=True)]

    def lexical(self, query: str, k: int) -> list[tuple[str, float]]:
        """The `k` passages that share terms with `query` as (passage id, bm25), larger is better."""
        with self._lock, _damage(self._folder):
            found = search_terms(self._rows, query, k)
        ids = dict(self._select("SELECT row, id FROM passages WHERE row IN ({})", [row for row, _ in found]))
        return [(ids[row], score) for row, score in found]

    def rarity(self, words: Sequence[str]) -> dict[str, float]:
        """How rare each word is among the passages: 1 where none holds it, towards 0 where all do.

        The inverse document frequency log(1 + N / (1 + n)) / log(2 + N) of a word's rarest term
        (Robertson 2004).
        """
        cut = {word: tuple(terms(word)) for word in dict.fromkeys(words)}
        total = sum(source.passages for source in self.manifest.sources)
        with self._lock, _damage(self._folder):
            rows = term_rows(self._rows, {term for found in cut.values() for term in found})
        least = {word: min((rows[term] for term in found), default=total) for word, found in cut.items()}
        return {word: math.log(1 + total / (1 + n)) / math.log(2 + total) for word, n in least.items()}

    def passages(self, ids: Sequence[str]) -> list[Passage]:
        """The passages with these ids, in the same order. Raises IndexStoreError for an unknown id."""
        data = dict(self._select("SELECT id, data FROM passages WHERE id IN ({})", list(ids)))
        if missing := set(ids) - data.keys():
            raise IndexStoreError(
                f"索引版本 {self.version} 中没有段落 {min(missing)}：请运行 judian index verify 检查索引。"
            )
        return [_load_passage(data[id_]) for id_ in ids]

    def all_passages(self) -> list[Passage]:
        """Every passage, source by source in reading order."""
        return [_load_passage(data) for (data,) in self._query("SELECT data FROM passages ORDER BY row")]

    def records(self, source: str) -> list[Record]:
        """The passages of one source with the digests of what was embedded for them."""
        rows = self._query("SELECT data, key FROM passages WHERE source = ? ORDER BY row", source)
        return [Record(_load_passage(data), key) for data, key in rows]

    def keys(self) -> dict[str, str]:
        """Digest of the embedded text -> id of a passage whose vector is that text's."""
        return dict(self._query("SELECT key, id FROM passages"))

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Stored vectors, shape (len(ids), dimensions), in the order of `ids`."""
        vectors = np.empty((len(ids), self.manifest.dimensions), np.float32)
        places = {id_: i for i, id_ in enumerate(ids)}
        for start in range(0, len(ids), _BATCH):
            batch = list(ids[start : start + _BATCH])
            with _damage(self._folder):
                found = self._collection.get(ids=batch, include=["embeddings"])
            if len(found["ids"]) != len(batch):
                raise broken(self._folder)
            vectors[[places[id_] for id_ in found["ids"]]] = np.asarray(found["embeddings"], np.float32)
        return vectors

    def text(self, source: str) -> str:
        """The extracted text of `source` as it was indexed. Raises IndexStoreError for an unknown source."""
        for (text,) in self._query("SELECT text FROM sources WHERE source = ?", source):
            return str(text)
        raise IndexStoreError(f"索引版本 {self.version} 中没有报告“{source}”：请运行 judian index build。")

    def sources(self) -> list[SourceInfo]:
        """The sources of this version, in the order of their names."""
        return list(self.manifest.sources)

    def counts(self) -> dict[str, int]:
        """How many vectors, passages, lexical rows and sources are really there."""
        tables = {"passages": "passages", "terms": "terms_docsize", "sources": "sources"}
        rows = {name: self._query(f"SELECT count(*) FROM {table}")[0][0] for name, table in tables.items()}
        with _damage(self._folder):
            return {"vectors": self._collection.count(), **rows}

    def close(self) -> None:
        self._rows.close()
        self._client.close()

    def _query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock, _damage(self._folder):
            return self._rows.execute(statement, values).fetchall()

    def _select(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """`statement` with its {} filled by placeholders for `values`, in batches SQLite accepts."""
        for start in range(0, len(values), _BATCH):
            batch = values[start : start + _BATCH]
            yield from self._query(statement.format(", ".join("?" * len(batch))), *batch)


def write_version(
    folder: Path,
    manifest: Manifest,
    records: Sequence[Record],
    texts: dict[str, str],
    vectors: NDArray[np.float32],
    *,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Fill the empty `folder` with a version; row i of `vectors` belongs to `records[i]`."""
    with closing(sqlite3.connect(folder / "lexical.sqlite")) as connection, connection:
        _write_rows(connection, records, texts)
    client, collection = _create_collection(folder / "vectors", len(records))
    try:
        for start in range(0, len(records), _BATCH):
            ids = [record.passage.id for record in records[start : start + _BATCH]]
            collection.add(ids=ids, embeddings=vectors[start : start + len(ids)])
            progress(start + len(ids), len(records))
    finally:
        client.close()
    write_manifest(folder, manifest)


def _write_rows(connection: sqlite3.Connection, records: Sequence[Record], texts: dict[str, str]) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)
    create_terms(connection)
    connection.executemany("INSERT INTO sources VALUES (?, ?)", texts.items())
    connection.executemany(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
        (
            (row, record.passage.id, record.passage.source, record.key, _dump_passage(record.passage))
            for row, record in enumerate(records)
        ),
    )
    passages = [record.passage for record in records]
    add_terms(connection, ((row, p.place, f"{p.title}\n{p.section}", p.text) for row, p in enumerate(passages)))


def _open_collection(path: Path) -> tuple[Client, Collection]:
    if not (path / "chroma.sqlite3").is_file():
        raise FileNotFoundError(path)
    client = _client(path)
    try:
        return client, client.get_collection(_COLLECTION, embedding_function=None)
    except BaseException:
        client.close()
        raise


def _create_collection(path: Path, size: int) -> tuple[Client, Collection]:
    # Chroma keeps vectors in its log until `sync_threshold` (at least 2) are there, and builds their graph
    # anew at each opening; at `size` it writes the graph once, and opening a version writes none of it again.
    # ef_search: candidates that one search looks at.
    hnsw: Any = {"space": "cosine", "ef_search": 200, "sync_threshold": max(2, size)}
    client = _client(path)
    try:
        configuration: Any = {"hnsw": hnsw}
        return client, client.create_collection(_COLLECTION, embedding_function=None, configuration=configuration)
    except BaseException:
        client.close()
        raise


def _client(path: Path) -> Client:
    """A client that reads local files and tells nobody."""
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    return cast("Client", chromadb.PersistentClient(str(path), settings=settings))


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM sources")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


@contextmanager
def _damage(folder: Path) -> Iterator[None]:
    """Turns what a missing or damaged file makes SQLite or Chroma raise into one sentence."""
    from chromadb.errors import ChromaError

    try:
        yield
    except (OSError, sqlite3.Error, ChromaError) as error:
        raise broken(folder) from error


def _dump_passage(passage: Passage) -> str:
    values = {field.name: getattr(passage, field.name) for field in fields(passage)}
    values["sentences"] = [
        [s.text, [[span.start, span.end] for span in s.spans], s.kind, s.section] for s in passage.sentences
    ]
    return json.dumps(values, ensure_ascii=False)


def _load_passage(data: str) -> Passage:
    values = json.loads(data)
    values["sentences"] = tuple(
        Sentence(text, tuple(Span(*span) for span in spans), kind, section)
        for text, spans, kind, section in values["sentences"]
    )
    return Passage(**values)
