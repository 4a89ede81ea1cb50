"""Random inputs for all that reads what others wrote: `python tests/fuzz.py --inputs 100000`.

Each target makes one input from a random number generator and checks what came of it: no crash, no hang, nothing lost.
An input that takes more than LONGEST seconds is a hang. A failure prints the target and the seed that makes the same
input again: `python tests/fuzz.py --only repair --seed 7`. Writing in pictures is not recognised here: that takes
seconds a picture, whatever is in it.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import struct
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from itertools import chain, pairwise
from pathlib import Path
from unittest.mock import patch
from zipfile import ZipFile

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

import openpyxl
from PIL import Image
from test_layout import _ALPHABET, _LINES, _check_spans
from test_load_damage import _SEEDS, _damaged, _rewritten
from test_load_pdf import make, say

from assistant import InputError, contains_figure, find_figures, same_figure
from assistant.batch import read_items, run_batch
from assistant.rewrite import understand
from evals.suite import DEFAULT_SUITE, Entry, checked_entries
from index import ReportError, read_report
from index.load import image, pdf

LONGEST = 20.0  # seconds of one input: more is a hang
_NUMERALS = "0123456789０１２３,.，．%％‰一二三四五六七八九十百千万亿零两半几第约近超余多—-–~至到倍成点分之又¾½"
_UNITS = "元万元亿元亩万亩平方公里户家人名次吨度℃年月日时期个项美元公斤/“”（）() \n"
_WORDS = (
    "比与和同去年今年前者哪个多少吗呢是什么那里西昌市绵阳涪陵区产值增长企业面积排名超过分别各最高低，。？！；“”《》 "
)
_CODEPOINTS = [
    (0, 0x80),
    (0x80, 0x250),
    (0x2000, 0x2100),
    (0x3000, 0x3040),
    (0x4E00, 0x9FFF),
    (0xD800, 0xE000),
    (0x1F300, 0x1FA00),
]


def characters(rnd: random.Random, alphabet: str, longest: int) -> str:
    """Mostly of `alphabet`, now and then of anywhere in Unicode."""
    strange = rnd.choice((0.0, 0.0, 0.02, 0.3))
    return "".join(
        chr(rnd.randrange(*rnd.choice(_CODEPOINTS))) if rnd.random() < strange else rnd.choice(alphabet)
        for _ in range(rnd.randrange(longest))
    )


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def figures(rnd: random.Random, folder: Path) -> str:
    """Each figure stands where it says, in order, and is the same as itself."""
    return "some" if check_figures(characters(rnd, _NUMERALS + _UNITS, 60)) else "none"


def check_figures(text: str) -> int:
    """How many figures stand in `text`."""
    found = find_figures(text)
    assert all(text[figure.start : figure.end] == figure.text for figure in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    for figure in found:
        assert same_figure(figure, figure)
        contains_figure(text, figure)
    return len(found)


def questions(rnd: random.Random, folder: Path) -> str:
    """A question becomes a query, whatever it is."""
    text = characters(rnd, _WORDS + "0123年亿元%", 60)
    query = understand(_whole(text), [_whole(characters(rnd, _WORDS, 30)) for _ in range(rnd.randrange(3))])
    return query.kind


def repair(rnd: random.Random, folder: Path) -> str:
    """No character of a report is lost, doubled or invented; white space is none."""
    if rnd.random() < 0.5:
        text = _whole(characters(rnd, _ALPHABET, 300))
    else:
        text = "\n".join(rnd.choice(_LINES) for _ in range(rnd.randrange(30)))
    pages = sorted(rnd.sample(range(1, 300), rnd.randrange(4)))
    starts = (0, *(page for page in pages if page < len(text)))
    _check_spans(text, whole=rnd.random() < 0.3, pages=starts)
    return "done"


def plain(rnd: random.Random, folder: Path) -> str:
    """A text in an encoding of its own is read to its last character, or refused in a sentence."""
    text = _whole(characters(rnd, _ALPHABET, 400)).replace("\x00", "")
    data = text.encode(rnd.choice(("utf-8", "utf-8-sig", "gb18030", "utf-16")))
    if rnd.random() < 0.3:
        data = rnd.randbytes(rnd.randrange(300))
    report = _read(data, rnd.choice((".txt", ".md")), folder)
    return "refused" if report is None else "read"


def formats(rnd: random.Random, folder: Path) -> str:
    """A damaged file of every format is read, or refused in a sentence that names it."""
    ending = rnd.choice([*sorted(_SEEDS), ".pdf"])
    data = _pdf() if ending == ".pdf" else _SEEDS[ending]()
    seed = rnd.randrange(2**32)
    if ending in (".docx", ".xlsx") and rnd.random() < 0.5:
        with ZipFile(BytesIO(data)) as package:
            part = rnd.choice(package.namelist())
        data = _rewritten(data, lambda name, content: _damaged(content, seed) if name == part and content else content)
    else:
        data = _damaged(data, seed)
    return f"{ending} {'refused' if _read(data, ending, folder) is None else 'read'}"


_PDF: list[bytes] = []


def _pdf() -> bytes:
    if not _PDF:
        _PDF.append(make(say("工业总产值520亿元，增长14.8%。"), say("白石县规上企业96户。"), pageCompression=0))
    return _PDF[0]


_COLOURS = {"1": 0, "L": 0, "I;16": 0, "RGB": 2, "P": 3, "LA": 4, "RGBA": 6}  # modes of a PNG, as its header tells them


def pictures(rnd: random.Random, folder: Path) -> str:
    """A picture that is cut, garbled or lies about its size is decoded, or refused in a sentence."""
    kind = rnd.choice(("PNG", "JPEG"))
    data = _picture(rnd.choice([*_COLOURS] if kind == "PNG" else ["L", "RGB", "CMYK"]), kind, rnd.randrange(9))
    how = rnd.choice(("header", "damaged", "damaged", "whole"))
    if how == "header":
        data = _lying(rnd, data, kind)
    elif how == "damaged":
        data = _damaged(data, rnd.randrange(2**32))
    with patch.object(image, "recognise", lambda *_: []):
        assert _read(data, ".png" if kind == "PNG" else ".jpg", folder) is None
    try:
        shown = image.image_png(data, "坏.png", width=rnd.randrange(1, 200))
    except ReportError:
        assert how != "whole"
        return f"{kind} refused"
    assert shown.startswith(b"\x89PNG")
    return f"{kind} decoded"


@cache
def _picture(mode: str, kind: str, turn: int) -> bytes:
    made = Image.effect_noise((40, 24), 80).convert("RGB" if mode == "P" else "L" if mode == "I;16" else mode)
    tags = made.getexif()
    tags[0x0112] = turn  # the orientation; 0 is none of them
    target = BytesIO()
    made.convert(mode).save(target, kind, exif=tags)
    return target.getvalue()


def _lying(rnd: random.Random, data: bytes, kind: str) -> bytes:
    """Another size, depth or colour in the header, which is in order otherwise."""
    width, height = (rnd.choice((0, 1, 41, 3000, 12_000, 65_535, 2**31 - 1)) for _ in range(2))
    if kind == "PNG":
        depth, colour = rnd.choice((1, 2, 4, 8, 16, 7)), rnd.choice((*_COLOURS.values(), 5))
        header = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, rnd.randrange(3))
        return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]
    at = next((at for at in range(len(data) - 9) if data[at : at + 2] in (b"\xff\xc0", b"\xff\xc2")), 0)
    return data[: at + 5] + struct.pack(">HH", height % 2**16, width % 2**16) + data[at + 9 :]


def suites(rnd: random.Random, folder: Path) -> str:
    """Every line of a suite is a question or one sentence about it; no damage makes it anything else."""
    ending = rnd.choice((".jsonl", ".jsonl", ".json", ".csv", ".tsv", ".xlsx"))
    data = _suite(rnd, ending)
    path = folder / f"题{ending}"
    path.write_bytes(_damaged(data, rnd.randrange(2**32)) if rnd.random() < 0.5 else data)
    try:
        found = list(checked_entries([path]))
    except InputError as error:
        refusal = error
    else:
        return f"{ending} {_checked(found, path)}"
    assert _sentence(refusal, path)
    return f"{ending} refused"


def _checked(found: list[Entry | InputError], path: Path) -> str:
    lines = [line for line in path.read_text("utf-8-sig", "replace").split("\n") if line.strip()]
    assert path.suffix != ".jsonl" or len(found) == len(lines)
    assert all(isinstance(one, Entry) or _sentence(one, path) for one in found)
    return "read" if any(isinstance(one, Entry) for one in found) else "all refused"


def _suite(rnd: random.Random, ending: str) -> bytes:
    """A few questions of our own in the form of `ending`, each as it is or spoilt."""
    asked = [json.loads(line) for line in rnd.sample(_gold(), rnd.randrange(1, 5))]
    if ending == ".jsonl":
        return "\n".join(_spoilt(rnd, value) for value in asked).encode("utf-8", "replace")
    if ending == ".json":
        told = [{"id": q["id"], "question": q["question"], "answers": [*chain(*q["accept"])]} for q in asked]
        read = ",".join(_spoilt(rnd, value) for value in told)
        return f'{{"data": [{{"title": "甲.txt", "paragraphs": [{{"context": "乙。", "qas": [{read}]}}]}}]}}'.encode()
    rows = [("问题", "答案", rnd.choice(("题号", "出处", "备注")))]
    rows += [(q["question"], "；".join("|".join(group) for group in q["accept"]), q["id"]) for q in asked]
    if ending == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        target = BytesIO()
        book.save(target)
        return target.getvalue()
    between = "," if ending == ".csv" else "\t"
    return "\n".join(between.join(row) for row in rows).encode(rnd.choice(("utf-8", "gb18030")), "replace")


@cache
def _gold() -> list[str]:
    return DEFAULT_SUITE.read_text("utf-8").splitlines()


def _spoilt(rnd: random.Random, value: dict[str, object]) -> str:
    """A question as it is, with another value somewhere, or with a piece that belongs to nothing."""
    if rnd.random() < 0.5:
        other: tuple[object, ...] = (None, "", [], [[]], 1e999, {"a": []}, True, "长" * 5000, ["\x00"], -1)
        value[rnd.choice([*value, "draft", "多出的"])] = rnd.choice(other)
    line = json.dumps(value, ensure_ascii=rnd.random() < 0.5)
    if rnd.random() < 0.2:
        at = rnd.randrange(len(line))
        line = line[:at] + rnd.choice(["\x00", "\r", "\u2028", "[" * 5000, '"', "", "9" * 5000]) + line[at:]
    return line


def _sentence(error: InputError, path: Path) -> bool:
    return path.name in str(error) and str(error).endswith("。") and "\n" not in str(error)


def _read(data: bytes, ending: str, folder: Path) -> str | None:
    path = folder / f"坏{ending}"
    path.write_bytes(data)
    try:
        text = read_report(path, path.name).text
    except ReportError as error:
        refusal = str(error)
    else:
        assert text.strip()
        return text
    assert path.name in refusal
    assert refusal.count("。") == 1
    return None


def batch(rnd: random.Random, folder: Path) -> str:
    """Every line of a batch becomes an item and every item a line, across interruptions."""
    lines = [_line(rnd, number) for number in range(rnd.randrange(1, 6))]
    source, out = folder / "in.jsonl", folder / "out.jsonl"
    source.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass" if rnd.random() < 0.1 else "replace"))
    out.unlink(missing_ok=True)
    try:
        items = read_items(source, field="question")
    except InputError:
        return "refused"
    assert len(items) == sum(bool(line.strip()) for line in lines)

    def work(item: object) -> dict[str, str]:
        return {"id": item.id, "question": item.text}  # type: ignore[attr-defined]

    for _ in range(2):
        run_batch(items, out, work, field="question", progress=lambda *_: None)
        written = [json.loads(line) for line in out.read_bytes().split(b"\n") if line]
        assert [value["id"] for value in written] == [item.id for item in items]
        out.write_bytes(out.read_bytes()[: rnd.randrange(out.stat().st_size + 1)])
    return "done"


def _line(rnd: random.Random, number: int) -> str:
    value: object = {
        "id": str(number),
        "question": characters(rnd, _WORDS, 20) + "？",
        "history": ["甲"] * rnd.randrange(2),
    }
    if rnd.random() < 0.1:
        value = rnd.choice(
            [[], None, 1e999, {"id": number}, {"id": "a", "question": []}, {"id": "0", "question": "重"}]
        )
    line = json.dumps(value, ensure_ascii=rnd.random() < 0.5)
    if rnd.random() < 0.1:
        at = rnd.randrange(len(line))
        line = line[:at] + rnd.choice(["\x00", "\r", "\u2028", "[" * 5000, '"', "", "\ufeff", "9" * 5000]) + line[at:]
    return line


Target = Callable[[random.Random, Path], str]
# Out of a hundred inputs: those that cost least are tried most.
TARGETS: dict[Target, int] = {
    figures: 33, questions: 10, repair: 20, plain: 14, formats: 7, batch: 11, pictures: 3, suites: 2,
}  # fmt: skip


def once(target: Target, seed: int, folder: Path) -> str:
    """One input; what came of it. Raises whatever is wrong, and HangError after LONGEST seconds."""
    # a damaged page would be read as a picture, for seconds
    with _within(LONGEST), patch.object(pdf, "has_ocr", lambda: False):
        return target(random.Random(f"{target.__name__} {seed}"), folder)


class HangError(BaseException):
    """No Exception: what reads damaged files catches those."""


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """The clock of pytest's own limit goes on behind this one."""

    def late(*_: object) -> None:
        raise HangError(f"more than {seconds:g} s")

    handler, since = signal.signal(signal.SIGALRM, late), time.monotonic()
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - since), 0.1))


