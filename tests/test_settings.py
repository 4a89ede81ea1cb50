"""Settings: one frozen object, read from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from assistant import SettingsError, read_settings


def test_the_environment_is_read_and_overrides_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDIAN_REPORTS", "各地报告")
    monkeypatch.setenv("JUDIAN_LLM", "none")
    settings = read_settings(index=Path("索引"), llm=None)
    assert (settings.reports, settings.index, settings.llm) == (Path("各地报告"), Path("索引"), "none")


def test_a_chroma_server_is_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDIAN_CHROMA_URL", "http://127.0.0.1:8000")
    assert read_settings().chroma_url == "http://127.0.0.1:8000"
    monkeypatch.setenv("JUDIAN_CHROMA_URL", "127.0.0.1:8000")
    with pytest.raises(SettingsError, match=r"^设置 JUDIAN_CHROMA_URL .*http://.*。$"):
        read_settings()


def test_settings_are_frozen() -> None:
    settings = read_settings()
    with pytest.raises(ValidationError):
        settings.llm = "other"  # type: ignore[misc]
    assert settings.model_copy(update={"llm": "other"}).llm == "other"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JUDIAN_LLM_TIMEOUT", "很久"),
        ("JUDIAN_LLM_TIMEOUT", "-1"),
        ("JUDIAN_CHROMA_URL", "x"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        read_settings()
