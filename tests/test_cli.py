"""The command line as a user meets it: exit codes, one Chinese sentence a failure, results on stdout."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_model import FakeModel

from assistant import InputError, cli, service, terminal
from assistant.commands import check_port
from assistant.model import LoadedModel

ROOT = Path(__file__).parents[1]
REPORT = """云溪县：茶园里走出新产业

2024年3月8日，云溪县农业农村局介绍，全县现有茶园3.7万亩，从事茶叶加工的企业有46家。

2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。
"""
ONE_SENTENCE = re.compile(r"[^。\n]+[：；][^。\n]+。\n")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("JUDIAN_") and name != "JUDIAN_MODELS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("JUDIAN_LLM", "none")
    monkeypatch.setenv("JUDIAN_REPORTS", str(tmp_path / "reports"))
    monkeypatch.setenv("JUDIAN_INDEX", str(tmp_path / "index"))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, encoding="utf-8")


def judian(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "assistant", *args],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def built(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["index", "build"]) == 0
    capsys.readouterr()


def test_help_is_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ([], ["ask"], ["index"], ["index", "rollback"], ["eval"], ["chat"]):
        assert cli.run([*command, "--help"]) == 0
        shown = capsys.readouterr()
        assert shown.err == ""
        assert shown.out.startswith("用法：judian")
        assert not re.search(r"Usage|Options:|Commands:|Arguments:|Show this|default:", shown.out)
    alone = judian("--help")
    assert (alone.returncode, alone.stderr) == (0, "")
    assert alone.stdout.startswith("用法：judian")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["ask"], "QUESTION"),
        (["ask", "问", "--batch", "a.jsonl"], "二者取一"),
        (["ask", "--batch", "a.jsonl"], "--out"),
        (["ask", "一", "二"], "多出了参数 二"),
        (["ask", "问", "--nothing"], "没有选项 --nothing"),
        (["ask", "问", "--history"], "--history 后面缺少值"),
        (["answer"], "没有命令 answer"),
        (["search", "问", "-k", "x"], "应是整数"),
        (["search", "问", "-k", "0"], "不能小于 1"),
        (["chat", "--port", "70000"], "不能大于 65535"),
    ],
)
def test_wrong_usage_is_one_chinese_sentence(args: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(args) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("用法不对：")
    assert said in shown.err
    assert shown.err.count("\n") == 1
    assert "--help" in shown.err


# Runs the commands in its argument (JSON) one after another; a line of marks and the exit code ends each.
ONE_AFTER_ANOTHER = """
import json, os, sys
from assistant.cli import run

for args, env in json.loads(sys.argv[1]):
    before = dict(os.environ)
    os.environ.update(env)
    code = run(args)
    os.environ.clear()
    os.environ.update(before)
    for stream in (sys.stdout, sys.stderr):
        print(f"===={code}", file=stream, flush=True)
