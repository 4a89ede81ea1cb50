"""A few hundred of the random inputs of `fuzz.py`, others in each run of hypothesis."""

from __future__ import annotations

import random
import re
import signal
import time
from pathlib import Path

import fuzz
import pytest
from fuzz import TARGETS, HangError, Target, once, repair
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__)
@given(seed=st.integers(0, 2**40))
@settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a smaller seed is no simpler input
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_input_crashes_hangs_or_is_lost(target: Target, tmp_path: Path, seed: int) -> None:
    once(target, seed, tmp_path)


def _sleeps(rnd: random.Random, folder: Path) -> str:
    try:
        time.sleep(10)
    except Exception:  # as one who reads damaged files
        return "refused"
    return "read"


def test_an_input_that_takes_too_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "LONGEST", 0.1)
    limit = signal.getitimer(signal.ITIMER_REAL)[0]
    with pytest.raises(HangError, match=r"more than 0\.1 s"):
        once(_sleeps, 0, tmp_path)
    left = signal.getitimer(signal.ITIMER_REAL)[0]
    assert (limit == left == 0) or limit - 5 < left < limit, "the clock of pytest goes on"


def test_a_lost_character_is_told_whatever_stands_round_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(text: str, **_: object) -> None:
        assert not re.search(r"[^\S\n ]", text)

    monkeypatch.setattr(fuzz, "_check_spans", check)
    told = 0
    for seed in range(200):
        try:
            once(repair, seed, tmp_path)
        except AssertionError:
            told += 1
    assert told > 0
