"""What a question requires of a sentence, whatever else of it was found: a post, a unit, a rank, a list, a name."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.asked_units import OF_ELSE, counts_else, in_unit, units_of
from assistant.clauses import CLAUSE, bounds
from assistant.figures import find_figures
from assistant.query import Query
from assistant.schema import Evidence


def lacking(query: Query, evidence: Evidence) -> bool:
    """True if the sentence lacks what the question requires: it cannot be the answer."""
    return any(lacks(query, evidence) for lacks in _RULES)


def _lacks_unit(query: Query, evidence: Evidence) -> bool:
    """True if a figure is asked for and none is in its unit."""
    text = evidence.sentence.text
    told = (one for one in find_figures(text) if in_unit(one, query.unit) and counts_else(query, text, one) < OF_ELSE)
    return query.kind == "number" and bool(query.unit) and not any(told)


# Measures in money that reports tell beside one another, and in what words.
_IN_MONEY = tuple(map(re.compile, ("GDP|生产总值|经济总量", "增加值", "利润", "税", "投资|投入|出资")))
_RANK = re.compile("第几|排名|位次|名次")
_GROWTH, _GROWS = (
    re.compile("增速|增幅|增长率|同比|增长了?(?:多少|几|百分)"),
    re.compile("[增涨升降跌减]|提高|回落|同比|[高低快慢]于"),
)


def _lacks_growth(query: Query, evidence: Evidence) -> bool:
    """True if a rate of growth is asked for, and no per cent of the sentence is one: 占GDP比重达25%."""
    if query.kind != "number" or _RANK.search(query.text) or not _GROWTH.search(query.text):
        return False
    text = evidence.sentence.text
    rates = [f for f in find_figures(text) if f.kind == "percent"]
    if units_of(query) != {"%", "百分点"}:
        return False
    return not any(_GROWS.search(CLAUSE.split(text[: rate.start])[-1]) for rate in rates)


def _lacks_measure(query: Query, evidence: Evidence) -> bool:
    """True if one of the measures above is asked for in money, and the clause of no such figure has it."""
    text = evidence.sentence.text
    asked = [measure for measure in _IN_MONEY if measure.search(query.text)]
    if query.kind != "number" or _RANK.search(query.text) or len(asked) != 1 or units_of(query) != {"元"}:
        return False
    figures = [figure for figure in find_figures(text) if in_unit(figure, "元")]
    told = (asked[0].search(text[slice(*bounds(text, figure, CLAUSE))]) for figure in figures)
    return bool(figures) and not any(found and text[found.start() - 1 : found.start()] != "占" for found in told)


def _lacks_rank(query: Query, evidence: Evidence) -> bool:
    """True if it is asked which of a series something is (第几家) and the sentence tells none (第一家, 首家)."""
    asked = re.search("第几(?P<of>[家个户座名])", query.text)
    return asked is not None and not re.search(
        rf"(?:第[一二三四五六七八九十\d]+|首){asked['of']}", evidence.sentence.text
    )


_POST = re.compile(
    r"(?<!副)(?:董事长|总经理|总裁|总工程师|书记|市长|县长|区长|州长|局长|主任|院长|行长|会长|厂长|经理)"
)


_WHO = "(?:谁|哪一?位|哪个人|何人)"
_HOLDER_ASKED = re.compile(
    rf"(?P<post>{_POST.pattern})(?:一职)?(?:现在|现任|目前)?(?:是谁|是哪位|叫什么|的名字|姓甚|是什么人|是?由{_WHO})"
    rf"|{_WHO}[^，。？]{{0,4}}?(?:现在|目前)?(?:担任|出任|任|是)[^，。？]{{0,12}}?(?P<of>{_POST.pattern})[？?]?$"
)


def _lacks_post(query: Query, evidence: Evidence) -> bool:
    """True if it is asked who holds a post (…的董事长是谁) and the sentence does not name it."""
    asked = _HOLDER_ASKED.search(query.text) if query.kind == "who" else None
    return asked is not None and (asked["post"] or asked["of"]) not in _POST.findall(evidence.sentence.text)


_PERSONS_ASKED = re.compile(
    "(?:有|是)(?:哪些人|哪几个人|哪几位)|(?:人员|专家|科学家|院士|链长|负责人)的?(?:名单|分别是谁|都是谁|都有谁|有谁|有哪些)"
)
# A common surname and a given name, between what is no part of it.
_NAMED = re.compile(
    "(?:^|[^\u3400-\u9fff]|[长记师家士员任理裁授人者])[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤]"
    r"[\u3400-\u9fff]{1,2}(?=[、，。；：（）()\s]|说|等|任|担任|介绍|表示|$)"
)


def _lacks_persons(query: Query, evidence: Evidence) -> bool:
    """True if people are to be named (首席科学家有哪些人) and the sentence names none."""
    return bool(_PERSONS_ASKED.search(query.text)) and not _NAMED.search(evidence.sentence.text)


_GREATEST_ASKED = re.compile(
    "哪一?[个家座项大]?(?P<sort>产业|行业|园区|开发区|项目|企业|公司)[^？]*最[高低多少大小快慢强]"
    "|最[高低多少大小快慢强]的?(?:是|为)?(?:哪一?[个家座项]?)?(?P<of>产业|行业|园区|开发区|项目|企业|公司)"
)
_TOLD_GREATEST = re.compile("最|第一|首位|居首|榜首|之首|冠军|首个|首家|唯一|第1")


def _lacks_greatest(query: Query, evidence: Evidence) -> bool:
    """True if it is asked which of a sort has most, and the sentence tells of none of it that is first or most."""
    asked = _GREATEST_ASKED.search(query.text) if query.kind != "aggregate" and not query.parts else None
    text = evidence.sentence.text
    return asked is not None and not (_TOLD_GREATEST.search(text) and (asked["sort"] or asked["of"]) in text)


_WORDS_ASKED = re.compile("原话|怎么(?:讲|说|表态|评价|看)的|如何(?:评价|看待|表态)|说了什么|表了?什么态")
_SPEAKS = re.compile(r"说|讲|表示|介绍|告诉|透露|感慨|坦言|(?<![简名职著号统美尊])称|认为|指出|强调|[：:]")


def _lacks_speech(query: Query, evidence: Evidence) -> bool:
    """True if somebody's words are asked for (原话是怎么讲的) and nobody speaks in the sentence."""
    return bool(_WORDS_ASKED.search(query.text)) and not _SPEAKS.search(evidence.sentence.text)


