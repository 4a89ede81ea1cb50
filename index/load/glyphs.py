"""A PDF page's text layer -> segments of lines, through pdfium. Call only while holding `PDFIUM`."""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import RLock
from typing import Any

import numpy as np

from index.load.pages import Segment, turned

# pdfium is not thread-safe: one call at a time in the whole process.
PDFIUM = RLock()

_RADICALS = str.maketrans(
    "⺠⺁⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳⺎⺟⺬⺾⻌⻫⻭⻯⻲",
    "民厂虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟兀母示艹辶斉歯竜亀",
)
_BULLETS = frozenset("\uf06c\uf06e\uf075\uf076\uf077\uf09f\uf0a7\uf0b2\uf0b7\uf0d8\uf0e8\uf0fc")
_PIECE = 1.0  # a gap wider than this many heights of the type ends a segment


@dataclass(frozen=True, slots=True)
class Glyph:
    """One printed character: box in points from the page's top left corner, quarter turns, space before it."""

    character: str
    left: float
    top: float
    right: float
    bottom: float
    turn: int
    spaced: bool


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What pdfium reads on one page. `width` and `height` are in points, as the page is shown.

    `broken` is the share of characters that no reader can tell: without a Unicode value, private, or replaced.
    """

    glyphs: tuple[Glyph, ...]
    width: float
    height: float
    broken: float

    @property
    def usable(self) -> bool:
        """Whether the characters can be believed to be what is printed."""
        return self.broken <= 0.1 and _reads("".join(glyph.character for glyph in self.glyphs))


def read_layer(page: Any, *, most: int) -> TextLayer | None:
    """The characters of a pypdfium2 page in the order in which they were drawn.

    Left out: white space (kept as `spaced`), control characters, what stands outside the visible page, and the
    second copy of characters drawn twice for a bold look. None if there are more than `most` characters.
    """
    import pypdfium2.raw as pdfium

    width, height = page.get_size()
    textpage = page.get_textpage()
    pen = _Pen(textpage, _to_display(page, width, height))
    try:
        if textpage.count_chars() > most:
            return None
        broken, total, glyphs = 0, 0, list[Glyph]()
        spaced = False
        for i in range(textpage.count_chars()):
            code = int(pdfium.FPDFText_GetUnicode(textpage, i))
            character = _character(code)
            if character.isspace():
                spaced = True
                continue
            total += 1
            if pdfium.FPDFText_HasUnicodeMapError(textpage, i) == 1 or _unknown(character):
                broken += 1
            if not character:
                continue
            glyph = pen.glyph(i, character, spaced)
            spaced = False
            if glyph.right > 0 and glyph.bottom > 0 and glyph.left < width and glyph.top < height:
                glyphs.append(glyph)
    finally:
        textpage.close()
    kept = tuple(_once(glyphs))
    return TextLayer(kept, width, height, broken / max(1, total))


def _to_display(page: Any, width: float, height: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Affine map (2, 3) from PDF space to points from the top left corner of the page as it is shown."""
    import pypdfium2.raw as pdfium

    scale = 1000
    x, y = ctypes.c_int(), ctypes.c_int()
    seen = []
    for corner in ((0.0, 0.0), (1000.0, 0.0), (0.0, 1000.0)):
        size = (int(width * scale), int(height * scale))
        pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, *corner, x, y)
        seen.append((x.value / scale, y.value / scale))
    origin, right, up = (np.array(point) for point in seen)
    return np.stack([(right - origin) / 1000, (up - origin) / 1000, origin], axis=1)


class _Pen:
    """Asks pdfium where a character stands, into values that it keeps."""

    def __init__(self, textpage: Any, to_display: Any) -> None:
        import pypdfium2.raw as pdfium

        self._pdfium, self._textpage, self._rows = pdfium, textpage, to_display.tolist()
        self._rect, self._matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        self._x, self._y = ctypes.c_double(), ctypes.c_double()

    def glyph(self, i: int, character: str, spaced: bool) -> Glyph:
        pdfium, rect, matrix = self._pdfium, self._rect, self._matrix
        pdfium.FPDFText_GetLooseCharBox(self._textpage, i, rect)
        pdfium.FPDFText_GetMatrix(self._textpage, i, matrix)
        points = [self._show(rect.left, rect.top), self._show(rect.right, rect.bottom), *self._em(i)]
        (ax, bx, _), (ay, by, _) = self._rows
        shown = math.atan2(ay * matrix.a + by * matrix.b, ax * matrix.a + bx * matrix.b)
        xs, ys = zip(*points, strict=True)
        turn = round(shown / (math.pi / 2)) % 4
        return Glyph(character, min(xs), min(ys), max(xs), max(ys), turn, spaced)

    def _show(self, x: float, y: float) -> tuple[float, float]:
        (ax, bx, cx), (ay, by, cy) = self._rows
        return ax * x + bx * y + cx, ay * x + by * y + cy

    def _em(self, i: int) -> list[tuple[float, float]]:
        """Where the line's type begins and ends over and under a glyph that pdfium gives no more than its ink.

        Of some fonts (Type 3) it knows no ascent; a 一 would be as flat as it is drawn.
        """
        rect, matrix = self._rect, self._matrix
        length = math.hypot(matrix.c, matrix.d)
        em = self._pdfium.FPDFText_GetFontSize(self._textpage, i) * length
        if not 0 < em < 10_000 or max(rect.top - rect.bottom, rect.right - rect.left) < 0.2 * em:
            return []
        ink = abs(rect.right - rect.left) * abs(matrix.c) + abs(rect.top - rect.bottom) * abs(matrix.d)
        if ink > 0.8 * em * length or not self._pdfium.FPDFText_GetCharOrigin(self._textpage, i, self._x, self._y):
            return []
        x, y = self._x.value, self._y.value
        up, across = matrix.d / length * em, matrix.c / length * em
        return [self._show(x + 0.88 * across, y + 0.88 * up), self._show(x - 0.12 * across, y - 0.12 * up)]


