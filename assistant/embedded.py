"""The embedded model in a process of its own: started, waited for, started anew after it was lost, ended."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Literal

from assistant.errors import WeightsError

_CONTEXT_TOKENS = 4096
_PROMPT_CACHE_MIB = 256


class ModelProcess:
    """llama.cpp with the weights in the file `path`, served as `name` on a free loopback port behind a random key.

    It loads from the beginning, while its user does other things. Safe to share between threads; close it when done.
    """

    def __init__(self, path: Path, name: str) -> None:
        """Raises WeightsError where no process can be started."""
        self.key = secrets.token_urlsafe(24)
        self._path = path
        self._name = name
        self._lock = threading.Lock()
        self._address = ""
        self._closed = False
        self._process: subprocess.Popen[bytes] | None = self._start()

    def address(self) -> str:
        """Where the model is served, as soon as it is; a process that was lost is started anew.

        Raises WeightsError where the model cannot be loaded, and after `close`.
        """
        with self._lock:
            if self._closed:
                raise self._failure()
            if self._address and (self._process is None or self._process.poll() is not None):
                self._end()
            if self._process is None:
                self._process = self._start()
            self._address = self._address or self._told(self._process)
            return self._address

    @property
    def state(self) -> Literal["ok", "loading", "fail"]:
        """At once, also while it loads; "fail" where it has ended, until it is asked again."""
        process = self._process
        if process is None or process.poll() is not None:
            return "fail"
        return "ok" if self._address else "loading"

    def close(self) -> None:
        """End the process, whatever it is at. May be called twice."""
        self._closed = True
        if process := self._process:
            process.kill()  # now: who waits for its address holds the lock
        with self._lock:
            self._end()

    def _start(self) -> subprocess.Popen[bytes]:
        arguments = {
            "path": str(self._path),
            "name": self._name,
            "key": self.key,
            "context": _CONTEXT_TOKENS,
            "cache": _PROMPT_CACHE_MIB,
            "threads": usable_cores(),
        }
        try:
            process = subprocess.Popen(
                # -P: a file of the folder that the user is in must not stand in for a library.
                [sys.executable, "-P", "-m", "assistant.model_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
            )
        except OSError as error:
            raise self._failure() from error
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already, which is noticed when it is waited for
            process.stdin.write(json.dumps(arguments).encode() + b"\n")
            process.stdin.flush()
        return process

    def _told(self, process: subprocess.Popen[bytes]) -> str:
        assert process.stdout is not None
        line = process.stdout.readline()
        reply = json.loads(line) if line else {"error": "the process has ended"}
        if "error" in reply:
            self._end()
            raise self._failure() from RuntimeError(reply["error"])
        return str(reply["address"])

    def _end(self) -> None:
        process, self._process, self._address = self._process, None, ""
        if process:
            process.kill()
            process.communicate()  # waits for it, and closes the pipes

    def _failure(self) -> WeightsError:
        return WeightsError(
            f"内置模型加载失败（{self._path}）：请确认有 2 GB 以上的空闲内存，或设置 JUDIAN_LLM=none 只摘引原文。"
        )


def usable_cores() -> int:
    """Physical cores that this process may use: the second thread of a core only slows llama.cpp down."""
    if not hasattr(os, "sched_getaffinity"):
        return max(1, os.cpu_count() or 1)
    cpus = os.sched_getaffinity(0)
    siblings = (Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") for cpu in cpus)
    try:
        return max(1, len({path.read_text(encoding="ascii") for path in siblings}))
    except OSError:
        return len(cpus)
