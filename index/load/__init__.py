"""Files -> Report: one reader for each ending, all behind `read_report`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from index.errors import ReportError
from index.load.text import read_text
from index.report import Report

# A reader takes the file's bytes and its name for messages, and gives the extracted text.
_READERS: Mapping[str, Callable[[bytes, str], str]] = {".txt": read_text, ".md": read_text}


def supported(path: Path) -> bool:
    """Whether there is a reader for files with this ending."""
    return path.suffix.lower() in _READERS


def read_report(path: Path, source: str) -> Report:
    """The report in the file `path`, known as `source` (its POSIX path below the reports folder).

    Raises ReportError, with one sentence for the user, for an ending without a reader and for a file
    that is missing, unreadable, empty, binary or in an unknown encoding.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = "、".join(_READERS)
        raise ReportError(f"报告“{source}”的格式不支持（支持 {known}），请转换格式或把它移出报告目录。")
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReportError(f"报告“{source}”打不开（{reason}），请检查文件是否存在以及读取权限。") from error
    text = reader(data, source)
    if not text.strip("\ufeff \t\n\r\f\v\u3000"):
        raise ReportError(f"报告“{source}”是空的，请补上内容或把它移出报告目录。")
    return Report(source=source, text=text, sha256=sha256(data).hexdigest())
