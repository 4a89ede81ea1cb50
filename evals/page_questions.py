"""The part of the report page that shows each question: answer, citations, gold evidence, what changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from assistant import Citation, Figure
from evals.failures import STAGES
from evals.markup import Html, join, tag
from evals.match import MARK, contains, without_marks
from evals.outcome import Outcome
from evals.runs import Run
from evals.suite import Question, locate
from evals.table import CLASSES

_STATUS = {"answered": "已回答", "partial": "部分回答", "refused": "拒答"}
_SHORTEST = 8


def change(outcome: Outcome, earlier: Run | None) -> str:
    """ "worse" or "better" than in the earlier run; empty if the same or unknown."""
    before = earlier.questions.get(outcome.question.id) if earlier else None
    if before is None or before["correct"] == outcome.score.correct:
        return ""
    return "worse" if before["correct"] else "better"


Remarks = Mapping[str, Sequence[Html]]


def question_list(outcomes: Sequence[Outcome], earlier: Run | None, remarks: Remarks) -> Html:
    """All questions, what turned wrong first, then what is wrong, then the others in the suite's order.

    `remarks` holds what a judge model said, by question id.
    """
    ranked = sorted(outcomes, key=lambda o: (change(o, earlier) != "worse", o.score.correct))
    return tag("div", *(_question(outcome, earlier, remarks) for outcome in ranked), id="questions")


def _question(outcome: Outcome, earlier: Run | None, remarks: Remarks) -> Html:
    question, turned = outcome.question, change(outcome, earlier)
    right = outcome.score.correct
    badges = [tag("span", "对" if right else "错", class_=f"badge {'right' if right else 'wrong'}")]
    tail = [tag("span", CLASSES.get(question.kind, question.kind), class_="tagged")]
    if outcome.stage:
        tail.append(tag("span", STAGES[outcome.stage][0], class_=f"tagged stage {outcome.stage}"))
    if turned:
        tail.append(tag("span", "变错" if turned == "worse" else "变对", class_=f"tagged {turned}"))
    head = tag(
        "summary", *badges, tag("span", question.question, class_="asked"), tag("span", *tail, class_="tail"),
    )  # fmt: skip
    kinds = " ".join(filter(None, ["right" if right else "wrong", turned, outcome.stage]))
    return tag(
        "details", head, tag("div", *_body(outcome, earlier, remarks), class_="body"),
        class_="question", id=anchor(question), data_kinds=kinds, data_class=question.kind,
    )  # fmt: skip


def anchor(question: Question) -> str:
    """The page's own name of a question; safe as an id whatever the suite calls it."""
    return "q-" + re.sub(r"[^\w-]", lambda m: f".{ord(m[0]):x}", question.id)


def _body(outcome: Outcome, earlier: Run | None, remarks: Remarks) -> list[Html]:
    question, reply = outcome.question, outcome.reply
    facts = [question.id, _STATUS.get(reply.status, reply.status), f"{reply.total:.2f} 秒", *question.tags]
    parts = [tag("p", " · ".join(facts), class_="facts")]
    if question.history:
        parts.append(_part("之前问过", *(tag("p", turn, class_="turn") for turn in question.history)))
    parts.append(_part("回答", tag("p", _answer(outcome), class_="answer")))
    if changed := _diff(outcome, earlier):
        parts.append(changed)
    parts.append(_part("应当说到", _expected(question, reply.answer)))
    if said := remarks.get(question.id):
        parts.append(_part("评判模型", *said))
    if reply.citations:
        cited = (_citation(citation, outcome) for citation in reply.citations)
        parts.append(_part("引用的原文", tag("ol", *cited, class_="citations")))
    if question.evidence:
        parts.append(_part("标准证据", tag("ul", *_evidence(outcome), class_="evidence")))
    return parts


def _part(title: str, *children: str) -> Html:
    return tag("section", tag("h4", title), tag("div", *children), class_="part")


def _answer(outcome: Outcome) -> Html:
    """The answer with its marks as links and its figures coloured by whether they are verified."""
    answer, parts, at = outcome.reply.answer, list[str](), 0
    for start, end, figure in _spans(answer, outcome.reply.figures):
        parts.append(answer[at:start])
        if figure is None:
            number = answer[start + 1 : end - 1]
            parts.append(tag("a", number, href=f"#{anchor(outcome.question)}-c{number}", class_="mark"))
        else:
            told = "已核对" if figure.verified else "未核对"
            parts.append(tag("span", answer[start:end], class_="ok" if figure.verified else "bad", title=told))
        at = end
    return join([*parts, answer[at:]])


