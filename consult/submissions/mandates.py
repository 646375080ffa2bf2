"""The mandate of a coalition: a file by which others let the organisation that sent a submission speak for them."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import commitment
from consult.core.errors import Conflict
from consult.core.i18n import _
from consult.core.text import clean
from consult.files import service as storing
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.submissions import coalition, evidence, former, service
from consult.submissions.items import Item
from consult.submissions.model import EvidenceKind, NameRule, Submission


def attach(
    session: Session, submission: Submission, *, data: bytes, name: str, description: str, public: bool,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """Keeps a mandate file with a submission, for whoever has shown to be its author, until the consultation closes.

    It is for moderators, and the submission stays where it stands. A `public` one is as any change of it: a moderator
    reads all of it again before anybody else does. Raises FileRefused, EnoughEvidence, and Conflict where the
    submission is no organisation's.
    """
    moment, consultation = at or now(), session.get_one(Consultation, submission.consultation_id)
    coalition.check_joinable(submission, consultation, moment)
    if submission.name_rule is not NameRule.ORGANISATION:
        raise Conflict(_("Only an organisation speaks for others."))
    said = former.writing_of(session, submission)
    evidence.one_more(said.evidence, Item())  # before anything is stored
    file = storing.receive(session, data=data, name=name)
    item = Item(
        file_id=file.id, name=file.name, kind=EvidenceKind.MANDATE, description=clean(description),
        language=submission.language, consent=True, private=not public,
    )  # fmt: skip
    if public:
        comments, answers = former.words_to_file(said)
        service.amend(session, submission, comments=comments, answers=answers, items=(*said.evidence, item), at=at)
        return
    evidence.add(session, submission, item)
    record = {"reference": submission.reference, "sha256": file.sha256.hex() if file.sha256 else None}
    promise = commitment(submission.salt or b"", json.dumps(record, sort_keys=True, separators=(",", ":")).encode())
    ledger.record(
        session, Kind.MANDATE_ATTACHED, subject_id=submission.id, consultation_id=submission.consultation_id,
        at=moment, commitment=promise,
    )  # fmt: skip
