"""PDF files and pictures are read in a process of their own, so that one that hangs or crashes it harms no other.

The libraries that read them are native code, which no `except` protects from. One process reads all files of a build;
it is started with the first of them, and anew after it was lost.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

from index.errors import ReportError
from index.journal import Readings
from index.report import Report

ENDINGS = (".pdf", ".png", ".jpg", ".jpeg")
SECONDS = 180.0  # without a page done: a full page takes OCR 5 to 15 s on two cores
READER = "index.load:read_report"
LONG = 1.0  # seconds: what took longer to read is kept until it is in a version
SLOW = 5.0  # seconds: what took longer to fail is not tried again as long as the file is the same


class Apart:
    """Reads files in a child process; close it when done.

    `kept` keeps what takes long to read. `known` maps (source, sha256) of files that took
    long to fail to the sentence that said why. `slow` gets those that do now.
    """

    def __init__(
        self,
        kept: Readings | None = None,
        known: Mapping[tuple[str, str], str] | None = None,
        *,
        reader: str = READER,
        seconds: float = SECONDS,
    ) -> None:
        self._kept, self._known, self._reader, self._seconds = kept, known or {}, reader, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self.slow: set[tuple[str, str]] = set()

    def takes(self, path: Path) -> bool:
        """Whether files with this ending are read apart."""
        return path.suffix.lower() in ENDINGS

    def read(self, path: Path, source: str, sha256: str) -> Report:
        """The report in the file `path`, known as `source`, whose bytes have the digest `sha256`.

        Raises ReportError for a file that cannot be read, that crashes its reader, or of which no page is done in
        time.
        """
        if reason := self._known.get((source, sha256)):
            self.slow.add((source, sha256))
            raise ReportError(reason)
        if self._kept and (report := self._kept.find(source, sha256)):
            return report
        started = time.monotonic()
        try:
            report = self._ask(path, source)
            if self._kept and time.monotonic() - started > LONG:
                self._kept.keep(report)
            return report
        except ReportError:
            if time.monotonic() - started > SLOW:
                self.slow.add((source, sha256))
            raise

    def close(self) -> None:
        """End the process, whatever it is at."""
        if self._process is None or self._connection is None:
            return
        self._connection.close()
        self._process.kill()
        self._process.communicate()  # closes its standard input as well
        self._process = self._connection = None

    def _ask(self, path: Path, source: str) -> Report:
        connection = self._open()
        try:
            connection.send((path, source))
            while connection.poll(self._seconds):
                kind, *value = connection.recv()
                if kind == "report":
                    return cast(Report, value[0])
                if kind == "refused":
                    raise ReportError(value[0])
        except (EOFError, OSError) as error:
            raise ReportError(self._crashed(source)) from error
        except BaseException as error:
            if not isinstance(error, ReportError):
                self.close()  # interrupted: what it would answer is of another question
            raise
        self.close()
        raise ReportError(
            f"报告“{source}”读了 {self._seconds:.0f} 秒仍没有读完一页，已跳过："
            "请重新导出或拆成几份，或把它移出报告目录。"
        )

    def _open(self) -> Connection:
        if self._connection is None:
            ours, theirs = Pipe()
            command = [sys.executable, "-m", "index.load.child", str(theirs.fileno()), self._reader]
            self._process = subprocess.Popen(
                [*command, *([str(self._kept.open())] if self._kept else [])],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            )
            theirs.close()
            self._connection = ours
        return self._connection

    def _crashed(self, source: str) -> str:
        """What to say of the file at which the process was lost."""
        process, how = self._process, ""
        if process:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(5)
                with suppress(ValueError):
                    how = f"（{signal.Signals(-code).name}）" if code < 0 else ""
        self.close()
        return f"报告“{source}”让读取程序崩溃了{how}，已跳过：请重新导出或另存一份，或把它移出报告目录。"
