"""The vectors of a version in two layers: the lower one's in Chroma, those of what came since in the rows.

The upper layer has few enough vectors that each is compared with the question; its results are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from index.rows import Rows, row_faults
from index.vectors import Vectors, open_vectors


class Recent:
    """The vectors that stand in the rows of an upper layer."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def add(self, keys: Sequence[str], vectors: NDArray[np.float32]) -> None:
        """Store row i of `vectors` for `keys[i]`, in place of what was there for it."""
        rows = [(key, vector.astype("<f4").tobytes()) for key, vector in zip(keys, vectors, strict=True)]
        with row_faults():
            self._rows.connection.executemany("INSERT OR REPLACE INTO main.vectors VALUES (?, ?)", rows)

    def all(self) -> dict[str, NDArray[np.float32]]:
        """Every vector by its key."""
        return {key: np.frombuffer(vector, "<f4") for key, vector in self._rows.query("SELECT * FROM main.vectors")}

    def count(self) -> int:
        return int(self._rows.query("SELECT count(*) FROM main.vectors")[0][0])


class Layers:
    """Both layers, read as if they were one collection. Any number of threads may read them; close them when done."""

    def __init__(self, lower: Vectors, upper: Recent) -> None:
        self._lower, self._upper = lower, upper
        self._read: tuple[list[str], NDArray[np.float32]] | None = None
        self._lock = Lock()

    def nearest(self, vector: Sequence[float], n: int) -> list[tuple[str, float]]:
        """The `n` vectors nearest to `vector` as (key, cosine), best first; all of them where there are fewer."""
        found = dict(self._lower.nearest(vector, n))
        keys, matrix = self._recent()
        if keys:
            found.update(zip(keys, map(float, matrix @ np.asarray(vector, np.float32)), strict=True))
        return sorted(found.items(), key=lambda pair: -pair[1])[:n]

    def get(self, keys: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those `keys` that are there."""
        recent = self._upper.all()
        mine = {key: recent[key] for key in keys if key in recent}
        return mine | self._lower.get([key for key in keys if key not in mine])

    def has(self, keys: Sequence[str]) -> set[str]:
        """Those of `keys` that are there."""
        mine = set(keys) & self._upper.all().keys()
        return mine | self._lower.has([key for key in keys if key not in mine])

    def keys(self) -> list[str]:
        """All of them."""
        return list(dict.fromkeys([*self._upper.all(), *self._lower.keys()]))

    def recent(self) -> dict[str, NDArray[np.float32]]:
        """The vectors of the upper layer alone."""
        return self._upper.all()

    def count(self) -> int:
        return self._lower.count() + self._upper.count()

    def close(self) -> None:
        self._lower.close()

    def _recent(self) -> tuple[list[str], NDArray[np.float32]]:
        """Read once: what is open for searching does not change."""
        with self._lock:
            if self._read is None:
                vectors = self._upper.all()
                self._read = list(vectors), np.stack(list(vectors.values())) if vectors else np.empty((0, 0), "<f4")
            return self._read


Stored = Vectors | Layers


def open_stored(rows: Rows, folder: Path, collection: str = "", url: str = "") -> Stored:
    """The vectors of the version whose rows are `rows` and whose Chroma stands in `folder` or on the server at `url`.

    Raises VectorsError, and IndexStoreError for what is wrong with a server.
    """
    vectors = open_vectors(folder, collection, url)
    return Layers(vectors, Recent(rows)) if rows.layered else vectors
