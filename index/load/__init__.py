"""Files -> Report: one reader a format, chosen by the file's ending, all behind `read_report`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from index.errors import ReportError
from index.load.limits import MAX_BYTES, MAX_CHARACTERS
from index.report import Report

# A reader takes the file's bytes and its source (for messages and for the Report).
Reader = Callable[[bytes, str], Report]

# Where each ending's reader stands; imported when the first such file is read, for some bring large libraries.
_READERS: Mapping[str, tuple[str, str]] = {
    ".txt": ("index.load.text", "read_text"),
    ".md": ("index.load.text", "read_text"),
    ".html": ("index.load.html", "read_html"),
    ".htm": ("index.load.html", "read_html"),
    ".docx": ("index.load.docx", "read_docx"),
    ".csv": ("index.load.csv", "read_csv"),
    ".xlsx": ("index.load.xlsx", "read_xlsx"),
    ".pdf": ("index.load.pdf", "read_pdf"),
    ".png": ("index.load.image", "read_image"),
    ".jpg": ("index.load.image", "read_image"),
    ".jpeg": ("index.load.image", "read_image"),
}
ENDINGS = tuple(_READERS)  # in small letters
_OLD = {".doc": ".docx", ".wps": ".docx", ".rtf": ".docx", ".xls": ".xlsx", ".et": ".xlsx"}
_BLANK = "\ufeff \t\n\r\f\v\u3000\xa0"


def supported(path: Path) -> bool:
    """Whether there is a reader for files with this ending."""
    return path.suffix.lower() in _READERS


def read_report(path: Path, source: str) -> Report:
    """The report in the file `path`, known as `source` (its POSIX path below the reports folder).

    Raises ReportError, with one sentence for the user, for an ending without a reader and for a file that is
    missing, unreadable, empty, damaged, locked by a password, or larger than MAX_BYTES on disk or
    MAX_CHARACTERS of text.
    """
    read = _reader(path.suffix.lower(), source)
    data = _bytes(path, source)
    try:
        report = read(data, source)
    except ReportError:
        raise
    except Exception as error:  # damaged bytes make parsers fail in ways that no list of exceptions covers
        raise ReportError(f"报告“{source}”已损坏，读不出内容，请重新下载或另存一份，或把它移出报告目录。") from error
    if not report.text.strip(_BLANK):
        raise ReportError(f"报告“{source}”是空的，请补上内容或把它移出报告目录。")
    if len(report.text) > MAX_CHARACTERS:
        raise ReportError(f"报告“{source}”的文字超过 {MAX_CHARACTERS // 10_000} 万字，请拆成几份后重试。")
    return report


def _reader(ending: str, source: str) -> Reader:
    if ending in _OLD:
        raise ReportError(
            f"报告“{source}”是旧格式（{ending}），请用 Word、Excel 或 WPS 打开它，另存为 {_OLD[ending]} 后重试。"
        )
    if ending not in _READERS:
        known = "、".join(_READERS)
        raise ReportError(f"报告“{source}”的格式不支持（支持 {known}），请转换格式或把它移出报告目录。")
    module, name = _READERS[ending]
    reader: Reader = getattr(import_module(module), name)
    return reader


def _bytes(path: Path, source: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ReportError(
                f"报告“{source}”有 {size / 2**20:.0f} MB，超过 {MAX_BYTES // 2**20} MB 的上限，请拆成几份后重试。"
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReportError(f"报告“{source}”打不开（{reason}），请检查文件是否存在以及读取权限。") from error
