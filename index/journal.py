"""What an interrupted build had computed and read, kept until a version that holds it is published.

Vectors are in one SQLite file beside the versions, reports and pages that took long to read in a folder. A build
that is killed loses at most the batch it was computing, or the page it was reading.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from index.boxes import pack, unpack
from index.report import Report
from index.rows import row_faults

_FILE = "unpublished.sqlite"
_READINGS = "unpublished-"
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


class Readings:
    """Reports that took long to read, by the digest of their file's bytes; of one state of the code that reads them.

    Its folder also takes the pages of a report that is not read to its end.
    """

    def __init__(self, folder: Path, pipeline: str) -> None:
        self._beside = folder
        self.folder = folder / f"{_READINGS}{pipeline[:12]}"

    def find(self, source: str, sha256: str) -> Report | None:
        """The report of the bytes with this digest, as `source`; None where it is not kept."""
        with suppress(OSError, ValueError, KeyError):
            head, _, boxes = self._file(source, sha256).read_bytes().partition(b"\0")
            values = json.loads(head)
            values.update({name: tuple(values[name]) for name in ("pages", "notes")})
            return Report(source=source, sha256=sha256, boxes=unpack(boxes or None), **values)
        return None

    def keep(self, report: Report) -> None:
        """Keep a report; a disk that is full is no reason to fail."""
        values = {name: getattr(report, name) for name in ("text", "pages", "title", "date", "whole_lines", "notes")}
        beside = self.folder / "report.new"
        with suppress(OSError, ValueError):  # a lone surrogate cannot be written; the report will be refused
            self.folder.mkdir(exist_ok=True)
            beside.write_bytes(json.dumps(values, ensure_ascii=False).encode() + b"\0" + (pack(report.boxes) or b""))
            beside.replace(self._file(report.source, report.sha256))

    def open(self) -> Path:
        """The folder, made; what other code has read is removed."""
        for other in self._beside.glob(f"{_READINGS}*"):
            if other != self.folder:
                shutil.rmtree(other, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)
        return self.folder

    def discard(self) -> None:
        """Forget everything: it is in a published version now."""
        for folder in self._beside.glob(f"{_READINGS}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _file(self, source: str, sha256: str) -> Path:
        return self.folder / f"{sha256}{Path(source).suffix.lower()}.report"
