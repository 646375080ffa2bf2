"""Services for facts about countries and memberships of bodies. Each is recorded in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from consult.accounts.countries import list_countries
from consult.accounts.model import Account
from consult.bodies import service as bodies
from consult.bodies.model import PublicBody
from consult.core.clock import now
from consult.core.crypto import pseudonym
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.i18n import _
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.web.access import Role
from consult.countries import rights
from consult.countries.model import NATIONAL, BodyMembership, CountryFact, FactKind, Precision
from consult.countries.treaty_tables.reader import TreatyAction
from consult.ledger import service as ledger
from consult.ledger.model import Kind
from consult.taxonomy.model import Scheme, Term

TREATIES = "treaties"
"""Notation of the scheme whose topmost terms are treaties."""


@dataclass(frozen=True)
class FactTerms:
    """The content of a fact. `source` is a web address or a citation."""

    kind: FactKind
    day: date
    precision: Precision
    source: str
    language: str = DEFAULT_LANGUAGE
    term_id: int | None = None
    title: str = ""
    words: str = ""
    looked_on: date | None = None


def get_country(code: str) -> str:
    """Return the code of a country in capitals. Raises NotFound."""
    wanted = code.upper()
    if wanted not in {known for known, _name in list_countries(DEFAULT_LANGUAGE)}:
        raise NotFound(_("We cannot find this country. Check the link."))
    return wanted


def list_treaties(session: Session) -> Sequence[Term]:
    """Return the treaties of the taxonomy in order: the terms of its scheme that have no broader one."""
    query = select(Term).join(Scheme, Scheme.id == Term.scheme_id)
    query = query.where(Scheme.notation == TREATIES, Term.broader_id.is_(None), ~Term.retired)
    return session.scalars(query.order_by(Term.position)).all()


def get_treaty(session: Session, notation: str) -> Term:
    """Return a treaty by its notation. Raises NotFound."""
    treaty = next((term for term in list_treaties(session) if term.notation == notation), None)
    if treaty is None:
        raise NotFound(_("We cannot find this treaty."))
    return treaty


def get_fact(session: Session, number: int) -> CountryFact:
    """Return a fact, also one that was replaced. Raises NotFound."""
    row = session.get(CountryFact, number)
    if row is None:
        raise NotFound(_("We cannot find this fact. Check the link."))
    return row


def get_membership(session: Session, body: PublicBody, number: int) -> BodyMembership:
    """Return a membership of a body. Raises NotFound."""
    row = session.get(BodyMembership, number)
    if row is None or row.body_id != body.id:
        raise NotFound(_("We cannot find this membership."))
    return row


def keep_fact(
    session: Session, country: str, *, by: Account | None, terms: FactTerms, at: datetime | None = None
) -> CountryFact:
    """Record a fact about a country. `by` is None for the sample. Raises Forbidden, Conflict and Refusal."""
    if by is not None:
        rights.check_may_edit(session, by, country)
    _check(session, terms)
    values = _to_values(country, terms, by, at or now())
    added = insert(CountryFact).values(values).on_conflict_do_nothing().returning(CountryFact.id)
    number = session.scalar(added)
    if number is None:
        raise Conflict(_("This fact is already recorded."))
    _record(session, Kind.COUNTRY_FACT_KEPT, number, by=by, country=country, at=at, facts=1)
    return session.get_one(CountryFact, number)


def replace_fact(
    session: Session, fact: CountryFact, *, by: Account, terms: FactTerms, at: datetime | None = None
) -> CountryFact:
    """Record a corrected fact. The earlier one stays readable. Raises Forbidden, Conflict and Refusal."""
    rights.check_may_edit(session, by, fact.country)
    _check(session, terms)
    session.refresh(fact, with_for_update=True)
    if fact.replaced_by is not None:
        raise Conflict(_("Someone else has just replaced this fact. Reload the page."))
    fact.replaced_by = fact.id  # leaves the unique index until the new row is known
    session.flush()
    row = CountryFact(**_to_values(fact.country, terms, by, at or now()))
    session.add(row)
    session.flush()
    fact.replaced_by = row.id
    session.flush()
    _record(session, Kind.COUNTRY_FACT_REPLACED, row.id, by=by, country=fact.country, at=at, replaced=fact.id)
    return row


def keep_treaty(
    session: Session,
    treaty: Term,
    actions: Sequence[TreatyAction],
    *,
    by: Account,
    source: str,
    looked_on: date,
    at: datetime | None = None,
) -> int:
    """Record the actions of a depositary's table that are not recorded yet, and return their number.

    Only administrators may, because the table is about many countries. Raises Forbidden and Refusal.
    """
    if by.role is not Role.ADMIN:
        raise Forbidden(
            _("Only an administrator can import the list of parties to a treaty, because it concerns many countries.")
        )
    moment = at or now()
    rows = [
        _to_values(
            action.country,
            FactTerms(action.kind, action.day, action.precision, source, term_id=treaty.id, looked_on=looked_on),
            by,
            moment,
        )
        for action in actions
    ]
    if rows:
        _check(session, FactTerms(FactKind.RATIFICATION, looked_on, Precision.DAY, source, term_id=treaty.id))
    added = insert(CountryFact).on_conflict_do_nothing().returning(CountryFact.id)
    kept = list(session.scalars(added, rows)) if rows else []
    if kept:
        _record(session, Kind.COUNTRY_FACT_KEPT, kept[0], by=by, at=at, treaty=treaty.notation, facts=len(kept))
    return len(kept)


def add_membership(
    session: Session,
    body: PublicBody,
    *,
    by: Account | None,
    source: str,
    country: str | None = None,
    member: PublicBody | None = None,
    since: date | None = None,
    until: date | None = None,
    looked_on: date | None = None,
    at: datetime | None = None,
) -> BodyMembership:
    """Record that a country, or another body, is a member of a body. Raises Forbidden, Conflict and Refusal."""
    if by is not None and not rights.may_edit_body(session, by, body):
        raise Forbidden(_("Only a lead or editor of this body or an administrator can do this."))
    if not source:
        raise Refusal(_("Enter the source."), field="source")
    if (country is None) == (member is None):
        raise Refusal(_("Choose a country or a body."), field="country")
    if member is not None and body.id in (member.id, *list_above(session, member.id, downwards=True)):
        raise Refusal(_("A body cannot be a member of itself or of one of its members."), field="member")
    if since and until and since > until:
        raise Refusal(_("The membership ends before it begins. Correct one of the dates."), field="until")
    member_id = member.id if member else None
    values = {"body_id": body.id, "country": country, "member_id": member_id, "since": since, "until": until}
    added = insert(BodyMembership).values(**values, source=source, looked_on=looked_on).on_conflict_do_nothing()
    number = session.scalar(added.returning(BodyMembership.id))
    if number is None:
        raise Conflict(_("This membership is already recorded."))
    detail = {"changed": ["members"]}
    bodies.record(session, Kind.BODY_CHANGED, body, by=by, detail=detail, at=at)
    return session.get_one(BodyMembership, number)


def end_membership(session: Session, row: BodyMembership, *, by: Account, until: date) -> None:
    """Set the last day of a membership. Raises Forbidden and Refusal."""
    body = session.get_one(PublicBody, row.body_id)
    if not rights.may_edit_body(session, by, body):
        raise Forbidden(_("Only a lead or editor of this body or an administrator can do this."))
    if row.since and until < row.since:
        raise Refusal(_("The membership ends before it begins. Correct one of the dates."), field="until")
    row.until = until
    session.flush()
    bodies.record(session, Kind.BODY_CHANGED, body, by=by, detail={"changed": ["members"]})


def list_above(session: Session, body_id: int, *, downwards: bool = False) -> list[int]:
    """Return the ids of the bodies of which a body is a member, also through others. `downwards`: of its members."""
    of, to = (BodyMembership.body_id, BodyMembership.member_id)
    given, wanted = (of, to) if downwards else (to, of)
    others: list[int] = []
    fresh = {body_id}
    while fresh:
        rows = session.scalars(select(wanted).where(given.in_(fresh), wanted.is_not(None))).all()
        fresh = {number for number in rows if number is not None and number not in others}
        others += sorted(fresh)
    return others


def _check(session: Session, terms: FactTerms) -> None:
    if not terms.source:
        raise Refusal(_("Enter the source."), field="source")
    if terms.day > now().date():
        raise Refusal(_("This date is in the future. Enter an earlier date."), field="day")
    if terms.kind in NATIONAL:
        if not terms.title:
            raise Refusal(_("Enter the title."), field="title")
        return
    treaty = session.get(Term, terms.term_id) if terms.term_id else None
    if treaty is None or treaty.broader_id is not None:
        raise Refusal(_("Choose a treaty."), field="treaty")


def _to_values(country: str, terms: FactTerms, by: Account | None, at: datetime) -> dict[str, object]:
    return {
        "country": country,
        "kind": terms.kind,
        "term_id": terms.term_id,
        "title": terms.title,
        "words": terms.words,
        "language": terms.language,
        "day": terms.day,
        "precision": terms.precision,
        "source": terms.source,
        "looked_on": terms.looked_on,
        "kept_at": at,
        "kept_by": by.id if by else None,
    }


def _record(
    session: Session, kind: Kind, number: int, *, by: Account | None, at: datetime | None, **detail: object
) -> None:
    actor = pseudonym("account", by.id) if by else None
    ledger.record(session, kind, subject_id=number, actor=actor, detail=detail, at=at)
