"""Disks that are full or may only be read, for the tests of faults; where mounting is not allowed they are skipped."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(at: Path, kilobytes: int) -> Iterator[Path]:
    """An empty disk of this size, mounted at `at`."""
    at.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(at))
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def enlarge(disk: Path, kilobytes: int) -> None:
    """Give a small disk another size; what is on it stays."""
    _mount("-o", f"remount,size={kilobytes}k", str(disk))


@contextmanager
def full(disk: Path, *, leave: int = 0) -> Iterator[None]:
    """Not a byte is free on the `disk` meanwhile, or no more than `leave` kilobytes."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        with suppress(OSError):
            while True:
                file.write(b"\0" * 4096)
        file.truncate(max(0, file.tell() - leave * 1024))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing below `folder` can be written meanwhile, whoever we are: permissions do not stop root."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("--bind", str(folder), str(folder))
    try:
        _mount("-o", "remount,ro,bind", str(folder))
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _mount(*options: str) -> None:
    if os.name != "posix":
        pytest.skip("mounts of POSIX")
    try:
        subprocess.run(["mount", *options], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting is not allowed")
