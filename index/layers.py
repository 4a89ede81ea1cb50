"""A large version in two layers: the rows of an earlier version, linked and never changed, and what changed since.

Copying a large version takes time that grows with it (200 MB of rows and 160 MB of graph at 100,000 passages). So a
version that is made from a LARGE one holds that one's rows as `base.sqlite`, a hard link, and beside them only what
is new and what is gone; the tables read as one through views. Once MOST passages have changed, one file is written
again, as in the levels of an LSM tree (O'Neil et al. 1996).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

BASE = "base.sqlite"
LARGE = 20_000  # passages; below, copying takes less than 0.2 s
MOST = 1_000  # passages in the upper layer, and of the lower that are gone; the upper one is searched whole
# `lower` says how many passages the lower layer has, so that nobody needs to count them.
_UPPER = (
    "CREATE TABLE gone (source TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE gone_rows (row INTEGER PRIMARY KEY)",
    "CREATE TABLE vectors (key TEXT PRIMARY KEY, vector BLOB)",
    "CREATE TABLE lower (passages INTEGER)",
)
_VIEWS = (
    *(
        f"CREATE TEMP VIEW {table} AS SELECT * FROM main.{table} UNION ALL "
        f"SELECT * FROM base.{table} WHERE source NOT IN (SELECT source FROM main.gone)"
        for table in ("passages", "reports", "bands")
    ),
    "CREATE TEMP VIEW term_ids AS SELECT id FROM main.terms_docsize UNION ALL "
    "SELECT id FROM base.terms_docsize WHERE id NOT IN (SELECT row FROM main.gone_rows)",
)


def is_upper(connection: Any) -> bool:
    """Whether a connection's rows are an upper layer, of no use without the lower one."""
    return bool(connection.execute("SELECT 1 FROM main.sqlite_schema WHERE name = 'lower'").fetchone())


def attach(connection: Any, base: Path) -> None:
    """Let a connection to the upper layer read both as one; `base` is the lower one. Raises sqlite3.Error."""
    connection.execute("ATTACH ? AS base", (f"{base.resolve().as_uri()}?mode=ro",))
    for view in _VIEWS:
        connection.execute(view)


def begin(connection: Any, lower: Any, passages: int) -> None:
    """Make of new, empty rows an upper layer over `lower` (a connection), which has so many passages."""
    for statement in _UPPER:
        connection.execute(statement)
    connection.execute("INSERT INTO lower VALUES (?)", (passages,))
    for table, columns in (("sources", 8), ("alike", 3)):  # these are kept whole
        marks = ", ".join("?" * columns)
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", lower.execute(f"SELECT * FROM {table}"))
    connection.commit()


def link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the file system has no hard links. Raises OSError."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
