"""Conversations that are going on: questions queued and answered in the background, whoever looks on.

An answer belongs to its conversation, not to the browser page that asked: a page that is reloaded, or that turns to
another conversation, finds it when it comes back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2s
from itertools import takewhile
from typing import Any, Literal

from assistant.conversations import Conversation, ConversationStore, Turn, Turns, new_key
from assistant.errors import InputError
from assistant.export import to_markdown, to_word
from assistant.feedback import Feedback, Vote, append_feedback
from assistant.followups import follow_ups
from assistant.schema import Answer, Event, Progress, Token
from assistant.scope import EVERYWHERE, Scope
from assistant.screen import storable
from assistant.service import Assistant
from assistant.waiting import Line
from index import JudianError

LONGEST_QUESTION = 3000  # characters
LONGEST_WAITING = 20  # questions of one conversation
LONGEST_LINE = 100  # questions of all conversations
_KEEP = 200  # conversations in memory

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What happens at this moment to the question `key`: "" while it waits for its turn, `ahead` others before it.

    `stage` is that of the last Progress; `text` has not been verified; `since` is a time.monotonic().
    """

    key: str = ""
    stage: str = ""
    since: float = 0.0
    text: str = ""
    ahead: int = 0


class Talk:
    """One live conversation. Safe to share between threads; `turns` and `draft` are replaced, never changed.

    `turns` are `kept`, those on disk, but for the sentences that tell what could not be written there.
    """

    def __init__(self, user: str, id: str, turns: Turns) -> None:
        self.user = user
        self.id = id
        self.turns = self.kept = turns
        self.draft = Draft()
        self.lock = threading.RLock()
        self.gone = False
        self.working = False

    @property
    def mark(self) -> str:
        """Another word after each change of a turn."""
        return blake2s("".join(turn.stamp for turn in self.turns).encode(), digest_size=8).hexdigest()

    @property
    def busy(self) -> bool:
        """Whether a question still waits for its answer."""
        return any(turn.pending for turn in self.turns)

    def turn(self, key: str) -> Turn | None:
        return next((turn for turn in self.turns if turn.key == key), None)


