"""The many ways to ask a comparison (高还是低, 有没有超过, 比一下) -> the ways that operands.py reads."""

from __future__ import annotations

import re

from assistant.ellipsis import MEASURE
from assistant.figures import find_figures

_MEASURED = "[^，。？；]{2,}?"
# 甲市的增速，比乙市的高还是低
_EITHER_WAY = re.compile(
    rf"(?P<a>{_MEASURED})，?比(?P<b>{_MEASURED})的?(?:要|是)?(?:(?P<more>[高多大快])还是[低少小慢]|(?P<less>[低少小慢])还是[高多大快])了?"
)
# 甲产业的产值，有没有超过乙公司一家的; 实际增速超过目标了吗
_EXCEEDS = re.compile(
    rf"(?P<a>{_MEASURED})，?(?:(?:有没有|是不是|是否|能否|能不能)(?:已经?)?(?:超过|高过|多过|高于|多于|大于|赶上)了?(?P<b>{_MEASURED})"
    rf"|(?:超过|高过|高于|多于|大于)了?(?P<c>{_MEASURED})了?[吗么没])(?P<end>[，。？?]|$)"
)
# As offices write: 甲较乙净增多少, 甲对照乙，缺口多少, 折合乙的几倍.
_THAN = re.compile(
    "(?<![同环相比])较(?P<other>(?!上|去|前|同|往|年初)[^，。较]{2,}?)(?P<how>净增加?|多出|高出|大出|增加|新增|[多高低少快慢大])了?(?=多少|几)"
)
_AGAINST = re.compile("(?<=[^，]{4})(?:对照|对比|对标|对(?=累计|实际|已))(?=[^，]{4,}，(?:还差|缺口|相差))")
_OFFICE = (
    (_THAN, lambda m: f"比{m['other']}{'多' if m['how'][0] in '净增新' else m['how']}"),
    (_AGAINST, "与"),
    (re.compile("，(?:还|尚)?缺口(?:还)?(?:有|是|为)?(?=多少|几)"), "，相差"),
    (re.compile("(?<=元)没完成(?=[？?]?$)"), ""),
    (re.compile("折合(?=[^，]*(?:几|多少)倍|多少)"), "是"),
    (re.compile("实绩"), "实际"),
    (
        re.compile(
            "的?[两二三][大个](?:重点|主要|支柱)?(?:园区|产业|企业|项目|指标)(?:——|[:：])(?=[^，。]{2,}[和与跟、])"
        ),
        "",
    ),
    (re.compile("(哪一?[个家张项])(?:这)?[两三四五几]年[里来间内]?(?=名次|位次|排名|[增提])"), r"\1"),
    (re.compile("力争突破[数值]"), "力争目标"),
    (
        re.compile(
            "的?(?P<of>总?产值|增加值|投资|收入)，?按照?(?P<aim>力争|冲刺|初步|基本)(?:目标)?(?:数|值|口径)?来?算?，?(?=合计|总共|一共|加)"
        ),
        r"\g<aim>\g<of>",
    ),
    (re.compile("哪一?[张个]榜单?(?:的?位次)?(?:进步|提升|前进|上升)得?更?[大多快]"), "哪个提升的位次更多"),
    (re.compile("(?<=各)(?:往前|向前)(?:走|进|挪|移)了?(?=多少|几)"), "提升了"),
    (re.compile("(?<=[\u3400-\u9fff]) *(?:vs|VS|Vs)[.]? *(?=[\u3400-\u9fff])"), "和"),
    (re.compile("(?<=企业|项目|平台)存量"), "总数"),
    (re.compile("(?:放|摆)在一起来?看|这一[栏项](?=，)"), ""),
    (re.compile("(?<=现有|\\d年)数(?=[比多高低少])"), ""),
    (re.compile("一个(?:区|县|市|园区)(?=[与和跟])"), ""),
    (re.compile("相比，?前者[多高大](?=多少|几)"), "相差"),
    (re.compile("[两二三][项者个](?:指标)?的?(?=(?:预计)?(?:增幅|增速|占比|比重|增长率)[^，]{0,4}[哪谁])"), "，"),
)
# 甲园和乙园，哪个规上产值增长更快？各增长百分之多少？
_GROWS_FASTER = re.compile(
    "(?P<who>谁|哪一?[个家座])的?(?P<measure>[\u3400-\u9fff]{0,6}?(?:产值|增加值|投资|税收|收入|GDP))(?:同比)?(?:增长|增|涨)得?更?快"
)
_BY_HOW_MUCH_EACH = re.compile("(?<=[，？])各自?增长(?:了)?(?:百分之)?(?:多少|几)(?:个百分点)?(?=[？?]?$)")
# 甲市的户数与乙市的相比，多还是少
_MORE_OR_LESS = re.compile(
    "(?<=相比)，(?:是|算)?(?:(?P<more>[高多大快])还是[低少小慢]|(?P<less>[低少小慢])还是[高多大快])了?"
)
# 若以2023年产值衡量，谁的体量更大
_MEASURED_BY = re.compile(
    rf"(?:若|如果|要是)?[以按用](?P<by>{_MEASURED})来?(?:衡量|论|计|看|比)，(?P<who>谁|哪个)的?(?:体量|规模|盘子|块头|个头)?更?大"
)
# 两个项目，哪个盘子更大: that of a project is what is invested in it
_SIZE = re.compile("(?<=项目)，(?:谁|哪个)的?(?:体量|盘子|块头|个头)更?大")
# 甲市2023年的产值与乙市2022年的同一指标; …的水平; 报道所说的“现在”
_SAME = re.compile(
    "的?(?:同一|同样的?|相同的?)[个项]?(?:指标|口径|数据|数字)|的水平(?=[与和跟，]|相比|哪)|(?<=企业|项目)合计(?=数)|(?<=年)要(?:保持|达到|实现|完成)(?=的)"
    "|(?:这)?一家(?=的)|(?:报[告道])?所[说称]的?(?=[“‘]?现在)|^(?:还是|同样是?|仍是|再看看?)(?=[\u3400-\u9fff]{2,}，)"
)
_OF_ITSELF = re.compile("(?<=比)(?:它|其)(?:自己)?到?的?(?=20\\d\\d年[^，]*目标)")
# 以2023年的产值为基数，要达到2026年的目标，还需增加多少亿元
_FROM_BASE = re.compile(
    "^(?:若|如果|假如|假设)?(?:以|按)(?P<a>[^，]{4,}?)为(?:基数|基础|起点|基准)，(?P<b>[^，]+?)，?"
    "还(?:需要?|得|要|差)再?(?:增加|增长|提高|新增)?(?P<asks>多少.*)$"
)
_SOME_MEASURE = re.compile(MEASURE.pattern.removesuffix("$"))
_ITS_OWN = re.compile("(?:它|他们|其)?(?:给自己|自己)定的")
_ALONE = re.compile("(?:这)?一家(?:企业|公司)?的?$")
# 甲市有两个重点园区，…哪个更高: they are named after that
_HAS_TWO = re.compile(
    "^(?P<where>[\u3400-\u9fff]{2,6})有[两二三][个大家]{0,2}(?:重点|主要|支柱)?(?:园区|产业|企业|项目)，(?=.*(?:还是|哪个|谁))"
)
# 甲园区高，还是乙园区高
_OR = re.compile(
    rf"(?P<a>{_MEASURED})(?:更|比较)?(?P<how>[高多大快早])，?还是(?P<b>{_MEASURED})(?:更|比较)?(?P=how)(?=[一些]*[，。？?]|$)"
)
# 比一下甲市和乙市的企业户数
_COMPARE = re.compile(
    "^(?:请|帮我|帮忙|麻烦)*(?:比一下|比一比|比比|对比一下|比较一下|对比|比较)(?P<rest>[^，：？?。]{6,})[？?。]?$"
)
# 规上企业总数：甲市和乙市
_TOPIC_OF = re.compile(
    "^(?P<what>[^：，]{4,20})[：:](?P<who>[^：，。？]{2,16}[和与跟、][^：，。？]{2,10})[。，]?(?:给出[^，]*)?$"
)
_ASKS = re.compile("多少|几|谁|哪|什么|吗|如何|怎")
# 某县的两个目标放在一起：甲产值比乙产值…
_PUT_SIDE_BY_SIDE = re.compile(
    "^(?P<where>[^，：]{0,12}?)(?:的|在|有)?(?:这)?[两二]个?(?:全国|全省|全市)?[项个种]?的?"
    "(?:目标|指标|数字?|数据|榜单?|口径|比重|增速)[^：，]{0,16}[：:](?=[^：]{8,})"
)


