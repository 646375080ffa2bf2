"""The OpenAPI document in docs/ is the interface, and nothing is removed from it or narrowed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from consult.api import openapi
from tests.api.freeze import FROZEN


def list_breaks(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """Yield what a client of the old document could miss in the new one."""
    for path, methods in old["paths"].items():
        for method, described in methods.items():
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{method} {path} is gone"
                continue
            before = {each["name"]: each for each in described["parameters"]}
            after = {each["name"]: each for each in now["parameters"]}
            yield from (f"{path}: the parameter {name} is gone" for name in before.keys() - after.keys())
            fresh = after.keys() - before.keys()
            yield from (f"{path}: {name} is required" for name in fresh if after[name].get("required"))
            yield from (f"{path}: {name} is narrower" for name in before.keys() & after.keys()
                        if before[name]["schema"] != after[name]["schema"])  # fmt: skip
    for name, schema in old["components"]["schemas"].items():
        now = new["components"]["schemas"].get(name, {})
        gone = schema.get("properties", {}).keys() - now.get("properties", {}).keys()
        yield from (f"{name}.{field} is gone" for field in sorted(gone))
        yield from (f"{name}.{field} has another type" for field, said in schema.get("properties", {}).items()
                    if field not in gone and _type(said) != _type(now["properties"][field]))  # fmt: skip


def _type(schema: dict[str, Any]) -> Any:
    return {key: value for key, value in schema.items() if key not in ("description", "default")}


@pytest.fixture
def frozen() -> Any:
    return json.loads(FROZEN.read_text())


def test_the_frozen_document_is_the_interface(application: Flask, frozen: Any) -> None:
    present = json.loads(openapi.write_document())
    assert list(list_breaks(frozen, present)) == [], "a break needs /api/v2"
    assert present == frozen, "python -m tests.api.freeze writes docs/openapi.json"


def test_a_repeated_filing_has_an_answer_of_its_own(frozen: Any) -> None:
    responses = frozen["paths"]["/consultations/{slug}/submissions"]["post"]["responses"]
    assert responses["200"]["content"] == responses["201"]["content"]


def test_what_is_removed_or_narrowed_is_a_break(frozen: Any) -> None:
    changed = copy.deepcopy(frozen)
    path = "/consultations/{slug}/comments"
    del changed["paths"]["/submissions/{reference}"]
    changed["paths"][path]["get"]["parameters"] = [
        each for each in changed["paths"][path]["get"]["parameters"] if each["name"] != "stance"
    ]
    del changed["components"]["schemas"]["CommentRecord"]["properties"]["body"]
    changed["components"]["schemas"]["CommentRecord"]["properties"]["version"] = {"type": "string"}
    assert sorted(list_breaks(frozen, changed)) == [
        f"{path}: the parameter stance is gone",
        "CommentRecord.body is gone",
        "CommentRecord.version has another type",
        "get /submissions/{reference} is gone",
    ]


def test_a_new_field_is_no_break(frozen: Any) -> None:
    more = copy.deepcopy(frozen)
    more["components"]["schemas"]["CommentRecord"]["properties"]["mood"] = {"type": "string"}
    assert list(list_breaks(frozen, more)) == []
