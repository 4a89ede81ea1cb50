"""Evidence -> a draft: written by the model, or quoted where the model is not to be trusted with it."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from assistant.periods import dated, find_periods
from assistant.query import Query
from assistant.schema import Evidence
from assistant.selection import Selection
from index import count_tokens
from prompts import render

# Of the evidence in a prompt; with the fixed part, the question and the reply it fits a context of 4,096.
EVIDENCE_TOKENS = 1500


def messages(query: Query, evidence: Sequence[Evidence]) -> list[BaseMessage]:
    """The conversation that asks the model for a draft; the fixed part comes first, so that it is cached."""
    lines = [f"【{_label(e)}】{_clean(e.sentence.text)}" for e in evidence]
    total = list(accumulate(count_tokens(line) for line in lines))
    return prompt("\n".join(lines[: max(1, bisect(total, EVIDENCE_TOKENS))]), query.text)


def prompt(evidence: str, question: str) -> list[BaseMessage]:
    """The messages with lines of `evidence`; empty strings leave the fixed part."""
    return [
        SystemMessage(render("system")),
        HumanMessage(render("example_question")),
        AIMessage(render("example_answer")),
        HumanMessage(render("answer", evidence=evidence, question=question)),
    ]


def _label(evidence: Evidence) -> str:
    passage = evidence.passage
    return f"{passage.place or passage.title}" + (f" {passage.date[:7]}" if passage.date else "")


def _clean(text: str) -> str:
    """Report text as one line, without the mark of a list, that cannot pose as a label of ours."""
    return re.sub(r"\s+", " ", text).lstrip("—–-■▶◆● ").replace("【", "〔").replace("】", "〕")


def write(query: Query, evidence: Sequence[Evidence], chat: BaseChatModel) -> Iterator[str]:
    """The model's draft, piece by piece; closing it ends the model's reply.

    Not an LCEL chain: closing one reads its input to the end (`_transform_stream_with_config`).
    """
    for chunk in chat.stream(messages(query, evidence)):
        yield str(chunk.text)


def quoted(selection: Selection, *, placed: bool = False) -> str:
    """The best sentence of the evidence as it stands; for lists and explanations, those that go on from it.

    `placed`: with the place in front of a sentence that does not name it.
    """
    if not selection.evidence:
        return ""
    best = selection.evidence[0]
    chosen = [best]
    if selection.whole:
        chosen += selection.evidence[1:]
    elif selection.query.kind in {"list", "definition", "how", "open"}:
        chosen += [e for e in selection.evidence[1:] if e.passage.source == best.passage.source]
    if selection.query.kind == "when" and not find_periods(selection.evidence[-1].sentence.text):
        chosen = list(selection.evidence[:2])  # the sentence that gives the time, then the one that is asked about
    told = "".join(_paragraphs(selection.query, chosen, placed=placed))
    return dated(told, best.passage.date) if selection.query.kind == "when" else told


def _paragraphs(query: Query, chosen: Sequence[Evidence], *, placed: bool) -> Iterator[str]:
    """Sentences as they stand; a heading with what stands under it as one sentence, a bare heading not at all."""
    several = placed or len({one.passage.place for one in chosen}) > 1 or query.kind in {"aggregate", "compare"}
    of_any = query.kind == "definition" and not (query.places or query.inherited)  # whose it is belongs to what it is
    at = 0
    while at < len(chosen):
        one, at = chosen[at], at + 1
        if one.sentence.kind != "heading" and not (at < len(chosen) and one.heads(chosen[at])):
            yield _ended(_placed(one, several=several or (of_any and not _TURN.match(one.sentence.text))))
            continue
        items = []
        while at < len(chosen) and one.heads(chosen[at]):
            items.append(_clean(chosen[at].sentence.text).rstrip("。；，"))
            at += 1
        if items:
            yield f"{_clean(one.sentence.text).rstrip('：')}：{'；'.join(items)}。"
        elif len(chosen) == 1:
            yield _ended(_placed(one, several=several))


def _placed(evidence: Evidence, *, several: bool) -> str:
    """The sentence; among those of several places, or of any, with its place in front, unless it names it."""
    text, place = _clean(evidence.sentence.text), evidence.passage.place
    return f"{place}：{text}" if several and place and place not in text else text


_TURN = re.compile("[\u3400-\u9fff]{2,4}：")  # of an interview


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "？", "”")) else text.rstrip("；，、：") + "。"


def refusal(selection: Selection) -> str:
    """One sentence that says what was looked for and is not in the reports."""
    query = selection.query
    matter = "、".join(query.terms[:4]) or query.text
    where = "、".join(query.places)
    when = "、".join(dict.fromkeys(p.text for p in query.periods))
    if "scope" in selection.missing:
        return f"报告中没有找到{where}整体{when}的“{matter}”。"
    if "period" in selection.missing:
        return f"报告中没有找到{where}{when}的“{matter}”。"
    if "matter" in selection.missing:
        return f"报告中没有找到{where}{when}关于“{matter}”的内容。"
    return f"报告中没有关于{'、'.join(selection.missing)}的资料。"
