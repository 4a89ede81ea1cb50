"""Errors of the assistant; the root and the index's own stand in `index.errors`.

JudianError (index)
├── SettingsError     a setting that makes no sense
├── ModelError        weights or an endpoint that cannot be used
│   ├── WeightsError  weights that are missing, truncated, or cannot be fetched
│   └── EndpointError an endpoint that does not answer, or refuses
├── InputError        a file of questions, a suite or a port that cannot be used
└── LoginError        a login that is refused
"""

from __future__ import annotations

from index import JudianError


class SettingsError(JudianError):
    """A setting that makes no sense."""


class ModelError(JudianError):
    """A chat model that cannot be used."""


class WeightsError(ModelError):
    """Weights that are missing, truncated, or cannot be fetched."""


class EndpointError(ModelError):
    """An endpoint that does not answer, or refuses."""


class InputError(JudianError):
    """Input from the user that cannot be used."""


class LoginError(JudianError):
    """A login that is refused; `wait` is in seconds, 0.0 unless there were too many guesses."""

    def __init__(self, message: str, *, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait
