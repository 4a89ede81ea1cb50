"""The shipped reports against the pages they were written from, and the comparison itself on small texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.coverage import coverage, longest_run, main, read_texts, repaired_texts

ROOT = Path(__file__).resolve().parent.parent
ORIGINALS = ROOT.parent / "shared" / "reports"
REPORTS = ROOT / "reports"
LONGEST_RUN = 27  # characters; longer ones would be copied sentences rather than titles of documents

needs_originals = pytest.mark.skipif(not ORIGINALS.is_dir(), reason="the original pages are not here")


def test_a_figure_is_covered_whatever_its_notation() -> None:
    result = coverage(
        ["全县规上企业２８户，产值1,234.5 亿元，占\n\n三分之一。"], ["28户企业的产值是1234.5亿元，即1/3。"]
    )
    assert (result.missing, result.foreign, result.share) == ((), (), 1.0)


def test_a_break_inside_a_figure_is_closed() -> None:
    assert coverage(["投入约25亿\n\n元，新建15\n平方米厂房"], ["投入约25亿元，厂房15平方米"]).missing == ()


def test_two_numbers_with_a_space_between_stay_two() -> None:
    assert coverage(["新建12 34户企业"], ["34户"]).covered == ("34户",)


def test_missing_foreign_and_resolved_figures_are_told_apart() -> None:
    result = coverage(["去年产值80亿元，增长5%。"], ["2023年产值80亿元，增长6%。"])
    assert result.missing == ("5%",)
    assert result.foreign == ("6%",)
    assert result.resolved == ("2023年",)
    assert result.share == pytest.approx(0.5)


def test_the_unit_belongs_to_the_figure() -> None:
    result = coverage(["投资80亿元"], ["投资80万元"])
    assert (result.missing, result.foreign) == (("80亿元",), ("80万元",))


def test_the_longest_run_ignores_white_space_and_the_width_of_punctuation() -> None:
    assert longest_run(["甲乙丙\n丁戊", "丁戊己"], "子丑 乙 丙丁 寅") == "乙丙丁"
    assert longest_run(["甲乙，丙丁"], "子乙,丙丑") == "乙,丙"


def test_a_figure_that_a_page_cuts_in_two_is_whole_after_repair(tmp_path: Path) -> None:
    page = "云溪县去年完成工业投资12.5\n\n茶厂车间茶厂车间 李明李明 摄摄\n\n亿元，同比增长6%。\n"
    (tmp_path / "云溪.txt").write_text(page, encoding="utf-8")
    result = coverage(["工业投资12.5亿元，同比增长6%。"], list(repaired_texts(tmp_path).values()))
    assert (result.missing, result.foreign) == ((), ())


def test_the_command_tells_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, text in (("a", "产值80亿元"), ("b", "产值90亿元")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.md").write_text(text, encoding="utf-8")
    assert main([str(tmp_path / "a"), str(tmp_path / "a")]) == 0
    assert main([str(tmp_path / "a"), str(tmp_path / "b")]) == 1
    assert "原文有而报告没有：80亿元" in capsys.readouterr().out
    assert main([str(tmp_path / "nowhere"), str(tmp_path / "b")]) == 2


@needs_originals
def test_the_reports_carry_the_originals_figures_and_no_other() -> None:
    result = coverage(list(read_texts(ORIGINALS).values()), list(repaired_texts(REPORTS).values()))
    assert result.share >= 0.95, result.missing
    assert result.foreign == ()


@needs_originals
@pytest.mark.parametrize("name", sorted(read_texts(REPORTS)))
def test_no_report_copies_a_sentence(name: str) -> None:
    run = longest_run(list(read_texts(ORIGINALS).values()), read_texts(REPORTS)[name])
    assert len(run) <= LONGEST_RUN, run
