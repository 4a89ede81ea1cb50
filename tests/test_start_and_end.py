"""How the window comes and goes: Gradio loaded without its stub files, and what ends it."""

from __future__ import annotations

import importlib.util
import inspect
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from chat_pages import free_port

from assistant import Settings, cli
from assistant.ui.quick import without_stubs


def test_gradio_finds_no_file_of_its_components_and_all_else_is_found() -> None:
    with without_stubs():
        with pytest.raises(OSError, match="no stub"):
            inspect.getfile(gr.HTML)
        assert inspect.getfile(Settings).endswith("settings.py")
        assert inspect.getfile(gr.Blocks).endswith("blocks.py")
    assert inspect.getfile(gr.HTML).endswith("html.py")


def test_a_class_of_components_made_meanwhile_writes_no_stub(tmp_path: Path) -> None:
    source = tmp_path / "own.py"
    source.write_text("import gradio as gr\n\n\nclass Own(gr.Textbox):\n    EVENTS = []\n", "utf-8")
    stub = source.with_suffix(".pyi")
    with without_stubs():
        _load(source, "own_component")
    assert not stub.exists()
    _load(source, "own_component_again")
    assert stub.exists(), "Gradio writes no stubs any more: assistant/ui/quick.py is not needed"


def _load(source: Path, name: str) -> None:
    """Import a file as the module `name`, without leaving it in sys.modules."""
    spec = importlib.util.spec_from_file_location(name, source)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(sys.modules[name])
    finally:
        del sys.modules[name]


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