def _character(code: int) -> str:
    """What a code of pdfium stands for: radicals as the characters they draw, vertical forms as the usual ones."""
    if code == 2:
        return "-"  # pdfium's own sign for a hyphen at the end of a line
    if code == 0 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        return "\ufffd"
    character = chr(code)
    if "\u2f00" <= character <= "\u2fdf" or "\uf900" <= character <= "\ufaff" or "\ufe10" <= character <= "\ufe4f":
        return unicodedata.normalize("NFKC", character)[:1]
    if character in _BULLETS:
        return "•"
    if unicodedata.category(character) == "Cc" and not character.isspace():
        return ""
    if unicodedata.category(character) == "Cf":  # soft hyphens, joiners, marks of direction: nothing is printed
        return " "
    return character.translate(_RADICALS)


def _unknown(character: str) -> bool:
    return character in ("", "\ufffd") or unicodedata.category(character) in ("Co", "Cn")


def _reads(text: str) -> bool:
    """Whether most characters are in use: a wrong table gives rare ideographs or accented letters."""
    ideographs = [c for c in text if "\u3400" <= c <= "\u9fff"]
    common = sum(1 for c in ideographs if _common(c))
    accented = sum(1 for c in text if "\x80" <= c <= "\u024f" and c not in "·°±×÷²³§")
    return common >= 0.75 * len(ideographs) and accented <= max(3, 0.2 * len(text))


def _common(character: str) -> bool:
    """In GB 2312, or among the frequent characters of Big5 (its first level)."""
    return len(character.encode("gb2312", "ignore")) == 2 or b"\xa4\x40" <= character.encode("big5", "ignore") < b"\xc9"


def _once(glyphs: Sequence[Glyph]) -> Iterator[Glyph]:
    """Without the second of two equal characters that stand less than a third of their size apart."""
    seen: dict[tuple[str, int, int], list[tuple[float, float]]] = {}
    for glyph in glyphs:
        x, y = (glyph.left + glyph.right) / 2, (glyph.top + glyph.bottom) / 2
        near_x, near_y = 0.3 * (glyph.right - glyph.left), 0.3 * (glyph.bottom - glyph.top)
        column, row = int(x // 8), int(y // 8)
        cells = [(glyph.character, column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        if any(abs(x - a) < near_x and abs(y - b) < near_y for cell in cells for a, b in seen.get(cell, ())):
            continue
        seen.setdefault((glyph.character, column, row), []).append((x, y))
        yield glyph


def segments_of(layer: TextLayer) -> tuple[Segment, ...]:
    """Runs of glyphs drawn one after another in one line, those of vertical writing included."""
    made: list[Segment] = []
    for turn in range(4):
        glyphs = [glyph for glyph in layer.glyphs if glyph.turn == turn]
        if glyphs:
            where = np.array([(g.left, g.top, g.right, g.bottom) for g in glyphs])
            level = turned(where, turn, layer.width, layer.height)
            made.extend(_segments(glyphs, where, level, turn))
    return tuple(made)


def _segments(glyphs: Sequence[Glyph], where: Any, level: Any, turn: int) -> Iterator[Segment]:
    for run in _runs(level, np.array(["\u3400" <= g.character <= "\u9fff" for g in glyphs])):
        downward = len(run) > 1 and not _follows(level[run[0]], level[run[1]])
        begin, end = (1, 3) if downward else (0, 2)
        gaps = level[run[1:], begin] - level[run[:-1], end]
        wide = (float(np.median(gaps)) if len(run) > 1 else 0.0) + 0.15 * _size(level[run[0]])
        text, rows = glyphs[run[0]].character, [where[run[0]]]
        for gap, i in zip(gaps, run[1:], strict=True):
            # pdfium guesses spaces from gaps, also between the characters of a justified line
            if glyphs[i].spaced and gap > wide:
                text += " "
                rows.append(np.full(4, math.nan))
            text += glyphs[i].character
            rows.append(where[i])
        yield Segment(text, np.array(rows, dtype=np.float64), (turn + downward) % 4)


def _size(box: Any) -> float:
    return float(box[3] - box[1])


def _follows(one: Any, other: Any) -> bool:
    """Whether `other` stands next to `one` on the right."""
    lower = min(_size(one), _size(other))
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return bool(shared > 0.5 * lower and -0.5 * lower < other[0] - one[2] < _PIECE * lower)


def _hangs(one: Any, other: Any) -> bool:
    """Whether `other` stands right below `one`, as in vertical writing."""
    size = min(one[2] - one[0], other[2] - other[0])
    shared = min(one[2], other[2]) - max(one[0], other[0])
    return bool(shared > 0.7 * size and -0.5 * size < other[1] - one[3] < 0.4 * size)


def _runs(level: Any, ideograph: Any) -> list[list[int]]:
    """Indices in runs; vertical only where four or more ideographs hang below one another."""
    runs: list[list[int]] = []
    i = 0
    while i < len(level):
        end = i + 1
        while end < len(level) and _hangs(level[end - 1], level[end]):
            end += 1
        if end - i >= 4 and ideograph[i:end].mean() > 0.5:
            runs.append(list(range(i, end)))
            i = end
            continue
        end = i + 1
        while end < len(level) and _follows(level[end - 1], level[end]):
            end += 1
        runs.append(list(range(i, end)))
        i = end
    return runs
