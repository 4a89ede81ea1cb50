"""The chat model in use, and how another takes its place while answers under way go on with the one before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.model import LoadedModel
from assistant.settings import Settings


class _Engine:
    """A model with the settings it was loaded by; `users` answers are under way with it."""

    def __init__(self, settings: Settings, model: LoadedModel) -> None:
        self.settings = settings
        self.model = model
        self.users = 0


class Engines:
    """One model at a time for new answers. Safe to share between threads; close it when done."""

    def __init__(self, settings: Settings, model: LoadedModel) -> None:
        self._now = _Engine(settings, model)
        self._open = [self._now]
        self._lock = threading.Lock()

    @property
    def model(self) -> LoadedModel:
        """The one that the next answer is written with."""
        return self._now.model

    @property
    def busy(self) -> bool:
        """Whether an answer is under way."""
        with self._lock:
            return any(engine.users for engine in self._open)

    @contextmanager
    def use(self) -> Iterator[tuple[Settings, LoadedModel]]:
        """The model and its settings, which stay open meanwhile."""
        with self._lock:
            engine = self._now
            engine.users += 1
        try:
            yield engine.settings, engine.model
        finally:
            with self._lock:
                engine.users -= 1
            self._close_idle()

    def change(self, settings: Settings, model: LoadedModel) -> None:
        """Let `model` write from the next answer on; the one before is closed when its last answer is done."""
        with self._lock:
            self._now = _Engine(settings, model)
            self._open.append(self._now)
        self._close_idle()

    def close(self) -> None:
        with self._lock:
            engines, self._open = self._open, []
        for engine in engines:
            engine.model.close()

    def _close_idle(self) -> None:
        with self._lock:
            idle = [engine for engine in self._open if engine is not self._now and not engine.users]
            self._open = [engine for engine in self._open if engine not in idle]
        for engine in idle:
            engine.model.close()
