"""The version that answers against the files of the reports folder."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.changes import difference, identify, is_unseen, scan
from index.load import supported
from index.manifest import Manifest, broken, read_manifest
from index.plan import pipeline_digest
from index.refusals import read_refusals
from index.rows import FILE, Rows
from index.versions import current_version, version_folder


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The current version ("" where there is none) and what a build would find in the reports folder.

    `skipped` holds (source, reason) of what is no report of this folder, and of the files that the last build left out
    and that are the same since.
    """

    version: str
    embedding: str
    created: str
    sources: int
    passages: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def index_status(reports: Path, folder: Path) -> IndexStatus:
    """The current version against the files below `reports`, without changing anything.

    Raises ReportError for a missing reports folder, IndexStoreError for a broken index.
    """
    found = scan(reports, folder)
    manifest, known = Manifest("", "", "", 0, 0, 0, ""), []
    if (folder / "current").exists():
        home = version_folder(folder, current_version(folder))
        manifest = read_manifest(home)
        try:
            with closing(Rows(home / FILE)) as rows:
                known = rows.known()
        except OSError as error:
            raise broken(home) from error
    readable = [file for file in found.files if supported(file.path)]
    others = [file for file in found.files if not supported(file.path)]
    digests, _, unread = identify(readable, known)
    seen = digests | {k.source: k.sha256 for k in known if k.source in dict(unread) or is_unseen(k.source, found)}
    refused = {s: why for (s, sha256), why in read_refusals(folder, pipeline_digest()).items() if seen.get(s) == sha256}
    added, changed, removed = difference({k.source: k.sha256 for k in known}, seen)
    return IndexStatus(
        version=manifest.version,
        embedding=manifest.embedding,
        created=manifest.created,
        sources=manifest.sources,
        passages=manifest.passages,
        added=tuple(source for source in added if source not in refused),
        changed=changed,
        removed=removed,
        skipped=tuple(sorted([*refused.items(), *identify(others, ())[1], *found.refused])),
    )
