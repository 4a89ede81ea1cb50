"""A question as it was typed -> the same in written form: characters, digits, spelling, the words of reports."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from assistant.comparatives import plainly_compared
from index import find_places, place_names

_COLLOQUIAL = {
    "几多": "多少",
    "平均一年": "年均",
    "一年平均": "年均",
    "涨多少": "增长多少",
    "涨几": "增长几",
    "块钱": "元",
    "万块": "万元",
    "多少钱": "多少元",
    "涨了": "增长",
    "增长速度": "增速",
    "增长率": "增速",
    "几个点": "几个百分点",
    "排老几": "排第几",
    "老几": "第几",
    "使劲冲": "力争",
    "冲刺值": "力争",
    "使把劲": "力争",
    "谁家": "哪个地方",
    "号人": "人",
    "做了多少": "完成多少",
    "俩": "两个",
    "厂子": "企业",
    "厂家": "企业",
    "交税": "缴税",
    "上税": "缴税",
    "砸了": "投资",
    "要砸": "投资",
    "砸进": "投资",
    "地盘": "面积",
    "想做到": "达到",
    "想达到": "达到",
    "想冲到": "达到",
    "什么量级": "多少",
    "战新": "战略性新兴",
    "毛病": "问题",
    "能干到": "达到",
    "没动工": "没开工",
    "什么水平": "多少",
    "底线要": "最低要",
    "要干到": "要达到",
    "想凑够": "达到",
    "凑够": "达到",
    "往高了冲": "力争",
    "往高里冲": "力争",
    "哪边更": "哪个更",
    "爬升的位次": "提升的位次",
    "哪个榜单": "哪个",
    "哪个榜": "哪个",
    "规模以上": "规上",
    "够上规模": "规上",
    "上了规模": "规上",
}
_WHAT, _INSIDE = re.compile("啥(?!的)"), re.compile("里头(?!一)")
_FIRST = re.compile("(?<![龙牵带源口人年])头一?(?=[个家户座])")  # 头一个产值上百亿的
_CHATTY = re.compile("(?<=[\u3400-\u9fff])(?:[这那]?(?:个)?玩意儿?|来着|[这那]个?东西)")
_PLAN = re.compile("(?<!\\d)1(?P<n>[1-6])五(?=[^\\d]|$)")  # 13五
_FIRST_MONTHS = re.compile("[头前](?P<n>[两三四五六七八九十]|十一|\\d\\d?)个月(?:里|内)?")
_SHORT_YEAR = re.compile(
    r"(?<![\d.近过去这了达长共第来后续满历时用])(?P<n>1[5-9]|2\d|30)年(?![来内间之前后代级]|多(?![少几出])|以(?!来)|左右)"
)
_POWER_USED = re.compile("[烧用耗费][掉了去]?(?:多少|几)(?:[万亿]*)度电")
_SPELLED_YEAR = re.compile("[一二][九〇零][〇零一二三四五六七八九]{2}(?=年)")  # 二零二零年
_NUMBERED = re.compile(r"(?<![\d.])(?P<n>[1-9])(?=[期批])")
NUMERALS = {**{c: n for n, c in enumerate("一二三四五六七八九十", 1)}, "两": 2, "十一": 11}
_HOW_MANY = re.compile("好多(?=[户家个项亿万元人亩吨种]|[？?]?$)")  # as the south-west asks
_BUT = re.compile("(?<=[\u3400-\u9fff]{2})[以之]外的?(?=工业|产业|投资|项目)")
_LEVEL = re.compile("(?<=[省市区县州乡镇])一级")
_HIGH_TECH = re.compile("(?<![价本居续然])高企(?![业稳不])")
_OPTIONAL = re.compile("(?<=[\u3400-\u9fff])[（(][\u3400-\u9fff]{1,3}[）)](?=[\u3400-\u9fff])")  # 规上（工业）企业
# 两大园区（甲和乙）: the members are named
_MEMBERS = re.compile(
    r"[这那]?[两俩二三四五六七八2-8][个大家]*(?:重点|主要)?(?P<kind>园区|产业|行业|企业|公司|集群|基地|县|市|区)[（(]"
    r"(?P<names>[\u3400-\u9fff]{2,8}(?:[、和与跟及][\u3400-\u9fff]{2,8}){1,7})[）)]"
)
# 营收和利润给一下: a wish for figures that has no word of asking
_WISH = re.compile(
    r"(?<=[\u3400-\u9fff])(?:数据|数字|数)?(?:给|报|发|说|列|来|要)(?:我|俺)?(?:一下|一个|个|下)[吧呗]?[。！!]?$"
)
# 2021年的产值有数字吗
_ANY_FIGURE = re.compile("(?<=[\u3400-\u9fff])，?有(?:没有)?(?:具体|确切)?的?(?:数字|数据|数)吗?[？?]?$")
# 产值谁涨得快: how fast is asked of, not how much
_GROWS = re.compile(r"(?P<m>产值|收入|投资|增加值|税收|营收|产量)[，]?(?P<who>谁|哪一?[个座家边])[涨增长跑]得更?快")
# 力争数, 目标值: what of the indicator is asked for, and no word of its own.
_STATED_AS = re.compile(
    "(力争|目标|完成|预计|计划|初步|规划|实际)(?:数字?|值)(?=[是为有的和与及各，。、？?]|分别|多少|呢|$)"
)
_WHO_OF_ALL = re.compile(
    r"((?:[几两二三四五六七八九十\d]|这些|各|所有)[份篇个]?(?:材料|报告|报道|稿子|文章|资料)[里中]?，?)谁"
)


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


_VERSUS = re.compile(r"(?<=[\u3400-\u9fff）) ])\s*[vV][sS]\.?\s*(?=[\u3400-\u9fff])")
_QUOTES = str.maketrans("「」『』", "“”‘’")


def simplified(text: str) -> str:
    """Simplified characters for traditional ones and for pinyin, half-width letters and digits, “” for 「」; the rest
    stays.
    """
    text = "".join(unicodedata.normalize("NFKC", c) if c.isalnum() or c in "％．" else c for c in text.strip())
    text = re.sub(r"\s+", " ", str(_simplifier().convert(text))).translate(_QUOTES)
    return _spelled(_VERSUS.sub("与", text))


# 如果不算力争的数，产值要达到多少: which of two aims is meant.
_NOT_STRETCHED = re.compile(
    "^(?:如果|要是|若)?(?:不[算计含看]|撇开|除去)[^，]{0,3}(?:力争|冲刺)[^，]*，(?P<rest>.+?)(?P<end>[？?。]?)$"
)
_ONLY_FIRST_AIM = re.compile("，只?[算计看要按](?:基本|初步|最低|起步)目标[^，]*，")
_EACH_PLACE = re.compile("，各个?(?:地方?|城市|市|县|区)的?(?=[\u3400-\u9fff]{0,8}(?:分别|各|是|有))")
_IN_REPORTS = re.compile("(?:报道|报告|材料|文章)[中里]的(?!哪)")
# What a space stands for in a question typed in haste: 规上企业哪个多 各几户.
_SPACE = re.compile("(?<=[\u3400-\u9fff”）]) (?=[^ ，]*(?:多少|几|哪|谁|什么|各))")
_EITHER = re.compile(  # 甲长得快，还是乙长得快
    "(?P<a>[^，]{2,}?)(?:增长|[长涨增跑])得?(?:更|比较)?快，?还是(?P<b>[^，]{2,}?)(?:增长|[长涨增跑])得?(?:更|比较)?快"
)
_HUNDRED_MILLIONS = re.compile("(?P<how>几|多少)个亿(?!元)")
_SINCE_LAST_YEAR = re.compile("[比较](?:上一?年|去年同期|上年同期|前一年)(?=[增涨提上降下高多])")
_HALF_OF = re.compile(r"(?<=[今去前明\d]年)的(?=[上下]半年|第?[一二三四]季度)")
_AS_FOR = re.compile("^就(?P<of>[^，]{2,}?)(?:[两三二]?[地市者])?(?:而言|来说|来看)，(?=各|分别)")
_MOST_OF_ALL = re.compile(  # 各城市中规上企业最多的是哪个
    "各个?(?P<of>城市|地方?|市|县|区县|园区)[里之当]?中?，?(?P<what>[^，]{2,14}?)(?P<most>最[高低多少大小快慢])的是哪[一个座里家]{1,2}"
)
_SUCH_PLACES = re.compile(  # 规上企业超过150户的地方都有谁
    "^(?P<what>[^，？“”]{4,}?)的(?P<of>地方|城市|区县|县市|地区)(?:一?共?有?|都?是?|都有)(?:谁|哪些|哪几个|哪里)[？?]?$"
)
_WEIGHT = re.compile("(?P<of>[^，]{2,8}?)在(?P<whole>[^，]{2,8}?)[里中](?:面|头)?的(?:分量|份量|地位占比|份额)")
_TOLD_OF = re.compile(
    "^[^，]{0,8}(?:报告|材料|报道)[里中]?(?:提到|写到|说到|讲到)?的(?P<kind>园区|企业|公司|项目|产业)[里中]?，哪一?[个家座些]"
)
_ABOVE = re.compile(
    "哪一?[个家座](?P<kind>园区|企业|公司|项目|产业|开发区)(?=[^，]*(?:超过?|突破|不低于|不少于|[上迈跨过]了?)(?:\\d|[百千万]亿))"
)
_END_OF_PLAN = re.compile("(?<=十[一二三四五六]五)(?P<mark>”?)(?:收官|收尾|结束)(?:之年|那年|时)?")
_AS_TOLD_BY = re.compile(
    "[，,](?:就?是)?(?:(?!怎|如何|谁|什么|咋|哪|[是有])[\\u3400-\\u9fff]){2,6}(?:说|讲|提|介绍|透露)的(?=[？?。]?$)"
)
_ON_WHICH_DAYS = re.compile("哪几[天日](?:举?办|开|进行)?的?")
_STILL = re.compile("(?<=比)(?P<other>[^，？]{2,}?)还要?(?=[高低多少大小快慢])")


def _each_named(found: re.Match[str]) -> str:
    kind = found["kind"]
    return "和".join(f"{name.removesuffix(kind)}{kind}" for name in re.split("[、和与跟及]", found["names"]))


def _in_digits(year: re.Match[str]) -> str:
    return "".join(str("〇一二三四五六七八九".index(digit)) for digit in year[0].replace("零", "〇"))


_THAT_YEAR = re.compile("(?<=20\\d\\d)年?那一?年(?:里|间)?")  # 2020那年


# 五地里哪些…, 哪几地的材料写到…: asked of all places
_OF_ALL = re.compile(
    "(?:这)?[两三四五六七八几各]个?(?:地方?|城市?)(?:里面?|中|当中|之中)，?哪(?:些|几[个地])(?![地城市县个])"
    "|哪几地(?=[^区方点位])"
)
_PART = re.compile("(?<=[外内上下])[那这](?:一?[块]|一?部分)")  # 能源外那块
_SAID_BY_WHOM = re.compile(
    "，?是[^，？]{2,14}(?:讲|说|介绍|透露|提|公布)的，?还是[^，？]{2,14}(?:讲|说|介绍|透露|提|公布)的"
)
_ALONE_SO_MUCH = re.compile("光(?P<what>[\u3400-\u9fff]{2,6})这一[样项种个]就")
_RANKED_AT = re.compile("(?<=排)(?P<n>\\d{1,3})(?=对|吗|[？?，。]|$)")  # 排17对吧


def rephrased(question: str) -> str:
    """The question `simplified`, in the words of reports."""
    text = _THAT_YEAR.sub("年", _SPELLED_YEAR.sub(_in_digits, simplified(question)))
    text = _SPACE.sub("，", _POWER_USED.sub("用电量是多少", text))
    for said, written in _COLLOQUIAL.items():
        text = text.replace(said, written)
    text = _FIRST.sub("第一", _INSIDE.sub("里", _WHAT.sub("什么", text)))
    text = _FIRST_MONTHS.sub(lambda m: f"1-{NUMERALS.get(m['n'], m['n'])}月", _CHATTY.sub("", text))
    text = _NUMBERED.sub(lambda m: "一二三四五六七八九"[int(m["n"]) - 1], _SHORT_YEAR.sub(r"20\g<n>年", text))
    text = _PLAN.sub(lambda m: f"十{'一二三四五六'[int(m['n']) - 1]}五", text)
    text = _WISH.sub("是多少？", _MEMBERS.sub(_each_named, _GROWS.sub(r"\g<m>增速\g<who>快", text)))
    text = _ANY_FIGURE.sub("是多少？", text)
    text = text if "投资" in text else text.replace("总盘子", "总产值")
    text = _ALONE_SO_MUCH.sub(r"\g<what>", _SAID_BY_WHOM.sub("是谁说的", _PART.sub("", text)))
    text = _RANKED_AT.sub(r"第\g<n>位", _OF_ALL.sub("哪些地方", _BUT.sub("外", text)))
    text = _LEVEL.sub("级", _HIGH_TECH.sub("高新技术企业", _HOW_MANY.sub("多少", text)))
    text = _STATED_AS.sub(r"\1", _WHO_OF_ALL.sub(r"\1哪些地方", text))
    if len({place.name for place in find_places(text)}) > 1:
        text = _EACH_PLACE.sub("，", text)
    text = _SINCE_LAST_YEAR.sub("同比", _HALF_OF.sub("", _HUNDRED_MILLIONS.sub(r"\g<how>亿元", text)))
    text = _STILL.sub(r"\g<other>", _AS_FOR.sub(r"\g<of>", _IN_REPORTS.sub("", text)))
    text = _MOST_OF_ALL.sub(r"哪个\g<of>的\g<what>\g<most>", text)
    text = _WEIGHT.sub(r"\g<of>占\g<whole>的比重", _SUCH_PLACES.sub(r"哪些\g<of>\g<what>？", text))
    text = _END_OF_PLAN.sub(r"\g<mark>末", _AS_TOLD_BY.sub("", _ON_WHICH_DAYS.sub("什么时候", text)))
    text = _ABOVE.sub(r"哪些\g<kind>", _TOLD_OF.sub(r"哪个\g<kind>", text))
    text = plainly_compared(_EITHER.sub(r"\g<a>和\g<b>，增速哪个更快", text))
    text = _ONLY_FIRST_AIM.sub("，", text)
    return _NOT_STRETCHED.sub(r"\g<rest>（不算力争）\g<end>", _OPTIONAL.sub("", text))


# Words of such questions; the short ones are read in a question that is all in pinyin.
_WORDS = (
    "产值 总产值 增加值 规上 规模以上 工业 企业 园区 目标 增速 增长 投资 总投资 产业 项目 面积 收入 全市 全县 全区 "
    "高新区 经开区 科技城 创新 平台 一共 多少 哪些 什么 城市 数量 比重 占比 上半年 下半年 今年 去年 计划 完成 实现 "
    "达到 光伏 电池 新材料 能源 农业 综合 建设 书记 局长 是 县 市 区 年 有 家 户 个 亿 元 的 谁 几 和"
).split()


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, str]:
    """Toneless pinyin -> the place or word of the trade that is spelled so; the larger place wins."""
    from pypinyin import lazy_pinyin

    spelled = {"".join(lazy_pinyin(word)): word for word in (*reversed(place_names()), *reversed(_WORDS))}
    return {sound: word for sound, word in spelled.items() if len(sound) > 4 or word in _WORDS}


_LATIN = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?![A-Za-z])")
_A_PLACE = 3  # characters of a place that has been read already
_SURE = 5  # letters from which on a word is read in any question: GDP, LNG and de are no pinyin


def _spelled(text: str) -> str:
    """Places and words of the trade typed in pinyin (leshan, guishang) in characters; other Latin words stay.

    A question that is all in pinyin is read word by word, short ones too.
    """
    typed = _LATIN.findall(text)
    if not any(len(word) >= _SURE for word in typed):
        return text
    whole = len(typed) > 2 and len(re.findall(r"[\u3400-\u9fff]", text)) <= _A_PLACE

    def read(found: re.Match[str]) -> str:
        said = found[0].lower()
        if len(said) < _SURE and not whole:
            return found[0]
        return _by_sound().get(said, _by_sound().get(re.sub(r"(?:shi|xian|qu)$", "", said), found[0]))

    spelled = _LATIN.sub(read, text)
    return re.sub(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])", "", spelled) if whole else spelled
