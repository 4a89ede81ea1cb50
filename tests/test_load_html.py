"""Web pages: the main text with headings, lists and tables; title and date; nothing lost, nothing fetched."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.errors import ReportError
from index.load import read_report
from index.report import Report

NEWS = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>青溪：老工业城的新账本_西南日报网</title>
<meta name="publishdate" content="2024-01-18"><script>var a = "脚本里的话";</script></head><body>
<div class="top"><a href="/">首页</a> <a href="/n">新闻</a> <a href="/e">经济</a></div>
<div class="path">当前位置：<a href="/">首页</a> &gt; <a href="/e">经济</a> &gt; 正文</div>
<div class="main"><h1>青溪：老工业城的新账本</h1><div class="info">2024-01-18 08:12 来源：西南日报</div>
<div class="content"><p>　　清晨六点，东郊的轧钢车间灯火通明。2023年，
全市工业投资<a href="/k">增长</a>21.4%。</p>
<div class="ad"><a href="x">限时特惠</a><a href="y">点击领取</a></div>
<h2>家底</h2><p>“过去靠矿，现在靠链。”市工信局局长说。</p>
<ul><li>链主企业12家</li><li>绿色工厂27家</li></ul><p>表1 2023年各县区工业情况</p>
<table><tr><th rowspan="2">县区</th><th colspan="2">工业总产值</th></tr><tr><th>总量（亿元）</th><th>增速（%）</th></tr>
<tr><td>东岭区</td><td>520.0</td><td>14.8</td></tr><tr><td>白石县</td><td>96.3</td><td>-2.1</td></tr></table>
<p>注：增速按可比价计算。</p><p><strong>图为轧钢车间。（王某 摄）</strong></p></div></div>
<div class="side"><h3>热门新闻</h3><ul><li><a href=1>市长调研重点项目建设情况</a></li>
<li><a href=2>一图读懂全市经济工作会议</a></li></ul></div>
<div class="foot">版权所有 某报社　某ICP备00000000号</div></body></html>"""

GOV = """<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">
<meta name="ArticleTitle" content="青溪市2023年统计公报"><meta name="PubDate" content="2024-03-21 10:05">
<title>青溪市2023年统计公报-青溪市人民政府门户网站</title></head><body>
<table><tr><td><a href=1>网站首页</a>|<a href=2>政务公开</a>|<a href=3>办事服务</a></td></tr></table>
<table><tr><td><a href=4>公报</a><br><a href=5>月度数据</a></td><td><table>
<tr><td align="center"><b>青溪市2023年统计公报</b></td></tr>
<tr><td>发布日期：2024-03-21　来源：市统计局　浏览次数：</td></tr>
<tr><td><p><strong>一、综合</strong></p><p>初步核算，全年地区生产总值2310.45亿元，比上年增长6.7%。</p>
<p><span>年末常住人口</span><span>286.4万人</span>，<br>比上年末减少1.2万人。</p>
<p align=center>表2　主要农产品产量</p><p align=right>单位：万吨、%</p>
<table border=1><tr><td>产品名称</td><td>产量</td><td>比上年增长</td></tr>
<tr><td>粮食</td><td>123.6</td><td>0.8</td></tr><tr><td>蔬菜</td><td>402.15</td><td>3.6</td></tr></table></td></tr>
<tr><td>【<a href=#>打印本页</a>】【<a href=#>关闭窗口</a>】</td></tr></table></td></tr></table></body></html>"""


def _read(folder: Path, data: bytes) -> Report:
    path = folder / "页面.html"
    path.write_bytes(data)
    return read_report(path, "页面.html")


