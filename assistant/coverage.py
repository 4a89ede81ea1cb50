"""How far a sentence speaks of what a question asks about: its words, its place, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from assistant.wordclass import cut, known_words, matter
from index import Passage, count_tokens, find_places

# Words that matter no more than this are of the asking.
_ASKING = 0.1

# From which presence on a word is there, be it abbreviated or in part.
THERE = 0.5

# What a word in the title or section counts for.
_CONTEXT = 0.75

# What is left of a longer word (制 of 链长制), and what it counts for.
_ENDINGS, _OF_ENDING = frozenset("制性型式级类化度者员"), 0.4

# Words that say what sort of figure is wanted, not of what: their absence from a sentence proves nothing.
_GENERIC = frozenset(
    (
        "数量 规模 情况 水平 数字 数据 内容 名称 方面 时间 工作 发展 建设 推进 项目 企业 全市 全县 "
        "全区 全年 年度 总数 个数 户数 家数 人数 金额 总额 目标 计划 力争 预计 以来 期间 时期 左右 "
        "以上 以下 同比 累计 新增 提出 打造 形成 地区 城市 占比 比重 排名 位居 名次 "
    ).split()
)
# Words of asking and of telling, which a sentence that answers need not hold.
_EMPTY = frozenset(
    (
        "公布 披露 提及 涉及 谈到 提到 报告 资料 地方 那边 这边 职务 职位 担任 身份 产自 来自 加起来 加 起来 一起 "
        "合起来 "
        "提法 叫法 叫 称为 名字 具体 大约 大概 应该 需要 能 可以 实际 分 共 总 靠 用 做 干 当 看 上 "
        "下 中 内 人 家 户 个 元 些 年 月 日 意思 含义 说法 描述 记载 写 介绍 指 什 么 按 按照 根据 "
        "打算 准备 推算 干出 做出 做到 有望 不算 时候 采访 稿子 文章 报道 材料 出现 做到 举办 举行 "
        "属于 一下 咋 啥 是否 有关 相关 关于 对 给 让 使 去 来 到 过 并 而 但 或 以 之 这 那 它 他 "
        "她 我 你 您 请 谁 何 几 多 少 不 没 没有 已经 曾 哪 "
        "觉得 认为 感到 感觉 以为 想 "
        "搞 弄 整 拿 砸 掏 凑 出来 起来 下来 上来 出去 进去 回来 那家 这家 "
    ).split()
)
_ALIKE = (
    ("增速", "增长", "增幅", "提高", "上升", "涨"),
    ("规上", "规模以上"),
    ("工业企业", "企业", "公司", "厂子", "工厂", "厂家"),
    ("省域", "全省"),
    ("输送", "输出"),
    ("集聚", "聚集", "汇聚", "扎堆"),
    ("节约", "节省", "省下", "省"),
    ("补贴", "补助", "奖补", "补"),
    ("智慧", "智能"),
    ("新建", "建设", "修建", "新修", "修"),
    ("管道", "管线", "管子"),
    ("老板", "董事长", "总经理", "负责人"),
    ("税收", "缴税", "交税", "纳税", "上税"),
    ("生产", "制造", "造", "产能", "产量", "能造"),
    ("员工", "职工", "工人", "人手"),
    ("落户", "进驻", "入驻", "搬来"),
    ("占比", "比重", "占", "占到"),
    ("排名", "位列", "位居", "居", "排", "名次", "第"),
    ("总产值", "产值"),
    ("GDP", "地区生产总值", "生产总值", "经济总量"),
    ("投资额", "投资", "投入", "花钱", "砸"),
    ("面积", "平方公里", "平方米", "亩"),
    ("书记", "局长", "负责人", "总经理", "副总经理"),
    ("签约", "签下", "新签", "合同"),
    ("主攻", "聚焦", "主打", "主抓"),
    ("培育", "打造", "构建", "壮大", "做强"),
    ("营收", "营业收入", "营业额", "销售收入"),
    ("总金额", "金额", "资金", "总额"),
    ("进位", "前进", "前移", "提升", "跃升"),
    ("高新区", "高新技术产业园", "高新技术产业开发区"),
    ("国家级", "国家高新", "国家经开"),
    ("千亿级", "千亿"),
    ("百亿级", "百亿"),
    ("投产", "建成", "开工", "动工", "投用", "投运"),
)

_JOINING = "做搞弄说问讲里外前后时要得所由被把将从在于及其各都也还就又再最很该每"


def content_words(terms: Sequence[str]) -> tuple[str, ...]:
    """The distinct words of a question's `terms`, in order."""
    found = [word for term in terms for word in ((term,) if term.isascii() else cut(term))]
    bare = (word if _known(word) else word.strip(_JOINING) for word in found)
    counted = (w[:-1] if len(w) > 2 and w.endswith("数") else w for w in bare)  # 企业数 counts 企业
    kept = (w for w in counted if w and w not in _EMPTY and re.search(r"\w", w) and matter(w) > _ASKING)
    return tuple(dict.fromkeys(kept))


