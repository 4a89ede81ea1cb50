"""What a version holds, without the embedding model or Chroma: its files, their places, the text of one of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from index.errors import IndexStoreError
from index.manifest import SourceInfo, broken, read_manifest
from index.report import Report
from index.rows import FILE, Rows
from index.versions import current_version, version_folder


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A file as a version knows it: `places` are those of its articles, in reading order, each once.

    `same_as` names the source whose content it repeats ("" for none); such a file has no passages of its own.
    """

    info: SourceInfo
    same_as: str
    places: tuple[str, ...]


def stored_sources(folder: Path, version: str = "") -> tuple[StoredSource, ...]:
    """Every file that `version` ("" for the current one) of the index in `folder` knows, in the order of names.

    Raises IndexMissingError where there is no index, IndexStoreError for a version that is gone or damaged.
    """
    with _rows(folder, version) as rows:
        places: dict[str, dict[str, None]] = {}
        for source, place in rows.query(
            "SELECT source, json_extract(data, '$.place') FROM passages GROUP BY source, article ORDER BY min(row)"
        ):
            if place:
                places.setdefault(source, {})[place] = None
        return tuple(
            StoredSource(known.info, known.same_as, tuple(places.get(known.source, ()))) for known in rows.known()
        )


def stored_report(folder: Path, source: str, version: str = "") -> Report | None:
    """What was read of `source` for `version` ("" for the current one), None where that holds no such source.

    Raises what `stored_sources` raises.
    """
    with _rows(folder, version) as rows:
        return rows.report(source)


@contextmanager
def _rows(folder: Path, version: str) -> Iterator[Rows]:
    home = version_folder(folder, version or current_version(folder))
    if home.parent != folder / "versions" or not home.is_dir():
        raise IndexStoreError(f"没有索引版本 {version}：它可能已被清理，请用 judian index versions 查看现有版本。")
    read_manifest(home)
    try:
        with closing(Rows(home / FILE)) as rows:
            yield rows
    except OSError as error:
        raise broken(home) from error
