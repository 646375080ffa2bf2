"""Invitations to a role: send, resend and withdraw. Also the log of administrative actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts import hooks, links, service
from consult.accounts.model import Account, LinkPurpose, LinkToken
from consult.core.clock import now
from consult.core.crypto import pseudonym, unseal
from consult.core.errors import NotFound, Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.paging import Page, decode_id_cursor, make_page
from consult.core.web.access import Role
from consult.ledger import service as ledger
from consult.ledger.model import Kind, LedgerEntry

PAGE = 50
ACTS = (
    Kind.ROLE_CHANGED, Kind.INVITED, Kind.INVITATION_ENDED, Kind.POLICY_CHANGED, Kind.BODY_MADE, Kind.BODY_CHANGED,
    Kind.ACCOUNT_SUSPENDED, Kind.ACCOUNT_RESTORED, Kind.FACTOR_RESET, Kind.PROVIDER_ADDED, Kind.PROVIDER_CHANGED,
    Kind.PROVIDER_REMOVED, Kind.BODY_MEMBER_ADDED, Kind.BODY_MEMBER_REMOVED, Kind.BODY_MERGED,
    Kind.CONSULTATION_HANDED_OVER, Kind.CLOCK_REPAIRED, Kind.SITE_CHANGED, Kind.SITE_STARTED, Kind.RETENTION_ENDED,
)  # fmt: skip
"""Ledger entries about the site and its staff rather than a consultation."""
_OF_ACCOUNTS = (Kind.ROLE_CHANGED, Kind.ACCOUNT_SUSPENDED, Kind.ACCOUNT_RESTORED, Kind.FACTOR_RESET)
_AREAS: Mapping[str, str] = {
    Kind.BODY_MADE: "body", Kind.BODY_CHANGED: "body", Kind.BODY_MEMBER_ADDED: "body", Kind.BODY_MERGED: "body",
    Kind.BODY_MEMBER_REMOVED: "body", Kind.CONSULTATION_HANDED_OVER: "consultation",
    Kind.RETENTION_ENDED: "consultation",
}  # fmt: skip
"""The type of an entry's subject, if subjects of that type have names."""


@dataclass(frozen=True)
class StaffInvitation:
    """An open invitation: address, role and sender."""

    link: LinkToken
    email: str
    by: str | None


@dataclass(frozen=True)
class StaffAct:
    """A ledger entry with the name of the person who acted, if they still work here.

    `account` is the account concerned; `subject` is the current name of the body or consultation concerned.
    """

    entry: LedgerEntry
    by: str | None
    account: Account | None = None
    subject: str | None = None

    @property
    def label(self) -> str:
        """Return the label of the text or retention rule that was changed."""
        detail = self.entry.detail
        return hooks.find_label(str(detail["key"] if "key" in detail else detail["rule"]))


def invite(session: Session, *, email: str, role: Role, language: str = DEFAULT_LANGUAGE, by: Account) -> None:
    """Send an invitation to a role in the name of an administrator.

    Raises Refusal if the person already has the role.
    """
    known = service.find_by_email(session, email)
    if known is not None and known.role in (role, Role.ADMIN):
        raise Refusal(_("This person already has an account with this role, or is an administrator."), field="email")
    service.invite(session, email=email, role=role, language=language, by=by)
    _record(session, Kind.INVITED, by, role)


def list_waiting(session: Session) -> Sequence[StaffInvitation]:
    """Return open invitations to a role, newest first."""
    rows = links.list_role_invitations(session)
    ids = {row.invited_by_id for row in rows if row.invited_by_id}
    names = {person.id: person.display_name for person in session.scalars(select(Account).where(Account.id.in_(ids)))}
    return [StaffInvitation(row, unseal(row.email_sealed or b""), names.get(row.invited_by_id or 0)) for row in rows]


def send_again(session: Session, *, number: int, by: Account) -> None:
    """Replace an open invitation with a new link in the same language. Raises NotFound."""
    link = _get_waiting(session, number)
    email, role = unseal(link.email_sealed or b""), link.role or Role.CONTRIBUTOR
    link.used_at = now()
    session.flush()
    service.invite(session, email=email, role=role, language=link.language or by.language, by=by)
    _record(session, Kind.INVITED, by, role, again=True)


def take_back(session: Session, *, number: int, by: Account) -> None:
    """Withdraw an open invitation. Raises NotFound."""
    link = _get_waiting(session, number)
    link.used_at = now()
    _record(session, Kind.INVITATION_ENDED, by, link.role or Role.CONTRIBUTOR)
    session.flush()


def list_acts(session: Session, *, after: str | None = None) -> Page[StaffAct]:
    """Return a page of administrative actions, latest first."""
    wanted = select(LedgerEntry).where(LedgerEntry.kind.in_(ACTS)).order_by(LedgerEntry.id.desc()).limit(PAGE + 1)
    if (last := decode_id_cursor(after)) is not None:
        wanted = wanted.where(LedgerEntry.id < last)
    entries = session.scalars(wanted).all()
    account_ids = {entry.subject_id for entry in entries if entry.kind in _OF_ACCOUNTS}
    people = session.scalars(
        select(Account).where((Account.role != Role.CONTRIBUTOR) | Account.id.in_(account_ids))
    ).all()
    accounts = {person.id: person for person in people}
    names = {
        pseudonym("account", person.id): person.display_name for person in people if person.role != Role.CONTRIBUTOR
    }
    named = {
        area: hooks.find_names(session, area, {it.subject_id for it in entries if _AREAS.get(it.kind) == area})
        for area in set(_AREAS.values())
    }
    rows = [
        StaffAct(
            entry,
            names.get(entry.actor or ""),
            accounts.get(entry.subject_id) if entry.kind in _OF_ACCOUNTS else None,
            named[_AREAS[entry.kind]].get(entry.subject_id) if entry.kind in _AREAS else None,
        )
        for entry in entries
    ]
    return make_page(rows, PAGE, lambda row: [row.entry.id])


def _get_waiting(session: Session, number: int) -> LinkToken:
    link = session.get(LinkToken, number, with_for_update=True)
    fits = link is not None and link.purpose is LinkPurpose.INVITE and link.role is not None
    if link is None or not fits or link.used_at is not None or link.expires_at <= now():
        raise NotFound(_("This invitation is no longer open. It was answered or withdrawn, or it has expired."))
    return link


def _record(session: Session, kind: Kind, by: Account, role: Role, *, again: bool = False) -> None:
    """Record an invitation in the ledger with the role only, and whether it was resent."""
    detail = {"role": role, "again": True} if again else {"role": role}
    ledger.record(session, kind, subject_id=by.id, actor=pseudonym("account", by.id), detail=detail)
