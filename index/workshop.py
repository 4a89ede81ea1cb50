"""Where a build works: one at a time, on a draft that begins with its first change and leaves nothing behind."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal

from filelock import FileLock, Timeout

from index.apart import Apart
from index.draft import COLLECTION_NOTE, Base, Draft
from index.embed import Embedder
from index.errors import IndexStoreError
from index.journal import Readings
from index.layers import LARGE
from index.manifest import read_manifest
from index.recent import Stored, open_stored
from index.refusals import read_refusals
from index.rows import FILE, Rows
from index.store import VECTORS
from index.vectors import drop_collection
from index.versions import current_version, version_folder

Stage = Literal["wait", "read", "embed", "write"]
_LEFT_OVER = ".new-"


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """`stage` is "wait" (another build is running), "read" (files), "embed" or "write" (passages); `done` of
    `total` items."""

    stage: Stage
    done: int
    total: int


Tell = Callable[[BuildProgress], None]


@dataclass(frozen=True, slots=True)
class Mend:
    """What is broken in the version before: reports, the vectors with these keys, all `vectors`, or the `terms`."""

    sources: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    vectors: bool = False
    terms: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What a build was asked for; see `build_index`."""

    folder: Path
    embedder: Embedder
    full: bool
    chroma_url: str
    tell: Tell
    mend: Mend | None
    pipeline: str


class Workshop:
    """The draft of one build, beside the versions in `folder`; it is removed when the build fails.

    `apart` reads files for it. What that has kept is forgotten when the build is done.
    """

    def __init__(self, folder: Path, base: Base | None, chroma_url: str, pipeline: str, *, retry: bool = False) -> None:
        """`pipeline` is the digest of the code; with `retry`, files are read again that took long to fail."""
        self._readings = Readings(folder, pipeline)
        self.apart = Apart(self._readings, {} if retry else read_refusals(folder, pipeline, slow=True))
        self._versions = folder / "versions"
        self._base = base
        self._url = chroma_url
        self._home: Path | None = None
        self.begun: Draft | None = None
        self.similar: list[tuple[str, str, float]] = []

    def draft(self) -> Draft:
        """The draft, begun with the rows of `base` when it is first asked for."""
        if self.begun is None:
            self._versions.mkdir(exist_ok=True)
            self._home = Path(tempfile.mkdtemp(prefix=_LEFT_OVER, dir=self._versions))
            self._home.chmod(0o755)
            self.begun = Draft(self._home, self._base)
        return self.begun

    def remove(self, sources: Iterable[str], *, damaged: bool = False) -> None:
        """Remove from the draft those sources that it began with; the terms of `damaged` ones are left to renewal."""
        for source in sorted(sources):
            if self._base:
                self.draft().remove(source, damaged=damaged)

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.apart.close()
        if kind is None:
            self._readings.discard()
        if self.begun:
            self.begun.rows.close()
        if self._home:
            _remove(self._home, self._url)


@contextmanager
def only_build(folder: Path, tell: Tell, chroma_url: str) -> Iterator[bool]:
    """Wait until no other build works in `folder`, and remove what a killed one left over. Raises OSError.

    Gives whether it had to wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock, waited = FileLock(folder / ".build.lock"), False
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waited = True
        tell(BuildProgress("wait", 0, 1))
        lock.acquire()
    try:
        for left_over in folder.glob(f"versions/{_LEFT_OVER}*"):
            _remove(left_over, chroma_url)
        yield waited
    finally:
        lock.release()


@contextmanager
def previous(folder: Path, embedder: Embedder, fresh: bool, chroma_url: str) -> Iterator[Base | None]:
    """The current version, None where there is none or it is damaged; without its vectors if they are made `fresh`.

    Raises IndexStoreError where its vectors are on a server and nobody says which, or are gone from it.
    """
    base = _open_base(folder, embedder, fresh, chroma_url)
    try:
        yield base
    finally:
        if base:
            base.rows.close()
            if base.vectors:
                base.vectors.close()


def reason_of(error: OSError) -> str:
    """Why something could not be written, for the user."""
    text = str(error)
    if error.errno == errno.ENOSPC or "disk is full" in text or "No space left" in text:
        return "磁盘已满"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) or "readonly" in text:
        return "没有写权限"
    return error.strerror or text


def _open_base(folder: Path, embedder: Embedder, fresh: bool, chroma_url: str) -> Base | None:
    try:
        home = version_folder(folder, current_version(folder))
        manifest = read_manifest(home)
        rows = Rows(home / FILE)
        try:
            if manifest.passages < LARGE:
                rows.counts()  # reads every page of them
        except OSError:
            rows.close()
            return None
    except (IndexStoreError, OSError):
        return None
    vectors: Stored | None = None
    if manifest.embedding == embedder.name and not fresh:
        try:
            with suppress(OSError):
                vectors = open_stored(rows, home / VECTORS, manifest.collection, chroma_url)
        except BaseException:
            rows.close()
            raise
    return Base(home, manifest, rows, vectors)


def _remove(left_over: Path, chroma_url: str) -> None:
    """A folder that did not become a version, and the collection that was made for it."""
    with suppress(OSError):
        name = (left_over / COLLECTION_NOTE).read_text("utf-8")
        if chroma_url:
            drop_collection(name, chroma_url)
    shutil.rmtree(left_over, ignore_errors=True)
