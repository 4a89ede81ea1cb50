"""Files of the reports folder: taken in under a name that harms nobody, and put into a trash they can come back from.

A name comes from whoever uploads, so it is hostile until `check_name` has passed it. Nothing here overwrites a file.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from assistant.errors import InputError
from assistant.uploaders import may_change
from index import ENDINGS, read_report

MAX_UPLOAD = 50 * 1024 * 1024
_MAX_NAME = 180  # bytes of UTF-8; file systems take 255, and a date may be added
_TRASH_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}", re.ASCII)
# What some file system cannot keep or some program reads as more than a name.
_FORBIDDEN = '<>:"|?*'
_DEVICES = {"con", "prn", "aux", "nul", *(f"{kind}{n}" for kind in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True, slots=True)
class Discarded:
    """A report in the trash. `deleted` is UTC in ISO form, `size` counts bytes; `uploader` is "" for nobody's."""

    id: str
    source: str
    deleted: str
    size: int
    uploader: str = ""

    def changed_by(self, user: str) -> bool:
        """Whether `user` may restore it; "" is everybody where there are no accounts."""
        return may_change(self.uploader, user)


def check_name(name: str) -> str:
    """The name under which an uploaded file may be kept, in NFC. Raises InputError, ReportError for its ending."""
    shown = "".join(c if c.isprintable() else "�" for c in name)[:60]
    if any(c in name for c in "/\\") or name in ("", ".", ".."):
        raise InputError(f"文件名“{shown}”不能用：名称里不能有路径，请改名后再上传。")
    if any(unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") for c in name):
        raise InputError(f"文件名“{shown}”含有看不见的控制字符：请改名后再上传。")
    name = unicodedata.normalize("NFC", name).strip()
    stem = PurePosixPath(name).stem
    if name.startswith((".", "~$")) or not stem.strip(". "):
        raise InputError(f"文件名“{shown}”是隐藏文件或临时文件的名称：请改名后再上传。")
    if any(c in name for c in _FORBIDDEN) or stem.split(".")[0].lower() in _DEVICES:
        raise InputError(f"文件名“{shown}”含有不能用的字符（{_FORBIDDEN}）或是系统保留的名称：请改名后再上传。")
    if len(name.encode()) > _MAX_NAME:
        raise InputError(f"文件名“{shown}……”太长：请缩短到 60 个字以内再上传。")
    if PurePosixPath(name).suffix.lower() not in ENDINGS:
        read_report(Path(name), name)  # refuses the ending and says what to do, without opening anything
    return name


def take_in(reports: Path, name: str, upload: Path) -> tuple[str, bool]:
    """Copy the file `upload` into `reports` as `name`; its source, and whether it is new there.

    A file of that name that holds the same bytes is left as it is. Raises InputError, ReportError.
    """
    name = check_name(name)
    try:
        if upload.is_symlink() or not upload.is_file():
            raise InputError(f"上传的“{name}”不是普通文件：请上传报告本身，不要上传链接或文件夹。")
        size = upload.stat().st_size
        if size > MAX_UPLOAD:
            raise InputError(
                f"“{name}”有 {size / 2**20:.0f} MB，超过 {MAX_UPLOAD // 2**20} MB 的上限：请拆成几份再上传。"
            )
        if size == 0:
            raise InputError(f"“{name}”是空文件：请检查后再上传。")
        reports.mkdir(parents=True, exist_ok=True)
        existing = _same_name(reports, name)
        if existing is None:
            _place(upload, reports / name)
        elif existing.is_symlink() or not existing.is_file() or not _same_bytes(existing, upload):
            raise InputError(f"已有同名的报告“{existing.name}”：请给新的一份改个名称，或先删除旧的一份再上传。")
        else:
            return existing.name, False
    except FileExistsError as error:
        raise InputError(f"已有同名的报告“{name}”：请给新的一份改个名称，或先删除旧的一份再上传。") from error
    except OSError as error:
        raise InputError(f"“{name}”没有存下（{_reason(error)}）：请检查报告文件夹的权限和磁盘空间后重试。") from error
    return name, True


def find_file(reports: Path, source: str) -> Path:
    """The file of a source, which no link leads to. Raises InputError for what is not a file of `reports`."""
    parts = PurePosixPath(source).parts
    unknown = InputError(f"报告文件夹里没有“{source[:100]}”：它可能已被移走，请刷新后再试。")
    if not source.isprintable() or not parts or parts[0] == "/" or "\\" in source:
        raise unknown
    if any(part.startswith(".") for part in parts) or "/".join(parts) != source:
        raise unknown
    path = reports.joinpath(*parts)
    if not path.is_file() or path.is_symlink() or path.resolve() != reports.resolve().joinpath(*parts):
        raise unknown
    return path


def discard(reports: Path, trash: Path, source: str, *, uploader: str = "") -> Discarded:
    """Move a report, with the name of who uploaded it, into the trash. Raises InputError."""
    path = find_file(reports, source)
    now = datetime.now(UTC)
    id, deleted = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}", now.isoformat(timespec="seconds")
    home = trash / id
    try:
        item = Discarded(id, source, deleted, path.stat().st_size, uploader)
        home.mkdir(parents=True)
        (home / "about.json").write_text(json.dumps(asdict(item), ensure_ascii=False), "utf-8")
        shutil.move(path, home / "report")
    except OSError as error:
        if not (home / "report").exists():
            shutil.rmtree(home, ignore_errors=True)
        raise InputError(f"“{source}”没有删除（{_reason(error)}）：请检查权限和磁盘空间后重试。") from error
    return item


