"""The endpoints for programs over plain HTTP, Gradio's client and a real MCP client, as one starts them."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assistant import Accounts, Assistant, InputError, open_assistant, read_settings
from assistant.accounts import add_account
from assistant.ui.app import build, serve
from assistant.ui.endpoints import BusyError, Endpoints, Gate
from index import Embedder, build_index

pytestmark = [
    # Gradio's own statistics of its queue use what pandas will drop.
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]
WORDS = (
    "# 西昌：工业一年\n\n2023年12月20日\n\n2023年，西昌市规上企业达到35家，比上年多4家。西昌市完成工业投资46.2亿元。\n"
)
QUESTION = "2023年西昌市规上企业有多少家？"
ANSWER = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        *("id", "question", "standalone_question", "status", "answer", "citations", "figures"),
        *("retrieved", "model", "index_version", "seconds"),
    ],
    "properties": {
        **{name: {"type": "string"} for name in ("id", "question", "standalone_question", "answer", "model")},
        "index_version": {"type": "string"},
        "status": {"enum": ["answered", "partial", "refused"]},
        "seconds": {"type": "object"},
        **{name: {"type": "array", "items": {"type": "object"}} for name in ("citations", "figures", "retrieved")},
    },
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("api")
    (folder / "reports").mkdir()
    (folder / "reports" / "西昌.md").write_text(WORDS, encoding="utf-8")
    settings = read_settings(reports=folder / "reports", index=folder / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    opened = open_assistant(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> Iterator[str]:
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=_free_port(), assistant=assistant, mcp=True).rstrip("/")
    blocks.close(verbose=False)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def post(url: str, body: bytes | dict[str, Any] | None) -> tuple[int, Any]:
    data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def proven(answer: dict[str, Any], reports: Path) -> None:
    jsonschema.validate(answer, ANSWER)
    assert answer["status"] == "answered"
    assert "35家" in answer["answer"]
    for citation in answer["citations"]:
        text = (reports / citation["source"]).read_text("utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_one_post_asks(address: str, assistant: Assistant) -> None:
    status, answer = post(f"{address}/api/ask", {"question": QUESTION, "id": "甲1"})
    assert (status, answer["id"], answer["question"]) == (200, "甲1", QUESTION)
    proven(answer, assistant.settings.reports)


def test_a_follow_up_understands_what_came_before(address: str) -> None:
    _, answer = post(f"{address}/api/ask", {"question": "那工业投资呢？", "history": [QUESTION]})
    assert "46.2亿元" in answer["answer"]


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        ({"places": ["西昌"], "since": "2023", "until": "2023-12-20", "passages": 4}, "answered"),
        ({"since": "2023-12-20", "until": "2023"}, "answered"),
        ({"places": ["绵阳"]}, "refused"),
        ({"since": "2024"}, "refused"),
        ({"until": "2023-11"}, "refused"),
    ],
)
def test_a_question_looks_where_it_is_told(address: str, scope: dict[str, Any], status: str) -> None:
    code, answer = post(f"{address}/api/ask", {"question": QUESTION, **scope})
    assert (code, answer["status"]) == (200, status)


def test_search_and_reports(address: str, assistant: Assistant) -> None:
    status, found = post(f"{address}/api/search", {"query": "工业投资", "k": 1})
    assert (status, found["query"], len(found["hits"])) == (200, "工业投资", 1)
    assert set(found["hits"][0]) == {"source", "start", "end", "text", "score"}
    status, listed = post(f"{address}/api/reports", None)
    assert (status, listed["index_version"]) == (200, assistant.index_version)
    (report,) = listed["reports"]
    assert (report["source"], report["state"], report["places"]) == ("西昌.md", "indexed", ["西昌"])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("ask", {"question": " \n"}),
        ("ask", {"question": "长" * 3001}),
        ("ask", {"question": 35}),
        ("ask", {"question": QUESTION, "history": "西昌"}),
        ("ask", {"question": QUESTION, "history": [QUESTION] * 21}),
        ("ask", {"question": QUESTION, "history": [1]}),
        ("ask", {"question": QUESTION, "id": 1}),
        ("ask", {"question": QUESTION, "llm": "other"}),
        ("ask", {"question": QUESTION, "places": "西昌"}),
        ("ask", {"question": QUESTION, "places": [""]}),
        ("ask", {"question": QUESTION, "places": ["西昌"] * 51}),
        ("ask", {"question": QUESTION, "places": ["长" * 41]}),
        ("ask", {"question": QUESTION, "since": 2023}),
        ("ask", {"question": QUESTION, "since": "去年"}),
        ("ask", {"question": QUESTION, "until": "2023-02-30"}),
        ("ask", {"question": QUESTION, "since": "2024", "until": "2023-12"}),
        ("ask", {"question": QUESTION, "passages": 41}),
        ("ask", {"question": QUESTION, "passages": True}),
        ("ask", {"question": QUESTION, "passages": "12"}),
        ("ask", {"history": []}),
        ("ask", None),
        ("ask", b"{"),
        ("ask", b"[1]"),
        ("ask", b"[" * 100_000),
        ("ask", b"\xff\xfe"),
        ("ask", b'{"question": "' + b"a" * 1_000_001 + b'"}'),
        ("search", {"query": "投资", "k": 0}),
        ("search", {"query": "投资", "k": 101}),
        ("search", {"query": "投资", "k": True}),
        ("search", {"query": "投资", "k": "3"}),
        ("reports", {"folder": "/etc"}),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(address: str, path: str, body: Any) -> None:
    status, said = post(f"{address}/api/{path}", body)
    assert status == 400
    assert set(said) == {"error"}
    assert said["error"].endswith("。")
    assert "：" in said["error"]


def test_too_many_callers_are_told_to_come_back(assistant: Assistant) -> None:
    gate = Gate(at_once=1, waiting=1)
    inside, leave, done = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with gate.turn():
            inside.set()
            leave.wait(10)

    def wait() -> None:
        with gate.turn():
            done.set()

    first = threading.Thread(target=hold)
    first.start()
    assert inside.wait(10)
    second = threading.Thread(target=wait)
    second.start()
    while second.is_alive() and gate._room._value:
        second.join(0.01)
    with pytest.raises(BusyError, match="请求太多"):
        Endpoints(assistant, gate=gate).search("投资")
    assert not done.is_set()
    leave.set()
    first.join(10)
    second.join(10)
    assert done.is_set()
    with pytest.raises(InputError):  # a caller that fails leaves the room free
        Endpoints(assistant, gate=gate).search("")
    assert Endpoints(assistant, gate=gate).search("投资", 1)["hits"]


def test_gradios_client_calls_by_name(address: str, assistant: Assistant) -> None:
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(address, verbose=False)
    proven(client.predict(question=QUESTION, api_name="/ask"), assistant.settings.reports)
    assert client.predict("工业投资", 1, api_name="/search")["hits"]
    assert client.predict(question=QUESTION, places=["绵阳"], api_name="/ask")["status"] == "refused"
    with pytest.raises(AppError, match="until 不是日期"):
        client.predict(question=QUESTION, until="昨天", api_name="/ask")
    assert client.predict(api_name="/reports")["reports"]
    with pytest.raises(AppError, match="超过了 3000 字的上限"):
        client.predict(question="长" * 3001, api_name="/ask")
    info = client.view_api(return_format="dict", print_info=False)
    assert isinstance(info, dict)
    assert set(info["named_endpoints"]) == {"/ask", "/search", "/reports"}
    client.close()


def test_with_accounts_only_those_who_logged_in_may_call(assistant: Assistant, tmp_path: Path) -> None:
    from gradio_client import Client

    users, password = tmp_path / "users", "长长的一句口令-1"
    add_account(users, "小王", password)
    blocks = build(assistant)
    address = serve(
        blocks, host="127.0.0.1", port=_free_port(), assistant=assistant, accounts=Accounts(users), mcp=True
    ).rstrip("/")
    try:
        for path in ("api/reports", "gradio_api/run/reports", "gradio_api/mcp/"):
            assert post(f"{address}/{path}", {"data": []})[0] == 401
        client = Client(address, auth=("小王", password), verbose=False)
        assert client.predict(api_name="/reports")["reports"]
        client.close()
        form = urllib.parse.urlencode({"username": "小王", "password": f"{password}\n"}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{address}/login", form), timeout=60) as reply:
            cookie = reply.headers["Set-Cookie"].partition(";")[0]
        request = urllib.request.Request(f"{address}/api/reports", headers={"Cookie": cookie})
        with urllib.request.urlopen(request, timeout=60) as reply:
            assert json.load(reply)["reports"]
        _, answer, *_ = asyncio.run(_as_mcp_client(f"{address}/gradio_api/mcp/", cookie))
        assert json.loads(answer.content[0].text)["citations"]
    finally:
        blocks.close(verbose=False)


def test_a_real_mcp_client_lists_and_calls_the_tools(address: str, assistant: Assistant) -> None:
    pytest.importorskip("mcp")
    tools, answer, refused, elsewhere = asyncio.run(_as_mcp_client(f"{address}/gradio_api/mcp/"))
    assert {tool.name for tool in tools} == {"ask", "search", "reports"}
    (ask,) = (tool for tool in tools if tool.name == "ask")
    assert ask.inputSchema["properties"]["question"]["description"].startswith("要问的问题")
    for tool in tools:
        assert not any(word in (tool.description or "") for word in ("Returns", "returns", "Args"))
    proven(json.loads(answer.content[0].text), assistant.settings.reports)
    assert ask.inputSchema["properties"]["places"]["description"].startswith("只在谈到这些地方")
    assert json.loads(elsewhere.content[0].text)["status"] == "refused"
    assert refused.isError
    assert "请写上要问、要找的内容" in refused.content[0].text


def test_a_browser_at_the_address_for_mcp_is_told_in_chinese(address: str) -> None:
    for path in ("gradio_api/mcp", "gradio_api/mcp/"):
        request = urllib.request.Request(f"{address}/{path}", headers={"Accept": "text/html"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            page = reply.read().decode()
        assert f'"url": "{address}/gradio_api/mcp/"' in page
        assert "据典的 MCP 工具" in page
        assert "Gradio" not in page


async def _as_mcp_client(url: str, cookie: str = "") -> tuple[Any, Any, Any, Any]:
    import httpx
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        httpx.AsyncClient(headers={"Cookie": cookie} if cookie else {}, timeout=60) as http,
        streamable_http_client(url, http_client=http) as (reading, writing, _),
        ClientSession(reading, writing) as session,
    ):
        await session.initialize()
        tools = (await session.list_tools()).tools
        answer = await session.call_tool("ask", {"question": QUESTION})
        refused = await session.call_tool("ask", {"question": " "})
        elsewhere = await session.call_tool("ask", {"question": QUESTION, "places": ["绵阳"]})
    return tools, answer, refused, elsewhere
