"""Reports that a moderator has withheld: the letter to who wrote them, and what they see of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.core.crypto import unseal
from consult.mail import service as mail
from consult.moderation.policy.reasons import ReasonNames, load_names
from consult.plans.model import ActionReport, PlanAction, ReportState


@dataclass(frozen=True)
class WithheldReports:
    """Somebody's own reports on an action that are withheld, the newest first, and the names of the reasons."""

    rows: Sequence[ActionReport]
    reasons: ReasonNames


def list_own_withheld(session: Session, action: PlanAction, by: Account | None) -> WithheldReports:
    """What only whoever wrote them sees beside the action. One statement for who is signed in, else none."""
    if by is None:
        return WithheldReports([], ReasonNames())
    mine = ActionReport.action_id == action.id, ActionReport.account_id == by.id
    rows = session.scalars(
        select(ActionReport).where(*mine, ActionReport.state == ReportState.WITHHELD).order_by(ActionReport.id.desc())
    ).all()
    return WithheldReports(rows, load_names(session, [row.reason for row in rows]))


def post_withheld(session: Session, row: ActionReport, action: PlanAction) -> None:
    """Writes the reason to who wrote the report, once; not to an account that is deleted."""
    author = session.get_one(Account, row.account_id)
    if author.verified_at is None:
        return
    mail.post(
        session,
        key=f"action_report:withheld:{row.id}",
        to=unseal(author.email_sealed),
        template="plans/mail/withheld",
        language=author.language,
        number=action.id,
        title=action.title,
        content_language=action.language,
        organisation=session.get_one(Organisation, row.organisation_id).name,
        reason=row.reason,
        reasons=load_names(session, [row.reason]),
    )
