"""evidence.py: which sentences bear on a question, and what they fail to cover."""

from __future__ import annotations

import pytest
from told import passage, selected, texts

from assistant.everywhere import select_everywhere
from assistant.evidence import select
from assistant.rewrite import understand
from assistant.schema import Hit
from assistant.service import SentenceSimilarity
from assistant.weighing import weigh
from index import Embedder


@pytest.fixture(scope="module")
def alike(embedder: Embedder) -> SentenceSimilarity:
    return SentenceSimilarity(embedder)


def test_a_heading_brings_the_list_under_it(alike: SentenceSimilarity) -> None:
    under = "酒城蓝图 ■四条产业赛道"
    items = ["酿酒与包装；", "纺织新材料；", "智能终端；", "航空配套。"]
    whole = passage(
        "泸州谋划酒城蓝图。",
        ("■四条产业赛道", under),
        *((item, under) for item in items),
        ("港口还在扩建。", "酒城蓝图 ■港口"),
    )
    assert texts(selected(alike, "泸州的四条产业赛道是哪些？", whole)) == ["■四条产业赛道", *items]


def test_the_list_of_another_report_does_not_stand_under_a_heading(alike: SentenceSimilarity) -> None:
    under = "■四条产业赛道"
    here = passage((under, under), ("酿酒与包装；", under), ("纺织新材料。", under))
    there = passage(("智能终端；", under), ("航空配套。", under), source="乙.md")
    assert texts(selected(alike, "泸州的四条产业赛道是哪些？", here, there)) == [
        under,
        "酿酒与包装；",
        "纺织新材料。",
    ]


def test_a_heading_without_a_list_is_no_answer_alone(alike: SentenceSimilarity) -> None:
    whole = passage("■茶叶怎么卖", "泸州茶叶靠电商和展会卖到海外。")
    assert "泸州茶叶靠电商和展会卖到海外。" in texts(selected(alike, "泸州茶叶怎么卖到海外？", whole))


def test_a_list_goes_on_until_its_count_is_reached(alike: SentenceSimilarity) -> None:
    whole = passage(
        "泸州选定六个重点赛道，逐一配上专员。",
        "前一批是酿酒、包装、纺织。",
        "后一批是电子、医药、航空。",
        "港口、铁路、机场也在扩建。",
    )
    assert texts(selected(alike, "泸州的六个重点赛道是哪些？", whole)) == [
        "泸州选定六个重点赛道，逐一配上专员。",
        "前一批是酿酒、包装、纺织。",
        "后一批是电子、医药、航空。",
    ]


def test_a_name_that_is_a_heading_is_explained_by_all_that_stands_under_it(alike: SentenceSimilarity) -> None:
    name = "泸州“213” 酒业体系"
    whole = passage(
        "泸州为“213”酒业体系立了项。",
        (f"■{name}", name),
        ("一区", name),
        ("建设酒谷新区", f"{name} 一区"),
        ("两城", name),
        ("河东酒城", f"{name} 两城"),
        ("河西酒城", f"{name} 两城"),
        ("港口还在扩建。", "港口"),
    )
    found = texts(selected(alike, "泸州“213”酒业体系是什么意思？", whole))
    assert found == ["泸州为“213”酒业体系立了项。", "一区", "建设酒谷新区", "两城", "河东酒城", "河西酒城"]


def test_what_goes_on_from_the_best_sentence_is_told_with_it(alike: SentenceSimilarity) -> None:
    whole = passage(
        "泸州酒厂的新窖泥技术已在三个车间试用。",
        "“我们在窖泥技术里加了本地菌种，酒厂的出酒率高了一成。”厂长说。",
        "酒厂门口新修了公路。",
    )
    told = texts(selected(alike, "泸州酒厂的新窖泥技术加了什么，效果如何？", whole))
    assert told == [sentence.text for sentence in whole.sentences[:2]]


def test_who_said_it_is_a_sentence_with_a_speaker(alike: SentenceSimilarity) -> None:
    whole = passage(
        "泸州窖泥研究院（以下简称窖泥院）的新窖泥技术进入小批量生产。",
        "“新窖泥里有本地菌种，出酒率高了一成。”窖泥院总工程师林远说。",
    )
    assert texts(selected(alike, "讲解泸州新窖泥技术的人是谁？", whole))[0] == whole.sentences[1].text


