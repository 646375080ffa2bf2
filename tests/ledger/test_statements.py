"""Seals of public rows: written in the transaction that changes them, in whatever way it does."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from consult.bodies.model import BodyMember, BodyRole
from consult.core.clock import now
from consult.core.crypto import commitment, pseudonym
from consult.core.db import db
from consult.ledger import chain
from consult.ledger import seals as row_seals
from consult.ledger.model import Kind, LedgerEntry, StatementChange, StatementSeal
from consult.taxonomy.model import Scheme
from tests import factories, filing
from tests.audit.test_seals import check_seals
from tests.bodies.working import make_body

GOLDEN = Path(__file__).with_name("golden.jsonl")


def list_entries(session: Session) -> list[LedgerEntry]:
    return list(
        session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.STATEMENTS_SEALED).order_by(LedgerEntry.id))
    )


def count_seals(entry: LedgerEntry, part: str) -> dict[str, int]:
    return {name: len(found) for name, found in entry.detail.get(part, {}).items()}


def scheme(session: Session, name: str = "treaties") -> Scheme:
    row = Scheme(uri=f"https://example.org/{name}", notation=name, labels={"en": name}, position=1)
    session.add(row)
    session.commit()
    return row


def tick(session: Session) -> None:
    """Do what the scheduler does each minute with statements."""
    while row_seals.seal_waiting(session):
        session.commit()
    row_seals.delete_left_changes(session)
    session.commit()


def test_a_row_is_sealed_with_the_transaction_that_makes_it(session: Session) -> None:
    row = scheme(session)
    (entry,) = list_entries(session)
    assert count_seals(entry, "begun") == {"scheme": 1}
    assert "ended" not in entry.detail
    assert entry.commitment == sha256(json.dumps(entry.detail, sort_keys=True, separators=(",", ":")).encode()).digest()
    filing.numbered(session)
    document = row_seals.load_documents(session, "scheme", [str(row.id)])[str(row.id)]
    assert sha256(document.json).hexdigest() in entry.detail["begun"]["scheme"]
    assert json.loads(document.json)["values"] == {
        "id": str(row.id), "uri": row.uri, "notation": "treaties", "labels": '{"en": "treaties"}', "position": "1",
    }  # fmt: skip
    assert document.entry == entry.number


def test_a_change_ends_a_seal_and_begins_another_and_destroys_the_salt(session: Session) -> None:
    row = scheme(session)
    row.position = 2
    session.commit()
    first, second = list_entries(session)
    assert second.detail["ended"] == first.detail["begun"]
    old, new = session.scalars(select(StatementSeal).order_by(StatementSeal.id))
    assert (old.salt, old.ended_id) == (None, second.id)
    assert new.salt
    assert new.entry_id == second.id
    row.position = 2
    session.execute(text("UPDATE scheme SET position = position"))
    session.commit()
    assert len(list_entries(session)) == 2, "what is public has not changed"


def test_statements_in_bulk_and_deletions_are_sealed_too(session: Session) -> None:
    scheme(session), scheme(session, "groups")
    session.execute(update(Scheme).values(position=5))
    session.commit()
    session.execute(text("DELETE FROM scheme"))
    session.commit()
    *_made, changed, gone = list_entries(session)
    assert count_seals(changed, "begun") == count_seals(changed, "ended") == {"scheme": 2}
    assert (count_seals(gone, "begun"), count_seals(gone, "ended")) == ({}, {"scheme": 2})
    assert check_seals(session) == []


def test_what_is_rolled_back_leaves_nothing(session: Session) -> None:
    with session.begin_nested() as inner:
        session.add(Scheme(uri="https://example.org/x", notation="x", labels={}, position=1))
        session.flush()
        inner.rollback()
    session.commit()
    assert list_entries(session) == []
    assert session.scalars(select(StatementChange)).all() == []


def test_a_thousand_rows_are_one_entry(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_seals, "PART", 10)
    session.add_all(Scheme(uri=f"https://example.org/{n}", notation=f"s{n}", labels={}, position=n) for n in range(25))
    session.commit()
    assert [count_seals(entry, "begun")["scheme"] for entry in list_entries(session)] == [10, 10, 5]


def test_people_are_sealed_as_pseudonyms_and_sealed_anew_when_they_go(session: Session) -> None:
    body, account = make_body(session), factories.account(session)
    member = BodyMember(body_id=body.id, account_id=account.id, role=BodyRole.LEAD, since=now())
    session.add(member)
    session.commit()
    key = str(member.id)
    document = json.loads(row_seals.load_documents(session, "body_member", [key])[key].json)
    assert document["values"]["account_id"] == pseudonym("account", account.id)
    session.delete(member)
    session.commit()
    assert row_seals.load_documents(session, "body_member", [key]) == {}
    assert check_seals(session) == []


def test_a_change_that_is_typed_into_the_database_is_found(session: Session) -> None:
    about = f"Row {scheme(session).id} of scheme"
    session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE scheme SET position = 9"))
    assert [found.code for found in check_seals(session)] == ["seal"]
    tick(session)
    assert session.scalars(select(StatementChange)).all() == []
    assert [(one.code, one.about) for one in check_seals(session)] == [("seal", about)]


ALTERED = {
    "of something private": update(Scheme).values(position=Scheme.position),
    "of something public": update(Scheme).values(labels={"en": "Treaties"}),
    "of the altered column": update(Scheme).values(position=3),
    "of many rows": text('UPDATE scheme SET labels = labels || \'{"fr": "x"}\''),
    "of the key": update(Scheme).where(Scheme.notation == "treaties").values(id=Scheme.id + 1_000_000),
    "that deletes it": delete(Scheme).where(Scheme.notation == "treaties"),
    "that makes it anew": text(
        "WITH gone AS (DELETE FROM scheme WHERE notation = 'treaties' RETURNING id, uri) "
        "INSERT INTO scheme (id, uri, notation, labels, position) SELECT id, uri || '#', 't', '{}', 9 FROM gone"
    ),
}


@pytest.mark.parametrize("later", ALTERED.values(), ids=list(ALTERED))
@pytest.mark.parametrize("triggers", ["origin", "replica"])
def test_a_later_change_by_consult_does_not_seal_what_was_altered(session: Session, later: Any, triggers: str) -> None:
    row, other = scheme(session), scheme(session, "groups")
    altered, beside = (f"Row {one.id} of scheme" for one in (row, other))
    session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text(f"SET LOCAL session_replication_role = {triggers}"))
        connection.execute(text("UPDATE scheme SET position = 9 WHERE notation = 'treaties'"))
    for _time in range(2):
        session.execute(later)
        session.commit()
        tick(session)
    found = check_seals(session)
    assert altered in {one.about for one in found}
    assert beside not in {one.about for one in found}


def test_a_row_that_waits_after_an_upgrade_is_sealed_as_it_is_then(session: Session) -> None:
    row = scheme(session)
    session.execute(text("UPDATE scheme SET position = 9"))
    session.execute(text("UPDATE statement_change SET tx = NULL"))  # as migrations note what they change
    session.commit()
    row.labels = {"en": "Treaties"}
    session.commit()
    assert check_seals(session) == []
    tick(session)
    assert check_seals(session) == []


def test_a_row_that_is_put_back_with_its_old_seal_and_salt_is_found(session: Session) -> None:
    row = scheme(session)
    salt = session.scalars(select(StatementSeal.salt)).one()
    row.position = 2
    session.commit()
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE scheme SET position = 1"))
    session.execute(text("DELETE FROM statement_seal WHERE ended_id IS NULL"))
    session.execute(text("UPDATE statement_seal SET ended_id = NULL, salt = :salt"), {"salt": salt})
    assert [found.code for found in check_seals(session)] == ["entry_seals"]
    session.rollback()


def wait(session: Session) -> None:
    """As an upgrade leaves them: rows that are there, and no seals."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(delete(StatementSeal))
    session.execute(delete(LedgerEntry).where(LedgerEntry.kind == Kind.STATEMENTS_SEALED))
    session.execute(text("INSERT INTO statement_change (statement, row) SELECT 'scheme', id::text FROM scheme"))
    session.commit()


