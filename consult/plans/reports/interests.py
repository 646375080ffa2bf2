"""Who has a part in a report on an action, so far as it can be seen: they decide on no such report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.organisations.domain_verification import get_domain, is_public_mail
from consult.bodies.model import BodyMember, PublicBody
from consult.case_studies.appraisal.conflicts import (
    AppraiserTies,
    ConflictKind,
    InterestConflict,
    Stakeholder,
    StakePart,
    comparable_words,
    find_conflicts,
    own_domain,
)
from consult.case_studies.appraisal.ties import HOSTS
from consult.consultations.joint.model import ConsultationBody
from consult.consultations.model import Consultation
from consult.core.crypto import unseal
from consult.core.i18n import _
from consult.plans.model import ActionPlan, ActionReport, PlanAction

_NOBODYS = frozenset({"example.com", "example.net", "example.org"})
"""Domains at which nobody gets letters (RFC 2606): the people of the sample have their addresses there."""


@dataclass(frozen=True)
class _AskedWork:
    """Who asked in a consultation: the person in charge, and bodies."""

    owner: int
    bodies: frozenset[int]


@dataclass(frozen=True)
class _KnownParts:
    """What is known of those with a part in some reports, each by its number."""

    authors: Mapping[int, Account]
    organisations: Mapping[int, Organisation]  # in whose name it was reported
    of_authors: Mapping[int, Sequence[Organisation]]  # of which an author is a member
    employers: Mapping[int, frozenset[int]]  # bodies that an author works for
    bodies: Mapping[int, PublicBody]
    plans: Mapping[int, ActionPlan]
    asked: Mapping[int, _AskedWork]
    reported: frozenset[int]  # actions on which the moderator, or an organisation of theirs, has reported


def list_interests(session: Session, by: Account, those: Sequence[tuple[ActionReport, PlanAction]]) -> dict[int, str]:
    """Why somebody may not decide on which of these reports, by their numbers. A fixed number of statements."""
    if not those:
        return {}
    ties = _get_ties(session, by)
    known = _load_parts(session, those, ties)
    found = {}
    for report, action in those:
        conflicts = find_conflicts([_get_author(report, known), _get_doer(report, action, ties, known)], ties)
        if conflicts:
            found[report.id] = _explain(conflicts, report.organisation_id in ties.organisations)
    return found


def _explain(conflicts: Collection[InterestConflict], is_member: bool) -> str:
    if InterestConflict(StakePart.AUTHOR, ConflictKind.PERSON) in conflicts:
        return _("You wrote this report.")
    if is_member:
        return _("You are a member of this organisation.")
    if InterestConflict(StakePart.RAN, ConflictKind.BODY) in conflicts:
        return _("You work for a body that this report is about.")
    return _("You seem to have a part in this report, or in what it is about.")


def _get_ties(session: Session, by: Account) -> AppraiserTies:
    """What is known of whoever would decide."""
    own = session.scalars(
        select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.account_id == by.id)
    ).all()
    bodies = session.scalars(
        select(PublicBody).join(BodyMember, BodyMember.body_id == PublicBody.id).where(BodyMember.account_id == by.id)
    ).all()
    names = [*(one.name for one in own), *_list_names(bodies)]
    domains = _mail_domain(by) | _domains(own, bodies)
    person = [by.display_name] if len(comparable_words(by.display_name)) > 1 else []  # a first name alone says nothing
    return AppraiserTies(
        by.id,
        organisations=frozenset(one.id for one in own),
        bodies=frozenset(one.id for one in bodies),
        domains=domains,
        names=[*person, *names, *domains],
        declared=names,
    )


def _get_author(report: ActionReport, known: _KnownParts) -> Stakeholder:
    """Who wrote a report, in whose name, and what they say of their interests."""
    author = known.authors[report.account_id]
    organisations = list(known.of_authors.get(author.id, ()))
    if report.organisation_id is not None:
        organisations.append(known.organisations[report.organisation_id])
    return Stakeholder(
        StakePart.AUTHOR,
        accounts=frozenset({author.id}),
        organisations=frozenset(one.id for one in organisations),
        bodies=known.employers.get(author.id, frozenset()),
        domains=_mail_domain(author) | _domains(organisations, ()),
        names=[author.display_name, *(one.name for one in organisations), report.interests],
    )


def _get_doer(report: ActionReport, action: PlanAction, ties: AppraiserTies, known: _KnownParts) -> Stakeholder:
    """Who promised the action, does it, asked for it, or has reported on it."""
    ids, accounts = {action.body_id, action.owner_id}, set()
    plan = known.plans.get(action.plan_id or 0)
    if plan is not None:
        ids.add(plan.body_id)
    for number in (action.consultation_id, plan.consultation_id if plan else None):
        if asked := known.asked.get(number or 0):
            ids |= asked.bodies
            accounts.add(asked.owner)
    if action.id in known.reported:
        accounts.add(ties.account)
    bodies = [known.bodies[number] for number in ids if number is not None]
    return Stakeholder(
        StakePart.RAN,
        accounts=frozenset(accounts),
        bodies=frozenset(one.id for one in bodies),
        domains=_domains((), bodies),
        names=[action.owner_name, *_list_names(bodies)],
    )


def _load_parts(session: Session, those: Sequence[tuple[ActionReport, PlanAction]], ties: AppraiserTies) -> _KnownParts:
    authors = {report.account_id for report, _action in those}
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
    bodies = {number for _report, action in those for number in (action.body_id, action.owner_id) if number}
    bodies |= {plan.body_id for plan in plans.values()} | {number for one in asked.values() for number in one.bodies}
    of_authors, employers = defaultdict(list), defaultdict(set)
    for account_id, organisation in session.execute(
        select(Membership.account_id, Organisation)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.account_id.in_(authors))
    ):
        of_authors[account_id].append(organisation)
    works = select(BodyMember.account_id, BodyMember.body_id).where(BodyMember.account_id.in_(authors))
    for account_id, body_id in session.execute(works):
        employers[account_id].add(body_id)
    return _KnownParts(
        {row.id: row for row in session.scalars(select(Account).where(Account.id.in_(authors)))},
        {row.id: row for row in session.scalars(select(Organisation).where(Organisation.id.in_(speaking)))},
        of_authors,
        {number: frozenset(of) for number, of in employers.items()},
        {row.id: row for row in session.scalars(select(PublicBody).where(PublicBody.id.in_(bodies)))},
        plans,
        asked,
        _find_reported(session, [action.id for _report, action in those], ties),
    )


def _load_asked(session: Session, ids: Collection[int]) -> dict[int, _AskedWork]:
    """Who asked in these consultations, by their numbers. Two statements."""
    beside: dict[int, set[int]] = defaultdict(set)
    others = select(ConsultationBody.consultation_id, ConsultationBody.body_id)
    for number, body_id in session.execute(others.where(ConsultationBody.consultation_id.in_(ids))):
        beside[number].add(body_id)
    first = select(Consultation.id, Consultation.owner_id, Consultation.body_id).where(Consultation.id.in_(ids))
    return {
        row.id: _AskedWork(row.owner_id, frozenset(beside[row.id] | ({row.body_id} - {None})))
        for row in session.execute(first)
    }


def _find_reported(session: Session, actions: Collection[int], ties: AppraiserTies) -> frozenset[int]:
    """On which of these actions somebody has reported, or an organisation of theirs."""
    theirs = or_(ActionReport.account_id == ties.account, ActionReport.organisation_id.in_(ties.organisations))
    return frozenset(session.scalars(select(ActionReport.action_id).where(ActionReport.action_id.in_(actions), theirs)))


def _list_names(bodies: Iterable[PublicBody]) -> list[str]:
    return [name for one in bodies for name in (one.name, one.code, *one.names.values()) if name]


def _domains(organisations: Iterable[Organisation], bodies: Iterable[PublicBody]) -> frozenset[str]:
    """Of organisations what they have shown or name as theirs; of bodies only what they have shown."""
    said = [domain for one in organisations for domain in (one.proven_domain, get_domain(one))]
    said += [one.domain for one in bodies if one.domain_proved_at is not None]
    return _own_domains(said)


def _mail_domain(account: Account) -> frozenset[str]:
    return _own_domains([unseal(account.email_sealed).rpartition("@")[2]])


def _own_domains(said: Iterable[str | None]) -> frozenset[str]:
    found = {one.lower() for one in said if one} - _NOBODYS
    return frozenset(one for one in found if not is_public_mail(one) and not HOSTS & {one, own_domain(one)})
