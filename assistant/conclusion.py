"""A question about several things: whether it is one, and what follows from the figures found for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from assistant.asked import Picked
from assistant.clauses import governing
from assistant.compute import Operand, conclude, operation
from assistant.coverage import content_words
from assistant.ellipsis import COUNTABLE, MEASURE, bare
from assistant.events import closing, earlier, event_of, lasting
from assistant.everywhere import SUPERLATIVE
from assistant.figures import contains_figure, find_figures, lower_bound, reaches
from assistant.formula import reckoned
from assistant.grounded import Grounded, join
from assistant.operands import plainly_compares
from assistant.periods import find_periods, overlaps
from assistant.query import Query
from assistant.schema import CITATION_MARK, Figure
from assistant.selection import Selection
from assistant.state import State

_OF_SEVERAL = frozenset({"share", "average", "less", "ratio", "difference", "growth", "compound", "yearly"})
_JOINT = re.compile("[和与跟及、加比]|还是|各|分别")
_EACH_TOO = re.compile("各|分别|谁|哪|(?:多少|几|吗|[？?])[^，,？?]*[，,？?].*[？?]")
_COMPARES = re.compile("谁|哪一?[个座边方]|比(?![重例])|相?差")


def manifold(query: Query) -> bool:
    """True if several things are asked about, or something is to be computed from several."""
    if query.kind == "aggregate":
        return False
    wanted = operation(query.text)
    several = len(query.places) > 1 or len({p.text for p in query.periods}) > 1
    joined = bool(_JOINT.search(query.text))
    return bool(query.parts) or wanted in _OF_SEVERAL or (several and joined) or (wanted == "sum" and joined)


def to_take_apart(query: Query) -> bool:
    """True if several things are asked about, and the rules found no phrases for them that say what is measured.

    Where they did, or where one place and time is asked of, the model takes apart no better (evals/LOG.md).
    """
    if not manifold(query) or plainly_compares(query.text):
        return False
    labels = [bare(part.label) for part in query.parts if part.kind != "when"]
    whole = query.parts and all(MEASURE.search(label) or COUNTABLE.search(label) for label in labels)
    several = len(query.places) > 1 or len({p.text for p in query.periods}) > 1
    return not whole and bool(query.parts or several)


def of_result_alone(query: Query, missing: Sequence[Selection]) -> bool:
    """True if only what follows from the parts is asked for, without one of which there is no answer, or if they are
    compared and one is of a place that the reports do not know.
    """
    unknown = any(set(selection.missing) & set(selection.query.places) for selection in missing)
    if unknown and _COMPARES.search(query.text) and not re.search("各|分别", query.text):
        return bool(query.parts)
    if re.search("更[高低多少大小快慢强]", query.text) and not re.search("各|分别|多少|几", query.text):  # which of two
        return len(query.parts) == 2
    of_places = operation(query.text) == "sum" and len({p.places or p.inherited for p in query.parts}) > 1
    of_several = operation(query.text) in _OF_SEVERAL or of_places
    return bool(query.parts) and of_several and not _EACH_TOO.search(query.text)


def computed(state: State, covered: Sequence[Selection], grounded: Sequence[Grounded]) -> str:
    """The result of the parts' figures that were verified, marked with their citations; "" if there is none."""
    assert state.query is not None
    proved = [{f.text for f in part.figures if f.verified} for part in grounded]
    if state.formulas:
        shown = all(figure.text in proved[0] for made in state.formulas for figure in made.figures)
        sentence = "；".join(reckoned(made, state.query).rstrip("。") for made in state.formulas) if shown else ""
    else:
        found = [p for s, p in zip(state.selections, state.picked, strict=True) if s.covered]
        figures = [p for p, part in zip(found, proved, strict=False) if p and p.figure.text in part]
        sentence = concluded(state.query, covered, figures)
    marks = "".join(f"[{c.n}]" for c in join(grounded).citations)
    return sentence.removesuffix("。") + marks + "。" if sentence else ""


