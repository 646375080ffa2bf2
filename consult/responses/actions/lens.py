"""Search lens for actions under a taxonomy term: actions of plans and those promised in answers."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from consult.arguments.model import Claim
from consult.core.i18n import N_
from consult.documents.model import Provision, ProvisionTag, Version
from consult.plans.labels import describe_action_due
from consult.plans.model import ActionPlan, ActionTerm, PlanAction
from consult.responses.model import Response, ResponseAction
from consult.submissions.model import Comment
from consult.taxonomy import lenses
from consult.taxonomy.lenses import Lens, LensItem


def register() -> None:
    """Register the lens. Safe to repeat."""
    lenses.register(Lens("actions", N_("Actions"), _find, _count, order=50))


def _find(session: Session, term_ids: Collection[int], before: int | None, most: int) -> list[LensItem]:
    wanted = select(PlanAction, ActionPlan).outerjoin(ActionPlan).where(PlanAction.id.in_(_about(term_ids)))
    if before is not None:
        wanted = wanted.where(PlanAction.id < before)
    return [_to_item(*row) for row in session.execute(wanted.order_by(PlanAction.id.desc()).limit(most))]


def _count(session: Session, term_ids: Collection[int]) -> int:
    return lenses.count_some(session, _about(term_ids))


def _about(term_ids: Collection[int]) -> Select[Any]:
    """Select actions by confirmed terms, those of the paragraph they implement, or of the argument they answer."""
    confirmed = (
        select(ActionTerm.action_id)
        .join(PlanAction, PlanAction.id == ActionTerm.action_id)
        .outerjoin(ActionPlan, ActionPlan.id == PlanAction.plan_id)
        .where(ActionTerm.term_id.in_(term_ids), PlanAction.plan_id.is_(None) | ActionPlan.published_at.is_not(None))
    )
    tagged = select(ProvisionTag.document_id, ProvisionTag.wid).where(ProvisionTag.term_id.in_(term_ids)).subquery()
    planned = (
        select(PlanAction.id)
        .join(ActionPlan, ActionPlan.id == PlanAction.plan_id)
        .join(Version, Version.id == ActionPlan.version_id)
        .join(tagged, (tagged.c.document_id == Version.document_id) & (tagged.c.wid == PlanAction.wid))
        .where(ActionPlan.published_at.is_not(None))
    )
    promised = (
        select(ResponseAction.action_id)
        .join(Response, Response.id == ResponseAction.response_id)
        .join(Claim, Claim.argument_id == Response.argument_id)
        .join(Comment, Comment.id == Claim.comment_id)
        .join(Provision, Provision.id == Comment.provision_id)
        .join(Version, Version.id == Provision.version_id)
        .join(tagged, (tagged.c.document_id == Version.document_id) & (tagged.c.wid == Provision.wid))
        .where(Comment.shown)
    )
    ways = [PlanAction.id.in_(ids) for ids in (confirmed, planned, promised)]
    return select(PlanAction.id).where(or_(*ways))


def _to_item(row: PlanAction, plan: ActionPlan | None) -> LensItem:
    where: dict[str, Any] = {"slug": plan.slug, "number": row.number} if plan else {"number": row.id}
    return LensItem(
        row.id,
        row.title,
        "plans.plan_action" if plan else "plans.action",
        where,
        language=row.language,
        by=row.owner_name,
        notes=[describe_action_due(row)],
        of=(plan.title, plan.language) if plan else None,
    )
