"""What is delivered: a wheel with all that runs, installed away from this folder; and the public names."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chat_pages import free_port
from playwright.sync_api import Browser, expect

import assistant
from assistant import cli

ROOT = Path(__file__).parents[1]
ROOMS = ("assistant", "index", "prompts", "evals")
# All that lies in the rooms travels, but for what is of use beside the sources alone.
STAYS = ("evals/LOG.md", "evals/baselines/")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the sources, with the tools that are installed: nothing is fetched."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in (*ROOMS, "pyproject.toml", "README.md", "LICENSE"):
        (source / name).symlink_to(ROOT / name)
    build = [sys.executable, "-c", f"from setuptools.build_meta import build_wheel; build_wheel({str(out)!r})"]
    done = subprocess.run(build, cwd=source, capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = out.glob("judian-*.whl")
    return made


def in_the_rooms() -> set[str]:
    """The files that lie in the rooms, but for those that a program or an editor left there."""
    found = (path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file())
    names = {path.as_posix() for path in found if not any(part.startswith((".", "__pycache__")) for part in path.parts)}
    return {name for name in names if not name.startswith(STAYS)}


def test_what_lies_in_the_rooms_travels_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        inside = {name for name in package.namelist() if ".dist-info/" not in name}
    assert sorted(in_the_rooms() ^ inside) == []
    assert {Path(name).suffix for name in inside} >= {".py", ".txt", ".tsv", ".css", ".js", ".jsonl", ".json"}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment in which pip installed the wheel; what it needs comes from the present one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    told = subprocess.run([*pip, str(wheel)], capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert told.returncode == 0, told.stderr
    # Only now: pip would take the sources, which the present environment may refer to, for an older version.
    (packages,) = folder.glob("lib/python*/site-packages")
    present = (path for path in sys.path if path.endswith("site-packages"))
    (packages / "present.pth").write_text("\n".join(present), "utf-8")
    return python.parent


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of this checkout, all that is written in `folder`, and no way to fetch weights."""
    kept = {name: v for name, v in os.environ.items() if not name.startswith(("JUDIAN_", "PIP_", "PYTHON"))}
    paths = {f"JUDIAN_{name.upper()}": str(folder / name) for name in ("reports", "index", "models")}
    return kept | paths | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


