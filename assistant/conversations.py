"""Conversations kept on disk: one SQLite file, each conversation its user's own."""

from __future__ import annotations

import errno
import json
import re
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.schema import Answer, Citation, Figure, Hit
from assistant.scope import EVERYWHERE, Scope
from index import Passage, Sentence, Span

FILE = "conversations.sqlite"
LONGEST_TITLE = 60  # characters
_UNUSABLE = "打不开或不能写：请检查它和它所在文件夹的权限后再试。"
_DAMAGED = "已损坏：请把它移到别处留存，再试一次；移走后从空的记录开始。"
_TROUBLES = {  # by SQLite's primary code
    sqlite3.SQLITE_FULL: "写不下（磁盘已满）：请腾出空间后再试。",
    sqlite3.SQLITE_BUSY: "一直被别的程序占用：请稍后再试。",
    sqlite3.SQLITE_READONLY: _UNUSABLE,
    sqlite3.SQLITE_CANTOPEN: _UNUSABLE,
    sqlite3.SQLITE_PERM: _UNUSABLE,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
}
_TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, title TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS turns (
    conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    place INTEGER NOT NULL, words TEXT NOT NULL, turn TEXT NOT NULL, PRIMARY KEY (conversation, place));
CREATE INDEX IF NOT EXISTS by_user ON conversations (user, updated);
"""


def new_key() -> str:
    """A fresh name for a conversation, a turn, or a state of a turn."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it: an answer, a sentence that says why there is none, or nothing yet.

    `key` stays the same for the life of the turn; `stamp` is another after each change. `vote` is "up", "down" or "".
    `more` are questions to go on with, `scope` is where it looks. `resumed` tells that a process ended over it.
    """

    question: str
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False
    vote: str = ""
    more: tuple[str, ...] = ()
    scope: Scope = EVERYWHERE
    resumed: bool = False
    key: str = field(default_factory=new_key)
    stamp: str = field(default_factory=new_key)

    @property
    def pending(self) -> bool:
        return self.answer is None and not self.error and not self.stopped

    def changed(self, **changes: Any) -> Turn:
        """A copy with `changes` and another stamp."""
        return replace(self, **changes, stamp=new_key())


Turns = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """One line of the list of conversations; `updated` is UTC in ISO form."""

    id: str
    title: str
    updated: str


class ConversationStore:
    """The conversations below one folder. Safe among threads and processes. Every method raises InputError where
    the file cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()

    def list(self, user: str, search: str = "") -> tuple[Conversation, ...]:
        """The user's conversations, the last used first; with `search`, those that hold these characters."""
        wanted = "%" + "".join("\\" + c if c in "\\%_" else c for c in search.strip()) + "%"
        query = (
            "SELECT id, title, updated FROM conversations c WHERE user = ? AND (title LIKE ? ESCAPE '\\' OR EXISTS "
            "(SELECT 1 FROM turns WHERE conversation = c.id AND words LIKE ? ESCAPE '\\')) "
            # A turn that is written takes the highest row: the last used, whatever the clock said.
            "ORDER BY (SELECT max(rowid) FROM turns WHERE conversation = c.id) DESC"
        )
        with self._open() as base:
            return tuple(Conversation(*row) for row in base.execute(query, (user, wanted, wanted)))

    def load(self, user: str, id: str) -> Turns | None:
        """The turns of the user's conversation, None if there is none of this name."""
        with self._open() as base:
            if not _owns(base, user, id):
                return None
            rows = base.execute("SELECT turn FROM turns WHERE conversation = ? ORDER BY place", (id,)).fetchall()
        try:
            return tuple(turn_from_json(json.loads(row[0])) for row in rows)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"这个对话在 {self._path} 里已损坏：请删除这个对话，其他对话不受影响。") from error

    def free(self, id: str) -> bool:
        """Whether a new conversation may have this name: it is of the form of `new_key`, and nobody's yet."""
        if not re.fullmatch("[0-9a-f]{16,32}", id):
            return False
        with self._open() as base:
            return base.execute("SELECT 1 FROM conversations WHERE id = ?", (id,)).fetchone() is None

    def save(self, user: str, id: str, turns: Turns, *, since: int = 0) -> None:
        """Write the turns from place `since` on; nothing stands behind the last. A new name makes a conversation."""
        rows = [(id, place, _words(turn), _json(turn)) for place, turn in enumerate(turns) if place >= since]
        title = turns[0].question[:LONGEST_TITLE].replace("\n", " ") if turns else "新对话"
        with self._open() as base:
            base.execute("BEGIN IMMEDIATE")
            base.execute(
                "INSERT INTO conversations VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET updated = excluded.updated WHERE user = excluded.user",
                (id, user, title, _now()),
            )
            if not _owns(base, user, id):
                raise InputError("这个对话属于别的用户：请新建一个对话。")
            base.execute("DELETE FROM turns WHERE conversation = ? AND place >= ?", (id, len(turns)))
            base.executemany("INSERT OR REPLACE INTO turns VALUES (?, ?, ?, ?)", rows)

    def rename(self, user: str, id: str, title: str) -> None:
        """Raises InputError for an empty title."""
        title = " ".join(title.split())[:LONGEST_TITLE]
        if not title:
            raise InputError("对话的名称是空的：请写上名称。")
        with self._open() as base:
            base.execute("UPDATE conversations SET title = ? WHERE id = ? AND user = ?", (title, id, user))

    def delete(self, user: str, id: str) -> None:
        """Remove the user's conversation; nothing happens if there is none of this name."""
        with self._open() as base:
            base.execute("DELETE FROM conversations WHERE id = ? AND user = ?", (id, user))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one piece of work, all of which is written or nothing."""
        try:
            with self._lock, closing(self._connect()) as base, base:
                yield base
        except (sqlite3.Error, OSError, ValueError) as error:
            raise InputError(f"对话记录 {self._path} {_trouble(error)}") from error

    def _connect(self) -> sqlite3.Connection:
        fresh = not self._path.exists()
        if fresh:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        base = sqlite3.connect(self._path, timeout=10)
        base.execute("PRAGMA foreign_keys = ON")
        if fresh:
            self._path.chmod(0o600)  # questions are their users' own
        base.executescript(_TABLES)
        return base


def _trouble(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, OSError):  # of the folder
        code = sqlite3.SQLITE_FULL if error.errno == errno.ENOSPC else sqlite3.SQLITE_CANTOPEN
    return _TROUBLES.get(code) or f"读写失败（{error}）：请检查权限和磁盘后再试。"


def _owns(base: sqlite3.Connection, user: str, id: str) -> bool:
    return base.execute("SELECT 1 FROM conversations WHERE id = ? AND user = ?", (id, user)).fetchone() is not None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _words(turn: Turn) -> str:
    """What a search looks through."""
    return f"{turn.question}\n{turn.answer.answer if turn.answer else turn.error}"


def _json(turn: Turn) -> str:
    answer = turn.answer
    names = ("question", "error", "stopped", "vote", "more", "resumed", "key", "stamp")
    value: dict[str, Any] = {name: getattr(turn, name) for name in names} | {"scope": asdict(turn.scope)}
    kept = answer and answer.to_json() | {"retrieved": [_hit_to_json(hit) for hit in answer.retrieved]}
    return json.dumps(value | {"answer": kept}, ensure_ascii=False)


def turn_from_json(value: dict[str, Any]) -> Turn:
    """Raises KeyError, TypeError or ValueError for what is no turn."""
    answer, scope = value["answer"], value.get("scope", {})  # older files know of no scope
    parts = {
        "answer": _answer(answer) if answer else None,
        "more": tuple(value["more"]),
        "scope": Scope(**scope | {"places": tuple(scope.get("places", ()))}),
    }
    return Turn(**value | parts)


def _answer(value: dict[str, Any]) -> Answer:
    parts = {
        "citations": tuple(Citation(**each) for each in value["citations"]),
        "figures": tuple(Figure(**each) for each in value["figures"]),
        "retrieved": tuple(_hit(each) for each in value["retrieved"]),
    }
    return Answer(**{name: value[name] for name in Answer.__dataclass_fields__ if name in value} | parts)


def _hit_to_json(hit: Hit) -> dict[str, Any]:
    names = ("id", "source", "title", "place", "date", "section", "page", "text", "tokens", "start", "end")
    return {name: getattr(hit.passage, name) for name in names} | {"score": hit.score}


def _hit(value: dict[str, Any]) -> Hit:
    """The passage as one sentence: where its own sentences were cut is not kept."""
    known = dict(value)
    score, span = known.pop("score"), Span(known.pop("start"), known.pop("end"))
    return Hit(Passage(**known, sentences=(Sentence(known["text"], (span,)),)), score)
