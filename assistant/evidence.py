"""Retrieved passages -> the sentences that bear on the question, and whether they cover what was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from assistant.figures import contains_figure, find_figures
from assistant.periods import Period, find_periods, overlaps
from assistant.retrieve import speaks_of
from assistant.rewrite import Query, claimed_figures
from assistant.schema import Evidence, Hit
from index import Passage, Sentence, find_places, words

Similarity = Callable[[str, Sequence[str]], Sequence[float]]  # cosines of a question and sentences

# Words that say what sort of figure is wanted, not of what: their absence from a sentence proves nothing.
_GENERIC = frozenset(
    {
        "数量", "规模", "情况", "水平", "数字", "数据", "内容", "名称", "方面", "时间", "工作", "发展", "建设", "推进", "项目", "企业", "全市",
        "全县", "全区", "全年", "年度", "总数", "个数", "户数", "家数", "人数", "金额", "总额", "目标", "计划", "力争", "预计", "以来", "期间",
        "时期", "左右", "以上", "以下", "同比", "累计", "新增", "提出", "打造", "形成", "地区", "城市", "占比", "比重", "排名", "位居", "名次",
    }
)
# fmt: off
# Words of asking and of telling, which a sentence that answers need not hold.
_EMPTY = frozenset(
    {
        "提到", "报告", "资料", "地方", "那边", "这边", "职务", "职位", "担任", "身份", "产自", "来自", "加起来", "加", "起来", "一起",
        "合起来", "提法", "叫法", "叫", "称为", "名字", "具体", "大约", "大概", "应该", "需要", "能", "可以", "实际", "分", "共", "总", "靠",
        "用", "做", "干", "当", "看", "上", "下", "中", "内", "人", "家", "户", "个", "元", "些", "年", "月", "日", "意思", "含义",
        "说法", "描述", "记载", "写", "介绍", "指", "什", "么", "按", "按照", "根据", "属于", "一下", "咋", "啥", "是否", "有关", "相关",
        "关于", "对", "给", "让", "使", "去", "来", "到", "过", "并", "而", "但", "或", "以", "之", "这", "那", "它", "他", "她",
        "我", "你", "您", "请", "谁", "何", "几", "多", "少", "不", "没", "没有", "已经", "曾", "哪",
    }
)
# fmt: on
_ALIKE = (
    ("增速", "增长", "增幅", "提高", "上升", "涨"),
    ("规上", "规模以上"),
    ("工业企业", "企业"),
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
_NUMERIC = frozenset({"number", "compare", "aggregate"})
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
    found = [word for term in query.terms for word in ((term,) if term.isascii() else words(term))]
    bare = (word.strip("说问讲里外前后时要得所由被把将从在于及其各都也还就又再最很该每") for word in found)
    return tuple(dict.fromkeys(w for w in bare if w and w not in _EMPTY and re.search(r"\w", w)))


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


_CLAUSE = re.compile(r"[^，；。：]+")


def _focus(query: Query, wanted: Sequence[str], text: str) -> float:
    """How little the clause that answers speaks of anything else: 1 nothing, 0 only of other things.

    全市有95户规上企业 answers a question about 规上企业 better than one about the 规上企业 of one industry.
    """
    best = 0.0
    for clause in _CLAUSE.findall(text):
        if not any(f.kind not in {"year", "date", "code"} for f in find_figures(clause)):
            continue
        spans = [(f.start, f.end) for f in find_figures(clause)]
        spans += [(f.start, f.end) for f in find_periods(clause)] + [(f.start, f.end) for f in find_places(clause)]
        rest = "".join(c for i, c in enumerate(clause) if not any(start <= i < end for start, end in spans))
        left = rest
        for word in sorted(wanted, key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < len(rest):
            best = max(
                best,
                1 - len(re.sub(r"[^\u3400-\u9fff]|[的了为有是达到共实现完成全市县区]", "", left)) / max(1, len(rest)),
            )
    return best


def _claimed(query: Query, text: str) -> float:
    """A sentence that holds the figures the question names is the one it speaks of."""
    claims = claimed_figures(query)
    return 0.3 * sum(contains_figure(text, c) for c in claims) / len(claims) if claims else 0.0


def _kind_bonus(query: Query, sentence: Sentence) -> float:
    """A sentence that can hold the kind of answer asked for is worth more."""
    text = sentence.text
    bonus = 0.0
    if query.kind in _NUMERIC:
        bonus += 0.12 if any(f.kind not in {"year", "date", "code"} for f in find_figures(text)) else -0.1
    if query.kind == "who":
        bonus += 0.2 if _SPEAKER.search(text) else 0.0
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


def weigh(
    query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity
) -> tuple[Weighed, ...]:
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
            + (0.15 * _focus(query, wanted, sentence.text) if query.kind in _NUMERIC else 0.0)
            + _claimed(query, sentence.text)
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
    order = sorted(range(len(rows)), key=lambda i: -covers[i])[:LIKENED]
    cosines = dict(zip(order, similarity(query.text, [rows[i][2].text for i in order]), strict=True))
    floor = min(cosines.values())
    return [cosines.get(i, floor) for i in range(len(rows))]


# Sentences whose likeness to the question is worth the time to embed them.
LIKENED = 16

# A question is covered if its best sentence speaks of this share of its words, or is this alike in meaning.
# Calibrated on the tuning half of the gold suite (evals/LOG.md).
COVER_ENOUGH = 0.58
COVER_ALIKE, ALIKE_ENOUGH = 0.3, 0.93
_COUNTS = {"list": 4, "definition": 2, "how": 2, "open": 2, "number": 3, "who": 2, "when": 2, "yesno": 2}
# A place joins the answer to 哪些城市… only if its sentence speaks of nearly all that was asked.
COVER_EVERYWHERE = 0.85
# How far behind the best sentence another may score and still be evidence.
_MARGINS = {"list": 0.12, "definition": 0.12, "how": 0.15, "open": 0.15}


def _answers(weighed: Weighed) -> bool:
    return weighed.cover >= COVER_ENOUGH or (weighed.cover >= COVER_ALIKE and weighed.similarity >= ALIKE_ENOUGH)


def select(query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity) -> Selection:
    """The evidence for one question without sub-questions.

    `missing` names what no sentence covers: the places the reports do not speak of, "period" where they speak of
    the matter for other periods only, or "matter" where they do not speak of it.
    """
    rows = weigh(query, hits, rarity, similarity)
    unknown = tuple(
        p for p in query.places if not any(_of_place(p, w.evidence.passage, w.evidence.sentence) for w in rows)
    )
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
    """The best sentence, what continues its list, and those that come close to it."""
    if not rows:
        return ()
    best = rows[0]
    going_on = _continuation(query, best, rows) if query.kind in {"list", "definition"} else ()
    if going_on:
        return (best.evidence, *going_on)
    margin = _MARGINS.get(query.kind, 0.3)
    claims = claimed_figures(query) if query.kind == "list" else ()
    near = [
        w.evidence
        for w in rows
        if w.evidence.score >= best.evidence.score - margin
        or (claims and w.cover >= best.cover - 0.05 and all(contains_figure(w.evidence.sentence.text, c) for c in claims))
    ]
    return tuple(near[: _COUNTS.get(query.kind, 2)])


_COUNTED = re.compile(r"([0-9]+|[两二三四五六七八九十])(?:个|大|项|条|类|家|点|方面|种)")
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2}
_ITEMS = re.compile(r"、|，和|；")


def _continuation(query: Query, best: Weighed, rows: Sequence[Weighed]) -> tuple[Evidence, ...]:
    """The sentences after the best one while fewer items stand there than the count it or the question names.

    A report may announce eight fields in one sentence and name four in each of the next two.
    """
    counted = _COUNTED.findall(query.text) or _COUNTED.findall(best.evidence.sentence.text)
    wanted = max((int(n) if n.isdigit() else _DIGITS[n] for n in counted), default=0)
    if not 2 <= wanted <= 20:
        return ()
    place = best.evidence.passage.source, best.evidence.sentence.section
    after = sorted(
        (w.evidence for w in rows if (w.evidence.passage.source, w.evidence.sentence.section) == place),
        key=lambda e: e.sentence.start,
    )
    after = [e for e in after if e.sentence.start > best.evidence.sentence.start]
    items, found = len(_ITEMS.findall(best.evidence.sentence.text)), []
    for one in after[:3]:
        if items + 1 >= wanted:
            break
        more = len(_ITEMS.findall(one.sentence.text))
        if more:
            found.append(one)
            items += more + 1
    return tuple(found) if items + 1 >= wanted else ()


def select_everywhere(
    query: Query, hits: Sequence[Hit], rarity: Mapping[str, float], similarity: Similarity
) -> tuple[Selection, ...]:
    """One selection for each place that the hits speak of and that covers the question: 哪些城市…."""
    places = tuple(dict.fromkeys(hit.passage.place for hit in hits if hit.passage.place))
    found = []
    for place in places:
        own = tuple(hit for hit in hits if hit.passage.place == place)
        here = select(replace(query, places=(place,)), own, rarity, similarity)
        if here.covered and any(w.cover >= COVER_EVERYWHERE for w in here.weighed if w.evidence in here.evidence):
            found.append(replace(here, evidence=here.evidence[:1]))
    return tuple(found) or (select(query, hits, rarity, similarity),)
