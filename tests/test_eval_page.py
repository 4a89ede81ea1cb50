"""The report page: all text stays text, nothing is loaded from elsewhere, and it shows what went wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from assistant import Citation, Figure
from evals.failures import STAGES, failure
from evals.markup import Html, tag, text
from evals.metrics import Reply, score
from evals.outcome import Outcome, measure
from evals.page import page
from evals.page_questions import anchor
from evals.runs import Run
from evals.suite import Question

TEXT = "青禾县规上企业35家，种植天麻。药材面积12.5万亩。"
QUESTION = Question.model_validate(
    {
        "id": "q1",
        "class": "fact",
        "question": "青禾县规上企业多少家？",
        "answerable": True,
        "accept": [["35家"]],
        "forbid": ["53家"],
        "evidence": [{"source": "青禾.md", "quote": "规上企业35家"}],
    }
)
TRAP = QUESTION.model_copy(update={"id": "q2", "answerable": False, "accept": (), "evidence": (), "forbid": ()})
CITED = Citation(1, "青禾.md", "青禾", "2023-01", None, 0, 16, TEXT[:16])
GOOD: dict[str, Any] = {
    "status": "answered",
    "answer": "规上企业35家[1]。",
    "citations": [{name: getattr(CITED, name) for name in Citation.__slots__}],
    "figures": [{"text": "35家", "verified": True, "citation": 1}],
    "retrieved": [{"source": "青禾.md", "start": 0, "end": len(TEXT), "score": 1.0}],
    "seconds": {"retrieve": 0.1, "total": 0.2},
}
RESULT = {
    "suites": ["s.jsonl"],
    "model": "m",
    "index_version": "v1",
    "commit": "abc",
    "finished_at": "2026-11-21T08:00:00+00:00",
}


def outcome(question: Question = QUESTION, **changes: Any) -> Outcome:
    record = {"answer": GOOD | changes, "first_token": 0.1, "total": 0.2}
    return measure(question, record, lambda source: TEXT)


class Seen(HTMLParser):
    """What a browser would make of the page: elements with their attributes, and the text between them."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


EVIL = "</script><img src=http://a.example/x onerror=alert(1)>\"'&<b>恶</b>\x1b[31m\u202e"


def evil_page() -> str:
    question = Question.model_validate(
        {
            "id": EVIL,
            "class": EVIL,
            "question": EVIL,
            "history": [EVIL],
            "answerable": True,
            "accept": [[EVIL, EVIL]],
            "forbid": ["无" + EVIL],
            "evidence": [{"source": EVIL, "quote": EVIL}],
            "tags": [EVIL],
        }
    )
    cited = replace(CITED, source=EVIL, title=EVIL, date=EVIL, quote=EVIL)
    one = outcome(question, answer=EVIL + "[1]", status=EVIL, seconds={EVIL: 1.0})
    one = replace(one, reply=replace(one.reply, citations=(cited,), figures=(Figure(EVIL, False, None),)))
    earlier = Run(EVIL, {}, {EVIL: {"correct": True, "answer": "旧" + EVIL}})
    summary = {"groups": {"全部": {"accuracy": 0.5, "interval": [0, 1]}}}
    told = {"model": EVIL, "finished_at": EVIL, "commit": EVIL, "summary": summary}
    return page(
        {name: [EVIL] if name == "suites" else EVIL for name in RESULT},
        [one],
        earlier=earlier,
        history=[Run(EVIL, told, {})],
    )


def test_what_was_written_by_others_stays_text() -> None:
    document = evil_page()
    plain = page(RESULT, [outcome()], earlier=Run("基线", {}, {}), history=[])
    assert {name for name, _ in Seen(document).elements} <= {name for name, _ in Seen(plain).elements} | {
        "del", "ins", "polyline", "circle",
    }  # fmt: skip
    assert "img" not in {name for name, _ in Seen(document).elements}
    assert not any(key.startswith("on") for _, attributes in Seen(document).elements for key in attributes)
    assert "\x1b" not in document
    assert "\u202e" not in document
    assert Seen(document).words.count("<b>恶</b>") >= 12


def test_nothing_is_loaded_from_elsewhere() -> None:
    document = page(RESULT, [outcome()])
    elements = Seen(document).elements
    assert not [name for name, _ in elements if name in ("link", "iframe", "img", "object", "embed", "base", "form")]
    assert not [attributes for _, attributes in elements if "src" in attributes]
    assert all(str(a["href"]).startswith("#") for _, a in elements if "href" in a)
    assert not re.search(r"https?://|@import|url\(", document)
    assert "default-src 'none'" in document
    assert len([name for name, _ in elements if name == "script"]) == 1


def test_ids_are_unique_and_links_lead_somewhere() -> None:
    twice = [outcome(), outcome(QUESTION.model_copy(update={"id": "q 1/<"}))]
    elements = Seen(page(RESULT, twice)).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for _, a in elements if "href" in a} <= set(ids)
    assert anchor(twice[1].question) == "q-q.201.2f.3c"


