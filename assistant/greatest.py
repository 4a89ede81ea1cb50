"""Which of a place's industries or zones has most (甲市哪个产业的产值目标最高) -> a question for the figure of each."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.analyse import analyse, without
from assistant.asked_units import in_unit, units_of
from assistant.ellipsis import MEASURE
from assistant.everywhere import SUPERLATIVE
from assistant.figures import find_figures
from assistant.periods import find_periods
from assistant.query import Query
from assistant.schema import Hit
from assistant.wordclass import last_name
from index import find_places

_SORT = "(?P<sort>产业|行业|园区|开发区)"
_ASKED = re.compile(
    f"哪一?[个大]?{_SORT}"
    f"|{_SORT.replace('sort', 'of')}(?:里面?|中间?|当中|之中)?[^？]{{0,24}}?(?:哪一?[个座]|谁|是什么)"
)
# All of a question but its measure: the sort, which and how much is asked, in what order.
_NOT_MEASURED = re.compile(
    f"(?:各个?|哪一?[个大]?|[几两三四五六七八九十]大?个?|这些|所有的?|重点|主要|的)*{_SORT}(?:里面?|中间?|当中|之中)?"
    "|最[高低多少大小快慢强]的?|数额|各?[是为有]?多少(?:亿元|亿|万元|[户家个元])?|[是为]?(?:哪一?[个座]?|谁|什么)|分别|各自"
    "|(?:要算|当属|排在|位居)|[中里](?=，)|(?<=目标)[中里]"
)
_MOST = 12  # names that are asked about
# No names: what is said of many of a sort, or of all of it.
_GENERAL = re.compile("(?:战略性)?新兴|未来|传统|优势|特色|主导|支柱|重点|现代|工业|主要|[百千]亿级?|其他|相关|全部")
_AIM = re.compile("(?P<aim>力争突破|力争|冲刺|初步|基本|最低)的?(?:目标)?[值数]?")


def asks_greatest(query: Query) -> bool:
    """True if the question asks which industry or zone of one place has most, or least, of something."""
    single = query.kind != "aggregate" and not query.parts and len({*query.places, *query.inherited}) == 1
    return single and bool(SUPERLATIVE.search(query.text) and _ASKED.search(query.text))


def of_each_sort(query: Query, hits: Sequence[Hit]) -> tuple[Query, ...]:
    """The question for the figure of each industry, or zone, that the hits of its place name beside one; () where the
    question is none for the greatest, or says of what in no measure.
    """
    asked = _ASKED.search(query.text) if asks_greatest(query) else None
    if not asked:
        return ()
    sort, place = asked["sort"] or asked["of"], (*query.places, *query.inherited)[0]
    spans = [(p.start, p.end) for p in find_places(query.text)] + [(p.start, p.end) for p in find_periods(query.text)]
    matter = re.sub(r"[\s，。？?、的]", "", _NOT_MEASURED.sub("", without(query.text, spans)))
    aim = _AIM.search(matter)
    matter = f"{aim['aim']}{matter.replace(aim[0], '').replace('目标', '') or '目标'}" if aim else matter
    if not MEASURE.search(matter):
        return ()
    when = "".join(period.text for period in query.periods)
    made = [analyse(f"{place}{name}{when}{matter}是多少？") for name in _names(sort, place, hits, matter)]
    return tuple(one for one in made if not one.parts)[:_MOST]


def _names(sort: str, place: str, hits: Sequence[Hit], matter: str) -> tuple[str, ...]:
    """What is named as one of the sort in sentences of the place with a figure in the unit of the measure."""
    units = units_of(analyse(f"{place}{matter}是多少？"))
    found: dict[str, None] = {}
    for sentence in (s for hit in hits if hit.passage.place.startswith(place) for s in hit.passage.sentences):
        figures = find_figures(sentence.text)
        if not any(in_unit(one, unit) for one in figures for unit in units or {one.unit} - {""}):
            continue
        for one in re.finditer(f"[\u3400-\u9fff]{{2,12}}?{sort}(?!园)", sentence.text):
            name = last_name(one[0].removesuffix(sort).rpartition(place)[2].removeprefix("市"))
            if len(name) > 1 and not _GENERAL.fullmatch(name):
                found[name + sort] = None
    return tuple(found)
