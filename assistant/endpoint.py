"""An endpoint that speaks OpenAI's protocol: how to reach it, whether it serves, and what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant import loopback
from assistant.errors import EndpointError, SettingsError, WeightsError
from assistant.settings import Settings, is_address

if TYPE_CHECKING:
    import openai

_CHECK_SECONDS = 15.0


def require_base_url(settings: Settings) -> str:
    """The base URL of `settings.llm`. Raises SettingsError."""
    url = settings.llm_base_url.rstrip("/")
    if not url:
        raise SettingsError(
            f"JUDIAN_LLM 指定了模型 {settings.llm}，却没有服务地址："
            "请设置 JUDIAN_LLM_BASE_URL（例如 http://127.0.0.1:11434/v1），"
            "或把 JUDIAN_LLM 改为 embedded 或 none。"
        )
    if not is_address(url):
        raise SettingsError("JUDIAN_LLM_BASE_URL 的值不是网址：它应以 http:// 或 https:// 开头，不带参数。")
    return url


def is_loopback(url: str) -> bool:
    """True if `url` stays on this machine: such a request must never go through a proxy."""
    return loopback.is_loopback(urlsplit(url).hostname or "")


def check_endpoint(settings: Settings) -> None:
    """Ask the configured endpoint whether it serves the model; nothing to do for `embedded` and `none`.

    The list of models costs nothing; only a model that is not on it is tried with one token.
    Raises EndpointError and SettingsError.
    """
    if settings.llm in {"embedded", "none"}:
        return
    import openai

    url = require_base_url(settings)
    client = openai.OpenAI(
        base_url=url,
        api_key=settings.llm_api_key or "none",
        timeout=min(_CHECK_SECONDS, settings.llm_timeout),
        max_retries=0,
        http_client=openai.DefaultHttpxClient(trust_env=not is_loopback(url)),
    )
    with client:
        try:
            if settings.llm not in _served(client):
                patient = client.with_options(timeout=settings.llm_timeout)
                hello: Any = [{"role": "user", "content": "你好"}]
                patient.chat.completions.create(model=settings.llm, messages=hello, max_tokens=1)
        except Exception as error:
            raise explain_failure(error, settings) from error


def _served(client: openai.OpenAI) -> frozenset[str]:
    """Ids of the models on offer; empty where the endpoint keeps no list."""
    import openai

    try:
        return frozenset(model.id for model in client.models.list())
    except openai.APIStatusError as error:
        if error.status_code in {404, 405, 501}:
            return frozenset()
        raise


def explain_failure(error: Exception, settings: Settings) -> EndpointError:
    """What a failed call of the chat model means for the user, and which setting to change."""
    import httpx2
    import openai

    if settings.llm == "embedded":
        return EndpointError(str(error)) if isinstance(error, WeightsError) else _explain_embedded(error)
    where = f"模型服务 {public_url(settings.llm_base_url)}"
    if isinstance(error, openai.APIStatusError):
        return EndpointError(_explain_status(error, where, settings.llm))
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException | TimeoutError):
        return EndpointError(
            f"{where} 在 {settings.llm_timeout:g} 秒内没有回答：请稍后重试，或调大 JUDIAN_LLM_TIMEOUT。"
        )
    broken_off = httpx2.ReadError | httpx2.RemoteProtocolError | httpx2.StreamError
    if any(isinstance(cause, broken_off) for cause in _causes(error)):
        return EndpointError(f"{where} 在回答的中途断开了连接：请重试，或查看该服务的日志。")
    if isinstance(error, openai.APIConnectionError | httpx2.TransportError):
        return EndpointError(f"连不上{where}：请确认服务已经启动、网络可用，并检查 JUDIAN_LLM_BASE_URL。")
    return EndpointError(
        f"{where} 的回答无法读懂（{type(error).__name__}）："
        "请确认 JUDIAN_LLM_BASE_URL 指向与 OpenAI 兼容的接口（多以 /v1 结尾）。"
    )


def _explain_status(error: openai.APIStatusError, where: str, model: str) -> str:
    status = error.status_code
    if status in {401, 403}:
        return f"{where} 拒绝了密钥（{status}）：请检查 JUDIAN_LLM_API_KEY。"
    if status == 402:
        return f"{where} 的账户余额不足（402）：请充值，或换用别的 JUDIAN_LLM。"
    if status == 404:
        return f"{where} 没有名为 {model} 的模型，或地址不对（404）：请检查 JUDIAN_LLM 和 JUDIAN_LLM_BASE_URL。"
    if status == 429:
        return f"{where} 限制了请求的频率或额度（429）：请稍后重试，或检查 JUDIAN_LLM_API_KEY 所属账户的额度。"
    if status in {400, 413, 422}:
        said = str(error).lower()
        if "context" in said or "too long" in said or "maximum" in said or status == 413:
            what = f"问题和摘录超出了{where} 上 {model} 的上下文长度（{status}）"
            return f"{what}：请缩短问题，或换用别的 JUDIAN_LLM。"
        return f"{where} 不接受这个请求（{status}）：请检查 JUDIAN_LLM 的模型名 {model} 是否是对话模型。"
    return f"{where} 出错（{status}）：请稍后重试，或查看该服务的日志。"


def _explain_embedded(error: Exception) -> EndpointError:
    import openai

    if isinstance(error, openai.BadRequestError):
        return EndpointError("问题和摘录超出了内置模型的上下文长度：请缩短问题后重试。")
    return EndpointError(
        f"内置模型没有答完（{type(error).__name__}）：请重试；若仍出错，请重新启动，或设置 JUDIAN_LLM=none 只摘引原文。"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from: each library on the way wraps it once more."""
    while error is not None:
        yield error
        error = error.__cause__


def public_url(url: str) -> str:
    """`url` without what may be secret: user name and password, and parameters."""
    parts = urlsplit(url.rstrip("/"))
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
