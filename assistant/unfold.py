"""A list, a name of digits, a heading, several accounts: the sentences that go with the best one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from assistant.asked_units import in_unit, units_of
from assistant.figures import find_figures
from assistant.query import Query
from assistant.schema import Evidence
from assistant.selection import Weighed
from assistant.wordclass import is_word
from index import Sentence


def explains(query: Query, sentence: Sentence) -> bool:
    """True for a whole sentence with every name that the question puts in quotation marks."""
    names = re.findall(r"[“‘]([^”’]+)[”’]", query.text)
    return sentence.kind != "heading" and bool(names) and all(name in sentence.text for name in names)


_MOST_ITEMS = 12


def under(heading: Evidence, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """A heading, or what announces a list, and the sentences that stand under it, in their order; () without any."""
    after = sorted((w.evidence for w in rows), key=lambda e: e.sentence.start)
    if heading.announces:  # what follows it up to the next whole sentence
        section = heading.passage.source, heading.sentence.section, "body"
        after = [e for e in after if (e.passage.source, e.sentence.section, e.sentence.kind) == section]
        after = list(takewhile(heading.heads, (e for e in after if e.sentence.start > heading.sentence.start)))
    below = [e for e in after if heading.heads(e)]
    short = [e for e in below if len(e.sentence.text) <= 40]
    kept = short[:_MOST_ITEMS] if len(short) > 1 else below[:2]
    return (heading, *kept) if kept else ()


_MOST_UNDER = 30


def outlined(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For a name in quotation marks that is a heading with headings under it: all of them with their items, in order.

    () where no such heading is among the rows, or more stands under it than an answer holds.
    """
    names = re.findall("[“‘]([^”’]+)[”’]", query.text)
    for head in (w.evidence for w in rows if w.evidence.sentence.kind == "heading"):
        title, source = re.sub(r"\W", "", head.sentence.text), head.passage.source
        if not any(name in head.sentence.text for name in names):
            continue
        here = {w.evidence.passage.id: w.evidence.passage for w in rows if w.evidence.passage.source == source}
        inside = {
            sentence.start: Evidence(passage, sentence, head.score)
            for passage in here.values()
            for sentence in passage.sentences
            if sentence.start > head.sentence.start and re.sub(r"\W", "", sentence.section).startswith(title)
        }
        deeper = any(re.sub(r"\W", "", one.sentence.section) != title for one in inside.values())
        if deeper and len(inside) <= _MOST_UNDER:
            return (head, *(inside[start] for start in sorted(inside)))
    return ()


_TELLING = 12  # characters below which a line only names what others tell
_SLOGAN = re.compile(r"(?<![\d.])\d{3,5}(?![\d.]|年|个|家|户|亿|万)")