def test_rows_of_before_an_upgrade_are_sealed_by_the_clock(session: Session) -> None:
    scheme(session), scheme(session, "groups")
    wait(session)
    assert row_seals.count_waiting(session) == 2
    assert row_seals.get_first_day(session) is None
    assert check_seals(session) == [], "they wait"
    tick(session)
    assert row_seals.count_waiting(session) == 0
    assert row_seals.get_first_day(session) is not None
    (entry,) = list_entries(session)
    assert (count_seals(entry, "begun"), entry.detail["first"]) == ({"scheme": 2}, True)
    assert check_seals(session) == []
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE scheme SET labels = '{}'"))
    assert [found.code for found in check_seals(session)] == ["seal", "seal"]


def test_what_the_release_before_changes_while_rows_wait_waits_too(session: Session) -> None:
    row = scheme(session)
    wait(session)
    row.position = 3
    session.commit()  # sealed with its transaction
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE scheme SET position = 4"))
    tick(session)
    assert check_seals(session) == []


def test_entries_and_commitments_of_before_keep_their_bytes() -> None:
    head = chain.START
    for line in map(json.loads, GOLDEN.read_text().splitlines()):
        if "content" in line:
            made = commitment(bytes.fromhex(line["salt"]), line["content"].encode())
            assert made.hex() == line["commitment"]
            continue
        entry = read_entry(json.loads(line["entry"]))
        assert chain.entry_bytes(entry).decode() == line["entry"]
        head = chain.extend(head, entry)
        assert head.hex() == line["head"]
    assert head != chain.START


def read_entry(values: dict[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(
        number=values["number"],
        at=datetime.fromisoformat(values["at"]),
        kind=values["kind"],
        consultation_id=values["consultation"],
        subject_id=values["subject"],
        actor=values["actor"],
        commitment=bytes.fromhex(values["commitment"]) if values["commitment"] else None,
        reason=values["reason"],
        detail=values["detail"],
    )
