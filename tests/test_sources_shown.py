"""What the source panel reads: the version that an answer names, the page of a PDF or a picture."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from assistant import Citation, open_assistant, read_settings
from assistant.page_image import WIDTH, page_image
from index import Embedder, build_index, prune

BEFORE = "# 彝良县的茶园\n\n2024年3月8日\n\n2023年，彝良县茶叶综合产值12.6亿元。\n"
AFTER = "# 彝良县的茶园\n\n2024年3月8日\n\n新写的一段。2023年，彝良县茶叶综合产值13.1亿元。\n"


def test_a_citation_is_read_in_the_version_that_its_answer_names(tmp_path: Path, embedder: Embedder) -> None:
    settings = read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none")
    settings.reports.mkdir()
    (settings.reports / "彝良.md").write_text(BEFORE, encoding="utf-8")
    build_index(settings.reports, settings.index, embedder)
    assistant = open_assistant(settings)
    try:
        answer = assistant.ask("彝良县2023年茶叶综合产值是多少？")
        citation = answer.citations[0]
        (settings.reports / "彝良.md").write_text(AFTER, encoding="utf-8")
        build_index(settings.reports, settings.index, embedder)
        assert assistant.index_version != answer.index_version
        assert assistant.context(citation, version=answer.index_version)[1] == citation.quote
        assert assistant.context(citation)[1] != citation.quote
        prune(settings.index, keep=1)
        assistant._old.clear()
        assert assistant.context(citation, version=answer.index_version)[1] != citation.quote
        assert assistant.context(citation, version="../../没有这个版本")[1] != citation.quote
        assert assistant.page_image(citation, version=answer.index_version) is None
        missing = Citation(1, "没有.md", "", "", None, 0, 1, "")
        assert assistant.page_image(missing) is None
    finally:
        assistant.close()


@pytest.fixture
def picture(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "页.png"
    Image.new("RGBA", (2400, 1200), "white").save(path)
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_picture_is_drawn_small_with_the_boxes_of_its_own_page(picture: tuple[Path, str]) -> None:
    placed = [(1, (0.1, 0.2, 0.3, 0.4)), (2, (0.0, 0.0, 1.0, 1.0))]
    found = page_image(*picture, placed)
    assert found is not None
    assert (found.page, found.width, found.height) == (1, WIDTH, WIDTH // 2)
    assert found.boxes == ((0.1, 0.2, 0.3, 0.4),)
    assert Image.open(io.BytesIO(found.jpeg)).size == (WIDTH, WIDTH // 2)


def test_no_picture_of_another_file_a_broken_one_or_one_without_places(picture: tuple[Path, str]) -> None:
    path, digest = picture
    placed = [(1, (0.1, 0.2, 0.3, 0.4))]
    assert page_image(path, "0" * 64, placed) is None
    assert page_image(path, digest, []) is None
    assert page_image(path.with_name("没有.png"), digest, placed) is None
    broken = path.with_suffix(".pdf")
    broken.write_bytes(b"%PDF-1.4 nothing")
    assert page_image(broken, hashlib.sha256(broken.read_bytes()).hexdigest(), placed) is None