def test_an_answer_shows_its_figures_and_its_evidence() -> None:
    document = page(RESULT, [outcome()])
    assert '<span class="ok" title="已核对">35家</span>' in document
    assert '<a href="#q-q1-c1" class="mark">1</a>' in document
    assert "<mark>规上企业35家</mark>" in document
    assert '<span class="chip right">35家</span>' in document
    wrong = page(
        RESULT, [outcome(answer="规上企业53家。", figures=[{"text": "53家", "verified": False, "citation": None}])]
    )
    assert '<span class="bad" title="未核对">53家</span>' in wrong
    assert '<span class="chip wrong">35家</span>' in wrong
    assert '<span class="chip wrong">不得出现：53家</span>' in wrong


def test_the_difference_to_the_earlier_run_is_shown() -> None:
    earlier = Run("基线", {}, {"q1": {"correct": False, "answer": "规上企业36家[1]。"}})
    document = page(RESULT, [outcome()], earlier=earlier)
    assert "规上企业3<del>6</del><ins>5</ins>家" in document
    assert "变对 1 道，变错 0 道" in document
    same = Run("基线", {}, {"q1": {"correct": True, "answer": GOOD["answer"]}})
    assert "<del>" not in page(RESULT, [outcome()], earlier=same)


NOT_FOUND = [{"source": "别处.md", "start": 0, "end": 9, "score": 1.0}]
ELSEWHERE = [GOOD["citations"][0] | {"start": 17, "end": 26, "quote": TEXT[17:26]}]
UNVERIFIED = [{"text": "53家", "verified": False, "citation": None}]


@pytest.mark.parametrize(
    ("question", "changes", "stage"),
    [
        (QUESTION, {}, ""),
        (QUESTION, {"answer": "53家。", "retrieved": NOT_FOUND, "citations": []}, "missed"),
        (QUESTION, {"status": "refused", "retrieved": NOT_FOUND, "citations": []}, "missed"),
        (QUESTION, {"status": "refused", "citations": []}, "refused"),
        (QUESTION, {"answer": "面积12.5万亩[1]。", "citations": ELSEWHERE}, "unused"),
        (QUESTION, {"answer": "53家[1]。", "figures": UNVERIFIED}, "unverified"),
        (QUESTION, {"answer": "种植天麻[1]。", "figures": []}, "wording"),
        (TRAP, {}, "invented"),
        (TRAP, {"status": "refused"}, ""),
    ],
)
def test_a_failure_is_charged_to_the_step_that_made_it(question: Question, changes: dict[str, Any], stage: str) -> None:
    one = outcome(question, **changes)
    assert one.stage == stage
    if stage:
        assert STAGES[stage][0] in page(RESULT, [one])


def test_without_gold_evidence_retrieval_is_not_blamed() -> None:
    bare = QUESTION.model_copy(update={"evidence": ()})
    reply = Reply("refused", "没有。", (), (), (), 0.1, 0.1)
    assert failure(bare, reply, score(bare, reply, lambda source: TEXT)) == "refused"


def test_markup_escapes_every_str() -> None:
    assert tag("p", "<b>", tag("i", "&"), title='"x"') == '<p title="&quot;x&quot;">&lt;b&gt;<i>&amp;</i></p>'
    assert tag("p", Html("<br>"), hidden=True, lang=None) == "<p hidden><br></p>"
    assert text("a\x00b\u202e\nc") == "ab\nc"


@pytest.fixture
def opened(tmp_path: Path, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page of a right and a wrong answer in a real Chromium, with all that it asked for or complained of."""
    wrong = outcome(QUESTION.model_copy(update={"id": "q2", "question": "种什么？"}), answer="种天麻[1]。")
    earlier = Run("基线", {}, {"q2": {"correct": True, "answer": "35家"}})
    (tmp_path / "report.html").write_text(page(RESULT, [outcome(), wrong], earlier=earlier), encoding="utf-8")
    with browser.new_context() as context:
        seen: list[str] = []
        shown = context.new_page()
        shown.on("request", lambda request: seen.append(request.url))
        shown.on("console", lambda message: seen.append(message.text))
        shown.goto((tmp_path / "report.html").as_uri())
        yield shown, seen


@pytest.mark.browser
def test_the_page_works_in_a_browser_and_asks_for_nothing(opened: tuple[Page, list[str]]) -> None:
    shown, seen = opened
    assert shown.locator(".question:visible").count() == 2
    shown.locator("#filters button", has_text="答错").click()
    assert shown.locator(".question:visible .asked").all_inner_texts() == ["种什么？"]
    shown.locator("#filters button", has_text="全部").click()
    shown.locator("#filters input").fill("规上企业多少")
    assert shown.locator(".question:visible .asked").all_inner_texts() == ["青禾县规上企业多少家？"]
    shown.locator(".links a", has_text="种什么？").click()
    assert shown.locator("#q-q2 .answer").first.is_visible()
    assert seen == [shown.url.partition("#")[0]]


@pytest.mark.browser
def test_a_script_that_was_written_into_a_report_cannot_run(tmp_path: Path, opened: tuple[Page, list[str]]) -> None:
    """The page's policy holds even where escaping were forgotten."""
    shown, _ = opened
    document = (tmp_path / "report.html").read_text(encoding="utf-8")
    broken = document.replace("</main>", "<script>document.title = 'x'</script></main>")
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    shown.goto((tmp_path / "broken.html").as_uri())
    assert shown.title() == "据典评测报告"
