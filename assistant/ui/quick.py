"""Gradio loaded without the stub files that it writes of each class of components: a quarter of the start-up.

They serve an editor. Gradio 6.31 makes them anew at each import (`gradio.component_meta.create_or_modify_pyi`), and
passes over a class whose file it cannot find.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch


@contextmanager
def without_stubs() -> Iterator[None]:
    """While the block runs, no file is found of a class of Gradio's components."""
    real = inspect.getfile

    def getfile(thing: Any) -> str:
        if type(thing).__module__ == "gradio.component_meta":
            raise OSError("no stub is wanted")
        return real(thing)

    with patch.object(inspect, "getfile", getfile):
        yield
