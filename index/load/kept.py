"""What a reader of long files tells while it works, and the pages it has read by OCR, kept for a build that goes on.

Both are set for a whole process by the one that reads files apart (index/load/child.py); elsewhere nothing is heard
or kept.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.load.pages import Segment

Picture = NDArray[np.uint8]


class Desk:
    """`heard` is told after each page; `folder` is where read pages are kept, None for nowhere."""

    def __init__(self) -> None:
        self.heard: Callable[[], None] = lambda: None
        self.folder: Path | None = None


DESK = Desk()


def find_page(picture: Picture) -> tuple[Segment, ...] | None:
    """What was read in the same picture before, None where nothing is kept of it."""
    if DESK.folder is None:
        return None
    with suppress(OSError, ValueError, KeyError):
        kept = json.loads((DESK.folder / _name(picture)).read_text("utf-8"))
        return tuple(Segment(text, np.asarray(boxes, np.float64).reshape(-1, 4), turn) for text, boxes, turn in kept)
    return None


def keep_page(picture: Picture, found: tuple[Segment, ...]) -> None:
    """Keep what was read, where pages are kept; a disk that is full is no reason to fail."""
    if DESK.folder is None:
        return
    data = json.dumps([(segment.text, segment.boxes.tolist(), segment.turn) for segment in found], ensure_ascii=False)
    beside = DESK.folder / f"{os.getpid()}.new"
    with suppress(OSError):
        beside.write_text(data, "utf-8")
        beside.replace(DESK.folder / _name(picture))


def _name(picture: Picture) -> str:
    digest = sha256(repr(picture.shape).encode())
    digest.update(np.ascontiguousarray(picture).data)
    return f"{digest.hexdigest()[:32]}.json"
