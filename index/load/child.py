"""The process that reads files apart: `python -m index.load.child FD READER [FOLDER]`, started by index/apart.py.

Over the connection FD come (path, source); back go ("page",) after each page, then ("report", Report) or
("refused", sentence). It ends when its standard input does, even in the middle of a file.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from index.errors import ReportError
from index.load.kept import DESK


def main(descriptor: int, reader: str, folder: str = "") -> None:
    """Read files until the other side hangs up; `reader` is module:function, `folder` where pages are kept."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the builder's to handle
    Thread(target=_end_with_parent, daemon=True).start()
    connection = Connection(descriptor)
    module, name = reader.split(":")
    read = getattr(import_module(module), name)
    DESK.heard = lambda: connection.send(("page",))
    DESK.folder = Path(folder) if folder else None
    while True:
        try:
            path, source = connection.recv()
        except EOFError:
            return
        try:
            connection.send(("report", read(path, source)))
        except ReportError as error:
            connection.send(("refused", str(error)))


def _end_with_parent() -> None:
    """A reader that hangs would outlive a builder that was killed."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
