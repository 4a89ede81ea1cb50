"""A mistyped character of a question put right by the passages found: 棕合产值 where the reports say 综合产值."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WINDOW = 4


def corrected(question: str, texts: Sequence[str]) -> str:
    """`question` with each character that stands nowhere beside its neighbours replaced by one that sounds the same.

    Only a homophone that the texts have between the same three neighbours will do, and only if there is one:
    以下 is not a mistyped 以上.
    """
    corpus = "\n".join(texts)
    for run in re.finditer(r"[\u3400-\u9fff]{4,}", question):
        for start in range(run.start(), run.end() - _WINDOW + 1):
            window = question[start : start + _WINDOW]
            if window not in corpus:
                question = question[:start] + _mended(window, corpus) + question[start + _WINDOW :]
    return question


def _mended(window: str, corpus: str) -> str:
    found = set()
    for at, typed in enumerate(window):
        pairs = [window[i : i + 2] for i in (at - 1, at) if 0 <= i < _WINDOW - 1]
        if any(pair in corpus for pair in pairs):
            continue
        pattern = f"{window[:at]}([\u3400-\u9fff]){window[at + 1 :]}"
        found |= {window[:at] + c + window[at + 1 :] for c in re.findall(pattern, corpus) if _sound_alike(c, typed)}
    return found.pop() if len(found) == 1 else window


def _sound_alike(one: str, other: str) -> bool:
    from pypinyin import lazy_pinyin

    return one != other and bool(lazy_pinyin(one) == lazy_pinyin(other))
