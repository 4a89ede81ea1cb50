"""What is asked, as a value: the Query that the later steps read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.figures import FoundFigure
from assistant.periods import Period

Kind = Literal["number", "list", "definition", "who", "when", "how", "yesno", "aggregate", "compare", "open"]

# The unit of a question that counts without saying in what: 企业数量.
ANY_COUNT = "#"


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. `places` were named by the user; `inherited` ones come from the history and only prefer;
    those of an aggregate are the only ones it is asked of.

    `terms` are the runs of content characters left when places, periods and question words are taken out.
    `aims`: a target is asked for. `claims` are figures that the question itself asserts, a premise to be checked.
    `unit` is that of the figure asked for, canonical as in `figures`, "" where any will do.
    `accounts`: what different sentences say of it is asked for, be they at one or not.
    `denied`: what the question takes for granted and the reports tell otherwise, in its words.
    `parts` are the sub-questions of a comparison, one a place or period, else empty.
    """

    text: str
    places: tuple[str, ...]
    inherited: tuple[str, ...]
    periods: tuple[Period, ...]
    terms: tuple[str, ...]
    kind: Kind
    aims: bool
    claims: tuple[FoundFigure, ...] = ()
    unit: str = ""
    accounts: bool = False
    denied: tuple[str, ...] = ()
    parts: tuple[Query, ...] = ()

    @property
    def label(self) -> str:
        """What is asked about, without the asking: 甲市2022年产值."""
        return core(self.text)


def core(question: str) -> str:
    """A question without its question words: what it asks about."""
    counted = r"(?:亿元|万元|万?亩|万?吨|平方公里|[户家个项座位名条种类辆台件])"
    question = re.sub(rf"有?多少{counted}(?=[\u3400-\u9fff]{{2}})", "", question)
    tail = re.sub(
        r"(是|有|为|达到?)?(多[少大高长快].{0,2}|几.{0,2}|什么|哪些|哪几.|怎么样|如何|谁)[？?。!！]*$", "", question
    )
    return tail.rstrip("？?。！!的")
