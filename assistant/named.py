"""Who or what a question wants named: a post, people, the items of a list, the parts of a name of numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.coverage import THERE, presence
from assistant.figures import find_figures
from assistant.query import Query
from assistant.schema import Evidence
from assistant.wordclass import SURNAMES, names_in
from index import find_places

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
    "|(?:接任|继任|接替)[^，。？]*(?:谁|哪位)|姓甚名谁"
)
# A common surname and a given name, between what is no part of it, behind a post or ahead of a title.
_NAMED = re.compile(
    rf"(?:^|[^\u3400-\u9fff]|[长记师家士员任理裁授人者])[{SURNAMES}]"
    r"[\u3400-\u9fff]{1,2}(?=[、，。；：（）()\s对向在和与及率是说讲谈告坦感笑透指强认提回称算抱带领边]|等|任|担任|介绍|表示|$)"
    rf"|(?:{_POST.pattern}|院士|教授|专家|负责人|工程师|记者)[{SURNAMES}][\u3400-\u9fff]"
    rf"|[{SURNAMES}][\u3400-\u9fff]{{1,2}}(?:院士|教授|研究员|先生|女士|同志)"
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
_SO_MANY_ASKED = re.compile(r"(?<![\d十])(?P<n>[两二三四五六七八九]|\d)[个家户座](?![^，。？]{0,6}(?:多少|几))")


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
    named = _SO_MANY_NAMED.search(query.text)
    if named and evidence.sentence.text.count(named["of"]) < _NUMBERS[named["n"]]:
        return True
    counted = _SO_MANY_ASKED.search(query.text) if _NAMES_ASKED.search(query.text) else None
    if counted:
        number = int(counted["n"]) if counted["n"].isdigit() else _NUMBERS[counted["n"]]
        return not evidence.announces and _names_listed(evidence.sentence.text, number) < number
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
    names = re.findall("[“‘]([^”’]+)[”’]", query.text) if query.kind in {"list", "definition", "open"} else []
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
_ITEMS_ASKED = re.compile(
    r"哪(?P<n>[三四五六七八九十]|[3-9]|10)[个家条项户大座位种样类]"
    r"|(?<![\d十])(?P<m>[三四五六七八九十]|[3-9]|10)[个家条项户大座位种样类][\u3400-\u9fff]{0,8}?(?:都|分别|各|指的?)?(?:是|设在|在|叫)(?:哪|谁|什么)"
)
_ITEM_NUMBERS = {"十": 10, **{han: n for n, han in enumerate("三四五六七八九", 3)}}
_ITEM = 40  # characters of a line that is one item
_COUNTS = re.compile(r"^[一二两三四五六七八九十\d]+[大个项条家]?")


def leaves_items_out(query: Query, evidence: Sequence[Evidence]) -> bool:
    """True if so many are to be named (哪六个, 另外7个都是什么) and the evidence lists fewer, or not of that name."""
    asked = _ITEMS_ASKED.search(query.text) if query.kind not in ("number", "aggregate") else None
    if not asked:
        return False
    written = asked["n"] or asked["m"]
    wanted = int(written) if written.isdigit() else _ITEM_NUMBERS[written]
    names = [name for name in re.findall("[“‘]([^”’]+)[”’]", query.text)[-1:] if _COUNTS.match(name)]
    names = [bare for name in names if len(bare := _COUNTS.sub("", name)) >= _LEAST]
    told = ((f"{one.sentence.section}{one.sentence.text}", one.sentence.text) for one in evidence)
    lines = [line for whole, line in told if all(presence(name, whole) >= THERE for name in names)]
    items = len([line for line in lines if len(line) <= _ITEM])
    own = list(map(_items, lines))
    return max([*own, items, sum(n for n in own if n > 2)], default=0) < wanted


_LEAST = 3  # characters of a name without its number: 朝阳产业 of “四大朝阳产业”


def _items(line: str) -> int:
    """How many things a clause of a line may list, or two clauses side by side, or all that is behind a colon."""
    marks = "[、；]|[\u3400-\u9fff](?:和|及|以及)[\u3400-\u9fff]"
    own = [len(re.findall(marks, clause)) + 1 for clause in re.split("[，。]", line)]
    both = [a + b for a, b in pairwise(own) if min(a, b) > 1]
    _, colon, listed = line.partition("：")
    behind = len(re.findall(f"{marks}|，", listed)) + 1 if colon else 0
    return max([behind, *own, *both])


_INSTANCE_ASKED = re.compile(
    "哪(?:一|几)?(?:个|家|些)?(?P<sort>县|区|市|镇|乡|公司|企业|客户|客商|单位)(?![级业上内外域间块位段别长])"
)
_A_FIRM = re.compile("公司|集团|股份|科技|厂|银行|大学|学院|研究院|中心")
_WITH_A_POST = re.compile(f"[\u3400-\u9fff]{{2}}(?:相关)?(?:负责人|副?{_POST.pattern})")  # 江阳酒业总经理
_AN_OFFICE = re.compile("[\u3400-\u9fff]{2}[局委办部站所院会处队]")
_SHORT = 20
_A_COUNTY = re.compile("[\u3400-\u9fff]{2}[县镇乡]")


def lacks_instance(query: Query, evidence: Evidence) -> bool:
    """True if it is asked which county, or firm, it was, and the sentence names none but those of the question."""
    asked = _INSTANCE_ASKED.search(query.text) if query.kind not in ("aggregate", "number", "compare") else None
    if not asked:
        return False
    text = evidence.sentence.text
    if len(text) < _SHORT and not text.endswith("。"):  # an item of a list
        return False
    if asked["sort"] in "县区市镇乡":
        places = [place.name for place in find_places(text)]
        return all(p in query.text for p in places) and all(m[0][:2] in query.text for m in _A_COUNTY.finditer(text))
    named = (name for name in names_in(text) if name not in query.text)
    office = asked["sort"] == "单位" and _AN_OFFICE.search(text)
    return not (office or _A_FIRM.search(text) or _WITH_A_POST.search(text) or any(named))


_CONTACT = re.compile("电话|手机号|邮箱|邮件|微信|网址|官网|邮编|门牌|联系方式")


def lacks_contact(query: Query, evidence: Evidence) -> bool:
    """True if a way to reach somebody is asked for and the sentence gives none."""
    asked = set(_CONTACT.findall(query.text))
    return bool(asked) and not any(word in evidence.sentence.text for word in asked)


_NUMERAL = r"[一二两三四五六七八九\d]"
_NUMBERED_NAME = re.compile(f"[“‘](?!十[一二三四五]五[”’])([^”’]*{_NUMERAL}[^”’]*{_NUMERAL}[^”’]*)[”’]")


def leaves_parts_out(query: Query, evidence: Sequence[Evidence]) -> bool:
    """True if it is asked what the parts of a numbered name are (“一江四岸”是哪四岸) and no sentence counts as
    many of anything beside the name, or lists what is behind it.
    """
    *_, name = (None, *_NUMBERED_NAME.finditer(query.text))
    if not name or not _PARTS_ASKED.search(query.text) or query.kind not in ("list", "definition"):
        return False
    if any(name[1] in one.sentence.section or one.sentence.kind == "heading" for one in evidence):  # what is under it
        return False
    told = "".join(f"{one.sentence.section}{one.sentence.text}" for one in evidence)
    counted = [_HAN_NUMERALS.get(c, c) for c in re.findall("[二两三四五六七八九2-9]", name[1])]
    rest = re.sub("“?十[一二三四五]五”?", "", told.replace(name[1], ""))
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
