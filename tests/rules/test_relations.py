"""SQL in a package names its own tables and the relations that lower packages publish; statements are short."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.sql.elements import TextClause

from consult.core.database.relations import RELATIONS
from consult.core.database.sql_files import read_sql
from consult.core.db import Base

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "consult").rglob("*.py"))
SQL_FILES = sorted((ROOT / "consult").rglob("*.sql"))
for _module in MODULES:
    if _module.name == "relations.py" or "__tablename__" in _module.read_text():
        importlib.import_module(".".join(_module.relative_to(ROOT).with_suffix("").parts))

EXCEPTED = {
    "cli": "makes, fills, keeps and restores a whole database, and stands above all packages",
    "core/database/key_check.py": "tries the seal key on what is sealed; its list is compared with the models",
}
STATEMENT_LINES = 40
_SECRET = re.compile(r"(^|_)(salt|sealed|key|token|preview|password_hash|folder|commitment)$")
_VERB = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|FROM|JOIN|WITH|ANALYZE)\b")
_TOKEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|\{[^{}]*\}|[A-Za-z_][A-Za-z_0-9.]*|\"[^\"]+\"|[(),;]|\S")
_CTE = re.compile(
    r"(\w+)(?:\s*\([^()]*\))?\s+AS\s+(?:NOT\s+)?(?:MATERIALIZED\s*)?\(\s*(?:SELECT|INSERT|UPDATE|DELETE|VALUES)"
)
_READ = {"FROM", "JOIN", "USING", "TABLE"}
_WRITTEN = {"INTO", "UPDATE", "TRUNCATE", "ANALYZE"}
_LEAD = {"LATERAL", "ONLY", "AS", "TABLE"}


class Statement(NamedTuple):
    """A string of SQL, or of a part of a statement, as it stands in the source."""

    line: int
    lines: int
    sql: str


class Mention(NamedTuple):
    """A relation that a statement reads or writes."""

    name: str
    written: bool


def sql_strings(source: str) -> Iterator[Statement]:
    """Every string of a module that holds SQL, but docstrings; what is put into an f-string stands as `{…}`."""
    tree = ast.parse(source)
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    passed |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in passed or not isinstance(node, (ast.Constant, ast.JoinedStr)):
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        sql = "".join(str(part.value) if isinstance(part, ast.Constant) else "{…}" for part in parts)
        if _VERB.search(sql):
            yield Statement(node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1, sql)


@cache
def statements_of(path: Path) -> list[Statement]:
    source = path.read_text()
    return [Statement(1, 0, source)] if path.suffix == ".sql" else list(sql_strings(source))


@cache
def mentions(sql: str) -> set[Mention]:
    """The relations named after FROM, JOIN, USING, INTO, UPDATE and the like, without the statement's own CTEs."""
    tokens = [token for token in _TOKEN.findall(sql) if not token.startswith(("'", "--"))]
    found = {Mention(tokens[at], word in _WRITTEN) for word, at in _places(tokens)}
    if tokens and tokens[0].islower() and "JOIN" in tokens:
        found.add(Mention(tokens[0], False))  # a list of joins that is put behind FROM
    own = set(_CTE.findall(sql))
    return {mention for mention in found if mention.name not in own}


def _places(tokens: list[str]) -> Iterator[tuple[str, int]]:
    """Return the places of the names of relations, each with the word before the list that it is in."""
    for at, token in enumerate(tokens):
        if token not in _READ | _WRITTEN or (token == "FROM" and tokens[at - 1] == "DISTINCT"):
            continue
        word = "INTO" if token == "FROM" and tokens[at - 1] == "DELETE" else token
        at += 1
        while at < len(tokens):
            while at < len(tokens) and tokens[at] in _LEAD:
                at += 1
            if at < len(tokens) and tokens[at] != "(":
                yield word, at
            at = _end_of_item(tokens, at)
            if at >= len(tokens) or tokens[at] != ",":
                break
            at += 1


def _end_of_item(tokens: list[str], at: int) -> int:
    """Behind a relation or a subquery of a list, its alias and the names of its columns."""
    while at < len(tokens):
        if tokens[at] == "(":
            depth = 0
            while at < len(tokens):
                depth += (tokens[at] == "(") - (tokens[at] == ")")
                at += 1
                if depth == 0:
                    break
        elif tokens[at] == "AS" or not (tokens[at].isupper() or tokens[at] in ",;)"):
            at += 1
        else:
            break
    return at


def _package(module: str) -> str:
    return module.split(".")[1]


def _layers() -> dict[str, int]:
    """Return the height of each package, from the contract of the layers."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    rows = list(reversed(contract["layers"]))
    return {name.strip(): height for height, row in enumerate(rows) for name in row.split("|")}


LAYERS = _layers()
TABLES = {str(mapper.local_table): _package(mapper.class_.__module__) for mapper in Base.registry.mappers}
PUBLISHED = {relation.name: _package(relation.__module__) for relation in RELATIONS.values()}


def foreign(package: str, sql: str) -> list[str]:
    """Names in a statement that a package may not use: another's table, or a relation of no lower package."""
    refused = []
    for name, written in sorted(mentions(sql)):
        if name in TABLES:
            allowed = TABLES[name] == package
        elif name in PUBLISHED:
            allowed = not written and LAYERS[PUBLISHED[name]] < LAYERS[package]
        else:
            allowed = not name.startswith("readable_")
        if not allowed:
            refused.append(name)
    return refused


