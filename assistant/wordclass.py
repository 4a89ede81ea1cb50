"""How much a word of a question says about its matter, by its part of speech.

A question's nouns are what it asks about; its verbs are half that, and much of the rest (请, 到底, 出自) is only the
asking. Parts of speech are those of ICTCLAS as jieba's dictionary gives them.
"""

from __future__ import annotations

import re
from functools import lru_cache

import rjieba

# By the first letters of a tag; the longest match holds. What is not here (names, n…, vn, j, eng) is a noun.
_WEIGHTS = {
    "v": 0.45, "vn": 1.0, "a": 0.5, "an": 0.8, "b": 0.8, "z": 0.3, "i": 0.3, "l": 0.35, "s": 0.2, "f": 0.15, "t": 0.15,
    "d": 0.1, "p": 0.05, "c": 0.05, "u": 0.0, "r": 0.05, "m": 0.15, "q": 0.1, "y": 0.0, "e": 0.0, "o": 0.0, "x": 0.6,
}  # fmt: skip


# 七个一, 三高两低, 千亿级: a name that is made of numerals
_NUMERALS = "一二三四五六七八九十"
_NAME = re.compile(rf"[百千万]亿级?|[{_NUMERALS}][\u3400-\u9fff]{{1,2}}[{_NUMERALS}][\u3400-\u9fff]?")


@lru_cache(maxsize=4096)
def matter(word: str) -> float:
    """From 0 for a word of asking to 1 for a noun; a word of several parts counts as its weightiest."""
    if word.isascii() or _NAME.fullmatch(word):
        return 1.0
    return max((_weight(tag) for _, tag in rjieba.tag(word)), default=1.0)


def _weight(tag: str) -> float:
    return _WEIGHTS.get(tag[:2], _WEIGHTS.get(tag[:1], 1.0))


@lru_cache(maxsize=4096)
def cut(text: str) -> tuple[str, ...]:
    """The words of `text` as a dictionary of general Chinese has them; names made of numerals stay whole."""
    if _NAME.fullmatch(text):
        return (text,)
    return tuple(word for word, _ in rjieba.tag(text))


def is_word(text: str) -> bool:
    """True if the dictionary has `text` as one word: 介绍, not the name 刘勇."""
    return len(known_words(text)) == 1


# The commonest.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚"
    "卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)


def names_in(text: str) -> tuple[str, ...]:
    """Words of `text` that the dictionary does not have, but for names of people: firms and makes, as a rule."""
    words = (word for word, tag in rjieba.tag(text) if len(word) > 1 and not tag.startswith(("m", "eng")))
    return tuple(word for word in words if not is_word(word) and not (len(word) < 4 and word[0] in SURNAMES))


_ATTITUDES = frozenset({"愿意", "选择", "看中", "看好", "打算", "决定", "考虑"})


def is_verb(word: str) -> bool:
    """True if the word tells that something is done or happens: 撤销, neither 好处 nor 愿意."""
    return word not in _ATTITUDES and all(tag.startswith("v") for _, tag in rjieba.tag(word))


def last_name(text: str) -> str:
    """The words at the end of `text` that can be a name: nouns, what qualifies them, at most one verb as the last.

    深化绿色建材 -> 绿色建材, 农特产品加工 as it is.
    """
    words = rjieba.tag(text)
    kept = len(words)
    while kept and (words[kept - 1][1].lower().startswith(("n", "b", "a", "zg")) or _ends_name(words, kept)):
        kept -= 1
    return "".join(word for word, _ in words[kept:])


def _ends_name(words: list[tuple[str, str]], end: int) -> bool:
    """True if the last word is a verb with a noun before it: 装备制造."""
    return end == len(words) > 1 and words[-1][1].startswith("v") and words[-2][1].lower().startswith(("n", "b"))


def known_words(text: str) -> tuple[str, ...]:
    """The words of `text` that the dictionary has; what it does not know falls into characters."""
    return tuple(rjieba.cut(text, False))
