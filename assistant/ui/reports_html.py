"""The page 报告 as HTML: the list, the build, a preview, the versions, the trash.

Everything that a report, a file's name or a user wrote passes `text`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from assistant import BuildState, Discarded, PageImage, Preview, PreviewRow, ReportInfo, VersionInfo
from assistant.ui.text import text

MOST_ROWS = 2000
ROWS_A_PAGE = 60
_NAMED = 12  # files named of a version's changes
_STATES = {
    "indexed": ("ok", "已入库"),
    "changed": ("warn", "有改动，待更新"),
    "added": ("warn", "新增，待更新"),
    "removed": ("warn", "已删除，待更新"),
    "skipped": ("bad", "跳过"),
    "same": ("none", "内容重复"),
}
_KINDS = {"heading": "标题", "caption": "附注", "box": "插框"}
_OUTCOMES = {"done": ("ok", "完成"), "failed": ("bad", "没有完成"), "cancelled": ("none", "已取消")}


def summary(reports: Sequence[ReportInfo]) -> str:
    """How many reports there are and how many wait for the next build."""
    waiting = sum(report.state in ("changed", "added", "removed") for report in reports)
    indexed = sum(report.state == "indexed" for report in reports)
    passages = sum(report.passages for report in reports)
    facts = [f"<b>{indexed}</b> 份已入库", f"<b>{passages}</b> 个段落"]
    facts += [f'<b class="warn">{waiting}</b> 份待更新'] if waiting else []
    return f'<div class="jd-rhead"><h2>报告</h2><p>{" · ".join(facts)}</p></div>'


def listing(reports: Sequence[ReportInfo], user: str = "") -> str:
    """The table of reports; a row's buttons ask for its preview and, if `user` may do that, its deletion."""
    if not reports:
        return '<p class="jd-rempty">还没有报告：点“上传报告”，选好文件后点“更新索引”。</p>'
    rows = "".join(_report(report, user) for report in reports[:MOST_ROWS])
    more = ""
    if len(reports) > MOST_ROWS:
        more = f'<p class="jd-rnote">只列出前 {MOST_ROWS} 份，另有 {len(reports) - MOST_ROWS} 份。</p>'
    search = (
        '<input type="search" class="jd-rfind" placeholder="按名称、地方查找" aria-label="按名称、地方查找" data-find>'
    )
    return (
        f'{search if len(reports) > 5 else ""}<table class="jd-rtable"><thead><tr><th>报告</th><th>地方</th>'
        '<th>日期</th><th class="num">段落</th><th>状态</th><th><span class="jd-hidden">操作</span></th></tr></thead>'
        f'<tbody>{rows}</tbody></table><p class="jd-rnote" data-none hidden>没有找到这样的报告。</p>{more}'
    )


def _report(report: ReportInfo, user: str) -> str:
    tone, label = _STATES[report.state]
    reason = f"与“{report.reason}”相同，只收一份" if report.state == "same" else report.reason
    because = f'<small class="jd-rwhy">{text(reason)}</small>' if reason else ""
    name = text(report.source)
    title = f"<b>{text(report.title)}</b><small>{name}</small>" if report.title else f"<b>{name}</b>"
    places = "、".join(report.places[:4]) + ("等" if len(report.places) > 4 else "")
    look = f'<button type="button" class="jd-rbutton" data-do="look" data-name="{name}">预览</button>'
    delete = ""
    if report.size is not None and not report.changed_by(user):
        delete = _others(report.uploader, "删除")
    elif report.size is not None:
        delete = confirmed("delete", report.source, "删除", f"删除“{report.source}”？可在回收站恢复。")
    words = f"{report.title} {report.source} {' '.join(report.places)}".lower()
    return (
        f'<tr data-words="{text(words)}"><td class="name">{title}</td><td data-label="地方">{text(places)}</td>'
        f'<td data-label="日期">{text(report.date)}</td><td class="num" data-label="段落">{report.passages or ""}</td>'
        f'<td data-label="状态"><span class="jd-badge {tone}">{label}</span>{because}</td>'
        f'<td class="do">{look if report.state != "skipped" else ""}{delete}</td></tr>'
    )


