"""What the operator of the sample says of itself: its name and logo, and all that the law asks for."""

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
"""Seconds within which the sample is loaded: its letters bear its name, which no other connection can read yet."""


def say_all(session: Session, at: datetime) -> None:
    """Says everything and opens the site for publication."""
    said: dict[str, dict[str, str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    values = {(key, "" if code == "all" else code): text for code, rows in said.items() for key, text in rows.items()}
    values["a11y_day", ""] = at.date().isoformat()
    service.save(session, by=None, values=values, at=at)
    service.keep_logo(session, _LOGO.read_bytes(), by=None, at=at)
    start.declare(session, by=None, at=at)
    face.hold(queries.read_face(session.connection()), _LOADING)
