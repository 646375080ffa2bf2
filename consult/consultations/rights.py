"""Access rights on consultations, all in one place.

| right | lead | drafter | reader | member of another consulting body | administrator |
|---|---|---|---|---|---|
| see | yes | yes | yes | yes | yes |
| draft: texts that nobody else sees yet | yes | yes | – | – | yes |
| prepare: edit before publication; afterwards as decide | yes | until published | – | – | yes |
| arrange: arguments, topics of evidence | yes | yes | – | – | yes |
| decide: publish, extend, change what is published | yes | – | – | – | yes |
| answer: answer any argument, or assign it | yes | – | – | – | yes |

The consultation owner has the rights of a lead. A person who was asked to answer an argument may answer that one (see
`responses`). Moderation is not a right of bodies, because moderators work for the site.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import BodyMember, BodyRole
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.core.web.access import Role


class Deed(StrEnum):
    SEE = "see"
    DRAFT = "draft"
    PREPARE = "prepare"
    ARRANGE = "arrange"
    DECIDE = "decide"
    ANSWER = "answer"


DEEDS: Mapping[BodyRole, frozenset[Deed]] = {
    BodyRole.LEAD: frozenset(Deed),
    BodyRole.DRAFTER: frozenset({Deed.SEE, Deed.DRAFT, Deed.PREPARE, Deed.ARRANGE}),
    BodyRole.READER: frozenset({Deed.SEE}),
}


def may(session: Session, account: Account, consultation: Consultation, deed: Deed) -> bool:
    """Return True if a person may do this with a consultation.

    Runs no query for the owner and administrators.
    """
    if account.role is Role.ADMIN:
        return True
    if account.role is not Role.POLICYMAKER:
        return False
    if consultation.owner_id == account.id:
        return True
    if deed is Deed.PREPARE and consultation.phase is not Phase.DRAFT:
        deed = Deed.DECIDE
    return deed in _find_deeds(session, account, consultation)


def _find_deeds(session: Session, account: Account, consultation: Consultation) -> frozenset[Deed]:
    """Return the actions allowed by a person's roles at bodies, with one query."""
    other = select(ConsultationBody.body_id).where(ConsultationBody.consultation_id == consultation.id)
    rows = session.execute(
        select(BodyMember.body_id, BodyMember.role).where(
            BodyMember.account_id == account.id,
            or_(BodyMember.body_id == consultation.body_id, BodyMember.body_id.in_(other)),
        )
    )
    deeds: set[Deed] = set()
    for body_id, role in rows:
        deeds |= DEEDS[role] if body_id == consultation.body_id else {Deed.SEE}
    return frozenset(deeds)


def select_ids(account: Account, deed: Deed) -> Select[Any]:
    """Return a query for the IDs of consultations for which a person has this right.

    PREPARE is meant before publication.
    """
    return select(Consultation.id) if account.role is Role.ADMIN else select_own_ids(account, deed)


def select_own_ids(account: Account, deed: Deed) -> Select[Any]:
    """Return the same without consultations that a person can only access as an administrator."""
    roles = [role for role, deeds in DEEDS.items() if deed in deeds]
    own = select(BodyMember.body_id).where(BodyMember.account_id == account.id)
    ways = [Consultation.owner_id == account.id, Consultation.body_id.in_(own.where(BodyMember.role.in_(roles)))]
    if deed is Deed.SEE:
        beside = select(ConsultationBody.consultation_id).where(ConsultationBody.body_id.in_(own))
        ways.append(Consultation.id.in_(beside))
    return select(Consultation.id).where(or_(*ways))


def leads_other(session: Session, account: Account, consultation: Consultation, body_id: int) -> bool:
    """Return True if a person leads this other consulting body."""
    wanted = (
        select(BodyMember.id)
        .join(ConsultationBody, ConsultationBody.body_id == BodyMember.body_id)
        .where(
            ConsultationBody.consultation_id == consultation.id,
            ConsultationBody.part == PartInConsultation.ASKS,
            BodyMember.body_id == body_id,
            BodyMember.account_id == account.id,
            BodyMember.role == BodyRole.LEAD,
        )
    )
    return session.scalar(wanted) is not None
