"""A version while it is written, beside the others: what changed goes into a copy of the version before.

Copying takes time that grows with the index (about 0.3 s for 100,000 passages), all else only with what changed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.boxes import pack
from index.duplicates import SIMILAR, bands, signature, similarity
from index.embed import Embedder
from index.errors import EmbeddingError
from index.journal import Journal
from index.lexical import add_terms, terms
from index.manifest import Manifest
from index.report import Passage, Report
from index.rows import FILE, Known, Record, Rows, create_rows, dump_passage, load_passage, row_faults
from index.split import embedded_text
from index.store import VECTORS
from index.vectors import BATCH, Vectors, copy_vectors, create_vectors, extend_vectors, shrink_vectors

DEAD_SHARE = 0.3  # of vectors that no passage needs; above it a new collection is filled
_EMBEDDED_AT_ONCE = 256
_MOST_ALIKE = 5
COLLECTION_NOTE = "collection"  # a file that names the collection made for a draft, so that it can be dropped
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Cut:
    """One source, read and cut into passages."""

    known: Known
    report: Report
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Base:
    """The version before, open; `vectors` is None where they are of another model, or cannot be used."""

    folder: Path
    manifest: Manifest
    rows: Rows
    vectors: Vectors | None


class Draft:
    """The folder of a version that nobody reads yet; `base` is the version whose rows it begins with, if any."""

    def __init__(self, folder: Path, base: Path | None = None) -> None:
        self.folder = folder
        if base:
            shutil.copyfile(base / FILE, folder / FILE)
        else:
            create_rows(folder / FILE)
        self.rows = Rows(folder / FILE, writable=True)
        self._sql = self.rows.connection
        with row_faults():
            # Nobody reads a draft, and what is left of one is thrown away: it needs no journal of its own.
            for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
                self._sql.execute(f"PRAGMA {setting}")
            self._sql.execute("CREATE TEMP TABLE new (key TEXT PRIMARY KEY, row INTEGER)")

    def put(self, cut: Cut) -> None:
        """Add a source that is not there."""
        source, report = cut.known.source, cut.report
        with row_faults():
            row = self._sql.execute("SELECT ifnull(max(row), 0) + 1 FROM passages").fetchone()[0]
            rows = list(enumerate(cut.records, start=row))
            self._sql.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                ((row, r.passage.id, source, r.article, r.key, dump_passage(r.passage)) for row, r in rows),
            )
            add_terms(self._sql, ((row, *_columns(record.passage)) for row, record in rows))
            self._sql.executemany("INSERT OR IGNORE INTO new VALUES (?, ?)", ((r.key, row) for row, r in rows))
            self._put_report(report, signature(report.text))

    def note(self, known: Sequence[Known]) -> None:
        """What is known of each file, in place of what was known before."""
        rows = [tuple(getattr(one, name) for name in Known.__dataclass_fields__) for one in known]
        with row_faults():
            self._sql.execute("DELETE FROM sources")
            self._sql.executemany("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def remove(self, source: str) -> None:
        """Forget a source and its passages; their vectors stay until a new collection is filled."""
        with row_faults():
            rows = self._sql.execute("SELECT row, data FROM passages WHERE source = ?", (source,)).fetchall()
            # The table of terms keeps no text: to take a row out, it wants to be told what was put in.
            self._sql.executemany(
                "INSERT INTO terms (terms, rowid, place, head, body) VALUES ('delete', ?, ?, ?, ?)",
                ((row, *(" ".join(terms(c)) for c in _columns(load_passage(data)))) for row, data in rows),
            )
            for table in ("passages", "reports", "bands"):
                self._sql.execute(f"DELETE FROM {table} WHERE source = ?", (source,))
            self._sql.execute("DELETE FROM alike WHERE source = ?1 OR other = ?1", (source,))

    def fill(
        self,
        embedder: Embedder,
        journal: Journal,
        base: Base | None,
        *,
        collection: str,
        url: str,
        embedding: Tell,
        writing: Tell,
    ) -> tuple[int, str, int]:
        """Store a vector for every passage: `base`'s where it has one, else the journal's, else a new one.

        `collection` is the name of a new collection on the server at `url`, should one be needed; "" keeps
        the vectors in the folder. Returns how many were embedded, the collection, and how many are stored.
        """
        with row_faults():
            self._sql.commit()
        if base and base.vectors:
            self._carry(base)
        else:
            base = None
            self._all_new()
        vectors, collection = self._open(base, collection, url)
        if vectors is None:
            assert base is not None
            return 0, collection, base.manifest.stored
        try:
            embedded = self._embed(vectors, embedder, journal, embedding, writing)
            stored = vectors.count()
        finally:
            vectors.close()
        if not collection:
            shrink_vectors(self.folder / VECTORS)
        return embedded, collection, stored

    def close(self) -> None:
        """Nothing more is added. Raises RowsError."""
        with row_faults():
            self._sql.commit()
        self.rows.close()

    def _put_report(self, report: Report, sign: bytes) -> None:
        source, text = report.source, report.text
        values = (source, text, digest(text), json.dumps(report.pages), report.title, report.date)
        more = (int(report.whole_lines), pack(report.boxes), sign)
        self._sql.execute("INSERT INTO reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *more))
        numbers = bands(sign)
        marks = ", ".join("?" * len(numbers))
        found = self._sql.execute(
            f"SELECT source, signature FROM reports WHERE source IN (SELECT source FROM bands WHERE band IN ({marks}))",
            numbers,
        )
        alike = sorted(((similarity(sign, theirs), other) for other, theirs in found), reverse=True)[:_MOST_ALIKE]
        pairs = [(*sorted((source, other)), score) for score, other in alike if score >= SIMILAR]
        self._sql.executemany("INSERT OR REPLACE INTO alike VALUES (?, ?, ?)", pairs)
        self._sql.executemany("INSERT INTO bands VALUES (?, ?)", ((number, source) for number in set(numbers)))

    def _all_new(self) -> None:
        with row_faults():
            self._sql.execute("INSERT OR IGNORE INTO new SELECT key, min(row) FROM passages GROUP BY key")
            self._sql.commit()

    def _carry(self, base: Base) -> None:
        """Of the texts that came new, forget those that `base` has a vector of."""
        with row_faults():
            self._sql.execute("ATTACH ? AS base", ((base.folder / FILE).resolve().as_uri() + "?mode=ro",))
            self._sql.execute("DELETE FROM new WHERE key IN (SELECT key FROM base.passages)")
            self._sql.commit()
            self._sql.execute("DETACH base")

    def _open(self, base: Base | None, collection: str, url: str) -> tuple[Vectors | None, str]:
        """The vectors to add to, None where nothing is to be added, and the name of their collection."""
        new, live = self._number("new"), self.rows.counts()["keys"]
        path = self.folder / VECTORS
        if base is None:
            return self._create(live, collection, url), collection
        theirs = base.manifest.collection
        dead = base.manifest.stored - (live - new)
        if bool(theirs) == bool(collection) and dead <= DEAD_SHARE * (base.manifest.stored + new):
            if not theirs:
                copy_vectors(base.folder / VECTORS, path)
            return (extend_vectors(path, theirs, url) if new else None), theirs
        vectors = self._create(live, collection, url)
        try:
            self._transfer(base, vectors)
        except BaseException:
            vectors.close()
            raise
        return vectors, collection

    def _create(self, size: int, collection: str, url: str) -> Vectors:
        if collection:
            (self.folder / COLLECTION_NOTE).write_text(collection, "utf-8")
        return create_vectors(self.folder / VECTORS, size, collection, url)

    def _transfer(self, base: Base, vectors: Vectors) -> None:
        """Bring over what passages need; what is missing there is embedded with the new ones."""
        assert base.vectors is not None
        wanted = "SELECT key, min(row) FROM passages WHERE key NOT IN (SELECT key FROM new) GROUP BY key"
        for batch in self._batches(wanted, BATCH):
            found = base.vectors.get([key for key, _ in batch])
            if found:
                vectors.add(list(found), np.stack(list(found.values())))
            with row_faults():
                lost = [(key, row) for key, row in batch if key not in found]
                self._sql.executemany("INSERT OR IGNORE INTO new VALUES (?, ?)", lost)

    def _embed(self, vectors: Vectors, embedder: Embedder, journal: Journal, embedding: Tell, writing: Tell) -> int:
        total, written = self._number("new"), 0
        for batch in self._batches("SELECT key, row FROM new", BATCH):
            kept = journal.find([key for key, _ in batch])
            if kept:
                vectors.add(list(kept), np.stack(list(kept.values())))
                with row_faults():
                    self._sql.executemany("DELETE FROM new WHERE key = ?", ((key,) for key in kept))
                written += len(kept)
                writing(written, total)
        todo, done = self._number("new"), 0
        by_length = "SELECT new.key, data FROM new JOIN passages USING (row) ORDER BY length(data)"
        for batch in self._batches(by_length, _EMBEDDED_AT_ONCE):
            keys, texts = [key for key, _ in batch], [embedded_text(load_passage(data)) for _, data in batch]
            fresh = _checked(embedder.embed(texts, progress=_shifted(embedding, done, todo)), len(texts))
            journal.keep(keys, fresh)
            vectors.add(keys, fresh)
            done += len(batch)
            writing(written + done, total)
        return done

    def _batches(self, statement: str, size: int) -> Iterator[list[tuple[str, str]]]:
        """Rows of a statement, settled beforehand: what is done with one batch may change the tables."""
        with row_faults():
            self._sql.execute(f"CREATE TEMP TABLE todo AS {statement}")
        try:
            for start in range(0, self._number("todo"), size):
                yield self.rows.query("SELECT * FROM todo WHERE rowid > ? LIMIT ?", start, size)
        finally:
            self._sql.execute("DROP TABLE todo")

    def _number(self, table: str) -> int:
        return int(self.rows.query(f"SELECT count(*) FROM {table}")[0][0])


def digest(text: str) -> str:
    """32 hexadecimal digits of SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _columns(passage: Passage) -> tuple[str, str, str]:
    """What the lexical search looks into: place, title and section, text."""
    return passage.place, f"{passage.title}\n{passage.section}", passage.text


def _shifted(tell: Tell, before: int, total: int) -> Tell:
    return lambda done, _: tell(before + done, total)


def _checked(vectors: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    if vectors.shape[0] != number or not np.isfinite(vectors).all():
        raise EmbeddingError("嵌入模型给出了不能用的向量：请检查 JUDIAN_EMBEDDING，或改用 bundled（内置模型）。")
    return vectors
