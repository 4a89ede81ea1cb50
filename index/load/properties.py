"""What office files say of themselves: a title that somebody wrote, a date that is one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Protocol

_NO_TITLE = re.compile(
    r"(?:untitled|document|microsoft|word|book|powerpoint|presentation|无标题|文档|新建|工作簿|模板|template|\d|[.\s_-])*"
    r"(?:\.(?:docx?|xlsx?|wps|et))?",
    re.IGNORECASE,
)
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
    """ISO day on which the file was made, where it was finished soon after and its text speaks of that year.

    Templates and conversions leave days that have nothing to do with the report; "" for those.
    """
    created, modified = properties.created, properties.modified
    if created is None or modified is None:
        return ""
    created, modified = created.replace(tzinfo=None), modified.replace(tzinfo=None)
    soon = timedelta(0) <= modified - created <= _ONE_SITTING
    return created.date().isoformat() if soon and f"{created.year}年" in text else ""