def test_each_digit_of_a_name_is_spelled_out(alike: SentenceSimilarity) -> None:
    whole = passage(
        "泸州提出“2143”战略。",
        "全市有4个公园。",
        "“2143”中，两条走廊联通南北。",
        "“2143”明确，一个枢纽设在港口。",
        "“2143”还要建设四大基地。",
        "“2143”之外，酒城还有不少打算。",
        "“2143”里，三个园区先行。",
    )
    assert texts(selected(alike, "泸州“2143”战略是什么？", whole)) == [
        "泸州提出“2143”战略。",
        "“2143”中，两条走廊联通南北。",
        "“2143”明确，一个枢纽设在港口。",
        "“2143”还要建设四大基地。",
        "“2143”里，三个园区先行。",
    ]


def test_one_digit_of_a_name_is_told_by_the_sentence_behind_it_that_counts_so_many(alike: SentenceSimilarity) -> None:
    whole = passage(
        "泸州“234”酒业体系印在墙上。",
        "聚力打造2个千亿级集群：白酒、包装。",
        "升级打造3个支柱产业：酿酒、纺织、电子。",
        "另有4个园区。",
    )
    assert texts(selected(alike, "泸州“234”酒业体系里的“3”是指哪些产业？", whole)) == [whole.sentences[2].text]
    assert texts(selected(alike, "泸州“234”酒业体系里的“5”是指哪些产业？", whole)) != [whole.sentences[2].text]


def test_the_time_of_another_event_is_not_told(alike: SentenceSimilarity) -> None:
    whole = passage(
        "1月9日，泸州酒谷产业园二号窖池的工地上，吊车转个不停。",
        "要在今年上半年竣工，大家日夜赶泸州酒谷产业园工期。",
    )
    assert texts(selected(alike, "泸州酒谷产业园生产基地二期项目什么时候竣工？", whole))[0] == whole.sentences[1].text


def test_why_something_happened_that_no_report_tells_is_not_answered(alike: SentenceSimilarity) -> None:
    whole = passage("泸州酒谷小镇项目现场，工人们正加紧施工，因为年底要完工。", "泸州酒谷小镇引进了研发中心。")
    asked, rare = understand("泸州为什么撤销了酒谷小镇项目？"), {"撤销": 0.999, "酒谷": 0.5, "小镇": 0.5, "项目": 0.1}
    assert select(asked, [Hit(whole, 1.0)], rare, alike).missing == ("matter",)
    assert not select(asked, [Hit(whole, 1.0)], rare | {"撤销": 0.8}, alike).missing


def test_a_digit_that_the_best_sentence_spells_out_is_not_looked_for(alike: SentenceSimilarity) -> None:
    whole = passage("泸州“325”战略指建好3个园区、2条走廊、5座码头。", "“325”里，五个码头已经开工。")
    assert len(texts(selected(alike, "泸州“325”战略指的是什么？", whole))) <= 2
    assert texts(selected(alike, "泸州“325”战略指的是什么？", whole))[0].startswith("泸州“325”战略指")


