"""Whether a figure of a sentence is the one that a question asks for: unit, indicator, scope, period and aim."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.align import background, content, share
from assistant.asked_units import counts_else, of_unit
from assistant.clauses import CLAUSE, bounds, governing, local_words, of_other_aim, of_other_scale, without_subject
from assistant.coverage import content_words, presence
from assistant.ellipsis import SERIES
from assistant.figures import FoundFigure, find_figures, lower_bound, proves, reaches
from assistant.periods import Period, find_periods
from assistant.query import Query
from assistant.schema import Evidence
from index import Passage, Sentence, find_places

_AIM = re.compile(r"到20\d\d年|到“?十四五”?末|计划|力争|预计|目标|将达|争取|确保|突破")
_AN_AIM = re.compile("的?(?:力争|初步|冲刺|最低|最高)?目标$")
_SCOPES = "产业|行业|园区|高新区|经开区|开发区|科技城|产业园|集群|公司|集团|专班|基地"
_DOES = (
    "作为|是|系|位于|属于|围绕|推动|推进|依托|聚焦|发展|打造|培育|在|对|以|为|通过|带动|做[大强优]|全力|着力|引进|支持"
    "|优化|加快|促进|健全|完善|壮大|调整|提升"
)
_SCOPE = re.compile(
    rf"^(?:其中|目前|截至目前)?[，,]?“?(?!{_DOES})(?P<name>[^，。；、]{{2,10}}?)(?:{_SCOPES})(?![业化链人])"
)
_ZONES = re.compile(r"(?:产业|工业)?园区|园内|高新区|经开区|开发区")
# 全市6个省级开发区…: of those, not of all of it
_SOME_ZONES = re.compile(
    rf"(?:全[市县区州省])?[两\d一二三四五六七八九十]+[个大家](?:国家级?|[省市区县州]级|重点|主要)*(?:{_ZONES.pattern})"
)
_ZONE_ASKED = re.compile(f"{_ZONES.pattern}|高新(?!技术|企业|产业)|经开")  # 绵阳高新, for short
NOW = re.compile(r"目前|当前|现在|如今|日前|近日|以来")
_WHOLE = re.compile(r"^(?:全[市县区州省]|我[市县区]|本[市县区]|[\u3400-\u9fff]{2,4}[市县区])")
# What does not tell one subject from another.
_COMMON = re.compile(
    r"产值|增加值|增速|增幅|增长率|增长|目标|收入|投资额|投资|资金|税收|占比|比[重例]|份额|面积|规模|产能|产量|数量|总数|[户家个亩人项]数"
    r"|企业|工业|产业|行业|项目|规上|规模以上|全[市县区]|年均|预计|计划|力争|新增|达到|完成|实现|总|同比|累计|园区|第一|突破|提升|推动|打造|建设|发展|万元|亿元|以上|左右|部分|全部|整个|整体|总体|的|数"
)
ENOUGH, CERTAIN = 0.45, 0.75
# …for a figure of the sentence that answers which no other of its figures comes near.
_ALONE, _APART = 0.3, 0.2
SUBJECT_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Picked:
    """The figure that answers a question, where it stands, and how well it fits (0 to 1)."""

    figure: FoundFigure
    evidence: Evidence
    fit: float


def pick(query: Query, evidence: Sequence[Evidence]) -> Picked | None:
    """The figure of the evidence that fits the question best, or None where none does; earlier evidence wins ties."""
    return next(iter(picks(query, evidence)), None)


def pick_each(asked: Sequence[tuple[Query, Sequence[Evidence]]]) -> tuple[Picked | None, ...]:
    """The figure of each question, none twice: the best fit of all is given first, the others take what is left."""
    ranked = [picks(query, evidence) for query, evidence in asked]
    given: dict[int, Picked] = {}
    for picked, i in sorted(((p, i) for i, row in enumerate(ranked) for p in row), key=lambda pair: -pair[0].fit):
        if i not in given and not any(same(picked, other) for other in given.values()):
            given[i] = picked
    return tuple(given.get(i) for i in range(len(ranked)))


def same(one: Picked, other: Picked) -> bool:
    """True if both are one figure of one sentence."""
    here, there = one.evidence, other.evidence
    place = (here.passage.source, here.sentence.start, one.figure.start)
    return place == (there.passage.source, there.sentence.start, other.figure.start)


def picks(query: Query, evidence: Sequence[Evidence]) -> list[Picked]:
    """Every figure of the evidence that fits the question well enough, best first."""
    found = [
        Picked(figure, one, fit(query, one.passage, one.sentence, figure) - 0.03 * position)
        for position, one in enumerate(evidence)
        if _of_subject(query, one)  # 茶叶产值 is no 水果产值, however alike
        for figure in find_figures(one.sentence.text)
    ]
    ranked = sorted(found, key=lambda picked: -picked.fit)
    own = [p for p in ranked if p.evidence is evidence[0]]
    clear = [p for p in own[:1] if p.fit >= _ALONE and all(p.fit - other.fit >= _APART for other in own[1:])]
    clear = [p for p in clear if not _against(query, p.evidence.passage, p.evidence.sentence, p.figure)]
    return [p for p in ranked if p.fit >= ENOUGH or p in clear]


_PARTLY, _WHOLLY = 0.4, 0.9


def _of_subject(query: Query, evidence: Evidence) -> bool:
    """True if the sentence speaks of the subject, or of part of it right behind one that speaks of the rest:
    酒城酿酒公司满产。总投资9亿元的酿酒项目…
    """
    own = subject_share(query, _around(evidence))
    if own >= SUBJECT_ENOUGH or own < _PARTLY:
        return own >= SUBJECT_ENOUGH
    at = evidence.passage.sentences.index(evidence.sentence)
    before = evidence.passage.sentences[at - 1].text if at else ""
    return subject_share(query, before + _around(evidence)) >= _WHOLLY


def _around(evidence: Evidence) -> str:
    return f"{evidence.passage.title} {evidence.sentence.section} {evidence.sentence.text}"


def rivals(query: Query, first: Picked, evidence: Sequence[Evidence]) -> tuple[Picked, ...]:
    """Figures of other sentences that fit as well as `first` and say something else: reports disagree."""
    found = []
    for one in evidence:
        if one.sentence == first.evidence.sentence:
            continue
        best = pick(query, [one])
        same_unit = best is not None and best.figure.unit == first.figure.unit
        if best and same_unit and best.fit >= max(CERTAIN, first.fit - 0.15) and not _agree(best.figure, first.figure):
            found.append(best)
    return tuple(found)


def _agree(one: FoundFigure, other: FoundFigure) -> bool:
    return proves(one, other) or proves(other, one)


def best_fit(query: Query, passage: Passage, sentence: Sentence) -> float:
    """How well the best figure of the sentence fits; 0 where it has none that could."""
    return max((fit(query, passage, sentence, figure) for figure in find_figures(sentence.text)), default=0.0)


def fit(query: Query, passage: Passage, sentence: Sentence, figure: FoundFigure) -> float:
    """How far the figure's words, clause and sentence are the question's, less what speaks against it.

    0.25 of it is how little else the clause speaks of: 能源外工业投资 is not 工业投资. Against it are a narrower
    scope, another period, and an aim where none is asked for.
    """
    if not of_unit(query, figure):
        return 0.0
    label = _AN_AIM.sub("", query.label) or query.label
    text, wanted = sentence.text, _words(without_subject(label))
    begin, end = bounds(text, figure, CLAUSE)
    asked = [part for part in map(_words, re.split("[、，]", without_subject(label))) if part] or [wanted]
    near = max(share(part, _words(local_words(text, figure))) for part in asked)
    clause = max(share(part, _words(without_subject(text[begin:end]))) for part in asked)
    whole = share(wanted, _words(text), _words(background(Evidence(passage, sentence, 0.0))))
    exact = share(_told(text, figure), wanted, _words(query.text))
    likely = 0.2 * near + 0.2 * clause + 0.35 * whole + 0.25 * exact
    likely += _NAMED * _counts_what_is_asked(query, text, figure)
    return max(0.0, min(1.0, likely) - _against(query, passage, sentence, figure))


def _against(query: Query, passage: Passage, sentence: Sentence, figure: FoundFigure) -> float:
    """What speaks against the figure: it is of something narrower, of another time, place, scale, aim …; 0 to 2."""
    text = sentence.text
    begin, end = bounds(text, figure, CLAUSE)
    against = 0.4 * _narrower(query, text, figure) + _otherwise(query, passage, text, figure)
    against += 0.3 * of_other_scale(query.label, text, figure)
    against += 0.5 * of_other_aim(query.text, text, figure)
    against += 0.4 * _in_a_name(query, text, figure) + 0.4 * _elsewhere(query, text, figure)
    against += 0.3 * any(one in text and one not in text[begin:end] for one in SERIES.findall(query.text))
    against += 0.5 * _of_all(query, text, figure) + counts_else(query, text, figure)
    against += 0.3 * _cumulative(query, text, figure) + 0.6 * _but_for(query, text[begin:end])
    aim = aimed(text, figure)
    return against + 0.2 * (query.aims and not aim and not _AIM.search(text)) + 0.25 * (aim and not query.aims)


def reaches_bounds(query: Query, text: str) -> bool:
    """False if the question asks for those above a figure (产值过百亿) and the text has none so large."""
    bound = lower_bound(query.text) if query.kind in {"list", "aggregate"} else None
    return bound is None or reaches(bound, text)


def only_of_zone(query: Query, sentence: Sentence) -> bool:
    """True if each figure of the sentence that could answer is of a zone of the place asked about, not of all of it."""
    text = sentence.text
    figures = [figure for figure in find_figures(text) if of_unit(query, figure)]
    subjects = [_subject(text[: figure.start]) for figure in figures]
    return bool(subjects) and all(_zone_of(query, name) for name in subjects)


def only_aims(query: Query, passage: Passage, sentence: Sentence) -> bool:
    """True if each figure of the sentence that could answer, of the time asked about, is aimed at, not reached."""
    text = sentence.text
    figures = [f for f in find_figures(text) if of_unit(query, f) and not _otherwise(query, passage, text, f)]
    return bool(figures) and all(_AIM.search(CLAUSE.split(sentence.text[: f.start])[-1] + f.qualifier) for f in figures)


def aimed(text: str, figure: FoundFigure) -> bool:
    """True if the figure is a target or a forecast: 力争, 到2026年."""
    return bool(_AIM.search(CLAUSE.split(text[: figure.start])[-1][-14:] + figure.qualifier))


def _subject(before: str) -> str:
    """The place that the last clause to begin with one begins with; "" if there is none."""
    for clause in reversed(CLAUSE.split(before)):
        places = find_places(_LEAD.sub("", clause.strip()))
        if places and places[0].start == 0:
            return places[0].name
    return ""


_RATES = re.compile(r"同比|增长|增速|增幅|分别|其中|完成|实现|达到?|预计|共有?|已|约|为|占|突破|力争|以上|左右|累计")


def _told(text: str, figure: FoundFigure) -> Mapping[str, float]:
    """The words of the nearest clause, at or before the figure, that says what is counted."""
    words: Mapping[str, float] = {}
    for clause in reversed(CLAUSE.split(text[: figure.start])):
        spans = [(f.start, f.end) for f in find_figures(clause)]
        for start, end in reversed(spans):
            clause = clause[:start] + "，" + clause[end:]
        words = _words(_RATES.sub("，", _in_one_way(without_subject(clause))))
        if any(weight == 1.0 for weight in words.values()):
            break
    return words


def _words(text: str) -> Mapping[str, float]:
    """The content of `text`, what is written in several ways made one: growth, scale, how many there are."""
    return content(_in_one_way(text))


def _one_name(text: str) -> str:
    return re.sub("(?:地区)?生产总值|经济总量", "GDP", text)


def _in_one_way(text: str) -> str:
    text = text.replace("规模以上", "规上").replace("规上工业企业", "规上企业")
    text = re.sub("占比|份额", "比重", _one_name(text))
    text = re.sub("(?<=企业|项目|公司|平台)(?:数量|总数|个数|户数|家数|数)", "", text)
    return re.sub(r"(?:同比)?(?:增长率|增长|增幅)", "增速", text)


def _otherwise(query: Query, passage: Passage, text: str, figure: FoundFigure) -> float:
    """0.6 if the figure is of another time than the question's, or of a time before what the sentence says is now where
    that is asked for; 0.2 if of another than the question's 今年 or 去年.
    """
    told = find_periods(text, reference=passage.date)
    held = governing(told, text, figure)
    asked = [p for p in find_periods(query.text, reference=passage.date) if p.first and not NOW.search(p.text)]
    if not asked and held and (NOW.search(query.text) or not query.periods):  # “十二五”末61.5%，现在44%
        return 0.6 * (not NOW.search(held.text) and any(NOW.search(p.text) for p in told))
    if not asked or not held or not held.first or NOW.search(held.text):
        return 0.0
    if any(p.first <= held.first and held.last <= p.last for p in asked):
        return 0.25 * all(_within(held, p) and "以来" not in query.text for p in asked)
    return 0.2 if all(p.relative for p in asked) else 0.6


def _within(held: Period, asked: Period) -> bool:
    """True if `held` is part of `asked` only: a year of a five-year plan, half of a year."""
    of_years = asked.first[:4] != asked.last[:4] and held.first[:4] == held.last[:4]
    part = asked.first.endswith("-01-01") and asked.last.endswith("-12-31") and re.search("半年|季度", held.text)
    return of_years or bool(part)


_PROJECT = re.compile("[^“”]*(?:项目|工程|生产线|基地)”")


def _in_a_name(query: Query, text: str, figure: FoundFigure) -> bool:
    """3000万元以上工业重点项目, “年产10万吨新材料项目”: the figure tells which projects are meant.

    Or the question asks in its words.
    """
    after = re.match(r"(?:以上|以下|以内|级)(?:的)?[\u3400-\u9fff]{2}", text[figure.end :])
    quoted = re.search("“[^”]*$", text[: figure.start]) and _PROJECT.match(text, figure.end)
    return bool(after or quoted) or figure.text in query.text


_LEAD = re.compile(r"^(?:其中|而|目前|同期)?[，,]?")


def _elsewhere(query: Query, text: str, figure: FoundFigure) -> bool:
    """True if a clause before the figure begins with another place than the question's, and none after it with that.

    Inside a clause a place may be part of a name: 上海电气, 浙江大学.
    """
    wanted = (*query.places, *query.inherited)
    for clause in reversed(CLAUSE.split(text[: figure.start])):
        bare = _LEAD.sub("", clause.strip())
        places = find_places(bare)
        if wanted and places and places[0].start == 0:
            return not any(places[0].name.startswith(w) or w.startswith(places[0].name) for w in wanted)
    return False


_ALL = re.compile("(?:全[国省球]|世界)(?:共有|共|有)?[近约超]?$")


def _of_all(query: Query, text: str, figure: FoundFigure) -> bool:
    """True if the sentence counts so many in a whole province or country (入围全省100户), and the question does not."""
    wider = _ALL.search(text[: figure.start]) if figure.kind in ("count", "amount") else None
    return wider is not None and not re.search("全[国省球]|世界", query.text)


# What a count says right behind itself that it counts, and what it is worth that the question says so too.
_COUNTED, _ENDS, _NAMED = re.compile("[\u3400-\u9fff]{3,}"), 5, 0.25


def _counts_what_is_asked(query: Query, text: str, figure: FoundFigure) -> bool:
    """True if the words right behind a count, or right before it, are the question's: 19户创新型企业."""
    behind = _COUNTED.match(text, figure.end)
    before = text[max(0, figure.start - _ENDS) : figure.start]
    named = bool(behind and behind[0] in query.text) or (len(before) == _ENDS and before in query.text)
    return figure.kind == "count" and named


