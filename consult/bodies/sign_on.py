"""Bodies whose people sign in at the provider of their institution only."""

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
    """A body wants its people to sign in at a provider."""


def find_provider(session: Session, body: PublicBody) -> SignOnProvider | None:
    """The provider that a body's people must use; None where each chooses."""
    joined = select(SignOnProvider).join(SignOnBody, SignOnBody.provider_id == SignOnProvider.id)
    return session.scalar(joined.where(SignOnBody.body_id == body.id))


def require_provider(session: Session, body: PublicBody, *, slug: str, by: Account) -> None:
    """Makes its people sign in at a provider from their next sign-in on; an empty slug lets each choose.

    Raises Forbidden, NotFound.
    """
    service.check_may_edit(session, body, by)
    if not slug:
        session.execute(delete(SignOnBody).where(SignOnBody.body_id == body.id))
    else:
        number = session.scalar(select(SignOnProvider.id).where(SignOnProvider.slug == slug))
        if number is None:
            raise NotFound(_("There is no such provider of single sign-on here."))
        chosen = insert(SignOnBody).values(body_id=body.id, provider_id=number)
        session.execute(chosen.on_conflict_do_update(index_elements=["body_id"], set_={"provider_id": number}))
    service.record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["sign_on"]})


def check_means(session: Session, account: Account, provider: str | None) -> None:
    """Raises OtherMeansRequired for somebody of such a body who does not come from its provider.

    `provider`: the short name of the one that they come from. Administrators may always come otherwise.
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
                "%(body)s wants its people to sign in with %(provider)s: go back, and use that button.",
                body=row[0],
                provider=row[1],
            )
        )
