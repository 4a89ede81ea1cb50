"""All settings: one frozen object, read once from the environment, passed down."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import SettingsError


class Settings(BaseSettings):
    """Each field is the environment variable JUDIAN_<FIELD>; a copy with changes is `model_copy(update=…)`."""

    model_config = SettingsConfigDict(env_prefix="JUDIAN_", frozen=True, extra="ignore")

    reports: Path = Path("reports")
    index: Path = Path(".judian/index")
    models: Path = Field(default_factory=lambda: Path.home() / ".cache" / "judian" / "models")
    embedding: str = "bundled"
    reranker: str = ""
    llm: str = "embedded"
    llm_base_url: str = ""
    llm_api_key: str = Field(default="", repr=False)
    llm_timeout: float = Field(default=60.0, gt=0)
    judge: str = ""  # of `judian eval`
    judge_base_url: str = ""
    judge_api_key: str = Field(default="", repr=False)
    chroma_url: str = ""
    trace: Literal["on", "full", "off"] = "on"  # `full` keeps questions and answers, too


def read_settings(**overrides: Any) -> Settings:
    """Settings from the environment; `overrides` that are not None win.

    Raises SettingsError naming the variable that cannot be used.
    """
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        names = "、".join(f"JUDIAN_{str(item['loc'][0]).upper()}" for item in error.errors())
        raise SettingsError(f"设置 {names} 的值不能用：请检查这些环境变量，或删去它们以使用默认值。") from error
    if settings.chroma_url and not settings.chroma_url.startswith(("http://", "https://")):
        raise SettingsError(
            f"设置 JUDIAN_CHROMA_URL 的值 {settings.chroma_url} 不是网址：请写成 http://主机:端口，或删去它。"
        )
    return settings
