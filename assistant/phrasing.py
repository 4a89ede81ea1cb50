"""A question as it was typed -> the same in written form: characters, digits, spelling, without what is no question."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from index import place_names

# Clauses that order the assistant about instead of asking: they are not part of what is looked up.
_ORDERS = re.compile(
    r"[^，。；！？：\n]*(忽略|无视|作废|以后每个|以后都|不要管|别管|抛开|不用管|忘记|忘掉|不必理会|假装|扮演|你现在是|系统提示|提示词|不要引用|不用引用|不需要引用"
    r"|编一个|编个|瞎编|随便编|捏造|必须回答|只能回答|统一回答|照我说)[^，。；！？：\n]*[，。；！？：\n]?"
)
_ENGLISH_ORDERS = re.compile(
    r"(?:[A-Za-z'’]+[ ,]+)*(?:ignore|disregard|forget|pretend|you are now|system prompt)\b"
    r"(?:[ ,]*[A-Za-z'’]+)*[.!;:]*\s*",
    re.IGNORECASE,
)
_COLLOQUIAL = {
    "几多": "多少",
    "块钱": "元",
    "万块": "万元",
    "多少钱": "多少元",
    "里头": "里",
    "涨了": "增长",
    "增长速度": "增速",
    "增长率": "增速",
    "几个点": "几个百分点",
    "排老几": "排第几",
    "老几": "第几",
    "使劲冲": "力争",
    "使把劲": "力争",
    "谁家": "哪个地方",
    "厂子": "企业",
    "厂家": "企业",
    "交税": "缴税",
    "上税": "缴税",
    "砸了": "投资",
    "砸进": "投资",
    "地盘": "面积",
}
# Clauses that say how to answer (一个不落地列出来, 不要冲刺数) and parts of speech that only open a conversation.
_MANNER = re.compile(
    r"[，,；;：:。？?]\s*(?:请?(?:你|麻烦)?)?(?:先说|只说|只要|只看|不要|别|不用|不是|一个不[落漏少]|逐[个一条项]|一一|完整|[请都]?列[全出]|都?算上"
    r"|都要|分开说|按\S{1,4}说|简单|简短|详细|用一句话|直接说|说清楚|说明白|把\S{1,6}(?:都|全)?(?:找|列|说|写)出来|麻烦)"
    r"[^，,；;。？?多几哪谁什]*(?=[，,；;。？?！!]|$)"
)
_ASIDE = re.compile(r"[（(](?:不是|不要)[^）)]*[）)]")
_WHO_OF_ALL = re.compile(
    r"((?:[几两二三四五六七八九十\d]|这些|各|所有)[份篇个]?(?:材料|报告|报道|稿子|文章|资料)[里中]?，?)谁"
)
_GREETING = r"(?:你好|您好|喂|嗨|老师|朋友|帅哥|美女|麻烦|劳驾|打扰一下)[，,！!。\s]*"
_OPENING = re.compile(
    rf"^(?:{_GREETING})*(?:[\u3400-\u9fff]{{0,4}}(?:问一句|问一下|问个事|请教一下|想问问?|想请问)[：:，,\s]*)?"
)


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def rephrased(question: str) -> str:
    """Simplified characters, half-width letters and digits, Chinese punctuation kept, no orders to the assistant."""
    text = "".join(unicodedata.normalize("NFKC", c) if c.isalnum() or c in "％．" else c for c in question.strip())
    text = _spelled(re.sub(r"\s+", " ", str(_simplifier().convert(text))))
    for said, written in _COLLOQUIAL.items():
        text = text.replace(said, written)
    free = _ORDERS.sub("", _ENGLISH_ORDERS.sub("", text)).strip(" ，。；：")
    free = re.sub(r"^(?:先|再|然后|接着|最后)(?:回答|告诉我)?[：:，,]?", "", free) or text
    free = _WHO_OF_ALL.sub(r"\1哪些地方", free)
    bare = _MANNER.sub("", _OPENING.sub("", _ASIDE.sub("", free)))
    return bare if len(bare) > 3 else free


_SYLLABLES = (
    "产值",
    "规上",
    "工业",
    "企业",
    "园区",
    "目标",
    "增速",
    "增长",
    "投资",
    "产业",
    "项目",
    "面积",
    "收入",
    "县",
    "市",
    "区",
)


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, str]:
    """Toneless pinyin -> the place or word of the trade that is spelled so; the larger place wins."""
    from pypinyin import lazy_pinyin

    spelled = {"".join(lazy_pinyin(word)): word for word in (*reversed(place_names()), *_SYLLABLES)}
    return {sound: word for sound, word in spelled.items() if len(sound) > 4 or word in _SYLLABLES}


def _spelled(text: str) -> str:
    """Places and words of the trade typed in pinyin (leshan, guishang) in characters; other Latin words stay."""

    def read(found: re.Match[str]) -> str:
        word = re.sub(r"(?:shi|xian|qu)$", "", found[0].lower())
        return _by_sound().get(found[0].lower(), _by_sound().get(word, found[0]))

    return re.sub(r"(?<![A-Za-z])[A-Za-z]{5,}(?![A-Za-z])", read, text) if re.search("[A-Za-z]{5}", text) else text
