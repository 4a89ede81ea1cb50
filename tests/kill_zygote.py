"""Forks a build for each line on standard input, so that a test can kill many builds without loading the weights anew.

A line is a number of passages from which on versions are made in two layers, and the home folder (reports/ and index/
in it). Prints the process id of each build, then how it ended: 0, or minus the signal. What a build is at stands in
the file `stage` of its home.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import chromadb  # noqa: F401  (what a build would import)
import torch

from assistant import read_settings
from index import BuildProgress, build_index, draft, load_embedder

# Fork copies no threads: a pool of them that had been begun would be waited for without end.
torch.set_num_threads(1)
embedder = load_embedder("bundled", read_settings().models)
embedder.warm()


def tell(progress: BuildProgress) -> None:
    """The stage in ten letters; what comes after the last passage is written is publishing."""
    last = progress.stage == "write" and progress.done == progress.total
    os.pwrite(stage, ("publish" if last else progress.stage).ljust(10).encode(), 0)


print("ready", flush=True)
for line in sys.stdin:
    large, _, folder = line.rstrip("\n").partition(" ")
    child = os.fork()
    if child == 0:
        status = 1
        home = Path(folder)
        draft.LARGE, draft.MOST = int(large), 20
        stage = os.open(home / "stage", os.O_WRONLY | os.O_CREAT)
        os.pwrite(stage, b"start     ", 0)
        try:
            build_index(home / "reports", home / "index", embedder, progress=tell)
            status = 0
        finally:
            os._exit(status)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
