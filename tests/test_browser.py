"""Asking, in a real Chromium: streaming, the queue, stopping, asking again, what goes wrong."""

from __future__ import annotations

import time

import pytest
from chat_pages import BROWSER, HOSTILE, QUESTION, REPLY, FakeEndpoint, answered, ask, open_chat
from playwright.sync_api import Page, expect

pytestmark = BROWSER
OTHER = "西昌市2023年规上企业有多少家？"


def test_an_answer_streams_and_its_mark_opens_the_source(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.pause = 0.15
    ask(page, QUESTION)
    expect(page.locator(".jd-draft")).to_contain_text("涪陵区", timeout=60_000)
    expect(page.locator(".jd-steps .now")).to_have_text("撰写")
    answered(page)
    expect(page.locator(".jd-text")).to_contain_text("73.6万亩")
    assert page.locator(".jd-figure.ok", has_text="73.6万亩").get_attribute("title") == "已与原文核对（出处 1）"
    chip = page.locator(".jd-text .jd-chip").first
    chip.hover()
    expect(page.locator(".jd-tip")).to_contain_text("青菜头种植面积73.6万亩")
    chip.click()
    expect(page.locator(".jd-panel h3")).to_have_text("涪陵：一颗青菜头的产业链")
    expect(page.locator(".jd-source mark")).to_contain_text("青菜头种植面积73.6万亩")
    expect(page.locator(".jd-source")).to_contain_text("带动农户16万户")
    expect(chip).to_have_class("jd-chip open")


def test_questions_sent_meanwhile_wait_and_can_be_taken_back(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.pause = 0.15
    for count, question in enumerate((QUESTION, OTHER, "西昌市2023年完成工业投资多少？"), 1):
        ask(page, question)  # nobody types the next one before this one is seen
        expect(page.locator(".jd-question")).to_have_count(count, timeout=30_000)
    queued = page.locator(".jd-queued")
    expect(queued).to_have_count(2, timeout=30_000)
    expect(queued.nth(1)).to_contain_text("排在第 2 位")
    queued.nth(1).locator("[data-withdraw]").click()
    expect(queued).to_have_count(1)
    endpoint.pause = 0.0
    answered(page, 2)
    expect(page.locator(".jd-question")).to_have_text([QUESTION, OTHER, "西昌市2023年完成工业投资多少？"])
    expect(page.locator(".jd-stopped")).to_have_count(1)


def test_stop_ends_the_answer_and_the_next_question_works(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.reply, endpoint.pause = REPLY * 20, 0.2
    cut = endpoint.cut
    ask(page, QUESTION)
    expect(page.locator(".jd-draft")).to_contain_text("涪陵区", timeout=60_000)
    page.locator("#jd-stop").click()
    expect(page.locator(".jd-stopped")).to_be_visible()
    expect(page.locator(".jd-live")).to_have_count(0)
    deadline = time.monotonic() + 10
    while endpoint.cut == cut and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert endpoint.cut == cut + 1, "the model goes on writing after the stop"
    endpoint.reply, endpoint.pause = REPLY, 0.0
    page.locator("[data-again]").click()
    answered(page)
    expect(page.locator(".jd-question")).to_have_text([QUESTION])


def test_a_question_is_changed_and_asked_again(page: Page) -> None:
    ask(page, QUESTION)
    answered(page)
    ask(page, "那带动了多少农户？")
    answered(page, 2)
    page.locator("[data-edit]").first.click()
    expect(page.locator("#jd-question textarea")).to_have_value(QUESTION)
    expect(page.locator("#jd-composer")).to_contain_class("editing")
    ask(page, OTHER)
    expect(page.locator(".jd-question")).to_have_text([OTHER])
    answered(page)
    expect(page.locator("#jd-composer")).not_to_contain_class("editing")


def test_a_page_reloaded_in_mid_answer_finds_the_question_and_its_answer(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.pause = 1.5  # the draft stands while a slow browser loads the page
    ask(page, QUESTION)
    expect(page.locator(".jd-draft")).to_contain_text("涪陵区", timeout=60_000)
    page.locator("#jd-question textarea").fill("还没写完")
    page.reload()
    expect(page.locator(".jd-question")).to_have_text([QUESTION], timeout=30_000)
    expect(page.locator(".jd-draft")).to_contain_text("涪陵区", timeout=30_000)
    expect(page.locator("#jd-question textarea")).to_have_value("还没写完")
    endpoint.pause = 0.0
    answered(page)
    expect(page.locator(".jd-text")).to_contain_text("73.6万亩")


def test_an_offered_question_is_asked_with_a_click(page: Page) -> None:
    page.locator("[data-ask]").first.click()
    answered(page)


def test_after_an_answer_others_are_offered_that_the_reports_answer(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.reply = "2023年，西昌市规上企业达到35家。"
    ask(page, OTHER)
    answered(page)
    more = page.locator(".jd-more [data-ask]")
    expect(more.first).to_be_visible()
    offered = more.first.inner_text()
    assert OTHER not in more.all_inner_texts()
    more.first.click()
    answered(page, 2)
    expect(page.locator(".jd-question")).to_have_text([OTHER, offered])
    assert page.locator(".jd-text .jd-chip").count() > 1


def test_what_a_report_and_a_user_wrote_stays_text(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.reply = f"涪陵区榨菜标识的写法是{HOSTILE} **加粗** $x^2$，共有3种。"
    ask(page, f"涪陵区榨菜标识的写法是什么？{HOSTILE}")
    answered(page)
    expect(page.locator(".jd-question")).to_contain_text(HOSTILE)
    if page.locator(".jd-text .jd-chip").count() == 0:
        ask(page, QUESTION)  # the same paragraph stands in this source
        answered(page, 2)
    page.locator(".jd-text .jd-chip").first.click()
    expect(page.locator(".jd-source")).to_contain_text(HOSTILE)
    expect(page.locator(".jd-source")).to_contain_text("**加粗** $x^2$")
    assert page.locator("#jd-main img, #jd-main script, #jd-main a").count() == 0
    assert page.title() == "据典"


def test_failures_are_chinese_sentences_in_the_chat(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.broken = True
    ask(page, QUESTION)
    said = page.locator("#jd-conversation .jd-answer")
    expect(said).to_have_count(1, timeout=90_000)
    assert "：" in said.inner_text()
    assert "Traceback" not in page.content()
    assert page.locator(".toast-body").count() == 0


def test_blank_and_overlong_questions(page: Page) -> None:
    ask(page, "   ")
    page.wait_for_timeout(500)
    expect(page.locator(".jd-turn")).to_have_count(0)
    expect(page.locator(".jd-welcome")).to_be_visible()
    page.locator("#jd-question textarea").evaluate("box => box.removeAttribute('maxlength')")
    ask(page, "长" * 3001)
    expect(page.locator(".jd-error")).to_contain_text("3000 字的上限")


@pytest.mark.timeout(120)
def test_a_question_of_three_thousand_characters_is_answered_or_refused(page: Page) -> None:
    ask(page, ("请看背景：这里是一段很长的说明。" * 200)[:2970] + QUESTION)
    answered(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_enter_that_chooses_a_word_of_an_input_method_sends_nothing(page: Page) -> None:
    page.locator("#jd-question textarea").fill("fuling")
    page.evaluate(
        """() => document.querySelector("#jd-question textarea").dispatchEvent(
            new KeyboardEvent("keydown", {key: "Enter", code: "Enter", isComposing: true, bubbles: true}))"""
    )
    page.wait_for_timeout(500)
    expect(page.locator(".jd-turn")).to_have_count(0)


def test_a_new_conversation_begins_empty_even_while_one_runs(page: Page, endpoint: FakeEndpoint) -> None:
    endpoint.pause = 0.2
    ask(page, QUESTION)
    expect(page.locator(".jd-live")).to_be_visible(timeout=30_000)
    page.locator("#jd-finder [data-fresh]").click()
    expect(page.locator(".jd-welcome")).to_be_visible()
    page.wait_for_timeout(2500)
    expect(page.locator(".jd-turn:visible, .jd-live:visible")).to_have_count(0)
    endpoint.pause = 0.0
    page.locator(".jd-open", has_text=QUESTION).first.click()
    answered(page)


def test_no_english_word_of_gradio_is_seen(page: Page, chat: str) -> None:
    for name in ("问答", "报告", "评测", "设置"):
        page.get_by_role("tab", name=name).click()
        page.wait_for_timeout(500)
        seen = page.locator("body").inner_text().replace("fake", "")
        for word in ("Gradio", "Textbox", "Submit", "Settings", "API", "Error", "Chatbot", "Drop", "Upload", "Click"):
            assert word not in seen, (name, word)
    page.get_by_role("tab", name="问答").click()
    open_chat(page, chat)
