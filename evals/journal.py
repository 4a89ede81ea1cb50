"""The trace of a run: each answer is on disk before the next question is asked, so a run can go on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from assistant import Settings
from evals.baseline import replace_file, write_json

_CODE = (".py", ".txt", ".tsv")


def fingerprint(settings: Settings, suites: Sequence[Path], *, model: str, index_version: str) -> str:
    """Hex digest of all an answer depends on: settings, suites, index version, model, prompts and code.

    The API key is left out: it is a secret and changes no answer.
    """
    known = {
        "settings": settings.model_dump(mode="json", exclude={"llm_api_key"}),
        "suites": [hashlib.sha256(path.read_bytes()).hexdigest() for path in suites],
        "model": model,
        "index_version": index_version,
        "code": {name: _digest(files(name)) for name in ("assistant", "index", "prompts")},
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True, default=str).encode()).hexdigest()


def _digest(folder: Traversable) -> str:
    digest = hashlib.sha256()
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            digest.update(f"{entry.name}/{_digest(entry)}".encode())
        elif entry.name.endswith(_CODE):
            digest.update(entry.name.encode() + hashlib.sha256(entry.read_bytes()).digest())
    return digest.hexdigest()


class Journal:
    """`answers.jsonl` of a run's folder: one object a question, in the order asked.

    An unfinished run with the same key goes on; any other is begun anew, and its files are replaced.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self._answers = folder / "answers.jsonl"
        self._state = folder / "run.json"
        self.done: dict[str, dict[str, Any]] = {}
        folder.mkdir(parents=True, exist_ok=True)
        if self._read_state() == {"key": key, "finished": False}:
            self.done = {record["id"]: record for record in self._read_answers()}
        # Rewritten even when it goes on: the last line of a killed run may be half a line.
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in self.done.values()]
        replace_file(self._answers, "".join(lines))
        write_json(self._state, {"key": key, "finished": False})
        self._key = key

    def append(self, record: dict[str, Any]) -> None:
        """Puts one record, which has an "id", on disk."""
        with self._answers.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
        self.done[record["id"]] = record

    def finish(self) -> None:
        """The next run with this key will ask everything again."""
        write_json(self._state, {"key": self._key, "finished": True})

    def _read_state(self) -> Any:
        try:
            return json.loads(self._state.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _read_answers(self) -> list[dict[str, Any]]:
        if not self._answers.exists():
            return []
        records = []
        for line in self._answers.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and {"id", "answer", "first_token", "total"} <= record.keys():
                records.append(record)
        return records
