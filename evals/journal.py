"""The trace of a run: each answer is on disk before the next question is asked, so a run can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from assistant import Settings, public_url
from evals.baseline import replace_file, write_json

_CODE = (".py", ".txt", ".tsv")


def describe(settings: Settings, suites: Sequence[Path], *, model: str, index_version: str) -> dict[str, Any]:
    """All an answer depends on: settings, suites, index version, model, digests of prompts and code.

    The settings are those of `deciding`.
    """
    return {
        "settings": deciding(settings),
        "suites": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in suites},
        "model": model,
        "index_version": index_version,
        "prompts": {
            entry.name: hashlib.sha256(entry.read_bytes()).hexdigest()
            for entry in sorted(files("prompts").iterdir(), key=lambda entry: entry.name)
            if entry.name.endswith(".txt") and not entry.name.startswith("judge")
        },
        "code": {name: _digest(files(name)) for name in ("assistant", "index", "prompts")},
    }


def deciding(settings: Settings) -> dict[str, Any]:
    """The settings that an answer depends on, as JSON values.

    API keys, and a login in an address, are left out: they are secrets and change no answer. Nor do the judge and
    the trace.
    """
    dumped = settings.model_dump(mode="json")
    known = {name: v for name, v in dumped.items() if not name.startswith(("judge", "trace")) and name[-4:] != "_key"}
    return {name: without_login(v) if isinstance(v, str) else v for name, v in known.items()}


def without_login(value: str) -> str:
    """A setting as it may be told: where it is an address, as `public_url` gives it."""
    return public_url(value) if value.startswith(("http://", "https://")) else value


def fingerprint(about: Mapping[str, Any]) -> str:
    """Hex digest of what `describe` returns: runs with the same one ask the same."""
    return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()


def _digest(folder: Traversable) -> str:
    digest = hashlib.sha256()
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            digest.update(f"{entry.name}/{_digest(entry)}".encode())
        elif entry.name.endswith(_CODE):
            digest.update(entry.name.encode() + hashlib.sha256(entry.read_bytes()).digest())
    return digest.hexdigest()


class Journal:
    """`answers.jsonl` of a run's folder, one object a question in the order asked; `run.json` says what run it is.

    An unfinished run with the same key goes on; any other is begun anew, and its files are replaced. `about` is
    kept in `run.json`; of a run that goes on, what it said when it began stays.
    """

    def __init__(self, folder: Path, key: str, about: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self._answers = folder / "answers.jsonl"
        self._state = folder / "run.json"
        self.done: dict[str, dict[str, Any]] = {}
        self.about: dict[str, Any] = dict(about or {})
        folder.mkdir(parents=True, exist_ok=True)
        state = self._read_state()
        if isinstance(state, dict) and (state.get("key"), state.get("finished")) == (key, False):
            self.done = {record["id"]: record for record in self._read_answers()}
            self.about |= {name: value for name, value in state.items() if name not in ("key", "finished")}
        # Rewritten even when it goes on: the last line of a killed run may be half a line.
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in self.done.values()]
        replace_file(self._answers, "".join(lines))
        self._key = key
        self._write_state(finished=False)

    def append(self, record: dict[str, Any]) -> None:
        """Puts one record, which has an "id", on disk."""
        with self._answers.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self.done[record["id"]] = record

    def finish(self, **about: Any) -> None:
        """The next run with this key will ask everything again."""
        self.about |= about
        self._write_state(finished=True)

    def _write_state(self, *, finished: bool) -> None:
        write_json(self._state, {"key": self._key, "finished": finished, **self.about})

    def _read_state(self) -> Any:
        try:
            return json.loads(self._state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _read_answers(self) -> list[dict[str, Any]]:
        return read_records(self._answers) if self._answers.exists() else []


def read_records(path: Path) -> list[dict[str, Any]]:
    """The whole records of an answers.jsonl; what is not one is left out. Raises OSError."""
    records = []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and {"id", "answer", "first_token", "total"} <= record.keys():
            records.append(record)
    return records
