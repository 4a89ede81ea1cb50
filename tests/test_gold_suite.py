"""The gold suite is sound: well-formed, and every answer it asks for stands in the evidence it names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evals.baseline import read_baseline
from evals.coverage import read_texts
from evals.match import contains
from evals.suite import Question, locate, read_suite

ROOT = Path(__file__).resolve().parent.parent
SUITE = read_suite(ROOT / "evals" / "suites" / "gold.jsonl")
REPORTS = read_texts(ROOT / "reports")
REFUSED = {"unanswerable", "injection"}
# Their answers are worked out from the evidence and need not stand in it.
WORKED_OUT = {"arithmetic", "comparison", "aggregate"}
CLASSES = {
    "fact", "list", "definition", "comparison", "aggregate", "arithmetic", "time", "who", "paraphrase",
    "followup", "unanswerable", "false_premise", "injection", "layout", "contradiction",
}  # fmt: skip
answerable = pytest.mark.parametrize("question", [q for q in SUITE if q.answerable], ids=lambda q: q.id)


def test_ids_are_unique_and_the_suite_is_large_enough() -> None:
    assert len(SUITE) >= 150
    assert len({question.id for question in SUITE}) == len(SUITE)
    assert len({(question.question, question.history) for question in SUITE}) == len(SUITE)


def test_the_committed_baseline_is_of_this_suite() -> None:
    """`make gate` would else compare only some of the questions."""
    baseline = read_baseline(ROOT / "evals" / "baselines" / "gold-quotes.json")
    assert baseline["model"] == "none"
    assert baseline["questions"].keys() == {question.id for question in SUITE}


def test_every_class_is_there_in_both_halves() -> None:
    assert {question.kind for question in SUITE} == CLASSES
    counts = Counter((question.kind, question.half) for question in SUITE)
    assert all(abs(counts[kind, "tune"] - counts[kind, "test"]) <= 1 for kind in CLASSES)


def test_only_what_cannot_be_answered_lacks_evidence() -> None:
    for question in SUITE:
        assert question.answerable == (question.kind not in REFUSED), question.id
        assert bool(question.evidence) == bool(question.accept) == question.answerable, question.id


def test_a_follow_up_has_a_history_and_nothing_else_has() -> None:
    assert all(bool(question.history) == (question.kind == "followup") for question in SUITE)


@answerable
def test_each_quote_stands_once_in_its_report(question: Question) -> None:
    for gold in question.evidence:
        assert len(locate(gold.quote, REPORTS[gold.source])) == 1, gold.quote


def cut(question: Question) -> bool:
    """Whether a blank line, or something else on the page, stands inside the evidence."""
    ranges = [(gold.source, *locate(gold.quote, REPORTS[gold.source])[0]) for gold in question.evidence]
    return len(ranges) > 1 or any("\n\n" in REPORTS[source][start:end] for source, start, end in ranges)


def test_the_page_cuts_what_the_questions_on_layout_ask_for() -> None:
    asked = [question for question in SUITE if question.kind == "layout"]
    assert len(asked) >= 12
    assert [question.id for question in asked if not cut(question)] == []


def test_a_contradiction_has_its_sides_each_with_evidence() -> None:
    asked = [question for question in SUITE if question.kind == "contradiction"]
    assert len(asked) >= 6
    assert all(min(len(question.accept), len(question.evidence)) >= 2 for question in asked)


@answerable
def test_the_evidence_gives_the_answer(question: Question) -> None:
    quotes = "\n".join(gold.quote for gold in question.evidence)
    missing = [group for group in question.accept if not any(contains(quotes, text) for text in group)]
    assert question.kind in WORKED_OUT or not missing
    assert len(missing) <= 1, missing


@answerable
def test_the_evidence_holds_nothing_forbidden(question: Question) -> None:
    for gold in question.evidence:
        assert not any(contains(gold.quote, text) for text in question.forbid), gold.quote
