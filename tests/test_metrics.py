"""Each metric is right on a good answer, and drops when its own part of the answer is corrupted."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant import Citation, Figure
from evals.match import contains, normalise
from evals.memory import peak_memory
from evals.metrics import Reply, Score, _sentences, correct, score
from evals.suite import Question
from evals.summary import bootstrap, percentiles, summarise
from evals.wording import Share
from index import ReportError

SOURCE = "青禾.txt"
TEXT = "青禾县工业观察\n\n2023年，全县规上企业35家，产值约25亿\n\n元，同比增长8.6%。\n\n药材种植面积12.5万亩。\n"
QUOTE = "2023年，全县规上企业35家，产值约25亿\n\n元，同比增长8.6%。"


def text_of(source: str) -> str:
    if source != SOURCE:
        raise ReportError(f"没有 {source}。")
    return TEXT


def cite(quote: str = QUOTE, *, n: int = 1, **changes: Any) -> Citation:
    start = TEXT.index(quote)
    citation = Citation(n, SOURCE, "青禾县工业观察", "2024-01-05", None, start, start + len(quote), quote)
    return replace(citation, **changes)


QUESTION = Question.model_validate(
    {
        "id": "q1",
        "class": "事实",
        "question": "青禾县规上企业多少家，产值多少？",
        "answerable": True,
        "accept": [["35家", "35户"], ["25亿元"]],
        "forbid": ["5家", "52亿元"],
        "evidence": [{"source": SOURCE, "quote": "全县规上企业35家，产值约25亿元"}],
    }
)
TRAP = QUESTION.model_copy(update={"answerable": False, "accept": (), "evidence": ()})
GOOD = Reply(
    status="answered",
    answer="2023年青禾县规上企业35家[1]。产值约25亿元，增长8.6%。[1]",
    citations=(cite(),),
    figures=(Figure("35家", True, 1), Figure("25亿元", True, 1)),
    retrieved=(("别处.txt", 0, 30), (SOURCE, 0, len(TEXT))),
    first_token=0.5,
    total=1.5,
)
REFUSAL = replace(GOOD, status="refused", answer="报告中没有提到。", citations=(), figures=())


def measure(question: Question = QUESTION, **changes: Any) -> Score:
    return score(question, replace(GOOD, **changes), text_of)


def test_a_good_answer_has_full_marks() -> None:
    good = measure()
    assert good.correct
    assert good.false_refusal is False
    assert good.false_answer is None
    assert good.citation_support == (2, 2)
    assert good.uncited == (0, 2)
    assert good.citation_exactness == (1, 1)
    assert good.citation_precision == (1, 1)
    assert good.gold_figure_recall == (2, 2)
    assert good.gold_figure_precision == (2, 4)
    assert good.list_recall == (2, 2)
    assert good.evidence_recall == (1, 1)
    assert good.figure_precision == (4, 4)
    assert good.figures_verified == (2, 2)
    assert good.verified_wrongly == (0, 2)
    assert good.retrieval_recall == ((0, 1), (1, 1), (1, 1))
    assert good.reciprocal_rank == 0.5


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("规上企业35户，产值250000万元[1]。", True),
        ("规上企业３５ 家，产值25 亿元[1]。", True),
        ("规上企业三十五家，产值25亿[1]。", True),
        ("规上企业35家[1]。", False),
        ("规上企业135家，产值25亿元[1]。", False),
        ("规上企业35家，产值125亿元[1]。", False),
        ("规上企业35家，产值25亿元，也有说52亿元[1]。", False),
    ],
)
def test_correct(answer: str, right: bool) -> None:
    assert measure(answer=answer).correct is right


def test_a_mark_is_not_part_of_what_is_said() -> None:
    assert measure(answer="规上企业35[1]家[2]，产值25亿元。").correct
    assert not measure(answer="规上企业若干家[35]家，产值25亿元。").correct


def test_refusals() -> None:
    assert score(TRAP, REFUSAL, text_of).correct
    assert score(TRAP, REFUSAL, text_of).false_answer is False
    assert score(TRAP, REFUSAL, text_of).false_refusal is None
    answered = score(TRAP, GOOD, text_of)
    assert answered.false_answer is True
    assert not answered.correct
    assert score(TRAP, replace(GOOD, status="partial"), text_of).false_answer is True
    refused = score(QUESTION, replace(REFUSAL, answer=GOOD.answer), text_of)
    assert refused.false_refusal is True
    assert not refused.correct


@pytest.mark.parametrize(
    ("answer", "supported"),
    [
        ("有35家。产值25亿元[1]。", (1, 2)),
        ("有35家。[1]产值25亿元。[1]", (2, 2)),
        ("有35家[7]。", (0, 1)),
        ("有35家[1]", (1, 1)),
        ("主要有：\n1. 药材[1]\n2. 茶叶", (1, 2)),
        ("他说：“好。”[1]再说。", (1, 2)),
        ("有3.5家[1]。[1]", (1, 1)),
    ],
)
def test_citation_support(answer: str, supported: tuple[int, int]) -> None:
    assert measure(answer=answer).citation_support == supported


def test_sentences_keep_every_character_that_claims() -> None:
    assert _sentences("甲[1]。[2]乙！\n\n丙") == ["甲[1]。[2]", "乙！", "丙"]


@pytest.mark.parametrize(
    "broken",
    [
        replace(cite(), start=cite().start + 1),
        replace(cite(), quote=QUOTE.replace("\n", "")),
        replace(cite(), quote=QUOTE.replace("35", "36")),
        replace(cite(), end=cite().end + 1),
        replace(cite(), source="别处.txt"),
        replace(cite(), start=-len(QUOTE), end=-1),
        replace(cite(), start=3, end=3, quote=""),
    ],
)
def test_a_corrupted_citation_is_not_exact(broken: Citation) -> None:
    assert measure(citations=(broken,)).citation_exactness == (0, 1)


def test_evidence_recall_needs_the_place() -> None:
    elsewhere = cite("药材种植面积12.5万亩。")
    assert measure(citations=(elsewhere,)).evidence_recall == (0, 1)
    assert measure(citations=()).evidence_recall == (0, 1)
    assert measure(citations=(elsewhere, cite(n=2))).evidence_recall == (1, 1)
    assert measure(citations=(replace(cite(), source="别处.txt"),)).evidence_recall == (0, 1)


def test_citation_precision_needs_the_place() -> None:
    elsewhere = cite("药材种植面积12.5万亩。", n=2)
    assert measure(citations=(cite(), elsewhere)).citation_precision == (1, 2)
    assert measure(citations=()).citation_precision == (0, 0)
    assert score(TRAP, GOOD, text_of).citation_precision == (0, 0)


def test_a_sentence_without_a_citation_is_counted() -> None:
    assert measure(answer="有35家。产值25亿元[1]。另有8家。").uncited == (2, 3)


def test_a_refusal_says_nothing_of_the_gold_answer() -> None:
    refused = score(QUESTION, replace(REFUSAL, answer=GOOD.answer), text_of)
    assert refused.list_recall == (0, 2)
    assert refused.gold_figure_recall == (0, 2)
    assert refused.character_f1 == 0.0
    assert refused.uncited == (0, 0)


def test_evidence_recall_by_text_where_the_gold_quote_moved() -> None:
    quoted = {"source": "旧.txt", "quote": "规上企业35家"}
    question = Question.model_validate(QUESTION.model_dump(by_alias=True) | {"evidence": [quoted]})
    assert measure(question, citations=(replace(cite(), source="旧.txt"),)).evidence_recall == (1, 1)
    other = replace(cite("药材种植面积12.5万亩。"), source="旧.txt")
    assert measure(question, citations=(other,)).evidence_recall == (0, 1)


def test_figure_precision_finds_the_corrupted_figure() -> None:
    answer = "规上企业36家，产值约25亿元，面积12.5万亩[1]。"
    assert measure(answer=answer).figure_precision == (1, 3)
    assert measure(answer="规上企业35家[1]。", citations=()).figure_precision == (0, 1)
    assert measure(answer="2024年报道：产值2,500,000,000元[1]。").figure_precision == (2, 2)


def test_a_figure_that_the_page_cuts_stands_in_two_citations_together() -> None:
    first, second = cite("2023年，全县规上企业35"), cite("家，产值约25亿\n\n元，同比增长8.6%。", n=2)
    reply: dict[str, Any] = {"answer": "规上企业35家，增长8.6%[1][2]。", "citations": (first, second)}
    cut = measure(**reply, figures=(Figure("35家", True, 1), Figure("8.6%", True, 2)))
    assert (cut.verified_wrongly, cut.figure_precision) == ((0, 2), (2, 2))
    elsewhere = measure(**reply, figures=(Figure("8.6%", True, 1), Figure("35家", True, 2), Figure("36家", True, 1)))
    assert elsewhere.verified_wrongly == (3, 3)
    reply["citations"] = (replace(second, n=1), replace(first, n=2))
    assert measure(**reply, figures=(Figure("35家", True, 1), Figure("35家", True, 2))).verified_wrongly == (2, 2)


def test_a_figure_is_not_believed_verified() -> None:
    wrong = measure(figures=(Figure("36家", True, 1), Figure("35家", True, 2), Figure("99家", False, None)))
    assert wrong.figures_verified == (2, 3)
    assert wrong.verified_wrongly == (2, 2)


def test_retrieval() -> None:
    nothing = measure(retrieved=(("别处.txt", 0, 500), (SOURCE, 0, 5)))
    assert nothing.retrieval_recall == ((0, 1), (0, 1), (0, 1))
    assert nothing.reciprocal_rank == 0.0
    late = measure(retrieved=(*[("别处.txt", 0, 9)] * 5, (SOURCE, 0, 60)))
    assert late.retrieval_recall == ((0, 1), (0, 1), (1, 1))
    assert late.reciprocal_rank == pytest.approx(1 / 6)
    assert measure(TRAP).reciprocal_rank is None


@pytest.mark.parametrize(
    ("text", "wanted", "found"),
    [
        ("共35户", "5户", False),
        ("共3.5户", "5户", False),
        ("共5户", "5户", True),
        ("共1,234户", "1234户", True),
        ("共1234户", "１，２３４户", True),
        ("占七成", "70%", True),
        ("占7成", "70%", True),
        ("占17成", "7成", False),
        ("达80亿元", "80亿", True),
        ("达80亿", "80亿元", True),
        ("达80亿", "80", False),
        ("达80%", "80", False),
        ("80，其余不详", "80", True),
        ("达80万亿", "80万", False),
        ("第166位", "第66位", False),
        ("列第66位", "第66位", True),
        ("共十三户", "三户", False),
        ("共三户", "3户", True),
        ("增长8.6%达到", "8.6%", True),
        ("增长8.6个百分点", "8.6%", False),
        ("产业 集 群", "产业集群", True),
        ("采用ai技术", "AI 技术", True),
        ("面积为12.5万亩左右", "面积为125000亩", True),
        ("人口为12.5万亩", "面积为12.5万亩", False),
        ("什么都没有", " ", False),
        ("2023,120户", "120户", True),
        ("企业35\n2. 产值9亿", "35", True),
        ("有5个百分点", "5个", False),
        ("历时3个月", "3个", False),
        ("列第3位", "3位", False),
        ("列第三位", "三位", False),
        ("增速-3%", "3%", False),
        ("增速为－3%", "3%", False),
        ("产值：\n- 3%", "3%", True),
        ("20-30家", "30家", False),
        ("20-30家", "20-30家", True),
        ("占七成五", "75%", True),
        ("占7成半", "75%", True),
        ("七成五左右", "7成", False),
        ("面积35㎡", "35平方米", True),
        ("面积35平方米", "35m²", True),
        ("2023年10月", "10月", True),
        ("2021-2023年", "2023年", True),
        ("25亿元", "25亿", True),
        ("35家", "35", True),
        ("35%", "35", False),
        ("35个百分点", "35", False),
        ("1 234户", "1234户", True),
        ("1,234,567元", "1234567元", True),
        ("1，234户", "234户", False),
        ("百分之七十", "70%", True),
        ("三分之一", "1/3", True),
        ("二十五家", "25家", True),
        ("两家", "2家", True),
        ("2023年12月26日", "12月26日", True),
        ("2023年12月26日", "26日", True),
        ("25.0%", "25%", True),
        ("1.2万户", "12000户", True),
        ("12万户", "2万户", False),
        ("0.5户", "5户", False),
        ("第十三位", "第3位", False),
        ("增长8.6%", "8.6", False),
        ("A5户", "5户", False),
        ("达15亿美元", "15亿元", False),
        ("3年", "2023年", False),
        ("2023年", "3年", False),
        ("约25亿元", "25亿元", True),
        ("5千瓦", "5千", False),
        ("5分钟", "5分", False),
        ("共2023 35户", "35户", True),
        ("35户、1,234家", "1234家", True),
        ("产值10亿—20亿元", "20亿元", False),
        ("由20亿元增至30亿元", "30亿元", True),
        ("7成", "70%", True),
        ("17成", "7成", False),
        ("第2季度", "2季度", False),
        ("占比7.5成", "75%", True),
        ("一百零五户", "5户", False),
        ("105户", "一百零五户", True),
    ],
)
def test_contains(text: str, wanted: str, found: bool) -> None:
    assert contains(text, wanted) is found


def test_normalise() -> None:
    assert normalise("１,２３４ 户，\n1,23") == "1234户,1,23"


def test_a_summary_adds_counts_and_leaves_out_what_was_not_measured() -> None:
    wrong = measure(answer="规上企业36家，产值9亿元。", total=3.5)
    summary = summarise([measure(), wrong])
    assert (summary.questions, summary.accuracy) == (2, 0.5)
    assert summary.citation_support == pytest.approx(2 / 3)
    assert summary.figure_precision == pytest.approx(4 / 6)
    assert summary.false_answers is None
    assert summary.false_refusals == 0.0
    assert summary.retrieval_recall == {"1": 0.0, "5": 1.0, "10": 1.0}
    assert summary.total == pytest.approx((2.5, 3.4))
    assert summary.gold_figure_recall == 0.5
    assert summary.uncited == 1
    staged = summarise([measure(stages={"retrieve": 1.0}), measure(stages={"retrieve": 3.0, "write": 2.0})])
    assert staged.stages == {"retrieve": pytest.approx((2.0, 2.9)), "write": (2.0, 2.0)}
    traps = summarise([score(TRAP, REFUSAL, text_of), score(TRAP, GOOD, text_of)])
    assert (traps.accuracy, traps.false_answers, traps.false_refusals) == (0.5, 0.5, None)


def test_share_of_nothing_is_not_full_marks() -> None:
    assert Share(0, 0).value is None
    assert Share(1, 4).value == 0.25


def test_bootstrap_is_stable_and_narrows() -> None:
    few, many = bootstrap([True, False] * 10), bootstrap([True, False] * 200)
    assert few == bootstrap([True, False] * 10)
    assert few[0] < many[0] < 0.5 < many[1] < few[1]
    assert bootstrap([True] * 9) == (1.0, 1.0)


def test_percentiles() -> None:
    assert percentiles([float(n) for n in range(101)]) == (50.0, 95.0)


def test_peak_memory_is_in_bytes_and_not_below_what_is_used_now() -> None:
    statm = Path("/proc/self/statm")
    if not statm.exists():
        pytest.skip("no /proc on this system")
    resident = int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    assert 0.95 * resident < (peak_memory() or 0) < 100 * resident


def test_a_reply_is_read_from_the_contracts_json() -> None:
    hit = {"source": SOURCE, "start": 1, "end": 5, "score": 0.5}
    quoted = {
        "n": 1,
        "source": SOURCE,
        "title": "",
        "date": "",
        "page": None,
        "start": 0,
        "end": 1,
        "quote": "青",
    }
    figure = {"text": "35家", "verified": True, "citation": 1}
    answer = {
        "status": "partial",
        "answer": "有",
        "citations": [quoted],
        "figures": [figure],
        "retrieved": [hit],
    }
    reply = Reply.from_json(answer, first_token=1.0, total=2.0)
    assert reply.citations[0].quote == "青"
    assert reply.figures == (Figure("35家", True, 1),)
    assert reply.retrieved == ((SOURCE, 1, 5),)


def test_a_month_without_its_year_is_not_the_wrong_year() -> None:
    asked = QUESTION.model_copy(update={"accept": (("2022年3月",),), "forbid": ("2023年3月",)})
    assert correct(asked, replace(GOOD, answer="去年3月（2022年3月）投产[1]。"))
    assert not correct(asked, replace(GOOD, answer="2023年3月投产[1]。"))
