"""Who uploaded which report: a small file for each beside the index, so that the text of a report says nothing of it.

A file's name comes from whoever uploads, so the record is named by its digest. A record holds as long as the file is
the one that was uploaded: what was changed or put there by hand is nobody's.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path


def remember(records: Path, reports: Path, source: str, user: str) -> None:
    """Note that `user` uploaded the file `source`; "" is nobody. Raises OSError."""
    record = _record(records, source)
    if not user:
        record.unlink(missing_ok=True)
        return
    records.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".new-", dir=records)  # for this machine's user alone to read
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump({"source": source, "user": user, "file": _stamp(reports / source)}, file, ensure_ascii=False)
        Path(name).replace(record)
    finally:
        Path(name).unlink(missing_ok=True)


def uploader(records: Path, reports: Path, source: str) -> str:
    """The account that uploaded the file `source`; "" for nobody's."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        found = json.loads(_record(records, source).read_text("utf-8"))
        if found["source"] == source and found["file"] == _stamp(reports / source) and isinstance(found["user"], str):
            return str(found["user"])
    return ""


def may_change(owner: str, user: str) -> bool:
    """Whether `user` may delete or restore what `owner` uploaded; "" is everybody where there are no accounts."""
    return user in ("", owner)


def _record(records: Path, source: str) -> Path:
    return records / f"{hashlib.sha256(source.encode()).hexdigest()}.json"


def _stamp(file: Path) -> list[int]:
    state = file.stat()
    return [state.st_size, state.st_mtime_ns]
