"""worked.py: what the wording of a question and one sentence give to compute, and what they do not."""

from __future__ import annotations

import pytest
from test_formula import evidence

from assistant.asked import Picked
from assistant.conclusion import concluded
from assistant.figures import find_figures
from assistant.formula import read, reckoned
from assistant.rewrite import understand
from assistant.selection import Selection
from assistant.worked import agrees, asks_for_result, states_lead, worked

SITES = "全市3个开发区新建充电站点48个，计划投资6200万元，累计完成投资4100万元，铺设电缆12万米。"
FIRMS = "2022年，全市工业总产值实现812.4亿元，其中规模以上工业总产值640.2亿元，居全省第4位。"
PLATFORMS = "研发平台总数达80家，其中，国家级6家、省级34家、市级40家。"
PLANNED = "青河储备的项目中，已确定2022年技改项目150个、总投资900亿元，申报列入省重点项目20个、总投资300亿元。"
STARTED = "今年计划新开工技改项目90个，现已开工54个（其中50个已入库）。"
INVESTED = "2022年，青河市完成技改投资66亿元，占全部工业投资的30%，占比是2021年的1.5倍。"
GROWN = "2022年，医药产业实现产值33亿元，同比增长120%。"
FUNDS = "2022年共争取专项资金4.2亿元，是上年的2.1倍。"
ZONE = "青河高新区2023年GDP增长9.1%、增速高于全市1.6个百分点，产值实现640亿元、占全市的32%。"
LEVELS = "上半年，青河推动省级重大项目7个、市级重大项目31个、县级重大项目95个。"
SHARE = "规模以上工业企业达210户；青河工业企业达1500户，占企业总数的7.5%。"
MONEY = "设立青河风险基金700万元、应急周转资金3500万元。"
CADRES = "下派900名干部联系1800户企业。"
BATTERIES = "青河电池项目全部投产后达60GWh，其中一期电池15GWh。"
FALL = "青河钢铁占工业的份额从2016年的68%下降到现在的52%。"
RISE = "青河从2012年建成10万吨电池产能，到如今年产60万吨。"
FASTER = "2023年，青河高新区的GDP增长9.1%，增速比全市高1.6个百分点。"
AIMED = "到2026年，医药产业产值达到70亿元，力争突破100亿元。"
STRETCHED = "通过深化医药产业发展，计划到2026年，青河医药产业产值达到60亿元，力争突破90亿元。"
LEADERS = "青河新增国家级龙头企业1户、省级龙头企业6户、市级龙头企业10户，新增产值3亿元。"
RANKED = "青河位列2023创新城市百强第17位、两年提升24位，成为全国进位最快的城市。"
FELL = "青河位列2023绿色城市百强第8位、两年下降3位。"
HALF = "今年上半年，预计完成工业投资210亿元，同比增长40%，技改投资完成80亿元。"


