"""What a file may hold before it is unpacked: office packages are zip files of XML, which may be bombs."""

from __future__ import annotations

from io import BytesIO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from index.errors import ReportError

MAX_BYTES = 200 * 1024 * 1024
MAX_CHARACTERS = 20_000_000
MAX_CELLS = 5_000_000
_MAX_PARTS = 20_000
_MAX_UNPACKED = 300 * 1024 * 1024
# Deflate never gives more than 1032:1; real sheets of repeated rows come to 60:1, real documents to 20:1.
_MAX_RATIO = 200
_FREE_OF_RATIO = 10 * 1024 * 1024
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


class _StopError(Exception):
    """Ends a parse at the first element: what may follow is no declaration."""


def check_package(data: bytes, source: str, *, kind: str, ending: str) -> None:
    """Raise ReportError unless `data` is a sound office package: not locked, not of the old format, no bomb.

    `kind` is what the user calls such a file (Word 文档), `ending` what it should be saved as (.docx).
    """
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise ReportError(f"报告“{source}”设了打开密码，请去掉密码另存后重试。")
        raise ReportError(f"报告“{source}”其实是旧格式的 Office 文件，请打开它另存为 {ending} 后重试。")
    try:
        with ZipFile(BytesIO(data)) as package:
            _check_sizes(package.infolist(), source)
            if package.testzip() is not None:
                raise BadZipFile
            for info in package.infolist():
                if info.filename.endswith((".xml", ".rels")):
                    _check_declarations(package, info, source)
    except (BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise ReportError(
            f"报告“{source}”不是完好的 {kind}（文件已损坏，或是改了后缀），请重新下载或另存为 {ending} 后重试。"
        ) from error


def _check_sizes(parts: list[ZipInfo], source: str) -> None:
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > _MAX_PARTS or unpacked > _MAX_UNPACKED:
        raise ReportError(f"报告“{source}”解压后过大（{unpacked / 2**20:.0f} MB），请确认它来源可靠，拆成几份后重试。")
    if unpacked > _FREE_OF_RATIO and unpacked > _MAX_RATIO * max(1, packed):
        raise ReportError(
            f"报告“{source}”的压缩比异常（{unpacked // max(1, packed)} 倍），可能是压缩炸弹，请把它移出报告目录。"
        )


def _check_declarations(package: ZipFile, info: ZipInfo, source: str) -> None:
    """No office package has a document type; one that has wants entities expanded."""

    def doctype(*_: object) -> None:
        raise ReportError(f"报告“{source}”含有 XML 实体声明，可能是恶意文件，请把它移出报告目录。")

    def element(*_: object) -> None:
        raise _StopError

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = element
    with package.open(info) as part:
        try:
            parser.ParseFile(part)
        except (_StopError, expat.ExpatError):  # what is not well-formed, the reader itself will refuse
            return
