"""Keys and passwords stand in no log: those that the settings hold become *** in whatever is logged, by any library."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

_SHORTEST = 6  # what is shorter is no secret, and a log without each of its places could not be read
_LOGIN = re.compile(r"(?<=://)[^\s/]+(?=@)")
_in_use: set[str] = set()


def keep_secret(keys: Iterable[str], addresses: Iterable[str]) -> None:
    """From now on the `keys`, and the passwords in the `addresses`, are no longer in what `redacted` gives."""
    parts = [urlsplit(address) for address in addresses]
    passwords = [part.password or part.username or "" for part in parts]  # a token may stand for the user, alone
    _in_use.update(form for word in (*keys, *passwords) for form in (word, unquote(word)) if len(form) >= _SHORTEST)


def redacted(text: str) -> str:
    """`text` with *** for each key in use, also those of libraries in the environment, and for logins in addresses."""
    others = {value for name, value in os.environ.items() if name.endswith("_API_KEY") and len(value) >= _SHORTEST}
    for key in sorted(_in_use | others, key=len, reverse=True):  # a key may begin with another one
        text = text.replace(key, "***")
    return _LOGIN.sub("***", text)


class _Record(logging.LogRecord):
    """A log record without keys. Every formatter takes the message and the traceback from these two."""

    def getMessage(self) -> str:  # noqa: N802 (the name is logging's)
        return redacted(super().getMessage())

    @property
    def exc_text(self) -> str | None:
        return self._exc_text

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self._exc_text = redacted(text) if text else text


# Not a filter: those of a logger do not see what the loggers below it say, and uvicorn has handlers of its own.
logging.setLogRecordFactory(_Record)
