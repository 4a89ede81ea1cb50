"""The model is chosen in the window: tried first, kept for the next start, and its key is nobody's to see."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chat_pages import FakeEndpoint, free_port

from assistant import Assistant, ModelChoice, Settings, open_assistant, read_settings
from assistant.choice import FILE, in_the_window, kept, settings_with
from assistant.engine import Engines
from assistant.errors import EndpointError, SettingsError, WeightsError
from assistant.model import LoadedModel
from assistant.ui.context import Context
from assistant.ui.model_section import Parts, _Section
from index import Embedder, build_index

KEY = "sk-very-secret-0123456789"
REPORT = "# 涪陵：一颗青菜头的产业链\n\n2023年12月27日\n\n2023年，涪陵区青菜头种植面积73.6万亩。\n"
QUESTION = "涪陵区2023年青菜头种植面积是多少？"


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of a window that was started without a word on the model, but with no weights for it either."""
    monkeypatch.delenv("JUDIAN_LLM", raising=False)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "涪陵.md").write_text(REPORT, encoding="utf-8")
    (tmp_path / "models").mkdir()
    unpacked = read_settings().models / "multilingual-e5-small"
    (tmp_path / "models" / unpacked.name).symlink_to(unpacked)
    found = read_settings(reports=tmp_path / "reports", index=tmp_path / "kept" / "index", models=tmp_path / "models")
    build_index(found.reports, found.index, embedder)
    return found


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    opened = open_assistant(settings, window=True)
    yield opened
    opened.close()


def served(endpoint: FakeEndpoint, *, key: str = KEY, name: str = "fake") -> ModelChoice:
    return ModelChoice("endpoint", name, f"http://127.0.0.1:{endpoint.server_address[1]}/v1/", key)


def test_a_choice_answers_at_once_and_after_the_next_start(
    assistant: Assistant, settings: Settings, endpoint: FakeEndpoint
) -> None:
    assert assistant.ask(QUESTION).model == "none"
    assistant.choose_model(served(endpoint))
    answer = assistant.ask(QUESTION)
    assert (answer.model, answer.status) == ("fake", "answered")
    assert assistant.model_choice == ModelChoice("endpoint", "fake", served(endpoint).address.rstrip("/"))
    again = open_assistant(settings, window=True)
    assert again.model_name == "fake"
    assert again.settings.llm_api_key == KEY
    again.close()
    elsewhere = open_assistant(settings)  # a command is not the window
    assert elsewhere.model_name == "none"
    elsewhere.close()


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        (ModelChoice("endpoint", "fake", "http://127.0.0.1:{port}/v1", KEY), "连不上模型服务"),
        (ModelChoice("endpoint", "fake", "ftp://127.0.0.1/v1", KEY), "接口的地址不是网址"),
        (ModelChoice("endpoint", "fake", "qwen", KEY), "接口的地址不是网址"),
        (ModelChoice("endpoint", "fake", " ", KEY), "没有写接口的地址"),
        (ModelChoice("endpoint", "none", "http://127.0.0.1/v1", KEY), "没有写模型名"),
        (ModelChoice("endpoint", "fake", "http://127.0.0.1/v1", "密钥"), "密钥里有中文"),
        (ModelChoice("endpoint", "f" * 501, "http://127.0.0.1/v1", KEY), "不能超过 500 个字"),
        (ModelChoice("endpoint", "fake", "http://127.0.0.1/v1", "a\nb"), "控制字符"),
        (ModelChoice("embedded"), "judian model fetch"),
    ],
)
def test_what_cannot_answer_is_one_sentence_and_the_old_model_stays(
    assistant: Assistant, settings: Settings, endpoint: FakeEndpoint, choice: ModelChoice, said: str
) -> None:
    assistant.choose_model(served(endpoint))
    before = (settings.index.parent / FILE).read_bytes()
    closed = ModelChoice(choice.kind, choice.name, choice.address.format(port=free_port()), choice.key)
    with pytest.raises((SettingsError, EndpointError, WeightsError), match=said) as error:
        assistant.choose_model(closed)
    words = str(error.value)
    assert words.count("。") == 1
    assert words.endswith("。")
    assert "JUDIAN_" not in words
    assert KEY not in words
    assert (assistant.model_name, assistant.ask(QUESTION).model) == ("fake", "fake")
    assert (settings.index.parent / FILE).read_bytes() == before


