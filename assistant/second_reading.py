"""A sentence that may or may not answer a question -> what the chat model reads in it.

Asked only where the probability of answerable.py leaves it open: wordings are too many for rules, and a small model
knows that 省下多少电钱 is asked of 节约电费14亿元. It only says whether; the sentence itself is then quoted.
"""

from __future__ import annotations

import re

from langchain_core.language_models import BaseChatModel

from assistant.asked_units import in_unit, units_of
from assistant.fewshot import turns
from assistant.figures import contains_figure, find_figures
from assistant.query import Query

_LONGEST = 120  # characters of a question that is one question
_TOKENS = 40
_YES = re.compile("有：(?P<what>[^\n]{2,})")
_NAMED = re.compile("[“‘]([^”’]+)[”’]")
_LEAST = 2  # characters of a word that is the sentence's own


def answered_by(query: Query, sentence: str, chat: BaseChatModel) -> bool:
    """Whether the model finds the answer in `sentence`, in words that stand there: figures in the unit asked for, or
    names to the letter.

    Raises what the chat model raises.
    """
    if len(query.text) > _LONGEST or any(name not in sentence for name in _NAMED.findall(query.text)):
        return False
    asked = turns("second_reading", f"句子：{sentence}\n问题：{query.text}")
    reply = str(chat.bind(extra_body={"max_tokens": _TOKENS}).invoke(asked).text).strip()
    found = _YES.match(reply)
    return found is not None and _stands(query, found["what"].rstrip("。"), sentence)


# Measures that reports tell beside one another; a figure is of the one named last before it.
_SPELLED = "产值 增加值 投资|投入|出资 营收|收入|营业额|销售额 利润 税 资本 GDP|生产总值 面积|占地 产能|产量|年产"
_MEASURES = tuple(map(re.compile, _SPELLED.split()))


def _of_other_measure(query: Query, answer: str, sentence: str) -> bool:
    """True if the question names a measure and what the answer's first figure stands behind is another."""
    asked = {measure for measure in _MEASURES if measure.search(query.text)}
    before = sentence[: sentence.find(answer)] if answer in sentence else sentence
    named = [(found.start(), measure) for measure in _MEASURES for found in measure.finditer(before)]
    return bool(asked and named) and max(named, key=lambda one: one[0])[1] not in asked


def _stands(query: Query, answer: str, sentence: str) -> bool:
    figures = [figure for figure in find_figures(answer) if figure.kind not in ("year", "date", "code")]
    if query.kind == "number":
        told = all(contains_figure(sentence, figure) for figure in figures)
        units = units_of(query)
        if figures and _of_other_measure(query, figures[0].text, sentence):
            return False
        return bool(figures) and told and (not units or any(in_unit(f, unit) for f in figures for unit in units))
    pieces = [piece.strip('“”"') for piece in re.split("[、，,；和]", answer) if piece]
    return bool(pieces) and all(len(piece) >= _LEAST and piece in sentence for piece in pieces)
