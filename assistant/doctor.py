"""Whether this machine can run 据典: each part looked at for itself, and what to do where it cannot."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from assistant.embedded import usable_cores
from assistant.endpoint import check_endpoint
from assistant.settings import Settings
from assistant.weights import QWEN, weights_status
from index import Embedder, IndexMissingError, JudianError, best_precision, index_status, load_embedder, open_index

State = Literal["ok", "warn", "fail"]
Found = tuple[State, str]
GIB = 2**30
# The peaks in README.md, 3.18 GiB with the embedded model and 1.58 without, and a little for the system.
_MEMORY = {"embedded": 3.5 * GIB, "": 2 * GIB}
_DISK_LEAST, _DISK_GOOD = 0.2 * GIB, 2 * GIB
_PINNED = re.compile(r"([\w.-]+)(?:\[[^]]*\])?==([\w.]+)\s*$")


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the machine. `said` is what was found and, unless `state` is "ok", what to do."""

    name: str
    state: State
    said: str


def examine(settings: Settings) -> Iterator[Check]:
    """Every check, as soon as it is made. Raises nothing."""
    embedder: list[Embedder] = []
    looks: tuple[tuple[str, Callable[[], Found]], ...] = (
        ("Python", _python),
        ("程序包", _packages),
        ("处理器", _cpu),
        ("内存", lambda: memory(settings, _available_memory())),
        ("磁盘", lambda: disk(settings)),
        ("扫描件", _ocr),
        ("报告", lambda: _reports(settings)),
        ("模型", lambda: _weights(settings)),
        ("接口", lambda: _endpoint(settings)),
        ("向量", lambda: _embedding(settings, embedder)),
        ("索引", lambda: _index(settings, embedder)),
        ("更新", lambda: _changes(settings)),
    )
    for name, look in looks:
        try:
            yield Check(name, *look())
        except JudianError as error:
            yield Check(name, "fail", str(error))
        except Exception as error:  # a check that breaks says so, and the others go on
            yield Check(name, "fail", f"没有查成（{type(error).__name__}）：请把这一行报告给开发者。")


def _python() -> Found:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.maxsize < 2**32:
        return "fail", f"{found}，32 位：请安装 64 位的 Python。"
    return "ok", found


def _packages() -> Found:
    """The packages that this version was tested with, against those that are installed."""
    try:
        pinned = [found for line in requires("judian") or () if (found := _PINNED.match(line))]
    except PackageNotFoundError:
        return "warn", "据典没有装成包，查不了依赖的版本：请在它的文件夹里运行 pip install -e ."
    missing, other = [], []
    for found in pinned:
        try:
            installed = version(found[1]).partition("+")[0]
        except PackageNotFoundError:
            missing.append(found[1])
        else:
            other += [f"{found[1]} {installed}（应为 {found[2]}）"] if installed != found[2] else []
    if missing:
        return "fail", f"缺少 {'、'.join(missing)}：请重新安装据典。"
    if other:
        return "warn", f"{'、'.join(other)}：没有用这些版本测过，有问题时请重新安装据典。"
    return "ok", f"{len(pinned)} 个，版本都对"


def _cpu() -> Found:
    fast = "bfloat16" in str(best_precision())  # it also says how the threads of torch wait, before that is loaded
    import torch

    able = torch.cpu.get_capabilities()
    cores = usable_cores()
    told = f"{cores} 核"
    if able.get("architecture", "x86_64") in {"x86_64", "x64", "amd64"} and not able.get("avx2"):
        return "warn", f"{told}，没有 AVX2：内置模型会很慢或不能运行，可设 JUDIAN_LLM=none 或用接口。"
    if cores < 2:
        return "warn", f"{told}：内置模型会慢一倍以上，可设 JUDIAN_LLM=none 或用接口。"
    return "ok", f"{told}{'，有 bfloat16 指令' if fast else '，没有 bfloat16 指令（建索引稍慢）'}"


def _ocr() -> Found:
    if find_spec("rapidocr") is None:
        return "warn", "没有装文字识别，扫描的 PDF 和图片会跳过：需要时请运行 pip install 'judian[ocr]'。"
    return "ok", "能识别"


