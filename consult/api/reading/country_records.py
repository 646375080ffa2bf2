"""Facts about countries, recommendations to them, and memberships of bodies as records."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from consult.api.reading.records import CountryFactRecord, MembershipRecord, RecommendationRecord
from consult.bodies.model import PublicBody
from consult.core.web.addresses import public_url
from consult.countries import service
from consult.countries.model import BodyMembership, CountryFact
from consult.recommendations import queries as recommendations
from consult.taxonomy.model import Term


def list_facts(session: Session, code: str) -> list[CountryFactRecord]:
    """Return the facts about a country by date, also those that were replaced. Raises NotFound."""
    query = select(CountryFact, Term.uri).outerjoin(Term, Term.id == CountryFact.term_id)
    query = query.where(CountryFact.country == service.get_country(code))
    return [_to_fact(fact, uri) for fact, uri in session.execute(query.order_by(CountryFact.day, CountryFact.id))]


def _to_fact(fact: CountryFact, uri: str | None) -> CountryFactRecord:
    return CountryFactRecord(
        fact.id,
        fact.country,
        str(fact.kind),
        uri,
        fact.title or None,
        fact.words or None,
        fact.language,
        fact.day.isoformat(),
        str(fact.precision),
        fact.source,
        _write(fact.looked_on),
        fact.replaced_by,
        public_url("countries.fact", number=fact.id),
    )


def list_recommendations(session: Session, code: str) -> list[RecommendationRecord]:
    """Return the recommendations to a country, newest document first. Raises NotFound."""
    page = recommendations.list_for_country(session, service.get_country(code))
    return [_to_recommendation(item) for item in page.items]


def _to_recommendation(item: recommendations.AnsweredRecommendation) -> RecommendationRecord:
    addresses = [linked.address for linked in item.actions]
    return RecommendationRecord(
        item.row.id,
        item.set.country,
        str(item.set.source),
        item.set.symbol,
        item.row.number,
        item.row.words,
        item.set.language,
        list(item.row.states),
        str(item.row.position),
        str(item.status),
        [body.slug for given, body in item.given if given.declined_at is None],
        [public_url(endpoint, **values) for endpoint, values in addresses],
        public_url("recommendations.recommendation", number=item.row.id),
    )


def list_memberships(session: Session) -> list[MembershipRecord]:
    """Return all memberships, by body."""
    member = aliased(PublicBody)
    query = (
        select(BodyMembership, PublicBody.slug, member.slug)
        .join(PublicBody, PublicBody.id == BodyMembership.body_id)
        .outerjoin(member, member.id == BodyMembership.member_id)
    )
    return [
        MembershipRecord(body, it.country, slug, _write(it.since), _write(it.until), it.source, _write(it.looked_on))
        for it, body, slug in session.execute(query.order_by(PublicBody.name, BodyMembership.id))
    ]


def _write(day: date | None) -> str | None:
    return day.isoformat() if day else None
