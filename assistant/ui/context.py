"""What every page of the window gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from assistant import Assistant


def user_of(request: gr.Request) -> str:
    """The name with which the visitor logged in; "" where the chat asks for no login."""
    return str(getattr(request, "username", None) or "")


@dataclass(frozen=True, slots=True)
class Context:
    """`evaluation` is what `judian chat` passes in, None where there is none; `who` names a request's user."""

    assistant: Assistant
    evaluation: Any = None
    who: Callable[[gr.Request], str] = user_of
