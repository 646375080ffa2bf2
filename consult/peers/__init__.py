"""Partners: other Consult sites whose public consultations, warnings and case studies are shown as foreign."""

from __future__ import annotations

from flask import Flask
from sqlalchemy.orm import Session

from consult.core import slots
from consult.peers.queries import list_peers
from consult.site.slots import ListFoot


def _has_peers(session: Session, _given: ListFoot) -> bool:
    return bool(list_peers(session))


def init_app(app: Flask) -> None:
    slots.fill(app, ListFoot, _has_peers, "peers/list_foot.html")