def memory(settings: Settings, available: float) -> Found:
    """Whether `available` bytes of memory are enough for the model in the settings."""
    need = _MEMORY.get(settings.llm, _MEMORY[""])
    told = f"可用 {available / GIB:.1f} GiB"
    if not available:
        return "warn", f"查不到可用内存：请确认有 {need / GIB:.1f} GiB 以上。"
    if available < need / 2:
        return "fail", f"{told}，不够：请关闭别的程序，或设 JUDIAN_LLM=none（约需 {_MEMORY[''] / GIB:g} GiB）。"
    if available < need:
        return "warn", f"{told}，偏少（建议 {need / GIB:.1f} GiB）：请关闭别的程序，或设 JUDIAN_LLM=none。"
    return "ok", told


def _available_memory() -> float:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        pass
    try:  # of the whole machine, where the system does not tell more
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):
        return 0.0


def disk(settings: Settings) -> Found:
    """Whether the index and the weights, each on its own disk, have room and may be written."""
    weights = _DISK_LEAST if (settings.models / QWEN.file).exists() else _DISK_GOOD
    found = [_room(settings.index, "索引", _DISK_GOOD), _room(settings.models, "权重", weights)]
    short = [(state, said) for state, said in found if state != "ok"]
    if not short:
        return "ok", "，".join(said for _, said in found)
    return "fail" if "fail" in dict(short) else "warn", "".join(said for _, said in short)


def _room(folder: Path, what: str, need: float) -> Found:
    home = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    if not os.access(home, os.W_OK):
        return "fail", f"放{what}的文件夹 {home} 不能写：请检查权限，或换一个文件夹。"
    free = shutil.disk_usage(home).free
    if free >= need:
        return "ok", f"{what}处还有 {free / GIB:.0f} GiB"
    told = f"放{what}的 {home} 只剩 {free / GIB:.1f} GiB：请腾出 {need / GIB:.1f} GiB 以上。"
    return "fail" if free < _DISK_LEAST else "warn", told


def _reports(settings: Settings) -> Found:
    if not settings.reports.is_dir():
        return "fail", f"没有报告文件夹 {settings.reports}：请建好它，或用 --reports 指定别的。"
    if not any(path.is_file() for path in settings.reports.rglob("*")):
        return "warn", f"报告文件夹 {settings.reports} 是空的：请把报告放进去。"
    return "ok", str(settings.reports)


def _weights(settings: Settings) -> Found:
    if settings.llm != "embedded":
        return "ok", "不用语言模型，只摘引原文" if settings.llm == "none" else f"{settings.llm}（接口）"
    status = weights_status(settings.models)
    if status.complete:
        return "ok", f"内置模型的权重完好（{status.path}）"
    return "fail" if status.present else "warn", f"{status.problem}：请运行 judian model fetch。"


def _endpoint(settings: Settings) -> Found:
    if settings.llm in {"embedded", "none"}:
        return "ok", "没有用"
    check_endpoint(settings)
    return "ok", "能用"


def _embedding(settings: Settings, loaded: list[Embedder]) -> Found:
    embedder = load_embedder(settings.embedding, settings.models)
    embedder.embed_query("预热")
    loaded.append(embedder)
    since = time.perf_counter()
    embedder.embed_query("这台机器算一个问题的向量要多久？")
    return "ok", f"{embedder.name}，一个问题 {(time.perf_counter() - since) * 1000:.0f} 毫秒"


def _index(settings: Settings, loaded: list[Embedder]) -> Found:
    if not loaded:
        return "warn", "没有查：请先让“向量”一项能用。"
    try:
        with closing(open_index(settings.index, loaded[0], chroma_url=settings.chroma_url)) as index:
            index.dense("试一试", 1)
            index.lexical("试一试", 1)
            return "ok", f"{index.version}，{len(index.sources())} 份报告"
    except IndexMissingError as error:
        return "warn", str(error)


def _changes(settings: Settings) -> Found:
    status = index_status(settings.reports, settings.index)
    changes = len(status.added) + len(status.changed) + len(status.removed)
    if changes:
        return "warn", f"有 {changes} 份报告的变化还没有收入：请运行 judian index build。"
    return "ok", "索引是最新的"
