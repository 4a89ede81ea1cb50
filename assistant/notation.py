"""How figures are written in Chinese: units, multipliers, and the pattern that finds them.

Follows GB/T 15835 (numerals in Chinese publications): Arabic or Chinese digits, 万/亿 multipliers, half- or
full-width forms. Where a numeral may be part of a word (一体化, 十四五, 千亿级) a measure word is asked for.
"""

from __future__ import annotations

import re
from decimal import Decimal

HALF_WIDTH = str.maketrans("０１２３４５６７８９．％／＋﹪〇○", "0123456789.%/+%零零")
MULTIPLIERS = {
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
}
MULTIPLIERS |= {"十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12}

_CURRENCY = "元 美元 港元 欧元 日元"
_PHYSICAL = "吨 克 公担 斤 亩 公顷 平方公里 平方米 立方米 公里 米 千瓦 千瓦时 伏 标箱 桶 升 摄氏度"
_COUNTED = (
    "个 户 家 项 座 位 名 人 条 种 类 所 处 款 台 辆 套 件 次 批 大 头 只 株 棵 口 栋 幢 间 支 份 篇 场 "
    "届 强 级 层 艘 架 颗 块 片 笔 宗 起 例 组 对 轮 人次 趟 县 镇 乡 村 岁 分 小时 分钟 周 天 年 个月 "
    "方面 期 代 年半"
)
_SPELLINGS = (  # spelling, canonical unit, factor
    "人民币元=元 元人民币=元 公斤=克*1000 千克=克*1000 kg=克*1000 平方千米=平方公里 km²=平方公里 ㎡=平方米 "
    "m²=平方米 方=立方米 m³=立方米 千米=公里 km=公里 兆瓦=千瓦*1000 MW=千瓦*1000 kW=千瓦 KW=千瓦 "
    "吉瓦=千瓦*1000000 GW=千瓦*1000000 "
    "GWh=千瓦时*1000000 GWH=千瓦时*1000000 MWh=千瓦时*1000 kWh=千瓦时 度=千瓦时 "
    "千伏=伏*1000 "
    "kV=伏*1000 KV=伏*1000 %=% 个百分点=百分点 百分点=百分点 成=%*10 ‰=‰ 倍=倍"
)


def _units() -> dict[str, tuple[str, int]]:
    units = {unit: (unit, 1) for unit in f"{_CURRENCY} {_PHYSICAL} {_COUNTED}".split()}
    for entry in _SPELLINGS.split():
        spelling, _, name = entry.partition("=")
        unit, _, factor = name.partition("*")
        units[spelling] = (unit, int(factor or 1))
    return units


UNITS = _units()
AMOUNTS = frozenset([*_CURRENCY.split(), *_PHYSICAL.split()])
# 个 may stand for any of these; some pairs for one another.
GENERIC = frozenset("个户家项座位名人条种类所处款件大批")
INTERCHANGEABLE = frozenset(
    frozenset(pair) for pair in ("户家", "名人", "名位", "人位", "项条", "项件", "种类", "栋幢", "座处", "座所", "株棵")
)
# A unit's character that begins another word is no unit: 5成都…, 3人才…, 10年级.
NO_UNIT = {
    "成": "都立为果本效员功长交品渝凉熟绩就套型", "人": "才民口大均力工", "年": "级均度",
    "分": "别之为布", "位": "于一置", "大": "学于幅量力", "台": "县山湾州镇乡", "次": "产全会党",
    "家": "渠庄", "对": "于", "方": "案式向法", "组": "织合建", "级": "别", "代": "表", "度": "假过",
    "片": "区", "处": "理于", "周": "边期", "份": "额", "升": "级至到高", "起": "步来", "口": "岸",
    "间": "接", "支": "持", "套": "餐", "元": "化素",
}  # fmt: skip
# Units that may follow a small Chinese numeral (三元, 五度 and 十分 are words as a rule).
BARE_CHINESE = frozenset("个户家项座位名人条种类所处款台辆套件次批大天年倍成吨亩") | frozenset(
    ["年半", "个月", "方面", "公里", "个百分点", "百分点"]
)

_GAP = r"[^\S\n]*\n\s*"  # a line break inside a number, as newspaper columns leave it
_PLAIN = rf"\d(?:\d|{_GAP}\d(?!\d{{3}}年))*"
_NUM = (
    rf"(?:\d{{1,3}}(?:[,，\u2009\u202f\u00a0]\d{{3}})+(?!\d)(?:\.\d+)?"
    rf"|{_PLAIN}(?:(?:{_GAP})?\.(?:{_GAP})?\d+)?)"
)
CLASS = "[百千]亿?[强佳县市]"  # 2023百强榜 is a list of the year 2023
_MULT = rf"(?:(?!{CLASS})(?:" + "|".join(sorted(MULTIPLIERS, key=len, reverse=True)) + "))"
_LATIN = "|".join(sorted((u for u in UNITS if u[0].isascii() and u != "%"), key=len, reverse=True))
_HAN = "|".join(sorted((u for u in UNITS if not u[0].isascii()), key=len, reverse=True))
_UNIT = rf"(?:%|{_HAN}|(?:{_LATIN})(?![A-Za-z]))"
_YI = r"\d+\s*亿(?=\d+(?:\.\d+)?\s*万)"  # 1亿2000万元 is one figure
_QUANTITY = (
    rf"(?P<m{{0}}>\s*[余多])?(?:\s*(?P<s{{0}}>(?!千米|千瓦|千伏|千克|百分){_MULT}))?(?P<k{{0}}>\s*[余多])?"
    rf"(?:\s*(?P<u{{0}}>{_UNIT})(?P<p{{0}}>\s*/\s*[年月日天])?)?"
)
_TO = r"\s*(?:—+|-|－|–|~|～|至|到)\s*"
_CN = "零一二两三四五六七八九十百千万亿廿卅"
_CN_NUM = rf"[{_CN}]+(?:点[零一二三四五六七八九]+(?:万亿|[百千]?[万亿])?)?"  # 三点五亿
_NO_NUMERAL_BEFORE = rf"(?<![统唯初周期拜第几数上{_CN}\d])(?<![{_CN}]点)"
_START = r"(?<![\dA-Za-z.])"

_YEAR = rf"{_START}(?P<year>(?:19|20)\d\d)(?:\s*年?{_TO}(?P<year2>(?:19|20)\d\d)\s*年|\s*年(?!代))"
_BARE_YEAR = rf"{_START}(?P<bare>(?:19|20)\d\d)(?![\d.]|\s*(?:{_MULT}|{_UNIT}|[,，]\d{{3}}|[+/A-Za-z]))"
_DATE = (
    rf"{_START}(?:(?P<y>(?:19|20)\d\d)\s*年\s*)?(?:(?P<mo>1[0-2]|0?[1-9])(?:{_TO}(?P<mo2>1[0-2]|[1-9]))?\s*月份?"
    rf"(?:\s*(?P<d>3[01]|[12]\d|0?[1-9])\s*[日号](?:{_TO}(?:(?P<dm2>\d\d?)\s*月\s*)?(?P<d2>\d\d?)\s*[日号])?)?"
    r"|(?P<d0>3[01]|[12]\d|[1-9])\s*日(?!元|[均产处]))"
)
_ISO = (
    rf"{_START}(?P<iy>(?:19|20)\d\d)(?P<sep>[-/.])(?P<im>1[0-2]|0?[1-9])(?P=sep)"
    r"(?P<id>3[01]|[12]\d|0?[1-9])(?!\d)"
)
_DECADE = r"(?:\d\d\s*世纪\s*)?(?P<decade>[1-9]0)\s*年代"
_CODE = (
    rf"(?<=[“\"‘「『'])(?P<quoted>\d+)(?=[”\"’」』'])|{_START}(?P<plus>\d+(?:\+[\dN]+)+)"
    rf"|(?P<latin>[A-Za-z]+[-]?\d+(?:\.\d+)?[A-Za-z]*|{_START}\d+(?:\.\d+)?(?!{_UNIT})[A-Za-z]+)"
)
_ORDINAL = (
    rf"第\s*(?:(?P<oa>{_NUM})|(?P<oc>[{_CN}]+)(?=[位名次届批个大家条代]|季度|\s*[，。；、,;！？）)]|\s*$))"
    r"\s*(?:[位名次届批个大家条代](?!表)|季度)?"
)
_RATIO = (
    rf"(?P<pa>{_NUM}|[{_CN}]+)\s*分之\s*(?P<pb>{_NUM}|{_CN_NUM})"
    r"|(?<![\dA-Za-z./])(?P<fa>\d+)\s*/\s*(?P<fb>[1-9]\d*)(?![\d./])"
)
_ARABIC = (
    rf"(?<![\dA-Za-z.])(?P<neg>(?<![\d%）)A-Za-z])[-−－](?={_NUM}\s*%))?(?P<yi>{_YI})?(?P<n1>{_NUM}){_QUANTITY.format(1)}"
    rf"(?:{_TO}(?P<n2>{_NUM}){_QUANTITY.format(2)})?"
)
_CHINESE = rf"{_NO_NUMERAL_BEFORE}(?P<cn>{_CN_NUM})(?P<cm>[余多])?(?P<cu>{_UNIT})(?!一)"
_STOP = r"(?=\s*(?:[，。；、,;！？）)”]|$|以上|左右))"
_CN_LARGE = (  # no unit: 三点五亿; 三十五亿 where nothing follows that would make a word of it
    rf"{_NO_NUMERAL_BEFORE}(?:(?P<cl>[{_CN}]+点[零一二三四五六七八九]+(?:万亿|[百千]?[万亿]))(?![{_CN}级])"
    rf"|(?P<ci>[{_CN}]+[万亿]){_STOP})"
)
_CN_MONTH, _CN_DAY = "十[一二]?|[一二三四五六七八九]", "三十一?|[二廿]?十?[一二三四五六七八九]|二?十|廿"
_CN_DATE = (
    rf"(?<![第{_CN}])(?:(?P<cy>[一二][零一二三四五六七八九]{{3}})年(?P<cmo>{_CN_MONTH})月份?(?:(?P<cd>{_CN_DAY})[日号])?"
    rf"|(?P<cmo0>{_CN_MONTH})月(?P<cd0>{_CN_DAY})[日号])"
)
_HALF = r"(?<![另前后])(?P<half>一半|(?<!多)半数|(?<=过)半(?=[，。；、！？,;的]|\s|$))"
_MIXED = rf"{_START}(?P<xa>\d+)(?P<xm>[亿万])(?P<xb>\d+)(?P<xs>[百千]万|千)(?P<xk>[余多])?(?P<xu>{_UNIT})?"
_VAST = r"(?<=[超过破逾达到近])(?P<vast>[百千万]亿|[百千]万)元?(?=\s*(?:[，。；、,;！？）)]|$))"
_ALL = (
    _ISO, _CODE, _DATE, _CN_DATE, _DECADE, _YEAR, _BARE_YEAR, _ORDINAL, _RATIO, _HALF, _MIXED, _ARABIC, _VAST,
    _CHINESE, _CN_LARGE,
)  # fmt: skip
FIGURE = re.compile("|".join(f"(?:{part})" for part in _ALL))
# 约 in 签约, 近 in 附近 and the like limit nothing.
BEFORE = re.compile(
    r"(?P<modal>力争|预计|有望|确保|计划|争取)?(?:完成|达到|实现|达|为|将)?"
    r"(?P<limit>约为|大约|大概|(?<![节签预合条契履制])约|超过|超出|超|突破|逾|将近|接近|(?<![附最临靠相])近"
    r"|不低于|不少于|不超过|不足|至少|最多|(?<![通经超])过|(?<!突)破)?(?:完成|达到)?\s*$"
)
# 七成五 is 75 %; 七成五家 would be something else.
TENTH = re.compile(rf"[一二三四五六七八九\d半](?![{_CN}\d.成]|{_UNIT})")
AFTER = re.compile(r"\s*(以上|以下|以内|左右|上下)")


def chinese_number(text: str) -> Decimal | None:
    """Value of a Chinese numeral (二百零六 -> 206, 三点五亿 -> 3.5·10⁸); None where it is none (十四五)."""
    if "点" in text:
        return _decimal(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if re.fullmatch("[一二][零一二三四五六七八九]{3}", text):  # 二〇二三
        return Decimal("".join(str("零一二三四五六七八九".index(char)) for char in text))
    if not re.search("[一二三四五六七八九两十]", text):
        return None  # 千亿, 百: the name of a class, not a number
    total = section = 0
    digit: int | None = None
    last = 10**4
    for char in text:
        if char in "十百千":
            unit = {"十": 10, "百": 100, "千": 1000}[char]
            if unit >= last or (digit is None and char != "十"):
                return None
            section, digit, last = section + (digit if digit is not None else 1) * unit, None, unit
        elif char in "万亿":
            section, digit, last = section + (digit or 0), None, 10**4
            if not section and not total:
                return None
            total = (total + section) * 10**8 if char == "亿" else total + section * 10**4
            section = 0
        elif char != "零":
            if digit is not None:
                return None
            digit = "零一二三四五六七八九".find(char) if char != "两" else 2
    return Decimal(total + section + (digit or 0))


def _decimal(text: str) -> Decimal | None:
    whole, _, rest = text.partition("点")
    digits = rest.rstrip("百千万亿")
    value = Decimal(0) if whole == "零" else chinese_number(whole)
    if value is None or not digits:
        return None
    part = "".join(str("零一二三四五六七八九".index(digit)) for digit in digits)
    return Decimal(f"{value}.{part}") * MULTIPLIERS.get(rest[len(digits) :], 1)