def run(target: Target, seeds: range) -> int:
    """Every seed of a target, counted; the number of failures."""
    outcomes: Counter[str] = Counter()
    failures, slowest, started = 0, 0.0, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            since = time.perf_counter()
            try:
                outcomes[once(target, seed, Path(folder))] += 1
            except (Exception, HangError):
                failures += 1
                print(f"FAILED {target.__name__} --seed {seed}\n{traceback.format_exc()}", flush=True)
            slowest = max(slowest, time.perf_counter() - since)
    told = ", ".join(f"{what} {count}" for what, count in sorted(outcomes.items()))
    spent = f"{time.perf_counter() - started:.0f} s, slowest {slowest:.2f} s"
    print(f"{target.__name__:9} {len(seeds):6} inputs, {failures:3} failed, {spent}: {told}", flush=True)
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--only", choices=[target.__name__ for target in TARGETS])
    parser.add_argument("--seed", type=int, help="one input of --only again")
    args = parser.parse_args()
    failures = 0
    for target, share in TARGETS.items():
        if args.only in (None, target.__name__):
            count = args.inputs if args.only else args.inputs * share // 100
            failures += run(target, range(count) if args.seed is None else range(args.seed, args.seed + 1))
    return min(failures, 1)


if __name__ == "__main__":
    sys.exit(main())
