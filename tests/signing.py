"""Sessions for tests: what the cookie of somebody who has signed in holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from consult.accounts.sessions import service as sessions
from consult.accounts.sessions.model import SignInMethod


def session_token(session: Session, account: Any) -> str:
    """Begins a session of the account, to be committed; gives its token."""
    return sessions.begin(session, account, method=SignInMethod.PASSWORD)


def session_cookie(session: Session, account: Any) -> dict[str, Any]:
    """As `session_token`; gives the fields of its cookie."""
    return {"_user_id": session_token(session, account), "_fresh": True}


def is_signed_in(session: Session, token: str) -> bool:
    """Return True if the session of a token is active."""
    return sessions.find(session, token) is not None
