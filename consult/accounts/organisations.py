"""The verbs of organisations: found one, see who may file in its name, add, remove, hand over."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from consult.accounts.model import Account, LinkToken, Membership, Organisation, OrganisationKind, Purpose
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.text import one_line


@dataclass(frozen=True)
class Mine:
    """An organisation of somebody's, and whether they own it."""

    organisation: Organisation
    owner: bool


@dataclass(frozen=True)
class Member:
    account_id: int
    name: str
    owner: bool
    since: datetime
    signatory: bool = True


@dataclass(frozen=True)
class Invited:
    """An invitation that was sent and not used yet. Only owners, who typed the address, are shown it."""

    email: str
    until: datetime


@dataclass(frozen=True)
class Sheet:
    """What a member sees of an organisation; an owner sees who is invited too."""

    organisation: Organisation
    owner: bool
    members: Sequence[Member]
    invited: Sequence[Invited]


class LastOwner(Conflict):
    """An organisation with members keeps at least one owner."""


def found(
    session: Session, *, founder: Account, name: str, kind: OrganisationKind, country: str, website: str | None,
    registry_number: str | None = None,
) -> Organisation:  # fmt: skip
    """A new organisation, owned by its founder. Raises a Refusal where the name is taken."""
    shown = checked(name, website)
    taken = session.scalar(select(Organisation.id).where(called(shown)).limit(1))
    added = None
    if taken is None:
        values = {
            "name": shown,
            "kind": kind,
            "country": country,
            "website": website or None,
            "registry_number": one_line(registry_number or "") or None,
            "created_at": now(),
        }
        wanted = insert(Organisation).values(values).on_conflict_do_nothing(index_elements=["name"])
        added = session.scalars(wanted.returning(Organisation)).first()
    if added is None:
        raise name_is_taken()
    add_member(session, organisation_id=added.id, account_id=founder.id, owner=True)
    return added


def checked(name: str, website: str | None) -> str:
    """The name as it is shown. Raises a Refusal for none, and for a website that is no web address."""
    if not (shown := one_line(name)):
        raise Refusal(_("Enter the name of the organisation."), field="name")
    if website and not website.startswith(("https://", "http://")):
        raise Refusal(_("Start the address of the website with https://"), field="website")
    return shown


def name_is_taken() -> Conflict:
    """What is raised where two organisations would have one name."""
    said = _("An organisation with this name is here already. Ask one of its owners to add you.")
    return Conflict(said, field="name")


def called(name: str) -> ColumnElement[bool]:
    """Whether an organisation's name reads like this one: the same letters and digits, whatever stands between."""
    return _bare(Organisation.name) == _bare(literal(unicodedata.normalize("NFKC", name)))


def _bare(name: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    return func.regexp_replace(func.lower(name), r"[[:space:][:punct:]]+", "", "g")


def organisations_of(session: Session, account: Account) -> Sequence[Mine]:
    """The organisations that the account may file for, by name."""
    rows = session.execute(
        select(Organisation, Membership.owner)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.account_id == account.id)
        .order_by(Organisation.name)
    )
    return [Mine(organisation, owner) for organisation, owner in rows]


def mine(session: Session, organisation_id: int, account: Account) -> Mine:
    """The organisation, if the account is a member of it. Raises NotFound: others need not learn that it exists."""
    row = session.execute(
        select(Organisation, Membership.owner)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.account_id == account.id, Organisation.id == organisation_id)
    ).first()
    if row is None:
        raise NotFound(_("There is no such organisation among yours."))
    return Mine(row[0], row[1])


def owned(session: Session, organisation_id: int, account: Account) -> Organisation:
    """The organisation, if the account owns it; its members change one at a time until the transaction ends."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    return own(session, organisation_id, account)


def own(session: Session, organisation_id: int, account: Account) -> Organisation:
    """The organisation, if the account owns it, to be read only."""
    found = mine(session, organisation_id, account)
    if not found.owner:
        raise Forbidden(_("Only an owner can change the organisation, and who its members are."))
    return found.organisation


def sheet(session: Session, organisation_id: int, account: Account) -> Sheet:
    """The organisation as the account may see it. Raises NotFound where it is not a member."""
    own = mine(session, organisation_id, account)
    invited = invited_to(session, organisation_id) if own.owner else []
    return Sheet(own.organisation, own.owner, members_of(session, organisation_id), invited)


def members_of(session: Session, organisation_id: int) -> Sequence[Member]:
    """Who may file in its name: owners first, then by name."""
    rows = session.execute(
        select(Account.id, Account.display_name, Membership.owner, Membership.since, Membership.signatory)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.owner.desc(), Account.display_name, Account.id)
    )
    return [Member(*row) for row in rows]


def invited_to(session: Session, organisation_id: int) -> Sequence[Invited]:
    """Invitations that still wait for an answer, the newest first."""
    links = session.scalars(
        select(LinkToken)
        .where(
            LinkToken.organisation_id == organisation_id, LinkToken.purpose == Purpose.INVITE,
            LinkToken.used_at.is_(None), LinkToken.expires_at > now(),
        )
        .order_by(LinkToken.id.desc())
        .limit(50)
    )  # fmt: skip
    return [Invited(unseal(link.email_sealed or b""), link.expires_at) for link in links]


def add_member(
    session: Session, *, organisation_id: int, account_id: int, owner: bool = False, at: datetime | None = None
) -> None:
    """Lets an account file in the organisation's name. May be repeated; an owner stays one."""
    values = {"organisation_id": organisation_id, "account_id": account_id, "owner": owner, "since": at or now()}
    session.execute(insert(Membership).values(values).on_conflict_do_nothing())


def remove_member(session: Session, *, by: Account, organisation_id: int, account_id: int) -> None:
    """Ends a membership: owners remove anybody, everybody may leave. Raises LastOwner for the last owner."""
    if account_id == by.id:
        session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
        mine(session, organisation_id, by)
    else:
        owned(session, organisation_id, by)
    membership = _membership(session, organisation_id, account_id)
    _keep_an_owner(session, membership)
    session.delete(membership)
    session.flush()


def change_member(session: Session, *, by: Account, organisation_id: int, account_id: int, change: str) -> None:
    """`remove`, make the member an `owner` or a plain `member`, or one who `signs` or only `prepares`."""
    if change == "remove":
        remove_member(session, by=by, organisation_id=organisation_id, account_id=account_id)
    elif change in {"signs", "prepares"}:
        owned(session, organisation_id, by)
        _membership(session, organisation_id, account_id).signatory = change == "signs"
        session.flush()
    else:
        set_owner(session, by=by, organisation_id=organisation_id, account_id=account_id, owner=change == "owner")


def set_owner(session: Session, *, by: Account, organisation_id: int, account_id: int, owner: bool) -> None:
    """Makes a member an owner, or no longer one. Raises LastOwner for the last owner."""
    owned(session, organisation_id, by)
    membership = _membership(session, organisation_id, account_id)
    if not owner:
        _keep_an_owner(session, membership)
    membership.owner = owner
    session.flush()


def _membership(session: Session, organisation_id: int, account_id: int) -> Membership:
    row = session.scalar(
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.account_id == account_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("This person is not a member of the organisation."))
    return row


def _keep_an_owner(session: Session, membership: Membership) -> None:
    owners = session.scalar(
        select(func.count()).where(Membership.organisation_id == membership.organisation_id, Membership.owner)
    )
    if membership.owner and owners == 1:
        raise LastOwner(_("An organisation needs an owner. Make somebody else an owner first."))
