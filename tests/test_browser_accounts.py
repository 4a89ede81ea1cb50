"""Two accounts logged in at once, each in a browser of its own: neither comes to the other's conversation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import NamedTuple

import pytest
from chat_pages import BROWSER, answered, ask, free_port
from playwright.sync_api import Browser, Error, Page, Response, expect

from assistant import Accounts, open_assistant, read_settings
from assistant.accounts import add_account
from assistant.ui.app import build, serve
from index import Embedder, build_index

pytestmark = BROWSER
PASSWORD = "采茶时节 2024"
REPORT = (
    "# 西昌：工业一年\n\n2023年12月20日\n\n2023年，西昌市规上企业达到35家，比上年多4家。"
    "2023年，西昌市完成工业投资46.2亿元。\n"
)
# In words that the window itself offers to nobody.
QUESTIONS = {
    "小李": "想问一下，西昌市2023年规上企业有多少家？",
    "小王": "再问一下，西昌市2023年工业投资是多少？",
}
LATER = "西昌市2023年规上企业比上年多多少家？"

# Clicks on buttons like those of the page, with names of another's in them.
FORGED = """buttons => {
  for (const data of buttons) {
    const forged = Object.assign(document.createElement("button"), {type: "button"});
    Object.assign(forged.dataset, data);
    document.querySelector("#jd-main").append(forged);
    forged.click();
    forged.remove();
  }
}"""
KEPT = "sessionStorage.getItem('judian-talk')"


class Seat(NamedTuple):
    """An account at its browser. `got` are the answers of the server to the page's events."""

    name: str
    page: Page
    got: list[str]

    @property
    def question(self) -> str:
        return QUESTIONS[self.name]


@pytest.fixture
def address(tmp_path: Path, embedder: Embedder) -> Iterator[str]:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "工业.md").write_text(REPORT, "utf-8")
    settings = read_settings(reports=tmp_path / "reports", index=tmp_path / "kept" / "index", llm="none")
    build_index(settings.reports, settings.index, embedder)
    for name in QUESTIONS:
        add_account(tmp_path / "users", name, PASSWORD)
    with closing(open_assistant(settings, window=True)) as assistant:
        blocks = build(assistant)
        accounts = Accounts(tmp_path / "users")
        yield serve(blocks, host="127.0.0.1", port=free_port(), assistant=assistant, accounts=accounts)
        blocks.close(verbose=False)


@pytest.fixture
def seats(browser: Browser, address: str) -> Iterator[list[Seat]]:
    """Both accounts, logged in, each with a question that was answered."""
    with ExitStack() as stack:
        seats = [Seat(name, stack.enter_context(browser.new_context()).new_page(), []) for name in QUESTIONS]
        for seat in seats:
            listen(seat)
            seat.page.goto(address)
            log_in(seat.page, seat.name)
            expect(seat.page.locator(".jd-welcome")).to_be_visible(timeout=30_000)
        for seat in seats:
            ask(seat.page, seat.question)
        for seat in seats:
            answered(seat.page)
        yield seats


def log_in(page: Page, name: str) -> None:
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button").click()


def listen(seat: Seat) -> None:
    def hear(response: Response) -> None:
        if response.url.endswith("/run/predict"):
            with suppress(Error):  # a page that is left or closed takes its answers with it
                seat.got.append(response.text())

    seat.page.on("response", hear)


def has_only_its_own(seat: Seat, other: Seat) -> None:
    """The page lists its own conversation, and neither it nor what it was sent holds a word of the other's."""
    expect(seat.page.locator(".jd-open")).to_have_text([seat.question])
    assert seat.got
    assert other.question not in "".join(seat.got) + seat.page.content()


def opened_in_vain(page: Page) -> None:
    expect(page.locator(".jd-welcome")).to_be_visible(timeout=15_000)
    expect(page.locator(".jd-turn, .jd-live, .jd-source")).to_have_count(0)


def test_two_accounts_at_once_see_their_own_conversations_alone(seats: list[Seat]) -> None:
    for seat, other in (seats, seats[::-1]):
        page = seat.page
        page.reload()  # the list as the server gives it now that both have asked
        answered(page)
        expect(page.locator(".jd-question")).to_have_text([seat.question])
        has_only_its_own(seat, other)
        page.locator(".jd-find").fill("西昌市2023年")  # stands in both
        expect(page.locator(".jd-open")).to_have_text([seat.question])
        page.locator(".jd-find").fill(other.question)
        expect(page.locator("#jd-talks")).to_contain_text("没有找到")


def test_the_name_of_anothers_conversation_opens_shows_exports_and_changes_nothing(
    seats: list[Seat], tmp_path: Path
) -> None:
    li, wang = seats
    page = wang.page
    theirs = str(li.page.evaluate(KEPT))
    assert li.page.locator(".jd-open").get_attribute("data-open") == theirs
    expect(li.page.locator(".jd-source")).to_be_visible()
    turn = str(li.page.locator(".jd-text .jd-chip").first.get_attribute("data-turn"))
    menu = {"menu": theirs, "title": "别人的"}
    with page.expect_response(lambda one: turn in (one.request.post_data or "")) as cited:
        page.evaluate(FORGED, [{"open": theirs}, {"cite": "1", "turn": turn}])
    assert "jd-source" not in cited.value.text()
    opened_in_vain(page)
    assert page.evaluate(KEPT) != theirs  # the server gave it a new one
    page.evaluate(f"sessionStorage.setItem('judian-talk', '{theirs}')")
    page.reload()  # where a page finds its conversation again
    opened_in_vain(page)
    page.evaluate(FORGED, [menu])
    with page.expect_download() as download:
        page.get_by_role("button", name="导出 Markdown").click()
    assert li.question not in Path(download.value.path()).read_text("utf-8")
    page.evaluate(FORGED, [menu])
    page.get_by_role("button", name="改名").click()
    page.evaluate(FORGED, [menu])
    for _ in range(2):
        page.locator(".jd-dialog .danger").click()
    with page.expect_response(lambda one: LATER in (one.request.post_data or "")):
        page.evaluate(FORGED, [{"open": theirs}, {"ask": LATER}])
    page.reload()  # the list as it is now: it went into a conversation of its own
    expect(page.locator(".jd-open")).to_have_text([LATER, wang.question])
    assert li.question not in "".join(wang.got) + page.content()
    li.page.reload()
    answered(li.page)
    expect(li.page.locator(".jd-question")).to_have_text([li.question])
    has_only_its_own(li, wang)


def test_what_was_typed_and_not_sent_is_gone_with_who_typed_it(seats: list[Seat]) -> None:
    li, wang = seats
    question = li.page.locator("#jd-question textarea")
    question.fill("写了一半的话")
    li.page.reload()
    expect(question).to_have_value("写了一半的话")
    li.page.get_by_role("link", name="退出").click()
    log_in(li.page, wang.name)
    expect(li.page.locator(".jd-open")).to_have_text([wang.question], timeout=30_000)
    expect(question).to_have_value("")
