"""A suite: gold questions, one JSON object a line, read strictly so that a slip of the author cannot pass.

{"id", "class", "question", "history": ["earlier user turn", …], "answerable": true|false,
 "accept": [["one of", "these"], ["and one of these"]], "forbid": ["never this"],
 "evidence": [{"source", "quote"}], "tags": […], "half": "tune"|"test"}
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant import InputError
from index import ReportError

Text = Annotated[str, Field(min_length=1, pattern=r"\S")]


class GoldEvidence(BaseModel):
    """Characters of a report that prove the answer; white space in `quote` does not count."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    source: Text
    quote: Text


class Question(BaseModel):
    """A gold question. Every group of `accept` must be satisfied by one of its alternatives."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    kind: Text = Field(alias="class")
    question: Text
    history: tuple[Text, ...] = ()
    answerable: bool = Field(strict=True)
    accept: tuple[Annotated[tuple[Text, ...], Field(min_length=1)], ...] = ()
    forbid: tuple[Text, ...] = ()
    evidence: tuple[GoldEvidence, ...] = ()
    tags: tuple[Text, ...] = ()
    half: Literal["tune", "test"] = "tune"


def read_suite(path: Path) -> tuple[Question, ...]:
    """The questions of a suite file, in its order. Raises InputError naming the file and the line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError as error:
        raise InputError(f"找不到评测题集 {path}：请检查路径。") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了评测题集 {path}：请确认它是 UTF-8 编码的 JSONL 文件。") from error
    questions = tuple(_parse(path, n, line) for n, line in enumerate(lines, start=1) if line.strip())
    if not questions:
        raise InputError(f"评测题集 {path} 里没有题目：请每行写一道题（JSON）。")
    return questions


def read_suites(paths: Sequence[Path]) -> tuple[Question, ...]:
    """All questions of several suites. Raises InputError also where an id occurs twice."""
    questions: list[Question] = []
    first_seen: dict[str, Path] = {}
    for path in paths:
        for question in read_suite(path):
            if question.id in first_seen:
                raise InputError(
                    f"评测题集 {path} 里的题号 {question.id} 重复（先见于 {first_seen[question.id]}）："
                    "请改成不同的题号。"
                )
            first_seen[question.id] = path
            questions.append(question)
    return tuple(questions)


def _parse(path: Path, number: int, line: str) -> Question:
    try:
        question = Question.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"]) or "整行"
        raise InputError(
            f"评测题集 {path} 第 {number} 行的 {where} 不合格（{_reason(problem['type'])}）：请改正后再试。"
        ) from error
    if question.answerable and not question.accept:
        raise InputError(f"评测题集 {path} 第 {number} 行有答案却没有写 accept：请写出算对的说法。")
    return question


def _reason(code: str) -> str:
    reasons = {
        "json_invalid": "不是合法的 JSON",
        "missing": "缺少这一项",
        "extra_forbidden": "没有这一项，可能拼错了",
        "string_pattern_mismatch": "不能是空白",
        "string_too_short": "不能为空",
        "too_short": "不能为空",
        "literal_error": "只能是规定的值之一",
    }
    return reasons.get(code, "类型不对")


def locate(quote: str, text: str) -> tuple[tuple[int, int], ...]:
    """Every half-open range of characters of `text` that reads `quote` when white space is left out."""
    offsets = [offset for offset, character in enumerate(text) if not character.isspace()]
    packed = "".join(text[offset] for offset in offsets)
    wanted = "".join(quote.split())
    return tuple((offsets[at], offsets[at + len(wanted) - 1] + 1) for at in _occurrences(wanted, packed))


def _occurrences(wanted: str, packed: str) -> Iterator[int]:
    at = packed.find(wanted) if wanted else -1
    while at >= 0:
        yield at
        at = packed.find(wanted, at + 1)


def check_evidence(questions: Sequence[Question], text_of: Callable[[str], str]) -> tuple[str, ...]:
    """One Chinese sentence for each gold quote that does not stand in its source (none: all is well).

    `text_of(source)` returns the source's extracted text or raises ReportError.
    """
    complaints = []
    for question in questions:
        for gold in question.evidence:
            try:
                found = locate(gold.quote, text_of(gold.source))
            except ReportError:
                complaints.append(f"题 {question.id} 的出处 {gold.source} 不在报告目录里，或读不了。")
                continue
            if not found:
                complaints.append(f"题 {question.id} 的引文不在 {gold.source} 里：{gold.quote}")
    return tuple(complaints)
