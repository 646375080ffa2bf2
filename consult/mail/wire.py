"""SMTP client: sends messages over one connection and reports how each attempt ended.

smtplib's `sendmail` cannot tell a connection cut before the end of DATA (not delivered) from one cut after it
(unknown). Source: RFC 5321 section 4.2.1, RFC 1047, RFC 3463.
"""

from __future__ import annotations

import re
import selectors
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol
from urllib.parse import unquote, urlsplit

from consult.core.logs import log
from consult.mail.model import CUT_AFTER_END

_PORTS = {"smtp": 25, "smtps": 465}
_LOCAL = {"localhost", "127.0.0.1", "::1"}
IN_CLEAR_WARNING = (
    "The mail server does not offer STARTTLS, so the password of CONSULT_SMTP_URL and all e-mails are sent to it "
    "unencrypted. Use smtps://, or a server with STARTTLS."
)
_PROBE_TIMEOUT = 5.0
"""Seconds to wait for a mail server at start-up."""
_ENHANCED = re.compile(rb"\b([245]\.\d{1,3}\.\d{1,3})\b")
_START_OF_LINE_DOT = re.compile(rb"(?m)^\.")
PATIENCE = 10.0
"""Seconds the next e-mails wait for the server's answer after DATA."""
FINAL_TIMEOUT = 600.0
"""Total seconds to wait for the answer after DATA. Source: RFC 5321, section 4.5.3.2.6."""


class DeliveryResult(StrEnum):
    SENT = "sent"
    LATER = "later"
    NEVER = "never"
    UNCERTAIN = "uncertain"
    AWAITED = "awaited"
    NOT_TO_BE_SENT = "not to be sent"  # no server was contacted


@dataclass(frozen=True)
class DeliveryOutcome:
    """The outcome of sending one e-mail.

    `reason` is a code, never the server's text, which may quote an address. If the outcome is awaited, `answer` blocks
    for up to ten minutes on the connection of this e-mail and then closes it.
    """

    result: DeliveryResult
    reason: str | None = None
    address_gone: bool = False
    cut: bool = False  # the connection cannot be reused
    answer: Callable[[], DeliveryOutcome] | None = None


class MailServerAway(Exception):
    """The mail server cannot be reached, and no e-mail was tried. The message names the cause."""


class MailTransport(Protocol):
    """A destination for e-mails."""

    def send(self, sender: str, to: str, name: str, message: bytes) -> DeliveryOutcome: ...


