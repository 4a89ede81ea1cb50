"""SIGKILL at random moments of real builds: the last version answers, the next build loses and doubles nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import pytest

from index import Embedder, build_index, current_version, list_versions, open_index, verify

ROOT = Path(__file__).parents[1]
STAGES = ("start", "read", "embed", "write", "publish")
KILLS = int(os.environ.get("KILLS", "20"))  # `make thorough` does 50, and half as many of an index in two layers
pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL and fork are of POSIX")


class Zygote(NamedTuple):
    """A process that forks builds over `home`, in two layers from `large` passages on."""

    home: Path
    large: int
    process: subprocess.Popen[str]

    def build(self, *, kill: tuple[str, float] | None = None) -> tuple[int, float]:
        """One build, killed some seconds after it has come to a stage (or past it): how it ended, and its seconds."""
        assert self.process.stdin
        self.stage.write_text("")
        self.process.stdin.write(f"{self.large} {self.home}\n")
        self.process.stdin.flush()
        child, started = int(self._line()), time.perf_counter()
        if kill is not None:
            with suppress(ProcessLookupError):  # it has ended
                while STAGES.index(self.at) < STAGES.index(kill[0]):
                    os.kill(child, 0)
                    time.sleep(0.0002)
                time.sleep(kill[1])
                os.kill(child, signal.SIGKILL)
        return int(self._line()), time.perf_counter() - started

    @property
    def stage(self) -> Path:
        """The file in which the build says what it is at."""
        return self.home / "stage"

    @property
    def at(self) -> str:
        said = self.stage.read_text().strip()
        return said if said in STAGES else STAGES[0]

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(Path(__file__).with_name("kill_zygote.py"))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
        assert process.stdin
        process.stdin.close()


@pytest.fixture(params=[(20_000, KILLS), (8, KILLS // 2)], ids=["one layer", "two layers"])
def zygote(request: pytest.FixtureRequest, tmp_path: Path, process: subprocess.Popen[str]) -> Zygote:
    (tmp_path / "reports").mkdir()
    return Zygote(tmp_path, request.param[0], process)


def write(path: Path, number: int) -> None:
    path.write_text(f"# 青河县工业{number}\n\n2023年，青河县第{number}个园区有规上企业{number}户。\n", "utf-8")


def change(reports: Path, number: int, dice: random.Random) -> None:
    """Add a report; now and then change, rename or delete one, or add a copy of one."""
    write(reports / f"{number}.md", number)
    files = sorted(reports.iterdir())
    victim = dice.choice(files)
    what = dice.randrange(5)
    if what == 0:
        write(victim, number + 1000)
    elif what == 1:
        victim.rename(reports / f"改名{number}.md")
    elif what == 2 and len(files) > 5:
        victim.unlink()
    elif what == 3:
        (reports / f"{victim.stem}副本.md").write_bytes(victim.read_bytes())


@pytest.mark.timeout(60 + 30 * KILLS)
def test_killed_at_random_moments(
    zygote: Zygote, embedder: Embedder, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    kills = request.node.callspec.params["zygote"][1]
    reports, folder, dice = zygote.home / "reports", zygote.home / "index", random.Random(20231226)
    for number in range(6):
        write(reports / f"起{number}.md", number + 500)
    assert zygote.build()[0] == 0
    change(reports, 0, dice)
    whole = zygote.build()[1]
    struck: Counter[str] = Counter()
    for number in range(1, kills + 1):
        before = current_version(folder)
        change(reports, number, dice)
        later = dice.uniform(0, whole / 4) * dice.randrange(2)
        if zygote.build(kill=(dice.choice(STAGES), later))[0] == -signal.SIGKILL:
            struck[zygote.at] += 1
        with closing(open_index(folder, embedder)) as index:
            assert index.dense("青河县园区", 3)
            assert index.lexical("青河县园区", 3)
        if current_version(folder) != before:  # the kill came after the swap, or not at all
            assert verify(folder, embedder) == []
        if number % 5 == 0:
            assert_all_there(reports, folder, embedder)
    with capsys.disabled():
        stages = ", ".join(f"{stage} {count}" for stage, count in struck.most_common())
        print(f"\n{request.node.callspec.id}: {struck.total()} of {kills} builds were killed at work: {stages}")
    assert struck.total() > kills // 3
    assert len(struck) > 1
    assert len(list_versions(folder)) <= 3


def assert_all_there(reports: Path, folder: Path, embedder: Embedder) -> None:
    """After one more build each content is in the index once, as an index made from nothing would hold it."""
    done = build_index(reports, folder, embedder)
    assert verify(folder, embedder) == []
    assert not list(folder.glob("versions/.new-*"))
    assert not (folder / "unpublished.sqlite").exists()
    contents = {path.read_bytes() for path in reports.iterdir()}
    with closing(open_index(folder, embedder)) as index:
        indexed = [info.source for info in index.sources()]
        texts = [passage.text for passage in index.all_passages()]
        assert {index.text(source).encode() for source in indexed} == contents
    assert len(indexed) == len(contents) == done.sources
    assert len(texts) == len(set(texts))
    assert {*indexed, *(name for name, _ in done.duplicates)} == {path.name for path in reports.iterdir()}
