"""A draft that leaves out what was asked for gives way to the evidence."""

from __future__ import annotations

import pytest
from told import passage, selected

from assistant.service import SentenceSimilarity
from assistant.unfold import speakers
from assistant.verification import _turned, checked
from index import Embedder

PASSED = "2020年7月20日，泸州市委全会通过《泸州市委关于建设酒城的决定》，明确了建设酒城的任务书。"
LISTED = "2023年，泸州酒城创建国家级园区，机械园区入选示范名单。"
SAID = "“全国四分之一的酒瓶都来自泸州酒业。”泸州酒业副总经理许青表示。"


@pytest.mark.parametrize(
    ("question", "line", "draft", "said"),
    [
        ("泸州建设酒城的《决定》哪天通过的？", PASSED, "泸州市委全会通过《泸州市委关于建设酒城的决定》。", "7月20日"),
        ("泸州建设酒城的《决定》哪天通过的？", PASSED, "《决定》于2020年7月20日通过。", "7月20日通过"),
        ("泸州酒城哪年获批国家级园区？", LISTED, "酒城是2023年获批国家级园区的。", "创建国家级园区"),
        ("泸州机械园区哪年入选示范名单？", LISTED, "机械园区是2023年入选示范名单的。", "2023年入选"),
        ("全国四分之一的酒瓶都来自泸州酒业，这话出自谁？", SAID, "这句话出自泸州酒业。", "许青"),
        ("全国四分之一的酒瓶都来自泸州酒业，这话出自谁？", SAID, "泸州酒业副总经理许青。", "副总经理许青"),
    ],
)
def test_the_time_and_the_speaker_that_are_asked_for_are_said(
    embedder: Embedder, question: str, line: str, draft: str, said: str
) -> None:
    one = passage(line)
    found = selected(SentenceSimilarity(embedder), question, one)
    assert said in checked(found, draft, lambda source: one.text).answer


def test_speakers_stand_behind_their_posts() -> None:
    assert speakers("泸州市经信局局长周远航说，园区已有企业86家。") == ("周远航",)
    assert speakers("公司总经理许青对记者介绍，产值已达90亿元。") == ("许青",)
    assert speakers("泸州的产值已达90亿元。") == ()


def test_ahead_is_not_behind() -> None:
    told = "高新区企业缴税多了8.2%，这个速度高于全市1.7个百分点。"
    assert _turned("高新区的增速比全市低1.7个百分点。", told)
    assert not _turned("高新区的增速比全市高1.7个百分点。", told)
    assert not _turned("高新区的增速为8.2%。", told)
    assert not _turned("高新区的增速比全市低1.7个百分点。", "高新区GDP增长8.2%。")
