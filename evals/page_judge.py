"""The parts of the report page that tell what a judge model said."""

from __future__ import annotations

from collections.abc import Sequence

from evals.agreement import Agreement, agreements, told_kappa
from evals.judge import Judged, Judgement
from evals.markup import Html, tag
from evals.outcome import Outcome
from evals.page_questions import anchor
from evals.table import percent

_SAID = {True: "对", False: "错", None: "没评成"}
_RESTS = {True: "句句有据", False: "有的话没有依据", None: ""}


def judge_section(outcomes: Sequence[Outcome], judged: Judged) -> Html:
    """The agreement of judge and metrics as tables, and links to the answers on which they differ."""
    failed = sum(bool(one.problem) for one in judged.judgements.values())
    told = f"{judged.model} 评了 {len(judged.judgements)} 题，{failed} 题没有评成。它的话只作参照，不改动上面的指标。"
    parts = [tag("h2", "评判模型"), tag("p", told, class_="note")]
    if judged.problem:
        parts.append(tag("p", f"评判没有做完：{judged.problem}", class_="note worse"))
    for one in agreements(outcomes, judged):
        if one.total:
            parts += [tag("h3", f"{one.name}：与“{one.metric}”比"), _table(one), *_apart(one, outcomes)]
    return tag("section", *parts, class_="block", id="judge")


def _table(one: Agreement) -> Html:
    rows = (("指标：是", one.both, one.metric_only), ("指标：否", one.judge_only, one.neither))
    head = tag("tr", *(tag("th", name, scope="col") for name in ("", "模型：是", "模型：否")))
    body = [
        tag("tr", tag("th", name, scope="row"), *(tag("td", f"{count} 题") for count in counts))
        for name, *counts in rows
    ]
    agreed, good = percent((one.both + one.neither) / one.total), percent(one.judged_good)
    told = f"一致 {agreed}，Cohen 的 kappa {told_kappa(one.kappa)}；模型认为“{one.name}”的占 {good}。"
    return tag(
        "div", tag("table", head, *body, class_="numbers narrow"), tag("p", told, class_="note"), class_="scroll"
    )


def _apart(one: Agreement, outcomes: Sequence[Outcome]) -> list[Html]:
    asked = {outcome.question.id: outcome.question for outcome in outcomes}
    links = [tag("li", tag("a", asked[id].question, href=f"#{anchor(asked[id])}")) for id in one.apart]
    if not links:
        return []
    head = tag("summary", f"说法不同的 {len(links)} 题")
    return [tag("details", head, tag("ul", *links, class_="links"), class_="meanings")]


def judgement_lines(said: Judgement) -> list[Html]:
    """What the judge said of one answer."""
    words = "，".join(filter(None, (_SAID[said.correct], _RESTS[said.faithful])))
    lines = [tag("p", f"{words}。{said.reason}")]
    lines += [tag("p", f"没有依据：{sentence}") for sentence in said.unsupported]
    return lines + ([tag("p", said.problem, class_="facts")] if said.problem else [])
