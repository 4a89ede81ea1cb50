"""Every prompt is a text file of this folder; `render` fills in its {variables}."""

from __future__ import annotations

from importlib.resources import files
from string import Formatter


def render(name: str, **values: str) -> str:
    """The prompt `name` (a file name without .txt) with `values` put in as plain text.

    Values are inserted once and never parsed, so braces in a report stay braces.
    Raises KeyError if a variable of the prompt is missing from `values`, or a value is not in the prompt.
    """
    template = files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")
    wanted = {field for _, field, _, _ in Formatter().parse(template) if field is not None}
    if wanted != values.keys():
        raise KeyError(f"prompt {name}: missing {wanted - values.keys()}, unknown {values.keys() - wanted}")
    return template.format(**values)
