"""With accounts, a report is deleted and brought back by who uploaded it: in the library, over HTTP, in a browser."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat_pages import BROWSER, free_port
from playwright.sync_api import Browser, Page, expect

from assistant import Accounts, Assistant, InputError, Library, open_assistant, read_settings
from assistant.accounts import add_account
from assistant.ui.app import build, serve
from index import Embedder, build_index

pytestmark = [*BROWSER, pytest.mark.filterwarnings("ignore::ResourceWarning")]
PASSWORD = "采茶时节 2024"
LI, WANG = "小李", "小王"
REPORT = "# 西昌：工业一年\n\n2023年12月20日\n\n2023年，西昌市规上企业达到35家，比上年多4家。\n"


@pytest.fixture
def library(tmp_path: Path, embedder: Embedder) -> Library:
    return Library(read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none"), embedder)


def upload(folder: Path, words: str = REPORT) -> Path:
    path = folder / "uploaded"
    path.write_text(words, "utf-8")
    return path


def owners(library: Library) -> dict[str, str]:
    return {report.source: report.uploader for report in library.reports()}


def test_only_who_uploaded_a_report_deletes_and_restores_it(library: Library, tmp_path: Path) -> None:
    library.add("甲.md", upload(tmp_path), user=LI)
    with pytest.raises(InputError, match=r"^“甲.md”是“小李”上传的：请由上传的人删除。$"):
        library.delete("甲.md", user=WANG)
    with pytest.raises(InputError, match="同名"):
        library.add("甲.md", upload(tmp_path, "西昌市。\n"), user=WANG)
    item = library.delete("甲.md", user=LI)
    with pytest.raises(InputError, match=r"^“甲.md”是“小李”上传的：请由上传的人恢复。$"):
        library.restore(item.id, user=WANG)
    assert library.restore(item.id, user=LI) == "甲.md"
    assert owners(library) == {"甲.md": LI}  # it is still hers
    library.delete("甲.md", user=LI)


def test_what_was_put_there_by_hand_is_nobodys(library: Library, tmp_path: Path) -> None:
    library.add("甲.md", upload(tmp_path), user=LI)
    (tmp_path / "reports" / "手放.md").write_text(REPORT, "utf-8")
    library.add("手放.md", upload(tmp_path), user=LI)  # the same bytes: nothing was taken in
    (tmp_path / "reports" / "甲.md").write_text("西昌市。\n", "utf-8")  # changed on the server
    for source in ("甲.md", "手放.md"):
        with pytest.raises(InputError, match=r"是直接放在服务器上的：请到服务器上删除。$"):
            library.delete(source, user=LI)
    assert owners(library) == {"手放.md": "", "甲.md": ""}
    item = library.delete("手放.md")  # without accounts, as ever
    with pytest.raises(InputError, match=r"请到服务器上恢复。$"):
        library.restore(item.id, user=LI)
    assert library.restore(item.id) == "手放.md"


def test_a_name_that_is_used_again_is_his_who_used_it(library: Library, tmp_path: Path) -> None:
    library.add("甲.md", upload(tmp_path), user=LI)
    first = library.delete("甲.md", user=LI)
    library.add("甲.md", upload(tmp_path), user=WANG)
    with pytest.raises(InputError, match="“小王”上传的"):
        library.delete("甲.md", user=LI)
    library.delete("甲.md", user=WANG)
    library.restore(first.id)  # by who needs no account: it is hers as before
    assert owners(library) == {"甲.md": LI}
    library.delete("甲.md")
    library.add("甲.md", upload(tmp_path))
    assert owners(library) == {"甲.md": ""}


@pytest.mark.parametrize("broken", [b"", b"[]", b"\xff", b'{"source": "x", "user": "y"}', b'{"user": 5}'])
def test_a_broken_record_makes_it_nobodys(library: Library, tmp_path: Path, broken: bytes) -> None:
    library.add("甲.md", upload(tmp_path), user=LI)
    (record,) = (tmp_path / "index" / "uploads").iterdir()
    if os.name == "posix":
        assert stat.S_IMODE(record.stat().st_mode) == 0o600
    record.write_bytes(broken)
    assert owners(library) == {"甲.md": ""}
    with pytest.raises(InputError, match="请到服务器上删除"):
        library.delete("甲.md", user=LI)


def test_a_record_that_cannot_be_written_is_said(library: Library, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "uploads").write_text("in the way", "utf-8")
    with pytest.raises(InputError, match=r"^“甲.md”已放进报告文件夹，但没有记下是谁上传的[^。]*。$"):
        library.add("甲.md", upload(tmp_path), user=LI)
    assert owners(library) == {"甲.md": ""}


@pytest.fixture
def served(tmp_path: Path, embedder: Embedder) -> Iterator[tuple[str, Assistant]]:
    """A window that asks for a login, over a report of nobody and one of each account."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "手放.md").write_text(REPORT, "utf-8")
    settings = read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    for name in (LI, WANG):
        add_account(tmp_path / "users", name, PASSWORD)
    with closing(open_assistant(settings)) as assistant:
        assistant.library.add("李.md", upload(tmp_path, REPORT + "甲\n"), user=LI)
        assistant.library.add("王.md", upload(tmp_path, REPORT + "乙\n"), user=WANG)
        blocks = build(assistant)
        accounts = Accounts(tmp_path / "users")
        address = serve(
            blocks,
            host="127.0.0.1",
            port=free_port(),
            assistant=assistant,
            accounts=accounts,
            mcp=find_spec("mcp") is not None,
        )
        yield address, assistant
        blocks.close(verbose=False)


