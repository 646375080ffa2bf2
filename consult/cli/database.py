"""Migrations, run from code so that no alembic.ini is needed."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, NullPool, create_engine, text

from consult import ROOT

_LOCK = 7_270_001


def alembic_config(connection: Connection) -> Config:
    """Alembic's configuration for the migrations of this checkout, bound to an open connection."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def migrate(database_url: str, revision: str = "head") -> str | None:
    """Brings the database up to `revision` and gives where it then is; safe when several processes start at once."""
    engine = create_engine(database_url, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
        connection.commit()
        try:
            config = alembic_config(connection)
            if revision == "base":
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
            connection.commit()
            reached: str | None = MigrationContext.configure(connection).get_current_revision()
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
            connection.commit()
    return reached


def new_revision(database_url: str, message: str, number: str) -> None:
    """Writes the next migration from the difference between models and database, to be read and mended by hand."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        command.revision(alembic_config(connection), message, autogenerate=True, rev_id=number)
    engine.dispose()
