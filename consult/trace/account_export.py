"""Personal data export (GDPR Art. 20): account, organisations and submissions, as JSON in a zip file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.passkeys import service as passkeys
from consult.accounts.second_factor import service as second_factor
from consult.accounts.sessions import service as sessions
from consult.accounts.single_sign_on import identities
from consult.bodies import members
from consult.case_studies import queries as case_studies
from consult.case_studies.review.process import PROCESS as STUDIES
from consult.case_studies.review.process import USE_PROCESS
from consult.consultations.model import Consultation, Follow
from consult.core.crypto import unseal
from consult.decisions import appeals
from consult.digests.model import Subscription
from consult.plans import watches
from consult.plans.model import ActionReport
from consult.plans.reports import files as report_files
from consult.plans.reports.process import PROCESS as ACTIONS
from consult.signals.watchers import service as watchers
from consult.submissions.content.draft import place_of
from consult.submissions.drafts import service as drafts
from consult.submissions.fields import FIELDS
from consult.submissions.model import Draft, Submission
from consult.trace import export


def export_parts(session: Session, account: Account) -> Iterator[tuple[str, bytes]]:
    """Yield `account.json` and a file for each submission, read one by one while they are sent."""
    yield "account.json", export.to_json(_account(session, account))
    mine = select(Submission.id).where(Submission.account_id == account.id).order_by(Submission.id)
    for number in session.scalars(mine).all():
        row = session.get_one(Submission, number)
        yield f"{row.reference}.json", export.to_json(export.submission_record(session, row))
        session.expunge_all()


def _account(session: Session, account: Account) -> dict[str, Any]:
    return {
        "name": account.display_name,
        "email": unseal(account.email_sealed),
        "role": account.role,
        "language": account.language,
        "created_at": export.format_time(account.created_at),
        "organisations": [_organisation(*row) for row in session.execute(_organisations(account.id))],
        **_signing_in(session, account),
        "follows": list(session.scalars(_select_of_account(Follow, Consultation.slug, account.id))),
        "digests": [
            {
                "consultation": slug,
                "cadence": row.cadence,
                "language": row.language,
                "since": export.format_time(row.created_at),
                "ended": export.format_time(row.ended_at) if row.ended_at else None,
            }
            for row, slug in session.execute(
                _select_of_account(Subscription, Subscription, account.id, Consultation.slug)
            )
        ],
        **_case_studies(session, account),
        **_bodies_and_plans(session, account),
        "warnings": _watches(session, account),
        "drafts": [
            {"consultation": slug, "saved_at": export.format_time(row.updated_at), **_draft(session, row)}
            for row, slug in session.execute(_select_of_account(Draft, Draft, account.id, Consultation.slug))
        ],
    }


def _signing_in(session: Session, account: Account) -> dict[str, Any]:
    """Return sessions, sign-ins and authentication methods."""
    factors = second_factor.get_state(session, account)
    return {
        "sessions": [
            {
                "device": row.device,
                "method": row.method,
                "signed_in": export.format_time(row.begun_at),
                "last_page": export.format_time(row.seen_at),
            }
            for row in sessions.list_sessions(session, account)
        ],
        "sign_ins": [
            {"device": row.device, "method": row.method, "second_step": row.second, "at": export.format_time(row.at)}
            for row in sessions.list_sign_ins(session, account)
        ],
        "second_step": {
            "app_since": export.format_time(factors.app_since) if factors.app_since else None,
            "recovery_codes_left": factors.codes_left,
            "passkeys": [
                {"name": row.name, "added": export.format_time(row.added_at)}
                for row in passkeys.list_passkeys(session, account)
            ],
        },
        "single_sign_on": [
            {"provider": provider.name, "subject": row.subject, "linked": export.format_time(row.linked_at)}
            for row, provider in identities.list_linked(session, account)
        ],
    }


def _case_studies(session: Session, account: Account) -> dict[str, Any]:
    """Return the account's case studies and its reviews of others."""
    return {
        "case_studies": [
            {"reference": row.reference, "state": row.state, "organisation": row.organisation_id, **row.working}
            for row in case_studies.list_own(session, account)
        ],
        "appraiser_interests": case_studies.list_declared_interests(session, account),
        "appraisals": [
            {
                "case_study": f"CASE-{row.case_study_id}",
                "at": export.format_time(row.at),
                "direction": row.direction,
                "domains": row.domains,
                "equity": row.equity,
                "rights": row.rights,
                "interests": row.interests,
            }
            for row in case_studies.list_own_appraisals(session, account)
        ],
        **_asked_and_appealed(session, account),
    }