@pytest.mark.parametrize(
    ("question", "line", "said"),
    [
        ("青河新建的充电站点平均每个计划投资多少万元？", SITES, "平均每个约129.2万元（6200万元÷48个）。"),
        ("青河新建的充电站点平均每个累计完成投资多少？", SITES, "平均每个约85.42万元（4100万元÷48个）。"),
        ("青河2022年定下的技改项目，平均每个多少亿？", PLANNED, "平均每个约6亿元（900亿元÷150个）。"),
        ("青河充电站点计划要花的钱，已经完成了百分之多少？", SITES, "占比约为66.1%（4100万元÷6200万元）。"),
        ("今年青河计划新开工的技改项目，开工率到了多少？", STARTED, "占比为60%（54个÷90个）。"),
        ("青河2022年规模以下工业总产值能推出来吗？", FIRMS, "相差172.2亿元（812.4亿元−640.2亿元）。"),
        ("青河2022年规上工业总产值在全部工业总产值里占多大份额？", FIRMS, "占比约为78.8%（640.2亿元÷812.4亿元）。"),
        ("2022年青河工业总产值当中，没到规模以上的企业有多少亿元？", FIRMS, "相差172.2亿元（812.4亿元−640.2亿元）。"),
        ("2021年青河技改投资占全部工业投资的百分之几？", INVESTED, "推算约为20%（30%÷1.5倍）。"),
        ("青河2022年定下的技改项目，平均单个项目是几个亿？", PLANNED, "平均每个约6亿元（900亿元÷150个）。"),
        ("青河的国家、省、市三级龙头企业，合计多少户？", LEADERS, "合计17户（1户＋6户＋10户）。"),
        ("青河省级研发平台占研发平台总数的百分之几？", PLATFORMS, "占比为42.5%（34家÷80家）。"),
        ("青河今年计划新开工的技改项目里还有几个没动工？", STARTED, "相减得36个（90个−54个）。"),
        ("由占比反算，青河2022年全部工业投资大约多少？", INVESTED, "推算约为220亿元（66亿元÷30%）。"),
        ("倒推一下，青河2021年技改投资占全部工业投资的几成？", INVESTED, "推算约为20%（30%÷1.5倍）。"),
        ("青河医药产业2021年的产值，用2022年的数倒算是几亿？", GROWN, "推算约为15亿元（33亿元÷（1＋120%））。"),
        (
            "去年上半年青河的工业投资大约多少？请用今年上半年的预计数和增速倒推。",
            HALF,
            "推算约为150亿元（210亿元÷（1＋40%））。",
        ),
        ("2021年青河争取到的专项资金，按2022年的倒推应为多少？", FUNDS, "推算约为2亿元（4.2亿元÷2.1倍）。"),
        ("照高新区的数推，2023年青河全市GDP增速是多少？", ZONE, "推算约为7.5%（9.1%−1.6个百分点）。"),
        ("青河高新区2023年GDP增长9.1%，那么青河全市的GDP增速是多少？", ZONE, "推算约为7.5%（9.1%−1.6个百分点）。"),
        ("青河高新区2023年GDP增长9.1%，那么青河全市的GDP增速是多少？", FASTER, "推算约为7.5%（9.1%−1.6个百分点）。"),
        ("根据高新区的占比，倒推青河全市2023年的产值。", ZONE, "推算约为2000亿元（640亿元÷32%）。"),
        ("照这个比例，青河全市总共有多少户企业？", SHARE, "推算约为2万户（1500户÷7.5%）。"),
        ("青河设立的风险基金和周转资金，两笔加一块儿是多少钱？", MONEY, "合计4200万元（700万元＋3500万元）。"),
        ("青河下派干部，平均下来一名干部要联系几户企业？", CADRES, "平均每名约2户（1800户÷900名）。"),
        ("青河电池全部投产后，扣掉一期那些，其他项目还占多少GWh？", BATTERIES, "相减得45GWh（60GWh−15GWh）。"),
        ("这几年，青河钢铁占工业的份额掉了几个百分点？", FALL, "下降16个百分点（68%−52%）。"),
        ("从一期到现在，青河的电池产能增加了多少万吨？", RISE, "增加50万吨（60万吨−10万吨）。"),
        ("青河如今的电池产能是一期时的几倍？", RISE, "前者是后者的6倍（60万吨÷10万吨）。"),
        (
            "青河2022年的工业总产值中，规模以上工业以外的部分是多少亿元？",
            FIRMS,
            "相差172.2亿元（812.4亿元−640.2亿元）。",
        ),
        ("青河钢铁占工业的份额，现在是升了还是降了？", FALL, "下降16个百分点（68%−52%）。"),
        ("青河两年前在创新城市榜单上排第几位？", RANKED, "推算为第41位（第17位＋24位）。"),
        ("青河两年前在绿色城市榜单上排第几位？", FELL, "推算为第5位（第8位−3位）。"),
        ("青河2022年全部工业投资约有多少亿元？", INVESTED, "推算约为220亿元（66亿元÷30%）。"),
        ("青河2022年全部工业投资是多少？（用占比推一下）", INVESTED, "推算约为220亿元（66亿元÷30%）。"),
        ("青河的企业总数能算出来吗？大约多少户？", SHARE, "推算约为2万户（1500户÷7.5%）。"),
        ("省级、市级、县级三类重大项目，青河上半年总共多少个？", LEVELS, "合计133个（7个＋31个＋95个）。"),
    ],
)
def test_what_the_sentence_gives_is_computed(question: str, line: str, said: str) -> None:
    query = understand(question)
    assert asks_for_result(query)
    made = worked(query, evidence("青河市召开工业大会。", line))
    assert [reckoned(one, query) for one in made] == [said]
    assert made[0].evidence.sentence.text == line


