"""A question as it was typed, and the turns before it -> a standalone question, and its Query.

By rule, as analyse.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.analyse import analyse, kind_of, merged, terms_of, without
from assistant.ellipsis import MEASURE
from assistant.frame import DICTATED, unframed
from assistant.groups import OTHER_THAN, THE_OTHER
from assistant.periods import find_periods
from assistant.phrasing import NUMERALS, rephrased
from assistant.query import Query, core
from index import find_places

_PRONOUN = re.compile(
    r"该[市县区园州企业公司项目]{1,2}|这[个座家][市县区城市园区地方企业公司项目产业]{1,4}|这一[项条]|这个?(?=目标|数字?|指标|比例)|[它其他她](们)?的?|那里|那儿|当地|那边|这里|本市|上述[^，。？的]{0,4}"
    r"|^这(?=比|占|相当)"
)
_PERSON = re.compile(  # 他 of a question after 甲市的市长是谁
    "^(?P<who>[^，。？]{2,20}?)(?:现在|目前)?(?:是(?:谁|哪位|什么人)|叫什么|怎么|如何|说|表示|介绍|认为|讲|谈|提出|评价)"
)
_THING = re.compile(
    "^(?P<who>[^，。？]{4,20}?)(?:在哪|在[^，。？]{2,4}[搞建做投]的?是什么|位于|属于|坐落|是什么时候|什么时候|何时|是哪一?年"
    "|(?:主要|目前|现在)?(?:生产|研发|制造|经营|从事)(?:的?是)?(?:什么|哪些|啥))"
)  # 它
_MAKER = re.compile("^(?P<who>[^，。？的]{4,10}?)(?:生产|制造|研发|开发|做)的")  # 它 after 甲公司生产的…用在哪里
_BESIDE = re.compile(
    r"(?<=[\u3400-\u9fff]{2})(?:[那这]边|[那这]块儿?|方面)(?:自己|本身)?(?:呢|[有是]?多少)?(?P<end>[？?。]?)$"
)
# 那到2025年，这个数要到多少: the same of another time or place
_THIS_FIGURE = re.compile(
    "(?<=[\u3400-\u9fff])[，,]?的?(?:这|那|同一?)[个项](?:数字?|指标|数据)(?:又|要|应|会|将|得|能)*(?:是|有|达到?|到|做到|定在)?(?:多少|几)"
    "[\u3400-\u9fff]{0,3}(?=[？?。]?$)"
)
_LEAD = re.compile(
    r"^(?:(?:而(?=今年|去年|20)|那么|除此之外|除了这些|同一个年份[，,]|那个?|还有|另外|然后|再问一下|接着问|好的?[，,]?|嗯[，,]?|哦[，,]?)[，,]?)+"
)
# …今年竣工，这个“今年”指哪年: the time of it is asked for
_WHICH_YEAR = re.compile(
    r"[，,。](?:这个|其中的?|[文话]中的?|这里的?|所说的)?[“‘]?(?:今年|去年|前年|明年|上年|本年)[”’]?"
    r"(?:指的?是?|是指|是|说的是)(?:哪一?年|什么年份|几几年)[？?]?$"
)


_LEVELS = "(?:国家|省|市|区|县|州|乡镇)级"
_LEVEL = re.compile(f"(?P<level>{_LEVELS}(?:[和与、]{_LEVELS})*)的?(?=$|(?<!的)[^呢])")
# The measure of a turn in the place of that of the one before it: 那“增加值”呢.
_AMOUNT = re.compile("(?:总?产值|增加值|收入|营收|利润|税收|投资额?|总投资|面积|产能|产量)$")
_ASKED_OF_EACH = re.compile("的?(?:各|分别)?[要将又]?(?:新?建|创建|达到|[有是])?(?:多少|几)?[家户个项]?$")
_THEN = re.compile("^(?P<what>[^，？?]{3,14})呢[？?](?P<rest>[^呢]+)$")
_RANK_TOO = re.compile("(?:又|还)?在?(?:全[省市国])?[里内中]?(?:排|居|位列|位居)[^，]{0,4}第几")
_IN_PLACE = re.compile(
    "换(?:成|作|做)?(?P<what>[^，？?]{2,12}?)(?:来?[问看说])?(?:，(?:累计|一共|总共)?(?P<rest>[^，]*)|呢?[？?]?)$"
)
_OF_WHOLE = re.compile("(?:全|整个)[市县区州省](?:的|规|工|完)")
_CODE = re.compile(r"“[\d一二三四五六七八九十N]”")
_WHO = re.compile("谁|哪位|何人")
# 这家公司 after 涪陵哪家企业做低阿尔法锡球: the firm that does.
_WHICH_ONE = re.compile(
    "(?P<before>[^，。？]{0,6}?)哪一?[家个座]?(?P<kind>企业|公司|厂|项目|园区|县|市|区)(?P<does>[^，。？]{3,})[？?]?$"
)
_THIS_ONE = re.compile("[这那该]一?[家个座]?(?:企业|公司|厂子?|项目|园区|县|市|区)")
_ITS_OWN = re.compile("(?:一共|总共|一共要|共|前后)?(?:要|得|已经?)?(?:投|花|砸|招|雇|缴|交)了?")
_SOMEBODY = re.compile("[\u3400-\u9fff]{2,4}是(?:谁|什么人|何人|哪位)[？?]?$")  # of whatever place
_FORMER, _LATTER = "前者", "后者"
_BOTH_TURNS = re.compile("^(?:那么?)?(?:这?两[者家地个市县]|二者)(?:之间)?(?=合计|相差|加起来|一共|哪[个家]更|谁更)")
_ALSO = re.compile("^(?P<head>[^，]{1,12})呢[，,](?=又?[是有指])")
_HE_SAYS = re.compile("^[他她](?:还|又|也)?(?:说|介绍|表示|认为|提到|透露)(?:的|了)?[，：]?")
_HOW_MANY_TOO = re.compile("呢[，,](?:一?共?有|又?是|达到?)?(?:多少|几)[\u3400-\u9fff]{0,4}(?=[？?。]?$)")
_OTHER_ONE = re.compile(
    "(?:那么?)?(?:剩下的?)?另外?一[个家座](?:重点)?(?:[\u3400-\u9fff]{0,6}呢|(?:园区|基地|开发区)(?:同口径)?是?多少)[^？?]*[？?]?$"
)
_ZONE = re.compile("[\u3400-\u9fff]{2,10}?(?P<kind>园区|基地|开发区)")
# 那乙市呢，比它多多少; 到2025年要做到多少，是它的几倍
_AGAINST_IT = re.compile(
    "^(?P<what>[^，？?]{2,30}?)(?:的?[这那]个数字?)?(?:又|要|应)?(?:是|有|达到?|做到)?(?:多少|几[^，？?]?|呢)[，？?]"
    "(?:又|而)?(?P<how>比|较|是|为|折合|相当于)(?:它|其|前面的?(?:那个)?数?|前一个数?|上一个数?|那个数|(?P<year>20\\d\\d年)的?)"
    "(?P<result>的?(?:[高多低少快慢大小净增]|几倍|百分|多少).*)$"
)
_VERB = re.compile("(?:要|应|将|力争|预计|计划)?(?:达到?|做到|实现|完成)?$")
_OF_PLACE = re.compile("[市县]?[\u3400-\u9fff]{0,6}?(?:园区|基地|开发区|高新区|经开区|科技城)")
_SAME_YEAR = re.compile("同一?年|(?<!今)当年|(?<!\\d)那一?年")
_LATER = re.compile("(?P<n>[一二两三四五六七八九十])年(?:之?后|以后)")
_ONE_OF_SERIES = re.compile("[一二三四五六七八九十\\d]+(?P<of>[期号届批代])")


def _in_year_of(text: str, told: str) -> str:
    """`text` with 同年 as the last year that `told`, or what stands before it, names, 三年之后 as the third after."""
    later, years_told = _LATER.search(text), re.findall("20\\d\\d(?=年)", told)
    if later and years_told:
        year = int(years_told[-1]) + NUMERALS[later["n"]]
        return f"{text[: later.start()]}{year}年{text[later.end() :]}"
    found = _SAME_YEAR.search(text)
    years = [p.text for p in find_periods(told + text[: found.start()]) if p.first or p.relative] if found else []
    return text[: found.start()] + years[-1] + text[found.end() :] if found and years else text


def normalise(question: str) -> str:
    """The question in written form; one that dictates its answer (把目标说成500亿元，目标是多少) asks of its matter."""
    text = _in_year_of(_WHICH_YEAR.sub("，是哪一年？", re.sub("^同[为是]", "", unframed(rephrased(question)))), "")
    dictated = DICTATED.search(text)
    if dictated and re.search("多少|几|什么|哪|谁", text[dictated.end() :]):
        asked = re.sub(r"^(?:最后)?(?:请问|那么)?[：:，]?", "", text[dictated.end() :].strip(" ，。；"))
        return _join(asked, dictated["what"])[0] if terms_of(asked) else f"{dictated['what']}{asked}"
    return text


def _swap_subject(previous: str, question: str) -> str:
    """The previous question with its places and periods replaced by those of an elliptic follow-up."""
    for find in (find_places, find_periods):
        new = find(question)
        old = find(previous)
        if not new:
            continue
        wanted = "、".join(dict.fromkeys(question[n.start : n.end] for n in new))
        zone = _OF_PLACE.match(previous, old[-1].end) if old and _OF_PLACE.search(wanted) else None
        end = zone.end() if zone else old[-1].end if old else 0  # 甲市某产业园区: 乙高新区 stands for all of it
        previous = previous[: old[0].start] + wanted + previous[end:] if old else wanted + previous
    return previous


def _swap_entity(previous: str, body: str) -> str:
    """那乙园区呢 after a question about 甲园区: the question with 乙园区 in its place; "" if there is none alike."""
    if len(body) < 2 or find_periods(body):
        return ""
    level = _LEVEL.fullmatch(_ASKED_OF_EACH.sub("", body))
    if level and _LEVEL.search(previous):  # 区级的呢 after 市级重大项目有多少个
        return _LEVEL.sub(level["level"], previous, count=1)
    code, codes = _CODE.fullmatch(body), _CODE.findall(previous)
    if code and codes:  # 那“3”呢 after what “2” stands for
        return previous[: previous.rindex(codes[-1])] + body + previous[previous.rindex(codes[-1]) + len(body) :]
    measure, matter = _AMOUNT.fullmatch(body.strip("“”的")), core(previous)
    if measure and (old := _AMOUNT.search(matter)) and measure[0] != old[0]:
        return f"{matter[: old.start()]}{measure[0]}是多少？"
    start = 0
    for place in find_places(previous):
        start = max(start, place.end if not previous[place.end :].startswith(("市", "县", "区")) else place.end + 1)
    start = max([start, *(when.end for when in find_periods(previous) if body[-2:] in previous[when.end :])])
    old = re.search(rf"[\u3400-\u9fffA-Za-z]{{1,12}}?{re.escape(body[-2:])}", previous[start:])
    if old:
        return previous[:start] + previous[start:].replace(old[0], body, 1)
    subject = _bare_subject(previous)
    if not subject or MEASURE.search(body) or not _tells(body):
        return ""
    kind = re.search(r"(?:产业|行业|园区|项目|公司|企业|基地|集群)$", subject)
    swapped = previous.replace(subject, body + (kind[0] if kind and not body.endswith(kind[0]) else ""), 1)
    return swapped if swapped != previous else ""


def _bare_subject(question: str) -> str:
    """What a question's measure is of, without place and period: 白酒产业 of 泸州2020年白酒产业的产值是多少."""
    head = re.split(r"共?有?(?:多少|几)", question)[0]
    matter = head if head != question and _tells(head) and not MEASURE.search(head) else _matter(question)
    spans = [(p.start, p.end) for find in (find_places, find_periods) for p in find(matter)]
    runs = re.split(r"[\s，的]+", re.sub(r"^ *[市县区州]", "", without(matter, merged(spans))).replace("到 ", " "))
    return max((run for run in runs if _tells(run)), key=len, default="")


