"""required.py: a sentence that lacks what the question requires is no answer, however alike it sounds."""

from __future__ import annotations

import pytest
from told import passage

from assistant.named import leaves_items_out, leaves_parts_out
from assistant.required import lacking
from assistant.rewrite import understand
from assistant.schema import Evidence


def lacks(question: str, text: str) -> bool:
    told = passage(text)
    return lacking(understand(question), Evidence(told, told.sentences[0], 1.0))


@pytest.mark.parametrize("question", ["泸州酿酒实验室的主任由哪位院士担任？", "谁是泸州酿酒实验室的主任？"])
def test_who_holds_a_post_is_told_by_a_sentence_with_the_post(question: str) -> None:
    assert lacks(question, "泸州酿酒实验室揭牌成立，引进院士团队三个。")
    assert not lacks(question, "泸州酿酒实验室主任周明介绍了院士团队。")
    assert lacks(question, "泸州酿酒实验室副主任周明介绍了院士团队。")


def test_people_are_named_by_their_names() -> None:
    question = "泸州给产业链聘的首席科学家有哪些人？"
    assert lacks(question, "每条产业链有一名首席科学家、一个专班、一套政策。")
    assert not lacks(question, "首席科学家周明、李春和两个专班已经到位。")
    assert not lacks("泸州的产业链有哪些支持办法？", "每条产业链有一名首席科学家、一个专班、一套政策。")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("泸州白酒产业投资30亿元。", False),
        ("泸州白酒产业的投资居各产业之首。", True),
        ("泸州第一家投资超百亿元的企业是江阳酒业。", False),  # no industry
    ],
)
def test_the_greatest_of_a_sort_is_told_as_the_greatest(text: str, told: bool) -> None:
    assert lacks("泸州哪个产业的投资最大？", text) is not told


def test_how_much_one_of_a_sort_has_is_no_question_for_the_greatest() -> None:
    assert not lacks("泸州白酒产业的投资是多少？", "泸州白酒产业投资30亿元。")


