"""A question about several things -> what each of them is: the operands of a comparison, a sum or a share.

甲市的规上企业数比乙市多多少 speaks of 甲市规上企业数 and 乙市规上企业数: what one operand leaves out (indicator,
period) is taken from the other; a place it does not name is for the caller to prefer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.between_years import between, of_two_years
from assistant.contrast import contrasted
from assistant.ellipsis import COUNTABLE, JOINS, MEASURE, SERIES, THAN, bare, completed
from assistant.periods import find_periods
from index import find_places, parent_place

_HAN = "\u3400-\u9fff"
_PLUS = r"(?<![增参追更施添])加(?:上)?(?![值工快强大速盟以入油氢装密热班注])"
_MINUS = r"(?<![增缩裁、])减(?:去|掉)?(?![税少排碳负免半持缓轻速灾产员量、])"
_AND = rf"{JOINS}|、"
_AND_ELSE = _AND.replace("及(?!", "及(?![^，的年]{1,6}[产行]业|")  # one industry: 光伏及半导体产业
_JOINED = re.compile(rf"{_AND}|{THAN}|{_PLUS}|{_MINUS}|，|,")
# What is left of a question when the operands are taken out.
_ASKING = re.compile(
    r"(?:(?:谁|哪一?[个座家边方里])[\u3400-\u9fff]{1,2}|[定排做干跑走长涨搞])得更?[高低多少大小快慢好]|加起来|加在一起|合起来|合在一起|放在一起|相加|加总|求和|合计|总共|一共|共计|总和|之和|之间|相比较?|相差|相减|之差|差距有?多[少大]|差距|差额|差(?:多[少大]|了?几)(?:个?百分点|个点|亿元|万元|亿|[户家个项元亩倍])?|差了"
    r"|相差?悬殊吧?|悬殊吧?|差别大[吗么]?|对比|比较|一样|相同|不同|区别|分别|各自|各有|各是|各为|各|都有|都是|都|谁更?[高低多少大小快慢](?=，|$)|谁|更|哪一?[个座家边方]|哪里|孰"
    r"|最[高低多少大小快慢]|[两三四五]者|[两三四五]地|[两三四五]市|[两三四五]县|[两三四五]个?(?:城市|地方|园区|公司)"
    r"|[高低多少大小快慢]出?了?(?:多少|几)(?:个?百分点|个点|倍|亿元|万元|亿|[户家个项元亩倍]|万?吨)?|的?(?:多少倍|几倍|倍数)|有?多少[户家个项](?=[\u3400-\u9fff]{2})|的?多少"
)
_TAIL = re.compile(
    r"(?:共?有?(?:多少|几)(?:亿元|万元|亿|万|个?百分点|[元亩户家个项座位名条种类倍吨人])?|是什么|是啥|怎么样|如何|呢|吗|[是为有共的又]|[高低多少大小快慢]出?了?(?=$))+$"
)
_COUNTING = re.compile(r"(?:一共|总共|共)?有?(?:多少|几)(?:亿元|万元|亿|万|[元亩户家个项座位名条种类吨人])?[？?]?$")
_SHARE = re.compile(
    r"^(?P<a>.+?)(?:，)?(?:大约|约|要|能)?(?<!市场)占(?!地)到?了?(?!比)(?P<b>.{2,}?)(?:中|里面?|当中)?的?"
    r"(?:比例|比重|占比|百分之几|百分之多少|百分比|份额|几成|多大比例|多少比例|多大比重|多少(?![个户家项座](?!百分)))[^，。]{0,6}[？?]?$"
)
_SHARE_WITHIN = re.compile(
    r"^(?P<a>.+?)在(?P<b>[^，]{2,}?)(?:里面?|当中|中)(?:所|能|大约)?占到?了?的?(?:多|几|百分|比|份额).*$"
)
_SHARE_OF = re.compile(  # 转移就业的人里，输出省外的占多大比例
    r"^(?P<b>[^，]{4,}?)(?:里面?，?|当中，?|中，?|的，)(?P<a>[^，]{2,}?)的?(?:所|能|大约)?占到?了?的?"
    r"(?:(?:多少|几)(?![个户家项座](?!百分))|多大|百分|比|份额).*$"
)
_SHARE_IN = re.compile(  # 已开工的项目里有百分之几完成了验收
    r"^(?P<b>.{4,}?)(?:里面?|当中|中)，?有?(?:百分之几|百分之多少|几成|多大比例)的?(?P<a>[^，多几]{2,}?)了?$"
)
_LESS = re.compile(
    rf"^(?P<a>.+?)(?:{_MINUS}|扣除|扣掉|扣去|除去|去掉|刨[去开除]|除开|撇开|剔除|不算)(?:掉|了)?(?P<b>.+?)"
    r"(?:之?后|以后)?[，,]?(?:(?:其他|其余|别的)[^，]{0,4}?|(?<=，)[^，]{2,8}?(?:大概|大约|约)?(?=[是有]))?(?:还|剩下?|余下|等于|是多少|有多少|是几|得多少|多少).*$"
)
_BUT_FOR = re.compile(  # 甲的总规模中，除一期外，其余为多少
    r"^(?P<a>.+?)[中里]?，?除了?(?P<b>[^，除]{2,}?)(?:以外|之外|外)，?的?(?:其余|其他|剩余|剩下|别的|另外).*$"
)
_TIMES = re.compile(
    r"^(?P<a>[^，]{3,}?)，?(?:大约|约)?(?:是|为|相当于)[它其]?的?(?P<b>[^，]{4,}?|[^，]{0,2}?[一二三四五六七八九]期(?:项目|工程)?)的?"
    r"(?:多少|几)倍.*$"
)  # 甲的年产能是2010年一期年产能的几倍
_NAMED_ZONE = re.compile("(?:园区|高新区|经开区|开发区|新区|基地|公司|集团)$")
_ONLY_AIMS = ("目标", "力争目标", "初步目标", "计划")
_EACH = re.compile(
    r"^(?P<a>.*?)[，,]?平均(?:下来)?[，,]?(?:每一?|一)(?P<unit>[户家个项亩名人座])(?P<noun>[\u3400-\u9fff]{0,6}?)的?"
    r"(?P<what>总?产值|总?投资额?|收入|资金|面积)(?:大约|约|是|为|有)*(?:多少|几).*$"
)
_GAP = re.compile(
    r"^(?P<a>.+?)[，,]?(?:距离?|离|与|和|跟)(?P<b>[^，,]*?目标)(?P<what>[^，,]*?)[，,]?(?:还|相)?(?:差|缺|有|需).*$"
)
_ON_THE_WAY = re.compile(  # 产值要从2023年的水平做到2026年的目标，还差多少亿
    r"^(?P<what>.+?)(?:，)?(?:[若如]果?能?|要)?(?:[如按]期|按时|顺利)?(?:要|若要|想)?从(?P<a>[^，]*?)(?:的?水平|的?基础)?上?"
    r"(?:做|提高|增加|增长|提升|升|涨|发展|扩大|达|走|冲)?到(?P<b>[^，]*?(?:目标|力争的?(?:数字?|值)?))"
    r"[，,]?(?:[几两二三四五六七八九十]年[间内里]?，?)?(?:还|相)?(?:差|缺|有|需|要|得).*$"
)
_TWO = re.compile(rf"{THAN}.*(?:多少|几|[高低多少大小快慢])|相比|相差|之差|差距|差额|差多[少大]|倍")
_SUM = re.compile(r"合计|总共|一共|共计|总和|之和|加起来|加在一起|合起来|相加|加总|总计|求和|共有?多少|加上")
_ALL = re.compile(r"(?:全|整个)[市县区省州国盟](?:的)?(?:总量|总数|全部)?")
_REST = re.compile(
    r"^(?P<a>.+?)[里中]?，?(?:到[^，]{2,6}时，?)?(?:还有|还剩|还差|尚有|剩下)(?:多少|几)(?:[个家户项座]|[万亿]?元)?(?:的?项目|的?投资)?(?:没有?|未|尚未)(?P<b>[\u3400-\u9fff]{2,4}|动).*$"
)
_NOT_YET = re.compile(  # 计划开工的项目里，还没开工的剩几个
    "^(?P<a>.+?)[里中]，?(?:还)?[没未]有?(?P<b>开工|动工|完成|投产|竣工|建成|签约|落地|到位|验收|纳统)的(?:还)?[剩有]下?(?:几|多少)[个家户项].*$"
)
_FROM_RATIO = re.compile("根据[^，]*(?:关系|倍数)")  # one figure is to be inferred
_RISES = re.compile("(?:下降|上升|提高|降低|提升|增加|减少|回落|变化|升高|[升降涨跌])了?(?:多少|几)个?(?:百分)?点")
_EVERYWHERE = re.compile(r"(?:哪些|哪几个|所有|各个?|每个?)(?:城市|地方|市县|县市|区县|市州|地区|市|县)|各地")
_RANKED = re.compile("各(?:个|大)?(?:产业|行业|园区|项目|企业|领域)[^？]*最[高低多少大小]")  # nobody named them
_LISTING = re.compile(r"哪些|什么|谁[说讲]|靠|哪位")
_EACH_OF = re.compile(r"分别|各|哪|谁|更|最|比较|对比|一样|相同|不同|区别|孰")


_OPENING = re.compile(
    r"^(?:(?:单?论|要说|就|单看|光看|只看|说到|说起)(?=[^，]{2,}，)|(?:我?想|请|帮我)*(?:比较|对比|比一比)(?:一下)?(?=[^，：]{2,}[，：]))"
)
_REACHES = re.compile("赶得上|赶上了?|比得上|及得上|追得?上了?")
_COMPARED_WITH = re.compile("(?<=[\u3400-\u9fff])相?比，(?=相?差|谁|哪|[高低多少大小]|孰)")


_OF_ALL = re.compile("^请?(?:把|汇总|统计|归纳|梳理)(?:一下)?(?=[^，]{2,}(?:[、和与]|加))")


def _plain(text: str) -> str:
    """The question without brackets and long quotations, its marks commas."""
    text = re.sub(r"[“‘《][^”’》]*[”’》]", lambda m: m[0] if len(m[0]) < 16 else "", text).strip(" 。？?！!")
    text = re.sub("[？?！!。]", "，", re.sub("[（(][^（）()]*[）)]", "", text))
    text = _OF_ALL.sub("", text)
    text = text.replace("吗，", "，")
    return _OPENING.sub("", _REACHES.sub("比", _COMPARED_WITH.sub("，", text)))


def plainly_compares(text: str) -> bool:
    """True if the clauses of the question say what is compared, so that nobody need be asked what it means."""
    return bool(contrasted(_plain(text)))


def operands(text: str) -> tuple[str, ...]:
    """What the standalone question `text` compares or computes with, two or more phrases; () for a plain question."""
    text = _plain(text)
    made = (_FORESEEN.sub(lambda said: said[0] if said[0] in text else said["year"], one) for one in _of(text))
    return tuple(_UNPAIRED.sub("", one) for one in made)


_UNPAIRED = re.compile("“(?=[^”]*(?:“|$))")  # 在“2020年 of 在“十三五”期间与2020年
_FORESEEN = re.compile("(?:预计|预期|计划|力争)到?(?P<year>20\\d\\d年)")  # of the year that it stands before


def _of(text: str) -> tuple[str, ...]:
    if _EVERYWHERE.search(text) or _RANKED.search(text) or _FROM_RATIO.search(text):
        return ()
    apart = contrasted(text) or of_two_years(text) or between(text)
    if apart:
        return apart
    topic, colon, question = text.partition("：")
    if colon and find_places(topic) and find_places(question):
        return _measured(_of(question), bare(topic).strip("和与、及的"))
    shares = () if _RISES.search(text) else (_SHARE_WITHIN, _SHARE_OF, _SHARE_IN, _SHARE)
    for pattern in (*shares, _BUT_FOR, _LESS, _ON_THE_WAY, _GAP):
        match = None if pattern is _GAP and len(_top_places(text)) > 1 else pattern.match(text)
        if match and not re.search("多少|几", match["a"]) and not _ALL.fullmatch(match["b"].strip("的")):
            return _pair(pattern, match)
    times = _TIMES.match(text)
    if times and MEASURE.search(bare(times["a"])) and _NAMED_ZONE.search(times["b"]):  # 甲园区的产值是乙园区的几倍
        return completed([times["a"], f"{times['b']}的{bare(times['a']).rpartition('的')[2]}"])
    if times and re.search(f"{SERIES.pattern}(?:项目|工程)?$", times["b"]):  # 现在的年产能是一期的几倍
        return completed([times["a"], f"{times['b']}的{bare(times['a']).rpartition('的')[2]}"])
    if times and all(MEASURE.search(bare(times[one])) and bare(times[one]) not in _ONLY_AIMS for one in "ab"):
        return completed([times["a"], times["b"]])
    rest = _REST.match(text) or _NOT_YET.match(text)
    if rest and "计划" in rest["a"]:
        begun = "开工" if rest["b"] == "动" else rest["b"]
        done = re.sub(rf"计划(?:新)?(?:{begun})?的?", f"已{begun}", rest["a"])
        return rest["a"].rstrip("，的"), done.rstrip("，的")
    average = _EACH.match(text)
    if average:
        head, noun = average["a"].rstrip("的，"), average["noun"]
        counted = head if noun and noun in head else f"{head}{noun}"
        return f"{head}{average['what']}", f"{counted}{'数量' if counted else ''}"
    places = _top_places(text)
    if len(places) > 1 and _joined(text, places):
        return _by_place(text, places)
    if _TWO.search(text) or _SUM.search(text) or (_EACH_OF.search(text) and not _LISTING.search(text)):
        return _by_joint(text)
    return _each_period(text)


def _measured(texts: tuple[str, ...], topic: str) -> tuple[str, ...]:
    """Operands that say only 目标 or 实际, each with the matter that the question named before its colon."""
    return tuple(t if MEASURE.search(t.removesuffix("目标")) else f"{t}的{topic}" for t in texts)


_STRETCH = re.compile("力争的?(?:数字?|值)?$")
_FORETOLD = re.compile("预计|预期")


def _pair(pattern: re.Pattern[str], match: re.Match[str]) -> tuple[str, ...]:
    first, second = (re.sub("[的那]*部分$|[里中]$", "", match[one].strip("，的")) for one in "ab")
    if pattern is _ON_THE_WAY:
        what = match["what"].strip("，的")
        measure = MEASURE.search(bare(first))
        second = _STRETCH.sub(f"力争{measure[0]}" if measure else "力争目标", second)
        return f"{what}{second}", f"{what}{first}"
    if pattern in (_SHARE_OF, _SHARE_IN):  # of those only, not of all there are
        return f"{second}中的{bare(first)}", second
    if pattern is _GAP:
        what = match["what"].strip("，的")
        now = first
        indicator = what or bare(second.removesuffix("目标")) or bare(first)
        place = "".join(p.name for p in find_places(first + second)[:1])
        when = "".join(p.text for p in find_periods(second)[:1])
        return f"{place}{when}{indicator}目标", now if MEASURE.search(now) else f"{now}{indicator}"
    if pattern in (_LESS, _BUT_FOR) and _FORETOLD.search(first) and not re.search("预计|完成|实现", second):
        second = f"预计{second}"
    if not bare(MEASURE.sub("", second)):  # 已完成投资占总投资: of the same projects
        second = (
            re.sub(r"(?:已|已经|目前|累计|实际)?[完达签到投]?[成到约位资]?的?$", "", MEASURE.sub("", first)) + second
        )
    return completed([first, second])


def _top_places(text: str) -> list[tuple[int, str]]:
    """Where each operand's place begins and its name; a place right behind another only narrows it, and the province
    of another (居云南全省第2位) is none.
    """
    found: list[tuple[int, str]] = []
    end = 0
    places = find_places(text)
    above = {parent_place(place.name) for place in places}
    for place in (one for one in places if one.name not in above or parent_place(one.name)):
        apart = text[end : place.start] not in ("", "市", "县", "区", "州", "的")
        if (not found or apart) and all(place.name != name for _, name in found):
            found.append((place.start, place.name))
        end = place.end
    return found


_TWICE = re.compile("(?:多少|几).*(?:多少|几)")


def _joined(text: str, places: Sequence[tuple[int, str]]) -> bool:
    """甲市的…和乙市的…: something joins or compares the phrases of the first two places."""
    between = text[places[0][0] : places[1][0]]
    times = "倍" in text and "是" in between
    compares = any(pattern.search(text) for pattern in (_EACH_OF, _TWO, _SUM, _TWICE, re.compile(_MINUS)))
    return times or bool(re.search(rf"{_AND}|{THAN}|{_MINUS}|距离?", between)) or (compares and "，" in between)


_ONLY_DOES = re.compile("(?:[要想]|计划|打算|准备)?(?:搞|建|打造|培育|发展|有|办|做)?")


def _by_place(text: str, places: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    topic = text[: places[0][0]].rstrip()
    own = [_clean(text[a:b]) for (a, _), b in zip(places, [*(s for s, _ in places[1:]), len(text)], strict=True)]
    said = (bare(one) for one in own)
    if topic.endswith(("，", "：")) and len(bare(_clean(topic))) > 2 and all(map(_ONLY_DOES.fullmatch, said)):
        return tuple(f"{one.removesuffix(bare(one))}{_clean(topic)}" for one in own)  # 规上企业，甲市和乙市相差多少
    starts = [_with_period_before(text, start) for start, _ in places]
    starts[0] = 0
    pieces = [_clean(text[a:b]) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    lead = find_periods(text[: places[0][0]])
    return completed(pieces, shared="".join(p.text for p in lead[:1]))


def _with_period_before(text: str, start: int) -> int:
    before = [p for p in find_periods(text[:start]) if not text[p.end : start].strip("的，、 ")]
    return before[-1].start if before else start


def _by_joint(text: str) -> tuple[str, ...]:
    """Operands without places of their own: parts of one place, or years."""
    listed = _each_listed(text) or _two_named(text)
    if listed:
        return listed
    years = list(dict.fromkeys(p.text for p in find_periods(text)))
    each = [_clean(piece) for piece in re.split(rf"，?(?:{_AND}|{THAN})", text)]
    if len(each) == len(years) > 1 and all(map(_whole, each)):
        return tuple(each)
    if len(years) > 1 and not re.search(r"[—–~～至到-]", text):
        spans = [(p.start, p.end) for p in find_periods(text)]
        if re.fullmatch(_AND, text[spans[0][1] : spans[-1][0]]):  # 2020年和2023年的产值
            spans = [(spans[0][0], spans[-1][1])]
        rest = text
        for start, end in sorted(spans, reverse=True):
            rest = rest[:start] + rest[end:]
        where = "".join(p.name for p in find_places(rest)[:1])
        said = [bare(_clean(piece)) for piece in re.split(rf"{_AND_ELSE}|{THAN}|是|，", rest)]
        matter = max(said, key=lambda one: (bool(MEASURE.search(one)), len(one)), default="")
        return tuple(f"{where}{year}{_aimed(matter, year, years, text)}" for year in years) if matter else ()
    if not re.search(rf"{_AND}|{THAN}|{_PLUS}|{_MINUS}", text):
        return ()
    asked = _ASKING.sub("，", text)
    pieces = [piece for piece in map(_clean, _JOINED.split(asked)) if len(bare(piece)) > 1]
    if len(pieces) > 1 and len(MEASURE.sub("", bare(pieces[1]))) <= _ONLY_MEASURE and "的" in pieces[0]:
        owner = pieces[0].rpartition("的")[0]  # 甲园的总投资和占地面积
    else:
        owner = ""
    if bare(owner):
        pieces[1:] = [piece if "的" in piece else f"{owner}的{piece}" for piece in pieces[1:]]
    if len(pieces) < 2 or not all(_is_operand(piece) for piece in pieces[-1:]):
        return ()
    if len(pieces) > 2 and bare(pieces[0]) == "目标":  # 青河2023年的目标，是…还是…
        head = pieces[0].removesuffix("目标").rstrip("的")
        pieces = [f"{head}{piece.removeprefix('是')}目标" for piece in pieces[1:]]
    own = [MEASURE.sub("", bare(piece)) for piece in pieces]
    return () if own[0] and not all(own[1:]) else completed(pieces)


_LISTED = re.compile(
    r"^(?:(?P<lead>[^，]{2,14}?)的?(?:目标|规划|计划)?[里中]，)?(?:把|将|请问)?(?P<items>[^，]+?)[这那]?(?P<n>[两三四五六七八九十]|\d+)"
    r"(?:[个大](?P<noun>产业|行业|园区|领域|项目|企业|集群|公司|区县|县|区)|项)"
    r"(?P<rest>.+)$"
)
_INDUSTRY = re.compile("(?:制造|加工|医药|材料|化工|食品|电子|装备|能源|建材|信息|纺织|冶金)$")
_NUMBERS = {**{c: n for n, c in enumerate("一二三四五六七八九十", 1)}, "两": 2}


def _each_period(text: str) -> tuple[str, ...]:
    """工业投资，十三五完成多少，十四五要达到多少: the matter in each of the periods; () for anything else."""
    topic, *clauses = text.split("，")
    asked = [clause for clause in clauses if re.search("多少|几", clause)]
    named = [find_periods(clause) for clause in asked]
    if len(asked) < 2 or len(asked) != len(clauses) or find_periods(topic) or not MEASURE.search(bare(topic)):
        return ()
    if any(len(found) != 1 or find_places(clause) for found, clause in zip(named, asked, strict=True)):
        return ()
    if any(len(bare(_clean(_DONE_OR_TO_DO.sub("", clause)))) > 1 for clause in asked):  # of another matter each
        return ()
    aims = ["目标" if re.search("要|计划|目标|打算|预计|力争", clause) else "" for clause in asked]
    where = "".join(place.name for place in find_places(topic)[:1])
    matter = bare(topic)
    return tuple(f"{where}{found[0].text}{matter}{aim}" for found, aim in zip(named, aims, strict=True))


_DONE_OR_TO_DO = re.compile("[要想能]|计划|打算|预计|力争|完成|实现|达到|累计|干|做|搞|了|到|投")


def _each_listed(text: str) -> tuple[str, ...]:
    """甲、乙、丙三个产业2026年的目标加总: each of the items with what is asked of it; () if they are not so many."""
    found = _LISTED.match(text)
    if not found:
        return ()
    items = [item for item in re.split(_AND, found["items"]) if item]
    number = _NUMBERS.get(found["n"]) or (int(found["n"]) if found["n"].isdigit() else 0)
    rest = _clean(found["rest"])
    if len(items) != number or not _is_operand(bare(rest)):
        return ()
    noun = found["noun"] or "产业" * all(map(_INDUSTRY.search, items))
    aim = "目标" * bool(found["lead"] and "目标" in found[0].split("，")[0] and not rest.endswith("目标"))
    named = [f"{item.removesuffix(noun)}{noun}{rest}{aim}" for item in items]
    return tuple(f"{found['lead'] or ''}{one}" for one in named)


_ONLY_MEASURE = 2  # characters of a measure beside its end: 占地 of 占地面积
_NAMED = rf"[{_HAN}]{{2,12}}?(?:园区|高新区|经开区|开发区|新区|基地|公司|集团)"
_TWO_NAMED = re.compile(rf"^(?P<before>.*，)?(?P<a>{_NAMED})(?:和|与|跟|、)(?P<b>{_NAMED})[，的]?(?P<rest>.+)$")


def _two_named(text: str) -> tuple[str, ...]:
    """甲园区和乙园区，规上企业谁多: each with what is asked of both; () for anything else."""
    found = _TWO_NAMED.match(text)
    if not found or find_places(found["b"]):
        return ()
    said = (_clean(_ASKING.sub("，", found["rest"])).split("，")[0], _clean(found["before"] or ""))
    rest = next(filter(_is_operand, said), "")
    if not rest:
        return ()
    place = "".join(p.name for p in find_places(text)[:1])
    return tuple(f"{'' if find_places(name) else place}{name}{rest}" for name in (found["a"], found["b"]))


def _whole(piece: str) -> bool:
    """True if the piece says of what period, of what matter and which measure."""
    measured = MEASURE.search(bare(piece))
    return bool(find_periods(piece)) and measured is not None and measured.start() > 1


def _aimed(matter: str, year: str, years: Sequence[str], text: str) -> str:
    """2025年的目标比2020年多多少: the aim belongs to the year it stands behind."""
    behind = [one for one in years if re.search(rf"{re.escape(one)}的?目标", text)]
    return matter if not behind or year in behind else matter.removesuffix("目标").rstrip("的")


def _is_operand(piece: str) -> bool:
    return bool(MEASURE.search(piece) or COUNTABLE.search(piece))


def _clean(piece: str) -> str:
    """An operand without what asks and joins."""
    piece = _COUNTING.sub("", piece)
    piece = _JOINED.sub(lambda m: "" if m.end() == len(piece) or m.start() == 0 else m[0], _ASKING.sub("", piece))
    piece = re.sub(rf"^(?:{_AND}|，|,|的)+|(?:{_AND}|，|,|[比中里])+$", "", piece.strip(" ，。"))
    piece = _TAIL.sub("", piece).strip(" ，、的")
    while "，" in piece and len(piece.rsplit("，", 1)[1]) < 4:  # …，大，: what is left of a second question
        piece = piece.rsplit("，", 1)[0]
    return re.sub(r"[，,]?[比中里]$|(?:为|是|有|达)[户家个项亩人]$", "", piece)
