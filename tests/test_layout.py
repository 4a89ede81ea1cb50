"""Layout repair: each kind of damage, then what must hold for any text."""

from __future__ import annotations

import re
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from index.layout import repair
from index.load import read_report
from index.report import Article, Report, Sentence

REPORTS = Path(__file__).parents[2] / "shared" / "reports"


def _repair(text: str) -> tuple[Article, ...]:
    return repair(Report("样例.txt", text, "0" * 64))


def _texts(text: str, kind: str = "body") -> list[str]:
    return [s.text for article in _repair(text) for s in article.sentences if s.kind == kind]


def _quoted(text: str, sentence: Sentence) -> list[str]:
    return [text[span.start : span.end] for span in sentence.spans]


LONG = "青溪县把装备制造作为支柱产业，去年新开工项目十二个，建成投产七个，带动就业三千余人，园区面貌焕然一新。"


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("青溪县建设西南领\n\n先的康养基地。", "青溪县建设西南领先的康养基地。"),
        ("据统计，青溪县两年来已投入约18亿\n\n元改造园区。", "据统计，青溪县两年来已投入约18亿元改造园区。"),
        ("当年争取上级资金2.47\n\n亿元，是前年的两倍。", "当年争取上级资金2.47亿元，是前年的两倍。"),
        ("建成厂房20\n24平方米。", "建成厂房2024平方米。"),
        ("出台《青溪县支持工\n\n业发展的措施》。", "出台《青溪县支持工业发展的措施》。"),
        ("企业有装备制造、\n\n食品加工两类。", "企业有装备制造、食品加工两类。"),
        ("他说“园区要快\n\n建”是共识。", "他说“园区要快建”是共识。"),
    ],
)
def test_sentences_cut_by_single_and_blank_lines_are_whole(broken: str, whole: str) -> None:
    assert _texts(LONG + "\n\n" + broken + "\n\n" + LONG) == [LONG, whole, LONG]
    (sentence,) = (s for article in _repair(broken) for s in article.sentences)
    assert _quoted(broken, sentence) == [broken]


