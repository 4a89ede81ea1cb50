"""What a question requires of a sentence, whatever else of it was found: a unit, a measure, a rank, a cause, a name."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from assistant.asked_units import OF_ELSE, counts_else, in_unit, units_of
from assistant.clauses import CLAUSE, bounds
from assistant.coverage import THERE, content_words, presence
from assistant.figures import FoundFigure, contains_figure, find_figures
from assistant.named import (
    lacks_code,
    lacks_contact,
    lacks_instance,
    lacks_list,
    lacks_persons,
    lacks_post,
    lacks_speech,
    lacks_succession,
    only_goes_by_it,
)
from assistant.query import Query
from assistant.schema import Evidence
from assistant.wordclass import matter


def lacking(query: Query, evidence: Evidence) -> bool:
    """True if the sentence lacks what the question requires: it cannot be the answer."""
    return any(lacks(query, evidence) for lacks in _RULES)


def _lacks_unit(query: Query, evidence: Evidence) -> bool:
    """True if a figure is asked for and none is in its unit."""
    text = evidence.sentence.text
    told = (one for one in find_figures(text) if in_unit(one, query.unit) and counts_else(query, text, one) < OF_ELSE)
    if query.claims and _HOW_MANY.search(query.text):  # 40个项目中…有多少个: 40 is known
        told = (one for one in told if not any(contains_figure(claim.text, one) for claim in query.claims))
    told = (one for one in told if not _of_other_goods(query, text, one))
    return query.kind == "number" and bool(query.unit) and not any(told)


_HOW_MANY = re.compile("多少|几[个家户项座]")
_COUNTED = re.compile("(?:多少|(?<![这近那第好十之])几)(?P<rest>[^，。；、？?！]{2,10})")
_MONEY = frozenset({"资金", "金额", "经费", "费用", "投资", "款项"})  # a sum needs no such word
_PAID = ("钱", "费", "款")
_LONGEST = 6  # characters of a noun
_HEAD_WEIGHT = 0.8  # of a noun (wordclass.matter)


def _lacks_counted(query: Query, evidence: Evidence) -> bool:
    """True if it is asked how many there are of something (多少个车位) of which the sentence has no word."""
    asked = _COUNTED.search(query.text) if query.kind == "number" else None
    if not asked:
        return False
    unit = next((one.end for one in find_figures("3" + asked["rest"]) if one.start == 0), 1)
    noun = asked["rest"][unit - 1 :].split("的")[0]
    noun = noun if len(noun) <= _LONGEST else ""  # 几年才把原材料攻下来
    words = [w for w in content_words((noun,)) if matter(w) >= _HEAD_WEIGHT and w not in _MONEY]
    if not words or not noun.startswith(words[0]) or noun.endswith(_PAID):  # 多少户达到标准, 多少电钱
        return False
    around = f"{evidence.sentence.text}{evidence.sentence.section}"
    return bool(words) and presence(words[-1], around) < THERE


_GOODS = re.compile(r"(?:/年)?(?P<of>[\u3400-\u9fff]{2,5}?)(?=[/、，。；（(]|装置|项目|产能|生产线|$)")


def _of_other_goods(query: Query, text: str, figure: FoundFigure) -> bool:
    """True if tons of something that the question does not name are told (45万吨酒精), and of what it does name the
    sentence speaks only behind them.
    """
    of = _GOODS.match(text, figure.end) if figure.unit == "吨" else None
    if not of or any(a + b in query.text for a, b in pairwise(of["of"])):
        return False
    grams = {term[i : i + _GOODS_NAME] for term in query.terms for i in range(len(term) - _GOODS_NAME + 1)}
    return any(gram in text[of.end() :] and gram not in text[: figure.start] for gram in grams)


_GOODS_NAME = 4  # characters that name goods: 葡萄糖浆


# Measures in money that reports tell beside one another, and in what words.
_IN_MONEY = tuple(
    map(re.compile, ("GDP|生产总值|经济总量", "增加值", "利润", "税", "投资|投入|出资", "营收|收入|营业额|销售"))
)
_RANK = re.compile("第几|排名(?!前)|位次|名次|排在?第?几|居第?几|名列第?几")
_AN_ORDINAL = re.compile(
    r"第[一二三四五六七八九十百\d]+|首位|榜首|之首|居首|前[一二三四五六七八九十\d]+[位名强]?|首[家个名]|冠军"
)
# What is ranked, as reports tell one beside another.
_RANKED = re.compile("GDP|增加值|总?产值|投资|用电|收入|增速|户数|占比|比重|指数")
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
    """True if it is asked which of a series something is (第几家) and the sentence tells none (第一家, 首家), or a rank
    and the sentence tells that of another measure.
    """
    text = evidence.sentence.text
    asked = re.search("第几(?P<of>[家个户座])", query.text)
    if asked:
        return not re.search(rf"(?:第[一二三四五六七八九十\d]+|首){asked['of']}", text)
    if query.kind not in ("number", "open", "how") or not _RANK.search(query.text):
        return False
    measures = set(_RANKED.findall(query.text))
    ranks = list(_AN_ORDINAL.finditer(text))
    before = ("".join(re.split("[，；。]", text[: rank.end()])[-2:]) for rank in ranks)
    told = [set(_RANKED.findall(clauses)) for clauses in before]
    return not ranks or (bool(measures) and all(each and each.isdisjoint(measures) for each in told))


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


# 最早种的20亩 are not all there are
_IN_ALL, _OF_SOME = re.compile("总共|一共|共计|合计|全部|总的"), re.compile("最早|最初|首批|第一批|其中")


def _lacks_whole(query: Query, evidence: Evidence) -> bool:
    """True if it is asked how many there are in all, and each figure of the sentence is of some of them."""
    text, units = evidence.sentence.text, units_of(query)
    if query.kind != "number" or not units or not _IN_ALL.search(query.text):
        return False
    told = [f for f in find_figures(text) if any(in_unit(f, unit) for unit in units)]
    return bool(told) and all(_OF_SOME.search(CLAUSE.split(text[: figure.start])[-1]) for figure in told)


_FIRM_SPEAKS = re.compile(
    "(?P<firm>[\u3400-\u9fff（）()]{2,16}?(?:公司|集团|合作社|企业))[^，。“”]{0,6}(?:总经理|董事长|副总|负责人|经理|厂长|社长)[^，。”]{0,12}“"
)


def _of_a_firm(query: Query, evidence: Evidence) -> bool:
    """True if the figures of a place are asked for, and the sentence is what the head of a firm says of his own."""
    said = _FIRM_SPEAKS.search(evidence.sentence.text)
    named = said and any(a + b in query.text for a, b in pairwise(said["firm"][:4]))
    if any(contains_figure(evidence.sentence.text, claim) for claim in query.claims):  # 那20亩高粱, of his
        return False
    place = bool(query.places) and query.kind == "number" and not re.search("企业|公司|集团|合作社", query.text)
    return bool(said) and not named and place and "我们" in evidence.sentence.text


_SUBSET = re.compile("[里中]，?(?P<of>[\u3400-\u9fff]{2,4})[类型级](?:的?(?:项目|企业))?(?:占|有|共)了?(?:多少|几)")


def _lacks_subset(query: Query, evidence: Evidence) -> bool:
    """True if it is asked how many of them are of a sort (扩建类占了多少个) and the sentence tells of none."""
    asked = _SUBSET.search(query.text)
    return asked is not None and asked["of"] not in evidence.sentence.text


_ENDS = re.compile("撤销|取消|关停|停产|破产|倒闭|解散|下马|叫停|搁浅|流产")


def _lacks_end(query: Query, evidence: Evidence) -> bool:
    """True if the question takes for granted that something was given up, of which the sentence has no word."""
    asked = _ENDS.search(query.text) and not re.search("为什么|为何|原因", query.text)
    return bool(asked) and not _ENDS.search(evidence.sentence.text)


_CAUSE = re.compile("是?什么(?:原因)?(?:让|使|导致|造成|拖慢|拖累|拉低|影响)了?")
_BECAUSE = re.compile("因|由于|得益|受|影响|导致|造成|使|让|带动|拉动|归功|源于|缘于|拖|拉低")


def _lacks_cause(query: Query, evidence: Evidence) -> bool:
    """True if it is asked what brought something about, and the sentence has no word of a cause."""
    return bool(_CAUSE.search(query.text)) and not _BECAUSE.search(evidence.sentence.text)


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


_RULES: tuple[Callable[[Query, Evidence], bool], ...] = (
    _lacks_unit,
    _lacks_counted,
    _lacks_measure,
    _lacks_growth,
    _lacks_rank,
    _lacks_greatest,
    lacks_post,
    lacks_persons,
    lacks_speech,
    _lacks_whole,
    _lacks_subset,
    _lacks_cause,
    _lacks_end,
    lacks_succession,
    _of_a_firm,
    _lacks_its_own,
    lacks_list,
    lacks_code,
    lacks_contact,
    lacks_instance,
    only_goes_by_it,
)
