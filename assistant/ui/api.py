"""The endpoints for programs."""

from __future__ import annotations

from assistant.ui.context import Context


def add_endpoints(context: Context) -> None:
    """Adds the endpoints to the open Blocks."""
