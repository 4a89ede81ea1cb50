"""A version while it is written, beside the others: what changed goes into a copy of the version before.

Up to index.layers.LARGE passages that is a real copy; the rows of a larger version are linked, not copied.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.edits import begin_layer, merge, put_report, put_terms, renew_terms, take_out
from index.embed import Embedder
from index.errors import EmbeddingError
from index.journal import Journal
from index.layers import BASE, LARGE, MOST, link
from index.manifest import Manifest
from index.recent import Layers, Recent, Stored
from index.report import Report
from index.rows import FILE, Known, Record, Rows, create_rows, dump_passage, load_passage, row_faults
from index.split import embedded_text
from index.store import VECTORS
from index.vector_files import copy_vectors, link_vectors, shrink_vectors
from index.vectors import BATCH, Vectors, create_vectors, extend_vectors

DEAD_SHARE = 0.3  # of vectors that no passage needs; above it a new collection is filled
_EMBEDDED_AT_ONCE = 256
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
    vectors: Stored | None


class Draft:
    """The folder of a version that nobody reads yet; `base` is the version whose rows it begins with, if any."""

    def __init__(self, folder: Path, base: Base | None = None) -> None:
        self.folder = folder
        if base is None:
            create_rows(folder / FILE)
        elif base.rows.layered or base.manifest.passages < LARGE or base.manifest.collection:
            shutil.copyfile(base.folder / FILE, folder / FILE)
            if base.rows.layered:
                link(base.folder / BASE, folder / BASE)
        else:
            begin_layer(folder, base.folder, base.manifest.passages)
        self._open_rows()

    def _open_rows(self) -> None:
        self.rows = Rows(self.folder / FILE, writable=True)
        self._sql = self.rows.connection
        with row_faults():
            # Nobody reads a draft, and what is left of one is thrown away: it needs no journal of its own.
            for setting in ("main.journal_mode = OFF", "main.synchronous = OFF", "cache_size = -65536"):
                self._sql.execute(f"PRAGMA {setting}")
            self._sql.execute("CREATE TEMP TABLE new (key TEXT PRIMARY KEY, row INTEGER)")

    def put(self, cut: Cut) -> None:
        """Add a source that is not there."""
        source, report = cut.known.source, cut.report
        with row_faults():
            rows = list(enumerate(cut.records, start=self._last_row() + 1))
            self._sql.executemany(
                "INSERT INTO main.passages VALUES (?, ?, ?, ?, ?, ?)",
                ((row, r.passage.id, source, r.article, r.key, dump_passage(r.passage)) for row, r in rows),
            )
            put_terms(self._sql, [(row, record.passage) for row, record in rows])
            self._sql.executemany("INSERT OR IGNORE INTO new VALUES (?, ?)", ((r.key, row) for row, r in rows))
            put_report(self.rows, report)

    def note(self, known: Sequence[Known]) -> None:
        """What is known of each file, in place of what was known before."""
        rows = [tuple(getattr(one, name) for name in Known.__dataclass_fields__) for one in known]
        with row_faults():
            self._sql.execute("DELETE FROM sources")
            self._sql.executemany("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def remove(self, source: str, *, damaged: bool = False) -> None:
        """Forget a source and its passages; their vectors stay until a new collection is filled."""
        with row_faults():
            take_out(self._sql, source, layered=self.rows.layered, terms_too=not damaged)

    def renew_terms(self) -> None:
        """Cut the terms of all passages again: those of a row that was damaged cannot be taken out."""
        if self.rows.layered:
            self._merge(terms_too=False)
        with row_faults():
            renew_terms(self.rows)
            self._sql.commit()

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
        broken: frozenset[str] = frozenset(),
    ) -> tuple[int, str, int]:
        """Store a vector for every passage: `base`'s where it has one, else the journal's, else a new one.

        `collection` is the name of a new collection on the server at `url`, should one be needed; "" keeps
        the vectors in the folder. Those of `base` with a key in `broken` are not used. Returns how many were
        embedded, the collection, and how many are stored.
        """
        with row_faults():
            self._sql.commit()
        if base and base.vectors:
            self._carry(base, broken)
        else:
            base = None
            self._all_new()
        if self.rows.layered:
            if base and not (collection or broken) and self._small_change():
                return self._fill_upper(base, embedder, journal, embedding, writing)
            self._merge()
        vectors, collection = self._open(base, collection, url)
        if vectors is None:
            assert base is not None
            return 0, "", base.manifest.stored
        try:
            embedded = self._embed(vectors, embedder, journal, embedding, writing)
            stored = vectors.count()
        finally:
            vectors.close()
        if not collection:
            shrink_vectors(self.folder / VECTORS)
        return embedded, collection, stored

    def _small_change(self) -> bool:
        gone, new = self._number("gone_rows"), self._number("main.passages")
        return max(gone, new) <= MOST

    def _fill_upper(
        self, base: Base, embedder: Embedder, journal: Journal, embedding: Tell, writing: Tell
    ) -> tuple[int, str, int]:
        link_vectors(base.folder / VECTORS, self.folder / VECTORS)
        new = self._number("new")
        return self._embed(Recent(self.rows), embedder, journal, embedding, writing), "", base.manifest.stored + new

    def _merge(self, *, terms_too: bool = True) -> None:
        """Write both layers as one; what came new stays known."""
        new = self.rows.query("SELECT key, row FROM new")
        with row_faults():
            self._sql.commit()
        merge(self.rows, self.folder, terms_too=terms_too)
        self._open_rows()
        with row_faults():
            self._sql.executemany("INSERT INTO new VALUES (?, ?)", new)
            self._sql.commit()

    def _last_row(self) -> int:
        layers = ("main", "base") if self.rows.layered else ("main",)
        return max(int(self.rows.query(f"SELECT ifnull(max(row), 0) FROM {layer}.passages")[0][0]) for layer in layers)

    def close(self) -> None:
        """Nothing more is added. Raises RowsError."""
        with row_faults():
            self._sql.commit()
        self.rows.close()

    def _all_new(self) -> None:
        with row_faults():
            self._sql.execute("INSERT OR IGNORE INTO new SELECT key, min(row) FROM passages GROUP BY key")
            self._sql.commit()

    def _carry(self, base: Base, broken: frozenset[str]) -> None:
        """Of the texts that came new, forget those that `base` has a vector of."""
        keys = [key for (key,) in self.rows.query("SELECT key FROM new")]
        there = base.rows.select("SELECT DISTINCT key FROM passages WHERE key IN ({})", keys)
        with row_faults():
            self._sql.executemany("DELETE FROM new WHERE key = ?", [row for row in there if row[0] not in broken])
            again = self.rows.select("SELECT key, min(row) FROM passages WHERE key IN ({}) GROUP BY key", list(broken))
            self._sql.executemany("INSERT OR IGNORE INTO new VALUES (?, ?)", list(again))
            self._sql.commit()

    def _open(self, base: Base | None, collection: str, url: str) -> tuple[Vectors | None, str]:
        """The vectors to add to, None where nothing is to be added, and the name of their collection."""
        new, live = self._number("new"), self.rows.counts()["keys"]
        path = self.folder / VECTORS
        if base is None:
            return self._create(live, collection, url), collection
        theirs = base.manifest.collection
        dead = base.manifest.stored - (live - new)
        if bool(theirs) == bool(collection) and dead <= DEAD_SHARE * (base.manifest.stored + new):
            if theirs:  # on a server others may have taken some away: they are counted
                return extend_vectors(path, theirs, url), theirs
            copy_vectors(base.folder / VECTORS, path)
            recent = base.vectors.recent() if isinstance(base.vectors, Layers) else {}
            if not new and not recent:
                return None, ""
            vectors = extend_vectors(path)
            if recent:
                vectors.add(list(recent), np.stack(list(recent.values())))
            return vectors, ""
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

    def _embed(
        self, vectors: Vectors | Recent, embedder: Embedder, journal: Journal, embedding: Tell, writing: Tell
    ) -> int:
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
        by_length = "SELECT new.key, data FROM new JOIN main.passages USING (row) ORDER BY length(data)"
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


def _shifted(tell: Tell, before: int, total: int) -> Tell:
    return lambda done, _: tell(before + done, total)


def _checked(vectors: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    if vectors.shape[0] != number or not np.isfinite(vectors).all():
        raise EmbeddingError("嵌入模型给出了不能用的向量：请检查 JUDIAN_EMBEDDING，或改用 bundled（内置模型）。")
    return vectors
