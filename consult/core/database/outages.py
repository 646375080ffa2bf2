"""Explains a refused database connection without names, addresses or passwords."""

from __future__ import annotations

import re

from consult.core.i18n import N_

_REASONS = (
    ("password authentication failed|no password supplied|authentication failed|pam auth",
     N_("It refuses the user or the password.")),
    ('role ".*" (does not exist|is not permitted)|no such user',
     N_("It does not know the user, or does not let the user in.")),
    ('database ".*" does not exist|no such database', N_("It has no database of this name.")),
    ("too many (connections|clients)|remaining connection slots|no more connections|query_wait_timeout|client_conn",
     N_("It has no connection left.")),
    ("no pg_hba.conf entry|pg_hba.conf rejects", N_("It lets nobody in from this machine.")),
    ("starting up|shutting down|recovery mode|not yet accepting", N_("It is starting or ending.")),
    ("resolve host|translate host|not known|No address", N_("Its name is not found.")),
    ("timeout|timed out", N_("It did not answer in time.")),
    ("Connection refused|No such file or directory|No route|unreachable", N_("Nothing listens at its address.")),
    ("SSL|certificate|GSSAPI", N_("No encrypted connection to it can be made.")),
)  # fmt: skip
"""What PostgreSQL, libpq and PgBouncer say, and what it means. The first that fits holds."""


def explain_outage(error: BaseException) -> str:
    """Why, for everybody; nothing where it is not known."""
    said = str(getattr(error, "orig", None) or error)
    return next((str(meaning) for words, meaning in _REASONS if re.search(words, said, re.IGNORECASE)), "")


def server_message(error: BaseException) -> str:
    """The server's own message for the operator, else the reason. Neither contains a password."""
    said = str(getattr(error, "orig", None) or error)
    found = re.findall(r"(?:FATAL|ERROR):\s+(.+)", said)
    return found[-1].strip() if found else explain_outage(error) or type(error).__name__
