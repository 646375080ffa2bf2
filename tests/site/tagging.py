"""Terms of the taxonomy, and drafts that are about them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.documents.model import ProvisionTag
from consult.taxonomy.model import Scheme, Term


def term(session: Session, scheme: str, notation: str, broader: Term | None = None) -> Term:
    """A term, in a scheme that is made where it is not there."""
    of = session.scalar(select(Scheme).where(Scheme.notation == scheme))
    if of is None:
        of = Scheme(uri=f"urn:test:{scheme}", notation=scheme, labels={"en": scheme}, position=0)
        session.add(of)
        session.flush()
    row = Term(
        scheme_id=of.id, uri=f"urn:test:{scheme}:{notation}", notation=notation, labels={"en": notation}, others={},
        broader_id=broader.id if broader else None, source="", position=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def tag(session: Session, row: Consultation, about: Term) -> None:
    """Makes the first provision of a consultation's draft be about a term."""
    session.add(
        ProvisionTag(
            document_id=row.document_id, wid="chp_1", term_id=about.id, tagged_by=row.owner_id, tagged_at=now()
        )
    )
    session.flush()