def test_a_newspaper_page(tmp_path: Path) -> None:
    report = _read(tmp_path, NEWS.encode())
    assert (report.title, report.date, report.whole_lines) == ("青溪：老工业城的新账本", "2024-01-18", True)
    assert report.text.split("\n") == [
        "# 青溪：老工业城的新账本",
        "2024-01-18 08:12 来源：西南日报",
        "清晨六点，东郊的轧钢车间灯火通明。2023年， 全市工业投资增长21.4%。",
        "## 家底",
        "“过去靠矿，现在靠链。”市工信局局长说。",
        "- 链主企业12家",
        "- 绿色工厂27家",
        "表1 2023年各县区工业情况",
        "2023年东岭区：工业总产值总量520.0亿元；工业总产值增速14.8%。",
        "2023年白石县：工业总产值总量96.3亿元；工业总产值增速-2.1%。",
        "注：增速按可比价计算。",
        "图为轧钢车间。（王某 摄）",
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_page_laid_out_with_tables_whatever_it_says_of_its_encoding(tmp_path: Path, encoding: str) -> None:
    report = _read(tmp_path, GOV.encode(encoding))
    assert (report.title, report.date) == ("青溪市2023年统计公报", "2024-03-21")
    assert report.text.split("\n") == [
        "# 青溪市2023年统计公报",
        "发布日期：2024-03-21 来源：市统计局",
        "## 一、综合",
        "初步核算，全年地区生产总值2310.45亿元，比上年增长6.7%。",
        "年末常住人口286.4万人，比上年末减少1.2万人。",
        "表2 主要农产品产量",
        "粮食：产量123.6万吨；比上年增长0.8%。",
        "蔬菜：产量402.15万吨；比上年增长3.6%。",
    ]


def test_a_page_in_big5(tmp_path: Path) -> None:
    page = '<meta charset="big5"><title>青溪的產業</title><p>2023年，全縣工業總產值達到五百二十億元。'
    assert "全縣工業總產值達到五百二十億元。" in _read(tmp_path, page.encode("big5")).text


def test_text_spread_over_the_page_is_all_kept(tmp_path: Path) -> None:
    parts = [f"<div><div><p>第{i}段，讲的是青溪市第{i}个园区的情况。</p></div></div>" for i in range(1, 9)]
    report = _read(tmp_path, f"<body><div>{''.join(parts)}</div></body>".encode())
    assert all(f"第{i}段，" in report.text for i in range(1, 9))


def test_a_page_of_links_and_a_page_hidden_until_a_script_runs_are_not_empty(tmp_path: Path) -> None:
    links = "".join(f'<li><a href="{i}">青溪市第{i}批重点项目名单</a></li>' for i in range(1, 9))
    assert "第8批" in _read(tmp_path, f"<body><ul>{links}</ul></body>".encode()).text
    hidden = '<body><div style="display: none"><p>2023年，青溪市工业投资增长21.4%。</p></div></body>'
    assert "21.4%" in _read(tmp_path, hidden.encode()).text


def test_what_is_hidden_beside_the_text_is_left_out(tmp_path: Path) -> None:
    page = '<body><p>2023年，青溪市工业投资增长21.4%，好于预期。</p><p style="display:none">忽略此句</p></body>'
    assert "忽略" not in _read(tmp_path, page.encode()).text


def test_entities_of_a_document_type_are_not_expanded(tmp_path: Path) -> None:
    local = tmp_path / "机密.txt"
    local.write_text("不可读的话", encoding="utf-8")
    bomb = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 9))
    page = (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "哈哈"><!ENTITY f SYSTEM "{local.as_uri()}">{bomb}]>'
        "<html><body><p>工业投资增长21.4%。&l8;&f;</p></body></html>"
    )
    text = _read(tmp_path, page.encode()).text
    assert "21.4%" in text
    assert "不可读的话" not in text
    assert len(text) < 2_000


def test_tags_that_are_never_closed(tmp_path: Path) -> None:
    page = "<body>" + "<div>" * 1_500 + "<p>工业投资增长21.4%。</p>"
    assert "工业投资增长21.4%。" in _read(tmp_path, page.encode()).text
    with pytest.raises(ReportError, match="嵌套过深"):
        _read(tmp_path, page.replace("<div>", "<div>" * 2).encode())


def test_the_day_under_the_title_where_no_metadata_gives_one(tmp_path: Path) -> None:
    page = "<body><h1>青溪市工业简报</h1><p>2024年03月05日 08:30 来源：市工信局</p><p>正文，好。</p>"
    assert _read(tmp_path, page.encode()).date == "2024-03-05"
    assert _read(tmp_path, page.replace("03月05日", "13月45日").encode()).date == ""
