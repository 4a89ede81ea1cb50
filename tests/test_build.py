"""Builds: only what changed is made anew, an interrupted one loses nothing, bad files are named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from numpy.typing import NDArray

from index import (
    BuildProgress,
    Embedder,
    IndexMissingError,
    IndexStoreError,
    ReportError,
    build_index,
    current_version,
    finish,
    index_status,
    list_versions,
    open_index,
    verify,
)
from index import build as building

ROOT = Path(__file__).parents[1]


class Counting(Embedder):
    """The real embedder, counting the passages it embeds."""

    def __init__(self, real: Embedder, name: str = "") -> None:
        super().__init__(name or real.name, lambda: real._model, real.dimensions)
        self._encode = real._encode  # type: ignore[method-assign]
        self.embedded = 0

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        vectors = super().embed(texts, progress=progress)
        self.embedded += len(texts)
        return vectors


@pytest.fixture
def counting(embedder: Embedder) -> Counting:
    return Counting(embedder)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    (folder / "川东").mkdir(parents=True)
    write(folder / "青河.md", "青河")
    write(folder / "川东" / "白石.txt", "白石")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


def write(path: Path, place: str, number: int = 35) -> None:
    sentences = [f"{place}县第{i}个工业园区有规上企业{number + i}户，全年产值增长{i}.6%。" for i in range(1, 9)]
    path.write_text(f"# {place}县工业一年\n\n2023年，{''.join(sentences)}\n", "utf-8")


def contents(folder: Path, embedder: Embedder) -> list[tuple[str, str, str]]:
    with closing(open_index(folder, embedder)) as index:
        return [(passage.id, passage.source, passage.text) for passage in index.all_passages()]


def test_building_twice_gives_the_same_and_embeds_nothing(
    reports: Path, folder: Path, counting: Counting, tmp_path: Path
) -> None:
    first = build_index(reports, folder, counting)
    assert (first.changed, first.sources, first.embedded) == (True, 2, first.passages)
    assert first.added == ("川东/白石.txt", "青河.md")
    made, counting.embedded = contents(folder, counting), 0
    second = build_index(reports, folder, counting)
    assert (second.changed, second.version, second.embedded) == (False, first.version, 0)
    assert counting.embedded == 0
    assert contents(folder, counting) == made
    build_index(reports, tmp_path / "elsewhere", counting)
    assert contents(tmp_path / "elsewhere", counting) == made


def test_only_a_changed_file_is_embedded(reports: Path, folder: Path, counting: Counting) -> None:
    first = build_index(reports, folder, counting)
    with closing(open_index(folder, counting)) as index:
        kept = [p.id for p in index.all_passages() if p.source == "川东/白石.txt"]
        before = index.vectors(kept)
    counting.embedded = 0
    write(reports / "青河.md", "青河", 61)
    write(reports / "云岭.md", "云岭")
    done = build_index(reports, folder, counting)
    assert (done.added, done.updated, done.removed) == (("云岭.md",), ("青河.md",), ())
    assert 0 < counting.embedded == done.embedded <= done.passages - len(kept)
    with closing(open_index(folder, counting)) as index:
        assert index.version != first.version
        np.testing.assert_allclose(index.vectors(kept), before, atol=1e-6)
        assert "61" not in index.text("川东/白石.txt")
        assert index.text("青河.md") == (reports / "青河.md").read_text("utf-8")
    assert verify(folder, counting) == []


def test_a_removed_file_leaves_and_a_renamed_one_keeps_its_vectors(
    reports: Path, folder: Path, counting: Counting
) -> None:
    build_index(reports, folder, counting)
    counting.embedded = 0
    (reports / "青河.md").rename(reports / "青河县.md")
    done = build_index(reports, folder, counting)
    assert (done.added, done.removed) == (("青河县.md",), ("青河.md",))
    assert counting.embedded == 0
    (reports / "青河县.md").unlink()
    assert build_index(reports, folder, counting).removed == ("青河县.md",)
    assert {source for _, source, _ in contents(folder, counting)} == {"川东/白石.txt"}
    assert verify(folder, counting) == []


def test_full_makes_all_anew(reports: Path, folder: Path, counting: Counting) -> None:
    first = build_index(reports, folder, counting)
    made, counting.embedded = contents(folder, counting), 0
    again = build_index(reports, folder, counting, full=True)
    assert (again.changed, counting.embedded) == (True, again.passages)
    assert again.version != first.version
    assert contents(folder, counting) == made


def test_another_model_makes_all_anew(reports: Path, folder: Path, counting: Counting) -> None:
    build_index(reports, folder, counting)
    other = Counting(counting, "another model")
    done = build_index(reports, folder, other)
    assert other.embedded == done.passages
    assert index_status(reports, folder).embedding == "another model"


def test_new_code_cuts_the_reports_again(
    reports: Path, folder: Path, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_index(reports, folder, counting)
    counting.embedded = 0
    monkeypatch.setattr(building, "pipeline_digest", lambda: "of a later release")
    again = build_index(reports, folder, counting)
    assert (again.changed, counting.embedded) == (True, 0)
    assert again.version != first.version
    assert not build_index(reports, folder, counting).changed


@pytest.mark.parametrize("stage", ["read", "embed", "write"])
def test_an_interrupted_build_loses_nothing(reports: Path, folder: Path, counting: Counting, stage: str) -> None:
    first = build_index(reports, folder, counting)
    made = contents(folder, counting)
    write(reports / "云岭.md", "云岭")

    def interrupt(progress: BuildProgress) -> None:
        if progress.stage == stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(reports, folder, counting, progress=interrupt)
    assert current_version(folder) == first.version
    assert contents(folder, counting) == made
    done = build_index(reports, folder, counting)
    assert done.added == ("云岭.md",)
    assert sorted(path.name for path in (folder / "versions").iterdir()) == sorted(
        version.name for version in list_versions(folder)
    )
    assert verify(folder, counting) == []


@pytest.mark.parametrize("step", ["_check", "publish", "prune"])
def test_a_failure_between_writing_and_publishing(
    reports: Path, folder: Path, counting: Counting, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build_index(reports, folder, counting)
    write(reports / "云岭.md", "云岭")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(finish, step, fail)
        with pytest.raises(IndexStoreError, match=r"无法写入索引目录.*磁盘空间"):
            build_index(reports, folder, counting)
    assert (current_version(folder) == first.version) == (step != "prune")
    assert build_index(reports, folder, counting).sources == 3
    assert verify(folder, counting) == []


KILLED = """
import os, sys
from pathlib import Path
from assistant import read_settings
from index import build_index, load_embedder

