"""Drafts against the evidence: what stands, what is quoted in its place, and what another sentence says against it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.answer import quoted
from assistant.asked import CERTAIN, Picked, fit, picks, rivals
from assistant.asked_units import in_unit, units_of
from assistant.citations import ground
from assistant.figures import FoundFigure, contains_figure, find_figures, lower_bound, proves, reaches
from assistant.grounded import Grounded
from assistant.periods import dated, find_periods, follows
from assistant.premises import misdated
from assistant.restore import adds_qualifiers
from assistant.schema import CITATION_MARK
from assistant.selection import Selection
from assistant.unfold import speakers
from index import find_places

TextOf = Callable[[str], str]  # the characters of a source
_AIMED = re.compile(r"目标|预计|力争|计划|规划|预期|将|到20\d\d年|要(?:达|实现|突破|形成)")
# What a figure that a model read must fit the question at least: less than where rules choose it (asked.ENOUGH).
READ = 0.3


def false_claims(selection: Selection) -> tuple[str, ...]:
    """What the question asserts against the evidence: figures, the year of an event, 全国 for 全省, and what was denied
    before.
    """
    lines, query = [e.sentence.text for e in selection.evidence], selection.query
    figures = (claim.text for claim in query.claims if not any(_holds_claim(query.text, claim, line) for line in lines))
    return (
        *query.denied,
        *figures,
        *(misdated(query, lines[0]) + _of_other_reach(query.text, "\n".join(lines)) if lines else ()),
    )


def denial(claims: Sequence[str]) -> str:
    """What is told ahead of the evidence: that the reports do not say so, or say it of another place; with no claims,
    that nothing was asked.
    """
    if not claims:
        return "这句话没有向报告提问。最接近的记载是："
    said = "、".join(dict.fromkeys(claims))
    places = all(claim in {place.name for place in find_places(claim)} for claim in claims)
    return f"报告中说的不是{said}，有关记载是：" if places else f"报告中没有“{said}”的说法，有关记载是："


_REACH = re.compile("全球|全国|全省|全[市州县区](?!场)")


def _of_other_reach(question: str, line: str) -> tuple[str, ...]:
    """全国 of a question about 在全国作交流 where the evidence says 在全省作交流."""
    told = [(m[0], line[m.end() : m.end() + 3]) for m in _REACH.finditer(line)]
    asked = [(m[0], question[m.end() : m.end() + 3]) for m in _REACH.finditer(question)]
    same = [(said, word) for said, after in asked for word, behind in told if len(after) == 3 and after == behind]
    known = {said for said, word in same if said == word} | {word for word, _ in told}
    return tuple(dict.fromkeys(said for said, word in same if said != word and said not in known))


def _holds_claim(question: str, claim: FoundFigure, line: str) -> bool:
    if contains_figure(line, claim) or _about(question, claim, line):
        return True
    bound = lower_bound(question)
    return bound is not None and bound == (claim.value, claim.unit) and reaches(bound, line)


def _about(question: str, claim: FoundFigure, line: str) -> bool:
    """True if the question gives the figure roughly (两倍多, 近500亿元) and the line has one that this may mean."""
    rough = re.match("[多余来出左上]", question[claim.end :]) or re.search("[近约超过]$", question[: claim.start])
    if not rough or claim.value is None:
        return False
    near = (f.value for f in find_figures(line) if f.unit == claim.unit and f.value is not None)
    return any(abs(value - claim.value) < abs(claim.value) / 2 for value in near)


def checked(selection: Selection, draft: str, text_of: TextOf) -> Grounded:
    """The draft with its citations; the quoted evidence in its place if it does not stand or answers another thing."""
    if selection.query.kind == "when" and not re.search(r"\d{4}年", draft):
        draft = dated(draft, selection.evidence[0].passage.date)
    found = ground(draft, selection.evidence, text_of=text_of)
    asked = picks(selection.query, selection.evidence) if selection.query.kind == "number" else []
    if _holds(found, selection) and _answers(found, asked):
        return found
    if asked and asked[0].fit >= CERTAIN:
        selection = replace(selection, evidence=(asked[0].evidence,))
    return ground(quoted(selection), selection.evidence, text_of=text_of)


def _answers(grounded: Grounded, asked: Sequence[Picked]) -> bool:
    """True unless one figure is certainly what is asked for and the text has none that fits about as well."""
    if not asked or asked[0].fit < CERTAIN:
        return True
    said = find_figures(CITATION_MARK.sub("", grounded.answer))
    fitting = [p.figure for p in asked if p.fit >= asked[0].fit - 0.1]
    return any(proves(figure, one) or proves(one, figure) for figure in fitting for one in said)


# Ahead of another, or behind it: 高于全市1.4个百分点, 比全市低1.4个百分点.
_AHEAD = re.compile("[高快多]于|领先|比[^，。；]{1,12}?[高快多]")
_BEHIND = re.compile("[低慢少]于|落后|比[^，。；]{1,12}?[低慢少]")


def _turned(answer: str, quoted: str) -> bool:
    """True if the answer says behind where its quotations say ahead, or the other way round."""
    says, told = ([bool(way.search(text)) for way in (_AHEAD, _BEHIND)] for text in (answer, quoted))
    return any(says) and any(told) and not any(a and b for a, b in zip(says, told, strict=True))


# What happened, in the words that reports have for one and the same.
_EVENTS = (
    "获批|批准|批复|获准|认定",
    "投产|投用|投运",
    "竣工|建成|完工",
    "开工|动工|奠基",
    "落户|入驻|进驻|落地",
    "签约|签订|签下",
    "成立|挂牌|揭牌|组建|设立",
    "开幕|举办|召开|举行",
    "入选|入围|获评|列入",
    "授予|获授|授牌",
    "发布|出台|印发|公布",
)


def _tells_event(answer: str, quotes: str) -> bool:
    """False if the answer dates an event of which its quotations have no word: 2023年获批 of a park founded then."""
    return all(re.search(words, quotes) for words in _EVENTS if re.search(words, answer))


def _holds(grounded: Grounded, selection: Selection) -> bool:
    """True if the draft stands: something is left of it, each figure is verified, and the figure, time or speaker asked
    for is there.
    """
    if not grounded.answer or not all(f.verified for f in grounded.figures):
        return False
    if _turned(grounded.answer, "".join(citation.quote for citation in grounded.citations)):
        return False
    if adds_qualifiers(grounded.answer, [citation.quote for citation in grounded.citations]):
        return False
    if selection.query.kind == "when":
        quotes = "".join(citation.quote for citation in grounded.citations)
        return bool(find_periods(grounded.answer)) and _tells_event(grounded.answer, quotes)
    if selection.query.kind == "who":  # 这话出自谁 wants the speaker's name, not his firm's
        names = speakers(selection.evidence[0].sentence.text)
        return not names or any(name in grounded.answer for name in names)
    found = [f for f in find_figures(grounded.answer) if f.kind not in {"year", "date"}]
    return bool(found) or selection.query.kind != "number"


def disagreement(selection: Selection, said: Grounded, text_of: TextOf) -> Grounded:
    """What another sentence says of the figure answered with, where the reports contradict themselves; else empty."""
    query = selection.query
    nothing = Grounded("", (), (), ())
    figures = {figure.text for figure in said.figures if figure.verified}
    found = picks(query, selection.evidence) if query.kind == "number" else []
    first = next((p for p in found if p.figure.text in figures), None)
    if not first or first.fit < CERTAIN:
        return nothing
    others = [w.evidence for w in selection.weighed[:8] if w.place and w.period and w.cover >= 0.8]
    against = [r for r in rivals(query, first, others) if r.figure.text not in figures]
    if not against:
        return nothing
    other = (against[0].evidence,)
    return ground(f"另有记载：{quoted(replace(selection, evidence=other))}", other, text_of=text_of)


def foretold(selection: Selection, said: Grounded) -> str:
    """A note that the period asked about lay ahead when the report was written, unless the answer says so itself."""
    ahead = [p for p in selection.query.periods if follows(p, selection.evidence[0].passage.date)]
    if not ahead or not said.figures or _AIMED.search(said.answer):
        return ""
    return f"（这份报告写于{selection.evidence[0].passage.date[:4]}年，{ahead[0].text}的数是当时的目标或预计。）"


def figure_read(selection: Selection, draft: str, text_of: TextOf) -> Picked | None:
    """The one figure that a draft about a part states, as it stands in the evidence; None where the draft does not
    hold, states more, or took a figure of another matter. What it repeats of the question is not counted.
    """
    units = units_of(selection.query)
    said = {
        figure.text: figure
        for figure in find_figures(draft)
        if figure.kind not in {"year", "date", "code"} and not contains_figure(selection.query.text, figure)
    }
    if len(said) != 1 or not _holds(ground(draft, selection.evidence, text_of=text_of), selection):
        return None
    claim = next(iter(said.values()))
    if units and not any(in_unit(claim, unit) for unit in units):
        return None
    found = [
        Picked(figure, one, fit(selection.query, one.passage, one.sentence, figure))
        for one in selection.evidence
        for figure in find_figures(one.sentence.text)
        if proves(figure, claim)
    ]
    return next((read for read in found if read.fit >= READ), None)
