"""Data about people for conflicts of interest: organisations, bodies, names, domains, mailboxes, declarations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.organisations.domain_verification import get_domain, is_public_mail
from consult.bodies.model import BodyMember, PublicBody
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.decisions.conflicts import (
    ConflictKind,
    PersonTies,
    Stakeholder,
    StakePart,
    comparable_words,
    get_mailbox,
    own_domain,
)
from consult.decisions.model import FormerName, FormerTie

FORMER = timedelta(days=365)
"""The time for which a person counts as a member of an organisation or body after leaving it."""
HOSTS = frozenset(
    f"{name}.com"
    for name in (
        *("blogspot", "facebook", "google", "instagram", "linkedin", "medium", "squarespace", "substack", "twitter"),
        *("webnode", "weebly", "wixsite", "wordpress", "x", "youtube"),
    )
) | {"github.io"}
"""Hosts of pages for anyone, which identify nobody."""
_EXAMPLES = frozenset({"example.com", "example.net", "example.org"})
"""Domains that receive no e-mail (RFC 2606). The people of the sample have addresses there."""
_ERASED = ".invalid"
"""The ending of the address of an erased account."""
_LEAST_LETTERS = 4

DECLARATIONS: list[Callable[[Any], Select[Any]]] = []
"""Queries of upper rooms for the interests that an account declares. The account ID may be a parameter."""


@dataclass(frozen=True)
class KnownPerson:
    """An account with its organisations and bodies, including those left within the last year.

    `names` are those of these organisations and bodies, current and former.
    """

    account: Account
    organisations: Sequence[Organisation]
    bodies: Sequence[PublicBody]
    names: Sequence[str]

    @property
    def domains(self) -> frozenset[str]:
        return get_mail_domain(self.account) | get_domains(self.organisations) | get_body_domains(self.bodies)

    def as_stakeholder(self, part: StakePart) -> Stakeholder:
        return Stakeholder(
            part,
            accounts=frozenset({self.account.id}),
            organisations=frozenset(row.id for row in self.organisations),
            bodies=frozenset(row.id for row in self.bodies),
            domains=self.domains,
            names=[self.account.display_name, *self.names],
            mailboxes=get_mailboxes(self.account),
        )


def load_people(session: Session, account_ids: Collection[int]) -> dict[int, KnownPerson]:
    """Return known people by account ID, with four queries in all."""
    accounts = session.scalars(select(Account).where(Account.id.in_(account_ids))).all()
    organisations, bodies = defaultdict(list), defaultdict(list)
    joined = _select_memberships(account_ids).subquery()
    for account_id, row in session.execute(
        select(joined.c.account_id, Organisation)
        .join(Organisation, Organisation.id == joined.c.organisation_id)
        .order_by(Organisation.id)
    ):
        organisations[account_id].append(row)
    employed = _select_employments(account_ids).subquery()
    for account_id, body in session.execute(
        select(employed.c.account_id, PublicBody)
        .join(PublicBody, PublicBody.id == employed.c.body_id)
        .order_by(PublicBody.id)
    ):
        bodies[account_id].append(body)
    of_both = [row for rows in (*organisations.values(), *bodies.values()) for row in rows]
    names = load_names(session, of_both)
    return {
        row.id: KnownPerson(
            row,
            organisations[row.id],
            bodies[row.id],
            [name for it in (*organisations[row.id], *bodies[row.id]) for name in names[it]],
        )
        for row in accounts
    }


def _select_memberships(account_ids: Collection[int]) -> CompoundSelect[Any]:
    left = FormerTie.account_id.in_(account_ids), _is_recent(), FormerTie.organisation_id.is_not(None)
    return union(
        select(Membership.account_id, Membership.organisation_id).where(Membership.account_id.in_(account_ids)),
        select(FormerTie.account_id, FormerTie.organisation_id).where(*left),
    )


def _select_employments(account_ids: Collection[int]) -> CompoundSelect[Any]:
    left = FormerTie.account_id.in_(account_ids), _is_recent(), FormerTie.body_id.is_not(None)
    return union(
        select(BodyMember.account_id, BodyMember.body_id).where(BodyMember.account_id.in_(account_ids)),
        select(FormerTie.account_id, FormerTie.body_id).where(*left),
    )


def _is_recent() -> ColumnElement[bool]:
    # Asked for at each execution, as statements are kept.
    return FormerTie.ended_at > bindparam("since", callable_=lambda: now() - FORMER, unique=True)


def list_declared(session: Session, account_id: int) -> list[str]:
    """Return the interests that a person has declared."""
    return [line for select_lines in DECLARATIONS for line in session.scalars(select_lines(account_id))]


_BY_NAME = frozenset({ConflictKind.DOMAIN, ConflictKind.NAME, ConflictKind.CO_AUTHOR})
"""Kinds of connection that compare names or domains."""


def get_ties(
    session: Session, account: Account, kinds: Collection[ConflictKind] = frozenset(ConflictKind)
) -> PersonTies:
    """Return the known ties of a person who would decide or review.

    Names and domains are loaded only if a kind of connection counts that compares them.
    """
    if _BY_NAME.isdisjoint(kinds):
        return _get_unnamed_ties(session, account)
    person, at = load_people(session, [account.id])[account.id], get_mail_domain(account)
    beside = _list_at(session, at)
    shown = [account.display_name] if len(comparable_words(account.display_name)) > 1 else []
    return PersonTies(
        account.id,
        organisations=frozenset(row.id for row in person.organisations),
        bodies=frozenset(row.id for row in person.bodies),
        domains=person.domains,
        names=[*shown, *person.names, *(name for names in load_names(session, beside).values() for name in names)],
        declared=list_declared(session, account.id),
        person=account.display_name,
        mailboxes=get_mailboxes(account),
    )


def _get_unnamed_ties(session: Session, account: Account) -> PersonTies:
    """Return ties without names and domains. One statement, and one for each kind of declaration."""
    memberships = _select_memberships([account.id]).subquery()
    employments = _select_employments([account.id]).subquery()
    both = union_all(
        select(memberships.c.organisation_id, cast(null(), BigInteger)),
        select(cast(null(), BigInteger), employments.c.body_id),
    )
    pairs = session.execute(both).all()
    return PersonTies(
        account.id,
        organisations=frozenset(organisation_id for organisation_id, _body_id in pairs if organisation_id is not None),
        bodies=frozenset(body_id for _organisation_id, body_id in pairs if body_id is not None),
        declared=list_declared(session, account.id),
        mailboxes=get_mailboxes(account),
    )


def _list_at(session: Session, domains: Iterable[str]) -> list[Organisation]:
    """Return the organisations at whose domain a person has an address."""
    owned = {own_domain(domain) for domain in domains}
    if not owned:
        return []
    likely = [Organisation.website.icontains(domain, autoescape=True) for domain in owned]
    likely += [Organisation.proven_domain.icontains(domain, autoescape=True) for domain in owned]
    rows = session.scalars(select(Organisation).where(or_(*likely)))
    return [row for row in rows if owned & {own_domain(domain) for domain in get_domains([row])}]


def load_names(
    session: Session, rows: Iterable[Organisation | PublicBody]
) -> Mapping[Organisation | PublicBody, list[str]]:
    """Return current and former names of organisations and bodies in all languages. Uses one query."""
    known = {row: _list_names(row) for row in rows}
    organisations = {row.id: row for row in known if isinstance(row, Organisation)}
    bodies = {row.id: row for row in known if isinstance(row, PublicBody)}
    if known:
        former = or_(FormerName.organisation_id.in_(organisations), FormerName.body_id.in_(bodies))
        for it in session.scalars(select(FormerName).where(former)):
            row = organisations.get(it.organisation_id or 0) or bodies[it.body_id or 0]
            known[row].append(it.name)
    return known


def _list_names(row: Organisation | PublicBody) -> list[str]:
    others = (row.code, *row.names.values()) if isinstance(row, PublicBody) else ()
    return [str(name) for name in (row.name, *others) if name]


def describe_bodies(session: Session, part: StakePart, numbers: Iterable[int]) -> Stakeholder:
    """Return the stakeholder made of these bodies."""
    rows = session.scalars(select(PublicBody).where(PublicBody.id.in_(list(numbers)))).all()
    return Stakeholder(
        part,
        bodies=frozenset(row.id for row in rows),
        domains=get_body_domains(rows),
        names=[name for names in load_names(session, rows).values() for name in names],
    )


def stands_in(column: Any, text: str) -> ColumnElement[bool]:
    """Return a condition for names contained in a text. Results must then be compared word by word."""
    return func.strpos(func.lower(literal(text)), func.lower(func.replace(column, " (sample)", ""))) > 0


def get_domains(organisations: Iterable[Organisation]) -> frozenset[str]:
    """Return the verified domains and website domains of organisations."""
    return _own_domains(domain for row in organisations for domain in (row.proven_domain, get_domain(row)))


def get_body_domains(bodies: Iterable[PublicBody]) -> frozenset[str]:
    """Return the verified domains of bodies."""
    return _own_domains(row.domain for row in bodies if row.domain_proved_at is not None)


def get_mail_domain(account: Account) -> frozenset[str]:
    """Return the domain of a person's address, unless anyone can get an address there."""
    domain = unseal(account.email_sealed).rpartition("@")[2]
    return frozenset() if domain.endswith(_ERASED) else _own_domains([domain])


def get_mailboxes(account: Account) -> frozenset[str]:
    address = unseal(account.email_sealed)
    return frozenset() if address.endswith(_ERASED) else frozenset({get_mailbox(address)})


def _own_domains(domains: Iterable[str | None]) -> frozenset[str]:
    own = {domain.lower() for domain in domains if domain} - _EXAMPLES
    return frozenset(it for it in own if not is_public_mail(it) and not HOSTS & {it, own_domain(it)})
