"""Invitations to work for a body, by letter. They say who invites."""

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
"""The most invitations to one body that may wait at once."""


def invite(session: Session, body: PublicBody, *, email: str, role: BodyRole, by: Account) -> None:
    """Writes to an address: whoever uses the link works for the body. Nobody becomes a member without saying yes."""
    service.check_may_edit(session, body, by)
    if len(list_waiting(session, body)) >= MOST:
        raise Refusal(_("Too many invitations are waiting. Wait until some were answered."), field="email")
    _send(session, body, email=email, role=role, language=by.language, by=by)


def _send(session: Session, body: PublicBody, *, email: str, role: BodyRole, language: str, by: Account) -> None:
    token = accounts.invite(session, email=email, language=language, by=by, body=body.name)
    link = session.scalars(select(LinkToken.id).where(LinkToken.hash == hash_token(token))).one()
    session.add(BodyInvitation(link_id=link, body_id=body.id, role=role))
    session.flush()


def list_waiting(session: Session, body: PublicBody) -> Sequence[tuple[BodyInvitation, LinkToken]]:
    """Invitations to a body that wait for an answer, the newest first."""
    rows = session.execute(
        select(BodyInvitation, LinkToken)
        .join(LinkToken, LinkToken.id == BodyInvitation.link_id)
        .where(BodyInvitation.body_id == body.id, LinkToken.used_at.is_(None), LinkToken.expires_at > now())
        .order_by(LinkToken.id.desc())
    )
    return [(invitation, link) for invitation, link in rows]


def send_again(session: Session, body: PublicBody, *, number: int, by: Account) -> None:
    """Writes a new link in place of the one that was sent, in its language. Raises Forbidden, NotFound."""
    row, link = _end(session, body, number, by)
    email, language = unseal(link.email_sealed or b""), link.language or by.language
    _send(session, body, email=email, role=row.role, language=language, by=by)


def take_back(session: Session, body: PublicBody, *, number: int, by: Account) -> None:
    """The link opens nothing any more. Raises Forbidden, NotFound."""
    _end(session, body, number, by)


def _end(session: Session, body: PublicBody, number: int, by: Account) -> tuple[BodyInvitation, LinkToken]:
    service.check_may_edit(session, body, by)
    found = next(((row, link) for row, link in list_waiting(session, body) if link.id == number), None)
    if found is None:
        raise NotFound(_("This invitation waits no longer: it was answered, taken back, or has run out."))
    found[1].used_at = now()
    session.flush()
    return found


def find_offer(session: Session, link: LinkToken) -> str | None:
    """The name of the body that the link of an invitation offers to work for."""
    return session.scalar(
        select(PublicBody.name)
        .join(BodyInvitation, BodyInvitation.body_id == PublicBody.id)
        .where(BodyInvitation.link_id == link.id)
    )


def take_up(session: Session, account: Account, link: LinkToken) -> None:
    """Gives an account the role in a body that the link it used offers."""
    found = session.get(BodyInvitation, link.id)
    if found is not None:
        members.add(session, session.get_one(PublicBody, found.body_id), account=account, role=found.role, by=None)
