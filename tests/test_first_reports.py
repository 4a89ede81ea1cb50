"""From nothing: the window opens without reports or index, says so, and answers once the first are built in it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_pages import BROWSER, PICTURES, free_port
from playwright.sync_api import Browser, expect
from window_parts import tab

from assistant import Assistant, IndexMissingError, commands, open_assistant, read_settings
from assistant.ui.app import build, serve

pytestmark = BROWSER
REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
QUESTION = "云溪县2023年茶叶综合产值是多少？"


@pytest.fixture
def window(tmp_path: Path) -> Iterator[tuple[str, Assistant]]:
    """The address of a window over folders that do not exist."""
    settings = read_settings(reports=tmp_path / "reports", index=tmp_path / "kept" / "index", llm="none")
    assistant = open_assistant(settings, window=True)
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant).rstrip("/"), assistant
    blocks.close(verbose=False)
    assistant.close()


def test_programs_are_told(window: tuple[str, Assistant]) -> None:
    address, assistant = window
    with pytest.raises(IndexMissingError, match="请在“报告”页上传报告"):
        assistant.ask(QUESTION)
    with urllib.request.urlopen(f"{address}/health", timeout=30) as reply:
        health = json.load(reply)
    assert (health["status"], health["index_version"]) == ("empty", "")
    with urllib.request.urlopen(f"{address}/api/reports", timeout=30) as reply:
        assert json.load(reply) == {"index_version": "", "reports": []}
    asked = urllib.request.Request(f"{address}/api/ask", json.dumps({"question": QUESTION}).encode())
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=30)
    with refused.value as reply:
        assert reply.code == 503
        assert "还没有收入报告" in json.load(reply)["error"]


def test_without_the_window_an_index_is_needed(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="judian index build"):
        open_assistant(read_settings(reports=tmp_path, index=tmp_path / "index", llm="none"))


@pytest.mark.parametrize("what", ["missing", "empty", "unreadable"])
def test_the_command_opens_the_window_and_says_what_is_missing(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = tmp_path / "reports"
    if what != "missing":
        reports.mkdir()
    if what == "unreadable":
        (reports / "坏.pdf").write_bytes(b"%PDF-1.7")
    opened: list[bool] = []
    monkeypatch.setattr("assistant.ui.launch", lambda assistant, **_: opened.append(assistant.empty))
    settings = read_settings(reports=reports, index=tmp_path / "index", llm="none")
    commands.chat(settings, host="127.0.0.1", port=free_port(), auth_file=None)
    said = capsys.readouterr().err
    assert opened == [True]
    assert "窗口照样打开，也可以在“报告”页上传。" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (375, "dark")])
def test_the_first_report_is_uploaded_built_and_answers_without_a_restart(
    browser: Browser, window: tuple[str, Assistant], width: int, theme: str
) -> None:
    PICTURES.mkdir(exist_ok=True)
    with tab(browser, window[0], "问答", width=width, theme=theme) as page:
        expect(page.locator(".jd-first h2")).to_have_text("还没有报告", timeout=30_000)
        expect(page.locator(".jd-state")).to_contain_text("还没有报告")
        page.wait_for_timeout(300)
        page.screenshot(path=PICTURES / f"{width}-{theme}-first.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("#jd-question textarea").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".jd-error")).to_contain_text("请在“报告”页上传报告", timeout=30_000)
        page.locator("[data-fresh]:visible").first.click()
        page.locator(".jd-first [data-tab]").click()
        expect(page.locator(".jd-rempty")).to_contain_text("还没有报告")
        file: Any = {"name": "云溪.md", "mimeType": "text/markdown", "buffer": REPORT.encode()}
        page.locator("#jd-reports input[type=file]").set_input_files([file])
        expect(page.locator(".jd-rsaid li.ok").first).to_contain_text("已收下“云溪.md”")
        page.locator("#jd-rupdate").click()
        expect(page.locator(".jd-rbuild .jd-badge")).to_have_text("完成", timeout=60_000)
        page.get_by_role("tab", name="问答", exact=True).click()
        expect(page.locator(".jd-state")).to_contain_text("1 份报告", timeout=15_000)
        expect(page.locator(".jd-welcome [data-ask]").first).to_be_visible()
        page.locator("#jd-question textarea").fill(QUESTION)
        page.keyboard.press("Enter")
        expect(page.locator(".jd-text")).to_contain_text("12.6亿元", timeout=60_000)