"""


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_failures_are_one_chinese_sentence(tmp_path: Path, taken: int) -> None:
    """In a process of its own, so that all that libraries print is seen."""
    empty = tmp_path / "empty"
    empty.mkdir()
    auth = tmp_path / "auth"
    auth.write_text("无冒号\n", encoding="utf-8")
    cases: list[tuple[list[str], str, dict[str, str]]] = [
        (["ask", "云溪县有多少茶园？"], "judian index build", {}),
        (["search", "茶园"], "judian index build", {}),
        (["index", "build", "--reports", str(empty)], str(empty), {}),
        (["index", "rollback"], "judian index build", {}),
        (["chat", "--auth-file", str(auth)], "第 1 行", {}),
        (["chat", "--host", "0.0.0.0"], "judian user add", {}),
        (["chat", "--port", str(taken)], f"端口 {taken} 不能用", {}),
        (["ask", "问"], "JUDIAN_LLM_BASE_URL", {"JUDIAN_LLM": "some-model"}),
        (["ask", "问"], "JUDIAN_LLM_TIMEOUT", {"JUDIAN_LLM_TIMEOUT": "soon"}),
    ]
    told = json.dumps([(args, env) for args, _, env in cases])
    done = subprocess.run(
        [sys.executable, "-c", ONE_AFTER_ANOTHER, told],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines() == ["====1"] * len(cases)
    *shown, rest = done.stderr.split("====1\n")
    assert (len(shown), rest) == (len(cases), "")
    for (args, said, _), words in zip(cases, shown, strict=True):
        last = words.splitlines()[-1] + "\n"
        assert said in last, args
        assert ONE_SENTENCE.fullmatch(last), last
        assert words == last or "--port" not in args


def test_build_search_and_ask(built: None, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = (tmp_path / "reports" / "云溪.md").read_text(encoding="utf-8")
    assert cli.run(["search", "茶叶产值", "-k", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["id", "query", "hits"]
    assert list(found["hits"][0]) == ["source", "start", "end", "text", "score"]
    assert found["hits"][0]["source"] == "云溪.md"

    assert cli.run(["ask", "云溪县有多少亩茶园？", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert "3.7万亩" in answer["answer"]
    for citation in answer["citations"]:
        assert text[citation["start"] : citation["end"]] == citation["quote"]

    assert cli.run(["ask", "云溪县有多少亩茶园？"]) == 0
    shown = capsys.readouterr()
    assert "出处：" in shown.out
    assert "云溪.md" in shown.out
    assert "摘引" in shown.err


def test_the_model_writes_and_history_reaches_it(
    built: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeModel(replies=["2023年，云溪县茶叶综合产值为12.6亿元。"])
    monkeypatch.setattr(service, "load_model", lambda settings: LoadedModel(fake, "fake"))
    question = ["ask", "那2023年茶叶综合产值是多少？", "--history", "云溪县有多少亩茶园？", "--json"]
    assert cli.run(question) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"], answer["status"]) == ("fake", "answered")
    assert "12.6亿元" in answer["answer"]
    assert "云溪" in answer["standalone_question"]
    assert len(fake.history) == 1


@pytest.mark.parametrize(("command", "field"), [("ask", "question"), ("search", "query")])
def test_a_batch_goes_on_where_it_stopped(
    built: None, command: str, field: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    lines = [{"id": f"q{n}", field: f"云溪县第{n}个问题：茶园有多少亩？"} for n in range(3)]
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    batch = [command, "--batch", str(source), "--out", str(out)]
    assert cli.run(batch) == 0
    whole = out.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in whole] == ["q0", "q1", "q2"]
    out.write_text(whole[0] + "\n" + whole[1][:20], encoding="utf-8")
    assert cli.run(batch) == 0
    again = out.read_text(encoding="utf-8").splitlines()
    assert again[0] == whole[0]
    assert [json.loads(line)["id"] for line in again] == ["q0", "q1", "q2"]
    assert capsys.readouterr().out == ""


def test_index_commands(built: None, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "reports" / "二.txt").write_text("望江市2023年粮食产量为21万吨。", encoding="utf-8")
    assert cli.run(["index", "status"]) == 0
    assert "待更新（新增）：二.txt" in capsys.readouterr().out
    assert cli.run(["index", "build"]) == 0
    assert "新增 1 份" in capsys.readouterr().out
    assert cli.run(["index", "versions"]) == 0
    versions = capsys.readouterr().out.splitlines()
    assert [line[0] for line in versions] == ["*", " "]
    assert cli.run(["index", "rollback"]) == 0
    assert versions[1].split()[0] in capsys.readouterr().out
    assert cli.run(["index", "verify"]) == 0
    assert "完好" in capsys.readouterr().out
    assert cli.run(["index", "rollback", "no-such"]) == 1
    assert "no-such" in capsys.readouterr().err


def test_an_error_nobody_foresaw_goes_to_a_log(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("a detail for developers")

    monkeypatch.setattr(terminal, "print_status", break_down)
    assert cli.run(["index", "status"]) == 1
    shown = capsys.readouterr().err
    log = tmp_path / "index" / "judian-error.log"
    assert "ZeroDivisionError" in shown
    assert str(log) in shown
    assert "Traceback" not in shown
    assert "a detail for developers" in log.read_text(encoding="utf-8")


def test_an_interruption_is_130(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(terminal, "print_status", interrupt)
    assert cli.run(["index", "status"]) == 130
    assert "已中断" in capsys.readouterr().err


def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(InputError, match=rf"端口 {port} 不能用.*--port"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)


def test_model_status(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cli.run(["model", "status"]) == 0
    assert "只摘引" in capsys.readouterr().out
    monkeypatch.setenv("JUDIAN_LLM", "embedded")
    monkeypatch.setenv("JUDIAN_MODELS", str(tmp_path / "models"))
    assert cli.run(["model", "status"]) == 1
    assert "judian model fetch" in capsys.readouterr().out
