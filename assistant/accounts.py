"""Who may log in to the window: a file of names and hashed passwords, and the commands that keep it.

A line is `NAME:scrypt$N$r$p$SALT$HASH`, the last two in base64; blank lines and lines that begin with # are
skipped. scrypt is that of RFC 7914 with N=2^15, r=8, p=1: 32 MiB and some 0.1 s a guess.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import tempfile
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from assistant.errors import InputError
from assistant.screen import visible

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
_NAME = re.compile(r"\w[\w.@-]{0,39}")
_N, _R, _P, _SALT, _LENGTH = 2**15, 8, 1, 16, 32
# A file may ask for no more work than this, lest one login takes the memory of the machine.
_MOST_MEMORY = 256 * 2**20
_HASHED = re.compile(r"scrypt\$(\d{1,8})\$(\d{1,3})\$(\d{1,3})\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)")


def check_name(name: str) -> str:
    """`name` if it can be an account's: letters, digits and Chinese, `_ . @ -` after the first; no more than 40.

    It is safe as a file name. Raises InputError.
    """
    if not _NAME.fullmatch(name):
        raise InputError("用户名只能用汉字、字母、数字和 _ . @ -，以字开头，不超过 40 个：请换一个用户名。")
    return name


def check_password(password: str) -> str:
    """`password` if it is long enough to be one. Raises InputError."""
    if len(password) < SHORTEST_PASSWORD:
        raise InputError(f"密码不足 {SHORTEST_PASSWORD} 个字符：请换一个长一些的密码。")
    if len(password) > LONGEST_PASSWORD or not password.isprintable():
        raise InputError(f"密码超过 {LONGEST_PASSWORD} 个字符，或含有控制字符：请换一个密码。")
    return password


def hash_password(password: str) -> str:
    """`scrypt$N$r$p$SALT$HASH` with a fresh salt."""
    salt = secrets.token_bytes(_SALT)
    hashed = _scrypt(password, salt, _N, _R, _P, _LENGTH)
    return f"scrypt${_N}${_R}${_P}${_base64(salt)}${_base64(hashed)}"


def verify_password(password: str, hashed: str) -> bool:
    """True if `hashed` was made from `password`; False too for a hash that cannot be read."""
    found = _HASHED.fullmatch(hashed)
    if found is None or len(password) > LONGEST_PASSWORD:
        return False
    n, r, p, *encoded = found.groups()
    try:
        salt, expected = (base64.b64decode(text, validate=True) for text in encoded)
        return hmac.compare_digest(_scrypt(password, salt, int(n), int(r), int(p), len(expected)), expected)
    except (ValueError, binascii.Error, MemoryError):
        return False


def read_accounts(path: Path) -> dict[str, str]:
    """The hashed password of each name. Raises InputError: a line that is none, a password in plain text, nobody."""
    accounts: dict[str, str] = {}
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, hashed = line.strip().partition(":")
        if not (colon and hashed and _NAME.fullmatch(name)) or name in accounts:
            raise InputError(f"登录文件 {path} 第 {number} 行不是一个新的“用户名:密码的散列”：请改正或删去这一行。")
        if not _usable(hashed):
            raise InputError(
                f"登录文件 {path} 第 {number} 行的密码没有加密：请运行 judian user add {name} --auth-file {path} 重设。"
            )
        accounts[name] = hashed
    if not accounts:
        raise InputError(f"登录文件 {path} 里没有用户：请先运行 judian user add 用户名 --auth-file {path}。")
    return accounts


def add_account(path: Path, name: str, password: str) -> bool:
    """Add `name` to the file, or change its password; True if it is new. The other lines stay. Raises InputError."""
    entry = f"{check_name(name)}:{hash_password(check_password(password))}"
    lines = _lines(path) if path.exists() else ["# 据典的登录用户；由 judian user add 与 remove 增删"]
    kept = [line for line in lines if _name_of(line) != name]
    _write(path, [*kept, entry])
    return len(kept) == len(lines)


def remove_account(path: Path, name: str) -> None:
    """Remove `name` from the file; who is logged in by it is out at once. Raises InputError."""
    lines = _lines(path)
    kept = [line for line in lines if _name_of(line) != name]
    if len(kept) == len(lines):
        raise InputError(f"登录文件 {path} 里没有用户 {visible(name)}：请用 judian user list 查看有哪些用户。")
    _write(path, kept)


def account_names(path: Path) -> Mapping[str, bool]:
    """Whether the password is a hash, for each name in the file. Raises InputError."""
    named = ((_name_of(line), line.strip().partition(":")[2]) for line in _lines(path))
    return {name: _usable(hashed) for name, hashed in named if name}


def _usable(hashed: str) -> bool:
    found = _HASHED.fullmatch(hashed)
    return found is not None and 128 * int(found[1]) * int(found[2]) <= _MOST_MEMORY and int(found[3]) <= 16


def _name_of(line: str) -> str:
    return "" if line.startswith("#") else line.strip().partition(":")[0]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了登录文件 {path}：请检查路径、权限和编码（UTF-8）。") from error


def _write(path: Path, lines: list[str]) -> None:
    """In one step, readable by the owner alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path.resolve())
        except OSError:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"写不了登录文件 {path}（{error.strerror}）：请检查路径、权限和磁盘空间。") from error


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    data = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=_MOST_MEMORY + 2**20)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
