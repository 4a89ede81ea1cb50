"""What a version says of itself: manifest.json in its folder."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from index.errors import IndexStoreError

FORMAT = 2  # of a version folder; one of another number is built anew


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """One source of a version; `title`, `date` and `place` are those of its first article."""

    source: str
    sha256: str
    title: str
    date: str
    place: str
    passages: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """`created` is UTC in ISO form; `pipeline` identifies the code that cut the reports into passages.

    `collection` names the collection on a Chroma server that holds the vectors, "" where they stand in the
    folder. `stored` counts the vectors there, those that no passage needs any more among them. `added`,
    `updated` and `removed` count the sources by which this version differs from the one it was made from.
    """

    version: str
    created: str
    embedding: str
    dimensions: int
    passages: int
    sources: int
    pipeline: str
    collection: str = ""
    stored: int = 0
    added: int = 0
    updated: int = 0
    removed: int = 0
    format: int = FORMAT


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the version in `folder`. Raises IndexStoreError where it is missing or not ours."""
    try:
        data = json.loads((folder / "manifest.json").read_text("utf-8"))
        if data["format"] != FORMAT:
            raise IndexStoreError(
                f"索引版本 {folder.name} 由另一版据典建立，不能读取：请运行 judian index build 重建索引。"
            )
        return Manifest(**data)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise broken(folder) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """The last file of a version: a folder without it is no version."""
    content = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    with (folder / "manifest.json").open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def broken(folder: Path) -> IndexStoreError:
    """The error for a version whose files are missing or damaged."""
    return IndexStoreError(
        f"索引版本 {folder.name} 已损坏：请运行 judian index build --full，或 judian index rollback。"
    )
