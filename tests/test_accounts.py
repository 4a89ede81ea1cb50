"""Accounts: the file of hashed passwords, the commands that keep it, sessions, and the limit on guesses."""

from __future__ import annotations

import hashlib
import io
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from assistant import InputError, JudianError, LoginError, cli
from assistant.accounts import (
    LONGEST_PASSWORD,
    account_names,
    add_account,
    hash_password,
    read_accounts,
    remove_account,
    verify_password,
)
from assistant.commands import open_accounts
from assistant.logins import GUESSES_FROM_AN_ADDRESS, GUESSES_OF_A_NAME, LASTS, WITHIN, Accounts

PASSWORD = "正确的密码 1234"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def file(tmp_path: Path) -> Path:
    add_account(tmp_path / "users", "小李", PASSWORD)
    return tmp_path / "users"


def test_a_password_is_kept_as_a_hash_with_its_own_salt(file: Path) -> None:
    add_account(file, "wang@example", PASSWORD)
    text = file.read_text("utf-8")
    assert PASSWORD not in text
    first, second = (line for line in text.splitlines() if not line.startswith("#"))
    assert first.partition(":")[2] != second.partition(":")[2]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert all(verify_password(PASSWORD, hashed) for hashed in read_accounts(file).values())
    assert not any(verify_password(PASSWORD + " ", hashed) for hashed in read_accounts(file).values())


@pytest.mark.parametrize(
    "hashed",
    ["", PASSWORD, "scrypt$0$8$1$AAAA$AAAA", "scrypt$3$8$1$AAAA$AAAA", "scrypt$16$8$1$A$A", "scrypt$16$8$1$AAAA$===="],
)
def test_a_hash_that_is_none_lets_nobody_in(hashed: str) -> None:
    assert not verify_password(PASSWORD, hashed)
    assert not verify_password("", hashed)


def test_no_endless_password_is_hashed() -> None:
    endless = "长" * (LONGEST_PASSWORD + 1)
    assert not verify_password(endless, hash_password(endless))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("小王:明文密码", "第 2 行的密码没有加密：请运行 judian user add"),
        ("小王", "第 2 行不是"),
        (":x", "第 2 行不是"),
        ("a/b:scrypt$32768$8$1$AAAA$AAAA", "第 2 行不是"),
        ("小王:scrypt$99999999$999$1$AAAA$AAAA", "第 2 行的密码没有加密"),  # would take 10 GB a login
    ],
)
def test_a_line_that_is_no_account_is_refused_and_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "users").write_text(f"# 值班\n{line}\n", "utf-8")
    with pytest.raises(InputError, match=said) as raised:
        read_accounts(tmp_path / "users")
    assert "明文密码" not in str(raised.value)