def test_a_wrapped_column_gives_whole_sentences_and_keeps_its_headings() -> None:
    body = "青溪县工业产值达到一百二十亿元，比上年增长百分之九，总量居全市第三位。" * 4
    lines = "\n".join(textwrap.wrap(body, 19))
    text = f"▶聚焦产业倍增，加快实施园区\n提升行动\n\n{lines}\n\n二、下一步打算\n{lines}\n"
    assert _texts(text) == [body[: len(body) // 4]] * 8
    assert _texts(text, "heading") == ["聚焦产业倍增，加快实施园区提升行动", "二、下一步打算"]


def test_headings_by_shape_name_the_section() -> None:
    lead = "青溪：开新局\n\n开头的一句话说了很多内容，足够长，也完整。"
    text = f"{lead}\n\n“新”字当头，做强园区\n\n{LONG}\n\n强链条 优环境\n\n{LONG}"
    sections = [s.section for a in _repair(text) for s in a.sentences if s.kind == "body"]
    assert sections == ["", "“新”字当头，做强园区", "强链条 优环境"]


def test_a_box_in_the_middle_of_a_sentence_is_set_apart() -> None:
    first = "王县长谈到下一步的安排时这样说：“补上短板，青溪靠的是新"
    rest = "型工业化；做强产业，靠的也是它。”她说，县里将再建两个园区。"
    text = f"{LONG}\n\n{first}\n\n声音\n\n“补上短板，靠的是它。”\n\n“园区要一个一个建好。”\n\n{rest}\n\n{LONG}"
    article = _repair(text)[0]
    assert [s.text for s in article.sentences if s.kind == "box"] == [
        "声音", "“补上短板，靠的是它。”", "“园区要一个一个建好。”",
    ]  # fmt: skip
    whole = next(s for s in article.sentences if "新型工业化" in s.text)
    assert len(whole.spans) == 2
    assert whole.text == "".join(_quoted(text, whole)) == first + rest
    assert all(s.section == "" for s in article.sentences)


def test_a_caption_in_mid_sentence_is_set_apart() -> None:
    half = "园区去年完成投资十二亿元，比上年增长百分之九，今年还将建设三个标准厂房，并引进配套的上"
    text = f"{half}\n\n\n\n青溪装备产业园\n\n下游企业十家。\n\n{LONG}"
    assert _texts(text, "caption") == ["青溪装备产业园"]
    assert _texts(text)[0].endswith("配套的上下游企业十家。")


@pytest.mark.parametrize(
    ("line", "caption"),
    [
        ("记者记者 张明张明 摄摄", "记者 张明 摄"),
        ("青溪装备产业园车间青溪装备产业园车间 李华李华 摄摄", "青溪装备产业园车间 李华 摄"),
        ("记记者者 张张明明 摄摄", "记者 张明 摄"),
        ("青溪装备产业园（李华 摄）", "青溪装备产业园（李华 摄）"),
        ("青溪装备产业园\n李华 摄", "青溪装备产业园 李华 摄"),
        ("（本版图片均由青溪县委宣传部提供）", "（本版图片均由青溪县委宣传部提供）"),
    ],
)
def test_captions_and_credits(line: str, caption: str) -> None:
    text = f"{LONG}\n\n{line}\n\n{LONG}"
    assert _texts(text, "caption") == [caption]
    sentence = next(s for s in _repair(text)[0].sentences if s.kind == "caption")
    assert _quoted(text, sentence) == [line]


def test_half_width_punctuation_and_spaces() -> None:
    text = "2023 年,青溪(县)完成投资 1,234 万元,其中LNG站 3.5 亿元;用电8:30起算.\n\n引进 Smart Factory 系统!"
    assert _texts(text) == [
        "2023年，青溪（县）完成投资1,234万元，其中LNG站3.5亿元；用电8:30起算。",
        "引进Smart Factory系统！",
    ]


def test_markdown_remnants_and_lists() -> None:
    text = (
        "青溪“123”体系\n\n- 1** 打造1个主导产业：装备制造\n- 2** 两个园区\n■ 东区\n■ 西区\n\n"
        "**重点**是`质量`。\n\n> 引用的一句话。\n>\n\n---\n\n●园区产值达到十二亿元，\n增长百分之九。\n"
    )
    found = [(s.text, s.section) for a in _repair(text) for s in a.sentences if s.kind == "body"]
    assert found[:4] == [
        ("打造1个主导产业：装备制造", ""),
        ("两个园区", ""),
        ("东区", "两个园区"),
        ("西区", "两个园区"),
    ]
    assert [t for t, _ in found[4:]] == [
        "重点是质量。",
        "引用的一句话。",
        "园区产值达到十二亿元，增长百分之九。",
    ]


def test_sentences_are_split_where_readers_would() -> None:
    long = "青溪县建成标准厂房十二万平方米，引进企业三十户，完成技改投资十八亿元，新增就业岗位两千六百个；"
    text = (
        "增长8.6%……还在加快。“要快！”他说，要早。“钱从哪来？”的问题有了答案。"
        f"（详见附件。）他笑了！{long}东部乡镇改造农田六万亩，建成高标准蔬菜基地十四个，全年产量稳中有增。"
        "短句；不拆。"
    )
    assert _texts(text) == [
        "增长8.6%……还在加快。",
        "“要快！”他说，要早。",
        "“钱从哪来？”的问题有了答案。",
        "（详见附件。）他笑了！",
        long,
        "东部乡镇改造农田六万亩，建成高标准蔬菜基地十四个，全年产量稳中有增。",
        "短句；不拆。",
    ]


def test_a_report_in_our_own_shape() -> None:
    text = (
        f"# 彝良：园区提质\n\n日期：2024-01-20\n\n## 工业\n\n{LONG}\n\n- 规上企业30户\n- 产值12亿元\n\n"
        f"## 农业\n\n{LONG}\n"
    )
    (article,) = _repair(text)
    assert (article.title, article.place, article.date) == ("彝良：园区提质", "彝良", "2024-01-20")
    assert [(s.section, s.kind) for s in article.sentences] == [
        ("", "heading"), ("", "caption"),
        ("工业", "heading"), ("工业", "body"), ("工业", "body"), ("工业", "body"),
        ("农业", "heading"), ("农业", "body"),
    ]  # fmt: skip


def test_several_articles_in_one_file_and_a_headline_at_the_end() -> None:
    first = "昭通市去年新建厂房八万平方米，引进企业二十户。" * 3
    second = "威信县今年种植方竹三万亩，建成加工厂两座。" * 3
    third = "近年来，彝良县依托天麻资源做强加工业，产值逐年提高。\n\n大力发展旅游业，接待游客稳步增长。"
    text = (
        f"# 昭通：工业稳步前行\n\n记者 李明\n\n{first}\n\n# 威信：方竹铺就富路\n\n通讯员 王芳\n\n{second}\n\n"
        f"## 做好三篇文章\n\n{third}\n\n彝良：天麻香飘四方\n\n通讯员 赵强"
    )
    articles = _repair(text)
    assert [(a.title, a.place) for a in articles] == [
        ("昭通：工业稳步前行", "昭通"), ("威信：方竹铺就富路", "威信"), ("彝良：天麻香飘四方", "彝良"),
    ]  # fmt: skip
    body = [s.text for s in articles[2].sentences if s.kind == "body"]
    assert body == third.split("\n\n")
    assert "彝良" not in "".join(s.text for s in articles[1].sentences)


def test_an_article_begins_after_the_byline_of_the_one_above() -> None:
    text = (
        f"绵阳 工业开新局\n\n绵阳{LONG * 3}\n\n（李明 王芳）\n\n"
        f"绵阳科技城 创新添动力\n\n绵阳科技城{LONG * 4}\n\n（李明）"
    )
    assert [(a.title, a.place) for a in _repair(text)] == [
        ("绵阳 工业开新局", "绵阳"), ("绵阳科技城 创新添动力", "绵阳科技城"),
    ]  # fmt: skip


# --- what the format says --------------------------------------------------------------------------------


def _whole(text: str, **known: str) -> Article:
    (article,) = repair(Report("样例.docx", text, "0" * 64, whole_lines=True, **known))  # type: ignore[arg-type]
    return article


def test_whole_lines_are_never_joined() -> None:
    text = (
        "# 青溪县工业报告\n## 一、总体情况\n青溪县工业产值达到一百二十亿元，比上年增长百分之九\n"
        "总量居全市第三位。\n规上企业30户\n新开工项目12个\n建成投产7个\n完成投资18.6\n亿元以上项目3个。\n"
    )
    article = _whole(text)
    assert [(s.kind, s.text) for s in article.sentences] == [
        ("heading", "青溪县工业报告"), ("heading", "一、总体情况"),
        ("body", "青溪县工业产值达到一百二十亿元，比上年增长百分之九"), ("body", "总量居全市第三位。"),
        ("body", "规上企业30户"), ("body", "新开工项目12个"), ("body", "建成投产7个"), ("body", "完成投资18.6"),
        ("body", "亿元以上项目3个。"),
    ]  # fmt: skip
    assert {s.section for s in article.sentences[1:]} == {"一、总体情况"}


def test_a_document_of_whole_lines_with_lists_a_date_and_a_signature() -> None:
    article = _whole(
        "# 青溪县工业报告\n（2024年1月15日）\n青溪县的工业产值达到一百二十亿元。\n（一）主要指标\n- 规上企业30户\n"
        "1. 新开工项目12个\n2. 建成投产7个\n二、存在的问题\n企业规模不大。\n图为工业园区。李明 摄\n青溪县统计局\n"
    )
    assert [(s.kind, s.section) for s in article.sentences] == [
        ("heading", ""), ("caption", ""), ("body", ""), ("heading", "（一）主要指标"), ("body", "（一）主要指标"),
        ("body", "（一）主要指标"), ("body", "（一）主要指标"), ("heading", "二、存在的问题"),
        ("body", "二、存在的问题"), ("caption", "二、存在的问题"), ("caption", "二、存在的问题"),
    ]  # fmt: skip
    assert article.date == "2024-01-15"


def test_headings_in_a_bunch_name_the_text_that_uses_their_words() -> None:
    text = (
        "关键词 天麻产业\n\n彝良：特色产业开新局\n\n天麻加工链条延长\n\n冷链物流连通城乡\n\n园区建设提档升级\n\n"
        "彝良把天麻作为支柱，加工企业由三户增加到十二户，链条不断延长，天麻加工产值翻番。\n"
    )
    (article,) = _repair(text)
    assert article.title == "彝良：特色产业开新局"
    assert [s.section for s in article.sentences if s.kind == "body"] == ["天麻加工链条延长"]


# --- what holds for any text -----------------------------------------------------------------------------

_MARKS = frozenset("#*_`>-=~|■□●○◆◇★☆▲△◎▪•·▶►▷➤+ \n\t\u3000\ufeff\u200b")
_PLAIN = {ord(half): full for half, full in zip(",;:?!().", "，；：？！（）。", strict=True)}
_ALPHABET = "青溪县工业产值园区的了是年亿元万一二三12345,.，。；：！？“”（）()《》…—、 \n\n\n#*->|:_`■●▶ABc%"


_LINES = (
    "", "", "# 彝良：园区提质", "## 一、工业", "▶做强园区，", "园区建设提速", "关键词 天麻", "声音",
    "“园区要快建。”", "“园区要", "快建。”", "记者记者 张明张明 摄摄", "本报记者 李晓华",
    "青溪日报 2023年12月27日 星期三 A3版", "— 3 —", "12", "第3页", "2023年12月", "26日，项目开工，投资18.6",
    "亿元，增长", "9.5 %。", "- 2** 两个园区", "■ 东区", "1. 新开工12个", "| 甲 | 乙 |",
    "图为工业园区。李明 摄", "（2024年1月15日）", "彝良县统计局",
    "威信县今年种植方竹三万亩,建成加工厂两座,综合产值达到4.7亿元", "……", "——聚焦产业",
    "　　县里再建两个园区。",
)  # fmt: skip


def _check_spans(text: str, *, whole: bool = False, pages: tuple[int, ...] = ()) -> None:
    covered = bytearray(len(text))
    for article in repair(Report("样例.txt", text, "0" * 64, whole_lines=whole, pages=pages)):
        for sentence in article.sentences:
            assert sentence.text.strip() == sentence.text != ""
            assert all(0 <= span.start < span.end <= len(text) for span in sentence.spans)
            source = "".join(text[span.start : span.end] for span in sentence.spans).translate(_PLAIN)
            rest = iter(re.sub(r"\s", "", source))
            assert all(c in rest for c in re.sub(r"\s", "", sentence.text).translate(_PLAIN))
            for span in sentence.spans:
                assert not any(covered[span.start : span.end])
                covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    unruled = re.sub(r"(?m)^[-=*_~\s|:]+$", lambda line: " " * len(line[0]), text)  # |:--:| of a table is a mark
    lost = [c for c, seen in zip(unruled, covered, strict=True) if not (seen or c in _MARKS or c.isspace())]
    assert "".join(lost).strip("0123456789") == ""  # the numeral of "- 2** " is a mark


@given(st.text(_ALPHABET, max_size=300), st.booleans(), st.sets(st.integers(1, 300), max_size=4))
@settings(max_examples=300, deadline=None)
def test_nothing_is_lost_and_nothing_invented(text: str, whole: bool, pages: set[int]) -> None:
    _check_spans(text, whole=whole, pages=(0, *sorted(page for page in pages if page < len(text))))


@given(st.lists(st.sampled_from(_LINES), max_size=30), st.booleans(), st.sets(st.integers(1, 300), max_size=4))
@settings(max_examples=300, deadline=None)
def test_lines_of_every_kind_in_any_order_keep_their_characters(lines: list[str], whole: bool, pages: set[int]) -> None:
    text = "\n".join(lines)
    _check_spans(text, whole=whole, pages=(0, *sorted(page for page in pages if page < len(text))))


def test_a_line_that_only_begins_as_a_dateline_is_read_at_once() -> None:
    line = "星期三上午在县委礼堂召开的全县工业高质量发展大会上，张县长作了动员讲话。"
    for text in (line, "三版" * 21 + "，"):
        since = time.monotonic()
        assert _texts(text) == [text]
        assert time.monotonic() - since < 5


# Shrinking a counterexample of this size takes minutes and shows no more.
WITHOUT_SHRINKING = settings(max_examples=100, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))

CLAUSES = (
    "青溪县扎实推进新型工业化", "全年完成工业投资18.6亿元", "同比增长9.5%", "引进装备制造企业12户",
    "建成标准厂房3.2万平方米", "“专精特新”企业达到24家", "园区（含东区）产值占全县的六成",
    "群众的腰包鼓了起来", "出台《青溪县支持工业发展若干措施》", "为企业减免税费1,250万元",
    "带动城乡居民就业", "打造西南地区重要的材料基地",
)  # fmt: skip
_SENTENCE = st.lists(st.sampled_from(CLAUSES), min_size=3, max_size=6).map(lambda c: "，".join(c) + "。")
_PARAGRAPHS = st.lists(st.lists(_SENTENCE, min_size=2, max_size=4).map("".join), min_size=2, max_size=4)


def _wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` Chinese characters, two Latin ones in the room of one, as a column is set."""
    lines, room = [""], float(width)
    for character in text:
        room -= 0.5 if character.isascii() else 1.0
        if room < 0:
            lines.append("")
            room = width - (0.5 if character.isascii() else 1.0)
        lines[-1] += character
    return lines


@given(_PARAGRAPHS, st.integers(18, 40), st.data())
@WITHOUT_SHRINKING
def test_hard_wraps_and_blank_lines_do_not_change_the_sentences(
    paragraphs: list[str], width: int, data: st.DataObject
) -> None:
    clean = "\n\n".join(paragraphs)
    lines = [line for paragraph in paragraphs for line in _wrap(paragraph, width)]
    gaps = data.draw(st.lists(st.sampled_from(["\n", "\n", "\n", "\n\n"]), min_size=len(lines), max_size=len(lines)))
    damaged = "".join(line + gap for line, gap in zip(lines, gaps, strict=True))
    assert _texts(damaged) == _texts(clean)
    _check_spans(damaged)


@given(st.lists(_SENTENCE, min_size=3, max_size=5), st.data())
@WITHOUT_SHRINKING
def test_a_blank_line_in_a_long_sentence_does_not_change_it(sentences: list[str], data: st.DataObject) -> None:
    assume(len(sentences[0]) > 44)
    clean = "\n\n".join(sentences)
    at = data.draw(st.integers(40, len(sentences[0]) - 2))
    assert _texts(sentences[0][:at] + "\n\n" + clean[at:]) == _texts(clean)


def test_repair_is_the_same_twice() -> None:
    text = f"# 彝良：园区提质\n\n{LONG}\n\n声音\n\n“园区要快建。”\n"
    assert _repair(text) == _repair(text)


# --- the five real pages ---------------------------------------------------------------------------------

real = pytest.mark.skipif(not REPORTS.is_dir(), reason="the five real pages are not here")


def _real() -> dict[str, tuple[Report, tuple[Article, ...]]]:
    reports = [read_report(path, path.name) for path in sorted(REPORTS.glob("*.txt"))]
    return {report.source[:3]: (report, repair(report)) for report in reports}


@real
def test_the_real_pages_have_their_articles_places_and_dates() -> None:
    found = {page: [(a.place, a.date) for a in articles] for page, (_, articles) in _real().items()}
    assert found == {
        "000": [("西昌", "2023")],
        "001": [("昭通", "2023"), ("威信", "2023"), ("彝良", "2023")],
        "002": [("涪陵", "2023-12")],
        "003": [("绵阳", "2024-01"), ("绵阳科技城", "2024-01")],
        "004": [("乐山", "2020")],
    }


@real
def test_the_real_pages_keep_every_character() -> None:
    for report, _ in _real().values():
        _check_spans(report.text)


@real
def test_words_cut_on_the_real_pages_are_whole() -> None:
    texts = [s.text for _, articles in _real().values() for a in articles for s in a.sentences]
    for words in ("西部领先中医药", "约25亿元", "3.86亿元", "靠的是新型工业化；", "固定资产投资202亿元"):
        assert any(words in text for text in texts), words
    assert not any("记者记者" in text or "摄摄" in text for text in texts)