def discarded(trash: Path) -> tuple[Discarded, ...]:
    """What is in the trash, the last deleted first."""
    found = []
    for home in trash.glob("*/"):
        with suppress(OSError, ValueError, TypeError, KeyError):
            item = Discarded(**json.loads((home / "about.json").read_text("utf-8")))
            if item.id == home.name and _TRASH_ID.fullmatch(item.id) and (home / "report").is_file():
                found.append(item)
    return tuple(sorted(found, key=lambda item: (item.deleted, item.id), reverse=True))


def find_discarded(trash: Path, id: str) -> Discarded:
    """What has the `id` in the trash. Raises InputError."""
    item = next((each for each in discarded(trash) if each.id == id), None)
    if item is None:
        raise InputError("回收站里没有这份报告：它可能已经恢复过，请刷新后再看。")
    return item


def bring_back(reports: Path, trash: Path, id: str) -> str:
    """Move a report from the trash to where it was; its source. Raises InputError."""
    item = find_discarded(trash, id)
    target = reports / item.source
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if reports.resolve() not in target.parent.resolve().joinpath("x").parents:
            raise InputError(f"“{item.source}”不能恢复：它原来的文件夹现在指向别处，请先把那个链接移走。")
        _place(trash / item.id / "report", target)
    except FileExistsError as error:
        raise InputError(f"“{item.source}”已经有了同名的报告：请先给那一份改名，再恢复这一份。") from error
    except OSError as error:
        raise InputError(f"“{item.source}”没有恢复（{_reason(error)}）：请检查权限和磁盘空间后重试。") from error
    shutil.rmtree(trash / item.id, ignore_errors=True)
    return item.source


def _place(file: Path, target: Path) -> None:
    """A copy of `file` appears as `target` whole or not at all. Raises FileExistsError, OSError."""
    handle, name = tempfile.mkstemp(prefix=".upload-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as copy, file.open("rb") as original:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
        Path(name).chmod(0o644)
        _name(Path(name), target)
    finally:
        Path(name).unlink(missing_ok=True)


def _name(beside: Path, target: Path) -> None:
    try:
        os.link(beside, target)  # unlike a rename, fails where somebody else has taken the name
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES):
            raise
        if os.path.lexists(target):  # a file system without links: the caller's lock keeps others of us out
            raise FileExistsError(errno.EEXIST, "exists", str(target)) from error
        beside.rename(target)


def _same_name(reports: Path, name: str) -> Path | None:
    """The file that has this name but for its letters' size, as some file systems see it."""
    wanted = unicodedata.normalize("NFC", name).casefold()
    with os.scandir(reports) as entries:
        names = [entry.name for entry in entries]
    found = next((each for each in names if unicodedata.normalize("NFC", each).casefold() == wanted), None)
    return None if found is None else reports / found


def _same_bytes(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()


def _reason(error: OSError) -> str:
    reasons = {errno.ENOSPC: "磁盘已满", errno.EACCES: "没有权限", errno.EPERM: "没有权限", errno.EROFS: "磁盘只读"}
    return reasons.get(error.errno or 0, error.strerror or type(error).__name__)
