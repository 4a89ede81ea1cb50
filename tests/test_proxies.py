"""Behind a reverse proxy: its headers are believed where it is one of FORWARDED_ALLOW_IPS, and nobody else's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from chat_pages import free_port

from assistant import Accounts, open_assistant, read_settings
from assistant.accounts import add_account
from assistant.logins import GUESSES_FROM_AN_ADDRESS
from assistant.ui.app import build, serve
from index import Embedder, build_index

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="Linux has all of 127.0.0.0/8"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]
PASSWORD = "采茶时节 2024"
PROXY, STRANGER = "127.0.0.2", "127.0.0.3"


@pytest.fixture
def window(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text("# 云溪县\n\n2023年，云溪县茶叶产值12.6亿元。\n", "utf-8")
    settings = read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    add_account(tmp_path / "users", "小李", PASSWORD)
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", f"127.0.0.1,{PROXY}/32")
    with closing(open_assistant(settings)) as assistant:
        blocks = build(assistant)
        accounts = Accounts(tmp_path / "users")
        yield serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant, accounts=accounts)
        blocks.close(verbose=False)


def login(window: str, comes_from: str, forwarded_for: str, name: str, password: str) -> httpx.Response:
    with httpx.Client(transport=httpx.HTTPTransport(local_address=comes_from)) as client:
        headers = {"x-forwarded-for": forwarded_for, "x-forwarded-proto": "https"}
        return client.post(f"{window}login", data={"username": name, "password": password}, headers=headers)


def guess(window: str, comes_from: str, forwarded_for: str, number: int) -> int:
    return login(window, comes_from, forwarded_for, f"user{number}", "猜猜看的密码").status_code


def test_a_trusted_proxy_tells_who_comes_and_that_it_is_https(window: str) -> None:
    """Each visitor has a limit of guesses of his own, whatever he writes into the header himself."""
    visitor = "10.0.0.9"
    tried = [guess(window, PROXY, f"192.0.2.{n}, {visitor}", n) for n in range(GUESSES_FROM_AN_ADDRESS + 1)]
    assert tried == [401] * GUESSES_FROM_AN_ADDRESS + [429]
    done = login(window, PROXY, "10.0.0.10", "小李", PASSWORD)
    assert done.status_code == 200
    assert "; secure" in done.headers["set-cookie"].lower()


def test_nobody_else_is_believed(window: str) -> None:
    done = login(window, STRANGER, "10.0.0.10", "小李", PASSWORD)
    assert "secure" not in done.headers["set-cookie"].lower()
    tried = [guess(window, STRANGER, f"10.0.0.{n}", n) for n in range(GUESSES_FROM_AN_ADDRESS + 1)]
    assert tried == [401] * GUESSES_FROM_AN_ADDRESS + [429]
