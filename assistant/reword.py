"""A question in the words of the street -> in those of reports, as the chat model writes it.

Asked only where nothing was found for the question as it was typed: wordings are too many for rules, and a small model
knows what 上规模的养猪场 is called. What it writes is used only where it keeps all that can be checked.
"""

from __future__ import annotations

import re

from langchain_core.language_models import BaseChatModel

from assistant.fewshot import turns
from assistant.figures import find_figures
from assistant.periods import find_periods
from index import find_places

_LONGEST = 120  # characters of a question worth rewording
_TOKENS = 80
_NAMED = re.compile("[“‘]([^”’]+)[”’]|([A-Za-z]+)")


def reword(question: str, chat: BaseChatModel) -> str:
    """`question` in written words; "" where the model leaves out or adds a place, a time, a figure or a name.

    Raises what the chat model raises.
    """
    if len(question) > _LONGEST:
        return ""
    reply = str(chat.bind(extra_body={"max_tokens": _TOKENS}).invoke(turns("reword", question)).text).strip()
    return reply if reply and "\n" not in reply and reply != question and _told(reply) == _told(question) else ""


def _told(text: str) -> tuple[frozenset[str], ...]:
    """What a question says that must not change: its places, its times but 目前, its figures, its names."""
    times = {p.text for p in find_periods(text) if not p.relative}
    figures = {f.text for f in find_figures(text) if f.kind not in ("year", "date")}
    names = {"".join(found) for found in _NAMED.findall(text)}
    return frozenset(place.name for place in find_places(text)), frozenset(times), frozenset(figures), frozenset(names)