_BUT_FOR = re.compile(
    "(?P<of>[\u3400-\u9fff]?[^海省市国境县州区对此另意室户以之在\\W])外(?=工业|产业|行业|投资|项目|部分)"
)


def _but_for(query: Query, clause: str) -> bool:
    """True if the clause tells of all but something (能源外工业投资), and the question is not of that."""
    return any(not re.search(f"{but['of']}[以之]?外", query.text) for but in _BUT_FOR.finditer(clause))


_NEW = re.compile("新[增申认入签引建获]")
_NEWLY = re.compile("(?:新增|新认定|申报|新入库|新培育)[^，。；]*$")


def _cumulative(query: Query, text: str, figure: FoundFigure) -> bool:
    """True if the figure is of all so far (累计培育46户) where what is new is asked for, or the other way round."""
    so_far = "累计" in re.split("[。；]", text[: figure.start])[-1]
    if re.search("累计|存量", query.text):
        return not so_far and "累计" in text
    newly = _NEWLY.search(CLAUSE.split(text[: figure.start])[-1])
    if newly and newly[0][:2] not in query.text and not _NEW.search(query.text):  # 成功申报5户…累计培育11户
        return not so_far and "累计" in text
    return so_far and bool(_NEW.search(query.text))


def _zone_of(query: Query, place: str) -> bool:
    """True if `place` is a zone of a place that the question asks about (绵阳高新区), and the question says no zone."""
    wanted = (*query.places, *query.inherited)
    return place not in wanted and any(place.startswith(w) for w in wanted) and not _ZONE_ASKED.search(query.text)


