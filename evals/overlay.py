"""A copy of the program in which constants and prompts differ: what one cell of a sweep runs.

A copy, because a run's fingerprint and the index's digest of its pipeline are taken from the files: they then tell
the copies apart, and the program itself needs no switch for what only experiments change.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant import InputError

ROOT = Path(__file__).resolve().parents[1]
_PACKAGES = ("assistant", "evals", "index", "prompts")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "baselines", "ui")


def make_overlay(folder: Path, constants: Mapping[str, Any], prompts: Path | None) -> None:
    """Copies the packages into `folder` (replaced if it is there), sets `constants`, puts in the prompts' .txt files.

    Raises InputError for a constant or a prompt that is none.
    """
    if folder.exists():
        shutil.rmtree(folder)
    for name in _PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=_LEFT_OUT)
    for path, value in constants.items():
        file, name = constant_file(path)
        target = folder / file
        target.write_text(_with_constant(target.read_text(encoding="utf-8"), name, value), encoding="utf-8")
    for prompt in prompt_files(prompts) if prompts else ():
        shutil.copyfile(prompt, folder / "prompts" / prompt.name)


def check_constant(path: str, value: Any) -> None:
    """Raises InputError unless `path` (index.split.PASSAGE_TOKENS) is a constant that can be given `value`."""
    file, name = constant_file(path)
    known = _constant((ROOT / file).read_text(encoding="utf-8"), name)
    if known is None:
        raise InputError(f"{file} 里没有名为 {name} 的常数（要写在最外层，值是数或文字）：请检查扫描设置。")
    old = ast.literal_eval(known)
    alike = type(old) is type(value) or {type(old), type(value)} == {int, float}
    if not alike:
        raise InputError(f"常数 {path} 现在是 {old!r}，不能改成 {value!r}：请写同一种值。")


def constant_file(path: str) -> tuple[Path, str]:
    """The file (below the program's root) and the name of a constant. Raises InputError."""
    module, _, name = path.rpartition(".")
    file = Path(*module.split(".")).with_suffix(".py") if module else Path()
    if module.partition(".")[0] not in _PACKAGES or not (ROOT / file).is_file():
        raise InputError(f"没有常数 {path}：请写成 模块.名字，如 index.split.PASSAGE_TOKENS。")
    return file, name


def prompt_files(folder: Path) -> list[Path]:
    """The prompts in a folder. Raises InputError if there is none, or one that the program does not have."""
    found = sorted(folder.glob("*.txt"))
    unknown = [path.name for path in found if not (ROOT / "prompts" / path.name).is_file()]
    if not found or unknown:
        what = f"里有多余的文件 {'、'.join(unknown)}" if unknown else "里没有 .txt 文件"
        raise InputError(f"提示词文件夹 {folder} {what}：文件名要与 prompts/ 里的相同。")
    return found


def _constant(source: str, name: str) -> ast.expr | None:
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else ()
        if len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id == name:
            assert isinstance(statement, ast.Assign)
            try:
                literal = ast.literal_eval(statement.value)
            except ValueError:
                return None
            return statement.value if isinstance(literal, int | float | str | tuple) else None
    return None


def _with_constant(source: str, name: str, value: Any) -> str:
    node = _constant(source, name)
    assert node is not None  # check_constant has seen it
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    lines = source.encode().split(b"\n")  # the columns of ast count bytes
    head, tail = lines[node.lineno - 1][: node.col_offset], lines[node.end_lineno - 1][node.end_col_offset :]
    lines[node.lineno - 1 : node.end_lineno] = [head + repr(value).encode() + tail]
    return b"\n".join(lines).decode()