def kill(progress):
    if progress.stage == "embed":
        os.kill(os.getpid(), 9)

home = Path(sys.argv[1])
build_index(home / "reports", home / "index", load_embedder("bundled", read_settings().models), progress=kill)
"""


def test_a_killed_build_is_repeated(reports: Path, folder: Path, counting: Counting, tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert killed.returncode == -9
    with pytest.raises(IndexMissingError):
        open_index(folder, counting)
    assert build_index(reports, folder, counting).sources == 2
    assert verify(folder, counting) == []


def test_a_left_over_of_a_killed_build_is_removed(reports: Path, folder: Path, counting: Counting) -> None:
    left_over = folder / "versions" / ".new-killed"
    left_over.mkdir(parents=True)
    (left_over / "lexical.sqlite").write_bytes(b"half")
    build_index(reports, folder, counting)
    assert not left_over.exists()


def test_a_second_build_waits_for_the_first(reports: Path, folder: Path, counting: Counting) -> None:
    folder.mkdir()
    lock, waiting = FileLock(folder / ".build.lock"), threading.Event()
    told: list[str] = []

    def tell(progress: BuildProgress) -> None:
        told.append(progress.stage)
        waiting.set()

    lock.acquire()
    second = threading.Thread(target=lambda: build_index(reports, folder, counting, progress=tell))
    second.start()
    assert waiting.wait(10)
    time.sleep(0.2)
    assert told == ["wait"]
    lock.release()
    second.join(60)
    assert told[1] == "read"
    assert len(list_versions(folder)) == 1


def test_progress_counts_up_to_the_total(reports: Path, folder: Path, counting: Counting) -> None:
    told: list[BuildProgress] = []
    done = build_index(reports, folder, counting, progress=told.append)
    last = {progress.stage: (progress.done, progress.total) for progress in told}
    assert last == {"read": (2, 2), "embed": (done.passages,) * 2, "write": (done.passages,) * 2}


def test_an_open_index_goes_on_during_rebuilds(reports: Path, folder: Path, counting: Counting) -> None:
    first = build_index(reports, folder, counting)
    with closing(open_index(folder, counting)) as index:
        expected = index.dense("青河县规上企业", 3), index.lexical("青河县规上企业", 3)
        for number in (40, 50):
            write(reports / "青河.md", "青河", number)
            build_index(reports, folder, counting)
        assert index.version == first.version != current_version(folder)
        assert (index.dense("青河县规上企业", 3), index.lexical("青河县规上企业", 3)) == expected
        assert "青河县第1个工业园区有规上企业36户" in index.text("青河.md")


def test_old_versions_are_pruned(reports: Path, folder: Path, counting: Counting) -> None:
    for number in range(5):
        write(reports / "青河.md", "青河", number + 10)
        build_index(reports, folder, counting)
    assert len(list_versions(folder)) == 3
    assert list_versions(folder)[0].current


def test_a_bad_file_is_named_and_the_rest_is_indexed(reports: Path, folder: Path, counting: Counting) -> None:
    build_index(reports, folder, counting)
    (reports / "青河.md").write_bytes(b"\x00\x01\x02" * 100)
    (reports / "空.txt").write_bytes(b"")
    (reports / "照片.png").write_bytes(b"\x89PNG")
    done = build_index(reports, folder, counting)
    assert sorted(source for source, _ in done.skipped) == ["照片.png", "空.txt", "青河.md"]
    assert all(reason.endswith("。") for _, reason in done.skipped)
    assert (done.removed, done.sources) == (("青河.md",), 1)


def test_hidden_files_and_the_index_itself_are_no_reports(reports: Path, counting: Counting) -> None:
    write(reports / ".草稿.md", "草稿")
    (reports / ".git").mkdir()
    write(reports / ".git" / "云岭.md", "云岭")
    inside = reports / "index"
    build_index(reports, inside, counting)
    done = build_index(reports, inside, counting)
    assert (done.sources, done.skipped, done.changed) == (2, (), False)


def test_nothing_to_index_is_one_sentence_and_the_old_version_stays(
    reports: Path, folder: Path, counting: Counting, tmp_path: Path
) -> None:
    first = build_index(reports, folder, counting)
    with pytest.raises(ReportError, match=r"^报告目录 .*不存在.*。$"):
        build_index(tmp_path / "nowhere", folder, counting)
    shutil.rmtree(reports / "川东")
    (reports / "青河.md").write_bytes(b"")
    with pytest.raises(ReportError, match=r"^没有一份报告可以建立索引：.*青河\.md.*。$"):
        build_index(reports, folder, counting)
    (reports / "青河.md").unlink()
    with pytest.raises(ReportError, match=r"^报告目录 .*是空的.*。$"):
        build_index(reports, folder, counting)
    assert current_version(folder) == first.version


def test_a_broken_index_is_built_anew(reports: Path, folder: Path, counting: Counting) -> None:
    first = build_index(reports, folder, counting)
    (folder / "versions" / first.version / "lexical.sqlite").unlink()
    again = build_index(reports, folder, counting)
    assert again.version != first.version
    assert verify(folder, counting) == []


def test_an_index_folder_that_cannot_be_written_is_one_sentence(
    reports: Path, counting: Counting, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(IndexStoreError, match=r"^无法写入索引目录 .*。$"):
        build_index(reports, tmp_path / "file" / "index", counting)


def test_status_tells_what_a_build_would_find(reports: Path, folder: Path, counting: Counting) -> None:
    nothing = index_status(reports, folder)
    assert (nothing.version, nothing.sources, nothing.added) == ("", 0, ("川东/白石.txt", "青河.md"))
    assert not folder.exists()
    done = build_index(reports, folder, counting)
    write(reports / "青河.md", "青河", 90)
    write(reports / "云岭.md", "云岭")
    shutil.rmtree(reports / "川东")
    status = index_status(reports, folder)
    assert (status.version, status.embedding) == (done.version, counting.name)
    assert (status.sources, status.passages) == (2, done.passages)
    assert (status.added, status.changed, status.removed) == (("云岭.md",), ("青河.md",), ("川东/白石.txt",))


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX alone")
def test_a_file_name_that_is_no_text_is_named(reports: Path, folder: Path, counting: Counting) -> None:
    try:
        Path(os.fsdecode(os.fsencode(reports) + b"/\xff\xfe.md")).write_text("内容。", "utf-8")
    except OSError:
        pytest.skip("this file system refuses such names")
    done = build_index(reports, folder, counting)
    assert done.sources == 2
    assert "文件名" in done.skipped[0][1]
