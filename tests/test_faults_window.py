"""Faults as they are seen in a real browser: a full disk, a window that is killed, too many people at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from chat_pages import BROWSER, FakeEndpoint, answered, ask, free_port, open_chat
from disks import full, small_disk
from playwright.sync_api import Browser, BrowserContext, expect

from assistant import Assistant, Settings, Talks, open_assistant, read_settings
from assistant.conversations import ConversationStore
from assistant.ui import chat_events
from assistant.ui.app import build, serve
from index import Embedder, build_index

pytestmark = BROWSER
ROOT = Path(__file__).parents[1]
REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
TEA, GROWTH = "云溪县2023年茶叶综合产值是多少？", "比上年增长多少？"


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder, endpoint: FakeEndpoint) -> Settings:
    endpoint.reply, endpoint.pause, endpoint.broken = "2023年，云溪县茶叶综合产值为12.6亿元。", 0.0, False
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, encoding="utf-8")
    made = read_settings(
        reports=tmp_path / "reports",
        index=tmp_path / "kept" / "index",
        llm="fake",
        llm_base_url=f"http://127.0.0.1:{endpoint.server_address[1]}/v1",
    )
    build_index(made.reports, made.index, embedder)
    return made


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as opened:
        yield opened


def served(stack: ExitStack, settings: Settings) -> str:
    """The address of a window that is open as long as `stack` is."""
    assistant = stack.enter_context(closing(open_assistant(settings, window=True)))
    blocks = build(assistant)
    stack.callback(blocks.close, verbose=False)
    return serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant)


def test_a_full_disk_gives_the_question_back_and_takes_it_when_there_is_room(
    context: BrowserContext, settings: Settings, endpoint: FakeEndpoint
) -> None:
    with small_disk(settings.index.parent / "conversations", 256) as disk, ExitStack() as stack:
        page = context.new_page()
        open_chat(page, served(stack, settings))
        ask(page, TEA)
        answered(page)
        with full(disk):
            ask(page, GROWTH)
            expect(page.get_by_text("写不下（磁盘已满）：请腾出空间后再试。")).to_be_visible(timeout=15_000)
            expect(page.locator("#jd-question textarea")).to_have_value(GROWTH)
            expect(page.locator(".jd-question")).to_have_text([TEA])
            expect(page.locator(".jd-live")).to_have_count(0)
        page.keyboard.press("Enter")
        answered(page, 2)
        endpoint.pause = 0.3
        ask(page, TEA)
        expect(page.locator(".jd-draft")).to_be_visible(timeout=30_000)
        with full(disk):
            endpoint.pause = 0.0
            expect(page.locator(".jd-error")).to_contain_text("回答存不下，没有保留。", timeout=30_000)
            expect(page.locator(".jd-error")).to_contain_text("（磁盘已满）：请腾出空间后再试。到时请点“重问”。")
            expect(page.locator(".jd-live")).to_have_count(0)
        page.get_by_role("button", name="重问").click()
        answered(page, 3)
        page.reload()
        page.locator(".jd-open", has_text=TEA).click(timeout=30_000)
        answered(page, 3)
        expect(page.locator(".jd-error")).to_have_count(0)


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_window_that_is_killed_in_mid_answer_goes_on_when_it_is_opened_again(
    context: BrowserContext, settings: Settings, endpoint: FakeEndpoint, tmp_path: Path
) -> None:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_")} | {
        "JUDIAN_REPORTS": str(settings.reports),
        "JUDIAN_INDEX": str(settings.index),
        "JUDIAN_MODELS": str(settings.models),
        "JUDIAN_LLM": "fake",
        "JUDIAN_LLM_BASE_URL": settings.llm_base_url,
    }
    command = [sys.executable, "-m", "assistant", "chat", "--port", str(port)]

    def window() -> subprocess.Popen[str]:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "据典已打开" in line:
                return process
        pytest.fail(said)

    process = window()
    try:
        page = context.new_page()
        open_chat(page, f"http://127.0.0.1:{port}")
        ask(page, TEA)
        answered(page)
        endpoint.pause = 0.4
        ask(page, GROWTH)
        ask(page, "云溪县的县长是谁？")
        expect(page.locator(".jd-draft")).to_be_visible(timeout=60_000)
        process.kill()
        process.communicate()
        expect(page.locator(".jd-lost")).to_be_visible(timeout=20_000)
        endpoint.pause = 0.0
        process = window()
        answered(page, 3)
        expect(page.locator(".jd-question")).to_have_text([TEA, GROWTH, "云溪县的县长是谁？"])
        expect(page.locator(".jd-error, .jd-stopped")).to_have_count(0)
    finally:
        process.kill()
        process.communicate()


def test_who_waits_is_told_how_many_are_before_and_who_comes_too_late_to_come_again(
    browser: Browser, settings: Settings, endpoint: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(assistant: Assistant) -> Talks:
        return Talks(assistant, ConversationStore(settings.index.parent / "conversations"), at_once=1, longest=2)

    monkeypatch.setattr(chat_events, "open_talks", short)
    with ExitStack() as stack:
        address = served(stack, settings)
        # A browser each: one alone would keep no more than six connections.
        pages = [stack.enter_context(browser.new_context()).new_page() for _ in range(4)]
        for page in pages:
            open_chat(page, address)
        endpoint.pause = 3.0
        for page in pages:
            ask(page, TEA)
            expect(page.locator(".jd-question")).to_have_count(1, timeout=30_000)
        expect(pages[1].locator(".jd-wait")).to_have_text("前面还有 1 个问题，排队等候中……", timeout=15_000)
        expect(pages[2].locator(".jd-wait")).to_have_text("前面还有 2 个问题，排队等候中……", timeout=15_000)
        expect(pages[3].locator(".jd-error")).to_have_text("现在提问的人太多：请过几分钟再点“重问”。")
        endpoint.pause = 0.0
        for page in pages[:3]:
            answered(page)
        pages[3].get_by_role("button", name="重问").click()
        answered(pages[3])
        expect(pages[3].locator(".jd-error")).to_have_count(0)
