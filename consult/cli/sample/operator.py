"""The sample operator's site settings: name, logo and all required legal texts."""

from __future__ import annotations

import tomllib
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from consult.core.web import face
from consult.operator import queries, service, start

_FILE = Path(__file__).parent / "data" / "operator.toml"
_LOGO = _FILE.with_name("open-consultations.png")
_LOADING = 600.0
"""Seconds for loading the sample. E-mails use the site's name, which others cannot read before the commit."""


def say_all(session: Session, at: datetime) -> None:
    """Set all texts and open the site for publication."""
    said: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    values = {(key, "" if code == "all" else code): text for code, rows in said.items() for key, text in rows.items()}
    values["a11y_day", ""] = at.date().isoformat()
    service.save(session, by=None, values=values, at=at)
    service.keep_logo(session, _LOGO.read_bytes(), by=None, at=at)
    start.declare(session, by=None, at=at)
    face.hold(queries.read_face(session.connection()), _LOADING)
