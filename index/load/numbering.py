"""The numbers that a word processor puts before paragraphs and keeps out of their text: 一、 （一） 1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HAN = "零一二三四五六七八九"
_PAIRS = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: how its number is written, its pattern (第%1章), and where it begins."""

    form: str
    pattern: str
    start: int


@dataclass(slots=True)
class Numbering:
    """Counts the paragraphs of each list while a document is read from its beginning."""

    levels: Mapping[str, tuple[str, Mapping[int, Level]]]
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def label(self, number: str, level: int) -> str:
        """What stands before the next paragraph of list `number`: "- " for a bullet, "" for no such list."""
        if number not in self.levels:
            return ""
        abstract, levels = self.levels[number]
        if level not in levels or levels[level].form == "none":
            return ""
        if levels[level].form == "bullet":
            return "- "
        counts = self._counts.setdefault(abstract, {})
        counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [one for one in counts if one > level]:
            del counts[deeper]
        text = levels[level].pattern
        for one in range(level + 1):
            here = levels.get(one, Level("decimal", "", 1))
            text = text.replace(f"%{one + 1}", written(counts.get(one, here.start), here.form))
        return text + (" " if text[-1:].isascii() and text else "")


def read_numbering(root: etree._Element | None) -> Numbering:
    """The lists of a numbering part (ECMA-376 part 1, 17.9); none for None."""
    if root is None:
        return Numbering({})
    abstract = {
        one.get(f"{_W}abstractNumId", ""): {
            int(level.get(f"{_W}ilvl", "0")): Level(
                _value(level, "numFmt", "decimal"), _value(level, "lvlText", ""), int(_value(level, "start", "1"))
            )
            for level in one.findall(f"{_W}lvl")
        }
        for one in root.findall(f"{_W}abstractNum")
    }
    numbers = {one.get(f"{_W}numId", ""): _value(one, "abstractNumId", "") for one in root.findall(f"{_W}num")}
    return Numbering({number: (name, abstract[name]) for number, name in numbers.items() if name in abstract})


def _value(element: etree._Element, name: str, default: str) -> str:
    child = element.find(f"{_W}{name}")
    return default if child is None else child.get(f"{_W}val", default)


def written(number: int, form: str) -> str:
    """`number` in a numbering format of ECMA-376 part 1, 17.18.59; those not known as plain digits."""
    forms: dict[str, Callable[[int], str]] = {
        "upperLetter": lambda n: chr(64 + n) if 1 <= n <= 26 else str(n),
        "lowerLetter": lambda n: chr(96 + n) if 1 <= n <= 26 else str(n),
        "upperRoman": lambda n: _roman(n).upper(),
        "lowerRoman": _roman,
        "decimalEnclosedCircle": lambda n: chr(0x245F + n) if 1 <= n <= 20 else str(n),
        "decimalEnclosedCircleChinese": lambda n: chr(0x245F + n) if 1 <= n <= 20 else str(n),
    }
    if ("hinese" in form and "ircle" not in form) or form in ("ideographDigital", "japaneseCounting"):
        return _chinese(number)
    return forms.get(form, str)(number)


def _chinese(number: int) -> str:
    if not 0 < number < 100:
        return "".join(_HAN[int(digit)] for digit in str(number))
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else "十" if tens == 1 else f"{_HAN[tens]}十") + (_HAN[ones] if ones else "")


def _roman(number: int) -> str:
    text = ""
    for value, letters in _PAIRS:
        count, number = divmod(number, value) if 0 < number < 4000 else (0, number)
        text += letters * count
    return text or str(number)
