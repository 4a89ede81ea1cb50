"""/health as a container or a proxy asks for it: each part that is gone is told, with no path, address or key."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from chat_pages import FakeEndpoint, free_port
from serving import running
from test_fault_table import chroma
from test_model_process import child, kill

from assistant import Assistant, Settings, open_assistant, read_settings
from assistant.health import endpoint_health
from assistant.ui.app import build, serve
from index import Embedder, build_index

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
]
posix = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    (tmp_path / "reports").mkdir()
    text = "# 青河县工业一年\n\n2024年1月5日\n\n2023年，青河县规上企业达到35户，产值增长8.6%。\n"
    (tmp_path / "reports" / "青河.md").write_text(text, "utf-8")
    made = read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none")
    build_index(made.reports, made.index, embedder)
    return made


@contextmanager
def served(assistant: Assistant) -> Iterator[str]:
    blocks = build(assistant)
    yield serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant) + "health"
    blocks.close(verbose=False)


def asked(address: str, **wanted: str) -> tuple[int, dict[str, Any]]:
    """What /health says as soon as it says what is `wanted`, or what it says after some seconds."""
    until = time.monotonic() + 8
    while True:
        shown = httpx.get(address, timeout=10)
        told = shown.json()
        if wanted.items() <= told.items() or time.monotonic() > until:
            assert set(told) <= {"status", "version", "index_version", "index", "vectors", "model"}
            assert "/" not in "".join(told.values()).replace(told["version"], "")
            return shown.status_code, told
        time.sleep(0.3)


def parts(told: dict[str, Any]) -> tuple[str, ...]:
    return tuple(told[name] for name in ("status", "index", "vectors", "model"))


def test_an_index_that_is_gone(settings: Settings) -> None:
    with closing(open_assistant(settings)) as assistant, served(assistant) as address:
        code, told = asked(address)
        assert (code, parts(told)) == (200, ("ok", "ok", "ok", "none"))
        shutil.rmtree(settings.index)
        code, told = asked(address, status="fail")
        assert (code, parts(told)) == (503, ("fail", "fail", "fail", "none"))


@posix
def test_a_chroma_server_that_goes_and_comes_back(settings: Settings, embedder: Embedder, tmp_path: Path) -> None:
    port = free_port()
    remote = settings.model_copy(update={"index": tmp_path / "remote", "chroma_url": f"http://127.0.0.1:{port}"})
    (tmp_path / "chroma").mkdir()
    with chroma(tmp_path / "chroma", port) as server:
        build_index(remote.reports, remote.index, embedder, chroma_url=remote.chroma_url)
        assistant = open_assistant(remote)
        with served(assistant) as address:
            assert asked(address)[0] == 200
            server.kill()
            server.wait()
            code, told = asked(address, status="fail")
            assert (code, parts(told)) == (503, ("fail", "ok", "fail", "none"))
            with chroma(tmp_path / "chroma", port):
                code, told = asked(address, status="ok")
                assert (code, parts(told)) == (200, ("ok", "ok", "ok", "none"))
        assistant.close()


def test_an_endpoint_that_goes(settings: Settings) -> None:
    endpoint = FakeEndpoint()
    url = f"http://user:secret@127.0.0.1:{endpoint.server_address[1]}/v1"
    told_of = settings.model_copy(update={"llm": "fake", "llm_base_url": url})
    with closing(open_assistant(told_of)) as assistant, served(assistant) as address:
        with running(endpoint):
            code, told = asked(address, status="ok")
            assert (code, parts(told)) == (200, ("ok", "ok", "ok", "ok"))
        code, told = asked(address, status="degraded")
        assert (code, parts(told)) == (200, ("degraded", "ok", "ok", "fail"))  # it quotes


@pytest.mark.llm
@posix
def test_a_model_process_that_goes(settings: Settings) -> None:
    with closing(open_assistant(settings.model_copy(update={"llm": "embedded"}))) as assistant:
        assert assistant.health().model == "ok"
        kill(child())
        assert assistant.health().model == "fail"
        assistant.wait_for_model()  # which starts it anew, as a question does
        assert assistant.health().model == "ok"


def test_a_server_that_hangs_holds_one_look(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Assistant] = []
    end = threading.Event()

    def hang(self: Assistant) -> None:
        looks.append(self)
        end.wait(30)

    with closing(open_assistant(settings)) as assistant, served(assistant) as address:
        monkeypatch.setattr(Assistant, "health", hang)
        found: list[int] = []

        def ask() -> None:
            found.append(httpx.get(address, timeout=10).status_code)

        asking = [threading.Thread(target=ask) for _ in range(4)]
        for each in asking:
            each.start()
        for each in asking:
            each.join()
        assert found == [503] * 4
        assert len(looks) == 1
        end.set()


def test_what_answers_is_there_and_what_does_not_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert endpoint_health(f"http://127.0.0.1:{silent.getsockname()[1]}/v1") == "fail"
    assert endpoint_health("http://127.0.0.1:9/v1") == "fail"
    assert endpoint_health("http://[::1/v1") == "fail"
