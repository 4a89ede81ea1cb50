"""Example questions for the empty chat, made from what the indexed reports state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index import Passage, find_places

# An indicator by its last word, with the verb that may stand between it and its figure.
_STATED = re.compile(
    r"(?:^|[，；、。：])(?P<when>20\d\d年(?:上半年)?)[，]?"
    r"(?P<what>[\u4e00-\u9fff“”]{2,14}?(?:总产值|产值|增加值|收入|投资|税收|资金|面积|企业|用电量))"
    r"(?:预计)?(?:为|达到|达|实现|完成|共计|共)?(?:约|超|近)?(?P<figure>\d[\d.]*)"
)
_LEADING = re.compile(r"^(?:[市县区的]|全[市县区年]|实现|完成)+")
_HAVING = re.compile(r"有(?=规模以上|规上|工业|企业)")
_MOST = 6


@dataclass(frozen=True, slots=True)
class Stated:
    """What a report states: the figure of an indicator of a place in a year."""

    place: str
    when: str
    what: str
    figure: str

    @property
    def question(self) -> str:
        asked = "有多少家" if self.what.endswith("企业") else "是多少"
        return f"{self.place}{self.when}{self.what}{asked}？"


def example_questions(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Up to six questions, one a place: what an indicator was in a year, for a figure that the reports state."""
    found: dict[str, str] = {}
    for passage in passages:
        if passage.place and passage.place not in found:
            first = next(stated(passage), None)
            if first:
                found[passage.place] = first.question
    return tuple(found.values())[:_MOST]


def stated(passage: Passage) -> Iterator[Stated]:
    """What the passage states of its own place, at most one a sentence."""
    place = passage.place
    for sentence in passage.sentences if place else ():
        match = _STATED.search(sentence.text)
        if match and not find_places(match["what"].removeprefix(place)):
            what = _HAVING.sub("", _LEADING.sub("", match["what"].removeprefix(place)))
            yield Stated(place, match["when"], what, match["figure"])
