"""Example questions for the empty chat, made from what the indexed reports state."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index import Passage, Sentence, find_places

# An indicator by its last word, with the verb that may stand between it and its figure.
_STATED = re.compile(
    r"(?:^|[，；、。：])(?P<when>20\d\d年(?:上半年)?)[，]?"
    r"(?P<what>[\u4e00-\u9fff“”]{2,14}?(?:总产值|产值|增加值|收入|投资|税收|资金|面积|企业|用电量))"
    r"(?:预计)?(?:为|达到|达|实现|完成|共计|共)?(?:约|超|近)?\d"
)
_LEADING = re.compile(r"^(?:[市县区的]|全[市县区年]|实现|完成)+")
_MOST = 6


def example_questions(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Up to six questions, one a place: what an indicator was in a year, for a figure that the reports state."""
    found: dict[str, str] = {}
    for passage in passages:
        if passage.place and passage.place not in found:
            question = next(_questions(passage.place, passage.sentences), None)
            if question:
                found[passage.place] = question
    return tuple(found.values())[:_MOST]


def _questions(place: str, sentences: Sequence[Sentence]) -> Iterator[str]:
    for sentence in sentences:
        match = _STATED.search(sentence.text)
        if match and not find_places(match["what"].removeprefix(place)):
            what = _LEADING.sub("", match["what"].removeprefix(place))
            yield f"{place}{match['when']}{what}是多少？"
