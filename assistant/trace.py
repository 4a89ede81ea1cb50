"""One JSON line a question: what was done, how long it took, what was verified; and `judian trace`, which reads them.

The lines hold no question, answer or quote unless JUDIAN_TRACE=full asks for it, and never a key. They stand in
`<index>/traces/`, a file a day, and a month of days is kept. A trace that cannot be written harms no answer.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from assistant.schema import Answer, Progress
from assistant.settings import Settings

DAYS_KEPT = 31
LARGEST_DAY = 64 * 2**20  # bytes; what comes after is not traced
_Event = TypeVar("_Event")
_log = logging.getLogger(__name__)


def app_version() -> str:
    """The version of this program; "unknown" where it runs from its folder without being installed."""
    try:
        return version("judian")
    except PackageNotFoundError:
        return "unknown"


def traced(events: Iterable[_Event], settings: Settings, question: str, history: Sequence[str]) -> Iterator[_Event]:
    """`events` as they come; when they end, fail or are read no further, their trace is written."""
    started, stages = time.perf_counter(), list[str]()
    line: dict[str, Any] = {"id": secrets.token_hex(4), "at": datetime.now(UTC).isoformat(timespec="milliseconds")}
    end: dict[str, Any] = {"status": "cancelled"}
    try:
        for event in events:
            if isinstance(event, Answer):
                end = _answered(event)
            elif isinstance(event, Progress):
                stages.append(event.stage)
            yield event
    except Exception as error:
        end = {"status": "failed", "error": type(error).__name__}
        raise
    finally:
        if settings.trace != "off":
            line |= {"version": app_version(), **end, "stages": stages}
            line.setdefault("seconds", {"total": round(time.perf_counter() - started, 3)})
            if settings.trace == "full":
                line |= {"question": question, "history": list(history), **end.get("full", {})}
            line.pop("full", None)
            _append(settings.index / "traces", line)


def _answered(answer: Answer) -> dict[str, Any]:
    figures = [figure.verified for figure in answer.figures]
    return {
        "status": answer.status,
        "model": answer.model,
        "index_version": answer.index_version,
        "seconds": answer.seconds,
        "retrieved": [hit.passage.id for hit in answer.retrieved],
        "cited": [{"source": c.source, "start": c.start, "end": c.end} for c in answer.citations],
        "figures": {"verified": sum(figures), "unverified": len(figures) - sum(figures)},
        "full": {"standalone_question": answer.standalone_question, "answer": answer.answer},
    }


def _append(folder: Path, line: dict[str, Any]) -> None:
    """One write, so that the lines of several processes do not mix."""
    path = folder / f"{line['at'][:10]}.jsonl"
    data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        new = not path.exists()
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            if os.fstat(handle).st_size + len(data) <= LARGEST_DAY:
                os.write(handle, data)
        finally:
            os.close(handle)
        if new:
            for old in _files(folder)[DAYS_KEPT:]:
                old.unlink()
    except OSError as error:
        _log.debug("no trace was written: %s", error)


def _files(folder: Path) -> list[Path]:
    """A file a day, the newest first."""
    return sorted(folder.glob("????-??-??.jsonl"), reverse=True)


def read_traces(index: Path) -> Iterator[dict[str, Any]]:
    """The traces beside the index in `index`, newest first; lines that cannot be read are passed over."""
    for path in _files(index / "traces"):
        try:
            lines = path.read_bytes().splitlines()
        except OSError:
            continue
        for data in reversed(lines):
            try:
                line = json.loads(data)
            except ValueError:
                continue
            if isinstance(line, dict) and isinstance(line.get("id"), str) and isinstance(line.get("seconds"), dict):
                yield line


def total(trace: dict[str, Any]) -> float:
    """Seconds that the whole question took; 0.0 where the trace does not tell."""
    seconds = trace["seconds"].get("total", 0.0)
    return float(seconds) if isinstance(seconds, int | float) else 0.0


def slowest(traces: Iterable[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    """The `count` that took longest, the longest first."""
    return sorted(traces, key=total, reverse=True)[:count]
