"""Every error that a user may see. Each message is one Chinese sentence: what, where, what to do.

JudianError
├── ReportError          a report that cannot be read
├── EmbeddingError       weights that are missing, broken, or not those of the index
└── IndexStoreError      no index, a broken one, or one that is being built
    └── IndexMissingError
"""

from __future__ import annotations


class JudianError(Exception):
    """Root of all errors with a message meant for the user."""


class ReportError(JudianError):
    """A report that cannot be read."""


class EmbeddingError(JudianError):
    """Embedding weights that are missing, broken, or not those the index was made with."""


class IndexStoreError(JudianError):
    """A version of the index that cannot be opened, or a build that cannot go on."""


class IndexMissingError(IndexStoreError):
    """There is no published version yet."""
