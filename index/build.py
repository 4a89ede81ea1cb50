"""What changed -> load -> repair -> split -> embed -> store -> publish.

A build writes a version beside the others and swaps the pointer when it is whole: killed anywhere, the last
version still answers, and the next build removes what was left over and goes on from the vectors it had computed.
"""

from __future__ import annotations

import time
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from index.apart import Apart
from index.changes import Found, difference, scan
from index.draft import Base, Cut
from index.embed import Embedder
from index.errors import IndexStoreError, ReportError
from index.finish import finish
from index.manifest import broken
from index.plan import Group, Plan, make_plan, pipeline_digest
from index.reading import ChangingError, read_group
from index.refusals import write_refusals
from index.rows import Known
from index.vectors import check_server
from index.versions import current_version, version_folder
from index.workshop import BuildProgress, Mend, Order, Tell, Workshop, only_build, previous, reason_of


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `changed` is False where nothing had changed and the version is the one before.

    `embedded` counts the texts that were embedded anew. `skipped` holds (source, reason) of each file that is
    not in the index, `kept` of each whose last readable content stays in it. `duplicates` holds (source, the
    source that is indexed in its place), `similar` (source, source, share of common text from 0 to 1). `notes` are
    sentences on what was passed over in files that were read now.
    """

    version: str
    changed: bool
    sources: int
    passages: int
    embedded: int
    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    seconds: float
    kept: tuple[tuple[str, str], ...] = ()
    duplicates: tuple[tuple[str, str], ...] = ()
    similar: tuple[tuple[str, str, float], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Taken:
    """What the draft knows of each file, and (source, reason) of those left out and of those kept as they were."""

    known: tuple[Known, ...]
    skipped: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def build_index(
    reports: Path,
    folder: Path,
    embedder: Embedder,
    *,
    full: bool = False,
    chroma_url: str = "",
    progress: Tell | None = None,
    mend: Mend | None = None,
) -> BuildReport:
    """Bring the index in `folder` up to date with the reports below `reports`.

    Files that did not change keep their passages, and texts that did not change their vectors; `full` makes
    all anew, and what `mend` calls broken is made anew in any case. A second build waits for the first. The
    vectors stand in `folder`, or on the Chroma server at `chroma_url`. Raises ReportError where there is nothing to
    index, EmbeddingError, and IndexStoreError where the index cannot be written; the version before then goes on
    answering.
    """
    started = time.perf_counter()
    tell = progress or (lambda _: None)
    order = Order(folder, embedder, full, chroma_url, tell, mend, pipeline_digest())
    found = scan(reports, folder)
    if chroma_url:
        check_server(chroma_url)
    try:
        fresh = full or bool(mend and mend.vectors)
        with only_build(folder, tell, chroma_url) as waited, previous(folder, embedder, fresh, chroma_url) as base:
            found = scan(reports, folder) if waited else found
            return _build(found, order, base, started)
    except OSError as error:
        if "malformed" in str(error) and (folder / "current").exists():
            raise broken(version_folder(folder, current_version(folder))) from error
        raise IndexStoreError(
            f"无法写入索引目录 {folder}（{reason_of(error)}）：请检查磁盘空间和目录权限后重试。"
        ) from error


def _build(found: Found, order: Order, base: Base | None, started: float) -> BuildReport:
    folder, chroma_url = order.folder, order.chroma_url
    anew = order.full or base is None or base.manifest.pipeline != order.pipeline
    known = base.rows.known() if base else []
    broken_ = order.mend.sources if order.mend else frozenset()
    plan = make_plan(found, [k for k in known if k.source not in broken_], anew=anew)
    with Workshop(folder, None if anew else base, chroma_url, order.pipeline, retry=order.full) as workshop:
        if base is None or anew or order.mend or not base.vectors or bool(base.manifest.collection) != bool(chroma_url):
            workshop.draft()
        workshop.remove(broken_, damaged=True)
        taken = _take_in(plan, known, base, workshop, order.tell)
        digests = {file.source: group.sha256 for group in plan.groups for file in group.files}
        write_refusals(folder, order.pipeline, taken.skipped, digests, workshop.apart.slow)
        before, after = _indexed(known), _indexed(taken.known)
        if not after:
            raise ReportError(f"没有一份报告可以建立索引：{(*plan.bad, *plan.unread, *taken.skipped)[0][1]}")
        added, updated, removed = difference(before, after)
        changed = workshop.begun is not None or _content(known) != _content(taken.known)
        if changed or base is None:
            draft = workshop.draft()
            draft.note(taken.known)
            counts = len(added), len(updated), len(removed)
            content = sorted(map(str, _content(taken.known).items()))
            carried = None if order.full or base is None else base
            manifest, embedded = finish(workshop, order, carried, content, len(after), counts)
            similar = workshop.similar
        else:
            manifest, embedded, similar = base.manifest, 0, base.rows.alike()
    return BuildReport(
        version=manifest.version,
        changed=changed,
        sources=manifest.sources,
        passages=manifest.passages,
        embedded=embedded,
        added=added,
        updated=updated,
        removed=removed,
        skipped=tuple(sorted((*plan.bad, *plan.unread, *taken.skipped))),
        seconds=time.perf_counter() - started,
        kept=tuple(sorted((*plan.kept, *taken.kept))),
        duplicates=tuple(sorted((k.source, k.same_as) for k in taken.known if k.same_as)),
        similar=tuple(similar),
        notes=taken.notes,
    )


def _take_in(plan: Plan, known: Sequence[Known], base: Base | None, workshop: Workshop, tell: Tell) -> _Taken:
    """Remove from the draft what is gone, and put in what is new."""
    before = {k.source: k for k in known}
    after: dict[str, Known] = {}
    skipped: list[tuple[str, str]] = []
    kept: list[tuple[str, str]] = []
    notes: list[str] = []
    workshop.remove(_indexed(known).keys() - {group.source for group in plan.groups})
    unsettled, done = sum(not group.settled for group in plan.groups), 0
    for group in plan.groups:
        if group.settled:
            after[group.source] = replace(before[group.source], stamp=group.files[0].stamp)
            _note_duplicates(group, group.source, after)
            continue
        tell(BuildProgress("read", done, unsettled))
        done += 1
        cut, bad, late = _read(group, before, base, workshop.apart)
        skipped, kept = [*skipped, *bad], [*kept, *late]
        workshop.remove({source for source, _ in bad} & before.keys())
        if cut:
            workshop.remove({cut.known.source} & before.keys())
            workshop.draft().put(cut)
            after[cut.known.source] = cut.known
            notes += cut.report.notes
            _note_duplicates(group, cut.known.source, after, without={source for source, _ in bad})
    if unsettled:
        tell(BuildProgress("read", unsettled, unsettled))
    return _Taken(tuple(after.values()), tuple(skipped), tuple(kept), tuple(notes))


def _read(
    group: Group, before: dict[str, Known], base: Base | None, apart: Apart
) -> tuple[Cut | None, list[tuple[str, str]], list[tuple[str, str]]]:
    """What is cut of a group, (source, reason) of the files that are left out, and of those kept as they were."""
    rows = base.rows if base else None
    try:
        return *read_group(group, rows, apart), []
    except ChangingError as error:
        reason = str(error)
    old = before.get(group.source)
    if old is None or old.same_as:
        return None, [(file.source, reason) for file in group.files], []
    unchanged = Group(old.sha256, (replace(group.files[0], stamp=""),), False, kept=old.source)
    cut, _ = read_group(unchanged, rows)
    return cut, [(file.source, reason) for file in group.files[1:]], [(group.source, reason)]


def _note_duplicates(group: Group, kept: str, after: dict[str, Known], *, without: Container[str] = ()) -> None:
    for file in group.files:
        if file.source != kept and file.source not in without:
            after[file.source] = Known(file.source, group.sha256, file.stamp, kept, "", "", "", 0)


def _indexed(known: Sequence[Known]) -> dict[str, str]:
    return {k.source: k.sha256 for k in known if not k.same_as}


def _content(known: Sequence[Known]) -> dict[str, tuple[str, str]]:
    return {k.source: (k.sha256, k.same_as) for k in known}
