"""The Qwen vocabulary: tokens counted as the model counts them, and what it tells of Chinese words.

The byte-pair ranks come with dashscope, so nothing is fetched. What a byte-pair vocabulary keeps whole is what is
frequent in a very large corpus, which makes it a fair segmenter without a dictionary: 钢铁|产业|工业|产值.
"""

from __future__ import annotations

import base64
import importlib.util
from functools import lru_cache
from pathlib import Path

import tiktoken

from index.errors import EmbeddingError

# The pre-tokenizer of the Qwen family, as published with its vocabulary.
_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# tiktoken recurses over a run without a break; far shorter than what overflows its stack.
_ENCODE_CHARACTERS = 10_000


@lru_cache(maxsize=1)
def _ranks() -> dict[bytes, int]:
    spec = importlib.util.find_spec("dashscope")  # finds the folder without running the package
    folders = list(spec.submodule_search_locations or ()) if spec else []
    path = next((p for f in folders if (p := Path(f) / "resources" / "qwen.tiktoken").is_file()), None)
    if path is None:
        raise EmbeddingError("找不到分词表 qwen.tiktoken：它随 dashscope 包安装，请再运行一次 make chat 装好依赖。")
    lines = (line.split() for line in path.read_bytes().splitlines() if line)
    return {base64.b64decode(token): int(rank) for token, rank in lines}


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    return tiktoken.Encoding("qwen", pat_str=_PATTERN, mergeable_ranks=_ranks(), special_tokens={})


def count_tokens(text: str) -> int:
    """Number of tokens of `text` in the Qwen vocabulary; marks such as <|im_end|> count as plain text."""
    encode = _encoding().encode_ordinary
    pieces = range(0, len(text), _ENCODE_CHARACTERS)
    return sum(len(encode(text[start : start + _ENCODE_CHARACTERS])) for start in pieces)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """The two-character Chinese words that are single tokens (about 11,500): a break inside one is damage."""
    found = (token.decode("utf-8", "ignore") for token in _ranks() if len(token) == 6)
    return frozenset(word for word in found if len(word) == 2 and all("\u4e00" <= c <= "\u9fff" for c in word))