@contextmanager
def as_account(address: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        assert client.post("/login", data={"username": name, "password": PASSWORD}).status_code == 200
        yield client


def event(client: httpx.Client, listener: str, name: str) -> str:
    """What the server answers to the event that the page sends, sent by a program."""
    config = client.get("/config").json()
    (number,) = [
        each["id"] for each in config["dependencies"] if any(target[1] == listener for target in each["targets"])
    ]
    body: dict[str, Any] = {"data": [], "fn_index": number, "session_hash": "x", "event_data": {"name": name}}
    shown = client.post("gradio_api/run/predict", json=body)
    assert shown.status_code == 200, shown.text
    return json.dumps(shown.json(), ensure_ascii=False)


def test_no_program_deletes_or_restores_what_is_anothers(served: tuple[str, Assistant]) -> None:
    address, assistant = served
    with as_account(address, WANG) as wang, as_account(address, LI) as li:
        assert "“李.md”是“小李”上传的：请由上传的人删除。" in event(wang, "delete", "李.md")
        assert "请到服务器上删除。" in event(wang, "delete", "手放.md")
        assert "已把“李.md”移到回收站" in event(li, "delete", "李.md")
        (item,) = assistant.library.trash()
        assert "“李.md”是“小李”上传的：请由上传的人恢复。" in event(wang, "restore", item.id)
        assert len(assistant.library.trash()) == 1
        assert "已恢复“李.md”" in event(li, "restore", item.id)


def test_the_endpoints_for_programs_change_no_report(served: tuple[str, Assistant]) -> None:
    """Over HTTP, Gradio's client and MCP alike: they ask, search and list."""
    pytest.importorskip("mcp")
    address, _ = served
    with as_account(address, WANG) as client:
        named = client.get("gradio_api/info").json()["named_endpoints"]
        assert set(named) == {"/ask", "/search", "/reports"}
        tools = client.get("gradio_api/mcp/schema").json()
        assert {tool["name"].rpartition("_")[2] for tool in tools} == {"ask", "search", "reports"}
        for name in ("delete", "restore", "add", "upload"):
            assert client.post(f"api/{name}", json={"name": "李.md"}).status_code in {404, 405}
        listed = client.get("api/reports").json()["reports"]
        assert {report["source"]: report["uploader"] for report in listed} == {
            "手放.md": "",
            "李.md": LI,
            "王.md": WANG,
        }


def login(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button").click()
    page.get_by_role("tab", name="报告", exact=True).click(timeout=30_000)
    expect(page.locator(".jd-rtable tbody tr")).to_have_count(3)


def test_the_window_shows_who_may(served: tuple[str, Assistant], browser: Browser) -> None:
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        login(page, served[0], WANG)
        rows = page.locator(".jd-rtable tbody tr")
        expect(rows.filter(has_text="李.md")).to_contain_text("由“小李”删除")
        expect(rows.filter(has_text="手放.md")).to_contain_text("在服务器上删除")
        expect(page.get_by_role("button", name="删除")).to_have_count(1)
        page.locator("#jd-reports input[type=file]").set_input_files(
            {"name": "新.md", "mimeType": "text/plain", "buffer": "绵阳市研发投入强度7.15%。\n".encode()}
        )
        expect(page.locator(".jd-rsaid")).to_contain_text("已收下“新.md”。")
        mine = rows.filter(has_text="新.md")
        mine.get_by_role("button", name="删除").click()
        mine.get_by_role("alertdialog").get_by_role("button", name="删除").click()
        expect(page.locator("#jd-rtrash")).to_contain_text("新.md")
        expect(page.get_by_role("button", name="恢复")).to_have_count(1)
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        login(page, served[0], LI)
        expect(page.locator("#jd-rtrash")).to_contain_text("由“小王”恢复")
        expect(page.get_by_role("button", name="恢复")).to_have_count(0)
