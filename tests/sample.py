"""The sample in the tests' database: loaded once in a test process, and copied back for every test after that."""

from __future__ import annotations

import shutil
from pathlib import Path

from flask import current_app
from sqlalchemy import Connection, inspect, text
from sqlalchemy.orm import Session

from consult.cli.sample import loader
from consult.core.clock import now
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web import face
from tests import factories

_COPY = "sample_copy"
"""The schema that keeps the rows. No table in it has the name of one of ours, which a test might ask for."""


def load_sample(session: Session) -> list[loader.DemoAccount]:
    """Puts the sample into an empty database and commits; gives who to sign in as.

    Sequences go on, so that no number is given twice in a process.
    """
    session.commit()
    settings: Settings = current_app.config["SETTINGS"]
    files, kept = settings.data_dir, settings.data_dir.parent / f"{settings.data_dir.name}-{_COPY}"
    with db.engine.connect() as connection:
        is_copied = inspect(connection).has_schema(_COPY)
    if is_copied:
        with db.engine.begin() as connection:
            _copy_back(connection)
        _copy_files(kept, files)
    face.forget()
    went_on = 0 if is_copied else _count_case_studies_anew()
    people = loader.load(session, now=now())
    session.commit()
    if not is_copied:
        _number_case_studies_from(went_on)
        with db.engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {_COPY}"))
            for table in _tables():
                connection.execute(text(f'CREATE TABLE {_COPY}."{table}_copy" AS TABLE public."{table}"'))
        _copy_files(files, kept)
    return people


def _count_case_studies_anew() -> int:
    """Comments of the sample name case studies by number, from 1; gives the number that would have come next."""
    with db.engine.begin() as connection:
        number: int = connection.execute(
            text("SELECT nextval(pg_get_serial_sequence('case_study', 'id'))")
        ).scalar_one()
    _number_case_studies_from(1)
    return number


def _number_case_studies_from(number: int) -> None:
    with db.engine.begin() as connection:
        there: int = connection.execute(text("SELECT coalesce(max(id), 0) FROM case_study")).scalar_one()
        connection.execute(text(f"ALTER TABLE case_study ALTER COLUMN id RESTART WITH {max(number, there + 1)}"))


def _tables() -> list[str]:
    return [table.name for table in factories.Base.metadata.sorted_tables]


def _copy_back(connection: Connection) -> None:
    """Copies the rows of every table, those that the migrations made too; the ledger's guard is off meanwhile."""
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    look = inspect(connection)
    for table in _tables():
        columns = ", ".join(f'"{it["name"]}"' for it in look.get_columns(table) if not it.get("computed"))
        connection.execute(text(f'DELETE FROM public."{table}"'))
        connection.execute(
            text(
                f'INSERT INTO public."{table}" ({columns}) OVERRIDING SYSTEM VALUE '
                f'SELECT {columns} FROM {_COPY}."{table}_copy"'
            )
        )


def _copy_files(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, dirs_exist_ok=True)
