"""The reports folder and the index made of it, as a person keeps them: list, add, delete, preview, build, roll back.

Every error is a JudianError with one Chinese sentence. Any number of threads and of open pages may use one Library.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from assistant import filing, uploaders
from assistant.building import BuildJob
from assistant.errors import InputError
from assistant.filing import Discarded
from assistant.page_image import PageImage, page_image
from assistant.preview import Preview, preview_of
from assistant.settings import Settings
from index import (
    ENDINGS,
    BuildProgress,
    BuildReport,
    Embedder,
    IndexStatus,
    IndexStoreError,
    JudianError,
    Report,
    StoredSource,
    Version,
    build_index,
    current_version,
    index_status,
    list_versions,
    read_report,
    rollback,
    stored_report,
    stored_sources,
)

ReportState = Literal["indexed", "changed", "added", "removed", "skipped", "same"]
_LOCK_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """A report in the folder or in the index.

    `state`: "indexed" as it stands; "changed", "added" or "removed" since the last build; "skipped" by the last
    build because of `reason`; "same" bytes as the source that `reason` names. `size` counts bytes, None where there
    is no file. `passages` counts those that answer now. `uploader` is the account that uploaded it, "" for nobody's.
    """

    source: str
    title: str
    places: tuple[str, ...]
    date: str
    passages: int
    state: ReportState
    reason: str
    size: int | None
    uploader: str = ""

    def changed_by(self, user: str) -> bool:
        """Whether `user` may delete it; "" is everybody where there are no accounts."""
        return uploaders.may_change(self.uploader, user)


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A version on the disk, and by which sources it differs from the next older one (`since`, "" for none)."""

    version: Version
    since: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class Library:
    """One reports folder with its index. `builds` makes the index anew in the background.

    `endings` are those of the files that can be read (".pdf"), `max_upload` bytes is the size of the largest.
    """

    endings = ENDINGS
    max_upload = filing.MAX_UPLOAD

    def __init__(self, settings: Settings, embedder: Embedder, *, busy: Callable[[], bool] = lambda: False) -> None:
        """While `busy`, a build gives way to the answers under way."""
        self._reports, self._index, self._url = settings.reports, settings.index, settings.chroma_url
        self._embedder = embedder
        self._lock = threading.Lock()
        self.builds = BuildJob(self._build, busy=busy)

    @property
    def version(self) -> str:
        """The version that answers, "" where there is none."""
        try:
            return current_version(self._index)
        except JudianError:
            return ""

    def reports(self) -> tuple[ReportInfo, ...]:
        """Every report in the folder or in the index, in the order of names. Raises JudianError."""
        stored = {each.info.source: each for each in self._stored()}
        status = self._status(stored)
        skipped = dict(status.skipped)
        sources = sorted({*stored, *status.added, *skipped})
        return tuple(self._info(source, stored.get(source), status, skipped.get(source, "")) for source in sources)

    def add(self, name: str, upload: Path, *, user: str = "") -> str:
        """Take the file `upload` of `user` into the reports folder as `name`; its source.

        Here as below, `user` is the account, "" where there are none. Raises InputError, ReportError.
        """
        with self._alone():
            source, new = filing.take_in(self._reports, name, upload)
            if new:
                self._remember(source, user)
            return source

    def delete(self, source: str, *, user: str = "") -> Discarded:
        """Move a report's file into the trash; the index keeps it until the next build.

        Raises InputError, also where it is not the user's.
        """
        with self._alone():
            filing.find_file(self._reports, source)
            owner = uploaders.uploader(self._uploads, self._reports, source)
            _only_own(source, owner, user, "删除")
            return filing.discard(self._reports, self._trash, source, uploader=owner)

    def trash(self) -> tuple[Discarded, ...]:
        """The deleted reports that can come back, the last deleted first."""
        return filing.discarded(self._trash)

    def restore(self, id: str, *, user: str = "") -> str:
        """Bring a report back from the trash; its source. Raises InputError, also where it is not the user's."""
        with self._alone():
            item = filing.find_discarded(self._trash, id)
            _only_own(item.source, item.uploader, user, "恢复")
            source = filing.bring_back(self._reports, self._trash, id)
            self._remember(source, item.uploader)
            return source

    def preview(self, source: str) -> Preview:
        """A report beside its repaired text: as it was indexed, or else as it stands in the folder.

        Raises JudianError. A scan that is not indexed is read by OCR, which takes seconds a page.
        """
        return preview_of(self._read(source))

    def page(self, source: str, number: int) -> PageImage | None:
        """Page `number` (from 1) of a PDF or a picture; None where it cannot be drawn, or changed since it was indexed.

        Raises JudianError for a source that is not there.
        """
        path = filing.find_file(self._reports, source)
        report = self._read(source)
        if not 1 <= number <= max(1, len(report.pages)):
            return None
        return page_image(path, report.sha256, [(number, (0.0, 0.0, 1.0, 1.0))])

    def versions(self) -> tuple[VersionInfo, ...]:
        """The versions that can be read, newest first."""
        versions = list_versions(self._index)
        older = [*(version.name for version in versions[1:]), ""][: len(versions)]
        return tuple(self._version(version, since) for version, since in zip(versions, older, strict=True))

    def rollback(self, version: str) -> str:
        """Let an older version answer; its name. Raises JudianError, also while a build is under way."""
        with self._alone():
            if self.builds.state.running:
                raise InputError("正在更新索引，现在不能换版本：请等它完成或先取消，再换。")
            return rollback(self._index, version)

    def _read(self, source: str) -> Report:
        with suppress(IndexStoreError):
            if report := stored_report(self._index, source):
                return report
        return read_report(filing.find_file(self._reports, source), source)

    @property
    def _trash(self) -> Path:
        return self._index / "trash"

    @property
    def _uploads(self) -> Path:
        return self._index / "uploads"

    def _remember(self, source: str, user: str) -> None:
        try:
            uploaders.remember(self._uploads, self._reports, source, user)
        except OSError as error:
            raise InputError(
                f"“{source}”已放进报告文件夹，但没有记下是谁上传的（{error.strerror}），以后只能在服务器上删除："
                "请管理员检查索引文件夹的权限和磁盘空间。"
            ) from error

    def _stored(self) -> tuple[StoredSource, ...]:
        if not (self._index / "current").exists():
            return ()
        return stored_sources(self._index)

    def _status(self, stored: dict[str, StoredSource]) -> IndexStatus:
        if not _has_files(self._reports) and (self._reports.is_dir() or not stored):
            return IndexStatus("", "", "", 0, 0, (), (), tuple(stored))
        return index_status(self._reports, self._index)

    def _info(self, source: str, stored: StoredSource | None, status: IndexStatus, skipped: str) -> ReportInfo:
        state: ReportState = "indexed"
        reason = skipped
        if source in status.removed:
            state = "removed"
        elif skipped:
            state = "skipped"
        elif source in status.added:
            state = "added"
        elif source in status.changed:
            state = "changed"
        elif stored and stored.same_as:
            state, reason = "same", stored.same_as
        size = None
        with suppress(OSError):
            size = (self._reports / source).stat().st_size
        owner = uploaders.uploader(self._uploads, self._reports, source)
        if stored is None:
            return ReportInfo(source, "", (), "", 0, state, reason, size, owner)
        info = stored.info
        places = stored.places or ((info.place,) if info.place else ())
        return ReportInfo(source, info.title, places, info.date, info.passages, state, reason, size, owner)

    def _version(self, version: Version, since: str) -> VersionInfo:
        try:
            now = _digests(self._index, version.name)
            before = _digests(self._index, since) if since else {}
        except JudianError:  # the counts of the version itself are still true
            return VersionInfo(version, "", (), (), ())
        changed = tuple(sorted(source for source in now.keys() & before.keys() if now[source] != before[source]))
        added, removed = sorted(now.keys() - before.keys()), sorted(before.keys() - now.keys())
        return VersionInfo(version, since, tuple(added), changed, tuple(removed))

    def _build(self, full: bool, tell: Callable[[BuildProgress], None]) -> BuildReport:
        return build_index(self._reports, self._index, self._embedder, full=full, chroma_url=self._url, progress=tell)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else of us changes files meanwhile: no thread, no process."""
        try:
            self._index.mkdir(parents=True, exist_ok=True)
            with self._lock, FileLock(self._index / ".library.lock", timeout=_LOCK_SECONDS):
                yield
        except Timeout as error:
            raise InputError("报告文件夹正被另一个据典窗口改动：请稍后再试。") from error
        except OSError as error:
            raise InputError(f"写不了索引文件夹 {self._index}（{error.strerror}）：请检查权限和磁盘空间。") from error


def _only_own(source: str, owner: str, user: str, what: str) -> None:
    """Raises InputError where `user` has an account and did not upload `source`."""
    if not uploaders.may_change(owner, user):
        who = f"“{owner}”上传的：请由上传的人{what}。" if owner else f"直接放在服务器上的：请到服务器上{what}。"
        raise InputError(f"“{source}”是{who}")


def _has_files(folder: Path) -> bool:
    for home, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        if any(not name.startswith(".") and not Path(home, name).is_dir() for name in names):
            return True
    return False


@lru_cache(maxsize=16)
def _digests(index: Path, version: str) -> dict[str, str]:
    """Source -> digest of the files that a version knows; a version never changes."""
    return {each.info.source: each.info.sha256 for each in stored_sources(index, version)}
