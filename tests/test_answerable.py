"""Parts of speech as weights, and the probability that a sentence answers."""

from __future__ import annotations

import pytest

from assistant.answerable import ENOUGH, probability
from assistant.coverage import content_words
from assistant.rewrite import understand
from assistant.schema import Evidence
from assistant.selection import Weighed
from assistant.wordclass import matter
from index import Passage, Sentence, Span

TEXT = "2021年，德阳市装备制造产业产值为1410亿元，规上工业企业共有1512户。"


def weighed(text: str = TEXT, *, cover: float = 0.9, likeness: float = 0.6) -> Weighed:
    sentence = Sentence(text, (Span(0, len(text)),))
    passage = Passage("p", "德阳.md", "德阳：装备之都", "德阳", "2022-03", "", None, text, 40, (sentence,))
    return Weighed(Evidence(passage, sentence, 1.0), cover, likeness, True, True)


CELLS = "德阳已引进大地年产30GWh电芯项目及青羊电池、吉祥电池三大项目，建成后形成72GWh产能。"
SIGNED = "2021年，德阳成功签约青羊机械、大地铸造等9个项目，签约资金90亿元。"


@pytest.mark.parametrize(("heavy", "light"), [("装备制造", "推进"), ("产值", "多少"), ("企业", "到底"), ("基金", "请")])
def test_nouns_weigh_more_than_words_of_asking(heavy: str, light: str) -> None:
    assert matter(heavy) > 2 * matter(light)


def test_words_of_asking_are_no_content() -> None:
    found = content_words(understand("你到底给我讲清楚，德阳的装备制造产业究竟有几多产值？").terms)
    assert all(word in "".join(found) for word in ("装备", "制造", "产值"))
    assert not {"你", "到底", "究竟", "几多"} & set(found)


def test_units_and_bounds_are_no_content() -> None:
    assert "百分点" not in content_words(understand("德阳2021年产值增长几个百分点？").terms)
    assert content_words(understand("德阳哪些园区规上企业已经超过150户？").terms) == ("园区", "规上", "企业")


@pytest.mark.parametrize(
    "question", ["德阳2021年装备制造产业产值是多少？", "德阳的规上企业有几家？", "德阳规上工业企业一共有多少个？"]
)
def test_a_sentence_that_says_it_answers(question: str) -> None:
    assert probability(understand(question), weighed()) >= ENOUGH


def test_somebodys_words_are_not_told_by_a_sentence_in_which_nobody_speaks() -> None:
    asked = understand("德阳装备制造大会上，市长的原话是怎么讲的？")
    assert probability(asked, weighed("去年5月，德阳装备制造大会召开，打造装备制造的“硬实力”。")) == 0.0
    assert probability(asked, weighed("德阳装备制造大会上，市长表示，要打造装备制造的“硬实力”。")) > 0.0


def test_an_amount_that_the_question_names_tells_its_sentence() -> None:
    asked = understand("德阳替企业省下14亿元，是哪一种费用？")
    found = weighed("德阳创新交易方式，为企业节约电费14亿元。", cover=0.2, likeness=0.1)
    assert probability(asked, found) >= ENOUGH
    assert probability(asked, weighed("德阳创新交易方式，为企业节约电费15亿元。", cover=0.2, likeness=0.1)) < ENOUGH


@pytest.mark.parametrize(
    ("question", "cover", "likeness"),
    [
        ("德阳有多少所小学？", 0.1, 0.1),
        ("德阳的常住人口是多少？", 0.1, 0.2),
        ("德阳装备制造产业的职工有多少名？", 0.7, 0.6),  # no figure in the unit asked for
    ],
)
def test_a_sentence_that_says_something_else_does_not(question: str, cover: float, likeness: float) -> None:
    assert probability(understand(question), weighed(cover=cover, likeness=likeness)) < ENOUGH


def test_each_finding_raises_the_probability() -> None:
    query = understand("德阳装备制造产业产值是多少？")
    poor, alike, covered = (weighed(cover=0.4, likeness=0.3), weighed(cover=0.4), weighed(likeness=0.3))
    low = probability(query, poor)
    assert probability(query, alike) > low
    assert probability(query, covered) > low


@pytest.mark.parametrize(
    ("question", "line", "answers"),
    [
        ("德阳2021年的地区生产总值是多少亿元？", "2021年，德阳市工业总产值实现1410亿元，工业占GDP比重达25%。", False),
        ("德阳2021年的地区生产总值是多少亿元？", "2021年，德阳市GDP达到2656亿元，工业总产值实现1410亿元。", True),
        ("德阳2021年工业增加值是多少亿元？", "2021年，德阳市工业总产值实现1410亿元，工业增加值增长9%。", False),
        ("德阳2021年装备项目的总投资是多少亿元？", "2021年，德阳市装备产业产值为1410亿元。", False),
        ("德阳2021年装备项目的总投资是多少亿元？", "2021年，德阳市投入120亿元建设装备项目。", True),
        ("德阳2021年工业占GDP的比重在全省排第几？", "2021年，德阳市工业占GDP比重达25%，居全省第5位。", True),
        ("德阳2021年工业缴的税是多少亿元？", "2021年，德阳市工业缴税117亿元，占全部税收的六成。", True),
    ],
)
def test_a_measure_in_money_is_no_other(question: str, line: str, answers: bool) -> None:
    assert (probability(understand(question), weighed(line)) >= ENOUGH) == answers


@pytest.mark.parametrize(
    ("question", "line", "answers"),
    [
        ("德阳6个装备园区分别叫什么名字？", "目前，德阳6个装备园区已完成规划批复，入园企业达321户。", False),
        ("德阳2021年有规上工业企业多少户？", "2021年，德阳规上工业增加值增长5%，居全省7个中心城市第3位。", False),
        ("德阳2021年有规上工业企业多少户？", "2021年，德阳有规上工业企业1512个。", True),
        ("德阳3个装备园区分别叫什么名字？", "德阳有广汉园区、什邡园区和绵竹园区3个装备园区。", True),
        ("德阳2021年工业总产值的同比增速是多少？", "2021年，德阳工业总产值997亿元，工业占GDP比重达25%。", False),
        ("德阳2021年工业总产值的同比增速是多少？", "2021年，德阳工业总产值997亿元，同比增长9%。", True),
        ("德阳“一城三园”的三个园分别叫什么？", "德阳推进“一城三园”建设，商贸城投用、路网建成。", False),
        ("青羊电池在德阳的项目，单它一家年产能多少？", CELLS, False),
        ("青羊机械项目的签约资金是多少亿元？", SIGNED, False),
        ("德阳大地铸造项目单独签约资金是多少？", SIGNED, False),
        ("德阳签约青羊机械等9个项目，签约资金是多少？", SIGNED, True),
        ("德阳2021年签约资金是多少亿元？", SIGNED, True),
        ("德阳重装是第几家产值过百亿的装备企业？", "德阳重装成为德阳首家产值过百亿元的装备企业。", True),
        ("德阳重装是第几家产值过百亿的装备企业？", "德阳重装是德阳产值过百亿元的装备企业，有12家分厂。", False),
    ],
)
def test_names_and_ranks_must_be_told(question: str, line: str, answers: bool) -> None:
    assert (probability(understand(question), weighed(line)) >= ENOUGH) == answers
