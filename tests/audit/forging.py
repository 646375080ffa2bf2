"""A consultation with something of everything that is committed to, and the owner of the database who forges it."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.audit import service
from consult.audit.findings import Finding
from consult.audit.model import AuditPosition
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.model import Cadence
from consult.documents.model import Version
from consult.ledger import chain
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.moderation import service as moderation
from consult.moderation.model import DecisionOutcome
from consult.moderation.redaction import Redaction
from consult.submissions import service as submissions
from consult.submissions.anchors.selectors import Anchor
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.model import Comment, EvidenceKind, NameRule, Submission
from consult.submissions.values import NewAnswer, NewComment, Submitter
from tests import factories, filing
from tests.responses.answering import answer, argued

SEAL_CODES = {"seal", "seal_no_row", "seal_no_entry", "row_no_seal", "entry_seals"}
"""What the seals find, of whatever table; tests/audit/test_seals.py."""


class Scene:
    """Submissions by name, all in agreement with the ledger."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.row, argument = argued(session, questions=1)
        publish_again(session, self.row)
        answer(session, argument)
        self.plain = filing.file(session, self.row, "Pay for the exchange.", published=True)
        self.other = filing.file(session, self.row, "Pay for the treatment.", published=True)
        self.waiting = filing.file(session, self.row, "Still waiting.")
        self.full = _file_in_full(session, self.row)
        self.amended = filing.file(session, self.row, "First words.", person="Ana Ñandú")
        submissions.amend(session, self.amended, comments=[filing.comment(session, self.row, "Other words: 我們.")])
        self.redacted = filing.file(session, self.row, "My cousin Ana in Lima says so.")
        self._redact()
        self.erased = filing.file(session, self.row, "To be forgotten.", published=True)
        submissions.erase(session, self.erased)
        self.withdrawn = filing.file(session, self.row, "Taken back.", published=True)
        submissions.withdraw(session, self.withdrawn)
        self.digest = digests.compile_digest(
            session, consultation_id=self.row.id, cadence=Cadence.DEMAND, slot_at=now()
        )
        level(session)

    def _redact(self) -> None:
        comment = self.session.scalars(select(Comment.id).where(Comment.submission_id == self.redacted.id)).one()
        moderation.decide(
            self.session,
            moderator=factories.account(self.session, Role.MODERATOR),
            submission_id=self.redacted.id,
            revision=self.redacted.revision,
            outcome=DecisionOutcome.PUBLISH,
            covers=[Redaction(comment, 3, 13, "third_person")],
        )


def publish_again(session: Session, row: Consultation) -> None:
    """The entry that `documents.publish` would have written of a version that a factory made."""
    version = session.get_one(Version, row.version_id)
    ledger.record(
        session, Kind.DRAFT_PUBLISHED, subject_id=version.id, consultation_id=row.id,
        commitment=sha256(version.source.encode()).digest(), at=version.published_at,
    )  # fmt: skip


def _file_in_full(session: Session, row: Consultation) -> Submission:
    """An organisation's, on words of a paragraph, with an answer and a reference."""
    on = filing.comment(session, row, "«Each State» is too little.", "1.2")
    question = session.execute(text("SELECT id FROM question WHERE consultation_id = :c"), {"c": row.id}).scalar_one()
    made = submissions.file(
        session,
        consultation=row,
        by=Submitter(name_rule=NameRule.ORGANISATION, organisation_name="Réseau Ñ", country="PE", language="es"),
        comments=[NewComment(on.provision_id, on.stance, on.body, anchor=Anchor(0, 10, "Each State"))],
        answers=[NewAnswer(question, "Sí, por favor.")],
        key="in full",
        items=[EvidenceItem(scheme="doi", reference="10.1000/x", kind=EvidenceKind.STUDY, description="Étude")],
    )
    filing.decide(session, made, submissions.State.PUBLISHED)
    return made


def level(session: Session) -> None:
    """Commits, numbers, and has the followers of the ledger come to its end."""
    filing.numbered(session)
    for follower in (chain.FOLLOWER, service.FOLLOWER):
        while follower.follow_site(session):
            session.commit()
        session.commit()


def forge(session: Session, *statements: str, **values: Any) -> None:
    """Change a row as the owner of the database can, without triggers and foreign keys."""
    session.commit()
    session.execute(text("SET LOCAL session_replication_role = replica"))
    for statement in statements:
        session.execute(text(statement), values)
    session.commit()


def audit(session: Session) -> list[Finding]:
    """All rounds of all checks, as the clock makes them; what is kept in the end."""
    session.commit()
    for position in session.scalars(select(AuditPosition)):
        position.began_at -= timedelta(hours=2)
    session.commit()
    while service.run_slice(session, seconds=60):
        session.commit()
    session.commit()
    session.expire_all()
    return list(service.list_findings(session))


def found(session: Session) -> list[tuple[str, str]]:
    """Return the findings of an audit: the code, and what it is about."""
    return [(one.code, one.about) for one in audit(session)]


def check_everything(session: Session) -> list[Finding]:
    """All steps of all checks, of which nothing is kept."""
    findings = []
    for check in service.CHECKS:
        after: int | None = 0
        while after is not None:
            here, after = check.step(session, after=after)
            findings += here
    return findings
