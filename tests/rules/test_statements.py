"""Every table says which of its columns are public, and triggers note its changes; see docs/decisions/0085."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from consult.audit import service
from consult.core.db import Base
from consult.ledger import statements
from consult.ledger.statements import DeclarationError, PublicTable
from consult.taxonomy.model import Scheme

PRIVATE = Path(__file__).with_name("private_tables.csv")
TRIGGERS = text(
    "SELECT relname, tgname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "JOIN pg_proc p ON p.oid = t.tgfoid WHERE p.proname = 'note_statement'"
)


@pytest.mark.usefixtures("application")
def test_each_table_is_declared_in_a_room_or_private_for_a_reason() -> None:
    declared = {statement.name for statement in statements.list_declared()}
    with PRIVATE.open() as file:
        private = {row["table"]: row["why"] for row in csv.DictReader(file)}
    assert set(Base.metadata.tables) - declared - private.keys() == set(), "declare it in its room.py"
    assert declared & private.keys() == set()
    assert private.keys() - set(Base.metadata.tables) == set()
    assert all(private.values())


def test_triggers_note_the_changes_of_each_sealed_table(application: Flask, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        found = {(table, name): definition for table, name, definition in connection.execute(TRIGGERS)}
    engine.dispose()
    sealed = {statement.name: statement for statement in statements.list_sealed()}
    names = ("note_insert", "note_update", "note_delete")
    assert found.keys() == {(table, name) for table in sealed for name in names}
    for (table, name), definition in found.items():
        key, statement = "'{}'".format(sealed[table].key_sql.replace("'", "''")), sealed[table]
        if name == "note_insert":
            assert definition.endswith(f"({key})")
            continue
        rows, begin = definition.partition("note_statement(")[::2]
        assert "OLD TABLE AS former" in rows, "like migrations/versions/20261201o_former_values.py"
        left_out = re.fullmatch(re.escape(key) + r", '\{([a-z0-9_,]*)\}'\)", begin)
        assert left_out
        assert set(left_out[1].split(",")) <= {*statement.private.split(), *statement.derived.split(), ""}, table


@pytest.mark.usefixtures("application")
def test_what_is_derived_is_made_again_by_a_check_of_the_audit() -> None:
    checks = {check.name for check in service.CHECKS}
    assert {statement.check for statement in statements.list_declared() if statement.derived} <= checks


@pytest.fixture
def undeclared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "_declared", {})


@pytest.mark.usefixtures("undeclared")
@pytest.mark.parametrize(
    ("columns", "wrong"),
    [
        ({"public": "id uri notation labels"}, "position"),
        ({"public": "id uri notation labels position", "private": "uri"}, "uri"),
        ({"public": "id uri notation labels position colour"}, "colour"),
        ({"public": "uri notation labels position", "private": "id"}, "the primary key"),
        ({"public": "id uri notation labels", "derived": "position"}, "need the check"),
    ],
)
def test_a_column_is_in_one_class(columns: dict[str, Any], wrong: str) -> None:
    with pytest.raises(DeclarationError, match=wrong):
        PublicTable(Scheme, **columns)
    PublicTable(Scheme, public="id uri notation labels", private="position")
    with pytest.raises(DeclarationError, match="twice"):
        PublicTable(Scheme, public="id uri notation labels", private="position")