_ALONE = re.compile("单独|单项|(?:仅|只|单)[这该它]一?[个家项]")
_ANY_OF_SEVERAL = re.compile(r"(?P<items>[^，。；]{4,})(?P<n>[\d两二三四五六七八九十]+)[个家户项大]")
_OF_SEVERAL = re.compile(r"(?P<items>[^，。；]{4,})等(?P<n>[\d两二三四五六七八九十]+)[个家户项大]")
_DOING = re.compile(".*?(?:签约|引进|引入|招引|建成|投产|推进|实施|推动|落地|加快|包括)了?")
_TOGETHER = re.compile(r"[\d两二三四五六七八九十几多]+[个家户项]|一共|合计|总共|这些|等")


def _told_of_several(query: Query, text: str) -> bool:
    """True if the sentence lists what is asked about among others and tells no figure beside its name."""
    several = _ANY_OF_SEVERAL.search(text)
    items = re.split("[、及和与]", several["items"]) if several else []
    own = [item for item in items if len(item) > 3 and item[:4] in query.text]
    return bool(own) and not any(in_unit(f, unit) for f in find_figures(own[0]) for unit in units_of(query))


def _lacks_its_own(query: Query, evidence: Evidence) -> bool:
    """True if the amount of one thing is asked for, and the sentence tells that of several: 甲酒厂等9个项目."""
    text = evidence.sentence.text
    if query.kind == "number" and _ALONE.search(query.text) and _told_of_several(query, text):
        return True
    several = _OF_SEVERAL.search(text) if query.kind == "number" and units_of(query) == {"元"} else None
    if not several or any(in_unit(one, "元") and one.start < several.end() for one in find_figures(text)):
        return False
    items = [_DOING.sub("", item) for item in several["items"].split("、")]
    named = any(item[:3] in query.text for item in items if len(item) > 3)
    return bool(_ALONE.search(query.text) or (named and not _TOGETHER.search(query.text)))


_NUMBERS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SO_MANY_NAMED = re.compile(
    "(?P<n>[两二三四五六七八九])[个大座](?P<of>园区|园|县|镇|乡|村|厂|馆)子?(?:分别|各|都|的名字)*叫"
)
_NAMES_ASKED = re.compile("名字|名称|名单|叫什么|叫啥")


def _lacks_list(query: Query, evidence: Evidence) -> bool:
    """True if several are to be named (6个园区分别叫什么名字) and the sentence lists nothing."""
    several = query.kind == "list" or "分别" in query.text
    named = _SO_MANY_NAMED.search(query.text)
    if named and evidence.sentence.text.count(named["of"]) < _NUMBERS[named["n"]]:
        return True
    return several and bool(_NAMES_ASKED.search(query.text)) and not re.search("[、“：:]", evidence.sentence.text)


def _lacks_code(query: Query, evidence: Evidence) -> bool:
    """True if a name with digits (“1238”) is to be explained, and neither sentence nor heading has it."""
    names = re.findall(r"[“‘]([^”’]*\d[^”’]*)[”’]", query.text) if query.kind == "definition" else []
    told = f"{evidence.sentence.text} {evidence.sentence.section} {evidence.passage.title}"
    return any(name not in told for name in names)


_MEANS = "按照|根据|围绕|落实|依托|对照|融入|依据|遵循|结合|立足"


def _only_goes_by_it(query: Query, evidence: Evidence) -> bool:
    """True if a name in quotation marks is to be explained, and the sentence only goes by it (按照“2+5”体系，…)."""
    text = evidence.sentence.text
    names = re.findall("[“‘]([^”’]+)[”’]", query.text) if query.kind in {"list", "definition"} else []
    for name in names[:1]:
        said = [m.start() for m in re.finditer(re.escape(name), text)]
        by = [
            m.start("name")
            for m in re.finditer(rf"(?:{_MEANS})[^，。；]*?(?P<name>{re.escape(name)})[^，。；：（(]*，", text)
        ]
        if said and said == by and not _spells_out(name, text):
            return True
    return False


_NUMERALS = ("零", "[一1]", "[二两2]", *(f"[{han}{n}]" for n, han in enumerate("三四五六七八九", 3)))


def _spells_out(name: str, text: str) -> bool:
    """True if the text counts as many as each digit of the name says: 按照“1+5+N”布局，构建一总部五基地."""
    rest = text.replace(name, "")
    digits = re.findall(r"\d", name)
    return bool(digits) and all(re.search(rf"{_NUMERALS[int(digit)]}[\u3400-\u9fff]", rest) for digit in digits)


_RULES: tuple[Callable[[Query, Evidence], bool], ...] = (
    _lacks_unit,
    _lacks_measure,
    _lacks_growth,
    _lacks_rank,
    _lacks_greatest,
    _lacks_post,
    _lacks_persons,
    _lacks_speech,
    _lacks_its_own,
    _lacks_list,
    _lacks_code,
    _only_goes_by_it,
)
