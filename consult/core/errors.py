"""Refusals that stop a request: the class is the fact, the message is for the person."""

from __future__ import annotations


class Refusal(Exception):
    """Something a person asked for that cannot be done; nothing was changed.

    `message` is already translated. `field` names the form field it belongs to, where there is one.
    """

    status = 422
    title = ""
    """The heading of the page that says it, not translated; empty: the one of the status."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field


class NotFound(Refusal):
    status = 404


class Forbidden(Refusal):
    status = 403


class Conflict(Refusal):
    """The thing changed since it was read; the message says what to do."""

    status = 409


class TooMany(Refusal):
    status = 429
