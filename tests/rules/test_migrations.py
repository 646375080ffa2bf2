"""The models and the migrations say the same; each migration goes up and down with rows, and holds nobody up."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path
from textwrap import dedent

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.orm import Session

from consult.cli.database import VERSIONS, MigrationRefused, downgrade, lock_migrations, migrate
from consult.cli.sample import loader
from consult.core.clock import now
from consult.core.db import Base
from consult.core.text import fingerprint
from consult.submissions.comments import queries as comments_queries
from tests import factories, filing

BASELINE = "20261128"
MIGRATIONS = sorted(path for path in VERSIONS.glob("*.py") if not path.name.startswith(f"{BASELINE}_baseline"))
DROPS = {"drop_table", "drop_column", "rename_table"}


def test_migrations_make_exactly_the_models(application: Flask, database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    engine.dispose()
    assert difference == []


def test_migrations_go_down_to_nothing_and_up_again(empty_database: str) -> None:
    migrate(empty_database)
    made = shape(empty_database)
    migrate(empty_database, "base")
    assert shape(empty_database) <= {("r", "alembic_version")}
    migrate(empty_database)
    assert shape(empty_database) == made
    assert ("r", "submission") in made


def tables_made_since() -> set[str]:
    """Names of the tables that migrations after the baseline make: their rows go with them."""
    calls = [
        node for path in MIGRATIONS for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
    ]
    made = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "create_table"]
    return {call.args[0].value for call in made if isinstance(call.args[0], ast.Constant)}


def shape(url: str) -> set[tuple[str, str]]:
    """Tables, views, indexes and functions of a database."""
    engine = create_engine(url)
    with engine.connect() as connection:
        relations = text(
            "SELECT relkind::text, relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relname <> 'alembic_version_pkc' UNION ALL "
            "SELECT 'f', proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        )
        found = {(kind, name) for kind, name in connection.execute(relations)}
    engine.dispose()
    return found


def test_tables_that_a_burst_goes_to_are_cleaned_and_looked_at_early(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        asked = text(
            "SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'public'::regnamespace "
            "AND relname IN ('ledger', 'submission', 'comment')"
        )
        options = {name: set(found or ()) for name, found in connection.execute(asked)}
    engine.dispose()
    assert all("autovacuum_analyze_scale_factor=0.02" in found for found in options.values())
    assert {"autovacuum_vacuum_scale_factor=0.01", "vacuum_index_cleanup=on"} <= options["ledger"]


# With rows


LATER = """
from alembic import op
import sqlalchemy as sa

revision, down_revision, branch_labels, depends_on = "20991231", {head!r}, None, None


def upgrade():
    op.add_column("submission", sa.Column("sector", sa.Text(), nullable=True))
    with op.get_context().autocommit_block():
        op.create_index("ix_submission_sector", "submission", ["sector"], postgresql_concurrently=True)


def downgrade():
    with op.get_context().autocommit_block():
        op.drop_index("ix_submission_sector", "submission", postgresql_concurrently=True)
    op.drop_column("submission", "sector")
"""


RECOUNTED = {"tally", "analysis_rehashed"}
"""Running counts, which are sums of deltas, and what is to be counted anew: a migration may add to both."""


@pytest.fixture
def with_rows(application: Flask, empty_database: str) -> str:
    """A database of its own with the sample in it."""
    migrate(empty_database)
    engine = create_engine(empty_database)
    comments_queries._trees.clear()  # a process knows the versions of one database, and its tests have used another
    with application.app_context(), Session(engine) as session:
        loader.load(session, now=now())
        session.commit()
    comments_queries._trees.clear()
    engine.dispose()
    return empty_database


def count_rows(url: str) -> dict[str, int]:
    """Of each table with rows: one that a migration has made and nobody has used goes with it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        counts = {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in tables}
    engine.dispose()
    return {name: count for name, count in counts.items() if count}


