"""Logging in: sessions of accounts, and a limit on guessing passwords."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.accounts import hash_password, read_accounts, verify_password
from assistant.errors import InputError, LoginError

GUESSES_OF_A_NAME = 8
GUESSES_FROM_AN_ADDRESS = 20
WITHIN = 15 * 60.0  # seconds
LASTS = 12 * 3600.0  # seconds since a session was last used
_MOST = 10_000  # names, addresses or sessions remembered
_AT_ONCE = 2  # hashes computed at a time: each takes 32 MiB

Clock = Callable[[], float]


@dataclass(slots=True)
class _Session:
    name: str
    hashed: str
    used: float


class GuessLimit:
    """At most `most` failed guesses by key within `WITHIN` seconds. Safe to share between threads.

    A guess counts from the moment it is taken up, so that many at once do not slip through.
    """

    def __init__(self, most: int, *, clock: Clock = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._guesses: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """0.0 and a guess is counted, or the seconds until `key` may guess again."""
        with self._lock:
            guesses = self._recent(key)
            if len(guesses) >= self._most:
                return WITHIN - (self._clock() - guesses[0])
            guesses.append(self._clock())
            self._guesses[key] = guesses
            self._guesses.move_to_end(key)
            while len(self._guesses) > _MOST:
                self._guesses.popitem(last=False)
            return 0.0

    def forgive(self, key: str) -> None:
        """Forget the last guess of `key`: it was right."""
        with self._lock:
            if guesses := self._guesses.get(key):
                guesses.pop()

    def _recent(self, key: str) -> deque[float]:
        guesses = self._guesses.get(key, deque())
        while guesses and self._clock() - guesses[0] >= WITHIN:
            guesses.popleft()
        return guesses


class Accounts:
    """The accounts of one file, and who is logged in. Safe to share between threads.

    The file is read again when it changes: an account that is removed or gets another password is out at once. A
    file that cannot be read lets nobody in.
    """

    def __init__(self, path: Path, *, clock: Clock = time.monotonic) -> None:
        """Raises InputError where the file cannot be used."""
        self._path = path
        self._clock = clock
        self._by_name = GuessLimit(GUESSES_OF_A_NAME, clock=clock)
        self._by_address = GuessLimit(GUESSES_FROM_AN_ADDRESS, clock=clock)
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(_AT_ONCE)
        self._nobody = hash_password(secrets.token_urlsafe())  # an unknown name takes as long as a known one
        self._read: tuple[object, dict[str, str]] = (self._stamp(), read_accounts(path))

    def login(self, name: str, password: str, *, address: str) -> str:
        """The token of a new session. Raises LoginError: not the password, or too many guesses."""
        name = name.strip()
        self._take_guess(name, address)
        hashed = self._accounts().get(name)
        with self._hashing:
            right = verify_password(password, hashed or self._nobody) and hashed is not None
        if hashed is None or not right:
            raise LoginError("用户名或密码不对：请检查后再试。")
        self._by_name.forgive(name)
        self._by_address.forgive(address)
        return self._begin(_Session(name, hashed, self._clock()))

    def user_of(self, token: str) -> str | None:
        """The name that `token` was given to, if its session goes on."""
        if not token:
            return None
        accounts = self._accounts()
        with self._lock:
            session = self._sessions.get(token)
            if session is None:
                return None
            if accounts.get(session.name) != session.hashed or self._clock() - session.used > LASTS:
                del self._sessions[token]
                return None
            session.used = self._clock()
            self._sessions.move_to_end(token)
            return session.name

    def logout(self, token: str) -> None:
        """End the session of `token`, if there is one."""
        with self._lock:
            self._sessions.pop(token, None)

    def _take_guess(self, name: str, address: str) -> None:
        wait = self._by_address.take(address)
        if not wait and (wait := self._by_name.take(name)):
            self._by_address.forgive(address)
        if wait:
            minutes = int(-(-wait // 60))
            raise LoginError(f"密码试错的次数太多：请等 {minutes} 分钟后再试。", wait=wait)

    def _begin(self, session: _Session) -> str:
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[token] = session
            while len(self._sessions) > _MOST:
                self._sessions.popitem(last=False)
        return token

    def _accounts(self) -> dict[str, str]:
        stamp = self._stamp()
        if stamp != self._read[0]:
            try:
                self._read = (stamp, read_accounts(self._path))
            except InputError:
                self._read = (stamp, {})
        return self._read[1]

    def _stamp(self) -> object:
        try:
            state = self._path.stat()
        except OSError:
            return None
        return state.st_mtime_ns, state.st_size, state.st_ino
