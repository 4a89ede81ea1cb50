"""The rows of a version: passages, terms, and the text, pages and boxes of each source, in one SQLite file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from index.boxes import unpack
from index.layers import BASE, attach, is_upper
from index.lexical import create_terms, row_holds, search_terms, term_rows
from index.manifest import SourceInfo
from index.report import Passage, Report, Sentence, Span
from index.split import join_sentences

FILE = "lexical.sqlite"
_BATCH = 2000
# `sources` has a row for each file that was indexed; `same_as` names the one whose content it repeats, if any.
_SCHEMA = (
    "CREATE TABLE sources (source TEXT PRIMARY KEY, sha256 TEXT, stamp TEXT, same_as TEXT, title TEXT, date TEXT, "
    "place TEXT, passages INTEGER) WITHOUT ROWID",
    "CREATE TABLE reports (source TEXT PRIMARY KEY, text TEXT, digest TEXT, pages TEXT, title TEXT, date TEXT, "
    "whole_lines INTEGER, boxes BLOB, signature BLOB)",
    "CREATE TABLE passages (row INTEGER PRIMARY KEY, id TEXT UNIQUE, source TEXT, article INTEGER, key TEXT, "
    "data TEXT)",
    "CREATE INDEX passages_of_source ON passages (source)",
    "CREATE INDEX passages_of_key ON passages (key)",
    "CREATE TABLE bands (band INTEGER, source TEXT, PRIMARY KEY (band, source)) WITHOUT ROWID",
    "CREATE INDEX bands_of_source ON bands (source)",
    "CREATE TABLE alike (source TEXT, other TEXT, similarity REAL, PRIMARY KEY (source, other)) WITHOUT ROWID",
)


class RowsError(OSError):
    """Rows that are missing, damaged, or cannot be written: what SQLite said."""


@dataclass(frozen=True, slots=True)
class Record:
    """A passage with `key`, the digest of the text that was embedded for it, and the number of its article."""

    passage: Passage
    key: str
    article: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """One file as it was indexed: its digest, its stamp ("" where that proves nothing), what it repeats."""

    source: str
    sha256: str
    stamp: str
    same_as: str
    title: str
    date: str
    place: str
    passages: int

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(self.source, self.sha256, self.title, self.date, self.place, self.passages)


class Rows:
    """The open rows of a version. Any number of threads may read them; close them when done."""

    def __init__(self, path: Path, *, writable: bool = False) -> None:
        """Opens the rows in `path`, to be read alone unless `writable`. Raises RowsError."""
        self._lock = threading.RLock()
        mode = "rw" if writable else "ro"
        with row_faults():
            self.connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={mode}", uri=True, check_same_thread=False
            )
            try:
                self.connection.execute("SELECT count(*) FROM sources")
                self.layered = is_upper(self.connection)
                if self.layered:
                    attach(self.connection, path.with_name(BASE))
                else:
                    self.connection.execute("CREATE TEMP VIEW term_ids AS SELECT id FROM main.terms_docsize")
            except sqlite3.Error:
                self.connection.close()
                raise

    def known(self) -> list[Known]:
        """Every file that was indexed, in the order of their names."""
        return [Known(*row) for row in self.query("SELECT * FROM sources ORDER BY source")]

    def sources(self) -> list[SourceInfo]:
        """The sources that passages are of."""
        return [known.info for known in self.known() if not known.same_as]

    def places(self) -> list[str]:
        """The places that articles are about, those of most passages first."""
        counted = "SELECT json_extract(data, '$.place') AS place, count(*) FROM passages GROUP BY place ORDER BY 2 DESC"
        return [place for place, _ in self.query(counted) if place]

    def report(self, source: str) -> Report | None:
        """What was read of `source`, or None where nothing is kept of it."""
        statement = (
            "SELECT text, sha256, pages, reports.title, reports.date, whole_lines, boxes FROM reports "
            "JOIN sources USING (source) WHERE source = ?"
        )
        for text, digest, pages, title, date, whole, boxes in self.query(statement, source):
            return Report(source, text, digest, tuple(json.loads(pages)), title, date, bool(whole), unpack(boxes))
        return None

    def text(self, source: str) -> str | None:
        """The extracted text of `source`, or None where there is none."""
        return next((text for (text,) in self.query("SELECT text FROM reports WHERE source = ?", source)), None)

    def passages(self, ids: Sequence[str]) -> dict[str, Passage]:
        """Those of the passages `ids` that are there."""
        found = self.select("SELECT id, data FROM passages WHERE id IN ({})", ids)
        return {id_: load_passage(data) for id_, data in found}

    def all_passages(self) -> Iterator[Passage]:
        """Every passage, source by source in reading order."""
        for (source,) in self.query("SELECT DISTINCT source FROM passages ORDER BY source"):
            yield from (record.passage for record in self.records(source))

    def records(self, source: str) -> list[Record]:
        """The passages of one source, in reading order."""
        rows = self.query("SELECT data, key, article FROM passages WHERE source = ? ORDER BY row", source)
        return [Record(load_passage(data), key, article) for data, key, article in rows]

    def ids_of(self, keys: Sequence[str]) -> dict[str, list[str]]:
        """The passages that each of `keys` stands for; none for a key that no passage needs."""
        found: dict[str, list[str]] = {}
        for key, id_ in self.select("SELECT key, id FROM passages WHERE key IN ({}) ORDER BY row", keys):
            found.setdefault(key, []).append(id_)
        return found

    def keys_of(self, ids: Sequence[str]) -> dict[str, str]:
        """The keys of the passages `ids`."""
        return dict(self.select("SELECT id, key FROM passages WHERE id IN ({})", ids))

    def search(self, query: str, k: int) -> list[tuple[str, float]]:
        """The `k` passages that share terms with `query` as (passage id, bm25), larger is better."""
        with self._lock, row_faults():
            found = search_terms(self.connection, query, k, layered=self.layered)
        ids = dict(self.select("SELECT row, id FROM passages WHERE row IN ({})", [row for row, _ in found]))
        return [(ids[row], score) for row, score in found]

    def term_rows(self, terms: set[str]) -> dict[str, int]:
        """How many passages hold each of `terms`."""
        with self._lock, row_faults():
            return term_rows(self.connection, terms, layered=self.layered)

    def holds_terms(self, id_: str, wanted: Sequence[str]) -> bool:
        """Whether the terms of the passage `id_` are among those that are searched."""
        with self._lock, row_faults():
            row = self.query("SELECT row FROM passages WHERE id = ?", id_)[0][0]
            return row_holds(self.connection, row, wanted, layered=self.layered)

    def size(self) -> int:
        """How many passages there are, without counting those of a lower layer."""
        if not self.layered:
            return int(self.query("SELECT count(*) FROM passages")[0][0])
        counts = (
            "(SELECT passages FROM lower) + (SELECT count(*) FROM main.passages) - (SELECT count(*) FROM gone_rows)"
        )
        return int(self.query(f"SELECT {counts}")[0][0])

    def counts(self) -> dict[str, int]:
        """How many passages, lexical rows, sources and distinct embedded texts there are."""
        counts = {
            "passages": "count(*) FROM passages",
            "terms": "count(*) FROM term_ids",
            "sources": "count(*) FROM sources WHERE same_as = ''",
            "keys": "count(DISTINCT key) FROM passages",
        }
        return {name: self.query(f"SELECT {what}")[0][0] for name, what in counts.items()}

    def alike(self) -> list[tuple[str, str, float]]:
        """Pairs of sources with nearly the same content, and how alike they are, the most alike first."""
        return [(a, b, s) for a, b, s in self.query("SELECT * FROM alike ORDER BY similarity DESC, source, other")]

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock, row_faults():
            return self.connection.execute(statement, values).fetchall()

    def select(self, statement: str, values: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """`statement` with its {} filled by placeholders for `values`, in batches SQLite accepts."""
        for start in range(0, len(values), _BATCH):
            batch = values[start : start + _BATCH]
            yield from self.query(statement.format(", ".join("?" * len(batch))), *batch)

    def close(self) -> None:
        self.connection.close()


def create_rows(path: Path) -> None:
    """An empty file of rows. Raises RowsError."""
    with row_faults():
        connection = sqlite3.connect(path)
        try:
            with connection:
                for statement in _SCHEMA:
                    connection.execute(statement)
                create_terms(connection)
        finally:
            connection.close()


def vacuum(database: Path, target: Path) -> None:
    """A copy of an SQLite file, whole at one moment and without its free pages. Raises RowsError."""
    with row_faults():
        connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            connection.close()


def copy_database(database: Path, target: Path) -> None:
    """A copy of an SQLite file, page by page and whole at one moment. Raises RowsError."""
    with row_faults():
        source = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
        copy = sqlite3.connect(target)
        try:
            source.backup(copy)
        finally:
            copy.close()
            source.close()


@contextmanager
def row_faults() -> Iterator[None]:
    """What SQLite raises becomes RowsError."""
    try:
        yield
    except sqlite3.Error as error:
        raise RowsError(str(error)) from error


def digest(text: str) -> str:
    """32 hexadecimal digits of SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def dump_passage(passage: Passage) -> str:
    """JSON of a passage; its text is left out where its sentences give it."""
    values = {field.name: getattr(passage, field.name) for field in fields(passage)}
    values["sentences"] = [
        [s.text, [[span.start, span.end] for span in s.spans], s.kind, s.section] for s in passage.sentences
    ]
    if passage.text == join_sentences(passage.sentences):
        del values["text"]
    return json.dumps(values, ensure_ascii=False)


def load_passage(data: str) -> Passage:
    """The passage that `dump_passage` made into JSON."""
    values = json.loads(data)
    values["sentences"] = tuple(
        Sentence(text, tuple(Span(*span) for span in spans), kind, section)
        for text, spans, kind, section in values["sentences"]
    )
    if "text" not in values:
        values["text"] = join_sentences(values["sentences"])
    return Passage(**values)