def _known(word: str) -> bool:
    return len(word) > 1 and len(known_words(word)) == 1


def presence(word: str, text: str) -> float:
    """How far `word` is in `text`: 1 whole or by a near-synonym, less by its characters in order or in part."""
    if word in text:
        return 1.0
    if any(other in text for other in _alike(word)):
        return 0.9
    missing = sum(character not in text for character in word)
    if not missing and (pattern := _abbreviated(word)) and pattern.search(text):
        return 0.85
    if missing <= 1 and (pattern := _mistyped(word)) and pattern.search(text):
        return 0.8
    pairs = [a + b for a, b in pairwise(word)]
    if len(word) > 2 and pairs:
        return 0.8 * sum(pair in text for pair in pairs) / len(pairs)
    return 0.0


@lru_cache(maxsize=4096)
def _alike(word: str) -> tuple[str, ...]:
    return tuple(other for group in _ALIKE if word in group for other in group)


@lru_cache(maxsize=4096)
def _abbreviated(word: str) -> re.Pattern[str] | None:
    """规上 abbreviates 规模以上; a word of the vocabulary such as 工资 abbreviates nothing."""
    if len(word) < 2 or count_tokens(word) < 2:
        return None
    return re.compile(".{0,3}?".join(map(re.escape, word)))


@lru_cache(maxsize=4096)
def _mistyped(word: str) -> re.Pattern[str] | None:
    """The word with one character mistyped or misread; None for one too short to tell."""
    if len(word) < 4:
        return None
    return re.compile("|".join(f"{re.escape(word[:i])}.{re.escape(word[i + 1 :])}" for i in range(len(word))))


def coverage(wanted: Sequence[str], rarity: Mapping[str, float], text: str, context: str) -> float:
    """Share of the rarity of `wanted` words that `text` (or, at a discount, its `context`) speaks of."""
    weights = [weight(word, rarity) for word in wanted]
    total = sum(weights)
    if not total:
        return 1.0
    found = 0.0
    for word, counts in zip(wanted, weights, strict=True):
        held = presence(word, text)
        if held < _CONTEXT:
            held = max(held, _CONTEXT * presence(word, context))
        found += counts * held
    return found / total


def weight(word: str, rarity: Mapping[str, float]) -> float:
    """How much a word of a question counts: rare ones more, words that only say what sort of figure is meant less."""
    little = 0.15 if word in _GENERIC else _OF_ENDING if word in _ENDINGS else 1.0
    return (0.2 + 0.8 * rarity.get(word, 1.0)) * little * matter(word)


def speaks_of(passage: Passage, place: str) -> bool:
    """True if the passage's article is about `place` or a zone of it, or its text names it.

    A county's article does not speak of its city, nor the city's of the county, unless they say so.
    """
    if place and passage.place.startswith(place):
        return True
    return any(found.name == place for found in find_places(passage.text))
