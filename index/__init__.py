"""Files -> a searchable version of the index. Imports nothing of ours but itself.

Grouped by stage; other rooms use these names and no others.
"""

from index.errors import EmbeddingError, IndexMissingError, IndexStoreError, JudianError, ReportError
from index.report import Article, Passage, Report, Sentence, Span
from index.split import count_tokens, split

__all__ = [
    "Article",
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
    "split",
]
