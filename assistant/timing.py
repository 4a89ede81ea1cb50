"""Whether a sentence speaks of the period that a question asks about, and of what came of it rather than of an aim."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.asked import NOW, only_aims
from assistant.asked_units import in_unit, units_of
from assistant.clauses import governing
from assistant.figures import find_figures
from assistant.periods import Period, find_periods, follows, overlaps
from assistant.query import Query
from index import Passage, Sentence

_PART_OF_YEAR = re.compile("半年|季度|月")
_DONE = re.compile(r"实际|最终|最后实际|最后(?:完成|实现|达到)|(?:完成|实现|做到|达到|做)了|已经?(?:完成|实现|达到)")


def agrees(query: Query, passage: Passage, position: int, cover: float) -> bool:
    """True unless the question names a period and the sentence speaks of another.

    A sentence without a period is of the last one named before it, or of the report's year; where that is another,
    a sentence that covers nearly all the words asked for may be of the year before, which reports look back on.
    """
    sentence = passage.sentences[position]
    ahead = any(follows(period, passage.date) for period in query.periods)
    if _DONE.search(query.text) and (
        ahead or only_aims(query, passage, sentence) or _unfinished(query, sentence, passage.date)
    ):
        return False  # what came of it nobody knew when that was written
    if not _months_agree(query, sentence, passage.date) or _of_other_time(query, sentence.text, passage.date):
        return False
    if not _part_agrees(query, passage, position):
        return False
    # 目前 and 今年 are the reader's, not the report's
    asked = [period for period in query.periods if not period.relative]
    if not asked:
        return True
    own = find_periods(f"{sentence.text} {sentence.section}", reference=passage.date)
    if any(overlaps(a, b) for a in asked for b in own):
        return True
    if find_periods(sentence.text, reference=passage.date):
        return False
    before = find_periods("".join(s.text for s in passage.sentences[:position]), reference=passage.date)[-1:]
    return (
        any(overlaps(a, b) for a in asked for b in before)
        or _same_year(asked, passage.date)
        or (cover >= 0.9 and _same_year(asked, f"{int(passage.date[:4] or 1) - 1:04d}"))
    )


def _of_other_time(query: Query, text: str, date: str) -> bool:
    """True if a figure of a year is asked for, and each in its unit is of a time outside of it, or of a longer one."""
    asked = [p for p in query.periods if p.first and not p.relative]
    units = units_of(query)
    if query.kind != "number" or query.aims or len(asked) != 1 or not units or _REACHES_BACK.search(query.text):
        return False
    told = find_periods(text, reference=date)
    figures = [f for f in find_figures(text) if any(in_unit(f, unit) for unit in units)]
    times = [governing(told, text, figure) for figure in figures]
    whole = "全年" in query.text
    return bool(times) and all(
        time and time.first and not NOW.search(time.text) and (_apart(time, asked[0]) or (whole and _part(time)))
        for time in times
    )


_REACHES_BACK = re.compile("推算|倒推|反推|折算|以来|累计|至今")


def _apart(told: Period, asked: Period) -> bool:
    """True if a time lies outside of another, or is longer: a five-year plan for a year, a year for half of it."""
    years = [int(p.last[:4]) - int(p.first[:4]) for p in (told, asked)]
    longer = "五" in told.text and years[0] > years[1] and not asked.text.endswith(("末", "底"))
    of_year = _part(asked) and not _part(told) and told.first.endswith("01-01") and told.last.endswith("12-31")
    return longer or of_year or not overlaps(told, asked)


def _part(period: Period) -> bool:
    """True for a half, a quarter or a month of a year."""
    return bool(_PART_OF_YEAR.search(period.text))


def _part_agrees(query: Query, passage: Passage, position: int) -> bool:
    """False if the question names a part of this year (今年上半年) and nothing says that the sentence is of it: it has
    no period of its own, and what goes before it in its passage names another or none.
    """
    asked = find_periods(query.text, reference=passage.date)
    parts = [p for p in asked if p.relative and p.first and _PART_OF_YEAR.search(p.text)]
    if not parts or find_periods(passage.sentences[position].text, reference=passage.date):
        return True
    before = find_periods("".join(s.text for s in passage.sentences[:position]), reference=passage.date)[-1:]
    return bool(before) and (not before[0].first or any(overlaps(before[0], part) for part in parts))


def _unfinished(query: Query, sentence: Sentence, date: str) -> bool:
    """True if the sentence speaks of a time that runs up to the report (2022年以来), not of the year asked for."""
    if any(period.first[:4] != period.last[:4] for period in query.periods if period.first):
        return False  # 2022年以来 is asked for
    years = {period.first[:4] for period in query.periods if not period.relative and period.first}
    told = [period for period in find_periods(sentence.text, reference=date) if period.first]
    if not told:  # of that year it could only tell the beginning
        return any(p.first[:4] == date[:4] and (len(date) < 7 or p.last[:7] > date[:7]) for p in query.periods if date)
    return bool(years) and not any(p.first[:4] == p.last[:4] and p.first[:4] in years for p in told)


def _months_agree(query: Query, sentence: Sentence, date: str) -> bool:
    """False if the question names a part of a year (下半年) and the sentence only parts without a month of it."""
    asked, told = (find_periods(text, reference=date) for text in (query.text, sentence.text))
    told = tuple(p for p in told if sentence.text[p.start - 1 : p.start] not in ("较", "比"))
    parts = [p for p in asked if p.first and p.relative and _PART_OF_YEAR.search(p.text)]
    own = [p for p in told if p.first and _PART_OF_YEAR.search(p.text)]
    shared = any(a.first[5:7] <= b.last[5:7] and b.first[5:7] <= a.last[5:7] for a in parts for b in own)
    return shared or not parts or not own or len(own) < len(told)


def names_period(query: Query, sentence: Sentence, date: str) -> bool:
    """True if the sentence itself names the period asked for."""
    asked = [period for period in query.periods if not period.relative]
    days = [p.text for p in query.periods if p.relative and p.text.endswith(("日", "号"))]
    if any(day in sentence.text for day in days):
        return True  # 12月26日, of whatever year
    return bool(asked) and any(overlaps(a, b) for a in asked for b in find_periods(sentence.text, reference=date))


def _same_year(asked: Sequence[Period], date: str) -> bool:
    return bool(date) and any(p.first[:4] <= date[:4] <= p.last[:4] for p in asked)
