"""The optional cross-encoder: a real, tiny one with random weights, made here."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

from assistant import SettingsError, read_settings
from assistant.rerank import load_reranker
from assistant.retrieve import search
from index import build_index, load_embedder, open_index

QUESTION = "涪陵区榨菜产值是多少？"
PASSAGES = ["涪陵区榨菜产值约128.5亿元。", "西昌市规上企业达到35家。", "云溪县茶园3.7万亩。"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("reranker")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set("".join([QUESTION, *PASSAGES])))]
    (where / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(5)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=len(words), num_labels=1, **sizes)
    BertForSequenceClassification(config).save_pretrained(where)
    BertTokenizer(str(where / "vocab.txt")).save_pretrained(where)
    return where


def test_no_name_no_reranker() -> None:
    assert load_reranker("") is None


def test_a_score_for_each_passage_that_depends_on_the_pair(folder: Path) -> None:
    rerank = load_reranker(str(folder))
    assert rerank is not None
    scores = rerank(QUESTION, PASSAGES)
    assert len(scores) == 3
    assert len(set(scores)) == 3
    assert rerank("西昌市规上企业有多少家？", PASSAGES) != scores
    assert rerank(QUESTION, PASSAGES[::-1]) == pytest.approx(scores[::-1], abs=1e-4)


def test_a_reranker_orders_what_the_search_returns(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    for number, passage in enumerate(PASSAGES):
        (tmp_path / "reports" / f"{number}.md").write_text(f"# 第{number}份\n\n{passage}\n", encoding="utf-8")
    settings = read_settings()
    embedder = load_embedder(settings.embedding, settings.models)
    build_index(tmp_path / "reports", tmp_path / "index", embedder)
    with closing(open_index(tmp_path / "index", embedder)) as index:
        plain = search(index, QUESTION)
        turned = search(index, QUESTION, rerank=lambda _, texts: [float("茶" in text) for text in texts])
    assert "榨菜" in plain[0].passage.text
    assert "茶园" in turned[0].passage.text
    assert {hit.passage.id for hit in plain} == {hit.passage.id for hit in turned}


def test_a_model_that_is_not_there_is_one_chinese_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^设置 JUDIAN_RERANKER 的重排模型.*。$"):
        load_reranker(str(tmp_path / "没有"))
