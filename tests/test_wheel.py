"""What is delivered: a wheel with all that runs, installed away from this folder; and the public names."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import assistant

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


# The commands of a user one after another, and what only the window and the evaluation load.
COMMANDS = """
import sys
from assistant.cli import run

codes = [run(["ask", "--help"]), run(["index", "build"]), run(["ask", "云溪县2023年茶叶综合产值是多少？"])]
import assistant, assistant.ui.app, evals.run
print(assistant.__file__)
sys.exit(max(codes))
"""


def test_it_runs_where_it_is_installed(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as package:
        package.extractall(home)  # a wheel of pure Python is installed by unpacking it
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "云溪.md").write_text("# 云溪县\n\n2024年3月8日\n\n2023年，云溪县茶叶综合产值为12.6亿元。\n", "utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_") or "MODELS" in name}
    settings = {"JUDIAN_LLM": "none", "JUDIAN_REPORTS": str(reports), "JUDIAN_INDEX": str(tmp_path / "index")}
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS],
        cwd=tmp_path,
        env=kept | settings | {"PYTHONPATH": str(home)},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("用法：judian")
    assert "1 份报告" in done.stdout
    assert "12.6亿元" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(str(home))


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
