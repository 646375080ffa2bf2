"""Bodies whose members must sign in at the provider of their institution."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.single_sign_on.model import SignOnProvider
from consult.bodies import service
from consult.bodies.model import BodyMember, PublicBody, SignOnBody
from consult.core.errors import Forbidden, NotFound
from consult.core.i18n import _
from consult.core.web.access import Role
from consult.ledger.model import Kind


class OtherMeansRequired(Forbidden):
    """A body requires its members to sign in at a provider."""


def find_provider(session: Session, body: PublicBody) -> SignOnProvider | None:
    """Return the provider that a body's members must use, or None."""
    joined = select(SignOnProvider).join(SignOnBody, SignOnBody.provider_id == SignOnProvider.id)
    return session.scalar(joined.where(SignOnBody.body_id == body.id))


def require_provider(session: Session, body: PublicBody, *, slug: str, by: Account) -> None:
    """Require members to use a provider from their next sign-in on. An empty slug removes the requirement.

    Raises Forbidden and NotFound.
    """
    service.check_may_edit(session, body, by)
    if not slug:
        session.execute(delete(SignOnBody).where(SignOnBody.body_id == body.id))
    else:
        number = session.scalar(select(SignOnProvider.id).where(SignOnProvider.slug == slug))
        if number is None:
            raise NotFound(_("We cannot find this single sign-on provider."))
        chosen = insert(SignOnBody).values(body_id=body.id, provider_id=number)
        session.execute(chosen.on_conflict_do_update(index_elements=["body_id"], set_={"provider_id": number}))
    service.record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["sign_on"]})


def check_means(session: Session, account: Account, provider: str | None) -> None:
    """Raise OtherMeansRequired if the account's body requires another provider.

    `provider` is the slug of the provider used. Administrators may sign in in any way.
    """
    if account.role is not Role.POLICYMAKER:
        return
    row = session.execute(
        select(PublicBody.name, SignOnProvider.name)
        .join(BodyMember, BodyMember.body_id == PublicBody.id)
        .join(SignOnBody, SignOnBody.body_id == PublicBody.id)
        .join(SignOnProvider, SignOnProvider.id == SignOnBody.provider_id)
        .where(BodyMember.account_id == account.id, SignOnProvider.slug != (provider or ""))
        .limit(1)
    ).first()
    if row is not None:
        raise OtherMeansRequired(
            _(
                "Members of %(body)s must sign in with %(provider)s. Go back and use that button.",
                body=row[0],
                provider=row[1],
            )
        )
