"""How much of a clean text comes back after each kind of layout damage: `python -m evals.damage [FOLDER]`.

Takes the reports of FOLDER (reports/ if none is named) for clean text, a paragraph a line, breaks them as OCR and
newspaper pages break text, repairs the broken text, and compares. What is broken is drawn from a seed, so that two
runs print the same table. Clean sentences are those `repair` makes of the same text when it is told that each line
is a whole paragraph: no line of it is joined or parted.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from random import Random
from statistics import mean

from rich.console import Console
from rich.table import Table

from evals.recovery import Clean, Recovery, Unit, characters, figures_intact, read_clean, sentences_recovered, subjects
from index import Report, read_report, repair

SEEDS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Damaged:
    """A broken file: its text, the offset at which each page begins, and the clean articles it was made of."""

    text: str
    articles: tuple[Clean, ...]
    pages: tuple[int, ...] = ()


# In the order in which they are done: the page is made up, the characters are read, the lines are cut.
KINDS = {
    "several": "几篇文章同在一个文件",
    "last": "标题和署名在文末",
    "bunched": "标题和关键词堆在篇首",
    "unmarked": "标题没有标记",
    "captions": "图片说明插在文中，叠字",
    "boxes": "引语框插在句中",
    "half": "半角标点",
    "spaces": "数字前后有空格",
    "marks": "列表前有“- 2**”",
    "quotes": "引号不成对",
    "cuts": "词中换行和空行",
    "wraps": "每12至30字硬换行",
    "pages": "分页，有页眉、页码",
}
_NAMES = ("张明", "李晓华", "王芳", "赵志强", "陈小平")
_PICTURES = ("工业园区生产车间", "新建成的标准厂房", "企业技术人员正在调试设备", "物流园区一角", "蔬菜基地里的采收场景")
_HALF = str.maketrans("，；：？！（）", ",;:?!()")


def damage(articles: Sequence[Clean], kinds: Iterable[str], random: Random) -> Damaged:
    """A file of `articles` broken in all the ways `kinds` names (keys of KINDS)."""
    chosen = frozenset(kinds)
    pages = [_arrange(one, chosen, random, last=one is articles[-1]) for one in articles]
    pages = [_interrupt(page, one, chosen, random) for page, one in zip(pages, articles, strict=True)]
    units = [replace(unit, text=_retype(unit.text, chosen, random)) for unit in chain.from_iterable(pages)]
    text = _set(units, chosen, random)
    return _paginate(text, tuple(articles), random) if "pages" in chosen else Damaged(text, tuple(articles))


def _arrange(article: Clean, chosen: frozenset[str], random: Random, *, last: bool) -> list[Unit]:
    """The units of an article in the order in which the page was read; a byline is added."""
    title, *rest = article.units
    if "marks" in chosen:
        rest = _listed(rest)
    byline = Unit("credit", f"本报记者 {random.choice(_NAMES)} 通讯员 {random.choice(_NAMES)}")
    if "bunched" in chosen:
        headings = [unit for unit in rest if unit.kind == "heading"]
        keywords = [Unit("heading", "关键词 " + unit.text[:6]) for unit in headings[:3]]
        return [*keywords, title, *headings, byline, *(unit for unit in rest if unit.kind != "heading")]
    return [*rest, title, byline] if "last" in chosen and last else [title, byline, *rest]


def _listed(units: Sequence[Unit]) -> list[Unit]:
    """The units with the sentences of the last two paragraphs as the items of a list."""
    paragraphs = [i for i, unit in enumerate(units) if unit.kind == "text"][-2:]
    split = [re.findall(r"[^。]+。?[”’）]?", unit.text) if i in paragraphs else [] for i, unit in enumerate(units)]
    items = [[Unit("item", one) for one in sentences] for sentences in split]
    return list(chain.from_iterable(made or [unit] for made, unit in zip(items, units, strict=True)))


def _interrupt(page: Sequence[Unit], article: Clean, chosen: frozenset[str], random: Random) -> list[Unit]:
    """Captions and pull-quotes put between units and in mid-sentence."""
    result: list[Unit] = []
    long = [i for i, unit in enumerate(page) if unit.kind == "text" and len(unit.text) > 60]
    with_box = random.sample(long, min(2, len(long))) if "boxes" in chosen else []
    with_caption = random.sample(long, min(3, len(long))) if "captions" in chosen else []
    for i, unit in enumerate(page):
        noise = [_caption(article, random)] if i in with_caption else []
        noise += _box(article, random) if i in with_box else []
        at = random.randint(20, len(unit.text) - 20) if i in with_box or (noise and random.random() < 0.5) else 0
        halves = [replace(unit, text=unit.text[:at])] if at else []
        result += [*halves, *noise, replace(unit, text=unit.text[at:])]
    return result


def _caption(article: Clean, random: Random) -> Unit:
    words = [article.place + random.choice(_PICTURES), "记者", random.choice(_NAMES), "摄"]
    return Unit("caption", " ".join(word + word for word in words) if random.random() < 0.5 else " ".join(words))


def _box(article: Clean, random: Random) -> list[Unit]:
    plain = [s for s in article.sentences if s.endswith("。") and not re.search("[“”]", s)] or ["要实干。"]
    quoted = [Unit("box", f"“{one}”") for one in random.sample(plain, min(len(plain), random.randint(1, 3)))]
    return [Unit("box", random.choice(("声音", "观点"))), *quoted]


def _retype(text: str, chosen: frozenset[str], random: Random) -> str:
    """Characters as a poor reading gives them."""
    if "half" in chosen:
        text = text.translate(_HALF)
    if "spaces" in chosen:
        text = re.sub(
            r"(?<![\d.A-Za-z])\d[\d.]*(?![\dA-Za-z])",
            lambda m: random.choice(("{} ", " {} ", " {}")).format(m[0]),
            text,
        )
    if "quotes" in chosen and text.count("”") and random.random() < 0.5:
        at = random.choice([i for i, c in enumerate(text) if c in "“”"])
        text = text[:at] + text[at + 1 :]
    return text


def _set(units: Sequence[Unit], chosen: frozenset[str], random: Random) -> str:
    """The units as lines of text."""
    wrapped = bool(chosen & {"wraps", "pages"})
    width = random.randint(12, 30) if "wraps" in chosen else random.randint(28, 40)
    marked = not chosen & {"unmarked", "bunched"} and not ("wraps" in chosen and random.random() < 0.5)
    gap = random.choice(("\n", "\n\n")) if wrapped else "\n\n"
    text = ""
    for i, unit in enumerate(units):
        mark = _mark(unit, i, chosen) if marked or unit.kind == "item" else ""
        words = mark + (_cut(unit, random) if "cuts" in chosen else unit.text)
        in_column = wrapped and not words.startswith("#") and unit.kind != "caption"
        text += "\n".join(_wrap(words, width)) if in_column else words
        text += "\n\n\n\n" if unit.kind == "caption" else gap
    return text


def _mark(unit: Unit, at: int, chosen: frozenset[str]) -> str:
    if unit.kind == "item":
        return f"- {at % 9 + 1}** " if "marks" in chosen else "- "
    return {"title": "# ", "heading": "## "}.get(unit.kind, "")


def _cut(unit: Unit, random: Random) -> str:
    """A break or a blank line in about every 150 characters of running text, wherever it falls."""
    if unit.kind != "text" or len(unit.text) < 40:
        return unit.text
    places = sorted(random.sample(range(10, len(unit.text) - 5), 1 + len(unit.text) // 150))
    parts = [unit.text[a:b] for a, b in zip([0, *places], [*places, len(unit.text)], strict=True)]
    return "".join(part + random.choice(("\n", "\n\n")) for part in parts[:-1]) + parts[-1]


def _wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` Chinese characters; Latin letters, digits and half-width marks take half."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        room = 0.0
        lines.append("")
        for character in paragraph:
            room += 0.5 if character.isascii() else 1.0
            if room > width:
                lines.append("")
                room = 0.5 if character.isascii() else 1.0
            lines[-1] += character
    return lines


def _paginate(text: str, articles: tuple[Clean, ...], random: Random) -> Damaged:
    """About thirty lines a page, each with a running head and a page number."""
    head = random.choice(
        ("{place}日报 2023年12月27日 星期三 A{n}版", "{place}市年度发展报告", "{place}调查研究 第{n}期")
    )
    foot = random.choice(("第{n}页", "— {n} —", "{n}", "第 {n} 页 共 9 页"))
    lines = text.split("\n")
    pages, offset, parts = [], 0, []
    for number, first in enumerate(range(0, len(lines), 30), 1):
        values = {"place": articles[0].place, "n": number}
        page = "\n".join([head.format(**values), "", *lines[first : first + 30], "", foot.format(**values), ""])
        pages.append(offset)
        parts.append(page)
        offset += len(page)
    return Damaged("".join(parts), articles, tuple(pages))


# --- trials ---------------------------------------------------------------------------------------------


def measure(broken: Damaged) -> Recovery:
    """What `repair` brings back of one broken file."""
    found = repair(Report("样例.txt", broken.text, "0" * 64, pages=broken.pages))
    clean = [one for article in broken.articles for one in article.sentences]
    body = [s.text for article in found for s in article.sentences if s.kind == "body"]
    recall, precision = characters("".join(clean), "".join(body))
    return Recovery(
        sentences_recovered(clean, body),
        recall,
        precision,
        figures_intact(clean, body),
        *subjects(broken.articles, found),
    )


def trials(articles: Sequence[Clean], kinds: Iterable[str], seed: int) -> list[Damaged]:
    """Every article broken in a file of its own; for several articles in one file, each with the next two."""
    chosen, random = tuple(kinds), Random(f"{seed} {kinds}")
    size = min(3, len(articles)) if "several" in chosen else 1
    groups = [[articles[(i + j) % len(articles)] for j in range(size)] for i in range(len(articles))]
    return [damage(group, chosen, random) for group in groups]


def recovery(articles: Sequence[Clean], kinds: Iterable[str], *, seeds: Iterable[int] = SEEDS) -> Recovery:
    """Means over all trials of all seeds."""
    found = [measure(one) for seed in seeds for one in trials(articles, tuple(kinds), seed)]
    return Recovery(*(mean(getattr(one, name) for one in found) for name in Recovery.__slots__))


def rows(articles: Sequence[Clean], *, seeds: Iterable[int] = SEEDS) -> dict[str, Recovery]:
    """A recovery for no damage, for each kind alone, and for all together."""
    chosen: dict[str, tuple[str, ...]] = {"未受损": (), **{name: (kind,) for kind, name in KINDS.items()}}
    return {
        name: recovery(articles, kinds, seeds=seeds) for name, kinds in {**chosen, "全部叠加": tuple(KINDS)}.items()
    }


def main(arguments: Sequence[str] = ()) -> int:
    """Prints the table; returns 1 where the folder holds no clean report."""
    folder = Path(arguments[0]) if arguments else Path("reports")
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".md", ".txt"))
    articles = [one for path in files for one in read_clean(read_report(path, path.name))]
    if not articles:
        print(f"文件夹“{folder}”里没有可用的报告：每个段落一行，标题以“# ”开头。", file=sys.stderr)
        return 1
    table = Table(title=f"版面修复：{len(articles)} 篇文章，各受损 {len(SEEDS)} 次", caption="单位：%")
    for heading in ("受损方式", "整句找回", "字符召回", "字符准确", "数字完整", "标题", "地点", "日期"):
        table.add_column(heading, justify="left" if heading == "受损方式" else "right")
    for name, row in rows(articles).items():
        table.add_row(name, *(f"{100 * getattr(row, field):.1f}" for field in Recovery.__slots__))
    Console().print(table)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
