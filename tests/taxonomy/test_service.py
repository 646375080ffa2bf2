"""A pack is taken in once, changed by its next edition, and never loses what is in use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.cli.taxonomy import taxonomy
from consult.core.db import db
from consult.taxonomy import queries, service
from consult.taxonomy.model import Term
from consult.taxonomy.pack import Concept, Vocabulary
from tests.counting import statements

HEALTH = Concept("urn:x:r:health", "health", {"en": "Right to health", "ar": "الحق في الصحة"}, source="A convention")
CARE = Concept("urn:x:r:care", "care", {"en": "Care"}, {"en": ["Treatment"]}, broader=HEALTH.uri)
RIGHTS = Vocabulary("urn:x:r", "x-rights", {"en": "Rights", "ar": "الحقوق"}, [HEALTH, CARE])


def test_taking_a_pack_in_twice_changes_nothing(session: Session) -> None:
    assert service.load_pack(session, [RIGHTS]) == service.PackChanges(added=2, schemes=1)
    assert service.load_pack(session, [RIGHTS]) == service.PackChanges()
    assert service.export_vocabularies(session, "x-rights") == [RIGHTS]


def test_the_next_edition_changes_what_changed_and_retires_what_is_gone(session: Session) -> None:
    service.load_pack(session, [RIGHTS])
    later = replace(RIGHTS, concepts=[replace(HEALTH, labels={"en": "Health"})])
    assert service.load_pack(session, [later]) == service.PackChanges(changed=1, retired=1)
    assert [term.notation for term in queries.list_terms(session)] == ["health"]
    assert queries.get_term(session, "x-rights", "care").retired
    assert service.load_pack(session, [RIGHTS]) == service.PackChanges(changed=2)


def test_a_term_answers_for_those_below_it(session: Session) -> None:
    service.load_pack(session, [RIGHTS])
    terms = queries.list_terms(session)
    [branch] = queries.build_tree(terms)
    assert [below.term.notation for below in branch.below] == ["care"]
    assert queries.map_narrower(terms)[branch.term.id] == {term.id for term in terms}


def test_vocabularies_are_pages_in_the_readers_language_and_data_for_programs(
    session: Session, client: FlaskClient
) -> None:
    service.load_pack(session, [RIGHTS])
    assert "الحقوق" in client.get("/taxonomy?lang=ar").text
    page = client.get("/taxonomy/x-rights?lang=ar").text
    assert "الحق في الصحة" in page
    assert "Care" in page
    linked = client.get("/taxonomy/x-rights.jsonld")
    assert linked.mimetype == "application/ld+json"
    assert linked.json["@graph"][2]["broader"] == HEALTH.uri
    assert client.get("/taxonomy/none").status_code == 404


def test_the_operator_takes_packs_in_and_gives_them_out(
    app: Flask, settings: object, monkeypatch: object, tmp_path: Path
) -> None:
    monkeypatch.setattr("consult.cli.taxonomy.application", lambda: app)  # type: ignore[attr-defined]
    run = CliRunner().invoke
    assert "topics added" in run(taxonomy, ["import", "drug-policy"]).output
    first = run(taxonomy, ["export"]).output
    rows = select(Term.__table__).order_by(Term.id)
    with app.app_context():
        before = db.session.execute(rows).all()
    with statements() as seen:
        again = run(taxonomy, ["import", "drug-policy"]).output
    assert again == "0 topics added, 0 changed, 0 retired. Nothing to change.\n"
    assert [one for one in seen if not one.lstrip().startswith("SELECT")] == []
    (tmp_path / "again.ttl").write_text(first)
    assert "Nothing to change" in run(taxonomy, ["import", str(tmp_path / "again.ttl")]).output
    with app.app_context():
        assert db.session.execute(rows).all() == before
    assert run(taxonomy, ["export"]).output == first
    assert "Right to a fair trial" in run(taxonomy, ["export", "rights"]).output
    failed = run(taxonomy, ["import", "no-such-pack"])
    assert failed.exit_code == 1
    assert "no-such-pack" in failed.output
