"""Who or what a question wants named: a post, people, the items of a list, the parts of a name of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.figures import find_figures
from assistant.query import Query
from assistant.schema import Evidence

_POST = re.compile(
    r"(?<!副)(?:董事长|总经理|总裁|总工程师|书记|市长|县长|区长|州长|局长|主任|院长|行长|会长|厂长|经理)"
)


_WHO = "(?:谁|哪一?位|哪个人|何人)"
_HOLDER_ASKED = re.compile(
    rf"(?P<post>{_POST.pattern})(?:一职)?(?:现在|现任|目前)?"
    rf"(?:是谁|是哪位|叫什么|的?名字|的?姓名|姓甚|是什么人|是?由{_WHO})"
    rf"|{_WHO}[^，。？]{{0,4}}?(?:现在|目前)?(?:担任|出任|任|是)[^，。？]{{0,12}}?(?P<of>{_POST.pattern})[？?]?$"
)


def lacks_post(query: Query, evidence: Evidence) -> bool:
    """True if it is asked who holds a post (…的董事长是谁) and the sentence does not name it."""
    asked = _HOLDER_ASKED.search(query.text) if query.kind in ("who", "open") else None
    return asked is not None and (asked["post"] or asked["of"]) not in _POST.findall(evidence.sentence.text)


_PERSONS_ASKED = re.compile(
    "(?:有|是)(?:哪些人|哪几个人|哪几位)|(?:人员|专家|科学家|院士|链长|负责人)的?(?:名单|分别是谁|都是谁|都有谁|有谁|有哪些)"
    "|哪一?[位个](?:[省市县区州]委?)?(?:领导|院士|专家|教授|科学家)|(?:[长记理任裁人者员家师])，?(?:的?名字|的?姓名|姓甚名?谁?|姓什么|叫什么)"
    "|(?:接任|继任|接替)[^，。？]*(?:谁|哪位)"
)
# A common surname and a given name, between what is no part of it.
_NAMED = re.compile(
    "(?:^|[^\u3400-\u9fff]|[长记师家士员任理裁授人者])[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤]"
    r"[\u3400-\u9fff]{1,2}(?=[、，。；：（）()\s对向在和与及率是]|说|等|任|担任|介绍|表示|$)"
)


def lacks_persons(query: Query, evidence: Evidence) -> bool:
    """True if people are to be named (首席科学家有哪些人) and the sentence names none."""
    return bool(_PERSONS_ASKED.search(query.text)) and not _NAMED.search(evidence.sentence.text)


_WORDS_ASKED = re.compile("原话|怎么(?:讲|说|表态|评价|看)的|如何(?:评价|看待|表态)|说了什么|表了?什么态")
_SPEAKS = re.compile(r"说|讲|表示|介绍|告诉|透露|感慨|坦言|(?<![简名职著号统美尊])称|认为|指出|强调|[：:]")


def lacks_speech(query: Query, evidence: Evidence) -> bool:
    """True if somebody's words are asked for (原话是怎么讲的) and nobody speaks in the sentence."""
    return bool(_WORDS_ASKED.search(query.text)) and not _SPEAKS.search(evidence.sentence.text)


_SUCCEEDS = re.compile("接任|继任|接替|接棒|调走|调任|卸任|离任|辞去|退休|履新")


def lacks_succession(query: Query, evidence: Evidence) -> bool:
    """True if it is asked who followed somebody in a post, and the sentence tells of no change."""
    return bool(_SUCCEEDS.search(query.text)) and not _SUCCEEDS.search(evidence.sentence.text)


_NUMBERS = {"两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_SO_MANY_NAMED = re.compile(
    "(?P<n>[两二三四五六七八九])[个大座](?P<of>园区|园|县|镇|乡|村|厂|馆)子?(?:分别|各|都|的名字)*叫"
)
_NAMES_ASKED = re.compile("名字|名称|名单|叫什么|叫啥")
_SO_MANY_ASKED = re.compile(r"(?P<n>[两二三四五六七八九]|\d)[个家户座](?![^，。？]{0,6}(?:多少|几))")


_NAMES_FOLLOW = re.compile("分别|即|包括|[：:—]|有[\u3400-\u9fff]{2,8}、")


def _names_listed(text: str, number: int) -> int:
    """How many things the text may list side by side, where it counts them or says that their names follow."""
    clauses = re.split("[，。；]", text)
    if not _NAMES_FOLLOW.search(text):  # 三户企业 in a clause, and the names of others in the next
        clauses = [one for one in clauses if any(f.value == number for f in find_figures(one))]
    listed = [len(re.findall("[、和及与]|”“", one)) + 1 for one in clauses if re.search("[、“：:]", one)]
    return max(listed, default=0)


