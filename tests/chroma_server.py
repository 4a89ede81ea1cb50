"""A real Chroma server on a free port of loopback, and what tests look up and spoil in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import pytest

from index.vectors import close_client


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own on a free port of loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("chroma")
    home = tmp_path_factory.mktemp("chroma server")
    command = [str(program), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(home)]
    environment = {**os.environ, "ANONYMIZED_TELEMETRY": "False"}
    with subprocess.Popen(
        command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def write(home: Path, place: str, number: int) -> None:
    sentences = [f"{place}县第{i}个工业园区有规上企业{number + i}户，全年产值增长{i}.6%。" for i in range(1, 9)]
    (home / "reports" / f"{place}.md").write_text(f"# {place}县工业一年\n\n2023年，{''.join(sentences)}\n", "utf-8")


@contextmanager
def connected(url: str) -> Iterator[Any]:
    """A client of the server that is not ours."""
    host, _, port = url.removeprefix("http://").partition(":")
    client: Any = chromadb.HttpClient(host=host, port=int(port), settings=chromadb.Settings(anonymized_telemetry=False))
    try:
        yield client
    finally:
        close_client(client)


def collections(url: str) -> set[str]:
    with connected(url) as client:
        return {collection.name for collection in client.list_collections()}
