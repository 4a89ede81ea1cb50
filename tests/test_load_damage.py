"""Files that are locked, old, damaged, too large or malicious: each is one Chinese sentence, never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import ReportError
from index.load import limits as load_limits
from index.load import read_report, supported

_OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
_WORD_XML = "word/document.xml"


@cache
def _word() -> bytes:
    document = docx.Document()
    document.add_heading("总体情况", 1)
    document.add_paragraph("工业总产值520亿元，增长14.8%。", "List Number")
    document.add_table(2, 2).cell(0, 0).text = "县区"
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@cache
def _excel() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["县区", "产值（亿元）"], ["东岭区", 520], ["白石县", 96.3]):
        sheet.append(row)
    sheet.merge_cells("A4:B4")
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _page() -> bytes:
    return (
        "<html><body><h1>青溪</h1><p>产值520亿元，增长。</p><table><tr><td>a</td></tr></table></body></html>".encode()
    )


_SEEDS: dict[str, Callable[[], bytes]] = {
    ".docx": _word,
    ".xlsx": _excel,
    ".html": _page,
    ".csv": lambda: "县区,产值（亿元）\n东岭区,520\n".encode("gb18030"),
    ".txt": lambda: "青溪市工业总产值520亿元。\n".encode(),
}


def _refusal(folder: Path, name: str, data: bytes) -> str:
    (folder / name).write_bytes(data)
    with pytest.raises(ReportError) as caught:
        read_report(folder / name, name)
    message = str(caught.value)
    assert name in message
    assert message.endswith("。")
    assert message.count("。") == 1
    assert "\n" not in message
    return message


def _rewritten(package: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same zip file with its parts changed."""
    buffer = BytesIO()
    with ZipFile(BytesIO(package)) as old, ZipFile(buffer, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx"])
def test_locked_old_and_foreign_office_files(tmp_path: Path, name: str) -> None:
    locked = _OLE + "EncryptedPackage".encode("utf-16-le")
    assert "密码" in _refusal(tmp_path, name, locked)
    assert "旧格式" in _refusal(tmp_path, name, _OLE)
    assert "不是完好的" in _refusal(tmp_path, name, "青溪".encode())
    assert "不是完好的" in _refusal(tmp_path, name, b"PK\x03\x04")
    assert _refusal(tmp_path, name, _excel() if name == "a.docx" else _word())
    cut = _word() if name == "a.docx" else _excel()
    assert "不是完好的" in _refusal(tmp_path, name, cut[: len(cut) // 2])


@pytest.mark.parametrize("ending", [".doc", ".xls", ".wps", ".et", ".rtf"])
def test_old_formats_say_what_to_save_as(tmp_path: Path, ending: str) -> None:
    assert not supported(Path(f"a{ending}"))
    message = _refusal(tmp_path, f"a{ending}", _OLE)
    assert "另存为 .xlsx" in message if ending in (".xls", ".et") else "另存为 .docx" in message


@pytest.mark.parametrize("ending", _SEEDS)
def test_empty_and_binary_files(tmp_path: Path, ending: str) -> None:
    _refusal(tmp_path, f"a{ending}", b"")
    _refusal(tmp_path, f"a{ending}", bytes(range(256)) * 40)
    _refusal(tmp_path, f"a{ending}", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")


@pytest.mark.parametrize(
    ("name", "package", "part"), [("a.docx", _word, _WORD_XML), ("a.xlsx", _excel, "xl/workbook.xml")]
)
def test_bombs(tmp_path: Path, name: str, package: Callable[[], bytes], part: str) -> None:
    def inflate(at: str, data: bytes) -> bytes:
        return data + b" " * 60_000_000 if at == part else data

    def expand(at: str, data: bytes) -> bytes:
        laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
        bomb = f'<!DOCTYPE x [<!ENTITY l0 "哈">{laughs}]>'.encode()
        return (
            data.replace(b"?>", b"?>" + bomb, 1)
            if at == part and b"?>" in data
            else (b'<?xml version="1.0"?>' + bomb + data if at == part else data)
        )

    assert "压缩比异常" in _refusal(tmp_path, name, _rewritten(package(), inflate))
    assert "实体声明" in _refusal(tmp_path, name, _rewritten(package(), expand))


def test_a_package_that_unpacks_too_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_limits, "_MAX_UNPACKED", 1_000)
    assert "解压后过大" in _refusal(tmp_path, "a.xlsx", _excel())


def test_a_sheet_with_a_cell_in_its_last_corner(tmp_path: Path) -> None:
    far = _rewritten(_excel(), lambda name, data: data.replace(b'r="3"', b'r="99999999999"'))
    assert "单元格过多" in _refusal(tmp_path, "a.xlsx", far)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(load_limits.MAX_BYTES + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("read"))
    with pytest.raises(ReportError, match="超过 200 MB"):
        read_report(path, "大.txt")


def test_text_over_the_limit(tmp_path: Path) -> None:
    assert "2000 万字" in _refusal(tmp_path, "a.txt", ("青溪" * (load_limits.MAX_CHARACTERS // 2 + 1)).encode())


def _damaged(data: bytes, seed: int) -> bytes:
    """`data` cut short, flipped, spliced, or with a number changed."""
    rnd = random.Random(seed)
    broken = bytearray(data)
    at, other = rnd.randrange(len(data)), rnd.randrange(len(data))
    match rnd.randrange(5):
        case 0:
            del broken[at:]
        case 1:
            for _ in range(rnd.randrange(1, 20)):
                broken[rnd.randrange(len(broken))] = rnd.randrange(256)
        case 2:
            broken[at:at] = rnd.randbytes(rnd.randrange(1, 50))
        case 3:
            del broken[at : at + rnd.randrange(1, 200)]
        case _:
            broken[at : at + 50] = data[other : other + 80]
    return bytes(broken)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ending=st.sampled_from(sorted(_SEEDS)), seed=st.integers(0, 10**9), inside=st.booleans())
def test_any_damage_gives_text_or_one_sentence(tmp_path: Path, ending: str, seed: int, inside: bool) -> None:
    data = _SEEDS[ending]()
    if inside and ending in (".docx", ".xlsx"):
        with ZipFile(BytesIO(data)) as package:
            part = random.Random(seed).choice(package.namelist())
        broken = _rewritten(data, lambda name, content: _damaged(content, seed) if name == part else content)
    else:
        broken = _damaged(data, seed)
    path = tmp_path / f"坏{ending}"
    path.write_bytes(broken)
    message = ""
    try:
        assert read_report(path, path.name).text.strip()
    except ReportError as error:
        message = str(error)
    assert not message or (message.count("。") == 1 and path.name in message)
