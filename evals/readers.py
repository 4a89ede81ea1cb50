"""Suite files of several formats -> rows in the form of `suite.Question`, not yet validated.

JSON lines are the native form. An office may bring its own list instead: a table (CSV, TSV, XLSX) with the columns
问题 and 答案, or reading-comprehension JSON (SQuAD 1.1 / 2.0, Rajpurkar et al.; CMRC 2018, Cui et al.).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assistant import InputError

COLUMNS = {
    "question": ("问题", "提问", "question"),
    "answer": ("答案", "标准答案", "answer"),
    "history": ("之前的问题", "history"),
    "id": ("题号", "编号", "id"),
    "class": ("类别", "分类", "class"),
    "source": ("出处", "来源", "source"),
    "quote": ("引文", "原文", "quote"),
    "forbid": ("不得出现", "forbid"),
    "note": ("备注", "note"),
}
NO_ANSWER = ("无答案", "拒答", "unanswerable")
SUFFIXES = (".jsonl", ".json", ".csv", ".tsv", ".xlsx")
_IMPORTED = "导入"


@dataclass(frozen=True, slots=True)
class Row:
    """One question: `place` in Chinese (第 3 行); `value` a line of JSON, an object, or what is wrong with it."""

    place: str
    value: str | Mapping[str, Any] | InputError


def read_rows(path: Path) -> list[Row]:
    """The rows of a suite, by the file's ending. Raises InputError for a file that cannot be read."""
    readers: dict[str, Callable[[Path], list[Row]]] = {
        ".json": _read_json, ".csv": _read_csv, ".tsv": _read_csv, ".xlsx": _read_xlsx,
    }  # fmt: skip
    try:
        return readers.get(path.suffix.lower(), _read_lines)(path)
    except FileNotFoundError as error:
        raise InputError(f"找不到评测题集 {path}：请检查路径。") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了评测题集 {path}：请确认它是 UTF-8 编码的 JSONL 文件。") from error


def _read_lines(path: Path) -> list[Row]:
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    return [Row(f"第 {n} 行", line) for n, line in enumerate(lines, start=1) if line.strip()]


def _read_csv(path: Path) -> list[Row]:
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")  # what Excel writes on a Chinese Windows
        except UnicodeDecodeError as error:
            raise InputError(f"读不了评测题集 {path}：请另存为 UTF-8 编码的 CSV。") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
    try:
        # The line on which a row begins; a cell may hold line breaks.
        begin, rows = 1, []
        for cells in reader:
            rows.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"评测题集 {path} 第 {begin} 行不是合格的 CSV：请用表格软件重新另存。") from error
    return _table(path, rows)


def _read_xlsx(path: Path) -> list[Row]:
    import openpyxl

    path.stat()  # FileNotFoundError in our own words
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # zipfile, XML and KeyError alike: openpyxl has no error of its own
        raise InputError(f"读不了评测题集 {path}：请确认它是没有损坏、没有加密的 XLSX 文件。") from error
    try:
        cells = book.worksheets[0].iter_rows() if book.worksheets else iter(())
        return _table(path, [(n, [_cell(cell) for cell in row]) for n, row in enumerate(cells, start=1)])
    finally:
        book.close()


def _cell(cell: Any) -> str:
    """A cell as its reader sees it: 0.7 in a percent format is 70%, a day is 2023年12月26日."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, date):  # and datetime
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, int | float) and not isinstance(value, bool):
        percent = "%" in str(cell.number_format)
        return f"{value * 100 if percent else value:.10g}" + ("%" if percent else "")
    return str(value)


def _table(path: Path, rows: Sequence[tuple[int, Sequence[str]]]) -> list[Row]:
    filled = [(n, [cell.strip() for cell in cells]) for n, cells in rows if any(cell.strip() for cell in cells)]
    if not filled:
        return []
    head = [cell.casefold() for cell in filled[0][1]]
    at = {name: head.index(w) for name, words in COLUMNS.items() for w in words if w in head}
    if missing := [COLUMNS[name][0] for name in ("question", "answer") if name not in at]:
        raise InputError(f"评测题集 {path} 第 {filled[0][0]} 行没有“{'、'.join(missing)}”列：请在第一行写上列名。")
    objects = []
    for n, cells in filled[1:]:
        named = {name: cells[column] if column < len(cells) else "" for name, column in at.items()}
        objects.append(Row(f"第 {n} 行", _from_table(path, n, named)))
    return objects


def _from_table(path: Path, number: int, cells: Mapping[str, str]) -> dict[str, Any] | InputError:
    """`|` parts alternatives, ； or a line break parts what must all be said; 无答案 asks for a refusal."""
    answer = cells["answer"]
    if not answer:
        return InputError(f"评测题集 {path} 第 {number} 行没有写答案：请补上；报告里没有答案的题请写“无答案”。")
    answerable = answer.strip("（）()").casefold() not in NO_ANSWER
    quoted = {"source": cells.get("source", ""), "quote": cells.get("quote", "")}
    return {
        "id": cells.get("id") or f"{path.stem}-{number}",
        "class": cells.get("class") or _IMPORTED,
        "question": cells["question"],
        "history": _parts(cells.get("history", ""), r"\n"),
        "answerable": answerable,
        "accept": [_parts(group, r"[|｜]") for group in _parts(answer, r"[；;\n]")] if answerable else [],
        "forbid": _parts(cells.get("forbid", ""), r"[|｜；;\n]"),
        "evidence": [quoted] if quoted["source"] and quoted["quote"] else [],
        "note": cells.get("note", ""),
    }


def _parts(text: str, mark: str) -> list[str]:
    return [part.strip() for part in re.split(mark, text) if part.strip()]


def _read_json(path: Path) -> list[Row]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"评测题集 {path} 不是合法的 JSON：请检查文件是否完整。") from error
    articles = content.get("data") if isinstance(content, dict) else content
    try:
        return [Row(f"第 {n} 题", value) for n, value in enumerate(_questions(articles), start=1)]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise InputError(f"评测题集 {path} 不是 SQuAD 或 CMRC 格式：请改用该格式，或用 JSONL、CSV、XLSX。") from error


def _questions(articles: Any) -> Iterator[dict[str, Any]]:
    for article in list(articles):
        title = str(article.get("title") or "")
        for paragraph in article.get("paragraphs", [article]):
            context = str(paragraph.get("context") or paragraph.get("context_text") or "")
            for asked in paragraph["qas"]:
                yield _from_reading(asked, title, context)


def _from_reading(asked: Mapping[str, Any], title: str, context: str) -> dict[str, Any]:
    answers = [answer if isinstance(answer, str) else answer["text"] for answer in asked.get("answers") or ()]
    texts = list(dict.fromkeys(text.strip() for text in answers if text.strip()))
    impossible = bool(asked.get("is_impossible"))
    quote = _sentence(context, texts[0]) if texts else ""
    return {
        "id": str(asked["id"] if "id" in asked else asked["query_id"]),
        "class": _IMPORTED,
        "question": asked["question"] if "question" in asked else asked["query_text"],
        "answerable": not impossible,
        "accept": [texts] if texts and not impossible else [],
        # A title that is a file's name is a report; any other is only a name.
        "evidence": [{"source": title, "quote": quote}] if quote and re.search(r"\.\w{2,5}$", title) else [],
        "tags": [title] if title.strip() else [],
    }


def _sentence(context: str, answer: str) -> str:
    """The sentence of the context that holds the answer first; empty if none does."""
    return next((part.strip() for part in re.findall(r"[^。！？!?\n]+[。！？!?]?", context) if answer in part), "")
