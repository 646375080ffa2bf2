"""What an operator may set, each as an environment variable that starts with CONSULT_."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
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


class Settings(BaseSettings):
    """The one place that reads the environment. The defaults suit tests on one machine, not production."""

    model_config = SettingsConfigDict(env_prefix="CONSULT_", extra="ignore", frozen=True, hide_input_in_errors=True)

    database_url: str = "postgresql+psycopg://postgres@127.0.0.1/consult"
    redis_url: str = "redis://127.0.0.1:6379/0"
    broker_url: str = Field(default="", description="Celery's broker; redis_url where empty. amqp:// works too.")
    limits_url: str = Field(default="", description="Where rate limits are counted; redis_url where empty.")
    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="smtp://user:password@host:587 or smtps://…; empty: a folder"
    )
    smtp_timeout: float = Field(default=60, description="Seconds to wait for each answer of the mail server")
    mail_from: str = "Consult <consult@localhost>"
    secret_key: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    seal_key: SecretStr = Field(
        default=SecretStr(""), description="Seals contact details; derived from secret_key where empty"
    )
    base_url: str = "http://127.0.0.1:8000"
    leave_url: str = Field(default="https://www.wikipedia.org/", description="Where 'Leave this site' leads")
    data_dir: Path = Path("var")
    files_url: SecretStr = Field(
        default=SecretStr(""), description="s3://key:secret@bucket/folder?endpoint=…; empty: a folder of data_dir"
    )
    clamd_url: str = Field(default="", description="tcp://host:3310 or unix:///path of clamd; empty: no virus scanner")
    demo: bool = False
    proxies: int = Field(default=0, ge=0, description="How many reverse proxies in front set X-Forwarded-*")
    hosts: str = Field(
        default="", description="Host names served, comma separated; any where empty and base_url is local"
    )
    smallest_group: int = Field(
        default=5, ge=1, description="Contributors a group must have to be shown by itself in a breakdown"
    )
    moderator_idle: int = Field(
        default=60, ge=1, description="Minutes without a page after which moderators and administrators are signed out"
    )
    moderator_session: int = Field(
        default=12, ge=1, description="Hours after which moderators and administrators sign in again, however busy"
    )
    filing_limit: str = Field(default="300 per hour", description="How many submissions one network may send")
    database_pool: int = Field(default=8, ge=1)
    worker_concurrency: int = Field(default=2, ge=1)
    log_level: str = "INFO"

    @field_validator(*_ADDRESSES)
    @classmethod
    def _understood(cls, value: str | SecretStr, info: ValidationInfo) -> str | SecretStr:
        """An address with a scheme that is known here; what it holds is not repeated, it may be a password."""
        schemes, example = _ADDRESSES[str(info.field_name)]
        given = value.get_secret_value() if isinstance(value, SecretStr) else value
        for one in given.split(";") if info.field_name == "broker_url" else [given]:  # kombu takes several
            if one and not (one.partition("://")[0] in schemes.split() and _parsed(one)):
                raise PydanticCustomError("address", "Give it as {example}", {"example": example})
        return value

    @field_validator("seal_key")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        """None, or one that cannot be tried out."""
        if 0 < len(value.get_secret_value()) < SHORTEST_SECRET:
            raise PydanticCustomError("key", "Give at least {n} random characters", {"n": SHORTEST_SECRET})
        return value

    @field_validator("database_url")
    @classmethod
    def _by_psycopg(cls, value: str) -> str:
        """The address with the driver that is installed, however the operator spells it."""
        return "postgresql+psycopg://" + value.partition("://")[2]

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
            raise PydanticCustomError("level", "Give DEBUG, INFO, WARNING, ERROR or CRITICAL")
        return value.upper()

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
        """Raises SettingsError where the secret is absent, the default, or too short to be one."""
        secret = self.secret_key.get_secret_value()
        if secret == DEVELOPMENT_SECRET or len(secret) < SHORTEST_SECRET:
            raise SettingsError(
                "CONSULT_SECRET_KEY is not set, or shorter than 32 characters: set it to a long random value, for "
                "example the output of: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            )
