"""The speed benchmark at a tiny size: real reports, real builds, real questions; what it prints is what it measured."""

from __future__ import annotations

import re
from contextlib import closing
from io import StringIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from assistant import Settings, read_settings
from assistant.coverage import content_words, coverage, speaks_of
from assistant.retrieve import CANDIDATES, COVERAGE_BONUS, PLACE_BONUS, RUN, YEAR_BONUS, _speaks_of, fuse, search
from evals import speed
from index import Embedder, Index, Passage, find_places, open_index, place_names, read_report, repair, split


@pytest.fixture(scope="module")
def measured() -> tuple[speed.Built, speed.Used]:
    return speed.measure(50, read_settings(), asked=speed.questions(6))


def passages_of(number: int, folder: Path) -> list[Passage]:
    path = folder / f"{number}.md"
    path.write_text(speed.report_text(number), "utf-8")
    report = read_report(path, path.name)
    return [passage for article in repair(report) for passage in split(report, article)]


def test_a_tiny_index_is_built_asked_and_extended(measured: tuple[speed.Built, speed.Used]) -> None:
    built, used = measured
    assert built.sources == 2
    assert 30 <= built.passages <= 70
    assert built.disk > 100_000
    assert {len(used.whole), len(used.embedding)} == {6 * 3}
    assert {len(used.dense), len(used.lexical)} == {6}
    assert all(0 < part < whole for part, whole in zip(used.embedding, used.whole, strict=True))
    assert min(*used.dense, *used.lexical) > 0
    assert used.added > used.unchanged > 0


def test_the_table_has_a_column_for_each_index(measured: tuple[speed.Built, speed.Used]) -> None:
    out = StringIO()
    speed.print_table([measured, measured], Console(file=out, width=120))
    rows = out.getvalue().splitlines()
    passages = f"{measured[0].passages:,}"
    assert any(row.count(passages) == 2 for row in rows)
    shown = next(row for row in rows if "新增一份报告" in row)
    assert shown.count(f"{measured[1].added:.2f}") == 2
    assert any("含问题的向量" in row and f"{np.percentile(measured[1].whole, 95):.1f}" in row for row in rows)


def test_reports_are_about_a_real_place_and_all_differ(tmp_path: Path) -> None:
    found = [passages_of(number, tmp_path) for number in range(4)]
    assert all(15 <= len(passages) <= 35 for passages in found)
    assert all({passage.place for passage in passages} <= set(place_names()) for passages in found)
    assert all(passages[0].place for passages in found)
    assert speed.report_text(3) == speed.report_text(3)
    assert all(one != other for one, other in pairwise(map(speed.report_text, range(4))))
    assert speed.questions(9) == speed.questions(9)
    assert all(find_places(question) for question in speed.questions(3))


def test_drawn_vectors_lie_round_the_vectors_of_their_topic(embedder: Embedder) -> None:
    drawn = speed.DrawnEmbedder(embedder)
    texts = [f"青河的动力电池企业有{number}户。" for number in range(40)]
    vectors = drawn.embed(texts)
    assert vectors.shape == (40, embedder.dimensions)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(vectors, drawn.embed(texts))
    topic = embedder.embed([f"动力电池{aspect}" for aspect in speed._ASPECTS])
    nearest = (vectors @ topic.T).max(axis=1)
    assert 0.8 < nearest.min() <= nearest.max() < 0.98
    assert drawn.name == embedder.name


def best_of_all(index: Index, question: str, places: list[str]) -> list[str]:
    fused = fuse(dict(index.dense(question, CANDIDATES)), dict(index.lexical(question, CANDIDATES)))
    years = re.findall(r"20\d\d", question)
    words = content_words(RUN.findall(question))
    rarity = index.rarity(words)
    scored = []
    for p in index.passages(list(fused)):
        of_place = any(speaks_of(p, x) for x in places)
        of_year = any(p.date.startswith(year) or year in p.text for year in years)
        covered = COVERAGE_BONUS * coverage(words, rarity, p.text, p.title)
        scored.append((-fused[p.id] - PLACE_BONUS * of_place - YEAR_BONUS * of_year - covered, p.id))
    return [id_ for _, id_ in sorted(scored)]


def test_a_search_gives_what_reading_every_candidate_gives(tmp_path: Path, embedder: Embedder) -> None:
    settings = Settings(reports=tmp_path / "reports", index=tmp_path / "index")
    built = speed.build(settings, 30)
    with closing(open_index(settings.index, embedder)) as index:
        assert len(index.dense("动力电池总产值", 5)) == 5
        assert len(index.all_passages()) == built.passages
        for question in speed.questions(12):
            places = [place.name for place in find_places(question)]
            found = search(index, question, k=4, places=places)
            assert [hit.passage.id for hit in found] == best_of_all(index, question, places)[:4]


def test_a_place_is_only_looked_for_where_its_name_may_stand(tmp_path: Path) -> None:
    passages = [passage for number in range(3) for passage in passages_of(number, tmp_path)]
    named = {place.name for passage in passages for place in find_places(passage.text)}
    assert named
    for place in (*sorted(named), "绵阳科技城", "西昌"):
        assert [_speaks_of(p, place) for p in passages] == [speaks_of(p, place) for p in passages]


def test_every_way_to_write_a_place_begins_with_two_characters_of_its_name() -> None:
    for text in ("内蒙古自治区、凉山州、彝良县与中国（绵阳）科技城", "西双版纳傣族自治州和前郭尔罗斯"):
        found = find_places(text)
        assert found
        assert all(place.name[:2] in text[place.start : place.end] for place in found)
