"""Whether an evidence sentence proves a figure: its value, unit, and subject (place, period, indicator)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from assistant.align import background, content, plain, share
from assistant.clauses import CLAUSE, bounds, governing, local_words, of_other_aim, of_other_scale, without_subject
from assistant.figures import FoundFigure, find_figures, proves
from assistant.periods import FAR, Period, find_periods
from assistant.schema import Evidence
from index import find_places

_SCOPE = re.compile(r"(?:占|居|列|比|较|于|在|超过|领先)$")  # 居四川第3位: 四川 is not what the figure is about
_ZONES = r"(?:园区|高新区|经开区|开发区|科技城|产业园|新区)"
_ZONE_SUBJECT = re.compile(rf"^[^\s，,。市县州]{{2,8}}{_ZONES}(?=[（(、，,是现已有\d]|20)")
_DONE = re.compile(r"实际|最终|(?:完成|实现|达到|做到)了|已经?(?:完成|实现|达到)")
_AIM = re.compile(r"力争|预计|计划|目标|争取|确保")
_NOW = re.compile(r"目前|当前|现在|如今|日前|近日")
_LEAST_SHARE, _SWAP_MARGIN = 0.35, 0.25


def proven_by(sentence: str, figure: FoundFigure, evidence: Evidence) -> bool:
    """Whether `evidence` bears out `figure` of the answer's `sentence`, with all it is said to be about."""
    source = evidence.sentence.text
    if figure.kind in ("year", "date"):
        return _dated(sentence, figure, evidence)
    matches = [found for found in find_figures(source) if proves(found, figure)]
    if not matches:
        return False
    if len(sentence) >= 8 and plain(sentence) in plain(source):
        return True  # the source's own words
    if not _place_fits(sentence, figure, evidence):
        return False
    if figure.kind == "code":
        return True
    return any(_about(sentence, figure, match, evidence) for match in matches)


def table(sentence: str, evidence: Sequence[Evidence]) -> list[list[bool]]:
    """For each evidence, for each figure of `sentence` in order: does the one prove the other?

    Where the words round a figure are clearly better met by an evidence that has another figure of that unit,
    the figure was taken from the wrong sentence and nothing proves it.
    """
    figures = find_figures(sentence)
    rows = [[proven_by(sentence, figure, e) for figure in figures] for e in evidence]
    for j, figure in enumerate(figures):
        if figure.kind in ("year", "date", "code") or not any(row[j] for row in rows):
            continue
        fits = [_fit(sentence, figure, e) for e in evidence]
        for row, fit in zip(rows, fits, strict=True):
            row[j] = row[j] and fit > max(fits) - _SWAP_MARGIN
    return _timed(figures, rows)


def _timed(figures: Sequence[FoundFigure], rows: list[list[bool]]) -> list[list[bool]]:
    """Of a sentence with other figures, the years are proven only by an evidence that proves one of those."""
    times = {j for j, figure in enumerate(figures) if figure.kind in ("year", "date")}
    able = [any(ok for j, ok in enumerate(row) if j not in times) for row in rows]
    if not any(able):
        return rows
    return [row if good else [False] * len(row) for row, good in zip(rows, able, strict=True)]


def _fit(sentence: str, figure: FoundFigure, evidence: Evidence) -> float:
    """How well an evidence that has a figure of this unit meets the words next to the figure."""
    comparable = any(f.unit == figure.unit for f in find_figures(evidence.sentence.text))
    if not comparable and not any(proves(f, figure) for f in find_figures(evidence.sentence.text)):
        return 0.0
    if not _place_fits(sentence, figure, evidence):
        return 0.0
    return share(content(_claimed(sentence, figure)), content(evidence.sentence.text))


def _about(sentence: str, figure: FoundFigure, match: FoundFigure, evidence: Evidence) -> bool:
    return (
        _zone_fits(sentence, match, evidence.sentence.text)
        and _period_fits(sentence, figure, match, evidence)
        and _indicator_fits(sentence, figure, match, evidence)
    )


# Years and dates


def _dated(sentence: str, figure: FoundFigure, evidence: Evidence) -> bool:
    passage, source = evidence.passage, evidence.sentence.text
    named = [f for text in (source, background(evidence)) for f in find_figures(text) if proves(f, figure)]
    if any("年" in f.unit or "年" not in figure.unit for f in named):
        return True  # 去年3月 alone does not prove 2023年3月: of which year it is, the report's date tells
    claims = [
        p
        for p in find_periods(sentence, reference=passage.date)
        if p.first and p.start < figure.end and figure.start < p.end
    ]
    own = [p for p in find_periods(source, reference=passage.date) if p.first]
    if any(_says(p, claim, figure) for p in own for claim in claims):
        return True
    if any(p.last[:4] != FAR[:4] and not _NOW.search(p.text) for p in own):
        return False  # the sentence speaks of another time
    return any(_says(p, claim, figure) for p in _before(evidence) for claim in claims)


def _says(known: Period, claim: Period, figure: FoundFigure) -> bool:
    if (known.first, known.last) == (claim.first, claim.last):
        return True
    return figure.kind == "year" and figure.high is None and known.first[:4] == known.last[:4] == claim.first[:4]


def _before(evidence: Evidence) -> list[Period]:
    """The last period named before the sentence in its passage, and that of the report itself."""
    passage = evidence.passage
    earlier = "".join(s.text for s in passage.sentences if s.start < evidence.sentence.start)
    named = [p for p in find_periods(earlier, reference=passage.date) if p.first]
    return named[-1:] + [p for p in find_periods("目前", reference=passage.date) if p.first]


