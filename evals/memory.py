"""Memory that a program takes, with the processes that it has started: the embedded model is one of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def peak_memory() -> int | None:
    """Largest resident size of this process and its children so far, in bytes; None where the system does not tell.

    Each one's own largest size is counted, and what they share twice, so it is rather too much than too little.
    VmHWM is preferred: ru_maxrss survives exec on Linux, so it may be the parent's. On macOS the children count with
    their present size.
    """
    if Path("/proc/self/status").exists():
        return sum(_status(process, "VmHWM") for process in (os.getpid(), *_children(os.getpid())))
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return peak + _size_of_children(os.getpid())


def resident(process: int) -> int:
    """Resident bytes of a process and its children (Linux); 0 where that cannot be told."""
    return sum(_status(one, "VmRSS") for one in (process, *_children(process)))


def _children(process: int) -> list[int]:
    try:
        lists = [path.read_text(encoding="ascii") for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:  # it has ended meanwhile
        return []
    return [int(child) for each in lists for child in each.split()]


def _status(process: int, name: str) -> int:
    """A size in bytes from what Linux tells of a process; 0 for one that has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:")), 0)


def _size_of_children(process: int) -> int:
    """Resident bytes of the children, as `ps` of any Unix tells."""
    told = subprocess.run(["ps", "-axo", "ppid=,rss="], capture_output=True, encoding="ascii", check=False).stdout
    rows = [line.split() for line in told.splitlines()]
    return sum(int(size) * 1024 for parent, size in rows if int(parent) == process)
