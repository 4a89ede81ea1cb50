"""Pictures of the chat for a reader to look at: every size, both themes; and those of the README.

`pytest tests/test_browser_pictures.py` writes them to screenshots/.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_pages import BROWSER, PICTURES, QUESTION, FakeEndpoint, answered, ask, free_port, open_chat
from playwright.sync_api import Browser, expect

from assistant import open_assistant, read_settings
from assistant.ui.app import build, serve
from index import build_index, load_embedder

pytestmark = BROWSER


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (768, 1024), (375, 812)])
def test_pictures(browser: Browser, chat: str, endpoint: FakeEndpoint, width: int, height: int, theme: str) -> None:
    """Empty, at work with a question waiting, with an answer, its source, a refusal, the list, the settings."""
    PICTURES.mkdir(exist_ok=True)
    endpoint.pause = 1.0  # the draft stands for ten seconds, however slow the browser
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        page = context.new_page()
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        open_chat(page, chat)

        def picture(name: str) -> None:
            page.wait_for_timeout(300)
            path = PICTURES / f"{width}-{theme}-{name}.png"
            page.screenshot(path=path)
            assert path.stat().st_size > 5_000
            assert page.evaluate("document.documentElement.scrollWidth") <= width

        picture("empty")
        for count, question in enumerate((QUESTION, "涪陵区和西昌市的县长是谁？"), 1):
            ask(page, question)  # nobody types the next one before this one is seen
            expect(page.locator(".jd-question")).to_have_count(count, timeout=30_000)
        expect(page.locator(".jd-draft")).to_be_visible(timeout=60_000)
        picture("running")
        endpoint.pause = 0.0
        answered(page, 2)
        picture("refusal")
        page.locator(".jd-text .jd-chip").first.click()
        expect(page.locator(".jd-source mark")).to_be_in_viewport(timeout=10_000)
        picture("source")
        if width < 900:
            page.locator("[data-back]").click()
        page.locator(".jd-text").first.scroll_into_view_if_needed()
        picture("answer")
        if width < 1180:
            page.locator("#jd-bar [data-list]").click()
        page.locator(".jd-menu").first.click()
        picture("menu")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
        page.get_by_role("tab", name="设置").click()
        picture("settings")


@pytest.mark.llm
def test_pictures_for_the_readme(browser: Browser, tmp_path: Path) -> None:
    """The packaged reports and the embedded model: screenshots/chat.png and chat-mobile.png go to docs/."""
    settings = read_settings(reports=Path(__file__).parents[1] / "reports", index=tmp_path / "index", llm="embedded")
    build_index(settings.reports, settings.index, load_embedder(settings.embedding, settings.models))
    assistant = open_assistant(settings)
    if assistant.notice:
        pytest.skip(assistant.notice)
    PICTURES.mkdir(exist_ok=True)
    blocks = build(assistant)
    address = serve(blocks, host="127.0.0.1", port=free_port())
    for name, width, height, scale in (("chat", 1280, 800, 1), ("chat-mobile", 375, 812, 2)):
        with browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=scale) as context:
            page = context.new_page()
            open_chat(page, address)
            for count, question in enumerate(assistant.examples()[: 1 + (width > 600)], 1):
                ask(page, question)
                answered(page, count)
            page.locator(".jd-text .jd-chip").last.click() if width > 600 else None
            page.wait_for_timeout(1000)
            page.screenshot(path=PICTURES / f"{name}.png")
            assert page.locator(".jd-figure.ok").count() > 0
    blocks.close(verbose=False)
    assistant.close()
