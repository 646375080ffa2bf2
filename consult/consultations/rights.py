"""Who may do what with a consultation: the one place that says so.

| deed | lead | drafter | reader | member of another body that asks | administrator |
|---|---|---|---|---|---|
| see | yes | yes | yes | yes | yes |
| draft: words that nobody sees yet | yes | yes | – | – | yes |
| prepare: what it is, until it is published; then as decide | yes | until published | – | – | yes |
| arrange: arguments, topics of evidence | yes | yes | – | – | yes |
| decide: publish, extend, change what is published | yes | – | – | – | yes |
| answer: any argument, and say who answers | yes | – | – | – | yes |

The person in charge may do what a lead may. Who was asked to answer an argument may answer that one (responses). To
moderate is no deed of a body: moderators are of the site.
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
    """Whether somebody may do that with a consultation. No statement for the person in charge and administrators."""
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
    """What somebody may do by the bodies that they work for. One statement."""
    other = select(ConsultationBody.body_id).where(ConsultationBody.consultation_id == consultation.id)
    rows = session.execute(
        select(BodyMember.body_id, BodyMember.role).where(
            BodyMember.account_id == account.id,
            or_(BodyMember.body_id == consultation.body_id, BodyMember.body_id.in_(other)),
        )
    )
    found: set[Deed] = set()
    for body_id, role in rows:
        found |= DEEDS[role] if body_id == consultation.body_id else {Deed.SEE}
    return frozenset(found)


def select_ids(account: Account, deed: Deed) -> Select[Any]:
    """The numbers of the consultations with which somebody may do that; PREPARE as before publishing."""
    return select(Consultation.id) if account.role is Role.ADMIN else select_own_ids(account, deed)


def select_own_ids(account: Account, deed: Deed) -> Select[Any]:
    """The same without those that somebody may see as an administrator only."""
    roles = [role for role, deeds in DEEDS.items() if deed in deeds]
    own = select(BodyMember.body_id).where(BodyMember.account_id == account.id)
    ways = [Consultation.owner_id == account.id, Consultation.body_id.in_(own.where(BodyMember.role.in_(roles)))]
    if deed is Deed.SEE:
        beside = select(ConsultationBody.consultation_id).where(ConsultationBody.body_id.in_(own))
        ways.append(Consultation.id.in_(beside))
    return select(Consultation.id).where(or_(*ways))


def leads_other(session: Session, account: Account, consultation: Consultation, body_id: int) -> bool:
    """Whether somebody leads this other body that asks in a consultation."""
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
