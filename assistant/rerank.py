"""An optional cross-encoder that reads question and passage together and puts the passages found in order.

Reranking is the strongest lever known for retrieval (AIR-Bench: nDCG@1 of e5-small 27.5, with bge-reranker-v2-m3
58.5); it costs a forward pass a passage, so it is off unless JUDIAN_RERANKER names a model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from assistant.errors import SettingsError

Rerank = Callable[[str, Sequence[str]], Sequence[float]]  # question, passages -> relevance, larger is better
_TOKENS = 512


def load_reranker(name: str) -> Rerank | None:
    """The cross-encoder of a hub name or a local folder; None for "".

    Raises SettingsError, with one sentence for the user, where it cannot be loaded.
    """
    if not name:
        return None
    from sentence_transformers import CrossEncoder

    try:
        model = CrossEncoder(name, device="cpu", max_length=_TOKENS)
    except Exception as error:  # of transformers, the hub client and torch, which share no root
        raise SettingsError(
            f"设置 JUDIAN_RERANKER 的重排模型“{name}”装不上："
            "请检查名称或文件夹（联网下载过一次后可离线使用），或删去这个设置。"
        ) from error
    lock = threading.Lock()

    def rerank(question: str, passages: Sequence[str]) -> list[float]:
        with lock:
            scores = model.predict([(question, passage) for passage in passages], show_progress_bar=False)
        return [float(score) for score in scores]

    return rerank
