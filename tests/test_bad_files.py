"""Files of every bad kind in one folder: each is named with its reason, the rest is indexed and answers."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from test_load_pdf import SENTENCE, make, say

from assistant import cli
from index import Embedder, build_index, open_index, verify
from index.load.limits import MAX_BYTES

WORDS = {
    "坏了.pdf": "不是完整的 PDF",
    "有密码.pdf": "密码",
    "炸弹.docx": "压缩",
    "过大.txt": "200 MB",
    "打不开.md": "打不开",
    "空.txt": "空",
    "乱码.txt": "不是文本",
    "旧.doc": "另存为",
}


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "好.md").write_text("# 青河县工业\n\n2023年，青河县有规上企业35户。\n", encoding="utf-8")
    (folder / "好.pdf").write_bytes(make(say(SENTENCE)))
    (folder / "坏了.pdf").write_bytes(make(say(SENTENCE))[:300])
    (folder / "有密码.pdf").write_bytes(make(say(SENTENCE), encrypt=StandardEncryption("secret")))
    with ZipFile(folder / "炸弹.docx", "w", ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", b" " * 50_000_000)
    with (folder / "过大.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    (folder / "打不开.md").write_text("2023年，云岭县有规上企业12户。", encoding="utf-8")
    (folder / "空.txt").write_bytes(b"")
    (folder / "乱码.txt").write_bytes(bytes(range(256)) * 10)
    (folder / "旧.doc").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(1000))
    real = Path.open

    def refuse(self: Path, *args: object, **options: object) -> object:
        if self.name == "打不开.md":  # root may read every file, so that permissions could not show this
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **options)  # type: ignore[arg-type, call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    return folder


def test_each_is_named_with_its_reason_and_the_rest_is_indexed(
    reports: Path, tmp_path: Path, embedder: Embedder
) -> None:
    done = build_index(reports, tmp_path / "index", embedder)
    skipped = dict(done.skipped)
    assert skipped.keys() == WORDS.keys()
    for source, word in WORDS.items():
        assert word in skipped[source], source
        assert skipped[source].count("。") == 1
        assert skipped[source].endswith("。")
    assert done.added == ("好.md", "好.pdf")
    with closing(open_index(tmp_path / "index", embedder)) as index:
        assert "35户" in index.passages([index.dense("青河县有多少户规上企业", 1)[0][0]])[0].text
    assert verify(tmp_path / "index", embedder) == []
    assert not build_index(reports, tmp_path / "index", embedder).changed


def test_the_command_names_them_all(reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["index", "build", "--reports", str(reports), "--index", str(tmp_path / "index")]) == 0
    shown = capsys.readouterr()
    assert "2 份报告" in shown.out
    assert all(f"跳过 {source}：" in shown.err for source in WORDS)
    assert "Traceback" not in shown.err
