"""Files -> what the index keeps of them: read, repaired, split; a bad file is named and harms no other."""

from __future__ import annotations

from dataclasses import replace

from index.apart import Apart
from index.boxes import pack, unpack
from index.changes import File, sha256
from index.draft import Cut
from index.errors import ReportError
from index.layout import repair
from index.load import read_report
from index.plan import Group
from index.report import Passage, Report
from index.rows import Known, Record, Rows, digest
from index.split import embedded_text, split

_TRIES = 3


class ChangingError(ReportError):
    """A file that is being written while it is read: nothing is known of its content yet."""


def read_group(
    group: Group, previous: Rows | None, apart: Apart | None = None
) -> tuple[Cut | None, list[tuple[str, str]]]:
    """The first report of a group that can be cut, and (source, reason) of those before it.

    What `previous` keeps of the same bytes is not read again (reading a scanned page takes seconds). What can hang
    or crash its reader is read by `apart`. Raises ChangingError.
    """
    skipped: list[tuple[str, str]] = []
    for file in group.files:
        try:
            report = previous.report(group.kept) if previous and group.kept else None
            report = replace(report, source=file.source) if report else read_stable(file, group.sha256, apart)
            stamp = file.stamp if report.sha256 == group.sha256 else ""
            return cut(report, stamp), skipped
        except ChangingError:
            raise
        except ReportError as error:
            skipped.append((file.source, str(error)))
        except OSError:
            raise
        except Exception as error:  # a report may break code that no one foresaw; the others go on
            reason = f"报告“{file.source}”处理时出错（{type(error).__name__}），请另存为别的格式后重试。"
            skipped.append((file.source, reason))
    return None, skipped


def read_stable(file: File, expected: str, apart: Apart | None = None) -> Report:
    """The report in a file that is the same after it was read; `expected` is the digest it had when it was found.

    Raises ReportError, ChangingError.
    """
    for _ in range(_TRIES):
        if apart and apart.takes(file.path):
            report = apart.read(file.path, file.source, expected)
        else:
            report = read_report(file.path, file.source)
        try:
            if (expected := sha256(file)) == report.sha256:
                return report
        except OSError:
            continue
    raise ChangingError(f"报告“{file.source}”正在被改动，请等它写完后重新运行 judian index build。")


def cut(report: Report, stamp: str) -> Cut:
    """Its passages. Raises ReportError where there are none."""
    source = report.source
    if not source.isprintable():
        raise ReportError(f"报告{source!a}的文件名含有无法显示的字符，请改名后重试。")
    report.text.encode("utf-8")  # a lone surrogate could not be stored
    # As it will be stored, so that a report that is cut from the index is cut the same.
    report = replace(report, boxes=unpack(pack(report.boxes)))
    articles = repair(report)
    found: dict[str, Record] = {}
    for number, article in enumerate(articles):
        for passage in split(report, article):
            found.setdefault(passage.id, Record(passage, key_of(passage), number))
    if not found:
        raise ReportError(f"报告“{source}”中没有可用的句子，请检查其内容，或把它移出报告目录。")
    first = articles[0]
    known = Known(source, report.sha256, stamp, "", first.title, first.date, first.place, len(found))
    return Cut(known, report, tuple(found.values()))


def key_of(passage: Passage) -> str:
    """Digest of what is embedded for a passage: the name of its vector."""
    return digest(embedded_text(passage))