@pytest.mark.parametrize(
    ("question", "text", "told"),
    [
        # how many of a sort there are, of a number that is known
        ("泸州2021年40个酿酒项目中，有多少个？", "泸州2021年酿酒项目40个。", False),
        ("泸州2021年40个酿酒项目中，扩建类占了多少个？", "泸州2021年酿酒项目40个，列入省重点项目9个。", False),
        ("泸州2021年40个酿酒项目中，扩建类占了多少个？", "泸州2021年酿酒项目40个，扩建类9个。", True),
        # tons of other goods
        (
            "江阳集团的葡萄糖浆年产能有多少万吨？",
            "江阳集团建成年产45万吨酒精/80万吨饲料装置，葡萄糖浆还走出国门。",
            False,
        ),
        ("江阳集团的葡萄糖浆年产能有多少万吨？", "江阳集团建成年产45万吨葡萄糖浆装置。", True),
        ("江阳集团的饲料年产能有多少万吨？", "江阳集团建成年产45万吨酒精/80万吨饲料装置。", True),
        # money of another measure
        ("江阳酒业2021年营收多少亿元？", "江阳酒业成立研究院，投资30亿元的窖池项目加快推进。", False),
        ("江阳酒业2021年营收多少亿元？", "江阳酒业2021年营业收入30亿元。", True),
        # ranks
        (
            "泸州2021年规上工业总产值在全省居第几位？",
            "泸州2021年规上工业总产值700亿元，工业占GDP比重25%，居全省第5位。",
            False,
        ),
        (
            "泸州2021年工业占GDP的比重居全省第几位？",
            "泸州2021年规上工业总产值700亿元，工业占GDP比重25%，居全省第5位。",
            True,
        ),
        ("江阳酒业在全国百强榜上位次如何？", "江阳酒业入围全国百强榜。", False),
        ("泸州工业运行指数是第几名？", "泸州工业运行指数85分，排名第一。", True),
        # all there are
        ("江阳酒庄总共种着多少亩高粱？", "江阳酒庄最早种植的20亩高粱丰收了。", False),
        ("江阳酒庄总共种着多少亩高粱？", "江阳酒庄种植高粱300亩。", True),
        # what the head of a firm says of it
        ("泸州2021年工业总产值是多少？", "江阳酒业公司总经理许青说：“我们预计产值5万元。”", False),
        ("江阳酒业公司预计产值是多少？", "江阳酒业公司总经理许青说：“我们预计产值5万元。”", True),
        # causes and successors
        ("泸州酒业园区产值是什么拖慢了它？", "泸州酒业园区产值42亿元，增长4.5%。", False),
        ("泸州酒业园区产值是什么拖慢了它？", "受天气影响，泸州酒业园区产值只增长4.5%。", True),
        ("许青调走之后，接任泸州市委书记的是谁？", "泸州市委书记许青说，酒业要创新。", False),
        ("许青调走之后，接任泸州市委书记的是谁？", "许青调任后，泸州市委书记由李春接任。", True),
        # names
        ("泸州江阳集团董事长的姓名？", "江阳集团副总经理许青介绍了窖池。", False),
        ("介绍窖池的那位江阳集团负责人，姓甚名谁？", "“窖池要守好。”江阳集团负责人介绍。", False),
        ("介绍窖池的那位江阳集团负责人，姓甚名谁？", "“窖池要守好。”江阳集团负责人许青介绍。", True),
        ("泸州市经信局局长叫什么名字？", "泸州市经信局局长许青接受采访。", True),
        ("泸州引进了哪位院士的团队？", "泸州引进叶春院士团队。", True),
        ("泸州那20亩高粱预计产值是多少？", "江阳酒业公司总经理许青说：“我们的20亩高粱预计产值5万元。”", True),
        ("泸州6个省级开发区分别叫什么名字？", "全市6个省级开发区完成批复，出台体制、机制改革方案。", False),
        ("泸州3个酒庄分别叫什么名字？", "泸州建成江阳、合江、叙永3个酒庄。", True),
        ("泸州3个酒庄分别叫什么名字？", "泸州建成3个酒庄，江阳、合江、叙永都通了高速。", False),
        ("入选人才计划的那位泸州人才姓甚名谁？", "泸州已培养人才计划1人。", False),
        # what is counted
        ("泸州新建的6个停车场总共提供多少个车位？", "泸州建设停车场6个，改造小区67个。", False),
        ("泸州新建的6个停车场总共提供多少个车位？", "泸州建设停车场6个，新增车位800个。", True),
        ("江阳酒业2021年向地方交了多少税？", "江阳酒业2021年实现产值110亿元。", False),
        ("江阳酒业2021年向地方交了多少税？", "江阳酒业2021年缴纳税收3亿元。", True),
        # which firm, which county, how to reach
        ("江阳酒业的30万套订单是哪家客户下的？", "江阳酒业一举拿下30万套订单。", False),
        ("江阳酒业的30万套订单是哪家客户下的？", "江阳酒业拿下云台集团30万套订单。", True),
        ("许青是哪个单位的什么负责人？", "“窖池要守好。”江工酿科总经理许青说。", True),
        ("许青是哪个单位的什么负责人？", "“窖池要守好。”泸州市经信局许青说。", True),
        ("泸州的“转出地”具体是哪几个县？", "泸州推进转移园区建设，发挥“转出地”的资源优势。", False),
        ("泸州的“转出地”具体是哪几个县？", "泸州推进转移园区建设，“转出地”是合江县、叙永县。", True),
        ("能联系上泸州许青局长的电话或者邮箱是什么？", "泸州市经信局局长许青激情满怀。", False),
        ("能联系上泸州许青局长的电话或者邮箱是什么？", "泸州市经信局电话：0830-1234567。", True),
    ],
)
def test_what_is_asked_must_be_told(question: str, text: str, told: bool) -> None:
    assert lacks(question, text) is not told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("加快推进“一江四岸”建设，抓好重点项目。", False),
        ("推进“一江四岸”建设，四岸各有分工。", True),
        ("“一江四岸”包括城北、城南、城东、城西。", True),
        ("聚焦城北、城南、城东、城西的“一江四岸”思路。", True),
    ],
)
def test_the_parts_of_a_numbered_name_are_counted_or_listed(text: str, told: bool) -> None:
    here = passage(text)
    found = (Evidence(here, here.sentences[0], 1.0),)
    assert leaves_parts_out(understand("泸州“一江四岸”是哪四个岸？"), found) is not told
    assert not leaves_parts_out(understand("泸州“一江四岸”是什么？"), found)
    assert not leaves_parts_out(understand("“十四五”末泸州希望哪三个产业过千亿？"), found)


@pytest.mark.parametrize(
    ("question", "texts", "told"),
    [
        (
            "泸州讲的“六大行动”是哪六个战略？",
            ("推进“六大行动”，做好“酒、城、游”三件事，以窖池换项目、换订单。",),
            False,
        ),
        ("泸州讲的“六大行动”是哪六个战略？", ("“六大行动”：酒业、航运、旅游、数字、生态、人才。",), True),
        ("泸州签约的9个项目，另外7个都是什么？", ("泸州签约窖池、酒瓶等9个项目。",), False),
        ("泸州的五个重点产业是哪五个？", ("酒业、机械、食品，", "能源、化工、航运。"), True),  # told line by line
        ("泸州的四大朝阳产业是哪四个？", ("酒业、机械、食品、能源四大优势产业。",), True),
        ("泸州的“四大朝阳产业”是哪四个？", ("酒业、机械、食品、能源四大优势产业。",), False),  # of another name
        ("泸州有多少家企业？", ("泸州有企业70家。",), True),
    ],
)
def test_as_many_are_listed_as_are_asked_for(question: str, texts: tuple[str, ...], told: bool) -> None:
    here = passage(*texts)
    assert leaves_items_out(understand(question), [Evidence(here, s, 1.0) for s in here.sentences]) is not told


def test_a_plan_is_not_explained_by_how_many_it_has() -> None:
    assert lacks("泸州的“酒粮计划”到底是个什么计划？", "泸州已培养“酒粮计划”3人、“窖池计划”1人。")
    assert lacks("请解释泸州的“酒粮计划”", "紧扣全省“酒粮计划”体系，泸州绘制了蓝图。")
    assert not lacks("请解释泸州的“酒粮计划”", "泸州的“酒粮计划”是给种高粱的农户贷款。")
