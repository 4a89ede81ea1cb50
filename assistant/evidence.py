"""Retrieved passages -> the sentences that bear on the question, and whether they cover what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assistant.figures import find_figures
from assistant.periods import Period, find_periods, overlaps
from assistant.retrieve import speaks_of
from assistant.rewrite import Query
from assistant.schema import Evidence, Hit
from index import Passage, Sentence, find_places, words

Similarity = Callable[[str, Sequence[str]], Sequence[float]]  # cosines of a question and sentences

# Words that say what sort of figure is wanted, not of what: their absence from a sentence proves nothing.
_GENERIC = frozenset(
    "数量 规模 情况 水平 数字 数据 内容 名称 方面 时间 工作 发展 建设 推进 项目 企业 全市 全县 全区 全年 年度 总数 个数 户数 家数 人数 金额 总额 "
    "目标 计划 力争 预计 以来 期间 时期 左右 以上 以下 同比 累计 新增 提出 打造 形成 地区 城市 占比 比重 排名 位居 名次".split()
)
_ALIKE = (
    ("增速", "增长", "增幅", "提高", "上升", "涨"),
    ("规上", "规模以上"),
    ("占比", "比重", "占", "占到"),
    ("排名", "位列", "位居", "居", "排", "名次", "第"),
    ("总产值", "产值"),
    ("投资额", "投资"),
    ("面积", "平方公里", "平方米", "亩"),
    ("书记", "局长", "负责人", "总经理", "副总经理"),
    ("签约", "签下"),
    ("投产", "建成", "开工"),
)
_AIM = re.compile(r"到20\d\d年|到“?十四五”?末|计划|力争|预计|目标|将达|争取|确保")
_SPEAKER = re.compile(r"说|表示|介绍|告诉|称|认为|指出|感慨|谈到|强调")
_MONTHS = re.compile(r"月|日|年")


@dataclass(frozen=True, slots=True)
class Weighed:
    """A sentence with what was found of the question in it. All but `score` lie between 0 and 1."""

    evidence: Evidence
    cover: float
    similarity: float
    place: bool
    period: bool


@dataclass(frozen=True, slots=True)
class Selection:
    """The evidence of one (sub-)question, best first, and what it fails to cover (empty: covered)."""

    query: Query
    evidence: tuple[Evidence, ...]
    missing: tuple[str, ...] = ()
    weighed: tuple[Weighed, ...] = field(default=(), repr=False)

    @property
    def covered(self) -> bool:
        return bool(self.evidence) and not self.missing


def content_words(query: Query) -> tuple[str, ...]:
    """The distinct words of the question's terms, in order."""
    found = [word for term in query.terms for word in words(term)]
    return tuple(dict.fromkeys(w for w in found if w.strip() and not re.fullmatch(r"[^\w]+", w)))


def presence(word: str, text: str) -> float:
    """How far `word` is in `text`: 1 whole or by a near-synonym, less by its characters in order or in part."""
    if word in text:
        return 1.0
    for group in _ALIKE:
        if word in group and any(other in text for other in group):
            return 0.9
    if len(word) > 1 and re.search(".{0,3}?".join(map(re.escape, word)), text):
        return 0.85
    pairs = [a + b for a, b in pairwise(word)]
    if len(word) > 2 and pairs:
        return 0.8 * sum(pair in text for pair in pairs) / len(pairs)
    return 0.0


def coverage(wanted: Sequence[str], rarity: Mapping[str, float], text: str, context: str) -> float:
    """Share of the rarity of `wanted` words that `text` (or, at a discount, its `context`) speaks of."""
    total = sum(_weight(word, rarity) for word in wanted)
    if not total:
        return 1.0
    found = sum(_weight(w, rarity) * max(presence(w, text), 0.75 * presence(w, context)) for w in wanted)
    return found / total


def _weight(word: str, rarity: Mapping[str, float]) -> float:
    return rarity.get(word, 1.0) * (0.25 if word in _GENERIC else 1.0)


def _context(passage: Passage, position: int) -> str:
    before = passage.sentences[position - 1].text if position else ""
    return f"{passage.title} {passage.sentences[position].section} {before}"


def _agrees(query: Query, passage: Passage, sentence: Sentence, context: str) -> bool:
    """True unless the question names a period that the sentence, its context and its date all leave out."""
    if not query.periods:
        return True
    text = f"{sentence.text} {context}"
    stated = find_periods(text, reference=passage.date)
    asked = [p for p in query.periods if not p.relative] or list(query.periods)
    if any(overlaps(a, b) for a in asked for b in stated):
        return True
    return not find_periods(sentence.text, reference=passage.date) and _same_year(asked, passage.date)


def _same_year(asked: Sequence[Period], date: str) -> bool:
    return bool(date) and any(p.first[:4] <= date[:4] <= p.last[:4] for p in asked)


