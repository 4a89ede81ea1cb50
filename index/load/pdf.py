"""PDF -> Report: the text layer through pdfium, OCR for pages without a usable one, page by page."""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from index.errors import ReportError
from index.load.glyphs import PDFIUM, TextLayer, read_layer, segments_of
from index.load.image import image_png, read_bytes
from index.load.kept import DESK, Picture
from index.load.ocr import LONGEST_SIDE, has_ocr, recognise
from index.load.pages import PrintedLine, Segment, lay_out, report_of
from index.report import Report

MAX_PAGES = 3000
MAX_SCANNED_PAGES = 500
MAX_CHARACTERS_OF_A_PAGE = 200_000
DPI = 200
_FEW = 50  # characters: a stamp, a page number; not what is printed on a page with a large picture
_SOME = 300  # characters: a heading, a legend, a footer; more are the page's main matter, whatever is pictured on it
_REPRINTED = re.compile(r"Skia|Print To PDF|Quartz|Ghostscript|CUPS|CutePDF|PDFCreator|doPDF", re.I)
_NO_TITLE = re.compile(
    r"(?i)microsoft|untitled|无标题|未命名|文档\d*|幻灯片|\.(?:docx?|wps|pptx?|xlsx?|indd|qxd|fbd|pdf|html?|txt)\b"
)


def read_pdf(data: bytes, source: str) -> Report:
    """The report in a PDF: text in reading order, pages, a box for each character.

    A page without a text layer, with one that no reader can decode, or with hardly any text over a large picture
    is read by OCR at DPI; where some text stands round a picture of half a page, what is written in the picture is
    added to it. Without the extra `ocr` such pictures are passed over, and the report's notes say so. Title and date
    are the metadata's where they make sense. Raises ReportError for a damaged or locked file, one of no pages or too
    many, and for scanned pages where the extra `ocr` is missing.
    """
    with _document(data, source) as document:
        count = _page_count(document, source)
        pages: list[tuple[PrintedLine, ...]] = []
        unread: list[int] = []
        pictured: list[int] = []
        scanned = 0
        for number in range(1, count + 1):
            layer, picture, passed_over = _page(document, number, source)
            pictured += [number] if passed_over else []
            scanned += layer is None or picture is not None
            if scanned > MAX_SCANNED_PAGES:
                raise ReportError(f"报告“{source}”的扫描页超过 {MAX_SCANNED_PAGES} 页，请拆成几份后重试。")
            if layer is None and picture is None:
                unread.append(number)
            else:
                pages.append(_lines(layer, picture, source))
            DESK.heard()
        if unread:
            raise ReportError(_without_ocr(source, unread, count))
        with PDFIUM:
            metadata = document.get_metadata_dict()
    text = "\n".join(line.text for page in pages for line in page)
    date = "" if scanned else _date(metadata, text)
    report = report_of(pages, data, source, title=_title(metadata, text), date=date)
    return replace(report, notes=(_passed_over(source, pictured),)) if pictured else report


def _lines(layer: TextLayer | None, picture: Picture | None, source: str) -> tuple[PrintedLine, ...]:
    """The page's lines: by OCR where there is a picture, unless the text layer says more."""
    if picture is not None:
        found = recognise(picture, source)
        if layer is not None and len(layer.glyphs) >= _FEW:
            scale = layer.width / picture.shape[1]
            return lay_out([*segments_of(layer), *_beside(layer, found, scale)], layer.width, layer.height)
        if layer is None or sum(len(segment.text) for segment in found) >= len(layer.glyphs):
            return lay_out(found, picture.shape[1], picture.shape[0])
    return lay_out(segments_of(layer), layer.width, layer.height) if layer is not None else ()


def _beside(layer: TextLayer, found: Sequence[Segment], scale: float) -> list[Segment]:
    """What was found by OCR where the text layer has nothing, in its unit."""
    marks = np.asarray([((g.left + g.right) / 2, (g.top + g.bottom) / 2) for g in layer.glyphs])
    more = []
    for segment in found:
        boxes = segment.boxes * scale
        inside = (marks > np.nanmin(boxes[:, :2], axis=0)) & (marks < np.nanmax(boxes[:, 2:], axis=0))
        if not inside.all(axis=1).any():
            more.append(replace(segment, boxes=boxes))
    return more


def page_image(path: Path, page: int, *, width: int = 1000) -> bytes:
    """PNG, `width` pixels wide, of page `page` (from 1) of a PDF, or of the picture file `path`.

    The boxes of a Report are fractions of this picture. Raises ReportError if there is no such page or file.
    """
    data = read_bytes(path)
    width = max(16, min(width, LONGEST_SIDE))
    if path.suffix.lower() != ".pdf":
        return image_png(data, path.name, width=width)
    with _document(data, path.name) as document, PDFIUM:
        if not 1 <= page <= len(document):
            raise ReportError(f"报告“{path.name}”没有第 {page} 页，请重新构建索引后再试。")
        loaded = _load_page(document, page, path.name)
        try:
            size = loaded.get_size()
            picture = _render(loaded, min(width / size[0], 5 * LONGEST_SIDE / max(size)))
        finally:
            loaded.close()
    from PIL import Image

    target = BytesIO()
    Image.fromarray(picture).save(target, "PNG")
    return target.getvalue()


@contextmanager
def _document(data: bytes, source: str) -> Iterator[Any]:
    import pypdfium2 as pdfium

    with PDFIUM:
        try:
            document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            raise ReportError(_not_opened(source, getattr(error, "err_code", None))) from error
    try:
        yield document
    finally:
        with PDFIUM:
            document.close()


