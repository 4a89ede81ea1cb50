"""A trace a question: what it tells, what it never tells, and `judian trace`."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from fake_model import FakeModel
from serving import running

from assistant import Assistant, JudianError, Settings, cli, open_assistant, read_settings, trace
from assistant.model import LoadedModel
from index import Embedder, build_index

REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
QUESTION = "云溪县2023年茶叶综合产值是多少？"
KEY = "sk-not-to-be-seen-anywhere"


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, "utf-8")
    made = read_settings(
        reports=tmp_path / "reports", index=tmp_path / "index", llm="none", llm_api_key=KEY, trace="on"
    )
    build_index(made.reports, made.index, embedder)
    return made


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    with closing(open_assistant(settings)) as opened:
        yield opened


def written(settings: Settings) -> str:
    return "".join(path.read_text("utf-8") for path in (settings.index / "traces").glob("*"))


def test_a_trace_tells_how_a_question_went_and_not_what_was_asked(assistant: Assistant, settings: Settings) -> None:
    answer = assistant.ask(QUESTION, history=["云溪县有多少茶园？"], id="张三的问题")
    (line,) = trace.read_traces(settings.index)
    assert line["status"] == answer.status == "answered"
    stages = ["rewrite", "retrieve", "evidence", "write", "verify"]
    assert [name for name in line["seconds"] if name in stages] == stages
    assert line["seconds"].items() >= answer.seconds.items()
    assert 0 < sum(line["seconds"][stage] for stage in stages) <= line["seconds"]["total"] + 0.1
    assert (line["version"], line["model"]) == (trace.app_version(), "none")
    assert line["index_version"] == answer.index_version
    assert line["retrieved"] == [hit.passage.id for hit in answer.retrieved]
    assert set(line["evidence"]) <= set(line["retrieved"])
    assert line["evidence"]
    assert line["citations"] == len(answer.citations) == 1
    assert line["figures"] == {"verified": sum(f.verified for f in answer.figures), "unverified": 0}
    assert (line["missing"], line["dropped"]) == ([], 0)
    for secret in ("茶叶", "产值", "12.6", "多少", "云溪", "张三", KEY):
        assert secret not in written(settings)
    (file,) = (settings.index / "traces").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("长沙市2023年的茶叶综合产值是多少？", "place"),
        ("云溪县2019年茶叶综合产值是多少？", "period"),
        ("云溪县2023年有多少所小学？", "matter"),
    ],
)
def test_a_refusal_has_its_reason_in_the_trace(
    assistant: Assistant, settings: Settings, capsys: pytest.CaptureFixture[str], question: str, missing: str
) -> None:
    assert assistant.ask(question).status == "refused"
    (line,) = trace.read_traces(settings.index)
    assert (line["status"], line["missing"]) == ("refused", [missing])
    assert "长沙" not in written(settings)
    assert cli.run(["trace", "--index", str(settings.index)]) == 0
    said = {"place": "地区", "period": "时期", "matter": "内容"}
    assert capsys.readouterr().out.rstrip().endswith(said[missing])


def test_what_the_verification_dropped_is_counted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    model = FakeModel(replies=["2023年，云溪县茶叶综合产值为12.6亿元。县里还准备申办一届运动会。"])
    monkeypatch.setattr("assistant.service.load_model", lambda *_, **__: LoadedModel(model, "fake", ""))
    with closing(open_assistant(settings.model_copy(update={"llm": "fake"}))) as assistant:
        assert "运动会" not in assistant.ask(QUESTION).answer
    (line,) = trace.read_traces(settings.index)
    assert (line["model"], line["dropped"]) == ("fake", 1)


def test_everything_is_kept_only_when_asked_for(settings: Settings) -> None:
    with closing(open_assistant(settings.model_copy(update={"trace": "full"}))) as assistant:
        answer = assistant.ask(QUESTION)
    (line,) = trace.read_traces(settings.index)
    assert (line["question"], line["answer"]) == (QUESTION, answer.answer)
    assert KEY not in written(settings)
    with closing(open_assistant(settings.model_copy(update={"trace": "off"}))) as assistant:
        assistant.ask(QUESTION)
    assert len(list(trace.read_traces(settings.index))) == 1


def test_a_question_left_alone_or_failed_has_its_trace(assistant: Assistant, settings: Settings) -> None:
    stream = assistant.stream(QUESTION)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    (line,) = trace.read_traces(settings.index)
    assert (line["status"], set(line["seconds"])) == ("cancelled", {"rewrite", "total"})

    def fails() -> Iterator[str]:
        yield "begun"
        raise JudianError(f"密钥 {KEY} 不对。")

    with pytest.raises(JudianError):
        list(trace.traced(fails(), settings, QUESTION, ()))
    newest = next(trace.read_traces(settings.index))
    assert (newest["status"], newest["error"]) == ("failed", "JudianError")
    assert newest["seconds"]["total"] >= 0
    assert KEY not in written(settings)


def test_a_trace_that_cannot_be_written_harms_no_answer(assistant: Assistant, settings: Settings) -> None:
    (settings.index / "traces").write_text("a file where the folder should be", "utf-8")
    assert assistant.ask(QUESTION).status == "answered"


def test_days_and_bytes_are_limited(assistant: Assistant, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = settings.index / "traces"
    folder.mkdir()
    for day in range(1, 29):
        for month in ("01", "02"):
            (folder / f"2020-{month}-{day:02}.jsonl").write_text("{}\n", "utf-8")
    assistant.ask(QUESTION)
    assert len(list(folder.iterdir())) == trace.DAYS_KEPT
    assert len(list(trace.read_traces(settings.index))) == 1
    monkeypatch.setattr(trace, "LARGEST_DAY", 100)
    assistant.ask(QUESTION)
    assert len(list(trace.read_traces(settings.index))) == 1


def test_the_command(assistant: Assistant, settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["--index", str(settings.index)]
    assert cli.run(["trace", *here]) == 1
    assert "没有这样的记录" in capsys.readouterr().err
    assistant.ask(QUESTION)
    assistant.ask("长沙市2023年的人口是多少？")
    path = next((settings.index / "traces").iterdir())
    with path.open("a", encoding="utf-8") as file:
        file.write('{"id": "slow0000", "status": "answered", "at": "", "seconds": {"total": 99}}\nhalf a li')
    assert cli.run(["trace", *here]) == 0
    shown = capsys.readouterr().out
    assert [word in shown for word in ("已答", "拒答", "slow0000")] == [True] * 3
    assert cli.run(["trace", "--slowest", "-n", "1", "--json", *here]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "slow0000"
    assert cli.run(["trace", "slow", *here]) == 0
    assert json.loads(capsys.readouterr().out)["seconds"] == {"total": 99}


class Collector(ThreadingHTTPServer):
    """Takes what LangChain's tracer sends; `bodies` holds the body of each post."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Collects)
        self.bodies: list[bytes] = []


