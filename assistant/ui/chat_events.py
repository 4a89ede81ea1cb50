"""What each event of the page 问答 changes, over the public API of the assistant."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import gradio as gr

from assistant import JudianError, Talk, Turn, is_loopback, open_talks
from assistant.ui import page, panel, turns
from assistant.ui.context import Context
from assistant.ui.scopes import scope_of

UPDATES_EVERY = 0.125  # seconds; a page that is updated faster than it draws breaks (gradio#7970)
_KINDS: dict[str, tuple[Literal["markdown", "word"], str, str]] = {
    "markdown": ("markdown", ".md", "text/markdown"),
    "word": ("word", ".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
# What a page sends with an event of its own, and what it tells of itself with each.
_SENT = ("talk", "removed", "question", "turn", "vote", "comment", "right_answer", "title", "kind", "near", "n")
_WORDS = ("talk", "instead_of", "words", "browser", "mark", "seen", "bare")

Update = dict[Any, Any]


@dataclass(frozen=True, slots=True)
class Parts:
    """The components that show something. `turns` takes the changes of `turns.changes`, the others HTML."""

    header: gr.HTML
    talks: gr.HTML
    turns: gr.HTML
    running: gr.HTML
    side: gr.HTML
    send: gr.Button
    stop: gr.Button

    def all(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page tells of itself: its conversation, the turns it shows, the turn that its question replaces, the
    words searched for, and a secret of the browser; or, when it only asks for news, the marks of its conversation
    and its header, and "yes" in `bare` if it shows no turn."""

    talk: str = ""
    known: frozenset[str] = frozenset()
    instead_of: str = ""
    words: str = ""
    browser: str = ""
    mark: str = ""
    seen: str = ""
    bare: str = ""


def read_page(told: Any) -> Page:
    """What the page told; a field that is missing or of another kind is empty."""
    try:
        value = json.loads(str(told or "{}"))
    except ValueError:
        value = {}
    value = value if isinstance(value, dict) else {}
    words = {name: value.get(name) for name in _WORDS}
    known = value.get("known")
    return Page(
        known=frozenset(stamp for stamp in known if isinstance(stamp, str)) if isinstance(known, list) else frozenset(),
        **{name: each[:100] for name, each in words.items() if isinstance(each, str)},
    )


