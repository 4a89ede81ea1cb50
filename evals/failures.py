"""Where a wrong answer went wrong: in retrieval, in the use of what was found, in checking, in refusing."""

from __future__ import annotations

from evals.metrics import Reply, Score
from evals.suite import Question

# In the order of the chain; what each means is told in the report.
STAGES = {
    "missed": ("证据没检到", "标准证据不在检到的段落里"),
    "refused": ("误拒", "证据检到了，却拒绝回答"),
    "unused": ("检到没用", "证据检到了，答案没有引用它"),
    "unverified": ("没核对上", "引用了证据，答案里有数字没有核对上"),
    "wording": ("有据仍错", "引用了证据，数字也核对了，说法仍不对或不全"),
    "invented": ("误答", "报告里没有答案，却作答了"),
}


def failure(question: Question, reply: Reply, score: Score) -> str:
    """The stage (a key of STAGES) at which a wrong answer went wrong; empty for a right one.

    The first that applies, so that a fault is charged to the earliest step that could have prevented it. Without
    gold evidence nothing can be said of retrieval. Source: the split of retrieval and generation failures of
    RAGChecker (Ru et al. 2024), with gold quotes in place of a judge's claims.
    """
    if score.correct:
        return ""
    if not question.answerable:
        return "invented"
    if score.evidence_found.hits < score.evidence_found.cases:
        return "missed"
    if reply.status == "refused":
        return "refused"
    if score.evidence_recall.hits < score.evidence_recall.cases:
        return "unused"
    return "wording" if all(figure.verified for figure in reply.figures) else "unverified"
