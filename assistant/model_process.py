"""The process that runs the embedded model: `python -m assistant.model_process`, started by assistant/embedded.py.

llama.cpp loads a model with Python held, so in the window's own process nothing else could be made ready meanwhile.
Its standard input brings one line of JSON, the arguments of `serve`: there no other user of the machine sees the key.
Its standard output gives back one line, {"address": …} or {"error": …}. It ends when its standard input does, which
is so as well where the process that started it was killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any


def main() -> None:
    """Load the model, tell where it is served, and serve it until the other side hangs up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both processes; it is for the other to handle
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as told:
        os.dup2(2, 1)  # what the library may print is no part of what is told
        try:
            server = serve(**json.loads(sys.stdin.buffer.readline()))
            reply = {"address": server.listening_address}
        except Exception as error:  # the binding raises bare RuntimeError and worse
            reply = {"error": f"{type(error).__name__}: {error}"}
        told.write(json.dumps(reply) + "\n")
    sys.stdin.buffer.read()
    os._exit(0)  # at once: a server that is taken down waits for the answers that it is at


def serve(path: str, name: str, key: str, context: int, cache: int, threads: int) -> Any:
    """llama.cpp's server of the model in the file `path`, on a free loopback port; it stops with the last reference.

    Who asks must know the `key`. `context` is in tokens, `cache` (of prompts) in MiB. Raises RuntimeError.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = path
    params.model_alias = {name}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [key]  # other programs and web pages on this machine can reach the port
    params.cors_origins = ""
    params.ui = False
    params.offline = True
    params.verbosity = 0
    params.n_ctx = context
    params.n_parallel = 1
    params.cache_ram_mib = cache
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    # Each takes as long again as loading does: the first looks whether a graphics card has the memory.
    params.fit_params = False
    params.warmup = False
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
