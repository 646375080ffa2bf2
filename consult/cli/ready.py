"""Commands begin on a database that has the tables they need, or say how it gets them."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import NullPool, create_engine

from consult import create_app
from consult.core.migrated import behind
from consult.core.settings import Settings, SettingsError


def require_migrated(settings: Settings) -> None:
    """A sentence where the database is behind this release; no connection is left open."""
    engine = create_engine(settings.database_url, poolclass=NullPool, connect_args={"connect_timeout": 10})
    with engine.connect() as connection:
        if behind(connection):
            raise SettingsError("The database is empty or of an older release: run `consult migrate`.")


def application(*, seals: bool = False) -> Flask:
    """The application, on a database that is not behind it. A command that `seals` letters needs what production has:
    the real key, and the address that links lead to."""
    settings = Settings()
    require_migrated(settings)
    if seals:
        settings.require_production()
    return create_app(settings)
