"""The chat model: a real HTTP server that misbehaves in every way, and the real embedded model."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from serving import running

from assistant import EndpointError, Settings, SettingsError, WeightsError, read_settings
from assistant.endpoint import is_loopback
from assistant.model import LateChat, LoadedModel, check_endpoint, explain_failure, load_model
from assistant.weights import QWEN, weights_status

KEY = "sk-geheim-0001"


class Endpoint(ThreadingHTTPServer):
    """Serves one model, `fake-1`, and fails in the way that `mood` names."""

    mood = "fine"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, *_: object) -> None:
        pass

    def reply(self, status: int, body: object, *, kind: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def fails(self) -> bool:
        mood = self.server.mood
        if mood == "html":
            self.reply(200, b"<html>hello</html>", kind="text/html")
        elif mood.isdigit():
            self.reply(int(mood), {"error": {"message": f"no: {KEY}", "type": "t", "code": "c"}})
        elif mood == "long":
            self.reply(400, {"error": {"message": "maximum context length is 10 tokens"}})
        elif mood == "hang":
            time.sleep(1.5)
            self.close_connection = True
        else:
            return False
        return True

    def do_GET(self) -> None:
        if self.server.mood == "no list":
            self.reply(404, {"error": {"message": "not found"}})
        elif not self.fails():
            self.reply(200, {"object": "list", "data": [{"id": "fake-1", "object": "model"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        if self.fails():
            return
        if asked["model"] != "fake-1":
            self.reply(404, {"error": {"message": "model not found"}})
        elif asked.get("stream"):
            self.stream()
        else:
            message = {"role": "assistant", "content": "好"}
            self.reply(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if self.server.mood == "dies":
            self.send_header("Content-Length", "100000")
        self.end_headers()
        for piece in ("你", "好"):
            choice = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
            self.wfile.write(b"data: " + json.dumps({"id": "1", "choices": [choice]}).encode() + b"\n\n")
            self.wfile.flush()
            if self.server.mood == "dies":
                return
        self.wfile.write(b"data: [DONE]\n\n")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running(Endpoint()) as server:
        yield server


def settings_for(url: str, **changes: Any) -> Settings:
    return read_settings(llm="fake-1", llm_base_url=url, llm_api_key=KEY).model_copy(update=changes)


def stream(model: LoadedModel) -> str:
    assert model.chat is not None
    return "".join(str(chunk.content) for chunk in model.chat.stream("问"))


def failure(settings: Settings) -> str:
    """What a user would read when the model of `settings` is asked."""
    with load_model(settings) as model:
        assert isinstance(model.chat, LateChat)
        client: Any = model.chat.client
        client.root_async_client.max_retries = 0
        client.async_client._client.max_retries = 0
        with pytest.raises(Exception) as caught:  # noqa: PT011 (any, it is explained)
            stream(model)
    assert isinstance(caught.value, Exception)
    return str(explain_failure(caught.value, settings))


def test_an_answer_streams_past_any_proxy(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    check_endpoint(settings_for(endpoint.url))
    assert endpoint.asked == []  # the list of models was enough
    with load_model(settings_for(endpoint.url)) as model:
        assert (model.name, model.notice) == ("fake-1", "")
        assert stream(model) == "你好"
    asked = endpoint.asked[0]
    assert asked["temperature"] == 0
    assert asked["max_tokens"] > 0
    assert "max_completion_tokens" not in asked


@pytest.mark.parametrize(
    ("mood", "said"),
    [
        ("401", "JUDIAN_LLM_API_KEY"),
        ("403", "JUDIAN_LLM_API_KEY"),
        ("402", "余额"),
        ("404", "JUDIAN_LLM "),
        ("429", "429"),
        ("500", "500"),
        ("400", "对话模型"),
        ("long", "上下文长度"),
        ("hang", "JUDIAN_LLM_TIMEOUT"),
        ("dies", "中途断开"),
        ("html", "JUDIAN_LLM_BASE_URL"),
    ],
)
def test_each_failure_is_one_sentence_that_names_the_setting(endpoint: Endpoint, mood: str, said: str) -> None:
    endpoint.mood = mood
    settings = settings_for(endpoint.url, llm_timeout=0.5 if mood == "hang" else 20.0)
    sentence = failure(settings)
    assert said in sentence
    assert endpoint.url in sentence
    assert sentence.count("。") == 1
    assert KEY not in sentence


@pytest.mark.parametrize("mood", ["401", "403", "429", "500", "hang", "html"])
def test_the_check_sees_a_bad_endpoint(endpoint: Endpoint, mood: str) -> None:
    endpoint.mood = mood
    with pytest.raises(EndpointError, match=re.escape(endpoint.url)):
        check_endpoint(settings_for(endpoint.url, llm_timeout=0.5 if mood == "hang" else 20.0))


def test_the_check_of_an_endpoint_without_a_list_asks_for_one_token(endpoint: Endpoint) -> None:
    endpoint.mood = "no list"
    check_endpoint(settings_for(endpoint.url))
    assert endpoint.asked[0]["max_tokens"] == 1


def test_an_unknown_model(endpoint: Endpoint) -> None:
    with pytest.raises(EndpointError, match="没有名为 fake-2 的模型"):
        check_endpoint(settings_for(endpoint.url, llm="fake-2"))


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = settings_for(f"http://user:secret@127.0.0.1:{port}/v1")
    with pytest.raises(EndpointError, match="连不上") as caught:
        check_endpoint(settings)
    assert "secret" not in str(caught.value)
    assert "连不上" in failure(settings)


@pytest.mark.parametrize(("url", "said"), [("", "没有服务地址"), ("api.example.com/v1", "不是网址")])
def test_a_model_without_an_address(url: str, said: str) -> None:
    for use in (load_model, check_endpoint):
        with pytest.raises(SettingsError, match=said):
            use(settings_for(url))


def test_loopback() -> None:
    assert is_loopback("http://localhost:11434/v1")
    assert is_loopback("http://[::1]:1/v1")
    assert not is_loopback("https://api.example.com/v1")
    assert not is_loopback("http://127.0.0.1.example.com/v1")


def test_no_model(tmp_path: Path) -> None:
    assert "摘引" in load_model(read_settings(llm="none")).notice
    missing = load_model(read_settings(llm="embedded", models=tmp_path))
    assert missing.chat is None
    assert "judian model fetch" in missing.notice


def test_truncated_weights(tmp_path: Path) -> None:
    (tmp_path / QWEN.file).write_bytes(b"GGUF")
    with pytest.raises(WeightsError, match=r"不完整（4 字节.*judian model fetch"):
        load_model(read_settings(llm="embedded", models=tmp_path))


@pytest.mark.llm
def test_the_embedded_model_answers_from_its_evidence(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    settings = read_settings(llm="embedded")
    assert weights_status(settings.models).complete, "先运行 judian model fetch（make test 会做）"
    with load_model(settings) as model:
        assert isinstance(model.chat, LateChat)
        address = urlsplit(model.chat.url())
        prompt = "资料：云溪县现有茶园3.7万亩，从事茶叶加工的企业有46家。\n问题：云溪县有多少亩茶园？只答一句话。"
        pieces = [str(chunk.content) for chunk in model.chat.stream(prompt)]
        assert "3.7" in "".join(pieces)
        assert len([piece for piece in pieces if piece]) > 3
        with pytest.raises(Exception) as caught:  # noqa: PT011 (any, it is explained)
            model.chat.invoke("".join(chr(0x4E00 + n % 7000) for n in range(6000)))
        assert isinstance(caught.value, Exception)
        assert "上下文长度" in str(explain_failure(caught.value, settings))
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((address.hostname or "", address.port or 0), timeout=5)
    assert capfd.readouterr().err == ""
    assert os.environ["http_proxy"]