def test_every_migration_goes_down_and_up_with_rows_and_loses_none(with_rows: str, tmp_path: Path) -> None:
    before = count_rows(with_rows)
    assert before["submission"] > 50
    assert before["ledger"] > 100
    head = str(migrate(with_rows))
    (tmp_path / "20991231_add_sector.py").write_text(LATER.format(head=head))
    folders = (VERSIONS, tmp_path)
    assert migrate(with_rows, versions=folders) == "20991231"
    assert downgrade(with_rows, BASELINE, versions=folders) == BASELINE
    there = count_rows(with_rows)
    assert there == {name: n for name, n in before.items() if name in there and name not in RECOUNTED} | {
        name: there[name] for name in RECOUNTED & there.keys()
    }
    assert before.keys() - there.keys() <= tables_made_since(), "a table of the baseline was dropped"
    assert migrate(with_rows, versions=folders) == "20991231"
    again = count_rows(with_rows)
    assert {name: n for name, n in again.items() if name in there and name not in RECOUNTED} == {
        name: n for name, n in there.items() if name not in RECOUNTED
    }
    assert again.keys() - there.keys() <= tables_made_since(), "a migration fills its own tables only"


def test_a_migration_gives_up_when_a_table_is_in_use_and_changes_nothing(empty_database: str, tmp_path: Path) -> None:
    head = str(migrate(empty_database))
    (tmp_path / "20991231_add_sector.py").write_text(LATER.format(head=head))
    engine = create_engine(empty_database)
    with engine.begin() as busy:
        busy.execute(text("LOCK TABLE submission IN ACCESS SHARE MODE"))
        with pytest.raises(MigrationRefused, match="Run `consult migrate` again"):
            migrate(empty_database, versions=(VERSIONS, tmp_path))
    with engine.connect() as connection:
        assert "sector" not in {column["name"] for column in inspect(connection).get_columns("submission")}
    engine.dispose()
    assert migrate(empty_database, versions=(VERSIONS, tmp_path)) == "20991231"


def test_a_migration_waits_for_a_table_and_keeps_what_came_before_it(empty_database: str, tmp_path: Path) -> None:
    head = str(migrate(empty_database))
    later, last = LATER.format(head=head), LATER.format(head="20991231").replace('"20991231",', '"20991232",')
    (tmp_path / "20991231_add_sector.py").write_text(later)
    (tmp_path / "20991232_add_notes.py").write_text(
        last.replace("submission", "site_text_of_test").replace("sector", "notes")
    )
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE site_text_of_test (id int)"))
    folders = (VERSIONS, tmp_path)
    with engine.begin() as busy:
        busy.execute(text("LOCK TABLE site_text_of_test IN ACCESS SHARE MODE"))
        with pytest.raises(MigrationRefused, match=f"kept .from {head}.: the database is at 20991231"):
            migrate(empty_database, versions=folders)
    with engine.connect() as busy, ThreadPoolExecutor(1) as beside:
        busy.execute(text("LOCK TABLE site_text_of_test IN ACCESS SHARE MODE"))
        migrating = beside.submit(migrate, empty_database, versions=folders, wait=60)
        while not busy.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")):
            assert not migrating.done()
        while busy.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")):
            assert not migrating.done()
        busy.rollback()  # only after one attempt has failed
        assert migrating.result() == "20991232"
    engine.dispose()


def test_who_holds_the_lock_of_migrations_keeps_no_snapshot_that_an_index_would_wait_for(empty_database: str) -> None:
    engine = create_engine(empty_database)
    asked = text(
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
    )
    with engine.connect() as other, lock_migrations(engine):
        assert other.scalar(asked) == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("place", "said"),
    [("0048", "from before the first release"), ("99991231", "from a later release")],
)
def test_a_database_that_this_release_does_not_know_stays_as_it_is(empty_database: str, place: str, said: str) -> None:
    migrate(empty_database)
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :place"), {"place": place})
    engine.dispose()
    with pytest.raises(MigrationRefused, match=said):
        migrate(empty_database)


# Expand, then contract


