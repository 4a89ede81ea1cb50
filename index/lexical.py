"""Lexical search: SQLite FTS5 over text that is cut into terms beforehand, ranked by bm25.

Terms are bigrams of Chinese characters and whole runs of Latin letters and digits. On CMRC 2018 bigrams find
0.965 of 1,000 questions' passages first, against 0.924 for jieba words; unigrams beside them gain next to
nothing and cost ten times the time.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator

# place, title and section, text: a place named in the question weighs more than the same word in passing. On
# the gold suite weights from 0 to 4 are all as good (MRR 0.922-0.926): its passages name their place.
_WEIGHTS = (2.0, 0.5, 1.0)
_HAN = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[a-z0-9\u00df-\u024f]+(?:\.[0-9]+)*)")
# One query joins its terms by OR; a question has dozens, a pasted document thousands.
_MAX_TERMS = 400


def terms(text: str) -> Iterator[str]:
    """The terms of `text` in order; full-width and half-width forms and both cases give the same terms."""
    for run in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        characters = run["han"]
        if characters is None or len(characters) == 1:
            yield run[0]
        else:
            yield from (characters[i : i + 2] for i in range(len(characters) - 1))


def create_terms(connection: sqlite3.Connection) -> None:
    """The table of terms; nothing but the terms is kept in it."""
    connection.execute(
        "CREATE VIRTUAL TABLE terms USING fts5(place, head, body, content='', "
        "tokenize=\"unicode61 remove_diacritics 0 tokenchars '.'\")"
    )


def add_terms(connection: sqlite3.Connection, rows: Iterable[tuple[int, str, str, str]]) -> None:
    """`rows` are (row number, place, title and section, text)."""
    cut = ((row, *(" ".join(terms(column)) for column in columns)) for row, *columns in rows)
    connection.executemany("INSERT INTO terms (rowid, place, head, body) VALUES (?, ?, ?, ?)", cut)


def search_terms(connection: sqlite3.Connection, query: str, k: int) -> list[tuple[int, float]]:
    """The `k` rows that match best as (row number, bm25), larger is better; without terms nothing."""
    match = _match(query)
    if not match or k < 1:
        return []
    weights = ", ".join(map(str, _WEIGHTS))
    found = connection.execute(
        f"SELECT rowid, -bm25(terms, {weights}) FROM terms WHERE terms MATCH ? "
        f"ORDER BY bm25(terms, {weights}), rowid LIMIT ?",
        (match, k),
    )
    return [(row, score) for row, score in found]


def term_rows(connection: sqlite3.Connection, wanted: Iterable[str]) -> dict[str, int]:
    """How many rows hold each of the `wanted` terms."""
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, 'terms', 'row')")
    count = "SELECT doc FROM temp.vocabulary WHERE term = ?"
    return {term: next((doc for (doc,) in connection.execute(count, (term,))), 0) for term in wanted}


def _match(query: str) -> str:
    """An FTS5 query: quoted terms joined by OR, so that nothing a user types is query language.

    A query of single characters alone finds the bigrams that begin with them.
    """
    found = list(dict.fromkeys(terms(query)))[:_MAX_TERMS]
    single = all(len(term) == 1 and not term.isascii() for term in found)
    return " OR ".join(f'"{term}"*' if single else f'"{term}"' for term in found)
