"""The outbox worker: claims a batch of e-mails, sends them on one connection and saves each outcome immediately.

Each e-mail is marked before and after its transfer. So after a process is killed, only the outcomes of e-mails in
transfer are unknown. Several processes may drain concurrently.
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
from consult.core.web import face
from consult.core.web.requests import settings
from consult.mail import late_answers, outbox, suppression, wire
from consult.mail.folder import MailFolder
from consult.mail.message import HeaderRefused, encode_header, fill_header, get_return_path, header_lines
from consult.mail.model import State
from consult.mail.outbox import ClaimedLetter, PreparedContent
from consult.mail.retries import decide_retry
from consult.mail.suppression import AddressClosure
from consult.mail.wire import DeliveryOutcome, DeliveryResult, MailServerAway, MailTransport

CHUNK = 250
_CHUNK_LEASE = timedelta(seconds=30)
_LEASE_MARGIN = 30
_AWAY_PAUSE = 30
_RECONNECTS = 3
_ON_DISK_EVERY = 20
"""E-mails sent between two waits for the disk: the most that one worker can send twice after a database crash."""


def drain(*, budget: float, older_than: float = 0) -> int:
    """Send due e-mails for at most `budget` seconds and return how many were handled.

    With `older_than`, send only e-mails that have been due for that many seconds and that no other worker has taken.
    """
    stop, handled = time.monotonic() + budget, 0
    with outbox.open_connection() as connection:
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
    """One claimed batch of e-mails and its progress."""

    def __init__(self, connection: Connection, chosen: Settings, stop: float) -> None:
        self.db = connection
        self.settings = chosen
        self.stop = stop
        self.handled = 0
        self.away = False
        self._sender = parseaddr(chosen.mail_from)
        self._lease = timedelta(seconds=5 * chosen.smtp_timeout + wire.PATIENCE + _LEASE_MARGIN)
        self._contents: dict[int, PreparedContent] = {}
        self._closed: dict[bytes, AddressClosure] = {}

    def claim(self, due: datetime) -> list[ClaimedLetter]:
        face.refresh()
        letters = outbox.claim(self.db, due=due, held=now() + _CHUNK_LEASE, most=CHUNK)
        if letters:
            self._contents = outbox.load_contents(self.db, letters)
            self._closed = suppression.get_closures(self.db, [letter.to_index for letter in letters])
        return letters

    def send(self, letters: list[ClaimedLetter]) -> None:
        """Send the e-mails, reconnecting a few times. E-mails that were not tried are always released."""
        left = list(reversed(letters))
        pause = 0.0
        try:
            for _connection in range(1 + _RECONNECTS):
                if not left or time.monotonic() > self.stop:
                    break
                with self._post() as post:
                    self._send_all(post, left)
        except MailServerAway as error:
            log.warning("mail.server_away", cause=str(error))
            self.away, pause = True, _AWAY_PAUSE * random.uniform(1, 1.5)  # noqa: S311 - jitter
        finally:
            outbox.release(self.db, left, at=now() + timedelta(seconds=pause))

    def _send_all(self, post: MailTransport, left: list[ClaimedLetter]) -> None:
        """Send e-mails from the end of `left` until it is empty, time is up or the connection is cut."""
        while left and time.monotonic() < self.stop:
            if not late_answers.has_room():
                raise MailServerAway("it is slow to answer")
            letter = left.pop()
            if not outbox.start(self.db, letter, lease=now() + self._lease):
                continue
            outcome = self._hand_over(post, letter)
            self.handled += 1
            if outcome.answer is not None:
                self._await(letter, outcome)
            else:
                with nullcontext() if self.handled % _ON_DISK_EVERY else outbox.wait_for_disk(self.db):
                    save_outcome(self.db, letter, outcome, shared=self._shared(letter))
            if outcome.cut:
                return

    def _await(self, letter: ClaimedLetter, outcome: DeliveryOutcome) -> None:
        """Hold an e-mail until the server answers, and save the outcome then."""
        assert outcome.answer
        shared = self._shared(letter)
        outbox.hold(self.db, letter, lease=now() + timedelta(seconds=wire.FINAL_TIMEOUT + _LEASE_MARGIN))

        def keep(known: DeliveryOutcome) -> None:
            with outbox.open_connection() as connection, outbox.wait_for_disk(connection):
                save_outcome(connection, letter, known, shared=shared)

        late_answers.await_answer(outcome.answer, keep)

    def _hand_over(self, post: MailTransport, letter: ClaimedLetter) -> DeliveryOutcome:
        content = self._contents.get(letter.content_id or 0)
        if not letter.to or content is None:
            return DeliveryOutcome(DeliveryResult.LATER, "its words or its address cannot be read")
        if (why := self._closed.get(letter.to_index)) and not suppression.try_let_through(
            self.db, letter, why, at=now()
        ):
            return DeliveryOutcome(DeliveryResult.NOT_TO_BE_SENT, why.reason)
        try:
            built = build_message(letter, content, (self._name_in(content.language), self._sender[1]))
        except (KeyError, HeaderRefused) as error:
            return DeliveryOutcome(DeliveryResult.NEVER, f"it cannot be built: {type(error).__name__}")
        sender = get_return_path(self.settings.bounce_mailbox, letter.message_id) or self._sender[1]
        return post.send(sender, letter.to, f"{letter.id:09d}", built)

    def _name_in(self, language: str) -> str:
        """Return the sender's name: the site's own name in this language, else the one in the settings."""
        own = face.get_face().say("name", language)
        return own.text if own else self._sender[0]

    def _shared(self, letter: ClaimedLetter) -> bool:
        content = self._contents.get(letter.content_id or 0)
        return content is not None and content.shared

    @contextmanager
    def _post(self) -> Iterator[MailTransport]:
        url = self.settings.smtp_url.reveal()
        opened = (
            wire.open_connection(url, self.settings.smtp_timeout)
            if url
            else nullcontext(MailFolder(self.settings.data_dir))
        )
        with opened as post:
            yield post


def save_outcome(connection: Connection, letter: ClaimedLetter, outcome: DeliveryOutcome, *, shared: bool) -> None:
    """Save the outcome of a delivery attempt and update the state of the address."""
    retry = decide_retry(outcome, attempts=letter.attempts, cuts=letter.cuts)
    if retry.state is None:
        outbox.postpone(connection, letter, retry.reason, cuts=retry.cuts, at=now() + retry.pause)
    elif retry.state is State.DEAD:
        outbox.give_up(connection, letter, retry.reason, cuts=retry.cuts)
    else:
        if outcome.address_gone:
            suppression.note_failure(connection, letter.to_index, f"refused: {retry.reason}", at=now())
        outbox.end(connection, letter, retry.state, retry.reason, shared=shared, at=now())


@lru_cache(maxsize=16)
def _from_header(name: str, address: str) -> str:
    return formataddr((name, address)) if name.isascii() else f"{encode_header(name)} <{address}>"


def build_message(letter: ClaimedLetter, content: PreparedContent, sender: tuple[str, str]) -> bytes:
    """Return the whole message.

    The same e-mail gives the same bytes each time, as long as the sender's name is the same.
    """
    pairs: Sequence[tuple[str, str]] = [
        ("Date", f"{letter.created_at:%a, %d %b %Y %H:%M:%S} +0000"),
        ("From", _from_header(*sender)),
        ("To", letter.to or ""),
        ("Message-ID", letter.message_id),
        ("Auto-Submitted", "auto-generated"),
        *((name, fill_header(value, letter.fields)) for name, value in letter.headers.items()),
    ]
    return header_lines(pairs) + content.template.pour(letter.fields)
