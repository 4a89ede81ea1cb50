"""What the things of one question leave out and say for one another: their measure, their period, their matter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.periods import find_periods
from index import find_places

# What is measured; the end of an operand, shared by those that lack it.
MEASURE = re.compile(
    r"(?:总?产值|增加值|增速|增幅|增长率|收入|营收|投资金额|签约金额|投资额|总投资|投资|资金|税收|[缴纳交]的?税额?|营业额|销售额|利润|占比|比重|比例|金额|位次|面积|产能|产量|年产"
    r"|规模|户数|家数|亩数|个数|数量|总数|人数|强度|企业数|项目数|目标)$"
)
COUNTABLE = re.compile(r"(?:企业|项目|园区|平台|机构|单位|人才|基地|公司|集团|产业|行业)$")

# 比 that compares (not 同比, 比重), and what joins one thing with the next.
THAN = r"(?<![同环占对相百配])比(?![重例较值上去前武分])"
JOINS = r"以及|与|和|跟|同(?!比|期|时|为|年|样|一)|及(?!时|其)|还是"

# Which of several of one kind: 一期 and 六期 of a project.
SERIES = re.compile("[一二三四五六七八九十]+[期批届代]")


def bare(text: str) -> str:
    """`text` without its places and periods."""
    spans = [(p.start, p.end) for p in find_periods(text)] + [(p.start, p.end) for p in find_places(text)]
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text.strip("的，“”")


def _borrowed(piece: str, other: str) -> str:
    """What `piece`, a place or a zone alone, is asked for: the matter of `other`, without the zone that this names."""
    matter = re.sub("^全[市县区州省]的?", "", bare(other).strip("“”，的"))
    if "，" in matter and MEASURE.search(matter):
        return matter.rsplit("，", 1)[1]
    zone = _ZONE_FIRST.match(matter) if _ZONE_FIRST.search(piece) else None
    return matter[zone.end() :].lstrip("的") if zone else matter


_ZONE_FIRST = re.compile(r"[\u3400-\u9fff]{0,6}?(?:园区|开发区|高新区|经开区|新区|基地)(?=.|$)")


def completed(pieces: Sequence[str], *, shared: str = "") -> tuple[str, ...]:
    """Each operand with what it leaves out and the others say."""
    whole = [p for p in pieces if bare(p)]
    if not whole:
        return ()
    measured = next((m[0] for p in reversed(whole) if (m := MEASURE.search(bare(p)))), "")
    period = shared or next((when[0].text for p in pieces if (when := find_periods(p))), "")
    relative = any(when.relative for p in pieces for when in find_periods(p))
    made = []
    for piece in pieces:
        matter = bare(piece)
        told = [one for one in whole if MEASURE.search(bare(one)) and one != piece]
        if not matter or (told and _ZONE_FIRST.fullmatch(matter)):  # a place or a zone alone
            piece += ("" if find_periods(piece) else period) + _borrowed(piece, (told or whole)[-1])
        elif told and matter.endswith("外"):  # 能源外 of 工业投资
            piece += bare(told[-1])
        elif measured and not MEASURE.search(matter):
            counted = COUNTABLE.search(matter)  # …企业 and 企业数 make …企业数
            piece += measured.removeprefix(counted[0] if counted else "")
        other_time = relative and SERIES.search(piece)  # 现在的年产能 and 一期的
        if not (find_periods(piece) or other_time) and (shared or not find_places(piece)):
            piece = period + piece
        made.append(piece)
    return tuple(dict.fromkeys(made)) if len(set(made)) > 1 else ()
