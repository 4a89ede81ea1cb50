"""Many users at once against one server: `python -m evals.load [--users 50] [--minutes 10]`.

A real `judian chat` in a process of its own, over a copy of the index, is asked through its API by `users` threads,
each of which reads an answer for `--think` seconds before it asks on. The language model is an endpoint in this
process that answers at once with the first evidence it is shown, so that what is measured is everything round the
model; `--llm embedded` takes the embedded one. Told are questions a second, percentiles of the wait from asking to
the answer (politely refused tries and their pauses included), failures, and how the server's memory grows.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np

from evals.memory import resident
from evals.suite import DEFAULT_SUITE, read_suite

_PATIENCE = 300.0  # seconds that a user waits for one answer
_EVERY = 2.0  # seconds between two looks at the memory
_FIRST_LINE = re.compile(r"^【[^】]*】(.+)$", re.MULTILINE)


class FastModel(ThreadingHTTPServer):
    """An OpenAI-compatible endpoint on loopback that streams the first line of evidence back."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _FastReply)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _FastReply(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._send("application/json", json.dumps({"object": "list", "data": [{"id": "fast", "object": "model"}]}))

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        lines = _FIRST_LINE.findall(asked["messages"][-1]["content"])
        chunks = []
        for delta, finish in (({"role": "assistant", "content": lines[0] if lines else "没有。"}, None), ({}, "stop")):
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            chunks.append(json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": [choice]}))
        self._send("text/event-stream", "".join(f"data: {chunk}\n\n" for chunk in [*chunks, "[DONE]"]))

    def _send(self, kind: str, body: str) -> None:
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@dataclass
class Tally:
    """What the users met. Lists grow from many threads; `memory` holds (seconds since the start, bytes).

    `began` and `ended` (the latest answer) are of `time.perf_counter`.
    """

    began: float = field(default_factory=time.perf_counter)
    ended: float = 0.0
    waits: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    models: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)