def _narrower(query: Query, text: str, figure: FoundFigure) -> int:
    """1 if the figure is of an industry, zone or company that the question does not speak of, 2 if of some zones of
    all the city, though the question is of all of it; else 0.
    """
    for clause in reversed(re.split(r"[，,。；;：:]", text[: figure.start])):
        bare = clause.strip()
        places = find_places(bare)
        own = without_subject(bare).lstrip("，的")
        if _SOME_ZONES.match(own):
            return 0 if re.search(f"{_ZONES.pattern}|入园", query.text) else 2
        if _ZONES.match(own) and not _ZONES.search(query.text):
            return 1
        found = _SCOPE.match(own)
        if found:
            if found["name"][:2] in query.text and _ZONES.match(
                own[found.end("name") :]
            ):  # 成凉工业园区 by its short name
                return 0
            several = [part for part in re.split("[及和与]", found["name"]) if len(part) > 1]  # 光伏及半导体产业
            return int(max(share(content(one), content(query.text)) for one in (found["name"], *several)) < 0.5)
        if places and places[0].start == 0:
            return int(_zone_of(query, places[0].name))
        if _WHOLE.match(bare):
            return 0
    return 0


def subject(query: Query) -> tuple[str, ...]:
    """The words that tell what the indicator is of: 数字经济 of 数字经济产业产值目标."""
    pieces = (piece for run in query.terms for piece in _COMMON.split(_one_name(run)))
    return tuple(word for piece in pieces for word in content_words((piece,)) if len(word) > 1)


def subject_share(query: Query, text: str) -> float:
    """How much of the subject (weighed by length) `text` speaks of; 1 where there is none."""
    words = subject(query)
    total = sum(len(word) for word in words)
    return sum(len(word) * presence(word, _one_name(text)) for word in words) / total if total else 1.0
