"""An endpoint that is slow, drips, breaks off or is busy: how long an answer waits for it, and what is then shown."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from pathlib import Path
from threading import Event, Timer
from typing import NamedTuple

import pytest
from serving import running

from assistant import Answer, Assistant, Settings, Token, open_assistant, read_settings
from assistant.model import LateChat, load_model
from index import Embedder, build_index

LIMIT = 4.0
MARGIN = 3.9  # less than the limit: whoever waits for it twice is seen
QUESTION = "青河县2023年规上企业有多少户？"
SEVERAL = "青河县和富蕴县2023年规上企业有什么特点？"  # taken apart by the model, then a draft for each place
DRAFT = "2023年，青河县规上企业达到35户。"
LATE = f"在 {LIMIT:g} 秒内没有"


class Endpoint(ThreadingHTTPServer):
    """Fails in the way that `mood` names; `calls` counts requests, `left` is set when a reply found nobody there."""

    daemon_threads = True
    mood = "fine"
    calls = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.left = Event()
        self.over = Event()


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls += 1
        busy = {"busy once": 1, "busy": 100, "broken once": 1}.get(self.server.mood, 0)
        if self.server.mood == "silent":
            self.server.over.wait(60)
        elif self.server.calls <= busy:
            self.send_response(500 if self.server.mood == "broken once" else 429)
            self.send_header("Retry-After", "100" if self.server.mood == "busy" else "0")
            self.end_headers()
            self.wfile.write(b'{"error": {"message": "not now"}}')
        elif self.server.mood == "reset once" and self.server.calls == 1:
            self.connection.close()
        else:
            try:
                self.stream()
            except OSError:
                self.server.left.set()

    def stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if self.server.mood == "breaks off":
            self.send_header("Content-Length", "100000")
        self.end_headers()
        for at, piece in enumerate(DRAFT):
            if self.server.mood == "breaks off" and at == 12:
                return
            pause = {"drips": 0.4, "says nothing but signs of life": 0.4, "stalls": 30.0 if at == 12 else 0.0}
            pause["slow"] = 0.0 if at else 0.7 * LIMIT
            self.server.over.wait(pause.get(self.server.mood, 0.0))
            choice = {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
            line = b"data: " + json.dumps({"id": "1", "choices": [choice]}).encode()
            self.wfile.write((b": wait" if self.server.mood.startswith("says") else line) + b"\n\n")
            self.wfile.flush()
        self.wfile.write(b"data: [DONE]\n\n")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running(Endpoint()) as server:
        yield server
        server.over.set()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    home = tmp_path_factory.mktemp("limits")
    (home / "reports").mkdir()
    for place, number in (("青河", 35), ("富蕴", 12)):
        text = f"# {place}县工业一年\n\n2024年1月5日\n\n2023年，{place}县规上企业达到{number}户，产值增长8.6%。\n"
        (home / "reports" / f"{place}.md").write_text(text, "utf-8")
    build_index(home / "reports", home / "index", embedder)
    return home


@pytest.fixture
def settings(endpoint: Endpoint, folder: Path) -> Settings:
    url = f"http://127.0.0.1:{endpoint.server_port}/v1"
    return read_settings(
        reports=folder / "reports", index=folder / "index", llm="m", llm_base_url=url, llm_timeout=LIMIT
    )


@pytest.fixture
def assistant(settings: Settings, endpoint: Endpoint) -> Iterator[Assistant]:
    """Ready, so that what is measured is the endpoint."""
    with closing(open_assistant(settings)) as made:
        made.ask(QUESTION)
        endpoint.calls = 0
        yield made


class Seen(NamedTuple):
    """What a user sees of an answer: the draft as it is written, what then stands, and after how long."""

    draft: str
    answer: Answer
    seconds: float


def ask(assistant: Assistant, question: str = QUESTION) -> Seen:
    since, draft = time.monotonic(), ""
    for event in assistant.stream(question):
        if isinstance(event, Token):
            draft += event.text
        if isinstance(event, Answer):
            return Seen(draft, event, time.monotonic() - since)
    raise AssertionError("no answer")


def quoted_because(answer: Answer, reason: str) -> bool:
    """Whether the answer is the evidence, its figure verified, with a note at the end that gives the reason."""
    text, _, note = answer.answer.partition("（模型服务")
    proved = ("35户", True) in [(figure.text, figure.verified) for figure in answer.figures]
    stands = "2023年，青河县规上企业达到35户，产值增长8.6%" in text and answer.citations and answer.model == "none"
    return bool(proved and stands and reason in note and note.endswith("以上改为摘引原文。）"))


@pytest.mark.parametrize(
    ("mood", "first"),
    [("silent", ""), ("says nothing but signs of life", ""), ("drips", "2023"), ("stalls", DRAFT[:12])],
)
def test_a_slow_endpoint_is_waited_for_no_longer_than_the_limit(
    assistant: Assistant, endpoint: Endpoint, mood: str, first: str
) -> None:
    endpoint.mood = mood
    draft, answer, seconds = ask(assistant)
    assert draft.startswith(first)
    assert len(draft) < len(DRAFT)
    assert quoted_because(answer, LATE), answer.answer
    assert "JUDIAN_LLM_TIMEOUT" in answer.answer
    assert LIMIT - 0.1 < seconds < LIMIT + MARGIN
    assert endpoint.calls == 1
    if mood in ("drips", "says nothing but signs of life"):
        assert endpoint.left.wait(3)  # the connection is closed as well


@pytest.mark.parametrize("mood", ["silent", "slow"])
def test_all_calls_of_an_answer_share_the_limit(assistant: Assistant, endpoint: Endpoint, mood: str) -> None:
    endpoint.mood = mood
    _, answer, seconds = ask(assistant, SEVERAL)
    assert "35户" in answer.answer
    assert "12户" in answer.answer
    assert LATE in answer.answer
    assert seconds < LIMIT + MARGIN


def test_an_endpoint_that_breaks_off_is_said_and_what_was_streamed_replaced(
    assistant: Assistant, endpoint: Endpoint
) -> None:
    endpoint.mood = "breaks off"
    draft, answer, seconds = ask(assistant)
    assert draft == DRAFT[:12]
    assert quoted_because(answer, "在回答的中途断开了连接"), answer.answer
    assert seconds < LIMIT
    assert endpoint.calls == 1
    endpoint.mood = "fine"
    assert ask(assistant).answer.model == "m"


@pytest.mark.parametrize("mood", ["busy once", "broken once", "reset once"])
def test_a_moment_of_trouble_is_tried_again(assistant: Assistant, endpoint: Endpoint, mood: str) -> None:
    endpoint.mood = mood
    draft, answer, seconds = ask(assistant)
    assert draft == DRAFT
    assert (answer.model, "摘引" in answer.answer) == ("m", False)
    assert seconds < LIMIT
    assert endpoint.calls == 2


def test_a_service_that_asks_for_a_long_pause_is_not_waited_for(assistant: Assistant, endpoint: Endpoint) -> None:
    endpoint.mood = "busy"
    _, answer, seconds = ask(assistant)
    assert quoted_because(answer, "限制了请求的频率或额度（429）"), answer.answer
    assert seconds < LIMIT
    assert endpoint.calls == 1


def test_the_calls_of_one_answer_and_those_of_the_next(settings: Settings, endpoint: Endpoint) -> None:
    with load_model(settings) as model:
        assert model.chat is not None
        model.chat.invoke("好")
        endpoint.mood = "silent"
        since = time.monotonic()
        one = model.for_one_answer().chat
        assert one is not None
        for _ in range(3):
            with pytest.raises(TimeoutError):
                one.invoke("好")
        assert time.monotonic() - since < LIMIT + MARGIN
        endpoint.mood = "fine"
        following = model.for_one_answer().chat
        assert following is not None
        assert following.invoke("好").text == DRAFT


def test_a_limit_that_is_renewed_is_one_of_silence(settings: Settings, endpoint: Endpoint) -> None:
    """As for the embedded model: a slow machine may take its time as long as words come."""
    with load_model(settings) as model:
        assert isinstance(model.chat, LateChat)
        patient = model.chat.model_copy(update={"seconds": 1.0, "renewed": True}).for_one_answer()
        endpoint.mood = "drips"
        since = time.monotonic()
        pieces = [piece.text for piece in islice(patient.stream("好"), 6)]
        assert ("".join(pieces), time.monotonic() - since > 2) == (DRAFT[:6], True)
        endpoint.mood = "stalls"
        with pytest.raises(TimeoutError):
            patient.invoke("好")


@pytest.mark.parametrize("mood", ["silent", "stalls"])
def test_who_waits_for_a_reply_is_told_when_the_model_is_closed(
    settings: Settings, endpoint: Endpoint, mood: str
) -> None:
    with load_model(settings.model_copy(update={"llm_timeout": 60.0})) as model:
        assert model.chat is not None
        model.chat.invoke("好")
        endpoint.mood = mood
        Timer(0.3, model.close).start()
        since = time.monotonic()
        with pytest.raises(Exception):  # noqa: B017, PT011 (any, it is explained)
            model.chat.invoke("好")
        assert time.monotonic() - since < 5
