"""Inputs for the figure parser and the repair of layouts that are steered to code not reached before.

    pip install atheris                                # Linux, Python 3.11 and later
    python tests/fuzz_guided.py -runs=100000 [folder]  # the folder keeps inputs that reached something new

`fuzz.py` has all the other readers: what they spend is spent in compiled libraries, which this cannot see into, and
their inputs are files that a change at a random place hardly ever leaves whole enough to be read.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))
with atheris.instrument_imports(include=["assistant", "index"]):
    import assistant.figures  # noqa: F401
    import index.layout  # noqa: F401

from fuzz import check_figures
from test_layout import _check_spans


def once(data: bytes) -> None:
    """Whatever is wrong is raised, and atheris keeps the input."""
    text = data.decode("utf-8", "replace")
    check_figures(text)
    _check_spans(text)


if __name__ == "__main__":
    atheris.Setup([*sys.argv[:1], "-max_len=300", "-timeout=20", *sys.argv[1:]], once)
    atheris.Fuzz()
