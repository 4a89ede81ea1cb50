"""Keys and passwords are nowhere: each place that text can reach is searched for those of services that tell them."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NoReturn

import httpx
import pytest
from chat_pages import free_port
from eval_parts import make_settings, write_suite
from serving import running

from assistant import (
    Assistant,
    JudianError,
    ModelChoice,
    Settings,
    Talk,
    Talks,
    WeightsError,
    answer_text,
    cli,
    commands,
    open_assistant,
    open_judge,
    open_talks,
    read_settings,
    redact,
    terminal,
)
from assistant.choice import FILE
from assistant.download import Part, download
from assistant.endpoint import check_endpoint, public_url
from assistant.redact import redacted
from assistant.ui.app import build, serve
from evals.run import run_eval
from index import Embedder, build_index

KEY, PASSWORD = "sk-Zq7-nowhere-to-be-seen", "pw-Zq7-nowhere-either"
QUESTION, TALK = "西昌市规上企业有多少家？", "0123456789abcdef"


class Telltale(ThreadingHTTPServer):
    """A service that tells the key of each question: as what is wrong while `status` is not 200, else as its reply."""

    daemon_threads = True
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """The address with a login in it."""
        return f"http://user:{PASSWORD}@127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Telltale

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.endswith(".whl"):  # to pip, as the next
            self._send(403, "text/plain", "no")
        elif self.path.startswith("/simple"):
            self._send(200, "text/html", '<a href="thing-1-py3-none-any.whl">thing-1-py3-none-any.whl</a>')
        else:
            self._send(200, "application/json", json.dumps({"object": "list", "data": [{"id": "fake"}]}))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        said = f"Incorrect API key provided: {self.headers['Authorization']} {KEY} {self.server.url}"
        if self.server.status != 200:
            self._send(self.server.status, "application/json", json.dumps({"error": {"message": said}}))
            return
        choice = {"index": 0, "delta": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}
        self._send(200, "text/event-stream", f"data: {json.dumps(chunk)}\n\ndata: [DONE]\n\n")

    def _send(self, status: int, kind: str, body: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture
def service() -> Iterator[Telltale]:
    with running(Telltale()) as server:
        yield server


@pytest.fixture(autouse=True)
def _own_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another test kept secret is not what keeps this one's."""
    monkeypatch.setattr(redact, "_in_use", set())


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    """With an index, and with nothing said of a model, so that a window may choose one."""
    made = make_settings(tmp_path, embedder)
    return read_settings(reports=made.reports, index=made.index, models=tmp_path / "models", trace="full")


@pytest.fixture
def assistant(settings: Settings, service: Telltale, models: Path) -> Iterator[Assistant]:
    """A window's, with a model and a key that were chosen there."""
    with closing(open_assistant(settings, window=True)) as opened:
        opened.choose_model(ModelChoice("endpoint", "fake", service.url, KEY))
        yield opened


def told(text: object) -> list[str]:
    """The secrets in it."""
    return [secret for secret in (KEY, PASSWORD) if secret in str(text)]


def files_that_tell(folder: Path) -> list[Path]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if told(path.read_bytes().decode("latin-1"))]


WRONG_ADDRESSES = [
    KEY,
    f"user:{PASSWORD}@127.0.0.1",
    f"ftp://user:{PASSWORD}@127.0.0.1",
    f"http://127.0.0.1:9/v1?api_key={KEY}",
    f"http://127.0.0.1:9/v1#{KEY}",
    f"http://user:a@{PASSWORD}@127.0.0.1:9/v1",
    f"http://user:a/{PASSWORD}@127.0.0.1:9/v1",
    f"http://[user:{PASSWORD}@127.0.0.1:9/v1",
]


@pytest.mark.parametrize("name", ["llm_base_url", "judge_base_url", "chroma_url"])
@pytest.mark.parametrize("address", WRONG_ADDRESSES)
def test_a_wrong_address_is_not_repeated(name: str, address: str) -> None:
    with pytest.raises(JudianError, match=rf"JUDIAN_{name.upper()} .*请写成[^。]*。$") as caught:
        read_settings(llm="none", **{name: address})
    assert told(caught.value) == []
    by_copy = read_settings(llm="m", judge="m").model_copy(update={name: address})  # as the window makes it
    for use in (check_endpoint, open_judge):
        with pytest.raises(JudianError) as caught:
            use(by_copy)
        assert told(caught.value) == []


@pytest.mark.parametrize(
    "address",
    [f"http://user:{PASSWORD}@127.0.0.1:9", f"http://:{PASSWORD}@127.0.0.1:9", *WRONG_ADDRESSES],
)
def test_no_error_of_chroma_tells_a_password(settings: Settings, embedder: Embedder, address: str) -> None:
    with pytest.raises(JudianError, match="JUDIAN_CHROMA_URL") as caught:
        build_index(settings.reports, settings.index, embedder, chroma_url=address)
    assert told(caught.value) == []