def test_each_unit_asked_for_has_its_result() -> None:
    query = understand("青河2022年的技改项目刨去申报省重点的，还剩多少个、多少亿？")
    said = [reckoned(one, query) for one in worked(query, evidence(PLANNED))]
    assert said == ["相减得130个（150个−20个）。", "相减得600亿元（900亿元−300亿元）。"]


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("青河2022年全部工业投资是多少亿元？", INVESTED),  # nothing is to be inferred
        ("青河2021年医药产业的产值是多少？", GROWN),
        ("青河全市2023年的GDP增速是多少？", ZONE),
        ("倒推一下，青河2020年医药产业的产值是多少？", GROWN),  # two years before
        ("由占比反算，青河2023年全部工业投资大约多少？", INVESTED),  # of another year
        ("青河2022年工业总产值（含规下）是多少？", FIRMS),
        ("今年上半年青河的工业投资是多少？用增速倒推去年全年的工业投资。", INVESTED),  # of growth, not of shares
        ("青河医药占全省四分之一，照这样全省一年大概多少亿元？", GROWN),  # asks in 亿元: no share
        # a sum of two industries, of which the sentence names one
        ("青河茶叶和医药两个产业2026年的“力争”产值相加，合计多少亿元？", AIMED),
        ("青河2026年医药、茶叶产业产值力争合计多少亿元？", STRETCHED),
        ("平均每户企业缴税多少万元？", "全市实现缴税12亿元，新增园区3个。"),  # nothing counts 户
        ("青河国家级和省级重大项目总共多少个？", LEVELS),  # no figure of 国家级
        ("去年青河开工率是多少？", "今年签约项目90个。"),  # nothing is done of it
        ("按青河2021年和2023年的产值，平均每年增加多少亿元？", CADRES),  # nothing there is of a year
        ("青河两年前在创新城市榜单上排第几位？", FELL),  # of another list
        ("青河电池一期和二期的产能相差多少GWh？", BATTERIES),  # of 二期 nothing is told
        ("青河的规上工业总产值比红岩的规上工业总产值多多少亿元？", FIRMS),  # one of them is not of this sentence
    ],
)
def test_what_is_not_asked_for_or_not_there_is_not_computed(question: str, line: str) -> None:
    assert worked(understand(question), evidence(line)) == ()


@pytest.mark.parametrize(("written", "right"), [("34家÷80家", True), ("40家÷80家", False), ("6家÷80家", False)])
def test_a_formula_of_the_model_with_another_figure_of_the_kind_is_not_agreed_to(written: str, right: bool) -> None:
    query = understand("青河省级研发平台占研发平台总数的百分之几？")
    made = read(written, query, evidence(PLATFORMS))
    assert made is not None
    assert agrees(query, made) == right


def test_a_plain_question_asks_for_no_result() -> None:
    assert not asks_for_result(understand("青河2022年的工业总产值是多少？"))
    assert not asks_for_result(understand("哪些城市提出了产值目标？"))


@pytest.mark.parametrize(
    ("second", "line", "said"),
    [("80亿元", HALF, "相减得130亿元（210亿元−80亿元）。"), ("66亿元", INVESTED, "")],
)
def test_figures_of_two_times_in_one_report_are_not_reckoned_together(second: str, line: str, said: str) -> None:
    query = understand("今年上半年青河的工业投资减去技改投资，是多少亿元？")
    assert len(query.parts) == 2
    lines = evidence(HALF, line)
    chosen = [
        Picked(figure, one, 1.0)
        for one, text in zip(lines, ("210亿元", second), strict=True)
        for figure in find_figures(one.sentence.text)
        if figure.text == text
    ]
    selections = [Selection(part, (one,)) for part, one in zip(query.parts, lines, strict=True)]
    assert concluded(query, selections, chosen) == said


@pytest.mark.parametrize(
    ("line", "question", "told"),
    [
        (ZONE, "青河高新区2023年的GDP增速比全市高多少？", True),
        (FASTER, "青河高新区2023年的GDP增速比全市高多少？", True),
        (ZONE, "青河高新区2023年的GDP增速比红岩高多少？", False),
        (GROWN, "青河医药产业的增速比全市高多少？", False),
    ],
)
def test_a_lead_that_a_report_states(line: str, question: str, told: bool) -> None:
    assert states_lead(understand(question), evidence(line)[0]) == told


def test_by_how_much_and_how_many_times() -> None:
    query = understand("青河2022年工业总产值比规上工业总产值多多少亿元，是后者的几倍？")
    made = worked(query, evidence("青河市召开工业大会。", FIRMS))
    said = ["相差172.2亿元（812.4亿元−640.2亿元）。", "前者是后者的1.27倍（812.4亿元÷640.2亿元）。"]
    assert [reckoned(one, query) for one in made] == said
