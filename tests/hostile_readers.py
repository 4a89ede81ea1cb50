"""Readers for the process that reads apart: they hang, crash it, or tell how often they were asked."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

from index import Report, ReportError, read_report
from index.load.kept import DESK


def read(path: Path, source: str) -> Report:
    """Does what the name of the file says; else reads it."""
    if path.stem.startswith("卡住"):
        time.sleep(600)
    if path.stem.startswith("崩溃"):
        ctypes.string_at(0)
    if path.stem.startswith("慢页"):  # longer in all than one page may take
        for _ in range(4):
            time.sleep(1.7)
            DESK.heard()
    if path.stem.startswith("慢败"):
        time.sleep(0.3)
        raise ReportError(f"报告“{source}”读不出来，请另存一份。")
    if path.stem.startswith("断页"):  # killed when its first page is done
        DESK.heard = lambda: os.kill(os.getpid(), signal.SIGKILL)
    with path.with_name(".次数").open("a", encoding="utf-8") as log:
        log.write(source + "\n")
    return read_report(path, source)
