"""Why a database takes nobody is told without its names; its own words are for who runs the site."""

from __future__ import annotations

import psycopg
import pytest

from consult.core.database.outages import explain_outage, server_message

AT = 'connection to server at "db.internal" (10.1.2.3), port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            f'{AT}FATAL:  password authentication failed for user "ada"',
            "The database refuses the user name or the password.",
        ),
        (
            f'{AT}FATAL:  role "ada" does not exist',
            "The database does not know this user, or does not let the user connect.",
        ),
        (f'{AT}FATAL:  database "ada" does not exist', "The server has no database with this name."),
        (f"{AT}FATAL:  sorry, too many clients already", "The database has no free connection."),
        (f"{AT}FATAL:  remaining connection slots are reserved for roles", "The database has no free connection."),
        (f'{AT}FATAL:  too many connections for role "ada"', "The database has no free connection."),
        (f"{AT}FATAL:  query_wait_timeout", "The database has no free connection."),
        (
            f'{AT}FATAL:  no pg_hba.conf entry for host "10.1.2.4", user "ada"',
            "The database does not accept connections from this machine.",
        ),
        (f"{AT}FATAL:  the database system is starting up", "The database is starting or stopping."),
        ("cannot execute INSERT in a read-only transaction", "The database is read-only at the moment."),
        (f"{AT}Connection refused", "No server responds at the network address of the database."),
        (
            "failed to resolve host 'db.internal': [Errno -2] Name or service not known",
            "The name of the database server cannot be found.",
        ),
        ("connection timeout expired", "The database did not answer quickly enough."),
        (f"{AT}SSL error: certificate verify failed", "We cannot make an encrypted connection to the database."),
        ("what nobody has seen yet from ada", ""),
    ],
)
def test_the_reason_is_told_without_names(said: str, meant: str) -> None:
    assert explain_outage(psycopg.OperationalError(said)) == meant


def test_who_runs_the_site_reads_what_the_server_said() -> None:
    said = f'connection failed: {AT}FATAL:  role "ada" does not exist'
    assert server_message(psycopg.OperationalError(said)) == 'role "ada" does not exist'
    assert (
        server_message(psycopg.OperationalError(f"{AT}Connection refused"))
        == "No server responds at the network address of the database."
    )
    assert server_message(psycopg.OperationalError("unheard of")) == "OperationalError"
