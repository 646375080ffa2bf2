"""The number of submissions counted in an argument: each once, whether it sent a letter or wrote its own words."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.arguments.model import Argument
from consult.core.database.sql_files import read_sql

_RECOUNT = text(read_sql(__file__, "recount_submissions"))


def recount(session: Session, consultation_id: int) -> None:
    """Recount the submissions of checked arguments and of requests in letters. Safe to repeat.

    A submission has one text. The submissions of an argument's distinct texts are therefore each counted once, if they
    comment on its part of the draft. The cost is that of these submissions.
    """
    session.flush()
    session.execute(_RECOUNT, {"consultation": consultation_id})
    for row in session.identity_map.values():
        if isinstance(row, Argument):
            session.expire(row, ["senders", "submissions"])
