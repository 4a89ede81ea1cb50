"""figures.py: what is a figure, and which two figures say the same."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.figures import FoundFigure, contains_figure, find_figures, proves, same_figure
from assistant.notation import chinese_number
from assistant.restore import restore_units


def only(text: str) -> FoundFigure:
    figures = find_figures(text)
    assert len(figures) == 1, (text, figures)
    return figures[0]


def same(one: str, two: str) -> bool:
    return same_figure(only(one), only(two))


@pytest.mark.parametrize(
    ("text", "found", "value", "unit", "kind"),
    [
        ("产值２５亿元，", "２５亿元", 2_500_000_000, "元", "amount"),
        ("共投入约12亿\n\n元建设", "12亿\n\n元", 1_200_000_000, "元", "amount"),
        ("面积31.\n6平方公里", "31.\n6平方公里", Decimal("31.6"), "平方公里", "amount"),
        ("企业 1，234 户", "1，234 户", 1234, "户", "count"),
        ("出口1,234,567元", "1,234,567元", 1_234_567, "元", "amount"),
        ("1亿2000万元", "1亿2000万元", 120_000_000, "元", "amount"),
        ("年产6万吨/年", "6万吨/年", 60_000, "吨", "amount"),
        ("形成36GWh电池", "36GWh", 36_000_000, "千瓦时", "amount"),
        ("用电90亿度。", "90亿度", 9_000_000_000, "千瓦时", "amount"),
        ("35万立方米LNG储罐", "35万立方米", 350_000, "立方米", "amount"),
        ("新建330千伏线路", "330千伏", 330_000, "伏", "amount"),
        ("占比７.5％", "７.5％", Decimal("7.5"), "%", "percent"),
        ("提高2.1个百分点", "2.1个百分点", Decimal("2.1"), "百分点", "percent"),
        ("占七成以上", "七成", 70, "%", "percent"),
        ("百分之十二", "百分之十二", 12, "%", "percent"),
        ("占全省的五分之一", "五分之一", Decimal("0.2"), "", "ratio"),
        ("是上年的3.4倍", "3.4倍", Decimal("3.4"), "倍", "ratio"),
        ("位列第28位", "第28位", 28, "第", "ordinal"),
        ("增速全省第二。", "第二", 2, "第", "ordinal"),
        ("在2019年", "2019年", 2019, "年", "year"),
        ("位列2019百强榜", "2019", 2019, "年", "year"),
        ("二〇一九年", "二〇一九年", 2019, "年", "year"),
        ("3月18日", "3月18日", 318, "月日", "date"),
        ("2019-03-18", "2019-03-18", 20190318, "年月日", "date"),
        ("上世纪80年代", "80年代", 80, "年代", "year"),
        ("仅有三家", "三家", 3, "家", "count"),
        ("两大产业", "两大", 2, "大", "count"),
        ("二百零六个项目", "二百零六个", 206, "个", "count"),
        ("十余家企业", "十余家", 10, "家", "count"),
        ("用时一年半", "一年半", Decimal("1.5"), "年", "count"),
        ("五百亿级产业", "五百亿级", 50_000_000_000, "级", "count"),
        ("规模超千亿。", "千亿", 100_000_000_000, "", "amount"),
        ("产值三点五亿元", "三点五亿元", 350_000_000, "元", "amount"),
        ("产值约三点五亿，", "三点五亿", 350_000_000, "", "count"),
        ("产值三十五亿。", "三十五亿", 3_500_000_000, "", "count"),
        ("十二点五万亩", "十二点五万亩", 125_000, "亩", "amount"),
        ("回升零点五个百分点", "零点五个百分点", Decimal("0.5"), "百分点", "percent"),
        ("增长百分之八点六", "百分之八点六", Decimal("8.6"), "%", "percent"),
        ("合格率百分之百", "百分之百", 100, "%", "percent"),
        ("税率千分之五", "千分之五", 5, "‰", "percent"),
        ("占七成五以上", "七成五", 75, "%", "percent"),
        ("约三成半", "三成半", 35, "%", "percent"),
        ("占7成5。", "7成5", 75, "%", "percent"),
        ("是上年的两倍半", "两倍半", Decimal("2.5"), "倍", "ratio"),
        ("一百二十户", "一百二十户", 120, "户", "count"),
        ("廿五户", "廿五户", 25, "户", "count"),
        ("半数企业", "半数", Decimal("0.5"), "", "ratio"),
        ("占一半以上", "一半", Decimal("0.5"), "", "ratio"),
        ("产值过半，", "半", Decimal("0.5"), "", "ratio"),
        ("投资3亿5千万元", "3亿5千万元", 350_000_000, "元", "amount"),
        ("种了2万3千多亩", "2万3千多亩", 23_000, "亩", "amount"),
        ("二〇一九年三月十八日", "二〇一九年三月十八日", 20190318, "年月日", "date"),
        ("二〇一九年十二月", "二〇一九年十二月", 20191200, "年月", "date"),
        ("十二月二十六日", "十二月二十六日", 1226, "月日", "date"),
    ],
)
def test_a_figure_is_found_with_value_and_unit(
    text: str, found: str, value: Decimal | int, unit: str, kind: str
) -> None:
    figure = only(text)
    assert (figure.text, figure.value, figure.unit, figure.kind) == (found, value, unit, kind)
    assert text[figure.start : figure.end] == figure.text


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("3—5年", 3, 5, "年"),
        ("10%-12%", 10, 12, "%"),
        ("30至50亿元", 3_000_000_000, 5_000_000_000, "元"),
        ("5000万至1亿元", 50_000_000, 100_000_000, "元"),
        ("2019—2022年", 2019, 2022, "年"),
        ("1—5月", 100, 500, "月"),
    ],
)
def test_ranges(text: str, low: int, high: int, unit: str) -> None:
    figure = only(text)
    assert (figure.value, figure.high, figure.unit) == (low, high, unit)


def test_a_change_is_two_figures_not_a_range() -> None:
    values = [f.value for f in find_figures("总量完成从200亿元到300亿元的跨越")]
    assert values == [20_000_000_000, 30_000_000_000]


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("投入约25亿元", "约"),
        ("资金超过1亿元", "超过"),
        ("规模近300亿元", "近"),
        ("力争突破80亿", "力争突破"),
        ("增长12%以上", "以上"),
        ("达到700亿元左右", "左右"),
        ("不低于10%", "不低于"),
        ("成果170余项", "余"),
        ("预计完成9亿元", "预计"),
        ("签约5个项目", ""),
        ("为企业节约14亿元", ""),
        ("附近18户", ""),
        ("通过3年努力", ""),
    ],
)
def test_what_limits_a_figure_is_kept(text: str, qualifier: str) -> None:
    assert only(text).qualifier == qualifier


WORDS = """
一体化 统一部署 第一时间 万凯新材 千亿级集群 落实“七个一”制度 三峡工程 “十四五”时期 四川省 百强县 双碳目标
三点半 下午三点五十分 三点五分 第三点五条 提两点建议 有一点问题 另一半 前半年 百万庄 十万火急 三月里
一带一路 三农工作 一个产业 三台县 四位一体 第三产业 一二三产融合 三次产业 千亿元园区 百亿级企业 党的二十大
“三名”人才 十分重要 三元材料 第一书记 五台山 五家渠市 六枝特区 一系列行动 半壁江山 七届十一次全会
"""


@pytest.mark.parametrize("text", WORDS.split())
def test_a_word_with_a_numeral_is_no_figure(text: str) -> None:
    assert find_figures(text) == ()


@pytest.mark.parametrize("text", ["“1238”", "“416”体系", "2+5体系", "“4+N”产业", "5G基站", "钴基MOF2"])
def test_codes(text: str) -> None:
    assert [f.kind for f in find_figures(text)] == ["code"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("25亿元", "２５ 亿元"),
        ("25亿元", "2,500,000,000元"),
        ("1.2万人", "12000名"),
        ("70%", "7成"),
        ("70%", "七成"),
        ("25%", "四分之一"),
        ("1/4", "四分之一"),
        ("三家", "3户"),
        ("两大产业", "2个产业"),
        ("80亿", "80亿元"),
        ("五百亿级", "500亿元"),
        ("第五位", "第5名"),
        ("12月26日", "2023年12月26日"),
        ("2023年12月26日", "2023-12-26"),
        ("“1238”", "1238体系"),
        ("16万吨/年", "16万吨"),
        ("3公斤", "3千克"),
        ("10%-12%", "10至12%"),
    ],
)
def test_notations_of_one_figure_are_the_same(one: str, two: str) -> None:
    assert same(one, two)
    assert same(two, one)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("5户", "35户"),
        ("10%", "10个百分点"),
        ("2.5万吨", "2.5吨"),
        ("25亿元", "25万元"),
        ("25亿元", "25亿美元"),
        ("3年", "3个月"),
        ("第5位", "5位"),
        ("2023年", "2023户"),
        ("10%", "10%-12%"),
        ("10%", "10倍"),
        ("12月26日", "2023年12月27日"),
        ("2022年12月26日", "2023年12月26日"),
        ("“1238”", "1238个"),
        ("80亩", "80元"),
    ],
)
def test_different_figures_are_not_the_same(one: str, two: str) -> None:
    assert not same(one, two)
    assert not same(two, one)


def test_a_figure_is_never_part_of_a_longer_one() -> None:
    assert not contains_figure("有35户和15.5户", only("5户"))
    assert not contains_figure("产值1404.2亿元", only("404.2亿元"))
    assert contains_figure("增长8.6%达到新高", only("8.6%"))


def test_a_date_proves_its_year_but_a_year_no_date() -> None:
    assert proves(only("2023年12月26日"), only("2023年"))
    assert proves(only("2023年12月26日"), only("12月"))
    assert proves(only("2023—2027年"), only("2027年"))
    assert not proves(only("2023年"), only("2023年12月"))
    assert not proves(only("2023年12月26日"), only("2022年"))


def test_chinese_numbers() -> None:
    spelled = {
        "十": 10,
        "十二": 12,
        "二十": 20,
        "一百零五": 105,
        "两千三百": 2300,
        "三万五千": 35000,
        "两万亿": 2 * 10**12,
    }
    assert {text: chinese_number(text) for text in spelled} == spelled
    assert [chinese_number(text) for text in ("十四五", "一二三", "千亿", "百")] == [None] * 4


# Properties

_DIGITS = "零一二三四五六七八九"


def spell(number: int) -> str:
    """A number below 10,000 in Chinese, written independently of the reader."""
    text, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + name
        gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


_WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")
UNITS = ["元", "亿元", "户", "万吨", "%", "个百分点", "平方公里", "倍", "GWh"]


@settings(deadline=None)
@given(st.integers(2, 9999), st.sampled_from(["户", "个", "项", "名"]))
def test_chinese_and_arabic_numerals_agree(number: int, unit: str) -> None:
    assert same(f"{spell(number)}{unit}", f"{number}{unit}")


@settings(deadline=None)
@given(st.integers(0, 10**7), st.integers(0, 2), st.sampled_from(UNITS))
def test_every_notation_of_a_number_agrees(number: int, places: int, unit: str) -> None:
    value = Decimal(number).scaleb(-places)
    plain = f"{value:f}"
    spaced = f"{plain} {unit}"
    for other in (f"{value:,f}{unit}", f"{plain.translate(_WIDE)}{unit}", spaced, f"{plain}\n\n{unit}"):
        assert same(f"{plain}{unit}", other)


@settings(deadline=None)
@given(st.integers(1, 10**6))
def test_multipliers_agree(number: int) -> None:
    assert same(f"{number}万元", f"{number * 10000}元")
    assert same(f"{Decimal(number) / 10000}亿元", f"{number}万元")


@settings(deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 9), st.sampled_from(UNITS))
def test_a_longer_number_does_not_hold_a_shorter_one(number: int, digit: int, unit: str) -> None:
    figure = only(f"{number}{unit}")
    assert not contains_figure(f"共{digit}{number}{unit}。", figure)
    assert not contains_figure(f"共{number}.{digit}{unit}。", figure)
    assert contains_figure(f"共{number}{unit}。", figure)


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,，+-—/%年月日亿万千百十二三两第成个户元吨约超“”。 \n产值", max_size=40))
def test_any_text_is_read_without_overlap_and_the_same_again(text: str) -> None:
    figures = find_figures(text)
    assert all(text[f.start : f.end] == f.text for f in figures)
    assert all(a.end <= b.start for a, b in pairwise(figures))
    assert all(same_figure(f, f) for f in figures)


def test_an_aim_that_a_draft_dropped_is_restored() -> None:
    source = "到2025年，德阳装备产业产值力争突破2000亿元。"
    assert restore_units("德阳的目标为突破2000亿元。", [source]) == "德阳的目标为力争突破2000亿元。"
    assert restore_units("德阳的增幅为40%。", ["德阳增幅超过40%。"]) == "德阳的增幅超过40%。"
    assert restore_units("德阳的投资为90亿元。", ["德阳投资预计90亿元。"]) == "德阳的投资预计为90亿元。"
    assert restore_units("德阳力争突破2000亿元。", [source]) == "德阳力争突破2000亿元。"
