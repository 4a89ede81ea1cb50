"""Whether a version is what it says: files, manifest, sources, passages, terms and vectors against one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np

from index.embed import Embedder
from index.errors import JudianError
from index.lexical import terms
from index.manifest import SourceInfo
from index.plan import pipeline_digest
from index.reading import cut, key_of
from index.report import Passage
from index.rows import Rows, digest
from index.split import embedded_text
from index.store import Index
from index.versions import current_version, open_index

# The same weights in float32 and bfloat16 agree at 0.997; other weights are far below.
_SAME_MODEL = 0.98
_SAMPLE = 8
_BATCH = 2000
_NAMED = 5
_FULL = "请运行 judian index build --full 重建，在此之前可用 judian index rollback 退回上一版"


def verify(folder: Path, embedder: Embedder, *, chroma_url: str = "") -> list[str]:
    """What is wrong with the current version, each a Chinese sentence; empty when all is well.

    Every row is compared with what it belongs to; a few reports are cut again, a few passages embedded again.
    Raises IndexMissingError where there is no index.
    """
    version = current_version(folder)
    problems: list[str] = []
    try:
        with closing(open_index(folder, embedder, chroma_url=chroma_url)) as index:
            for check in (_file_problems, _count_problems, _source_problems, _passage_problems, _key_problems):
                problems += check(index)
            problems += [] if problems else [*_cut_problems(index), *_vector_problems(index, embedder)]
    except JudianError as error:
        return [*problems, f"当前版本 {version} 打不开：{error}"]
    return problems


def _file_problems(index: Index) -> Iterator[str]:
    (state,) = index.rows.query("PRAGMA quick_check(1)")[0]
    if state != "ok":
        yield f"索引文件 lexical.sqlite 内部已损坏：{_FULL}。"


def _count_problems(index: Index) -> list[str]:
    counts, manifest = index.counts(), index.manifest
    keys = index.rows.counts()["keys"]
    names = {"vectors": "向量", "passages": "段落", "terms": "词条", "sources": "报告"}
    expected = {"vectors": keys, "passages": manifest.passages, "terms": manifest.passages, "sources": manifest.sources}
    return [
        f"{names[what]}有 {counts[what]} 个，应为 {number} 个：{_FULL}。"
        for what, number in expected.items()
        if counts[what] != number
    ]


def _source_problems(index: Index) -> Iterator[str]:
    """Sources against passages, texts and terms: the same names and rows on both sides, not only as many."""
    rows = index.rows
    orphans = "SELECT DISTINCT source FROM passages WHERE source NOT IN (SELECT source FROM sources WHERE same_as = '')"
    for (source,) in rows.query(orphans):
        yield f"有段落出自“{source}”，清单中却没有这份报告：{_FULL}。"
    wrong = (
        "SELECT s.source FROM sources s WHERE same_as = '' AND s.passages != "
        "(SELECT count(*) FROM passages p WHERE p.source = s.source)"
    )
    for (source,) in rows.query(wrong):
        yield f"报告“{source}”的段落数与清单不符：{_FULL}。"
    lost = "SELECT source FROM sources WHERE same_as != '' AND same_as NOT IN (SELECT source FROM sources)"
    for (source,) in rows.query(lost):
        yield f"报告“{source}”所重复的报告不在索引中：{_FULL}。"
    different = (
        "SELECT count(*) FROM (SELECT row FROM passages EXCEPT SELECT id FROM term_ids) "
        "UNION ALL SELECT count(*) FROM (SELECT id FROM term_ids EXCEPT SELECT row FROM passages)"
    )
    if any(number for (number,) in rows.query(different)):
        yield f"词条与段落不是同一批：{_FULL}。"
    for info in index.sources():
        found = rows.query("SELECT text, digest FROM reports WHERE source = ?", info.source)
        if not found or digest(found[0][0]) != found[0][1]:
            yield f"报告“{info.source}”的原文缺失或被改动：{_FULL}。"


def _passage_problems(index: Index) -> list[str]:
    """Each passage against its source's text and against the digest of what was embedded for it."""
    problems: list[str] = []
    for info in index.sources():
        length = len(index.rows.text(info.source) or "")
        for record in index.records(info.source):
            passage = record.passage
            if passage.end > length or passage.start < 0:
                problems.append(f"报告“{info.source}”的段落 {passage.id} 超出了原文：{_FULL}。")
            elif key_of(passage) != record.key:
                problems.append(f"报告“{info.source}”的段落 {passage.id} 与其向量不符：{_FULL}。")
            elif not _in_terms(index.rows, passage):
                problems.append(f"报告“{info.source}”的段落 {passage.id} 用字面检索找不到：{_FULL}。")
            if len(problems) == _NAMED:
                return problems
    return problems


def _in_terms(rows: Rows, passage: Passage) -> bool:
    """Whether the row of a passage holds the first terms of its text."""
    first = list(dict.fromkeys(islice(terms(passage.text), 3)))
    return not first or rows.holds_terms(passage.id, first)


def _key_problems(index: Index) -> Iterator[str]:
    """Every embedded text against the vectors, key by key."""
    last, missing = "", 0
    while batch := index.rows.query(
        "SELECT DISTINCT key FROM passages WHERE key > ? ORDER BY key LIMIT ?", last, _BATCH
    ):
        keys = [key for (key,) in batch]
        missing += len(set(keys) - index.stored.has(keys))
        last = keys[-1]
    if missing:
        yield f"有 {missing} 个段落没有向量：{_FULL}。"


def _cut_problems(index: Index) -> Iterator[str]:
    """A few reports, repaired and split again from their stored text: the same passages must come out."""
    if index.manifest.pipeline != pipeline_digest():
        return
    for info in _spread(index.sources()):
        report = index.rows.report(info.source)
        again = [(r.passage, r.key) for r in cut(report, "").records] if report else []
        if again != [(r.passage, r.key) for r in index.records(info.source)]:
            yield f"报告“{info.source}”重新切分后与索引中的段落不同：{_FULL}。"


def _vector_problems(index: Index, embedder: Embedder) -> list[str]:
    """A few stored vectors against the same passages embedded now."""
    sample = [record.passage for info in _spread(index.sources()) for record in index.records(info.source)[:1]]
    stored = index.vectors([passage.id for passage in sample])
    fresh = embedder.embed([embedded_text(passage) for passage in sample])
    cosines = np.sum(stored * fresh, axis=1)
    return [
        f"报告“{passage.source}”的段落 {passage.id} 与其向量不符：{_FULL}。"
        for passage, cosine in zip(sample, cosines, strict=True)
        if not cosine >= _SAME_MODEL
    ]


def _spread(items: Sequence[SourceInfo]) -> Sequence[SourceInfo]:
    return items[:: max(1, len(items) // _SAMPLE)]