def _period_fits(sentence: str, figure: FoundFigure, match: FoundFigure, evidence: Evidence) -> bool:
    date = evidence.passage.date
    said = governing(find_periods(sentence, reference=date), sentence, figure)
    held = governing(find_periods(evidence.sentence.text, reference=date), evidence.sentence.text, match)
    if said is None or held is None or not said.first or not held.first:
        return True
    if (said.first, said.last) == (held.first, held.last) or _NOW.search(said.text):
        return True
    if not re.search(r"\d{4}|[今本去上前明后]年", said.text) and said.first[4:] + said.last[4:] == (
        held.first[4:] + held.last[4:]
    ):
        return True  # 全年, 上半年: of which year, the answer does not say
    if said.last < held.first or held.last < said.first:
        return False
    if said.first <= held.first and held.last <= said.last:
        return not re.search(r"半年|季度|[—-]|至|到", held.text) or bool(_NOW.search(held.text))
    return False  # a total of several years is not that of one of them


# Places


def _place_fits(sentence: str, figure: FoundFigure, evidence: Evidence) -> bool:
    every = find_places(sentence)
    about = [
        p
        for p in every
        if not _SCOPE.search(sentence[max(0, p.start - 2) : p.start]) and not sentence.startswith(("委", "政府"), p.end)
    ]
    named = [(p.name, p.end) for p in about or every]
    if not named:
        return True
    known = {p.name for p in find_places(f"{evidence.sentence.text}，{background(evidence)}")}
    known.add(evidence.passage.place)
    if known == {""}:
        return True
    return _subject(sentence, figure, named) in known


def _subject(sentence: str, figure: FoundFigure, named: Sequence[tuple[str, int]]) -> str:
    """The place of a figure: that of its rank before 分别, else the last before it, else the first."""
    marker, rank, count = _respective(sentence, figure)
    before = list(dict.fromkeys(name for name, end in named if end <= marker))
    if count and count == len(before):
        return before[rank]
    return ([name for name, end in named if end <= figure.start] or [named[0][0]])[-1]


def _respective(sentence: str, figure: FoundFigure) -> tuple[int, int, int]:
    """甲、乙分别为1、2: where 分别 stands, the figure's rank after it, and how many there are (0: none)."""
    marker = sentence.rfind("分别", 0, figure.start)
    after = [f for f in find_figures(sentence) if f.start > marker and f.unit == figure.unit]
    return (marker, after.index(figure), len(after)) if marker >= 0 and figure in after else (marker, 0, 0)


def _zone_fits(sentence: str, match: FoundFigure, source: str) -> bool:
    """A figure of a development zone is not one of the city it lies in, nor of another zone."""
    if not find_places(sentence) and not re.search(_ZONES, sentence):
        return True
    zone = _ZONE_SUBJECT.search(source[: match.start])
    if zone and re.search(_ZONES, sentence):
        own = content(without_subject(re.sub(_ZONES, "", zone[0])))
        return not own or any(word in content(sentence) for word in own)
    named = [p.name for p in find_places(source[: match.start])]
    cities = {p.name for p in find_places(sentence)}
    inside = any(name.startswith(city) and name != city for name in named for city in cities)
    return not zone and not (inside and cities.isdisjoint(named))


# Indicators


def _indicator_fits(sentence: str, figure: FoundFigure, match: FoundFigure, evidence: Evidence) -> bool:
    source = evidence.sentence.text
    words = content(_claimed(sentence, figure))
    if share(words, content(source), content(background(evidence))) < _LEAST_SHARE:
        return False
    begin, end = bounds(source, match, CLAUSE)
    if not _named_fits(sentence, source[begin : match.start]):
        return False
    if of_other_scale(_claimed(sentence, figure), source, match) or not _reach_fits(
        sentence, figure, source[begin:end]
    ):
        return False
    said = bounds(sentence, figure, CLAUSE)
    if of_other_aim(sentence[said[0] : said[1]], source, match):
        return False
    if _DONE.search(sentence[said[0] : figure.start]) and _AIM.search(source[begin : match.start] + match.qualifier):
        return False  # an aim was not reached by being set
    if words and not any(word in content(source[: match.start] + "，" + source[begin:end]) for word in words):
        return False
    own = share(words, content(local_words(source, match)))
    rivals = [f for f in find_figures(source) if f.unit == match.unit and not proves(f, figure)]
    return all(share(words, content(local_words(source, rival))) - own < _SWAP_MARGIN for rival in rivals)


_REACHES = (("全球", "世界"), ("全国", "国内", "我国"))


def _reach_fits(sentence: str, figure: FoundFigure, clause: str) -> bool:
    """False if the answer's clause speaks of the world or the country and that of the figure does not."""
    begin, end = bounds(sentence, figure, CLAUSE)
    said = sentence[begin:end]
    return all(any(w in clause for w in words) for words in _REACHES if any(w in said for w in words))


def _named_fits(sentence: str, before: str) -> bool:
    """False if the clause of a figure begins with a name in quotation marks that the answer does not speak of."""
    names = [name for name in re.findall("“([^”]{3,})”", before) if not find_periods(name)][:1]
    return all(any(pair in sentence for pair in map("".join, pairwise(name))) for name in names)


def _claimed(sentence: str, figure: FoundFigure) -> str:
    """What the answer says a figure counts; of 甲、乙分别为1、2 the item of its rank."""
    marker, rank, count = _respective(sentence, figure)
    if count < 2:
        return local_words(sentence, figure)
    listed = CLAUSE.split(sentence[:marker])[-1]
    items = re.split("[、和与及]", listed)[-count:]
    item = without_subject(items[rank]) if len(items) == count else ""
    return item if any(w == 1.0 for w in content(item).values()) else without_subject(listed)
