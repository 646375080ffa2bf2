"""The page of an alert, for a person who is frightened: first what to do and the call, then the rest."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.countries import list_countries
from consult.core.clock import now
from consult.core.i18n import LANGUAGES
from consult.signals import warnings
from consult.signals.advice import ambulances
from consult.signals.advice.steps import AdviceClass, find_class, load_advice
from consult.signals.model import Signal, SignalLevel, WarningKind
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos
from consult.taxonomy.model import Term
from tests.signals.working import TEXTS, opened, seated


def warned(session: Session, kind: WarningKind = WarningKind.WARNING, **parts: str) -> Signal:
    """A signal with a published text."""
    me, other = seated(session), seated(session)
    signal = opened(session, me, level=SignalLevel.ALERT)
    for each in dict.fromkeys((WarningKind.WARNING, kind)):
        texts = {
            "en": TEXTS["en"] | parts if each is WarningKind.WARNING else {**TEXTS["en"], "do": "It was caffeine."}
        }
        draft = warnings.write(session, signal, by=me, kind=each, texts=texts, language="en")
        warnings.publish(session, signal, by=other, written_at=draft.written_at)
    session.commit()
    return signal


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_the_call_comes_first_then_the_steps_of_the_class_then_those_of_the_issuer(
    session: Session, client: FlaskClient, lang: str
) -> None:
    page = client.get(f"/signals/{warned(session).slug}?lang={lang}").text
    main = page[page.index("<main") :]
    first_step = load_advice(AdviceClass.OTHER).list_steps(lang)[0]
    parts = ("<h1", 'href="tel:911"', first_step, "Carry naloxone", "Very slow breathing")
    places = [main.index(words) for words in parts]
    assert places == sorted(places)
    assert main.count("Carry naloxone") == 1


def test_each_line_of_the_issuer_is_a_step(session: Session, client: FlaskClient) -> None:
    signal = warned(session, do="Give naloxone.\nStay two hours.")
    page = client.get(f"/signals/{signal.slug}").text
    assert re.findall(r"<li><bdi lang=\"en\">([^<]+)</bdi></li>", page) == ["Give naloxone.", "Stay two hours."]


def test_an_alert_without_a_warning_has_the_call_and_the_steps(session: Session, client: FlaskClient) -> None:
    signal = opened(session, seated(session), level=SignalLevel.ALERT)
    session.commit()
    page = client.get(f"/signals/{signal.slug}").text
    assert 'href="tel:911"' in page
    assert load_advice(AdviceClass.OTHER).list_steps("en")[2] in page


@pytest.mark.parametrize(
    ("notation", "kind"),
    [("protonitazene", AdviceClass.OPIOID), ("benzodiazepines", AdviceClass.SEDATIVE), ("cocaine", AdviceClass.OTHER)],
)
def test_the_class_of_a_substance_is_that_of_its_family(session: Session, notation: str, kind: AdviceClass) -> None:
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    term = session.scalars(select(Term).where(Term.notation == notation)).one()
    assert find_class(session, term) is kind
    assert find_class(session, None) is AdviceClass.OTHER


@pytest.mark.parametrize("kind", AdviceClass)
def test_steps_are_in_every_language_with_a_source(kind: AdviceClass) -> None:
    advice = load_advice(kind)
    assert len(advice.steps) == 3
    assert all(set(step) == set(LANGUAGES) for step in advice.steps)
    assert advice.source_url.startswith("https://")


def test_a_number_on_which_the_sources_differ_is_not_shown(session: Session, client: FlaskClient) -> None:
    signal = opened(session, seated(session), level=SignalLevel.ALERT, country="PE", region="PE-LIM")
    session.commit()
    page = client.get(f"/signals/{signal.slug}").text
    assert 'href="tel:112"' in page
    assert "Android list" not in page


def test_every_ambulance_number_is_of_a_country_and_thirty_differ() -> None:
    with (Path(ambulances.__file__).parent / "ambulances.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len({row["country"] for row in rows}) == len(rows) == 219
    assert all(re.fullmatch(r"\d{2,10}", row["ambulance"]) for row in rows)
    assert sum(row["agreed"] == "no" for row in rows) == 30
    assert {row["country"] for row in rows} - {code for code, _name in list_countries("en")} <= {"XK", "IO"}


@pytest.mark.parametrize("nearest", ["", "PT"])
def test_emergencies_come_first_then_alerts_nearby(session: Session, client: FlaskClient, nearest: str) -> None:
    by = seated(session)
    old = now() - timedelta(days=3)
    made = {
        "far alert": opened(session, by, level=SignalLevel.ALERT, body="1"),
        "near watch": opened(session, by, country="PT", region="PT-13", body="2"),
        "near alert": opened(session, by, level=SignalLevel.ALERT, country="PT", region="PT-11", body="3"),
        "emergency": opened(session, by, level=SignalLevel.EMERGENCY, country="BR", region="BR-SP", body="4"),
    }
    for row in made.values():
        row.level_at = old if row is made["emergency"] or row is made["near alert"] else now()
    session.commit()
    page = client.get(f"/signals?country={nearest}").text
    order = sorted(made, key=lambda name: page.index(f'/signals/{made[name].slug}"'))
    if nearest:
        assert order[:2] == ["emergency", "near alert"]
        assert set(order[2:]) == {"far alert", "near watch"}
    else:
        assert order == ["emergency", "far alert", "near alert", "near watch"]


def test_a_retracted_alert_asks_nobody_to_call(session: Session, client: FlaskClient) -> None:
    page = client.get(f"/signals/{warned(session, WarningKind.RETRACTION).slug}").text
    assert "tel:" not in page
    assert "It was caffeine." in page


def test_a_shared_link_has_the_title_and_the_level(session: Session, client: FlaskClient) -> None:
    signal = warned(session)
    page = client.get(f"/signals/{signal.slug}").text
    assert re.search(r'<meta property="og:title" content="[^"]+">', page)
    assert re.search(r'<meta property="og:description" content="Alert: [^"]+Esmeraldas, Ecuador[^"]*">', page)
    assert f'/signals/{signal.slug}"' in page