def concluded(query: Query, selections: Sequence[Selection], picked: Sequence[Picked]) -> str:
    """The result of the figures or times of the parts, or for 哪些城市 the places; "" if one is missing or none
    follows.
    """
    parts = [selection.query for selection in selections]
    if query.parts and all(map(event_of, parts)):
        return earlier(selections)
    if query.kind == "list":
        return "".join(map(_counted, selections))
    if query.kind == "when" and len(selections) == 1:
        return closing(selections[0]) or lasting(selections[0])
    figures = [one.figure for one in picked]
    everywhere = query.kind == "aggregate"
    if everywhere and len(parts) > 1 and not SUPERLATIVE.search(query.text):
        places = [place for part in parts for place in part.places]
        # 绵阳 stands for 绵阳科技城 as well
        cities = [one for one in places if not any(one != other and one.startswith(other) for other in places)]
        return f"有{'、'.join(dict.fromkeys(cities))}。"
    if not (query.parts or everywhere) or len(figures) < len(parts) or not (everywhere or _of_one_time(parts, picked)):
        return ""
    labels = ["".join(part.places) for part in parts] if everywhere else _labels(parts)
    return conclude(query.text, [Operand(label, figure) for label, figure in zip(labels, figures, strict=True)])


_HOW_MANY = re.compile("(?:几|多少)(?P<of>[个家户项座])(?!百?分?点)")


def _counted(selection: Selection) -> str:
    """How many there are, where it is asked how many and which have a figure or reach a bound, and each has a sentence
    of its own; else "".
    """
    asked, query = _HOW_MANY.search(selection.query.text), selection.query
    lines = [one.sentence.text for one in selection.evidence]
    bound = lower_bound(query.text)
    if bound:
        told = all(reaches(bound, line) for line in lines)
    else:
        told = all(any(contains_figure(line, claim) for claim in query.claims) for line in lines)
    if not asked or not query.claims or len(lines) < 2 or not told:
        return ""
    return f"报告里找到{len(lines)}{asked['of']}。"


def _of_one_time(parts: Sequence[Query], picked: Sequence[Picked]) -> bool:
    """False if a report tells figures of times apart, and the question asks of one: 169亿元 of this half-year are no
    whole of which 121亿元 of last year were a part.
    """
    if len({tuple(period.text for period in part.periods) for part in parts}) > 1:
        return True
    if len({one.evidence.passage.source for one in picked}) > 1:
        return True
    held = [
        governing(find_periods(text, reference=one.evidence.passage.date), text, one.figure)
        for one in picked
        for text in (one.evidence.sentence.text,)
    ]
    told = [period for period in held if period and period.first]
    return all(overlaps(a, b) for a, b in combinations(told, 2))


def _labels(queries: Sequence[Query]) -> list[str]:
    """What tells the parts of a comparison from one another: places or periods alone, where all else is the same."""
    places = ["、".join(q.places) for q in queries]
    periods = ["、".join(re.sub("^([^“]*)”", r"\1", p.text) for p in q.periods) for q in queries]
    matters = {tuple(content_words(q.terms)) for q in queries}
    if len(matters) == 1 and len(set(periods)) == 1 and len(set(places)) == len(queries) and all(places):
        return places
    if len(matters) == 1 and len(set(places)) == 1 and len(set(periods)) == len(queries) and all(periods):
        return periods
    labels = [query.label for query in queries]
    when = find_periods(labels[0]) if len(labels) > 2 and len(set(places)) == 1 else ()
    if when:  # 甲市酿酒产业2026年产值目标 and others of that time and measure: 酿酒产业
        ahead, behind = places[0], labels[0][when[0].start :]
        if all(one.startswith(ahead) and one.endswith(behind) for one in labels):
            return [one.removeprefix(ahead).removesuffix(behind) for one in labels]
    return labels


def recounted(sentence: str, figures: Sequence[Figure]) -> Iterator[Figure]:
    """The figures of a computed sentence: operands as they were checked, results as computed."""
    by_text = {figure.text: figure for figure in figures}
    for found in find_figures(CITATION_MARK.sub("", sentence)):
        yield by_text.get(found.text, Figure(found.text, False, None, computed=True))
