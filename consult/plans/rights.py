"""Permissions on plans and actions.

| deed | lead of its body | drafter | reader | lead or drafter of a responsible body | administrator |
|---|---|---|---|---|---|
| see: before it is published | yes | yes | yes | – | yes |
| edit: actions, indicators, series | yes | yes | – | – | yes |
| publish, open a review | yes | – | – | – | yes |
| report: what the government says of an action | yes | yes | – | yes | yes |

An action promised in an answer belongs to the body of the answer. Without one, it belongs to the people who may answer
in its consultation.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import BodyMember, BodyRole
from consult.consultations import rights
from consult.consultations.model import Consultation
from consult.consultations.rights import Deed
from consult.core.errors import Forbidden
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.plans.model import ActionDoer, ActionPlan, Doer, PlanAction


class PlanDeed(StrEnum):
    SEE = "see"
    EDIT = "edit"
    PUBLISH = "publish"
    REPORT = "report"


DEEDS: Mapping[BodyRole, frozenset[PlanDeed]] = {
    BodyRole.LEAD: frozenset(PlanDeed),
    BodyRole.DRAFTER: frozenset({PlanDeed.SEE, PlanDeed.EDIT, PlanDeed.REPORT}),
    BodyRole.READER: frozenset({PlanDeed.SEE}),
}
_WRITES = (BodyRole.LEAD, BodyRole.DRAFTER)


def may(session: Session, account: Account, plan: ActionPlan, deed: PlanDeed) -> bool:
    """Return whether the account may do this with a plan."""
    if account.role is not Role.POLICYMAKER:
        return account.role is Role.ADMIN
    role = bodies.find_role(session, plan.body_id, account)
    return role is not None and deed in DEEDS[role]


def check_may(session: Session, account: Account, plan: ActionPlan, deed: PlanDeed) -> None:
    """Raise Forbidden if the account may not do this with a plan."""
    if not may(session, account, plan, deed):
        raise Forbidden(_("Only people who work for the body of this plan can do this."))


def _is_of(action: PlanAction) -> ColumnElement[bool]:
    """Return the condition that a body promised the action or is responsible for it."""
    doers = (
        select(Doer.body_id).join(ActionDoer, ActionDoer.doer_id == Doer.id).where(ActionDoer.action_id == action.id)
    )
    own = BodyMember.body_id.in_([number for number in (action.body_id, action.owner_id) if number is not None])
    return own | BodyMember.body_id.in_(doers)


def may_report(session: Session, account: Account, action: PlanAction) -> bool:
    """Return whether the account may report for the government on an action."""
    if account.role is not Role.POLICYMAKER:
        return account.role is Role.ADMIN
    works = select(BodyMember.id).where(BodyMember.account_id == account.id, _is_of(action))
    if session.scalar(works.where(BodyMember.role.in_(_WRITES)).limit(1)) is not None:
        return True
    if action.consultation_id is None:
        return False
    asked = session.get_one(Consultation, action.consultation_id)
    return rights.may(session, account, asked, Deed.ANSWER)


def works_for(session: Session, account: Account, action: PlanAction) -> bool:
    """Return whether the account belongs to the government side of an action, and so may not decide on its reports."""
    works = select(BodyMember.id).where(BodyMember.account_id == account.id, _is_of(action))
    if session.scalar(works.limit(1)) is not None:
        return True
    asked = session.get(Consultation, action.consultation_id) if action.consultation_id else None
    return asked is not None and asked.owner_id == account.id