def spelled_out(query: Query, best: Weighed, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For a name of digits (1238: one zone, two towns …) the sentences of its report that count so many."""
    names = _SLOGAN.findall("".join(query.terms))
    if not names:
        return ()
    held = {int(f.value) for f in find_figures(best.evidence.sentence.text) if f.kind == "count" and f.value}
    found: list[Evidence] = []
    for digit in dict.fromkeys(int(d) for d in names[0]):
        if digit in held:
            continue
        near = (w for w in rows if w.place and names[0] in f"{w.evidence.sentence.section}{w.evidence.sentence.text}")
        counting = (w.evidence for w in near if _begins_with(w.evidence.sentence.text, digit))
        one = next(counting, None)
        if one and one.sentence.kind == "heading":
            found += under(one, rows)
        elif one and len(one.sentence.text) >= _TELLING and one not in found:
            found.append(one)
    return tuple(sorted(dict.fromkeys(found), key=lambda e: e.sentence.start))


_NEAR = 600  # characters behind the name within which its digits are told


def of_digit(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For one digit of a name of digits (“1238”中的“3”): the sentence behind the name that counts so many; ()
    otherwise.
    """
    names, digits = _SLOGAN.findall("".join(query.terms)), re.findall(r"[“‘](\d)[”’]", query.text)
    if not names or len(digits) != 1 or digits[0] not in names[0]:
        return ()
    named = [w.evidence for w in rows if names[0] in w.evidence.sentence.text]
    for head in sorted(named, key=lambda e: e.sentence.start):
        begin = head.sentence.start
        here = {
            w.evidence.sentence.start: w.evidence
            for w in rows
            if w.evidence.passage.source == head.passage.source and 0 <= w.evidence.sentence.start - begin <= _NEAR
        }
        counted = [one for _, one in sorted(here.items()) if _counts(one.sentence.text, int(digits[0]))]
        for one in counted:
            below = under(one, rows) if len(one.sentence.text) < _TELLING else ()
            if below or len(one.sentence.text) >= _TELLING:
                return (one, *(e for e in below if e != one))
    return ()


def _counts(text: str, digit: int) -> bool:
    return any(f.kind == "count" and f.value == digit and f.unit in ("个", "大", "") for f in find_figures(text))


def _begins_with(text: str, digit: int) -> bool:
    figures = find_figures(text[:24])
    bare = re.search(rf"(?:^|[，、；：“])[{_HAN[digit]}](?:[个大条城镇区]|[\u3400-\u9fff][一二两三]?)", text[:24])
    return any(f.kind == "count" and f.value == digit for f in figures) or bool(bare)


_COUNTED = re.compile(r"([0-9]+|[两二三四五六七八九十])(?:个|大|项|条|类|家|点|方面|种)")
_HAN = ("零", "一", "二两", "三", "四", "五", "六", "七", "八", "九")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ITEMS = re.compile(r"、|；")
_LISTED = re.compile(r"：[^。]*")


def continuation(query: Query, best: Weighed, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The sentences after the best one while fewer items stand there than the count it or the question names.

    A report may announce eight fields in one sentence and name four in each of the next two.
    """
    counted = _COUNTED.findall(query.text) or _COUNTED.findall(best.evidence.sentence.text)
    wanted = max((int(n) if n.isdigit() else _DIGITS[n] for n in counted), default=0)
    if not 2 <= wanted <= 20:
        return ()
    place = best.evidence.passage.source, best.evidence.sentence.section
    after = sorted(
        (w.evidence for w in rows if (w.evidence.passage.source, w.evidence.sentence.section) == place),
        key=lambda e: e.sentence.start,
    )
    after = [e for e in after if e.sentence.start > best.evidence.sentence.start]
    items, found = _separators(best.evidence.sentence.text), []
    for one in after[:3]:
        if items + 1 >= wanted:
            break
        more = _separators(one.sentence.text)
        if more:
            found.append(one)
            items += more + 1
    return tuple(found) if items + 1 >= wanted else ()


# What counts the items of a list off, sentence by sentence.
_COUNTED_OFF = (
    tuple(f"{n}是" for n in "一二三四五六七八"),
    tuple(f"第{n}[，、是]" for n in "一二三四五六七八"),
    tuple(f"其{n}[，、是]" for n in "一二三四五六七八"),
    ("一方面", "另一方面"),
    ("首先", "其次", "再次|最后"),
)


def counted_off(best: Evidence, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The sentences that go on counting where one begins to: 有两个好处：一是…；二是…"""
    passages = {w.evidence.passage.id: w.evidence.passage for w in rows}
    source, begin = best.passage.source, best.sentence.start
    after = {
        sentence.start: Evidence(passage, sentence, best.score)
        for passage in passages.values()
        if passage.source == source
        for sentence in passage.sentences
        if sentence.start > begin
    }
    following = [after[start] for start in sorted(after)][:_MOST_ITEMS]
    for marks in _COUNTED_OFF:
        if not re.search(marks[0], best.sentence.text) or re.search(marks[1], best.sentence.text):
            continue
        found: list[Evidence] = []
        for mark in marks[1:]:
            rest = following[following.index(found[-1]) + 1 :] if found else following
            one = next((e for e in rest[:_OFF] if re.match(rf"[“‘]?(?:{mark})", e.sentence.text)), None)
            if one is None:
                break
            found.append(one)
        if found:
            return tuple(found)
    return ()


_OFF = 3  # sentences an item may take


def _separators(text: str) -> int:
    """How many marks stand between the items of a list; after a colon commas count as well."""
    listed = _LISTED.search(text)
    return len(re.findall("[、，；和及]", listed[0])) if listed else len(_ITEMS.findall(text))


_ACCOUNTS = 3  # sentences, each of which tells it otherwise
_SPEAKS_AS_MUCH = 0.25


def accounts(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The best sentence and those that speak of the matter as much and give other figures in its unit."""
    best, *others = rows
    told = [_measures(query, best.evidence)]
    found = [best.evidence]
    for w in others[:12]:
        figures = _measures(query, w.evidence)
        if w.cover >= best.cover - _SPEAKS_AS_MUCH and (figures or not told[0]) and figures not in told:
            told.append(figures)
            found.append(w.evidence)
    return tuple(found[:_ACCOUNTS])


def _measures(query: Query, evidence: Evidence) -> frozenset[str]:
    """The figures of a sentence in the unit asked for, in any unit where none is."""
    units = units_of(query)
    figures = (f for f in find_figures(evidence.sentence.text) if f.kind not in {"year", "date", "code"})
    return frozenset(f.text for f in figures if not units or any(in_unit(f, unit) for unit in units))


_AUTHOR_ASKED = re.compile(r"记者|作者|通讯员|署名|署的|撰稿|撰文|采写|(?:谁|哪位|何人)(?:写|采访)")
_EACH_ARTICLE = re.compile("[几各每两二三四五六七八九十][篇版]|整版|全版")
_BYLINES = 6
_OF_ANOTHER = re.compile(
    r"职务|任何职|身份|对象|受访|摄|拍|图|[向对跟与给]\S{0,2}记者|告诉记者|接受\S{0,4}采访"
)  # of who is told of, or took a picture
_BYLINE = re.compile(
    r"^(?![^文]*(?:摄影?|图)[）)]?$)[（(]?(?:本报|本刊)?(?:首席|全媒体|见习|实习)?"
    r"(?:记者|通讯员|作者|撰文|撰稿|文)[ 　:：/／]"
    # or a name alone in brackets, as at the end of an article
    r"|^[（(](?!.*[图摄完转版讯载略续])[\u3400-\u9fff]{2,4}(?:[ 　、][\u3400-\u9fff]{2,4})*[）)]$"
)
_NO_AUTHOR = frozenset({"when", "number", "aggregate", "yesno"})


def signed(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For a question about who wrote: the bylines of the place asked about, or of the best article; () otherwise."""
    if not _AUTHOR_ASKED.search(query.text) or _OF_ANOTHER.search(query.text) or query.kind in _NO_AUTHOR:
        return ()
    found = [w for w in rows if _BYLINE.match(w.evidence.sentence.text)]
    best = next((w for w in rows if w.place), rows[0]).evidence.passage
    if _EACH_ARTICLE.search(query.text):  # of every article on the page of the place
        found = [w for w in found if w.evidence.passage.source == best.source]
    elif query.places:
        found = [w for w in found if w.place]
    else:
        found = [w for w in found if (w.evidence.passage.source, w.evidence.passage.title) == (best.source, best.title)]
    lines = sorted((w.evidence for w in found), key=lambda one: one.sentence.start)
    return tuple(lines[:_BYLINES])


_SAID = re.compile("受访|答问|提出|谁(?:说|讲|提出)|说的|讲的|的原话|这句?话|出自谁")
_TURN = re.compile(r"^([\u3400-\u9fff]{2,4})[：:]")  # of an interview


def interviewed(query: Query, best: Evidence, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For a question about who said it: in an interview, the sentence that begins the turn of the best one."""
    named = _SPEAKER.search(best.sentence.text) or _TURN.match(best.sentence.text)
    if query.kind != "who" or not _SAID.search(query.text) or named:
        return ()
    here = (w.evidence for w in rows if w.evidence.passage.source == best.passage.source)
    turns = [e for e in here if _TURN.match(e.sentence.text) and e.sentence.start < best.sentence.start]
    return tuple(sorted(turns, key=lambda e: e.sentence.start)[-1:])


_GUEST_ASKED = re.compile("谁答的|接受[^，。]{0,16}?(?:采访|访谈|专访)|受访|访谈对象|对话的?(?:是谁|对象)|与谁对话")
_GUEST = re.compile(r"^[—－-]*(?:对话|专访|访谈?)[\u3400-\u9fff]{2,}")


def guests(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For a question about who was interviewed for a place: the lines that name the guest (——对话甲市工业局局长…)."""
    if query.kind != "who" or not _GUEST_ASKED.search(query.text) or not (query.places or query.inherited):
        return ()
    found = [w.evidence for w in rows if w.place and _GUEST.match(w.evidence.sentence.text)]
    return tuple(found)[:2]


POST_ASKED = re.compile("职务|职位|身份|[担现]?任什么|任何职|什么官|做什么的|干什么的")
_WHO_IS = re.compile("^(?P<name>[\u3400-\u9fff]{2,4})是(?:谁|什么人|何人|哪位)[？?]?$")
_SPEAKER = re.compile(r"(?:^|[”。，；！？])([\u3400-\u9fff]{2,4}?)(?:说|表示|介绍|认为|指出|称|告诉)")
_POSTED = r"(?:书记|主任|[市县区州局院校厂行会部处科队董事]长|经理|总裁|工程师|负责人|主席|教授|研究员|代表)[ 　]?"


_NAMED_SPEAKER = re.compile(
    rf"{_POSTED}([\u3400-\u9fff]{{2,3}}?)(?:[对向][^，。]{{1,4}})?(?:说|表示|介绍|认为|指出|称|告诉|感慨|坦言|透露)"
)


_POSTED_NAME = re.compile(rf"(?={_POSTED}([\u3400-\u9fff]{{2,3}}))")


def speakers(text: str) -> tuple[str, ...]:
    """The names of those who say something in `text` and whose post stands before their name."""
    return tuple(_NAMED_SPEAKER.findall(text))


def post_of_speaker(query: Query, best: Evidence, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For a question that asks in which post somebody said it: the sentence that names the post of the speaker."""
    speaker = _SPEAKER.search(best.sentence.text) or _TURN.match(best.sentence.text)
    if not speaker or not POST_ASKED.search(query.text):
        return ()
    told = re.compile(_POSTED + speaker[1])
    if told.search(best.sentence.text):
        return ()
    return tuple(w.evidence for w in rows if told.search(w.evidence.sentence.text))[:1]


def identified(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For 张三是谁, and where the post of somebody named is asked for: the sentence that has it before the name."""
    asked = _WHO_IS.match(query.text)
    if asked:
        told = re.compile(_POSTED + asked["name"])
        return tuple(w.evidence for w in rows if told.search(w.evidence.sentence.text))[:1]
    if not POST_ASKED.search(query.text):
        return ()
    named = ((w.evidence, _POSTED_NAME.findall(w.evidence.sentence.text)) for w in rows)
    # 负责人介绍 names nobody
    return tuple(one for one, names in named if any(n in query.text and not is_word(n[:2]) for n in names))[:1]


def posts_told(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The sentences that give the posts of those to whom the question gives others, which it denies."""
    names = [found for denied in query.denied for found in _POSTED_NAME.findall(denied)]
    told = (next((w.evidence for w in rows if re.search(_POSTED + n, w.evidence.sentence.text)), None) for n in names)
    return tuple(dict.fromkeys(one for one in told if one))


def titled(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """For a question about the title of an article: the titles of those of the place asked about."""
    if not re.search("标题|题目", query.text) or not query.places:
        return ()
    found = [w.evidence for w in rows if w.place]
    titles = (e for e in found if len(e.passage.title) > 3 and _same_letters(e.sentence.text, e.passage.title))
    return tuple(titles)[:3]


def _same_letters(one: str, other: str) -> bool:
    return re.sub(r"\W", "", one) == re.sub(r"\W", "", other)
