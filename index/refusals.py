"""Which files the last build left out, and why: refused.json beside the versions."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_FILE = "refused.json"


def read_refusals(folder: Path, pipeline: str, *, slow: bool = False) -> dict[tuple[str, str], str]:
    """The reason of each file left out, by source and digest of its bytes; with `slow`, of those that took long.

    None where other code refused them.
    """
    with suppress(OSError, ValueError, KeyError, TypeError):
        data = json.loads((folder / _FILE).read_text("utf-8"))
        if data["pipeline"] == pipeline:
            return {(source, sha): reason for source, sha, reason, long in data["files"] if long or not slow}
    return {}


def write_refusals(
    folder: Path,
    pipeline: str,
    skipped: Sequence[tuple[str, str]],
    digests: Mapping[str, str],
    slow: Collection[tuple[str, str]],
) -> None:
    """Note (source, reason) of what was left out; `digests` maps a source to its bytes' digest. Raises OSError."""
    files = [
        (source, digests[source], reason, (source, digests[source]) in slow)
        for source, reason in skipped
        if source in digests
    ]
    data = json.dumps({"pipeline": pipeline, "files": files}, indent=1)  # in ASCII: a name may be no text
    if files or (folder / _FILE).exists():
        beside = folder / f"{_FILE}.new"
        beside.write_text(data, "utf-8")
        os.replace(beside, folder / _FILE)
