"""Rows put into a version that is written, and taken out of it; two layers begun, and written as one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from index.boxes import pack
from index.duplicates import SIMILAR, bands, signature, similarity
from index.layers import BASE, begin, link
from index.lexical import add_terms, terms
from index.report import Passage, Report
from index.rows import FILE, Rows, create_rows, digest, load_passage, row_faults

_WHOLE = "whole"
_AS_THEY_ARE = ("passages", "reports", "bands")
_BATCH = 2000
_MOST_ALIKE = 5


def begin_layer(folder: Path, lower: Path, passages: int) -> None:
    """New rows in `folder` over those of the version in `lower`, which has so many passages. Raises OSError."""
    create_rows(folder / FILE)
    upper, below = Rows(folder / FILE, writable=True), Rows(lower / FILE)
    try:
        with row_faults():
            begin(upper.connection, below.connection, passages)
    finally:
        upper.close()
        below.close()
    link(lower / FILE, folder / BASE)


def put_terms(connection: Any, rows: Sequence[tuple[int, Passage]]) -> None:
    """Let the passages, each with its row number, be found by their terms."""
    add_terms(connection, ((row, *_columns(passage)) for row, passage in rows))


def put_report(rows: Rows, report: Report) -> None:
    """Keep what was read of a source, and note which others are nearly the same."""
    source, text, sign = report.source, report.text, signature(report.text)
    values = (source, text, digest(text), json.dumps(report.pages), report.title, report.date)
    more = (int(report.whole_lines), pack(report.boxes), sign)
    rows.connection.execute("INSERT INTO main.reports VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *more))
    numbers = bands(sign)
    near = rows.select("SELECT DISTINCT source FROM bands WHERE band IN ({})", numbers)
    found = rows.select("SELECT source, signature FROM reports WHERE source IN ({})", [one for (one,) in near])
    alike = sorted(((similarity(sign, theirs), other) for other, theirs in found), reverse=True)[:_MOST_ALIKE]
    pairs = [(*sorted((source, other)), score) for score, other in alike if score >= SIMILAR]
    rows.connection.executemany("INSERT OR REPLACE INTO alike VALUES (?, ?, ?)", pairs)
    notes = ((number, source) for number in set(numbers))
    rows.connection.executemany("INSERT INTO main.bands VALUES (?, ?)", notes)


def take_out(connection: Any, source: str, *, layered: bool, terms_too: bool = True) -> None:
    """Remove a source and its passages; in a lower layer they are marked as gone. Their vectors stay, and their terms
    if they are to be made anew for all passages."""
    wanted = "SELECT row, data FROM main.passages WHERE source = ?"
    rows = connection.execute(wanted, (source,)).fetchall() if terms_too else []
    # The table of terms keeps no text: to take a row out, it wants to be told what was put in.
    connection.executemany(
        "INSERT INTO main.terms (terms, rowid, place, head, body) VALUES ('delete', ?, ?, ?, ?)",
        ((row, *(" ".join(terms(c)) for c in _columns(load_passage(data)))) for row, data in rows),
    )
    for table in _AS_THEY_ARE:
        connection.execute(f"DELETE FROM main.{table} WHERE source = ?", (source,))
    connection.execute("DELETE FROM main.alike WHERE source = ?1 OR other = ?1", (source,))
    if layered and connection.execute("SELECT 1 FROM base.reports WHERE source = ?", (source,)).fetchone():
        connection.execute("INSERT OR IGNORE INTO gone VALUES (?)", (source,))
        gone = "SELECT row FROM base.passages WHERE source = ?"
        connection.execute(f"INSERT OR IGNORE INTO gone_rows {gone}", (source,))


def renew_terms(rows: Rows) -> None:
    """Make the terms of rows in one layer anew from their passages."""
    rows.connection.execute("INSERT INTO terms (terms) VALUES ('delete-all')")
    for batch in _batches(rows, "SELECT row, data FROM passages"):
        put_terms(rows.connection, [(row, load_passage(data)) for row, data in batch])


def merge(upper: Rows, folder: Path, *, terms_too: bool = True) -> None:
    """Write the layered rows in `folder`, open and settled as `upper`, as rows of one layer in their place.

    Closes `upper`. Without `terms_too` the table of terms is left to `renew_terms`. Raises OSError.
    """
    home = folder / _WHOLE
    home.mkdir()
    shutil.copyfile(folder / BASE, home / FILE)
    whole = Rows(home / FILE, writable=True)
    try:
        with row_faults():
            whole.connection.execute("PRAGMA journal_mode = OFF")
            whole.connection.execute("PRAGMA synchronous = OFF")
            _bring_over(upper, whole.connection, terms_too)
            whole.connection.commit()
    finally:
        whole.close()
        upper.close()
    (home / FILE).replace(folder / FILE)
    (folder / BASE).unlink()
    home.rmdir()


def _bring_over(upper: Rows, whole: Any, terms_too: bool) -> None:
    for (source,) in upper.query("SELECT source FROM gone"):
        take_out(whole, source, layered=False, terms_too=terms_too)
    for table in ("sources", "alike"):
        whole.execute(f"DELETE FROM {table}")
    for table in (*_AS_THEY_ARE, "sources", "alike"):
        for batch in _batches(upper, f"SELECT * FROM main.{table}"):
            whole.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(batch[0]))})", batch)
    for batch in _batches(upper, "SELECT row, data FROM main.passages") if terms_too else ():
        put_terms(whole, [(row, load_passage(data)) for row, data in batch])


def _batches(rows: Rows, statement: str) -> Iterator[list[tuple[Any, ...]]]:
    with row_faults():
        found = rows.connection.execute(statement)
        while batch := found.fetchmany(_BATCH):
            yield batch


def _columns(passage: Passage) -> tuple[str, str, str]:
    """What the lexical search looks into: place, title and section, text."""
    return passage.place, f"{passage.title}\n{passage.section}", passage.text
