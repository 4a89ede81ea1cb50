"""Where this machine keeps a font with Chinese characters."""

from __future__ import annotations

import subprocess
from shutil import which


def chinese_font() -> str:
    """The path of such a font; "" where there is none, or nothing to ask for it."""
    if which("fc-match") is None:
        return ""
    found = subprocess.run(
        ["fc-match", "-f", "%{file}|%{lang}", ":lang=zh-cn"], capture_output=True, text=True, check=True
    )
    path, _, languages = found.stdout.partition("|")
    return path if "zh" in languages else ""