class SmtpTransport:
    """An open connection to an SMTP server."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self._smtp = connection
        self._utf8 = connection.has_extn("smtputf8")
        self.awaits = False

    def send(self, sender: str, to: str, name: str, message: bytes) -> DeliveryOutcome:
        """Send one message. `name` is unused."""
        address = _ascii_domain(to)
        if not address.isascii() and not self._utf8:
            return DeliveryOutcome(DeliveryResult.NEVER, "the server does not take addresses outside ASCII")
        try:
            refused = self._envelope(sender, address)
            if refused is not None:
                self._forget()
                return refused
            code, answer = self._smtp.docmd("DATA")
            if code != 354:
                self._forget()
                return _refusal_outcome(code, answer)
            self._smtp.send(_START_OF_LINE_DOT.sub(b"..", message) + b".\r\n")
        except OSError as error:  # smtplib's SMTPException is a subclass of OSError.
            return DeliveryOutcome(DeliveryResult.LATER, f"cut: {_cause(error)}", cut=True)
        if not self._answers(PATIENCE):
            self.awaits = True
            return DeliveryOutcome(DeliveryResult.AWAITED, cut=True, answer=self._late_answer)
        return self._final_answer()

    def _answers(self, seconds: float) -> bool:
        """Return whether the server answers or hangs up within this time. `getreply` would close the connection."""
        sock = self._smtp.sock
        if sock is None or (isinstance(sock, ssl.SSLSocket) and sock.pending()):
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(sock, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def _final_answer(self) -> DeliveryOutcome:
        try:
            code, answer = self._smtp.getreply()
        except OSError:
            return DeliveryOutcome(DeliveryResult.UNCERTAIN, CUT_AFTER_END, cut=True)
        return DeliveryOutcome(DeliveryResult.SENT) if code == 250 else _refusal_outcome(code, answer)

    def _late_answer(self) -> DeliveryOutcome:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(max(FINAL_TIMEOUT - PATIENCE, 0.0))
        try:
            return self._final_answer()
        finally:
            self._smtp.close()

    def _envelope(self, sender: str, to: str) -> DeliveryOutcome | None:
        """Send MAIL and RCPT, and return the refusal, if any."""
        option = " SMTPUTF8" if not to.isascii() else ""
        self._smtp.command_encoding = "utf-8" if option else "ascii"
        code, answer = self._smtp.docmd("MAIL", f"FROM:<{sender}>{option}")
        if code != 250:  # The sender address is refused. The operator has to fix that, so no e-mail is given up for it.
            return DeliveryOutcome(DeliveryResult.LATER, _status_code(code, answer), cut=code == 421)
        code, answer = self._smtp.docmd("RCPT", f"TO:<{to}>")
        return None if code in (250, 251) else _refusal_outcome(code, answer, at_address=True)

    def _forget(self) -> None:
        with suppress(OSError):
            self._smtp.docmd("RSET")


@contextmanager
def open_connection(url: str, timeout: float) -> Iterator[SmtpTransport]:
    """Connect to `smtp://user:password@host:port` (STARTTLS when offered) or `smtps://…`. Raises MailServerAway.

    The certificate is verified, except on localhost. `timeout` applies to each command, in seconds. A connection on
    which an answer is awaited is left open.
    """
    try:
        smtp = _connect(url, timeout)
    except (OSError, ValueError) as error:
        raise MailServerAway(_cause(error)) from None  # the original may hold a password in its arguments
    post = SmtpTransport(smtp)
    try:
        yield post
    finally:
        if not post.awaits:
            with suppress(OSError):
                smtp.quit()
            smtp.close()


def is_password_in_clear(url: str) -> bool:
    """Return whether the SMTP password would be sent unencrypted: a remote server without STARTTLS.

    Asks the server itself. Returns False if it does not answer.
    """
    parts = urlsplit(url)
    if parts.scheme != "smtp" or not parts.username or parts.hostname in _LOCAL:
        return False
    try:
        with smtplib.SMTP(parts.hostname or "", parts.port or _PORTS["smtp"], timeout=_PROBE_TIMEOUT) as smtp:
            smtp.ehlo_or_helo_if_needed()
            return not smtp.has_extn("starttls")
    except OSError:
        return False


@lru_cache(maxsize=1)
def _warn_in_clear() -> None:
    log.warning("mail.in_clear", reason=IN_CLEAR_WARNING)


def _connect(url: str, timeout: float) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    if host in _LOCAL:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nosemgrep: no-certificate - this machine
    if parts.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(host, port, timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        elif parts.scheme == "smtp" and parts.username and host not in _LOCAL:
            _warn_in_clear()
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _refusal_outcome(code: int, answer: bytes, *, at_address: bool = False) -> DeliveryOutcome:
    """Return the outcome of a refusal: 5xx is permanent, anything else temporary.

    An address counts as gone only if the server says so.
    """
    if code < 500:
        return DeliveryOutcome(DeliveryResult.LATER, _status_code(code, answer), cut=code == 421)
    match = _ENHANCED.search(answer)
    subject = match.group(1) if match else b""
    gone = subject.startswith(b"5.1.") or subject == b"5.2.1" or (not subject and code in (550, 551, 553))
    return DeliveryOutcome(DeliveryResult.NEVER, _status_code(code, answer), address_gone=at_address and gone)


def _status_code(code: int, answer: bytes) -> str:
    """Return the code and the enhanced status code of an answer.

    >>> _status_code(550, b"5.1.1 <somebody@example.org>: no such user")
    '550 5.1.1'
    """
    match = _ENHANCED.search(answer)
    return f"{code} {match.group(1).decode()}" if match else str(code)


def _cause(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _status_code(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b"")
    return type(error).__name__


def _ascii_domain(address: str) -> str:
    """Return the address with its domain in ASCII, as in the DNS. The local part is unchanged. Source: RFC 5890.

    >>> _ascii_domain("grüße@bücher.example")
    'grüße@xn--bcher-kva.example'
    """
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{domain.encode('idna').decode()}"
