"""phrasing.py: what only opens or limits a question; and the places it asks among."""

from __future__ import annotations

import pytest

from assistant.rewrite import understand


@pytest.mark.parametrize(
    ("question", "written"),
    [
        ("如果不算力争的更高数字，宜宾2026年的产值要达到多少？", "宜宾2026年的产值要达到多少（不算力争）？"),
        ("综合各份报告，哪些城市有酒厂？", "哪些城市有酒厂？"),
        ("宜宾13五期间规上（工业）企业平均一年涨多少？", "宜宾十三五期间规上企业年均增长多少？"),
        ("宜宾能源以外的工业投资是多少？", "宜宾能源外工业投资是多少？"),
        ("宜宾上半年酒业投资长得快，还是机械投资长得快？", "宜宾上半年酒业投资和机械投资，增速哪个更快？"),
        ("各城市中规上企业数量最少的是哪个？", "哪个城市的规上企业数量最少？"),
        ("宜宾有酒厂多少家 各在哪个区", "宜宾有酒厂多少家，各在哪个区"),
        ("宜宾今年的上半年比上一年增长几个亿？", "宜宾今年上半年同比增长几亿元？"),
        ("宜宾「十三五」末规模以上企业想凑够幾多户？", "宜宾“十三五”末规上企业达到多少户？"),
        ("宜宾“十三五”收官时规上企业有多少家，王局长说的？", "宜宾“十三五”末规上企业有多少家？"),
        ("第三届酒博会是哪几天办的？", "第三届酒博会是什么时候？"),
        ("几份报告里提到的园区，哪个2021年产值上了千亿元？", "哪些园区2021年产值上了千亿元？"),
        ("哪个园区2021年产值超过300亿元？", "哪些园区2021年产值超过300亿元？"),
        ("哪个园区2021年产值最高？", "哪个园区2021年产值最高？"),
        ("规上企业超过150户的地方都有谁？", "哪些地方规上企业超过150户？"),
        ("酒业在工业里的分量，宜宾2021年是多少？", "酒业占工业的比重，宜宾2021年是多少？"),
        ("宜宾酒业里头一个产值上百亿的是啥？", "宜宾酒业里第一个产值上百亿的是什么？"),
        (
            "工业投资增速，宜宾2020年和德阳2021年，各地分别是多少？",
            "工业投资增速，宜宾2020年和德阳2021年，分别是多少？",
        ),
    ],
)
def test_what_only_opens_or_limits_a_question(question: str, written: str) -> None:
    assert understand(question).text == written


def test_places_that_are_asked_among() -> None:
    query = understand("宜宾、德阳、泸州三地中，哪些城市提到了专精特新企业？")
    assert (query.kind, query.places, query.inherited) == ("aggregate", (), ("宜宾", "德阳", "泸州"))
    assert not {"宜宾", "德阳", "泸州"} & set(query.terms)
    assert understand("四川省的专精特新企业在哪些城市的报道中出现？").kind == "aggregate"
    assert understand("宜宾的专精特新企业在哪些区县？").kind != "aggregate"


def test_a_follow_up_of_another_level() -> None:
    asked = understand("区级的呢，有多少个？", ["宜宾推动了多少个市级重大项目？"])
    assert asked.text == "宜宾推动了多少个区级重大项目？"
