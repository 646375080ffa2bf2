"""Drains the outbox: claims a chunk of letters, hands them over on one connection, saves each outcome at once.

Each letter is marked when its handing over starts and again when it ends, so a killed process leaves one letter of
which nobody knows, and no other. Any number of processes may drain at once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from functools import lru_cache

from sqlalchemy import Connection

from consult.core.clock import now
from consult.core.logs import log
from consult.core.settings import Settings
from consult.core.web import settings
from consult.mail import outbox, wire
from consult.mail.folder import Folder
from consult.mail.message import HeaderRefused, encoded, fill, headers
from consult.mail.model import State
from consult.mail.outbox import Claimed, Said
from consult.mail.wire import Outcome, Post, Result, ServerAway

CHUNK = 250
_CHUNK_LEASE = timedelta(seconds=30)
_MOST_ATTEMPTS = 40
_LONGEST_PAUSE = 3600
_AWAY_PAUSE = 30
_RECONNECTS = 3
_ON_DISK_EVERY = 20
"""Letters between two waits for the disk: what a crash of the database can cause to be sent again, per worker."""


def drain(*, budget: float, older_than: float = 0) -> int:
    """Sends what is due, until nothing is or `budget` seconds have passed; gives how many letters it handled.

    `older_than`: only letters that have been due for so many seconds, those that nobody else has taken.
    """
    stop, handled = time.monotonic() + budget, 0
    with outbox.opened() as connection:
        while time.monotonic() < stop:
            chunk = _Chunk(connection, settings(), stop)
            taken = chunk.claim(now() - timedelta(seconds=older_than))
            if not taken:
                break
            chunk.send(taken)
            handled += chunk.handled
            if chunk.away:
                break
    return handled


class _Chunk:
    """One claim and what becomes of it."""

    def __init__(self, connection: Connection, chosen: Settings, stop: float) -> None:
        self.db = connection
        self.settings = chosen
        self.stop = stop
        self.handled = 0
        self.away = False
        self._sender = parseaddr(chosen.mail_from)
        self._lease = timedelta(seconds=4 * chosen.smtp_timeout + 5)
        self._contents: dict[int, Said] = {}
        self._suppressed: dict[bytes, str] = {}

    def claim(self, due: datetime) -> list[Claimed]:
        letters = outbox.claim(self.db, due=due, held=now() + _CHUNK_LEASE, most=CHUNK)
        if letters:
            self._contents = outbox.contents(self.db, letters)
            self._suppressed = outbox.suppressed(self.db, letters)
        return letters

    def send(self, letters: list[Claimed]) -> None:
        """Hands the letters over, reconnecting a few times; what was not tried is given back, whatever happens."""
        left = list(reversed(letters))
        pause = 0.0
        try:
            for _connection in range(1 + _RECONNECTS):
                if not left or time.monotonic() > self.stop:
                    break
                with self._post() as post:
                    self._send_all(post, left)
        except ServerAway as error:
            log.warning("mail.server_away", cause=str(error))
            self.away, pause = True, _AWAY_PAUSE * random.uniform(1, 1.5)  # noqa: S311 - jitter
        finally:
            outbox.release(self.db, left, at=now() + timedelta(seconds=pause))

    def _send_all(self, post: Post, left: list[Claimed]) -> None:
        """Takes letters from the end of `left` until none is left, time is up or the connection is cut."""
        while left and time.monotonic() < self.stop:
            letter = left.pop()
            if not outbox.start(self.db, letter, lease=now() + self._lease):
                continue
            outcome = self._hand_over(post, letter)
            self.handled += 1
            with nullcontext() if self.handled % _ON_DISK_EVERY else outbox.on_disk(self.db):
                self._save(letter, outcome)
            if outcome.cut:
                return

    def _hand_over(self, post: Post, letter: Claimed) -> Outcome:
        said = self._contents.get(letter.content_id or 0)
        if letter.to is None or said is None:
            return Outcome(Result.LATER, "its words or its address cannot be read")
        if letter.to_index in self._suppressed:
            return Outcome(Result.NEVER)
        try:
            built = message(letter, said, self._sender)
        except (KeyError, HeaderRefused) as error:
            return Outcome(Result.NEVER, f"it cannot be built: {type(error).__name__}")
        return post.send(self._sender[1], letter.to, f"{letter.id:09d}", built)

    def _save(self, letter: Claimed, outcome: Outcome) -> None:
        """Writes down how the letter ended."""
        said = self._contents.get(letter.content_id or 0)
        state, reason = verdict(letter, outcome, self._suppressed.get(letter.to_index))
        if state is None:
            outbox.postpone(self.db, letter, reason, at=now() + backoff(letter.attempts))
            return
        if outcome.address_gone:
            outbox.suppress(self.db, letter, f"refused: {reason}", at=now())
        outbox.end(self.db, letter, state, reason, shared=said is not None and said.shared, at=now())

    @contextmanager
    def _post(self) -> Iterator[Post]:
        url = self.settings.smtp_url.reveal()
        opened = (
            wire.connection(url, self.settings.smtp_timeout) if url else nullcontext(Folder(self.settings.data_dir))
        )
        with opened as post:
            yield post


def verdict(letter: Claimed, outcome: Outcome, suppressed: str | None) -> tuple[State | None, str | None]:
    """The final state and reason of a letter after this attempt; no state where it is to be tried again."""
    if suppressed is not None:
        return State.SUPPRESSED, suppressed
    if outcome.result is Result.SENT:
        return State.SENT, None
    if outcome.result is Result.NEVER:
        return State.FAILED, outcome.reason
    if outcome.result is Result.UNCERTAIN and letter.uncertain:
        return State.DEAD, "cut after the end twice: it has probably arrived"
    if letter.attempts + 1 >= _MOST_ATTEMPTS:
        return State.DEAD, f"too many attempts, last: {outcome.reason}"
    return None, outcome.reason


def backoff(attempts: int) -> timedelta:
    """The pause after so many earlier attempts: half a minute, doubled each time up to an hour, with jitter."""
    longest = min(_AWAY_PAUSE * 2 ** min(attempts, 10), _LONGEST_PAUSE)
    return timedelta(seconds=longest * random.uniform(0.75, 1.25))  # noqa: S311 - jitter


@lru_cache(maxsize=4)
def _from(name: str, address: str) -> str:
    return formataddr((name, address)) if name.isascii() else f"{encoded(name)} <{address}>"


def message(letter: Claimed, said: Said, sender: tuple[str, str]) -> bytes:
    """The whole message. The same letter gives the same bytes however often it is sent."""
    pairs: Sequence[tuple[str, str]] = [
        ("Date", f"{letter.created_at:%a, %d %b %Y %H:%M:%S} +0000"),
        ("From", _from(*sender)),
        ("To", letter.to or ""),
        ("Message-ID", letter.message_id),
        ("Auto-Submitted", "auto-generated"),
        *((name, fill(value, letter.fields)) for name, value in letter.headers.items()),
    ]
    return headers(pairs) + said.mould.pour(letter.fields)
