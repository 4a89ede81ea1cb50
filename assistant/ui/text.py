"""Characters that others wrote, on their way into HTML."""

from __future__ import annotations

from html import escape

from assistant import visible


def text(value: object) -> str:
    """`value` as characters that a browser shows and never interprets, in text and in attributes.

    Direction marks go: they would show a figure's digits in another order than the one that was checked.
    """
    return escape(visible(str(value)), quote=True)
