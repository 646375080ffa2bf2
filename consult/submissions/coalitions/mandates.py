"""Mandate files of coalitions, by which members authorise the organisation that files."""

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
from consult.submissions.commitments import records
from consult.submissions.evidence import service as evidence
from consult.submissions.evidence.items import EvidenceItem
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
    """Attaches a mandate file to a submission, for its proven author, while submissions are accepted.

    The submission stays where it stands. The file is for moderators; a `public` one is shown with the submission once a
    moderator has read it. Raises FileRefused, EnoughEvidence, and Conflict where the submission is no organisation's.
    """
    moment, consultation = at or now(), session.get_one(Consultation, submission.consultation_id)
    coalitions.check_joinable(submission, consultation, moment)
    if submission.name_rule is not NameRule.ORGANISATION:
        raise Conflict(_("Only an organisation speaks for others."))
    evidence.add_item(evidence.load_items(session, submission.id), EvidenceItem())  # before anything is stored
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
