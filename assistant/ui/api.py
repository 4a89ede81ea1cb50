"""Three ways for programs to the same endpoints: plain HTTP (/api/…), Gradio's client, and MCP tools (`--mcp`)."""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr
from gradio.events import api
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from assistant import Assistant, IndexMissingError, InputError, JudianError
from assistant.ui.context import Context
from assistant.ui.endpoints import BusyError, Endpoints

_LONGEST_BODY = 1_000_000  # bytes
_MCP = "/gradio_api/mcp"
_UNEXPECTED = "出了意外的错误：请再试一次；若仍不行，请把终端里的记录交给维护者。"
_log = logging.getLogger(__name__)

Endpoint = Callable[..., dict[str, Any]]


def add_endpoints(context: Context) -> None:
    """Adds the endpoints to the open Blocks, for Gradio's client and for MCP."""
    for endpoint in _each(context.assistant):
        described = (inspect.getdoc(endpoint) or "").partition("\n")[0]
        api(_saying(endpoint), api_name=endpoint.__name__, api_description=described, queue=False)


def api_routes(assistant: Assistant) -> list[Route]:
    """The same over plain HTTP: a JSON object in, the result or {"error": sentence} out."""
    return [Route(f"/api/{one.__name__}", _answering(one), methods=["GET", "POST"]) for one in _each(assistant)]


def _each(assistant: Assistant) -> tuple[Endpoint, ...]:
    endpoints = Endpoints(assistant)
    return endpoints.ask, endpoints.search, endpoints.reports


class _SaidError(gr.Error):
    """One Chinese sentence for the caller, as it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, title="请求没有完成", print_exception=False)

    def __str__(self) -> str:
        return str(self.message)


def _saying(endpoint: Endpoint) -> Callable[..., Any]:
    """The endpoint for Gradio: it passes the sentence of an error on, and gives an MCP client JSON.

    Without that Gradio would give such a client what Python prints of a dictionary.
    """

    @wraps(endpoint)
    def said(request: gr.Request, *args: Any) -> Any:
        try:
            found = endpoint(*args)
        except JudianError as error:
            raise _SaidError(str(error)) from error
        except Exception as error:
            _log.exception("a call of the API failed")
            raise _SaidError(_UNEXPECTED) from error
        return json.dumps(found, ensure_ascii=False) if request.url.path.startswith(_MCP) else found

    own = inspect.signature(endpoint, eval_str=True)
    first = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
    said.__dict__["__signature__"] = own.replace(parameters=[first, *own.parameters.values()])
    said.__annotations__ = {**inspect.get_annotations(endpoint, eval_str=True), "request": gr.Request}
    return said


def _answering(endpoint: Endpoint) -> Callable[[Request], Any]:
    known = {name: value.default is value.empty for name, value in inspect.signature(endpoint).parameters.items()}

    async def answer(request: Request) -> Response:
        try:
            values = await _values(request, known)
            return JSONResponse(await run_in_threadpool(lambda: endpoint(**values)))
        except BusyError as error:
            return JSONResponse({"error": str(error)}, 503, {"retry-after": "5"})
        except InputError as error:
            return JSONResponse({"error": str(error)}, 400)
        except IndexMissingError as error:  # until somebody adds the first reports
            return JSONResponse({"error": str(error)}, 503)
        except JudianError as error:
            return JSONResponse({"error": str(error)}, 500)
        except Exception:
            _log.exception("a call of the API failed")
            return JSONResponse({"error": _UNEXPECTED}, 500)

    return answer


async def _values(request: Request, known: dict[str, bool]) -> dict[str, Any]:
    """The object in a request's body; `known` tells of each name whether it is required. Raises InputError."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_BODY:
            raise InputError(f"请求超过 {_LONGEST_BODY // 1000} KB：请缩短后再试。")
    try:
        values = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise InputError("请求的正文不是 JSON：请写成 {“名称”: 值} 的形式，用 UTF-8 编码。") from error
    if not isinstance(values, dict):
        raise InputError("请求的正文不是 JSON 对象：请写成 {“名称”: 值} 的形式。")
    if unknown := sorted(values.keys() - known.keys()):
        names = "、".join(known) or "没有"
        raise InputError(f"不认得参数 {unknown[0][:50]!a}：可以用的参数是：{names}。")
    if lacking := [name for name, required in known.items() if required and name not in values]:
        raise InputError(f"请求里缺少参数 {lacking[0]}：请用 POST 发送 JSON 对象，写明它的值。")
    return values
