"""The page 评测 in a real Chromium, with the real evaluation over a small suite."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from chat_pages import BROWSER, PICTURES
from playwright.sync_api import Browser, Page, expect
from window_parts import tab, window

from assistant import EvaluationJob, InputError
from evals.service import Evaluation
from index import Embedder


def in_browser(test: Any) -> Any:
    for mark in BROWSER:
        test = mark(test)
    return test


HOSTILE = '<img src=http://example.com/a.png onerror=alert(1)><script>document.title="bad"</script>'
XICHANG = (
    "# 西昌：工业一年\n\n2023年12月20日\n\n2023年，西昌市规上企业达到35家，比上年多4家。"
    "2023年，西昌市完成工业投资46.2亿元。\n"
)
QUESTIONS = [
    ("2023年西昌市规上企业有多少家？", [["35家"]]),
    ("2023年西昌市完成工业投资多少？", [["46.2亿元"]]),
    (f"西昌市规上企业比上年多几家？{HOSTILE}", [["999家"]]),
]
SUITE = "本处.jsonl"


def write_suite(folder: Path) -> None:
    folder.mkdir(parents=True)
    lines = [
        {"id": f"fact-{n}", "class": "fact", "question": question, "answerable": True, "accept": accept, "evidence": []}
        for n, (question, accept) in enumerate(QUESTIONS)
    ]
    (folder / SUITE).write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("evaluation")
    write_suite(folder / "suites")
    with window(folder, {"西昌.md": XICHANG}, embedder, evaluation=Evaluation) as (opened, _):
        yield opened


def choose(page: Page, field: str, words: str) -> None:
    page.locator(f"{field} input").click()
    page.get_by_role("option", name=words).first.click()


def evaluate(page: Page) -> None:
    chosen = page.locator("#jd-esuite input")
    expect(chosen).to_have_value(re.compile("题）$"), timeout=30_000)
    if SUITE not in chosen.input_value():
        choose(page, "#jd-esuite", SUITE)
    page.locator("#jd-estart").click()
    expect(page.locator("#jd-erun")).to_contain_text(f"{SUITE}：3 / 3 题，答对 2", timeout=90_000)


@in_browser
def test_a_run_is_started_kept_reported_and_compared(browser: Browser, address: str) -> None:
    with tab(browser, address, "评测") as page:
        kept = page.locator("#jd-eruns tbody tr").count()
        evaluate(page)
        expect(page.locator("#jd-eruns tbody tr")).to_have_count(kept + 1, timeout=15_000)
        row = page.locator("#jd-eruns tbody tr").first
        expect(row).to_contain_text("66.7%")
        expect(row).to_contain_text("只摘引原文")
        expect(page.locator("#jd-esuite input")).to_have_value(f"{SUITE}（3 题）")  # still the one chosen
        evaluate(page)
        expect(page.locator("#jd-eruns tbody tr")).to_have_count(kept + 2, timeout=15_000)
        page.locator("#jd-ecompare").click()
        expect(page.locator("#jd-ecomparison")).to_contain_text("共有 3 题：先前 66.7%，后来 66.7%")
        row.get_by_role("button", name="看报告").click()
        frame = page.frame_locator("iframe.jd-eframe")
        expect(frame.locator("body")).to_contain_text("46.2亿元", timeout=15_000)
        expect(frame.locator("body")).to_contain_text(HOSTILE)
        assert page.locator("iframe.jd-eframe").get_attribute("sandbox") == "allow-scripts"
        assert page.title() == "据典"
        page.locator("#jd-ereport [data-do=close]").click()
        expect(page.locator("#jd-estart")).to_be_visible()


@in_browser
def test_comparing_wants_two_runs(browser: Browser, tmp_path: Path, embedder: Embedder) -> None:
    with (
        window(tmp_path, {"西昌.md": XICHANG}, embedder, evaluation=Evaluation) as (opened, _),
        tab(browser, opened, "评测") as page,
    ):
        expect(page.locator("#jd-eruns")).to_contain_text("还没有评测过")
        page.locator("#jd-ecompare").click()
        expect(page.locator("#jd-ecomparison")).to_contain_text("要选好先前和后来两次评测")


@in_browser
def test_without_an_evaluation_the_page_says_so(browser: Browser, tmp_path: Path, embedder: Embedder) -> None:
    with window(tmp_path, {"西昌.md": XICHANG}, embedder) as (opened, _), tab(browser, opened, "评测") as page:
        expect(page.locator("#jd-evaluation")).to_contain_text("judian eval")
        assert page.locator("#jd-estart").count() == 0


@in_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 768, 375])
def test_pictures(browser: Browser, address: str, width: int, theme: str) -> None:
    """Every size and both themes, for a reader to look at; nothing is wider than the screen."""
    PICTURES.mkdir(exist_ok=True)
    with tab(browser, address, "评测", width=width, theme=theme) as page:
        evaluate(page)
        expect(page.locator("#jd-eruns tbody tr").first).to_be_visible(timeout=15_000)
        page.screenshot(path=PICTURES / f"{width}-{theme}-evaluation.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.locator("[data-do=show]").first.click()
        expect(page.frame_locator("iframe.jd-eframe").locator("body")).to_contain_text("46.2亿元", timeout=15_000)
        page.screenshot(path=PICTURES / f"{width}-{theme}-evaluation-report.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


class Slow:
    """An evaluation of ten questions, each of which waits until it is told to go on."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.fails: Exception | None = None

    def start(self, suite: str, *, assistant: Any, progress: Any, cancelled: Any) -> Any:
        for done in range(10):
            progress(SimpleNamespace(done=done, total=10, correct=done, question=f"{suite} {done}"))
            if cancelled():
                return None
            assert self.go.acquire(timeout=10)
            if self.fails:
                raise self.fails
        return SimpleNamespace(name="run-1")


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def job(slow: Slow) -> EvaluationJob:
    nobody: Any = SimpleNamespace(empty=False)
    return EvaluationJob(slow, nobody)


def test_one_run_at_a_time_and_cancelling_ends_it(slow: Slow, job: EvaluationJob) -> None:
    assert not job.cancel()
    assert job.start("题库")
    assert not job.start("题库")
    assert job.cancel()
    assert job.state.cancelling
    slow.go.release()
    state = job.wait(10)
    assert (state.status, state.total, state.cancelling) == ("cancelled", 10, False)
    assert job.start("题库")
    slow.go.release(10)
    state = job.wait(10)
    assert (state.status, state.run, state.number) == ("done", "run-1", 2)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (InputError("题库坏了：请换一个。"), "题库坏了：请换一个。"),
        (RuntimeError("no one foresaw this"), "评测时出了意外的错误"),
    ],
)
def test_a_run_that_fails_is_a_sentence(slow: Slow, job: EvaluationJob, error: Exception, sentence: str) -> None:
    slow.fails = error
    assert job.start("题库")
    slow.go.release()
    state = job.wait(10)
    assert state.status == "failed"
    assert state.error.startswith(sentence)
    assert not job.cancel()
