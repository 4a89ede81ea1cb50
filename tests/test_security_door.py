"""The door before the window: headers, logins, other sites, proxies, /health."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from assistant import Accounts, Assistant, open_assistant, read_settings
from assistant.accounts import add_account
from assistant.logins import GUESSES_OF_A_NAME
from assistant.ui.app import build, serve
from assistant.ui.door import COOKIE
from index import Embedder, build_index

pytestmark = [  # Gradio's server leaves sockets and its own statistics to the end of the process
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]
REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
PASSWORD = "采茶时节 2024"
PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("door")
    (folder / "reports").mkdir()
    (folder / "reports" / "云溪.md").write_text(REPORT, "utf-8")
    settings = read_settings(reports=folder / "reports", index=folder / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    opened = open_assistant(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("users") / "users"
    for name in ("小李", "小王", "小赵"):
        add_account(path, name, PASSWORD)
    return path


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def guarded(assistant: Assistant, users: Path) -> Iterator[str]:
    """A window that asks for a login."""
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant, accounts=Accounts(users))
    blocks.close(verbose=False)


@pytest.fixture(scope="module")
def window(assistant: Assistant) -> Iterator[str]:
    """A window for this machine alone."""
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant)
    blocks.close(verbose=False)


@pytest.fixture
def client(guarded: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guarded) as opened:
        yield opened


def login(client: httpx.Client, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return client.post("/login", data={"username": name, "password": password}, headers=headers)


def test_nothing_is_served_to_a_stranger(client: httpx.Client, guarded: str) -> None:
    shown = client.get("/", headers=PAGE)
    assert (shown.status_code, shown.headers["location"]) == (303, "/login")
    asked = [
        "/",
        "/config",
        "gradio_api/info",
        "gradio_api/file=README.md",
        "/theme.css",
        "/login_check",
        "assets/x",
    ]
    asked += ["gradio_api/startup-events/../info", "//config", "login/../config", "/LOGIN", "health/x", "x/health"]
    for path in asked:
        assert client.get(path).status_code in {401, 404}, path
        assert "云溪" not in client.get(path).text
    for path in ("gradio_api/queue/join", "gradio_api/upload", "gradio_api/run/x", "gradio_api/call/ask"):
        assert client.post(path, json={}).status_code == 401, path
    assert client.get("/", headers={"cookie": f"{COOKIE}={'x' * 43}"}).status_code == 401


def test_a_login_opens_and_a_logout_closes(client: httpx.Client) -> None:
    assert login(client, "小李", "猜猜看的密码").status_code == 401
    done = login(client, "小李")
    assert done.json() == {"success": True}
    cookie = done.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/config").status_code == 200
    assert client.get("gradio_api/user").json() == "小李"
    kept = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    assert client.get("/logout").headers["location"] == "/login"
    assert client.get("/config", headers=kept).status_code == 401


def test_guessing_ends_in_a_polite_refusal(client: httpx.Client) -> None:
    for _ in range(GUESSES_OF_A_NAME):
        assert login(client, "小王", "猜猜看的密码").status_code == 401
    late = login(client, "小王", accept="text/html")
    assert late.status_code == 429
    assert int(late.headers["retry-after"]) > 60
    assert "请等 15 分钟后再试" in late.text


@pytest.mark.parametrize(
    "body",
    ["", "username=%FF&password=%00", "x" * 100_000, "username[]=1&password[]=2", "&".join("a=1" for _ in range(99))],
)
def test_a_form_that_is_no_login_is_refused(client: httpx.Client, body: str) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", "x-forwarded-for": "10.9.8.7"}
    assert client.post("/login", content=body, headers=headers).status_code in {400, 401, 429}
    assert client.post("/login", content=b"{}", headers={"content-type": "multipart/form-data"}).status_code < 500


def test_every_answer_carries_the_headers(client: httpx.Client, window: str) -> None:
    for shown in (client.get("/login"), client.get("/nothing"), httpx.get(window), httpx.get(f"{window}theme.css")):
        policy = shown.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "http" not in policy
        assert "*" not in policy
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["referrer-policy"] == "no-referrer"


def test_health_tells_no_secret(client: httpx.Client, assistant: Assistant) -> None:
    shown = client.get("/health")
    assert shown.status_code == 200
    told = shown.json()
    assert told.pop("version")
    assert told == {
        "status": "ok",
        "index_version": assistant.index_version,
        "index": "ok",
        "vectors": "ok",
        "model": "none",
    }


def test_other_sites_may_not_use_the_window(window: str) -> None:
    there = httpx.URL(window)
    wrong = [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
    for headers in [*wrong, {"origin": "null"}]:
        shown = httpx.post(there.join("gradio_api/queue/join"), json={}, headers=headers)
        assert shown.status_code == 403, headers
        assert "别的网站" in shown.json()["detail"]
    own = {"origin": f"http://127.0.0.1:{there.port}", "sec-fetch-site": "same-origin"}
    assert httpx.post(there.join("gradio_api/queue/join"), json={}, headers=own).status_code != 403


def test_a_name_that_only_points_at_this_machine_is_refused(window: str) -> None:
    """DNS rebinding: a page of evil.example whose name suddenly means 127.0.0.1."""
    assert httpx.get(window, headers={"host": "evil.example"}).status_code == 403
    assert httpx.get(window, headers={"host": "127.0.0.1.evil.example:80"}).status_code == 403
    assert httpx.get(window, headers={"host": "[::1"}).status_code == 403
    assert httpx.get(window, headers={"host": "localhost:1"}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2f..%2fetc%2fpasswd", "pyproject.toml"),
        *("http://evil.example/x", "//evil.example/x", "%2F%2Fevil.example"),  # no redirect to another host either
    ],
)
def test_no_file_of_the_machine_is_served(window: str, path: str) -> None:
    for prefix in ("gradio_api/file=", "file=", "static/", "assets/", "gradio_api/file/", "custom_component/x/"):
        shown = httpx.get(window + prefix + path)
        assert shown.status_code in {403, 404, 405}, prefix + path
        assert "root:" not in shown.text


@pytest.mark.browser
def test_logging_in_with_a_browser(guarded: str, browser: Browser, tmp_path: Path) -> None:
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.goto(guarded)
        expect(page.get_by_text("请登录后使用。")).to_be_visible()
        assert page.title() == "登录 · 据典"
        page.get_by_label("用户名").fill("小赵")
        page.get_by_label("密码").fill("<b>猜猜看</b>")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text("用户名或密码不对：请检查后再试。")
        page.screenshot(path=tmp_path / "login.png")
        page.get_by_label("用户名").fill("小赵")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button").click()
        expect(page.locator("#jd-question textarea")).to_be_visible(timeout=30_000)
        page.locator("#jd-question textarea").fill("云溪县2023年茶叶综合产值是多少？")
        page.keyboard.press("Enter")
        expect(page.locator(".jd-text")).to_contain_text("12.6亿元", timeout=60_000)
