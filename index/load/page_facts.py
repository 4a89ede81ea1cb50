"""What a web page says of itself: its title without the site's name, and the day it was published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml import html

_TITLES = ("articletitle", "og:title", "twitter:title")
_DATES = (
    "pubdate", "article:published_time", "og:published_time", "publishdate", "publish_date", "publishtime",
    "publish-date", "datepublished", "og:release_date", "firstpublishedtime", "apub:time", "weibo:article:create_at",
    "dc.date", "dcterms.created", "date",
)  # fmt: skip
_SITE = re.compile(
    r"\s*[_|｜]\s*|\s+[-–—]+\s+|\s*[-–—]+\s*(?=[^-–—]*(?:网|门户|政府|[日晚早]?报社?|频道|中心|[局委厅办]|客户端|新闻)\s*$)"
)
_DAY = r"((?:19|20)\d\d)\s*[-年/.]\s*(\d{1,2})\s*[-月/.]\s*(\d{1,2})"
_ANY_DAY = re.compile(_DAY)
_LABELLED = re.compile(rf"(?:发布|发文|刊发|成文|更新)?(?:日期|时间)\s*[:：]?\s*{_DAY}")
_WITH_TIME = re.compile(rf"{_DAY}日?\s*\d{{1,2}}:\d\d")
_JSON = re.compile(r'"(?:datePublished|pubDate)"\s*:\s*"([^"]{8,40})"')
_HEAD = 3_000


def page_title(page: html.HtmlElement) -> str:
    """The article's title from the page's metadata, its only first heading or its window title; "" without any."""
    metas = dict(reversed(list(_metas(page))))
    headings = [text for one in page.iter("h1") if (text := _line(one.text_content()))]
    window = [_line(one.text_content()) for one in page.iter("title")]
    stated = [metas[name] for name in _TITLES if metas.get(name)]
    only = headings if len(headings) == 1 and len(headings[0]) <= 80 else []
    for text in [*stated, *only, *window]:
        if title := _without_site(_line(text)):
            return title
    return ""


def page_date(page: html.HtmlElement) -> str:
    """ISO day of publication from metadata, else from the line under the title; "" where neither gives one."""
    return next((day for text in _dated(page) if (day := _iso(_ANY_DAY.search(text)))), "") or _printed(page)


def _metas(page: html.HtmlElement) -> Iterator[tuple[str, str]]:
    for meta in page.iter("meta"):
        name = meta.get("name") or meta.get("property") or meta.get("itemprop") or ""
        yield name.strip().lower(), (meta.get("content") or "").strip()


def _dated(page: html.HtmlElement) -> Iterator[str]:
    metas = dict(reversed(list(_metas(page))))
    yield from (metas[name] for name in _DATES if name in metas)
    for script in page.iter("script"):
        if "ld+json" in (script.get("type") or "") and (found := _JSON.search(script.text or "")):
            yield found[1]
    for element in page.iter("time"):
        yield element.get("datetime") or element.text_content()


def _printed(page: html.HtmlElement) -> str:
    shown = page.xpath("//body//text()[not(ancestor::script or ancestor::style)]")
    text = re.sub(r"\s+", " ", " ".join(shown))[:_HEAD]
    for pattern in (_LABELLED, _WITH_TIME):
        if day := _iso(pattern.search(text)):
            return day
    return ""


def _iso(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return ""


def _without_site(title: str) -> str:
    """青溪：新账本_西南日报网 -> 青溪：新账本; a short first part is no title, but a word of the site."""
    first = _SITE.split(title)[0].strip()
    return first if len(first) >= 6 else title


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
