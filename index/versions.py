"""Version folders, the pointer to the current one, rollback and pruning.

`folder/versions/<version>/` is never changed once it has that name; `folder/current` is a text file with the
name of the version that answers, replaced in one step.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.embed import Embedder
from index.errors import IndexMissingError, IndexStoreError, JudianError
from index.manifest import Manifest, broken, read_manifest
from index.report import Passage
from index.split import embedded_text
from index.store import Index

KEEP = 3
_NAME = re.compile(r"\d{8}-\d{4}-[0-9a-f]{6}(-\d+)?", re.ASCII)
# The same weights in float32 and bfloat16 agree at 0.997; other weights are far below.
_SAME_MODEL = 0.98


@dataclass(frozen=True, slots=True)
class Version:
    """A version that is on the disk; `created` is UTC in ISO form."""

    name: str
    created: str
    embedding: str
    sources: int
    passages: int
    current: bool


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


def open_index(folder: Path, embedder: Embedder) -> Index:
    """The current version, open. Raises IndexMissingError, IndexStoreError or EmbeddingError."""
    return Index(version_folder(folder, current_version(folder)), embedder)


def list_versions(folder: Path) -> tuple[Version, ...]:
    """The versions that can be read, newest first."""
    current = ""
    with suppress(IndexStoreError):
        current = current_version(folder)
    return tuple(
        Version(m.version, m.created, m.embedding, len(m.sources), m.passages, m.version == current)
        for m in _manifests(folder)
    )


def publish(folder: Path, version: str) -> None:
    """Make `version` the one that answers, in one step."""
    beside = folder / "current.new"
    beside.write_text(version + "\n", "utf-8")
    os.replace(beside, folder / "current")


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


def prune(folder: Path, *, keep: int = KEEP) -> tuple[str, ...]:
    """Delete all but the newest `keep` versions; the current one always stays. Returns what was deleted."""
    current = current_version(folder)
    old = [m.version for m in _manifests(folder)[keep:] if m.version != current]
    for name in old:
        shutil.rmtree(version_folder(folder, name), ignore_errors=True)
    return tuple(old)


def verify(folder: Path, embedder: Embedder) -> list[str]:
    """What is wrong with the current version, each a Chinese sentence; empty when all is well.

    Raises IndexMissingError where there is no index.
    """
    version = current_version(folder)
    try:
        with closing(open_index(folder, embedder)) as index:
            return [*_count_problems(index), *_passage_problems(index), *_vector_problems(index, embedder)]
    except JudianError as error:
        return [f"当前版本 {version} 打不开：{error}"]


def _manifests(folder: Path) -> list[Manifest]:
    """Of every version that can be read, newest first."""
    found = []
    for path in folder.glob("versions/*"):
        if _NAME.fullmatch(path.name):
            with suppress(IndexStoreError):
                found.append(read_manifest(path))
    return sorted(found, key=lambda manifest: (manifest.created, manifest.version), reverse=True)


def _count_problems(index: Index) -> list[str]:
    counts, manifest = index.counts(), index.manifest
    expected = dict.fromkeys(("vectors", "passages", "terms"), manifest.passages)
    expected["sources"] = len(manifest.sources)
    names = {"vectors": "向量", "passages": "段落", "terms": "词条", "sources": "报告"}
    return [
        f"{names[what]}有 {counts[what]} 个，清单中是 {number} 个：请运行 judian index build --full 重建。"
        for what, number in expected.items()
        if counts[what] != number
    ]


def _passage_problems(index: Index) -> list[str]:
    lengths = {info.source: len(index.text(info.source)) for info in index.sources()}
    outside = [p for p in index.all_passages() if p.end > lengths.get(p.source, 0)]
    advice = "请运行 judian index build --full 重建"
    return [f"报告“{p.source}”的段落 {p.id} 超出了原文：{advice}。" for p in outside]


def _vector_problems(index: Index, embedder: Embedder) -> list[str]:
    """A few stored vectors against the same passages embedded now."""
    passages: Sequence[Passage] = index.all_passages()
    sample = passages[:: max(1, len(passages) // 4)]
    stored = index.vectors([passage.id for passage in sample])
    fresh = embedder.embed([embedded_text(passage) for passage in sample])
    cosines = np.sum(stored * fresh, axis=1)
    return [
        f"报告“{passage.source}”的段落 {passage.id} 与其向量不符：请运行 judian index build --full 重建。"
        for passage, cosine in zip(sample, cosines, strict=True)
        if cosine < _SAME_MODEL
    ]
