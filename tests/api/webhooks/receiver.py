"""A receiver of webhooks on this machine: keeps every request, and answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Received:
    """A request: its headers in small letters, its body as sent."""

    headers: dict[str, str]
    body: bytes

    @property
    def message_id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(json.loads(self.body)["data"]["events"])


@dataclass
class Receiver:
    """What came. `decide` returns the status of the answer to a request, or 0 to close without one."""

    address: str = ""
    requests: list[Received] = field(default_factory=list)
    decide: Callable[[Received], int] = lambda _request: 204


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            request = Received({name.lower(): value for name, value in self.headers.items()}, body)
            receiver.requests.append(request)
            if status := receiver.decide(request):
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

        def log_message(self, *_parts: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    receiver.address = f"http://127.0.0.1:{server.server_address[1]}/hook?key=1"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
