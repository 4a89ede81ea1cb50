"""What was asked, answered, said of an answer or uploaded is on disk, or a sentence says at once that it is not."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from disks import full, read_only, small_disk
from PIL import Image

from assistant import (
    Assistant,
    InputError,
    JudianError,
    Settings,
    Talk,
    Talks,
    Turn,
    conversations,
    open_assistant,
    open_talks,
    read_feedback,
    read_settings,
    trace,
)
from assistant.conversations import ConversationStore
from index import Embedder, build_index, load_embedder, rollback

ROOT = Path(__file__).parents[1]
QUESTION = "青河县2023年规上企业有多少户？"
FULL = r"^对话记录 .*conversations\.sqlite 写不下（磁盘已满）：请腾出空间后再试。$"
SEALED = r"^对话记录 .*conversations\.sqlite 打不开或不能写：请检查它和它所在文件夹的权限后再试。$"
DAMAGED = r"^对话记录 .*conversations\.sqlite 已损坏：请把它移到别处留存，再试一次；移走后从空的记录开始。$"


def write(settings: Settings, number: int) -> None:
    text = f"# 青河县工业一年\n\n2024年1月5日\n\n2023年，青河县规上企业达到{number}户，产值增长8.6%。\n"
    (settings.reports / "青河.md").write_text(text, "utf-8")


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    made = read_settings(reports=tmp_path / "reports", index=tmp_path / "kept" / "index", llm="none")
    made.reports.mkdir()
    write(made, 35)
    build_index(made.reports, made.index, embedder)
    return made


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    with closing(open_assistant(settings, window=True)) as opened:
        yield opened


def settled(talk: Talk) -> Talk:
    until = time.monotonic() + 60
    while talk.busy or talk.working:
        assert time.monotonic() < until
        time.sleep(0.01)
    return talk


def stamps(turns: Sequence[Turn] | None) -> list[str]:
    """What tells two states of a conversation apart; the cuts of a passage are not kept."""
    return [turn.stamp for turn in turns or ()]


def asked(talks: Talks, talk: Talk, question: str = QUESTION, *, instead_of: str = "") -> str:
    """The answer; the question is on disk as it is in memory."""
    talks.ask(talk, question, instead_of=instead_of)
    turn = settled(talk).turns[-1]
    assert turn.answer is not None, turn.error
    assert stamps(talks._store.load(talk.user, talk.id)) == stamps(talk.turns)
    return turn.answer.answer


def test_a_question_on_a_full_disk_is_refused_and_can_be_asked_again(assistant: Assistant, settings: Settings) -> None:
    with small_disk(settings.index.parent / "conversations", 256) as disk:
        talks = open_talks(assistant)
        talk = talks.open("", "")
        assert "35户" in asked(talks, talk)
        before = talk.turns
        with full(disk), pytest.raises(InputError, match=FULL):
            talks.ask(talk, "产值增长多少？" + "长" * 2000)
        assert (talk.turns, talk.busy, talk.working) == (before, False, False)
        with full(disk), pytest.raises(InputError, match=FULL):
            talks.ask(talk, "产值增长多少？" + "长" * 2000, instead_of=before[0].key)
        assert talk.turns == before
        assert stamps(talks._store.load("", talk.id)) == stamps(before)
        assert "35户" in asked(talks, talk)
        assert stamps(open_talks(assistant).open("", talk.id).turns) == stamps(talk.turns)


def test_an_answer_that_finds_the_disk_full_is_said_and_given_when_asked_again(
    assistant: Assistant, settings: Settings
) -> None:
    with small_disk(settings.index.parent / "conversations", 256) as disk:
        talks = open_talks(assistant)
        talk = talks.open("", "")
        with talks._line.turn(lambda _: None), talks._line.turn(lambda _: None):  # both places are taken
            talks.ask(talk, QUESTION)
            talks.ask(talk, "产值增长多少？")
            before = talks._store.load("", talk.id)
            filled = full(disk)
            filled.__enter__()
        settled(talk)
        assert [turn.answer for turn in talk.turns] == [None, None]
        for turn in talk.turns:
            assert turn.error.startswith("回答存不下，没有保留。对话记录 ")
            assert "（磁盘已满）：请腾出空间后再试。到时请点“重问”。" in turn.error
        filled.__exit__(None, None, None)
        assert talks._store.load("", talk.id) == before  # both still wait there
        later = settled(open_talks(assistant).open("", talk.id))
        assert all(turn.answer for turn in later.turns)
        assert "35户" in asked(talks, talk, instead_of=talk.turns[0].key)


def test_conversations_that_may_only_be_read_are_shown_and_take_no_question(
    assistant: Assistant, settings: Settings
) -> None:
    folder = settings.index.parent / "conversations"
    talks = open_talks(assistant)
    talk = talks.open("", "")
    asked(talks, talk)
    talks._store.save("", "0123456789abcdef", (Turn(QUESTION),))  # a process ended over this one
    with read_only(folder):
        opened = open_talks(assistant)
        assert len(opened.list("")) == 2
        seen = opened.open("", talk.id)
        assert stamps(seen.turns) == stamps(talk.turns)
        with pytest.raises(InputError, match=SEALED):
            opened.ask(seen, QUESTION)
        assert (stamps(seen.turns), seen.busy) == (stamps(talk.turns), False)
        broken = opened.open("", "0123456789abcdef")
        assert not broken.busy
        assert broken.turns[0].error.startswith("回答存不下，没有保留。对话记录 ")
        assert "35户" in assistant.ask(QUESTION).answer  # the command line and the programs ask like this
    assert "35户" in asked(opened, seen)
    assert "35户" in asked(opened, broken, instead_of=broken.turns[0].key)


def test_a_first_question_where_no_folder_can_be_made_is_one_sentence(assistant: Assistant, settings: Settings) -> None:
    with read_only(settings.index.parent):
        talks = open_talks(assistant)
        with pytest.raises(InputError, match=SEALED):
            talks.ask(talks.open("", ""), QUESTION)
    talks = open_talks(assistant)
    assert "35户" in asked(talks, talks.open("", ""))


@pytest.mark.parametrize("damage", ["other bytes", "cut short"])
def test_a_damaged_conversation_file_is_left_alone_and_begun_anew_once_moved(
    assistant: Assistant, settings: Settings, damage: str
) -> None:
    file = settings.index.parent / "conversations" / "conversations.sqlite"
    talks = open_talks(assistant)
    talk = talks.open("", "")
    asked(talks, talk)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage == "cut short" else b"no database " * 1000)
    damaged = file.read_bytes()
    with pytest.raises(InputError, match=DAMAGED):
        talks.list("")
    with pytest.raises(InputError, match=DAMAGED):
        open_talks(assistant).open("", talk.id)
    with pytest.raises(InputError, match=DAMAGED):
        talks.ask(talk, QUESTION)
    assert not talk.busy
    assert file.read_bytes() == damaged
    file.rename(file.with_suffix(".old"))
    assert "35户" in asked(talks, talks.open("", ""))
    assert file.with_suffix(".old").read_bytes() == damaged


def test_one_damaged_conversation_harms_no_other(assistant: Assistant, settings: Settings) -> None:
    talks = open_talks(assistant)
    talk, other = talks.open("", ""), talks.open("", "")
    asked(talks, talk)
    asked(talks, other)
    with talks._store._open() as base:
        base.execute("UPDATE turns SET turn = substr(turn, 1, 40) WHERE conversation = ?", (other.id,))
    again = open_talks(assistant)
    with pytest.raises(InputError, match=r"^这个对话在 .* 里已损坏：请删除这个对话，其他对话不受影响。$"):
        again.open("", other.id)
    assert stamps(again.open("", talk.id).turns) == stamps(talk.turns)
    again.delete("", other.id)
    assert [one.id for one in again.list("")] == [talk.id]


KILLED = """
import sys
from pathlib import Path
from assistant import Turn
from assistant.conversations import ConversationStore
store, turns = ConversationStore(Path(sys.argv[1])), ()
while True:
    turns += (Turn(f"第{len(turns)}问" + "长" * 3000),)
    store.save("", "0123456789abcdef", turns, since=len(turns) - 1)
    print(len(turns), flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("count", [1, 7, 40])
def test_a_process_killed_while_it_writes_a_conversation_loses_no_question(tmp_path: Path, count: int) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) == count:
                break
        process.send_signal(signal.SIGKILL)
        said = [count, *map(int, process.stdout.read().split())][-1]
    kept = ConversationStore(tmp_path).load("", "0123456789abcdef") or ()
    assert len(kept) in (said, said + 1)  # the last may have been written and not told
    assert [turn.question.rstrip("长") for turn in kept] == [f"第{n}问" for n in range(len(kept))]


