"""What others wrote, on its way in and out: nothing in it may command a terminal or turn the order of characters.

A report may hold escape sequences, which a terminal obeys, and Unicode's direction marks, which show 12.6 as 6.21
to the eye while every check sees 12.6 (CVE-2021-42574, "Trojan Source").
"""

from __future__ import annotations

import re

# C0 and C1 controls but tab and line feed; U+2028 and U+2029 break lines where nothing else does.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """`text` with each control character as U+FFFD and without direction marks. For screens only, never for offsets."""
    return _CONTROL.sub("\ufffd", _DIRECTION.sub("", text.replace("\r\n", "\n")))


def storable(text: str) -> str:
    """`text` with halves of surrogate pairs as `?`: JSON may hold them, and no file, database or tokenizer can."""
    return text.encode("utf-8", "replace").decode("utf-8")
