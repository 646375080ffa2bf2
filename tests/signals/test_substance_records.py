"""Records of substances: checked values, the log, the table, names matched once, page, search and API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.organisations import service as organisations
from consult.cli.imports.substances import PACKAGED
from consult.core.errors import Conflict
from consult.core.web.access import Role
from consult.ledger.model import Kind, LedgerEntry
from consult.signals.sample_model import SampleFinding
from consult.signals.samples import service as samples
from consult.signals.samples.table import read_table
from consult.signals.substances import matches, records
from consult.signals.substances.record_table import read_records
from consult.signals.substances.values import (
    RecordProblem,
    SubstanceControl,
    SubstanceStrip,
    SubstanceValues,
    find_problems,
    is_cas,
)
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos
from consult.taxonomy.model import Term
from tests import factories
from tests.signals.working import seated

SignIn = Callable[[Any], FlaskClient]
FULL = SubstanceValues(
    cas="95958-84-2",
    inchikey="SJHUJFHOXYDSJY-UHFFFAOYSA-N",
    names=("Proto-X",),
    controls=(SubstanceControl("1961", "Schedule I", "2023-03", "CND, 66th session"),),
    strips=(SubstanceStrip("fentanyl", "no", "A study"),),
    source="A list",
)


@pytest.fixture(autouse=True)
def vocabulary(session: Session) -> None:
    taxonomy.load_pack(session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
    session.commit()


def protonitazene(session: Session) -> Term:
    return session.scalars(select(Term).where(Term.notation == "protonitazene")).one()


def saved(session: Session) -> Term:
    term = protonitazene(session)
    records.save_record(session, term, FULL, by=seated(session), reason="First entry.", revision=0)
    session.commit()
    return term


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cas": "95958-84-3"}, ("cas", RecordProblem.CAS)),
        ({"inchikey": "SJHUJFHOXYDSJY"}, ("inchikey", RecordProblem.INCHIKEY)),
        ({"unii": "short"}, ("unii", RecordProblem.UNII)),
        ({"source": ""}, ("source", RecordProblem.SOURCE)),
        ({"controls": (SubstanceControl("1961", "", "", "x"),)}, ("control_0_schedule", RecordProblem.SCHEDULE)),
        ({"controls": (SubstanceControl("1961", "I", "March", "x"),)}, ("control_0_since", RecordProblem.SINCE)),
        ({"controls": (SubstanceControl("national", "I", "", "x"),)}, ("control_0_country", RecordProblem.COUNTRY)),
        ({"controls": (SubstanceControl("1961", "I", "", "x", "EC"),)}, ("control_0_country", RecordProblem.COUNTRY)),
        ({"strips": (SubstanceStrip("fentanyl", "no"),)}, ("strip_0_source", RecordProblem.SOURCE)),
        ({"strips": (SubstanceStrip("fentanyl", "perhaps", "x"),)}, ("strip_0_strip", RecordProblem.STRIP)),
    ],
)
def test_a_wrong_value_is_named_at_its_field(change: dict[str, Any], problem: tuple[str, RecordProblem]) -> None:
    assert find_problems(FULL) == []
    assert find_problems(replace(FULL, **change)) == [problem]


def test_an_edit_is_logged_with_its_fields_and_only_if_something_changed(session: Session) -> None:
    term = saved(session)
    by = seated(session)
    assert not records.save_record(session, term, FULL, by=by, reason="", revision=1)
    assert records.save_record(session, term, replace(FULL, unii="ABCDEFGH12"), by=by, reason="UNII.", revision=1)
    edits = records.list_edits(session, term.id)
    assert [(edit.before, edit.after) for edit in edits[:1]] == [({"unii": ""}, {"unii": "ABCDEFGH12"})]
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.SUBSTANCE_CHANGED)).all()
    assert [entry.reason for entry in entries] == ["First entry.", "UNII."]
    with pytest.raises(Conflict):
        records.save_record(session, term, FULL, by=by, reason="Old page.", revision=1)


def test_the_page_shows_control_strips_and_identifiers_and_says_what_nobody_entered(
    session: Session, client: FlaskClient
) -> None:
    saved(session)
    page = client.get("/substances/protonitazene").text
    texts = ("95958-84-2", "SJHUJFHOXYDSJY", "1961 Convention", "Schedule I", "2023-03", "Proto-X", "First entry.")
    for words in texts:
        assert words in page
    assert "Does not show the substance" in page
    assert "Do not rely on a strip" not in page
    assert "Do not rely on a strip" in client.get("/substances/metonitazene").text
    assert client.get("/substances/nothing").status_code == 404


def test_the_list_finds_substances_by_similar_names_and_families(session: Session, client: FlaskClient) -> None:
    saved(session)
    assert "/substances/protonitazene" in client.get("/substances").text
    page = client.get("/substances?q=protonitazen").text
    assert "/substances/protonitazene" in page
    assert "/substances/cocaine" not in page
    assert "/substances/protonitazene" in client.get("/substances?q=opioids").text


@pytest.mark.parametrize("words", ["protonitazene", "protonitaceno", "95958-84-2", "Proto-X"])
def test_search_finds_a_substance_by_name_and_number(session: Session, client: FlaskClient, words: str) -> None:
    saved(session)
    assert "/substances/protonitazene" in client.get("/search", query_string={"q": words}).text


def test_programs_read_the_same_record(session: Session, client: FlaskClient) -> None:
    saved(session)
    row = client.get("/api/v1/substances/protonitazene").get_json()
    assert row["cas"] == FULL.cas
    assert row["controls"][0]["since"] == "2023-03"
    listed = client.get("/api/v1/substances").get_json()
    assert row in listed
    assert next(each for each in listed if each["id"] == "cocaine")["edited_on"] is None


def test_assessors_edit_and_a_wrong_number_keeps_what_was_typed(session: Session, sign_in: SignIn) -> None:
    term = saved(session)
    other = sign_in(factories.account(session, Role.MODERATOR))
    assert other.get("/review/substances/protonitazene").status_code == 403
    client = sign_in(seated(session))
    assert 'value="95958-84-2"' in client.get("/review/substances/protonitazene").text
    empty = dict.fromkeys(("control_0_law", "strip_0_strip", "strip_0_shows"), "")
    typed = {"cas": "1-2-3", "source": "A list", "reason": "Check.", "revision": "1", **empty}
    answer = client.post("/review/substances/protonitazene", data=typed)
    assert answer.status_code == 422
    assert 'value="1-2-3"' in answer.text
    assert "last digit does not fit" in answer.text
    assert client.post("/review/substances/protonitazene", data=typed | {"cas": "437-38-7"}).status_code == 303
    session.expire_all()
    record = records.get_record(session, term.id)
    assert record is not None
    assert record.cas == "437-38-7"


def test_the_records_that_come_with_the_software_are_right_and_name_their_sources(session: Session) -> None:
    table = read_records(PACKAGED.read_bytes(), matches.load_index(session))
    assert table.left_out == []
    assert len(table.records) == 17
    assert all(is_cas(values.cas) and values.source for values in table.records.values())
    assert all(row.source for values in table.records.values() for row in (*values.controls, *values.strips))


def test_a_table_joins_the_rows_of_a_name_and_leaves_out_what_it_cannot_read(session: Session) -> None:
    data = (
        b"name,cas,source,law,schedule,since,law_source,strip,shows,strip_source\n"
        b"Protonitazene,95958-84-2,List,1961,Schedule I,2023-03,CND,fentanyl,no,Study\n"
        b"protonitazene,,,national,I,,,,,\n"
        b"Nobodysknown,,,,,,,,,\n"
        b"Cocaine,50-36-3,List,,,,,,,\n"
    )
    table = read_records(data, matches.load_index(session))
    assert table.records == {}
    assert table.left_out == [(2, "country"), (3, "country"), (4, "name"), (5, "cas")]
    table = read_records(data.replace(b"protonitazene,,,national,I,,,,,\n", b""), matches.load_index(session))
    assert list(table.records) == [protonitazene(session).id]


def test_a_name_matched_once_is_known_in_findings_and_in_later_tables(session: Session, sign_in: SignIn) -> None:
    account, organisation = factories.account(session), factories.organisation(session)
    organisations.add_member(session, organisation_id=organisation.id, account_id=account.id)
    data = b"Date,Region,Found\n2026-11-02,EC-E,Qwertazol\n2026-11-03,EC-E,qwertazol\n"
    batch = samples.keep(
        session, organisation.id, read_table(data, "EC-E").samples, by=account, file_name="a.csv", data=data
    )
    assert batch
    term, by = protonitazene(session), seated(session)
    session.commit()
    client = sign_in(by)
    assert "Qwertazol" in client.get("/review/substances").text
    sent = {"words": "Qwertazol", "substance": str(term.id)}
    assert client.post("/review/substances", data=sent | {"substance": ""}).status_code == 422
    assert client.post("/review/substances", data=sent).status_code == 303
    session.expire_all()
    assert set(session.scalars(select(SampleFinding.term_id))) == {term.id}
    assert matches.load_index(session).match("QWERTAZOL").certain == (term.id,)
    assert "Qwertazol" in client.get("/substances/protonitazene").text
    assert "1 to 4" in client.get("/substances/protonitazene").text, "these results are not public"
