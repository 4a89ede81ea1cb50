"""What one browser tab has said, and a question's way through it."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from assistant import Answer, Assistant, Event, JudianError, Progress, Token
from assistant.ui.pace import paced

LONGEST_QUESTION = 3000  # characters
UPDATES_EVERY = 0.125  # seconds; a page that is updated faster than it draws breaks (gradio#7970)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it: an answer, a sentence that says why there is none, or nothing yet."""

    question: str
    answer: Answer | None = None
    error: str = ""
    stopped: bool = False

    @property
    def pending(self) -> bool:
        return self.answer is None and not self.error and not self.stopped


Turns = tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What happens at this moment. `stage` is that of the last Progress; `text` has not been verified."""

    stage: str = ""
    seconds: float = 0.0
    text: str = ""


class Conversation:
    """The turns of one browser tab: the one thing in the window that changes.

    An answer under way ends as soon as `turns` is no longer the tuple that it began with, so stopping and
    clearing hold even when the browser's own cancelling comes too late.
    """

    def __init__(self) -> None:
        self.turns: Turns = ()
        self._answering: Turns | None = None

    @property
    def busy(self) -> bool:
        return bool(self.turns) and self.turns[-1].pending

    def ask(self, question: str) -> bool:
        """Add the question as a pending turn; False if it is blank or an answer is still awaited."""
        question = question.strip()
        if not question or self.busy:
            return False
        turn = Turn(question)
        if len(question) > LONGEST_QUESTION:
            error = f"问题有 {len(question)} 字，超过了 {LONGEST_QUESTION} 字的上限：请缩短后再问。"
            turn = Turn(question[:200] + "……", error=error)
        self.turns = (*self.turns, turn)
        return True

    def stop(self) -> None:
        """Mark the pending turn as stopped."""
        if self.busy:
            self.turns = (*self.turns[:-1], replace(self.turns[-1], stopped=True))

    def clear(self) -> None:
        self.turns = ()

    def respond(self, assistant: Assistant) -> Iterator[Draft]:
        """Drafts at a steady pace until the pending turn is answered, has failed or was stopped.

        Nothing if no turn is pending or its answer is already under way. Raises nothing.
        """
        turns = self.turns
        if not self.busy or self._answering is turns:
            return
        self._answering = turns
        with closing(_answer(assistant, turns)) as steps:
            for step in steps:
                if self.turns is not turns:
                    return
                if isinstance(step, Turn):
                    self.turns = (*turns[:-1], step)
                    return
                yield step


def _answer(assistant: Assistant, turns: Turns) -> Generator[Draft | Turn, None, None]:
    """Drafts, then the last of `turns` finished."""
    turn = turns[-1]
    history = tuple(earlier.question for earlier in turns[:-1] if earlier.answer is not None)
    draft, started = Draft(), time.monotonic()
    try:
        with closing(paced(assistant.stream(turn.question, history=history), seconds=UPDATES_EVERY)) as batches:
            for batch in batches:
                for event in batch:
                    if isinstance(event, Answer):
                        yield replace(turn, answer=event)
                    draft = _advance(draft, event)
                yield replace(draft, seconds=time.monotonic() - started)
        yield replace(turn, error="这一次没有得到回答：请再问一次。")
    except JudianError as error:
        yield replace(turn, error=str(error))
    except Exception:
        _log.exception("a question failed")
        yield replace(turn, error="回答时出了意外的错误：请再问一次；若仍不行，请把终端里的记录交给维护者。")


def _advance(draft: Draft, event: Event) -> Draft:
    if isinstance(event, Progress):
        return replace(draft, stage=event.stage)
    if isinstance(event, Token):
        return replace(draft, text=draft.text + event.text)
    return draft