class _Collects(BaseHTTPRequestHandler):
    server: Collector

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        limits = {"size_limit": 100, "size_limit_bytes": 2**24, "scale_up_nthreads_limit": 1}
        limits |= {"scale_up_qsize_trigger": 1000, "scale_down_nempty_trigger": 4}
        config = {"use_multipart_endpoint": True, **limits}
        self._reply(json.dumps({"version": "0.10", "batch_ingest_config": config}).encode())

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._reply(b"{}")

    def _reply(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.mark.parametrize("switched_on", [True, False])
def test_langchains_own_switches_send_the_steps_and_no_key(settings: Settings, switched_on: bool) -> None:
    with running(Collector()) as collector:
        switches = {"LANGSMITH_ENDPOINT": f"http://127.0.0.1:{collector.server_port}", "LANGSMITH_API_KEY": "lsv2"}
        switches |= {"LANGSMITH_TRACING": "true"} if switched_on else {}
        own = {"JUDIAN_LLM": "none", "JUDIAN_LLM_API_KEY": KEY, "JUDIAN_REPORTS": str(settings.reports)}
        environment = os.environ | switches | own | {"JUDIAN_INDEX": str(settings.index)}
        command = [sys.executable, "-m", "assistant", "ask", QUESTION]
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=120)
    sent = b"".join(collector.bodies)
    assert bool(sent) == switched_on
    assert KEY.encode() not in sent
    if switched_on:
        assert b"HybridRetriever" in sent
