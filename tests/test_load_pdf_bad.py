"""PDF files that cannot be read as they are: scans, passwords, damage, limits."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas
from test_load_pdf import HEIGHT, SENTENCE, WIDTH, make, paragraphs, say, wrap

from index import ReportError
from index.load import pdf
from index.load.pdf import page_image, read_pdf


def scanned(canvas: Canvas) -> None:
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(Image.new("RGB", (100, 140), "gray")), 0, 0, WIDTH, HEIGHT)


def test_scanned_pages_without_the_extra_name_the_pages_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_ocr", lambda: False)
    with pytest.raises(ReportError, match=r"第 2、4 页.*pip install 'judian\[ocr\]'") as caught:
        read_pdf(make(say(SENTENCE), scanned, say(SENTENCE), scanned), "混合.pdf")
    message = str(caught.value)
    assert "混合.pdf" in message
    assert message.endswith("。")
    assert message.count("。") == 1
    blank = read_pdf(make(say(SENTENCE), lambda canvas: None, say(SENTENCE)), "a.pdf")
    assert blank.pages == (0, len(SENTENCE) + 1, len(SENTENCE) + 1)
    assert blank.page_of(len(SENTENCE) + 1) == 3


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "不是完整的 PDF"),
        (b"%PDF-1.7\n" + b"\x00" * 500, "不是完整的 PDF"),
        (make(say(SENTENCE))[:300], "不是完整的 PDF"),
        (make(say(SENTENCE), encrypt=StandardEncryption("secret")), "密码"),
        (b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
         b"trailer<</Root 1 0 R/Size 3>>\n%%EOF", "一页也没有|不是完整的 PDF"),
    ],
    ids=["empty", "zeros", "cut off", "password", "no pages"],
)  # fmt: skip
def test_bad_files_are_one_chinese_sentence(data: bytes, word: str) -> None:
    with pytest.raises(ReportError, match=word) as caught:
        read_pdf(data, "坏.pdf")
    message = str(caught.value)
    assert "坏.pdf" in message
    assert message.endswith("。")
    assert message.count("。") == 1


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make(*[say(SENTENCE)] * 3)
    monkeypatch.setattr(pdf, "MAX_CHARACTERS_OF_A_PAGE", 10)
    with pytest.raises(ReportError, match="第 1 页文字多得反常"):
        read_pdf(data, "a.pdf")
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    with pytest.raises(ReportError, match="有 3 页，超过 2 页"):
        read_pdf(data, "a.pdf")


def test_a_page_as_large_as_the_format_allows_is_drawn_within_bounds(tmp_path: Path) -> None:
    target = BytesIO()
    canvas = Canvas(target, pagesize=(14400, 20))
    canvas.drawString(10, 5, "x" * 80)
    canvas.save()
    path = tmp_path / "长.pdf"
    path.write_bytes(target.getvalue())
    assert read_pdf(target.getvalue(), "长.pdf").text == "x" * 80 + "\n"
    assert Image.open(BytesIO(page_image(path, 1, width=100_000))).width <= 4000


def test_damaged_bytes_never_crash_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_ocr", lambda: False)
    whole = make(say(*wrap("".join(paragraphs(9, 3)), 38)), say(SENTENCE), pageCompression=0)
    random = Random(7)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(150):
        data = bytearray(whole[: random.randint(1, len(whole))] if random.random() < 0.3 else whole)
        for _ in range(random.choice((1, 5, 50))):
            data[random.randrange(len(data))] = random.randrange(256)
        try:
            report = read_pdf(bytes(data), "a.pdf")
            assert report.boxes is not None
            assert len(report.boxes) == len(report.text)
            outcomes["read"] += 1
        except ReportError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 10


def test_threads_may_read_at_once() -> None:
    data = make(*[say(SENTENCE)] * 5)
    texts: list[str] = []
    threads = [Thread(target=lambda: texts.append(read_pdf(data, "a.pdf").text)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == [f"{SENTENCE}\n" * 5] * 4
