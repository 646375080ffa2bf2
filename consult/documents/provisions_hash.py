"""Hash of a version's provisions, which people read and comment on, in addition to that of its Markdown."""

from __future__ import annotations

import json
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.documents.model import Provision


def hash_provisions(session: Session, version_id: int) -> str:
    """Return the hexadecimal SHA-256 of one line of JSON per provision, in order."""
    wanted = (
        select(
            Provision.wid,
            Provision.eid,
            Provision.kind,
            Provision.number,
            Provision.heading,
            Provision.text,
            Provision.depth,
            Provision.notes,
        )
        .where(Provision.version_id == version_id)
        .order_by(Provision.position, Provision.id)
    )
    digest = sha256()
    for row in session.execute(wanted):
        digest.update(json.dumps([*row], sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    return digest.hexdigest()
