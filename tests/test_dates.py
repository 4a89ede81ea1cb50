"""When a report was published: its date line, its words, its format, its name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.dates import choose_date, date_line, file_date, infer_date
from index.layout import repair
from index.report import Report


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("发布时间：2022年3月5日\n\n2023年园区完成投资。", "2022-03-05"),
        ("日期：2021年1月\n\n园区开工。", "2021-01"),
        ("2024年1月的一天，园区里机器轰鸣，2023年产值实现十亿元。", "2024-01"),
        ("2022年以来，园区完成投资三亿元，计划到2026年达到九亿元。", "2022"),
        (
            "12月26日，项目现场一片繁忙。今年以来，园区出台方案（2023—2027年），刚刚落幕的2023产业大会上签约。",
            "2023-12",
        ),
        ("2020年11月5日，大会召开。2020年园区产值实现三百亿元，2023年将达到八百亿元。", "2020"),
        ("2020年完成投资三亿元，确保2023年形成产能，2023年产值达到八百亿元。", "2020"),
        ("园区里机器轰鸣。", ""),
        ("到2025年，产值达到十亿元。", ""),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert repair(Report("样例.txt", text, "0" * 64))[0].date == date


def test_targets_are_no_dates() -> None:
    assert infer_date("力争2030年建成，预计2031年投产，2035年将翻番。") == ""


@pytest.mark.parametrize(
    ("text", "known", "found"),
    [
        ("园区机器轰鸣。", {"title": "威信县工业简报", "date": "2022-05-01"}, ("威信县工业简报", "威信", "2022-05-01")),
        ("# 彝良：提质\n日期：2024-01-20\n园区机器轰鸣。", {"title": "威信", "date": "2022-05-01"},
         ("彝良：提质", "彝良", "2024-01-20")),
        ("2023年以来，园区完成投资三亿元。", {"date": "2024-02-10"}, ("", "", "2024-02-10")),
        ("2023年以来，园区完成投资三亿元。", {"date": "2026-02-10"}, ("", "", "2023")),
        ("2023年以来，园区完成投资三亿元。", {"date": "2021-02-10"}, ("", "", "2023")),
    ],
)  # fmt: skip
def test_title_and_date_of_the_format(text: str, known: dict[str, str], found: tuple[str, str, str]) -> None:
    report = replace(Report("样例.docx", text, "0" * 64, whole_lines=True), **known)  # type: ignore[arg-type]
    article = repair(report)[0]
    assert (article.title, article.place, article.date) == found


def test_what_a_file_is_called_tells_what_nothing_else_does() -> None:
    (article,) = repair(Report("简报/昭通市工业2023-06.txt", "园区里机器轰鸣，车间里一片繁忙。", "0" * 64))
    assert (article.place, article.date) == ("昭通", "2023-06")


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("青溪日报 2023年12月27日 星期三 A3版", "2023-12-27"),
        ("2023年12月27日　星期三", "2023-12-27"),
        ("（2024年1月15日）", "2024-01-15"),
        ("2023年12月27日，项目开工。", ""),
        ("2023年13月27日 星期三", ""),
        ("2023年12月27日 星期三 A3版\n发布日期：2023-12-26", "2023-12-26"),
    ],
)
def test_date_lines(text: str, date: str) -> None:
    assert date_line(text) == date


@pytest.mark.parametrize(
    ("inferred", "stated", "date"),
    [
        ("", "2024-01-05", "2024-01-05"), ("2023", "", "2023"), ("2023-12", "2023-12-27", "2023-12-27"),
        ("2023", "2024-03-31", "2024-03-31"), ("2023", "2024-04-01", "2023"), ("2023-10", "2024-01-02", "2024-01-02"),
        ("2023-10", "2024-02-02", "2023-10"), ("2023-10", "2023-09-30", "2023-10"),
    ],
)  # fmt: skip
def test_the_file_is_believed_within_three_months(inferred: str, stated: str, date: str) -> None:
    assert choose_date(inferred, stated) == date


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2023-12-27 涪陵.txt", "2023-12-27"), ("工业20231227.pdf", "2023-12-27"), ("2023年12月简报.docx", "2023-12"),
        ("乐山2020.md", "2020"), ("000_6ba073cb94fe2df4.txt", ""), ("第12期.pdf", ""), ("2023-13.txt", ""),
    ],
)  # fmt: skip
def test_file_names(name: str, date: str) -> None:
    assert file_date(name) == date
