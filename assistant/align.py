"""Which evidence bears out a sentence: shared character bigrams, places and figures, covered greedily.

Chinese has no spaces, so words are compared as character bigrams; those with a grammatical character
count less. The greedy choice is the usual approximation of weighted maximum coverage (Nemhauser et al. 1978).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from assistant.figures import find_figures
from assistant.notation import HALF_WIDTH
from assistant.schema import Evidence
from index import find_places

SUPPORTED = 0.55  # share of a sentence that its evidence has to cover
_SECOND = 0.15  # share that one more evidence has to add
_MOST = 4
_CONTEXT = 0.6  # what a word counts that stands in the title or section, not in the sentence
_GRAMMAR = frozenset("的了在是和与及为等其中达到于以将已并也有从由被把向该此这那据称则而且均共就了着过后前内")
_VERBS = frozenset(
    ["实现", "完成", "突破", "力争", "预计", "超过", "计划", "达到", "左右", "以上", "分别", "资料", "显示"]
)
_SAME = (("规模以上", "规上"), ("地区生产总值", "GDP"), ("比重", "占比"))


def plain(text: str) -> str:
    """`text` in half-width characters without punctuation and white space, common synonyms made one."""
    text = re.sub(r"[^\w%.+/]|_", "", text.translate(HALF_WIDTH))
    for spelling, name in _SAME:
        text = text.replace(spelling, name)
    return text


@lru_cache(maxsize=8192)
def content(text: str) -> Mapping[str, float]:
    """The bigrams and Latin words of `text` outside its figures, each with its weight."""
    wide = text.translate(HALF_WIDTH)
    for figure in reversed(find_figures(text)):
        wide = wide[: figure.start] + "，" + wide[figure.end :]
    for spelling, name in _SAME:
        wide = wide.replace(spelling, name)
    weights: dict[str, float] = {word.lower(): 1.0 for word in re.findall(r"[A-Za-z][A-Za-z\d]*", wide)}
    for run in re.findall(r"[一-鿿]+", wide):
        weights |= {a + b: _weight(a + b) for a, b in pairwise(run)}
    return weights


def _weight(bigram: str) -> float:
    return 0.3 if bigram in _VERBS or not _GRAMMAR.isdisjoint(bigram) else 1.0


def share(wanted: Mapping[str, float], *held: Mapping[str, float]) -> float:
    """The share of the weight of `wanted` found in any of `held`; 1.0 where nothing is wanted."""
    total = sum(wanted.values())
    return sum(w for word, w in wanted.items() if any(word in h for h in held)) / total if total else 1.0


def background(evidence: Evidence) -> str:
    """What the reader of an evidence sentence knows besides: its place, title and section."""
    passage = evidence.passage
    return f"{passage.place}，{passage.title}，{evidence.sentence.section or passage.section}"


def _wanted(sentence: str) -> dict[str, float]:
    places = {f"@{place.name}": 2.0 for place in find_places(sentence)}
    return {**content(sentence), **places}


def _held(wanted: Mapping[str, float], evidence: Evidence) -> dict[str, float]:
    text, behind = content(evidence.sentence.text), content(background(evidence))
    named = {f"@{place.name}" for place in find_places(f"{evidence.sentence.text}，{background(evidence)}")}
    named.add(f"@{evidence.passage.place}")
    held = {word: weight for word, weight in wanted.items() if word in text or word in named}
    return held | {w: _CONTEXT * wanted[w] for w in behind if w in wanted and w not in held}


def align(
    sentence: str, evidence: Sequence[Evidence], proven: Sequence[Sequence[bool]]
) -> tuple[tuple[int, ...], float]:
    """Positions of the evidence that bears out `sentence`, best first, and the share of it they cover.

    `proven[i][j]` says whether evidence i proves figure j of the sentence.
    """
    wanted = _wanted(sentence)
    figures = {f"#{j}": 1.5 if f.kind in ("year", "date") else 3.0 for j, f in enumerate(find_figures(sentence))}
    total = sum(wanted.values()) + sum(figures.values())
    gains = [_held(wanted, e) for e in evidence]
    for gain, row in zip(gains, proven, strict=True):
        gain |= {key: weight for (key, weight), good in zip(figures.items(), row, strict=True) if good}
    chosen: list[int] = []
    covered: dict[str, float] = {}
    while total and len(chosen) < _MOST:
        rest = [(_added(gain, covered), -i) for i, gain in enumerate(gains) if i not in chosen]
        added, best = max(rest, default=(0.0, 0))
        new_figure = any(key in figures and key not in covered for key in gains[-best]) if rest else False
        if not rest or (chosen and added < _SECOND * total and not new_figure) or added <= 0:
            break
        chosen.append(-best)
        covered = {key: max(covered.get(key, 0.0), gains[-best].get(key, 0.0)) for key in covered | gains[-best]}
    return tuple(chosen), (sum(covered.values()) / total if total else 0.0)


def _added(gain: Mapping[str, float], covered: Mapping[str, float]) -> float:
    return sum(max(0.0, weight - covered.get(key, 0.0)) for key, weight in gain.items())
