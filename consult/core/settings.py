"""What an operator may set, each as an environment variable that starts with CONSULT_."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

DEVELOPMENT_SECRET = "for-development-only"  # noqa: S105 - the value that production refuses
_ADDRESSES = {
    "database_url": ("postgresql+psycopg postgresql postgres", "postgresql://user:password@host/name"),
    "redis_url": ("redis rediss unix", "redis://host:6379/0"),
    "broker_url": (
        "amqp amqps pyamqp redis rediss redis+socket sentinel unix memory",
        "amqp://user:password@host// or redis://host/0",
    ),
    "limits_url": (
        "redis rediss redis+unix redis+sentinel redis+cluster unix memory",
        "redis://host:6379/0",
    ),
    "smtp_url": ("smtp smtps", "smtp://user:password@host:587 or smtps://user:password@host"),
    "files_url": ("file s3", "file:///folder or s3://key:secret@bucket/folder"),
    "clamd_url": ("tcp unix", "tcp://host:3310 or unix:///run/clamav/clamd.ctl"),
    "base_url": ("http https", "https://consult.example.org"),
    "leave_url": ("http https", "https://www.wikipedia.org/"),
}
"""The schemes that each address may have, and one as it should look."""
_WITH_HOST = ("smtp", "smtps", "tcp", "http", "https")
SHORTEST_SECRET = 32
_LEAST = {
    "proxies": 0, "smallest_group": 1, "moderator_idle": 1, "moderator_session": 1, "database_pool": 1,
    "worker_concurrency": 1,
}  # fmt: skip
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_YES, _NO = ("1", "true", "yes", "on", "t", "y"), ("0", "false", "no", "off", "f", "n")


def _parsed(address: str) -> bool:
    """Whether host and port can be told from the address, by what will use it."""
    try:
        if address.startswith("postgres"):
            return bool(make_url(address))
        parts = urlsplit(address)
        return parts.port != 0 and bool(parts.hostname or parts.scheme not in _WITH_HOST)
    except (ArgumentError, ValueError):
        return False


def _respelled(address: str, scheme: str) -> str:
    """The address with this scheme where it is that of a socket."""
    return scheme + address.removeprefix("unix") if address.startswith("unix://") else address


class SettingsError(Exception):
    """A setting is missing or cannot work; the message is one sentence for the operator."""


class Secret:
    """A value that is shown only where it is asked for.

    >>> Secret("word"), Secret("word").reveal()
    (Secret('…'), 'word')
    """

    def __init__(self, value: str = "") -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"


_NONE, _KNOWN = Secret(), Secret(DEVELOPMENT_SECRET)


@dataclass(frozen=True, init=False)
class Settings:
    """The one place that reads the environment. The defaults suit tests on one machine, not production."""

    database_url: str = "postgresql+psycopg://postgres@127.0.0.1/consult"
    redis_url: str = "redis://127.0.0.1:6379/0"
    broker_url: str = ""  # Celery's broker; redis_url where empty. amqp:// works too
    limits_url: str = ""  # where rate limits are counted; redis_url where empty
    smtp_url: Secret = _NONE  # smtp://user:password@host:587 or smtps://…; empty: a folder
    smtp_timeout: float = 60.0  # seconds to wait for each answer of the mail server
    mail_from: str = "Consult <consult@localhost>"
    secret_key: Secret = _KNOWN
    seal_key: Secret = _NONE  # seals contact details; derived from secret_key where empty
    base_url: str = "http://127.0.0.1:8000"
    leave_url: str = "https://www.wikipedia.org/"  # where "Leave this site" leads
    data_dir: Path = Path("var")
    files_url: Secret = _NONE  # s3://key:secret@bucket/folder?endpoint=…; empty: a folder of data_dir
    clamd_url: str = ""  # tcp://host:3310 or unix:///path of clamd; empty: no virus scanner
    demo: bool = False
    proxies: int = 0  # how many reverse proxies in front set X-Forwarded-*
    hosts: str = ""  # host names served, comma separated; any where empty and base_url is local
    smallest_group: int = 5  # contributors a group must have to be shown by itself in a breakdown
    moderator_idle: int = 60  # minutes without a page after which moderators and administrators are signed out
    moderator_session: int = 12  # hours after which moderators and administrators sign in again, however busy
    filing_limit: str = "300 per hour"  # how many submissions one network may send
    database_pool: int = 8
    worker_concurrency: int = 2
    log_level: str = "INFO"

    def __init__(self, **given: Any) -> None:
        """Of each what is given, else the environment's, else the default. Raises SettingsError with all that is wrong.

        What they hold is not repeated there: it may be a password.
        """
        wrong = []
        for one in fields(self):
            variable = f"CONSULT_{one.name.upper()}"
            value = given.pop(one.name, os.environ.get(variable, one.default))
            try:
                vars(self)[one.name] = _checked(one.name, _read(value, one.default))
            except ValueError as error:
                wrong.append(f"{variable} cannot be used: {error}.")
        if given:
            raise TypeError(f"There is no setting {', '.join(given)}")
        if wrong:
            raise SettingsError(" ".join(wrong))

    @property
    def celery_broker(self) -> str:
        """The broker in the spelling Celery wants: a Redis socket is `redis+socket://`."""
        return _respelled(self.broker_url or self.redis_url, "redis+socket")

    @property
    def limits_storage(self) -> str:
        """The rate-limit store in the spelling of `limits`: a Redis socket is `redis+unix://`."""
        return _respelled(self.limits_url or self.redis_url, "redis+unix")

    @property
    def secure(self) -> bool:
        """Whether the site is served over https, so that cookies can be bound to it."""
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """The host name of the public address, used in Message-IDs and List-Ids."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def trusted_hosts(self) -> list[str]:
        """The host names answered to: those set, else the public address's; none (any) on a local address."""
        if self.hosts:
            return [name.strip() for name in self.hosts.split(",")]
        return [] if self.host in {"localhost", "127.0.0.1", "::1"} else [self.host]

    def require_production(self) -> None:
        """Raises SettingsError where the secret is absent, the default, or too short, or no public address is set."""
        secret = self.secret_key.reveal()
        if secret == DEVELOPMENT_SECRET or len(secret) < SHORTEST_SECRET:
            raise SettingsError(
                "CONSULT_SECRET_KEY is not set, or shorter than 32 characters: set it to a long random value, for "
                "example the output of: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
        if not os.environ.get("CONSULT_BASE_URL"):  # the default is an address, but nobody else's way to this one
            raise SettingsError(
                "CONSULT_BASE_URL is not set: set it to the address at which people reach this site, such as "
                "https://consult.example.org. The links in letters lead there."
            )


def _read(value: Any, default: Any) -> Any:
    """The value as what its default is. Raises ValueError with what to give instead."""
    if not isinstance(value, str) or isinstance(default, str):
        return value
    if isinstance(default, bool):
        if value.casefold() not in _YES + _NO:
            raise ValueError("Give true or false")
        return value.casefold() in _YES
    try:
        return type(default)(value)
    except ValueError:
        raise ValueError("Give a whole number" if isinstance(default, int) else "Give a number") from None


def _checked(name: str, value: Any) -> Any:
    """The value as it is used. Raises ValueError with what to give instead."""
    bare = value.reveal() if isinstance(value, Secret) else value
    if name in _ADDRESSES:
        schemes, example = _ADDRESSES[name]
        for one in bare.split(";") if name == "broker_url" else [bare]:  # kombu takes several
            if one and not (one.partition("://")[0] in schemes.split() and _parsed(one)):
                raise ValueError(f"Give it as {example}")
    if name == "database_url":  # with the driver that is installed, however the operator spells it
        return "postgresql+psycopg://" + value.partition("://")[2]
    if name == "seal_key" and 0 < len(bare) < SHORTEST_SECRET:  # none, or one that cannot be tried out
        raise ValueError(f"Give at least {SHORTEST_SECRET} random characters")
    if name == "log_level" and (value := value.upper()) not in _LEVELS:
        raise ValueError("Give DEBUG, INFO, WARNING, ERROR or CRITICAL")
    if name in _LEAST and value < _LEAST[name]:
        raise ValueError(f"Give {_LEAST[name]} or more")
    return value
