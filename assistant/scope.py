"""Where a user lets the assistant look: some places, some dates."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.coverage import speaks_of
from index import Passage


@dataclass(frozen=True, slots=True)
class Scope:
    """What passages may be used; the empty scope admits all.

    `places` are names as passages carry them (西昌), any of which will do. `since` and `until` are ISO dates or
    the beginning of one (2023, 2023-06), both included; a report whose date is unknown is in no range of dates.
    `passages` is how many passages of the index are read for one question, 0 for the usual number.
    """

    places: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    passages: int = 0

    @property
    def narrows(self) -> bool:
        """True if some passage may be left out."""
        return bool(self.places or self.since or self.until)

    def admits(self, passage: Passage) -> bool:
        """Whether the passage lies within."""
        if self.places and not any(speaks_of(passage, place) for place in self.places):
            return False
        if not (self.since or self.until):
            return True
        day = passage.date
        return bool(day) and self.since <= day and (not self.until or day[: len(self.until)] <= self.until)


EVERYWHERE = Scope()