class Talks:
    """The conversations of all users over one assistant.

    At most `at_once` questions are answered at a time, in the order of their coming; while `longest` wait, another
    is refused with a sentence.
    """

    def __init__(
        self, assistant: Assistant, store: ConversationStore, *, at_once: int = 2, longest: int = LONGEST_LINE
    ) -> None:
        self._assistant = assistant
        self._store = store
        self._line = Line(at_once, longest=longest)
        self._live: OrderedDict[tuple[str, str], Talk] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, user: str, id: str) -> Talk:
        """The user's conversation `id`; an empty new one where there is none. Raises InputError.

        A page may name a new one itself (`ConversationStore.free`), so that a question sent right after reaches it.
        What the end of a process cut off there goes on.
        """
        with self._lock:
            talk = self._live.get((user, id)) if id else None
            if talk is None:
                turns = self._store.load(user, id) if id else None
                known = turns is not None or self._store.free(id)
                talk = Talk(user, id if known else new_key(), turns or ())
                self._live[user, talk.id] = talk
                self._resume(talk)
            self._live.move_to_end((user, talk.id))
            for old in [key for key, one in self._live.items() if not one.busy][: max(0, len(self._live) - _KEEP)]:
                del self._live[old]
            return talk

    def mark(self, user: str, id: str) -> str:
        """Another word after each change in the conversation; "" for one that nobody has opened."""
        with self._lock:
            talk = self._live.get((user, id))
        return talk.mark if talk else ""

    def ask(self, talk: Talk, question: str, *, scope: Scope = EVERYWHERE, instead_of: str = "") -> bool:
        """Queue a question; with `instead_of`, in the place of that turn and of all after it.

        False if it is blank or too many wait. Raises InputError where it cannot be kept: then it was not asked.
        """
        question = storable(question.strip())
        with talk.lock:
            if not question or sum(turn.pending for turn in talk.turns) >= LONGEST_WAITING:
                return False
            place = next((n for n, turn in enumerate(talk.turns) if turn.key == instead_of), len(talk.turns))
            turn = Turn(question, scope=scope)
            if len(question) > LONGEST_QUESTION:
                error = f"问题有 {len(question)} 字，超过了 {LONGEST_QUESTION} 字的上限：请缩短后再问。"
                turn = Turn(question[:200] + "……", error=error)
            elif self._line.full:
                turn = Turn(question, error="现在提问的人太多：请过几分钟再点“重问”。")
            self._keep(talk, (*talk.turns[:place], turn))
            self._set_to_work(talk)
        return True

    def stop(self, talk: Talk, key: str = "") -> None:
        """End the answer under way, or take back the waiting question `key`. Raises InputError."""
        with talk.lock:
            wanted = key or talk.draft.key or next((turn.key for turn in talk.turns if turn.pending), "")
            self._change(talk, wanted, stopped=True)

    def rate(self, talk: Talk, key: str, vote: Vote, *, comment: str = "", right_answer: str = "") -> None:
        """Keep what the user says of an answer. Raises InputError."""
        with talk.lock:
            place = next((n for n, turn in enumerate(talk.turns) if turn.key == key and turn.answer), None)
            if place is None:
                raise InputError("没有可以评价的回答：请重新打开这个对话后再试。")
            turn = talk.turns[place]
            assert turn.answer is not None
            history = tuple(earlier.question for earlier in talk.turns[:place] if earlier.answer)
            words = {"comment": comment.strip()[:2000], "right_answer": right_answer.strip()[:2000]}
            feedback = Feedback(turn.question, vote, turn.answer.to_json(), history, user=talk.user, **words)
            append_feedback(self._assistant.settings.index, feedback)
            self._change(talk, key, finished=True, vote="" if vote == "none" else vote)

    def list(self, user: str, search: str = "") -> tuple[Conversation, ...]:
        """The user's conversations that are kept, the last used first. Raises InputError."""
        return self._store.list(user, search)

    def rename(self, user: str, id: str, title: str) -> None:
        """Raises InputError for an empty title."""
        self._store.rename(user, id, title)

    def export(self, talk: Talk, kind: Literal["markdown", "word"]) -> tuple[str, bytes]:
        """A conversation's title and the bytes of its file. Raises InputError."""
        titles = {one.id: one.title for one in self._store.list(talk.user)}
        title = titles.get(talk.id, "新对话")
        data = to_word(title, talk.turns) if kind == "word" else to_markdown(title, talk.turns).encode()
        return title, data

    def delete(self, user: str, id: str) -> None:
        """Remove a conversation and end what is being answered in it. Raises InputError."""
        with self._lock:
            talk = self._live.pop((user, id), None)
        if talk is not None:
            with talk.lock:
                talk.gone = True
                talk.turns = ()
        self._store.delete(user, id)

    def _resume(self, talk: Talk) -> None:
        with talk.lock:
            try:
                self._keep(talk, _resumed(talk.turns))
            except InputError as error:
                _give_up(talk, error)
            self._set_to_work(talk)

    def _set_to_work(self, talk: Talk) -> None:
        if talk.busy and not talk.working:
            talk.working = True
            threading.Thread(target=self._work, args=(talk,), daemon=True).start()

    def _work(self, talk: Talk) -> None:
        """Answer what waits in the conversation, in order, until nothing does."""
        while True:
            with talk.lock:
                turn = next((turn for turn in talk.turns if turn.pending), None)
                talk.draft = Draft()
                if turn is None:
                    talk.working = False
                    return
                history = tuple(one.question for one in talk.turns[: talk.turns.index(turn)] if one.answer)
            with self._line.turn(partial(_tell_ahead, talk)):
                changes = self._answer(talk, turn, history) if _waits(talk, turn) else {"stopped": True}
            if self._assistant.closed:  # an answer without its model is none: the next process gives a whole one
                return
            try:
                self._change(talk, turn.key, **changes)
            except InputError as error:
                _log.warning("an answer was not kept: %s", error)
                _give_up(talk, error)

    def _answer(self, talk: Talk, turn: Turn, history: tuple[str, ...]) -> dict[str, Any]:
        """What changes in the turn once it is answered, has failed or was stopped."""
        talk.draft = Draft(turn.key, since=time.monotonic())
        events = self._assistant.stream(turn.question, history=history, scope=turn.scope)
        try:
            for event in events:
                if isinstance(event, Answer):
                    asked = [one.question for one in talk.turns]
                    return {"answer": event, "more": follow_ups(event, self._assistant.search, asked=asked)}
                if not _waits(talk, turn):
                    return {"stopped": True}
                talk.draft = _advance(talk.draft, event)
            return {"error": "这一次没有得到回答：请再问一次。"}
        except JudianError as error:
            return {"error": str(error)}
        except Exception:
            if not self._assistant.closed:
                _log.exception("a question failed")
            return {"error": "回答时出了意外的错误：请再问一次；若仍不行，请把终端里的记录交给维护者。"}
        finally:
            if isinstance(events, Generator):
                events.close()

    def _change(self, talk: Talk, key: str, *, finished: bool = False, **changes: Any) -> None:
        """Change the turn `key` if it is still there and still waits (or is `finished`)."""
        with talk.lock:
            for place, turn in enumerate(talk.turns):
                if turn.key == key and turn.pending is not finished:
                    self._keep(talk, (*talk.turns[:place], turn.changed(**changes), *talk.turns[place + 1 :]))

    def _keep(self, talk: Talk, turns: Turns) -> None:
        """Write what differs from the disk, then show it. Raises InputError: then nothing has changed."""
        same = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(talk.kept, turns, strict=False)))
        if not talk.gone and (same, same) != (len(talk.kept), len(turns)):
            self._store.save(talk.user, talk.id, turns, since=same)
        talk.turns = talk.kept = turns


def _give_up(talk: Talk, error: InputError) -> None:
    """Say of each question that waits why it gets no answer now. On disk it still waits, for the next process."""
    with talk.lock:
        said = f"回答存不下，没有保留。{error}到时请点“重问”。"
        talk.turns = tuple(turn.changed(error=said) if turn.pending else turn for turn in talk.turns)


def _tell_ahead(talk: Talk, ahead: int) -> None:
    talk.draft = Draft(ahead=ahead)


def _waits(talk: Talk, turn: Turn) -> bool:
    now = talk.turn(turn.key)
    return now is not None and now.pending


def _resumed(turns: Turns) -> Turns:
    """Turns from disk: the first that was pending there is answered anew, once.

    A question over which a second process has ended is not tried again by itself: it may be what ends them.
    """
    said = "据典两次在回答这个问题时关闭，没有答完：请点“重问”，或换个问法。"
    turns = tuple(turn.changed(error=said) if turn.pending and turn.resumed else turn for turn in turns)
    first = next((place for place, turn in enumerate(turns) if turn.pending), len(turns))
    again = tuple(turn.changed(resumed=True) for turn in turns[first : first + 1])
    return (*turns[:first], *again, *turns[first + 1 :])


def _advance(draft: Draft, event: Event) -> Draft:
    if isinstance(event, Progress):
        return replace(draft, stage=event.stage)
    if isinstance(event, Token):
        return replace(draft, text=draft.text + event.text)
    return draft


def open_talks(assistant: Assistant) -> Talks:
    """The conversations kept beside the assistant's index."""
    return Talks(assistant, ConversationStore(assistant.settings.index.parent / "conversations"))