class ChatEvents:
    """The events. A watcher shows in a page what happens in its conversation; the newest of a page is the only one."""

    def __init__(self, context: Context, parts: Parts) -> None:
        self._context = context
        self._assistant = context.assistant
        self._parts = parts
        self._talks = open_talks(context.assistant)
        self._watchers: dict[str, object] = {}

    def head(self, request: gr.Request) -> str:
        """The header."""
        return self._header(request)

    def open(self, told: str, event: gr.EventData, request: gr.Request) -> Update:
        """Show the conversation that the page names; first remove the one to be removed."""
        state, user = self._who(told, request)
        data = _data(event)
        try:
            if removed := _word(data, "removed"):
                self._talks.delete(user, removed)
            talk = self._talks.open(user, state.talk)
        except JudianError as error:
            return self._say(str(error))
        return self._show(talk, state, user, opened=True) | {
            self._parts.header: self._header(request),
            self._parts.side: self._first_source(talk),
        }

    def news(self, told: str, request: gr.Request) -> Update:
        """What another tab or a build has changed since the page last heard; mostly nothing, and then cheaply so."""
        state, user = self._who(told, request)
        mark = self._talks.mark(user, state.talk) if state.talk else ""
        moved = bool(mark) and mark != state.mark
        if state.seen == page.seen(self._assistant):
            return {self._parts.turns: turns.news(talk=True)} if moved else self._nothing()
        welcome = self._welcome() if state.bare else ""
        return {
            self._parts.header: self._header(request),
            self._parts.turns: turns.news(talk=moved, welcome=welcome),
        }

    def catch_up(self, told: str, request: gr.Request) -> Update:
        """The turns of the page's conversation that another tab has changed."""
        state, user = self._who(told, request)
        try:
            return self._show(self._talks.open(user, state.talk), state, user)
        except JudianError as error:
            return self._say(str(error))

    def ask(
        self, told: str, question: str, places: Any, since: Any, until: Any, passages: Any, request: gr.Request
    ) -> Update:
        """Queue the question of the box, which the page empties itself."""
        return self._ask(told, question, scope_of(places, since, until, passages), request)

    def ask_this(
        self, told: str, places: Any, since: Any, until: Any, passages: Any, event: gr.EventData, request: gr.Request
    ) -> Update:
        """Queue a question that was offered, or one again."""
        return self._ask(told, _word(_data(event), "question"), scope_of(places, since, until, passages), request)

    def _ask(self, told: str, question: str, scope: Any, request: gr.Request) -> Update:
        state, user = self._who(told, request)
        try:
            talk = self._talks.open(user, state.talk)
            if not self._talks.ask(talk, str(question or ""), scope=scope, instead_of=state.instead_of):
                return self._say("等候的问题太多了：请等前面的答完再问。" if str(question or "").strip() else "")
        except JudianError as error:
            return self._say(str(error))
        return self._show(talk, state, user, opened=True)

    async def watch(self, told: str, request: gr.Request) -> AsyncIterator[Update]:
        """What changes in the conversation, until nothing in it waits any longer or the page looks elsewhere."""
        yield self._nothing()  # a generator that yields nothing would empty every component
        state, user = self._who(told, request)
        session, token = str(request.session_hash), object()
        self._watchers[session] = token
        try:
            talk = await asyncio.to_thread(self._talks.open, user, state.talk)
            async for update in self._follow(talk, state, user, lambda: self._watchers.get(session) is token):
                yield update
        except JudianError as error:
            yield self._say(str(error))
        finally:
            if self._watchers.get(session) is token:
                del self._watchers[session]
        # Gradio sends the last update again when a generator ends: that of a watcher which ends after a newer one
        # would put its draft over the answer.
        yield self._nothing()

    async def _follow(self, talk: Talk, state: Page, user: str, wanted: Any) -> AsyncIterator[Update]:
        known, drawn = set(state.known), ""
        while wanted():
            busy = talk.busy
            fresh = [turn for turn in turns.shown(talk.turns) if turn.stamp not in known]
            if fresh:
                known |= {turn.stamp for turn in fresh}
                update = await asyncio.to_thread(self._show, talk, state, user)
                if answered := [turn for turn in fresh if turn.answer]:
                    update |= {self._parts.side: await asyncio.to_thread(self._first_source, talk, answered[-1])}
                yield update
                state = replace(state, known=frozenset(known))
            words = turns.running(talk, self._assistant)
            if words != drawn:  # at first too: what an older watcher sent may come late
                yield {self._parts.running: words}
            drawn = words
            if not busy:
                return
            await asyncio.sleep(UPDATES_EVERY)

    def stop(self, told: str, event: gr.EventData, request: gr.Request) -> Update:
        """End the answer under way, or take back the waiting question that the event names."""
        state, user = self._who(told, request)
        try:
            talk = self._talks.open(user, state.talk)
            self._talks.stop(talk, _word(_data(event), "turn"))
        except JudianError as error:
            return self._say(str(error))
        return self._show(talk, state, user)

    def vote(self, told: str, event: gr.EventData, request: gr.Request) -> Update:
        """Keep what the user says of an answer."""
        state, user = self._who(told, request)
        data = _data(event)
        vote = _word(data, "vote")
        try:
            talk = self._talks.open(user, state.talk)
            self._talks.rate(
                talk,
                _word(data, "turn"),
                "up" if vote == "up" else "down" if vote == "down" else "none",
                comment=_word(data, "comment"),
                right_answer=_word(data, "right_answer"),
            )
        except JudianError as error:
            return self._say(str(error))
        return self._show(talk, state, user, said="已记下，谢谢。" if vote != "none" else "已撤回评价。")

    def rename(self, told: str, event: gr.EventData, request: gr.Request) -> Update:
        """Give a conversation another name."""
        user = self._who(told, request)[1]
        try:
            self._talks.rename(user, _word(_data(event), "talk"), _word(_data(event), "title"))
        except JudianError as error:
            return self._say(str(error))
        return self.refresh(told, request)

    def refresh(self, told: str, request: gr.Request) -> Update:
        """The list of conversations."""
        state, user = self._who(told, request)
        return {self._parts.talks: self._list(state, user)}

    def export(self, told: str, event: gr.EventData, request: gr.Request) -> Update:
        """Send a conversation as a file."""
        user = self._who(told, request)[1]
        kind, ending, mime = _KINDS.get(_word(_data(event), "kind"), _KINDS["markdown"])
        try:
            title, data = self._talks.export(self._talks.open(user, _word(_data(event), "talk")), kind)
        except JudianError as error:
            return self._say(str(error))
        name = "".join(c if c.isalnum() or c in "-_，。" else "-" for c in title)[:40] + ending
        file = {"name": name, "mime": mime, "data": base64.b64encode(data).decode()}
        return {self._parts.turns: turns.message(file=file)}

    def source(self, told: str, event: gr.EventData, request: gr.Request) -> str:
        """The source panel for a mark, or for a passage near to a refused question."""
        state, user = self._who(told, request)
        data = _data(event)
        try:
            turn = self._talks.open(user, state.talk).turn(_word(data, "turn"))
            if isinstance(near := data.get("near"), int):
                return panel.nearest(self._assistant, turn, near)
            n = data.get("n")
            return panel.cited(self._assistant, turn, n if isinstance(n, int) else 0)
        except JudianError as error:
            return panel.error(str(error))

    def _who(self, told: str, request: gr.Request) -> tuple[Page, str]:
        """The page and its user: the account; without accounts, this machine, or else the browser by its secret."""
        state = read_page(told)
        client = getattr(request.client, "host", "") or ""
        local = is_loopback(client)
        return state, self._context.who(request) or ("" if local else f"browser:{state.browser}")

    def _nothing(self) -> Update:
        return {self._parts.running: gr.skip()}

    def _say(self, sentence: str) -> Update:
        return {self._parts.turns: turns.message(said=sentence)} if sentence else self._nothing()

    def _show(self, talk: Talk, state: Page, user: str, *, opened: bool = False, said: str = "") -> Update:
        parts = self._parts
        welcome = "" if talk.turns else self._welcome()
        changes = turns.changes(talk, state.known, welcome=welcome)
        changes |= {"told": state.talk, "opened": opened, "said": said}
        return {
            parts.turns: changes,
            parts.running: turns.running(talk, self._assistant),
            parts.talks: self._list(Page(talk.id, words=state.words), user),
            parts.stop: gr.Button(visible=talk.busy),
        }

    def _list(self, state: Page, user: str) -> str:
        try:
            found = self._talks.list(user, state.words)
        except JudianError as error:
            return page.sentence(str(error))
        return page.conversations(found, current=state.talk, searched=bool(state.words.strip()))

    def _header(self, request: gr.Request) -> str:
        return page.header(self._assistant, self._context.who(request))

    def _welcome(self) -> str:
        try:
            if self._assistant.empty:
                return page.welcome_empty(self._assistant)
            return page.welcome(self._assistant.examples())
        except JudianError:
            return page.welcome(())  # the header says what is wrong

    def _first_source(self, talk: Talk, turn: Turn | None = None) -> str:
        """The panel with the first source of an answer, the last one's if none is named."""
        turn = turn or (talk.turns[-1] if talk.turns else None)
        first = turn.answer.citations[0].n if turn and turn.answer and turn.answer.citations else 0
        try:
            return panel.cited(self._assistant, turn, first)
        except JudianError as error:
            return panel.error(str(error))


def _data(event: gr.EventData) -> dict[str, Any]:
    """What the page sent with an event of its own; nothing for Gradio's."""
    try:
        return {name: getattr(event, name) for name in _SENT if hasattr(event, name)}
    except TypeError:  # one of Gradio's that carries nothing
        return {}


def _word(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value[:4000] if isinstance(value, str) else ""
