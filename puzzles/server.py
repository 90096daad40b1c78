"""`python -m puzzles.server SOCKET`: a process that has imported everything, and answers checks for a while.

Imports take most of the time of a check. So the first `puzzles check` leaves this process behind, listening on a socket
in a folder that only its user can enter; it ends by itself when nobody has asked for some minutes. It is trusted:
learners' kernels run in its workers (`puzzles.check.sandbox`).

A request is one line of JSON, {"text", "file", "seed", "time_limit"}, or {"hello": true} for the sandbox's name. The
answer is one line, too. {"stop": true} ends the process.
"""

from __future__ import annotations

import json
import os
import socketserver
import sys
import threading
import time
from typing import Any

from puzzles.check import Workers, check_text

IDLE = 600.0
"""Seconds without a request after which the process ends."""


class Server(socketserver.ThreadingUnixStreamServer):
    """Answers several requests at a time, as many as there are cores."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, _Handler)
        self.workers = Workers()
        self.turns = threading.Semaphore(os.cpu_count() or 1)
        self.last = time.monotonic()
        self.running = 0

    def watch_idleness(self) -> None:
        """Shut down when nobody has asked for a while."""
        while self.running or time.monotonic() - self.last < IDLE:
            time.sleep(IDLE / 60)
        self.shutdown()


class _Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        request = json.loads(self.rfile.readline())
        server = self.server
        server.running += 1
        try:
            with server.turns:
                answer = _answer(request, server.workers)
        finally:
            server.running -= 1
            server.last = time.monotonic()
        self.wfile.write(json.dumps(answer).encode() + b"\n")
        server.workers.prepare()  # for the next request, where a worker does one job only
        if request.get("stop"):
            server.shutdown()


def _answer(request: dict[str, Any], workers: Workers) -> dict[str, Any]:
    if request.get("hello") or request.get("stop"):
        return {"sandbox": workers.wall.name, "is_sandbox": workers.wall.is_sandbox}
    verdict = check_text(request["text"], request["file"], request["seed"], request["time_limit"], workers)
    return {"verdict": verdict.to_dict()}


def main(path: str) -> None:
    """Listen until nobody asks any more."""
    with Server(path) as server:
        server.workers.prepare()
        threading.Thread(target=server.watch_idleness, daemon=True).start()
        try:
            server.serve_forever()
        finally:
            server.workers.end()
            os.unlink(path)


if __name__ == "__main__":
    main(sys.argv[1])
