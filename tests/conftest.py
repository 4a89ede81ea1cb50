"""What many tests share: the real embedding weights, unpacked once on a machine and loaded once in a run."""

from __future__ import annotations

import pytest

from assistant import read_settings
from index import Embedder, load_embedder

pytest_plugins = ["chat_pages"]  # the fixtures of the tests in a browser


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return load_embedder("bundled", read_settings().models)
