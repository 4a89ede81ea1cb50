"""The folders that Chroma keeps vectors in: copied, linked and made small, as files, while nobody adds to them."""

from __future__ import annotations

import shutil
from pathlib import Path

from index.layers import link
from index.rows import copy_database, vacuum


def copy_vectors(source: Path, target: Path) -> None:
    """Copy a folder of vectors that others may be reading. Raises OSError."""
    target.mkdir()
    for path in source.rglob("*"):
        beside = target / path.relative_to(source)
        if path.is_dir():
            beside.mkdir(exist_ok=True)
        elif not path.name.startswith("chroma.sqlite3"):
            beside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, beside)
    # Chroma notes each opening in its database, so a plain copy could be torn; it also leaves out what is free.
    vacuum(source / "chroma.sqlite3", target / "chroma.sqlite3")


def link_vectors(source: Path, target: Path) -> None:
    """The folder of vectors under another name as well, for as long as nobody adds to it. Raises OSError."""
    for path in (source, *source.rglob("*")):
        beside = target / path.relative_to(source)
        if path.is_dir():
            beside.mkdir()
        elif not path.name.startswith("chroma.sqlite3"):
            link(path, beside)
    # A database that may be written under two names would lose the journal of the other.
    copy_database(source / "chroma.sqlite3", target / "chroma.sqlite3")


def shrink_vectors(folder: Path) -> None:
    """Give back what filling left free in the database of a folder that nobody has open: nine tenths of it."""
    database, beside = folder / "chroma.sqlite3", folder / "chroma.small"
    vacuum(database, beside)
    beside.replace(database)
