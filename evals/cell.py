"""One cell of a sweep, in a process of its own: `python -m evals.cell CELL.json` builds what it needs and runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from assistant import JudianError, Scope, read_settings
from evals.run import Job, carry_out
from index import build_index, load_embedder


def main(path: Path) -> int:
    """Runs the cell; 0, or 1 with one Chinese sentence on standard error."""
    told = json.loads(path.read_text(encoding="utf-8"))
    settings = read_settings(**told["settings"])
    scope = Scope(passages=told["passages"])
    suites = tuple(Path(suite) for suite in told["suites"])
    try:
        if told["build"]:
            embedder = load_embedder(settings.embedding, settings.models)
            build_index(settings.reports, settings.index, embedder, chroma_url=settings.chroma_url)
        carry_out(Job(settings, suites, report=path.parent / "run", kept=False, scope=scope))
    except JudianError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
