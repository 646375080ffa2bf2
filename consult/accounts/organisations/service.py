"""Organisations: create, list members, add and remove members, transfer ownership."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.model import Account, LinkPurpose, LinkToken, Membership, Organisation, OrganisationKind
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.scripts.confusables import LOOK_ALIKES, THEIR_LETTERS, get_skeleton
from consult.core.text import SILENT_SQL, one_line


@dataclass(frozen=True)
class AccountOrganisation:
    """An organisation of an account, and whether the account owns it."""

    organisation: Organisation
    owner: bool


@dataclass(frozen=True)
class OrganisationMember:
    account_id: int
    name: str
    owner: bool
    since: datetime
    signatory: bool = True


@dataclass(frozen=True)
class OrganisationInvitation:
    """An open invitation. Only owners see the address, because they entered it."""

    email: str
    until: datetime


@dataclass(frozen=True)
class OrganisationPage:
    """An organisation as shown to its members. Owners also see open invitations."""

    organisation: Organisation
    owner: bool
    members: Sequence[OrganisationMember]
    invited: Sequence[OrganisationInvitation]


class LastOwner(Conflict):
    """An organisation with members needs at least one owner."""


LeaveHook = Callable[[Session, int, int], None]
_LEAVE_HOOKS: list[LeaveHook] = []


def on_leave(ending: LeaveHook) -> LeaveHook:
    """Register a function to call, in the same transaction, when an account has left an organisation.

    The function gets the session and both IDs.
    """
    _LEAVE_HOOKS.append(ending)
    return ending


def create_organisation(
    session: Session,
    *,
    founder: Account,
    name: str,
    kind: OrganisationKind,
    country: str,
    website: str | None,
    registry_number: str | None = None,
) -> Organisation:
    """Create an organisation owned by its founder. Raises a Refusal if the name is taken."""
    shown = clean_name(name, website)
    taken = session.scalar(select(Organisation.id).where(has_same_name(shown)).limit(1))
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
        raise name_taken_error()
    add_member(session, organisation_id=added.id, account_id=founder.id, owner=True)
    return added


def clean_name(name: str, website: str | None) -> str:
    """Return the name as shown. Raises a Refusal for an empty name or an invalid website."""
    if not (shown := one_line(name)):
        raise Refusal(_("Enter the name of the organisation."), field="name")
    if website and not website.startswith(("https://", "http://")):
        raise Refusal(_("Start the web address with https://"), field="website")
    return shown


def name_taken_error() -> Conflict:
    """Return the error for an organisation name that already exists."""
    error = _("An organisation with this name is already registered. Ask one of its owners to add you.")
    return Conflict(error, field="name")


def has_same_name(name: str) -> ColumnElement[bool]:
    """Return a condition that matches names that look like this one.

    Look-alike letters and digits are equal, and all other characters are ignored.
    """
    asked = literal(get_skeleton(unicodedata.normalize("NFKC", name)))
    return _comparable_name(func.translate(Organisation.name, LOOK_ALIKES, THEIR_LETTERS)) == _comparable_name(asked)


def _comparable_name(name: ColumnElement[str]) -> ColumnElement[str]:
    return func.regexp_replace(func.lower(name), rf"({SILENT_SQL}|[[:space:][:punct:]])+", "", "g")


def list_organisations(session: Session, account: Account) -> Sequence[AccountOrganisation]:
    """Return the organisations that the account is a member of, by name."""
    rows = session.execute(
        select(Organisation, Membership.owner)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.account_id == account.id)
        .order_by(Organisation.name)
    )
    return [AccountOrganisation(organisation, owner) for organisation, owner in rows]


def get_for_member(session: Session, organisation_id: int, account: Account) -> AccountOrganisation:
    """Return the organisation if the account is a member.

    Otherwise raises NotFound, so that others do not learn that it exists.
    """
    row = session.execute(
        select(Organisation, Membership.owner)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.account_id == account.id, Organisation.id == organisation_id)
    ).first()
    if row is None:
        raise NotFound(_("We cannot find this organisation among yours."))
    return AccountOrganisation(row[0], row[1])


def lock_for_owner(session: Session, organisation_id: int, account: Account) -> Organisation:
    """Return the organisation if the account owns it, and lock its members until the transaction ends."""
    session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    return get_for_owner(session, organisation_id, account)


def get_for_owner(session: Session, organisation_id: int, account: Account) -> Organisation:
    """Return the organisation if the account owns it, without a lock. Raises Forbidden."""
    row = get_for_member(session, organisation_id, account)
    if not row.owner:
        raise Forbidden(_("Only an owner can change the organisation and its members."))
    return row.organisation


def get_page(session: Session, organisation_id: int, account: Account) -> OrganisationPage:
    """Return the organisation as the account may see it. Raises NotFound if the account is not a member."""
    own = get_for_member(session, organisation_id, account)
    invited = list_invitations(session, organisation_id) if own.owner else []
    return OrganisationPage(own.organisation, own.owner, list_members(session, organisation_id), invited)


def list_members(session: Session, organisation_id: int) -> Sequence[OrganisationMember]:
    """Return the members: owners first, then by name."""
    rows = session.execute(
        select(Account.id, Account.display_name, Membership.owner, Membership.since, Membership.signatory)
        .join(Membership, Membership.account_id == Account.id)
        .where(Membership.organisation_id == organisation_id)
        .order_by(Membership.owner.desc(), Account.display_name, Account.id)
    )
    return [OrganisationMember(*row) for row in rows]


def list_invitations(session: Session, organisation_id: int) -> Sequence[OrganisationInvitation]:
    """Return open invitations, newest first."""
    links = session.scalars(
        select(LinkToken)
        .where(
            LinkToken.organisation_id == organisation_id,
            LinkToken.purpose == LinkPurpose.INVITE,
            LinkToken.used_at.is_(None),
            LinkToken.expires_at > now(),
        )
        .order_by(LinkToken.id.desc())
        .limit(50)
    )
    return [OrganisationInvitation(unseal(link.email_sealed or b""), link.expires_at) for link in links]


def add_member(
    session: Session,
    *,
    organisation_id: int,
    account_id: int,
    owner: bool = False,
    signatory: bool = True,
    at: datetime | None = None,
) -> None:
    """Add an account as a member. Safe to repeat; an existing membership is unchanged.

    A `signatory` may also send submissions in the organisation's name.
    """
    values = {"organisation_id": organisation_id, "account_id": account_id, "owner": owner, "since": at or now()}
    values["signatory"] = signatory
    session.execute(insert(Membership).values(values).on_conflict_do_nothing())


def remove_member(session: Session, *, by: Account, organisation_id: int, account_id: int) -> None:
    """End a membership. Owners can remove anyone; members can leave. Raises LastOwner for the last owner."""
    if account_id == by.id:
        session.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
        get_for_member(session, organisation_id, by)
    else:
        lock_for_owner(session, organisation_id, by)
    membership = _get_membership(session, organisation_id, account_id)
    _require_other_owner(session, membership)
    session.delete(membership)
    session.flush()
    for ending in _LEAVE_HOOKS:
        ending(session, account_id, organisation_id)


def change_member(session: Session, *, by: Account, organisation_id: int, account_id: int, change: str) -> None:
    """Apply a change to a member: `remove`, `owner`, `member`, `signs` or `prepares`.

    `two_people` and `one_person` apply to the whole organisation: how many people must approve a submission.
    """
    if change == "remove":
        remove_member(session, by=by, organisation_id=organisation_id, account_id=account_id)
    elif change in {"two_people", "one_person"}:
        lock_for_owner(session, organisation_id, by).two_people = change == "two_people"
        session.flush()
    elif change in {"signs", "prepares"}:
        lock_for_owner(session, organisation_id, by)
        _get_membership(session, organisation_id, account_id).signatory = change == "signs"
        session.flush()
    else:
        set_owner(session, by=by, organisation_id=organisation_id, account_id=account_id, owner=change == "owner")


def set_owner(session: Session, *, by: Account, organisation_id: int, account_id: int, owner: bool) -> None:
    """Grant or remove ownership. Raises LastOwner for the last owner."""
    lock_for_owner(session, organisation_id, by)
    membership = _get_membership(session, organisation_id, account_id)
    if not owner:
        _require_other_owner(session, membership)
    membership.owner = owner
    session.flush()


def _get_membership(session: Session, organisation_id: int, account_id: int) -> Membership:
    row = session.scalar(
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.account_id == account_id)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound(_("This person is not a member of the organisation."))
    return row


def _require_other_owner(session: Session, membership: Membership) -> None:
    owners = session.scalar(
        select(func.count()).where(Membership.organisation_id == membership.organisation_id, Membership.owner)
    )
    if membership.owner and owners == 1:
        raise LastOwner(_("An organisation needs an owner. Make someone else an owner first."))
