"""Queries for the pages of countries, each in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from consult.accounts.countries import list_countries
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.i18n import current_language
from consult.countries import sections, service
from consult.countries.model import BINDING, NATIONAL, BodyMembership, CountryFact, FactKind
from consult.countries.sections import FilledSection
from consult.taxonomy.model import Term


@dataclass(frozen=True)
class TreatyStatus:
    """The facts about a country and a treaty in order of time.

    `party` is the fact by which it became a party, unless it withdrew later.
    """

    treaty: Term
    facts: Sequence[CountryFact]
    party: CountryFact | None
    signed: CountryFact | None
    withdrew: CountryFact | None

    @property
    def statements(self) -> Sequence[CountryFact]:
        """Return reservations and declarations."""
        return [fact for fact in self.facts if fact.kind in (FactKind.RESERVATION, FactKind.DECLARATION)]


@dataclass(frozen=True)
class Member:
    """A membership with the body that has the member, and the member, if it is a body."""

    row: BodyMembership
    body: PublicBody
    member: PublicBody | None = None

    def is_current(self, today: date) -> bool:
        return (self.row.since is None or self.row.since <= today) and (
            self.row.until is None or self.row.until >= today
        )


@dataclass(frozen=True)
class CountryPage:
    code: str
    bodies: Sequence[PublicBody]
    members: Sequence[Member]  # current ones first
    treaties: Sequence[TreatyStatus]
    laws: Sequence[CountryFact]  # newest first
    sections: Sequence[FilledSection]
    today: date

    @property
    def is_empty(self) -> bool:
        return not (self.bodies or self.members or self.treaties or self.laws or self.sections)


@dataclass(frozen=True)
class CountryLine:
    """A country in the list, with the numbers of its public bodies and facts."""

    code: str
    name: str
    bodies: int
    facts: int


def get_country_page(session: Session, code: str) -> CountryPage:
    """Return the page of a country, in five statements and those of the sections. Raises NotFound."""
    country, today = service.get_country(code), now().date()
    facts = list_facts(session, country)
    treaties = {term.id: term for term in service.list_treaties(session)}
    own = session.scalars(select(PublicBody).where(PublicBody.country == country).order_by(PublicBody.name)).all()
    return CountryPage(
        country,
        own,
        list_memberships(session, country, [body.id for body in own]),
        group_treaties(facts, treaties),
        sorted((fact for fact in facts if fact.kind in NATIONAL), key=lambda fact: fact.day, reverse=True),
        sections.collect(session, country),
        today,
    )


def list_facts(session: Session, country: str) -> Sequence[CountryFact]:
    """Return the current facts about a country, by day."""
    query = select(CountryFact).where(CountryFact.country == country, CountryFact.replaced_by.is_(None))
    return session.scalars(query.order_by(CountryFact.day, CountryFact.id)).all()


def list_former(session: Session, fact: CountryFact) -> Sequence[CountryFact]:
    """Return the facts that were replaced by this one, directly or through others, newest first."""
    former: list[CountryFact] = []
    number = fact.id
    while (row := session.scalar(select(CountryFact).where(CountryFact.replaced_by == number))) is not None:
        former.append(row)
        number = row.id
    return former


def group_treaties(facts: Iterable[CountryFact], treaties: Mapping[int, Term]) -> list[TreatyStatus]:
    """Return the status of a country for each treaty that it has facts about, in the order of the treaties. Pure."""
    grouped: dict[int, list[CountryFact]] = defaultdict(list)
    for fact in facts:
        if fact.kind not in NATIONAL and fact.term_id is not None:
            grouped[fact.term_id].append(fact)
    return [_judge(term, grouped[number]) for number, term in treaties.items() if number in grouped]


def _judge(treaty: Term, facts: Sequence[CountryFact]) -> TreatyStatus:
    """Return the status of a treaty from its facts in order of time. The last consent or withdrawal decides."""
    party = withdrew = signed = None
    for fact in facts:
        if fact.kind is FactKind.SIGNATURE:
            signed = signed or fact
        elif fact.kind in BINDING:
            party, withdrew = party or fact, None
        elif fact.kind is FactKind.WITHDRAWAL:
            party, withdrew = None, fact
    return TreatyStatus(treaty, facts, party, signed, withdrew)


def list_memberships(session: Session, country: str, body_ids: Sequence[int]) -> list[Member]:
    """Return the memberships of a country and of its bodies, current ones first."""
    of = or_(BodyMembership.country == country, BodyMembership.member_id.in_(body_ids))
    return _list_members(session, of)


def list_members(session: Session, body: PublicBody) -> list[Member]:
    """Return the members of a body and the bodies that it is a member of, current ones first."""
    return _list_members(session, or_(BodyMembership.body_id == body.id, BodyMembership.member_id == body.id))


def _list_members(session: Session, of: Any) -> list[Member]:
    query = select(BodyMembership, PublicBody).join(PublicBody, PublicBody.id == BodyMembership.body_id).where(of)
    rows = session.execute(query.order_by(BodyMembership.until.desc().nulls_first(), PublicBody.name)).all()
    ids = [row.member_id for row, _body in rows if row.member_id is not None]
    named = {each.id: each for each in session.scalars(select(PublicBody).where(PublicBody.id.in_(ids)))} if ids else {}
    return [Member(row, body, named.get(row.member_id or 0)) for row, body in rows]


def list_member_countries(session: Session, body_id: int, today: date) -> list[str]:
    """Return the codes of the countries that are members of a body on a day."""
    query = select(BodyMembership.country).where(
        BodyMembership.body_id == body_id,
        BodyMembership.country.is_not(None),
        or_(BodyMembership.since.is_(None), BodyMembership.since <= today),
        or_(BodyMembership.until.is_(None), BodyMembership.until >= today),
    )
    return [code for code in session.scalars(query) if code]


def list_lines(session: Session) -> list[CountryLine]:
    """Return the countries that have a public body, a fact or a membership, by name. One statement."""
    none = literal(0)
    current = CountryFact.replaced_by.is_(None)
    each = union_all(
        select(PublicBody.country, func.count().label("bodies"), none.label("facts"))
        .where(PublicBody.country.is_not(None))
        .group_by(PublicBody.country),
        select(CountryFact.country, none, func.count()).where(current).group_by(CountryFact.country),
        select(BodyMembership.country, none, none).where(BodyMembership.country.is_not(None)).distinct(),
    ).subquery()
    columns = each.c.country, func.sum(each.c.bodies), func.sum(each.c.facts)
    rows = session.execute(select(*columns).group_by(each.c.country))
    counts = {code: (int(n), int(facts)) for code, n, facts in rows}
    return [
        CountryLine(code, name, *counts[code]) for code, name in list_countries(current_language()) if code in counts
    ]


@dataclass(frozen=True)
class ComparedCountry:
    """A country and its status for the treaty of a comparison, with its laws."""

    code: str
    name: str
    status: TreatyStatus | None
    laws: Sequence[CountryFact]


def compare(session: Session, treaty: Term, codes: Sequence[str] = ()) -> list[ComparedCountry]:
    """Return countries with facts about a treaty, or these countries, with their laws. One statement."""
    about = or_(CountryFact.term_id == treaty.id, CountryFact.kind == FactKind.LAW)
    query = select(CountryFact).where(about, CountryFact.replaced_by.is_(None))
    if codes:
        query = query.where(CountryFact.country.in_(codes))
    by_country: dict[str, list[CountryFact]] = defaultdict(list)
    for fact in session.scalars(query.order_by(CountryFact.day, CountryFact.id)):
        by_country[fact.country].append(fact)
    rows = []
    for code, name in list_countries(current_language()):
        facts = by_country.get(code, [])
        statuses = group_treaties(facts, {treaty.id: treaty})
        if code in codes or (statuses and not codes):
            rows.append(
                ComparedCountry(
                    code, name, statuses[0] if statuses else None, [each for each in facts if each.kind is FactKind.LAW]
                )
            )
    return rows