def _asked_and_appealed(session: Session, account: Account) -> dict[str, Any]:
    """Return requests for reviews, appeals, and the organisations and bodies the account left."""
    return {
        "asked_to_appraise": [
            {
                "case_study": f"CASE-{row.case_study_id}",
                "at": export.format_time(row.asked_at),
                "until": export.format_time(row.due_at),
                "declined": row.declined_at is not None,
            }
            for row in case_studies.list_requests_to(session, account)
        ],
        "case_study_appeals": [
            {"case_study": f"CASE-{row.item_id}", **_appeal(row)} for row in appeals.list_own(session, STUDIES, account)
        ],
        "use_appeals": [
            {"report_of_use": row.item_id, **_appeal(row)} for row in appeals.list_own(session, USE_PROCESS, account)
        ],
        "action_report_appeals": [
            {"action_report": row.item_id, **_appeal(row)} for row in appeals.list_own(session, ACTIONS, account)
        ],
        "left": [
            {"organisation": row.organisation_id, "body": row.body_id, "at": export.format_time(row.ended_at)}
            for row in case_studies.list_left(session, account)
        ],
    }


def _appeal(row: Any) -> dict[str, Any]:
    return {
        "at": export.format_time(row.received_at),
        "words": row.words,
        "outcome": row.outcome,
        "answer": row.answer,
    }


def _bodies_and_plans(session: Session, account: Account) -> dict[str, Any]:
    """Return the account's roles in bodies, its reports on actions, and the actions it watches."""
    given = select(ActionReport).where(ActionReport.account_id == account.id).order_by(ActionReport.id)
    return {
        "bodies": [{"name": body.name, "role": role} for body, role in members.list_roles(session, account)],
        "action_reports": [
            {
                "action": row.action_id,
                "at": export.format_time(row.at),
                "for": row.side,
                "organisation": row.organisation_id,
                "state": row.state,
                "progress": row.progress,
                "words": row.words,
                "links": row.links,
                "files": len(row.files),
                "file_addresses": report_files.list_addresses(row),
                "interests": row.interests,
            }
            for row in session.scalars(given)
        ],
        "watched_actions": watches.list_action_ids(session, account.id),
    }


def _watches(session: Session, account: Account) -> dict[str, Any] | None:
    """Return the account's subscription to warnings, or None."""
    row = watchers.find_for_account(session, account)
    if row is None:
        return None
    return {
        "from": row.least,
        "countries": row.countries,
        "regions": row.regions,
        "substances": row.substances,
        "language": row.language,
        "since": export.format_time(row.created_at),
    }


def _select_of_account(table: Any, wanted: Any, account_id: int, *more: Any) -> Any:
    joined = select(wanted, *more).select_from(table).join(Consultation, Consultation.id == table.consultation_id)
    return joined.where(table.account_id == account_id).order_by(table.id)


def _organisations(account_id: int) -> Any:
    here = Membership.organisation_id == Organisation.id
    mine = select(Organisation, Membership).join(Membership, here).where(Membership.account_id == account_id)
    return mine.order_by(Organisation.name)


def _organisation(row: Organisation, membership: Membership) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "country": row.country,
        "website": row.website,
        "registry_number": row.registry_number,
        "owner": membership.owner,
        "may_sign": membership.signatory,
        "since": export.format_time(membership.since),
    }


def _draft(session: Session, row: Draft) -> dict[str, Any]:
    writing = drafts.unseal_draft(row)
    about, places = writing.about, [place_of(key) for key in writing.comments]
    return {
        **export.draft_record(writing, export.LocationNames(session, row.consultation_id, places)),
        **{field.exported: getattr(about, field.name, None) for field in FIELDS if field.exported_of_drafts},
        "evidence": [item.description or item.reference or item.name for item in writing.evidence],
    }
