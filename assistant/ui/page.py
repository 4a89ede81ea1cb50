"""The parts of the window round the answers, as HTML: header, welcome, list of conversations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2s

from assistant import Assistant, Conversation, JudianError, Scope
from assistant.ui import render
from assistant.ui.text import text

_SEAL = (
    '<svg class="jd-seal" viewBox="0 0 40 40" aria-hidden="true">'
    '<rect x="1.5" y="1.5" width="37" height="37" rx="8"/>'
    '<path d="M11 13h6v7h-6zM23 13h6v7h-6zM17 20c0 4-2 6.5-5 7.5M29 20c0 4-2 6.5-5 7.5"/></svg>'
)

_NO_MODEL = "现在不用模型，只摘引原文，不撰写答案。"


def seen(assistant: Assistant) -> str:
    """Another word whenever the header would say another thing."""
    try:
        words = f"{assistant.index_version} {assistant.model_name} {assistant.notice}"
    except JudianError as error:
        words = str(error)
    return blake2s(words.encode(), digest_size=8).hexdigest()


def header(assistant: Assistant, user: str) -> str:
    """Name, promise and state; a banner when the assistant says that it is degraded, or the index cannot be read."""
    try:
        return _header(assistant, user)
    except JudianError as error:
        return header_error(str(error), mark=seen(assistant))


def _header(assistant: Assistant, user: str) -> str:
    model = render.model(assistant.model_name)
    said = _NO_MODEL if assistant.model_choice.kind == "none" else assistant.notice
    notice = f'<p class="jd-notice" role="status">{text(said)}</p>' if said else ""
    who = f'<li title="已登录">{text(user)}</li><li><a href="logout">退出</a></li>' if user else ""
    version = assistant.index_version
    index = f'<li class="jd-version" title="索引版本">索引 {text(version)}</li>' if version else ""
    reports = f"{assistant.report_count} 份报告" if version else "还没有报告"
    return (
        f'<div class="jd-header" data-seen="{seen(assistant)}">{_SEAL}'
        '<div class="jd-name"><h1>据典</h1><p>句句有出处，数字都核对</p></div>'
        f'<ul class="jd-state"><li title="写回答的模型：{model}">{model}</li>'
        f"<li>{reports}</li>{index}{who}</ul></div>{notice}"
    )


def header_error(sentence: str, *, mark: str = "") -> str:
    """The header when the index cannot be read; `mark` is what `seen` gives."""
    notice = f'<p class="jd-notice" role="alert">{text(sentence)}</p>'
    return f'<div class="jd-header" data-seen="{mark}">{_SEAL}<div class="jd-name"><h1>据典</h1></div></div>{notice}'


def welcome_empty(assistant: Assistant) -> str:
    """The conversation before the first report: how to add one."""
    kinds = "、".join(ending.removeprefix(".") for ending in assistant.library.endings)
    return (
        f'<div class="jd-welcome jd-first">{_SEAL}<h2>还没有报告</h2>'
        "<p>据典只根据你收入的报告回答，所以先放几份进来：</p><ol>"
        '<li>打开<button type="button" data-tab="报告">“报告”页</button>，点“上传报告”，选好文件；</li>'
        "<li>点“更新索引”，等进度走完；</li><li>回到这里提问，不用重新启动。</li></ol>"
        f"<p><small>可以收 {kinds}。也可以把文件直接放进文件夹 {text(assistant.settings.reports)}，"
        "再更新索引。</small></p></div>"
    )


def welcome(examples: Sequence[str]) -> str:
    """The empty conversation with example questions."""
    chips = "".join(
        f'<li><button type="button" data-ask="{text(example)}">{text(example)}</button></li>' for example in examples
    )
    asked = f"<p>可以这样问：</p><ul>{chips}</ul>" if chips else ""
    return (
        f'<div class="jd-welcome">{_SEAL}<h2>向报告提问</h2>'
        "<p>回答只取自已收入的报告。点开<b>角标</b>可以对照原文，每个数字都标明是否核对过。</p>"
        f"{asked}</div>"
    )


def conversations(found: Sequence[Conversation], *, current: str, searched: bool, now: datetime | None = None) -> str:
    """The list of conversations by the day they were last used, the open one marked."""
    if not found:
        said = "没有找到含有这些字的对话。" if searched else "还没有对话。提一个问题，这里会留下记录。"
        return f'<p class="jd-none">{said}</p>'
    today = (now or datetime.now(UTC)).astimezone()
    parts, last = [], ""
    for one in found:
        day = _day(one.updated, today)
        parts += [f"<h4>{day}</h4>"] if day != last else []
        parts.append(_conversation(one, opened=one.id == current))
        last = day
    return "".join(parts)


def sentence(words: str) -> str:
    """A sentence in the place of the list."""
    return f'<p class="jd-none" role="alert">{text(words)}</p>'


def _conversation(one: Conversation, *, opened: bool) -> str:
    here = ' aria-current="true"' if opened else ""
    return (
        f'<div class="jd-talk"{here}><button type="button" class="jd-open" data-open="{text(one.id)}" '
        f'title="{text(one.title)}">{text(one.title)}</button>'
        f'<button type="button" class="jd-menu" data-menu="{text(one.id)}" data-title="{text(one.title)}" '
        'aria-haspopup="dialog" aria-label="重命名、导出或删除" title="重命名、导出或删除">⋯</button></div>'
    )


def _day(updated: str, today: datetime) -> str:
    """今天, 昨天, 最近一周, or the month."""
    at = datetime.fromisoformat(updated).astimezone(today.tzinfo)
    days = (today.date() - at.date()).days
    if days < 2:
        return "昨天" if days == 1 else "今天"
    return "最近一周" if days < 7 else f"{at.year} 年 {at.month} 月"


def scope(value: Scope) -> str:
    """One line above the question box while a part of the reports is left out."""
    if not value.narrows:
        return ""
    dates = f"{value.since or '最早'} 至 {value.until or '最近'}" if value.since or value.until else ""
    said = "；".join(part for part in ("、".join(value.places), dates) if part)
    return f'<p class="jd-scope" role="status">只在这些报告里找：{text(said)}<a href="#" data-tab="设置">更改</a></p>'
