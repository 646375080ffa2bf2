"""The operator's settings: environment variables that start with CONSULT_, and files for those that are secret."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from difflib import get_close_matches
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from consult.core.secret_files import FILE_SETTINGS, file_variable, read_setting
from consult.core.secret_strength import find_weakness

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
"""The allowed schemes of each URL, and an example."""
_SCHEMES_WITH_HOST = ("smtp", "smtps", "tcp", "http", "https", "s3")
MIN_SECRET_LENGTH = 32
MAX_UPLOAD_BYTES = 50 * 2**20
"""The maximum size of a request body: two files of the maximum size (`files/kinds.py`)."""
WEB_WORKERS = ("buffered", "gthread")
LOG_FORMATS = ("json", "text")
_RANGES: dict[str, tuple[int, int]] = {
    "proxies": (0, 10),
    "smallest_group": (1, 1000),
    "moderator_idle": (1, 1440),
    "moderator_session": (1, 720),
    "database_pool": (1, 500),
    "worker_concurrency": (1, 256),
    "smtp_timeout": (1, 3600),
    "header_timeout": (1, 600),
    "private_wait": (0, 168),
    "body_timeout": (1, 3600),
    "body_rate": (1, 1_000_000),
}
"""The allowed range of each number. Values outside are typing errors that would break or disable something."""
_LIMIT = re.compile(
    r"\s*[1-9]\d{0,8}\s*(/|per)\s*([1-9]\d{0,5}\s*)?(second|minute|hour|day|month|year)s?\s*", re.I | re.A
)
"""A rate limit in the grammar of the library `limits`, which reads some misspellings as no limit at all."""
NEW_KEY_COMMAND = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".test", ".lan", ".home.arpa")
"""Domains without public servers. Source: RFC 6761, RFC 6762, RFC 8375, ICANN on .internal."""
_HOST = re.compile(r"\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d+)?|\[[0-9a-f:]+\](:\d+)?", re.I | re.A)
_EXTRA_VARIABLES = {"CONSULT_PG_BIN", "CONSULT_CHROMIUM"}
_FOREIGN_VARIABLES = re.compile(
    r"CONSULT_(TEST|BENCH)_\w+=.*"
    r"|CONSULT_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?)=.*"
    r"|CONSULT_(\w+_)?PORT=(tcp|udp|sctp)://.*",
    re.S,
)
"""Variables of our tests and benchmarks, and those that Kubernetes sets for services called consult or consult-….

