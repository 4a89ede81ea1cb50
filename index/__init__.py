"""Files -> a searchable version of the index. Imports nothing of ours but itself.

Grouped by stage; other rooms use these names and no others.
"""

from index.embed import Embedder, load_embedder
from index.errors import EmbeddingError, IndexMissingError, IndexStoreError, JudianError, ReportError
from index.load import read_report
from index.report import Article, Passage, Report, Sentence, Span
from index.split import count_tokens, split

__all__ = [
    "Article",
    "Embedder",
    "EmbeddingError",
    "IndexMissingError",
    "IndexStoreError",
    "JudianError",
    "Passage",
    "Report",
    "ReportError",
    "Sentence",
    "Span",
    "count_tokens",
    "load_embedder",
    "read_report",
    "split",
]
