"""Tables -> sentences that keep row and column heads: 西昌市2022年：规上工业总产值520亿元；增速14.8%。

Rules of form, not of content: which rows are heads follows from merged cells, blanks and where numbers begin;
which columns name the row, from which hold text; units move from heads and captions behind the numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.load.grid import (
    NUMBER,
    QUANTITY,
    YEAR,
    Merge,
    Rows,
    captions_of,
    closed,
    filled,
    full_grid,
    head_rows,
    is_data,
    keys_raised,
    side_by_side,
)
from index.load.units import caption_units, is_unit_line, only_unit, split_unit, unit_for

# A longer sentence would be cut at its semicolons, and what follows would not say which row it is of.
_LONGEST = 80
_PERIOD = r"(?:上半年|下半年|前三季度|第?[一二三四]季度|(?:1[—\-－~～至])?\d{1,2}月份?)"
_TIME = re.compile(rf"(?:19|20)\d\d年?{_PERIOD}?|{_PERIOD}|\d{{1,2}}月\d{{1,2}}日")
_TITLE_TIME = re.compile(rf"(?<![\d—\-－~～至到])(?:19|20)\d\d年(?![鉴—\-－~～至到]){_PERIOD}?")
_BARE_NUMBER = re.compile(NUMBER)
_NOTHING = re.compile(r"[-—–－/／…·.\s]*|#(?:N/A|DIV/0!|REF!|VALUE!|NAME\?|NUM!|NULL!)")
_NOTE = re.compile(r"\s*(?:[*※]|注|备注|说明|(?:资料|数据)?来源)\s*\d?\s*[:：、.]")
_SERIAL = re.compile(r"序号|编号|No\.?|#|序", re.IGNORECASE)
_PERIOD_HEAD = re.compile(r"年份|年度|年|季度|月份|时间|日期|时期|报告期")
_CLASS_HEAD = re.compile(
    r"地区|[省州市县区乡镇村]$|[行产]业|领域|类[别型]?$|名称|项目|指标|产品|品种|企业|公司|园区|级别|性别|^$"
)
_UNIT_HEAD = re.compile(r"(?:计量)?单位")
_VALUE_HEAD = re.compile(r"数值|数据|内容|情况|备注|金额|数量|值|说明|比重|增速|(?:19|20)\d\d.*")


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    unit: str


def table_lines(
    rows: Sequence[Sequence[str]], *, merges: Sequence[Merge] = (), caption: str = "", title: str = ""
) -> list[str]:
    """One table as lines of text; a title or note inside it stands as its own line.

    `rows` hold each merged cell's text in its first place only. `caption` is what stands over the table, and
    may give units (单位：亿元) and a period; `title` is put before each title that stands in the table ("## ").
    A row becomes one sentence, or several that each repeat the row's head where it would exceed 80 characters.
    """
    grid = full_grid(rows)
    captions, first = captions_of(grid, merges)
    merges = [Merge(m.top - first, m.left, m.bottom - first, m.right) for m in merges if m.top >= first]
    grid, merges = keys_raised(grid[first:], merges)
    grid = filled(grid, merges)
    if not grid:
        return captions
    lines = [title + text for text in captions if not is_unit_line(text)]
    heads = head_rows(grid, merges)
    about = " ".join([caption, *captions])
    for part in side_by_side(grid, heads):
        lines += _part_lines(part, heads, about, merges)
    return lines


def _part_lines(grid: Rows, heads: int, about: str, merges: Sequence[Merge]) -> list[str]:
    head, body = grid[:heads], [[closed(cell) for cell in row] for row in grid[heads:]]
    if heads == 1 and _is_form(head[0], body):
        return _form_lines(grid)
    columns = [_column([row[i] for row in head]) for i in range(len(grid[0]))]
    if not body:
        return ["，".join(dict.fromkeys(cell for cell in row if cell)) for row in head]
    keys, unit_column = _keys(columns, body), _find(columns, _UNIT_HEAD)
    period = _period(about, columns, [row[i] for row in body for i in keys])
    lines: list[str] = []
    previous: list[str] = []
    for row in body:
        said = list(dict.fromkeys(cell for cell in row if cell))
        if len(said) <= 1:
            lines += [_note(text) for text in said]
            continue
        row = _inherit(row, previous, keys)
        previous = row
        unit = only_unit(row[unit_column]) if unit_column is not None else ""
        used = {*keys, *([unit_column] if unit else []), *_serials(columns, keys)}
        values = [i for i in range(len(row)) if i not in used]
        lines += _sentences(row, columns, keys, values, unit=unit, about=about, period=period)
    return lines


def _note(text: str) -> str:
    """A note under a table is a sentence, though it seldom has the stop of one."""
    return text if text[-1] in "。！？；" or not _NOTE.match(text) else f"{text}。"


def _is_form(head: Sequence[str], body: Rows) -> bool:
    """Whether the columns are labels and contents by turns, with no heads over them.

    The labels are words throughout; the contents are figures here and words there, or figures of several units.
    """
    if len(head) % 2 or not body or any(is_data(cell) for row in body for cell in row[::2]):
        return False
    if len(head) > 2:
        columns = [[is_data(row[i]) for row in body if row[i]] for i in range(1, len(head), 2)]
        return any(any(column) and not all(column) for column in columns)
    if _VALUE_HEAD.search(head[1]) or split_unit(head[1])[1]:
        return False
    figures = [row[1] for row in body if is_data(row[1])]
    units = {_BARE_NUMBER.sub("", figure) for figure in figures}
    mixed = len(figures) < sum(bool(row[1]) for row in body)
    return bool(figures) and (mixed or len(units) > 1 or (len(body) == 1 and units != {""}))


def _form_lines(grid: Rows) -> list[str]:
    pairs = [row[i : i + 2] for row in grid for i in range(0, len(row), 2)]
    return [f"{label.rstrip('：:')}：{text}" + ("" if text[-1] in "。！？" else "。") for label, text in pairs if text]


def _column(levels: Sequence[str]) -> _Column:
    """The name and unit of a column from its heads, top down; a period among them comes first."""
    names: list[str] = []
    unit = ""
    for level in dict.fromkeys(filter(None, levels)):
        alone = only_unit(level) if names else ""
        name, own = ("", alone) if alone else split_unit(level)
        unit, name = own or unit, closed(name)
        if name and name not in names:
            names.append(f"{name}年" if YEAR.fullmatch(name) and name.isdigit() else name)
    times = [name for name in names if _TIME.fullmatch(name)]
    return _Column(_joined([*times, *(name for name in names if name not in times)]), unit)


def _joined(parts: Sequence[str]) -> str:
    text = ""
    for part in parts:
        latin = text[-1:].isascii() and part[:1].isascii() and text[-1:].isalnum() and part[:1].isalnum()
        text += (" " if latin else "") + part
    return text


def _find(columns: Sequence[_Column], head: re.Pattern[str]) -> int | None:
    return next((i for i, column in enumerate(columns) if head.fullmatch(column.name)), None)


def _serials(columns: Sequence[_Column], keys: Sequence[int]) -> list[int]:
    """Columns that only count the rows, where something else names them."""
    return [i for i, column in enumerate(columns) if keys and _SERIAL.fullmatch(column.name)]


def _keys(columns: Sequence[_Column], body: Rows) -> list[int]:
    """The columns that name a row: the first of text with those that divide it further, and that of its period."""
    keys: list[int] = []
    open_yet = divided = True
    for i, column in enumerate(columns):
        cells = [row[i] for row in body if row[i] and not _NOTHING.fullmatch(row[i])]
        text = bool(cells) and not any(is_data(cell) for cell in cells)
        period = bool(_PERIOD_HEAD.fullmatch(column.name)) or (bool(cells) and all(map(_TIME.fullmatch, cells)))
        serial, unit = _SERIAL.fullmatch(column.name), _UNIT_HEAD.fullmatch(column.name)
        if period and (not keys or len(cells) == len(body) or open_yet):
            keys.append(i)
        elif open_yet and text and not unit and not serial and (divided or _CLASS_HEAD.search(column.name)):
            keys.append(i)
            divided = len(set(cells)) < len(body)  # the same name, or none, in several rows
        elif not serial:
            open_yet = open_yet and not any(not YEAR.fullmatch(cell) for cell in cells)
    named = [i for i in keys if not _PERIOD_HEAD.fullmatch(columns[i].name)]
    return _leave_values(keys, named, len(columns), columns)


def _leave_values(keys: list[int], named: list[int], width: int, columns: Sequence[_Column]) -> list[int]:
    """Where all is text, the first column names the row and the rest are its values."""
    rest = [i for i in range(width) if i not in keys and not _SERIAL.fullmatch(columns[i].name)]
    if rest or len(named) < 2:
        return keys
    return [i for i in keys if i == named[0] or i not in named]


def _inherit(row: list[str], previous: Sequence[str], keys: Sequence[int]) -> list[str]:
    """A first row head left blank, though a second is given, is the one above."""
    if previous and len(keys) > 1 and not row[keys[0]] and row[keys[1]]:
        return [previous[i] if i == keys[0] else cell for i, cell in enumerate(row)]
    return row


def _period(about: str, columns: Sequence[_Column], names: Sequence[str]) -> str:
    """The one period that the caption gives, for rows that name none themselves."""
    named = {found[0] for found in _TITLE_TIME.finditer(about)}
    own = any(_TIME.match(text) for text in [*(column.name for column in columns), *names])
    return named.pop() if len(named) == 1 and not own else ""


def _sentences(
    row: Sequence[str],
    columns: Sequence[_Column],
    keys: Sequence[int],
    values: Sequence[int],
    *,
    unit: str,
    about: str,
    period: str,
) -> list[str]:
    names = [_key(row[i], columns[i]) for i in keys]
    names = list(dict.fromkeys(filter(None, names)))
    own = ""
    if names:
        names[0], own = split_unit(names[0])
    head = _joined([period, *names])
    units = caption_units(about)
    said = [
        _value(columns[i].name, row[i], columns[i].unit or unit or own or unit_for(columns[i].name or head, units))
        for i in values
    ]
    said = [one for one in said if one]
    if not said:
        return [f"{head}。"] if head else []
    return list(_packed(f"{head}：" if head else "", said))


def _key(cell: str, column: _Column) -> str:
    if YEAR.fullmatch(cell) and cell.isdigit():
        return f"{cell}年"
    if cell.isdigit() and column.name in ("月份", "季度"):
        return f"{cell}月" if column.name == "月份" else f"第{cell}季度"
    return cell


def _value(name: str, cell: str, unit: str) -> str:
    """名称520亿元, or 名称为… for words; "" for a blank."""
    if _NOTHING.fullmatch(cell):
        return ""
    cell = cell.rstrip("。；;")
    if QUANTITY.fullmatch(cell):
        cell = cell.replace(" ", "")
        number = cell + unit if unit and cell[-1].isdigit() else cell
        apart = bool(re.search(r"[\dA-Za-z年月日度%）)]$", name)) and cell[0] != "第"
        return f"{name}{'为' if apart else ''}{number}"
    return f"{name}为{cell}" if name else cell


def _packed(head: str, values: Sequence[str]) -> Iterator[str]:
    """Sentences of at most 80 characters, each with the row's head."""
    line = ""
    for value in values:
        if line and len(head) + len(line) + len(value) + 2 > _LONGEST:
            yield f"{head}{line}。"
            line = ""
        line = f"{line}；{value}" if line else value
    yield f"{head}{line}。"
