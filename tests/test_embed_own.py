"""An embedding model of the user's own, tiny and made here: by its path, by its name on the hub, and in an index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizer

from index import (
    Embedder,
    EmbeddingError,
    build_index,
    current_version,
    list_versions,
    load_embedder,
    open_index,
    rollback,
    verify,
)

ROOT = Path(__file__).parents[1]
TEXT = "2023年，青河县有规上企业35户，工业产值120.5亿元。"
DIMENSIONS = 32


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights and a word for each character, saved as sentence-transformers does."""
    plain, where = tmp_path_factory.mktemp("bert"), tmp_path_factory.mktemp("models") / "tiny"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set(TEXT))]
    (plain / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(7)
    sizes = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(words), hidden_size=DIMENSIONS, **sizes)).save_pretrained(plain)
    BertTokenizer(str(plain / "vocab.txt")).save_pretrained(plain)
    SentenceTransformer(modules=[Transformer(str(plain)), Pooling(DIMENSIONS)], device="cpu").save(str(where))
    return where


def test_a_model_of_ones_own_by_its_path(folder: Path, tmp_path: Path) -> None:
    own = load_embedder(str(folder), tmp_path)
    assert own.name.startswith("tiny@")
    vectors = own.embed([TEXT, TEXT[:9], "亿元"])
    assert vectors.shape == (3, DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=0.01)
    assert vectors[0] @ np.asarray(own.embed_query(TEXT)) == pytest.approx(1, abs=0.01)


def test_a_model_in_the_cache_by_its_name_on_the_hub(folder: Path, tmp_path: Path) -> None:
    home = tmp_path / "hub" / "models--someone--tiny"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("1" * 40, encoding="utf-8")
    shutil.copytree(folder, home / "snapshots" / ("1" * 40))
    program = (
        "import sys; from pathlib import Path; from index import load_embedder; "
        "own = load_embedder('someone/tiny', Path(sys.argv[1])); print(own.name, own.dimensions)"
    )
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub")}
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["someone/tiny", str(DIMENSIONS)], done.stderr


def test_another_model_builds_a_version_beside_the_old(folder: Path, tmp_path: Path, embedder: Embedder) -> None:
    reports, index = tmp_path / "reports", tmp_path / "index"
    reports.mkdir()
    (reports / "青河.md").write_text(f"# 青河县工业\n\n{TEXT}\n", encoding="utf-8")
    old = build_index(reports, index, embedder).version
    own = load_embedder(str(folder), tmp_path)
    with closing(open_index(index, embedder)) as before:
        done = build_index(reports, index, own)
        assert (done.changed, done.embedded) == (True, done.passages)
        assert before.dense("青河县规上企业", 1)  # what was open goes on
    assert [version.name for version in list_versions(index)] == [done.version, old]
    assert verify(index, own) == []
    with closing(open_index(index, own)) as now:
        assert now.vectors([passage.id for passage in now.all_passages()]).shape == (done.passages, DIMENSIONS)
    with pytest.raises(EmbeddingError, match=re.escape(f"“{own.name}”建立的，当前设置却是“{embedder.name}”")):
        open_index(index, embedder)
    assert rollback(index) == current_version(index) == old
    assert verify(index, embedder) == []
