"""`judian eval compare A B`: question by question, what turned right and what turned wrong."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from assistant import InputError, Settings
from evals.paired import called, difference_interval, mcnemar_exact
from evals.runs import Run, read_run, runs_folder
from evals.table import CLASSES, plain


def run_compare(settings: Settings, a: Path, b: Path) -> int:
    """Prints how run B differs from run A (folders, names of kept runs, or baseline files); 0.

    Raises InputError for a run that cannot be read, or if the two share no question.
    """
    before, after = (read_run(where, runs_folder(settings)) for where in (a, b))
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=not sys.stdout.isatty())
    for line in comparison_text(before, after):
        console.print(line)
    return 0


def comparison_text(before: Run, after: Run) -> list[str]:
    """How two runs differ, line by line. Raises InputError if they share no question."""
    shared = shared_ids(before, after)
    lines = [*_heads(before, after), *verdict_lines(before, after, shared), *_changes(before, after, shared)]
    return [plain(line) for line in lines]


def shared_ids(before: Run, after: Run) -> list[str]:
    """The questions that both were asked, in the order of the later run. Raises InputError if there is none."""
    shared = [id for id in after.questions if id in before.questions]
    if not shared:
        raise InputError(
            f"评测运行 {before.name} 与 {after.name} 没有一道相同的题，无法比较：请换用同一题集的两次运行。"
        )
    return shared


def turned(before: Run, after: Run, shared: Sequence[str]) -> tuple[list[str], list[str]]:
    """The questions that turned wrong, and those that turned right."""
    verdicts = {id: (before.questions[id]["correct"], after.questions[id]["correct"]) for id in shared}
    return [id for id in shared if verdicts[id] == (True, False)], [
        id for id in shared if verdicts[id] == (False, True)
    ]


def _heads(before: Run, after: Run) -> list[str]:
    lines = [f"{letter}：{run.name}（{_about(run.about)}）" for letter, run in (("A", before), ("B", after))]
    old, new = _flat(before.about), _flat(after.about)
    lines += [f"  {name}：{old[name]} → {new[name]}" for name in old if name in new and old[name] != new[name]]
    only_a, only_b = (len(one.questions.keys() - other.questions) for one, other in ((before, after), (after, before)))
    if only_a or only_b:
        lines.append(f"只比两边都有的题（只在 A：{only_a}，只在 B：{only_b}）。")
    return lines


def _about(about: Mapping[str, Any]) -> str:
    known = (("模型", about.get("model")), ("索引", about.get("index_version")), ("提交", about.get("commit")))
    said = [f"{name} {str(value)[:41]}" for name, value in known if value]
    return "，".join([*said, str(about["finished_at"])] if about.get("finished_at") else said) or "没有说明"


def _flat(about: Mapping[str, Any]) -> dict[str, str]:
    """What may differ between two runs, by a Chinese name."""
    flat = {f"设置 {name}": str(value) for name, value in (about.get("settings") or {}).items()}
    flat |= {f"提示词 {name}": str(digest)[:8] for name, digest in (about.get("prompts") or {}).items()}
    flat |= {f"代码 {name}": str(digest)[:8] for name, digest in (about.get("code") or {}).items()}
    suites = about.get("suites")
    if isinstance(suites, Mapping):
        flat |= {f"题集 {name}": str(digest)[:8] for name, digest in suites.items()}
    return flat


def verdict_lines(before: Run, after: Run, shared: list[str]) -> list[str]:
    """Accuracy of both over the shared questions, the difference with its interval, and the test."""
    old = [before.questions[id]["correct"] for id in shared]
    new = [after.questions[id]["correct"] for id in shared]
    wrong, right = (len(ids) for ids in turned(before, after, shared))
    low, high = difference_interval(old, new)
    p = mcnemar_exact(right, wrong)
    return [
        f"相同的题 {len(shared)} 道：A 正确率 {sum(old) / len(old):.1%}，B 正确率 {sum(new) / len(new):.1%}，"
        f"相差 {100 * (sum(new) - sum(old)) / len(new):+.1f} 个百分点"
        f"（95% 区间 {100 * low:+.1f} 到 {100 * high:+.1f}）",
        f"变对 {right} 题，变错 {wrong} 题；McNemar 精确检验 p = {p:.3f}，{called(right, wrong)}。",
    ]


def _changes(before: Run, after: Run, shared: list[str]) -> list[str]:
    lines = []
    for title, ids in zip(("变错的题", "变对的题"), turned(before, after, shared), strict=True):
        if not ids:
            continue
        kinds = Counter(CLASSES.get(kind, kind) for id in ids if (kind := after.questions[id].get("class")))
        spread = "：" + "、".join(f"{kind} {count}" for kind, count in kinds.most_common()) if kinds else ""
        lines += ["", f"{title}（{len(ids)}）{spread}"]
        for id in ids:
            old, new = before.questions[id], after.questions[id]
            lines.append(f"[{id}] {new.get('question') or old.get('question') or ''}".rstrip())
            lines += [f"  {letter}：{one['answer']}" for letter, one in (("A", old), ("B", new)) if one.get("answer")]
    return lines
