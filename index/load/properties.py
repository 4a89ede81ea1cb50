"""What office files say of themselves: a title that somebody wrote, a date that is one."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Protocol

_NO_TITLE = re.compile(
    r"(?:untitled|document|microsoft|word|book|powerpoint|presentation|无标题|文档|新建|工作簿|模板|template|\d|[.\s_-])*"
    r"(?:\.(?:docx?|xlsx?|wps|et))?",
    re.IGNORECASE,
)
_DAY_LINE = re.compile(r"[（(]?\s*((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日\s*[)）]?")
_ENDS = 6
_ONE_SITTING = timedelta(days=62)


class Properties(Protocol):
    """The core properties of an office package (ECMA-376 part 2, 11)."""

    created: datetime | None
    modified: datetime | None


def sensible_title(title: str | None) -> str:
    """`title` on one line; "" where it is blank, too long for one, or a program's default."""
    text = re.sub(r"\s+", " ", title or "").strip()
    han = re.search(r"[\u4e00-\u9fff]", text)
    return text if han and len(text) <= 80 and not _NO_TITLE.fullmatch(text) else ""


def sensible_date(properties: Properties, text: str) -> str:
    """ISO day that stands on a line of its own at either end of `text`, else the day on which the file was made.

    The latter only where the file was finished soon after and the text speaks of that year: templates and
    conversions leave days that have nothing to do with the report. "" where there is neither.
    """
    lines = [line for line in text.split("\n") if line.strip()]
    for line in [*lines[:_ENDS], *lines[-_ENDS:]]:
        if found := _DAY_LINE.fullmatch(line.strip()):
            with suppress(ValueError):
                return date(*(int(number) for number in found.groups())).isoformat()
    created, modified = properties.created, properties.modified
    if created is None or modified is None:
        return ""
    created, modified = created.replace(tzinfo=None), modified.replace(tzinfo=None)
    soon = timedelta(0) <= modified - created <= _ONE_SITTING
    return created.date().isoformat() if soon and f"{created.year}年" in text else ""