def _matter(question: str, *, measured: bool = False) -> str:
    """What a question is about, without the measure it asks for, or with it: 甲园区的平台 of 甲园区的平台总数是多少."""
    asked = re.sub(r"(?:有|是|共)?(?:多少|几)(?:[个家户项座位名条种类])?", "", core(question))
    asked = re.sub(r"^(?:请)?(?:介绍一下|说说|谈谈)|[那这]个", "", asked)
    asked = re.sub(r"(?:排名?|位列|位居|名列|[居列])第?$", "", asked)
    asked = re.sub("(?:完成|实现|达到)了$", "", asked)
    measure = MEASURE.search(asked)
    kept = measured and measure and measure[0] != "目标"
    return (asked if kept else MEASURE.sub("", asked)).rstrip("的有是") or asked


_THINGS = re.compile("(?:产业|行业|园区|项目|公司|企业|集团|厂|基地|集群|平台|中心|高新区|经开区)$")


def _goes_on_about_it(previous: str, question: str) -> bool:
    """True if 它 means what the question before was about, not the place of it."""
    subject = _bare_subject(previous)
    return bool(subject) and bool(_THINGS.search(subject) or not _other_measure(previous, question))


def _other_measure(previous: str, question: str) -> bool:
    """True if both questions ask for measures and the second says of what: 它的工业产值呢, after 农业产值."""
    said = core(question).rstrip("呢")
    return bool(MEASURE.search(_VERB.sub("", core(previous))) and MEASURE.search(said)) and _tells(said)


