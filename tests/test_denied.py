"""premises.py: a place, a post or a result that a question takes for granted and the reports tell otherwise."""

from __future__ import annotations

import pytest
from told import passage, selected, texts

from assistant.evidence import select
from assistant.premises import without_false_first, without_false_origin, without_false_posts
from assistant.rewrite import understand
from assistant.schema import Hit
from assistant.service import SentenceSimilarity
from assistant.verification import denial, false_claims
from index import Embedder

AWARD = "2018年9月3日，全国窖藏大会在泸州开幕，授予泸州“酒香之都”称号。"
HERE = "遵义酒业兴旺，企业众多，规模逐年扩大。"


@pytest.fixture(scope="module")
def alike(embedder: Embedder) -> SentenceSimilarity:
    return SentenceSimilarity(embedder)


def test_what_another_place_was_given_is_told_of_that_place(alike: SentenceSimilarity) -> None:
    both = passage(AWARD), passage(HERE, place="遵义", source="乙.md")
    found = selected(alike, "遵义被授予“酒香之都”称号是在哪一天？", *both)
    assert texts(found) == [AWARD]
    assert false_claims(found) == ("遵义",)
    assert denial(("遵义",)) == "报告中说的不是遵义，有关记载是："
    assert "没有向报告提问" in denial(())
    assert denial(("30亿元", "遵义")) == "报告中没有“30亿元、遵义”的说法，有关记载是："


@pytest.mark.parametrize(
    "question",
    [
        "遵义“酒香之都”的产值是多少亿元？",  # a figure of another place is none of this one
        "遵义“酒香之都”建设由哪家公司承建，什么时候完工？",
        "遵义的酒业称号是哪一天授予的？",  # nothing tells that it is the same
    ],
)
def test_of_another_place_nothing_else_is_told(alike: SentenceSimilarity, question: str) -> None:
    both = passage(AWARD), passage(HERE, place="遵义", source="乙.md")
    assert AWARD not in texts(selected(alike, question, *both))


def test_the_year_of_what_is_named_is_put_right(alike: SentenceSimilarity) -> None:
    found = selected(alike, "泸州是在2019年的大会上获授“酒香之都”称号的，具体是哪天？", passage(AWARD))
    assert found.covered
    assert texts(found)[0] == AWARD
    assert false_claims(found) == ("2019年",)


def test_what_is_only_aimed_at_is_not_done(alike: SentenceSimilarity) -> None:
    told = passage("泸州推动酒业转型，确保2021年实现工业总产值40亿元，力争到2025年达100亿元。", date="2021-03")
    found = selected(alike, "泸州2021年已经完成了40亿元的工业总产值，对吧？", told)
    assert found.covered
    assert false_claims(found) == ("已经完成了",)
    assert selected(alike, "泸州2021年已经完成了多少亿元的工业总产值？", told).missing == ("period",)


SPEAKS = "泸州市经济信息化局局长许青表示，工业要勇挑大梁。"
GROWS = "“今年要再种一百亩茶。”青云农业公司总经理李河笑着说。"


@pytest.mark.parametrize(
    ("question", "left", "denied"),
    [
        ("泸州市市长许青提出工业要怎么做？", "泸州市许青提出工业要怎么做？", ("市长许青",)),
        ("种茶的李河是白水乡的乡长吧？", "李河是谁？", ("白水乡的乡长",)),
        ("泸州市局长许青提出工业要怎么做？", "泸州市局长许青提出工业要怎么做？", ()),  # it is he
        ("种茶的李河是总经理吧？", "种茶的李河是总经理吧？", ()),
        ("泸州市市长王远提出工业要怎么做？", "泸州市市长王远提出工业要怎么做？", ()),  # nobody tells who he is
    ],
)
def test_a_post_that_the_reports_give_otherwise(question: str, left: str, denied: tuple[str, ...]) -> None:
    found = without_false_posts(understand(question), [SPEAKS, GROWS])
    assert (found.text, found.denied) == (left, denied)


def test_a_secretary_of_the_district_is_none_of_the_city() -> None:
    told = ["泸州江阳区委书记许青说，酒业要创新。"]
    assert without_false_posts(understand("市委书记许青说酒业要怎样？"), told).denied == ("市委书记许青",)
    assert without_false_posts(understand("区委书记许青说酒业要怎样？"), told).denied == ()
    assert without_false_posts(understand("副书记许青说酒业要怎样？"), told).denied == ("副书记许青",)


def test_the_post_that_somebody_has_is_told_with_what_he_said(alike: SentenceSimilarity) -> None:
    post, said = "泸州江阳区委书记许青说，酒业要创新。", "“窖池体系不是摆设。”许青说，窖池体系要联起来用。"
    asked = without_false_posts(understand("泸州市委书记许青说窖池体系要怎么用？"), [post, said])
    found = select(asked, [Hit(passage(post, "今年项目不少。", said), 1.0)], {}, alike)
    assert texts(found)[:2] == [post, said]
    assert false_claims(found) == ("市委书记许青",)


def test_articles_about_a_zone_call_it_the_park(alike: SentenceSimilarity) -> None:
    line = "园区高效运营“爱酒谷”智慧平台，实现审批不出园。"
    other = "绵阳科技城迎来发展势头。"
    whole = passage(other, line, place="绵阳科技城")
    assert line in texts(selected(alike, "绵阳高新区那个“爱酒谷”是做什么的？", whole))
    figure = passage(other, "园区2020年实现产值310亿元。", place="绵阳科技城", date="2021")
    assert not selected(alike, "绵阳高新区2020年的产值是多少亿元？", figure).covered  # it may be the city's


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("泸州酒业园区（遵义高新区）2021年产值是多少？", ("泸州",)),  # another name of it
        ("泸州是继成都、遵义之后第3个酒业示范城市，它属于哪一类？", ("泸州",)),  # who came before
        ("泸州和遵义的酒业产值是多少？", ("泸州", "遵义")),
    ],
)
def test_places_that_are_asked_about(question: str, places: tuple[str, ...]) -> None:
    assert understand(question).places == places


def test_who_is_the_first_is_told_in_the_place_of_a_wrong_name() -> None:
    told = ["云城酒厂实现产值110亿元，成为泸州第一家产值过百亿元的企业；白水集团同期投产。"]
    found = without_false_first(understand("泸州第一家产值超百亿元的企业是白水集团，对不对？"), told)
    assert (found.text, found.denied) == ("泸州第一家产值超百亿元的企业是哪一家？", ("白水集团",))
    right = understand("泸州第一家产值超百亿元的企业是云城酒厂，对不对？")
    assert without_false_first(right, told) == right


def test_what_a_firm_was_before_is_put_right() -> None:
    told = ["云城集团前身为国营701厂，原属军工。"]
    found = without_false_origin(understand("云城集团的前身是白水船厂，它停产后做了什么？"), told)
    assert (found.text, found.denied) == ("云城集团的前身是什么？", ("白水船厂",))
    for right in ("云城集团的前身是701厂，它停产后做了什么？", "云城集团的前身是什么厂，在哪里？"):
        assert without_false_origin(understand(right), told) == understand(right)


def test_who_introduces_something_is_no_name(alike: SentenceSimilarity) -> None:
    said = "泸州江阳区委书记许青说，“2349”体系环环相扣。"
    other = "据该局负责人介绍，酒业研发投入保持前列。"
    found = selected(alike, "介绍泸州“2349”体系的是哪位领导？他的职务是什么？", passage(other, said))
    assert texts(found)[0] == said
    assert texts(selected(alike, "报道引用许青的话，他当时担任什么职务？", passage(other, said))) == [said]
