"""Lenses: everything said under a term, in all consultations, at a fixed cost."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations import treaty_review
from consult.consultations.model import Consultation
from consult.consultations.service import ConsultationTerms
from consult.core.clock import now
from consult.core.web.access import Role
from consult.documents import tags
from consult.documents.model import Provision
from consult.signals.model import SignalState
from consult.submissions.topics import treaty_check
from consult.taxonomy import lenses, queries, service, skos
from consult.taxonomy.lenses import Lens, LensItem
from consult.taxonomy.model import Term
from tests import factories, filing
from tests.bodies.working import make_body, work
from tests.case_studies.written import published
from tests.counting import statements
from tests.responses.answering import answer, argued
from tests.signals import working


@pytest.fixture
def article(session: Session) -> Term:
    service.load_pack(session, skos.read_pack(service.PACKS / "drug-policy.ttl"))
    return queries.get_term(session, "treaties", "1961-36")


def speak(session: Session, term: Term, *words: str) -> Consultation:
    """A consultation whose first paragraph is about a term, with comments there."""
    row = factories.consultation(session)
    tags.add_tags(session, document_id=row.document_id, wid="chp_1__para_1", term_ids=[term.id], by=row.owner_id)
    for said in words:
        filing.file(session, row, said, published=True)
    session.commit()
    return row


def test_a_term_opens_what_is_said_under_it_and_below_it_in_all_consultations_at_a_fixed_cost(
    session: Session, client: FlaskClient, article: Term
) -> None:
    counts = []
    for n in range(1, 4):
        for m in range(n):
            speak(session, article, *(f"Penal words number {n} {m} {i}." for i in range(4)))
            published(session, title=f"Study {n} {m}", terms=[article.id])
        session.commit()
        with statements() as made:
            page = client.get("/taxonomy/treaties/1961")
        assert page.status_code == 200
        counts.append(len(made))
    assert "Penal words number 3" in page.text
    assert "Study 3 2" in page.text
    assert counts[1] == counts[2] <= 16
    first = client.get("/taxonomy/treaties/1961/comments").text
    assert first.count("Penal words") == 20
    assert 'rel="next"' in first


def test_a_term_opens_signals_of_its_substance_and_no_merged_ones(session: Session, client: FlaskClient) -> None:
    service.load_pack(session, skos.read_pack(service.PACKS / "drug-policy.ttl"))
    me = working.seated(session)
    shown, merged, other = (working.opened(session, me) for _ in range(3))
    term = queries.get_term(session, "substances", "fentanyl-substance")
    shown.substance_id = merged.substance_id = term.id
    shown.title, merged.title, other.title = "Powder in the north", "Powder again", "Tablets"
    merged.state, merged.merged_into_id = SignalState.MERGED, shown.id
    session.commit()
    page = client.get("/taxonomy/substances/fentanyl-substance").text
    assert "Powder in the north" in page
    assert "unconfirmed" in page
    assert "Powder again" not in page
    assert "Tablets" not in page


def test_a_term_opens_what_was_promised_on_its_paragraph(session: Session, client: FlaskClient, article: Term) -> None:
    row, argument = argued(session)
    promised = answer(session, argument)
    assert promised.id
    assert "Pay for the exchanges" not in client.get("/taxonomy/treaties/1961-36").text
    tags.add_tags(session, document_id=row.document_id, wid="chp_1__para_1", term_ids=[article.id], by=row.owner_id)
    session.commit()
    page = client.get("/taxonomy/treaties/1961-36").text
    assert "Pay for the exchanges" in page
    assert "by 1 June" in page


def test_another_package_adds_a_lens(session: Session, client: FlaskClient, article: Term) -> None:
    item = LensItem(7, "A new opioid in the north", "taxonomy.index", {}, notes=["checked"])
    lens = Lens("signals-test", "Signals", lambda _s, terms, before, most: [item] if article.id in terms else [],
                lambda _s, terms: 1)  # fmt: skip
    lenses.register(lens)
    try:
        assert "A new opioid in the north" in client.get("/taxonomy/treaties/1961-36").text
        assert "A new opioid" in client.get("/taxonomy/treaties/1961-36/signals-test").text
        assert "A new opioid" not in client.get("/taxonomy/treaties/1971").text
    finally:
        lenses._lenses.pop("signals-test")
    assert client.get("/taxonomy/treaties/1961-36/signals-test").status_code == 404
    assert client.get("/taxonomy/treaties/9999").status_code == 404


def test_what_a_draft_does_not_address_is_said(session: Session, client: FlaskClient, article: Term) -> None:
    row = speak(session, article, "Penal words.")
    check = treaty_check.get_check(session, row.slug, pack="treaties/1961")
    [pack] = check.packs
    assert (len(pack.leaves), pack.addressed, len(pack.whole)) == (10, 1, 1)
    said = {one.term.notation: one for one in pack.leaves}
    assert said["1961-36"].comments == 1
    assert not said["1961-28"].is_addressed
    page = client.get(f"/c/{row.slug}/treaties?pack=treaties/1961").text
    [listed] = re.findall(r'<ul class="unaddressed">(.*?)</ul>', page, re.S)
    assert listed.count("<li>") == 9
    assert "1 of 10 are addressed" in page
    empty = factories.consultation(session)
    session.commit()
    assert "No paragraph has a topic yet" in client.get(f"/c/{empty.slug}/treaties").text


def test_the_balance_counts_paragraphs_and_comments_of_each_pillar(
    session: Session, client: FlaskClient, article: Term
) -> None:
    row = speak(session, queries.get_term(session, "pillars", "needle"), "Open at night.", "Open by day.")
    supply = queries.get_term(session, "pillars", "trafficking")
    tags.add_tags(session, document_id=row.document_id, wid="chp_2__para_1", term_ids=[supply.id], by=row.owner_id)
    session.commit()
    lines = client.get(f"/c/{row.slug}/balance.csv").text.splitlines()
    assert lines == ["pillar,paragraphs,comments", "harm,1,2", "demand,0,0", "supply,1,0"]
    assert "<svg" in client.get(f"/c/{row.slug}/balance").text


def test_a_consultation_reviews_a_treaty_with_its_articles_as_paragraphs(
    session: Session, article: Term, sign_in: object
) -> None:
    owner, treaty = work(session, make_body(session, "Council")), treaty_review.get_treaty(session, "1961")
    terms = ConsultationTerms(
        title="Review", body="Council", summary="Say.", purpose="", language="en", opens_at=now(),
        closes_at=now().replace(year=now().year + 1), timezone="UTC", answer_by=None, countries=[], tags=[],
    )  # fmt: skip
    row = treaty_review.create(session, owner=owner, terms=terms, treaty=treaty)
    assert row.treaty_id == treaty.term.id
    wids = tags.terms_by_provision(session, row.document_id)
    assert sum(map(len, wids.values())) == len(treaty.articles) == 10
    texts = session.scalars(select(Provision.text)).all()
    assert any(said.startswith("Penal provisions.") for said in texts)
    session.commit()
    client = sign_in(owner)  # type: ignore[operator]
    assert "10 articles" in client.get("/desk/consultations/treaty-review").text
    assert "Review of the Single Convention" in client.get("/desk/consultations/treaty-review?treaty=1961").text
    assert client.get("/desk/consultations/treaty-review?treaty=none").status_code == 404
    assert owner.role is Role.POLICYMAKER
