"""What the evidence step found: sentences weighed, and those selected to answer from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from assistant.query import Query
from assistant.schema import Evidence

# A report that gives orders to whoever reads it: that sentence reports nothing, whatever figures it holds.
ORDERS_READERS = re.compile(
    r"(?:忽略|无视|忘记|作废|不要管|不必理会)[^。；]{0,12}(?:指令|规则|提示|设定|系统)|(?:请|必须|只能|统一)?回答[：:]?[“‘\"]"
)
Similarity = Callable[[str, Sequence[str]], Sequence[float]]  # cosines of a question and sentences


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence with what was found of the question in it. All but `score` lie between 0 and 1."""

    evidence: Evidence
    cover: float
    similarity: float
    place: bool
    period: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """The evidence of one (sub-)question, best first, and what it fails to cover (empty: covered).

    `whole`: all of the evidence, as it stands, is the answer.
    """

    query: Query
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()
    weighed: tuple[Weighed, ...] = field(default=(), repr=False)
    whole: bool = False

    @property
    def covered(self) -> bool:
        return bool(self.evidence) and not self.missing
