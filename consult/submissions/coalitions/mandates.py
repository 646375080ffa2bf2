"""Mandate files of coalitions, by which members authorise the filing organisation."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.core.text import clean_text
from consult.files import service as files
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.submissions.coalitions import service as coalitions
from consult.submissions.content import records
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as evidence
from consult.submissions.model import EvidenceKind, NameRule, Submission


def attach(
    session: Session,
    submission: Submission,
    *,
    data: bytes,
    name: str,
    description: str,
    public: bool,
    at: datetime | None = None,
) -> None:
    """Attach a mandate file to a submission, for its proven author, while submissions are accepted.

    The submission's state does not change. Moderators see the file, and a `public` one is shown with the submission
    after a moderator read it. Raises FileRefused, TooMuchEvidence, and Conflict if the submission is not an
    organisation's.
    """
    moment, consultation = at or now(), session.get_one(Consultation, submission.consultation_id)
    coalitions.check_joinable(submission, consultation, moment)
    if submission.name_rule is not NameRule.ORGANISATION:
        raise Conflict(_("Only organisations can add a mandate."))
    evidence.add_item(evidence.load_items(session, submission.id), EvidenceItem())  # checked before the file is stored
    file = files.receive(session, data=data, name=name)
    item = EvidenceItem(
        file_id=file.id,
        name=file.name,
        kind=EvidenceKind.MANDATE,
        description=clean_text(description),
        language=submission.language,
        consent=True,
        private=not public,
    )
    evidence.add(session, submission, item)
    ledger.record(
        session,
        Kind.MANDATE_ATTACHED,
        subject_id=submission.id,
        consultation_id=submission.consultation_id,
        at=moment,
        commitment=records.hash_record(submission.salt, records.mandate_record(submission.reference, file.sha256)),
    )
