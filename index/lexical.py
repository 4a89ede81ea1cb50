"""Lexical search: SQLite FTS5 over text that is cut into terms beforehand, ranked by bm25.

Terms are bigrams of Chinese characters and whole runs of Latin letters and digits. On CMRC 2018 bigrams find
0.965 of 1,000 questions' passages first, against 0.924 for jieba words; unigrams beside them gain next to
nothing and cost ten times the time.
"""

from __future__ import annotations

import math
import re
import sqlite3
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

# place, title and section, text: a place named in the question weighs more than the same word in passing. On
# the gold suite weights from 0 to 4 are all as good (MRR 0.922-0.926): its passages name their place.
_WEIGHTS = (2.0, 0.5, 1.0)
_HAN = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff"
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|(?P<word>[a-z0-9\u00df-\u024f]+(?:\.[0-9]+)*)")
# One query joins its terms by OR; a question has dozens, a pasted document thousands.
_MAX_TERMS = 400
# On the largest of two public sets, whose questions' terms stand in five times as many rows as there are, scoring a
# fifth as many rows as there are changes no result, a tenth costs 0.02 of hit@5; at 97,820 passages this many, a
# seventh, give the same first ten for each of 100 questions as 20,000 (evals/LOG.md).
_SCORED_ROWS = 14_000
_ROWS_A_RESULT = 4  # at least, to choose from


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


def search_terms(
    connection: sqlite3.Connection, query: str, k: int, *, layered: bool = False
) -> list[tuple[int, float]]:
    """The `k` rows that match best as (row number, bm25), larger is better; without terms nothing.

    Where the rows are `layered`, terms weigh in the lower layer as much as its rows say, in the upper one as much as
    those of both do.
    """
    found = list(dict.fromkeys(terms(query)))[:_MAX_TERMS]
    if not found or k < 1:
        return []
    if not layered:
        return _best(connection, found, k, "main")
    lower = _best(connection, found, k, "base", "AND +rowid NOT IN (SELECT row FROM main.gone_rows)")
    return sorted([*lower, *_upper(connection, found)], key=lambda pair: (-pair[1], pair[0]))[:k]


def term_rows(connection: sqlite3.Connection, wanted: Iterable[str], *, layered: bool = False) -> dict[str, int]:
    """How many rows hold each of the `wanted` terms; counted once, so no rows may be added after the first call.

    Rows of a lower layer that are gone are counted still.
    """
    layers = ("main", "base") if layered else ("main",)
    for layer in layers:
        connection.execute(
            f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary_{layer} USING fts5vocab({layer}, 'terms', 'row')"
        )
    connection.execute("CREATE TABLE IF NOT EXISTS temp.counted (term TEXT PRIMARY KEY, doc INTEGER) WITHOUT ROWID")
    rows: dict[str, int] = {}
    for term in wanted:
        found = connection.execute("SELECT doc FROM temp.counted WHERE term = ?", (term,)).fetchone()
        if found is None:
            parts = (f"SELECT doc FROM temp.vocabulary_{layer} WHERE term = ?1" for layer in layers)
            found = connection.execute(
                f"SELECT ifnull(sum(doc), 0) FROM ({' UNION ALL '.join(parts)})", (term,)
            ).fetchone()
            connection.execute("INSERT INTO temp.counted VALUES (?, ?)", (term, found[0]))
        rows[term] = found[0]
    connection.commit()
    return rows


def row_holds(connection: sqlite3.Connection, row: int, wanted: Sequence[str], *, layered: bool = False) -> bool:
    """Whether a row holds all of the `wanted` terms."""
    matching = " ".join(f'"{term}"' for term in wanted)
    return any(
        connection.execute(f"SELECT 1 FROM {layer}.terms WHERE terms MATCH ? AND rowid = ?", (matching, row)).fetchone()
        for layer in (("main", "base") if layered else ("main",))
    )


