"""What many tests share: the real embedding weights, unpacked once on a machine and loaded once in a run."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant import read_settings
from index import Embedder, load_embedder

# As the program does before it loads torch, which some test files import first: threads of several test processes
# that wait by spinning take ten times the time of the machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

pytest_plugins = ["chat_pages", "chroma_server"]  # the fixtures of the tests in a browser and with a Chroma server

# The files that take longest are begun first: then two processes (`make test`) end at about the same time.
LONGEST = (
    *("test_kill", "test_reports_page", "test_browser", "test_load_ocr", "test_browser_talks", "test_evaluation_page"),
    *("test_chroma_repair", "test_wheel", "test_browser_pictures", "test_network", "test_embed", "test_cli"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session", autouse=True)
def _locks_without_loops() -> Iterator[None]:
    """Gradio 6.31 makes an event loop for each of its locks and leaves it open; since Python 3.10 they need none."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("gradio.utils", "gradio.queueing"):
            patch.setattr(f"{module}.safe_get_lock", asyncio.Lock)
        patch.setattr("gradio.utils.safe_get_stop_event", asyncio.Event)
        yield


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model, one for the whole process. A vector that it has computed it knows from then on: most of the
    time of a test that builds an index goes into the vectors of a few texts that other tests have, too.
    """
    one: Any = load_embedder("bundled", read_settings().models)
    compute, known = one._encode, dict[str, Any]()

    def encode(texts: list[str], *, threads: int = 0) -> Any:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, compute(new, threads=threads), strict=True))
        return np.stack([known[text] for text in texts])

    one._encode = encode
    return one


@pytest.fixture(scope="module")
def computing(embedder: Embedder) -> Iterator[None]:
    """Each vector is computed, known or not: for tests of the vectors themselves."""
    known = vars(embedder).pop("_encode")
    yield
    vars(embedder)["_encode"] = known


@pytest.fixture
def models(tmp_path: Path, embedder: Embedder) -> Path:
    """A folder of models with the weights of the embedding in it, and without those of the language model."""
    folder = tmp_path / "models"
    folder.mkdir()
    unpacked = read_settings().models / "multilingual-e5-small"
    (folder / unpacked.name).symlink_to(unpacked)
    return folder
