"""PDF files made here: columns, tables, running heads, turned pages, bad text layers, and damaged files."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from index import Report, ReportError, repair
from index.load import pdf
from index.load.pdf import page_image, read_pdf

FONT = "STSong-Light"
WIDTH, HEIGHT = 595.0, 842.0
SENTENCE = "2023年南江市规上工业增加值达到123.4亿元，比上年增长8.6%。"
Draw = Callable[[Canvas], None]


def make(*pages: Draw, **options: object) -> bytes:
    """A PDF of pages in A4, drawn with a font that is not embedded."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    target = BytesIO()
    canvas = Canvas(target, pagesize=(WIDTH, HEIGHT), **options)
    for page in pages:
        canvas.setFont(FONT, 12)
        page(canvas)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def say(*lines: str, left: float = 60, top: float = 780, step: float = 18) -> Draw:
    def draw(canvas: Canvas) -> None:
        for i, line in enumerate(lines):
            canvas.drawString(left, top - i * step, line)

    return draw


def paragraphs(seed: int, count: int) -> list[str]:
    """Paragraphs of different sentences with figures."""
    random = Random(seed)
    what = ["规上工业增加值", "固定资产投资", "社会消费品零售总额", "粮食总产量折合产值", "一般公共预算收入"]
    made = []
    for _ in range(count):
        sentences = [
            f"{random.choice(['青溪县', '云岭县', '白沙区', '石门镇'])}{random.choice(what)}达到"
            f"{random.randint(10, 999)}.{random.randint(0, 9)}亿元，"
            f"同比增长{random.randint(1, 19)}.{random.randint(0, 9)}%，"
            f"{random.choice(['全年运行总体平稳', '各项指标好于预期', '重点工程按期推进'])}。"
            for _ in range(random.randint(2, 4))
        ]
        made.append("".join(sentences))
    return made


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` ems; closing punctuation hangs over the edge, figures are not cut."""
    lines, used = [""], 0.0
    for piece in re.findall(r"[\d.%]+[，。]?|.[，。]?", text):
        size = sum(1.0 if ord(c) > 0x2000 else 0.5 for c in piece)
        if used + size - (piece[-1] in "，。") > width:
            lines.append("")
            used = 0.0
        lines[-1] += piece
        used += size
    return lines


def set_columns(
    canvas: Canvas,
    texts: list[str],
    *,
    count: int,
    top: float,
    left: float = 40,
    right: float = 555,
    size: float = 9,
    offset: float = 0,
) -> float:
    """Paragraphs in `count` columns, each indented by two characters; where the longest column ends."""
    gutter = 1.4 * size
    width = (right - left - (count - 1) * gutter) / count
    lines = [line for text in texts for line in wrap("　　" + text, int(width / size))]
    height = -(-len(lines) // count)
    canvas.setFont(FONT, size)
    for i, line in enumerate(lines):
        shown = line.lstrip("　")
        x = left + (i // height) * (width + gutter) + size * (len(line) - len(shown))
        canvas.drawString(x, top - (i % height) * 1.5 * size - offset * (i // height), shown)
    return top - height * 1.5 * size


def close(text: str) -> str:
    return re.sub(r"\s", "", text)


def body(report: Report) -> list[str]:
    return [sentence.text for article in repair(report) for sentence in article.sentences]


@pytest.mark.parametrize("count", range(1, 7))
@pytest.mark.parametrize("offset", [0, 3], ids=["on one grid", "off the grid"])
def test_columns_under_a_headline(count: int, offset: float) -> None:
    texts = paragraphs(count, 10)

    def page(canvas: Canvas) -> None:
        canvas.setFont(FONT, 8)
        canvas.drawString(40, 815, "平川日报")
        canvas.drawRightString(555, 815, "2024年1月5日 第3版")
        canvas.setFont(FONT, 24)
        canvas.drawCentredString(WIDTH / 2, 770, "平川全市工业稳中有进")
        set_columns(canvas, texts, count=count, top=730, offset=offset)

    report = read_pdf(make(page), "平川.pdf")
    assert close("".join(texts)) in close(report.text)
    assert report.text.startswith("平川日报 2024年1月5日 第3版\n\n平川全市工业稳中有进\n\n　　")
    sentences = body(report)
    wanted = [sentence + "。" for text in texts for sentence in text.split("。") if sentence]
    assert [sentence for sentence in wanted if sentence not in sentences] == []


def test_articles_below_and_beside_one_another() -> None:
    first, second, third = paragraphs(1, 6), paragraphs(2, 5), paragraphs(3, 5)

    def page(canvas: Canvas) -> None:
        canvas.setFont(FONT, 22)
        canvas.drawCentredString(WIDTH / 2, 790, "青溪提速")
        end = set_columns(canvas, first, count=3, top=760) - 30
        canvas.setFont(FONT, 16)
        canvas.drawString(40, end, "云岭修路")
        canvas.drawString(320, end, "白沙办学")
        set_columns(canvas, second, count=2, top=end - 25, right=290)
        set_columns(canvas, third, count=2, top=end - 25, left=320)

    text = close(read_pdf(make(page), "a.pdf").text)
    assert text == "青溪提速" + "".join(first) + "云岭修路" + "".join(second) + "白沙办学" + "".join(third)


TABLE = [
    ("地区", "产值（亿元）", "增速（%）"),
    ("青溪县", "120.5", "5.2"),
    ("云岭县", "134.0", "6.2"),
    ("白沙经济区", "147.5", "7.2"),
]


def set_table(canvas: Canvas, rows: list[tuple[str, ...]], top: float) -> float:
    for i, row in enumerate(rows):
        for x, cell in zip((60, 240, 420), row, strict=False):
            canvas.drawString(x, top - 16 * i, cell)
    return top - 16 * len(rows)


def test_a_table_between_columns_becomes_sentences_with_its_heads() -> None:
    above, below = paragraphs(4, 3), paragraphs(5, 3)

    def page(canvas: Canvas) -> None:
        end = set_columns(canvas, above, count=2, top=790)
        set_columns(canvas, below, count=2, top=set_table(canvas, TABLE, end - 10))

    report = read_pdf(make(page), "a.pdf")
    table = [
        "青溪县：产值120.5亿元；增速5.2%。",
        "云岭县：产值134.0亿元；增速6.2%。",
        "白沙经济区：产值147.5亿元；增速7.2%。",
    ]
    assert "\n".join(table) in report.text
    assert close(report.text) == close("".join([*above, *table, *below]))
    assert [sentence for sentence in body(report) if sentence in table] == table
    assert report.boxes is not None
    start = report.text.index("134.0")
    figure, name = report.boxes[start : start + 5], report.boxes[report.text.index("云岭县：产值134.0")]
    assert figure[:, 0].min() == pytest.approx(240 / 595, abs=0.003)
    assert figure[0, 3] == pytest.approx(name[3], abs=0.01)


@pytest.mark.parametrize(
    "rows",
    [
        [TABLE[0], *TABLE[1:3], ("白沙经济区", "147.5")],
        [
            ("地区", "说明", "负责人"),
            ("青溪县", "按期完工", "李四"),
            ("云岭县", "推迟", "王五"),
            ("白沙区", "未开工", "赵六"),
        ],
        TABLE[1:],
    ],
    ids=["a cell is missing", "words only", "no heads"],
)
def test_other_tables_keep_their_rows(rows: list[tuple[str, ...]]) -> None:
    def page(canvas: Canvas) -> None:
        set_table(canvas, rows, 700)

    text = read_pdf(make(page), "a.pdf").text
    assert text == "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_boxes_show_where_each_character_stands(tmp_path: Path) -> None:
    data = make(say("南江", left=59.5, top=421), say(SENTENCE))
    report = read_pdf(data, "a.pdf")
    assert report.boxes is not None
    assert report.boxes.shape == (len(report.text), 4)
    assert report.boxes.dtype == np.float32
    assert report.pages == (0, 3)
    assert np.isnan(report.boxes[report.text.index("\n")]).all()
    left, top, right, bottom = report.boxes[0].tolist()
    assert left == pytest.approx(0.1, abs=0.003)
    assert right == pytest.approx(0.1 + 12 / 595, abs=0.003)
    assert top < 0.5 < bottom + 0.01
    assert bottom - top == pytest.approx(12 / 842, abs=0.006)
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    picture = np.asarray(Image.open(BytesIO(page_image(path, 2, width=800))).convert("L"))
    assert picture.shape == (1133, 801)
    ink = np.argwhere(picture < 128) / [1132, 800]
    start = report.pages[1]
    where = report.boxes[start : start + len(SENTENCE)]
    assert where[:, 0].min() - 0.01 < ink[:, 1].min() < ink[:, 1].max() < where[:, 2].max() + 0.01
    assert where[:, 1].min() - 0.01 < ink[:, 0].min() < ink[:, 0].max() < where[:, 3].max() + 0.01
    with pytest.raises(ReportError, match="没有第 3 页"):
        page_image(path, 3)


def test_sentences_go_on_overleaf() -> None:
    texts = paragraphs(6, 30)
    lines = [line for text in texts for line in wrap("　　" + text, 38)]

    def page(first: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.drawCentredString(WIDTH / 2, 815, "平川市统计公报")
            for i, line in enumerate(lines[first : first + 35]):
                shown = line.lstrip("　")
                canvas.drawString(60 + 12 * (len(line) - len(shown)), 770 - 18 * i, shown)
            canvas.drawCentredString(WIDTH / 2, 30, f"— {first // 35 + 1} —")

        return draw

    report = read_pdf(make(*(page(first) for first in range(0, len(lines), 35))), "a.pdf")
    assert len(report.pages) > 2
    assert report.text.count("平川市统计公报") == len(report.pages)
    assert report.text.count("—") == 2 * len(report.pages)
    sentences = body(report)
    wanted = [sentence + "。" for text in texts for sentence in text.split("。") if sentence]
    assert [sentence for sentence in wanted if sentence not in sentences] == []


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_turned_pages_and_turned_text(degrees: int) -> None:
    def page(canvas: Canvas) -> None:
        canvas.setPageRotation(degrees)
        say(SENTENCE, "第二行在下面。", top=500)(canvas)

    def sideways(canvas: Canvas) -> None:
        canvas.translate(300, 400)
        canvas.rotate(degrees)
        say(SENTENCE, "第二行在下面。", left=-150, top=0)(canvas)

    for draw in (page, sideways):
        report = read_pdf(make(draw), "a.pdf")
        assert report.text == f"{SENTENCE}\n第二行在下面。\n"
        assert report.boxes is not None
        places = report.boxes[: len(SENTENCE)]
        assert ((places >= 0) & (places <= 1)).all()
        assert (places[:, :2] < places[:, 2:]).all()


def test_vertical_writing_is_read_from_the_right() -> None:
    columns = ["平川市去年粮食总产量再创新高，达到三十万", "吨以上。全市播种面积稳定在五十万亩。"]

    def page(canvas: Canvas) -> None:
        for x, column in zip((500, 475), columns, strict=True):
            for i, character in enumerate(column):
                canvas.drawString(x, 780 - 15 * i, character)

    assert close(read_pdf(make(page), "a.pdf").text) == "".join(columns)


def test_characters_drawn_twice_are_read_once() -> None:
    def page(canvas: Canvas) -> None:
        for shift in (0, 0.4):
            canvas.drawString(60 + shift, 780, "产值11.1亿元，妥妥的增长")
        for i, character in enumerate("双写标题"):
            canvas.drawString(60 + 12 * i, 740, character)
            canvas.drawString(60.5 + 12 * i, 740, character)

    assert read_pdf(make(page), "a.pdf").text.split() == ["产值11.1亿元，妥妥的增长", "双写标题"]


def test_what_lies_outside_the_visible_page_is_not_read() -> None:
    report = read_pdf(make(say(SENTENCE, left=60), say("裁切标记", left=-300)), "a.pdf")
    assert close(report.text) == close(SENTENCE)


def test_title_and_date_of_the_metadata_only_where_they_make_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    def page(title: str, year: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            canvas.setTitle(title)
            say("平川市统计公报", SENTENCE.replace("2023", str(year)))(canvas)

        return draw

    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1706745600")  # 2024-02-01: reportlab writes it as the day of creation
    good = read_pdf(make(page("平川市统计公报", 2023), invariant=False), "a.pdf")
    assert (good.title, good.date) == ("平川市统计公报", "2024-02-01")
    old = read_pdf(make(page("Microsoft Word - 公报.doc", 2019), invariant=False), "a.pdf")
    assert (old.title, old.date) == ("", "")


def with_layer(mapping: str) -> bytes:
    """A PDF whose text is set by glyph numbers, with `mapping` as its only way to Unicode ("" for none)."""
    shown = "".join(f"{code:04X}" for code in range(0x21, 0x21 + 120))
    content = f"BT /F1 12 Tf 14 TL 60 700 Td <{shown[:240]}> Tj T* <{shown[240:]}> Tj ET"
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"1 beginbfrange\n<0021> <00A0> <{mapping}>\nendbfrange\n"
        "endcmap CMapName currentdict /CMap defineresource pop end end"
    )
    unicode = "/ToUnicode 7 0 R" if mapping else ""
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        f"<</Type/Font/Subtype/Type0/BaseFont/Xyz/Encoding/Identity-H/DescendantFonts[6 0 R]{unicode}>>",
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/Xyz/DW 1000/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
        "/Supplement 0>>/FontDescriptor 8 0 R>>",
        f"<</Length {len(cmap)}>>stream\n{cmap}\nendstream",
        "<</Type/FontDescriptor/FontName/Xyz/Flags 4/FontBBox[0 -200 1000 800]/ItalicAngle 0/Ascent 800/Descent -200"
        "/CapHeight 700/StemV 80>>",
    ]
    data, places = b"%PDF-1.5\n", []
    for number, written in enumerate(objects, 1):
        places.append(b"%010d 00000 n \n" % len(data))
        data += f"{number} 0 obj\n{written}\nendobj\n".encode()
    table = b"xref\n0 9\n0000000000 65535 f \n" + b"".join(places)
    return data + table + b"trailer<</Root 1 0 R/Size 9>>\nstartxref\n%d\n%%%%EOF" % len(data)


@pytest.mark.parametrize("mapping", ["E021", "", "9A21", "0001"], ids=["private", "none", "rare", "control"])
def test_a_text_layer_that_nobody_can_decode_is_not_believed(mapping: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "has_ocr", lambda: False)
    with pytest.raises(ReportError, match=r"没有可用的文字层.*pip install 'judian\[ocr\]'") as caught:
        read_pdf(with_layer(mapping), "坏字.pdf")
    assert str(caught.value).count("。") == 1


def test_radicals_are_the_characters_they_draw() -> None:
    assert read_pdf(with_layer("2F00"), "a.pdf").text.startswith("一丨丶丿乙亅二亠人儿入八冂")
