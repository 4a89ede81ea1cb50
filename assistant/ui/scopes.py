"""Where to look, as the fields of a page or a program say it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from assistant import InputError, Scope

USUAL = 12  # passages read for a question
MOST = 40
MOST_PLACES = 50
_LONGEST_PLACE = 40  # characters
_DATE = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
NO_DATE = "日期写成 2023、2023-06 或 2023-06-30：请改成其中一种，或留空。"


def scope_of(places: Any, since: Any, until: Any, passages: Any) -> Scope:
    """The scope that the fields tell; what is no place or no date counts as empty, for a page may send anything."""
    names = [place for place in places if isinstance(place, str)] if isinstance(places, list) else []
    count = int(passages) if isinstance(passages, int | float) else USUAL
    first, last = (day if is_date(day := str(each or "").strip()) else "" for each in (since, until))
    return Scope(tuple(names[:MOST_PLACES]), first, last, 0 if count == USUAL else max(1, min(MOST, count)))


def is_date(words: str) -> bool:
    """Whether `words` is a day, a month or a year in ISO form that the calendar knows."""
    if not _DATE.fullmatch(words):
        return False
    try:
        date.fromisoformat(words + "-01-01"[len(words) - 4 :] if len(words) < 10 else words)
    except ValueError:
        return False
    return True


def checked_scope(places: Any, since: Any, until: Any, passages: Any) -> Scope:
    """The scope that a program asks for. Raises InputError for what is none."""
    if not isinstance(places, list) or not all(isinstance(each, str) and each.strip() for each in places):
        raise InputError("places 要是一列地名：请写成 [“涪陵”, “西昌”] 的样子，不限地方就不写。")
    if len(places) > MOST_PLACES or any(len(each) > _LONGEST_PLACE for each in places):
        raise InputError(f"places 最多 {MOST_PLACES} 个地名，每个最多 {_LONGEST_PLACE} 字：请缩短后再试。")
    for name, words in (("since", since), ("until", until)):
        if not isinstance(words, str) or (words and not is_date(words)):
            raise InputError(f"{name} 不是日期：请写成 2023、2023-06 或 2023-06-30 的样子，不限日期就不写。")
    if since and until and since[: len(until)] > until[: len(since)]:
        raise InputError(f"since（{since}）比 until（{until}）还晚：请对调或改正后再试。")
    if isinstance(passages, bool) or not isinstance(passages, int) or not 0 <= passages <= MOST:
        raise InputError(f"passages 要是 1 到 {MOST} 的整数，或写 0 用默认的 {USUAL}：请改正后再试。")
    return Scope(tuple(each.strip() for each in places), since, until, 0 if passages == USUAL else passages)