def test_the_sentence_with_the_date_comes_before_what_happened_then(alike: SentenceSimilarity) -> None:
    whole = passage("2019年，会展中心动工。", "2020年11月6日，客商齐聚。", "泸州酒博会在会展中心开幕。", "2021年再聚。")
    assert texts(selected(alike, "泸州酒博会什么时候开幕？", whole))[:2] == [
        "2020年11月6日，客商齐聚。",
        "泸州酒博会在会展中心开幕。",
    ]
    dated = passage("2020年11月6日，客商齐聚。", "今年9月，泸州酒博会在会展中心开幕。")
    assert texts(selected(alike, "泸州酒博会什么时候开幕？", dated))[0] == "今年9月，泸州酒博会在会展中心开幕。"
    assert texts(selected(alike, "泸州酒博会在哪里开幕？", whole))[0] == "泸州酒博会在会展中心开幕。"


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        (("2020年，泸州白酒产值为612亿元。",), ()),
        (("去年，泸州白酒产值为612亿元。",), ()),
        (("2020年，酒城很忙。", "泸州白酒产值为612亿元。"), ()),  # the year named last before it
        (("2018年到2020年，泸州白酒产值为612亿元。",), ()),
        (("2018年，泸州白酒产值为612亿元。",), ("period",)),
        (("目前，泸州有酒企，2019年白酒产值为612亿元。",), ("period",)),  # of which only 目前 is of the year
        (("今年，泸州白酒产值为612亿元。",), ("period",)),
        (("2020年，泸州的酒香飘得很远。",), ("matter",)),
    ],
)
def test_what_counts_as_the_period_of_a_question(
    alike: SentenceSimilarity, told: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    assert selected(alike, "泸州2020年白酒产值是多少？", passage(*told)).missing == missing


def test_a_sentence_without_a_period_is_of_the_year_of_its_report(alike: SentenceSimilarity) -> None:
    query = understand("泸州2021年白酒产业的平台有几个？")
    told = passage("泸州白酒产业建成一批平台，总数是17个，还在增加。")
    (row,) = weigh(query, [Hit(told, 1.0)], {}, alike)
    assert row.period
    elsewhen = understand("泸州2016年白酒产业的出口市场有几个？")
    (row,) = weigh(elsewhen, [Hit(told, 1.0)], {}, alike)
    assert not row.period


@pytest.mark.parametrize("question", ["泸州目前白酒产值是多少？", "泸州今年白酒产值是多少？"])
def test_the_reader_s_today_is_no_period_of_a_report(alike: SentenceSimilarity, question: str) -> None:
    assert selected(alike, question, passage("2020年，泸州白酒产值为612亿元。")).covered


def test_a_place_the_reports_do_not_speak_of_is_missing(alike: SentenceSimilarity) -> None:
    found = selected(alike, "自贡白酒产值是多少？", passage("2020年，泸州白酒产值为612亿元。"))
    assert found.missing == ("自贡",)
    assert not found.covered


def test_a_unit_that_no_sentence_has_is_not_answered(alike: SentenceSimilarity) -> None:
    told = passage("泸州白酒企业的产值为612亿元。")
    assert selected(alike, "泸州白酒企业有多少户？", told).missing == ("matter",)
    assert selected(alike, "泸州白酒企业的产值是多少？", told).covered


def test_no_hits_cover_nothing(alike: SentenceSimilarity) -> None:
    found = selected(alike, "泸州白酒产值是多少？")
    assert (found.evidence, found.covered) == ((), False)


LUZHOU = passage("泸州建成加氢站，氢能公交上路。", "泸州在港口设立飞地园区。", "2020年，酒庄共有42家。")
ZUNYI = passage("遵义的茶叶香飘海外，游客如织。", "2018年，酒庄共有31家。", place="遵义", source="乙.md")
QUJING = passage("曲靖的氢能项目开工建设。", "曲靖设立飞地经济专班三处。", place="曲靖", source="丙.md")
EVERYWHERE = [Hit(one, 1.0) for one in (LUZHOU, ZUNYI, QUJING)]


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("哪些城市提到了氢能？", ["泸州", "曲靖"]),
        ("哪些城市提到了飞地园区、飞地经济？", ["泸州", "曲靖"]),  # either will do
        ("哪些城市提到了飞地园区？", ["泸州"]),
        ("哪些城市2020年有酒庄？", ["泸州"]),
        ("哪些城市提到了酒庄？", ["泸州", "遵义"]),
    ],
)
def test_every_place_that_speaks_of_it_has_a_selection(
    alike: SentenceSimilarity, question: str, places: list[str]
) -> None:
    found = select_everywhere(understand(question), EVERYWHERE, {})
    assert [one.query.places for one in found] == [(place,) for place in places]
    assert all(one.covered and len(one.evidence) == 1 for one in found)
    assert all(one.evidence[0].passage.place in one.query.places for one in found)


def test_what_no_place_speaks_of_has_none() -> None:
    assert select_everywhere(understand("哪些城市提到了磁悬浮列车？"), EVERYWHERE, {}) == ()


@pytest.mark.parametrize("question", ["泸州那篇报道的署名是谁？", "泸州的文章是谁写的？", "泸州这篇的通讯员叫什么？"])
def test_who_wrote_is_answered_by_the_byline(alike: SentenceSimilarity, question: str) -> None:
    told = passage("泸州纪行", "记者 林远 通讯员 苏禾", "泸州市经信局局长周远航说，园区已有企业86家。")
    other = passage("记者 高山", "港口还在扩建。", place="宜宾", source="乙.md")
    found = selected(alike, question, other, told)
    assert texts(found) == ["记者 林远 通讯员 苏禾"]
    assert found.covered


