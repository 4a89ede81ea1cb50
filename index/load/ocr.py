"""Pictures of pages -> segments of lines, by rapidocr and the models inside its package: nothing is downloaded."""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from index.errors import ReportError
from index.load.kept import Picture, find_page, keep_page
from index.load.pages import Boxes, Segment, turned

LONGEST_SIDE = 4000  # pixels; larger pictures are scaled down before they are read
_DETECTED_AT = 2400  # pixels of the longest side for finding lines: at 4000 this takes 2 GB more and finds no more
_SMALL = 1200  # pixels; pictures below are doubled, for screenshots have small type
_UPRIGHT = 0.85  # mean score of a character; lower, and the page may stand on its head
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
_ONE_AT_A_TIME = Lock()


def has_ocr() -> bool:
    """Whether the extra `ocr` is installed."""
    return find_spec("rapidocr") is not None


def recognise(picture: Picture, source: str) -> tuple[Segment, ...]:
    """The lines of text in `picture` ((height, width, 3), RGB), boxes in its pixels.

    A page that lies on its side or its head is turned upright first. Dropped are only lines without any letter,
    digit or ideograph, and lines of one or two characters, that the recogniser is not sure of (score below 0.5 and
    0.3).
    Raises ReportError if the extra is not installed or its models are missing.
    """
    if (kept := find_page(picture)) is not None:
        return kept
    engine = _engine(source)
    found = _read(engine, picture, 0)
    trials = [found]
    if _on_its_side(found):
        trials = [_read(engine, picture, 1), _read(engine, picture, 3)]
    elif found and _sum(found) < _UPRIGHT * sum(len(segment.text) for segment, _ in found):
        trials += [_read(engine, picture, 2)]
    best = tuple(segment for segment, _ in max(trials, key=_sum))
    keep_page(picture, best)
    return best


def _sum(found: list[tuple[Segment, float]]) -> float:
    return sum(score * len(segment.text) for segment, score in found)


def _engine(source: str) -> Any:
    if not has_ocr():
        raise ReportError(
            f"报告“{source}”是扫描件或图片，识别文字需要先安装 OCR 组件，"
            "请运行 pip install 'judian[ocr]' 后重新构建索引。"
        )
    try:
        return _load_engine()
    except (ImportError, FileNotFoundError) as error:
        raise ReportError(
            f"报告“{source}”需要识别文字，但 OCR 组件不完整（{error}），"
            "请运行 pip install --force-reinstall 'judian[ocr]' 后重新构建索引。"
        ) from error


@cache
def _load_engine() -> Any:
    from rapidocr import RapidOCR

    spec = find_spec("rapidocr")
    folder = Path(str(spec.origin if spec else "")).parent / "models"
    params: dict[str, Any] = {
        "Global.log_level": "critical",
        "Global.text_score": 0.0,
        "Global.max_side_len": LONGEST_SIDE,
        "Global.use_cls": False,  # turns single lines round, where whole pages lie wrong
        "Global.return_word_box": True,
        "Global.return_single_char_box": True,
        "Det.max_candidates": 5000,
        "Det.limit_type": "max",
        "Det.limit_side_len": _DETECTED_AT,
    }
    for part, name in _MODELS.items():  # with a path given, rapidocr never looks for a download
        if not (folder / name).is_file():
            raise FileNotFoundError(name)
        params[f"{part}.model_path"] = str(folder / name)
    return RapidOCR(params=params)


def _read(engine: Any, picture: Picture, turn: int) -> list[tuple[Segment, float]]:
    """Segments and scores of the picture turned so that text of `turn` is level; boxes of the picture as it is."""
    level = np.ascontiguousarray(np.rot90(picture, turn)[:, :, ::-1])
    height, width = level.shape[:2]
    scale = 2 if max(height, width) < _SMALL else 1
    with _ONE_AT_A_TIME:
        result = engine(level.repeat(scale, axis=0).repeat(scale, axis=1))
    if result.txts is None or result.boxes is None:
        return []
    words = result.word_results if len(result.word_results) == len(result.txts) else [()] * len(result.txts)
    found = []
    for text, score, quad, characters in zip(result.txts, result.scores, result.boxes, words, strict=True):
        text = text.strip()
        if not text or _noise(text, float(score)):
            continue
        boxes = _character_boxes(text, np.asarray(quad, dtype=np.float64), characters) / scale
        found.append((Segment(text, turned(boxes, -turn % 4, width, height), turn), float(score)))
    return found


def _noise(text: str, score: float) -> bool:
    return score < 0.5 and (not any(c.isalnum() for c in text) or (score < 0.3 and len(text) <= 2))


def _character_boxes(text: str, quad: Boxes, characters: Any) -> Boxes:
    """A box for each character: the recogniser's own, or an even share of the line's where it gives none."""
    visible = [i for i, c in enumerate(text) if not c.isspace()]
    boxes = np.full((len(text), 4), math.nan)
    own = [(c, np.asarray(corners)) for c, _, corners in characters or () if c.strip()]
    if "".join(c for c, _ in own) == "".join(text[i] for i in visible):
        for i, (_, corners) in zip(visible, own, strict=True):
            boxes[i] = [*corners.min(axis=0), *corners.max(axis=0)]
        return boxes
    widths = np.array([1.0 if ord(c) > 0x2000 else 0.55 for c in text])
    ends = np.cumsum(widths) / widths.sum()
    (left, top), (right, bottom) = quad.min(axis=0), quad.max(axis=0)
    down = bottom - top > 1.5 * (right - left)
    for i in visible:
        start, end = ends[i] - widths[i] / widths.sum(), ends[i]
        if down:
            boxes[i] = [left, top + start * (bottom - top), right, top + end * (bottom - top)]
        else:
            boxes[i] = [left + start * (right - left), top, left + end * (right - left), bottom]
    return boxes


def _on_its_side(found: list[tuple[Segment, float]]) -> bool:
    """Whether most characters stand in lines that run up or down the picture."""
    tall = total = 0
    for segment, _ in found:
        width = np.nanmax(segment.boxes[:, 2]) - np.nanmin(segment.boxes[:, 0])
        height = np.nanmax(segment.boxes[:, 3]) - np.nanmin(segment.boxes[:, 1])
        total += len(segment.text)
        tall += len(segment.text) if len(segment.text) > 1 and height > 1.5 * width else 0
    return tall > total / 2
