"""A standalone question -> its Query: places, periods, content terms, kind, sub-questions.

All by rule: a 1.5B model reads a question less reliably than these rules, and each of its calls costs seconds on two
cores.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.compute import operation
from assistant.contrast import EVENT
from assistant.ellipsis import COUNTABLE, MEASURE
from assistant.figures import FoundFigure, find_figures
from assistant.operands import operands, plainly_compares
from assistant.periods import find_periods
from assistant.query import ANY_COUNT, Kind, Query
from assistant.wordclass import cut, known_words
from index import find_places, parent_place

_INDICATORS = (
    "产值|增加值|增速|增幅|增长率|目标|占比|比重|收入|营收|利润|营业额|销售额|投资|投资额|税收|资金"
    "|户数|家数|亩数|数量|总额|总量|面积|规模|排名|产能|产量|GDP|强度"
)
_EVERYWHERE = re.compile(
    r"(哪些|哪[几两二三四五]个?|哪[几两二三四五]座|哪个|哪座|几个|多少个|各个?|所有的?|全部|每个?)"
    r"(城市|市县|区县|县市|县[或和]市|市州|地市|地方|地区|地级市|报告|报道|市|县|区)(?!场)|各地(?!块)"
    r"|的(城市|地方|市县|区县|地区)(?:一共|总共|共|都)?有?(?:几个|多少个|哪些|哪几个)"
)
_HOW_MANY_PLACES = re.compile("的(?:城市|地方|市县|区县|地区)(?:一共|总共|共|都)?有?(?:几|多少)个")
_WITHIN = re.compile(r"(?:市|省|州|全市|全省)?(?:范围|境|辖区|所辖|下辖|下面|各地)[内的]?")
# Earlier rows win.
_KINDS: tuple[tuple[Kind, str], ...] = (
    (
        "definition",
        r"什么是|什么叫|何谓|指的是什么|是指什么|指什么|指的是哪(?!一?[年天月])|什么意思|含义|代表(?:的是)?(?:什么|哪)|怎么理解|如何理解|内涵|[怎如作]么?[样何]?解释",
    ),
    (
        "who",
        r"谁(?![^，。？]{0,3}[更最]|[高低多少大小快慢])"
        r"|(?:[长记理任裁人者员家]|工程师)，?(?:叫什么|名叫|姓甚|的?名字|的?姓名)|姓什么|姓甚|哪位|何人|什么人|哪个人|哪一位",
    ),
    (
        "when",
        r"什么时候|何时|何年|哪一?年|哪一?天|几月|几号|什么时间|哪个月|日期|年月日|起止|年份|时间(?=是|[？?]?$)",
    ),
    (
        "list",
        r"哪些|哪几|哪\d|分别是|分别叫|各叫|都叫|逐一|包括什么|包含什么|包括哪|名单|列出|列举|罗列|有什么|都有啥|有啥|哪(?!一?[个座家边方][^，。？]{0,3}[高低多少大小快慢])[一二两三四五六七八九十]",
    ),
    ("number", r"多少|几|多大|多高|多长|多快|多远|百分之|占比|比重|排名|排第|位列第|数量|规模是"),
    ("definition", r"是个?什么|是一个什么|是啥|^请?解释"),
    ("how", r"为什么|为何|如何|怎么|怎样|咋|措施|做法|原因|途径|办法"),
    ("yesno", r"吗|是否|是不是|有没有|对不对|属实|对吧"),
    # 西昌2023年工业产值, typed as into a search box
    ("number", rf"({_INDICATORS})[？?。]?$"),
)
_QUESTION_WORDS = re.compile(
    r"(?:多少|几)个?百分点|(?<=企业|项目|公司|平台|机构)的?(?:现有)?的?(?:总数|总?[个户家]数|数)(?![字据])|全域的?(?=规上|工业|企业)|出现|(?:市|省|州)?(?:范围|境)内|(?:这|那)?[几一二两三四五六七八九十]+[份篇](?:材料|报告|报道|稿子|文章|资料)?[里中]?|这套办法|[的这]?做法|这?[个一]词|那一?版"
    r"|(?<![\u3400-\u9fff])[两三四五六七八九十几各]地(?:当中|之中|[里中])|当中|之中|[写说谈讲用]到|报出|见于|提了|搞了|文章[里中]?|(?:哪些|哪几[个座]|哪[个座一两二三四五][个座]?|几个|多少个|各个?|所有的?|全部|每个?)(?:城市|市县|区县|县市|县[或和]市|市州|地市|地方|地区|地级市|报告|报道|[市县])(?!场)|各地|请问|请告诉我|告诉我|帮我|麻烦|查一下|查查|问一下|想知道|我想|介绍一下|说说|说一下|谈谈|讲讲|(?:汇总|通看|盘点)(?:一下)?(?:各份|全部|所有|这些)?(?:材料|报告|报道)?|[由从][多少高低大小][到至][多少高低大小](?:排一?下|排序|排列)?|根据报告|根据资料|报告里|报告中|资料中|文中|其中|这几份|这些|所有|那篇|这篇|稿子|据报道|报道中?|材料[里中]|[这那]些?材料|(?<![\u3400-\u9fff])材料(?![\u3400-\u9fff])"
    r"|[那这]块儿?|[那这]边|老板们|我说的?是?|我是说|干了|干出|干|弄了|搞了|要做到|做到|得要|提法|叫法|叫什么|叫啥|涉及到?|提及|提到|提出|所说|创造了?(?=多少|几)|又(?=[是有为]|多少)|要?确保|能够?(?=形成|达到|实现|完成)|形成(?=多少|几)|得到(?:推行|落实|推广)?|推行|正在|除了?[^，？]*[之以]外(?=，.*哪)|给出了?|当地|算起|等(?:办法|方式|方法|措施|手段|途径)给?|现有的?|现[有存](?=的)|是什么时候|什么时候|何时|哪一?年(?:的?哪一?个?|几)月|何年何月|何年|年份和月份|目标年份|年份|月份|哪一?年|哪一?天|什么时间|几月几[日号]|起止(?:日期|时间)?|是?什么意思|(?:是个?)?什么东西|代表(?:的是)?什么|指的是什么|是指什么|指什么|什么是|是什么|是啥|何谓|含义"
    r"|为什么|为何|如何|怎么样|(?:一个)?什么样的?|的?多[少大]比例的?|(?:每年|一年)[拿掏]出?|怎样|怎么|给自己定下?|自己承认|眼下|多少(?:亿元|万元|亿|万|元|亩|人(?![口均才次员])|万吨|吨|平方公里|平方米|公里|[个家户项座位名条种类辆笔场次宗台套])?|多大|多高|多长|多快|有几[个家户项座位名条种类]?|哪几[个家户项座位名条种类大]?|第几[个家户名]?|几[个家户项座位名条种类大]"
    r"|最[高低多少大小快慢]的?|有关系|有关联|有关|哪一[种类项个]|哪些|哪个|哪座|哪位|哪家|哪里|哪儿|哪|谁|什么|有没有|是不是|是否|分别是|分别|各是|都有|都是|有啥|列出|列举|罗列|一共|总共|合计|到底|究竟|大概|大约|(?<![签预合条契履制])约(?=[是为有]?(?:多少|几|$))|(?<![签预合条契履制])约[为有]|能不能[推估]?算出?来?|能[推估]?算(?:得)?出来?"
    r"|百分之几|百分之多少|几倍|对不对|没错|达到了|达到|实现了|实现|完成了|完成|数量|具体|主要|情况|如今|现在|目前|当前|截至|这些|那些|这个|那个|[那这][条座种位份批]"
    r"|明确|通盘看?|[综整总][合体的]来?看|逐[一地个]|列为|被?定位(?:为|成)?(?=要|建|打造|全|省)|拢共|啥的|有动作|(?:省|市|州)?内?排(?:名|位|在)?第?几位?|(?<!新)希望(?!小学|工程)|设定|属于|(?<!大)数据(?=是|多少|$)|咋[整办样]|啥样|整成|打算|[吗呢吧啊呀的了在是有为和与跟及、，。？！?!,；;:：“”\"'《》（）()\s]"
)
_BOUND = re.compile(  # before a figure that was taken out: 已经超过 of 已经超过150户
    "(?:已经?|且|并)?(?:超过?了?|突破|不少于|不低于|至少|冲到)(?= )|(?<= )(?:或者?)?以上"
)
_A_NAME = re.compile("[代期届批次轮]?[\u3400-\u9fff]{2}")
_CLAIMED = frozenset({"amount", "percent", "count", "ordinal", "ratio"})
_AIM = re.compile(r"目标|(?<!新)希望(?!小学|工程)|计划|力争|预计|将要?|规划|预期|打算|争取|拟")
# 创新平台里，省级的; 园区里面; two years 里
_INSIDE = re.compile(r"里[面边头]|(?<!公)里(?=[，,：:的有占]|\s|$)|(?<=\s)里")
_FORESEEN = re.compile(r"(?:预计|预期|力争|将)(?= )")  # before a period that was taken out
# A clause that says what to compute with: 请用今年上半年的预计数和增速倒推.
_METHOD = re.compile(
    r"(?:^|(?<=[，。；？?！]))请?(?:用|拿|按|按照|根据|依据|以|由|从)[^，。；？?多几]{2,30}?"
    r"(?:[倒反]推|推算|折算|换算|计算|估算|[推反]?算)(?:一下|出来|得出|看看)?(?=[，。；？?！]|$)"
    "|（推算）"
)


_ALIAS = re.compile("(?<=[区县市园城州])[（(][\u3400-\u9fff]{2,10}[）)]")  # 高新区（科技城直管区）
_FORERUNNERS = re.compile("(?<=[继在])[^，。？继在]{2,12}(?=之后)")  # 继甲、乙之后: who came before
_SUCH_AS = re.compile("[（(](?:包?含|包括|例?如|比如|即)[^（）()]*[）)]")


def without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " + text[end:]
    return text


def terms_of(text: str) -> tuple[str, ...]:
    text = _ALIAS.sub("", _SUCH_AS.sub("", _METHOD.sub("", text)))
    spans = [(p.start, p.end) for p in find_places(text)] + [(p.start, p.end) for p in find_periods(text)]
    figures = (f for f in find_figures(text) if f.kind in _CLAIMED)
    spans += [
        (f.start, f.end) for f in figures if f.kind != "ordinal" or re.search(r"\d", f.text)
    ]  # 全球第一 is a word
    # 涪陵区委 and 涪陵区长 are of 涪陵区: the 区 belongs to both words.
    spans = [
        (start, end - (text[end - 1] in "省市区县州" and text[end : end + 1] in ("委", "长"))) for start, end in spans
    ]
    bare = re.sub(r"(?<= )[市县区](?=\s|[^场级域委长])", " ", without(text, merged(spans)))
    bare = _QUESTION_WORDS.sub(" ", _INSIDE.sub(" ", _BOUND.sub(" ", _FORESEEN.sub(" ", bare))))
    runs = re.findall(r"[A-Za-z0-9.%+·]+|[\u3400-\u9fff]+", bare)
    return tuple(run for run in runs if len(run) > 1 or run.isascii())


def merged(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


_MONEY = re.compile(
    r"(产值|增加值|收入|投资|投资额|税收|[缴纳交]的?税|资金|工资|GDP总量|经济总量|金额|营业额|销售额|成交额|利润)(是|为|有|达到?|完成|实现)*(多少|几)[^a-zA-Z\u4e00-\u9fff]*$"
)


_HOW_MUCH = re.compile("(?:多少|(?<![这近那第])几)([^，、。？?！]{0,6})")
_GROWS, _RATE = re.compile("增长|增加|涨"), re.compile("[率占]|比[重例]|份额|强度|增速")
_CHANGE = re.compile("[提增升涨高快超降跌低慢减缩回差变化]")


def _unit(text: str) -> str:
    """多少亿元 and 多少户 name their unit; 产值是多少 asks for money."""
    if re.search(r"百分之(?:几|多少)|(?<!占)多[少大]比例", text):
        return "%"
    if re.search("[交缴纳上]了?(?:多少|几[万亿])税|税[交缴纳]了?多少", text):
        return "元"
    if _MONEY.search(text):
        return "元"
    if re.search(r"(?:多少|几)个?亿[？?，。]?$", text):
        return "元"
    if re.search(r"(?:企业|公司)的?(?:总数|数量|个数|数)", text):
        return find_figures("3户")[0].unit
    if re.search("(?:企业|公司)(?:数量?)?(?:是|为)?最[多少]", text):
        return find_figures("3户")[0].unit
    counted = re.search(r"[户家亩人](?=数)", text)
    if counted:
        return find_figures("3" + counted[0])[0].unit
    if re.search(r"数量|个数|总数", text):
        return ANY_COUNT
    asks = _HOW_MUCH.findall(text)
    if len(asks) > 1 and not asks[0]:  # 产值是多少，增长几个百分点: two units
        return ""
    asked = re.search(r"(?:多少|(?<![这近那第])几)([^，。？?！]{1,6})", text)
    found = find_figures("3" + asked[1]) if asked else ()
    unit = found[0].unit if found and found[0].start == 0 and found[0].kind != "code" else ""
    if unit == "百分点" and (not _CHANGE.search(text) or (_GROWS.search(text) and not _RATE.search(text))):
        return "%"  # 拿营收的几个点搞研发, 投资涨了几个点
    return unit


def _claims(text: str) -> tuple[FoundFigure, ...]:
    """Years and codes are left out, and so are 两大园区 and 八个领域, which name a list rather than assert a count."""
    found = (f for f in find_figures(text) if f.kind in _CLAIMED)
    found = (f for f in found if not (f.kind == "ordinal" and _A_NAME.match(text, f.end)))  # 第6代生产线 is a name
    return tuple(f for f in found if f.kind not in {"count", "ordinal"} or re.search(r"\d", f.text))


# 甲、乙、丙三地中，哪些…: asked of those
_AMONG = re.compile(
    "(?P<places>[\u3400-\u9fff]{2,5}(?:[、和与][\u3400-\u9fff]{2,5})+)(?:等?[几两三四五六七八九十\\d]*(?:个?[地市县]|个?城市|个?地方))?"
    "(?:当中|之中|[中里])，?(?=哪)"
)


def _among(text: str) -> tuple[str, ...]:
    """The places that the question tells apart which are meant, of which it asks 哪些; () if it names none so."""
    found = _AMONG.search(text)
    names = re.split("[、和与]", found["places"]) if found else []
    places = tuple(dict.fromkeys(p.name for p in find_places(found["places"]))) if found else ()
    return places if len(places) >= len(names) else ()


def _everywhere(text: str) -> bool:
    """True if the question is to all reports: 哪些城市…, unless it is of a place named before that."""
    found = _EVERYWHERE.search(text)
    if found and _among(text):
        return True
    before = [place for place in find_places(text) if found and place.start < found.start()]
    before = [place for place in before if parent_place(place.name)]  # of a province its cities are asked for
    return bool(found) and all(_WITHIN.match(text, place.end) for place in before)


def kind_of(text: str) -> Kind:
    if _everywhere(text):
        return "aggregate"
    for kind, pattern in _KINDS:
        if re.search(pattern, text):
            return kind
    return "open"


# A clause that asks whether, or how differently, the reports tell it: 报告里有几种说法.
_ACCOUNTS = re.compile(
    r"^(?=.*(?:报[告道]|文[章中里]|[材资]料|稿子|不同|[两几]|前后|先后|统一|一致))(?=.{0,24}$)"
    r".*(?:(?<!这个)(?<![这该此])说法|口径|版本|表述|怎么说|[两几]个数|前后(?:矛盾|一致|不一))"
    r"|^.{0,40}(?:不一致|不一样|对不上|矛盾|打架|有出入)[吗呢吧？?]?$"
    r"|^[两二][处边种版](?:说法|报道|地方)?(?:各|分别|都)?[是说写]*(?:多少|什么|怎么[说写])[？?]?$"
)


# 从甲厂落户算起，到2023年过去了多少年: the time of the event is asked for first
_UNTIL = re.compile(
    r"^从(?!20\d\d年)(?P<event>[^，]{4,}?)(?:的?那[年天时]|时)?(?:算起|开始算?|起算?)?，?(?:截[到至]|[到至])"
    r"(?:(?P<until>20\d\d年)|今年|现在|如今|目前)(?:为止|止|底)?，?[^，]{0,6}?(?:过去|过|经过|经历|历经|走过|隔|历时|有)了?"
    "(?:多少|几)(?:个年头|年)了?[？?]?$"
)


def analyse(text: str, *, inherited: tuple[str, ...] = ()) -> Query:
    """The Query of a standalone question (already normalised)."""
    lasting = _UNTIL.match(text)
    if lasting:
        return replace(
            _plain(f"{lasting['event']}是什么时候？", inherited=inherited),
            text=f"{lasting['event']}是什么时候（到{lasting['until'] or '现在'}多少年）？",
        )
    clauses = [clause for clause in re.split("(?<=[，。？?！；])", text) if clause]
    matter = "".join(clause for clause in clauses if not _ACCOUNTS.search(clause.rstrip("，。？?！；")))
    if matter != text and terms_of(matter) and not plainly_compares(matter):
        return replace(_plain(matter.rstrip("，；"), inherited=inherited), accounts=True)
    query = _plain(text, inherited=inherited)
    # 今年上半年…是哪一年的上半年
    one_time = query.kind == "when" and len(query.places) < 2 and not plainly_compares(text)
    parts = () if one_time else _parts(query)
    return divided(query, parts) if parts else query


def _plain(text: str, *, inherited: tuple[str, ...] = ()) -> Query:
    bare = _FORERUNNERS.sub("", _ALIAS.sub("", text))
    named = _narrowest(tuple(dict.fromkeys(p.name for p in find_places(bare))))
    kind = kind_of(text)
    everywhere = kind == "aggregate"  # of 哪些城市提到云南… 云南 is the matter
    within = everywhere and named and _WITHIN.search(text)
    among = _among(text) if everywhere else ()
    claims, unit = _claims(text), _unit(text)
    if everywhere and unit == "个" and _HOW_MANY_PLACES.search(text):  # the places are counted, nothing of theirs
        unit = ""
    if kind == "yesno" and len(claims) == 1 and claims[0].unit:  # …突破300户，对不对: how many is told
        kind, unit = "number", claims[0].unit
    return Query(
        text=text,
        places=() if everywhere else tuple(place for place in named if place not in inherited),
        inherited=among or inherited,
        periods=find_periods(text),
        terms=(*terms_of(text), *(named if everywhere and not (within or among) else ())),
        kind=kind,
        aims=bool(_AIM.search(text)),
        claims=claims,
        unit=unit,
    )


def _narrowest(places: tuple[str, ...]) -> tuple[str, ...]:
    """The places without the provinces of others among them: reports of 昭通 say 全省 for 云南."""
    above = {parent_place(parent_place(place)) or parent_place(place) for place in places}
    return tuple(place for place in places if place not in above or parent_place(place))


def divided(query: Query, texts: Sequence[str]) -> Query:
    """The query with `texts`, whole questions, as its parts."""
    preferred = (*query.places, *query.inherited)[:1]
    parts = tuple(_plain(text, inherited=() if find_places(text) else preferred) for text in texts)
    if len(query.places) == 1:  # 全市 of a question about one city is that city, not whichever report says 全市
        parts = tuple(replace(p, places=preferred, inherited=()) if _ALL_OF_IT.search(p.text) else p for p in parts)
    if operation(query.text) in ("difference", "less", "sum") and query.unit not in ("", "%", "百分点", ANY_COUNT):
        # GDP in 亿元, not in per cent, where it is asked by how many 亿元 they differ
        parts = tuple(part if part.unit else replace(part, unit=query.unit) for part in parts)
    return replace(query, parts=parts, kind="compare")


_ALL_OF_IT = re.compile("[全本]([市县区州])")


def without_places_in_names(query: Query, texts: Sequence[str]) -> Query:
    """The query with the places that only begin a firm's name (重庆华峰) preferred instead of demanded.

    A name is a place and two characters that make no known word, as `texts`, what was found, have it as well.
    """
    named = set()
    for place in find_places(query.text):
        rest = query.text[place.end : place.end + 2]
        whole = query.text[place.start : place.end + 2]
        unknown = bool(re.fullmatch("[\u3400-\u9fff]{2}", rest)) and len(known_words(rest)) > 1
        firm = re.compile(f"{re.escape(whole)}[\u3400-\u9fff]{{0,10}}(?:公司|集团)")
        unknown = unknown and (cut(rest) == (rest,) or any(map(firm.search, texts)))
        if unknown and rest not in _ABBREVIATED and any(whole in text for text in texts):
            named.add(place.name)
    if not named & set(query.places):
        return query
    rest_of = tuple(place for place in query.places if place not in named)
    return replace(query, places=rest_of, inherited=(*query.inherited, *(p for p in query.places if p in named)))


_ABBREVIATED = frozenset({"规上", "规下", "经开", "工信", "经信"})  # no words of the dictionary, and no names


def _parts(query: Query) -> list[str]:
    """A question for each thing that is compared or computed with."""
    counted = re.search(r"有?多少(?:[户家项座位名条种类亩辆]|个(?!百?分?点)|人(?![口均才次员]))", query.text)
    return [
        f"{one}？" if re.search("什么|哪些|哪几", one) else f"{one}{_how_much(one, counted[0] if counted else '')}？"
        for one in operands(query.text)
    ]


def _how_much(operand: str, counted: str) -> str:
    """What asks for the figure of an operand: how many where it is things that are counted."""
    if operand.endswith(EVENT):
        return "是什么时候"
    if MEASURE.search(operand):
        return "是多少"
    if not COUNTABLE.search(operand):
        return counted or "是多少"
    return counted or ("有多少户" if operand.endswith(("企业", "公司")) else "有多少个")