def test_a_choice_that_cannot_be_kept_is_not_made(
    assistant: Assistant, settings: Settings, endpoint: FakeEndpoint
) -> None:
    (settings.index.parent / FILE).mkdir()
    with pytest.raises(SettingsError, match="存不下"):
        assistant.choose_model(served(endpoint))
    assert assistant.model_name == "none"


def test_a_key_goes_to_no_other_address(settings: Settings) -> None:
    here = settings_with(settings, ModelChoice("endpoint", "a", "https://one.example/v1", KEY))
    same = settings_with(here, ModelChoice("endpoint", "b", "https://one.example/v1/"))
    assert (same.llm, same.llm_api_key) == ("b", KEY)
    other = settings_with(here, ModelChoice("endpoint", "b", "https://one.example.evil/v1"))
    assert other.llm_api_key == ""
    assert settings_with(here, ModelChoice("none")).llm_api_key == ""


def test_the_key_is_in_no_repr_log_trace_or_conversation_and_in_a_file_of_ones_own(
    assistant: Assistant, settings: Settings, endpoint: FakeEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assistant.choose_model(served(endpoint))
        assistant.ask(QUESTION)
        endpoint.broken = True
        try:
            assistant.ask(QUESTION)
        finally:
            endpoint.broken = False
    shown = f"{caplog.text}{served(endpoint)}{assistant.settings}{assistant.model_choice.key}"
    assert KEY not in shown
    files = [path for path in settings.index.parent.rglob("*") if path.is_file()]
    holding = [path for path in files if KEY.encode() in path.read_bytes()]
    assert holding == [settings.index.parent / FILE]
    assert holding[0].stat().st_mode & 0o077 == 0


def test_what_the_environment_names_comes_first(settings: Settings, endpoint: FakeEndpoint) -> None:
    path = settings.index.parent / FILE
    path.write_text(json.dumps({"llm": "kept", "llm_base_url": "http://127.0.0.1/v1", "llm_api_key": ""}), "utf-8")
    assert kept(settings).llm == "kept"
    named = read_settings(reports=settings.reports, index=settings.index, llm="none")
    assert kept(named).llm == "none"
    for damaged in ("{", "[]", '{"llm": 1}', json.dumps({"llm": "", "llm_base_url": "", "llm_api_key": ""})):
        path.write_text(damaged, "utf-8")
        assert kept(settings) == settings


def test_the_window_calls_settings_by_its_own_names() -> None:
    assert in_the_window("请检查 JUDIAN_LLM 和 JUDIAN_LLM_BASE_URL。") == "请检查“模型名”和“地址”。"
    assert in_the_window("或调大 JUDIAN_LLM_TIMEOUT。") == "或调大 JUDIAN_LLM_TIMEOUT。"


def test_an_answer_under_way_keeps_its_model_open(settings: Settings) -> None:
    closed: list[str] = []
    first, second = (LoadedModel(None, name, _stop=partial(closed.append, name)) for name in ("甲", "乙"))
    engines = Engines(settings, first)
    with engines.use() as (_, model):
        engines.change(settings, second)
        assert (model.name, engines.model.name, closed) == ("甲", "乙", [])
    assert closed == ["甲"]
    engines.close()
    assert closed == ["甲", "乙"]


@pytest.mark.parametrize(
    ("user", "client", "may"), [("", "127.0.0.1", True), ("小李", "127.0.0.1", False), ("", "192.0.2.7", False)]
)
def test_only_who_sits_at_the_machine_may_change_the_model(
    assistant: Assistant, endpoint: FakeEndpoint, user: str, client: str, may: bool
) -> None:
    names = Parts.__dataclass_fields__
    parts: Any = SimpleNamespace(**{name: name for name in names})
    request: Any = SimpleNamespace(username=user, client=SimpleNamespace(host=client))
    section = _Section(Context(assistant), parts)
    assert section.load(request)["form"].visible is may
    choice = served(endpoint)
    shown: Any = section.choose("endpoint", choice.address, choice.name, KEY, request)
    assert (assistant.model_name == "fake") is may
    assert KEY not in str(shown)
    assert shown["key"] == ""
    assert ("管理员" in shown["said"]) is not may
