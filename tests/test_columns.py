"""Reading order: headlines over columns, articles side by side, tables, and what no cut can part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.load.columns import reading_order

Box = tuple[float, float, float, float]


def column(left: float, top: float, lines: int, *, width: float = 120, step: float = 15) -> list[Box]:
    """Lines of ten-point type, the last of them short, as a column of text has them."""
    rights = [left + width] * (lines - 1) + [left + 0.4 * width]
    return [(left, top + i * step, right, top + i * step + 10) for i, right in enumerate(rights)]


def order(boxes: list[Box]) -> list[int]:
    return [i for region in reading_order(np.array(boxes).reshape(-1, 4)) for row in region for i in row]


def shuffled_and_back(boxes: list[Box]) -> bool:
    """Whether boxes written down in their reading order are found in it, in whatever order they were drawn."""
    drawn = np.random.default_rng(3).permutation(len(boxes))
    return [int(drawn[i]) for i in order([boxes[k] for k in drawn])] == list(range(len(boxes)))


@pytest.mark.parametrize("count", range(1, 7))
@pytest.mark.parametrize("offset", [0, 4], ids=["on one grid", "off the grid"])
def test_columns_under_a_headline(count: int, offset: float) -> None:
    boxes: list[Box] = [(60, 10, 135 * count - 35, 34)]
    for k in range(count):
        boxes += column(20 + 135 * k, 60 + offset * k, 12)
    assert shuffled_and_back(boxes)


def test_articles_one_below_the_other() -> None:
    boxes = column(20, 10, 8) + column(155, 10, 8)
    boxes += [(20, 160, 110, 180)]  # a short headline, not wider than the first column
    boxes += column(20, 190, 6) + column(155, 190, 6)
    assert shuffled_and_back(boxes)


def test_articles_side_by_side_have_the_wider_gutter() -> None:
    boxes: list[Box] = [(20, 10, 120, 30), (95, 40, 200, 50)]  # headline, and a byline in the middle of two columns
    boxes += column(20, 60, 9) + column(155, 60, 9)
    boxes += [(330, 10, 430, 30)]
    boxes += column(330, 40, 10) + column(465, 40, 10)
    assert shuffled_and_back(boxes)


def test_a_table_is_read_by_rows() -> None:
    rows = [
        [(60.0, y, 60.0 + 10 * n, y + 10), (220, y, 250, y + 10), (340, y, 370, y + 10)]
        for y, n in ((10, 2), (30, 3), (50, 9), (70, 3))
    ]
    boxes = [cell for row in rows for cell in row]
    regions = reading_order(np.array(boxes))
    assert [len(row) for row in regions[0]] == [3, 3, 3, 3]
    assert shuffled_and_back(boxes)


def test_a_table_between_columns_that_share_its_gutter() -> None:
    boxes = [(20.0, 10.0 + 15 * i, 140.0, 20.0 + 15 * i) for i in range(6)] + column(155, 10, 6)
    table = [(x, 100.0 + 15 * i, x + 20 + 9 * i, 110.0 + 15 * i) for i in range(4) for x in (20.0, 155.0)]
    below = column(20, 160, 6) + column(155, 160, 6)
    assert shuffled_and_back(boxes + table + below)


def test_boxes_like_a_pinwheel_are_sorted() -> None:
    boxes: list[Box] = [(0, 0, 200, 10), (210, 0, 220, 200), (0, 20, 10, 220), (20, 210, 220, 220), (20, 20, 200, 200)]
    found = order(boxes)
    assert sorted(found) == [0, 1, 2, 3, 4]
    assert found[0] == 0
    assert found.index(4) < found.index(3)


def test_an_empty_page() -> None:
    assert reading_order(np.zeros((0, 4))) == ()


coordinate = st.floats(0, 500, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate, st.floats(1, 300), st.floats(1, 60)), max_size=40))
def test_every_box_occurs_once(sizes: list[tuple[float, float, float, float]]) -> None:
    boxes = [(x, y, x + width, y + height) for x, y, width, height in sizes]
    assert sorted(order(boxes)) == list(range(len(boxes)))
