"""Facts about countries: who may record them, what replaces what, and what the pages show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import merge
from consult.bodies.model import BodyRole
from consult.core.errors import Conflict, Forbidden, Refusal
from consult.core.web.access import Role
from consult.countries import queries, service
from consult.countries.model import BodyMembership, CountryFact, FactKind, Precision
from consult.countries.service import FactTerms
from consult.countries.treaty_tables.reader import read_table
from consult.ledger.model import Kind, LedgerEntry
from consult.taxonomy import service as taxonomy
from consult.taxonomy.model import Term
from consult.taxonomy.skos import read_pack
from tests import factories
from tests.bodies.working import make_body, work

SignIn = Callable[[Any], FlaskClient]
SOURCE = "https://treaties.un.org/"


@pytest.fixture
def treaty(session: Session) -> Term:
    taxonomy.load_pack(session, read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    session.commit()
    return service.get_treaty(session, "1988")


def terms(treaty: Term, kind: FactKind = FactKind.RATIFICATION, day: date = date(1991, 2, 8), **more: Any) -> FactTerms:
    return FactTerms(kind, day, Precision.DAY, SOURCE, term_id=treaty.id, **more)


def editor(session: Session, country: str = "CR", role: BodyRole = BodyRole.DRAFTER) -> Account:
    body = make_body(session, country=country)
    work(session, body)
    return work(session, body, role)


def test_lead_and_editors_of_a_body_of_the_country_record_facts_and_nobody_else(session: Session, treaty: Term) -> None:
    service.keep_fact(session, "CR", by=editor(session), terms=terms(treaty))
    others = (
        editor(session, "PE"),
        editor(session, role=BodyRole.READER),
        factories.account(session, Role.MODERATOR),
        factories.account(session, Role.CONTRIBUTOR),
    )
    for person in others:
        with pytest.raises(Forbidden):
            service.keep_fact(session, "CR", by=person, terms=terms(treaty, day=date(1992, 1, 1)))
    assert session.scalar(select(func.count()).select_from(CountryFact)) == 1


def test_a_fact_needs_a_source_a_treaty_and_a_day_that_has_come(session: Session, treaty: Term) -> None:
    person = editor(session)
    article = session.scalars(select(Term).where(Term.notation == "1988-3")).one()
    for bad in (
        FactTerms(FactKind.LAW, date(2001, 1, 1), Precision.DAY, SOURCE),
        FactTerms(FactKind.RATIFICATION, date(2001, 1, 1), Precision.DAY, SOURCE),
        FactTerms(FactKind.RATIFICATION, date(2001, 1, 1), Precision.DAY, "", term_id=treaty.id),
        FactTerms(FactKind.RATIFICATION, date(2001, 1, 1), Precision.DAY, SOURCE, term_id=article.id),
        terms(treaty, day=date(2222, 1, 1)),
    ):
        with pytest.raises(Refusal):
            service.keep_fact(session, "CR", by=person, terms=bad)


def test_a_table_is_recorded_once_and_only_by_an_administrator(session: Session, treaty: Term) -> None:
    table = read_table("Participant,Signature,Accession(a)\nPeru,20 Dec 1988,16 Jan 1992\nEstonia,,12 Jul 2000 a\n")
    with pytest.raises(Forbidden):
        service.keep_treaty(
            session, treaty, table.actions, by=editor(session), source=SOURCE, looked_on=date(2026, 1, 1)
        )
    admin = factories.account(session, Role.ADMIN)
    kept = [
        service.keep_treaty(session, treaty, table.actions, by=admin, source=SOURCE, looked_on=date(2026, 1, 1))
        for _time in range(2)
    ]
    assert kept == [3, 0]
    entries = select(LedgerEntry).where(LedgerEntry.kind == Kind.COUNTRY_FACT_KEPT)
    assert [entry.detail["facts"] for entry in session.scalars(entries)] == [3]


def test_a_country_that_withdrew_and_came_back_is_a_party_since_it_came_back(session: Session, treaty: Term) -> None:
    facts = [
        (FactKind.ACCESSION, date(1976, 9, 23)),
        (FactKind.WITHDRAWAL, date(2011, 6, 29)),
        (FactKind.ACCESSION, date(2013, 1, 11)),
        (FactKind.RESERVATION, date(2013, 1, 11)),
    ]
    for n, (kind, day) in enumerate(facts, start=1):
        service.keep_fact(session, "BO", by=None, terms=terms(treaty, kind, day))
        [status] = queries.get_country_page(session, "BO").treaties
        assert status.withdrew is None if n != 2 else status.party is None
    assert status.party is not None
    assert status.party.day.year == 2013
    assert len(status.statements) == 1


def test_a_corrected_fact_replaces_the_earlier_one_which_stays_readable(
    session: Session, treaty: Term, client: FlaskClient
) -> None:
    person = editor(session)
    first = service.keep_fact(session, "CR", by=person, terms=terms(treaty, day=date(1991, 2, 9)))
    second = service.replace_fact(session, first, by=person, terms=terms(treaty))
    with pytest.raises(Conflict):
        service.replace_fact(session, first, by=person, terms=terms(treaty, day=date(1991, 3, 3)))
    session.commit()
    assert [fact.id for fact in queries.list_facts(session, "CR")] == [second.id]
    assert "This fact was replaced" in client.get(f"/countries/facts/{first.id}").text
    assert "Earlier versions" in client.get(f"/countries/facts/{second.id}").text


def test_the_pages_show_facts_with_their_source_and_say_what_nobody_has_checked(
    session: Session, treaty: Term, client: FlaskClient, sign_in: SignIn
) -> None:
    person = editor(session)
    law = FactTerms(FactKind.LAW, date(2022, 3, 2), Precision.MONTH, "Gazette <1>", "es", title="Ley 10113")
    for each in (law, terms(treaty)):
        service.keep_fact(session, "CR", by=person, terms=each)
    session.commit()
    page = client.get("/countries/cr").text
    assert "Ley 10113" in page
    assert "Mar 2022" in page
    assert "Gazette &lt;1&gt;" in page
    assert "Source not checked yet" in page
    assert "Party since 8 February 1991" in page
    assert "Add a fact" not in page
    assert "Add a fact" in sign_in(person).get("/countries/CR").text
    assert client.get("/countries/ZZ").status_code == 404
    assert "Costa Rica" in client.get("/countries").text
    compared = client.get("/countries/compare?treaty=1988&country=Costa+Rica,Atlantis").text
    assert "Atlantis" in compared
    assert "Party since 8 February 1991" in compared
    assert client.get("/countries/compare?treaty=nothing").status_code == 404
    assert "Ley 10113" in client.get("/countries/CR.csv").text
    assert client.get("/taxonomy/treaties/1988").text.count("Costa Rica: Ratification") == 1


def test_the_form_keeps_what_was_typed_and_saves_what_is_right(session: Session, treaty: Term, sign_in: SignIn) -> None:
    client = sign_in(editor(session))
    url = "/desk/countries/CR/facts/new"
    given = {
        "treaty": "",
        "kind": "law",
        "title": "Ley 8204",
        "day": ["26", "12", "2001"],
        "precision": "day",
        "language": "es",
    }
    refused = client.post(url, data=given)
    assert refused.status_code == 422
    assert "Ley 8204" in refused.text
    assert client.post(url, data={**given, "source": "Gaceta"}).status_code == 303
    assert sign_in(editor(session, "PE")).get(url).status_code == 403


def test_an_administrator_previews_a_table_before_it_is_recorded(
    session: Session, treaty: Term, sign_in: SignIn
) -> None:
    client, url = sign_in(factories.account(session, Role.ADMIN)), "/desk/countries/treaty"
    sent = {
        "treaty": "1988",
        "text": "Participant,Ratification\nPeru,16 Jan 1992\nAtlantis,1 May 1990\n",
        "source": SOURCE,
        "looked_on": ["1", "11", "2026"],
    }
    preview = client.post(url, data={**sent, "do": "show"})
    assert "1 date in 2 lines" in preview.text
    assert "Atlantis" in preview.text
    assert session.scalar(select(func.count()).select_from(CountryFact)) == 0
    assert client.post(url, data={**sent, "do": "keep"}).status_code == 303
    assert session.scalar(select(CountryFact.country)) == "PE"
    assert sign_in(editor(session)).get(url).status_code == 403


def test_memberships_have_dates_and_cannot_form_a_circle(
    session: Session, client: FlaskClient, sign_in: SignIn
) -> None:
    whole, part, other = make_body(session, "OAS (x)"), make_body(session, "CICAD (x)"), make_body(session, "Other (x)")
    lead = work(session, whole)
    service.add_membership(session, whole, by=lead, source="Charter", member=part)
    service.add_membership(session, part, by=None, source="Statute", member=other)
    for body, member in ((other, whole), (part, whole), (whole, whole)):
        with pytest.raises(Refusal):
            service.add_membership(session, body, by=None, source="x", member=member)
    with pytest.raises(Forbidden):
        service.add_membership(session, part, by=lead, source="x", country="CR")
    row = service.add_membership(session, whole, by=lead, source="Charter", country="VE", since=date(1948, 5, 1))
    with pytest.raises(Conflict):
        service.add_membership(session, whole, by=lead, source="Charter", country="VE", since=date(1948, 5, 1))
    with pytest.raises(Refusal):
        service.end_membership(session, row, by=lead, until=date(1900, 1, 1))
    service.end_membership(session, row, by=lead, until=date(2020, 1, 1))
    session.commit()
    assert queries.list_member_countries(session, whole.id, date(2019, 1, 1)) == ["VE"]
    assert queries.list_member_countries(session, whole.id, date(2026, 1, 1)) == []
    assert "former member" in client.get("/countries/VE").text
    assert "VE" not in client.get(f"/desk/bodies/{whole.slug}/memberships").text
    assert "Venezuela" in sign_in(lead).get(f"/desk/bodies/{whole.slug}/memberships").text
    assert sign_in(lead).get(f"/desk/bodies/{part.slug}/memberships").status_code == 403


def test_a_merged_body_takes_its_memberships_with_it_once(session: Session) -> None:
    whole, old, new = make_body(session), make_body(session), make_body(session)
    for body in (old, new):
        service.add_membership(session, body, by=None, source="x", country="CR", since=date(2000, 1, 1))
        service.add_membership(session, whole, by=None, source="x", member=body)
    service.add_membership(session, old, by=None, source="x", country="PE")
    merge.merge(session, body=old, into=new, by=factories.account(session, Role.ADMIN))
    rows = session.scalars(select(BodyMembership).order_by(BodyMembership.id)).all()
    assert sorted((row.body_id, row.country or "", row.member_id or 0) for row in rows) == sorted(
        [(new.id, "CR", 0), (new.id, "PE", 0), (whole.id, "", new.id)]
    )