def _kind_bonus(query: Query, sentence: Sentence) -> float:
    """A sentence that can hold the kind of answer asked for is worth more."""
    text = sentence.text
    bonus = 0.0
    if query.kind in {"number", "compare", "aggregate"}:
        bonus += 0.12 if any(f.kind not in {"year", "date", "code"} for f in find_figures(text)) else -0.1
    if query.kind == "who":
        bonus += 0.08 if _SPEAKER.search(text) else 0.0
    if query.kind == "when":
        bonus += 0.08 if _MONTHS.search(text) else -0.05
    if query.kind in {"list", "definition"}:
        bonus += 0.05 * min(2, text.count("、") / 2)
    if query.kind != "definition":
        aims = bool(_AIM.search(text))
        bonus += 0.06 if aims == query.aims else -0.06
    if sentence.kind == "heading":
        bonus -= 0.15
    if sentence.kind in {"caption", "box"}:
        bonus -= 0.03
    return bonus


def weigh(query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity) -> tuple[Weighed, ...]:
    """Every sentence of the hits, scored, best first.

    score = coverage of the question's words + 0.6 standardised similarity + fit of place, period and kind.
    """
    wanted = content_words(query)
    rows: list[tuple[Hit, int, Sentence]] = []
    seen: set[tuple[str, int]] = set()
    for hit in hits:
        for position, sentence in enumerate(hit.passage.sentences):
            key = (hit.passage.source, sentence.start)
            if key not in seen and len(sentence.text) > 3:
                seen.add(key)
                rows.append((hit, position, sentence))
    if not rows:
        return ()
    covers = [coverage(wanted, rarity, s.text, _context(h.passage, i)) for h, i, s in rows]
    likeness = _similarities(query, rows, covers, similarity)
    best_hit = hits[0].score
    weighed = []
    for (hit, position, sentence), cover, like in zip(rows, covers, likeness, strict=True):
        context = _context(hit.passage, position)
        place = all(_of_place(p, hit.passage, sentence) for p in query.places) if query.places else True
        liked = any(speaks_of(hit.passage, p) for p in query.inherited)
        period = _agrees(query, hit.passage, sentence, context)
        score = (
            cover
            + 4.0 * (like - 0.8)
            + 0.05 * (hit.score - best_hit)
            + (0.0 if place else -0.5)
            + (0.25 if liked else 0.0)
            + (0.0 if period else -0.3)
            + _kind_bonus(query, sentence)
        )
        weighed.append(Weighed(Evidence(hit.passage, sentence, round(score, 4)), cover, like, place, period))
    return tuple(sorted(weighed, key=lambda w: (-w.evidence.score, w.evidence.sentence.start)))


def _of_place(place: str, passage: Passage, sentence: Sentence) -> bool:
    named = {found.name for found in find_places(sentence.text)}
    return place in named or speaks_of(passage, place)


def _similarities(
    query: Query, rows: Sequence[tuple[Hit, int, Sentence]], covers: Sequence[float], similarity: Similarity
) -> list[float]:
    """Cosine of question and sentence for the best-covered sentences; the others get the lowest of these."""
    order = sorted(range(len(rows)), key=lambda i: -covers[i])[:24]
    cosines = dict(zip(order, similarity(query.text, [rows[i][2].text for i in order]), strict=True))
    floor = min(cosines.values())
    return [cosines.get(i, floor) for i in range(len(rows))]


# A question is covered if its best sentence speaks of this share of its words, or is this alike in meaning.
# Calibrated on the tuning half of the gold suite (evals/LOG.md).
COVER_ENOUGH = 0.62
COVER_ALIKE, ALIKE_ENOUGH = 0.45, 0.88
_COUNTS = {"list": 3, "definition": 3, "how": 3, "open": 3, "number": 2, "who": 2, "when": 2, "yesno": 2}


def _answers(weighed: Weighed) -> bool:
    return weighed.cover >= COVER_ENOUGH or (weighed.cover >= COVER_ALIKE and weighed.similarity >= ALIKE_ENOUGH)


def select(
    query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity
) -> Selection:
    """The evidence for one question without sub-questions.

    `missing` names what no sentence covers: the places the reports do not speak of, "period" where they speak of
    the matter for other periods only, or "matter" where they do not speak of it.
    """
    rows = weigh(query, hits, rarity, similarity)
    unknown = tuple(p for p in query.places if not any(_of_place(p, w.evidence.passage, w.evidence.sentence) for w in rows))
    there = tuple(w for w in rows if w.place)
    fits = tuple(w for w in there if w.period)
    missing: tuple[str, ...] = ()
    if unknown or not there:
        missing = unknown or ("matter",)
    elif not any(map(_answers, fits)):
        missing = ("period",) if any(map(_answers, there)) else ("matter",)
    chosen = _closest(query, fits or there or rows)
    return Selection(query, chosen, missing, rows)


def _closest(query: Query, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The best sentence and those that come close to it."""
    if not rows:
        return ()
    best = rows[0].evidence.score
    margin = 0.35 if query.kind in {"list", "definition", "how", "open"} else 0.3
    near = [w.evidence for w in rows if w.evidence.score >= best - margin]
    return tuple(near[: _COUNTS.get(query.kind, 2)])
