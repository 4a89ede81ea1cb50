"""Units that stand apart from their numbers: in a column's head, in a line 单位：亿元."""

from __future__ import annotations

import re

_BASE = (
    "元 美元 港元 欧元 日元 吨 公斤 千克 克 斤 公担 亩 公顷 平方公里 平方千米 平方米 立方米 公里 千米 米 千瓦时 千瓦 "
    "兆瓦 度 伏 升 标箱 户 个 家 项 座 位 名 人次 人 条 种 类 所 处 款 台 辆 套 件 次 批 头 只 羽 株 棵 栋 间 支 份 篇 "
    "场 届 艘 架 块 片 宗 起 例 组 册 张 床 岁 年 月 天 日 小时 分钟 倍 部 对 箱 瓶 个百分点 百分点 % ％ ‰ ℃ "
    "kWh MWh GWh kW MW GW km² km m² m³ ㎡ kg t TEU"
).split()
_ANY_BASE = "|".join(sorted(map(re.escape, _BASE), key=len, reverse=True))
_MULTIPLE = "(?:万亿|[十百千]?[万亿]|[十百千])?"
UNIT = rf"(?:{_MULTIPLE}(?:{_ANY_BASE})(?:[/／]{_MULTIPLE}(?:{_ANY_BASE}))?|万|亿)"

_ALONE = re.compile(rf"[（(\[【]?\s*(?:±\s*)?({UNIT})\s*[)）\]】]?")
_IN_HEAD = re.compile(
    rf"\s*(?:[（(\[【]\s*(?:(?:计量)?单位\s*[:：]\s*)?±?\s*({UNIT})\s*[)）\]】]|[/／:：,，\s]\s*({UNIT})|±?([%％‰]))"
)
_CAPTION = re.compile(r"(?:计量|货币|金额)?单位\s*[:：]\s*([^（）()【】\[\]\s。；;]+(?:\s+[^（）()【】\[\]\s。；;]+)*)")
_RATIO = re.compile(r"增[长速幅减]|[同环]比|比上年|比重|占比|率$|份额|百分|±|[降升]幅")
_UNITLESS = re.compile(r"排名|位次|名次|序号|编号|年份|年度|月份|日期|代码|指数|邮编|电话|倍")
_COUNT = re.compile(r"数$|数量")
_COUNTED = re.compile(r"[户家个人名位件项次台辆套只头羽株棵座所条种类宗起例组册张处]$")


def only_unit(text: str) -> str:
    """The unit that `text` consists of, brackets aside; "" where it says more or less."""
    found = _ALONE.fullmatch(text.strip())
    return _plain(found[1]) if found else ""


def split_unit(head: str) -> tuple[str, str]:
    """What a head names and the unit it gives: 产值（亿元） -> 产值, 亿元; the unit may be ""."""
    for found in _IN_HEAD.finditer(head):
        if found.end() == len(head) and found.start():
            return head[: found.start()].rstrip(), _plain(found[1] or found[2] or found[3])
    return head, ""


def caption_units(text: str) -> tuple[str, ...]:
    """The units of 单位：亿元、% in `text`; () where none are given, or one of them is not known."""
    found = _CAPTION.search(text)
    units = [only_unit(part) for part in re.split(r"[、，,\s]+", found[1].strip())] if found else []
    return tuple(units) if all(units) else ()


def is_unit_line(text: str) -> bool:
    """Whether a line says nothing but the units, all of them known."""
    bare = text.strip().strip("（()）[]【】 \u3000")
    return bool(_CAPTION.fullmatch(bare)) and _clear(caption_units(bare))


def unit_for(head: str, units: tuple[str, ...]) -> str:
    """Which unit of a caption the numbers under `head` have; "" where that is not sure.

    Rates and shares have the percent sign or nothing, ranks and counts of other things nothing.
    """
    others = [unit for unit in units if unit != "%"]
    if _UNITLESS.search(head) or not _clear(units):
        return ""
    if _COUNT.search(head) and others and not _COUNTED.search(others[0]):
        return ""
    if _RATIO.search(head) or not others:
        return "%" if "%" in units else ""
    return others[0]


def _clear(units: tuple[str, ...]) -> bool:
    return bool(units) and sum(unit != "%" for unit in units) <= 1


def _plain(unit: str) -> str:
    return unit.replace("％", "%").replace("／", "/")
