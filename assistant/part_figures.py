"""The figure that the rules pick for each part of a comparison or an aggregate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.asked import CERTAIN, Picked, pick_each
from assistant.asked_units import units_of
from assistant.query import Query
from assistant.selection import Selection
from assistant.state import State


def stated_as(selection: Selection, picked: Picked) -> str:
    """甲市2020年产值为30亿元。 What the part asks about, and its figure as the report writes it."""
    return f"{selection.query.label}为{picked.figure.text}。"


_TOGETHER = re.compile("(?P<one>[\u3400-\u9fff]{2})[及和与](?P<other>[\u3400-\u9fff]{2})[\u3400-\u9fff]{0,6}?[产行]业")


def of_more(query: Query, picked: Picked) -> bool:
    """True if the sentence tells the figure of two industries together (酿酒及制茶业), one of which is asked of."""
    told = _TOGETHER.finditer(picked.evidence.sentence.text)
    return any((two["one"] in query.text) != (two["other"] in query.text) for two in told)


def tells_share(picked: Picked) -> bool:
    """True if the sentence tells what part of something the figure is: 占营业额的7%, 将营业额的7%用于研发."""
    text = picked.evidence.sentence.text
    return "占" in text or text[: picked.figure.start].endswith("的")


def led_by(selection: Selection, picked: Picked | None) -> Selection:
    """The selection with the sentence of the figure first: it stands in for a draft that does not hold."""
    if not picked or picked.evidence not in selection.evidence:
        return selection
    return replace(selection, evidence=(picked.evidence, *(e for e in selection.evidence if e != picked.evidence)))


def asks_twice(query: Query) -> bool:
    """True if the question asks for two things, one of which alone would be half an answer."""
    return len(re.findall("多少|几(?:[户家个项座倍]|百分)|第几|哪一?年|何时|什么时候", query.text)) > 1


def picked_of(state: State) -> tuple[Picked | None, ...]:
    """The figure that each part of a comparison or an aggregate is about; none where nothing is compared."""
    if state.query is None or state.formulas or not (state.query.parts or state.query.kind == "aggregate"):
        return (None,) * len(state.selections)
    found = pick_each([(s.query, s.evidence if s.covered else ()) for s in state.selections])
    # a figure of whatever unit is stated as what a part asks for only where nothing else could be meant
    return tuple(
        p if p and (units_of(s.query) or p.fit >= CERTAIN) else None
        for p, s in zip(found, state.selections, strict=True)
    )


def of_several_places(selections: Sequence[Selection]) -> bool:
    """True if the parts of a question are of several places."""
    return len({s.query.places or s.query.inherited for s in selections}) > 1
