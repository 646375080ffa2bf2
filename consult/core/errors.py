"""Errors that refuse a request: the class is the reason, the message is for the user."""

from __future__ import annotations


class Refusal(Exception):
    """A request that cannot be fulfilled. Nothing was changed.

    `message` is translated. `field` is the name of the form field concerned, if there is one.
    """

    status = 422
    title = ""
    """The heading of the error page, not translated. Empty means the heading of the status."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = str(message)
        self.field = field


class NotFound(Refusal):
    status = 404


class Forbidden(Refusal):
    status = 403


class Conflict(Refusal):
    """The data changed since they were read. The message says what to do."""

    status = 409


class TooMany(Refusal):
    status = 429
