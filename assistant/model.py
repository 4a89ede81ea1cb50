"""The chat model: the embedded one, or any endpoint that speaks OpenAI's protocol; one client for both."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr, SecretStr

from assistant.embedded import ModelProcess
from assistant.endpoint import check_endpoint, explain_failure, is_loopback, require_base_url
from assistant.errors import WeightsError
from assistant.health import ModelState, endpoint_health
from assistant.settings import Settings
from assistant.weights import QWEN, weights_status

if TYPE_CHECKING:
    from httpx2 import Response

__all__ = ["LoadedModel", "check_endpoint", "explain_failure", "load_model", "start_model"]

_EMBEDDED_MAX_TOKENS = 300
# A model behind an endpoint may think before it writes, and what it thinks counts.
_ENDPOINT_MAX_TOKENS = 2048
# Of silence alone: a slow machine reads a prompt for minutes, and a second question waits for the first on the one
# slot. While words come it is at work and the user sees it; only one that hangs must not be waited for forever.
_EMBEDDED_TIMEOUT = 600.0
_LONGEST_PAUSE = 5  # seconds that a busy service may ask for before it is tried again

_T = TypeVar("_T")
_starting = threading.Lock()


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
    _state: Callable[[], ModelState] = field(default=lambda: "none", repr=False, compare=False)

    def wait(self) -> None:
        """Return when the embedded model has loaded. Raises WeightsError where it cannot be."""
        self._wait()

    @property
    def state(self) -> ModelState:
        """Whether it is there, without asking it anything; of an endpoint, this takes a connection."""
        return self._state()

    def for_one_answer(self) -> LoadedModel:
        """The same for the calls of one answer, which share the time limit of an endpoint."""
        return replace(self, chat=self.chat.for_one_answer()) if isinstance(self.chat, LateChat) else self

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
        connect=lambda url: _connect(name, url, process.key, _EMBEDDED_MAX_TOKENS),
        seconds=_EMBEDDED_TIMEOUT,
        renewed=True,
    )

    def stop() -> None:
        chat.close()
        process.close()

    return LoadedModel(chat, name, _wait=process.address, _stop=stop, _state=lambda: process.state)


def _load_endpoint(settings: Settings) -> LoadedModel:
    url = require_base_url(settings)
    chat = LateChat(
        url=lambda: url,
        connect=lambda url: _connect(settings.llm, url, settings.llm_api_key, _ENDPOINT_MAX_TOKENS),
        seconds=settings.llm_timeout,
    )
    return LoadedModel(chat, settings.llm, _stop=chat.close, _state=lambda: endpoint_health(url))


class _Client(NamedTuple):
    """A chat model over HTTP, and what closes its connections."""

    chat: BaseChatModel
    close: Callable[[], None]


class LateChat(BaseChatModel):
    """A chat model over HTTP that is connected at its first question: the libraries for it take seconds to import.

    `url` tells its address, which may change from one question to the next; `connect` makes the client of an address.
    A reply has to end within `seconds`, or, if that is `renewed`, to go on within them; else TimeoutError is raised.
    """

    url: Callable[[], str] = Field(repr=False)
    connect: Callable[[str], _Client] = Field(repr=False)
    seconds: float
    renewed: bool = False
    _left: float | None = PrivateAttr(default=None)
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

    def for_one_answer(self) -> LateChat:
        """The same with the same connections; unless `renewed`, all its calls together have the `seconds` of one."""
        one = self.model_copy()
        one._left = None if self.renewed else self.seconds
        return one

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

    def _stream(
        self, messages: list[BaseMessage], stop: list[str] | None = None, run_manager: Any = None, **options: Any
    ) -> Iterator[ChatGenerationChunk]:
        reply = self.client._astream(messages, stop=stop, **options)  # which takes a manager of another kind
        since = time.monotonic()
        try:
            yield from _timed(reply, self.seconds if self._left is None else self._left, renewed=self.renewed)
        finally:
            if self._left is not None:
                self._left -= time.monotonic() - since


def _timed(reply: AsyncIterator[_T], seconds: float, *, renewed: bool) -> Iterator[_T]:
    """What `reply` gives, up to the time limit; closing it ends the reply. Raises TimeoutError and what `reply` raises.

    The limits of httpx are for each wait by itself: they never end a service that drips, sends signs of life, or is
    tried again. asyncio ends whatever is waited for, and the connection with it.
    """
    told: SimpleQueue[_T | Exception | None] = SimpleQueue()

    async def read() -> None:
        try:
            async with asyncio.timeout(seconds) as limit:
                async for piece in reply:
                    told.put(piece)
                    if renewed:
                        limit.reschedule(asyncio.get_running_loop().time() + seconds)
            told.put(None)
        except Exception as error:  # for the thread that waits
            told.put(error)

    reading = asyncio.run_coroutine_threadsafe(read(), _loop())
    try:
        while (piece := told.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        reading.cancel()


def _loop() -> asyncio.AbstractEventLoop:
    """The event loop that all replies are read in; its thread ends with the program."""
    with _starting:  # two first questions at once must not get two: connections belong to one
        return _started_loop()


@cache
def _started_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="replies", daemon=True).start()
    return loop


def _connect(name: str, url: str, key: str, max_tokens: int) -> _Client:
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

    proxies = not is_loopback(url)
    http = DefaultAsyncHttpxClient(trust_env=proxies, event_hooks={"response": [_refuse_long_pause]})
    chat = ChatOpenAI(
        model=name,
        base_url=url,
        api_key=SecretStr(key or "none"),  # Ollama and vLLM ask for none, the client insists on one
        temperature=0,
        # ChatOpenAI renames max_tokens to max_completion_tokens, which DeepSeek and others do not know.
        extra_body={"max_tokens": max_tokens},
        # Of LateChat alone: what times out here would be tried again.
        timeout=None,
        stream_chunk_timeout=None,
        max_retries=2,
        streaming=True,
        http_socket_options=(),  # the clients below are complete; this keeps langchain-openai from warning
        http_client=DefaultHttpxClient(trust_env=proxies),
        http_async_client=http,
    )
    return _Client(chat, lambda: asyncio.run_coroutine_threadsafe(http.aclose(), _loop()).result())


async def _refuse_long_pause(response: Response) -> None:
    """Tell the client not to try again where the service asks for a long pause, through which it would sleep."""
    pause = response.headers.get("retry-after", "0")
    if not pause.isdigit() or int(pause) > _LONGEST_PAUSE:
        response.headers["x-should-retry"] = "false"
