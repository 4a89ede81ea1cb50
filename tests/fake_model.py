"""The one fake in the tests: a chat model that says what it was told to and remembers what it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field


class FakeModel(BaseChatModel):
    """Gives out `replies` in order, raising those that are exceptions; `history` holds every prompt it got.

    A call more than there are replies is an error of the test.
    """

    replies: list[str | Exception] = Field(default_factory=list)
    history: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "fake"

    def say(self, *replies: str | Exception) -> None:
        """Queue more replies."""
        self.replies.extend(replies)

    def _next(self, messages: Sequence[BaseMessage]) -> str:
        self.history.append(list(messages))
        if not self.replies:
            pytest.fail("FakeModel was asked once more than it has replies")  # no Exception: nothing may catch it
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self._next(messages)))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        reply = self._next(messages)
        for start in range(0, len(reply), 4):
            yield ChatGenerationChunk(message=AIMessageChunk(content=reply[start : start + 4]))
