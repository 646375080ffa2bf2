"""A pack is taken in once, changed by its next edition, and never loses what is in use."""

from __future__ import annotations

from dataclasses import replace

from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.cli.taxonomy import taxonomy
from consult.taxonomy import queries, service
from consult.taxonomy.pack import Concept, Vocabulary

HEALTH = Concept("urn:x:r:health", "health", {"en": "Right to health", "ar": "الحق في الصحة"}, source="A convention")
CARE = Concept("urn:x:r:care", "care", {"en": "Care"}, {"en": ["Treatment"]}, broader=HEALTH.uri)
RIGHTS = Vocabulary("urn:x:r", "x-rights", {"en": "Rights", "ar": "الحقوق"}, [HEALTH, CARE])


def test_taking_a_pack_in_twice_changes_nothing(session: Session) -> None:
    assert service.load(session, [RIGHTS]) == service.Loaded(added=2)
    assert service.load(session, [RIGHTS]) == service.Loaded()
    assert service.vocabularies(session, "x-rights") == [RIGHTS]


def test_the_next_edition_changes_what_changed_and_retires_what_is_gone(session: Session) -> None:
    service.load(session, [RIGHTS])
    later = replace(RIGHTS, concepts=[replace(HEALTH, labels={"en": "Health"})])
    assert service.load(session, [later]) == service.Loaded(changed=1, retired=1)
    assert [term.notation for term in queries.terms(session)] == ["health"]
    assert queries.term(session, "x-rights", "care").retired
    assert service.load(session, [RIGHTS]) == service.Loaded(changed=2)


def test_a_term_answers_for_those_below_it(session: Session) -> None:
    service.load(session, [RIGHTS])
    terms = queries.terms(session)
    [branch] = queries.tree(terms)
    assert [below.term.notation for below in branch.below] == ["care"]
    assert queries.with_narrower(terms)[branch.term.id] == {term.id for term in terms}


def test_vocabularies_are_pages_in_the_readers_language_and_data_for_programs(
    session: Session, client: FlaskClient
) -> None:
    service.load(session, [RIGHTS])
    assert "الحقوق" in client.get("/taxonomy?lang=ar").text
    page = client.get("/taxonomy/x-rights?lang=ar").text
    assert "الحق في الصحة" in page
    assert "Care" in page
    linked = client.get("/taxonomy/x-rights.jsonld")
    assert linked.mimetype == "application/ld+json"
    assert linked.json["@graph"][2]["broader"] == HEALTH.uri
    assert client.get("/taxonomy/none").status_code == 404


def test_the_operator_takes_packs_in_and_gives_them_out(app: Flask, settings: object, monkeypatch: object) -> None:
    monkeypatch.setattr("consult.cli.taxonomy.application", lambda: app)  # type: ignore[attr-defined]
    run = CliRunner().invoke
    assert "terms added" in run(taxonomy, ["import", "drug-policy"]).output
    assert "0 terms added, 0 changed" in run(taxonomy, ["import", "drug-policy"]).output
    assert "Right to a fair trial" in run(taxonomy, ["export", "rights"]).output
    failed = run(taxonomy, ["import", "no-such-pack"])
    assert failed.exit_code == 1
    assert "no-such-pack" in failed.output
