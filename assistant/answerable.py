"""Whether a sentence answers a question: the probability by which the assistant answers or refuses.

A logistic regression over what was found of the question in the sentence. Its weights were fitted to questions
whose evidence is known and to questions that the reports do not answer (evals/LOG.md); no feature knows a word.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from assistant.asked import best_fit, in_unit, subject_share, units_of
from assistant.clauses import CLAUSE, bounds
from assistant.coverage import content_words, coverage
from assistant.figures import contains_figure, find_figures
from assistant.query import Query
from assistant.schema import Evidence
from assistant.selection import Weighed
from index import Passage

NUMERIC = frozenset({"number", "compare", "aggregate"})
# Of 882 questions of older sets 18 whose sentence was found lie below this, of 84 without an answer 2 above (LOG.md).
ENOUGH = 0.3
_WEIGHTS: Mapping[str, float] = {
    "cover": 1.68, "likeness": 2.02, "subject": 0.60, "fit": 2.74, "whole": 1.97, "number": -1.77, "number_fit": 2.15,
}  # fmt: skip
_BIAS = -3.81


def context(passage: Passage, position: int) -> str:
    """What a sentence may leave unsaid: its article's title, its section and the sentence before it."""
    before = passage.sentences[position - 1].text if position else ""
    return f"{passage.title} {passage.sentences[position].section} {before}"


def features(query: Query, weighed: Weighed) -> Mapping[str, float]:
    """What of the question was found, each from 0 to 1."""
    evidence = weighed.evidence
    passage, sentence = evidence.passage, evidence.sentence
    around = f"{sentence.text} {context(passage, passage.sentences.index(sentence))}"
    wanted = content_words(query.terms)
    numeric = query.kind == "number"
    fit = best_fit(query, passage, sentence)
    return {
        "cover": weighed.cover,
        "likeness": weighed.similarity,
        "subject": subject_share(query, around),
        "fit": fit,
        "whole": coverage(wanted, {}, around, ""),
        "number": float(numeric),
        "number_fit": fit * numeric,
    }


def _in_unit(query: Query, weighed: Weighed) -> bool:
    return any(in_unit(figure, query.unit) for figure in find_figures(weighed.evidence.sentence.text))


# What a sentence that holds a name to the letter is worth: 谁说过“固本新兴” is asked of that sentence.
_NAMED = 0.9


# …and one that holds the very amount that the question speaks of: 省下14亿元，是哪一种费用.
_CLAIMED, _OF_IT = 0.5, 0.15


def _holds_claims(query: Query, weighed: Weighed) -> bool:
    """True if the question names amounts, and the sentence, which speaks of its matter, has all of them."""
    amounts = [claim for claim in query.claims if claim.kind in ("amount", "percent")]
    text = weighed.evidence.sentence.text
    told = bool(amounts) and all(contains_figure(text, claim) for claim in amounts)
    return told and weighed.place and weighed.period and weighed.cover >= _OF_IT


_POST = re.compile(
    r"(?<!副)(?:董事长|总经理|总裁|总工程师|书记|市长|县长|区长|州长|局长|主任|院长|行长|会长|厂长|经理)"
)


def _lacks_post(question: str, text: str) -> bool:
    """True if a post is asked for (…的董事长是谁) and the sentence does not name it."""
    asked = re.search(rf"({_POST.pattern})(?:现在|现任|目前)?(?:是谁|是哪位|叫什么|的名字|姓甚|是什么人)", question)
    return asked is not None and asked[1] not in {post[0] for post in _POST.finditer(text)}


def _lacks_code(query: Query, evidence: Evidence) -> bool:
    """True if a name with digits (“1238”) is to be explained, and neither sentence nor heading has it."""
    names = re.findall(r"[“‘]([^”’]*\d[^”’]*)[”’]", query.text) if query.kind == "definition" else []
    told = f"{evidence.sentence.text} {evidence.sentence.section} {evidence.passage.title}"
    return any(name not in told for name in names)


_MEANS = "按照|根据|围绕|落实|依托|对照|融入|依据|遵循|结合|立足"


def _only_by_means(query: Query, text: str) -> bool:
    """True if a name in quotation marks is to be explained, and the sentence only goes by it (按照“2+5”体系，…)."""
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


_RANK = re.compile("第几|排名|位次|名次")
# Measures in money that reports tell beside one another, and in what words.
_IN_MONEY = tuple(map(re.compile, ("GDP|生产总值|经济总量", "增加值", "利润", "税", "投资|投入|出资")))


def _of_measure(query: Query, text: str) -> bool:
    """False if one of the measures above is asked for in money, and the clause of no such figure has it."""
    asked = [measure for measure in _IN_MONEY if measure.search(query.text)]
    if _RANK.search(query.text) or len(asked) != 1 or units_of(query) != {"元"}:
        return True
    figures = [figure for figure in find_figures(text) if in_unit(figure, "元")]
    told = (asked[0].search(text[slice(*bounds(text, figure, CLAUSE))]) for figure in figures)
    return any(found and text[found.start() - 1 : found.start()] != "占" for found in told) if figures else True


def _lacks_rank(question: str, text: str) -> bool:
    """True if it is asked which of a series something is (第几家) and the sentence tells none (第一家, 首家)."""
    asked = re.search("第几(?P<of>[家个户座名])", question)
    return asked is not None and not re.search(rf"(?:第[一二三四五六七八九十\d]+|首){asked['of']}", text)


_NAMES_ASKED = re.compile("名字|名称|名单|叫什么|叫啥")


def _lacks_list(query: Query, text: str) -> bool:
    """True if several are to be named (6个园区分别叫什么名字) and the sentence lists nothing."""
    several = query.kind == "list" or "分别" in query.text
    return several and bool(_NAMES_ASKED.search(query.text)) and not re.search("[、“：:]", text)


_WORDS_ASKED = re.compile("原话|怎么(?:讲|说|表态|评价|看)的|如何(?:评价|看待|表态)|说了什么|表了?什么态")
_SPEAKS = re.compile(r"说|讲|表示|介绍|告诉|透露|感慨|坦言|(?<![简名职著号统美尊])称|认为|指出|强调|[：:]")


def _lacks_speech(question: str, text: str) -> bool:
    """True if somebody's words are asked for (原话是怎么讲的) and nobody speaks in the sentence."""
    return bool(_WORDS_ASKED.search(question)) and not _SPEAKS.search(text)


def _names(query: Query) -> list[str]:
    """What the question puts in quotation marks, unless it is short enough to stand anywhere."""
    return re.findall("[“‘]([^”’]{4,})[”’]", query.text)


def probability(query: Query, weighed: Weighed) -> float:
    """That the sentence answers the question, from 0 to 1; 0 where it has no figure in the unit asked for."""
    text = weighed.evidence.sentence.text
    if query.kind == "number" and query.unit and not _in_unit(query, weighed):
        return 0.0
    if query.kind == "who" and _lacks_post(query.text, text):
        return 0.0
    if _lacks_speech(query.text, text) or _lacks_list(query, text) or _lacks_rank(query.text, text):
        return 0.0
    if query.kind == "number" and not _of_measure(query, text):
        return 0.0
    if _only_by_means(query, text) or _lacks_code(query, weighed.evidence):
        return 0.0
    if query.kind not in NUMERIC | {"when"} and any(name in text for name in _names(query)):
        return _NAMED
    total = _BIAS + sum(_WEIGHTS[name] * value for name, value in features(query, weighed).items())
    found = 1 / (1 + math.exp(-total))
    return max(found, _CLAIMED) if query.kind not in NUMERIC and _holds_claims(query, weighed) else found
