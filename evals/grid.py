"""The grid of a sweep: a TOML file of values to try, and the cells that they make."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from assistant import InputError, Settings, SettingsError, read_settings
from evals.journal import without_login
from evals.overlay import check_constant, prompt_files

_SECTIONS = ("settings", "search", "constants", "prompts")
_NOT_SWEPT = ("index", "reports", "llm_api_key", "judge_api_key", "trace")


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of values. `prompts` is a folder whose files replace the program's; `passages` 0: as usual."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    prompts: Path | None = None
    passages: int = 0

    @property
    def label(self) -> dict[str, str]:
        """What is set, by a short name; it is shown and kept."""
        named = {**self.settings, **{name.rpartition(".")[2]: value for name, value in self.constants.items()}}
        named |= {"passages": self.passages} if self.passages else {}
        named |= {"prompts": str(self.prompts)} if self.prompts else {}
        return {name: without_login(str(value)) for name, value in named.items()}

    @property
    def own_index(self) -> str:
        """A name for the index that this cell needs; empty if the usual one serves."""
        cut = {name: value for name, value in self.constants.items() if name.startswith("index.")}
        if not cut and "embedding" not in self.settings and "chroma_url" not in self.settings:
            return ""
        where = {name: self.settings[name] for name in ("embedding", "chroma_url") if name in self.settings}
        return digest(cut | where)[:12]

    @property
    def name(self) -> str:
        """The same for the same values (and prompts' content)."""
        prompts = (
            {path.name: path.read_text(encoding="utf-8") for path in prompt_files(self.prompts)} if self.prompts else {}
        )
        return digest([dict(self.settings), dict(self.constants), self.passages, prompts])[:12]


def digest(value: Any) -> str:
    """Hex digest of a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()


def read_grid(path: Path, settings: Settings) -> tuple[Cell, ...]:
    """The cells of a grid file, the first value of everything first. Raises InputError.

    `[settings]` holds fields of Settings, `[search]` passages, `[constants]` module.NAME, `[prompts]` folder; each a
    value or a list of them. Relative folders of prompts are meant from the grid file.
    """
    table = _load(path)
    names: list[tuple[str, str]] = []
    choices: list[list[Any]] = []
    for section in _SECTIONS:
        for name, values in table.get(section, {}).items():
            listed = values if isinstance(values, list) else [values]
            _check(path, section, name, listed, settings)
            names.append((section, name))
            choices.append(listed)
    cells = tuple(_cell(dict(zip(names, values, strict=True)), path.parent) for values in product(*choices))
    for cell in cells:
        if cell.prompts:
            prompt_files(cell.prompts)
    return cells


def _load(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"找不到扫描设置 {path}：请检查路径。") from error
    except (OSError, ValueError) as error:
        raise InputError(f"读不了扫描设置 {path}：它应是 UTF-8 编码的 TOML 文件。") from error
    unknown = [name for name in table if name not in _SECTIONS or not isinstance(table[name], dict)]
    if unknown or not any(table.values()):
        what = f"不认得 {'、'.join(unknown)}" if unknown else "里没有要试的值"
        raise InputError(f"扫描设置 {path} {what}：可以写 [settings] [search] [constants] [prompts] 四段。")
    return table


def _check(path: Path, section: str, name: str, values: list[Any], settings: Settings) -> None:
    if not values:
        raise InputError(f"扫描设置 {path} 的 {section}.{name} 没有值：请至少写一个。")
    where = f"扫描设置 {path} 的 {section}.{name}"
    if section == "settings":
        if name not in Settings.model_fields or name in _NOT_SWEPT:
            raise InputError(
                f"{where} 不能扫描：请写 {'、'.join(n for n in Settings.model_fields if n not in _NOT_SWEPT)} 之一。"
            )
        for place, value in enumerate(values, 1):  # which is not told: it may hold a key or a password
            try:
                read_settings(**settings.model_dump() | {name: value})
            except SettingsError as error:
                raise InputError(f"{where} 的第 {place} 个值不能用：{error}") from error
    elif section == "constants":
        for value in values:
            check_constant(name, value)
    elif section == "search":
        if name != "passages" or not all(type(v) is int and 0 < v <= 200 for v in values):
            raise InputError(f"{where} 不合格：[search] 里只有 passages，是 1 到 200 的整数。")
    elif name != "folder" or not all(isinstance(value, str) for value in values):
        raise InputError(f"{where} 不合格：[prompts] 里只有 folder，是文件夹的路径（空的是自带的提示词）。")


def _cell(values: Mapping[tuple[str, str], Any], base: Path) -> Cell:
    parts: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    for (section, name), value in values.items():
        parts[section][name] = value
    folder = parts["prompts"].get("folder")
    return Cell(
        settings=parts["settings"],
        constants=parts["constants"],
        prompts=base / folder if folder else None,
        passages=parts["search"].get("passages", 0),
    )
