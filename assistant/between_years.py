"""A question about a change from one year, or one event, to another -> what there was in each."""

from __future__ import annotations

import re

from assistant.compute import CHANGE_OF_A_YEAR, COMPOUND, GROWTH_BETWEEN
from assistant.contrast import EVENT
from assistant.ellipsis import MEASURE, SERIES, bare
from assistant.periods import find_periods
from index import find_places

_EACH_YEAR = re.compile(f"{COMPOUND.rpartition('.*')[2]}|{CHANGE_OF_A_YEAR}|{GROWTH_BETWEEN.rpartition('.*')[2]}")


_SPAN = re.compile(
    "^从?(?P<a>[^，]{4,}?)，?到(?P<b>[^，]{4,}?)，[^，]*(?:用了?|相隔|间隔|历时|经过|花了?|隔了?)[^，]{0,4}(?:多少|几)年"
)


def between(text: str) -> tuple[str, ...]:
    """从甲厂落户，到六期投产，用了多少年: the two events."""
    found = _SPAN.match(text)
    if not found or re.search(r"\d[%亿万]", found["b"]):  # 从36%升到了52%: no event
        return ()
    first, last = found["a"], found["b"]
    when = find_periods(first)
    if when and find_periods(last) and SERIES.match(bare(last)):  # 甲厂2010年落户，到2023年六期投产
        last = first[: when[0].start] + last
    return first + EVENT, last + EVENT


def of_two_years(text: str) -> tuple[str, ...]:
    """从2020年的30亿元到2023年的80亿元，产值平均每年增加多少: the matter in the first and in the last year."""
    years = [f"{year}年" for year in dict.fromkeys(_YEAR.findall(text))]
    if len(years) != 2 or not re.search(f"{COMPOUND}|{CHANGE_OF_A_YEAR}|{GROWTH_BETWEEN}", text):
        return ()
    bare_text = _EACH_YEAR.sub("，", re.sub(r"的?\d[\d.,]*[万亿]?[元户家个亩吨人%]*", "，", _bare_of_years(text)))
    said = [
        re.sub(
            "^(?:按照?|从|由|要|在)|[若如]?(?:果|按照?)?(?:规划|计划|目标)?[从由到达要至]+$|[比较与和跟]$|^这.*间$",
            "",
            bare(piece),
        )
        for piece in re.split("，|[到至达]", bare_text)
    ]
    matter = max(said, key=lambda one: (bool(MEASURE.search(one)), len(one)), default="")
    where = "".join(place.name for place in find_places(text)[:1])
    aims = [_AIM_OF_YEAR.search(text[text.index(year[:4]) + len(year) :]) for year in years]
    made = (
        f"{where}{year}{matter.removesuffix('目标')}{aim['aim']}" if aim else f"{where}{year}{matter}"
        for year, aim in zip(years, aims, strict=True)
    )
    return tuple(made) if MEASURE.search(matter) else ()


_YEAR = re.compile(r"20\d\d(?=年|\s*[—–~～到至-]\s*20\d\d年)")
_AIM_OF_YEAR = re.compile("^的?[^，到达至]{0,4}?(?P<aim>(?:力争|初步)?目标)")


def _bare_of_years(text: str) -> str:
    for period in reversed(find_periods(text)):
        text = f"{text[: period.start]}，{text[period.end :]}"
    return re.sub("，(?:和|与|到|至)，", "，", text)