@pytest.mark.parametrize("status", [400, 401, 402, 404, 413, 429, 500])
def test_no_error_of_an_endpoint_tells_a_key(service: Telltale, status: int) -> None:
    service.status = status
    settings = read_settings(llm="other", llm_base_url=service.url, llm_api_key=KEY, judge="other")
    with pytest.raises(JudianError, match=f"http://127.0.0.1:{service.server_port}/v1 ") as caught:
        check_endpoint(settings)
    with closing(open_judge(settings)) as judge, pytest.raises(JudianError) as judged:
        judge.ask("对吗？")
    assert told(f"{caught.value}{judged.value}") == []
    assert public_url(f"{service.url}?key={KEY}#{KEY}") == f"http://127.0.0.1:{service.server_port}/v1"


def test_pip_that_fails_tells_no_password(service: Telltale, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", service.url.replace("/v1", "/simple"))
    with pytest.raises(WeightsError, match=r"下载失败（pip：.*403") as caught:
        download(Part("thing==1", "a", 1, ""), tmp_path, "", lambda _: None)
    assert told(caught.value) == []


def test_no_repr_tells_a_key() -> None:
    address = f"http://user:{PASSWORD}@127.0.0.1:9"
    addresses = {"llm_base_url": address, "judge_base_url": address, "chroma_url": address}
    settings = read_settings(llm="m", llm_api_key=KEY, judge_api_key=KEY, **addresses)
    assert told(f"{settings!r}{settings}{settings.model_copy()!r}") == []
    assert settings.llm_base_url == address


def test_what_is_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2-of-a-library")
    assert redacted("lsv2-of-a-library") == "***"
    read_settings(llm_api_key="none", judge_api_key=KEY, llm_base_url=f"https://{PASSWORD}%21@host/v1")
    assert redacted(f"none {KEY}0 {PASSWORD}%21 {PASSWORD}!") == "none ***0 *** ***"
    assert redacted("http://a:b@c@host/d ftp://e@host 小李@host") == "http://***@host/d ftp://***@host 小李@host"


def fail() -> NoReturn:
    raise RuntimeError(f"Authorization: Bearer {KEY} http://user:{PASSWORD}@host/v1")


def log_of(folder: Path) -> str:
    with pytest.raises(RuntimeError) as caught:
        fail()
    assert told(terminal.log_unexpected(caught.value, folder)) == []
    return (folder / "judian-error.log").read_text("utf-8")


def test_the_log_of_errors_knows_a_key_that_was_chosen_in_the_window(
    assistant: Assistant, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Bearer *** http://***@host" in log_of(tmp_path / "a")
    monkeypatch.setattr(redact, "_in_use", set())  # as in the next process
    assert told(log_of(tmp_path / "b")) == [KEY]
    with closing(open_assistant(settings, window=True)):  # which reads what was kept
        assert told(log_of(tmp_path / "c")) == []


def test_the_log_of_errors_is_its_owners_and_holds_no_question(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = settings.index / "judian-error.log"
    log.write_text("of an earlier version\n", "utf-8")
    log.chmod(0o644)
    monkeypatch.setattr(commands, "ask", lambda *_, **__: fail())
    monkeypatch.setenv("JUDIAN_LLM_API_KEY", KEY)
    arguments = ["ask", QUESTION, "--index", str(settings.index)]
    monkeypatch.setattr(sys, "argv", ["judian", *arguments])
    assert cli.run() == 1
    written = log.read_text("utf-8")
    assert written.startswith("of an earlier version\n")
    assert " ask\nTraceback" in written
    assert "RuntimeError" in written
    assert QUESTION not in written
    assert told(written + capsys.readouterr().err) == []
    log_of(tmp_path / "new")
    assert {path.stat().st_mode & 0o777 for path in (log, tmp_path / "new" / log.name)} == {0o600}


_LOGGED = """
import logging, sys
import uvicorn
from assistant import read_settings
uvicorn.Config(None, log_level="warning")
read_settings(llm="m", llm_api_key=sys.argv[1], llm_base_url=f"http://user:{sys.argv[2]}@host/v1")
for name in ("assistant.talks", "uvicorn.error", "somebody.else"):
    try:
        raise RuntimeError(f"{name}: {sys.argv[1]}") from ValueError(sys.argv[2])
    except RuntimeError:
        logging.getLogger(name).exception("%s failed: %s", name, sys.argv[1])
"""


def test_whoever_logs_and_whoever_writes_it_down_no_key_is_told() -> None:
    """In a process of its own: pytest sets up a logging of its own."""
    done = subprocess.run(
        [sys.executable, "-c", _LOGGED, KEY, PASSWORD],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    assert done.stderr.count("failed: ***") == 3
    assert done.stderr.count("RuntimeError") == 3
    assert told(done.stdout + done.stderr) == []


def ask(talks: Talks, question: str) -> Talk:
    """The conversation, once it has its answer."""
    talk = talks.open("", TALK)
    assert talks.ask(talk, question)
    until = time.monotonic() + 60
    while talk.busy:
        assert time.monotonic() < until
        time.sleep(0.05)
    return talk


@pytest.mark.parametrize("status", [200, 401])
def test_no_answer_export_trace_or_conversation_tells_a_key(
    assistant: Assistant,
    settings: Settings,
    service: Telltale,
    status: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second question fails in a way that nobody foresaw."""
    service.status = status
    talks = open_talks(assistant)
    with caplog.at_level(logging.DEBUG):
        talk = ask(talks, QUESTION)
        monkeypatch.setattr(assistant, "stream", lambda *_, **__: (fail() for _ in "1"))
        ask(talks, QUESTION)
    assert "RuntimeError: Authorization: Bearer ***" in caplog.text
    assert f"http://***@127.0.0.1:{service.server_port}/v1" in caplog.text  # a library tells the address of each call
    markdown, word = talks.export(talk, "markdown")[1].decode("utf-8"), talks.export(talk, "word")[1]
    assert "35" in markdown
    assert "意外的错误" in markdown
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        parts = [package.read(name).decode("latin-1") for name in package.namelist()]
    texts = [answer_text(turn.answer) for turn in talk.turns if turn.answer]
    assert told([caplog.text, markdown, *parts, *texts, talk.turns]) == []
    (day,) = (settings.index / "traces").iterdir()
    assert QUESTION in day.read_text("utf-8")
    home = settings.index.parent
    assert files_that_tell(home) == [home / FILE]  # where it is kept for the next start, with mode 600


@pytest.mark.parametrize("status", [200, 401])
def test_no_record_of_an_evaluation_tells_a_key(
    settings: Settings, service: Telltale, tmp_path: Path, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    service.status = status
    judge = {"judge": "fake", "judge_base_url": service.url, "judge_api_key": KEY}
    judged = read_settings(
        reports=settings.reports, index=settings.index, llm="none", llm_base_url=service.url, **judge
    )
    report = tmp_path / "out"
    run_eval(judged, [write_suite(tmp_path / "s.jsonl")], report=report)
    assert {"run.json", "answers.jsonl", "summary.json", "report.html", "judge.jsonl"} <= {
        p.name for p in report.iterdir()
    }
    assert f"http://127.0.0.1:{service.server_port}/v1" in (report / "run.json").read_text("utf-8")
    assert ("***" in (report / "judge.jsonl").read_text("utf-8")) == (status == 200)
    assert files_that_tell(tmp_path) == []
    assert told(capsys.readouterr()) == []


@pytest.mark.parametrize("status", [200, 401])
def test_no_command_prints_a_key(
    settings: Settings,
    service: Telltale,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    service.status = status
    for name, value in {
        "JUDIAN_LLM": "other",
        "JUDIAN_LLM_BASE_URL": service.url,
        "JUDIAN_LLM_API_KEY": KEY,
        "JUDIAN_CHROMA_URL": f"http://user:{PASSWORD}@127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    where = ["--reports", str(settings.reports), "--index", str(settings.index)]
    cli.run(["doctor", *where])
    shown = capsys.readouterr()
    assert "接口：" in shown.out
    for command in (["index", "build"], ["index", "verify"], ["ask", QUESTION], ["ask", QUESTION, "--json"]):
        cli.run([*command, *where])
    assert told(f"{shown}{capsys.readouterr()}") == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_the_window_and_its_health_tell_no_key(assistant: Assistant, settings: Settings) -> None:
    blocks = build(assistant)
    address = serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant)
    try:
        well = httpx.get(f"{address}health")
        pages = [httpx.get(f"{address}{path}") for path in ("", "config", "gradio_api/info")]
        assert [page.status_code for page in (well, *pages)] == [200] * 4
        (settings.index / "current").write_text("20990101-0000-abcdef\n", "utf-8")
        until = time.monotonic() + 10  # one look serves all who ask within a second
        while (ill := httpx.get(f"{address}health")).status_code == 200 and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        blocks.close(verbose=False)
    assert (ill.status_code, ill.json()["status"]) == (503, "fail")
    assert told([(page.text, page.headers) for page in (well, ill, *pages)]) == []
