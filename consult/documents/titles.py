"""Short titles of provisions: what figures, letters and sheets call them. An owner sets them; all are optional."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.documents.model import ProvisionTitle

MAX_LENGTH = 30


def list_titles(session: Session, document_id: int) -> dict[str, str]:
    """The titles that are set, by the permanent id of the provision."""
    rows = select(ProvisionTitle.wid, ProvisionTitle.title).where(ProvisionTitle.document_id == document_id)
    return {row.wid: row.title for row in session.execute(rows)}


def replace_titles(session: Session, *, document_id: int, titles: Mapping[str, str]) -> None:
    """Sets the titles of these provisions; an empty one is taken off. Raises Refusal for one that is too long."""
    cleaned = {wid: one_line(title) for wid, title in titles.items()}
    if any(len(title) > MAX_LENGTH for title in cleaned.values()):
        raise Refusal(_("A short title has at most %(n)s characters.", n=MAX_LENGTH))
    here = (ProvisionTitle.document_id == document_id, ProvisionTitle.wid.in_(cleaned))
    session.execute(delete(ProvisionTitle).where(*here))
    rows = [{"document_id": document_id, "wid": wid, "title": title} for wid, title in cleaned.items() if title]
    if rows:
        session.execute(insert(ProvisionTitle), rows)
