"""Plain text and Markdown: bytes of a Chinese report -> characters."""

from __future__ import annotations

from hashlib import sha256

from index.load.encodings import decode
from index.report import Report


def read_text(data: bytes, source: str) -> Report:
    """A .txt or .md file: its text is the decoded file itself, so that offsets are those of the file.

    Raises ReportError as `decode` does.
    """
    return Report(source=source, text=decode(data, source), sha256=sha256(data).hexdigest())
