"""What changed: the files of the reports folder against the version that answers."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from index.errors import ReportError
from index.load import read_report, supported
from index.rows import Known

# A file that was changed this recently may be changed again without its times showing it.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class File:
    """A file below the reports folder, known as `source`.

    Its `stamp` (size, times, inode) is the same as long as the file is not touched; "" where that is no proof.
    """

    path: Path
    source: str
    stamp: str


@dataclass(frozen=True, slots=True)
class Found:
    """The files below the reports folder.

    `refused` holds (source, reason) of what is no report of this folder, `unseen` those folders that could not
    be looked into: nobody knows what is in them.
    """

    root: Path
    files: list[File] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


def scan(reports: Path, folder: Path) -> Found:
    """Every file below `reports` that is not hidden and not the index's own, in the order of their names.

    Raises ReportError for a folder that is missing, cannot be read, or is empty.
    """
    if not reports.is_dir():
        raise ReportError(f"报告目录 {reports} 不存在：请建立它并放入报告，或用 --reports 指定别的目录。")
    root, index = reports.resolve(), folder.resolve()
    found = Found(root)
    waiting = [(root, "")]
    while waiting:
        here, prefix = waiting.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            if not prefix:
                raise ReportError(f"报告目录 {reports} 打不开（{error.strerror}）：请检查读取权限。") from error
            found.refused.append((prefix, f"文件夹“{prefix}”打不开（{error.strerror}），请检查读取权限。"))
            found.unseen.append(prefix)
            continue
        for entry in entries:
            source, path = prefix + entry.name, here / entry.name
            if entry.name.startswith(".") or (entry.name == index.name and path == index):
                continue
            if entry.is_symlink() and (reason := _refusal(path, source, root)):
                found.refused.append((source, reason))
            elif entry.is_dir(follow_symlinks=False):
                waiting.append((path, source + "/"))
            elif entry.is_file():
                found.files.append(File(path, source, _stamp(entry)))
    if not found.files and not found.refused:
        raise ReportError(f"报告目录 {reports} 是空的：请放入报告后再建立索引。")
    for listed in (found.files, found.refused):
        listed.sort(key=lambda one: one.source if isinstance(one, File) else one[0])
    return found


def is_unseen(source: str, found: Found) -> bool:
    """Whether `source` is in a folder that could not be looked into."""
    return source.startswith(tuple(found.unseen))


def identify(
    files: Iterable[File], known: Sequence[Known]
) -> tuple[dict[str, str], list[tuple[str, str]], list[tuple[str, str]]]:
    """Source -> digest of the file's bytes; (source, reason) of files that are no report, and of those unread.

    A file whose stamp is the one that is known is not opened.
    """
    stamped = {k.source: k for k in known if k.stamp}
    digests, bad, unread = {}, [], []
    for file in files:
        before = stamped.get(file.source)
        try:
            digests[file.source] = before.sha256 if before and before.stamp == file.stamp else sha256(file)
        except ReportError as error:
            bad.append((file.source, str(error)))
        except FileNotFoundError:
            continue  # deleted since the folder was looked into
        except OSError as error:
            unread.append((file.source, f"报告“{file.source}”打不开（{error.strerror}），请检查读取权限。"))
    return digests, bad, unread


def difference(
    before: dict[str, str], after: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Sources added, changed and removed; both map a source to its digest."""
    added = tuple(sorted(after.keys() - before.keys()))
    changed = tuple(sorted(s for s in after.keys() & before.keys() if after[s] != before[s]))
    return added, changed, tuple(sorted(before.keys() - after.keys()))


def sha256(file: File) -> str:
    """Of the file's bytes. Raises OSError, and ReportError for a file that no reader takes anyway."""
    if not supported(file.path):
        read_report(file.path, file.source)
    with file.path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _refusal(link: Path, source: str, root: Path) -> str:
    """Why a symbolic link is not followed; "" for one to a report of the same folder, or to a folder in it."""
    target = link
    with suppress(OSError, RuntimeError):
        target = link.resolve(strict=True)
    if target == link:
        return f"“{source}”是失效的链接，请删去它或换成报告本身。"
    if root != target and root not in target.parents:
        return f"“{source}”是指向报告目录以外的链接，请把报告本身放进来。"
    return ""


def _stamp(entry: os.DirEntry[str]) -> str:
    with suppress(OSError):
        stat = entry.stat()
        if time.time_ns() - max(stat.st_ctime_ns, min(stat.st_mtime_ns, time.time_ns())) > _SETTLED_NS:
            return f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ctime_ns}-{stat.st_ino}"
    return ""
