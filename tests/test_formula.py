"""What the model may compute: figures of one sentence, in units that go together, by the operation asked for."""

from __future__ import annotations

import pytest
from fake_model import FakeModel

from assistant.formula import candidates, formula, read, reckoned, reckons
from assistant.rewrite import understand
from assistant.schema import Evidence
from assistant.selection import Selection
from index import Passage, Sentence, Span


def evidence(*texts: str) -> tuple[Evidence, ...]:
    at, found = 0, []
    for text in texts:
        sentence = Sentence(text, (Span(at, at + len(text)),))
        passage = Passage("p", "青河.md", "青河工业", "青河", "2023", "", None, text, 40, (sentence,))
        found.append(Evidence(passage, sentence, 1.0))
        at += len(text) + 1
    return tuple(found)


PLANS = "青河市今年计划新建厂房86座，已建成52座，其中40座已经投用。"
SHARE = "青河开发区完成产值640亿元，占全市的32%，增长7.5%。"
LEVELS = "上半年推动省级项目7个、市级项目31个、县级项目95个。"
LOANS = "签约贷款36亿元，到位贷款12.6亿元。"
FALL = "钢铁占工业的比重从2015年的68.5%下降到52%。"


@pytest.mark.parametrize(
    ("question", "line", "written", "said"),
    [
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "86座-52座", "相减得34座（86座−52座）。"),
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "86－52＝34", "相减得34座（86座−52座）。"),
        ("由开发区推算，青河全市的产值是多少？", SHARE, "640亿元÷32%", "推算约为2000亿元（640亿元÷32%）。"),
        ("由开发区推算，青河全市的产值是多少？", SHARE, "640亿元×32%", "推算约为2000亿元（640亿元÷32%）。"),
        ("三级项目一共推动了多少个？", LEVELS, "7个+31个+95个", "合计133个（7个＋31个＋95个）。"),
        ("到位的贷款占签约贷款的百分之几？", LOANS, "12.6亿元/36亿元", "占比为35%（12.6亿元÷36亿元）。"),
        ("贷款的到位率是百分之几？", LOANS, "36亿元÷12.6亿元", "占比为35%（12.6亿元÷36亿元）。"),
        ("签约贷款是到位贷款的几倍？", LOANS, "36亿元÷12.6亿元", "前者是后者的2.86倍（36亿元÷12.6亿元）。"),
        ("钢铁占工业的比重降了几个点？", FALL, "68.5%-52%", "相差16.5个百分点（68.5%−52%）。"),
        (
            "平均每座厂房多少平方米？",
            "12座厂房共3.6万平方米。",
            "3.6万平方米÷12座",
            "平均每座约3000平方米（3.6万平方米÷12座）。",
        ),
        (
            "推算一期投资多少？",
            "项目总投资50亿元，其中一期占40%。",
            "50亿元×40%",
            "推算约为20亿元（50亿元×40%）。",
        ),
        (
            "倒推开发区去年的产值是多少？",
            "开发区产值640亿元，同比增长25%。",
            "640亿元÷(1+25%)",
            "推算约为512亿元（640亿元÷（1＋25%））。",
        ),
        (
            "推算上年争取的资金有多少？",
            "争取资金4.14亿元，是上年的2.3倍。",
            "4.14亿元÷2.3倍",
            "推算约为1.8亿元（4.14亿元÷2.3倍）。",
        ),
    ],
)
def test_a_formula_of_stated_figures_is_computed(question: str, line: str, written: str, said: str) -> None:
    query = understand(question)
    made = read(written, query, evidence("另有厂房3座。", line))
    assert made is not None
    assert made.evidence.sentence.text == line
    assert reckoned(made, query) == said


@pytest.mark.parametrize(
    ("question", "line", "written"),
    [
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "86座-50座"),  # no such figure
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "86座-86座"),  # one figure twice
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "86座+52座"),  # another operation than asked for
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "86座-52座+40座"),  # two operations
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "34座"),
        ("青河今年要建的厂房还有几座没有建成？", PLANS, "无"),
        ("青河今年要建的厂房还有几座没有建成？", PLANS, ""),
        ("产值和增速相差多少？", SHARE, "640亿元-7.5%"),  # units that do not go together
        ("由开发区推算，全市的产值是多少？", SHARE, "640万元÷32%"),  # another scale
        ("由开发区推算，2025年的产值是多少？", SHARE, "640亿元×7.5%"),  # a growth is no share
        ("由开发区推算，2025年的产值是多少？", SHARE, "640亿元÷(1+7.5%)"),  # of the year before is asked
        ("推算一期投资多少？", "项目总投资50亿元，税率为40%。", "50亿元÷40%"),  # of what, nobody says
        ("推算上年的资金？", "争取资金4.14亿元，是上年的2.3倍。", "4.14亿元×2.3倍"),
        ("签约贷款是到位贷款的几倍？", "签约贷款36亿元。", "36亿元÷12.6亿元"),  # two sentences
        ("比重降了几个点？", "2015年为68.5%，2023年为52%。", "2023-2015"),  # years are no figures
    ],
)
def test_any_other_is_not(question: str, line: str, written: str) -> None:
    assert read(written, understand(question), evidence(line, "到位贷款12.6亿元。")) is None


def test_the_model_is_shown_the_lines_and_asked_once() -> None:
    chat = FakeModel(replies=["86座-52座\n因为还有没有建成的"])
    made = formula(understand("还有几座没有建成？"), evidence(PLANS), chat)
    assert made is not None
    assert [figure.text for figure in made.figures] == ["86座", "52座"]
    assert PLANS in str(chat.history[0][-1].content)


def test_the_best_line_of_the_question_comes_first_and_none_twice() -> None:
    one, two, three, four = evidence(PLANS, SHARE, LEVELS, LOANS)
    query = understand("还有几座没有建成？")
    parts = [Selection(query, (two, one)), Selection(query, (one,))]
    assert candidates(parts, Selection(query, (one, three, four))) == (one, two, three)


@pytest.mark.parametrize(
    ("question", "computes"),
    [
        ("由此推算全市产值是多少？", True),
        ("比重掉了几个点？", True),
        ("投资完成率算下来是百分之几？", True),
        ("全市产值是多少？", False),
        ("哪些城市算下来产值最高？", False),  # asked of all reports
    ],
)
def test_words_of_reckoning(question: str, computes: bool) -> None:
    assert reckons(understand(question)) is computes
