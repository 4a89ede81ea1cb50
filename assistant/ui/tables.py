"""A comparison as a table whose cells carry their citations, and as bars where numbers of one unit stand together."""

from __future__ import annotations

from collections.abc import Mapping

from assistant import Comparison
from assistant.ui.text import text


def comparison(value: Comparison, *, chips: Mapping[int, str]) -> str:
    """The table and a chart for each unit; `chips` are the marks by the number of their citation, as HTML."""
    heads = "".join(f'<th scope="col">{text(_unit(unit))}</th>' for unit in value.units)
    rows = ""
    for row in value.rows:
        cells = "".join(
            f"<td>{text(cell.text)}{chips.get(cell.citation, '')}</td>" if cell else "<td>—</td>" for cell in row.cells
        )
        rows += f'<tr><th scope="row">{text(row.label)}</th>{cells}</tr>'
    charts = "".join(_chart(value, column) for column in range(len(value.units)))
    return (
        f'<div class="jd-compare"><table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'
        f"{charts}</div>"
    )


def _unit(unit: str) -> str:
    return f"数值（{unit}）"


def _chart(value: Comparison, column: int) -> str:
    """Bars from zero; none where a value is negative, for then lengths would mislead."""
    found = [(row.label, cell) for row in value.rows if (cell := row.cells[column]) is not None]
    most = max(cell.value for _, cell in found)
    if most <= 0 or min(cell.value for _, cell in found) < 0:
        return ""
    bars = "".join(
        f"<li><span>{text(label)}</span>"
        f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{max(0.5, 100 * cell.value / most):.1f}" height="10" rx="1"/></svg><b>{text(cell.text)}</b></li>'
        for label, cell in found
    )
    return f'<ul class="jd-bars" aria-label="{text(_unit(value.units[column]))}">{bars}</ul>'
