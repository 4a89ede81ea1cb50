"""What changed -> load -> repair -> split -> embed -> store -> publish.

A build writes a version beside the others and swaps the pointer when it is whole: killed anywhere, the last
version still answers, and the next build removes what was left over.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from index.changes import difference, scan, sha256
from index.embed import Embedder
from index.errors import EmbeddingError, IndexStoreError, ReportError
from index.layout import repair
from index.load import read_report
from index.manifest import Manifest, SourceInfo
from index.split import embedded_text, split
from index.store import Index, Record, write_version
from index.versions import open_index, prune, publish, version_folder

Stage = Literal["wait", "read", "embed", "write"]
_LEFT_OVER = ".new-"
# A change in the code that cuts reports, or in what is kept of them, makes their passages old.
_PIPELINE = ("*.tsv", "load/*.py", "[!_]*.py")
_NOT_PIPELINE = {"build.py", "e5.py", "changes.py", "embed.py", "errors.py", "manifest.py", "versions.py"}


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """`stage` is "wait" (another build is running), "read", "embed" or "write"; `done` of `total` items."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `changed` is False where nothing had changed and the version is the one before.

    `embedded` counts the passages that were embedded anew; `skipped` holds (source, reason) of each file that
    could not be read.
    """

    version: str
    changed: bool
    sources: int
    passages: int
    embedded: int
    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Cut:
    """One source, cut into passages; `fresh` unless it was taken over from the version before."""

    info: SourceInfo
    text: str
    records: tuple[Record, ...]
    fresh: bool


def build_index(
    reports: Path,
    folder: Path,
    embedder: Embedder,
    *,
    full: bool = False,
    progress: Callable[[BuildProgress], None] | None = None,
) -> BuildReport:
    """Bring the index in `folder` up to date with the reports below `reports`.

    Files that did not change keep their passages, and texts that did not change their vectors; `full` makes
    all anew. A second build waits for the first. Raises ReportError where there is nothing to index,
    EmbeddingError, and IndexStoreError where the index cannot be written; the version before then goes on
    answering.
    """
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    files = scan(reports, folder)
    try:
        with _only_build(folder, tell):
            return _build(files, folder, embedder, full, tell, started)
    except OSError as error:
        raise IndexStoreError(
            f"无法写入索引目录 {folder}（{error.strerror or error}）：请检查磁盘空间和目录权限后重试。"
        ) from error


@contextmanager
def _only_build(folder: Path, tell: Callable[[BuildProgress], None]) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        tell(BuildProgress("wait", 0, 1))
        lock.acquire()
    try:
        for left_over in folder.glob(f"versions/{_LEFT_OVER}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        yield
    finally:
        lock.release()


def _build(
    files: Sequence[tuple[Path, str]],
    folder: Path,
    embedder: Embedder,
    full: bool,
    tell: Callable[[BuildProgress], None],
    started: float,
) -> BuildReport:
    with _previous(folder, embedder) as previous:
        base = None if full else previous
        cuts, skipped = _cut_all(files, base, tell)
        before = previous.sources() if previous else []
        sources = tuple(cut.info for cut in cuts)
        added, updated, removed = difference(before, {info.source: info.sha256 for info in sources})
        version, embedded = previous.version if previous else "", 0
        changed = base is None or list(sources) != before or any(cut.fresh for cut in cuts)
        if changed:
            records = [record for cut in cuts for record in cut.records]
            vectors, embedded = _vectors(records, base, embedder, tell)
            version = _write(folder, cuts, vectors, embedder, tell)
    return BuildReport(
        version=version,
        changed=changed,
        sources=len(sources),
        passages=sum(info.passages for info in sources),
        embedded=embedded,
        added=added,
        updated=updated,
        removed=removed,
        skipped=tuple(skipped),
        seconds=time.perf_counter() - started,
    )


@contextmanager
def _previous(folder: Path, embedder: Embedder) -> Iterator[Index | None]:
    """The current version, or None where there is none that this embedder could go on from."""
    index = None
    with suppress(IndexStoreError, EmbeddingError):
        index = open_index(folder, embedder)
    try:
        yield index
    finally:
        if index:
            index.close()


def _cut_all(
    files: Sequence[tuple[Path, str]], base: Index | None, tell: Callable[[BuildProgress], None]
) -> tuple[list[_Cut], list[tuple[str, str]]]:
    pipeline = _pipeline()
    kept = base.sources() if base and base.manifest.pipeline == pipeline else []
    known = {info.source: info for info in kept}
    cuts, skipped = [], []
    for done, (path, source) in enumerate(files):
        tell(BuildProgress("read", done, len(files)))
        try:
            info = known.get(source)
            if base and info and info.sha256 == sha256(path):
                cuts.append(_Cut(info, base.text(source), tuple(base.records(source)), fresh=False))
            else:
                cuts.append(_cut(path, source))
        except ReportError as error:
            skipped.append((source, str(error)))
    tell(BuildProgress("read", len(files), len(files)))
    if not cuts:
        raise ReportError(f"没有一份报告可以建立索引：{skipped[0][1]}")
    return cuts, skipped


def _cut(path: Path, source: str) -> _Cut:
    if not source.isprintable():
        raise ReportError(f"报告{source!a}的文件名含有无法显示的字符，请改名后重试。")
    report = read_report(path, source)
    articles = repair(report)
    passages = {p.id: p for article in articles for p in split(report, article)}.values()
    if not passages:
        raise ReportError(f"报告“{source}”中没有可用的句子，请检查其内容，或把它移出报告目录。")
    records = tuple(Record(passage, _key(embedded_text(passage))) for passage in passages)
    first = articles[0]
    info = SourceInfo(source, report.sha256, first.title, first.date, first.place, len(records))
    return _Cut(info, report.text, records, fresh=True)


def _vectors(
    records: Sequence[Record], base: Index | None, embedder: Embedder, tell: Callable[[BuildProgress], None]
) -> tuple[NDArray[np.float32], int]:
    """A vector a record, and how many of them were embedded now."""
    known = base.keys() if base else {}
    old = [i for i, record in enumerate(records) if record.key in known]
    new = [i for i, record in enumerate(records) if record.key not in known]
    vectors = np.empty((len(records), embedder.dimensions), np.float32)
    if base and old:
        ids = list(dict.fromkeys(known[records[i].key] for i in old))
        row = {id_: n for n, id_ in enumerate(ids)}
        vectors[old] = base.vectors(ids)[[row[known[records[i].key]] for i in old]]
    if new:
        texts = [embedded_text(records[i].passage) for i in new]
        vectors[new] = embedder.embed(texts, progress=lambda *at: tell(BuildProgress("embed", *at)))
    return vectors, len(new)


def _write(
    folder: Path,
    cuts: Sequence[_Cut],
    vectors: NDArray[np.float32],
    embedder: Embedder,
    tell: Callable[[BuildProgress], None],
) -> str:
    """A new version: written beside, checked, renamed, published. Returns its name."""
    records = [record for cut in cuts for record in cut.records]
    created = datetime.now(UTC)
    manifest = Manifest(
        version=_version_name(folder, created, embedder.name, records),
        created=created.isoformat(),
        embedding=embedder.name,
        dimensions=embedder.dimensions,
        passages=len(records),
        pipeline=_pipeline(),
        sources=tuple(cut.info for cut in cuts),
    )
    (folder / "versions").mkdir(exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=_LEFT_OVER, dir=folder / "versions"))
    texts = {cut.info.source: cut.text for cut in cuts}
    write_version(beside, manifest, records, texts, vectors, progress=lambda *at: tell(BuildProgress("write", *at)))
    _check(beside, embedder)
    beside.chmod(0o755)
    beside.rename(version_folder(folder, manifest.version))
    publish(folder, manifest.version)
    prune(folder)
    return manifest.version


def _check(beside: Path, embedder: Embedder) -> None:
    with closing(Index(beside, embedder)) as index:
        counts, passages = index.counts(), index.manifest.passages
    if {counts["vectors"], counts["passages"], counts["terms"]} != {passages}:
        raise IndexStoreError(
            "新建的索引没有通过核对，没有发布（旧版本不受影响）：请检查磁盘后重新运行 judian index build。"
        )


def _version_name(folder: Path, created: datetime, embedding: str, records: Sequence[Record]) -> str:
    """Local time and a digest of the content; a number after it where that name is taken."""
    content = json.dumps([embedding, [(record.passage.id, record.key) for record in records]])
    name = f"{created.astimezone():%Y%m%d-%H%M}-{_key(content)[:6]}"
    names = [name, *(f"{name}-{number}" for number in range(2, 1000))]
    return next(name for name in names if not version_folder(folder, name).exists())


def _pipeline() -> str:
    """Digest of the code and tables that make passages of a report."""
    here = Path(__file__).parent
    paths = {path for pattern in _PIPELINE for path in here.glob(pattern) if path.name not in _NOT_PIPELINE}
    digests = [f"{path.relative_to(here)} {sha256(path)}" for path in sorted(paths)]
    return _key("\n".join(digests))


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
