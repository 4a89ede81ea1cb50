"""One version of the index: what is written is read back, searched, and refused to another model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from index import Embedder, EmbeddingError, Index, IndexStoreError, Passage, Report, Sentence, SourceInfo, Span
from index.draft import Cut, Draft
from index.journal import Journal
from index.manifest import Manifest, write_manifest
from index.reading import key_of
from index.rows import Known, Record, RowsError
from index.split import embedded_text

TEXT = "青河县规上企业有42户。\n光伏电站装机容量为三万千瓦。\n“春茶”采摘面积\n\n1.2万亩。\U00020000字也在。"
CUTS = ((0, 12), (13, 27), (28, 44), (44, 48))


def passage(number: int, *spans: tuple[int, int], text: str = "") -> Passage:
    found = tuple(Span(*span) for span in spans)
    text = text or "".join(TEXT[span.start : span.end].replace("\n", "") for span in found)
    sentence = Sentence(text, found, "body", "一、概况")
    return Passage(f"{number:016x}", "青河.md", "青河一年", "青河", "2023-12", "一、概况", None, text, 9, (sentence,))


PASSAGES = [passage(0, CUTS[0]), passage(1, CUTS[1]), passage(2, CUTS[2], CUTS[3])]


@pytest.fixture(scope="module")
def folder(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("version with ä space?#")
    write(folder, embedder)
    return folder


@pytest.fixture
def index(folder: Path, embedder: Embedder) -> Iterator[Index]:
    with closing(Index(folder, embedder)) as index:
        yield index


def write(folder: Path, embedder: Embedder) -> None:
    known = Known("青河.md", "0" * 64, "", "", "青河一年", "2023-12", "青河", len(PASSAGES))
    records = tuple(Record(passage, key_of(passage)) for passage in PASSAGES)
    draft = Draft(folder)
    draft.put(Cut(known, Report("青河.md", TEXT, known.sha256), records))
    draft.note([known])
    with Journal(folder.parent, embedder.name, 384) as journal:
        draft.fill(embedder, journal, None, collection="", url="", embedding=nobody, writing=nobody)
        journal.discard()
    draft.close()
    created = "2024-01-01T00:00:00+00:00"
    write_manifest(folder, Manifest("20240101-0800-abcdef", created, embedder.name, 384, 3, 1, "", stored=3))


def nobody(done: int, total: int) -> None:
    """Hears of progress and does nothing."""


def test_passages_come_back_as_they_were_and_in_the_order_asked(index: Index) -> None:
    assert index.all_passages() == PASSAGES
    ids = [PASSAGES[2].id, PASSAGES[0].id, PASSAGES[2].id]
    assert index.passages(ids) == [PASSAGES[2], PASSAGES[0], PASSAGES[2]]
    assert index.passages([]) == []


def test_the_text_is_the_sources_own(index: Index) -> None:
    assert index.text("青河.md") == TEXT
    with pytest.raises(IndexStoreError, match=r"没有报告“白石\.md”"):
        index.text("白石.md")


def test_an_unknown_id_is_one_sentence(index: Index) -> None:
    with pytest.raises(IndexStoreError, match=r"没有段落 ffff：.*judian index verify"):
        index.passages(["ffff"])


def test_dense_is_cosine_and_best_first(index: Index, embedder: Embedder) -> None:
    query = "光伏装机多少"
    found = index.dense(query, 10)
    vectors = {p.id: v for p, v in zip(PASSAGES, index.vectors([p.id for p in PASSAGES]), strict=True)}
    expected = {id_: float(np.dot(vector, embedder.embed_query(query))) for id_, vector in vectors.items()}
    assert found[0][0] == PASSAGES[1].id
    assert dict(found) == pytest.approx(expected, abs=1e-4)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    assert len(index.dense(query, 2)) == 2
    assert index.dense("  ", 2) == index.dense(query, 0) == []


def test_lexical_finds_words_and_figures(index: Index) -> None:
    assert [id_ for id_, _ in index.lexical("春茶采摘", 10)] == [PASSAGES[2].id]
    assert [id_ for id_, _ in index.lexical("1.2", 10)] == [PASSAGES[2].id]
    assert index.lexical("？", 10) == []


def test_both_searches_at_once_find_what_each_finds(index: Index) -> None:
    for query in ("春茶采摘", "规上企业有多少户", "？", " "):
        assert index.both(query, 3) == (index.dense(query, 3), index.lexical(query, 3))


def test_vectors_come_in_the_order_asked(index: Index, embedder: Embedder) -> None:
    ids = [PASSAGES[2].id, PASSAGES[0].id]
    expected = embedder.embed([embedded_text(PASSAGES[2]), embedded_text(PASSAGES[0])])
    np.testing.assert_allclose(index.vectors(ids), expected, atol=1e-4)
    assert index.vectors([]).shape == (0, 384)


def test_threads_read_one_index(index: Index) -> None:
    found: list[list[str]] = []

    def search() -> None:
        for _ in range(10):
            found.append([id_ for id_, _ in index.lexical("光伏", 3) + index.dense("光伏", 1)])

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[PASSAGES[1].id] * 2] * 40


def test_another_model_is_refused(folder: Path, embedder: Embedder) -> None:
    other = Embedder("BAAI/bge-m3", lambda: pytest.fail("loaded for nothing"), 1024)
    with pytest.raises(EmbeddingError, match=r"“BAAI/bge-m3”.*judian index build.*JUDIAN_EMBEDDING"):
        Index(folder, other)


@pytest.mark.parametrize("missing", ["manifest.json", "lexical.sqlite", "vectors/chroma.sqlite3"])
def test_a_missing_file_is_one_sentence(missing: str, embedder: Embedder, tmp_path: Path) -> None:
    write(tmp_path, embedder)
    (tmp_path / missing).unlink()
    with pytest.raises(IndexStoreError, match=r"已损坏.*judian index build"):
        Index(tmp_path, embedder)
    assert not (tmp_path / missing).exists()  # opening repairs nothing behind the user's back


@pytest.mark.parametrize("damaged", ["manifest.json", "lexical.sqlite", "vectors/chroma.sqlite3"])
def test_a_damaged_file_is_one_sentence(damaged: str, embedder: Embedder, tmp_path: Path) -> None:
    write(tmp_path, embedder)
    (tmp_path / damaged).write_bytes(b"not what it was" * 1000)
    with pytest.raises(IndexStoreError, match=r"已损坏.*judian index build"):
        Index(tmp_path, embedder)


def test_another_format_is_refused(embedder: Embedder, tmp_path: Path) -> None:
    write(tmp_path, embedder)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text("utf-8").replace('"format": 2', '"format": 99'), "utf-8")
    with pytest.raises(IndexStoreError, match=r"另一版据典.*judian index build"):
        Index(tmp_path, embedder)


def test_reading_changes_no_file(folder: Path, embedder: Embedder) -> None:
    def content() -> dict[Path, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file())
        # Chroma notes each opening in its own database; the vectors themselves stand beside it.
        return {path: path.read_bytes() for path in files if path.name != "chroma.sqlite3"}

    before = content()
    assert any(path.name == "data_level0.bin" for path in before)
    with closing(Index(folder, embedder)) as index:
        index.dense("春茶", 3)
        index.lexical("春茶", 3)
        with pytest.raises(RowsError, match="readonly"):
            index.rows.query("DELETE FROM passages")
    assert content() == before


def test_counts_are_those_of_the_tables(index: Index) -> None:
    assert index.counts() == {"vectors": 3, "passages": 3, "terms": 3, "sources": 1}
    assert [replace(info, sha256="") for info in index.sources()] == [
        SourceInfo("青河.md", "", "青河一年", "2023-12", "青河", 3)
    ]
