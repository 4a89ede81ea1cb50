"""What readers say of answers: one JSON object a line in `feedback.jsonl` of the index folder.

The chat appends; `judian eval from-feedback` reads and makes draft questions of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from filelock import FileLock, Timeout

from assistant.errors import InputError

Vote = Literal["up", "down", "none"]
_LOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's word on one answer; a later one of the same reader on the same answer replaces it.

    `answer` is the object of `Answer.to_json`, `vote` "none" takes an earlier vote back, `time` is UTC in ISO form
    ("" becomes the moment it is written).
    """

    question: str
    vote: Vote
    answer: Mapping[str, Any] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    comment: str = ""
    right_answer: str = ""
    user: str = ""
    time: str = ""


def feedback_path(index: Path) -> Path:
    """Where the feedback on answers from the index folder `index` is kept."""
    return index / "feedback.jsonl"


def append_feedback(index: Path, feedback: Feedback) -> Feedback:
    """Puts one line on disk and returns what was written; safe among threads and processes. Raises InputError."""
    written = replace(feedback, time=feedback.time or datetime.now(UTC).isoformat(timespec="seconds"))
    line = json.dumps(asdict(written), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    path = feedback_path(index)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=_LOCK_SECONDS), open(path, "a+b", opener=_private) as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":  # a writer was killed in the middle of its line
                    line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
    except Timeout as error:
        raise InputError(f"反馈没有记下：{path} 一直被别的程序占用，请稍后再试。") from error
    except OSError as error:
        raise InputError(f"反馈没有记下：写不了 {path}（{error.strerror}），请检查权限和磁盘空间。") from error
    return written


def _private(path: str, flags: int) -> int:
    """Questions and the names of users are nobody else's: a file that others could read is theirs no longer."""
    handle = os.open(path, flags, 0o600)
    with suppress(OSError):  # somebody else's file, or a disk without permissions
        os.chmod(path, 0o600)
    return handle


def read_feedback(index: Path) -> tuple[Feedback, ...]:
    """All feedback, oldest first; a line that is torn or is none is left out. No file: none. Raises InputError."""
    path = feedback_path(index)
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError(f"读不了反馈记录 {path}（{error.strerror}）：请检查权限。") from error
    return tuple(known for line in text.split("\n") if (known := _parse(line)) is not None)


def _parse(line: str) -> Feedback | None:
    try:
        value = json.loads(line)
        known = {name: value[name] for name in Feedback.__dataclass_fields__ if name in value}
        found = Feedback(**known | {"history": tuple(known.get("history", ()))})
    except (ValueError, TypeError, KeyError):
        return None
    words = (found.question, found.comment, found.right_answer, found.user, found.time, *found.history)
    sound = all(isinstance(word, str) for word in words) and isinstance(found.answer, dict)
    return found if sound and found.question.strip() and found.vote in get_args(Vote) else None
