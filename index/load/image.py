"""Scanned pages and screenshots (.png, .jpg): pixels -> Report, through OCR."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import ReportError
from index.load.ocr import LONGEST_SIDE, recognise
from index.load.pages import lay_out, report_of
from index.report import Report

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 150_000_000  # a broadsheet at 600 dpi has about 100 million


def read_image(data: bytes, source: str) -> Report:
    """The report in a PNG or JPEG file: one page, its text by OCR, a box for each character.

    Raises ReportError for what is no such picture, for one that is damaged or has more than MAX_PIXELS, for one
    without text, and where the extra `ocr` is missing.
    """
    picture = np.asarray(_open(data, source), dtype=np.uint8)
    lines = lay_out(recognise(picture, source), picture.shape[1], picture.shape[0])
    if not lines:
        raise ReportError(f"图片“{source}”里没有认出文字，请换一张更清晰的图片，或把它移出报告目录。")
    return report_of([lines], data, source)


def image_png(data: bytes, source: str, *, width: int) -> bytes:
    """The picture as a PNG `width` pixels wide. Raises ReportError as `read_image` does."""
    picture = _open(data, source)
    height = max(1, round(picture.height * width / picture.width))
    target = BytesIO()
    picture.resize((width, min(height, 20 * width))).save(target, "PNG")
    return target.getvalue()


def _open(data: bytes, source: str) -> Image:
    """The picture upright, in RGB, on white where it is transparent, its longest side cut to what OCR reads."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of size MAX_PIXELS decides, and damage is told by an exception
            picture = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_large(source)
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
                clear = upright.convert("RGBA")
                upright = Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear)
            return upright.convert("RGB")
    except ReportError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(source) from error
    except UnidentifiedImageError as error:
        raise ReportError(
            f"图片“{source}”不是 PNG 或 JPEG 图片（可能改过后缀或已损坏），请另存后重试，或把它移出报告目录。"
        ) from error
    except Exception as error:  # damaged pictures make the decoders fail in many ways
        raise ReportError(f"图片“{source}”已损坏，解不出图像，请重新导出或下载，或把它移出报告目录。") from error


def _too_large(source: str) -> ReportError:
    return ReportError(f"图片“{source}”超过 {MAX_PIXELS / 1e8:.1f} 亿像素的上限，请缩小后重试。")


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises ReportError if it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ReportError(f"报告“{path.name}”打不开（{error.strerror}），请检查文件是否存在以及读取权限。") from error
