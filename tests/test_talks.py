"""Conversations that are kept and answered in the background; questions to go on with."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from assistant import (
    Answer,
    Assistant,
    Citation,
    Event,
    Figure,
    Hit,
    InputError,
    JudianError,
    Progress,
    Scope,
    Talk,
    Talks,
    Token,
    Turn,
    open_assistant,
    read_feedback,
    read_settings,
)
from assistant.conversations import ConversationStore, turn_from_json
from assistant.followups import follow_ups
from assistant.talks import LONGEST_QUESTION, LONGEST_WAITING
from index import Embedder, Passage, Sentence, Span, build_index

REPORTS = Path(__file__).parents[1] / "reports"
PASSAGE = Passage(
    "a",
    "云溪.md",
    "茶园",
    "云溪",
    "2024-03",
    "",
    None,
    "云溪县有茶园。",
    9,
    (Sentence("云溪县有茶园。", (Span(3, 10),)),),
)
CITATION = Citation(1, "云溪.md", "茶园 <一>", "2024-03", 2, 3, 10, "产值\n\n12.6亿元")
ANSWER = Answer(
    "",
    "产值？",
    "云溪产值？",
    "answered",
    "产值12.6亿元[1]。",
    (CITATION,),
    (Figure("12.6亿元", True, 1),),
    (Hit(PASSAGE, 0.5),),
    "示例",
    "v1",
    {"total": 1.5},
)
EVERYWHERE = Scope()


class _Assistant(Assistant):
    """Answers at once, or when `gate` opens; `scopes` and `histories` are what it was given."""

    def __init__(self, folder: Path) -> None:
        self._settings = read_settings(index=folder / "index", llm="none")
        self.gate = threading.Event()
        self.gate.set()
        self.histories: list[tuple[str, ...]] = []
        self.scopes: list[Scope] = []
        self.failure: Exception | None = None
        self.ended = 0

    def stream(
        self, question: str, *, history: Sequence[str] = (), id: str = "", scope: Scope = EVERYWHERE
    ) -> Iterator[Event]:
        self.histories.append(tuple(history))
        self.scopes.append(scope)
        try:
            yield Progress("write")
            for _ in range(1000):
                yield Token("字")
                if self.gate.wait(0.02):
                    break
            if self.failure:
                raise self.failure
            yield ANSWER
        finally:
            self.ended += 1

    def search(self, query: str, k: int = 10, *, scope: Scope = EVERYWHERE) -> tuple[Hit, ...]:
        return ()


@pytest.fixture
def fake(tmp_path: Path) -> _Assistant:
    return _Assistant(tmp_path)


@pytest.fixture
def talks(fake: _Assistant, tmp_path: Path) -> Talks:
    return Talks(fake, ConversationStore(tmp_path / "talks"))


def _settled(talk: Talk) -> None:
    until = time.monotonic() + 10
    while talk.busy or talk.working:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_questions_are_answered_in_their_order_with_what_came_before(talks: Talks, fake: _Assistant) -> None:
    talk = talks.open("李", "")
    fake.gate.clear()
    scope = Scope(places=("云溪",))
    assert talks.ask(talk, " 甲？ ", scope=scope)
    assert talks.ask(talk, "乙？")
    assert talk.busy
    fake.gate.set()
    _settled(talk)
    assert [turn.question for turn in talk.turns] == ["甲？", "乙？"]
    assert fake.histories == [(), ("甲？",)]
    assert fake.scopes == [scope, Scope()]


def test_what_was_asked_and_answered_is_found_by_a_later_process(
    talks: Talks, fake: _Assistant, tmp_path: Path
) -> None:
    talk = talks.open("李", "")
    talks.ask(talk, "产值？")
    _settled(talk)
    later = Talks(fake, ConversationStore(tmp_path / "talks")).open("李", talk.id)
    assert later.turns == talk.turns
    assert later.turns[0].answer is not None
    assert later.turns[0].answer.retrieved[0].passage == PASSAGE


def test_what_was_pending_when_the_process_ended_goes_on_with_its_scope(tmp_path: Path, fake: _Assistant) -> None:
    store = ConversationStore(tmp_path / "talks")
    scope = Scope(("云溪",), "2023", "2024-06", 20)
    store.save("李", "x", (Turn("以前？", answer=ANSWER), Turn("产值？", scope=scope), Turn("面积？")))
    talk = Talks(fake, store).open("李", "x")
    _settled(talk)
    assert [turn.question for turn in talk.turns if turn.answer == ANSWER] == ["以前？", "产值？", "面积？"]
    assert fake.scopes == [scope, EVERYWHERE]
    assert fake.histories == [("以前？",), ("以前？", "产值？")]
    assert store.load("李", "x") == talk.turns


def test_a_question_over_which_two_processes_ended_is_not_tried_again_by_itself(
    tmp_path: Path, fake: _Assistant
) -> None:
    store = ConversationStore(tmp_path / "talks")
    store.save("李", "x", (Turn("产值？"), Turn("面积？")))
    fake.gate.clear()
    first = Talks(fake, store).open("李", "x")  # it is "killed" here: nobody hears of this answer
    first.gone = True
    saved = store.load("李", "x") or ()
    assert [turn.resumed for turn in saved] == [True, False]
    fake.gate.set()
    again = Talks(fake, store).open("李", "x")
    _settled(again)
    assert "重问" in again.turns[0].error
    assert again.turns[1].answer == ANSWER
    _settled(first)


def test_what_a_closing_program_breaks_off_is_left_to_the_next(talks: Talks, fake: _Assistant, tmp_path: Path) -> None:
    talk = talks.open("李", "")
    fake.gate.clear()
    fake.failure = RuntimeError("the model is gone")
    talks.ask(talk, "产值？")
    while not talk.draft.text:
        time.sleep(0.01)
    fake.closed = True
    fake.gate.set()
    while fake.ended < 1:
        time.sleep(0.01)
    later = _Assistant(tmp_path)
    again = Talks(later, ConversationStore(tmp_path / "talks")).open("李", talk.id)
    _settled(again)
    assert again.turns[0].answer == ANSWER


def test_older_files_know_of_no_scope() -> None:
    value = {"question": "产值？", "error": "", "stopped": False, "vote": "", "more": [], "key": "k", "stamp": "s"}
    assert turn_from_json(value | {"answer": None}) == Turn("产值？", key="k", stamp="s")


def test_the_mark_of_a_conversation_changes_with_each_turn(talks: Talks) -> None:
    talk = talks.open("李", "")
    marks = {talks.mark("李", talk.id)}
    talks.ask(talk, "甲？")
    marks.add(talks.mark("李", talk.id))
    _settled(talk)
    marks.add(talks.mark("李", talk.id))
    assert len(marks) == 3
    assert talks.mark("王", talk.id) == talks.mark("李", "没有") == ""


def test_a_conversation_is_its_users_own(talks: Talks) -> None:
    talk = talks.open("李", "")
    talks.ask(talk, "产值？")
    _settled(talk)
    other = talks.open("王", talk.id)
    assert other.id != talk.id
    assert other.turns == ()
    talks.delete("王", talk.id)
    talks.rename("王", talk.id, "别人的")
    assert [one.title for one in talks.list("李")] == ["产值？"]
    assert talks.list("王") == ()
    store = ConversationStore(talks._store._path.parent)
    with pytest.raises(InputError, match="别的用户"):
        store.save("王", talk.id, (Turn("丙？"),))


def test_a_page_may_name_a_new_conversation_but_not_take_anothers_name(talks: Talks) -> None:
    name = "0123456789abcdef" * 2
    talk = talks.open("李", name)
    assert talk.id == name
    talks.ask(talk, "产值？")
    _settled(talk)
    assert talks.open("王", name).id != name
    for wrong in ("../x", "0123", name.upper(), "g" * 16, name + "0"):
        assert talks.open("李", wrong).id != wrong


def test_stopping_ends_the_stream_and_goes_on_with_what_waits(talks: Talks, fake: _Assistant) -> None:
    talk = talks.open("", "")
    fake.gate.clear()
    talks.ask(talk, "甲？")
    talks.ask(talk, "乙？")
    while not talk.draft.text:
        time.sleep(0.01)
    talks.stop(talk)
    while fake.ended < 1:
        time.sleep(0.01)
    fake.gate.set()
    _settled(talk)
    assert [turn.stopped for turn in talk.turns] == [True, False]
    assert talk.turns[1].answer == ANSWER


def test_a_waiting_question_is_taken_back_alone(talks: Talks, fake: _Assistant) -> None:
    talk = talks.open("", "")
    fake.gate.clear()
    talks.ask(talk, "甲？")
    talks.ask(talk, "乙？")
    talks.stop(talk, talk.turns[1].key)
    fake.gate.set()
    _settled(talk)
    assert [turn.stopped for turn in talk.turns] == [False, True]
    assert len(fake.histories) == 1


def test_a_question_asked_anew_replaces_what_came_after(talks: Talks) -> None:
    talk = talks.open("", "")
    for question in ("甲？", "乙？", "丙？"):
        talks.ask(talk, question)
    _settled(talk)
    talks.ask(talk, "丁？", instead_of=talk.turns[1].key)
    _settled(talk)
    assert [turn.question for turn in talk.turns] == ["甲？", "丁？"]
    reloaded = talks._store.load("", talk.id)
    assert reloaded == talk.turns


@pytest.mark.parametrize(
    ("failure", "said"), [(JudianError("没有索引：请先建。"), "没有索引：请先建。"), (RuntimeError("x"), "意外的错误")]
)
def test_a_failure_is_a_sentence(talks: Talks, fake: _Assistant, failure: Exception, said: str) -> None:
    fake.failure = failure
    talk = talks.open("", "")
    talks.ask(talk, "甲？")
    _settled(talk)
    assert said in talk.turns[0].error


def test_half_a_character_is_no_fault(talks: Talks) -> None:
    talk = talks.open("", "")
    assert talks.ask(talk, "产值\ud83d？")
    _settled(talk)
    assert talk.turns[0].question == "产值?？"


def test_blank_long_and_too_many_questions(talks: Talks, fake: _Assistant) -> None:
    talk = talks.open("", "")
    assert not talks.ask(talk, " \n　")
    assert talks.ask(talk, "长" * (LONGEST_QUESTION + 1))
    assert talk.turns[0].error.startswith(f"问题有 {LONGEST_QUESTION + 1} 字")
    fake.gate.clear()
    assert [talks.ask(talk, "甲？") for _ in range(LONGEST_WAITING + 1)] == [True] * LONGEST_WAITING + [False]
    for turn in talk.turns:
        talks.stop(talk, turn.key)
    fake.gate.set()
    _settled(talk)


def test_search_takes_every_character_as_itself(talks: Talks) -> None:
    talk = talks.open("", "")
    talks.ask(talk, "占100%_的'是？")
    _settled(talk)
    for words in ("100%_的'", "12.6", "占"):
        assert [one.id for one in talks.list("", words)] == [talk.id], words
    for words in ("1%0", "占_00", "\\", "' OR 1=1 --"):
        assert talks.list("", words) == (), words


def test_an_empty_name_is_refused_and_a_long_one_cut(talks: Talks) -> None:
    talk = talks.open("", "")
    talks.ask(talk, "产值？")
    _settled(talk)
    with pytest.raises(InputError, match="名称"):
        talks.rename("", talk.id, " \n ")
    talks.rename("", talk.id, "名" * 500)
    assert talks.list("")[0].title == "名" * 60


def test_a_deleted_conversation_is_not_written_again_by_its_answer(talks: Talks, fake: _Assistant) -> None:
    talk = talks.open("", "")
    fake.gate.clear()
    talks.ask(talk, "甲？")
    talks.delete("", talk.id)
    fake.gate.set()
    _settled(talk)
    assert talks.list("") == ()


def test_a_vote_is_kept_with_the_answer_and_the_history(talks: Talks, fake: _Assistant) -> None:
    talk = talks.open("李", "")
    talks.ask(talk, "甲？")
    talks.ask(talk, "乙？")
    _settled(talk)
    talks.rate(talk, talk.turns[1].key, "down", comment="不对", right_answer="12.7亿元")
    kept = read_feedback(fake.settings.index)
    assert [(one.question, one.history, one.vote, one.right_answer, one.user) for one in kept] == [
        ("乙？", ("甲？",), "down", "12.7亿元", "李")
    ]
    assert kept[0].answer == ANSWER.to_json()
    assert [turn.vote for turn in talks._store.load("李", talk.id) or ()] == ["", "down"]
    with pytest.raises(InputError):
        talks.rate(talk, "没有", "up")


def test_a_broken_file_is_one_sentence(tmp_path: Path) -> None:
    store = ConversationStore(tmp_path)
    (tmp_path / "conversations.sqlite").write_bytes(b"not a database, but long enough to look at" * 40)
    with pytest.raises(InputError, match=r"conversations\.sqlite 已损坏"):
        store.list("")


def test_only_the_user_of_the_machine_may_read_the_file(tmp_path: Path) -> None:
    ConversationStore(tmp_path).save("", "x", (Turn("甲？"),))
    assert (tmp_path / "conversations.sqlite").stat().st_mode & 0o077 == 0
    with sqlite3.connect(tmp_path / "conversations.sqlite") as base:
        assert base.execute("SELECT count(*) FROM turns").fetchone() == (1,)
    base.close()


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Assistant]:
    settings = read_settings(reports=REPORTS, index=tmp_path_factory.mktemp("index"), llm="none")
    build_index(settings.reports, settings.index, embedder)
    assistant = open_assistant(settings)
    yield assistant
    assistant.close()


def test_every_question_offered_is_answered_by_the_bundled_reports(bundled: Assistant) -> None:
    offered = 0
    for question in bundled.examples():
        answer = bundled.ask(question)
        more = follow_ups(answer, bundled.search, asked=(question,))
        assert question not in more
        for one in more:
            offered += 1
            assert bundled.ask(one).status == "answered", (question, one)
    assert offered >= 3


def test_nothing_is_offered_that_was_asked_before(bundled: Assistant) -> None:
    answer = bundled.ask(bundled.examples()[-1])
    more = follow_ups(answer, bundled.search)
    assert more
    assert not set(more) & set(follow_ups(answer, bundled.search, asked=more))