def test_feedback_that_cannot_be_written_is_said_and_the_vote_is_not_shown(
    assistant: Assistant, settings: Settings
) -> None:
    talks = open_talks(assistant)
    talk = talks.open("", "")
    asked(talks, talk)
    talks.rate(talk, talk.turns[0].key, "up", comment="好")
    before, kept = talk.turns, read_feedback(settings.index)
    with (
        read_only(settings.index),
        pytest.raises(InputError, match=r"^反馈没有记下：写不了 .*，请检查权限和磁盘空间。$"),
    ):
        talks.rate(talk, talk.turns[0].key, "down", right_answer="36户")
    assert talk.turns == before
    assert stamps(talks._store.load("", talk.id)) == stamps(before)
    assert read_feedback(settings.index) == kept
    talks.rate(talk, talk.turns[0].key, "down", right_answer="36户")
    assert [one.vote for one in read_feedback(settings.index)] == ["up", "down"]


def test_an_upload_that_cannot_be_written_leaves_no_part_of_it(
    assistant: Assistant, settings: Settings, tmp_path: Path
) -> None:
    upload = tmp_path / "白石.md"
    upload.write_text("# 白石县\n\n2023年，白石县规上企业达到12户。\n" + "长" * 100_000, "utf-8")
    there = settings.reports / "青河.md"
    words = there.read_text("utf-8")
    with small_disk(settings.reports, 512) as disk:
        there.write_text(words, "utf-8")
        with full(disk), pytest.raises(InputError, match=r"^“白石\.md”没有存下（磁盘已满）：.*后重试。$"):
            assistant.library.add("白石.md", upload)
        assert [path.name for path in settings.reports.iterdir()] == ["青河.md"]
        assert there.read_text("utf-8") == words
        assert "35户" in assistant.ask(QUESTION).answer
        assert assistant.library.add("白石.md", upload) == "白石.md"
        assert (settings.reports / "白石.md").read_bytes() == upload.read_bytes()
    with read_only(settings.reports), pytest.raises(InputError, match=r"^“白石\.md”没有存下（磁盘只读）：.*后重试。$"):
        assistant.library.add("白石.md", upload)


