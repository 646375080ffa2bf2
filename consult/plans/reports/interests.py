"""Conflicts of interest in reports on actions: people with one may not decide on the report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Organisation
from consult.bodies.model import PublicBody
from consult.consultations.joint.model import ConsultationBody
from consult.consultations.model import Consultation
from consult.decisions import ties
from consult.decisions.conflicts import Stakeholder, StakePart
from consult.decisions.kinds import DecidedKind
from consult.plans.doers import service as doers
from consult.plans.model import ActionPlan, ActionReport, PlanAction


@dataclass(frozen=True)
class _AskedWork:
    """The owner and the bodies of a consultation."""

    owner: int
    bodies: frozenset[int]


@dataclass(frozen=True)
class _KnownParts:
    """Loaded data about people and organisations with an interest in some reports, by id."""

    authors: Mapping[int, ties.KnownPerson]
    organisations: Mapping[int, Organisation]  # organisations that reported
    bodies: Mapping[int, PublicBody]
    plans: Mapping[int, ActionPlan]
    asked: Mapping[int, _AskedWork]
    reported: Mapping[int, Sequence[Any]]  # reports on each action
    doing: Mapping[int, Sequence[int]]  # bodies responsible for each action


def _load_parties(session: Session, report_ids: Collection[int]) -> Mapping[int, Sequence[Stakeholder]]:
    """Return the people with an interest in each report.

    These are its author, and those who promised or carry out its action, ran its consultation or reported on it.
    """
    pairs = select(ActionReport, PlanAction).join(PlanAction, PlanAction.id == ActionReport.action_id)
    those = [(row, action) for row, action in session.execute(pairs.where(ActionReport.id.in_(report_ids)))]
    known = _load_parts(session, those)
    return {row.id: [_get_author(row, known), *_list_doers(row, action, known)] for row, action in those}


REPORTS = DecidedKind("action_report", _load_parties)


def _get_author(report: ActionReport, known: _KnownParts) -> Stakeholder:
    """Return the author of a report, with the organisation and declared interests."""
    author = known.authors[report.account_id].as_stakeholder(StakePart.AUTHOR)
    names = [*author.names, report.interests]
    if report.organisation_id is None:
        return replace(author, names=names)
    row = known.organisations[report.organisation_id]
    return replace(
        author,
        organisations=author.organisations | {row.id},
        domains=author.domains | ties.get_domains([row]),
        names=[*names, row.name],
    )


def _list_doers(report: ActionReport, action: PlanAction, known: _KnownParts) -> list[Stakeholder]:
    """Return those who promised the action, carry it out, ran its consultation or reported on it."""
    ids, accounts = {action.body_id, action.owner_id, *known.doing.get(action.id, ())}, set()
    plan = known.plans.get(action.plan_id or 0)
    if plan is not None:
        ids.add(plan.body_id)
    for number in (action.consultation_id, plan.consultation_id if plan else None):
        if asked := known.asked.get(number or 0):
            ids |= asked.bodies
            accounts.add(asked.owner)
    bodies = [known.bodies[number] for number in ids if number is not None]
    names = [name for row in bodies for name in (row.name, row.code, *row.names.values()) if name]
    others = [row for row in known.reported.get(action.id, ()) if row.id != report.id]
    return [
        Stakeholder(
            StakePart.RAN,
            accounts=frozenset(accounts),
            bodies=frozenset(row.id for row in bodies),
            domains=ties.get_body_domains(bodies),
            names=[action.owner_name, *names],
        ),
        Stakeholder(
            StakePart.SOURCE,
            accounts=frozenset(row.account_id for row in others),
            organisations=frozenset(row.organisation_id for row in others if row.organisation_id is not None),
        ),
    ]


def _load_parts(session: Session, those: Sequence[tuple[ActionReport, PlanAction]]) -> _KnownParts:
    speaking = {report.organisation_id for report, _action in those if report.organisation_id}
    plans = {
        row.id: row
        for row in session.scalars(
            select(ActionPlan).where(ActionPlan.id.in_({action.plan_id for _report, action in those if action.plan_id}))
        )
    }
    asked = _load_asked(
        session,
        {action.consultation_id for _report, action in those if action.consultation_id}
        | {plan.consultation_id for plan in plans.values() if plan.consultation_id},
    )
    doing = doers.list_body_ids(session, {action.id for _report, action in those})
    bodies = {number for _report, action in those for number in (action.body_id, action.owner_id) if number}
    bodies |= {number for numbers in doing.values() for number in numbers}
    bodies |= {plan.body_id for plan in plans.values()} | {number for it in asked.values() for number in it.bodies}
    return _KnownParts(
        ties.load_people(session, {report.account_id for report, _action in those}),
        {row.id: row for row in session.scalars(select(Organisation).where(Organisation.id.in_(speaking)))},
        {row.id: row for row in session.scalars(select(PublicBody).where(PublicBody.id.in_(bodies)))},
        plans,
        asked,
        _load_reported(session, {action.id for _report, action in those}),
        doing,
    )


def _load_asked(session: Session, ids: Collection[int]) -> dict[int, _AskedWork]:
    """Return owner and bodies of these consultations by id. Two statements."""
    beside: dict[int, set[int]] = defaultdict(set)
    others = select(ConsultationBody.consultation_id, ConsultationBody.body_id)
    for number, body_id in session.execute(others.where(ConsultationBody.consultation_id.in_(ids))):
        beside[number].add(body_id)
    first = select(Consultation.id, Consultation.owner_id, Consultation.body_id).where(Consultation.id.in_(ids))
    return {
        row.id: _AskedWork(row.owner_id, frozenset(beside[row.id] | ({row.body_id} - {None})))
        for row in session.execute(first)
    }


def _load_reported(session: Session, actions: Collection[int]) -> Mapping[int, Sequence[Any]]:
    """Return the reports on these actions by action id."""
    reported: dict[int, list[Any]] = defaultdict(list)
    columns = ActionReport.id, ActionReport.action_id, ActionReport.account_id, ActionReport.organisation_id
    for row in session.execute(select(*columns).where(ActionReport.action_id.in_(actions))):
        reported[row.action_id].append(row)
    return reported