def _best(
    connection: sqlite3.Connection, found: Sequence[str], k: int, layer: str, those: str = ""
) -> list[tuple[int, float]]:
    weights = ", ".join(map(str, _WEIGHTS))
    scored, near = _narrowed(connection, found, k, layer)
    rows = connection.execute(
        f"SELECT rowid, -bm25(terms, {weights}) FROM {layer}.terms WHERE terms MATCH ? {those} "
        f"{f'AND +rowid IN (SELECT rowid FROM {layer}.terms WHERE terms MATCH ?) ' if near else ''}"
        f"ORDER BY bm25(terms, {weights}), rowid LIMIT ?",
        (_match(scored), *([_match(near)] if near else []), k),
    )
    return [(row, score) for row, score in rows]


def _upper(connection: sqlite3.Connection, found: Sequence[str]) -> list[tuple[int, float]]:
    """Every row of the upper layer that matches. FTS5 weighs a term by the rows of its own table, here too few to tell
    what is rare: each term's share of a score is weighed anew by the rows of both layers."""
    prefix, weights = _all_single(found), ", ".join(map(str, _WEIGHTS))
    (upper,) = connection.execute("SELECT count(*) FROM main.terms_docsize").fetchone()
    (lower,) = connection.execute("SELECT ifnull(max(id), 0) FROM base.terms_docsize").fetchone()
    rows = {} if prefix else term_rows(connection, found, layered=True)
    scores: dict[int, float] = {}
    for term in found:
        match = _match([term]) if prefix else f'"{term}"'
        hits = connection.execute(
            f"SELECT rowid, -bm25(terms, {weights}) FROM main.terms WHERE terms MATCH ?", (match,)
        ).fetchall()
        if not hits:
            continue
        many = (
            rows[term]
            if not prefix
            else len(hits)
            + connection.execute("SELECT count(*) FROM base.terms WHERE terms MATCH ?", (match,)).fetchone()[0]
        )
        factor = _weight(many, upper + lower) / _weight(len(hits), upper)
        for row, score in hits:
            scores[row] = scores.get(row, 0.0) + score * factor
    return list(scores.items())


def _weight(rows: int, total: int) -> float:
    """The inverse document frequency of a term as FTS5 has it."""
    return max(math.log((total - rows + 0.5) / (rows + 0.5)), 1e-6)


def _narrowed(
    connection: sqlite3.Connection, found: Sequence[str], k: int, layer: str = "main"
) -> tuple[list[str], list[str]]:
    """The terms to score by, and those of which a row must hold one to be scored (none: any row may be).

    To match a row takes a tenth of the time of scoring it, and a row with none of the rare terms of a question
    is hardly among its best: where all terms together stand in more than _SCORED_ROWS rows, the rarest that
    stand in so many choose the rows, and nearly all terms score them. The idea is that of MaxScore (Turtle &
    Flood 1995), without its guarantee. A term of more than half of all rows weighs nothing in FTS5's bm25.
    """
    scored = list(found)
    if _all_single(found):
        return scored, []
    rows = term_rows(connection, found, layered=layer != "main")
    if sum(rows.values()) <= _SCORED_ROWS:
        return scored, []
    total = connection.execute(f"SELECT ifnull(max(id), 0) FROM {layer}.terms_docsize").fetchone()[0]
    rarest = sorted((term for term in found if rows[term]), key=lambda term: rows[term])
    sums = list(accumulate(rows[term] for term in rarest))
    near = rarest[: max(bisect_right(sums, _SCORED_ROWS), bisect_left(sums, _ROWS_A_RESULT * k) + 1)]
    return [term for term in rarest if term in near or rows[term] <= total / 2], near


def _match(found: Sequence[str]) -> str:
    """An FTS5 query: quoted terms joined by OR, so that nothing a user types is query language.

    Single characters alone find the bigrams that begin with them.
    """
    return " OR ".join(f'"{term}"*' if _all_single(found) else f'"{term}"' for term in found)


def _all_single(found: Sequence[str]) -> bool:
    return all(len(term) == 1 and not term.isascii() for term in found)
