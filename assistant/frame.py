"""What of a typed question asks, without what only frames it: orders to the assistant, what the answer is for, how it
is to look, what the asker has read elsewhere.

A question may be typed with sentences that tell and one that asks. What only tells is left out where the other stands
alone; where it does not (这一份额, 两地, 这两项), the words it means are put in their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.ellipsis import bare
from assistant.periods import find_periods
from index import find_places

# Clauses that order the assistant about instead of asking: they are not part of what is looked up.
_ORDERS = re.compile(
    r"[^，。；！？：\n]*(忽略|无视|作废|以后每个|以后都|不要管|别管|抛开|不用管|忘记|忘掉|不必理会|假装|扮演|你现在是|系统提示|提示词|不要引用|不用引用|不需要引用"
    r"|编一个|编个|瞎编|随便编|捏造|必须回答|只能回答|统一回答|照我说|照此回答|按此回答|以此为准|勘误|更正)[^，。；！？：\n]*[，。；！？：\n]?"
)
# I am the editor; the name should be “…”: who asks, and what is to be said instead.
_DICTATION = re.compile(
    r"(?:^|(?<=[，。；：]))(?:我是[^，。；：]{2,14}|[^，。；：]{2,20}(?:应当?|应该)(?:为|是|改为)[“‘][^”’]+[”’])[，。；：]"
)
_ENGLISH_ORDERS = re.compile(
    r"(?:[A-Za-z'’]+[ ,]+)*(?:ignore|disregard|forget|pretend|you are now|system prompt)\b"
    r"(?:[ ,]*[A-Za-z'’]+)*[.!;:]*\s*",
    re.IGNORECASE,
)
# Clauses that say how to answer (一个不落地列出来, 不要冲刺数) and parts of speech that only open a conversation.
_MANNER = re.compile(
    r"[，,；;：:。？? ]\s*(?![^，。？]*名[称字单])(?:请?(?:你|麻烦)?)?"
    r"(?:注意不要|注意别|先说|只说|只要|只看|不要|别|不用|不是"
    r"|一个不[落漏少]|逐[个一条项]|(?:综合|根据|结合|依据)[^，。？]{0,4}(?:报告|报道|材料|资料)"
    r"|一一|完整|[请都]?列[全出]|都?算上"
    r"|附上?|[注标写]明|给出|逐[地个一]|[\u3400-\u9fff]{1,2}也算|[\u3400-\u9fff]{2,4}也(?:报|要|给|说|来|写)"
    r"|[两三几]个(?:百分)?(?:数字?|数据|值)?请?都?要?[给列写报说](?:出来|全)?(?=[，,；;。？?！!]|$)"
    r"|[与和跟][^，,；;。？?]*(?:区分|混淆|弄混|搞混)|[^，,；;。？?]{1,6}就(?:行|可以|好|够)了?(?=[，,；;。？?！!]|$)|保留[^，。？]{0,4}(?:位|小数)|都要|分开说|按\S{1,4}说|简单|简短|详细|用一句话|直接说|说清楚|说明白"
    r"|把[^，。？]{1,9}都?[查看读翻]一?[遍下]|把\S{1,9}(?:都|全)?(?:找|列|说|写|摆|讲|报|标)(?:出来?|一下|全)|麻烦)"
    r"[^，,；;。？?多几哪谁什]*(?=[，,；;。？?！!]|$)"
)
_ASIDE = re.compile(
    r"[（(](?:(?:[^）)]*，)?(?:不是|不要|可能我|我可能|我写错|字不会)[^）)]*|[^（）()]*(?:都算|也算|[均亦也都]可以?|不限|目标数?不算|不[算计](?:目标|规划|计划|单个)[^（）()]*|保留|小数|四舍五入|精确到)[^（）()]*|预期|预计|估计|原文|全称|单位[^）)]*)[）)]"
)
# 报道只给了甲的增速和它比全市快多少，那么全市的增速是多少: what is given has to be found anyway
_GIVEN_ONLY = re.compile(
    "^(?:报[道告]|材料|文[中里])[中里]?(?:只|仅)?(?:给出?了?|提供了?|写了?|说了?)[^？?。]{6,}?，那么?(?=[^，]{4,})"
)
# 不算甲，哪些地方有乙: nobody asks about 甲
_NOT_COUNTING = re.compile(
    "^(?:不算|不含|不包括|除了?|排除|剔除|撇开)[^，]{2,12}?(?:[之以]外|不算)?，(?=[^，]*哪(?:些|几个?)(?:地方|城市|[市县]))"
)
_BY_MEANS = re.compile("[（(][用拿按以由据从根][^（）()]*[推算估][^（）()]*[）)]")  # 用2023年的数和增速推一下
# What is not meant, and how the page looks: 注意我问的是全市，不是园区.
_NOT_MEANT = re.compile(
    r"[，。；？?]我?[问要说指]的?(?:不是|并非)[^，。；？?]*|[。？?][^，。；？?]{2,24}(?:都|均|就)?(?:别|不要?|不用)[算计][^，。；？?]{0,3}(?=[，。；？?]*$)|[。；？?][^，。；？?]{0,4}请?[按用以][^，。；？?多几哪谁什]{2,12}(?:算|计|统计|为准)(?=[，。；？?]*$)"
    r"|[，。；？?](?:请?注意)?[，：:]?我[问要说指]的?是?[^，。；？?]{1,14}，而?(?:不是|不要|并非|非)[^，。；？?]*"
)
_LOOKS = re.compile(
    r"[，。；？?](?:原文|版面|排版|文字|版式)[^，。；？?]*(?:断开|断了|错乱|乱了|不全|截断|分页|换行|看不清)[^，。；？?]*"
)
# When the report was written, which it says itself, and that 去年 is to be told as a year.
_DATED = re.compile(
    r"(?:[（(，。；]|(?<=[？?]))(?:这篇)?(?:文章|报道|报告|稿子|材料|新闻|原文)是?[^（）()，。；？?]{2,12}(?:写|发|发表|刊发|刊登|见报|成稿|出)的"
    r"(?:[）)]|(?=[，。；？?]|$))|(?:[（(，。；]|(?<=[？?]))请?(?:换算|折算|写)成(?:具体|确切|公历)?的?(?:日期|年份|年月|时间)(?:[）)]|(?=[，。；？?]|$))"
)
_NO_SUCH = re.compile(
    r"[，。；？?][^，。；]*[这那]类[^，。；]*不[算计][^，。；]*$|[。？?]只[^，。；？?]{2,14}的?不[算计](?=[。？?]*$)"
)
_GREETING = r"(?:你好|您好|喂|嗨|老师|朋友|帅哥|美女|麻烦|劳驾|打扰一下)[，,！!。\s]*"
_OPENING = re.compile(
    rf"^(?:{_GREETING})*(?:(?:汇总|归纳|统计|梳理|盘点|总结|筛选?|查|找)一下[：:，,])?"
    r"(?:(?:综合|综观|纵观|对照|根据|结合|翻遍|通读|看完)[这各所]?(?:有|全部|所有|[几两三四五六七八九十]?[份篇])?(?:材料|报告|报道)(?:来看|看|的内容)?[，,])?"
    r"(?:(?:请|帮我|麻烦)*(?:核对|核实|核验|确认|查证)(?:一下|下)?[：:，,])?"
    r"(?:[\u3400-\u9fff]{0,4}(?:问一句|问一下|问个事|请教一下|想问问?|想请问)[：:，,\s]*)?"
)

_SENTENCES = re.compile("(?:“[^”]*”|[^。？?！!；])*[。？?！!；]?")
_ASKS = re.compile(
    "多少|(?<![这近那十好])几(?!乎|十)|哪|谁|什么|(?<!任)何(?!以见)|[怎咋啥]|如何|吗|是否|是不是|有没有|列[出举]|介绍|[呢？?]$"
)
# What people do with an answer, and the sort of text that it goes into.
_WORK = re.compile(
    "综述|论文|文献|课题|稿|案例|表格|作业|汇报|材料|背景|时间线|对照|引用|引一|核[对实查一]|查证|统计|整理|梳理|讨论|研究"
    "|比较|对比|区分|[写做查]|怀疑|担心|领导|记得|看不太?懂|打算|表里"
)
_I = re.compile(
    "我(?![市县区省州国])|笔者|本人|请(?=[给帮])|^(?:为了|想|要|做|写|在?(?:写|做|整理|讨论|研究|比较)|核|查|背景|关于)"
)
_REQUESTS = re.compile(
    "^请(?:你|帮我|再|另|分别|逐[一个]|都)*(?:把[^，]*?)?(?:都?给|列|写|说明|换算|算|除|核|指出)(?![^，。]*(?:多少|哪|什么))"
)
_FOR_WHAT = re.compile(
    "^[^，]{0,4}(?:汇报|材料|论文|讲稿|简报|课件|发言)[里中上]?(?:需?要|得)?用|^领导[要急]|^急[用！。]*$"
)
_BRACKETS = re.compile("[（(][^（）()]*[）)]")
_WHAT_I_MEAN = re.compile("我[要问说指]的")
# What points back to a sentence before the one that asks; 这几份报道 does not.
_BACK = re.compile(
    "(?:这|那|该|上述|此|其)(?!些?(?:[几两]?[篇份]|报|材料|时|[几两]?个?(?:地方|城市)))[一]?(?:[个项种些番句指])?|它|他们?(?!说)|二者|双方"
)
_BOTH_PLACES = re.compile("[两二]个?(?:地方|城市|[地市县区])(?![级业])|双方|二者")
_BOTH = re.compile("(?:这|那|上述)[两二](?:[项者个种类]|个?(?:指标|数据|数字))(?![\u3400-\u9fff]{0,3}(?:园区|企业))")
_TWO = re.compile(
    "(?:区分|比较|对比|对照|看|关注|问的?是)(?P<one>[^，。：]{2,14}?)(?:与|和|跟)(?P<other>[^，。：]{2,14}?)[。，；]?$"
)
_THIS = re.compile(
    "(?:这|那|该)一?[个项]?(?P<noun>份额|比重|占比|比例|增速|增幅|产值|目标|排名|指标|投资额?|数量|规模|面积)"
)
_COMMENT = "^(?:通常|一般|往往|常常?|先|主要|会|都|要|看|用|以|关注|的|即)+"
_ONLY_RECALLS = re.compile(
    "^(?:我)?(?:只|就|好像|依稀|隐约)?(?:还)?(?:记得|知道|听说|看到|读到|见到|印象中)(?:过|说)?，?"
)
_WILL_QUOTE = re.compile(
    "^(?:我们?|本人|咱们?)的?[^，。？]{0,14}?(?:论文|报告|材料|课题|文章|毕设|作业|汇报|讲稿|综述)[^，。？]{0,8}?"
    "(?:需要|用到|要用|引用|想用|要填|要写)[到的]?|^(?:我|笔者)?(?:打算|想要?|要|需要|准备)(?:在[^，]{0,8}?)?(?:引用?一?|核[对实]|写到?)(?:位|个|下|段)?"
)
_ACCORDING = re.compile(
    "^(?:请问)?(?:(?:按照?|根据|依据|据)(?:报道|报告|材料|原文)[^，]{0,3}"
    "|在?(?:现有的?|这些?|全部|所有|已有的?|[几两三四五][份篇])*(?:报道|报告|材料)(?:当中|之中|[里中]))，"
)
# What the asker has read: 稿子里写“…”，能这么写吗, 这句引文说的是哪家.
_READ = re.compile(
    "(?:^|(?<=[，。：]))(?:有人|有篇|编辑|别人|网上|同事|导师|听说|据说)?(?:的?稿子?|的?文章|的?材料|的?稿件|话)?[里中]?"
    "(?:引用|把话改成|改成|写道?|说|称|提到)(?:的?是|到|了|过|成|着)?[：，]?[“‘](?P<what>[^”’]+)[”’]"
)
_MEANS = re.compile(
    "[，,](?:(?:报道|文)[里中](?:这[句个](?:引文|话))?|(?:这|那)[句个]?(?:引文|话))(?:[指说]的?是)(?=哪|谁|什么)"
)
_STANDS = re.compile(
    "[，？?。](?:请问)?(?:这|那)?(?:[句个种]?(?:说法|话|表述|写法))?(?:能|可以|可不可以)?(?:这[么样])?"
    "(?:成立|[写引说]得?对了?|对|写|说)[吗么][？?。]?$"
)
_RIGHT = re.compile("这?个?(?P<what>职务|身份|年份|时间|数字)(?:[引写说标])?得?对了?[吗么]")
_CORRECT = {
    "职务": "他是什么职务", "身份": "他是什么身份", "年份": "是哪一年", "时间": "是什么时候", "数字": "是多少",
}  # fmt: skip
_PAGE = re.compile(
    "(?:原文|版面|排版|文字|版式)[^，。；？?：]*(?:断开|断了|错乱|乱了|不全|截断|分页|换行|看不清|不好辨认)"
)
# An answer that is to be given instead of a question: 把目标说成500亿元.
DICTATED = re.compile(
    r"(?:(?:必须|务必|一定要|请你?|你要|给我)[^，。；]{0,6}?|(?:^|(?<=[，。；]))(?=[^，。；]*来[说答讲算写]))"
    r"把(?P<what>[^，。；]+?)(?:说成|写成|改成|当成|当作|答成)[^，。；！？]*"
)
# A guess at what is asked: 是2023年12月吗, 我印象中是上世纪90年代.
# An order to write something down, and no question.
_ORDERED = re.compile(
    "直接(?:写|回答|输出|说|给|断言|宣布|声称)|开发者模式|系统提示词|原样(?:贴|输出|复述)|(?:写|说|输出|回答|回复|答复)[一这][句行段]|照(?:写|抄|念)|照此(?:回复|回答|答复)|(?:不用|不必|无需|别|不要)(?:再)?[看管查]报[告道]"
    "|一律(?:回?答|说|写)|[按照]新规[定则]"
)
_GUESS = re.compile(
    "(?<=[？?。])(?:难道|不会|应该|好像|我(?:记得|印象中?|猜|以为|估计|觉得)|是不是)?(?:应该|好像)?就?是[^，。？?哪谁几什多]{2,14}[吗吧]?[？?。]?$"
)
_WISH = re.compile(
    "^[^，。？]{0,8}?[里中上]?我?们?想要?(?:对比|比较|比|看|查|了解|知道|问)(?:一下|一比|看看?|清楚)?[：，]?(?=[^，]{4,})"
)
_LEAST = 4  # characters that a question has of its own, besides place, time and the words that ask


def unframed(text: str) -> str:
    """The question without what only frames it; `text` itself where nothing else is left."""
    free = _ORDERS.sub("", _ENGLISH_ORDERS.sub("", text))
    if free != text and not _ASKS.search(free) and not find_places(free):  # an order, and nothing asked beside it
        return text
    free = (_DICTATION.sub("", free) if free != text else free).strip(" ，。；：")
    if free != text.strip(" ，。；："):
        free = re.sub(r"^(?:先|再|然后|接着|最后)(?:回答|告诉我)?[：:，,]?", "", free) or text
    free = _NOT_COUNTING.sub("", _GIVEN_ONLY.sub("", free))
    left = _LOOKS.sub("", _NO_SUCH.sub("", _NOT_MEANT.sub("", _DATED.sub("", free))))
    left = _MANNER.sub("", _OPENING.sub("", _ASIDE.sub("", _BY_MEANS.sub("（推算）", left))))
    left = _RIGHT.sub(lambda found: _CORRECT[found["what"]], _MEANS.sub("，是", _READ.sub(r"\g<what>", left)))
    doubted = _GUESS.sub("", _STANDS.sub("", left))
    left = _asking(doubted if _ASKS.search(doubted) else left)
    return left if len(left) > 3 else free


def only_orders(text: str) -> bool:
    """True if what was typed orders an answer to be written down, and asks nothing."""
    return bool(_ORDERED.search(text)) and not _ASKS.search(text)


def _asking(text: str) -> str:
    """The sentences that ask, with what they need of those that only tell."""
    sentences = [one for one in _SENTENCES.findall(text) if one.strip()]
    asks = [i for i, one in enumerate(sentences) if _ASKS.search(one)]
    if not asks or DICTATED.search(text):
        return text
    told, after = sentences[: asks[0]], sentences[asks[-1] + 1 :]
    question = re.sub("^请问[，：]?", "", "".join(sentences[asks[0] : asks[-1] + 1]))
    question = _ACCORDING.sub("", _without_purpose(_resolved(told, question)))
    return question + "".join(one for one in after if not _of_the_asker(one))


def _of_the_asker(sentence: str) -> bool:
    """True if a sentence only tells what the asker does with the answer (我要逐一核对) or how to give it."""
    sentence = _BRACKETS.sub("", sentence)
    if (_REQUESTS.search(sentence) and not find_places(sentence)) or _FOR_WHAT.search(sentence):
        return True
    own = not _WHAT_I_MEAN.search(sentence) and _I.search(sentence)
    return bool(own and _WORK.search(sentence))


def _resolved(told: Sequence[str], question: str) -> str:
    """The question with what it leaves to the sentences before it, and no more of these than that."""
    if not told:
        return question
    before = "".join(told)
    this, both = _THIS.search(question), _BOTH.search(question)
    meant = _phrase(before, this["noun"]) if this else ""
    if this and meant:
        return _placed(before, question.replace(this[0], _owned(meant, question), 1))
    pair = _TWO.search(told[-1])
    if both and pair:
        return _placed(before, question.replace(both[0], f"{pair['one']}和{pair['other']}", 1))
    places = list(dict.fromkeys(place.name for place in find_places(before)))
    named = find_places(question)
    if not named and len(places) == 2 and (of_both := _BOTH_PLACES.search(question)):
        return question.replace(of_both[0], "和".join(places), 1)
    if not _BACK.search(_BRACKETS.sub("", question)) and (named or not places):
        return question
    kept = [one for one in told if not _of_the_asker(one) or find_places(one)] or told[-1:]
    return "".join(map(_without_purpose, kept)) + question


def _phrase(before: str, noun: str) -> str:
    """What `noun` stands for: the words of the last clause that end with it."""
    clauses = [clause for clause in re.split("[，。：；]", before) if noun in clause]
    return re.sub(_COMMENT, "", clauses[-1][: clauses[-1].rindex(noun)]) + noun if clauses else ""


def _owned(meant: str, question: str) -> str:
    """`meant` without its 它的, which the place put before the question says; without a period where that has one."""
    meant = re.sub("^[它其]的?", "", meant)
    if find_periods(question):
        for period in reversed(find_periods(meant)):
            meant = meant[: period.start] + meant[period.end :]
    return meant.lstrip("的")


def _placed(before: str, question: str) -> str:
    """The question, of the place told of before it where it names none."""
    places = [place.name for place in find_places(before)]
    return question if find_places(question) or not places else f"{places[-1]}{question}"


_TOPIC = re.compile(
    "(?:看|比较|关注|了解)(?P<what>[^，看]{2,}?(?:份额|比重|占比|比例|增速|产值|规模|户数|数量|投资|收入))的?$"
)


def _without_purpose(text: str) -> str:
    """The text without leading clauses that tell what it is asked for: 整理产能文献时，我只记得…"""
    while True:
        clause, mark, rest = _first_clause(text)
        purpose = mark and _I.search(clause) and _WORK.search(clause) and not _WHAT_I_MEAN.search(clause)
        topic = _TOPIC.search(clause) if mark in ("：", ":") else None
        if purpose and topic:  # 做比较时想看工业的份额：甲市与乙市…
            return f"{topic['what']}：{rest}"
        if mark and _PAGE.search(clause) and _says_enough(rest):
            text = _placed(clause, re.sub("^[它其]的?", "", rest))
        elif purpose and not (_ASKS.search(clause) or find_places(clause)) and _says_enough(rest):
            text = re.sub("^请问[，：]?", "", rest)
        else:
            return _WISH.sub("", _WILL_QUOTE.sub("", _ONLY_RECALLS.sub("", text)))


def _says_enough(question: str) -> bool:
    """True if the first clause says by itself what it is about."""
    said = re.split("[，。？?；]", question)[0]
    return len(re.sub("多少|哪些|哪个|什么|[是有的几]", "", bare(said))) >= _LEAST


def _first_clause(text: str) -> tuple[str, str, str]:
    found = re.search("[，：:]", text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")