def find_violations(name: str, source: str) -> list[str]:
    """Return the steps of a migration that would block or break processes of the previous release."""
    found = []
    if not name[:8].isdigit():
        found.append("is not named by its day")
    tree = ast.parse(source)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if not {"upgrade", "downgrade"} <= set(functions):
        return [*found, "does not go up and down"]
    made = {created(call) for call in calls(functions["upgrade"], "create_table")}
    for call in calls(functions["upgrade"], "create_index"):
        if table_of(call) not in made and not any(word.arg == "postgresql_concurrently" for word in call.keywords):
            found.append(f"line {call.lineno}: an index on a table with rows is made without CONCURRENTLY")
    if "_contract_" not in name:
        for verb in DROPS:
            found += [
                f"line {call.lineno}: {verb} before the release that needs it is gone: name it <day>_contract_…"
                for call in calls(functions["upgrade"], verb)
            ]
    return found


def calls(function: ast.FunctionDef, name: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]


def created(call: ast.Call) -> object:
    return ast.literal_eval(call.args[0])


def table_of(call: ast.Call) -> object:
    return ast.literal_eval(call.args[1])


@pytest.mark.parametrize("path", MIGRATIONS or [None], ids=str)
def test_a_migration_expands_or_contracts_and_holds_nobody_up(path: Path | None) -> None:
    if path is not None:
        assert find_violations(path.name, path.read_text()) == []


def test_names_of_migrations_follow_their_order() -> None:
    """A process compares the name of the newest file with the revision in the database."""
    after = {}
    for path in MIGRATIONS:
        values = {
            target.id: ast.literal_eval(line.value)
            for line in ast.parse(path.read_text()).body
            if isinstance(line, ast.Assign)
            for target in line.targets
            if isinstance(target, ast.Name) and target.id in {"revision", "down_revision"}
        }
        after[values["down_revision"]] = values["revision"]
    chain = [BASELINE]
    while chain[-1] in after:
        chain.append(after[chain[-1]])
    assert len(chain) == len(MIGRATIONS) + 1
    assert chain == sorted(chain), "give the newest migration the last letter of its day"


def test_the_rule_for_migrations_finds_what_it_is_for() -> None:
    bad = dedent("""
        def upgrade():
            op.drop_column("submission", "country")
            op.create_index("ix_a", "submission", ["sector"])
            op.create_table("sector")
            op.create_index("ix_b", "sector", ["name"])


        def downgrade():
            pass
    """)
    assert [found.partition(":")[0] for found in find_violations("20270101_drop_country.py", bad)] == [
        "line 4",
        "line 3",
    ]
    assert len(find_violations("20270101_contract_country.py", bad)) == 1
    assert find_violations("0049_sector.py", "def upgrade(): ...")[:2] == [
        "is not named by its day",
        "does not go up and down",
    ]
    assert find_violations("20270101_add_sector.py", LATER.format(head=BASELINE)) == []


def test_texts_that_look_alikes_told_apart_are_hashed_anew(application: Flask, empty_database: str) -> None:
    migrate(empty_database)
    engine = create_engine(empty_database)
    old = blake2b("keep the \u0441linic in our valley open at night".encode(), digest_size=16).digest()
    with application.app_context(), Session(engine) as session:
        row = factories.consultation(session)
        sent = filing.file(session, row, "Keep the \u0441linic in our valley open at night", published=True)
        sound = filing.file(session, row, "Мы просим сохранить правило", published=True)
        number, other, kept = sent.id, sound.id, bytes(sound.text_hash)
        session.execute(text("UPDATE submission SET text_hash = :old WHERE id = :id"), {"old": old, "id": number})
        session.execute(text("INSERT INTO follower (name, consultation_id, upto) VALUES ('search', 0, 99)"))
        session.commit()
    downgrade(empty_database, BASELINE)
    migrate(empty_database)
    with engine.connect() as connection:
        hashes = {row.id: row.text_hash for row in connection.execute(text("SELECT id, text_hash FROM submission"))}
        assert bytes(hashes[number]) == fingerprint("Keep the clinic in our valley open at night")
        assert bytes(hashes[other]) == kept
        assert connection.scalars(text("SELECT submission_id FROM analysis_rehashed")).all() == [number]
        assert connection.scalar(text("SELECT upto FROM follower WHERE name = 'search'")) == 1
    engine.dispose()
