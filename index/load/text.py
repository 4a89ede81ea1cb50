"""Plain text and Markdown: bytes of a Chinese report -> characters."""

from __future__ import annotations

import codecs
from hashlib import sha256

from index.errors import ReportError
from index.report import Report

_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROL = frozenset(chr(code) for code in range(32) if chr(code) not in "\t\n\r\f\v\x1a")
_HOW_TO_SAVE = "请用文本编辑器打开它，另存为 UTF-8 编码的文本文件"


def read_text(data: bytes, source: str) -> Report:
    """A .txt or .md file: its text is the decoded file itself, so that offsets are those of the file.

    Raises ReportError as `decode` does.
    """
    return Report(source=source, text=decode(data, source), sha256=sha256(data).hexdigest())


def decode(data: bytes, name: str) -> str:
    """Characters of a .txt or .md file, newlines as "\\n" and without a byte order mark.

    UTF-8 (with or without BOM), UTF-16 with BOM and GB18030 are known. Raises ReportError for binary
    content and for bytes of any other encoding; `name` is how the file is called in the message.
    """
    text = _decode(data, name)
    if any(character in _CONTROL for character in text):
        raise ReportError(
            f"报告“{name}”的内容不是文本（可能是改了后缀的二进制文件），{_HOW_TO_SAVE}，或把它移出报告目录。"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(data: bytes, name: str) -> str:
    if data.startswith(_UTF16_BOMS):
        encodings = ["utf-16"]
    elif b"\x00" in data:
        raise ReportError(f"报告“{name}”的内容不是文本（含有空字节），{_HOW_TO_SAVE}，或把它移出报告目录。")
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _reads_as_chinese(text):
            return text
    raise ReportError(f"报告“{name}”的文字编码无法识别（支持 UTF-8、GB18030 和带 BOM 的 UTF-16），{_HOW_TO_SAVE}。")


def _reads_as_chinese(text: str) -> bool:
    """GB18030 decodes many foreign byte strings without complaint, but into rare or private characters."""
    foreign = [character for character in text if ord(character) > 127]
    known = sum(
        1
        for c in foreign
        if "\u4e00" <= c <= "\u9fff" or "\u2000" <= c <= "\u30ff" or "\uff00" <= c <= "\uffef" or c in "·°±×÷—"
    )
    common = sum(1 for c in foreign if len(c.encode("gb2312", "ignore")) == 2)
    return known >= 0.9 * len(foreign) and common >= 0.7 * len(foreign)
