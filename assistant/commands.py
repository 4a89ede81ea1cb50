"""What the commands of `judian` do, apart from reading their arguments."""

from __future__ import annotations

import gc
import json
import signal
import socket
import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assistant import choice, terminal
from assistant.batch import hits_to_json, read_items, run_batch
from assistant.endpoint import public_url
from assistant.errors import InputError, WeightsError
from assistant.logins import Accounts
from assistant.loopback import is_loopback
from assistant.model import check_endpoint
from assistant.service import open_assistant
from assistant.settings import Settings
from assistant.weights import fetch, weights_status
from index import BuildReport, IndexStoreError, JudianError, ReportError, build_index, load_embedder, open_index


def chat(
    settings: Settings, *, host: str, port: int, auth_file: Path | None, evaluation: Any = None, mcp: bool = False
) -> None:
    """Get ready what is missing, then serve the window until Ctrl+C or SIGTERM. Raises JudianError.

    `evaluation` is what the page 评测 works with; with `mcp`, other programs find the endpoints as MCP tools.
    """
    if mcp and find_spec("mcp") is None:
        raise InputError("--mcp 要多装一个库：请运行 pip install '.[mcp]' 后重试。")
    # What systemd and Docker end a service with; the first process of a container would not even hear it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    accounts = open_accounts(auth_file, host)
    check_port(host, port)
    _ready_model(settings)
    _ready_index(settings)
    with closing(open_assistant(settings, window=True)) as assistant:
        from assistant.ui import launch  # takes seconds, in which the model loads in its own process

        assistant.wait_for_model()

        def opened() -> None:
            address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"
            terminal.say(f"据典已打开：{address}（按 Ctrl+C 结束）")
            if mcp:
                terminal.say(f"MCP 工具的地址：{address}/gradio_api/mcp/")
            gc.freeze()  # what is loaded by now stays, and need not be looked through for garbage
            # Not sooner: the libraries of the models would be loaded in turns with the window, which opened later.
            threading.Thread(target=assistant.warm, daemon=True).start()

        launch(assistant, host=host, port=port, accounts=accounts, evaluation=evaluation, mcp=mcp, opened=opened)
    terminal.say("据典已关闭。")


def _ready_model(settings: Settings) -> None:
    """Fetch or ask for the model of the window. Raises JudianError where the one that was set cannot be used; one
    that was chosen in the window can be changed there."""
    chosen = choice.kept(settings)
    try:
        check_endpoint(chosen)
    except JudianError as error:
        if chosen == settings:
            raise
        terminal.say(f"{choice.in_the_window(str(error))}窗口照样打开，可以在“设置”页换模型。")
    if chosen.llm == "embedded":
        try:
            fetch_weights(chosen)
        except WeightsError as error:
            terminal.say(str(error))


def _ready_index(settings: Settings) -> None:
    """Bring the index up to date; without reports that can be read, the window takes the first ones itself, and
    where the index cannot be written it answers from it as it is. Raises JudianError where there is none to answer."""
    try:
        report = build(settings)
    except ReportError as error:
        terminal.say(f"{error}窗口照样打开，也可以在“报告”页上传。")
        return
    except IndexStoreError as error:
        if not _opens(settings):
            raise
        terminal.say(f"新的报告没有收入，窗口照样打开，用现有的索引回答，因为{error}")
        return
    for source, reason in report.skipped:
        terminal.say(f"跳过 {source}：{reason}")


def _opens(settings: Settings) -> bool:
    """Whether there is an index that can be read."""
    with suppress(JudianError):
        embedder = load_embedder(settings.embedding, settings.models)
        open_index(settings.index, embedder, chroma_url=settings.chroma_url).close()
        return True
    return False


def ask(settings: Settings, question: str, *, history: Sequence[str], as_json: bool) -> None:
    """Answer one question. Raises JudianError."""
    if not question.strip():
        raise InputError("问题是空的：请在 judian ask 后写上要问的问题。")
    check_endpoint(settings)
    with closing(open_assistant(settings)) as assistant:
        if assistant.notice:
            terminal.say(assistant.notice)
        answer = assistant.ask(question, history=history)
    _print_json(answer.to_json()) if as_json else terminal.print_answer(answer)