def _others(uploader: str, what: str) -> str:
    """In place of a button: who may do it."""
    return f'<small class="jd-rwhy">{text(f"由“{uploader}”{what}" if uploader else f"在服务器上{what}")}</small>'


def confirmed(do: str, name: str, label: str, question: str) -> str:
    """A button that asks first; the script of the page shows the question in its place."""
    return (
        f'<span class="jd-ask"><button type="button" class="jd-rbutton" data-ask>{label}</button>'
        f'<span class="jd-sure" role="alertdialog" aria-label="{text(question)}" hidden><span>{text(question)}</span>'
        f'<button type="button" class="jd-rbutton danger" data-do="{do}" data-name="{text(name)}">{label}</button>'
        f'<button type="button" class="jd-rbutton" data-keep>取消</button></span></span>'
    )


def said(lines: Sequence[tuple[bool, str]]) -> str:
    """What came of the last action: (whether it was done, sentence) each."""
    rows = "".join(f'<li class="{"ok" if good else "bad"}">{text(line)}</li>' for good, line in lines)
    return f'<ul class="jd-rsaid" role="status">{rows}</ul>' if lines else ""


def build(state: BuildState) -> str:
    """The build under way, or the last one, with its bar and its log; "" before the first."""
    if state.status == "idle":
        return ""
    log = "".join(f"<li>{text(line)}</li>" for line in state.log)
    seconds = f"<time>{state.seconds:.0f} 秒</time>"
    if state.running:
        share = 100 * state.done / state.total if state.total else 0
        count = f"{state.done} / {state.total}" if state.total else ""
        stage = "正在停下" if state.cancelling else state.stage or "准备"
        head = (
            f"<p><b>{text(stage)}</b><span>{count}</span>{seconds}</p>"
            f'<div class="jd-rbar" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{share:.0f}"'
            f' aria-label="{text(stage)}"><i style="width:{share:.1f}%"></i></div>'
        )
        return f'<section class="jd-rbuild">{head}<ol class="jd-rlog">{log}</ol></section>'
    tone, label = _OUTCOMES[state.status]
    last = "" if state.status == "done" else f"<span>{text(state.log[-1].partition(' ')[2])}</span>"
    head = f'<summary><span class="jd-badge {tone}">{label}</span>{last or "<span>更新索引</span>"}{seconds}</summary>'
    return f'<section class="jd-rbuild"><details>{head}<ol class="jd-rlog">{log}</ol></details></section>'


def versions(found: Sequence[VersionInfo]) -> str:
    """The versions on the disk: when, how large, what changed, and the way back to each."""
    if not found:
        return '<p class="jd-rnote">还没有索引。</p>'
    return f'<ol class="jd-rversions">{"".join(_version(info) for info in found)}</ol>'


def _version(info: VersionInfo) -> str:
    version = info.version
    act = '<span class="jd-badge ok">正在使用</span>'
    if not version.current:
        question = "换成这一版？之后再更新索引，会按文件夹里的报告重新建一版。"
        act = confirmed("back", version.name, "换成这一版", question)
    changes = [("新增", info.added), ("改动", info.changed), ("删除", info.removed)]
    lines = "".join(
        f"<li><b>{label} {len(names)} 份</b>{text('、'.join(names[:_NAMED]))}{'……' if len(names) > _NAMED else ''}</li>"
        for label, names in changes
        if names
    )
    changed = lines or "<li>报告没有变化。</li>"
    if not info.since:
        changed = "<li>没有更早的版本可比。</li>"
    return (
        f"<li><div><b>{text(moment(version.created))}</b><small>{text(version.name)} · {version.sources} 份报告 · "
        f"{version.passages} 个段落</small></div>{act}<ul>{changed}</ul></li>"
    )


def trash(items: Sequence[Discarded], user: str = "") -> str:
    """The deleted reports, each with its way back for who may take it."""
    if not items:
        return '<p class="jd-rnote">回收站是空的。</p>'
    return f'<ol class="jd-rversions">{"".join(_deleted(item, user) for item in items[:200])}</ol>'


def _deleted(item: Discarded, user: str) -> str:
    back = _others(item.uploader, "恢复")
    if item.changed_by(user):
        back = f'<button type="button" class="jd-rbutton" data-do="restore" data-name="{text(item.id)}">恢复</button>'
    when = f"{text(moment(item.deleted))} 删除 · {size(item.size)}"
    return f"<li><div><b>{text(item.source)}</b><small>{when}</small></div>{back}</li>"


