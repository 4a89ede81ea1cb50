"""Which two characters are a common word: evidence that a line break fell inside it."""

from __future__ import annotations

import base64
import importlib.util
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The two-character Chinese words that are single tokens of the Qwen vocabulary (about 11,500).

    A byte-pair vocabulary holds what is frequent in a very large corpus, which is all that is asked here; the
    file comes with dashscope, as in `index.split`. Empty where that file is missing: joins then rest on the
    other evidence.
    """
    spec = importlib.util.find_spec("dashscope")  # finds the folder without running the package
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = next((p for f in folders if (p := Path(f) / "resources" / "qwen.tiktoken").is_file()), None)
    if path is None:
        return frozenset()
    tokens = (base64.b64decode(line.split()[0]) for line in path.read_bytes().splitlines() if line)
    words = (token.decode("utf-8", "ignore") for token in tokens if len(token) == 6)
    return frozenset(word for word in words if len(word) == 2 and all("\u4e00" <= c <= "\u9fff" for c in word))
