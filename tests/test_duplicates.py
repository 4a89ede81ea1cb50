"""The same report under two names, and reports that are nearly the same."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest

from index import Embedder, build_index, index_status, open_index, verify
from index.duplicates import BANDS, bands, signature, similarity

WORDS = "工业 农业 园区 企业 产值 增长 投资 项目 建设 绿色 能源 制造 电池 光伏 茶叶 旅游 物流 数字 科技".split()


def text(seed: int, sentences: int = 60) -> str:
    dice = random.Random(seed)
    made = (f"{''.join(dice.choices(WORDS, k=8))}达到{dice.randint(10, 9999)}万元。" for _ in range(sentences))
    return f"# 青河县简报\n\n2023年，{''.join(made)}\n"


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / "reports" / "市里").mkdir(parents=True)
    return tmp_path / "reports"


def sources(folder: Path, embedder: Embedder) -> list[str]:
    with closing(open_index(folder, embedder)) as index:
        return [info.source for info in index.sources()]


def test_a_signature_estimates_the_common_share() -> None:
    def shingles(report: str) -> set[str]:
        letters = [c for c in report if c.isalnum()]
        return {"".join(letters[i : i + 5]) for i in range(len(letters) - 4)}

    whole = text(1)
    for part in (0.3, 0.6, 0.9, 1.0):
        other = whole[: int(len(whole) * part)]
        true = len(shingles(whole) & shingles(other)) / len(shingles(whole) | shingles(other))
        assert similarity(signature(whole), signature(other)) == pytest.approx(true, abs=0.13)
    assert similarity(signature(whole), signature(text(2))) < 0.1
    assert signature("太短") == b""
    assert bands(b"") == []


def test_forms_and_layout_make_no_difference() -> None:
    assert signature(text(1)) == signature(text(1).replace("。", "。\n\n").replace("2023", "２０２３"))


def test_similar_reports_share_a_band_and_others_do_not() -> None:
    one = bands(signature(text(1)))
    assert len(one) == BANDS
    assert set(one) & set(bands(signature(text(1) + "另有一句。")))
    assert not any(set(one) & set(bands(signature(text(seed)))) for seed in range(2, 200))


def test_the_same_content_is_indexed_once(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    (reports / "简报 - 副本.md").write_text(text(1), "utf-8")
    (reports / "市里" / "转来的简报.md").write_text(text(1), "utf-8")
    first = build_index(reports, folder, embedder)
    assert (first.added, first.duplicates) == (("简报 - 副本.md",), (("市里/转来的简报.md", "简报 - 副本.md"),))
    (reports / "简报.md").write_text(text(1), "utf-8")
    (reports / "另一份.md").write_text(text(2, 9), "utf-8")
    done = build_index(reports, folder, embedder)
    assert (done.added, done.removed) == (("另一份.md",), ())
    assert done.duplicates == (("市里/转来的简报.md", "简报 - 副本.md"), ("简报.md", "简报 - 副本.md"))
    assert sources(folder, embedder) == ["另一份.md", "简报 - 副本.md"]
    again = build_index(reports, folder, embedder)
    assert (again.changed, again.duplicates) == (False, done.duplicates)
    status = index_status(reports, folder)
    assert (status.added, status.changed, status.removed) == ((), (), ())
    assert verify(folder, embedder) == []


def test_the_second_takes_over_when_the_first_goes(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "index"
    for name in ("简报.md", "简报 - 副本.md"):
        (reports / name).write_text(text(1), "utf-8")
    build_index(reports, folder, embedder)
    (reports / "简报.md").unlink()
    done = build_index(reports, folder, embedder)
    assert (done.added, done.removed, done.duplicates) == (("简报 - 副本.md",), ("简报.md",), ())
    assert done.embedded == 0
    (reports / "简报.md").write_text(text(1), "utf-8")
    (reports / "简报 - 副本.md").write_text(text(2), "utf-8")
    done = build_index(reports, folder, embedder)
    assert (done.added, done.updated, done.duplicates) == (("简报.md",), ("简报 - 副本.md",), ())
    assert sources(folder, embedder) == ["简报 - 副本.md", "简报.md"]
    assert verify(folder, embedder) == []


def test_the_same_name_in_two_folders_is_two_reports(reports: Path, tmp_path: Path, embedder: Embedder) -> None:
    (reports / "简报.md").write_text(text(1, 6), "utf-8")
    (reports / "市里" / "简报.md").write_text(text(2, 6), "utf-8")
    done = build_index(reports, tmp_path / "index", embedder)
    assert (done.added, done.duplicates, done.similar) == (("市里/简报.md", "简报.md"), (), ())
    (reports / "市里" / "简报.md").unlink()
    assert build_index(reports, tmp_path / "index", embedder).removed == ("市里/简报.md",)
    assert sources(tmp_path / "index", embedder) == ["简报.md"]


def test_nearly_the_same_content_is_told_and_both_are_indexed(
    reports: Path, tmp_path: Path, embedder: Embedder
) -> None:
    folder = tmp_path / "index"
    (reports / "初稿.md").write_text(text(1), "utf-8")
    (reports / "别的.md").write_text(text(2, 6), "utf-8")
    assert build_index(reports, folder, embedder).similar == ()
    (reports / "定稿.md").write_text(text(1, 63).replace("2023年", "2024年"), "utf-8")
    done = build_index(reports, folder, embedder)
    ((one, other, share),) = done.similar
    assert {one, other} == {"初稿.md", "定稿.md"}
    assert 0.85 < share < 1
    assert sources(folder, embedder) == ["初稿.md", "别的.md", "定稿.md"]
    assert build_index(reports, folder, embedder).similar == done.similar
    (reports / "初稿.md").unlink()
    assert build_index(reports, folder, embedder).similar == ()
