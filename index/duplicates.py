"""Near-duplicates: MinHash signatures of shingles, found by locality-sensitive hashing (Broder 1997).

The signature of a report has HASHES numbers; two reports agree in as many of them as their sets of shingles are
alike (Jaccard). Reports that share one of BANDS stretches of their signatures are compared: a pair at 0.8 is
missed once in 10**7, and adding a report costs BANDS look-ups, however many reports there are.
"""

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import NDArray

HASHES = 128
BANDS = 32
SIMILAR = 0.8
_SHINGLE = 5
_CHUNK = 8192
_RANDOM = np.random.default_rng(19970611)
_FACTORS = _RANDOM.integers(0, 2**64, HASHES, np.uint64) | np.uint64(1)
_TERMS = _RANDOM.integers(0, 2**64, HASHES, np.uint64)
_BASE = np.uint64(0x9E3779B97F4A7C15)


def signature(text: str) -> bytes:
    """HASHES minima over the shingles of `text`: runs of five characters, without white space and punctuation,
    full-width and half-width forms alike. b"" for a text too short to compare."""
    letters = [c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum()]
    codes = np.fromiter(map(ord, letters), np.uint64, len(letters))
    if len(codes) < 4 * _SHINGLE:
        return b""
    shingles = np.zeros(len(codes) - _SHINGLE + 1, np.uint64)
    for offset in range(_SHINGLE):  # a polynomial over uint64, which wraps
        shingles = (shingles ^ codes[offset : offset + len(shingles)]) * _BASE
        shingles ^= shingles >> np.uint64(29)
    least = np.full(HASHES, 2**32 - 1, np.uint32)
    for start in range(0, len(shingles), _CHUNK):
        hashed = (shingles[start : start + _CHUNK, None] * _FACTORS + _TERMS) >> np.uint64(32)
        least = np.minimum(least, hashed.min(axis=0).astype(np.uint32))
    return least.astype("<u4").tobytes()


def bands(signature_: bytes) -> list[int]:
    """A signed 64-bit number for each stretch of a signature; similar reports share at least one."""
    if not signature_:
        return []
    rows = _numbers(signature_).astype(np.uint64).reshape(BANDS, -1)
    mixed = np.arange(BANDS, dtype=np.uint64) * _BASE
    for column in range(rows.shape[1]):
        mixed = (mixed ^ rows[:, column]) * _FACTORS[column]
        mixed ^= mixed >> np.uint64(31)
    return [int(number) for number in mixed.astype(np.int64)]


def similarity(one: bytes, other: bytes) -> float:
    """Estimated share of common shingles, 0 to 1 (standard error at most 0.045)."""
    return float(np.mean(_numbers(one) == _numbers(other)))


def _numbers(signature_: bytes) -> NDArray[np.uint32]:
    return np.frombuffer(signature_, "<u4")
