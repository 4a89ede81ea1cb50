"""`judian chat` as a process of its own, seen in a real browser without weights."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chat_pages import ARGUMENTS, CHROMIUM
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[1]
REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
pytestmark = pytest.mark.browser


@pytest.fixture
def started(tmp_path: Path, models: Path) -> Path:
    """A folder with one report, and models without those of the language model."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, encoding="utf-8")
    return models.parent


@contextmanager
def _chat(folder: Path, *args: str, **env: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUDIAN_", "PIP_"))}
    paths = {f"JUDIAN_{name.upper()}": str(folder / name) for name in ("reports", "index", "models")}
    nothing = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    with (
        _heard(signal.SIGINT),
        subprocess.Popen(
            [sys.executable, "-m", "assistant", "chat", "--port", str(port), *args],
            cwd=ROOT,
            env=kept | paths | nothing | env,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address, process)
            yield address, process
        finally:
            process.kill()


@contextmanager
def _heard(number: signal.Signals) -> Iterator[None]:
    """A shell lets what it starts in the background ignore Ctrl+C, and that is inherited: here it is heard again."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _wait_for(address: str, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the chat did not open")


def test_without_weights_the_chat_opens_says_so_and_quotes(started: Path) -> None:
    found = next(path for name in CHROMIUM if (path := shutil.which(name)))
    with (
        _chat(started) as (address, process),
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=found, args=ARGUMENTS) as chromium,
    ):
        page = chromium.new_page()
        page.goto(address)
        expect(page.locator(".jd-notice")).to_contain_text("只摘引原文", timeout=30_000)
        page.locator("#jd-question textarea").fill("云溪县2023年茶叶综合产值是多少？")
        page.keyboard.press("Enter")
        expect(page.locator(".jd-badge")).to_have_count(1, timeout=60_000)
        expect(page.locator(".jd-text")).to_contain_text("12.6亿元")
        chromium.close()
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[1]
    assert process.returncode == 0
    assert "下载失败" in said
    assert said.rstrip().endswith("据典已关闭。")
    assert "Traceback" not in said
