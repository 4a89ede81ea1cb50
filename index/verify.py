"""Whether a version is what it says: files, manifest, sources, passages, terms and vectors against one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.embed import Embedder
from index.errors import IndexStoreError, JudianError
from index.lexical import terms
from index.manifest import Manifest, SourceInfo, read_manifest
from index.plan import pipeline_digest
from index.reading import cut, key_of
from index.report import Passage
from index.rows import FILE, Rows, digest
from index.split import embedded_text
from index.store import Index
from index.vectors import ServerError
from index.versions import current_version, open_index, version_folder

# The same weights in float32 and bfloat16 agree at 0.997; other weights are far below.
_SAME_MODEL = 0.98
_SAMPLE = 8
_BATCH = 2000
_LENGTH = 0.02  # bfloat16 keeps it to 0.004
_MEND = "请运行 judian index verify --repair 修复，在此之前可用 judian index rollback 退回上一版"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, as a Chinese sentence, and what has to be made anew: a report, the vectors with these keys, all
    vectors (because they cannot be read, or are of other texts), the terms, or everything.

    One that says nothing of this follows from another.
    """

    sentence: str
    source: str = ""
    keys: tuple[str, ...] = ()
    vectors: Literal["", "unreadable", "wrong"] = ""
    terms: bool = False
    everything: bool = False


def verify(folder: Path, embedder: Embedder, *, chroma_url: str = "") -> list[str]:
    """What is wrong with the current version, each a Chinese sentence; empty when all is well.

    Every row and every vector is compared with what it belongs to; a few reports are cut again, a few passages
    embedded again. Raises IndexMissingError where there is no index.
    """
    return [fault.sentence for fault in find_faults(folder, embedder, chroma_url=chroma_url)]


def find_faults(folder: Path, embedder: Embedder, *, chroma_url: str = "") -> list[Fault]:
    """The same with what each is wrong with."""
    version = current_version(folder)
    faults: list[Fault] = []
    try:
        index = open_index(folder, embedder, chroma_url=chroma_url)
    except JudianError as error:
        return _unopened(version_folder(folder, version), embedder, error)
    try:
        with closing(index):
            faults.extend(_row_faults(index.rows, index.manifest))
            faults.extend(_key_faults(index))
            faults += [] if faults else [*_cut_faults(index), *_sample_faults(index, embedder)]
    except OSError:  # pages of the files that are none any more
        return [*faults, Fault(f"当前版本 {version} 的索引文件已损坏，读不下去：{_MEND}。", everything=True)]
    except JudianError as error:
        return [*faults, Fault(f"当前版本 {version} 打不开：{error}", everything=True)]
    return faults


def _unopened(home: Path, embedder: Embedder, error: JudianError) -> list[Fault]:
    """What has to be made anew of a version that cannot be opened: only the vectors, where its rows can be read."""
    with suppress(OSError, IndexStoreError), closing(Rows(home / FILE)) as rows:
        manifest = read_manifest(home)
        if manifest.embedding == embedder.name and not isinstance(error, ServerError):
            gone = f"{str(error).partition('：')[0]}，请先核对 JUDIAN_CHROMA_URL"
            why = gone if manifest.collection else "向量文件缺失或已损坏"
            sentence = f"当前版本 {home.name} 打不开（{why}）：请运行 judian index verify --repair 修复。"
            return [Fault(sentence, vectors="unreadable"), *_row_faults(rows, manifest)]
    return [Fault(f"当前版本 {home.name} 打不开：{error}", everything=True)]


def _row_faults(rows: Rows, manifest: Manifest) -> Iterator[Fault]:
    yield from _file_faults(rows)
    yield from _count_faults(rows, manifest)
    yield from _source_faults(rows)
    yield from _passage_faults(rows)


def _file_faults(rows: Rows) -> Iterator[Fault]:
    (state,) = rows.query("PRAGMA quick_check(1)")[0]
    if state != "ok":
        yield Fault(f"索引文件 lexical.sqlite 内部已损坏：{_MEND}。", everything=True)


def _count_faults(rows: Rows, manifest: Manifest) -> Iterator[Fault]:
    counts = rows.counts()
    names = {"passages": "段落", "terms": "词条", "sources": "报告"}
    expected = {"passages": manifest.passages, "terms": manifest.passages, "sources": manifest.sources}
    for what, number in expected.items():
        if counts[what] != number:
            yield Fault(f"{names[what]}有 {counts[what]} 个，应为 {number} 个：{_MEND}。")