def _not_opened(source: str, code: int | None) -> str:
    import pypdfium2.raw as raw

    if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
        return f"报告“{source}”有密码保护，打不开，请先去掉密码另存一份，或把它移出报告目录。"
    return f"报告“{source}”不是完整的 PDF 文件（已损坏或没有下载完），请重新下载，或把它移出报告目录。"


def _page_count(document: Any, source: str) -> int:
    with PDFIUM:
        count = len(document)
    if count < 1:
        raise ReportError(f"报告“{source}”里一页也没有，请重新导出，或把它移出报告目录。")
    if count > MAX_PAGES:
        raise ReportError(f"报告“{source}”有 {count} 页，超过 {MAX_PAGES} 页的上限，请拆成几份后重试。")
    return count


def _load_page(document: Any, number: int, source: str) -> Any:
    import pypdfium2 as pdfium

    try:
        page = document[number - 1]
    except pdfium.PdfiumError as error:
        raise ReportError(f"报告“{source}”的第 {number} 页已损坏，请重新下载，或把它移出报告目录。") from error
    if min(page.get_size()) < 1:
        page.close()
        raise ReportError(f"报告“{source}”的第 {number} 页没有大小，画不出来，请重新导出，或把它移出报告目录。")
    return page


def _page(document: Any, number: int, source: str) -> tuple[TextLayer | None, Picture | None, bool]:
    """A page's text layer if it is usable, and its picture if OCR shall read it: neither where there is no OCR.

    Third, whether a picture beside the text is passed over for want of OCR.
    """
    with PDFIUM:
        page = _load_page(document, number, source)
        try:
            layer = read_layer(page, most=MAX_CHARACTERS_OF_A_PAGE)
            if layer is None:
                raise ReportError(f"报告“{source}”的第 {number} 页文字多得反常，请重新导出，或把它移出报告目录。")
            if layer.usable and (len(layer.glyphs) >= _SOME or not _pictured(page, layer)):
                return layer, None, False
            if layer.usable and layer.glyphs and not has_ocr():
                return layer, None, True
            scale = min(DPI / 72, LONGEST_SIDE / max(layer.width, layer.height))
            kept = layer if layer.usable and layer.glyphs else None
            return kept, _render(page, scale) if has_ocr() else None, False
        finally:
            page.close()


def _pictured(page: Any, layer: TextLayer) -> bool:
    """Whether a picture is the page's main matter: beside few words it covers a third of the page, or there are as
    many shapes as text set in outlines has; beside some, it covers half of it."""
    import pypdfium2.raw as raw

    area, shapes = 0.0, 0
    for found in page.get_objects(max_depth=4):
        if found.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = found.get_bounds()
            area += max(0.0, right - left) * max(0.0, top - bottom)
        elif found.type in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING):
            shapes += 1
    share = area / (layer.width * layer.height)
    return share > 1 / 3 or shapes >= 30 if len(layer.glyphs) < _FEW else share > 1 / 2


def _render(page: Any, scale: float) -> Picture:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pypdfium2 warns of slow paths
        bitmap = page.render(scale=scale, rev_byteorder=True)
    try:
        picture = bitmap.to_numpy()
        if picture.ndim == 2 or picture.shape[2] == 1:
            picture = np.repeat(picture.reshape(*picture.shape[:2], 1), 3, axis=2)
        return np.array(picture[:, :, :3], dtype=np.uint8)
    finally:
        bitmap.close()


def _passed_over(source: str, pages: list[int]) -> str:
    return (
        f"报告“{source}”第 {_named(pages)} 页以图片为主，图里的文字没有读，"
        "要读请运行 pip install 'judian[ocr]' 后用 judian index build --full 重新构建索引。"
    )


def _named(pages: list[int]) -> str:
    return "、".join(str(number) for number in pages[:5]) + ("等" if len(pages) > 5 else "")


def _without_ocr(source: str, unread: list[int], count: int) -> str:
    where = "全部" if len(unread) == count else f"第 {_named(unread)} 页"
    return (
        f"报告“{source}”{where}是扫描图像或没有可用的文字层，识别文字需要先安装 OCR 组件，"
        "请运行 pip install 'judian[ocr]' 后重新构建索引。"
    )


def _title(metadata: dict[str, str], text: str) -> str:
    """The metadata's title where it is words of the report and not the name of a file or a program."""
    title = " ".join(metadata.get("Title", "").split())
    printed = re.sub(r"\s", "", text)
    if _NO_TITLE.search(title) or not 4 <= len(title) <= 100 or "\ufffd" in title:
        return ""
    return title if re.sub(r"\s", "", title) in printed else ""


def _date(metadata: dict[str, str], text: str) -> str:
    """The day the file was made, where the report speaks mostly of that year or the one before.

    A file printed from a browser or another viewer says when it was printed, not when the report was written.
    """
    found = re.match(r"D:((?:19|20)\d\d)(\d\d)(\d\d)", metadata.get("CreationDate", ""))
    made_by = metadata.get("Producer", "") + metadata.get("Creator", "")
    if not found or _REPRINTED.search(made_by) or not ("01" <= found[2] <= "12" and "01" <= found[3] <= "31"):
        return ""
    years = Counter(int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d\d)\s*年", text))
    made = int(found[1])
    if not years or years.most_common(1)[0][0] not in (made, made - 1):
        return ""
    return f"{found[1]}-{found[2]}-{found[3]}"
