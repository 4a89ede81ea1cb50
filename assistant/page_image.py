"""A page of a report as a picture, with where a quote stands on it."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import PIL.Image


WIDTH = 1200  # pixels
MOST_BYTES = 200_000_000  # a larger file is not read for a picture
_PICTURES = frozenset({".png", ".jpg", ".jpeg"})
_PDF = ".pdf"

_one_at_a_time = threading.Lock()  # PDFium is not made for threads

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PageImage:
    """`jpeg` is page `page` (from 1), `width` × `height` pixels; `boxes` are left, top, right, bottom of each line of
    the quote as fractions of the page, from its top left corner."""

    page: int
    width: int
    height: int
    jpeg: bytes
    boxes: tuple[Box, ...]


def page_image(path: Path, sha256: str, placed: Sequence[tuple[int, Box]]) -> PageImage | None:
    """The page on which the first of `placed` (page, box) stands, with its boxes; None where there is no picture.

    None too where the file is not the one that was indexed (`sha256`), or cannot be drawn.
    """
    if not placed or path.suffix.lower() not in {_PDF, *_PICTURES}:
        return None
    page = placed[0][0]
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    except OSError:
        return None
    if hashlib.sha256(data).hexdigest() != sha256:
        return None
    drawn = _drawn(data, page, pdf=path.suffix.lower() == _PDF)
    return drawn and PageImage(page, *drawn, tuple(box for number, box in placed if number == page))


def _drawn(data: bytes, page: int, *, pdf: bool) -> tuple[int, int, bytes] | None:
    """Width, height and the JPEG of one page; None if it cannot be drawn."""
    from PIL import Image

    try:
        image = _pdf_page(data, page) if pdf else _picture(data)
    except (ValueError, OSError, RuntimeError, Image.DecompressionBombError):
        return None
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80, optimize=True)
    return image.width, image.height, out.getvalue()


def _pdf_page(data: bytes, number: int) -> PIL.Image.Image:
    import pypdfium2

    with _one_at_a_time, pypdfium2.PdfDocument(data) as document:
        page = document[number - 1]
        picture: PIL.Image.Image = page.render(scale=min(4.0, WIDTH / max(1.0, page.get_width()))).to_pil()
        return picture.convert("RGB")


def _picture(data: bytes) -> PIL.Image.Image:
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))).convert("RGB")
    upright.thumbnail((WIDTH, WIDTH * 4))
    return upright
