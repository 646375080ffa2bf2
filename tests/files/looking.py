"""Has a file checked as a worker does: in a session of its own."""

from __future__ import annotations

from flask import current_app

from consult.core.db import db
from consult.files import inspection


def check(file_id: int) -> bool:
    """Check committed files, and read again what the test has read of them."""
    application = current_app._get_current_object()  # type: ignore[attr-defined]
    with application.app_context():
        done = inspection.check_file(file_id)
    db.session.expire_all()
    return done