def _spans(answer: str, figures: Sequence[Figure]) -> list[tuple[int, int, Figure | None]]:
    """Marks (None) and figures in reading order; a figure that does not stand there as written is left out."""
    spans: list[tuple[int, int, Figure | None]] = [(m.start(), m.end(), None) for m in MARK.finditer(answer)]
    taken, at = list(spans), 0
    for figure in figures:
        start = answer.find(figure.text, at)
        if start >= 0 and all(start >= end or start + len(figure.text) <= begin for begin, end, _ in taken):
            spans.append((start, start + len(figure.text), figure))
            at = start + len(figure.text)
    return sorted(spans, key=lambda span: span[0])


def _expected(question: Question, answer: str) -> Html:
    if not question.answerable:
        return tag("p", "报告里没有答案，应当拒答。")
    said = without_marks(answer)
    chips = []
    for group in question.accept:
        hit = any(contains(said, one) for one in group)
        chips.append(tag("span", " 或 ".join(group), class_=f"chip {'right' if hit else 'wrong'}"))
    for wrong in question.forbid:
        kind = "wrong" if contains(said, wrong) else "quiet"
        chips.append(tag("span", f"不得出现：{wrong}", class_=f"chip {kind}"))
    return tag("p", *chips, class_="chips")


def _citation(citation: Citation, outcome: Outcome) -> Html:
    place = [citation.source, f"第 {citation.start}–{citation.end} 字"]
    place[1:1] = [f"第 {citation.page} 页"] if citation.page else []
    head = [f"《{citation.title}》" if citation.title else "", citation.date, " · ".join(place)]
    quoted = tag("blockquote", _lit(citation, outcome.question))
    name = f"{anchor(outcome.question)}-c{citation.n}"
    return tag("li", tag("p", "　".join(filter(None, head)), class_="facts"), quoted, value=citation.n, id=name)


def _lit(citation: Citation, question: Question) -> Html:
    """The quote, with what it shares with the gold evidence lit."""
    ranges: list[tuple[int, int]] = []
    for gold in question.evidence:
        if gold.source == citation.source:
            whole = locate(gold.quote, citation.quote)
            ranges += whole or _shared(gold.quote, citation.quote)
    parts, at = list[str](), 0
    for start, end in sorted(ranges):
        if end > at:
            parts += [citation.quote[at : max(start, at)], tag("mark", citation.quote[max(start, at) : end])]
            at = end
    return join([*parts, citation.quote[at:]])


def _shared(gold: str, quote: str) -> list[tuple[int, int]]:
    packed = "".join(quote.split())
    match = SequenceMatcher(None, "".join(gold.split()), packed, autojunk=False).find_longest_match()
    if match.size < min(_SHORTEST, len(packed)):
        return []
    return list(locate(packed[match.b : match.b + match.size], quote))


def _evidence(outcome: Outcome) -> list[Html]:
    items = []
    for gold, (rank, cited) in zip(outcome.question.evidence, outcome.trace, strict=True):
        found = f"检索第 {rank} 段" if rank else "没检到"
        fate = [
            tag("span", found, class_=f"chip {'right' if rank else 'wrong'}"),
            tag("span", "已引用" if cited else "没引用", class_=f"chip {'right' if cited else 'wrong'}"),
        ]
        items.append(tag("li", tag("p", gold.source, " ", *fate, class_="facts"), tag("blockquote", gold.quote)))
    return items


def _diff(outcome: Outcome, earlier: Run | None) -> Html | None:
    """What changed in the answer, character by character; both in full where little is left of the old one."""
    before = (earlier.questions.get(outcome.question.id) or {}).get("answer") if earlier else None
    if earlier is None or not before or before == outcome.reply.answer:
        return None
    matcher = SequenceMatcher(None, before, outcome.reply.answer, autojunk=False)
    if matcher.ratio() < 0.6:
        parts = [tag("del", f"先前：{before}", class_="whole"), "\n", tag("ins", f"这次：{outcome.reply.answer}")]
    else:
        parts = []
        for _, a, b, c, d in matcher.get_opcodes():
            old, new = before[a:b], outcome.reply.answer[c:d]
            same = old == new
            parts += [old] if same else [*([tag("del", old)] if old else []), *([tag("ins", new)] if new else [])]
    return _part(f"与{'基线' if earlier.name == '基线' else '上次'}相比", tag("p", *parts, class_="answer diff"))
