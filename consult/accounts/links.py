"""One-time links sent by e-mail: create, check, use, revoke. They expire, and only a hash is stored."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, LinkPurpose, LinkToken, Organisation
from consult.core.clock import now
from consult.core.crypto import blind_index, hash_token, new_token, seal, unseal
from consult.core.errors import NotFound
from consult.core.i18n import _
from consult.core.text import one_line
from consult.core.web import face
from consult.core.web.access import Role
from consult.mail import service as mail
from consult.mail import suppression

LIFE = {
    LinkPurpose.VERIFY: timedelta(days=1),
    LinkPurpose.SIGN_IN: timedelta(minutes=30),
    LinkPurpose.RESET: timedelta(minutes=60),
    LinkPurpose.INVITE: timedelta(days=14),
    LinkPurpose.APPROVE: timedelta(minutes=60),
    LinkPurpose.MOVE: timedelta(days=1),
    LinkPurpose.UNDO: timedelta(days=7),
    LinkPurpose.DELETE: timedelta(minutes=60),
    LinkPurpose.ARRIVES: timedelta(days=7),
}
_TELLS_WHOM_TO_ASK = timedelta(days=180)
_LISTED = 50
_BY_OTHERS = (LinkPurpose.INVITE, LinkPurpose.UNDO)
"""Purposes of links sent to an address whose owner did not ask for them."""


class LinkSpent(NotFound):
    """The link was used, has expired, was replaced or does not exist."""

    status = 410


def send_link(
    session: Session,
    purpose: LinkPurpose,
    template: str,
    *,
    email: str,
    language: str,
    account: Account | None = None,
    role: Role | None = None,
    organisation: Organisation | None = None,
    carries: str | None = None,
    by: Account | None = None,
    body: str | None = None,
) -> str:
    """Store the hash of a link, queue the e-mail that contains it and return the token.

    `by` is the person who invites. `carries` is the e-mail address that the account gets when the link is used.
    """
    token, address = new_token(), one_line(email)
    link = LinkToken(hash=hash_token(token), purpose=purpose, role=role, language=language, used_at=None)
    link.expires_at = now() + LIFE[purpose]
    link.email_sealed = seal(carries or address) if carries or not account else None
    session.add(_set_owners(link, account, organisation, by))
    mail.post(
        session,
        key=f"account:{template}:{link.hash.hex()[:24]}",
        to=address,
        template=f"accounts/mail/{template}",
        language=language,
        token=token,
        until=link.expires_at,
        role=role,
        organisation=organisation.name if organisation else None,
        body=body,
        asked=purpose not in _BY_OTHERS,
        by=by.display_name if by else None,
        by_role=by.role if by else None,
        site=face.name_site(language),
    )
    return token


def _set_owners(
    link: LinkToken, account: Account | None, organisation: Organisation | None, by: Account | None
) -> LinkToken:
    link.account_id = account.id if account else None
    link.organisation_id = organisation.id if organisation else None
    link.invited_by_id = by.id if by else None
    return link


def get_link(
    session: Session, *, token: str, purposes: Collection[LinkPurpose], at: datetime | None = None
) -> LinkToken:
    """Return the valid link for a token without using it. Raises LinkSpent."""
    link = session.scalar(select(LinkToken).where(_usable(token, purposes, at or now())))
    return _require_unspent(session, token, link)


def _usable(token: str, purposes: Collection[LinkPurpose], at: datetime) -> ColumnElement[bool]:
    return and_(
        LinkToken.hash == hash_token(token),
        LinkToken.purpose.in_(purposes),
        LinkToken.used_at.is_(None),
        LinkToken.expires_at > at,
    )


def use(session: Session, token: str, purposes: Collection[LinkPurpose], at: datetime) -> LinkToken:
    """Mark the link as used.

    A single UPDATE ensures that one of two concurrent clicks succeeds. The link proves that e-mail to the address
    arrives. Raises LinkSpent.
    """
    used = update(LinkToken).where(_usable(token, purposes, at)).values(used_at=at).returning(LinkToken)
    link = _require_unspent(session, token, session.scalar(used))
    account = session.get(Account, link.account_id) if link.account_id else None
    sealed = link.email_sealed if link.purpose is not LinkPurpose.APPROVE else None  # that carries the address to come
    if sealed or account:
        suppression.confirm_address(session, unseal(sealed or account.email_sealed))  # type: ignore[union-attr]
    return link


def _require_unspent(session: Session, token: str, link: LinkToken | None) -> LinkToken:
    if link is None:
        raise LinkSpent(_explain_spent(session, token))
    return link


def _explain_spent(session: Session, token: str) -> str:
    """Return advice for the holder of an expired link. For an invitation, name the person to ask for a new one."""
    row = session.execute(
        select(LinkToken, Account.display_name, Organisation.name)
        .outerjoin(Account, Account.id == LinkToken.invited_by_id)
        .outerjoin(Organisation, Organisation.id == LinkToken.organisation_id)
        .where(LinkToken.hash == hash_token(token), LinkToken.purpose == LinkPurpose.INVITE)
    ).first()
    if row is None:
        return _("This link was already used or has expired. Ask for a new one.")
    link, name, organisation = row
    if link.used_at is not None and link.email_sealed is not None:
        return _("This invitation was already used or withdrawn. If you used it, sign in with your e-mail address.")
    if name and organisation:
        return _(
            "This invitation has expired. Ask %(name)s of %(organisation)s for a new one.",
            name=name,
            organisation=organisation,
        )
    if name:
        return _("This invitation has expired. Ask %(name)s for a new one.", name=name)
    return _("This invitation has expired. Ask the team that runs this site for a new one.")


def revoke(session: Session, account: Account, *, since: int | None = None) -> None:
    """Revoke the account's links.

    Links that restore its old address are revoked only if they are newer than link `since`. An attacker who changes the
    password must not revoke the link that the owner received earlier.
    """
    later = LinkToken.id > since if since is not None else false()
    gone = update(LinkToken).where(
        LinkToken.account_id == account.id,
        LinkToken.used_at.is_(None),
        or_(LinkToken.purpose != LinkPurpose.UNDO, later),
    )
    session.execute(gone.values(used_at=now()))


def revoke_role_invitations(session: Session, account: Account) -> None:
    """Revoke open invitations to a role that were sent to the account's address."""
    waiting = select(LinkToken).where(
        LinkToken.purpose == LinkPurpose.INVITE,
        LinkToken.role.is_not(None),
        LinkToken.used_at.is_(None),
        LinkToken.email_sealed.is_not(None),
    )
    for link in session.scalars(waiting):
        if blind_index(unseal(link.email_sealed or b"")) == account.email_index:
            link.used_at = now()


def forget_expired(session: Session, *, before: datetime) -> None:
    """Delete expired links with their addresses.

    An invitation loses only its address, so that its page can name a person to contact for half a year.
    """
    old, invites = LinkToken.expires_at < before, LinkToken.purpose == LinkPurpose.INVITE
    session.execute(delete(LinkToken).where(old, ~invites | (LinkToken.expires_at < before - _TELLS_WHOM_TO_ASK)))
    held = update(LinkToken).where(old, invites, LinkToken.email_sealed.is_not(None))
    session.execute(held.values(email_sealed=None))


def list_role_invitations(session: Session) -> Sequence[LinkToken]:
    """Return open invitations to a role, newest first."""
    return session.scalars(
        select(LinkToken)
        .where(
            LinkToken.purpose == LinkPurpose.INVITE,
            LinkToken.role.is_not(None),
            LinkToken.used_at.is_(None),
            LinkToken.expires_at > now(),
        )
        .order_by(LinkToken.id.desc())
        .limit(_LISTED)
    ).all()