def plainly_compared(text: str) -> str:
    """The question, with a comparison asked in the words 哪个更高 or 相差多少; any other as it is."""
    for said, written in _OFFICE:
        text = said.sub(written, text)
    text = _OF_ITSELF.sub("", _SAME.sub("", text))
    text = _MEASURED_BY.sub(r"\g<by>\g<who>更大", _SIZE.sub("，总投资哪个更大", text))
    text = _GROWS_FASTER.sub(r"\g<measure>增速\g<who>更高", text)
    text = _BY_HOW_MUCH_EACH.sub("各是多少", text)
    text = re.sub("孰(?=[高低多少大小快慢])", "哪个更", text)
    text = _MORE_OR_LESS.sub(lambda m: f"，哪个更{m['more'] or m['less']}", text)
    text = _FROM_BASE.sub(_from_base, _PUT_SIDE_BY_SIDE.sub(r"\g<where>", text))
    text = _EITHER_WAY.sub(lambda m: f"{m['a']}与{m['b']}哪个更{m['more'] or m['less']}", text)
    text = _OR.sub(_which_of_two, _HAS_TWO.sub(r"\g<where>", text))
    text = _EXCEEDS.sub(_which_is_more, text)
    asked = _COMPARE.match(text)
    joined = asked and re.search("[和与跟、]", asked["rest"]) and not _ASKS.search(asked["rest"])
    topic = None if _ASKS.search(text) else _TOPIC_OF.match(text)
    if topic:
        return f"{topic['who']}的{topic['what']}分别是多少？"
    return f"{asked['rest']}相差多少？" if asked and joined else text


def _from_base(found: re.Match[str]) -> str:
    """…为基数，丙产业设定的目标还差多少: the aim is of what the base measures."""
    base, aim = found["a"], re.sub("要?(?:达到|实现|完成)", "", found["b"], count=1)
    measure = MEASURE.search(base)
    if measure and not _SOME_MEASURE.search(re.sub("[（(].*[）)]|目标", "", aim)):
        aim = re.sub("(?:所?(?:设定|定下|提出|确定|制定|定))?的?(?=目标)", measure[0], aim, count=1)
    return f"{aim}与{base}相差{found['asks']}"


def _which_of_two(found: re.Match[str]) -> str:
    measure, says, one = found["a"].rpartition("是")  # …的增速是甲园区高，还是乙园区高
    return f"{measure}{'，' if says else ''}{one}和{found['b']}哪个更{found['how']}"


def _which_is_more(found: re.Match[str]) -> str:
    other = _ITS_OWN.sub("", _ALONE.sub("", found["b"] or found["c"])).rstrip("的")
    if any(figure.kind not in ("year", "date", "code") for figure in find_figures(other)):
        return found[0]  # 超过300户: a claim, not another thing
    return f"{found['a'].rstrip('，')}与{other}哪个更多{found['end']}"