def ask_batch(settings: Settings, batch: Path, out: Path) -> None:
    """Answer a file of questions. Raises JudianError."""
    items = read_items(batch, field="question")
    check_endpoint(settings)
    with closing(open_assistant(settings)) as assistant, terminal.progress_bar("回答问题") as bar:
        if assistant.notice:
            terminal.say(assistant.notice)
        run_batch(
            items,
            out,
            lambda item: assistant.ask(item.text, history=item.history, id=item.id).to_json(),
            field="question",
            progress=bar,
        )


def search(settings: Settings, query: str, *, k: int, as_json: bool) -> None:
    """Find `k` passages, without a language model. Raises JudianError."""
    if not query.strip():
        raise InputError("查找的内容是空的：请在 judian search 后写上要找的内容。")
    with closing(open_assistant(_without_model(settings))) as assistant:
        hits = assistant.search(query, k)
    _print_json(hits_to_json("", query, hits)) if as_json else terminal.print_hits(hits)


def search_batch(settings: Settings, batch: Path, out: Path, *, k: int) -> None:
    """Find `k` passages for each line of a file. Raises JudianError."""
    items = read_items(batch, field="query")
    with closing(open_assistant(_without_model(settings))) as assistant, terminal.progress_bar("查找") as bar:
        run_batch(
            items,
            out,
            lambda item: hits_to_json(item.id, item.text, assistant.search(item.text, k)),
            field="query",
            progress=bar,
        )


def _without_model(settings: Settings) -> Settings:
    return settings.model_copy(update={"llm": "none"})


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False))


def build(settings: Settings, *, full: bool = False) -> BuildReport:
    """Bring the index up to date, with a bar. Raises JudianError."""
    embedder = load_embedder(settings.embedding, settings.models, progress=terminal.say)
    with terminal.build_bar() as bar:
        return build_index(
            settings.reports, settings.index, embedder, full=full, chroma_url=settings.chroma_url, progress=bar
        )


def fetch_weights(settings: Settings) -> Path:
    """The weights of the embedded model, fetched with a bar where they are missing. Raises WeightsError."""
    status = weights_status(settings.models)
    if status.complete:
        return status.path
    if status.present:
        terminal.say(f"{status.problem}，重新下载坏掉的部分。")
    with terminal.progress_bar("下载内置模型", bytes=True) as bar:
        return fetch(settings.models, progress=bar)


def print_model_status(settings: Settings) -> int:
    """Which model answers and whether it can; the exit code. Raises JudianError for an unusable endpoint."""
    print(f"设置的模型：{settings.llm}")
    if settings.llm == "none":
        print("不用语言模型：只摘引原文。")
    elif settings.llm == "embedded":
        status = weights_status(settings.models)
        print(f"权重文件：{status.path}（{status.bytes} / {status.total} 字节）")
        print("权重完好。" if status.complete else f"{status.problem}：请运行 judian model fetch。")
        return 0 if status.complete else 1
    else:
        check_endpoint(settings)
        print(f"服务可用：{public_url(settings.llm_base_url)}")
    return 0


def check_port(host: str, port: int) -> None:
    """Raises InputError where the chat could not listen, before anything slow is done."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except socket.gaierror as error:
        raise InputError(f"地址 {host} 无法解析：请检查 --host。") from error
    except OSError as error:
        raise InputError(
            f"{host} 的端口 {port} 不能用（{error.strerror}）：请关闭占用它的程序，或用 --port 换一个端口。"
        ) from error


def open_accounts(auth_file: Path | None, host: str) -> Accounts | None:
    """Who may log in; None where the window is for this machine alone. Raises InputError: a host and no accounts."""
    if auth_file:
        return Accounts(auth_file)
    if is_loopback(host):
        return None
    raise InputError(
        f"{host} 会让别的机器也能打开据典，要先有登录用户：请运行 judian user add 用户名 --auth-file users，"
        "再加上 --auth-file users 打开。"
    )
