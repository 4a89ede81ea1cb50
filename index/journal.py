"""What an interrupted build had computed: vectors, kept until a version that holds them is published.

One SQLite file beside the versions. A build that is killed loses at most the batch it was computing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from index.rows import row_faults

_FILE = "unpublished.sqlite"
_BATCH = 500


class Journal:
    """Vectors by the digest of their text, of one embedding model; those of another model are dropped."""

    def __init__(self, folder: Path, embedding: str, dimensions: int) -> None:
        """Opens the journal in `folder`, anew where the file is damaged. Raises OSError."""
        self._path = folder / _FILE
        self._dimensions = dimensions
        try:
            self._connection = self._open(embedding)
        except sqlite3.DatabaseError:
            self.discard()
            with row_faults():
                self._connection = self._open(embedding)

    def _open(self, embedding: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        try:
            connection.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, model TEXT, vector BLOB)")
            connection.execute("DELETE FROM vectors WHERE model != ?", (embedding,))
            connection.commit()
        except sqlite3.Error:
            connection.close()
            raise
        self._embedding = embedding
        return connection

    def find(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors that are kept of `keys`."""
        found: dict[str, NDArray[np.float32]] = {}
        for start in range(0, len(keys), _BATCH):
            batch = keys[start : start + _BATCH]
            marks = ", ".join("?" * len(batch))
            with row_faults():
                rows = self._connection.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", batch)
                found.update((key, np.frombuffer(vector, "<f4")) for key, vector in rows)
        return {key: vector for key, vector in found.items() if vector.shape == (self._dimensions,)}

    def keep(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Keep a vector a key. Raises RowsError where the disk is full."""
        rows = [(key, self._embedding, row.astype("<f4").tobytes()) for key, row in zip(keys, vectors, strict=True)]
        with row_faults(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def discard(self) -> None:
        """Forget everything: what was kept is in a published version now, or is damaged."""
        with suppress(AttributeError):
            self._connection.close()
        for name in (_FILE, f"{_FILE}-journal"):
            with suppress(OSError):
                self._path.with_name(name).unlink()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()
