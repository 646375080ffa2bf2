"""The wire: hands messages to an SMTP server over one connection, and says exactly how each handing over ended.

smtplib's own `sendmail` cannot tell a connection that was cut before the end of DATA from one cut after it, and that
is the difference between "not delivered" and "nobody knows". Source: RFC 5321 section 4.2.1, RFC 1047, RFC 3463.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from urllib.parse import unquote, urlsplit

from consult.mail.model import CUT_AFTER_END

_PORTS = {"smtp": 25, "smtps": 465}
_LOCAL = {"localhost", "127.0.0.1", "::1"}
_ENHANCED = re.compile(rb"\b([245]\.\d{1,3}\.\d{1,3})\b")
_START_OF_LINE_DOT = re.compile(rb"(?m)^\.")


class Result(StrEnum):
    SENT = "sent"
    LATER = "later"
    NEVER = "never"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True)
class Outcome:
    """How handing over one letter ended. `reason` is a code, never the server's words: they may hold an address."""

    result: Result
    reason: str | None = None
    address_gone: bool = False
    cut: bool = False  # the connection cannot be used again


class ServerAway(Exception):
    """No connection to the mail server: no letter was tried. The message names the cause in a word."""


class Post(Protocol):
    """Somewhere that takes letters."""

    def send(self, sender: str, to: str, name: str, message: bytes) -> Outcome: ...


class Smtp:
    """One open connection to an SMTP server."""

    def __init__(self, connection: smtplib.SMTP) -> None:
        self._smtp = connection
        self._utf8 = connection.has_extn("smtputf8")

    def send(self, sender: str, to: str, name: str, message: bytes) -> Outcome:
        """Hands over one message. `name` is not needed here."""
        address = _ascii_domain(to)
        if not address.isascii() and not self._utf8:
            return Outcome(Result.NEVER, "the server does not take addresses outside ASCII")
        try:
            refused = self._envelope(sender, address)
            if refused is not None:
                self._forget()
                return refused
            code, answer = self._smtp.docmd("DATA")
            if code != 354:
                self._forget()
                return _verdict(code, answer)
            self._smtp.send(_START_OF_LINE_DOT.sub(b"..", message) + b".\r\n")
        except OSError as error:  # smtplib's SMTPException is an OSError too
            return Outcome(Result.LATER, f"cut: {_cause(error)}", cut=True)
        try:
            code, answer = self._smtp.getreply()
        except OSError:
            return Outcome(Result.UNCERTAIN, CUT_AFTER_END, cut=True)
        return Outcome(Result.SENT) if code == 250 else _verdict(code, answer)

    def _envelope(self, sender: str, to: str) -> Outcome | None:
        """MAIL and RCPT; the refusal, if one of them was refused."""
        option = " SMTPUTF8" if not to.isascii() else ""
        self._smtp.command_encoding = "utf-8" if option else "ascii"
        code, answer = self._smtp.docmd("MAIL", f"FROM:<{sender}>{option}")
        if code != 250:  # our own address is refused: the operator's to mend, so no letter is given up for it
            return Outcome(Result.LATER, _code(code, answer), cut=code == 421)
        code, answer = self._smtp.docmd("RCPT", f"TO:<{to}>")
        return None if code in (250, 251) else _verdict(code, answer, at_address=True)

    def _forget(self) -> None:
        with suppress(OSError):
            self._smtp.docmd("RSET")


@contextmanager
def connection(url: str, timeout: float) -> Iterator[Smtp]:
    """A connection to `smtp://user:password@host:port` (STARTTLS when offered) or `smtps://…`. Raises ServerAway.

    The certificate is verified, except on this very machine.
    """
    try:
        smtp = _connect(url, timeout)
    except (OSError, ValueError) as error:
        raise ServerAway(_cause(error)) from None  # the original may hold a password in its arguments
    try:
        yield Smtp(smtp)
    finally:
        with suppress(OSError):
            smtp.quit()
        smtp.close()


def _connect(url: str, timeout: float) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "localhost", parts.port or _PORTS[parts.scheme]
    context = ssl.create_default_context()
    if host in _LOCAL:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if parts.scheme == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(host, port, timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        smtp.close()
        raise
    return smtp


def _verdict(code: int, answer: bytes, *, at_address: bool = False) -> Outcome:
    """What a refusal means: 5xx never, anything else later. An address is gone only if the server says so of it."""
    if code < 500:
        return Outcome(Result.LATER, _code(code, answer), cut=code == 421)
    found = _ENHANCED.search(answer)
    subject = found.group(1) if found else b""
    gone = subject.startswith(b"5.1.") or subject == b"5.2.1" or (not subject and code in (550, 551, 553))
    return Outcome(Result.NEVER, _code(code, answer), address_gone=at_address and gone)


def _code(code: int, answer: bytes) -> str:
    """The code and the enhanced code of an answer.

    >>> _code(550, b"5.1.1 <somebody@example.org>: no such user")
    '550 5.1.1'
    """
    found = _ENHANCED.search(answer)
    return f"{code} {found.group(1).decode()}" if found else str(code)


def _cause(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _code(error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b"")
    return type(error).__name__


def _ascii_domain(address: str) -> str:
    """The address with its domain as it stands in the DNS; the part before the @ is left alone. Source: RFC 5890.

    >>> _ascii_domain("grüße@bücher.example")
    'grüße@xn--bcher-kva.example'
    """
    local, _, domain = address.rpartition("@")
    return address if domain.isascii() else f"{local}@{domain.encode('idna').decode()}"
