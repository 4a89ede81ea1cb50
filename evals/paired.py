"""Two runs over the same questions: is the difference more than chance?"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np


def mcnemar_exact(turned_right: int, turned_wrong: int) -> float:
    """Two-sided p of McNemar's test in its exact form: were as many turned right as wrong by chance?

    The binomial test of the smaller count among all changed verdicts at 1/2, doubled and capped at 1. Source:
    McNemar 1947; exact form as in Fagerland, Lydersen & Laake 2013 (BMC Med. Res. Methodol. 13:91). 1 if no verdict
    changed.
    """
    changed = turned_right + turned_wrong
    tail = sum(comb(changed, count) for count in range(min(turned_right, turned_wrong) + 1))
    return float(min(1.0, 2 * tail / 2**changed))


def called(turned_right: int, turned_wrong: int) -> str:
    """The difference in Chinese words, at the level of 5 %."""
    if turned_right + turned_wrong == 0:
        return "没有一题变化"
    return "差别不像偶然" if mcnemar_exact(turned_right, turned_wrong) < 0.05 else "差别可能只是偶然"


def difference_interval(
    before: Sequence[bool], now: Sequence[bool], *, rounds: int = 4000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile interval of accuracy now - before, questions resampled in pairs; stable for the same verdicts.

    Source: Efron & Tibshirani 1993; for paired systems Koehn 2004. Raises ValueError if the lengths differ or are 0.
    """
    if len(before) != len(now) or not before:
        raise ValueError(f"verdicts must be paired: {len(before)} and {len(now)}")
    changes = np.array(now, dtype=float) - np.array(before, dtype=float)
    drawn = np.random.default_rng(seed).choice(changes, size=(rounds, len(changes)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)
