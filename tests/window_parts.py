"""What the tests of the pages 报告 and 评测 share: a window over a folder of its own, and a tab of Chromium on it."""

from __future__ import annotations

import gc
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from assistant import Assistant, open_assistant, read_settings
from assistant.ui.app import build, serve
from index import Embedder, build_index

PICTURES = Path(__file__).parents[1] / "screenshots"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")
MARKS = [
    pytest.mark.browser,
    # Sockets of Gradio's server and of Chromium's pipe are closed by the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    # Gradio's own statistics of its queue use what pandas will drop.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]


@contextmanager
def chromium() -> Iterator[Browser]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"no Chromium found: install one of {', '.join(CHROMIUM)} (Debian: apt-get install chromium)")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS)) as browser,
    ):
        yield browser


@contextmanager
def window(folder: Path, reports: dict[str, str], embedder: Embedder, **more: Any) -> Iterator[tuple[str, Assistant]]:
    """The address of a window over `reports` (name -> text) in `folder`, without a model, and its assistant."""
    for name, words in reports.items():
        path = folder / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    settings = read_settings(reports=folder / "reports", index=folder / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    assistant = open_assistant(settings)
    made = {name: make(settings) for name, make in more.items()}
    blocks = build(assistant, **made)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    yield serve(blocks, host="127.0.0.1", port=port, assistant=assistant), assistant
    blocks.close(verbose=False)
    assistant.close()
    gc.collect()  # here, where what it complains of is expected


@contextmanager
def tab(browser: Browser, address: str, name: str, *, width: int = 1280, theme: str = "light") -> Iterator[Page]:
    """A fresh tab on the page `name` of the navigation. It may ask this machine only, whatever a test does in it."""
    size: Any = {"width": width, "height": 900}
    scheme: Any = theme
    with browser.new_context(viewport=size, color_scheme=scheme, locale="en-US") as context:
        asked: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.goto(address)
        page.get_by_role("tab", name=name, exact=True).click(timeout=30_000)
        yield page
        hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in ("data", "blob", "about")}
        assert hosts == {"127.0.0.1"}
