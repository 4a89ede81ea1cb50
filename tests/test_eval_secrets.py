"""A sweep over addresses of models tells no login that stands in one: not in its table, its files or its complaints."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest
from eval_parts import QUESTIONS, make_settings, write_suite
from judge_server import judge_server

from assistant import InputError, public_url, read_settings
from evals.grid import Cell, read_grid
from evals.journal import describe
from evals.sweep import run_sweep
from evals.sweep_table import Result, sweep_markdown
from index import Embedder

SETTINGS = read_settings(llm="none")
PASSWORD = "Xq7-never-told"
ADDRESS, OTHER = "http://li:secret@model.example/v1", "https://:secret@other.example/v1"


def test_a_table_of_addresses_tells_no_login() -> None:
    cells = [Cell(settings={"llm_base_url": address}) for address in (ADDRESS, OTHER)]
    assert [cell.label for cell in cells] == [
        {"llm_base_url": "http://model.example/v1"},
        {"llm_base_url": "https://other.example/v1"},
    ]
    assert "secret" not in sweep_markdown(cells, [Result(problem="断了。")] * 2)
    assert cells[0].settings["llm_base_url"] == ADDRESS  # what it is run with
    assert cells[0].name != Cell(settings={"llm_base_url": "http://model.example/v1"}).name


def test_what_is_kept_of_a_run_has_the_address_as_everywhere() -> None:
    settings = SETTINGS.model_copy(update={"llm_base_url": "http://li:secret@model.example/v1?key=secret#secret"})
    about = describe(settings, [], model="m", index_version="v")
    assert about["settings"]["llm_base_url"] == public_url(settings.llm_base_url) == "http://model.example/v1"


def test_a_cell_uses_the_login_and_keeps_it_in_no_file(
    embedder: Embedder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, suite = make_settings(tmp_path, embedder), write_suite(tmp_path / "s.jsonl", QUESTIONS[:1])
    grid, out = tmp_path / "g.toml", tmp_path / "out"
    with judge_server(lambda _: "西昌市规上企业达到35家。") as model:
        address = model.base_url.replace("//", f"//li:{PASSWORD}@")
        grid.write_text(f'[settings]\nllm = "m"\nllm_base_url = "{address}"\n', "utf-8")
        keyed = settings.model_copy(update={"judge_api_key": PASSWORD})
        assert run_sweep(keyed, grid, [suite], jobs=1, out=out) == 0
    assert {key for _, key, _ in model.asked} == {f"Basic {b64encode(f'li:{PASSWORD}'.encode()).decode()}"}
    assert [path for path in out.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()] == []
    (kept,) = out.glob("*/cell.json")
    assert json.loads(kept.read_text("utf-8"))["label"]["llm_base_url"] == model.base_url
    assert PASSWORD not in "".join(capsys.readouterr())


@pytest.mark.parametrize("wrong", ["http://li:secret@model.example/v1?a=1", "li:secret@model.example", "sk-secret"])
def test_an_address_that_cannot_be_used_is_not_repeated(tmp_path: Path, wrong: str) -> None:
    grid = tmp_path / "g.toml"
    grid.write_text(f'[settings]\nllm_base_url = ["{ADDRESS}", "{wrong}"]\n', "utf-8")
    with pytest.raises(InputError, match=r"llm_base_url 的第 2 个值不能用：.*JUDIAN_LLM_BASE_URL") as caught:
        read_grid(grid, SETTINGS)
    assert "secret" not in str(caught.value)