def lacks_list(query: Query, evidence: Evidence) -> bool:
    """True if several are to be named (6个园区分别叫什么名字) and the sentence lists nothing."""
    several = query.kind == "list" or "分别" in query.text
    counted = _SO_MANY_ASKED.search(query.text) if _NAMES_ASKED.search(query.text) else None
    if counted:
        number = int(counted["n"]) if counted["n"].isdigit() else _NUMBERS[counted["n"]]
        return not evidence.announces and _names_listed(evidence.sentence.text, number) < number
    named = _SO_MANY_NAMED.search(query.text)
    if named and evidence.sentence.text.count(named["of"]) < _NUMBERS[named["n"]]:
        return True
    return several and bool(_NAMES_ASKED.search(query.text)) and not re.search("[、“：:]", evidence.sentence.text)


def lacks_code(query: Query, evidence: Evidence) -> bool:
    """True if a name with digits (“1238”) is to be explained, and neither sentence nor heading has it."""
    names = re.findall(r"[“‘]([^”’]*\d[^”’]*)[”’]", query.text) if query.kind == "definition" else []
    told = f"{evidence.sentence.text} {evidence.sentence.section} {evidence.passage.title}"
    return any(name not in told for name in names)


_MEANS = "按照|根据|围绕|落实|依托|对照|融入|依据|遵循|结合|立足|紧扣|对接"


def only_goes_by_it(query: Query, evidence: Evidence) -> bool:
    """True if a name in quotation marks is to be explained, and the sentence only goes by it (按照“2+5”体系，…)."""
    text = evidence.sentence.text
    names = re.findall("[“‘]([^”’]+)[”’]", query.text) if query.kind in {"list", "definition"} else []
    for name in [] if "多少" in query.text else names[:1]:
        said = [m.start() for m in re.finditer(re.escape(name), text)]
        by = [
            m.start("name")
            for m in re.finditer(rf"(?:{_MEANS})[^，。；]*?(?P<name>{re.escape(name)})[^，。；：（(]*，", text)
        ]
        by += [m.start() for m in re.finditer(rf"{re.escape(name)}[”’]\d+[人个户家项]", text)]  # so many of it
        if said and said == sorted(set(by)) and not _spells_out(name, text):
            return True
    return False


_PARTS_ASKED = re.compile(r"哪[两二三四五六七八九\d]|分别[指是为]|各[指是]|每个数字|分别代表")
_NUMBERED_NAME = re.compile(r"[“‘]([^”’]*[一二两三四五六七八九\d][^”’]*[一二两三四五六七八九\d][^”’]*)[”’]")


def leaves_parts_out(query: Query, evidence: Sequence[Evidence]) -> bool:
    """True if it is asked what the parts of a numbered name are (“一园四片区”是哪四个片区) and no sentence counts as
    many of anything beside the name, or lists what is behind it.
    """
    *_, name = (None, *_NUMBERED_NAME.finditer(query.text))
    if not name or not _PARTS_ASKED.search(query.text) or query.kind not in ("list", "definition"):
        return False
    if any(name[1] in one.sentence.section or one.sentence.kind == "heading" for one in evidence):  # what is under it
        return False
    told = "".join(f"{one.sentence.section}{one.sentence.text}" for one in evidence)
    counted = [_HAN_NUMERALS.get(c, c) for c in re.findall("[二两三四五六七八九2-9]", name[1])]
    rest = told.replace(name[1], "")
    behind = re.search(rf"{re.escape(name[1])}[”’]?[^，。；]{{0,8}}(?:[：:（(]|即|包括|——)", told)
    lines = [one.sentence.text for one in evidence if name[1] in one.sentence.text] or [told]
    listed = any(line.count("、") + 1 >= max(map(int, counted), default=2) for line in lines)
    return not (behind or listed or any(re.search(rf"{_NUMERALS[int(n)]}[\u3400-\u9fff]", rest) for n in counted))


_HAN_NUMERALS = {"二": "2", "两": "2", **{han: str(n) for n, han in enumerate("三四五六七八九", 3)}}
_NUMERALS = ("零", "[一1]", "[二两2]", *(f"[{han}{n}]" for n, han in enumerate("三四五六七八九", 3)))


def _spells_out(name: str, text: str) -> bool:
    """True if the text counts as many as each digit of the name says: 按照“1+5+N”布局，构建一总部五基地."""
    rest = text.replace(name, "")
    digits = re.findall(r"\d", name)
    return bool(digits) and all(re.search(rf"{_NUMERALS[int(digit)]}[\u3400-\u9fff]", rest) for digit in digits)
