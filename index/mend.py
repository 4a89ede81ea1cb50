"""Repair of the current version: what is broken in it is made anew, in a new version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.build import BuildReport, build_index
from index.embed import Embedder
from index.errors import IndexStoreError
from index.journal import Journal
from index.manifest import read_manifest
from index.recent import Recent
from index.rows import FILE, Rows
from index.store import VECTORS
from index.vectors import check_server, open_vectors
from index.verify import Fault, find_faults, sound
from index.versions import current_version, list_versions, version_folder
from index.workshop import Mend, Tell

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Mended:
    """What was wrong, each a Chinese sentence, and the build that made it anew; None where nothing was wrong."""

    problems: tuple[str, ...]
    build: BuildReport | None


def mend_index(
    reports: Path, folder: Path, embedder: Embedder, *, chroma_url: str = "", progress: Tell | None = None
) -> Mended:
    """Verify the current version, and make a new one of it in which what is broken is made anew from `reports`.

    Where single reports or vectors are broken, only they are; else all is, with the vectors that any version has
    kept of the same texts. The published versions stay as they are. Changes in `reports` are taken in as by any
    build. Raises what `build_index` raises, and IndexStoreError where the vectors are on a server that cannot be
    asked: nothing is made anew then.
    """
    _reach(folder, chroma_url)
    faults = find_faults(folder, embedder, chroma_url=chroma_url)
    if not faults:
        return Mended((), None)
    mend = None if any(fault.everything for fault in faults) else _mend(faults)
    if (mend is None or mend.vectors) and not any(fault.vectors == "wrong" for fault in faults):
        _keep_vectors(folder, embedder, chroma_url)
    full = mend is None
    built = build_index(reports, folder, embedder, full=full, chroma_url=chroma_url, progress=progress, mend=mend)
    return Mended(tuple(fault.sentence for fault in faults), built)


def _reach(folder: Path, chroma_url: str) -> None:
    """Raises IndexStoreError where the current version's vectors are on a server that cannot be asked."""
    collection = ""
    with suppress(IndexStoreError):
        collection = read_manifest(version_folder(folder, current_version(folder))).collection
    if collection or chroma_url:
        check_server(chroma_url)


def _mend(faults: Sequence[Fault]) -> Mend | None:
    """What has to be made anew; None for everything, where no fault says of what it is."""
    found = Mend(
        sources=frozenset(fault.source for fault in faults if fault.source),
        keys=frozenset(key for fault in faults for key in fault.keys),
        vectors=any(fault.vectors for fault in faults),
        terms=any(fault.terms for fault in faults),
    )
    return found if found != Mend() else None


def _keep_vectors(folder: Path, embedder: Embedder, chroma_url: str) -> None:
    """Put the sound vectors of every version into the journal, where a build looks before it embeds a text."""
    done: set[str] = set()  # collections that several versions share
    with Journal(folder, embedder.name, embedder.dimensions) as journal:
        for version in list_versions(folder):
            home = version_folder(folder, version.name)
            if version.embedding != embedder.name:
                continue
            with suppress(OSError), closing(Rows(home / FILE)) as rows:
                _keep(Recent(rows).all() if rows.layered else {}, journal)
            with suppress(OSError, IndexStoreError):
                collection = read_manifest(home).collection
                if collection not in done:
                    _keep_all(home, collection, chroma_url, journal)
                    done |= {collection} - {""}


def _keep_all(home: Path, collection: str, chroma_url: str, journal: Journal) -> None:
    with closing(open_vectors(home / VECTORS, collection, chroma_url)) as vectors:
        keys = vectors.keys()
        for start in range(0, len(keys), _BATCH):
            _keep(vectors.get(keys[start : start + _BATCH]), journal)


def _keep(vectors: Mapping[str, NDArray[np.float32]], journal: Journal) -> None:
    found = {key: vector for key, vector in vectors.items() if sound(vector)}
    if found:
        journal.keep(list(found), np.stack(list(found.values())))
