"""Explanations of failed database connections, without names, addresses or passwords."""

from __future__ import annotations

import re

from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure
from sqlalchemy.exc import DBAPIError

from consult.core.i18n import N_

_WAITS = (LockNotAvailable, DeadlockDetected, SerializationFailure)

_REASONS = (
    ("password authentication failed|no password supplied|authentication failed|pam auth",
     N_("The database refuses the user name or the password.")),
    ('role ".*" (does not exist|is not permitted)|no such user',
     N_("The database does not know this user, or does not let the user connect.")),
    ('database ".*" does not exist|no such database', N_("The server has no database with this name.")),
    ("too many (connections|clients)|remaining connection slots|no more connections|query_wait_timeout|client_conn",
     N_("The database has no free connection.")),
    ("no pg_hba.conf entry|pg_hba.conf rejects", N_("The database does not accept connections from this machine.")),
    ("in a read-only transaction", N_("The database is read-only at the moment.")),
    ("starting up|shutting down|recovery mode|not yet accepting", N_("The database is starting or stopping.")),
    ("resolve host|translate host|not known|No address", N_("The name of the database server cannot be found.")),
    ("timeout|timed out", N_("The database did not answer quickly enough.")),
    ("Connection refused|No such file or directory|No route|unreachable", N_(
        "No server responds at the network address of the database."
    )),
    ("SSL|certificate|GSSAPI", N_("We cannot make an encrypted connection to the database.")),
)  # fmt: skip
"""Messages of PostgreSQL, libpq and PgBouncer with their explanation. The first match is used."""


def explain_outage(error: BaseException) -> str:
    """Return a public explanation, or an empty string if it is unknown."""
    said = str(getattr(error, "orig", None) or error)
    return next((str(meaning) for words, meaning in _REASONS if re.search(words, said, re.IGNORECASE)), "")


def server_message(error: BaseException) -> str:
    """Return the server's message for operators, or else the explanation. Neither contains a password."""
    said = str(getattr(error, "orig", None) or error)
    found = re.findall(r"(?:FATAL|ERROR):\s+(.+)", said)
    return found[-1].strip() if found else explain_outage(error) or type(error).__name__


def is_passing(error: BaseException) -> bool:
    """Check whether the same work may succeed later: another transaction was in its way, or the connection was lost."""
    return isinstance(error, DBAPIError) and (isinstance(error.orig, _WAITS) or error.connection_invalidated)
