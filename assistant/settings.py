"""All settings: one frozen object, read once from the environment, passed down."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError
from assistant.redact import keep_secret

_ADDRESSES = ("llm_base_url", "judge_base_url", "chroma_url")


class Settings(BaseSettings):
    """Each field is the environment variable JUDIAN_<FIELD>; a copy with changes is `model_copy(update=…)`.

    Fields that may hold a key or a password are not in its repr, and what they hold is kept out of logs.
    """

    model_config = SettingsConfigDict(env_prefix="JUDIAN_", frozen=True, extra="ignore", hide_input_in_errors=True)

    reports: Path = Path("reports")
    index: Path = Path(".judian/index")
    models: Path = Field(default_factory=lambda: Path.home() / ".cache" / "judian" / "models")
    embedding: str = "bundled"
    reranker: str = ""
    llm: str = "embedded"
    llm_base_url: str = Field(default="", repr=False)
    llm_api_key: str = Field(default="", repr=False)
    llm_timeout: float = Field(default=60.0, gt=0)
    judge: str = ""  # of `judian eval`
    judge_base_url: str = Field(default="", repr=False)
    judge_api_key: str = Field(default="", repr=False)
    chroma_url: str = Field(default="", repr=False)
    trace: Literal["on", "full", "off"] = "on"  # `full` keeps questions and answers, too

    def model_post_init(self, context: Any, /) -> None:
        addresses = (getattr(self, name) for name in _ADDRESSES)
        keep_secret((self.llm_api_key, self.judge_api_key), filter(is_address, addresses))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copy = super().model_copy(update=update, deep=deep)
        copy.model_post_init(None)
        return copy


def is_address(url: str) -> bool:
    """Whether `url` is one of http or https whose only secret, if any, is a login before its host."""
    with suppress(ValueError):
        parts = urlsplit(url)
        login = parts.netloc.rpartition("@")[0]
        _ = parts.port  # raises ValueError: a password with a "/" in it ends there
        bare = not (parts.query or parts.fragment or "@" in login + parts.path)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and bare
    return False


def read_settings(**overrides: Any) -> Settings:
    """Settings from the environment; `overrides` that are not None win.

    Raises SettingsError naming the variable that cannot be used.
    """
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        names = "、".join(f"JUDIAN_{str(item['loc'][0]).upper()}" for item in error.errors())
        raise SettingsError(f"设置 {names} 的值不能用：请检查这些环境变量，或删去它们以使用默认值。") from error
    for name in _ADDRESSES:
        value = getattr(settings, name)
        if value and not is_address(value):  # which is not told: it may be a key in the wrong place
            told = f"设置 JUDIAN_{name.upper()} 的值不是网址"
            raise SettingsError(f"{told}：请写成 http://主机:端口（模型的地址多以 /v1 结尾），不带参数，或删去它。")
    return settings