def test_no_file_an_empty_one_and_one_in_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="读不了登录文件"):
        Accounts(tmp_path / "users")
    (tmp_path / "users").write_text("# 没有人\n", "utf-8")
    with pytest.raises(InputError, match="没有用户"):
        Accounts(tmp_path / "users")
    (tmp_path / "users").write_bytes("小李:密码".encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        Accounts(tmp_path / "users")


@pytest.mark.parametrize("name", ["", "../x", "a:b", "a b", "#a", ".hidden", "a" * 41, "李\u202e小", "a\nb", "-f"])
def test_a_name_that_could_be_a_path_or_hide_itself_is_refused(file: Path, name: str) -> None:
    with pytest.raises(InputError, match="用户名只能"):
        add_account(file, name, PASSWORD)


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    users = tmp_path / "users"
    users.write_text("# 旧格式\n老王:明文密码一二三四\n", "utf-8")

    def run(*args: str, typed: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = cli.run(["user", *args, "--auth-file", str(users)])
        return code, "".join(capsys.readouterr())

    assert run("list") == (0, "老王（密码没有加密，不能登录：请用 judian user add 重设）\n")
    assert run("add", "老王", "--password-stdin", typed=PASSWORD + "\n") == (0, "已改密码：老王。\n")
    assert run("add", "小李", "--password-stdin", typed="short\n")[0] == 1
    assert run("add", "小李", "--password-stdin", typed=PASSWORD) == (0, "已增加用户小李。\n")
    assert dict(account_names(users)) == {"老王": True, "小李": True}
    assert "明文密码一二三四" not in users.read_text("utf-8")
    assert users.read_text("utf-8").startswith("# 旧格式")
    assert run("remove", "老王") == (0, "已删除用户老王。\n")
    assert run("remove", "老王")[0] == 1
    assert list(read_accounts(users)) == ["小李"]
    assert [path.name for path in tmp_path.iterdir()] == ["users"]


def test_beyond_this_machine_accounts_are_needed(file: Path) -> None:
    for host in ("127.0.0.1", "localhost", "::1"):
        assert open_accounts(None, host) is None
    for host in ("0.0.0.0", "::", "192.168.1.5", "reports.example", ""):
        with pytest.raises(JudianError, match="judian user add"):
            open_accounts(None, host)
        assert open_accounts(file, host) is not None


def test_a_session_ends_by_logout_by_age_and_with_its_account(file: Path) -> None:
    clock = Clock()
    accounts = Accounts(file, clock=clock)
    first, second, third = (accounts.login("小李", PASSWORD, address="10.0.0.1") for _ in range(3))
    assert len({first, second, third}) == 3
    assert accounts.user_of(first) == "小李"
    accounts.logout(first)
    assert accounts.user_of(first) is None
    clock.now += LASTS - 1
    assert accounts.user_of(second) == "小李"
    clock.now += 2
    assert (accounts.user_of(second), accounts.user_of(third)) == ("小李", None)
    add_account(file, "小李", PASSWORD + "新")
    assert accounts.user_of(second) is None
    fourth = accounts.login("小李", PASSWORD + "新", address="10.0.0.1")
    add_account(file, "小王", PASSWORD)
    assert accounts.user_of(fourth) == "小李"
    remove_account(file, "小李")
    assert accounts.user_of(fourth) is None
    assert accounts.user_of("") is None
    assert accounts.user_of("x" * 43) is None


def test_a_file_that_breaks_lets_nobody_in(file: Path) -> None:
    accounts = Accounts(file)
    token = accounts.login("小李", PASSWORD, address="10.0.0.1")
    good = file.read_bytes()
    file.write_bytes(b"\xff\xfe broken")
    assert accounts.user_of(token) is None
    file.unlink()
    with pytest.raises(LoginError):
        accounts.login("小李", PASSWORD, address="10.0.0.1")
    file.write_bytes(good)
    assert accounts.user_of(accounts.login("小李", PASSWORD, address="10.0.0.1")) == "小李"


def refused(accounts: Accounts, name: str, address: str) -> LoginError:
    with pytest.raises(LoginError) as raised:
        accounts.login(name, "猜猜看的密码", address=address)
    return raised.value


def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing takes 0.1 s a guess; what is counted here is the guesses."""
    monkeypatch.setattr("assistant.logins.verify_password", lambda password, _: password == PASSWORD)


def test_a_wrong_name_takes_the_work_of_a_wrong_password(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How long an answer takes does not tell whether there is such a name: the same hash is computed."""
    done: list[dict[str, int]] = []
    scrypt = hashlib.scrypt

    def counted(password: bytes, **options: Any) -> bytes:
        done.append({name: value for name, value in options.items() if name != "salt"})
        return scrypt(password, **options)

    accounts = Accounts(file)
    monkeypatch.setattr("assistant.accounts.hashlib.scrypt", counted)
    refused(accounts, "小李", "10.0.0.1")
    refused(accounts, "没有这个人", "10.0.0.1")
    known, unknown = done
    assert known == unknown
    assert known["n"] == 2**15


def test_guesses_of_a_name_are_limited(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    clock = Clock()
    accounts = Accounts(file, clock=clock)
    for number in range(GUESSES_OF_A_NAME):
        assert refused(accounts, "小李", f"10.0.0.{number}").wait == 0
    late = refused(accounts, "小李", "10.0.1.1")
    assert late.wait == WITHIN
    assert str(late) == "密码试错的次数太多：请等 15 分钟后再试。"
    with pytest.raises(LoginError):  # the right password, too: else the limit would tell it
        accounts.login("小李", PASSWORD, address="10.0.1.2")
    clock.now += WITHIN
    assert accounts.login("小李", PASSWORD, address="10.0.1.2")


def test_guesses_from_an_address_are_limited(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    accounts = Accounts(file, clock=Clock())
    for number in range(GUESSES_FROM_AN_ADDRESS):
        assert refused(accounts, f"user{number}", "10.0.0.9").wait == 0
    assert refused(accounts, "小李", "10.0.0.9").wait > 0
    assert accounts.login("小李", PASSWORD, address="10.0.0.8")


def test_right_passwords_are_no_guesses(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick(monkeypatch)
    accounts = Accounts(file, clock=Clock())
    for _ in range(3 * GUESSES_FROM_AN_ADDRESS):
        accounts.login("小李", PASSWORD, address="10.0.0.1")


def test_many_guesses_at_once_do_not_slip_through(file: Path) -> None:
    accounts = Accounts(file)
    waits: list[float] = []
    threads = [
        threading.Thread(target=lambda: waits.append(refused(accounts, "小李", "10.0.0.1").wait)) for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait == 0 for wait in waits) <= GUESSES_OF_A_NAME
