"""What changed: the files of the reports folder against the version that answers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.errors import ReportError
from index.load import supported
from index.manifest import Manifest, SourceInfo, read_manifest
from index.versions import current_version, version_folder


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The current version ("" where there is none) and what a build would find in the reports folder."""

    version: str
    embedding: str
    created: str
    sources: int
    passages: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def index_status(reports: Path, folder: Path) -> IndexStatus:
    """The current version against the files below `reports`, without changing anything.

    Raises ReportError for a missing reports folder, IndexStoreError for a broken index.
    """
    on_disk = {source: sha256(path) for path, source in scan(reports, folder) if supported(path)}
    manifest = Manifest("", "", "", 0, 0, "", ())
    if (folder / "current").exists():
        manifest = read_manifest(version_folder(folder, current_version(folder)))
    added, changed, removed = difference(manifest.sources, on_disk)
    return IndexStatus(
        version=manifest.version,
        embedding=manifest.embedding,
        created=manifest.created,
        sources=len(manifest.sources),
        passages=manifest.passages,
        added=added,
        changed=changed,
        removed=removed,
    )


def scan(reports: Path, folder: Path) -> list[tuple[Path, str]]:
    """(file, source) of every file below `reports` that is not hidden and not the index's own."""
    if not reports.is_dir():
        raise ReportError(f"报告目录 {reports} 不存在：请建立它并放入 .txt 或 .md 报告，或用 --reports 指定别的目录。")
    index = folder.resolve()
    found = []
    for path in sorted(reports.rglob("*")):
        parts = path.relative_to(reports).parts
        hidden = any(part.startswith(".") for part in parts)
        if not hidden and path.is_file() and index not in path.resolve().parents:
            found.append((path, "/".join(parts)))
    if not found:
        raise ReportError(f"报告目录 {reports} 是空的：请放入 .txt 或 .md 报告后再建立索引。")
    return found


def difference(
    before: Sequence[SourceInfo], after: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Sources added, changed and removed; `after` maps a source to its digest."""
    known = {info.source: info.sha256 for info in before}
    added = tuple(sorted(after.keys() - known.keys()))
    changed = tuple(sorted(s for s in after.keys() & known.keys() if after[s] != known[s]))
    return added, changed, tuple(sorted(known.keys() - after.keys()))


def sha256(path: Path) -> str:
    """Of the file's bytes; "" for a file that cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
