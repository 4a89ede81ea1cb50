"""When events were, compared and reckoned: which was the earlier, on which day one ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from assistant.align import content, share
from assistant.clauses import CLAUSE, without_subject
from assistant.contrast import EVENT
from assistant.periods import Period, find_periods
from assistant.query import Query
from assistant.schema import Evidence
from assistant.selection import Selection

_ENOUGH = 0.4  # of the words of the event that the clause with its time, or the one behind it, must have


def event_of(query: Query) -> str:
    """The event whose time is asked: 甲厂建成 of 甲厂建成的时间是什么时候; "" for any other question."""
    event, asks, _ = query.text.partition(EVENT)
    return event if asks and query.kind == "when" else ""


def time_of(event: str, evidence: Evidence) -> Period | None:
    """The period that the sentence gives the event: of its clauses those with its words, or the last named before."""
    text = evidence.sentence.text
    told = [p for p in find_periods(text, reference=evidence.passage.date) if p.first]
    wanted = content(without_subject(event))
    best: tuple[float, int, int] | None = None
    begin = 0
    for clause in CLAUSE.split(text):
        found = share(wanted, content(without_subject(clause)))
        if found and (best is None or found > best[0]):
            best = found, begin, begin + len(clause)
        begin += len(clause) + 1
    if best is None or share(wanted, content(without_subject(text))) < _ENOUGH:
        return None
    inside = [p for p in told if best[1] <= p.start < best[2]]
    before = [p for p in told if p.end <= best[1]]
    return (inside[:1] or before[-1:] or [None])[0]  # type: ignore[list-item]


def earlier(selections: Sequence[Selection]) -> str:
    """甲更早：甲在2006年，乙在2010年，早4年。 "" unless each part is an event whose best sentence gives its time."""
    events = [event_of(selection.query) for selection in selections]
    times = [time_of(e, s.evidence[0]) if e else None for e, s in zip(events, selections, strict=True)]
    known = [(time, event) for time, event in zip(times, events, strict=True) if time]
    if len(known) != len(events) or len(known) < 2:
        return ""
    known.sort(key=lambda pair: pair[0].first)
    (first, name), *others = known
    if any(other.first <= _begun(first) for other, _ in others):  # one within the other: nobody can tell
        return ""
    told = "，".join(f"{event}在{_written(time)}" for time, event in known)
    years = int(others[-1][0].first[:4]) - int(first.first[:4])
    roughly = "" if _of_years(first, others[0][0]) else "约"
    gap = f"，早{roughly}{years}年" if len(known) == 2 and (years > 1 or (years and not roughly)) else ""
    return f"{name}更早：{told}{gap}。"


_ENDS = re.compile("闭幕|结束|最后一天")
_LASTS = re.compile("[为会]期(?P<n>\\d{1,2}|[一二两三四五六七八九十])天")
_DAYS = {**{c: n for n, c in enumerate("一二三四五六七八九十", 1)}, "两": 2}


def closing(selection: Selection) -> str:
    """最后一天是5月3日（2019年5月1日起，为期3天）。

    "" unless the end is asked for, and told are the day it began and how many days it lasted.
    """
    evidence = selection.evidence[0]
    lasts = _LASTS.search(evidence.sentence.text)
    told = find_periods(evidence.sentence.text, reference=evidence.passage.date)
    began = next((period for period in told if period.first and period.first == period.last), None)
    if not lasts or not began or not _ENDS.search(selection.query.text):
        return ""
    days = _DAYS.get(lasts["n"]) or int(lasts["n"])
    last = date.fromisoformat(began.first) + timedelta(days=days - 1)
    return f"最后一天是{last.month}月{last.day}日（{began.text}起，{lasts[0]}）。"


_UNTIL = re.compile(r"（到(?P<until>20\d\d年|现在)多少年）")


def lasting(selection: Selection) -> str:
    """到2023年有13年（从2010年算起）。 "" unless it is asked how long ago, as of a year, a dated event was."""
    asked, evidence = _UNTIL.search(selection.query.text), selection.evidence[0]
    time = time_of(selection.query.text.partition("是什么时候")[0], evidence) if asked else None
    if not asked or not time:
        return ""
    now = asked["until"] if asked["until"] != "现在" else f"{evidence.passage.date[:4]}年"
    years = int(now[:4]) - int(time.first[:4]) if now[:4].isdigit() else 0
    roughly = "" if _of_years(time) else "约"
    return f"到{now}有{roughly}{years}年（从{time.first[:4]}年算起）。" if years > 0 else ""


def _begun(period: Period) -> str:
    """The last day on which it can have begun: 2006年起 began in that year."""
    return f"{period.first[:4]}-12-31" if period.text.endswith(("起", "以来", "至今")) else period.last


def _of_years(*periods: Period) -> bool:
    return all(period.first[5:] == "01-01" and _begun(period)[5:] == "12-31" for period in periods)


def _written(period: Period) -> str:
    """The period as it stands in the report, and its year where that leaves it to the reader."""
    year = period.first[:4]
    return period.text if year in period.text else f"{period.text}（{year}年）"