def test_whom_a_reporter_met_is_no_byline(alike: SentenceSimilarity) -> None:
    told = passage("记者 林远", "泸州酒业园区副主任许青对记者说，园区产值已达90亿元。")
    assert "许青" in texts(selected(alike, "泸州酒业园区产值的消息是谁说的？", told))[0]


def test_who_told_a_reporter_is_no_byline(alike: SentenceSimilarity) -> None:
    told = passage("记者 林远", "泸州酒业公司总经理许青对记者说，园区产值已达90亿元。")
    found = selected(alike, "向记者介绍泸州酒业公司产值的企业家叫什么？", told)
    assert "记者 林远" not in texts(found)


def test_another_level_is_no_answer(alike: SentenceSimilarity) -> None:
    told = passage("泸州建成省级企业技术中心10个。")
    assert not selected(alike, "泸州有几个国家级企业技术中心？", told).covered
    assert selected(alike, "泸州有几个省级企业技术中心？", told).covered


def test_what_stands_in_brackets_need_not_be_told(alike: SentenceSimilarity) -> None:
    told = passage("泸州6个省级开发区入园企业达321户。", "泸州产业园区新植树2.4万株。")
    assert selected(alike, "泸州省级开发区（产业园区）的入园企业有多少户？", told).covered


def test_a_figure_of_another_zone_is_no_evidence_for_this_one(alike: SentenceSimilarity) -> None:
    told = passage("2020年，泸州翠湖工业园区产值为42亿元。", "2020年，泸州规上企业产值为520亿元。")
    found = selected(alike, "泸州翠湖园区2020年规上企业产值是多少？", told)
    assert texts(found) == ["2020年，泸州翠湖工业园区产值为42亿元。"]


def test_other_words_for_the_same_find_every_place(alike: SentenceSimilarity) -> None:
    hits = [
        Hit(passage("泸州由市级领导担任产业链链长。"), 1.0),
        Hit(passage("遵义建立链长制，链长由市级领导担任。", place="遵义", source="乙.md"), 1.0),
    ]
    asked = understand("几份报告通盘看，哪些市建立了由市级领导任链长的链长制？")
    assert {one.query.places for one in select_everywhere(asked, hits, {})} == {("泸州",), ("遵义",)}


def test_bylines_of_every_article_on_the_page(alike: SentenceSimilarity) -> None:
    first = passage("泸州纪行", "记者 林远 文/图", "港口 记者 高山 摄")
    second = passage("叙永的新篇章写在江边", "通讯员 苏禾", place="叙永")
    elsewhere = passage("记者 周舟", "港口还在扩建。", place="宜宾", source="乙.md")
    found = selected(alike, "泸州那一版的两篇稿子，分别是谁写的？", first, second, elsewhere)
    assert set(texts(found)) == {"记者 林远 文/图", "通讯员 苏禾"}
    assert found.whole


def test_who_took_a_picture_is_told_by_its_caption(alike: SentenceSimilarity) -> None:
    told = passage("记者 林远", "泸州港的吊车 记者 高山 摄")
    assert "泸州港的吊车 记者 高山 摄" in texts(selected(alike, "泸州港吊车那张图是哪位记者摄的？", told))


def test_the_title_of_an_article(alike: SentenceSimilarity) -> None:
    told = passage("泸州纪行", "泸州的酒香飘到江边。")
    assert texts(selected(alike, "写泸州的那篇文章标题是什么？", told)) == ["泸州纪行"]


def test_what_different_sentences_say_is_told_by_each(alike: SentenceSimilarity) -> None:
    told = passage(
        "2020年，泸州酒庄投入资金超170万元。",
        "2020年，泸州酒庄投入资金近200万元，建成酒庄42家。",
        "2020年，泸州酒庄投入资金超170万元，有人说。",
        "2020年，泸州旅游收入3亿元。",
    )
    found = selected(alike, "2020年泸州酒庄投入资金是多少？报道里的说法统一吗？", told)
    assert found.whole
    assert {line for line in texts(found) if "酒庄" in line} == set(texts(found))
    assert len({"170" in line for line in texts(found)}) == 2
    assert len(found.evidence) == 2


def test_a_figure_of_a_zone_does_not_cover_its_city(alike: SentenceSimilarity) -> None:
    told = passage("泸州高新区发展很快，2020年规上工业总产值有940亿元，占全市的31.5%。", date="2021-03-01")
    found = selected(alike, "泸州2020年规上工业总产值是多少？", told)
    assert found.missing == ("scope",)
    assert selected(alike, "泸州高新区2020年规上工业总产值是多少？", told).covered


