"""Invariant 7: nothing tries to reach a network other than loopback.

Each case is a process of its own with an audit hook, which sees every connection, look-up and datagram that
Python code makes, refuses what is not loopback, and cannot be taken off again.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index import Embedder

ROOT = Path(__file__).parents[1]

GUARD = """
import ipaddress, sys

attempts = []

def is_loopback(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    host = host.decode() if isinstance(host, bytes) else host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

def watch(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"):
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a path: AF_UNIX
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        host = args[0]
    else:
        return
    if not is_loopback(host):
        attempts.append(f"{event} {host}")
        raise OSError(f"refused by the test: {event} {host}")

sys.addaudithook(watch)
"""

# Once with quotes only, the window included, and once as it is set by default, but with no weights of the model.
MAIN_JOB = """
from pathlib import Path
from assistant import open_assistant, read_settings
from assistant.ui import build
from index import build_index, load_embedder

folder = Path(sys.argv[1])
for llm in ("none", "embedded"):
    settings = read_settings(reports=folder / "reports", index=folder / llm / "index", llm=llm)
    embedder = load_embedder(settings.embedding, settings.models)
    build_index(settings.reports, settings.index, embedder)
    assistant = open_assistant(settings)
    answer = assistant.ask("西昌市规上企业有多少家？")
    hits = assistant.search("苦荞 种植面积", 3)
    build(assistant)
    assistant.close()
    assert hits and answer.retrieved, "the job was not done"
    print(llm, answer.status, bool(assistant.notice))
"""


def guarded(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_")}
    if models := os.environ.get("JUDIAN_MODELS"):
        clean["JUDIAN_MODELS"] = models
    return subprocess.run(
        [sys.executable, "-c", GUARD + code + '\nprint("attempts:", attempts)\n', *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "import socket; socket.getaddrinfo('reports.example', 443)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "import urllib.request; urllib.request.urlopen('http://192.0.2.1/', timeout=1)",
    ],
)
def test_the_guard_sees_and_refuses_an_attempt(attempt: str) -> None:
    done = guarded(f"try:\n    {attempt}\nexcept OSError:\n    pass")
    assert done.returncode == 0, done.stderr
    assert "attempts: []" not in done.stdout
    assert "attempts: [" in done.stdout


def test_the_guard_lets_loopback_pass() -> None:
    code = (
        "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
        "socket.create_connection(server.getsockname(), timeout=5).close()\nserver.close()"
    )
    done = guarded(code)
    assert done.returncode == 0, done.stderr
    assert "attempts: []" in done.stdout


def test_building_asking_and_the_window_stay_at_home_and_fetch_no_weights(
    tmp_path: Path, embedder: Embedder, models: Path
) -> None:
    (tmp_path / "reports").mkdir()
    report = "# 西昌市工业一年\n\n2023年，西昌市规上企业达到35家，比上年多4家。苦荞种植面积12.5万亩。\n"
    (tmp_path / "reports" / "西昌.md").write_text(report, encoding="utf-8")
    assert not list(models.glob("*.gguf"))
    done = guarded(MAIN_JOB, str(tmp_path), JUDIAN_MODELS=str(models))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["none answered True", "embedded answered True", "attempts: []"]
    assert not list(models.glob("*.gguf*"))
