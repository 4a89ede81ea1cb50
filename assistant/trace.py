"""One JSON line a question: what was done, how long it took, what was verified; and `judian trace`, which reads them.

The lines hold no question, answer, quote or name of a report unless JUDIAN_TRACE=full asks for it, and never a key:
passages are told by their ids. They stand in `<index>/traces/`, a file a day, and a month of days is kept. A trace
that cannot be written harms no answer.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

from assistant.schema import Answer, Progress
from assistant.settings import Settings

DAYS_KEPT = 31
LARGEST_DAY = 64 * 2**20  # bytes; what comes after is not traced
_MISSING = ("scope", "period", "matter")  # beside these a Selection names the places that are unknown
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
    started, began, ended = time.perf_counter(), dict[str, float](), 0.0
    line: dict[str, Any] = {"id": secrets.token_hex(4), "at": datetime.now(UTC).isoformat(timespec="milliseconds")}
    end: dict[str, Any] = {"status": "cancelled"}
    try:
        for event in events:
            if isinstance(event, Answer):
                end, ended = _answered(event), time.perf_counter()
            elif isinstance(event, Progress):
                began[event.stage] = time.perf_counter()
            yield event
    except Exception as error:
        end = {"status": "failed", "error": type(error).__name__}
        raise
    finally:
        if settings.trace != "off":
            ended = ended or time.perf_counter()
            seconds = {**_lasted(began, ended), "total": ended - started, **end.pop("seconds", {})}
            line |= {"version": app_version(), **end, "seconds": {name: round(s, 3) for name, s in seconds.items()}}
            if settings.trace == "full":
                line |= {"question": question, "history": list(history), **end.get("full", {})}
            line.pop("full", None)
            _append(settings.index / "traces", line)


def _lasted(began: Mapping[str, float], ended: float) -> dict[str, float]:
    """Seconds of each stage, which lasts until the next begins."""
    ends = [*began.values(), ended][1:]
    return {stage: end - since for (stage, since), end in zip(began.items(), ends, strict=True)}


def _answered(answer: Answer) -> dict[str, Any]:
    figures = [figure.verified for figure in answer.figures]
    return {
        "status": answer.status,
        "model": answer.model,
        "index_version": answer.index_version,
        "seconds": answer.seconds,
        "retrieved": [hit.passage.id for hit in answer.retrieved],
        "evidence": list(answer.evidence),
        "missing": sorted({word if word in _MISSING else "place" for word in answer.missing}),
        "citations": len(answer.citations),
        "figures": {"verified": sum(figures), "unverified": len(figures) - sum(figures)},
        "dropped": answer.dropped,
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
