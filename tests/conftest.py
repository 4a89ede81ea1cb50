"""What many tests share: the real embedding weights, unpacked once on a machine and loaded once in a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import read_settings
from index import Embedder, load_embedder

pytest_plugins = ["chat_pages", "chroma_server"]  # the fixtures of the tests in a browser and with a Chroma server

# The files that take longest are begun first: then two processes (`make test`) end at about the same time.
LONGEST = (
    *("test_kill", "test_reports_page", "test_evaluation_page", "test_browser_pictures", "test_browser_talks"),
    *("test_browser", "test_load_ocr", "test_chat_start", "test_network", "test_embed", "test_cli", "test_wheel"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return load_embedder("bundled", read_settings().models)


@pytest.fixture
def models(tmp_path: Path, embedder: Embedder) -> Path:
    """A folder of models with the weights of the embedding in it, and without those of the language model."""
    folder = tmp_path / "models"
    folder.mkdir()
    unpacked = read_settings().models / "multilingual-e5-small"
    (folder / unpacked.name).symlink_to(unpacked)
    return folder
