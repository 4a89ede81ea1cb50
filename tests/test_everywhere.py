"""everywhere.py: for a question to all reports, the sentence of each place."""

from __future__ import annotations

from told import passage

from assistant.everywhere import select_everywhere
from assistant.rewrite import understand
from assistant.schema import Hit

TOLD = (
    passage("眼下，泸州的规上企业有410户，酒企占八成。", "泸州还想把规上企业做到900户。", source="甲.md"),
    passage("遵义有规模以上工业企业70户。", place="遵义", source="乙.md"),
    passage("德阳力争“十四五”末规上企业达到800户。", place="德阳", source="丙.md"),
)


def asked(question: str) -> dict[str, str]:
    found = select_everywhere(understand(question), [Hit(p, 1.0) for p in TOLD], {})
    return {selection.query.places[0]: selection.evidence[0].sentence.text for selection in found}


def test_which_has_most_is_told_by_what_there_is_not_by_aims() -> None:
    found = asked("哪个城市的规上企业最多？")
    assert set(found) == {"泸州", "遵义"}
    assert "410户" in found["泸州"]
    assert asked("各城市中规上企业数量最少的是哪个？") == found


def test_enterprises_above_scale_are_industrial_ones() -> None:
    assert set(asked("各城市的规上工业企业户数分别是多少，哪个最多？")) == {"泸州", "遵义"}


def test_who_speaks_of_it_may_aim_at_it() -> None:
    assert set(asked("哪些城市提到了规上企业？")) == {"泸州", "遵义", "德阳"}


def test_a_name_in_quotation_marks_may_be_typed_with_a_space() -> None:
    told = passage("泸州大力实施“园区提质、企业满园”行动。")
    query = understand("哪些地方提了“园区提质 企业满园”？")
    assert select_everywhere(query, [Hit(told, 1.0)], {})
