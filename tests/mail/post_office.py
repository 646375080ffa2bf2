"""A real SMTP server on loopback that keeps what it takes and fails where it is told to."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

Fault = str
"""`rcpt <answer>`, `data <answer>`, `end <answer>`, `cut before the end`, `cut after the end`, `dropped at the end`
(read to the dot and not taken), `slow` (thinks about the letter until `answers` is set); empty for none."""


@dataclass(frozen=True)
class Taken:
    """A message that the server has taken, whether or not the client was told."""

    to: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def id(self) -> str:
        return str(self.message["Message-ID"])


class PostOffice:
    """Accepted e-mails, and faults to come: `faults(to, n)` names that of the n-th try, from 1, for an address."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.connections = 0
        self.tries: Counter[str] = Counter()
        self.faults: Callable[[str, int], Fault] = lambda _to, _n: ""
        self.port = 0
        self.answers = threading.Event()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[Taken]:
        return [taken for taken in self.taken if taken.to == address]

    async def handle_RCPT(self, server: Any, _session: Session, envelope: Envelope, to: str, _options: Any) -> str:
        self.tries[to] += 1
        server.fault = self.faults(to, self.tries[to])
        if server.fault.startswith("rcpt "):
            return str(server.fault.removeprefix("rcpt "))
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:
        if server.fault == "dropped at the end":
            server.transport.abort()
            return "451 gone"
        if server.fault.startswith("slow"):
            await asyncio.get_running_loop().run_in_executor(None, self.answers.wait, 300)
        fault = server.fault.removeprefix("slow ")
        if fault.startswith("end "):
            return str(fault.removeprefix("end "))
        self.taken.extend(Taken(to, bytes(envelope.original_content or b"")) for to in envelope.rcpt_tos)
        if server.fault == "cut after the end":
            server.transport.abort()
        return "250 OK"


class _Server(SMTP):
    fault: Fault = ""

    async def smtp_DATA(self, arg: str) -> None:
        if self.fault.startswith("data "):
            self.envelope.rcpt_tos.clear()
            await self.push(self.fault.removeprefix("data "))
        elif self.fault == "cut before the end":
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


@contextmanager
def post_office(port: int = 0) -> Iterator[PostOffice]:
    """A server in a thread of its own, on a free port where none is named."""
    office, loop, ready = PostOffice(), asyncio.new_event_loop(), threading.Event()

    def accept() -> _Server:
        office.connections += 1
        return _Server(office, enable_SMTPUTF8=False, hostname="post.test", loop=loop)

    async def serve() -> None:
        server = await loop.create_server(accept, "127.0.0.1", port)
        office.port = server.sockets[0].getsockname()[1]
        ready.set()
        with suppress(asyncio.CancelledError):
            await server.serve_forever()

    task: list[asyncio.Task[None]] = []

    def run() -> None:
        asyncio.set_event_loop(loop)
        task.append(loop.create_task(serve()))
        loop.run_until_complete(task[0])
        for left in asyncio.all_tasks(loop):
            left.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield office
    finally:
        office.answers.set()
        loop.call_soon_threadsafe(task[0].cancel)
        thread.join(60)
