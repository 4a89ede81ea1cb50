"""Reading report files: encodings, newlines, and what cannot be read."""

from __future__ import annotations

import codecs
import hashlib
from pathlib import Path

import pytest

from index.errors import ReportError
from index.load import read_report, supported

TEXT = "# 青溪：园区扩容\n\n2023年，园区完成投资3.5亿元，增长8.6%。\n"


def _file(folder: Path, data: bytes, name: str = "青溪.txt") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("gb18030"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
    ids=["utf-8", "bom", "gb18030", "utf-16-le", "utf-16-be", "crlf", "cr"],
)
@pytest.mark.parametrize("name", ["青溪.txt", "青溪.MD"])
def test_every_encoding_gives_the_same_text(tmp_path: Path, data: bytes, name: str) -> None:
    report = read_report(_file(tmp_path, data, name), "西南/青溪.txt")
    assert report.text == TEXT
    assert report.source == "西南/青溪.txt"
    assert report.sha256 == hashlib.sha256(data).hexdigest()
    assert report.pages == ()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "空"),
        (codecs.BOM_UTF8, "空"),
        (" \n\u3000\n".encode(), "空"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "不是文本"),
        (b"%PDF-1.7 \x01\x02\x03", "不是文本"),
        ("青溪园区完成投资".encode("utf-16-le"), "不是文本|编码"),
        ("naïve café, très déjà vu, où ça".encode("latin-1"), "编码"),
        (bytes(range(128, 256)) * 4, "编码"),
        ("東京都の工業は成長した。".encode("shift_jis"), "编码"),
        ("東京都の工業は成長した。新しい工場を建設した。".encode("euc_jp"), "编码"),
        ("서울시의 공업은 성장하였다. 새로운 공장을 건설하고 고용도 확대하였다.".encode("euc_kr"), "编码"),
        ("Промышленность города выросла в прошлом году.".encode("cp1251"), "编码"),
    ],
)
def test_what_cannot_be_read_is_one_chinese_sentence(tmp_path: Path, data: bytes, word: str) -> None:
    with pytest.raises(ReportError, match=word) as caught:
        read_report(_file(tmp_path, data), "坏文件.txt")
    message = str(caught.value)
    assert "坏文件.txt" in message
    assert message.endswith("。")
    assert message.count("。") == 1
    assert "\n" not in message


def test_unsupported_missing_and_folder(tmp_path: Path) -> None:
    assert supported(Path("a.txt"))
    assert supported(Path("a.MD"))
    assert not supported(Path("a.doc"))
    assert not supported(Path("txt"))
    with pytest.raises(ReportError, match="格式不支持"):
        read_report(_file(tmp_path, b"x", "a.xyz"), "a.xyz")
    with pytest.raises(ReportError, match="打不开"):
        read_report(tmp_path / "没有.txt", "没有.txt")
    (tmp_path / "夹.txt").mkdir()
    with pytest.raises(ReportError, match="打不开"):
        read_report(tmp_path / "夹.txt", "夹.txt")


def test_rare_but_chinese_gb18030_is_read(tmp_path: Path) -> None:
    text = "㙍镇与喆溪乡的产值为12亿元，占“全县”的30%——创新高。"
    assert read_report(_file(tmp_path, text.encode("gb18030")), "a.txt").text == text


@pytest.mark.parametrize("encoding", ["big5", "big5hkscs", "cp950"])
def test_traditional_characters_in_big5(tmp_path: Path, encoding: str) -> None:
    text = "2023年，全縣工業總產值達到520億元，比上年增長14.8%，其中規模以上企業貢獻突出。"
    assert read_report(_file(tmp_path, text.encode(encoding)), "a.txt").text == text


def test_every_reader_in_the_table_can_be_imported(tmp_path: Path) -> None:
    for ending in (".txt", ".md", ".html", ".htm", ".docx", ".csv", ".xlsx"):
        assert supported(Path(f"a{ending}"))
        with pytest.raises(ReportError, match=f"a{ending}"):
            read_report(_file(tmp_path, b"", f"a{ending}"), f"a{ending}")
