"""How search and building grow with the index: `python -m evals.speed [--sizes 1000 10000 100000]`.

The reports are drawn from templates over real place names, so that a common term stands in far more passages than
it would in real reports: the lexical search has more to do here. They go through the real pipeline. Their vectors
are drawn round the real vectors of topic sentences, because embedding 100,000 passages would take hours; questions
and the report that is added are embedded by the real model.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast
from unittest import mock

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from assistant import Settings, open_assistant, read_settings
from evals.memory import peak_memory
from evals.summary import percentiles
from index import Embedder, build_index, find_places, load_embedder, open_index, place_names

T = TypeVar("T")
SIZES = (1_000, 10_000, 100_000)
QUESTIONS = 100
_ROUNDS = 3
_HITS = 10
_CANDIDATES = 60
_FOLDER_HOLDS = 200  # reports
_PASSAGES_A_REPORT = 25
_SPREAD = 0.5  # length of what is added to a topic's vector: passages of one topic then have a cosine of 0.8
_INDUSTRIES = (
    "高纯石英材料 生物质燃料 轨道交通配件 特种陶瓷 冷链物流 光伏组件 动力电池 中药饮片 精制茶叶 有机肥料 "
    "工程机械 风电叶片 精密铸件 食品加工 竹木家具 数字文创 智能仪表 铝基新材 磷化工 丝绸纺织 半导体封装 "
    "无人机 航空零部件 新型建材 酒类酿造 水产养殖 高原蔬菜 柑橘种植 康养旅游 跨境电商 再生金属 纸制品"
).split()
_ASPECTS = "产业规模 园区建设 企业培育 科技创新 招商引资 民生就业 绿色转型 对外开放".split()
_MEASURES = "总产值 工业增加值 固定资产投资 主营业务收入 税收 出口额 研发投入 用电量".split()
_SENTENCES = (
    "{year}年，{place}{industry}{measure}达到{n}亿元，同比增长{p}%。",
    "{place}已聚集{industry}企业{m}户，其中规模以上企业{k}户，全年新增就业{m}人。",
    "当地围绕{industry}延长链条，{year}年引进项目{k}个，计划总投资{n}亿元。",
    "{industry}产业园一期占地{m}亩，标准厂房{n}万平方米，{k}家企业签约入驻。",
    "负责人介绍，{industry}的{measure}两年翻了一番，到{year}年力争突破{n}亿元。",
    "{place}与{k}所高校共建{industry}实验室，累计取得专利{m}项，转化成果{k}项。",
    "受市场波动影响，{year}年上半年{industry}{measure}下降{p}%，下半年逐月回升。",
    "为留住人才，{place}拿出{m}套公寓，{industry}技术工人平均月工资提高{k}百元。",
    "通过技术改造，{industry}单位产品能耗下降{p}%，{m}个车间用上了清洁能源。",
    "{place}的{industry}产品销往{k}个国家和地区，{year}年{measure}占全市的{p}%。",
    "村民在家门口的{industry}基地务工，人均年收入增加{m}元，{k}个村集体有了分红。",
    "质检站对{industry}抽检{m}批次，合格率{p}%，较{year}年提高{k}个百分点。",
)
_ASKED = (
    "{year}年{place}{industry}{measure}是多少？",
    "{place}有多少户{industry}企业？",
    "{place}的{industry}产业园占地多少亩？",
    "{industry}的{measure}到{year}年要达到多少？",
    "{place}和{other}哪个的{industry}{measure}更高？",
    "请问{place}这几年在{industry}的人才和技术改造方面做了哪些工作，成效怎么样？",
)


@dataclass(frozen=True, slots=True)
class Built:
    """The first build: how much is in it, and what it took (bytes of memory None where unknown)."""

    sources: int
    passages: int
    seconds: float
    disk: int
    memory: int | None


@dataclass(frozen=True, slots=True)
class Used:
    """Milliseconds of each question, in order, and seconds of the builds that follow the first.

    `whole` is the search of `judian search`; `embedding`, `dense` (without embedding) and `lexical` are parts.
    """

    whole: tuple[float, ...]
    embedding: tuple[float, ...]
    dense: tuple[float, ...]
    lexical: tuple[float, ...]
    unchanged: float
    added: float
    memory: int | None


class DrawnEmbedder(Embedder):
    """Stands in for `real` in a first build: a text's vector is that of its topic, moved at random."""

    def __init__(self, real: Embedder) -> None:
        super().__init__(real.name, real._load, real.dimensions)
        self._topics = [industry + aspect for industry in _INDUSTRIES for aspect in _ASPECTS]
        self._centres = real.embed(self._topics)

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        vectors = np.stack([self._vector(text) for text in texts])
        if progress:
            progress(len(texts), len(texts))
        return cast("NDArray[np.float32]", vectors / np.linalg.norm(vectors, axis=1, keepdims=True))

    def _vector(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
        topic = next((i for i, name in enumerate(_INDUSTRIES) if name in text), seed % len(_INDUSTRIES))
        centre = self._centres[topic * len(_ASPECTS) + seed % len(_ASPECTS)]
        moved = np.random.default_rng(seed).standard_normal(self.dimensions, np.float32)
        return cast("NDArray[np.float32]", centre + _SPREAD * moved / np.linalg.norm(moved))


def report_text(number: int) -> str:
    """A report of eight sections, about 25 passages; the same for the same number."""
    draw = random.Random(number)
    place = draw.choice(_places())
    lines = [
        f"# {place}产业观察第{number}期",
        f"{draw.randint(2010, 2025)}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日",
    ]
    for aspect in draw.sample(_ASPECTS, len(_ASPECTS)):
        industry = draw.choice(_INDUSTRIES)
        lines += [
            f"## {industry}{aspect}",
            "".join(_filled(s, draw, place, industry) for s in draw.sample(_SENTENCES, 9)),
        ]
    return "\n\n".join(lines) + "\n"


def questions(count: int = QUESTIONS) -> list[str]:
    """Questions about places and industries of the reports; the same for the same count."""
    draw = random.Random(2026)
    asked = (_ASKED[i % len(_ASKED)] for i in range(count))
    return [_filled(one, draw, draw.choice(_places()), draw.choice(_INDUSTRIES)) for one in asked]


def write_reports(folder: Path, passages: int) -> None:
    """As many reports as make about `passages`, 200 a folder."""
    for number in range(max(1, passages // _PASSAGES_A_REPORT)):
        home = folder / f"{number // _FOLDER_HOLDS:04}"
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{number:06}.md").write_text(report_text(number), "utf-8")


def build(settings: Settings, passages: int) -> Built:
    """Write the reports and build their index for the first time."""
    write_reports(settings.reports, passages)
    time.sleep(2.1)  # only then a file's time tells that it was not changed
    embedder = DrawnEmbedder(load_embedder(settings.embedding, settings.models))
    done = build_index(settings.reports, settings.index, embedder)
    disk = sum(path.stat().st_size for path in settings.index.rglob("*") if path.is_file())
    return Built(done.sources, done.passages, done.seconds, disk, peak_memory())


def use(settings: Settings, asked: list[str]) -> Used:
    """Ask, then build with nothing changed, then with one report more."""
    with watched() as embedding, closing(open_assistant(settings)) as assistant:
        assistant.warm()
        for question in asked:  # a window that is open has read its index before
            assistant.search(question, _HITS)
        again = asked * _ROUNDS
        whole = [_timed(lambda q=q: assistant.search(q, _HITS), embedding) for q in again]  # type: ignore[misc]
    embedder = load_embedder(settings.embedding, settings.models)
    with watched() as embedding, closing(open_index(settings.index, embedder)) as index:
        index.dense(asked[0], 1)
        dense = [_timed(lambda q=q: index.dense(q, _CANDIDATES), embedding) for q in asked]  # type: ignore[misc]
        lexical = [_timed(lambda q=q: index.lexical(q, _CANDIDATES), embedding) for q in asked]  # type: ignore[misc]
    memory = peak_memory()
    unchanged = build_index(settings.reports, settings.index, embedder).seconds
    (settings.reports / "新增.md").write_text(report_text(10**9), "utf-8")
    added = build_index(settings.reports, settings.index, embedder).seconds
    return Used(
        whole=tuple(all_ for all_, _ in whole),
        embedding=tuple(part for _, part in whole),
        dense=tuple(all_ - part for all_, part in dense),
        lexical=tuple(all_ for all_, _ in lexical),
        unchanged=unchanged,
        added=added,
        memory=memory,
    )


@contextmanager
def watched() -> Iterator[list[float]]:
    """Gives a list that hears how many milliseconds each embedding of a question took."""
    heard: list[float] = []
    real = Embedder.embed_query

    def embed_query(self: Embedder, text: str) -> list[float]:
        started = time.perf_counter()
        vector = real(self, text)
        heard.append(1000 * (time.perf_counter() - started))
        return vector

    with mock.patch.object(Embedder, "embed_query", embed_query):
        yield heard


def measure(size: int, settings: Settings, *, asked: list[str]) -> tuple[Built, Used]:
    """Build and use an index of about `size` passages below a new folder, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="judian-speed-") as home:
        there = settings.model_copy(
            update={"reports": Path(home, "reports"), "index": Path(home, "index"), "llm": "none", "chroma_url": ""}
        )
        return _apart(build, there, size), _apart(use, there, asked)


def print_table(measured: Sequence[tuple[Built, Used]], console: Console) -> None:
    """A row a measure, a column an index."""
    table = Table(title=f"{QUESTIONS} 个问题，各检索 {_ROUNDS} 次；毫秒为 p50 / p95")
    table.add_column("段落")
    for built, _ in measured:
        table.add_column(f"{built.passages:,}", justify="right")
    rows: dict[str, Callable[[Built, Used], str]] = {
        "检索（含问题的向量），毫秒": lambda _, used: _pair(used.whole),
        "　不含问题的向量": lambda _, used: _pair([a - b for a, b in zip(used.whole, used.embedding, strict=True)]),
        "　问题的向量": lambda _, used: _pair(used.embedding),
        "　只向量检索": lambda _, used: _pair(used.dense),
        "　只字面检索": lambda _, used: _pair(used.lexical),
        "新增一份报告再建，秒": lambda _, used: f"{used.added:.2f}",
        "没有改动再建，秒": lambda _, used: f"{used.unchanged:.2f}",
        "第一次建（不算向量），秒": lambda built, _: f"{built.seconds:.0f}",
        "报告，份": lambda built, _: f"{built.sources:,}",
        "索引占磁盘，MB": lambda built, _: _megabytes(built.disk),
        "内存峰值：第一次建，MB": lambda built, _: _megabytes(built.memory),
        "内存峰值：检索，MB": lambda _, used: _megabytes(used.memory),
    }
    for name, cell in rows.items():
        table.add_row(name, *(cell(built, used) for built, used in measured))
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure each size and print one table."""
    parser = argparse.ArgumentParser(prog="python -m evals.speed", description="检索与建索引的速度随段落数的变化")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="各有多少段")
    measured = []
    for size in parser.parse_args(arguments).sizes:
        print(f"正在量 {size:,} 段……", file=sys.stderr)
        measured.append(measure(size, read_settings(), asked=questions()))
    print_table(measured, Console())


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    """Names that a text may use alone."""
    return tuple(name for name in place_names() if [place.name for place in find_places(f"，{name}的")] == [name])


def _filled(template: str, draw: random.Random, place: str, industry: str) -> str:
    return template.format(
        place=place,
        other=draw.choice(_places()),
        industry=industry,
        measure=draw.choice(_MEASURES),
        year=draw.randint(2010, 2025),
        n=draw.randint(11, 9999) / 10,
        p=draw.randint(1, 400) / 10,
        m=draw.randint(20, 2000),
        k=draw.randint(2, 60),
    )


def _timed(work: Callable[[], object], embedding: list[float]) -> tuple[float, float]:
    """Milliseconds of `work`, and of the embedding in it."""
    embedding.clear()
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started), sum(embedding)


def _apart(work: Callable[..., T], *args: object) -> T:
    """`work` done in a new process, whose memory is its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as processes:
        return processes.submit(work, *args).result()


def _pair(milliseconds: Sequence[float]) -> str:
    p50, p95 = percentiles(milliseconds)
    return f"{p50:.1f} / {p95:.1f}"


def _megabytes(size: int | None) -> str:
    return "—" if size is None else f"{size / 1e6:.0f}"


if __name__ == "__main__":
    main()