def _source_faults(rows: Rows) -> Iterator[Fault]:
    """Sources against passages, texts and terms: the same names and rows on both sides, not only as many."""
    orphans = "SELECT DISTINCT source FROM passages WHERE source NOT IN (SELECT source FROM sources WHERE same_as = '')"
    for (source,) in rows.query(orphans):
        yield Fault(f"有段落出自“{source}”，清单中却没有这份报告：{_MEND}。", source)
    wrong = (
        "SELECT s.source FROM sources s WHERE same_as = '' AND s.passages != "
        "(SELECT count(*) FROM passages p WHERE p.source = s.source)"
    )
    for (source,) in rows.query(wrong):
        yield Fault(f"报告“{source}”的段落数与清单不符：{_MEND}。", source)
    lost = "SELECT source FROM sources WHERE same_as != '' AND same_as NOT IN (SELECT source FROM sources)"
    for (source,) in rows.query(lost):
        yield Fault(f"报告“{source}”所重复的报告不在索引中：{_MEND}。", source)
    different = (
        "SELECT count(*) FROM (SELECT row FROM passages EXCEPT SELECT id FROM term_ids) "
        "UNION ALL SELECT count(*) FROM (SELECT id FROM term_ids EXCEPT SELECT row FROM passages)"
    )
    if any(number for (number,) in rows.query(different)):
        yield Fault(f"词条与段落不是同一批：{_MEND}。", terms=True)
    for info in rows.sources():
        found = rows.query("SELECT text, digest FROM reports WHERE source = ?", info.source)
        if not found or digest(found[0][0]) != found[0][1]:
            yield Fault(f"报告“{info.source}”的原文缺失或被改动：{_MEND}。", info.source)


def _passage_faults(rows: Rows) -> Iterator[Fault]:
    """Each passage against its source's text and against the digest of what was embedded for it."""
    for info in rows.sources():
        length = len(rows.text(info.source) or "")
        try:
            problem = next(_wrong_passages(rows, info.source, length), "")
        except (ValueError, KeyError, TypeError):  # a row that is no passage any more
            problem = f"报告“{info.source}”有段落读不出来"
        if problem:
            yield Fault(f"{problem}：{_MEND}。", info.source)


def _wrong_passages(rows: Rows, source: str, length: int) -> Iterator[str]:
    for record in rows.records(source):
        passage = record.passage
        if passage.end > length or passage.start < 0:
            yield f"报告“{source}”的段落 {passage.id} 超出了原文"
        elif key_of(passage) != record.key:
            yield f"报告“{source}”的段落 {passage.id} 与其向量不符"
        elif not _in_terms(rows, passage):
            yield f"报告“{source}”的段落 {passage.id} 用字面检索找不到"


def _in_terms(rows: Rows, passage: Passage) -> bool:
    """Whether the row of a passage holds the first terms of its text."""
    first = list(dict.fromkeys(islice(terms(passage.text), 3)))
    return not first or rows.holds_terms(passage.id, first)


def _key_faults(index: Index) -> Iterator[Fault]:
    """Every embedded text against the vectors, key by key; a vector that was damaged hardly has length 1 still."""
    last, missing, wrong = "", [], []
    while batch := index.rows.query(
        "SELECT DISTINCT key FROM passages WHERE key > ? ORDER BY key LIMIT ?", last, _BATCH
    ):
        keys = [key for (key,) in batch]
        try:
            found = index.stored.get(keys)
        except OSError as error:
            yield Fault(f"向量文件已损坏（{error}）：{_MEND}。", vectors="unreadable")
            return
        missing += [key for key in keys if key not in found]
        wrong += [key for key, vector in found.items() if not sound(vector)]
        last = keys[-1]
    if missing:
        yield Fault(f"有 {len(missing)} 个段落没有向量：{_MEND}。", keys=tuple(missing))
    if wrong:
        yield Fault(f"有 {len(wrong)} 个段落的向量已损坏：{_MEND}。", keys=tuple(wrong))


def sound(vector: NDArray[np.float32]) -> bool:
    """Whether a vector can be one that was embedded: those have length 1."""
    return bool(abs(np.linalg.norm(vector) - 1) < _LENGTH)


def _cut_faults(index: Index) -> Iterator[Fault]:
    """A few reports, repaired and split again from their stored text: the same passages must come out."""
    if index.manifest.pipeline != pipeline_digest():
        return
    for info in _spread(index.sources()):
        report = index.rows.report(info.source)
        again = [(r.passage, r.key) for r in cut(report, "").records] if report else []
        if again != [(r.passage, r.key) for r in index.records(info.source)]:
            yield Fault(f"报告“{info.source}”重新切分后与索引中的段落不同：{_MEND}。", info.source)


def _sample_faults(index: Index, embedder: Embedder) -> Iterator[Fault]:
    """A few stored vectors against the same passages embedded now."""
    sample = [record.passage for info in _spread(index.sources()) for record in index.records(info.source)[:1]]
    stored = index.vectors([passage.id for passage in sample])
    fresh = embedder.embed([embedded_text(passage) for passage in sample])
    cosines = np.sum(stored * fresh, axis=1)
    for passage, cosine in zip(sample, cosines, strict=True):
        if not cosine >= _SAME_MODEL:
            yield Fault(f"报告“{passage.source}”的段落 {passage.id} 与其向量不符：{_MEND}。", vectors="wrong")


def _spread(items: Sequence[SourceInfo]) -> Sequence[SourceInfo]:
    return items[:: max(1, len(items) // _SAMPLE)]
