"""`judian doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from assistant import Settings, cli, doctor, read_settings
from assistant.doctor import GIB, Check, disk, examine, memory
from index import Embedder, build_index

ADVICE = re.compile(r".+[：:].*(请|可设|建议).*。", re.DOTALL)


class Free(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "云溪.md").write_text("# 云溪县\n\n2023年，云溪县茶叶综合产值为12.6亿元。\n", "utf-8")
    return read_settings(reports=tmp_path / "reports", index=tmp_path / "index", llm="none")


def found(settings: Settings) -> dict[str, Check]:
    checks = {check.name: check for check in examine(settings)}
    for check in checks.values():
        assert check.state == "ok" or ADVICE.fullmatch(check.said), check
    return checks


def test_a_machine_that_is_well(settings: Settings, embedder: Embedder) -> None:
    assert found(settings)["索引"].state == "warn"
    version = build_index(settings.reports, settings.index, embedder).version
    checks = found(settings)
    assert [check for check in checks.values() if check.state == "fail"] == []
    assert checks["索引"].said == f"{version}，1 份报告"
    assert checks["更新"].state == "ok"
    assert re.search(r"一个问题 \d+ 毫秒", checks["向量"].said)
    (settings.reports / "新.md").write_text("# 青河县\n\n2023年，青河县规上企业达到35户。\n", "utf-8")
    assert found(settings)["更新"].said == "有 1 份报告的变化还没有收入：请运行 judian index build。"


def broken_index(settings: Settings) -> None:
    (settings.index / "current").write_text("20990101-0000-abcdef\n", "utf-8")


def no_reports(settings: Settings) -> None:
    shutil.rmtree(settings.reports)


@pytest.mark.parametrize(
    ("harm", "name", "said"),
    [
        (broken_index, "索引", "judian index build"),
        (no_reports, "报告", "--reports"),
        (no_reports, "更新", "--reports"),
    ],
)
def test_what_is_broken_is_named(
    settings: Settings, embedder: Embedder, harm: Callable[[Settings], None], name: str, said: str
) -> None:
    build_index(settings.reports, settings.index, embedder)
    harm(settings)
    check = found(settings)[name]
    assert check.state == "fail"
    assert said in check.said


def test_models_that_cannot_answer_are_named(settings: Settings, tmp_path: Path) -> None:
    damaged = tmp_path / "models"
    damaged.mkdir()
    (damaged / doctor.QWEN.file).write_bytes(b"half a model")
    checks = found(settings.model_copy(update={"llm": "embedded", "models": damaged}))
    assert checks["模型"].state == "fail"
    assert "judian model fetch" in checks["模型"].said
    nowhere = settings.model_copy(
        update={"llm": "some-model", "llm_base_url": "http://127.0.0.1:9/v1", "embedding": str(tmp_path / "none")}
    )
    checks = found(nowhere)
    assert (checks["接口"].state, checks["向量"].state, checks["索引"].state) == ("fail", "fail", "warn")
    assert "JUDIAN_LLM_BASE_URL" in checks["接口"].said


@pytest.mark.parametrize(
    ("llm", "gib", "state"),
    [("embedded", 8, "ok"), ("embedded", 3, "warn"), ("embedded", 1, "fail"), ("none", 3, "ok"), ("none", 0, "warn")],
)
def test_memory(settings: Settings, llm: str, gib: float, state: str) -> None:
    assert memory(settings.model_copy(update={"llm": llm}), gib * GIB)[0] == state


@pytest.mark.parametrize(("gib", "state"), [(50, "ok"), (1, "warn"), (0.1, "fail")])
def test_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch, gib: float, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Free(0, 0, int(gib * GIB)))
    assert disk(settings)[0] == state
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert disk(settings)[0] == "fail"


def test_a_check_that_breaks_does_not_end_the_others(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks() -> doctor.Found:
        raise ZeroDivisionError

    monkeypatch.setattr(doctor, "_cpu", breaks)
    checks = found(settings)
    assert checks["处理器"].state == "fail"
    assert "ZeroDivisionError" in checks["处理器"].said
    assert checks["向量"].state == "ok"


def test_the_command_tells_by_its_exit_code(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDIAN_LLM", "none")
    where = ["--reports", str(settings.reports), "--index", str(settings.index)]
    assert cli.run(["doctor", *where]) == 0
    assert re.match(r"(\[(正常|注意)\] .+\n)+\Z", capsys.readouterr().out)
    no_reports(settings)
    assert cli.run(["doctor", *where]) == 1
    assert "[不行] 报告：" in capsys.readouterr().out
