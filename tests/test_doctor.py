"""`judian doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

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


def damaged_index(settings: Settings) -> None:
    for path in settings.index.glob("versions/*/*.sqlite"):
        path.write_bytes(b"half an index")


def no_reports(settings: Settings) -> None:
    shutil.rmtree(settings.reports)


@pytest.mark.parametrize(
    ("harm", "name", "said"),
    [
        (broken_index, "索引", "judian index build"),
        (damaged_index, "索引", "judian index build"),
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
    missing = settings.model_copy(update={"llm": "embedded", "models": tmp_path / "none"})
    check = next(check for check in examine(missing) if check.name == "模型")
    assert (check.state, check.said) == ("warn", "内置模型的权重还没有下载：请运行 judian model fetch。")
    checks = found(nowhere)
    assert (checks["接口"].state, checks["向量"].state, checks["索引"].state) == ("fail", "fail", "warn")
    assert "JUDIAN_LLM_BASE_URL" in checks["接口"].said


@pytest.mark.parametrize(
    ("llm", "gib", "state"),
    [("embedded", 8, "ok"), ("embedded", 3, "warn"), ("embedded", 1, "fail"), ("none", 3, "ok"), ("none", 0, "warn")],
)
def test_memory(settings: Settings, llm: str, gib: float, state: str) -> None:
    found = memory(settings.model_copy(update={"llm": llm}), gib * GIB)
    assert found[0] == state
    assert state == "ok" or ADVICE.fullmatch(found[1])


def test_the_memory_that_is_asked_for_is_what_was_measured(settings: Settings) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    peaks = {
        "embedded": re.search(r"内存峰值（模型、向量、索引都在内） \| ([\d.]+) GiB", readme),
        "none": re.search(r"快速接口代替模型.*内存最多 ([\d.]+) GiB", readme),
    }
    for llm, measured in peaks.items():
        assert measured
        peak, asked = float(measured[1]) * GIB, settings.model_copy(update={"llm": llm})
        assert memory(asked, peak)[0] == "warn"
        assert memory(asked, 1.3 * peak)[0] == "ok"


@pytest.mark.parametrize(("gib", "state"), [(50, "ok"), (1, "warn"), (0.1, "fail")])
def test_disk(settings: Settings, monkeypatch: pytest.MonkeyPatch, gib: float, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Free(0, 0, int(gib * GIB)))
    found = disk(settings)
    assert found[0] == state
    assert state == "ok" or ADVICE.fullmatch(found[1])
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert disk(settings)[0] == "fail"


def test_each_disk_is_told_by_itself(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = settings.model_copy(update={"models": tmp_path / "models"})
    homes = {name: getattr(there, name) for name in ("index", "models")}
    for home in homes.values():
        home.mkdir()
    free = {homes["index"]: 30, homes["models"]: 500}
    monkeypatch.setattr(shutil, "disk_usage", lambda home: Free(0, 0, int(free[home] * GIB)))
    assert disk(there) == ("ok", "索引处还有 30 GiB，权重处还有 500 GiB")
    free[homes["index"]] = 0.1
    assert disk(there) == ("fail", f"放索引的 {homes['index']} 只剩 0.1 GiB：请腾出 2.0 GiB 以上。")
    free |= {homes["index"]: 30, homes["models"]: 1.5}
    assert disk(there) == ("warn", f"放权重的 {homes['models']} 只剩 1.5 GiB：请腾出 2.0 GiB 以上。")
    (homes["models"] / doctor.QWEN.file).touch()  # nothing more has to come
    assert disk(there)[0] == "ok"
    free[homes["index"]], free[homes["models"]] = 1.5, 0.1
    state, said = disk(there)
    assert state == "fail"
    assert f"放索引的 {homes['index']} 只剩 1.5 GiB" in said
    assert f"放权重的 {homes['models']} 只剩 0.1 GiB：请腾出 0.2 GiB 以上。" in said


@pytest.mark.parametrize(
    ("able", "cores", "state", "said"),
    [
        ({"architecture": "x86_64", "avx2": True}, 2, "ok", "2 核"),
        ({"architecture": "x86_64", "avx2": False}, 2, "warn", "2 核，没有 AVX2"),
        ({"architecture": "x86_64", "avx2": True}, 1, "warn", "1 核"),
        ({"architecture": "aarch64"}, 2, "ok", "2 核"),
    ],
)
def test_the_processor(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, able: dict[str, object], cores: int, state: str, said: str
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    monkeypatch.setattr(doctor, "usable_cores", lambda: cores)
    check = next(check for check in examine(settings) if check.name == "处理器")
    assert check.state == state
    assert check.said.startswith(said)
    assert state == "ok" or ("JUDIAN_LLM=none" in check.said and ADVICE.fullmatch(check.said))


@pytest.mark.parametrize(
    ("needed", "state", "said"),
    [
        ("no-such-package==1.0", "fail", "缺少 no-such-package：请重新安装据典。"),
        ("typer==0.0.1", "warn", "（应为 0.0.1）：没有用这些版本测过"),
    ],
)
def test_packages_that_are_missing_or_others(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, needed: str, state: str, said: str
) -> None:
    told = tmp_path / "site" / "judian-0.1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: judian\nVersion: 0.1.0\nRequires-Dist: {needed}\n")
    monkeypatch.syspath_prepend(told.parent)
    check = next(check for check in examine(settings) if check.name == "程序包")
    assert check.state == state
    assert said in check.said
    assert ADVICE.fullmatch(check.said)


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
