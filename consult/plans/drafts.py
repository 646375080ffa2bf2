"""Creation of a plan's actions from an adopted draft or a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies.model import PublicBody
from consult.consultations import rights as consultation_rights
from consult.consultations.model import Consultation, Phase
from consult.consultations.rights import Deed
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import excerpt, one_line
from consult.documents import queries as documents
from consult.documents.model import Provision, ProvisionKind
from consult.plans import service
from consult.plans.model import MAX_TITLE_LENGTH, ActionPlan, PlanAction
from consult.plans.service import ActionTerms, PlanTerms


def list_sources(session: Session, by: Account) -> Sequence[Consultation]:
    """Return published consultations from whose drafts the account may make a plan, newest first."""
    ids = consultation_rights.select_ids(by, Deed.ARRANGE)
    wanted = select(Consultation).where(Consultation.id.in_(ids), Consultation.phase != Phase.DRAFT)
    return session.scalars(wanted.order_by(Consultation.closes_at.desc()).limit(100)).all()


def make_from(
    session: Session, *, by: Account, body: PublicBody, terms: PlanTerms, consultation_id: int | None
) -> ActionPlan:
    """Create a plan, with an action for each numbered paragraph of a consultation's current draft. Raises Refusal."""
    if consultation_id is None:
        return service.make_plan(session, by=by, body=body, terms=terms)
    source = next((row for row in list_sources(session, by) if row.id == consultation_id), None)
    if source is None:
        raise Refusal(_("Choose one of the options"), field="consultation")
    plan = service.make_plan(
        session, by=by, body=body, terms=terms, consultation_id=source.id, version_id=source.version_id
    )
    heading = ""
    for row in documents.list_provisions(session, source.version_id or 0)[:1_000]:
        if row.kind is ProvisionKind.CHAPTER:
            heading = " ".join(filter(None, (row.number, row.heading)))[:MAX_TITLE_LENGTH]
        elif row.number and row.text and row.kind is ProvisionKind.PARAGRAPH:
            service.add_action(session, plan, by=by, terms=_to_action(row, heading, body, plan))
    return plan


def _to_action(row: Provision, heading: str, body: PublicBody, plan: ActionPlan) -> ActionTerms:
    """Return an action from a paragraph, with the body as responsible party and the plan's end as due date."""
    return ActionTerms(
        title=excerpt(row.heading or row.text, MAX_TITLE_LENGTH),
        owner_name=body.name,
        due_on=date(plan.period_to, 12, 31),
        number=row.number,
        objective=heading,
        wid=row.wid,
    )


def list_paragraphs(session: Session, plan: ActionPlan) -> Sequence[tuple[str, str]]:
    """Return the numbered paragraphs of the adopted draft as pairs of permanent id and label."""
    if plan.version_id is None:
        return []
    rows = documents.list_provisions(session, plan.version_id)
    return [(row.wid, f"{row.number} {excerpt(row.text, 60)}") for row in rows if row.number and row.text]


def add_actions(session: Session, plan: ActionPlan, *, by: Account, wanted: Sequence[ActionTerms]) -> int:
    """Add the actions of a table that the plan does not have, and return their number.

    A line is skipped if an action with the same words and objective exists. A taken or missing number becomes the next
    free one.
    """
    rows = session.execute(
        select(PlanAction.number, PlanAction.title, PlanAction.objective).where(PlanAction.plan_id == plan.id)
    ).all()
    known = Counter((row.title, row.objective) for row in rows)
    taken = {row.number for row in rows}
    count, added = len(taken), 0
    for terms in wanted:
        key = one_line(terms.title), one_line(terms.objective)
        if known[key]:
            known[key] -= 1
            continue
        added += 1
        number = terms.number
        while not number or number in taken:
            count += 1
            number = str(count)
        taken.add(number)
        service.add_action(session, plan, by=by, terms=replace(terms, number=number))
    return added
