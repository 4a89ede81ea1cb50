"""Scanned pages and pictures, read by the real OCR models; pictures are drawn with a CJK font of the system."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from chinese_font import chinese_font
from PIL import Image, ImageDraw, ImageFont
from test_load_pdf import SENTENCE, Canvas, make, say, with_layer
from test_network import guarded

from index import ReportError
from index.load import ocr
from index.load.image import read_image
from index.load.pdf import page_image, read_pdf

LINES = [
    "平川市去年规上工业增加值达到1234.5亿元，",
    "比上年增长8.6%，固定资产投资下降2.3%。",
    "全市粮食总产量30.7万吨，播种面积52万亩。",
]


@pytest.fixture(scope="session")
def font() -> str:
    """Path of a font with Chinese characters."""
    return chinese_font() or pytest.skip("no Chinese font on this machine")


@pytest.fixture
def with_ocr() -> None:
    pytest.importorskip("rapidocr")


def drawn(font: str, lines: list[str], *, size: int = 30, columns: int = 1) -> Image.Image:
    """Lines in black on white, in columns of as many lines each."""
    face = ImageFont.truetype(font, size)
    height = -(-len(lines) // columns)
    width = max(int(face.getlength(line)) for line in lines) + 2 * size
    picture = Image.new("RGB", (columns * width + 40, 2 * height * size + 80), "white")
    pen = ImageDraw.Draw(picture)
    for i, line in enumerate(lines):
        pen.text((40 + (i // height) * width, 40 + (i % height) * 1.8 * size), line, fill="black", font=face)
    return picture


def saved(picture: Image.Image, kind: str = "PNG") -> bytes:
    target = BytesIO()
    picture.save(target, kind)
    return target.getvalue()


def recall(wanted: str, found: str) -> float:
    blocks = SequenceMatcher(None, wanted, re.sub(r"\s", "", found), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)


def figures(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?%?", text)


@pytest.mark.usefixtures("with_ocr")
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_in_two_columns(font: str, kind: str) -> None:
    lines = [*LINES, "这是另一栏的第一行，共有17家企业。", "这是另一栏的第二行，共有206人。"]
    picture = drawn(font, [*lines[:3], *lines[3:]], columns=2)
    report = read_image(saved(picture, kind), "图.png")
    assert recall("".join(lines), report.text) > 0.97
    assert figures(report.text) == figures("".join(lines))
    assert report.pages == (0,)
    assert report.boxes is not None
    assert report.boxes.shape == (len(report.text), 4)


@pytest.mark.usefixtures("with_ocr")
def test_boxes_of_characters_lie_on_their_ink(font: str) -> None:
    picture = drawn(font, LINES)
    report = read_image(saved(picture), "图.png")
    assert report.boxes is not None
    dark = np.asarray(picture.convert("L")) < 128
    height, width = dark.shape
    face = ImageFont.truetype(font, 30)
    start = report.text.index("1234.5")
    for k in range(6):
        left, top, right, bottom = report.boxes[start + k].tolist()
        assert dark[int(top * height) : int(bottom * height) + 1, int(left * width) : int(right * width) + 1].any()
    true_left = 40 + face.getlength(LINES[0][: LINES[0].index("1")])
    assert report.boxes[start, 0] * width == pytest.approx(true_left, abs=15)


@pytest.mark.usefixtures("with_ocr")
@pytest.mark.parametrize("turn", [90, 180, 270])
def test_pictures_on_their_side_or_head(font: str, turn: int) -> None:
    picture = drawn(font, LINES).rotate(turn, expand=True)
    report = read_image(saved(picture), "图.png")
    assert recall("".join(LINES), report.text) > 0.97


@pytest.mark.usefixtures("with_ocr")
def test_scanned_pages_among_pages_with_text(font: str) -> None:
    from reportlab.lib.utils import ImageReader

    picture = drawn(font, LINES)
    report = read_pdf(
        make(say(SENTENCE), lambda canvas: canvas.drawImage(ImageReader(picture), 0, 300, 595, 300), say("第三页。")),
        "混.pdf",
    )
    first, second, third = (report.text[a:b] for a, b in zip(report.pages, (*report.pages[1:], None), strict=True))
    assert (first, third) == (f"{SENTENCE}\n", "第三页。\n")
    assert recall("".join(LINES), second) > 0.97
    assert figures(second) == figures("".join(LINES))


@pytest.mark.usefixtures("with_ocr")
def test_few_words_over_a_picture_without_any_are_kept() -> None:
    from reportlab.lib.utils import ImageReader

    def cover(canvas: Canvas) -> None:
        canvas.drawImage(ImageReader(Image.new("RGB", (60, 80), "white")), 0, 0, 595, 842)
        canvas.setFillColorRGB(1, 1, 1)  # white on white: only the text layer has it
        say("平川市统计公报")(canvas)

    assert read_pdf(make(cover), "封面.pdf").text == "平川市统计公报\n"


def figure_page(font: str, canvas: Canvas, *, share: float) -> None:
    """Some text of its own above a picture that covers a share of the page and has writing in it."""
    from reportlab.lib.utils import ImageReader

    say(*[f"{SENTENCE[:22]}第{number}段。" for number in range(3)])(canvas)
    canvas.drawImage(ImageReader(drawn(font, LINES)), 20, 40, 555, share * 595 * 842 / 555)


@pytest.mark.usefixtures("with_ocr")
def test_writing_in_a_picture_is_added_to_the_text_round_it(font: str) -> None:
    report = read_pdf(make(lambda canvas: figure_page(font, canvas, share=0.6)), "图文.pdf")
    for number in range(3):
        assert report.text.count(f"{SENTENCE[:22]}第{number}段。") == 1  # to the letter, and not again by OCR
    assert recall("".join(LINES), report.text) > 0.97
    assert report.notes == ()
    assert report.boxes is not None
    inside = report.boxes[report.text.index("粮食")]
    assert 0.3 < inside[1] < inside[3] < 1
    small = read_pdf(make(lambda canvas: figure_page(font, canvas, share=0.3)), "小图.pdf")
    assert "粮食" not in small.text  # no main matter: a photograph beside an article costs no OCR


def test_a_picture_that_is_passed_over_is_said(font: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.load.pdf.has_ocr", lambda: False)
    report = read_pdf(make(say("第一页。"), lambda canvas: figure_page(font, canvas, share=0.6)), "图文.pdf")
    (note,) = report.notes
    assert re.fullmatch(r"报告“图文.pdf”第 2 页以图片为主，.*pip install 'judian\[ocr\]'.*--full.*。", note)
    assert f"{SENTENCE[:22]}第2段。" in report.text


@pytest.mark.usefixtures("with_ocr")
def test_a_page_without_letters_has_no_text() -> None:
    with pytest.raises(ReportError, match="没有认出文字"):
        read_image(saved(Image.new("RGB", (300, 200), "white")), "空白.png")


@pytest.mark.usefixtures("with_ocr")
def test_a_text_layer_that_nobody_can_decode_is_read_from_its_picture() -> None:
    report = read_pdf(with_layer("E021"), "坏字.pdf")
    assert not re.search(r"[\ue000-\uf8ff]", report.text)


@pytest.mark.usefixtures("with_ocr")
def test_nothing_is_downloaded(font: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(drawn(font, LINES[:1])))
    code = (
        "from pathlib import Path\nfrom index.load.image import read_image\n"
        "print(len(read_image(Path(sys.argv[1]).read_bytes(), 'a.png').text) > 10)"
    )
    done = guarded(code, str(path))
    assert done.stdout.splitlines() == ["True", "attempts: []"], done.stderr


def test_without_the_extra_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "has_ocr", lambda: False)
    with pytest.raises(ReportError, match=r"pip install 'judian\[ocr\]'") as caught:
        read_image(saved(Image.new("RGB", (30, 20), "white")), "扫描.png")
    message = str(caught.value)
    assert "扫描.png" in message
    assert message.endswith("。")
    assert message.count("。") == 1


def test_models_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rapidocr")
    monkeypatch.setattr(ocr, "_MODELS", {"Det": "gone.onnx"})
    ocr._load_engine.cache_clear()
    try:
        with pytest.raises(ReportError, match=r"不完整（gone\.onnx）"):
            read_image(saved(Image.new("RGB", (30, 20), "white")), "a.png")
    finally:
        ocr._load_engine.cache_clear()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "不是 PNG 或 JPEG"),
        (b"not a picture", "不是 PNG 或 JPEG"),
        (saved(Image.new("RGB", (20, 20)), "GIF"), "不是 PNG 或 JPEG"),
        (saved(Image.effect_noise((200, 200), 50))[:9000], "已损坏"),
    ],
    ids=["empty", "text", "gif", "cut off"],
)
def test_bad_pictures_are_one_chinese_sentence(data: bytes, word: str) -> None:
    with pytest.raises(ReportError, match=word) as caught:
        read_image(data, "坏.png")
    message = str(caught.value)
    assert "坏.png" in message
    assert message.endswith("。")
    assert message.count("。") == 1


@pytest.mark.parametrize("side", [12_500, 20_000])
def test_pixel_bombs_are_refused_before_they_are_unpacked(side: int) -> None:
    bomb = saved(Image.new("1", (side, side)))
    assert len(bomb) < 200_000
    with pytest.raises(ReportError, match=r"1\.5 亿像素"):
        read_image(bomb, "弹.png")


def test_a_picture_file_is_shown_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "图.jpg"
    turned = Image.new("RGB", (40, 20), "red")
    tags = turned.getexif()
    tags[0x0112] = 6  # taken with the camera on its side
    turned.save(path, exif=tags)
    shown = Image.open(BytesIO(page_image(path, 1, width=100)))
    assert (shown.format, shown.size) == ("PNG", (100, 200))


def test_a_picture_with_damaged_notes_of_the_camera_is_shown_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "图.jpg"
    Image.new("RGB", (40, 20), "red").save(path, exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x05\x00")
    assert Image.open(BytesIO(page_image(path, 1, width=100))).size == (100, 50)
