"""The chat window. It uses the public names of `assistant` and holds no logic of its own."""

from assistant.ui.stubs import no_stubs

with no_stubs():
    from assistant.ui.app import build, launch

__all__ = ["build", "launch"]