@contextmanager
def serving(reports: Path, folder: Path, llm: str, url: str) -> Iterator[tuple[str, int]]:
    """A chat over `reports`: its address and the process; its index stands in `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"JUDIAN_REPORTS": str(reports), "JUDIAN_INDEX": str(folder / "index"), "JUDIAN_LLM": llm}
    settings["JUDIAN_LLM_BASE_URL"] = url
    command = [sys.executable, "-m", "assistant", "chat", "--port", str(port)]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(command, env=os.environ | settings, stderr=log) as it,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            while not _healthy(address):
                if it.poll() is not None:
                    raise SystemExit((folder / "server.log").read_text("utf-8", "replace"))
                time.sleep(0.2)
            yield address, it.pid
        finally:
            it.terminate()


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def use(address: str, questions: Sequence[str], until: float, think: float, seed: int, tally: Tally) -> None:
    """One user: asks, reads, asks on."""
    rnd = random.Random(seed)
    time.sleep(rnd.random() * think)
    while time.perf_counter() < until:
        since = time.perf_counter()
        said = _answer(address, rnd.choice(questions), since + _PATIENCE, tally)
        if said:
            tally.ended = time.perf_counter()
            tally.waits.append(tally.ended - since)
            tally.statuses[said["status"]] += 1
            tally.models[said["model"]] += 1
        time.sleep(rnd.uniform(0.5, 1.5) * think)


def _answer(address: str, question: str, patience: float, tally: Tally) -> dict[str, Any]:
    """The answer, empty if there was none; comes back as often as the server says that it is busy."""
    data = json.dumps({"question": question}).encode()
    while True:
        request = urllib.request.Request(f"{address}/api/ask", data, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE) as reply:
                answer: dict[str, Any] = json.load(reply)
                return answer
        except urllib.error.HTTPError as error:
            with error:
                busy, said = error.code == 503, error.read().decode("utf-8", "replace")
            if not busy or time.perf_counter() > patience:
                tally.failures.append(f"{error.code} {said}")
                return {}
            tally.refusals.append(time.perf_counter())
            time.sleep(float(error.headers.get("retry-after", "1")))
        except (OSError, ValueError) as error:
            tally.failures.append(f"{type(error).__name__}: {error}")
            return {}


def growth(memory: Sequence[tuple[float, int]]) -> float:
    """MiB a minute, by least squares over the second half of the measurements: the first fills caches."""
    half = memory[len(memory) // 2 :]
    if len(half) < 3:
        return 0.0
    seconds, taken = np.array(half, dtype=float).T
    return float(np.polyfit(seconds / 60, taken / 2**20, 1)[0])


def measure(address: str, process: int, questions: Sequence[str], users: int, seconds: float, think: float) -> Tally:
    """Lets `users` ask for `seconds`; returns when the last answer has come."""
    tally, began = Tally(), time.perf_counter()
    threads = [
        threading.Thread(target=use, args=(address, questions, began + seconds, think, number, tally), daemon=True)
        for number in range(users)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        tally.memory.append((time.perf_counter() - began, resident(process)))
        time.sleep(_EVERY)
    return tally


def report(tally: Tally, users: int, seconds: float) -> str:
    """What is printed in the end."""
    if not tally.waits:
        return f"没有一个问题得到回答；失败 {len(tally.failures)} 次：{tally.failures[:3]}"
    p50, p95, p99 = np.percentile(tally.waits, [50, 95, 99])
    took = tally.ended - tally.began  # longer than `seconds`: what is asked at their end is waited for, and counted
    first, last, top = tally.memory[0][1], tally.memory[-1][1], max(size for _, size in tally.memory)
    lines = [
        f"{users} 个用户提问 {seconds / 60:g} 分钟，{took:.0f} 秒后答完：回答 {len(tally.waits)} 题，"
        f"每秒 {len(tally.waits) / took:.2f} 题",
        f"从提问到回答：p50 {p50:.2f} 秒，p95 {p95:.2f} 秒，p99 {p99:.2f} 秒，最长 {max(tally.waits):.2f} 秒",
        f"失败 {len(tally.failures)} 次；请稍后再试 {len(tally.refusals)} 次（等过之后都算在上面的用时里）",
        "结果："
        + "，".join(f"{status} {count}" for status, count in sorted(tally.statuses.items()))
        + "；模型："
        + "，".join(f"{model} {count}" for model, count in sorted(tally.models.items())),
        f"服务器内存：开始 {first / 2**20:.0f} MiB，最多 {top / 2**20:.0f}，结束 {last / 2**20:.0f}；"
        f"后半段每分钟 {growth(tally.memory):+.1f} MiB",
    ]
    return "\n".join([*lines, *(f"失败：{failure[:200]}" for failure in tally.failures[:5])])


def main() -> int:
    parser = argparse.ArgumentParser(description="许多用户同时提问：吞吐、等待、失败、内存。")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--think", type=float, default=5.0, help="用户读一个回答的平均秒数")
    parser.add_argument("--llm", default="fast", help="fast（本进程里的快模型）、none 或 embedded")
    parser.add_argument("--reports", type=Path, default=Path("reports"))
    parser.add_argument("--suite", type=Path, default=DEFAULT_SUITE)
    args = parser.parse_args()
    if not args.reports.is_dir():  # all would be told to come back once there are reports
        parser.error(f"没有报告文件夹 {args.reports}：请用 --reports 指明。")
    questions = [question.question for question in read_suite(args.suite) if not question.history]
    with FastModel() as model, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=model.serve_forever, daemon=True).start()
        with serving(args.reports.resolve(), Path(folder), args.llm, model.url) as (address, process):
            use(address, questions, time.perf_counter() + 1, 0.0, -1, Tally())  # models are loaded by then
            tally = measure(address, process, questions, args.users, args.minutes * 60, args.think)
        model.shutdown()
    print(report(tally, args.users, args.minutes * 60))
    return 1 if tally.failures or not tally.waits else 0


if __name__ == "__main__":
    sys.exit(main())
