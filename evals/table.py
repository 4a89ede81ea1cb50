"""What a run looks like: tables on a terminal, the same in Markdown, the failed questions, the baseline."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from evals.baseline import Comparison
from evals.metrics import RANKS, Reply
from evals.suite import Question
from evals.summary import Summary

# The classes of the packaged suite in the user's language; another suite's classes are shown as they are.
CLASSES = {
    "fact": "单项事实",
    "list": "列举",
    "definition": "定义",
    "comparison": "比较",
    "aggregate": "汇总",
    "arithmetic": "计算",
    "time": "时间",
    "who": "人物",
    "paraphrase": "换说法",
    "followup": "追问",
    "unanswerable": "无答案",
    "false_premise": "错误前提",
    "injection": "指令注入",
    "layout": "断开的版面",
    "contradiction": "说法不一",
}
# One line for each column of the tables; the definitions with their sources stand in metrics, wording and summary.
MEANINGS = {
    "正确率": "该说的都说到、不该说的没说；没有答案的题要拒答。括号里是自助法 95% 区间",
    "误答 / 误拒": "报告里没有答案却作答的题 / 有答案却拒答的题",
    "字符F1": "答案与标准答案的字的重合程度；整句作答的不会到 100%，宜作运行之间的比较",
    "要点召回": "要说几点的题里，说到的点占多少",
    "数字召回 / 数字准确": "标准答案的数字说到多少 / 答案的数字（不算复述问题的）有多少在标准答案里",
    "引用支持 / 无引句": "带引用的句子占多少 / 没有引用的句子数",
    "引用准确": "引文与原文在所记位置逐字相同的占多少",
    "证据召回 / 引用切题": "标准证据被引用到多少 / 引用里有多少落在标准证据上",
    "数字精确": "答案里的数字，有多少在所引的原文里",
    "数字已核 / 误核": "标为“已核对”的数字占多少 / 其中不在引文里的占多少",
    "检索@k": "标准证据在检索前 k 段里的占多少",
    "MRR": "第一段命中证据的名次的倒数，取平均",
}
Failed = Sequence[tuple[Question, Reply]]
Columns = tuple[tuple[str, Callable[[Summary], str]], ...]


def percent(value: float | None) -> str:
    """ "83.3%", or "—" where nothing was measured."""
    return "—" if value is None else f"{100 * value:.1f}%"


def _interval(summary: Summary) -> str:
    low, high = summary.interval
    return f"{percent(summary.accuracy)}（{100 * low:.0f}–{100 * high:.0f}）"


def _pair(seconds: tuple[float, float]) -> str:
    return f"{seconds[0]:.2f} / {seconds[1]:.2f}"


ANSWERS: Columns = (
    ("题数", lambda s: str(s.questions)),
    ("正确率（95% 区间）", _interval),
    ("误答", lambda s: percent(s.false_answers)),
    ("误拒", lambda s: percent(s.false_refusals)),
)
WORDING: Columns = (
    ("字符F1", lambda s: percent(s.character_f1)),
    ("要点召回", lambda s: percent(s.list_recall)),
    ("数字召回", lambda s: percent(s.gold_figure_recall)),
    ("数字准确", lambda s: percent(s.gold_figure_precision)),
    ("字数 p50/p95", lambda s: f"{s.length[0]:.0f} / {s.length[1]:.0f}"),
)
GROUNDS: Columns = (
    ("引用支持", lambda s: percent(s.citation_support)),
    ("无引句", lambda s: str(s.uncited)),
    ("引用准确", lambda s: percent(s.citation_exactness)),
    ("证据召回", lambda s: percent(s.evidence_recall)),
    ("引用切题", lambda s: percent(s.citation_precision)),
)
FIGURES: Columns = (
    ("数字精确", lambda s: percent(s.figure_precision)),
    ("数字已核", lambda s: percent(s.figures_verified)),
    ("误核", lambda s: percent(s.verified_wrongly)),
)
SEARCH_AND_SPEED: Columns = (
    *((f"检索@{k}", lambda s, k=k: percent(s.retrieval_recall[str(k)])) for k in RANKS),
    ("MRR", lambda s: "—" if s.reciprocal_rank is None else f"{s.reciprocal_rank:.3f}"),
    ("首字秒 p50/p95", lambda s: _pair(s.first_token)),
    ("全程秒 p50/p95", lambda s: _pair(s.total)),
)
TABLES = (
    ("答案", ANSWERS),
    ("说法（与标准答案比）", WORDING),
    ("引用", GROUNDS),
    ("数字核对", FIGURES),
    ("检索与速度", SEARCH_AND_SPEED),
)


def print_tables(console: Console, groups: Mapping[str, Summary], *, peak: int | None) -> None:
    """The tables, each narrow enough for 80 columns, and the peak memory (bytes)."""
    for title, columns in TABLES:
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        table.add_column("类别")
        for name, _ in columns:
            table.add_column(name, justify="right", no_wrap=True)
        for label, summary in groups.items():
            table.add_row(Text(plain(CLASSES.get(label, label))), *(value(summary) for _, value in columns))
        console.print(table)
    console.print(_memory(peak))


def _memory(peak: int | None) -> str:
    return "峰值内存：" + ("未知" if peak is None else f"{peak / 2**30:.2f} GiB")


def print_failures(console: Console, failed: Failed) -> None:
    """Each question that was answered wrong: question, answer, what was expected."""
    console.print(f"答错的题：{len(failed)}")
    for question, reply in failed:
        console.print(f"\n[{plain(question.id)}] {plain(question.question)}")
        console.print(f"  回答：{plain(reply.answer)}")
        console.print(f"  应答：{plain(expected(question))}")


def expected(question: Question) -> str:
    """What would have been right, in one Chinese line."""
    groups = [" 或 ".join(group) for group in question.accept]
    wanted = "；".join(groups) if question.answerable else "应当拒答"
    return wanted + (f"（不得出现：{'、'.join(question.forbid)}）" if question.forbid else "")


def comparison_lines(comparison: Comparison, questions: Mapping[str, tuple[Question, Reply]]) -> list[str]:
    """The comparison with the baseline, a Chinese line each; what turned wrong with both answers."""
    told = "，".join(f"{g.name} {percent(g.before)} → {percent(g.now)}" for g in comparison.guards)
    lines = [f"与基线相比：{told}"]
    for label, changes in (("变错的题", comparison.turned_wrong), ("变对的题", comparison.turned_right)):
        if changes:
            lines.append(f"{label}（{len(changes)}）：{'、'.join(change.id for change in changes)}")
    for change in comparison.turned_wrong:
        question, reply = questions[change.id]
        lines.append(f"[{change.id}] {question.question}")
        lines += [f"  基线：{change.before}"] if change.before else []
        lines += [f"  现在：{reply.answer}", f"  应答：{expected(question)}"]
    for label, ids in (("基线里没有的题", comparison.new), ("这次没有问的题", comparison.gone)):
        lines += [f"{label}（{len(ids)}）：{'、'.join(ids)}"] if ids else []
    worse = "、".join(guard.name for guard in comparison.broken)
    allowed = f"{100 * comparison.tolerance:g} 个百分点"
    lines.append(
        f"结论：{worse}比基线差，超出容许的 {allowed}。" if worse else f"结论：没有比基线差过容许的 {allowed}。"
    )
    return lines


def markdown(
    result: Mapping[str, Any],
    groups: Mapping[str, Summary],
    failed: Failed,
    compared: Sequence[str] = (),
) -> str:
    """The same as a Markdown page; `compared` holds `comparison_lines`. What others wrote is escaped."""
    lines = [
        "# 评测报告",
        "",
        f"- 题集：{_escape('、'.join(result['suites']))}",
        f"- 模型：{_escape(result['model'])}",
        f"- 索引版本：{_escape(result['index_version'])}",
        f"- {_memory(result['peak_memory_bytes'])}",
    ]
    for title, columns in TABLES:
        lines += ["", f"## {title}", "", *_rows(groups, columns)]
    if compared:
        lines += ["", "## 基线", "", *(f"- {_escape(line.strip())}" for line in compared)]
    lines += ["", f"## 答错的题（{len(failed)}）"]
    for question, reply in failed:
        lines += [
            "",
            f"### {_escape(question.id)} {_escape(question.question)}",
            "",
            f"- 回答：{_escape(reply.answer)}",
            f"- 应答：{_escape(expected(question))}",
        ]
    return "\n".join(lines) + "\n"


def _rows(groups: Mapping[str, Summary], columns: Columns) -> list[str]:
    rows = [["类别", *(name for name, _ in columns)], ["---", *("---:" for _ in columns)]]
    rows += [
        [_escape(CLASSES.get(label, label)), *(value(summary) for _, value in columns)]
        for label, summary in groups.items()
    ]
    return ["| " + " | ".join(row) + " |" for row in rows]


def plain(text: str) -> str:
    """The text without control characters, which a terminal would obey; line breaks become spaces."""
    return "".join(" " if c in "\n\t" else c for c in text if c in "\n\t" or unicodedata.category(c) != "Cc")


def _escape(text: str) -> str:
    escaped = html.escape(plain(text), quote=False)
    return "".join("\\" + c if c in r"\`*_[]|#!~" else c for c in escaped)
