"""The gazetteer: names, zones, ordinary words that look like names."""

from __future__ import annotations

import time

import pytest

from index.places import find_places, parent_place, place_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("西昌市和凉山州", ["西昌", "凉山"]),
        ("凉山彝族自治州西昌", ["凉山", "西昌"]),
        ("重庆市涪陵区", ["重庆", "涪陵"]),
        ("威信县、彝良与昭通", ["威信", "彝良", "昭通"]),
        ("峨边彝族自治县，也叫峨边", ["峨边", "峨边"]),
        ("绵阳科技城", ["绵阳科技城"]),
        ("中国（绵阳）科技城", ["绵阳科技城"]),
        ("中国(绵阳)科技城", ["绵阳科技城"]),
        ("绵阳高新区、昭阳经开区、成都高新区", ["绵阳高新区", "昭阳经开区", "成都高新区"]),
        ("浦东新区", ["浦东"]),
        ("朝阳区的企业", ["朝阳"]),
        ("内蒙古自治区鄂尔多斯市", ["内蒙古", "鄂尔多斯"]),
        ("吉林省吉林市", ["吉林", "吉林"]),
        ("会理市", ["会理"]),
    ],
)
def test_names_are_short_and_canonical(text: str, names: list[str]) -> None:
    assert [place.name for place in find_places(text)] == names


@pytest.mark.parametrize(
    "text",
    ["朝阳产业", "世界和平", "老旧城区改造", "新城区建设", "创新和政策", "提高安全水平", "社会理事会",
     "推广安全生产", "重大安排", "双城经济圈", "合作市场", "城市中心区", "人民乐开怀", "", "GDP 8.6%"],
)  # fmt: skip
def test_ordinary_words_are_no_places(text: str) -> None:
    assert find_places(text) == ()


def test_offsets_and_province() -> None:
    text = "去年，中国（绵阳）科技城与威信县签约。"
    zone, county = find_places(text)
    assert text[zone.start : zone.end] == "中国（绵阳）科技城"
    assert text[county.start : county.end] == "威信县"
    assert (zone.province, county.province) == ("四川", "云南")
    assert find_places("鼓楼区")[0].province == ""


def test_parents() -> None:
    chain = ["绵阳科技城", "绵阳", "四川", ""]
    assert [parent_place(name) for name in chain[:-1]] == chain[1:]
    assert (parent_place("西昌"), parent_place("威信"), parent_place("涪陵"), parent_place("无此地")) == (
        "凉山",
        "昭通",
        "重庆",
        "",
    )


def test_a_long_text_takes_time_in_proportion() -> None:
    find_places("西昌")
    sentence = "西昌与绵阳的工业产值合计增长百分之八，同期全省平均为百分之六。"
    started = time.perf_counter()
    assert len(find_places(sentence * 500)) == 1_000
    assert time.perf_counter() - started < 5.0


def test_all_names_once_larger_places_first() -> None:
    names = place_names()
    assert len(set(names)) == len(names) > 2_500
    assert names.index("贵州") < names.index("遵义") < names.index("赤水")
    assert names.index("吉林") < names.index("长春")  # a name of two ranks stands with the larger
    assert all(parent_place(name) == "" for name in names[:31])


@pytest.mark.parametrize("name", ["遵义", "泸州", "曲靖", "内蒙古"])
def test_a_listed_name_is_found_in_text(name: str) -> None:
    assert name in place_names()
    assert [place.name for place in find_places(f"在{name}调研")] == [name]
