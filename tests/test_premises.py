"""What a question takes for granted or asks beyond: aims for results, other years, reaches, bounds, names."""

from __future__ import annotations

import pytest
from told import passage, selected, texts

from assistant.everywhere import select_everywhere
from assistant.figures import lower_bound, reaches
from assistant.rewrite import understand
from assistant.schema import Hit
from assistant.service import SentenceSimilarity
from assistant.verification import false_claims
from index import Embedder, Passage, Sentence, Span


@pytest.fixture(scope="module")
def alike(embedder: Embedder) -> SentenceSimilarity:
    return SentenceSimilarity(embedder)


def test_an_aim_of_the_year_is_no_result_of_it(alike: SentenceSimilarity) -> None:
    aim = passage("今年，泸州力争规上工业产值突破2500亿元。", date="2021-03")
    assert selected(alike, "泸州2021年规上工业产值最终实际完成多少亿元？", aim).missing == ("period",)
    assert selected(alike, "泸州2021年规上工业产值的目标是多少亿元？", aim).covered


def test_of_several_aims_only_those_of_the_year_count(alike: SentenceSimilarity) -> None:
    told = passage("泸州力争2021年实现农业产值95亿元，到2025年农业产值达118亿元。", date="2021-03")
    assert selected(alike, "泸州2021年农业产值最后实际完成了多少亿元？", told).missing == ("period",)


def test_a_year_that_was_not_over_has_no_result(alike: SentenceSimilarity) -> None:
    told = passage("2019年以来，泸州园区实现工业总产值862亿元。", date="2021-07")
    assert selected(alike, "泸州园区2021年最终完成的工业总产值是多少？", told).missing == ("period",)
    assert selected(alike, "2019年以来泸州园区完成了多少工业总产值？", told).covered


def test_a_part_of_this_year_is_not_told_by_a_sentence_without_a_time(alike: SentenceSimilarity) -> None:
    told = passage("泸州园区实现工业总产值862亿元。", date="2021-07")
    assert selected(alike, "泸州园区今年上半年实现工业总产值多少？", told).missing == ("period",)
    assert selected(alike, "泸州园区今年实现工业总产值多少？", told).covered


@pytest.mark.parametrize("date", ["2021-07", "2021"])
def test_of_a_year_that_was_not_over_a_sentence_without_a_time_tells_no_result(
    alike: SentenceSimilarity, date: str
) -> None:
    told = passage("泸州园区实现工业总产值862亿元。", date=date)
    assert selected(alike, "泸州园区2021年最终完成的工业总产值是多少？", told).missing == ("period",)
    assert selected(alike, "泸州园区2021年的工业总产值是多少？", told).covered


def test_a_list_of_so_many_is_the_sentence_that_counts_as_many(alike: SentenceSimilarity) -> None:
    near = "泸州把握特色产业发展趋势，按省里的新兴产业成链办法，着手打造先进制造业集群。"
    counts = "泸州6户企业入选赛手，酿酒、纺织、智能终端3个产业入围省战略性新兴产业集群。"
    found = texts(selected(alike, "泸州哪三个产业进了省战略性新兴产业集群？", passage(near, counts)))
    assert found[0] == counts


def test_a_figure_of_another_thing_is_no_answer(alike: SentenceSimilarity) -> None:
    whole = passage(
        "泸州五粮液、临港纺织等百亿级项目建成投产。",
        "港口还在扩建。",
        "总投资280亿元的新材料项目在泸州当年落地、当年投产。",
    )
    assert selected(alike, "泸州五粮液生产线总投资多少亿元？", whole).missing == ("matter",)


def test_the_turn_of_an_interview_tells_who_said_it(alike: SentenceSimilarity) -> None:
    turn, said = "许青：白酒产业还有很大空间。", "我们有接着干的底气和信心，更有走在前列的雄心。"
    whole = passage("泸州市经信局局长许青接受了采访。", turn, said)
    assert texts(selected(alike, "“我们有接着干的底气和信心”是谁说的，任什么职？", whole)) == [
        turn,
        said,
        "泸州市经信局局长许青接受了采访。",
    ]


def test_the_year_of_an_event_is_put_right(alike: SentenceSimilarity) -> None:
    told = passage("2010年，天华酿造落户泸州，建成一期年产16万吨的酒厂。")
    found = selected(alike, "天华酿造2006年落户泸州时一期年产多少万吨？", told)
    assert found.covered
    assert false_claims(found) == ("2006年",)
    assert false_claims(selected(alike, "天华酿造2010年落户泸州时一期年产多少万吨？", told)) == ()


def test_a_figure_of_another_year_is_not_put_right_but_missing(alike: SentenceSimilarity) -> None:
    told = passage("2019年，泸州白酒产值为700亿元。")
    assert selected(alike, "泸州2016年白酒产值是多少？", told).missing == ("period",)


