"""What of a question was mistyped put right: 棕合产值 where the reports say 综合产值, 凃陵 where they say 涪陵, and the
pinyin of a word of theirs in characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise

from assistant.wordclass import is_word, known_words
from index import find_places

_WINDOW = 4


def corrected(question: str, texts: Sequence[str]) -> str:
    """`question` with each character that stands nowhere beside its neighbours replaced by one like it; pinyin read.

    Only a character that sounds or looks alike and that the texts have between the same three neighbours will do, and
    only if there is one: 以下 is not a mistyped 以上. In a word of the dictionary that the texts do not have it must
    sound the same, tone and all, and two neighbours do: 高薪区 where they say 高新区. Of a pair that is no word (产直)
    just one such word of theirs may be meant.
    """
    corpus = "\n".join(texts)
    if re.fullmatch("[A-Za-z]{4,}", question):
        return _read(question, corpus)
    words = known_words(question)
    alone = [len(word) == 1 for word in words for _ in word]  # 相差 is a word, whatever stands there
    unknown = [len(word) > 1 and word not in corpus for word in words for _ in word]
    for run in re.finditer(r"[\u3400-\u9fff]{3,}", question):
        size = min(_WINDOW, len(run[0]))
        for start in range(run.start(), run.end() - size + 1):
            here = slice(start, start + size)
            if question[here] not in corpus:
                mended = _mended(question[here], alone[here], unknown[here], corpus)
                question = question[:start] + mended + question[start + size :]
    return _with_words(question, corpus)


def _mended(window: str, alone: Sequence[bool], unknown: Sequence[bool], corpus: str) -> str:
    found = set()
    for at, typed in enumerate(window):
        pairs = [window[i : i + 2] for i in (at - 1, at) if 0 <= i < len(window) - 1]
        whole = alone[at] and len(window) == _WINDOW
        if not (whole or unknown[at]) or any(pair in corpus for pair in pairs):
            continue
        alike = _alike if whole else _sounds_as
        pattern = f"{window[:at]}([\u3400-\u9fff]){window[at + 1 :]}"
        found |= {window[:at] + c + window[at + 1 :] for c in re.findall(pattern, corpus) if alike(c, typed)}
    return found.pop() if len(found) == 1 else window


def _read(spelled: str, corpus: str) -> str:
    """The word of `corpus` that is spelled so in toneless pinyin, the most frequent of several; else as it is."""
    from pypinyin import lazy_pinyin

    letters = spelled.lower()
    if letters in corpus.lower():
        return spelled
    found: Counter[str] = Counter()
    for run in re.findall(r"[\u3400-\u9fff]{2,}", corpus):
        ends = [0, *accumulate(map(len, sounds := lazy_pinyin(run)))]
        at, whole = {end: i for i, end in enumerate(ends)}, "".join(sounds)
        starts = (m.start() for m in re.finditer(f"(?={letters})", whole))
        found.update(run[at[s] : at[s + len(letters)]] for s in starts if s in at and s + len(letters) in at)
    known = [word for word in found if found[word] > 1 or is_word(word)]  # not the end of one word and another's begin
    return max(known, key=lambda word: (found[word], word), default=spelled)


def _with_words(question: str, corpus: str) -> str:
    """`question` with each pair of characters that is neither a word nor in `corpus` replaced by the word of `corpus`
    that differs from it in one character of the same sound, if there is just one.
    """
    for one, other in pairwise(known_words(question)):
        pair = one + other
        if len(one) == len(other) == 1 and pair not in corpus and re.fullmatch("[\u3400-\u9fff]{2}", pair):
            found = {one + c for c in re.findall(f"{one}([\u3400-\u9fff])", corpus) if _sounds_as(c, other)}
            found |= {c + other for c in re.findall(f"([\u3400-\u9fff]){other}", corpus) if _sounds_as(c, one)}
            meant = [word for word in found if is_word(word)]
            question = question.replace(pair, meant[0]) if len(meant) == 1 else question
    return question


def _sounds_as(one: str, other: str) -> bool:
    """True if two characters sound the same, tone and all."""
    from pypinyin import Style, lazy_pinyin

    return one != other and bool(lazy_pinyin(one, style=Style.TONE3) == lazy_pinyin(other, style=Style.TONE3))


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


def places_read(question: str, places: Sequence[str]) -> str:
    """`question` with the places of the reports that are typed in pinyin (yiliang, yiliangxian) in characters: a name
    that other places are spelled as well is that of the reports.
    """
    if not _SPELLED.search(question):
        return question
    from pypinyin import lazy_pinyin

    known = {"".join(lazy_pinyin(place)): place for place in sorted(places)}

    def read(found: re.Match[str]) -> str:
        said = found[0].lower()
        return known.get(said, known.get(re.sub("(?:shi|xian|qu)$", "", said), found[0]))

    return _SPELLED.sub(read, question)


_SPELLED = re.compile("(?<![A-Za-z])[A-Za-z]{5,}(?![A-Za-z])")
_PARTICLES = frozenset("的地得了着过是在有和与把被给到")


def _misses(pair: str, place: str) -> bool:
    wrong = [(a, b) for a, b in zip(pair, place, strict=True) if a != b]
    return len(wrong) == 1 and wrong[0][0] not in _PARTICLES and _rhyme(*wrong[0])


def _rhyme(one: str, other: str) -> bool:
    from pypinyin import Style, lazy_pinyin

    finals = [sound.removesuffix("g") for sound in lazy_pinyin(one + other, style=Style.FINALS, strict=False)]
    return bool("\u3400" <= one <= "\u9fff" and len(set(finals)) == 1)