Source: Kubernetes documentation, "Service", "Environment variables", enableServiceLinks.
"""
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_YES, _NO = ("1", "true", "yes", "on", "t", "y"), ("0", "false", "no", "off", "f", "n")


def _is_parsable(address: str) -> bool:
    """Return True if the library that uses the URL can parse host and port."""
    try:
        if address.startswith("postgres"):
            return bool(make_url(address))
        parts = urlsplit(address)
        return parts.port != 0 and bool(parts.hostname or parts.scheme not in _SCHEMES_WITH_HOST)
    except (ArgumentError, ValueError):
        return False


def _with_socket_scheme(address: str, scheme: str) -> str:
    """Replace the scheme of a socket URL."""
    return scheme + address.removeprefix("unix") if address.startswith("unix://") else address


class SettingsError(Exception):
    """A setting is missing or invalid. The message is one sentence for the operator."""


class Secret:
    """A value that is hidden unless requested explicitly.

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
    """All settings of the application. The defaults suit tests on one machine, not production.

    Besides this class, only start commands, `secret_files`, PostgreSQL tools and bundled programs read the environment.
    """

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
    leave_url: str = "https://www.wikipedia.org/"  # where "Quick exit" leads
    data_dir: Path = Path("var")
    files_url: Secret = _NONE  # s3://key:secret@bucket/folder?endpoint=…; empty: a folder of data_dir
    clamd_url: str = ""  # tcp://host:3310 or unix:///path of clamd; empty: no virus scanner
    demo: bool = False
    proxies: int = 0  # how many reverse proxies in front set X-Forwarded-*
    hosts: str = ""  # host names served, comma separated; any where empty and base_url is local
    smallest_group: int = 5  # contributors a group must have to be shown by itself in a breakdown
    moderator_idle: int = 60  # minutes without a page after which moderators and administrators are signed out
    moderator_session: int = 12  # hours after which moderators and administrators sign in again, however busy
    require_second_factor: bool = True  # of moderators, policymakers, administrators, after 14 days; never in a demo
    private_wait: int = 24  # hours in which a submission without identity is filed, at random; 0: at once
    sms_secret: Secret = (
        _NONE  # what a gateway sends with each text message to /in/sms, one or several; empty: there is no such address
    )
    sms_country: str = ""  # of text messages that name a region alone: EC
    signals_mailbox: str = ""  # signals@consult.example.org, whose letters `consult mail` is given; empty: off
    bounce_mailbox: str = ""  # bounce@consult.example.org, to which mail servers return e-mails; empty: to mail_from
    mail_authserv: str = ""  # mx.example.org, whose Authentication-Results are believed; empty: none are
    filing_limit: str = "300 per hour"  # how many submissions one network may send
    header_timeout: int = 10  # seconds that a client has for the first byte and the headers of a request
    body_timeout: int = 30  # seconds that a body, or the reading of an answer, may take at any rate
    body_rate: int = 500  # bytes a second that they must move on average after that
    web_worker: str = "buffered"  # gthread: gunicorn's own worker, for use behind a proxy that buffers requests
    database_pool: int = 8
    worker_concurrency: int = 2
    log_level: str = "INFO"
    log_format: str = "json"  # text: for people
    metrics_token: Secret = _NONE  # what Prometheus must send; empty: metrics are served to this machine only

    def __init__(self, **given: Any) -> None:
        """Read each setting from the arguments, else the environment or a file that it names, else the default.

        Raises SettingsError with all problems, without repeating values, which may be passwords.
        """
        wrong = _list_unknown_variables()
        for one in fields(self):
            variable = f"CONSULT_{one.name.upper()}"
            try:  # an empty variable is not set
                value = given.pop(one.name) if one.name in given else read_setting(one.name) or one.default
                vars(self)[one.name] = _check(one.name, _convert(value, one.default))
            except ValueError as error:
                wrong.append(f"{variable} cannot be used. {error}.")
        if given:
            raise TypeError(f"There is no setting {', '.join(given)}")
        if wrong:
            raise SettingsError(" ".join(wrong))

    @property
    def celery_broker(self) -> str:
        """Return the broker URL for Celery: a Redis socket is `redis+socket://`."""
        return _with_socket_scheme(self.broker_url or self.redis_url, "redis+socket")

    @property
    def sms_secrets(self) -> list[str]:
        """Return the secrets of gateways for text messages, which are separated by commas or spaces."""
        return self.sms_secret.reveal().replace(",", " ").split()

    @property
    def limits_storage(self) -> str:
        """Return the rate-limit storage URL for `limits`: a Redis socket is `redis+unix://`."""
        return _with_socket_scheme(self.limits_url or self.redis_url, "redis+unix")

    @property
    def most_connections(self) -> int:
        """Return the maximum number of database connections of a process: the pool and the same number in addition."""
        return 2 * self.database_pool

    @property
    def secure(self) -> bool:
        """Return True if the site is served over https, so that cookies can be marked secure."""
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """Return the host name of the public URL, used in Message-IDs and List-Ids."""
        return urlsplit(self.base_url).hostname or "localhost"

    @property
    def trusted_hosts(self) -> list[str]:
        """Return the accepted host names: those set, else the public URL's. Empty (any) for a local URL."""
        if self.hosts:
            return [name.strip() for name in self.hosts.split(",")]
        return [] if self.host in {"localhost", "127.0.0.1", "::1"} else [self.host]

    @property
    def has_real_key(self) -> bool:
        """Return True if the secret key is fit for production."""
        secret = self.secret_key.reveal()
        return secret != DEVELOPMENT_SECRET and len(secret) >= MIN_SECRET_LENGTH

    def require_production(self) -> None:
        """Raise SettingsError if the settings are not fit for production.

        The secret key must be set, long and strong, the public URL must be set, and demo mode must be off at a public
        URL.
        """
        if not self.has_real_key:
            raise SettingsError(
                f"CONSULT_SECRET_KEY is not set, or shorter than 32 characters. Set it to a long random value, for "
                f"example the output of: {NEW_KEY_COMMAND}"
            )
        if weakness := find_weakness(self.secret_key.reveal()):
            raise SettingsError(
                f"CONSULT_SECRET_KEY can be guessed: {weakness}. Set it to a random value, for example the output of: "
                f"{NEW_KEY_COMMAND}"
            )
        if not os.environ.get("CONSULT_BASE_URL"):  # the default is an address, but nobody else's way to this one
            raise SettingsError(
                "CONSULT_BASE_URL is not set. Set it to the web address of this site, such as "
                "https://consult.example.org. Links in e-mails use it."
            )
        self.require_private_demo()

    def require_private_demo(self) -> None:
        """Raise SettingsError if demo mode is on at a public URL."""
        if self.demo and not is_local_host(self.host):
            raise SettingsError(
                "CONSULT_DEMO shows every e-mail to everyone, including sign-in links, and CONSULT_BASE_URL is a "
                "public address. Unset CONSULT_DEMO, or use a private address for the demo."
            )


def is_local_host(host: str) -> bool:
    """Return True if a host name or address is local or in a private network.

    >>> [is_local_host(host) for host in ("localhost", "10.0.0.7", "::1", "demo", "demo.local", "consult.example.org")]
    [True, True, True, True, True, False]
    """
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host.rstrip(".") or host.rstrip(".").endswith(_LOCAL_ENDINGS)
    return address.is_loopback or address.is_private or address.is_link_local