def test_an_index_that_may_only_be_read_answers_in_an_open_window(settings: Settings) -> None:
    with read_only(settings.index):
        with closing(open_assistant(settings, window=True)) as assistant:
            talks = open_talks(assistant)
            talk = talks.open("", "")
            assert "35户" in asked(talks, talk)
        assert stamps(open_talks(assistant).open("", talk.id).turns) == stamps(talk.turns)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("JUDIAN_")}
        where = {"JUDIAN_REPORTS": str(settings.reports), "JUDIAN_INDEX": str(settings.index), "JUDIAN_LLM": "none"}
        where["JUDIAN_MODELS"] = str(settings.models)
        run = [sys.executable, "-m", "assistant", "ask", QUESTION]
        done = subprocess.run(run, cwd=ROOT, env=environment | where, capture_output=True, text=True, timeout=300)
    assert "35户" in done.stdout


def test_a_pixel_bomb_is_named_and_the_rest_is_indexed(settings: Settings, embedder: Embedder) -> None:
    Image.new("1", (20_000, 20_000)).save(settings.reports / "弹.png")
    done = build_index(settings.reports, settings.index, embedder)
    assert [source for source, _ in done.skipped] == ["弹.png"]
    assert "1.5 亿像素" in done.skipped[0][1]
    with closing(open_assistant(settings, window=True)) as assistant:
        assert "35户" in assistant.ask(QUESTION).answer


