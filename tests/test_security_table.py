"""The tables of threats and of faults name tests; each of them must be there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_NAMED = re.compile(r"`(tests/\w+\.py)(?:::(\w+))?`")


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@pytest.mark.parametrize("document", ["SECURITY.md", "docs/faults.md"])
def test_every_row_has_tests_and_they_exist(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    headers = [row for row in rows if row.rstrip().endswith("| 测试 |")]
    assert headers
    missing = [row for row in rows if row not in headers and not _NAMED.search(row)]
    assert missing == []
    named = _NAMED.findall(text)
    wrong = [f"{file}::{name}" for file, name in named if not (ROOT / file).exists()]
    wrong += [f"{file}::{name}" for file, name in named if name and name not in names_in(ROOT / file)]
    assert sorted(set(wrong)) == []
