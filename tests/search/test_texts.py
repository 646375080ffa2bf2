"""Drafts and answers are found from the same box as what was sent."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.plans import queries as plan_queries
from consult.plans.indicators import service as indicators
from consult.search import names, texts
from consult.search.query_terms import CONFIGURATIONS, SearchQuery
from consult.signals import service, warnings
from consult.signals.model import SignalLevel, WarningKind
from tests import factories
from tests.bodies.working import make_body, work
from tests.plans.planned import planned
from tests.signals.working import TEXTS, opened, seated


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
    assert "No published text matches" in page
    assert 'href="/consultations"' in page.partition("Browse:")[2]


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


def test_a_warning_is_found_by_the_title_of_its_newest_edition_in_any_language(
    session: Session, client: FlaskClient
) -> None:
    me, second = seated(session), seated(session)
    signal = opened(session, me, level=SignalLevel.ALERT)
    for fr in ("Pastilles très fortes", "Comprimés contenant un nitazène"):
        titles = {
            "en": "Tablets with a nitazene",
            "fr": fr,
            "es": "Tabletas con nitazeno",
            "ar": "أقراص تحتوي على نيتازين",
        }
        said = {language: {**TEXTS["en"], "title": title} for language, title in titles.items()}
        kind = WarningKind.WARNING if fr.startswith("P") else WarningKind.CORRECTION
        draft = warnings.write(session, signal, by=me, kind=kind, texts=said, language="en")
        assert texts.find_signals(session, SearchQuery(words="comprimé")).count == 0, "not published yet"
        warnings.publish(session, signal, by=second, written_at=draft.written_at)
    session.commit()
    for words, language in (("comprimé", "fr"), ("tableta", "es"), ("أقراص", "ar"), ("nitazene", "en")):
        [hit] = texts.find_signals(session, SearchQuery(words=words)).items
        assert (hit.signal, hit.language) == (signal, language)
    assert texts.find_signals(session, SearchQuery(words="pastilles")).count == 0, "the title of a former edition"
    assert texts.find_signals(session, SearchQuery(words="naloxone")).count == 0
    page = client.get("/search?q=comprimé").text
    assert f'<a href="/signals/{signal.slug}"><bdi lang="fr"><mark>Comprimés</mark>' in page


def test_a_plan_an_action_an_indicator_and_a_body_are_found_by_name(session: Session, client: FlaskClient) -> None:
    body = make_body(session, name="Ministry of Public Health", code="MPH", names={"fr": "Ministère de la santé"})
    lead = work(session, body)
    plan = planned(session, body, by=lead, actions=2)
    plan.title = "Regional Action Plan (2027)"
    actions = plan_queries.list_actions(session, plan.id)
    actions[0].title = "Pay for testing kits"
    row = indicators.get_indicator(session, plan, "I-1")
    row.titles = {"en": "Deaths by overdose", "fr": "Décès par surdose"}
    hidden = planned(session, body, by=lead, actions=1)
    hidden.title, hidden.published_at = "Regional secret plan", None
    plan_queries.list_actions(session, hidden.id)[0].title = "Secret testing kits"
    session.commit()
    here = f"/plans/{plan.slug}"
    for words, address in (
        ("regional+plans", here),
        ("testing kit", f"{here}/actions/{actions[0].number}"),
        ("overdose death", f"{here}/indicators/I-1"),
        ("surdoses", f"{here}/indicators/I-1"),
        ("MPH", f"/b/{body.slug}"),
        ("the public health ministry", f"/b/{body.slug}"),
        ("ministère santé", f"/b/{body.slug}"),
    ):
        page = client.get(f"/search?q={words}").text
        assert f'href="{address}"' in page, words
        assert "secret" not in page.lower()
    assert re.search(r"Regional</mark> .*\(2027\)</bdi>", client.get("/search?q=regional").text), "its name is whole"
    what = "body" if words.startswith("m") else "plan"
    only = client.get(f"/search?q={words}&what={what}").text
    assert re.search(r"Bodies(&nbsp;|\xa0)<b>1</b>", only)
    assert f'href="/b/{body.slug}"' in only
    any_of_them = SearchQuery(words="testing or overdose or regional")
    found = names.find_names(session, any_of_them, {"plan": texts.FEW})["plan"]
    assert found.count == len(found.items) == 3, "each once"
    first = names.find_names(session, any_of_them, {"plan": 1, "body": 1})
    assert (first["plan"].count, len(first["plan"].items), first["body"].count) == (3, 1, 0)


@pytest.mark.parametrize("language", ["fr", "es", "ar"])
def test_the_kind_of_a_name_is_said_in_the_language_of_the_reader(
    session: Session, client: FlaskClient, language: str
) -> None:
    body = make_body(session, name="Ministry of Public Health", code="MPH")
    session.commit()
    page = client.get(f"/search?q=MPH&lang={language}").text
    assert f'href="/b/{body.slug}"' in page
    assert "Bodies" not in page


@pytest.mark.parametrize(("what", "listed"), [("plan", "/plans"), ("body", "/bodies"), ("case_study", "/evidence")])
def test_without_words_nothing_is_said_not_to_match(client: FlaskClient, what: str, listed: str) -> None:
    page = client.get(f"/search?what={what}").text
    assert "No published text matches" not in page
    assert f'href="{listed}' in page.partition("What are you looking for?")[2]


def test_the_list_of_bodies_is_one_press_from_the_first_pages(client: FlaskClient) -> None:
    for page in ("/", "/how", "/help", "/plans"):
        assert 'href="/bodies"' in client.get(page).text, page
