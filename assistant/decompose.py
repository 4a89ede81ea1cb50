"""A question that compares or computes -> its sub-questions, as the chat model writes them.

The one place where the model reads the question, and only one that the rules leave unclear: where they find each of
its phrases, they take it apart better (conclusion.py, evals/LOG.md). What the model writes is used only where it says
nothing that was not asked.
"""

from __future__ import annotations

import re

from langchain_core.language_models import BaseChatModel

from assistant.fewshot import turns
from assistant.figures import find_figures
from assistant.periods import find_periods
from assistant.wordclass import cut
from index import find_places

_MOST = 6  # sub-questions
_LONGEST = 200  # characters of a question worth taking apart
_TOKENS = 200
# What a sub-question may say without the question's having said it.
_ASKING = re.compile(r"(?:是|有|为)?(?:多少|几)[个家户项亿元万吨亩]*|是什么|[的了是有已经？?。\s]")
_OWN_WORDS = 0.8


def decompose(question: str, chat: BaseChatModel) -> tuple[str, ...]:
    """The sub-questions of `question`, two to six; () where the model does not take it apart or cannot be trusted.

    Raises what the chat model raises.
    """
    if len(question) > _LONGEST:
        return ()
    reply = str(chat.bind(extra_body={"max_tokens": _TOKENS}).invoke(turns("decompose", question)).text)
    lines = tuple(dict.fromkeys(line.strip() for line in reply.splitlines() if line.strip()))
    if not 2 <= len(lines) <= _MOST or not all(_of_question(line, question) for line in lines):
        return ()
    return lines


def _of_question(line: str, question: str) -> bool:
    """True if the places, periods and figures of `line` are the question's and nearly all its words are."""
    if not {place.name for place in find_places(line)} <= {place.name for place in find_places(question)}:
        return False
    for find in (find_periods, find_figures):
        if not {found.text for found in find(line)} <= {found.text for found in find(question)}:
            return False
    bare = _ASKING.sub("", line)
    known = sum(len(word) for word in cut(bare) if word in question)
    return bool(bare) and known >= _OWN_WORDS * len(bare)
