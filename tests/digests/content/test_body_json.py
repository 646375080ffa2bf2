"""Bodies are read from JSON and written to it without loss, old ones as they were; no other code knows the JSON."""

from __future__ import annotations

import ast
import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from consult.core.i18n import force_locale
from consult.digests import letters as delivery_letters
from consult.digests.content import body_json
from consult.digests.content.body import DIMENSIONS, Body, CountHeadline, GroupBreakdown
from consult.digests.content.body_json import UnknownBodyVersion, canonical_form, canonical_json, from_json, to_json
from consult.digests.figures.summary import RULE_VERSION, Summary, read_summary
from consult.digests.model import Digest
from consult.digests.render import contributors, layout
from consult.mail.render import render_letter
from tests.counting import calls

EDITIONS = Path(__file__).with_name("editions")
"""An edition that was stored before bodies had a version, and what its letter and its report said then."""
CODE = Path(body_json.__file__).parents[1]
_PLAIN = {
    str: st.text("abç", max_size=3),
    int: st.integers(0, 9),
    bool: st.booleans(),
    date: st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    datetime: st.datetimes(timezones=st.just(UTC)),
}
READ_NOW = ("words", "name", "gone", "translations", "present")


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint == Mapping[str, GroupBreakdown]:
        return st.fixed_dictionaries({}, optional=dict.fromkeys(DIMENSIONS, values(GroupBreakdown)))
    if origin is UnionType:
        return st.one_of(*(st.none() if part is NoneType else values(part) for part in parts))
    if origin is Mapping:
        return st.dictionaries(values(parts[0]), values(parts[1]), max_size=2)
    if origin is tuple and Ellipsis in parts:
        return st.lists(values(parts[0]), max_size=1).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, parts))
    assert dataclasses.is_dataclass(hint), f"no value of {hint}"
    return st.deferred(lambda: st.builds(hint, **{name: values(of) for name, of in get_type_hints(hint).items()}))


def records(kind: type) -> dict[str, type]:
    """A dataclass with all that it holds, by their names."""
    found, waiting = {kind.__name__: kind}, list(get_type_hints(kind).values())
    while waiting:
        hint = waiting.pop()
        waiting += get_args(hint)
        if dataclasses.is_dataclass(hint) and isinstance(hint, type) and hint.__name__ not in found:
            found[hint.__name__] = hint
            waiting += get_type_hints(hint).values()
    return found


RECORDS = records(Body) | records(Summary)


@pytest.mark.parametrize("kind", RECORDS.values(), ids=RECORDS)
@settings(
    max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
@given(st.data())
def test_every_field_of_every_record_survives_its_json(kind: type, data: st.DataObject) -> None:
    record = data.draw(values(kind))
    for name in (field.name for field in dataclasses.fields(kind)):  # one more of each, so that none is a default
        record = dataclasses.replace(record, **{name: data.draw(values(get_type_hints(kind)[name]))})
    if kind is Body:
        record = dataclasses.replace(record, version=body_json.VERSION)
    kept = json.loads(json.dumps(body_json.write_record(record)))
    assert body_json.read_record(kind, kept) == record


def test_a_body_of_a_later_release_is_named_and_not_guessed_at() -> None:
    old = json.loads((EDITIONS / "edition_0.json").read_text())
    for version in (body_json.VERSION + 1, -1, "1", None):
        with pytest.raises(UnknownBodyVersion, match=f"version {version}; this release reads up to"):
            from_json({**old, "version": version})
    with pytest.raises(UnknownBodyVersion):
        read_summary({"rule": RULE_VERSION + 1})


def test_what_lacks_and_may_not_is_named() -> None:
    with pytest.raises(KeyError, match="Body lacks 'manifest'"):
        from_json({"version": 1})
    assert body_json.read_record(CountHeadline, {"kind": "closed", "of": "no field"}) == CountHeadline(kind="closed")


def test_an_edition_that_was_stored_before_there_was_a_version_has_the_bytes_it_had() -> None:
    filled = json.loads((EDITIONS / "edition_0.json").read_text())
    stored = strip(filled)
    for kept in (filled, stored):
        assert to_json(from_json(kept)) == kept
        assert sha256(canonical_form(from_json(kept))).digest() == sha256(canonical_json(kept)).digest()


def test_the_bytes_of_an_edition_are_written_without_a_copy_of_its_plain_values() -> None:
    body = from_json(json.loads((EDITIONS / "edition_0.json").read_text()))
    found = calls(lambda: canonical_form(body))
    assert canonical_form(body) == canonical_json(to_json(body))
    assert not found[f"{body_json.__name__}._write"]


def test_breakdowns_stand_beside_the_fields_of_their_record_and_one_that_came_later_may_lack() -> None:
    stored = json.loads((EDITIONS / "edition_0.json").read_text())
    who = from_json(stored).who
    assert who
    assert list(who.breakdowns) == list(DIMENSIONS)
    assert stored["who"]["kinds"] == to_json(from_json(stored))["who"]["kinds"]
    del stored["who"]["countries"]
    older = from_json(stored)
    assert older.who
    assert list(older.who.breakdowns) == ["kind", "language"]
    assert to_json(older) == stored
    assert [name for _title, name, _rows in contributors.breakdowns(older.who)] == ["kinds", "languages"]


def strip(value: Any) -> Any:
    """A body without what is read of its quotes when it is shown."""
    if isinstance(value, list):
        return [strip(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: strip(each) for key, each in value.items() if "sha256" not in value or key not in READ_NOW}


def test_an_old_edition_says_what_it_said(app: Flask) -> None:
    body = from_json(json.loads((EDITIONS / "edition_0.json").read_text()))
    with app.test_request_context(), force_locale("en"):
        context = {**delivery_letters.build_context(Digest(id=7), body), "place": lambda name: f"({name})"}
        letter = render_letter(delivery_letters.TEMPLATE, "en", context)
        blocks = layout.report(body, 7)["blocks"]
    assert f"{letter.subject}\n\n{letter.text}" == (EDITIONS / "edition_0.letter.txt").read_text()
    report = [json.loads(line) for line in (EDITIONS / "edition_0.report.jsonl").read_text().splitlines()]
    assert json.loads(json.dumps(blocks)) == report


def test_no_other_file_takes_a_body_for_plain_data() -> None:
    assert [str(path) for path in CODE.rglob("*.py") if loose(path.read_text())] == []
    assert loose("Body = Mapping[str, Any]")
    assert loose("Block: TypeAlias = dict[str, Any]\n")
    assert loose('def head(body: Mapping[str, Any], n: int) -> str:\n    return "x"\n')
    assert loose('# mypy: disable-error-code="no-any-return"\n')
    assert not loose("def head(body: Body, n: int) -> dict[str, Any]: ...\n")


def loose(code: str) -> list[str]:
    """Names for plain data, bodies that are plain data, and checks that are switched off."""
    found = ["switched off"] if "mypy: disable-error-code" in code else []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.arg) and node.arg in ("body", "quote", "place"):
            found += [ast.unparse(node)] if _is_plain(node.annotation) else []
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            found += [ast.unparse(node)] if _is_plain(node.value) else []
    return [one for one in found if one != "Json = Mapping[str, Any]"]


def _is_plain(node: ast.AST | None) -> bool:
    return node is not None and ast.unparse(node) in ("Mapping[str, Any]", "dict[str, Any]")
