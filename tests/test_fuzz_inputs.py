"""A few hundred of the random inputs of `fuzz.py`, others in each run of hypothesis."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import TARGETS, Target, once
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
