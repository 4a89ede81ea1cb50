"""Which files have to be read: contents that are new, or whose name, content or keeper changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from index.changes import File, Found, identify
from index.rows import Known, digest

# A change in the code that cuts reports, or in what is kept of them, makes their passages old.
_PIPELINE = ("*.tsv", "load/*.py", "[!_]*.py")
_NOT_PIPELINE = {
    f"{name}.py"
    for name in (
        "apart build changes contents e5 e5_file embed errors finish journal layers manifest mend plan recent refusals "
        "status store vector_files vectors verify versions workshop"
    ).split()
}

Reasons = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Files with the same bytes, the one that is to stand for all of them first.

    `settled` tells that its passages are in the index as they are to be. Else `kept`, if not "", names the
    source from which the text of these bytes can be had without reading a file.
    """

    sha256: str
    files: tuple[File, ...]
    settled: bool
    kept: str = ""

    @property
    def source(self) -> str:
        return self.files[0].source


@dataclass(frozen=True, slots=True)
class Plan:
    """What a build has to do. `bad` are files that are no reports, `unread` those of which nothing was known
    before and that cannot be read now; what is kept of `kept` is of an earlier build, because now they cannot."""

    groups: tuple[Group, ...]
    bad: Reasons
    unread: Reasons
    kept: Reasons


def make_plan(found: Found, known: Sequence[Known], *, anew: bool) -> Plan:
    """`known` is what the version before knows of its files; with `anew`, every file is read again."""
    before = {k.source: k for k in known}
    digests, bad, unread = identify(found.files, () if anew else known)
    stamps = {file.source: file for file in found.files}
    contents: dict[str, list[File]] = {}
    for source, sha256 in digests.items():
        contents.setdefault(sha256, []).append(stamps[source])
    kept = [(source, reason) for source, reason in unread if source in before]
    for folder in found.unseen:
        reason = dict(found.refused)[folder]
        kept += [(k.source, reason) for k in known if k.source.startswith(folder)]
    out_of_reach = {source for source, _ in kept}
    for source in out_of_reach:
        # The stamp is as before: whatever befell the file, its content is looked at again.
        file = stamps.get(source) or File(found.root / source, source, "")
        contents.setdefault(before[source].sha256, []).append(replace(file, stamp=""))
    indexed = {k.sha256: k.source for k in known if not k.same_as}
    groups = [
        _group(sha256, _in_order(files, indexed.get(sha256, "")), indexed.get(sha256, ""), out_of_reach, anew)
        for sha256, files in contents.items()
    ]
    return Plan(
        groups=tuple(sorted(groups, key=lambda group: group.source)),
        bad=tuple(sorted([*bad, *((s, r) for s, r in found.refused if s not in found.unseen)])),
        unread=tuple((source, reason) for source, reason in unread if source not in before),
        kept=tuple(sorted(kept)),
    )


def _group(sha256: str, files: list[File], indexed: str, out_of_reach: set[str], anew: bool) -> Group:
    first = files[0].source
    settled = first == indexed and not anew
    # A file that cannot be read is cut from what is kept of it; so is a renamed one, which would read the same.
    if settled:
        return Group(sha256, tuple(files), settled)
    same_reader = PurePosixPath(first).suffix.lower() == PurePosixPath(indexed).suffix.lower()
    reuse = first in out_of_reach or (not anew and same_reader)
    return Group(sha256, tuple(files), settled, indexed if reuse else "")


def _in_order(files: list[File], indexed: str) -> list[File]:
    """The one that is indexed first, so that a copy changes nothing; else the shortest name: 报告.md before
    报告 - 副本.md."""
    return sorted(files, key=lambda file: (file.source != indexed, len(file.source), file.source))


def pipeline_digest() -> str:
    """Digest of the code and tables that make passages of a report."""
    here = Path(__file__).parent
    paths = {path for pattern in _PIPELINE for path in here.glob(pattern) if path.name not in _NOT_PIPELINE}
    return digest("\n".join(f"{path.relative_to(here)} {digest(path.read_text('utf-8'))}" for path in sorted(paths)))
