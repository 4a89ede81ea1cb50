"""Gives a figure back what a draft dropped of it (unit, 约, 力争, 以上), where the source is unambiguous."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from assistant.figures import FoundFigure, find_figures, same_figure
from assistant.notation import AFTER, HALF_WIDTH

_MODALS = "力争|预计|有望|确保|计划|争取"
_QUALIFIER = re.compile(rf"(?P<modal>{_MODALS})?(?P<limit>.*?)(?P<after>以上|以下|以内|左右|上下)?[余多]?")
_VERB = re.compile(r"(?:达到|达|实现|完成|突破|为)$")
_SAYS_BY = re.compile("超|突破|逾|不|至少|最多")  # what takes no 为: 增幅超过40%
_LIMITED = re.compile(r"约|超|近|逾|突破|不低于|不少于|不超过|不足|至少|最多|高达|仅|过")
_AIMED = re.compile(rf"{_MODALS}|目标|将|规划")
_OPEN = tuple("，。；、,;）)！？!?的\n")


def restore_units(sentence: str, sources: Sequence[str]) -> str:
    """`sentence` with the units and qualifiers its figures have in `sources`, the sentences behind it.

    404.2 becomes 404.2亿元, 75亿 becomes 75亿元, and 80亿元 becomes 力争突破80亿元 where every such figure of
    the sources says so; a figure that the draft qualifies in its own way is left alone.
    """
    known = [figure for source in sources for figure in find_figures(source)]
    for figure in reversed(find_figures(sentence)):
        if figure.kind in ("year", "date", "code", "ordinal") or figure.high is not None:
            continue
        alike = [k for k in known if same_figure(k, figure)] or _bare_alike(sentence, figure, known)
        if alike:
            sentence = _qualified(sentence, figure, alike, _spelled(sentence, figure, alike))
    return sentence


def _digits(figure: FoundFigure) -> Decimal | None:
    match = re.match(r"[\d,，]+(?:\.\d+)?", figure.text.translate(HALF_WIDTH))
    return Decimal(re.sub("[,，]", "", match[0])) if match else None


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _is_open(sentence: str, figure: FoundFigure) -> bool:
    rest = sentence[figure.end :]
    return not rest or rest.startswith(_OPEN) or bool(AFTER.match(rest))


def _bare_alike(sentence: str, figure: FoundFigure, known: Sequence[FoundFigure]) -> list[FoundFigure]:
    """Figures with the same digits, for a draft's number without multiplier and unit."""
    if figure.unit or figure.kind != "count" or not _is_open(sentence, figure) or _digits(figure) != figure.value:
        return []
    alike = [k for k in known if k.unit and k.high is None and _digits(k) == figure.value]
    return alike if len({(k.value, k.unit) for k in alike}) == 1 else []


def _spelled(sentence: str, figure: FoundFigure, alike: Sequence[FoundFigure]) -> str:
    """The figure's text with the unit, and the 余 or 多, that the sources write."""
    own, source = _compact(figure.text), _compact(alike[0].text)
    if len({k.unit for k in alike}) > 1 or _digits(alike[0]) != _digits(figure):
        return own
    vague = all(re.search("[余多]", k.text) for k in alike) and not re.search("[余多]", own)
    longer = not figure.unit and _is_open(sentence, figure)
    return source if longer or (vague and alike[0].unit == figure.unit) else own


def _qualified(sentence: str, figure: FoundFigure, alike: Sequence[FoundFigure], text: str) -> str:
    before, after = sentence[: figure.start], sentence[figure.end :]
    clause = re.split(r"[，,。；;：]", before)[-1]
    words = {k.qualifier for k in alike}
    match = _QUALIFIER.fullmatch(words.pop()) if len(words) == 1 else None
    if match and match["modal"] and figure.qualifier == match["limit"] and before.endswith(figure.qualifier or "\0"):
        # 突破950亿元 of a draft for 力争突破950亿元: the limit was kept, the aim was not.
        place = len(before) - len(figure.qualifier)
        kept = "" if re.search(_MODALS, clause) else match["modal"]
        return before[:place] + kept + before[place:] + text + after
    if match is None or figure.qualifier or _LIMITED.search(clause[-6:]):
        return before + text + after
    verb = _VERB.search(before)
    limit = "" if verb and match["limit"] == "突破" else match["limit"]
    if match["modal"] and not _AIMED.search(clause):
        place = verb.start() if verb else len(before)
        before = before[:place] + match["modal"] + before[place:]
    before = before.removesuffix("为") if limit and _SAYS_BY.match(limit) else before
    return before + limit + text + (match["after"] or "") + after


_CLAIMS = (
    re.compile(r"目标|计划|力争|预计|有望|确保|争取|预期|规划|将|要|到20\d\d年|届时"),
    re.compile(r"突破"),
    re.compile(r"超|逾|以上|不低于|不少于|多于|突破|余"),
    re.compile(r"约|左右|近|上下|大约"),
    re.compile(r"均"),
    re.compile(r"合计|总共|共|总"),
)
_CLAIMED_BY = (
    re.compile(r"目标|计划|力争|预计|有望|争取"),
    re.compile(r"突破"),
    re.compile(r"超过|超出|以上|不低于|不少于"),
    re.compile(r"大约|左右|约(?=\d)"),
    re.compile(r"平均|人均|年均"),
    re.compile(r"合计|总共|加起来"),
)


def adds_qualifiers(text: str, sources: Sequence[str]) -> bool:
    """True if `text` calls something an aim, a bound, a mean or a sum that no source it rests on does.

    A model asked for a target calls the figure it was shown one, though the report says it was reached.
    """
    behind = "".join(sources)
    pairs = zip(_CLAIMED_BY, _CLAIMS, strict=True)
    return any(said.search(text) and not meant.search(behind) for said, meant in pairs)
