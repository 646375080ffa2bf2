"""Invitations by e-mail to work for a body. They name the person who invites."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account, LinkToken
from consult.bodies import members, service
from consult.bodies.model import BodyInvitation, BodyRole, PublicBody
from consult.core.clock import now
from consult.core.crypto import hash_token, unseal
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _

MOST = 50
"""The maximum number of open invitations per body."""


def invite(session: Session, body: PublicBody, *, email: str, role: BodyRole, by: Account) -> None:
    """Send an invitation. The person joins the body by using the link. Raises a Refusal."""
    service.check_may_edit(session, body, by)
    if len(list_waiting(session, body)) >= MOST:
        raise Refusal(
            _("Too many invitations are waiting for an answer. Send more when some have been accepted or declined."),
            field="email",
        )
    _send(session, body, email=email, role=role, language=by.language, by=by)


def _send(session: Session, body: PublicBody, *, email: str, role: BodyRole, language: str, by: Account) -> None:
    token = accounts.invite(session, email=email, language=language, by=by, body=body.name)
    link = session.scalars(select(LinkToken.id).where(LinkToken.hash == hash_token(token))).one()
    session.add(BodyInvitation(link_id=link, body_id=body.id, role=role))
    session.flush()


def list_waiting(session: Session, body: PublicBody) -> Sequence[tuple[BodyInvitation, LinkToken]]:
    """Return open invitations of a body, newest first."""
    rows = session.execute(
        select(BodyInvitation, LinkToken)
        .join(LinkToken, LinkToken.id == BodyInvitation.link_id)
        .where(BodyInvitation.body_id == body.id, LinkToken.used_at.is_(None), LinkToken.expires_at > now())
        .order_by(LinkToken.id.desc())
    )
    return [(invitation, link) for invitation, link in rows]


def send_again(session: Session, body: PublicBody, *, number: int, by: Account) -> None:
    """Replace an open invitation with a new link in the same language. Raises Forbidden and NotFound."""
    row, link = _end(session, body, number, by)
    email, language = unseal(link.email_sealed or b""), link.language or by.language
    _send(session, body, email=email, role=row.role, language=language, by=by)


def take_back(session: Session, body: PublicBody, *, number: int, by: Account) -> None:
    """Withdraw an open invitation. Raises Forbidden and NotFound."""
    _end(session, body, number, by)


def _end(session: Session, body: PublicBody, number: int, by: Account) -> tuple[BodyInvitation, LinkToken]:
    service.check_may_edit(session, body, by)
    pair = next(((row, link) for row, link in list_waiting(session, body) if link.id == number), None)
    if pair is None:
        raise NotFound(_("This invitation is no longer open. It was answered or withdrawn, or it has expired."))
    pair[1].used_at = now()
    session.flush()
    return pair


def find_offer(session: Session, link: LinkToken) -> str | None:
    """Return the name of the body that an invitation link is for, or None."""
    return session.scalar(
        select(PublicBody.name)
        .join(BodyInvitation, BodyInvitation.body_id == PublicBody.id)
        .where(BodyInvitation.link_id == link.id)
    )


def take_up(session: Session, account: Account, link: LinkToken) -> None:
    """Give the account the role at a body that the used link offers."""
    invitation = session.get(BodyInvitation, link.id)
    if invitation is not None:
        members.add(
            session, session.get_one(PublicBody, invitation.body_id), account=account, role=invitation.role, by=None
        )