def preview(found: Preview, part: int, picture: PageImage | None) -> str:
    """Part `part` (from 1) of a report: a page, or so many sentences; the original stands beside the repaired text."""
    parts = part_count(found)
    part = min(max(1, part), parts)
    chosen = _rows_of(found, part)
    body = "".join(
        f'<h3 class="jd-rarticle">{text(title)}<small>{text(where)}</small></h3>{"".join(_row(row) for row in rows)}'
        for title, where, rows in chosen
    )
    body = body or '<p class="jd-rnote">这一页没有文字。</p>'
    image = ""
    if picture:
        data = b64encode(picture.jpeg).decode("ascii")
        image = (
            f'<img class="jd-rpage" src="data:image/jpeg;base64,{data}" width="{picture.width}" '
            f'height="{picture.height}" alt="原件第 {picture.page} 页">'
        )
    cut = ""
    if found.shown < found.characters:
        cut = f'<p class="jd-rnote">全文 {found.characters} 字，这里只预览前 {found.shown} 字。</p>'
    unit = "页" if found.pages else "部分"
    turn = (
        f'<nav class="jd-rturn">{_turn(found, part - 1, parts, "‹ 上一" + unit)}<span>第 {part} / {parts} {unit}</span>'
        f"{_turn(found, part + 1, parts, '下一' + unit + ' ›')}</nav>"
    )
    return (
        f'<header class="jd-rpreview"><button type="button" class="jd-rbutton" data-do="close">‹ 返回列表</button>'
        f"<h2>{text(found.source)}</h2>{turn if parts > 1 else ''}</header>{cut}{image}"
        f'<div class="jd-rpair head"><b>原文</b><b>修复后</b></div>{body}{turn if parts > 1 else ""}'
    )


def preview_error(sentence: str) -> str:
    """In place of a preview that cannot be had."""
    return (
        '<header class="jd-rpreview"><button type="button" class="jd-rbutton" data-do="close">‹ 返回列表</button>'
        f'</header><p class="jd-rempty" role="alert">{text(sentence)}</p>'
    )


def part_count(found: Preview) -> int:
    """How many parts the preview of a report has."""
    rows = sum(len(article.rows) for article in found.articles)
    return max(1, found.pages or -(-rows // ROWS_A_PAGE))


def _turn(found: Preview, part: int, parts: int, label: str) -> str:
    off = "" if 1 <= part <= parts else " disabled"
    return (
        f'<button type="button" class="jd-rbutton" data-do="look" data-name="{text(found.source)}" data-part="{part}"'
        f"{off}>{label}</button>"
    )


def _rows_of(found: Preview, part: int) -> list[tuple[str, str, list[PreviewRow]]]:
    """(title, place and date, rows) of each article that has rows in this part."""
    chosen, at = [], 0
    for article in found.articles:
        rows = []
        for row in article.rows:
            if _stands_on(row, part) if found.pages else at // ROWS_A_PAGE == part - 1:
                rows.append(row)
            at += 1
        if rows:
            where = " · ".join(each for each in (article.place, article.date) if each)
            chosen.append((article.title or "（没有标题）", where, rows))
    return chosen


def _stands_on(row: PreviewRow, page: int) -> bool:
    return row.page is not None and row.last is not None and row.page <= page <= row.last


def _row(row: PreviewRow) -> str:
    kind = f'<em class="jd-rkind">{_KINDS[row.kind]}</em>' if row.kind in _KINDS else ""
    original = '<i class="jd-rcut">……</i>'.join(text(part) for part in row.original)
    mended = " mended" if row.mended else ""
    return f'<div class="jd-rpair{mended}"><p>{original}</p><p>{kind}{text(row.repaired)}</p></div>'


def moment(iso: str) -> str:
    """A moment in UTC as people here read it: local time to the minute."""
    try:
        return f"{datetime.fromisoformat(iso).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return iso


def size(bytes: int) -> str:
    """A file's size as people read it."""
    return f"{bytes / 2**20:.1f} MB" if bytes >= 2**20 else f"{max(1, round(bytes / 1024))} KB"
