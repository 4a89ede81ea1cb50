"""Gradio, imported without writing type stubs.

At each import Gradio parses the source of each of its components to keep a .pyi file beside it, for editors alone: a
third of the seconds that its import takes, and two programs that start at once write the same files.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

_WRITER = "gradio.component_meta"


class _WithoutStubs(MetaPathFinder):
    """Finds the module that writes the stubs, and has it loaded with a function in its place that writes none."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name == _WRITER else None
        if spec is None or spec.loader is None:
            return None
        load = spec.loader.exec_module

        def load_without(module: ModuleType) -> None:
            load(module)
            vars(module)["create_or_modify_pyi"] = lambda *_: None

        spec.loader.exec_module = load_without  # type: ignore[method-assign]
        return spec


@contextmanager
def no_stubs() -> Iterator[None]:
    """What is imported within writes none; nothing changes where Gradio is imported already."""
    finder = _WithoutStubs()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
