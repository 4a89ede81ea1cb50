"""The chat model: the embedded one, or any endpoint that speaks OpenAI's protocol; one client for both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr, SecretStr

from assistant.embedded import ModelProcess
from assistant.endpoint import check_endpoint, explain_failure, is_loopback, require_base_url
from assistant.errors import WeightsError
from assistant.settings import Settings
from assistant.weights import QWEN, weights_status

__all__ = ["LoadedModel", "check_endpoint", "explain_failure", "load_model", "start_model"]

_EMBEDDED_MAX_TOKENS = 300
# A model behind an endpoint may think before it writes, and what it thinks counts.
_ENDPOINT_MAX_TOKENS = 2048
# A second question waits for the first on the one slot of the embedded server.
_EMBEDDED_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A chat model, or None and why; close it when done.

    `name` is what answers are signed with; `notice` is "" or one Chinese sentence: what is missing and how
    to get it.
    """

    chat: BaseChatModel | None
    name: str
    notice: str = ""
    _stop: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)
    _wait: Callable[[], object] = field(default=lambda: None, repr=False, compare=False)

    def wait(self) -> None:
        """Return when the embedded model has loaded. Raises WeightsError where it cannot be."""
        self._wait()

    def close(self) -> None:
        """End the embedded model's process. May be called twice."""
        self._stop()

    def __enter__(self) -> LoadedModel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load_model(settings: Settings) -> LoadedModel:
    """The model that `settings.llm` names, ready to answer; an endpoint is not contacted yet.

    Raises SettingsError (no base URL) and WeightsError (a damaged file); absent weights: no `chat`.
    """
    model = start_model(settings)
    try:
        model.wait()
    except BaseException:
        model.close()
        raise
    return model


def start_model(settings: Settings) -> LoadedModel:
    """The same while the embedded one still loads: `wait` for it, or its first answer does. Raises as `load_model`."""
    if settings.llm == "none":
        return LoadedModel(None, "none", "没有启用语言模型（JUDIAN_LLM=none）：只摘引原文，不撰写答案。")
    if settings.llm == "embedded":
        return _start_embedded(settings.models)
    return _load_endpoint(settings)


def _start_embedded(models: Path) -> LoadedModel:
    status = weights_status(models)
    if not status.present:
        notice = f"{status.problem}：现在只摘引原文，不撰写答案。运行 judian model fetch 可以下载（约 1.1 GB）。"
        return LoadedModel(None, "none", notice)
    if not status.complete:
        raise WeightsError(f"{status.problem}：请运行 judian model fetch 重新下载。")
    name = QWEN.file.removesuffix(".gguf")
    process = ModelProcess(status.path, name)
    chat = LateChat(
        url=lambda: f"{process.address()}/v1",
        connect=lambda url: _connect(name, url, process.key, _EMBEDDED_TIMEOUT, _EMBEDDED_MAX_TOKENS),
    )

    def stop() -> None:
        chat.close()
        process.close()

    return LoadedModel(chat, name, _wait=process.address, _stop=stop)


def _load_endpoint(settings: Settings) -> LoadedModel:
    url = require_base_url(settings)
    name, key, seconds = settings.llm, settings.llm_api_key, settings.llm_timeout
    chat = LateChat(url=lambda: url, connect=lambda url: _connect(name, url, key, seconds, _ENDPOINT_MAX_TOKENS))
    return LoadedModel(chat, name, _stop=chat.close)


class _Client(NamedTuple):
    """A chat model over HTTP, and what closes its connections."""

    chat: BaseChatModel
    close: Callable[[], None]


class LateChat(BaseChatModel):
    """A chat model over HTTP that is connected at its first question: the libraries for it take seconds to import.

    `url` tells its address, which may change from one question to the next; `connect` makes the client of an address.
    """

    url: Callable[[], str] = Field(repr=False)
    connect: Callable[[str], _Client] = Field(repr=False)
    _clients: dict[str, _Client] = PrivateAttr(default_factory=dict)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @property
    def client(self) -> BaseChatModel:
        """The client of the present address. Raises WeightsError where the embedded model cannot be loaded."""
        url = self.url()
        with self._lock:
            if url not in self._clients:
                self._clients[url] = self.connect(url)
            return self._clients[url].chat

    def close(self) -> None:
        """Close the connections. May be called twice."""
        with self._lock:
            for client in self._clients.values():
                client.close()

    @property
    def _llm_type(self) -> str:
        return "openai-chat"

    def _generate(self, *args: Any, **options: Any) -> ChatResult:
        return generate_from_stream(self._stream(*args, **options))

    def _stream(self, *args: Any, **options: Any) -> Iterator[ChatGenerationChunk]:
        yield from self.client._stream(*args, **options)


def _connect(name: str, url: str, key: str, timeout: float, max_tokens: int) -> _Client:
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

    proxies = not is_loopback(url)
    http = DefaultHttpxClient(trust_env=proxies)
    chat = ChatOpenAI(
        model=name,
        base_url=url,
        api_key=SecretStr(key or "none"),  # Ollama and vLLM ask for none, the client insists on one
        temperature=0,
        # ChatOpenAI renames max_tokens to max_completion_tokens, which DeepSeek and others do not know.
        extra_body={"max_tokens": max_tokens},
        timeout=timeout,
        max_retries=2,
        streaming=True,
        http_socket_options=(),  # the clients below are complete; this keeps langchain-openai from warning
        http_client=http,
        http_async_client=DefaultAsyncHttpxClient(trust_env=proxies),
    )
    return _Client(chat, http.close)
