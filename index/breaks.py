"""Breaks between two lines: whether a sentence goes on across one, or a heading ends there.

A short line without a full stop is a heading or the first half of a sentence that the page cut. What stands at
the break itself decides most cases for sure (`reads_on`); the rest are weighed (`hangs`).
"""

from __future__ import annotations

import re

from index.lines import finished, two_clauses
from index.places import find_places
from index.vocabulary import common_words, count_tokens

HEADING_WIDTH = 32.0
JOINERS = "，、；：，;,:（(《“‘〈—-/～~"
_NON_STARTERS = "，、。；：！？,;:!?）)》〉”’%％的了们得着"
_NON_ENDERS = "的和与及在从将把被对至约近超达逾第到是并但而也还已让使以或各每其该这那"
_HANGING = re.compile(
    r"(?:通过|围绕|确保|力争|以及|包括|按照|根据|针对|面对|成为|作为|具有|位于|属于|来自|达到|超过|据统计|与此同时"
    r"|\d[个项家户名条大类批届座亿万千百])$"
)
_UNITS = "0123456789.%％亿万千百元吨户个家名项亩座公平年月日人次倍届期条米位度股台套辆"
_DATE_BEGUN = re.compile(r"\d\s*[年月]$")
_DAY = re.compile(r"\d{1,2}\s*[月日]")
_AMOUNT = re.compile(r"\d[\d.,]*\s*(?:[%％]|[万亿]|元|吨|平方|公里|多[个家万亿])")
_ADVERBIAL = re.compile(
    r"(?:据|在|围绕|依托|针对|按照|根据|面对|走进|随着|经过|通过|为|从|以|作为)[^，。：]{1,24}，"
    r"|[^，。：]{2,24}(?:方面|期间|以来|说|表示|介绍|认为|指出|之后|时)，"
    r"|(?:据悉|目前|当前|当年|如今|近年来|今年|去年|近期|此后|截至|同时|此外|另外|其中|接下来|\d{4}年)[^，。：]{0,20}，"
)
_SENTENCE_STARTS = re.compile(
    r"(?:近年来|目前|当前|如今|今年|去年|近期|此外|同时|截至|据|在|为|按照|围绕|通过|从|以|作为|\d{4}年|\d{1,2}月"
    r"|“|——|记者[：:]|[一二三四五]是)"
)
_BALANCED = re.compile(r"[^，、\d]{2,12}，[^，\d]{2,20}")


def reads_on(left: str, right: str) -> bool:
    """Whether `right` goes on with the unfinished `left`, by what stands at the break itself."""
    if not left or not right or finished(left):
        return False
    end, start, words = left[-1], right[0], common_words()
    if start in _NON_STARTERS or _closes_what_is_open(left, right):
        return True
    if (two_clauses(left) and len(left) < HEADING_WIDTH) or (two_clauses(right) and not finished(right)):
        return False
    if (end in _NON_ENDERS and left[-2:] not in words) or _HANGING.search(left):
        return True
    return (
        (end.isdigit() and start in _UNITS)
        or bool(_DATE_BEGUN.search(left) and _DAY.match(right))
        or end + start in words
        or (_cuts_a_word(left, right) and not _BALANCED.fullmatch(left))
    )


def hangs(left: str, right: str, *, bias: float = 0.0) -> bool:
    """Whether the short, unfinished `left` is rather the first half of a sentence than a heading above `right`.

    Each sign weighs about the logarithm of how much more often it was seen in cut sentences than in headings
    (426 cuts, 110 headings of newspaper reports); `bias` is what is known of the file.
    """
    if reads_on(left, right):
        return True
    if two_clauses(left) or not left or not right or (two_clauses(right) and not finished(right)):
        return False
    score = bias + cut_weight(left) + 2.0 * bool(_AMOUNT.match(right))
    return score - 2.0 * (_subject(right) or bool(_SENTENCE_STARTS.match(right))) >= 4.0


def heads(left: str, right: str) -> bool:
    """Whether `left`, as wide as the column, is a heading nevertheless: nothing of a cut sentence in it, and a
    sentence begins right below.
    """
    begins = _subject(right) or bool(_SENTENCE_STARTS.match(right))
    return (
        begins
        and cut_weight(left) < 2
        and "、" not in left + right[:4]
        and left[-1:] not in JOINERS
        and not reads_on(left, right)
    )


def cut_weight(text: str) -> float:
    """How much the short, unfinished `text` alone looks like a sentence cut off: 4 and more is nearly sure."""
    if two_clauses(text):
        return 0.0
    adverbial = bool(_ADVERBIAL.match(text))
    balanced = not adverbial and _BALANCED.fullmatch(text)
    score = 3.0 * adverbial + (0.5 if balanced else 2.0 * ("，" in text))
    score += 1.0 * ("的" in text) + 1.0 * any(c.isdigit() for c in text) + 2.0 * (len(text) > 22)
    return score + 1.5 * (_subject(text) and "：" not in text)


def _subject(text: str) -> bool:
    """Whether the text begins with a place, as sentences of such reports do."""
    found = find_places(text[:12])
    return bool(found) and found[0].start == 0


def _cuts_a_word(left: str, right: str) -> bool:
    """Whether a place, or a word of the vocabulary, lies across the break: both sides together are fewer tokens."""
    a, b = left[-6:], right[:6]
    if any(place.start < len(a) < place.end for place in find_places(a + b)):
        return True
    return count_tokens(a + b) < count_tokens(a) + count_tokens(b)


def _closes_what_is_open(left: str, right: str) -> bool:
    for opening, closing in ("“”", "《》", "（）", "()"):
        if left.rfind(opening) > left.rfind(closing) and right.find(closing) >= 0:
            before = right[: right.find(closing)]
            if opening not in before:
                return True
    return False