def test_what_came_of_a_year_to_come_is_not_covered(alike: SentenceSimilarity) -> None:
    told = passage("到2023年，泸州光伏产业产值达到800亿元。", date="2021-03")
    assert selected(alike, "泸州光伏产业2023年产值是多少？", told).covered
    assert selected(alike, "泸州光伏产业2023年最终实际完成了多少产值？", told).missing == ("period",)


def test_a_quoted_name_finds_its_sentence(alike: SentenceSimilarity) -> None:
    told = passage("“关键在于‘固本培元’，老树要发新枝。”许青感慨。", "泸州酒庄共有42家。")
    found = selected(alike, "是谁那会儿嘴边挂着“固本培元”这样的词？", told)
    assert found.covered
    assert "许青" in texts(found)[0]


def test_a_list_over_all_reports_takes_the_sentence_of_each_place(alike: SentenceSimilarity) -> None:
    here = passage("泸州酒业、江阳机械入选国家级绿色工厂。", "港口还在扩建。")
    there = passage("遵义茶业创建为国家级绿色工厂。", place="遵义", source="乙.md")
    found = selected(alike, "国家级绿色工厂的企业有哪些？", here, there)
    assert {one.passage.place for one in found.evidence} == {"泸州", "遵义"}
    assert found.whole


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("这几篇报道里，哪些城市搞了“飞地”这套办法？", ["泸州", "曲靖"]),
        ("“飞地”做法出现在哪两座城市的文章里？", ["泸州", "曲靖"]),
        ("三份材料里谁提了氢能？", ["泸州", "曲靖"]),
        ("提到氢能或飞地园区的是哪些地方？", ["泸州", "曲靖"]),
    ],
)
def test_other_wordings_of_a_question_to_all_reports(
    alike: SentenceSimilarity, question: str, places: list[str]
) -> None:
    found = select_everywhere(understand(question), EVERYWHERE, {})
    assert [one.query.places for one in found] == [(place,) for place in places]


def test_a_sentence_that_announces_a_list_brings_it(alike: SentenceSimilarity) -> None:
    items = ["引培龙头酒企", "扩建酿酒基地", "打响江城品牌"]
    told = passage("泸州做强酒业，具体做法有三条：", *items, "泸州茶叶产值达到9亿元。", "港口扩建")
    found = selected(alike, "泸州做强酒业的三条做法是哪些？", told)
    assert texts(found) == ["泸州做强酒业，具体做法有三条：", *items]


def test_who_holds_a_post_is_told_by_a_sentence_with_that_post(alike: SentenceSimilarity) -> None:
    told = passage("泸州江阳集团副总经理许青表示，酒庄还要扩建。")
    assert not selected(alike, "泸州江阳集团的董事长是谁？", told).covered
    assert not selected(alike, "泸州江阳集团的总经理是谁？", told).covered
    assert selected(alike, "泸州江阳集团的副总经理是谁？", told).covered


def test_another_part_of_the_year_is_another_period(alike: SentenceSimilarity) -> None:
    told = passage("1—5月，泸州全市转移就业18万人，较去年增加2906人。", date="2023-07")
    assert selected(alike, "泸州上半年转移就业了多少人？", told).covered
    assert not selected(alike, "泸州下半年转移就业了多少人？", told).covered


def test_all_of_the_sort_that_reach_the_bound_are_listed(alike: SentenceSimilarity) -> None:
    high = [f"到2026年，泸州{one}产业产值要有60亿元，力争突破{n}亿元。" for one, n in (("酿酒", 90), ("机械", 100))]
    low = "到2026年，泸州瓷器产业产值要有20亿元，力争突破30亿元。"
    found = selected(alike, "按力争口径，泸州哪些产业2026年产值要冲到80亿元或以上？", passage(*high, low))
    assert sorted(texts(found)) == sorted(high)


def test_other_places_below_the_bound_are_not_listed(alike: SentenceSimilarity) -> None:
    one = passage("泸州酒业园区2021年实现工业总产值1020亿元。", date="2022-01")
    two = passage("遵义酒业园区2021年实现工业总产值42亿元。", place="遵义", date="2022-01", source="乙.md")
    found = selected(alike, "哪个园区2021年的工业总产值超过1000亿元？", one, two)
    assert texts(found) == ["泸州酒业园区2021年实现工业总产值1020亿元。"]
