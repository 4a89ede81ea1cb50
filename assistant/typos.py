"""A mistyped character of a question put right: 棕合产值 where the reports say 综合产值, 凃陵 where they say 涪陵."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.wordclass import known_words
from index import find_places

_WINDOW = 4


def corrected(question: str, texts: Sequence[str]) -> str:
    """`question` with each character that stands nowhere beside its neighbours replaced by one like it.

    Only a character that sounds or looks alike and that the texts have between the same three neighbours will do, and
    only if there is one:
    以下 is not a mistyped 以上.
    """
    corpus = "\n".join(texts)
    alone = [len(word) == 1 for word in known_words(question) for _ in word]  # 相差 is a word, whatever stands there
    for run in re.finditer(r"[\u3400-\u9fff]{4,}", question):
        for start in range(run.start(), run.end() - _WINDOW + 1):
            window = question[start : start + _WINDOW]
            if window not in corpus:
                mended = _mended(window, alone[start : start + _WINDOW], corpus)
                question = question[:start] + mended + question[start + _WINDOW :]
    return question


def _mended(window: str, alone: Sequence[bool], corpus: str) -> str:
    found = set()
    for at, typed in enumerate(window):
        pairs = [window[i : i + 2] for i in (at - 1, at) if 0 <= i < _WINDOW - 1]
        if not alone[at] or any(pair in corpus for pair in pairs):
            continue
        pattern = f"{window[:at]}([\u3400-\u9fff]){window[at + 1 :]}"
        found |= {window[:at] + c + window[at + 1 :] for c in re.findall(pattern, corpus) if _alike(c, typed)}
    return found.pop() if len(found) == 1 else window


# Characters that are taken for each other by their shape, by who types strokes and by who recognises text.
_LOOK_ALIKE = (
    "木术本", "己已巳", "末未", "土士", "干千于", "人入", "日曰目", "大太", "天夫", "侯候", "拨拔", "辩辨", "材村",
    "刀力", "体休", "枝技", "拆折", "历厉", "帐账", "炼练", "绵锦", "治冶", "货贷", "暑署", "拟似", "设没",
)  # fmt: skip


def _alike(one: str, other: str) -> bool:
    """True if they sound or look alike."""
    from pypinyin import lazy_pinyin

    if one == other:
        return False
    return any(one in row and other in row for row in _LOOK_ALIKE) or bool(lazy_pinyin(one) == lazy_pinyin(other))


def places_corrected(question: str, places: Sequence[str]) -> str:
    """`question` with a mistyped name of one of `places`, those that the reports speak of, put right.

    Two characters that make no word are a mistyped name if just one place differs from them by just one character,
    which rhymes (in with ing: many do not tell them apart). A question that names a place at all is left as it is.
    """
    if find_places(question):
        return question
    known = {place for place in places if len(place) == 2}
    for one, other in pairwise(known_words(question)):
        if len(one) == len(other) == 1:
            meant = [place for place in known if _misses(one + other, place)]
            if len(meant) == 1:
                return question.replace(one + other, meant[0])
    return question


_PARTICLES = frozenset("的地得了着过是在有和与把被给到")


def _misses(pair: str, place: str) -> bool:
    wrong = [(a, b) for a, b in zip(pair, place, strict=True) if a != b]
    return len(wrong) == 1 and wrong[0][0] not in _PARTICLES and _rhyme(*wrong[0])


def _rhyme(one: str, other: str) -> bool:
    from pypinyin import Style, lazy_pinyin

    finals = [sound.removesuffix("g") for sound in lazy_pinyin(one + other, style=Style.FINALS, strict=False)]
    return bool("\u3400" <= one <= "\u9fff" and len(set(finals)) == 1)
