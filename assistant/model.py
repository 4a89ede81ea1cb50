"""The chat model: the embedded one, or any endpoint that speaks OpenAI's protocol; one client for both.

The embedded model is llama.cpp inside this process, served on a free loopback port behind a random key.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.language_models import BaseChatModel

from assistant.endpoint import check_endpoint, explain_failure, is_loopback, require_base_url
from assistant.errors import WeightsError
from assistant.settings import Settings
from assistant.weights import QWEN, weights_status

if TYPE_CHECKING:
    import xllamacpp

__all__ = ["LoadedModel", "check_endpoint", "explain_failure", "load_model"]

_CONTEXT_TOKENS = 4096
_PROMPT_CACHE_MIB = 256
_EMBEDDED_MAX_TOKENS = 300
# A model behind an endpoint may think before it writes, and what it thinks counts.
_ENDPOINT_MAX_TOKENS = 2048
# A second question waits for the first on the one slot of the embedded server.
_EMBEDDED_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A chat model ready to answer, or None and why; close it when done.

    `name` is what answers are signed with; `notice` is "" or one Chinese sentence: what is missing and how
    to get it.
    """

    chat: BaseChatModel | None
    name: str
    notice: str = ""
    _stop: Callable[[], None] = field(default=lambda: None, repr=False, compare=False)

    def close(self) -> None:
        """Shut the embedded server down. May be called twice."""
        self._stop()

    def __enter__(self) -> LoadedModel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load_model(settings: Settings) -> LoadedModel:
    """The model that `settings.llm` names; an endpoint is not contacted yet.

    Raises SettingsError (no base URL) and WeightsError (a damaged file); absent weights: no `chat`.
    """
    if settings.llm == "none":
        return LoadedModel(None, "none", "没有启用语言模型（JUDIAN_LLM=none）：只摘引原文，不撰写答案。")
    if settings.llm == "embedded":
        return _load_embedded(settings.models)
    return _load_endpoint(settings)


def _load_embedded(models: Path) -> LoadedModel:
    status = weights_status(models)
    if not status.present:
        notice = f"{status.problem}：现在只摘引原文，不撰写答案。运行 judian model fetch 可以下载（约 1.1 GB）。"
        return LoadedModel(None, "none", notice)
    if not status.complete:
        raise WeightsError(f"{status.problem}：请运行 judian model fetch 重新下载。")
    name = QWEN.file.removesuffix(".gguf")
    key = secrets.token_urlsafe(24)
    server = _start_server(status.path, name, key)
    chat, close_client = _client(
        name,
        base_url=f"{server.listening_address}/v1",
        key=key,
        timeout=_EMBEDDED_TIMEOUT,
        max_tokens=_EMBEDDED_MAX_TOKENS,
    )
    running = [server]
    del server

    def stop() -> None:
        close_client()
        running.clear()  # the server stops when the last reference to it goes

    return LoadedModel(chat, name, _stop=stop)


def _start_server(path: Path, name: str, key: str) -> xllamacpp.Server:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]  # other programs and web pages on this machine can reach the port
    params.cors_origins = ""
    params.ui = False
    params.offline = True
    params.verbosity = 0
    params.n_ctx = _CONTEXT_TOKENS
    params.n_parallel = 1
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    threads = usable_cores()
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    try:
        return xllamacpp.Server(params)
    except Exception as error:  # the binding raises bare RuntimeError and worse
        raise WeightsError(
            f"内置模型加载失败（{path}）：请确认有 2 GB 以上的空闲内存，或设置 JUDIAN_LLM=none 只摘引原文。"
        ) from error


def usable_cores() -> int:
    """Physical cores that this process may use: the second thread of a core only slows llama.cpp down."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, os.cpu_count() or 1)
    cpus = os.sched_getaffinity(0)
    siblings = (Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") for cpu in cpus)
    try:
        return max(1, len({path.read_text(encoding="ascii") for path in siblings}))
    except OSError:
        return len(cpus)


def _load_endpoint(settings: Settings) -> LoadedModel:
    chat, close_client = _client(
        settings.llm,
        base_url=require_base_url(settings),
        key=settings.llm_api_key,
        timeout=settings.llm_timeout,
        max_tokens=_ENDPOINT_MAX_TOKENS,
    )
    return LoadedModel(chat, settings.llm, _stop=close_client)


def _client(
    name: str, *, base_url: str, key: str, timeout: float, max_tokens: int
) -> tuple[BaseChatModel, Callable[[], None]]:
    """A chat model over HTTP, and what closes its connections."""
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient, DefaultHttpxClient
    from pydantic import SecretStr

    proxies = not is_loopback(base_url)
    http = DefaultHttpxClient(trust_env=proxies)
    chat = ChatOpenAI(
        model=name,
        base_url=base_url,
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
    return chat, http.close
