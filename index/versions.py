"""Version folders, the pointer to the current one, rollback and pruning.

`folder/versions/<version>/` is never changed once it has that name; `folder/current` is a text file with the
name of the version that answers, replaced in one step.
"""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index.embed import Embedder
from index.errors import IndexMissingError, IndexStoreError
from index.manifest import Manifest, broken, read_manifest
from index.store import Index
from index.vectors import drop_collection

KEEP = 3
_NAME = re.compile(r"\d{8}-\d{4}-[0-9a-f]{6}(-\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is on the disk; `created` is UTC in ISO form.

    `added`, `updated` and `removed` count the sources by which it differs from the version it was made from.
    """

    name: str
    created: str
    embedding: str
    sources: int
    passages: int
    current: bool
    added: int = 0
    updated: int = 0
    removed: int = 0


def version_folder(folder: Path, version: str) -> Path:
    """Where `version` stands below the index's folder."""
    return folder / "versions" / version


def current_version(folder: Path) -> str:
    """The name of the version that answers. Raises IndexMissingError where there is none."""
    try:
        name = (folder / "current").read_text("utf-8").strip()
    except OSError as error:
        raise IndexMissingError(f"还没有索引：{folder} 中没有已发布的版本，请先运行 judian index build。") from error
    except UnicodeDecodeError as error:
        raise broken(folder / "current") from error
    if not _NAME.fullmatch(name):
        raise broken(folder / "current")
    return name


def open_index(folder: Path, embedder: Embedder, *, version: str = "", chroma_url: str = "") -> Index:
    """The current version, or the one named `version`, open for reading.

    Raises IndexMissingError, IndexStoreError or EmbeddingError.
    """
    return Index(version_folder(folder, version or current_version(folder)), embedder, chroma_url=chroma_url)


def list_versions(folder: Path) -> tuple[Version, ...]:
    """The versions that can be read, newest first."""
    current = ""
    with suppress(IndexStoreError):
        current = current_version(folder)
    return tuple(
        Version(
            name=m.version,
            created=m.created,
            embedding=m.embedding,
            sources=m.sources,
            passages=m.passages,
            current=m.version == current,
            added=m.added,
            updated=m.updated,
            removed=m.removed,
        )
        for m in _manifests(folder)
    )


def publish(folder: Path, version: str) -> None:
    """Make `version` the one that answers, in one step."""
    beside = folder / "current.new"
    with beside.open("w", encoding="utf-8") as file:
        file.write(version + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, folder / "current")
    _sync(folder)


def settle(beside: Path, home: Path) -> None:
    """Give a finished version its name, once all of it is on the disk: a power cut must not leave half of one."""
    for path in (*beside.rglob("*"), beside):
        _sync(path)
    beside.rename(home)
    _sync(home.parent)


def _sync(path: Path) -> None:
    if os.name == "posix":  # elsewhere a folder cannot be opened, nor a file that is not to be written be synced
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def rollback(folder: Path, version: str | None = None) -> str:
    """Make `version` current, or the one before the current; returns its name.

    Raises IndexMissingError where there is no index, IndexStoreError where there is no such version.
    """
    names = [m.version for m in _manifests(folder)]
    if version is None:
        current = current_version(folder)
        older = names[names.index(current) + 1 :] if current in names else names
        if not older:
            raise IndexStoreError(f"没有更早的索引版本可退回：当前版本 {current} 已是最早的一个。")
        version = older[0]
    if version not in names:
        known = "、".join(names) or "没有任何版本"
        raise IndexStoreError(f"没有索引版本 {version}：现有 {known}，请用 judian index versions 查看。")
    publish(folder, version)
    return version


def prune(folder: Path, *, keep: int = KEEP, chroma_url: str = "") -> tuple[str, ...]:
    """Delete all but the newest `keep` versions, and folders that are no version any more.

    The current one always stays. Collections on the server at `chroma_url` that no version needs any longer go
    too. Returns what was deleted.
    """
    current = current_version(folder)
    manifests = _manifests(folder)
    stay = [m for number, m in enumerate(manifests) if number < keep or m.version == current]
    names = {m.version for m in stay} | {current}
    old = [path.name for path in sorted(folder.glob("versions/*")) if _NAME.fullmatch(path.name)]
    gone = [name for name in old if name not in names]
    for name in gone:
        shutil.rmtree(version_folder(folder, name), ignore_errors=True)
    if chroma_url:
        for collection in {m.collection for m in manifests} - {m.collection for m in stay} - {""}:
            drop_collection(collection, chroma_url)
    return tuple(gone)


def _manifests(folder: Path) -> list[Manifest]:
    """Of every version that can be read, newest first."""
    found = []
    for path in folder.glob("versions/*"):
        if _NAME.fullmatch(path.name):
            with suppress(IndexStoreError):
                found.append(read_manifest(path))
    return sorted(found, key=lambda manifest: (manifest.created, manifest.version), reverse=True)
