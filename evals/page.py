"""The report of a run as one HTML file: nothing is loaded from elsewhere, all that was written by others is text."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from evals.failures import STAGES
from evals.judge import Judged
from evals.markup import Html, tag
from evals.outcome import OVERALL, Outcome, groups
from evals.page_judge import judge_section, judgement_lines
from evals.page_questions import anchor, change, question_list
from evals.paired import called, difference_interval, mcnemar_exact
from evals.plots import Bar, Point, bars, histogram, stacked, timeline
from evals.runs import Run
from evals.summary import Summary
from evals.table import CLASSES, MEANINGS, TABLES, percent

_STAGE_NAMES = {
    "rewrite": "改写问题",
    "retrieve": "检索",
    "evidence": "取证",
    "first_token": "首字",
    "write": "撰写",
    "verify": "核对",
    "total": "全程",
}
_SHOWN_RUNS = 40


def page(
    result: Mapping[str, Any],
    outcomes: Sequence[Outcome],
    *,
    earlier: Run | None = None,
    history: Sequence[Run] = (),
    judged: Judged | None = None,
) -> str:
    """The whole page. `result` is what summary.json holds; `earlier` is the run that answers are set beside."""
    remarks = {id: judgement_lines(said) for id, said in judged.judgements.items()} if judged else {}
    tables = groups(outcomes)
    body = [
        _head(result, outcomes, earlier),
        _cards(tables[OVERALL], earlier),
        _changes(outcomes, earlier),
        _section("各类题的正确率", _classes(outcomes, tables, earlier), note=_class_note(earlier)),
        _section("答错的题错在哪一步", *_failures(outcomes)),
        _section("回答用时", *_speed(outcomes, tables[OVERALL])),
        _section(
            "历次运行", _history(result, tables[OVERALL], history), note="同一题集留存下来的各次运行，竖线是 95% 区间。"
        ),
        _section("全部指标", *_tables(tables)),
        *([judge_section(outcomes, judged)] if judged else []),
        _section("逐题", _filters(outcomes, earlier), question_list(outcomes, earlier, remarks)),
        tag("footer", "由 judian eval 生成；本页不联网，可直接发送或打印。"),
    ]
    return _document(tag("main", *body))


def _document(body: Html) -> str:
    style, script = (files("evals").joinpath(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><title>据典评测报告</title>'
        f"<style>{style}</style></head>\n<body>{body}<script>{script}</script></body></html>\n"
    )


def _section(title: str, *children: str, note: str = "") -> Html:
    return tag(
        "section", tag("h2", title), *([tag("p", note, class_="note")] if note else []), *children, class_="block"
    )


def _head(result: Mapping[str, Any], outcomes: Sequence[Outcome], earlier: Run | None) -> Html:
    facts = {
        "题集": "、".join(result["suites"]),
        "模型": "无（只摘引原文）" if result["model"] == "none" else result["model"],
        "索引版本": result["index_version"],
        "代码": str(result.get("commit") or "未知")[:12]
        + ("（有改动）" if str(result.get("commit")).endswith("+") else ""),
        "完成": str(result.get("finished_at", "")).replace("T", " ").removesuffix("+00:00") + " UTC",
    }
    listed = (tag("div", tag("dt", name), tag("dd", str(value))) for name, value in facts.items() if value)
    return tag(
        "header", tag("p", "据典", class_="brand"), tag("h1", "评测报告"),
        tag("p", _verdict(outcomes, earlier), class_="verdict"), tag("dl", *listed),
    )  # fmt: skip


def _verdict(outcomes: Sequence[Outcome], earlier: Run | None) -> str:
    """The result in words."""
    right = sum(outcome.score.correct for outcome in outcomes)
    said = [f"{len(outcomes)} 道题答对 {right} 道（{right / len(outcomes):.1%}）。"]
    turned = Counter(change(outcome, earlier) for outcome in outcomes)
    if earlier and (turned["worse"] or turned["better"]):
        p = mcnemar_exact(turned["better"], turned["worse"])
        sure = called(turned["better"], turned["worse"])
        said.append(
            f"与{_called(earlier)}相比，变对 {turned['better']} 道，变错 {turned['worse']} 道，{sure}（p = {p:.2g}）。"
        )
    elif earlier:
        said.append(f"与{_called(earlier)}相比，对错没有变化。")
    stages = Counter(outcome.stage for outcome in outcomes if outcome.stage)
    if stages:
        most, count = stages.most_common(1)[0]
        said.append(f"答错的 {stages.total()} 道里，最多的是“{STAGES[most][0]}”（{count} 道）。")
    return "".join(said)


def _called(earlier: Run) -> str:
    return "基线" if earlier.name == "基线" else "上一次运行"


def _cards(now: Summary, earlier: Run | None) -> Html:
    before = _overall(earlier)
    shown = (
        ("正确率", now.accuracy, "accuracy", 1, f"95% 区间 {100 * now.interval[0]:.0f}–{100 * now.interval[1]:.0f}%"),
        ("误答", now.false_answers, "false_answers", -1, "报告没有却作答"),
        ("误拒", now.false_refusals, "false_refusals", -1, "报告有却拒答"),
        ("句句有引用", now.citation_support, "citation_support", 1, f"没有引用的句子 {now.uncited} 句"),
        ("引用一字不差", now.citation_exactness, "citation_exactness", 1, "引文与原文逐字相同"),
        ("标准数字说到", now.gold_figure_recall, "gold_figure_recall", 1, "标准答案里的数字"),
        ("检索到证据", now.retrieval_recall["5"], "", 1, "在前 5 段"),
    )
    cards = [_card(name, value, before.get(key), good, note) for name, value, key, good, note in shown]
    seconds = tag("p", f"{now.total[0]:.2f}", tag("small", " 秒"), class_="number")
    spent = tag("p", f"95% 在 {now.total[1]:.2f} 秒内", class_="small")
    return tag(
        "div", *cards, tag("div", tag("p", "用时中位", class_="name"), seconds, spent, class_="card"), class_="cards"
    )


def _overall(earlier: Run | None) -> Mapping[str, Any]:
    if earlier is None:
        return {}
    about = earlier.about.get("summary", earlier.about)
    overall = (about.get("groups") or {}).get(OVERALL)
    return overall if isinstance(overall, Mapping) else {}


def _card(name: str, value: float | None, before: Any, good: int, note: str) -> Html:
    moved: list[Html] = []
    if value is not None and isinstance(before, int | float) and abs(value - before) >= 0.0005:
        better = (value - before) * good > 0
        moved = [tag("span", f"{100 * (value - before):+.1f}", class_="better" if better else "worse")]
    number = tag(
        "p", percent(value).rstrip("%"), tag("small", "%" if value is not None else ""), *moved, class_="number"
    )
    return tag("div", tag("p", name, class_="name"), number, tag("p", note, class_="small"), class_="card")


def _changes(outcomes: Sequence[Outcome], earlier: Run | None) -> Html:
    shared = [o for o in outcomes if earlier and o.question.id in earlier.questions]
    if earlier is None or not shared:
        return Html("")
    old = [bool(earlier.questions[o.question.id]["correct"]) for o in shared]
    new = [o.score.correct for o in shared]
    low, high = difference_interval(old, new)
    turned = Counter(change(o, earlier) for o in shared)
    p = mcnemar_exact(turned["better"], turned["worse"])
    rows = (
        ("相同的题", f"{len(shared)} 道"),
        ("正确率", f"{sum(old) / len(old):.1%} → {sum(new) / len(new):.1%}"),
        (
            "相差",
            f"{100 * (sum(new) - sum(old)) / len(new):+.1f} 个百分点（95% 区间 {100 * low:+.1f} 到 {100 * high:+.1f}）",
        ),
        ("变对 / 变错", f"{turned['better']} / {turned['worse']}"),
        ("McNemar 精确检验", f"p = {p:.3f}，{called(turned['better'], turned['worse'])}"),
    )
    table = tag(
        "table", *(tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in rows), class_="pairs"
    )
    lists = [
        tag("div", tag("h3", f"{name}（{turned[key]}）"), tag("ul", *_links(shared, earlier, key), class_="links"))
        for key, name in (("worse", "变错的题"), ("better", "变对的题"))
        if turned[key]
    ]
    return _section(f"与{_called(earlier)}相比", table, *lists)


def _links(outcomes: Sequence[Outcome], earlier: Run, turned: str) -> list[Html]:
    asked = [outcome.question for outcome in outcomes if change(outcome, earlier) == turned]
    return [tag("li", tag("a", question.question, href=f"#{anchor(question)}")) for question in asked]


def _class_note(earlier: Run | None) -> str:
    return "细横线是 95% 区间。" + (f"红色竖线是{_called(earlier)}。" if earlier else "")


def _classes(outcomes: Sequence[Outcome], tables: Mapping[str, Summary], earlier: Run | None) -> Html:
    rows = []
    for label, summary in tables.items():
        ids = [o.question.id for o in outcomes if label in (o.question.kind, OVERALL)]
        seen = [earlier.questions[id]["correct"] for id in ids if earlier and id in earlier.questions]
        before = sum(seen) / len(seen) if seen and len(seen) == len(ids) else None
        rows.append(Bar(CLASSES.get(label, label)[:8], summary.accuracy, summary.interval, summary.questions, before))
    return tag("div", bars(rows, title="各类题的正确率"), class_="scroll")


def _failures(outcomes: Sequence[Outcome]) -> list[Html]:
    wrong = [outcome for outcome in outcomes if outcome.stage]
    if not wrong:
        return [tag("p", "没有答错的题。")]
    rows = {"全部": dict(Counter(outcome.stage for outcome in wrong))}
    for kind in dict.fromkeys(outcome.question.kind for outcome in wrong):
        rows[CLASSES.get(kind, kind)[:8]] = dict(Counter(o.stage for o in wrong if o.question.kind == kind))
    legend = [
        tag("li", tag("i", class_=f"swatch {key}"), tag("b", name), f" {rows['全部'][key]} 题：{told}")
        for key, (name, told) in STAGES.items()
        if key in rows["全部"]
    ]
    names = {key: name for key, (name, _) in STAGES.items()}
    plot = tag("div", stacked(rows, names, title="答错的题错在哪一步"), class_="scroll")
    return [plot, tag("ul", *legend, class_="legend")]


def _speed(outcomes: Sequence[Outcome], overall: Summary) -> list[Html]:
    plot = tag("div", histogram([o.reply.total for o in outcomes], title="整个答案的用时分布"), class_="scroll")
    told = overall.stages
    rows = [
        tag("tr", tag("th", _STAGE_NAMES.get(name, name), scope="row"), *(tag("td", f"{s:.3f} 秒") for s in told[name]))
        for name in sorted(told, key=lambda name: list(_STAGE_NAMES).index(name) if name in _STAGE_NAMES else 99)
    ]
    if not rows:
        return [plot]
    head = tag("tr", *(tag("th", name, scope="col") for name in ("到这一步", "中位", "95%")))
    return [plot, tag("table", head, *rows, class_="numbers narrow")]


def _history(result: Mapping[str, Any], overall: Summary, history: Sequence[Run]) -> Html:
    points = [_point(run.about["summary"], run.about) for run in history[1 - _SHOWN_RUNS :]]
    points.append(_point({"groups": {OVERALL: {"accuracy": overall.accuracy, "interval": overall.interval}}}, result))
    known = [point for point in points if point]
    if len(known) < 2:
        return tag("p", "这是同一题集留存的第一次运行；下一次起这里会有曲线。")
    return tag("div", timeline(known, title="历次运行的正确率"), class_="scroll")


def _point(summary: Mapping[str, Any], about: Mapping[str, Any]) -> Point | None:
    try:
        overall, when = summary["groups"][OVERALL], str(about.get("finished_at", ""))
        told = f"{when} {about.get('model', '')} {str(about.get('commit', ''))[:8]}：{overall['accuracy']:.1%}"
        low, high = overall["interval"]
        return Point(f"{when[5:10]} {when[11:16]}", overall["accuracy"], (low, high), told)
    except (KeyError, TypeError, ValueError):
        return None


def _tables(tables: Mapping[str, Summary]) -> list[Html]:
    drawn = []
    for title, columns in TABLES:
        head = tag("tr", *(tag("th", name, scope="col") for name in ("类别", *(name for name, _ in columns))))
        rows = [
            tag(
                "tr", tag("th", CLASSES.get(label, label), scope="row"), *(tag("td", show(s)) for _, show in columns),
                class_="total" if label == OVERALL else None,
            )
            for label, s in tables.items()
        ]  # fmt: skip
        drawn += [tag("h3", title), tag("div", tag("table", head, *rows, class_="numbers"), class_="scroll")]
    told = (tag("div", tag("dt", name), tag("dd", means)) for name, means in MEANINGS.items())
    return [
        *drawn,
        tag("details", tag("summary", "各项指标是什么意思"), tag("dl", *told, class_="glossary"), class_="meanings"),
    ]


def _filters(outcomes: Sequence[Outcome], earlier: Run | None) -> Html:
    counts = Counter(kind for o in outcomes for kind in ("right" if o.score.correct else "wrong", o.stage))
    counts += Counter(change(o, earlier) for o in outcomes)
    kinds = {"": "全部", "wrong": "答错", "right": "答对", "worse": "变错", "better": "变对"}
    kinds |= {key: name for key, (name, _) in STAGES.items()}
    counts[""] = len(outcomes)
    buttons = [
        tag("button", f"{name} {counts[key]}", type="button", data_show=key, aria_pressed="false" if key else "true")
        for key, name in kinds.items()
        if counts[key]
    ]
    search = Html('<input type="search" placeholder="在题目和回答里查找" aria-label="查找">')
    return tag("div", *buttons, search, class_="filters", id="filters")
