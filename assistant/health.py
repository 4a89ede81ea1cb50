"""How an assistant is, without asking it anything: can its index be read, is its model there.

It tells states, no sentences: whoever may not log in may see them.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException
from typing import Literal
from urllib.error import HTTPError

from assistant.endpoint import is_loopback, public_url
from index import Index, JudianError

IndexState = Literal["ok", "empty", "fail"]
ModelState = Literal["ok", "none", "loading", "fail"]
_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Health:
    """`index`: passages and texts; `vectors`: what Chroma holds, in files or on a server. "empty" waits for reports.

    `model`: "none" where reports are quoted only, because it is set so or the weights are missing; "fail" where its
    process or its endpoint is gone, and reports are quoted until it is back.
    """

    index: IndexState
    vectors: IndexState
    model: ModelState
    version: str = ""


def index_health(find: Callable[[], Index | None], model: ModelState) -> Health:
    """Reads one passage and its vector of the index that `find` opens."""
    try:
        index = find()
        if index is None:
            return Health("empty", "empty", model)
        passage = next(index.each_passage(), None)
    except (JudianError, OSError):
        return Health("fail", "fail", model)
    try:
        index.vectors([passage.id] if passage else [])
    except (JudianError, OSError):
        return Health("ok", "fail", model, index.version)
    return Health("ok", "ok", model, index.version)


def endpoint_health(url: str) -> ModelState:
    """Whether a service answers at `url`, whatever it says to a caller without a key."""
    with suppress(OSError, ValueError, HTTPException):
        url = public_url(url)
        proxies = urllib.request.ProxyHandler({} if is_loopback(url) else None)
        try:
            urllib.request.build_opener(proxies).open(f"{url}/models", timeout=_SECONDS).close()
        except HTTPError as error:
            error.close()
            return "ok" if error.code < 500 else "fail"
        return "ok"
    return "fail"