def variable_names() -> list[str]:
    """Return the names of all settings in the environment."""
    return [f"CONSULT_{field.name.upper()}" for field in fields(Settings)]


def _list_unknown_variables() -> list[str]:
    """Return a message for each variable that looks like a setting but is unknown and would be ignored."""
    known = {*variable_names(), *map(file_variable, FILE_SETTINGS), *_EXTRA_VARIABLES}
    wrong = sorted(name for name in os.environ if name.upper().startswith("CONSULT_") and name not in known)
    said = []
    for name in wrong:
        if not _FOREIGN_VARIABLES.fullmatch(f"{name}={os.environ[name]}"):
            rests = [each.removeprefix("CONSULT_") for each in sorted(known)]
            near = get_close_matches(name.upper().removeprefix("CONSULT_"), rests, n=1, cutoff=0.7)
            hint = f"Did you mean CONSULT_{near[0]}?" if near else "All settings are in docs/settings.md."
            said.append(f"There is no setting {name}. {hint}")
    return said


def _convert(value: Any, default: Any) -> Any:
    """Convert a value to the type of its default. Raises ValueError with advice."""
    if not isinstance(value, str) or isinstance(default, str):
        return value
    if isinstance(default, bool):
        if value.casefold() not in _YES + _NO:
            raise ValueError("Use true or false")
        return value.casefold() in _YES
    try:
        return type(default)(value)
    except ValueError:
        raise ValueError("Use a whole number" if isinstance(default, int) else "Use a number") from None


def _check(name: str, value: Any) -> Any:
    """Validate a value and return it. Raises ValueError with advice."""
    bare = value.reveal() if isinstance(value, Secret) else value
    if name in _ADDRESSES:
        schemes, example = _ADDRESSES[name]
        for one in bare.split(";") if name == "broker_url" else [bare]:  # kombu takes several
            if one and not (one.partition("://")[0] in schemes.split() and _is_parsable(one)):
                raise ValueError(f"Use the form {example}")
    if name == "database_url":  # with the driver that is installed, however the operator spells it
        return "postgresql+psycopg://" + value.partition("://")[2]
    if name in ("seal_key", "metrics_token") and 0 < len(bare) < MIN_SECRET_LENGTH:  # too short to be safe
        raise ValueError(f"Use at least {MIN_SECRET_LENGTH} random characters")
    if name == "log_level" and (value := value.upper()) not in _LEVELS:
        raise ValueError("Use DEBUG, INFO, WARNING, ERROR or CRITICAL")
    if name == "log_format" and value not in LOG_FORMATS:
        raise ValueError("Use json or text")
    if name == "web_worker" and value not in WEB_WORKERS:
        raise ValueError("Use buffered or gthread")
    if name in _RANGES:
        _require_within(value, *_RANGES[name])
    if name in _SHAPES:
        _require_shape(value, *_SHAPES[name])
    return value


def _require_within(value: float, least: int, most: int) -> None:
    if not math.isfinite(value) or value < least:
        raise ValueError(f"Use {least} or more")
    if value > most:
        raise ValueError(f"Use {most} or less")


def _is_limit(value: str) -> bool:
    """Return True if all parts are valid rate limits.

    >>> [_is_limit(each) for each in ("300 per hour", "10/minute; 50 per 2 hours", "100000", "300 per fortnight")]
    [True, True, False, False]
    """
    return all(_LIMIT.fullmatch(each) for each in re.split("[,;|]", value))


def _is_sender(value: str) -> bool:
    address = parseaddr(value)[1]
    return value.isprintable() and re.fullmatch(r"[^@\s]+@[^@\s]+", address) is not None


def _are_hosts(value: str) -> bool:
    return not value or all(_HOST.fullmatch(each.strip()) for each in value.split(","))


_SHAPES: dict[str, tuple[Callable[[str], bool], str]] = {
    "filing_limit": (_is_limit, "300 per hour, with second, minute, hour, day, month or year"),
    "mail_from": (_is_sender, "Name <name@example.org>"),
    "sms_country": (lambda value: not value or re.fullmatch(r"[A-Z]{2}", value) is not None, "EC"),
    "signals_mailbox": (
        lambda value: not value or re.fullmatch(r"[^@\s+]+@[^@\s]+", value) is not None,
        "signals@consult.example.org",
    ),
    "bounce_mailbox": (
        lambda value: not value or re.fullmatch(r"[^@\s+]{1,30}@[^@\s]+", value) is not None,
        "bounce@consult.example.org",
    ),
    "mail_authserv": (lambda value: not value or re.fullmatch(r"[\w.-]+", value) is not None, "mx.example.org"),
    "hosts": (_are_hosts, "consult.example.org, www.example.org, without https://"),
}
"""The format of these settings: a check and an example."""


def _require_shape(value: str, fits: Callable[[str], bool], example: str) -> None:
    if not fits(value):
        raise ValueError(f"Use the form {example}")
