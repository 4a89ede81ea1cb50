"""What starts the window, and what ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chat_pages import free_port

from assistant import cli


def test_gradio_writes_no_stubs_for_editors() -> None:
    """It would parse the source of each component at each start, a third of what its import takes."""
    script = (
        "import sys; finders = list(sys.meta_path); import assistant.ui, gradio.component_meta as meta;"
        "assert meta.create_or_modify_pyi(object, 'Nobody', []) is None; assert sys.meta_path == finders"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.fixture
def _signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("_signals")
def test_sigterm_ends_the_window_as_ctrl_c_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Docker and systemd send it: what is open is closed, and the process ends as it should."""
    closed: list[str] = []

    class Opened:
        def wait_for_model(self) -> None:
            pass

        def warm(self) -> None:
            pass

        def close(self) -> None:
            closed.append("assistant")

    def launch(*_: object, opened: Callable[[], None], **__: Any) -> None:
        opened()
        signal.raise_signal(signal.SIGTERM)
        pytest.fail("the signal was not heard")

    monkeypatch.setenv("JUDIAN_LLM", "none")
    monkeypatch.setattr("assistant.ui.launch", launch)
    monkeypatch.setattr("assistant.commands.open_assistant", lambda settings, **_: Opened())
    monkeypatch.setattr("assistant.commands._ready_index", lambda settings: None)
    port = str(free_port())
    assert cli.run(["chat", "--port", port, "--index", str(tmp_path / "index")]) == 130
    assert closed == ["assistant"]
    assert f"据典已打开：http://127.0.0.1:{port}" in capsys.readouterr().err