def test_the_country_is_not_the_province(alike: SentenceSimilarity) -> None:
    told = passage("泸州两次在全省作经验交流，受到省委肯定。")
    assert false_claims(selected(alike, "泸州两次在全国作经验交流，受到了谁的肯定？", told)) == ("全国",)
    assert false_claims(selected(alike, "泸州两次在全省作经验交流，受到了谁的肯定？", told)) == ()


@pytest.mark.parametrize(
    ("question", "bound"),
    [
        ("产值过百亿的企业有哪些？", (10**10, "元")),
        ("百亿级的企业有哪些？", (10**10, "元")),
        ("投资50亿元以上的项目有哪些？", (50 * 10**8, "元")),
        ("不少于30户企业的园区有哪些？", (30, "户")),
        ("产值90亿元的企业是哪家？", None),
    ],
)
def test_a_lower_bound_in_a_question(question: str, bound: tuple[int, str] | None) -> None:
    assert lower_bound(question) == bound


def test_who_is_above_a_bound(alike: SentenceSimilarity) -> None:
    bound = lower_bound("产值过百亿元的企业")
    assert bound is not None
    assert reaches(bound, "天华酿造产值110亿元。")
    assert reaches(bound, "天华酿造成为百亿企业。")
    assert reaches(bound, "酿造产业产值达到95亿元，力争突破100亿。")
    assert not reaches(bound, "新兴产业产值12.7亿元。")
    assert not reaches(bound, "天华酿造有110户。")
    small, large = "宜宾某酒厂产值达到12.7亿元。", "泸州某酒厂产值达到110亿元。"
    query = understand("哪些城市有产值过百亿元的酒厂？")
    hits = [Hit(passage(large), 1.0), Hit(passage(small, place="宜宾", source="乙.md"), 0.9)]
    found = select_everywhere(query, hits, {})
    assert [texts(one) for one in found] == [[large]]
    assert false_claims(found[0]) == ()


def test_a_name_that_is_only_gone_by_is_not_explained(alike: SentenceSimilarity) -> None:
    by = passage("按照全省“2+5”现代工业体系，泸州做强做大白酒、机械、化工等产业。")
    assert not selected(alike, "“2+5”现代工业体系分别是哪些产业？", by).covered
    told = passage("全省“2+5”现代工业体系包括白酒、机械等2个支柱产业和化工等5个新兴产业。")
    assert selected(alike, "“2+5”现代工业体系分别是哪些产业？", told).covered


def test_a_name_with_digits_must_be_there(alike: SentenceSimilarity) -> None:
    other = passage("泸州的战略目标是建设区域中心城市，3年打基础、8年见成效。")
    assert not selected(alike, "泸州的“3815”战略目标分别代表什么？", other).covered


def test_the_post_of_who_said_it_is_told_as_well(alike: SentenceSimilarity) -> None:
    said = "“产业强，泸州才能强。”许青说，还要补齐短板。"
    post = "泸州市经信局局长许青介绍了今年的打算。"
    whole = passage(post, "今年项目不少。", said)
    assert texts(selected(alike, "“产业强，泸州才能强”是谁说的？他是什么职务？", whole)) == [said, post]


def test_a_name_in_brackets_signs_an_article(alike: SentenceSimilarity) -> None:
    whole = passage("泸州的产业越来越强。", "（本版图片由泸州提供）", "（许国青）")
    assert texts(selected(alike, "泸州那篇报道的作者是谁？", whole)) == ["（许国青）"]


def test_who_somebody_is_is_told_where_the_post_stands(alike: SentenceSimilarity) -> None:
    told = passage("“要种好酒粮。”张三说，泸州的酒是种出来的。", "“要守好窖池。”泸州市农业局局长张三介绍。")
    assert texts(selected(alike, "张三是谁？", told)) == ["“要守好窖池。”泸州市农业局局长张三介绍。"]


def test_when_reporters_came_is_no_question_of_bylines(alike: SentenceSimilarity) -> None:
    whole = passage("12月26日，记者来到泸州港口的项目现场，工人们正在施工。", "本报记者 许国青", date="2020-12")
    found = texts(selected(alike, "记者是哪一年的12月26日到泸州港口项目现场的？", whole))
    assert found[0].startswith("12月26日")


def test_one_passage_tells_the_place_for_another_that_begins_later(alike: SentenceSimilarity) -> None:
    place, counts = "泸州高新区重视创新。", "检测平台总数达91家，其中省级46家。"
    first = passage(place, counts)
    start = len(place)
    later = Passage(
        "乙",
        "甲.md",
        first.title,
        "泸州",
        first.date,
        "",
        None,
        counts,
        0,
        (Sentence(counts, (Span(start, start + len(counts)),)),),
    )
    question = "泸州高新区的检测平台里，省级的有多少家？"
    assert not selected(alike, question, later).covered
    assert selected(alike, question, later, first).covered


