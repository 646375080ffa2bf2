"""Invitations to a role from the browser: send, send again, take back; and what administrators did."""

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
"""What is done to the site and to who works here, rather than to a consultation."""
_OF_ACCOUNTS = (Kind.ROLE_CHANGED, Kind.ACCOUNT_SUSPENDED, Kind.ACCOUNT_RESTORED, Kind.FACTOR_RESET)
_AREAS: Mapping[str, str] = {
    Kind.BODY_MADE: "body", Kind.BODY_CHANGED: "body", Kind.BODY_MEMBER_ADDED: "body", Kind.BODY_MERGED: "body",
    Kind.BODY_MEMBER_REMOVED: "body", Kind.CONSULTATION_HANDED_OVER: "consultation",
    Kind.RETENTION_ENDED: "consultation",
}  # fmt: skip
"""What the subject of an entry is, where it has a name."""


@dataclass(frozen=True)
class StaffInvitation:
    """An invitation that waits: to whom, as what, from whom."""

    link: LinkToken
    email: str
    by: str | None


@dataclass(frozen=True)
class StaffAct:
    """An entry of the ledger, and the name of who did it, while they work here.

    `account`: whose account it is about; `subject`: what the body or consultation it is about is called now.
    """

    entry: LedgerEntry
    by: str | None
    account: Account | None = None
    subject: str | None = None

    @property
    def label(self) -> str:
        """What was changed of what the site says or keeps, as pages call it."""
        said = self.entry.detail
        return hooks.find_label(str(said["key"] if "key" in said else said["rule"]))


def invite(session: Session, *, email: str, role: Role, language: str = DEFAULT_LANGUAGE, by: Account) -> None:
    """Writes an invitation to a role in the name of an administrator. Raises Refusal for who has it already."""
    known = service.find_by_email(session, email)
    if known is not None and known.role in (role, Role.ADMIN):
        raise Refusal(_("This address has an account with this role, or as an administrator."), field="email")
    service.invite(session, email=email, role=role, language=language, by=by)
    _record(session, Kind.INVITED, by, role)


def list_waiting(session: Session) -> Sequence[StaffInvitation]:
    """Invitations to a role that nobody has answered, the newest first."""
    rows = links.list_role_invitations(session)
    ids = {row.invited_by_id for row in rows if row.invited_by_id}
    names = {one.id: one.display_name for one in session.scalars(select(Account).where(Account.id.in_(ids)))}
    return [StaffInvitation(row, unseal(row.email_sealed or b""), names.get(row.invited_by_id or 0)) for row in rows]


def send_again(session: Session, *, number: int, by: Account) -> None:
    """Writes a new link in place of the one that was sent, in its language. Raises NotFound."""
    link = _get_waiting(session, number)
    email, role = unseal(link.email_sealed or b""), link.role or Role.CONTRIBUTOR
    link.used_at = now()
    session.flush()
    service.invite(session, email=email, role=role, language=link.language or by.language, by=by)
    _record(session, Kind.INVITED, by, role, again=True)


def take_back(session: Session, *, number: int, by: Account) -> None:
    """The link opens nothing any more. Raises NotFound."""
    link = _get_waiting(session, number)
    link.used_at = now()
    _record(session, Kind.INVITATION_ENDED, by, link.role or Role.CONTRIBUTOR)
    session.flush()


def list_acts(session: Session, *, after: str | None = None) -> Page[StaffAct]:
    """What was done to the site and to who works here, the last first."""
    wanted = select(LedgerEntry).where(LedgerEntry.kind.in_(ACTS)).order_by(LedgerEntry.id.desc()).limit(PAGE + 1)
    if (last := decode_id_cursor(after)) is not None:
        wanted = wanted.where(LedgerEntry.id < last)
    entries = session.scalars(wanted).all()
    told = {entry.subject_id for entry in entries if entry.kind in _OF_ACCOUNTS}
    people = session.scalars(select(Account).where((Account.role != Role.CONTRIBUTOR) | Account.id.in_(told))).all()
    accounts = {one.id: one for one in people}
    names = {pseudonym("account", one.id): one.display_name for one in people if one.role != Role.CONTRIBUTOR}
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
        raise NotFound(_("This invitation waits no longer: it was answered, taken back, or has run out."))
    return link


def _record(session: Session, kind: Kind, by: Account, role: Role, *, again: bool = False) -> None:
    """Of an invitation the public record says the role only, and whether it was sent again."""
    detail = {"role": role, "again": True} if again else {"role": role}
    ledger.record(session, kind, subject_id=by.id, actor=pseudonym("account", by.id), detail=detail)
