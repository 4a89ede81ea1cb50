"""HTML that cannot be forgotten to be escaped: every str is text, only `Html` is markup."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable

# Marks of direction can make a line read as another one.
_DIRECTION = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Html(str):
    """Markup that `tag` or `text` has made."""

    __slots__ = ()


def text(value: object) -> Html:
    """Any value as text: escaped, without control characters (line breaks stay) and marks of direction."""
    kept = (c for c in str(value) if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _DIRECTION))
    return Html(html.escape("".join(kept), quote=True))


def tag(name: str, *children: str, **attributes: object) -> Html:
    """An element. Children that are not Html are escaped, and attributes always are.

    `class_` is class, `stroke_width` is stroke-width; an attribute that is None or False is left out.
    """
    known = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
    written = "".join(
        f" {key}" if value is True else f' {key}="{text(value)}"'
        for key, value in known.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Several pieces one after another, each escaped unless it is Html."""
    return Html("".join(part if isinstance(part, Html) else text(part) for part in parts))
