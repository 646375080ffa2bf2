"""Drafts and answers are found from the same box as what was sent."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.search import texts
from consult.search.query_terms import CONFIGURATIONS, SearchQuery
from consult.signals import service
from consult.signals.model import SignalLevel
from tests import factories
from tests.signals.working import opened, seated


def test_a_paragraph_is_found_by_its_stem_and_only_of_what_is_public(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session)
    session.commit()
    found = texts.find_in_drafts(session, SearchQuery(words="paragraph -nothing"))
    assert found.count >= 1
    assert all(hit.consultation_id == row.id and hit.place for hit in found.items)
    assert len(found.items) <= texts.FEW
    plural = texts.find_in_drafts(session, SearchQuery(words="paragraphs"))
    assert plural.count == found.count, "both are the same stem"
    page = client.get("/search?q=paragraph").text
    assert "In drafts" in page
    assert f"/c/{row.slug}/p/" in page


@pytest.mark.parametrize("words", ["-paragraph", "the", "zzzz", "'"])
def test_words_that_can_find_nothing_find_nothing(session: Session, words: str) -> None:
    factories.consultation(session)
    assert texts.find_in_drafts(session, SearchQuery(words=words)).count == 0
    assert texts.find_arguments(session, SearchQuery(words=words)).count == 0


def test_the_database_knows_the_same_languages_as_the_registry(session: Session) -> None:
    asked = "SELECT prosrc FROM pg_proc WHERE proname = 'words_in_languages'"
    source = session.connection().exec_driver_sql(asked).scalar_one()
    assert all(f"pg_catalog.{name}" in source for name in (*CONFIGURATIONS, "simple"))


def test_where_nothing_matches_the_page_leads_to_what_there_is(session: Session, client: FlaskClient) -> None:
    factories.consultation(session)
    session.commit()
    page = client.get("/search?q=zzzz").text
    assert "Nothing that is published matches" in page
    assert 'href="/consultations"' in page.partition("What there is:")[2]


def test_an_early_warning_is_found_by_its_finding_while_the_public_may_read_it(
    session: Session, client: FlaskClient
) -> None:
    me = seated(session)
    shown, hidden = opened(session, me, level=SignalLevel.ALERT), opened(session, me)
    service.merge(session, hidden, shown, by=me, reason="The same tablets.")
    session.commit()
    page = client.get("/search?q=tablet").text
    assert f'href="/signals/{shown.slug}"' in page, "by the stem"
    assert f'href="/signals/{hidden.slug}"' not in page
    assert "Alert · Ecuador · unconfirmed" in page
    service.close(session, shown, by=me, reason="Nothing was seen for a month.")
    session.commit()
    assert "Closed · Ecuador · unconfirmed" in client.get("/search?q=nitazene&what=signal").text
    assert texts.find_signals(session, SearchQuery(words="esmeraldas")).count == 0, "a town is not looked in"
