"""Conflicts of interest in submissions. People with one do not decide on a submission, its appeals or its reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.bodies.model import PublicBody
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation
from consult.core.crypto import unseal
from consult.decisions import ties
from consult.decisions.conflicts import ConflictKind, Stakeholder, StakePart, get_mailbox
from consult.decisions.kinds import DecidedKind, explain_conflicts
from consult.submissions.model import Contact, Submission


def load_parties(session: Session, submission_ids: Collection[int]) -> Mapping[int, Sequence[Stakeholder]]:
    """Return the people who filed each submission, and the bodies of its consultation.

    The number of statements does not grow with the submissions.
    """
    rows = session.execute(
        select(Submission, Account, Contact, Organisation)
        .outerjoin(Account, Account.id == Submission.account_id)
        .outerjoin(Contact, Contact.id == Submission.contact_id)
        .outerjoin(Organisation, Organisation.id == Submission.organisation_id)
        .where(Submission.id.in_(submission_ids))
    ).all()
    asked = _load_asking(session, {row.Submission.consultation_id for row in rows})
    names = ties.load_names(session, [row.Organisation for row in rows if row.Organisation])
    return {
        row.Submission.id: [
            Stakeholder(
                StakePart.AUTHOR,
                accounts=frozenset({row.Account.id} if row.Account else ()),
                organisations=frozenset({row.Organisation.id} if row.Organisation else ()),
                names=names[row.Organisation] if row.Organisation else (),
                mailboxes=_get_mailboxes(row.Account, row.Contact),
            ),
            asked[row.Submission.consultation_id],
        ]
        for row in rows
    }


def _get_mailboxes(account: Account | None, contact: Contact | None) -> frozenset[str]:
    own = ties.get_mailboxes(account) if account else frozenset()
    if contact is None:
        return own
    return own | {get_mailbox(unseal(contact.email_sealed, salt=contact.salt))}


def _load_asking(session: Session, consultation_ids: Collection[int]) -> Mapping[int, Stakeholder]:
    """Return the bodies that run each consultation, as one stakeholder. One statement."""
    first = select(Consultation.id, Consultation.body_id).where(Consultation.id.in_(consultation_ids))
    others = select(ConsultationBody.consultation_id, ConsultationBody.body_id).where(
        ConsultationBody.consultation_id.in_(consultation_ids), ConsultationBody.part == PartInConsultation.ASKS
    )
    asking = first.union(others).subquery()
    named = select(asking.c.id, PublicBody.id, PublicBody.name).outerjoin(PublicBody, PublicBody.id == asking.c.body_id)
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for consultation_id, body_id, name in session.execute(named.order_by(PublicBody.id)):
        names[consultation_id] |= {body_id: name} if body_id is not None else {}
    return {
        consultation_id: Stakeholder(StakePart.ASKED, bodies=frozenset(bodies), names=list(bodies.values()))
        for consultation_id, bodies in names.items()
    }


# A shared domain or name alone is too common among participants.
_CONFLICTS = frozenset(
    {
        ConflictKind.PERSON,
        ConflictKind.MAILBOX,
        ConflictKind.ORGANISATION,
        ConflictKind.BODY,
        ConflictKind.DECLARED,
    }
)
SUBMISSIONS = DecidedKind("submission", load_parties, _CONFLICTS)


def find_own(session: Session, submission_ids: Collection[int], *people: Account) -> set[int]:
    """Return those of the submissions on which one of these people may not decide."""
    return {number for person in people for number in explain_conflicts(session, SUBMISSIONS, submission_ids, person)}


def find_own_consultations(session: Session, consultation_ids: Collection[int], person: Account) -> set[int]:
    """Return those of the consultations on whose submissions a person may not decide, whoever filed them."""
    asked, known = _load_asking(session, consultation_ids), ties.get_ties(session, person, _CONFLICTS)
    return {number for number, party in asked.items() if SUBMISSIONS.list_conflicts([party], known)}
