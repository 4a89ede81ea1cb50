"""Files -> a searchable version of the index. Imports nothing of ours but itself.

Grouped by stage; other rooms use these names and no others.
"""

from index.build import BuildReport, build_index
from index.contents import StoredSource, stored_report, stored_sources
from index.embed import Embedder, best_precision, load_embedder
from index.errors import EmbeddingError, IndexMissingError, IndexStoreError, JudianError, ReportError
from index.layout import repair
from index.load import ENDINGS, read_report
from index.manifest import SourceInfo
from index.mend import Mended, mend_index
from index.places import Place, find_places, parent_place, place_names
from index.report import Article, Passage, Report, Sentence, Span
from index.split import split
from index.status import IndexStatus, index_status
from index.store import Index
from index.verify import verify
from index.versions import Version, current_version, list_versions, open_index, prune, rollback
from index.vocabulary import count_tokens
from index.workshop import BuildProgress

__all__ = [
    "ENDINGS",
    "Article",
    "BuildProgress",
    "BuildReport",
    "Embedder",
    "EmbeddingError",
    "Index",
    "IndexMissingError",
    "IndexStatus",
    "IndexStoreError",
    "JudianError",
    "Mended",
    "Passage",
    "Place",
    "Report",
    "ReportError",
    "Sentence",
    "SourceInfo",
    "Span",
    "StoredSource",
    "Version",
    "best_precision",
    "build_index",
    "count_tokens",
    "current_version",
    "find_places",
    "index_status",
    "list_versions",
    "load_embedder",
    "mend_index",
    "open_index",
    "parent_place",
    "place_names",
    "prune",
    "read_report",
    "repair",
    "rollback",
    "split",
    "stored_report",
    "stored_sources",
    "verify",
]
