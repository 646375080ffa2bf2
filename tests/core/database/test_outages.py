"""Why a database takes nobody is told without its names; its own words are for who runs the site."""

from __future__ import annotations

import psycopg
import pytest

from consult.core.database.outages import explain_outage, server_message

AT = 'connection to server at "db.internal" (10.1.2.3), port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (f'{AT}FATAL:  password authentication failed for user "ada"', "It refuses the user or the password."),
        (f'{AT}FATAL:  role "ada" does not exist', "It does not know the user, or does not let the user in."),
        (f'{AT}FATAL:  database "ada" does not exist', "It has no database of this name."),
        (f"{AT}FATAL:  sorry, too many clients already", "It has no connection left."),
        (f"{AT}FATAL:  remaining connection slots are reserved for roles", "It has no connection left."),
        (f'{AT}FATAL:  too many connections for role "ada"', "It has no connection left."),
        (f"{AT}FATAL:  query_wait_timeout", "It has no connection left."),
        (f'{AT}FATAL:  no pg_hba.conf entry for host "10.1.2.4", user "ada"', "It lets nobody in from this machine."),
        (f"{AT}FATAL:  the database system is starting up", "It is starting or ending."),
        (f"{AT}Connection refused", "Nothing listens at its address."),
        ("failed to resolve host 'db.internal': [Errno -2] Name or service not known", "Its name is not found."),
        ("connection timeout expired", "It did not answer in time."),
        (f"{AT}SSL error: certificate verify failed", "No encrypted connection to it can be made."),
        ("what nobody has seen yet from ada", ""),
    ],
)
def test_the_reason_is_told_without_names(said: str, meant: str) -> None:
    assert explain_outage(psycopg.OperationalError(said)) == meant


def test_who_runs_the_site_reads_what_the_server_said() -> None:
    said = f'connection failed: {AT}FATAL:  role "ada" does not exist'
    assert server_message(psycopg.OperationalError(said)) == 'role "ada" does not exist'
    assert server_message(psycopg.OperationalError(f"{AT}Connection refused")) == "Nothing listens at its address."
    assert server_message(psycopg.OperationalError("unheard of")) == "OperationalError"