_OWNER = re.compile("(?:园区|开发区|高新区|经开区|新区|科技城|公司|集团|基地|项目)的?")


def _head(matter: str) -> str:
    """The place, zone and time with which what a question is about begins: 昭通2022年 of 昭通2022年工业总产值."""
    ends = [p.end for find in (find_places, find_periods) for p in find(matter)]
    ends += [found.end() for found in _OWNER.finditer(matter)]
    return matter[: max(ends, default=0)]


_HOLLOW = re.compile(
    r"百分点|个点|相当于|前一年|上一年|上年|目标|预计|计划|力争|突破|增速|增长|增幅|占比|比重|产值|总|规模|面积|投资|收入|数量|达产|产能|投产|开工|完成|实现|达到|同比|每年|年均|新增|至少|最[多少高低]|力争|冲刺?|话|往?前[进移]|进位|进|提升|上升|下降|到|要|得|能|会|将|已经?|的|呢|又|还|是|有"
)


def _tells(question: str) -> bool:
    """True if the question names something of its own that a measure can be of."""
    return any(len(rest) > 1 for run in terms_of(question) for rest in _HOLLOW.split(run))


def _join(question: str, previous: str) -> tuple[str, tuple[str, ...]]:
    """A follow-up made standalone with the turn before it, and the places it inherits from there."""
    bare = re.sub("(?<=[\u3400-\u9fff]{2})同一?[年期](?=呢)", "", _LEAD.sub("", question).strip())
    bare = _HOW_MANY_TOO.sub("呢", bare)
    bare = _in_year_of(_BESIDE.sub(r"呢\g<end>", _THIS_FIGURE.sub("呢", bare)), previous)
    bare = _HE_SAYS.sub("", bare) if _WHO.search(previous) and not _PERSON.search(previous) else bare
    instead = _IN_PLACE.match(bare)
    bare = f"{instead['what']}呢？" if instead and not _tells(instead["rest"] or "") else bare
    body = re.sub(r"的?呢?[？?。！!]*$", "", bare)
    terms = terms_of(body)
    if _OF_WHOLE.match(body) and MEASURE.search(body) and find_places(previous):  # after one about a zone of it
        head = (find_places(previous)[0].name, *(period.text for period in find_periods(previous)[:1]))
        return f"{''.join(head)}{body}是多少？", ()
    places = tuple(dict.fromkeys(p.name for p in find_places(previous)))
    named = find_places(bare)
    if _OTHER_ONE.match(bare) and (
        zone := _ZONE.search(previous[max((p.end for p in find_places(previous)), default=0) :])
    ):
        return previous.replace(zone[0], f"{OTHER_THAN}{zone[0]}{THE_OTHER}{zone['kind']}", 1), places
    if not terms and (named or find_periods(bare)):
        return _swap_subject(previous, bare), ()
    also = _ALSO.match(bare)
    if also and (swapped := _swap_entity(previous, also["head"])):  # 那“3”呢，是哪三个
        return swapped, ()
    swapped = _swap_entity(previous, body)
    if swapped and (re.search(r"呢[？?]?$", bare) or _LEVEL.fullmatch(_ASKED_OF_EACH.sub("", body))):
        return swapped, ()
    then = _THEN.match(bare)
    if then and not (named or find_periods(bare)) and _tells(then["what"]):  # of the same place and time
        if _RANK_TOO.match(then["rest"]) and (same := _swap_entity(previous, then["what"])):  # as much is asked of it
            return f"{same.rstrip('？?')}，{then['rest']}", ()
        year = "".join(p.text for p in find_periods(previous)[:1])
        return f"{''.join(places[:1])}{year}{then['what']}{then['rest']}", ()
    other = _ONE_OF_SERIES.match(bare)
    alike = [m for m in _ONE_OF_SERIES.finditer(previous) if other and m["of"] == other["of"]]
    if alike:  # 那二期的面积有多大 after a question about 一期
        return previous[: alike[-1].start()] + bare, ()
    if re.match(r"[这那]?其中|当中|[这那]?里[面头]|[这那]里(?=在|有|是|省级|国家级)", bare):
        return f"{_matter(previous)}，{bare}", places
    this, which = _THIS_ONE.search(bare), _WHICH_ONE.match(previous)
    if this and which and not named:
        one = f"{which['before']}{which['does'].rstrip('？?')}的{which['kind']}"
        return f"{bare[: this.start()]}{one}{bare[this.end() :]}", ()
    pronoun = _PRONOUN.search(bare)
    meant = {"他": _PERSON, "她": _PERSON, "它": _THING}.get(pronoun[0][0]) if pronoun else None
    subject_of = meant.search(previous) if meant else None
    if pronoun and not subject_of and pronoun[0].startswith("它") and not find_places(previous):
        subject_of = _MAKER.match(previous)
    if pronoun and subject_of:
        whose = "的" if pronoun[0].endswith("的") else ""
        return f"{bare[: pronoun.start()]}{subject_of['who']}{whose}{bare[pronoun.end() :]}", ()
    if pronoun and not named:
        subject = (
            places[0]
            if places
            and re.match(r"该[市县区州]|那|当地|本市|这里|这[个座][市县区城]|[它其]", pronoun[0])
            and not (pronoun[0].startswith(("它", "其")) and _goes_on_about_it(previous, bare))
            else ""
        )
        if subject:
            return bare[: pronoun.start()] + subject + ("的" if pronoun[0].endswith(("的", "其")) else "") + bare[
                pronoun.end() :
            ], ()
        subject = core(previous)
        if pronoun[0].startswith("这一"):  # 今年上半年这一项是多少: the same of another time
            bare = bare.replace(pronoun[0], "")
        if find_periods(bare) and "比" not in bare:  # of another time than the turn before it
            subject = without(subject, [(p.start, p.end) for p in find_periods(subject)]).replace(" ", "")
        return f"{subject}，{bare}", places
    if not named and re.search(r"呢[？?]?$", bare) and len(body) <= 12:
        when = find_periods(body)
        if when:
            previous, body = _swap_subject(previous, body), without(body, [(p.start, p.end) for p in when])
            body = re.sub("[“‘] *[”’]", "", body).strip(" 的")
        if MEASURE.search(body) and _tells(body) and MEASURE.search(core(previous)):  # of the same place and time
            return f"{_head(core(previous))}{body}是多少？", ()
        return f"{_VERB.sub('', core(previous))}的{body}是多少？", ()
    if not named and not _tells(bare) and kind_of(bare) in {"number", "when", "open"}:
        if find_periods(bare):
            previous = _swap_subject(previous, bare)
            bare = without(bare, [(p.start, p.end) for p in find_periods(bare)]).strip(" 的")
        if _ITS_OWN.match(bare) and (subject := _bare_subject(previous)):  # 一共投了多少钱, of the same thing
            return f"{''.join(places[:1])}{subject}{bare}", ()
        matter = _matter(previous, measured="多少" in bare and not MEASURE.search(core(bare)))
        attribute = re.match(r"(?:增速|增幅|增长|占比|比重|目标|同比)", bare)
        return (f"{core(previous)}的{bare}" if attribute else f"{matter}{bare}"), ()
    if _SOMEBODY.match(bare):
        return bare, ()
    if not named and places and kind_of(bare) != "aggregate":
        return f"{places[0]}{bare}", places[:1]
    return bare or question, ()


