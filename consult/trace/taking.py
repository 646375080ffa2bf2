"""One's own data: an account, its organisations, and everything it wrote and sent, as JSON in a zip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.consultations.model import Consultation, Follow
from consult.core.crypto import unseal
from consult.digests.model import Subscription
from consult.submissions import drafts
from consult.submissions.model import Draft, Submission
from consult.trace import export


def parts(session: Session, account: Account) -> Iterator[tuple[str, bytes]]:
    """`account.json`, then a file for each submission, read one by one while they are sent."""
    yield "account.json", export.as_json(_account(session, account))
    mine = select(Submission.id).where(Submission.account_id == account.id).order_by(Submission.id)
    for number in session.scalars(mine).all():
        row = session.get_one(Submission, number)
        yield f"{row.reference}.json", export.as_json(export.record(session, row))
        session.expunge_all()


def _account(session: Session, account: Account) -> dict[str, Any]:
    return {
        "name": account.display_name, "email": unseal(account.email_sealed), "role": account.role,
        "language": account.language, "created_at": export.time(account.created_at),
        "organisations": [_organisation(*row) for row in session.execute(_organisations(account.id))],
        "follows": list(session.scalars(_of(Follow, Consultation.slug, account.id))),
        "digests": [
            {"consultation": slug, "cadence": row.cadence, "language": row.language,
             "since": export.time(row.created_at), "ended": export.time(row.ended_at) if row.ended_at else None}
            for row, slug in session.execute(_of(Subscription, Subscription, account.id, Consultation.slug))
        ],
        "drafts": [
            {"consultation": slug, "saved_at": export.time(row.updated_at), **_draft(row)}
            for row, slug in session.execute(_of(Draft, Draft, account.id, Consultation.slug))
        ],
    }  # fmt: skip


def _of(table: Any, wanted: Any, account_id: int, *more: Any) -> Any:
    joined = select(wanted, *more).select_from(table).join(Consultation, Consultation.id == table.consultation_id)
    return joined.where(table.account_id == account_id).order_by(table.id)


def _organisations(account_id: int) -> Any:
    here = Membership.organisation_id == Organisation.id
    mine = select(Organisation, Membership).join(Membership, here).where(Membership.account_id == account_id)
    return mine.order_by(Organisation.name)


def _organisation(row: Organisation, membership: Membership) -> dict[str, Any]:
    return {
        "name": row.name, "kind": row.kind, "country": row.country, "website": row.website,
        "registry_number": row.registry_number, "owner": membership.owner, "may_sign": membership.signatory,
        "since": export.time(membership.since),
    }  # fmt: skip


def _draft(row: Draft) -> dict[str, Any]:
    writing = drafts.opened(row)
    about = writing.about
    return {
        **export.written(writing),
        "name_rule": about.name_rule if about else None, "person": about.person_name if about else None,
        "email": about.email if about else None,
        "evidence": [item.description or item.reference or item.name for item in writing.evidence],
    }  # fmt: skip
