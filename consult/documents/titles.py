"""Short titles of provisions for charts and e-mails, and their plain-language texts for meetings.

Both are optional and set by an owner.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import one_line
from consult.documents.model import PlainWords, ProvisionTitle

MAX_LENGTH, MAX_PLAIN = 30, 300


def list_titles(session: Session, document_id: int) -> dict[str, str]:
    """Return the titles by permanent ID of the provision."""
    rows = select(ProvisionTitle.wid, ProvisionTitle.title).where(ProvisionTitle.document_id == document_id)
    return {row.wid: row.title for row in session.execute(rows)}


def replace_titles(session: Session, *, document_id: int, titles: Mapping[str, str]) -> None:
    """Set the titles of provisions. An empty one is deleted. Raises Refusal for one that is too long."""
    cleaned = {wid: one_line(title) for wid, title in titles.items()}
    if any(len(title) > MAX_LENGTH for title in cleaned.values()):
        raise Refusal(_("A short title can have at most %(n)s characters.", n=MAX_LENGTH))
    here = (ProvisionTitle.document_id == document_id, ProvisionTitle.wid.in_(cleaned))
    session.execute(delete(ProvisionTitle).where(*here))
    rows = [{"document_id": document_id, "wid": wid, "title": title} for wid, title in cleaned.items() if title]
    if rows:
        session.execute(insert(ProvisionTitle), rows)


def list_plain(session: Session, document_id: int) -> dict[str, str]:
    """Return the plain-language texts by permanent ID of the provision."""
    rows = select(PlainWords.wid, PlainWords.words).where(PlainWords.document_id == document_id)
    return {row.wid: row.words for row in session.execute(rows)}


def replace_plain(session: Session, *, document_id: int, words: Mapping[str, str]) -> None:
    """Set plain-language texts of provisions. An empty one is deleted. Raises Refusal for one that is too long."""
    cleaned = {wid: one_line(said) for wid, said in words.items()}
    if any(len(said) > MAX_PLAIN for said in cleaned.values()):
        raise Refusal(_("A plain-language version can have at most %(n)s characters.", n=MAX_PLAIN))
    here = (PlainWords.document_id == document_id, PlainWords.wid.in_(cleaned))
    session.execute(delete(PlainWords).where(*here))
    rows = [{"document_id": document_id, "wid": wid, "words": said} for wid, said in cleaned.items() if said]
    if rows:
        session.execute(insert(PlainWords), rows)
