"""Where characters stand on their pages: kept small, and merged into one box a line."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
_NOWHERE = 65535
_STEPS = 65534


def pack(boxes: NDArray[np.float32] | None) -> bytes | None:
    """Boxes of shape (characters, 4), fractions of a page, in 16 bits each (a page of 2 m is cut finer than
    0.04 mm), as differences along the text and deflated: about a quarter of the float32."""
    if boxes is None:
        return None
    steps = np.round(np.clip(np.nan_to_num(boxes, nan=0.0), 0.0, 1.0) * _STEPS).astype(np.uint16)
    steps[~np.isfinite(boxes).all(axis=1)] = _NOWHERE
    columns = np.diff(steps.T, axis=1, prepend=np.uint16(0))  # modulo 2**16, so nothing is lost
    return zlib.compress(np.ascontiguousarray(columns, "<u2").tobytes(), 6)


def unpack(data: bytes | None) -> NDArray[np.float32] | None:
    """What `pack` packed, shape (characters, 4); NaN where a character stands nowhere."""
    if data is None:
        return None
    columns = np.frombuffer(zlib.decompress(data), "<u2").reshape(4, -1)
    steps = np.cumsum(columns, axis=1, dtype=np.uint16).T
    boxes = steps.astype(np.float32) / np.float32(_STEPS)
    boxes[steps[:, 0] == _NOWHERE] = np.nan
    return boxes


def line_boxes(
    text: str, boxes: NDArray[np.float32] | None, pages: Sequence[int], start: int, end: int
) -> list[tuple[int, Box]]:
    """(page number, left, top, right, bottom) of each printed line among the characters [start, end)."""
    if boxes is None:
        return []
    lines: list[tuple[int, list[float]]] = []
    for page, box in _placed(text, boxes, pages, max(0, start), min(end, len(boxes))):
        if lines and lines[-1][0] == page and _continues(lines[-1][1], box):
            line = lines[-1][1]
            line[:] = [min(line[0], box[0]), min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3])]
        else:
            lines.append((page, list(box)))
    return [(page, (line[0], line[1], line[2], line[3])) for page, line in lines]


def _placed(
    text: str, boxes: NDArray[np.float32], pages: Sequence[int], start: int, end: int
) -> Iterator[tuple[int, Box]]:
    for offset in range(start, end):
        left, top, right, bottom = (float(value) for value in boxes[offset])
        if left == left and not text[offset].isspace():
            yield max(1, bisect_right(pages, offset)), (left, top, right, bottom)


def _continues(line: list[float], box: Box) -> bool:
    """Whether a character stands on the line: its middle within the line's height, to the right, and near."""
    middle = (box[1] + box[3]) / 2
    near = max(4 * (box[2] - box[0]), 0.02)
    return line[1] <= middle <= line[3] and line[2] - near <= box[2] and box[0] - line[2] <= near
