"""An endpoint of OpenAI's protocol on loopback that says what a function makes of each prompt."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from serving import running


class JudgeServer(ThreadingHTTPServer):
    """`answer` makes the reply of a prompt; None answers 500. `asked` holds (model, key, prompt) of each request."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str], str | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[tuple[str, str, str]] = []

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: JudgeServer

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        prompt = request["messages"][-1]["content"]
        self.server.asked.append((request["model"], self.headers["Authorization"], prompt))
        reply = self.server.answer(prompt)
        self.send_response(500 if reply is None else 200)
        self.send_header("Content-Type", "application/json" if reply is None else "text/event-stream")
        self.end_headers()
        if reply is None:
            self.wfile.write(b'{"error": {"message": "broken"}}')
            return
        for delta, finish in (({"content": reply[:7]}, None), ({"content": reply[7:]}, None), ({}, "stop")):
            choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "j", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


def judge_server(answer: Callable[[str], str | None]) -> AbstractContextManager[JudgeServer]:
    """The server, running."""
    return running(JudgeServer(answer))