def test_after_a_rebuild_the_next_question_reads_the_new_reports_and_an_old_answer_its_own(
    assistant: Assistant, settings: Settings, embedder: Embedder
) -> None:
    talks = open_talks(assistant)
    talk = talks.open("", "")
    assert "35户" in asked(talks, talk)
    write(settings, 48)
    build_index(settings.reports, settings.index, embedder)
    assert "48户" in asked(talks, talk)
    kept = [turn.answer for turn in open_talks(assistant).open("", talk.id).turns]
    for answer, number in zip(kept, ("35户", "48户"), strict=True):
        assert answer is not None
        said = assistant.context(answer.citations[0], version=answer.index_version)[1]
        assert said == answer.citations[0].quote
        assert number in said


def test_a_damaged_version_is_said_and_the_one_before_answers_once_it_is_chosen(
    settings: Settings, embedder: Embedder
) -> None:
    write(settings, 48)
    newest = build_index(settings.reports, settings.index, embedder).version
    (settings.index / "versions" / newest / "lexical.sqlite").write_bytes(b"not what it was" * 1000)
    with pytest.raises(JudianError, match=r"^索引版本 .*已损坏.*请运行 .*。$"):
        open_assistant(settings, window=True)
    rollback(settings.index)
    with closing(open_assistant(settings, window=True)) as assistant:
        talks = open_talks(assistant)
        assert "35户" in asked(talks, talks.open("", ""))


def test_an_open_window_goes_on_without_the_weights_of_the_embedding_and_the_next_says_what_is_gone(
    settings: Settings, tmp_path: Path
) -> None:
    own, moved = tmp_path / "own", tmp_path / "moved"
    shutil.copytree(settings.models / "multilingual-e5-small", own, copy_function=os.symlink)
    mine = settings.model_copy(update={"embedding": str(own), "index": tmp_path / "mine" / "index"})
    build_index(mine.reports, mine.index, load_embedder(mine.embedding, mine.models))
    with closing(open_assistant(mine, window=True)) as assistant:
        own.rename(moved)
        talks = open_talks(assistant)
        talk = talks.open("", "")
        assert "35户" in asked(talks, talk)
    with pytest.raises(JudianError, match=r"^[^。]*JUDIAN_EMBEDDING[^。]*。$"):
        open_assistant(mine, window=True)
    moved.rename(own)
    with closing(open_assistant(mine, window=True)) as assistant:
        assert stamps(open_talks(assistant).open("", talk.id).turns) == stamps(talk.turns)
        assert "35户" in assistant.ask(QUESTION).answer


class Earlier(datetime):
    """A clock that was set back by ten years."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime.now(UTC) - timedelta(days=3650)


def test_a_clock_set_back_leaves_conversations_in_their_order_and_old_traces_alone(
    assistant: Assistant, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    talks = open_talks(assistant)
    first, second = talks.open("", ""), talks.open("", "")
    asked(talks, first)
    asked(talks, second)
    folder = settings.index / "traces"
    for day in range(1, trace.DAYS_KEPT):  # with today's, as many days as are kept
        (folder / f"2020-{1 + day // 28:02}-{1 + day % 28:02}.jsonl").write_text("{}\n", "utf-8")
    before = sorted(path.name for path in folder.iterdir())
    monkeypatch.setattr(conversations, "datetime", Earlier)
    monkeypatch.setattr(trace, "datetime", Earlier)
    assert [one.id for one in talks.list("")] == [second.id, first.id]
    assert "35户" in asked(talks, first)
    third = talks.open("", "")
    asked(talks, third)
    assert [one.id for one in open_talks(assistant).list("")] == [third.id, first.id, second.id]
    assert sorted(path.name for path in folder.iterdir()) == before
