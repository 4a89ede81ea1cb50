"""The model that judges answers in an evaluation: any chat model, asked one plain question at a time."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.endpoint import explain_failure
from assistant.errors import EndpointError, SettingsError, WeightsError
from assistant.model import LoadedModel, load_model
from assistant.settings import Settings


class JudgeModel:
    """The model that `settings.judge` names; close it when done."""

    def __init__(self, settings: Settings, model: LoadedModel) -> None:
        self._settings = settings
        self._model = model

    @property
    def name(self) -> str:
        return self._model.name

    def ask(self, prompt: str) -> str:
        """The model's whole reply. Raises EndpointError."""
        assert self._model.chat is not None  # open_judge has seen to it
        try:
            return str(self._model.chat.invoke(prompt).text)
        except Exception as error:  # the clients below raise errors of their own kinds
            told = str(explain_failure(error, self._settings))
            raise EndpointError(_renamed(told)) from error

    def stream(self, prompt: str) -> Iterator[str]:
        """The model's reply as it is written. Raises EndpointError."""
        assert self._model.chat is not None
        try:
            for chunk in self._model.chat.stream(prompt):
                yield str(chunk.text)
        except Exception as error:
            told = str(explain_failure(error, self._settings))
            raise EndpointError(_renamed(told)) from error

    def close(self) -> None:
        """Shut down what was opened for it."""
        self._model.close()


def open_judge(settings: Settings) -> JudgeModel:
    """The judge, not contacted yet; where it has no address of its own, the answering model's and its key are used.

    Raises SettingsError (no judge is named, or no address) and WeightsError (no embedded weights).
    """
    if settings.judge in ("", "none"):
        raise SettingsError("没有指定评判模型：请设置 JUDIAN_JUDGE 为模型名，或 embedded。")
    own = bool(settings.judge_base_url)
    as_model = settings.model_copy(
        update={
            "llm": settings.judge,
            "llm_base_url": settings.judge_base_url if own else settings.llm_base_url,
            "llm_api_key": settings.judge_api_key if own else settings.judge_api_key or settings.llm_api_key,
        }
    )
    try:
        model = load_model(as_model)
    except SettingsError as error:
        raise SettingsError(_renamed(str(error))) from error
    if model.chat is None:
        raise WeightsError(f"评判模型用不了：{model.notice}")
    return JudgeModel(as_model, model)


def _renamed(told: str) -> str:
    """The advice of the answering model's errors, for the judge's settings."""
    return told.replace("JUDIAN_LLM", "JUDIAN_JUDGE").replace("JUDIAN_JUDGE_TIMEOUT", "JUDIAN_LLM_TIMEOUT")