def _run(folder: Path, *command: str | Path) -> str:
    """What a command says that is run in `folder`, away from the sources and without a language model."""
    environment = _environment(folder) | {"JUDIAN_LLM": "none"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


REPORT = "# 云溪县：茶园里走出新产业\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元，比上年增长8.6%。\n"
QUESTION = "云溪县2023年茶叶综合产值是多少？"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text(REPORT, encoding="utf-8")
    return tmp_path / "reports"


# Where the rooms are, a prompt, a script of the window.
PLACES = """
import assistant, assistant.ui, evals, index, prompts
from importlib.resources import files
print(assistant.app_version(), *map(files, (assistant, evals, index, prompts)), sep="\\n")
print(len(prompts.render("answer", evidence="甲", question="乙")), (files(assistant.ui) / "chat.js").stat().st_size)
"""


# Commands in one process, which loads the libraries once; a line after each.
COMMANDS = """
import sys
from assistant.cli import run
for command in sys.argv[1:]:
    assert run(command.split(" ")) == 0, command
    print("====")
"""


@pytest.mark.usefixtures("models", "reports")
def test_installed_by_pip_it_answers_away_from_the_sources(installed: Path, tmp_path: Path) -> None:
    version, *rooms, sizes = _run(tmp_path, installed / "python", "-c", PLACES).splitlines()
    assert version == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert [Path(room).is_relative_to(installed.parent) for room in rooms] == [True] * len(ROOMS)
    assert all(int(size) > 0 for size in sizes.split())
    assert _run(tmp_path, installed / "judian", "--help").startswith("用法：judian")
    commands = "index build", f"ask --json {QUESTION}", "doctor"
    _, told, checked, rest = _run(tmp_path, installed / "python", "-c", COMMANDS, *commands).split("====\n")
    assert rest == ""
    answer = json.loads(told)
    assert (answer["status"], answer["citations"][0]["source"]) == ("answered", "云溪.md")
    assert "12.6亿元" in answer["answer"]
    assert "[不行]" not in checked


@contextmanager
def _chat(installed: Path, folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`judian chat` of the installed package, away from the sources."""
    port = free_port()
    command = [installed / "judian", "chat", "--port", str(port)]
    with (
        _heard(signal.SIGINT),
        subprocess.Popen(
            command, cwd=folder, env=_environment(folder), stderr=subprocess.PIPE, encoding="utf-8"
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address, process)
            yield address, process
        finally:
            process.kill()


@contextmanager
def _heard(number: signal.Signals) -> Iterator[None]:
    """A shell lets what it starts in the background ignore Ctrl+C, and that is inherited: here it is heard again."""
    before = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _wait_for(address: str, process: subprocess.Popen[str]) -> None:
    for _ in range(600):
        assert process.poll() is None, process.stderr and process.stderr.read()
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the chat did not open")


@pytest.mark.browser
@pytest.mark.usefixtures("models", "reports")
def test_without_weights_its_window_opens_says_so_and_quotes(installed: Path, tmp_path: Path, browser: Browser) -> None:
    """The whole way of one who installed it: the index is built, the window opens, a question is answered."""
    with _chat(installed, tmp_path) as (address, process):
        with browser.new_context() as context:
            page = context.new_page()
            page.goto(address)
            expect(page.locator(".jd-notice")).to_contain_text("只摘引原文", timeout=30_000)
            page.locator("#jd-question textarea").fill(QUESTION)
            page.keyboard.press("Enter")
            expect(page.locator(".jd-badge")).to_have_count(1, timeout=60_000)
            expect(page.locator(".jd-text")).to_contain_text("12.6亿元")
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 0
    assert "下载失败" in said
    assert said.rstrip().endswith("据典已关闭。")
    assert "Traceback" not in said


def test_the_image_is_made_of_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """No image is built here; what can be told without one: sources, the server's version, the commands."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copies = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    sources = {word for words in copies for word in words if not word.startswith("--")}
    assert sources >= {*ROOMS, "pyproject.toml", "constraints.txt", "README.md", "LICENSE", "reports"}
    assert sorted(source for source in sources if not (ROOT / source).exists()) == []
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").split() if line.startswith("!")}
    assert sources <= let_through
    compose = (ROOT / "compose.yaml").read_text("utf-8")
    (server,) = re.findall(r"image: chromadb/chroma:(\S+)", compose)
    assert f'"chromadb=={server}"' in (ROOT / "pyproject.toml").read_text("utf-8")
    (start,) = (json.loads(line.removeprefix("CMD ")) for line in lines if line.startswith("CMD "))
    first = re.findall(r"run --rm app (judian .+)", compose)[0].split()
    for program, *words in (start, first):
        options = [word for word in words if word.startswith("--")]
        command = [word for word in words[: words.index(options[0])] if word.isascii()]
        assert program == "judian"
        assert cli.run([*command, "--help"]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith("用法：judian " + " ".join(command))
        assert all(option in shown for option in options)


def test_lazy_names_are_those_that_a_type_checker_sees() -> None:
    tree = ast.parse(Path(assistant.__file__).read_text("utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module for node in guarded.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == assistant._HOME_OF
    assert sorted(seen) == sorted(assistant.__all__)
    for name, home in seen.items():
        assert getattr(assistant, name) is getattr(importlib.import_module(home or ""), name)
    modules = {path.stem for path in (ROOT / "assistant").glob("*.py")}
    assert modules & set(assistant.__all__) == set(), "a module would stand in the place of the name once it is loaded"


def test_help_loads_no_heavy_library() -> None:
    heavy = ("torch", "transformers", "langchain_core", "chromadb", "gradio", "numpy", "pandas")
    code = f"import sys, assistant.cli; sys.exit(' '.join(set({heavy!r}) & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
