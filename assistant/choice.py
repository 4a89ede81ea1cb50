"""Which chat model answers, as it is chosen in the window: tried before it is used, kept beside the index.

What the environment sets comes before what is kept: who starts the server decides.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from assistant.endpoint import check_endpoint, public_url, require_base_url
from assistant.errors import EndpointError, SettingsError, WeightsError
from assistant.settings import Settings
from assistant.weights import weights_status

Kind = Literal["embedded", "none", "endpoint"]
FILE = "model.json"
_LONGEST = 500  # characters of a name, an address, a key
_FIELDS = ("llm", "llm_base_url", "llm_api_key")
# What messages call the settings, and what the window calls them.
_LABELS = {"JUDIAN_LLM_BASE_URL": "“地址”", "JUDIAN_LLM_API_KEY": "“密钥”", "JUDIAN_LLM": "“模型名”"}
_SETTING = re.compile(r" ?\b(JUDIAN_LLM(?:_BASE_URL|_API_KEY)?)\b(?!_) ?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The embedded model, none, or the model `name` at `address` (of OpenAI's protocol) with its `key`.

    An empty `key` means the one already in use at that address, if there is one.
    """

    kind: Kind
    name: str = ""
    address: str = ""
    key: str = field(default="", repr=False)


def choice_of(settings: Settings) -> ModelChoice:
    """The choice that the settings stand for, without the key."""
    if settings.llm == "embedded":
        return ModelChoice("embedded")
    if settings.llm == "none":
        return ModelChoice("none")
    return ModelChoice("endpoint", settings.llm, public_url(settings.llm_base_url))


def settings_with(settings: Settings, choice: ModelChoice) -> Settings:
    """The settings after a choice. Raises SettingsError for what cannot be meant."""
    if choice.kind != "endpoint":
        return settings.model_copy(update={"llm": choice.kind, "llm_base_url": "", "llm_api_key": ""})
    name, address, key = choice.name.strip(), choice.address.strip().rstrip("/"), choice.key.strip()
    if not name or name in {"embedded", "none"}:
        raise SettingsError("没有写模型名：请写上接口上的模型名，例如 qwen-plus。")
    if not address:
        raise SettingsError("没有写接口的地址：请写上，例如 http://127.0.0.1:11434/v1。")
    if any(len(each) > _LONGEST or not each.isprintable() for each in (name, address, key)):
        raise SettingsError(f"模型名、地址和密钥各不能超过 {_LONGEST} 个字，也不能有控制字符：请改正后再试。")
    if not key.isascii():
        raise SettingsError("密钥里有中文或全角的字：请从服务商那里重新复制一次。")
    known = address == public_url(settings.llm_base_url)  # a key goes to no other address
    update = {"llm": name, "llm_base_url": address, "llm_api_key": key or (settings.llm_api_key if known else "")}
    changed = settings.model_copy(update=update)
    try:
        require_base_url(changed)
    except SettingsError as error:
        raise SettingsError("接口的地址不是网址：请写成 http:// 或 https:// 开头的。") from error
    return changed


def try_out(settings: Settings) -> None:
    """Whether the chosen model can answer: its weights are whole, or its endpoint serves it.

    Raises WeightsError or EndpointError, in the words of the window.
    """
    if settings.llm == "embedded":
        status = weights_status(settings.models)
        if not status.complete:
            raise WeightsError(f"{status.problem}：请先在命令行运行 judian model fetch（约 1.1 GB），再换成内置模型。")
    try:
        check_endpoint(settings)
    except EndpointError as error:
        raise EndpointError(in_the_window(str(error))) from error


def in_the_window(sentence: str) -> str:
    """A sentence on the settings of the model with the names that the window gives them."""
    return _SETTING.sub(lambda match: _LABELS[match[1]], sentence)


def keep(settings: Settings) -> None:
    """Keep the choice for the next start, readable by the owner alone. Raises SettingsError."""
    path = _path(settings)
    value = {name: getattr(settings, name) for name in _FIELDS}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{FILE}.", dir=path.parent)  # mode 600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(value, file, ensure_ascii=False)
            os.replace(beside, path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"换模型的选择存不下（{path}，{error.strerror}）：请检查权限和磁盘空间后再换。") from error


def kept(settings: Settings) -> Settings:
    """The settings with the choice that was kept; unchanged where the environment names a model, or none was kept."""
    if pinned(settings):
        return settings
    with suppress(OSError, ValueError):
        value: Any = json.loads(_path(settings).read_text(encoding="utf-8"))
        if isinstance(value, dict) and set(value) == set(_FIELDS) and all(isinstance(v, str) for v in value.values()):
            return settings.model_copy(update=value) if value["llm"] else settings
    return settings


def pinned(settings: Settings) -> bool:
    """Whether the model was named when the program was started, so that a choice lasts until the next start only."""
    return "llm" in settings.model_fields_set


def _path(settings: Settings) -> Path:
    return settings.index.parent / FILE
