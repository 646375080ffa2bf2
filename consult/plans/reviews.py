"""Reviews of plans: a consultation prepared with the plan's balance, and its actions as the draft."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.consultations import service as consultations
from consult.consultations.model import Consultation
from consult.consultations.service import ConsultationTerms
from consult.core.clock import now
from consult.core.errors import Refusal
from consult.core.i18n import _, force_locale
from consult.digests.content.rows import ReviewedPlanRow
from consult.plans import queries, rights
from consult.plans.labels import STATE_LABELS, describe_action_due
from consult.plans.model import ActionPlan, PlanReview
from consult.plans.queries import PlanPage
from consult.plans.rights import PlanDeed
from consult.plans.state import DONE_STATES, ActionState

OPEN_DAYS, ANSWER_DAYS = 42, 60
_NUMBER = re.compile(r"^\d{1,3}[.)]?\s+")
"""The number before an objective's title, removed because a draft numbers its own chapters."""


def find_next_day(session: Session, plan: ActionPlan) -> date | None:
    """Return the date of the next review, or None if the plan has no review interval."""
    if plan.review_every is None or plan.published_at is None:
        return None
    last = session.scalar(select(func.max(PlanReview.at)).where(PlanReview.plan_id == plan.id)) or plan.published_at
    months = last.month - 1 + plan.review_every
    return date(last.year + months // 12, months % 12 + 1, min(last.day, 28))


def open_review(session: Session, plan: ActionPlan, *, by: Account, at: datetime | None = None) -> Consultation:
    """Prepare a consultation on a plan, for its body to check and publish. Raises Forbidden, Refusal."""
    rights.check_may(session, by, plan, PlanDeed.PUBLISH)
    if plan.published_at is None:
        raise Refusal(_("Publish the plan before you review it."))
    moment = at or now()
    body, page = session.get_one(PublicBody, plan.body_id), queries.get_plan_page(session, plan)
    closes = moment + timedelta(days=OPEN_DAYS + 1)
    with force_locale(plan.language):
        terms = ConsultationTerms(
            title=_("Review of %(plan)s", plan=plan.title),
            body=body.name,
            summary=_("What has this plan achieved, what was not done, and what should come next?"),
            purpose=write_balance(page),
            language=plan.language,
            opens_at=moment + timedelta(days=1),
            closes_at=closes,
            timezone="UTC",
            answer_by=(closes + timedelta(days=ANSWER_DAYS)).date(),
        )
        draft = write_draft(page)
    row = consultations.create(session, owner=by, terms=terms, at=moment)
    consultations.write_draft(session, number=row.id, by=by, text=draft)
    balance = {str(state): n for state, n in page.balance.states.items()} | {"differ": page.balance.differ}
    session.add(PlanReview(plan_id=plan.id, consultation_id=row.id, balance=balance, at=moment))
    session.flush()
    return row


def find_reviewed(session: Session, consultation_id: int) -> ReviewedPlanRow | None:
    """Return the plan reviewed by a consultation, with its balance when the review was prepared."""
    row = session.execute(
        select(ActionPlan.slug, ActionPlan.title, PlanReview.balance, PlanReview.at)
        .join(ActionPlan, ActionPlan.id == PlanReview.plan_id)
        .where(PlanReview.consultation_id == consultation_id)
    ).one_or_none()
    if row is None:
        return None
    slug, title, balance, at = row
    done = sum(balance.get(str(state), 0) for state in DONE_STATES)
    others = {str(state): balance.get(str(state), 0) for state in ActionState if state not in DONE_STATES}
    return ReviewedPlanRow(slug=slug, title=title, day=at.date(), done=done, differ=balance.get("differ", 0), **others)


def write_balance(page: PlanPage) -> str:
    """Return the balance of a plan as three lines of text."""
    balance = page.balance
    states = " · ".join(f"{n} {str(STATE_LABELS[state]).casefold()}" for state, n in balance.states.items() if n)
    return "\n\n".join(
        (
            _("Actions in this plan: %(n)s (%(states)s).", n=balance.actions, states=states),
            _("Actions with reports from both the government and an organisation: %(n)s.", n=balance.both),
            _("Actions where at least one organisation disputes the government’s report: %(n)s.", n=balance.differ),
        )
    )


def write_draft(page: PlanPage) -> str:
    """Return the actions of a plan as a Markdown draft: a chapter for each objective, a paragraph for each action."""
    parts = [f"# {page.plan.title}"]
    for n, objective in enumerate(page.objectives, 1):
        parts.append(f"## {n} {_NUMBER.sub('', objective.title) or _('Actions')}")
        for k, line in enumerate(objective.lines, 1):
            action = line.status.action
            state_name = _("No government report yet") if line.status.awaited else str(STATE_LABELS[line.status.state])
            state = state_name.casefold()
            text = _(
                "%(owner)s, %(due)s. Status today: %(state)s.",
                owner=action.owner_name,
                due=describe_action_due(action),
                state=state,
            )
            parts.append(f"{n}.{k} {action.title}. {text}")
    return "\n\n".join(parts) + "\n"