def _set_against(question: str, previous: str, how: str, result: str) -> str:
    """A question for how the answer of `question` compares with that of `previous`: 甲市2025年产值比2023年多多少."""
    one, other = (_VERB.sub("", core(text)) for text in (question, previous))
    when, before = find_periods(one), find_periods(other)
    if when and before and one.replace(when[0].text, before[0].text) == other:
        other = before[0].text
    return f"{one}{'比' if how in '比较' else '是'}{other}{result}"


def understand(question: str, history: Sequence[str] = ()) -> Query:
    """The standalone Query of `question` after the earlier user turns `history` (oldest first)."""
    standalone: str = ""
    inherited: tuple[str, ...] = ()
    before = ""
    for turn in (*history, question):
        text = normalise(turn)
        if _FORMER in text and _LATTER in text and before:  # the two questions asked last
            told = text.replace(_FORMER, core(before), 1).replace(_LATTER, core(standalone), 1)
            before, standalone, inherited = standalone, told, ()
            continue
        both = _BOTH_TURNS.match(text)
        if both and before:
            one, other = (core(turn).rstrip("呢") for turn in (before, standalone))
            before, standalone, inherited = standalone, f"{one}与{other}{text[both.end() :]}", ()
            continue
        against = _AGAINST_IT.match(_LEAD.sub("", text)) if standalone else None
        if against and (against["year"] or "") in standalone:
            same, inherited = _join(f"{against['what']}呢？", standalone)
            before, standalone = standalone, _set_against(same, standalone, against["how"], against["result"])
            continue
        before, (standalone, inherited) = standalone, _join(text, standalone) if standalone else (text, ())
    return analyse(standalone, inherited=inherited)
