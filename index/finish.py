"""The draft becomes a version: filled, checked, renamed, published."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from index.draft import Base
from index.embed import Embedder
from index.errors import IndexStoreError
from index.journal import Journal
from index.manifest import Manifest, write_manifest
from index.rows import digest
from index.store import Index
from index.versions import prune, publish, settle, version_folder
from index.workshop import BuildProgress, Order, Workshop


def finish(
    workshop: Workshop,
    order: Order,
    base: Base | None,
    content: Sequence[str],
    sources: int,
    counts: tuple[int, int, int],
) -> tuple[Manifest, int]:
    """The manifest of the version that the draft has become, and how many texts were embedded for it.

    `base` is the version whose vectors it takes over, `content` what its name is to depend on; `counts` are the
    sources added, updated and removed. Raises OSError, EmbeddingError, and IndexStoreError for a draft that is not
    whole.
    """
    folder, embedder, url, mend = order.folder, order.embedder, order.chroma_url, order.mend
    draft, created, pipeline = workshop.draft(), datetime.now(UTC), order.pipeline
    version = _version_name(folder, created, [embedder.name, pipeline, *content])
    if mend and (mend.sources or mend.terms):
        draft.renew_terms()
    with Journal(folder, embedder.name, embedder.dimensions) as journal:
        embedded, collection, stored = draft.fill(
            embedder,
            journal,
            base,
            collection=f"judian-{version}-{secrets.token_hex(3)}" if url else "",
            url=url,
            embedding=lambda *at: order.tell(BuildProgress("embed", *at)),
            writing=lambda *at: order.tell(BuildProgress("write", *at)),
            broken=mend.keys if mend else frozenset(),
        )
    passages = draft.rows.size()
    workshop.similar = draft.rows.alike()
    draft.close()
    manifest = Manifest(
        version=version,
        created=created.isoformat(),
        embedding=embedder.name,
        dimensions=embedder.dimensions,
        passages=passages,
        sources=sources,
        pipeline=pipeline,
        collection=collection,
        stored=stored,
        added=counts[0],
        updated=counts[1],
        removed=counts[2],
    )
    write_manifest(draft.folder, manifest)
    _check(draft.folder, embedder, url)
    settle(draft.folder, version_folder(folder, version))
    publish(folder, version)
    journal.discard()
    prune(folder, chroma_url=url)
    return manifest, embedded


def _check(beside: Path, embedder: Embedder, chroma_url: str) -> None:
    with closing(Index(beside, embedder, chroma_url=chroma_url)) as index:
        whole = _upper_is_whole(index) if index.rows.layered else _is_whole(index)
    if not whole:
        raise IndexStoreError(
            "新建的索引没有通过核对，没有发布（旧版本不受影响）：请检查磁盘后重新运行 judian index build --full。"
        )


def _is_whole(index: Index) -> bool:
    counts, manifest = index.rows.counts(), index.manifest
    lacking = index.stored.count() < max(counts["keys"], manifest.stored)
    same = {counts["passages"], counts["terms"]} == {manifest.passages} and counts["sources"] == manifest.sources
    return same and not lacking


def _upper_is_whole(index: Index) -> bool:
    """The same of what was written now: the lower layer was checked when it was."""
    rows = index.rows
    keys = [key for (key,) in rows.query("SELECT DISTINCT key FROM main.passages")]
    ((passages, found),) = rows.query(
        "SELECT (SELECT count(*) FROM main.passages), (SELECT count(*) FROM main.terms_docsize)"
    )
    return passages == found and rows.size() == index.manifest.passages and index.stored.has(keys) == set(keys)


def _version_name(folder: Path, created: datetime, content: Sequence[str]) -> str:
    """Local time and a digest of the content; a number after it where that name is taken."""
    name = f"{created.astimezone():%Y%m%d-%H%M}-{digest(json.dumps(content))[:6]}"
    names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not version_folder(folder, name).exists())
