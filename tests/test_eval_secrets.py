"""A sweep over addresses of models tells no login that stands in one: not in its table, nor in what it complains of."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant import InputError, read_settings
from evals.grid import Cell, read_grid
from evals.sweep_table import Result, sweep_markdown

SETTINGS = read_settings(llm="none")
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


@pytest.mark.parametrize("wrong", ["http://li:secret@model.example/v1?a=1", "li:secret@model.example", "sk-secret"])
def test_an_address_that_cannot_be_used_is_not_repeated(tmp_path: Path, wrong: str) -> None:
    grid = tmp_path / "g.toml"
    grid.write_text(f'[settings]\nllm_base_url = ["{ADDRESS}", "{wrong}"]\n', "utf-8")
    with pytest.raises(InputError, match=r"llm_base_url 的第 2 个值不能用：.*JUDIAN_LLM_BASE_URL") as caught:
        read_grid(grid, SETTINGS)
    assert "secret" not in str(caught.value)
