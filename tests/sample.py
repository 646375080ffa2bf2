"""The sample in the tests' database: loaded once in a run, and copied by every test and every process after that."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import psycopg
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from consult.cli.sample import loader
from consult.core.clock import now
from consult.core.db import db
from consult.core.settings import Settings
from consult.core.web import face
from tests import factories
from tests.run import Run

_FIRST = 1_000_000
"""The rows of the sample are numbered from here: no process has given such a number before it has the sample."""
_AFTER = 1_100_000
"""What comes after the sample in another process than the one that loaded it."""
_COLUMNS = text(
    """
    SELECT table_name, string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
    FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER' GROUP BY table_name
    """
)
_ADVANCE = text(
    """
    SELECT setval(format('public.%I', sequencename)::regclass, greatest(last_value, :at)) FROM pg_sequences
    WHERE schemaname = 'public' AND sequencename <> 'case_study_id_seq'
    """
)

_BEHIND_CASE_STUDIES = text(
    """
    SELECT setval('case_study_id_seq', greatest(last_value, (SELECT max(id) FROM case_study))) FROM case_study_id_seq
    """
)


def load_sample(session: Session) -> list[loader.DemoAccount]:
    """Puts the sample into an empty database and commits; gives who to sign in as.

    Sequences go on, so that no number is given twice in a process.
    """
    session.commit()
    settings: Settings = current_app.config["SETTINGS"]
    run: Run = current_app.config["TEST_RUN"]
    face.forget()
    with run.alone("sample") as copy:
        if not copy.is_dir():
            people = _load(session)
            _write(copy, settings.data_dir)
            return people
        _read(copy, settings.data_dir)
    people = loader.load(session, now=now())
    session.commit()
    return people


def _load(session: Session) -> list[loader.DemoAccount]:
    with db.engine.begin() as connection:
        connection.execute(_ADVANCE, {"at": _FIRST})
    went_on = _count_case_studies_anew()
    people = loader.load(session, now=now())
    session.commit()
    _number_case_studies_from(went_on)
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


def _tables(connection: Connection) -> dict[str, str]:
    """Our tables, each with the columns that are not computed."""
    columns = dict(connection.execute(_COLUMNS).all())
    return {table.name: columns[table.name] for table in factories.Base.metadata.sorted_tables}


def _write(copy: Path, files: Path) -> None:
    """Copies every table to a file, those of the migrations too, and the files beside the database."""
    draft = copy.with_suffix(".new")
    draft.mkdir(exist_ok=True)
    with db.engine.connect() as connection, cursor_of(connection) as cursor:
        for table, columns in _tables(connection).items():
            with cursor.copy(f'COPY public."{table}" ({columns}) TO STDOUT') as rows:
                (draft / table).write_bytes(b"".join(map(bytes, rows)))
    if files.is_dir():
        shutil.copytree(files, draft / "files")
    draft.rename(copy)


def _read(copy: Path, files: Path) -> None:
    """Puts every row in place; the ledger's guard is off meanwhile."""
    with db.engine.begin() as connection, cursor_of(connection) as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, columns in _tables(connection).items():
            cursor.execute(f'DELETE FROM public."{table}"')
            if content := (copy / table).read_bytes():
                with cursor.copy(f'COPY public."{table}" ({columns}) FROM STDIN') as rows:
                    rows.write(content)
        connection.execute(_ADVANCE, {"at": _AFTER})
        connection.execute(_BEHIND_CASE_STUDIES)
    if (copy / "files").is_dir():
        shutil.copytree(copy / "files", files, dirs_exist_ok=True)


def cursor_of(connection: Connection) -> psycopg.Cursor[Any]:
    driver: psycopg.Connection[Any] = connection.connection.driver_connection
    return driver.cursor()
