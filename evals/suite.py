"""A suite: gold questions, one JSON object a line, read strictly so that a slip of the author cannot pass.

{"id", "class", "question", "history": ["earlier user turn", …], "answerable": true|false,
 "accept": [["one of", "these"], ["and one of these"]], "forbid": ["never this"],
 "evidence": [{"source", "quote"}], "tags": […], "half": "tune"|"test", "note": "…"}

`suites/suite.schema.json` is this form as a JSON schema. `readers` turns other formats into the same objects.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant import InputError
from evals.match import contains
from evals.readers import Row, read_rows
from index import ReportError

DEFAULT_SUITE = Path(__file__).parent / "suites" / "gold.jsonl"
SCHEMA = DEFAULT_SUITE.with_name("suite.schema.json")
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
_NEEDS_ACCEPT: dict[str, Any] = {
    "if": {"properties": {"answerable": {"const": True}}, "required": ["answerable"]},
    "then": {"required": ["accept"], "properties": {"accept": {"minItems": 1}}},
}


class GoldEvidence(BaseModel):
    """能证明答案的原文。"""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    source: Text
    """报告在报告文件夹里的相对路径"""
    quote: Text
    """报告里的原文；空白与换行不计"""


class Question(BaseModel):
    """一道标准题。accept 的每一组都要说到，组内说到任一种说法即可。"""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, json_schema_extra=_NEEDS_ACCEPT
    )

    id: Text
    """题号，各题集之间不得重复"""
    kind: Text = Field(alias="class")
    """类别，结果按它分组"""
    question: Text
    """问题"""
    history: tuple[Text, ...] = ()
    """之前问过的话，先问的在前"""
    answerable: bool = Field(strict=True)
    """报告里有没有答案；没有的应当拒答"""
    accept: tuple[Annotated[tuple[Text, ...], Field(min_length=1)], ...] = ()
    """算对的说法：各组都要说到，组内任取其一"""
    forbid: tuple[Text, ...] = ()
    """一说就错的话"""
    evidence: tuple[GoldEvidence, ...] = ()
    """证明答案的原文"""
    tags: tuple[Text, ...] = ()
    """标签"""
    half: Literal["tune", "test"] = "tune"
    """调参用（tune）还是检验用（test）"""
    note: str = ""
    """备注，不参与评测"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A question and where it stands: the suite's file and, in the reader's words, the place in it."""

    path: Path
    place: str
    question: Question


def suite_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) of one line of a suite."""
    schema = Question.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "据典评测题"}


def read_suite(path: Path) -> tuple[Question, ...]:
    """The questions of a suite file, in its order. Raises InputError naming the file and the line."""
    return tuple(entry.question for entry in read_entries([path]))


def read_suites(paths: Sequence[Path]) -> tuple[Question, ...]:
    """All questions of several suites. Raises InputError also where an id occurs twice."""
    return tuple(entry.question for entry in read_entries(paths))


def read_entries(paths: Sequence[Path]) -> tuple[Entry, ...]:
    """As read_suites, each question with its place."""
    entries = []
    for entry in checked_entries(paths):
        if isinstance(entry, InputError):
            raise entry
        entries.append(entry)
    return tuple(entries)


def checked_entries(paths: Sequence[Path]) -> Iterator[Entry | InputError]:
    """Each question of several suites, or what is wrong with its line. Raises InputError for a file that is none."""
    first_seen: dict[str, str] = {}
    for path in paths:
        rows = read_rows(path)
        if not rows:
            raise InputError(f"评测题集 {path} 里没有题目：请每行写一道题。")
        for row in rows:
            try:
                entry = Entry(path, row.place, question_of(path, row))
            except InputError as error:
                yield error
                continue
            yield _unique(entry, first_seen)


def _unique(entry: Entry, first_seen: dict[str, str]) -> Entry | InputError:
    here = f"{entry.path} {entry.place}"
    first = first_seen.setdefault(entry.question.id, here)
    if first == here:
        return entry
    return InputError(f"评测题集 {here}的题号 {entry.question.id} 重复（先见于 {first}）：请改成不同的题号。")


def question_of(path: Path, row: Row) -> Question:
    """The question of one row. Raises InputError naming file, row and what is wrong with it."""
    if isinstance(row.value, InputError):
        raise row.value
    where = f"评测题集 {path} {row.place}"
    try:
        text = row.value if isinstance(row.value, str) else json.dumps(row.value, ensure_ascii=False)
        question = Question.model_validate_json(text)
    except ValidationError as error:
        if any(one["loc"] == ("draft",) for one in error.errors()):
            raise InputError(
                f"{where}还是草稿：请核对后删去 draft 这一项，或运行 judian eval from-feedback --accept。"
            ) from None
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"]) or "整行"
        raise InputError(f"{where}的 {name} 不合格（{_reason(problem['type'])}）：请改正后再试。") from error
    if question.answerable and not question.accept:
        raise InputError(f"{where}有答案却没有写 accept：请写出算对的说法。")
    for group in question.accept:
        if all(any(contains(one, wrong, whole_dates=True) for wrong in question.forbid) for one in group):
            raise InputError(f"{where}自相矛盾，accept 的“{group[0]}”含有 forbid 的话：请改正其中一项。")
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
    return tuple(said for q in questions for gold in q.evidence if (said := complaint(q, gold, text_of)))


def complaint(question: Question, gold: GoldEvidence, text_of: Callable[[str], str]) -> str:
    """What is wrong with one gold quote, as a Chinese sentence; empty if it stands in its source."""
    try:
        text = text_of(gold.source)
    except ReportError:
        return f"题 {question.id} 的出处 {gold.source} 不在报告目录里，或读不了。"
    if locate(gold.quote, text):
        return ""
    stands = _standing(gold.quote, text)
    hint = f"（“{gold.quote[:stands]}”还在，其后不同）" if stands >= 4 else ""
    return f"题 {question.id} 的引文不在 {gold.source} 里：{gold.quote}{hint}"


def _standing(quote: str, text: str) -> int:
    """How many of the quote's first characters still stand together in the text."""
    low, high = 0, len(quote)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if locate(quote[:middle], text) else (low, middle - 1)
    return low
