"""The page 报告: what is indexed, uploads, previews, deletion, the build, the versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import gradio as gr

from assistant import JudianError, Library
from assistant.ui import reports_html as html
from assistant.ui.context import Context

MOST_FILES = 20  # of one upload
_SCRIPT = Path(__file__).with_name("reports.js")
_IDLE, _BUSY = 4.0, 0.7  # seconds between two looks at the build

Update = dict[Any, Any]
Said = list[tuple[bool, str]]


@dataclass(frozen=True, slots=True)
class Parts:
    """The components of the page. `seen` is the state of the build that this tab shows."""

    seen: gr.State
    timer: gr.Timer
    list_view: gr.Column
    summary: gr.HTML
    upload: gr.UploadButton
    update: gr.Button
    rebuild: gr.Button
    cancel: gr.Button
    said: gr.HTML
    build: gr.HTML
    listing: gr.HTML
    versions: gr.HTML
    trash: gr.HTML
    preview: gr.HTML


def reports_page(blocks: gr.Blocks, context: Context) -> None:
    """Lays the page out in the open tab and connects it."""
    _connect(blocks, _lay_out(context.assistant.library), context)


def _lay_out(library: Library) -> Parts:
    live: dict[str, Any] = {"js_on_load": _SCRIPT.read_text(encoding="utf-8"), "apply_default_css": False}
    plain: dict[str, Any] = {"js_on_load": None, "apply_default_css": False}
    kinds = "、".join(ending.removeprefix(".") for ending in library.endings)
    limits = f"可传 {kinds}；一次最多 {MOST_FILES} 份，每份不超过 {library.max_upload // 2**20} MB。"
    seen, timer = gr.State(("", "")), gr.Timer(_IDLE)
    with gr.Column(elem_classes="jd-page", elem_id="jd-reports"):
        with gr.Column(elem_id="jd-rlist") as list_view:
            summary = gr.HTML(elem_id="jd-rsummary", **plain)
            with gr.Row(elem_id="jd-ractions"):
                upload = gr.UploadButton("上传报告", file_count="multiple", size="sm", elem_id="jd-rupload", scale=0)
                update = gr.Button("更新索引", variant="primary", size="sm", elem_id="jd-rupdate", scale=0)
                rebuild = gr.Button("全部重建", size="sm", elem_id="jd-rrebuild", scale=0)
                cancel = gr.Button("停下", variant="stop", size="sm", elem_id="jd-rcancel", scale=0, visible=False)
            note = f'<p class="jd-rnote" data-limit="{library.max_upload}">{limits}更新时聊天照常用原来的索引。</p>'
            gr.HTML(note, **plain)
            said = gr.HTML(elem_id="jd-rsaid", **plain)
            build = gr.HTML(elem_id="jd-rbuild", **live)
            listing = gr.HTML(elem_id="jd-rlisting", **live)
            gr.HTML('<h3 class="jd-rtitle">版本</h3>', **plain)
            versions = gr.HTML(elem_id="jd-rversions", **live)
            gr.HTML('<h3 class="jd-rtitle">回收站</h3>', **plain)
            trash = gr.HTML(elem_id="jd-rtrash", **live)
        preview = gr.HTML(elem_id="jd-rpreview", visible=False, **live)
    actions = (upload, update, rebuild, cancel)
    return Parts(seen, timer, list_view, summary, *actions, said, build, listing, versions, trash, preview)


def _connect(blocks: gr.Blocks, parts: Parts, context: Context) -> None:
    p, page = parts, _Page(parts, context)
    at_once: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "queue": False}
    buttons = [p.update, p.rebuild, p.cancel]
    shown = [p.seen, p.timer, p.summary, p.build, p.listing, p.versions, p.trash, *buttons]
    blocks.load(page.everything, None, shown, **at_once)
    p.timer.tick(page.tick, [p.seen], shown, **at_once)
    p.upload.upload(page.uploaded, [p.upload], [p.said, *shown], **at_once)
    p.update.click(page.update, None, [p.said, *shown], **at_once)
    p.rebuild.click(page.rebuild, None, [p.said, *shown], **at_once)
    p.cancel.click(page.cancel, None, [p.said, *shown], **at_once)
    p.listing.large(page.large, None, [p.said, *shown], **at_once)
    p.listing.delete(page.delete, None, [p.said, *shown], **at_once)
    p.trash.restore(page.restore, None, [p.said, *shown], **at_once)
    p.versions.back(page.back, None, [p.said, *shown], **at_once)
    looking = at_once | {"trigger_mode": "always_last"}
    for component in (p.listing, p.preview):
        component.look(page.look, None, [p.list_view, p.preview], **looking)
    p.preview.close(page.close, None, [p.list_view, p.preview], **at_once)


def _told(action: Callable[..., Said]) -> Callable[..., Update]:
    """The action, whose last argument is the request, then the page as it is after it, with what came of it."""

    @wraps(action)
    def told(self: _Page, *args: Any) -> Update:
        try:
            lines = action(self, *args)
        except JudianError as error:
            lines = [(False, str(error))]
        return self.everything(args[-1]) | {self.parts.said: html.said(lines)}

    return told


class _Page:
    """What each event changes, over the library."""

    def __init__(self, parts: Parts, context: Context) -> None:
        self.parts = parts
        self._library = context.assistant.library
        self._who = context.who

    def everything(self, request: gr.Request) -> Update:
        """The whole list view as it stands, for who looks at it."""
        p, user = self.parts, self._who(request)
        try:
            reports = self._library.reports()
            listing = html.listing(reports, user)
        except JudianError as error:
            reports, listing = (), html.said([(False, str(error))])
        return self._build() | {
            p.summary: html.summary(reports),
            p.listing: listing,
            p.versions: html.versions(self._library.versions()),
            p.trash: html.trash(self._library.trash(), user),
        }

    def tick(self, seen: tuple[str, str], request: gr.Request) -> Update:
        """The build as it goes on; the rest once it has ended, or somebody else has changed the index."""
        now = self._seen()
        if tuple(seen) != now:
            return self.everything(request)
        return self._build() if self._library.builds.state.running else {self.parts.seen: gr.skip()}

    @_told
    def uploaded(self, files: list[str] | None, request: gr.Request) -> Said:
        paths = [Path(file) for file in files or ()]
        lines = [self._take_in(path, self._who(request)) for path in paths[:MOST_FILES]]
        for path in paths:
            path.unlink(missing_ok=True)
        if len(paths) > MOST_FILES:
            lines.append(
                (False, f"一次最多上传 {MOST_FILES} 份，其余 {len(paths) - MOST_FILES} 份没有收下：请分几次上传。")
            )
        if any(good for good, _ in lines):
            lines.append((True, "点“更新索引”后，新收下的报告就能回答问题。"))
        return lines

    @_told
    def large(self, event: gr.EventData, request: gr.Request) -> Said:
        limit = self._library.max_upload // 2**20
        return [(False, f"“{_name(event)}”超过 {limit} MB 的上限，这次选的文件都没有上传：请把它拆成几份再传。")]

    @_told
    def update(self, request: gr.Request) -> Said:
        return [] if self._library.builds.start() else [(False, "已经在更新索引：请等它完成，或先停下它。")]

    @_told
    def rebuild(self, request: gr.Request) -> Said:
        return [] if self._library.builds.start(full=True) else [(False, "已经在更新索引：请等它完成，或先停下它。")]

    @_told
    def cancel(self, request: gr.Request) -> Said:
        self._library.builds.cancel()
        return []

    @_told
    def delete(self, event: gr.EventData, request: gr.Request) -> Said:
        item = self._library.delete(_name(event), user=self._who(request))
        return [(True, f"已把“{item.source}”移到回收站；更新索引后，回答里不再用它。")]

    @_told
    def restore(self, event: gr.EventData, request: gr.Request) -> Said:
        source = self._library.restore(_name(event), user=self._who(request))
        return [(True, f"已恢复“{source}”；更新索引后，回答里会再用它。")]

    @_told
    def back(self, event: gr.EventData, request: gr.Request) -> Said:
        return [(True, f"已换成版本 {self._library.rollback(_name(event))}，从下一个问题起用它。")]

    def look(self, event: gr.EventData) -> Update:
        part = event.part if isinstance(event.part, int) else 1
        try:
            found = self._library.preview(_name(event))
            part = min(max(1, part), html.part_count(found))
            shown = html.preview(found, part, self._library.page(found.source, part) if found.pages else None)
        except JudianError as error:
            shown = html.preview_error(str(error))
        return {self.parts.list_view: gr.Column(visible=False), self.parts.preview: gr.HTML(shown, visible=True)}

    def close(self) -> Update:
        return {self.parts.list_view: gr.Column(visible=True), self.parts.preview: gr.HTML("", visible=False)}

    def _take_in(self, path: Path, user: str) -> tuple[bool, str]:
        try:
            return True, f"已收下“{self._library.add(path.name, path, user=user)}”。"
        except JudianError as error:
            return False, str(error)

    def _build(self) -> Update:
        p, state = self.parts, self._library.builds.state
        return {
            p.seen: self._seen(),
            p.timer: gr.Timer(_BUSY if state.running else _IDLE),
            p.build: html.build(state),
            p.update: gr.Button(interactive=not state.running),
            p.rebuild: gr.Button(interactive=not state.running),
            p.cancel: gr.Button(visible=state.running, interactive=not state.cancelling),
        }

    def _seen(self) -> tuple[str, str]:
        """What a tab has seen of the build and of the index: other tabs and the command line change them too."""
        state = self._library.builds.state
        return f"{state.number} {state.status}", self._library.version


def _name(event: gr.EventData) -> str:
    return event.name if isinstance(event.name, str) else ""
