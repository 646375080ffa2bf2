"""Drafts of the sample: a text, or the articles of a treaty under review."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.cli.sample.files import SampleConsultation
from consult.consultations import service, treaty_review
from consult.consultations.model import Consultation
from consult.documents import queries as documents
from consult.documents import tags
from consult.taxonomy import queries as taxonomy


def write_draft(session: Session, row: Consultation, planned: SampleConsultation, *, by: Account) -> None:
    """Create the draft of a consultation, with the topics of its paragraphs."""
    if not planned.treaty:
        service.write_draft(session, number=row.id, by=by, text=planned.source)
        return
    treaty_review.write_draft(session, row, by=by, treaty=treaty_review.get_treaty(session, planned.treaty))
    version = documents.get_latest(session, row.document_id)
    for one in documents.list_provisions(session, version.id) if version else ():
        terms = [taxonomy.get_term(session, *topic.split("/")).id for topic in planned.topics.get(one.number, ())]
        tags.add_tags(session, document_id=row.document_id, wid=one.wid, term_ids=terms, by=by.id)
