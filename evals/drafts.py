"""`judian eval from-feedback`: what readers said of answers becomes draft questions, which a person accepts.

A draft is a line of a suite with "draft": true; `judian eval` refuses the suite until no line is one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant import Feedback, InputError, Settings, find_figures, read_feedback, same_figure
from evals.baseline import replace_file
from evals.match import contains, normalise, without_marks
from evals.metrics import TextOf
from evals.readers import NO_ANSWER, Row
from evals.run import report_reader
from evals.runs import suites_folder
from evals.suite import complaint, question_of
from index import ReportError

KIND = "反馈"
_LEAD = re.compile(r"^(?:正确的?答案(?:应该?)?|答案|应当?|应该)?(?:是|为)?[：:，,]?\s*")
_HEADINGS = re.compile(r"^(?:#[^\n]*\s+)+")
_NOTHING = re.compile(
    r"(?:报告|资料|文件)?(?:里|中)?(?:并?没有|无)(?:这个|相关的?|提到|记载)?(?:答案|内容|记载|说法|提到)?"
)


def run_drafts(settings: Settings, out: Path | None = None, accept: Sequence[str] = ()) -> int:
    """Adds a draft for each question that feedback is on and that `out` does not hold yet, or accepts drafts; 0.

    `out` is a suite (JSONL), by default 反馈.jsonl among the suites beside the index. Lines that it has are never
    changed, but for accepting. Raises InputError for a file, a name or a draft that cannot be used.
    """
    path = out or suites_folder(settings) / "反馈.jsonl"
    text_of = report_reader(settings.reports)
    lines = _lines(path)
    if accept:
        replace_file(path, "".join(line + "\n" for line in _accepted(path, lines, accept, text_of)))
        print(f"收下了 {len(set(accept))} 道题：{path}")
        return 0
    new = list(_new_drafts(read_feedback(settings.index), lines, text_of))
    if new:
        written = [*lines, *(json.dumps(draft, ensure_ascii=False) for draft in new)]
        replace_file(path, "".join(line + "\n" for line in written))
    _tell(path, new, lines)
    return 0


def _tell(path: Path, new: Sequence[dict[str, Any]], lines: Sequence[str]) -> None:
    for draft in new:
        said = "；".join(" 或 ".join(group) for group in draft["accept"]) if draft["answerable"] else "应当拒答"
        print(f"[{draft['id']}] {draft['question']}\n  应答：{said or '（请补上）'}")
    left = len(new) + sum(bool((_object(line) or {}).get("draft")) for line in lines)
    if not left:
        print("没有等人核对的草稿。")
        return
    print(f"新增草稿 {len(new)} 道，共 {left} 道等人核对：{path}")
    print("核对、补全后运行 judian eval from-feedback --accept 题号（可写多次），或自己删去那一行的 draft。")


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8-sig").split("\n") if line.strip()]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了题库 {path}：请确认它是 UTF-8 编码的 JSONL 文件，或用 --out 换一个。") from error


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _new_drafts(feedback: Sequence[Feedback], lines: Sequence[str], text_of: TextOf) -> Iterator[dict[str, Any]]:
    """One draft a question: of what was said last, a right answer before a vote alone."""
    known = [value for line in lines if (value := _object(line))]
    taken = {value.get("id") for value in known}
    taken |= {_id(str(v.get("question") or ""), [str(turn) for turn in v.get("history") or ()]) for v in known}
    best: dict[str, Feedback] = {}
    for one in _standing(feedback):
        id = _id(one.question, one.history)
        if id not in best or one.right_answer.strip() or not best[id].right_answer.strip():
            best[id] = one
    for id, one in best.items():
        if id not in taken:
            yield draft(one, text_of)


def _standing(feedback: Sequence[Feedback]) -> list[Feedback]:
    """The last word of each reader on each answer, if it was not taken back."""
    last = {(one.user, one.question, one.history, str(one.answer.get("answer"))): one for one in feedback}
    return [one for one in last.values() if one.vote != "none"]


def _id(question: str, history: Sequence[str]) -> str:
    packed = "\0".join("".join(turn.split()) for turn in (question, *history))
    return "fb-" + hashlib.sha256(packed.encode("utf-8", "replace")).hexdigest()[:10]


def draft(feedback: Feedback, text_of: TextOf) -> dict[str, Any]:
    """The draft of a gold question: what must be said, and the sentences of the reports that prove it.

    Of a right answer its figures are asked for (but for those of the question), or all of it where it has none. An
    answer that was praised is gold itself, its quotations the evidence. What a person must look at stands in `note`.
    """
    praised = feedback.vote == "up" and not feedback.right_answer.strip()
    said = str(feedback.answer.get("answer") or "")
    gold = without_marks(said) if praised else _LEAD.sub("", feedback.right_answer.strip())
    refused = feedback.answer.get("status") == "refused" if praised else _denies(gold)
    accept = [] if refused else _points(gold, feedback)
    evidence = _quotes(feedback, accept, text_of, praised) if accept else []
    told = [f"{feedback.time[:10]} {feedback.user}".strip(), "赞成" if feedback.vote == "up" else "认为不对"]
    return {
        "id": _id(feedback.question, feedback.history),
        "class": KIND,
        "question": feedback.question,
        "history": list(feedback.history),
        "answerable": not refused,
        "accept": accept,
        "forbid": [],
        "evidence": evidence,
        "tags": [KIND],
        "half": "tune",
        "note": "；".join(filter(None, [*told, feedback.comment.strip(), f"当时答：{said}" if said else ""])),
        "draft": True,
    }


def _denies(answer: str) -> bool:
    packed = re.sub(r"\W", "", answer)
    return packed.casefold() in NO_ANSWER or bool(packed and _NOTHING.fullmatch(packed))


def _points(gold: str, feedback: Feedback) -> list[list[str]]:
    asked = [figure for turn in (feedback.question, *feedback.history) for figure in find_figures(turn)]
    own = [f for f in find_figures(gold) if not any(same_figure(f, other) for other in asked)]
    points = dict.fromkeys("".join(figure.text.split()) for figure in own)
    whole = gold.strip(" \n。.！!")
    return [[point] for point in points] or ([[whole]] if whole else [])


def _quotes(
    feedback: Feedback, accept: Sequence[Sequence[str]], text_of: TextOf, praised: bool
) -> list[dict[str, str]]:
    """Of a praised answer its citations; else, for each point, the first sentence near the answer that says it."""
    cited = [(str(c["source"]), str(c["quote"])) for c in _list(feedback, "citations", ("source", "quote"))]
    if praised:
        chosen = cited
    else:
        near = [*cited, *_sentences(feedback, text_of)]
        found = (next(((s, q) for s, q in near if contains(q, group[0])), None) for group in accept)
        chosen = [pair for pair in found if pair]
    return [{"source": source, "quote": quote} for source, quote in dict.fromkeys(chosen)]


def _sentences(feedback: Feedback, text_of: TextOf) -> Iterator[tuple[str, str]]:
    """The sentences of the passages that were retrieved, best passage first."""
    for hit in _list(feedback, "retrieved", ("source", "start", "end")):
        try:
            passage = text_of(str(hit["source"]))[hit["start"] : hit["end"]]
        except (ReportError, TypeError):
            continue  # the report has gone since, or the line was not written by the chat
        for sentence in re.findall(r"[^。！？]+[。！？]?", passage):
            if normalise(quote := _HEADINGS.sub("", sentence.strip())):
                yield str(hit["source"]), quote


def _list(feedback: Feedback, name: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    """A list of the answer's JSON, as far as it is one."""
    value = feedback.answer.get(name)
    return (
        [one for one in value if isinstance(one, dict) and all(k in one for k in keys)]
        if isinstance(value, list)
        else []
    )


def _accepted(path: Path, lines: Sequence[str], ids: Sequence[str], text_of: TextOf) -> list[str]:
    """The lines, those drafts no longer drafts. Raises InputError for one that is none, or is no sound question."""
    waiting = {str(v["id"]): n for n, line in enumerate(lines) if (v := _object(line)) and v.get("draft") and "id" in v}
    written = list(lines)
    for id in ids:
        if id not in waiting:
            raise InputError(f"{path} 里没有题号为 {id} 的草稿：请运行 judian eval from-feedback 查看。")
        n = waiting[id]
        value = {name: v for name, v in (_object(lines[n]) or {}).items() if name != "draft"}
        question = question_of(path, Row(f"第 {n + 1} 行", value))
        for gold in question.evidence:
            if wrong := complaint(question, gold, text_of):
                raise InputError(f"草稿 {id} 还不能收下：{wrong}")
        written[n] = json.dumps(value, ensure_ascii=False)
    return written
