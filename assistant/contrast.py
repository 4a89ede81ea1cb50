"""A question that compares, clause by clause: which clause names the things, which what is measured, which only asks.

甲产业和乙产业，力争突破的产值哪个更大？分别是多少？ names two things, then their measure, then asks again. Only
questions of that shape are read here; all others are for `operands`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.ellipsis import COUNTABLE, JOINS, MEASURE, SERIES, THAN, bare, completed
from assistant.periods import find_periods
from index import find_places

# The end of an operand of which the time is asked.
EVENT = "的时间"
_HAN = "\u3400-\u9fff"
_UNITS = r"(?:个?百分点|个点|亿元|万元|亿|万[亩吨户人]?|[户家个项座位名条种类亩元倍吨人年])"
_HOW_MUCH = rf"(?:多少|几){_UNITS}?"
_SIZE = "[高低多少大小快慢早晚]"
_WHICH = r"(?:谁|孰|哪一?[个座家边方项种类件者]|哪里)"
# Words that ask which, by how much, or what each is: without them a clause is what is asked about.
_ASKS = re.compile(
    rf"(?:两者|二者|它们|双方)?(?:之间)?(?:还|又)?相?(?:差|距)了?(?:{_HOW_MUCH}|多[少大])|(?:差额|差距|差值|差别)(?:是|为|有)?(?:{_HOW_MUCH}|多大)"
    rf"|(?:各自|各|分别)(?:都)?(?:[提上]升|前进|前移|进步|提高|增长|增加|完成|实现)?了?约?(?:是|为|有|达到?|在|定为?)?(?:{_HOW_MUCH}|多[大高快]|哪[年月天]|几月|何时|什么时候)"
    rf"|(?:是|为|有|达到?)(?:{_HOW_MUCH}|多[大高快])"
    rf"|最{_SIZE}的?(?:是|为)?{_WHICH}[{_HAN}]{{0,2}}$"
    rf"|{_WHICH}[{_HAN}]{{0,5}}?得?(?:要?更|最|较)?{_SIZE}(?:一些)?"
    rf"|相?差?悬殊吧?|差[别距]大[吗么吧]?|(?:这|那)?[两三]件事|{_WHICH}在[先前]|先后如何"
    rf"|(?:要|还要|还需要?|应)?(?:更{_SIZE}|[高低多少大小快慢]|增加|提高|增长)出?了?{_HOW_MUCH}"
    rf"|超[出过]了?{_HOW_MUCH}|[早晚]了?{_HOW_MUCH}|(?:是|为)?{_HOW_MUCH[:-1]}?倍|约?(?:[是为])?[前后]者的(?:多少|几)倍|(?:相同|一样|一致)吗|是否(?:相同|一致|一样)|相比(?:较)?(?:如何|怎样)?|如何|怎样|比较|对比|请?(?:写明|给出|说明|列出|附上|注明)[^，]*|放在?一起比?|相互"
)
_EARLIER = re.compile(rf"{_WHICH}[{_HAN}]{{0,5}}?得?更?[早晚]|{_WHICH}在[先前]|[早晚]了?几[年月天]|先后如何")
_COMPARES = re.compile(
    rf"{_WHICH}|相?差|差[额距]|更{_SIZE}|[高低多少大小快慢早晚]出?了?(?:多少|几)|各|分别|几倍|多少倍|相比|最{_SIZE}"
)
# What is no comparison, or one that the rules of operands.py read.
_OTHERWISE = re.compile(
    "合计|总共|一共|总和|之和|加起来|相加|加总|总计|共计|减去|扣除|扣掉|平均|占[^，]*(?:多少|几成|百分之几|多大)|占[^，]*比[例重](?:是|为)?$"
    "|哪些|目标[^，]*还?(?:差|缺)|没有|谁说"
)
_BY = re.compile(r"^(?:按照?|根据|依据|从)[^，]*(?:列|规划|计划|报[告道]|口径|说法|数据|数字|统计|来看|看)[^，]{0,4}$")
_TOPIC = re.compile(
    r"^(?:关于|在|从|论|就|(?:单|只|同样|都)看)?(?P<what>[^，]*?)(?:方面|上来?看|来看|来说|而言|上|这项|的?问题上)?$"
)
_THAN = rf"相当于|{THAN}|(?<![同环比相])较(?![上去前同往大高快多好为])"
_OF_BOTH = re.compile(
    "[这那]?[两三四](?:个|大|家|项)(?:20\\d\\d年?)?的?(?:(?P<kind>产业|园区|项目)|榜单?|指标|城市|地方)?(?:[上中里]|之间)?"
)
_OPENS = re.compile("^(?:把|将|各|分别|都|则|又|请写明|请问)+")
_CLOSES = re.compile("(?:各|分别|都|是|为|有|在|之间|相|还?要)+$")
_MEASURE_ASKED = re.compile(rf"{_WHICH}的?(?P<what>[{_HAN}]{{2,8}}?)(?:要|得)?(?:更|最|较)?{_SIZE}")
_BACK = re.compile("^[前后]者")
_GROWS = re.compile(rf"{_WHICH}[^，]{{0,4}}(?:增长|涨|增)得?更?快")
_RISES = re.compile(
    "(?:提升|上升|前进|前移|进步)了?(?:多少|几)[位名]"
    "|(?:位次|名次|排名)的?(?:提升|上升|前进|前移)|(?:提升|上升|前进|前移)的?(?:位次|名次)"
)
_ONLY_AIM = re.compile("到?的?(?P<aim>(?:年均)?(?:增速|增长)?目标|实际|预计数|计划)")
_RATE = re.compile("(?:增速|增幅|增长率|占比|比重)$")
# 按2026年“力争突破”的目标，…: which of two aims is meant.
_OF_AIM = re.compile(
    "^按?照?(?P<when>[^，“‘]*?)的?[“‘]?(?P<aim>力争突破|力争|冲刺|初步|最低)[”’]?的?(?:目标|口径|要求)[中里]?(?:来?[看算比])?$"
)
_OF_THIS_AIM = re.compile(
    "按照?[“‘]?(?:力争突破|力争|冲刺|初步|最低)[”’]?的?(?:目标|口径|要求)(?:来?[看算比])?(?=[^，])"
)
_TOLD = re.compile(f"(?:{MEASURE.pattern}|{COUNTABLE.pattern})")
_SOME_MEASURE = re.compile(MEASURE.pattern.removesuffix("$"))
_COUNTS = re.compile("(?:多少|几)[户家个项](?!百?分?点)")
_OF_SORT = re.compile("^(?:园区|产业|企业|项目|城市|行业)的?(?=[\u3400-\u9fff]{2})")  # 哪个园区产值更高
_FEW = 3  # characters of a clause that add nothing: 两年来
_NEW = 2  # …that may be new where a clause only says again what was said


def contrasted(text: str) -> tuple[str, ...]:
    """The two or more things that `text` (without brackets, its marks commas) compares, each with its measure and
    period; those of which the time is asked end in EVENT. () where the question has not that shape.
    """
    if not _COMPARES.search(text) or _OTHERWISE.search(text):
        return ()
    items: list[str] = []
    lead: list[str] = []
    measure, aim, when = "", "", bool(_EARLIER.search(text))
    for clause in _clauses(text):
        aimed = _OF_AIM.match(clause)
        if aimed:
            alone = not _SOME_MEASURE.search(text.replace(clause, ""))
            measure = f"{aimed['aim']}目标" if alone else measure
            aim, clause = "" if alone else f"{aimed['aim']}的", aimed["when"]
        clause = _OF_BOTH.sub("", clause).lstrip("的") if items else clause
        inner = _MEASURE_ASKED.search(clause)
        asked = _moves(clause)
        if inner and _TOLD.search(inner["what"]) and not COUNTABLE.fullmatch(inner["what"]):
            asked, clause = inner["what"], f"{clause[: inner.start()]}，{clause[inner.end() :]}"
        said = _without_asking(clause)
        if not items and (pieces := _pieces(clause, events=when)):
            items = pieces
        elif items and _is_measure(said) and bare(said) not in "".join(items):
            asked = said
        elif (said and not bare(said)) or (not items and said and not _ASKS.search(clause)):
            lead.append(said)
        elif len(said) > (_FEW if items else 0) and not _BACK.match(said) and not _said_before(said, items):
            return ()
        asked = _OF_SORT.sub("", asked)
        if measure and asked and not measure.endswith(asked):  # several figures of each
            return ()
        measure = measure or asked
    counts = bool(_COUNTS.search(text))
    made = _whole(items, lead, measure, when=when, counts=counts) if items else ()
    return tuple(MEASURE.sub(lambda found: aim + found[0], one) for one in made) if aim else made


def _moves(clause: str) -> str:
    """The measure of a clause that asks which grows faster, or rises further in a list."""
    return "增速" if _GROWS.search(clause) else "提升的位次" if _RISES.search(clause) else ""


def _clauses(text: str) -> list[str]:
    """The clauses of a question; 与甲相比，乙… and 甲，与乙，… have both things in one."""
    text = re.sub("^(?:与|和|跟|同)([^，]{2,})相比，(?=[^，]*[^，多高快])", r"\1与", text)
    text = re.sub("(?<=[^，]{4})，(?=(?:与|和|跟)[^，]{4,}，)", "", text)
    text = _OF_THIS_AIM.sub(r"\g<0>，", text)
    text = re.sub("([^，]{4,})，(?=比[^，]{4,})", lambda one: one[1] if _is_operand(one[1]) else one[0], text)
    return [clause.strip(" 的") for clause in re.split("[，：]", text) if clause.strip()]


def _is_operand(clause: str) -> bool:
    return bool(MEASURE.search(clause) or COUNTABLE.search(clause))


def _without_asking(clause: str) -> str:
    said = _ASKS.sub("，", clause).strip("，的 ")
    return _CLOSES.sub("", _OPENS.sub("", said)).strip("，的 ")


def only_asks(clause: str) -> bool:
    """True if a clause says nothing but which, or by how much: 高出多少."""
    return not bare(_without_asking(clause))


def _said_before(clause: str, items: Sequence[str]) -> bool:
    """True if a clause has no words but those of the things named: 六期比一期多多少."""
    new = [c for c in re.sub("[比与和跟较是的，]|自己|自身|本身", "", clause) if c not in "".join(items)]
    return bool(items) and len(new) < _NEW


def _is_measure(clause: str) -> bool:
    return bool(MEASURE.search(clause)) and not find_places(clause) and not re.search(JOINS, clause)


def _pieces(clause: str, *, events: bool) -> list[str]:
    """The things that one clause puts side by side; [] for any other clause. An event may be told with a list."""
    said = _without_asking(clause)
    than = re.split(_THAN, said)
    if len(than) == 2 and all(map(_named, than)):
        return [re.sub(f"(?:[涨长增跑]得|{_SIZE})$", "", piece.strip("的，")) for piece in than]
    said = re.sub("^(?:与|和|跟|同)", "", re.sub("相?比$|之间$", "", said)).strip("的， ")
    said = _OF_BOTH.sub(lambda found: found["kind"] or ("的" if found.end() < len(found.string) else ""), said)
    between = "与" if "与" in said else JOINS  # 甲与乙和丙的产值: the first joins
    joined = [re.sub(f"^是|{_SIZE}$", "", piece.strip("的、 ")) for piece in re.split(between, said)]
    if len(joined) == 1 and said.count("、") == 1:  # 甲榜单、乙榜单，哪个…
        joined = said.split("、")
    if len(joined) < 2 or not all(map(_named, joined)):
        return []
    measured = any(MEASURE.search(bare(piece)) for piece in joined[:-1])
    if not (events or measured or "、" in joined[-1]):  # 甲、乙和丙的产值
        joined = [one for piece in joined for one in piece.split("、")]
    return joined if all(map(_named, joined)) else []


def _named(piece: str) -> bool:
    return len(piece.strip("的，、 ")) > 1


def _without_ends(text: str) -> str:
    """What is left of 到2026年的力争目标 without the period."""
    return re.sub("^[到在从至]?的?", "", text)


def _whole(items: Sequence[str], lead: Sequence[str], measure: str, *, when: bool, counts: bool) -> tuple[str, ...]:
    """The items with what stands before and behind all of them."""
    periods = [p.text for clause in (*lead, measure) for p in find_periods(clause)][:1]
    places = [p.name for clause in lead for p in find_places(clause)][:1]
    topic = ""
    for clause in (one for one in lead if not _BY.match(one) and not one.endswith(("中", "里", "内"))):
        found = _TOPIC.match(clause)
        what = _SO_MANY.sub("", _without_ends(bare(found["what"]))) if found else ""
        if MEASURE.search(what) and (not measure or _RATE.fullmatch(measure)):  # 工业占经济的比重，… 哪个占比高
            measure = what
        else:
            topic += what
    items = [one if topic in one else topic + one for one in _with_head(_of_places(items) if measure else items)]
    if COUNTABLE.search(topic) and not any(COUNTABLE.search(one) or MEASURE.search(one) for one in items):
        items = [one.removeprefix(topic) + topic for one in items]  # 重大项目，区级的比市级的多几个
    where = "" if any(map(find_places, items)) else "".join(places)
    if when:
        events = dict.fromkeys(f"{where}{''.join(periods)}{one}{EVENT}" for one in items)
        return tuple(events) if len(events) > 1 else ()
    items = [_measured(one, _without_ends(bare(measure))) for one in items]
    told = next((one for one in reversed(items) if MEASURE.search(bare(one))), "")
    tail = told.rpartition("的")[2] if "的" in told else ""
    if tail and find_periods(tail):
        tail = ""
    items = [one if MEASURE.search(bare(one)) or not bare(one) else one + tail for one in items]
    owner, _, counted = items[-1].rpartition("的")
    if counts and not told and owner and COUNTABLE.search(counted):  # 甲园区 and 乙园区的规上企业
        items = [one if "的" in one else f"{one}的{counted}" for one in items]
    own, *rest = [[p.text for p in find_periods(one)] for one in items]
    made = completed(items, shared="".join(periods or ([] if any(rest) else own[:1])))
    made = tuple(where + one for one in made)
    whole = [bool(MEASURE.search(bare(one)) or COUNTABLE.search(bare(one))) for one in made]
    return made if all(whole) or (counts and any(whole)) else ()


# of a topic before the things are named: 两个重点园区, 投产的两个项目
_SO_MANY = re.compile("(?:[^，的]{2,4}的)?[两二三四][个大家](?:重点|主要)?(?:工业)?(?:园区|产业|企业|项目)")
_SORT = re.compile("(?:企业|项目|产业|行业|平台|机构|人才)$")


def _of_places(items: Sequence[str]) -> list[str]:
    """甲市 and 乙市的白酒产业, whose measure another clause says: of the same sort, each."""
    sort = re.sub("[“”]", "", bare(items[-1]))
    return [one if bare(one) or not _SORT.search(sort) else f"{one}{sort}" for one in items]


def _with_head(items: Sequence[str]) -> list[str]:
    """The items, each with what only the first says of all of them."""
    first, *others = items
    ways = (_in_series, _of_one_sort, _of_aims, _of_measures, _of_one_rate, _of_owner, _of_years)
    return next((made for way in ways if (made := way(first, others))), list(items))


def _in_series(first: str, others: Sequence[str]) -> list[str]:
    """酒厂一期项目 and 六期项目."""
    begins = SERIES.search(first)
    if not begins or not all(map(SERIES.match, others)):
        return []
    return [first, *(first[: begins.start()] + one for one in others)]


_OF_A_SORT = re.compile("[\u3400-\u9fff]{2,8}?(?P<sort>产业|园区|行业|集群)(?P<rest>.*(?:力争|突破|目标|预计|初步).*)$")


def _of_one_sort(first: str, others: Sequence[str]) -> list[str]:
    """甲市酿酒 and 机械制造产业力争突破的产值: the aim is asked of both industries."""
    last = _OF_A_SORT.match(others[-1])
    short = [first, *others[:-1]]
    if not last or not MEASURE.search(bare(last["rest"])) or any(MEASURE.search(bare(one)) for one in short):
        return []
    return [*(f"{one.removesuffix(last['sort'])}{last['sort']}{last['rest']}" for one in short), others[-1]]


def _of_measures(first: str, others: Sequence[str]) -> list[str]:
    """新兴产业的产值 and 增幅: of the same, a rate that of the first measure."""
    if not all(MEASURE.fullmatch(re.sub("^(?:同比|年均|预计|平均)", "", one)) for one in others):
        return []
    head = MEASURE.sub("", first)
    return [first, *(first + one if _RATE.search(one) and not _RATE.search(first) else head + one for one in others)]


_FURTHER_AIM = re.compile("(?P<aim>力争突破|力争|冲刺|最低|初步|基本)的?(?:目标)?[值数]?")
_FIRST_AIM = re.compile("(?P<of>总?产值|增加值|投资额?|收入|营收|税收)?的?(?:初步|基本|最低)?(?:的?目标)?[值数]?$")


def _of_aims(first: str, others: Sequence[str]) -> list[str]:
    """酿酒产业2026年的产值目标 and 力争值: two aims of one thing."""
    further = [_FURTHER_AIM.fullmatch(one) for one in others]
    own = _FIRST_AIM.search(first)
    if not own or not all(further) or not own[0]:
        return []
    head, of = first[: own.start()], own["of"] or "目标"
    return [first, *(f"{head}{one['aim']}{of}" for one in further if one)]


def _of_one_rate(first: str, others: Sequence[str]) -> list[str]:
    """工业投资 and 技改投资的预计增幅: the rate is asked of both."""
    last, _, rate = others[-1].rpartition("的")
    both = [first, *others[:-1], last]
    measured = all(MEASURE.search(bare(one)) and not _RATE.search(one) for one in both)
    return [f"{one}的{rate}" for one in both] if _RATE.search(rate) and measured else []


def _of_owner(first: str, others: Sequence[str]) -> list[str]:
    """新认定的高新企业 and 创新型企业: things counted, of the same."""
    owner, counted = first.rpartition("的")[::2]
    alike = COUNTABLE.search(counted) and all(COUNTABLE.search(one) and "的" not in one for one in others)
    if not alike or not bare(owner):
        return []
    return [first, *(one if find_places(one) or find_periods(one) else f"{owner}的{one}" for one in others)]


def _of_years(first: str, others: Sequence[str]) -> list[str]:
    """机械产业2025年的产值目标 and 2020年的产值: the others begin with their periods."""
    when, told = find_periods(first), list(map(find_periods, others))
    if not when or not all(found and found[0].start == 0 for found in told) or any(map(find_places, others)):
        return []
    head, tail = first[: when[0].start], first[when[0].end :]
    if not bare(tail):  # 2019年和2020年的产值
        first += others[-1][told[-1][0].end :]
    matter = re.sub("的?目标$|(?<=的)实际", "", tail)  # the aim belongs to the year it stands behind
    made = []
    for one in others:
        if not bare(one):
            one += matter
        elif _ONLY_AIM.fullmatch(bare(one)) and bare(matter):
            one = re.sub("的?(?:年均)?(?:增速|增长)?目标$", f"{matter}目标", one)
        made.append(head + one)
    return [first, *made]


def _measured(item: str, measure: str) -> str:
    """The item with the measure named elsewhere in the question, where it has none or says only that it is an aim."""
    said = bare(item)
    only = _ONLY_AIM.fullmatch(said)
    if measure and only:
        aim = "" if measure.endswith(only["aim"]) else only["aim"]
        return f"{item.removesuffix(only['aim']).rstrip('的')}{measure}{aim}"
    if MEASURE.search(said):
        further = measure == "目标" and not said.endswith("目标")
        return item + measure if further or (_RATE.search(measure) and not _RATE.search(said)) else item
    return item + measure
