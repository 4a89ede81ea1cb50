"""Do the reports in a folder carry every figure of the originals they were written from, and no other?

`python -m evals.coverage ORIGINALS REPORTS` prints the share of the originals' figures that the reports
carry, the figures that are missing, those of the reports that stand in no original, and the longest run of
characters both share. Years and dates that no original names are listed apart: an author resolves 去年 to
2023年. Figures of the reports are looked for after layout repair: a report may be set as a page that cuts them.
Exit code 1 where less than 95 % is carried or a figure is foreign.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import FoundFigure, find_figures, same_figure
from index import read_report, repair

GOAL = 0.95
_SUFFIXES = (".txt", ".md")
_BREAK = re.compile(r"(?<!\d)\s+|\s+(?!\d)")  # white space, unless it parts two numbers


@dataclass(frozen=True, slots=True)
class Coverage:
    """Figures as they stand in the texts, each spelling once; `resolved` are foreign years and dates."""

    covered: tuple[str, ...]
    missing: tuple[str, ...]
    foreign: tuple[str, ...]
    resolved: tuple[str, ...]

    @property
    def share(self) -> float:
        """Share of the originals' distinct figures that the reports carry, 0 to 1 (1 where none)."""
        total = len(self.covered) + len(self.missing)
        return len(self.covered) / total if total else 1.0


def coverage(originals: Sequence[str], reports: Sequence[str]) -> Coverage:
    """Compare the figures (number with unit, whatever the notation) of two sets of texts."""
    wanted, have = _figures(originals), _figures(reports)
    carried = [any(same_figure(h, w) for h in have) for w in wanted]
    strangers = [h for h in have if not any(same_figure(h, w) for w in wanted)]
    return Coverage(
        covered=tuple(w.text for w, found in zip(wanted, carried, strict=True) if found),
        missing=tuple(w.text for w, found in zip(wanted, carried, strict=True) if not found),
        foreign=tuple(h.text for h in strangers if h.kind not in ("year", "date")),
        resolved=tuple(h.text for h in strangers if h.kind in ("year", "date")),
    )


def longest_run(originals: Sequence[str], report: str) -> str:
    """The longest run of characters that `report` shares with an original.

    White space is left out, and half-width punctuation is as good as full-width.
    """
    sources, text = [_packed(original) for original in originals], _packed(report)
    best = ""
    for start in range(len(text)):
        while start + len(best) < len(text):
            longer = text[start : start + len(best) + 1]
            if not any(longer in source for source in sources):
                break
            best = longer
    return best


def _packed(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def read_texts(folder: Path) -> dict[str, str]:
    """The .txt and .md files (UTF-8) directly in `folder`, by name."""
    files = sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def repaired_texts(folder: Path) -> dict[str, str]:
    """As read_texts, each as its sentences after layout repair, one a line."""
    articles = {name: repair(read_report(folder / name, name)) for name in read_texts(folder)}
    return {name: "\n".join(s.text for one in found for s in one.sentences) for name, found in articles.items()}


def _figures(texts: Iterable[str]) -> list[FoundFigure]:
    """Every distinct figure; breaks inside numbers closed."""
    found: dict[str, FoundFigure] = {}
    for text in texts:
        for figure in find_figures(_BREAK.sub("", text)):
            found.setdefault(figure.text, figure)
    return list(found.values())


def main(arguments: Sequence[str]) -> int:
    """Print the comparison of two folders; 0 where the goal is met, 1 where it is not, 2 on wrong usage."""
    if len(arguments) != 2 or not all(Path(a).is_dir() for a in arguments):
        print("用法：python -m evals.coverage 原文目录 报告目录（两个都要是已有的目录）。", file=sys.stderr)
        return 2
    originals, reports = (read_texts(Path(a)) for a in arguments)
    result = coverage(list(originals.values()), list(repaired_texts(Path(arguments[1])).values()))
    print(f"覆盖：{len(result.covered)} 个，缺 {len(result.missing)} 个，占 {result.share:.1%}")
    for label, figures in (
        ("已覆盖", result.covered),
        ("原文有而报告没有", result.missing),
        ("报告有而原文没有", result.foreign),
        ("报告补全的年份日期", result.resolved),
    ):
        print(f"{label}：{'、'.join(figures) or '无'}")
    for name, text in reports.items():
        run = longest_run(list(originals.values()), text)
        print(f"{name} 与原文最长的相同片段 {len(run)} 字：{run}")
    return 0 if result.share >= GOAL and not result.foreign else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