def test_the_year_of_a_figure_is_put_right(alike: SentenceSimilarity) -> None:
    told = passage("到2026年，泸州市工业总产值力争突破800亿元。", "规模以上工业企业突破120户。")
    asked = "泸州把工业总产值突破800亿元的目标定在2030年，到时规上企业要达到多少户？"
    found = selected(alike, asked, told)
    assert found.covered
    assert false_claims(found) == ("2030年",)


def test_the_month_of_a_yes_or_no_is_put_right(alike: SentenceSimilarity) -> None:
    told = passage("泸州酒谷管委会2022年11月起在新楼办公，服务酒厂。")
    found = selected(alike, "泸州酒谷管委会从2021年11月开始办公，对吗？", told)
    assert found.covered
    assert false_claims(found) == ("2021年11月",)


def test_a_name_that_is_gone_by_is_explained_where_its_digits_are_counted(alike: SentenceSimilarity) -> None:
    told = passage("按照“1+5”布局，泸州构建一总部五基地，其他区县协同发展。")
    assert selected(alike, "泸州的“1+5”布局是什么意思？", told).covered


def test_the_guest_of_an_interview(alike: SentenceSimilarity) -> None:
    line = "——对话泸州市经济信息化局局长许青"
    whole = passage("泸州再建一个工业新城", line, "许青：工业要勇挑大梁，再建一个泸州工业。")
    assert texts(selected(alike, "谁代表泸州接受采访，讲再建一个泸州工业的思路？他是什么职务？", whole)) == [line]
    assert texts(selected(alike, "泸州谁说工业要勇挑大梁？", whole)) != [line]


def test_a_university_is_no_news_of_its_city(alike: SentenceSimilarity) -> None:
    whole = passage("泸州高新区发展很快。", "园区新引进浙江大学许青院士团队项目1个。", place="泸州科技城")
    found = selected(alike, "泸州新引进了哪位院士的团队项目？", whole)
    assert "园区新引进浙江大学许青院士团队项目1个。" in texts(found)


def test_what_is_aimed_at_gives_way_where_no_time_is_named(alike: SentenceSimilarity) -> None:
    aim, now = "泸州规模以上工业企业力争突破130户。", "泸州市95户规模以上工业企业完成产值520亿元。"
    assert texts(selected(alike, "泸州规模以上工业企业有多少户？", passage(aim, now)))[0] == now
    assert texts(selected(alike, "泸州规模以上工业企业的目标是多少户？", passage(aim, now)))[0] == aim


def test_a_number_of_a_series_is_not_another(alike: SentenceSimilarity) -> None:
    sixth = "酒厂六期年产50万吨项目投产，酒厂由此年产150万吨，规模全国最大。"
    first = "从2010年建成一期年产16万吨项目起，酒厂年年扩建。"
    assert texts(selected(alike, "酒厂一期项目年产多少万吨？", passage(sixth, first)))[0] == first
    assert texts(selected(alike, "酒厂六期项目年产多少万吨？", passage(sixth, first)))[0] == sixth


def test_an_industry_is_told_by_its_name(alike: SentenceSimilarity) -> None:
    told = passage("泸州两大产业集群今年力争规上工业产值突破2500亿元。", "白酒和榨菜是泸州的特色。", date="2023-12")
    assert not selected(alike, "泸州榨菜产业2023年的产值是多少亿元？", told).covered
    assert selected(alike, "泸州两大产业集群2023年力争规上工业产值多少亿元？", told).covered


def test_all_but_one_kind_is_not_all(alike: SentenceSimilarity) -> None:
    whole = "今年上半年，泸州预计完成工业投资169亿元，同比增长43%。"
    rest = "其中，泸州能源外工业投资预计完成86.3亿元，同比增长76.3%。"
    found = selected(alike, "泸州能源以外的工业投资预计同比增长多少？", passage(whole, rest, date="2023-07"))
    assert texts(found)[0] == rest


def test_an_aggregate_among_named_places_and_with_the_figure_asked_for() -> None:
    aim, done = "泸州规上企业户数力争达到1000户，产值翻番。", "遵义规上企业总数达188户，户数居全省前列。"
    hits = [Hit(passage(aim), 1.0), Hit(passage(done, place="遵义", source="乙.md"), 0.9)]
    every = select_everywhere(understand("哪些城市提到规上企业户数？"), hits, {})
    assert [one.query.places for one in every] == [("泸州",), ("遵义",)]
    aims = select_everywhere(understand("哪些城市提出了规上企业户数的目标？目标各是多少？"), hits, {})
    assert [one.query.places for one in aims] == [("泸州",)]
    among = select_everywhere(understand("遵义、曲靖、南充中，哪些城市提到规上企业户数？"), hits, {})
    assert [one.query.places for one in among] == [("遵义",)]
