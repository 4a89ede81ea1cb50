"""What the tests of the pages 报告 and 评测 share: a window over a folder of its own, and a tab of Chromium on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chat_pages import free_port
from playwright.sync_api import Browser, Page

from assistant import Assistant, Settings, open_assistant, read_settings
from assistant.ui.app import build, serve
from index import Embedder, build_index


@contextmanager
def window(
    folder: Path, reports: dict[str, str], embedder: Embedder, *, evaluation: Callable[[Settings], Any] | None = None
) -> Iterator[tuple[str, Assistant]]:
    """The address of a window over `reports` (name -> text) in `folder`, without a model, and its assistant."""
    for name, words in reports.items():
        path = folder / "reports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(words, encoding="utf-8")
    settings = read_settings(reports=folder / "reports", index=folder / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    assistant = open_assistant(settings)
    blocks = build(assistant, evaluation=evaluation(settings) if evaluation else None)
    yield serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant), assistant
    blocks.close(verbose=False)
    assistant.close()


@contextmanager
def tab(browser: Browser, address: str, name: str, *, width: int = 1280, theme: Any = "light") -> Iterator[Page]:
    """A fresh tab on the page `name` of the navigation. It may ask this machine only, whatever a test does in it."""
    size: Any = {"width": width, "height": 900}
    with browser.new_context(viewport=size, color_scheme=theme, locale="en-US") as context:
        asked: list[str] = []
        errors: list[str] = []
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.get_by_role("tab", name=name, exact=True).click(timeout=30_000)
        yield page
        assert errors == []
        hosts = {urlsplit(url).hostname for url in asked if urlsplit(url).scheme not in ("data", "blob", "about")}
        assert hosts == {"127.0.0.1"}
