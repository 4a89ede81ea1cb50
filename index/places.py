"""Administrative names in a text, by a gazetteer of all provinces, prefectures and counties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from index.vocabulary import common_words

_SUFFIXES = "市县区州盟旗"
_ZONE = (
    r"(?:科技城(?:新区)?|高新区|经开区|新区|经济(?:技术)?开发区|高新技术(?:产业)?(?:开发|园)区"
    r"|农高区|自贸区|保税区|示范区)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place name and where it stands in the text.

    `name` is canonical and short (西昌市 -> "西昌"); a zone keeps its name with the place it belongs to
    ("绵阳科技城"). `province` is the short name of its province.
    """

    name: str
    start: int
    end: int
    province: str


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    short: str
    full: str
    bare: bool  # whether the short name may stand without its suffix
    province: str


@lru_cache(maxsize=1)
def _entries() -> tuple[_Entry, ...]:
    """The gazetteer: `code`, `short`, `full`, `province`, and `1` where the short name is safe alone."""
    table = files("index").joinpath("places.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return tuple(_Entry(code, short, full, bare == "1", province) for code, short, full, province, bare in rows)


@lru_cache(maxsize=1)
def _names() -> dict[str, _Entry]:
    """Every way a place is written -> its entry; where counties share a name, a prefecture goes first."""
    names: dict[str, _Entry] = {}
    for entry in sorted(_entries(), key=lambda e: (_rank(e.code), e.code)):
        written = {entry.full}
        if len(entry.short) >= 2:
            written |= {entry.short + suffix for suffix in _suffixes(entry)}
        if entry.bare:
            written.add(entry.short)
        for name in written:
            names.setdefault(name, entry)
    return names


def _suffixes(entry: _Entry) -> str:
    """Counties become cities and districts: all three name the same place. Prefectures keep their kind, and
    so does a county whose short name is an ordinary word.
    """
    if not entry.bare:
        return ""
    if _rank(entry.code) == 2:
        return "市县区"
    return {"州": "州", "盟": "盟"}.get(entry.full[-1], "市")


def _rank(code: str) -> int:
    """0 province, 1 prefecture, 2 county."""
    return 0 if code.endswith("0000") else 1 if code.endswith("00") else 2


@lru_cache(maxsize=1)
def _shared() -> frozenset[str]:
    """County names that several provinces have (鼓楼区): they do not tell the province."""
    provinces: dict[str, set[str]] = {}
    for entry in _entries():
        if _rank(entry.code) == 2:
            for name in (entry.short, entry.full, *(entry.short + suffix for suffix in _suffixes(entry))):
                provinces.setdefault(name, set()).add(entry.province)
    above = {entry.short for entry in _entries() if _rank(entry.code) < 2}
    return frozenset(name for name, found in provinces.items() if len(found) > 1 and name not in above)


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    by_first: dict[str, list[str]] = {}
    for name in _names():
        by_first.setdefault(name[0], []).append(name[1:])
    branches = (
        first + "(?:" + "|".join(map(re.escape, sorted(rests, key=len, reverse=True))) + ")"
        for first, rests in sorted(by_first.items())
    )
    return re.compile("(?P<place>" + "|".join(branches) + ")")


_SUFFIX_WORDS = ("市场", "区域", "区间", "区别", "区分", "县域")
_AFTER = re.compile(rf"[市县区州]?(?P<zone>{_ZONE})")
_BRACKETED = re.compile(rf"[)）](?P<zone>{_ZONE})")


def find_places(text: str) -> tuple[Place, ...]:
    """The places that `text` names, in order, longest match first; white space within a name is not bridged.

    A zone after a place is part of its name: 绵阳高新区, 中国（绵阳）科技城 -> "绵阳科技城". Source of the
    names: the GB/T 2260 table of 2019 as packaged by cpca (MIT).
    """
    return tuple(_find(text))


def _find(text: str) -> Iterator[Place]:
    at = 0
    while found := _pattern().search(text, at):
        written, start, end = found["place"], found.start(), found.end()
        entry = _names()[written]
        zone = _AFTER.match(text, end)
        if not zone and _is_ordinary(text, start, end, entry):
            at = start + 1
            continue
        name = entry.short
        if zone:
            name, end = entry.short + zone["zone"], zone.end()
        elif text[start - 1 : start] in ("(", "（") and (zone := _BRACKETED.match(text, end)):
            name, end = entry.short + zone["zone"], zone.end()
            start -= 3 if text[max(0, start - 3) : start - 1] == "中国" else 1
        yield Place(name, start, end, "" if written in _shared() else entry.province)
        at = end


def _is_ordinary(text: str, start: int, end: int, entry: _Entry) -> bool:
    """Whether the match lies across words: 社|会理|事 and 提|高安|全 name no county, nor does 合作市|场.

    Where both cuts make a word (怀化|工业, 怀|化工|业) the place is meant.
    """
    short = text[start:end] == entry.short
    if (short and len(entry.short) > 2) or (not short and entry.bare):
        return False
    if text[max(0, start - 1) : start + 1] in common_words():
        return True
    after = text[end - 1 : end + 1]
    if not short:
        return after in _SUFFIX_WORDS
    return after in common_words() and text[end : end + 2] not in common_words()


def place_names() -> tuple[str, ...]:
    """The short names of all places, provinces first, then cities, then counties."""
    return tuple(dict.fromkeys(entry.short for entry in _by_rank()))


@lru_cache(maxsize=4096)
def parent_place(name: str) -> str:
    """The place that `name` (a Place.name) belongs to: 绵阳科技城 -> 绵阳 -> 四川; "" where none is known."""
    entry = next((e for e in _by_rank() if e.short == name), None)
    if entry is None:
        zone = re.fullmatch(rf"(.+?)[市县区州]?{_ZONE}", name)
        return zone[1] if zone else ""
    codes = {e.code: e.short for e in _entries()}
    if _rank(entry.code) == 2 and (above := codes.get(entry.code[:4] + "00")):
        return above
    return entry.province if _rank(entry.code) else ""


@lru_cache(maxsize=1)
def _by_rank() -> tuple[_Entry, ...]:
    return tuple(sorted(_entries(), key=lambda e: (_rank(e.code), e.code)))
