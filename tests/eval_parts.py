"""What the tests of evaluation share: a small folder of reports with its index, and questions on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant import Settings, read_settings
from index import Embedder, build_index

REPORTS = {
    "西昌.md": "# 西昌市工业一年\n\n2023年，西昌市规上企业达到35家，比上年多4家。苦荞种植面积12.5万亩。\n",
    "涪陵.md": "# 涪陵区榨菜一年\n\n2023年，涪陵区青菜头种植面积73.6万亩，榨菜产值约25亿\n\n元。\n",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "q1",
        "class": "事实",
        "question": "西昌市规上企业有多少家？",
        "answerable": True,
        "accept": [["35家"]],
        "evidence": [{"source": "西昌.md", "quote": "西昌市规上企业达到35家"}],
        "half": "tune",
    },
    {
        "id": "q2",
        "class": "事实",
        "question": "涪陵区榨菜产值是多少？",
        "answerable": True,
        "accept": [["25亿元"]],
        "evidence": [{"source": "涪陵.md", "quote": "榨菜产值约25亿元"}],
        "half": "test",
    },
    {"id": "q3", "class": "无解", "question": "涪陵区有几座机场？", "answerable": False, "half": "test"},
]


def make_settings(folder: Path, embedder: Embedder) -> Settings:
    """Settings without a chat model over REPORTS, indexed below `folder`."""
    (folder / "reports").mkdir()
    for name, text in REPORTS.items():
        (folder / "reports" / name).write_text(text, encoding="utf-8")
    settings = read_settings(reports=folder / "reports", index=folder / "data" / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    return settings


def write_suite(path: Path, questions: Sequence[dict[str, Any]] = QUESTIONS) -> Path:
    path.write_text("\n".join(json.dumps(q, ensure_ascii=False) for q in questions), encoding="utf-8")
    return path