@pytest.mark.parametrize(
    ("package", "sql", "refused"),
    [
        ("submissions", "SELECT 1 FROM submission s JOIN comment c ON true", []),
        ("digests", "SELECT 1 FROM submission s, readable_comment c", ["submission"]),
        ("digests", "SELECT 1 FROM readable_submission s, comment c", ["comment"]),
        ("digests", "UPDATE readable_submission SET state = 'pending'", ["readable_submission"]),
        ("ledger", "SELECT 1 FROM readable_submission", ["readable_submission"]),
        ("submissions", "SELECT 1 FROM readable_submission", ["readable_submission"]),
        ("digests", "SELECT 1 FROM readable_nothing", ["readable_nothing"]),
        ("digests", "WITH comment AS (SELECT 1) SELECT 1 FROM comment", []),
        ("digests", "WITH a AS MATERIALIZED (DELETE FROM letter RETURNING id) SELECT 1 FROM a", ["letter"]),
        (
            "digests",
            "SELECT c.body IS DISTINCT FROM comment, (SELECT 1 FROM unnest(:a) AS x (b, c), ledger)",
            ["ledger"],
        ),
        ("digests", "SELECT 'FROM ledger' -- FROM ledger", []),
        ("search", "comment c LEFT JOIN readable_evidence e ON true", ["comment"]),
    ],
)
def test_the_rule_finds_foreign_tables(package: str, sql: str, refused: list[str]) -> None:
    assert foreign(package, sql) == refused


def _is_excepted(path: Path) -> bool:
    return any(path.is_relative_to(ROOT / "consult" / excepted) for excepted in EXCEPTED)


def test_sql_names_tables_of_its_package_and_relations_of_lower_ones() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{statement.line} {name}"
        for path in (*MODULES, *SQL_FILES)
        if not _is_excepted(path)
        for statement in statements_of(path)
        for name in foreign(path.relative_to(ROOT / "consult").parts[0], statement.sql)
    ]
    assert found == []


def _prepared(value: object, depth: int = 0) -> Iterator[TextClause]:
    """Yield the statements that a value of a module holds."""
    if isinstance(value, TextClause):
        yield value
    elif isinstance(value, (dict, list, tuple)) and depth < 2:
        for part in value.values() if isinstance(value, dict) else value:
            yield from _prepared(part, depth + 1)


def test_a_statement_as_sent_has_at_most_40_lines_unless_it_is_a_sql_file_of_its_own() -> None:
    read = {read_sql(str(path), path.stem).strip()[:40] for path in SQL_FILES}
    modules = [
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for path in MODULES
        if "text(" in path.read_text() or "bind_kinds(" in path.read_text()
    ]
    sent = [(module.__name__, name, clause) for module in modules for name, value in vars(module).items()
            for clause in _prepared(value)]  # fmt: skip
    assert len(sent) > 100
    long = [
        f"{module} {name}"
        for module, name, clause in sent
        if len(clause.text.strip().splitlines()) > STATEMENT_LINES and clause.text.strip()[:40] not in read
    ]
    assert long == []


def test_a_sql_file_is_sent_by_a_module_beside_it() -> None:
    unread = [
        path.name for path in SQL_FILES
        if not any(f'"{path.stem}"' in module.read_text() for module in path.parent.glob("*.py"))
    ]  # fmt: skip
    assert unread == []


def test_a_part_of_a_statement_in_a_string_has_at_most_40_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{statement.line} {statement.lines}"
        for path in MODULES
        for statement in statements_of(path)
        if statement.lines > STATEMENT_LINES
    ]
    assert long == []


def test_the_views_of_the_database_are_the_relations_that_packages_declare(
    application: Flask, database_url: str
) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        views = set(connection.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'public'")))
        assert views == set(RELATIONS)
        for name, relation in RELATIONS.items():
            connection.execute(text(f"CREATE TEMPORARY VIEW declared AS {relation.select_sql()}"))
            declared, made = (
                connection.scalar(text("SELECT pg_get_viewdef(CAST(:name AS regclass))"), {"name": view})
                for view in ("declared", name)
            )
            assert declared == made, f"a migration is due: {relation.create_view()}"
            connection.execute(text("DROP VIEW declared"))
    engine.dispose()


def test_a_relation_is_of_one_table_of_its_package_and_says_what_a_row_is() -> None:
    for name, relation in RELATIONS.items():
        (table,) = relation.selected.get_final_froms()
        assert name == f"readable_{table.description}"
        assert TABLES[table.description] == _package(relation.__module__)
        assert relation.__doc__


def test_no_relation_has_what_opens_a_record_or_a_sealed_one() -> None:
    secret = [
        f"{name}.{column.name}"
        for name, relation in RELATIONS.items()
        for column in relation.selected.selected_columns
        if _SECRET.search(column.name)
    ]
    assert secret == []


def test_every_relation_is_read_by_an_upper_package() -> None:
    read = {
        mention.name
        for path in (*MODULES, *SQL_FILES)
        for statement in statements_of(path)
        for mention in mentions(statement.sql)
    }
    assert set(RELATIONS) - read == set()
