"""The tests that `make test CHANGED=1` selects."""

from __future__ import annotations

import grimp
import pytest

from tests.changed import ALWAYS, select_tests


@pytest.fixture
def graph() -> grimp.ImportGraph:
    """Plans import the ledger, digests import neither; each has a test."""
    made = grimp.ImportGraph()
    for name in ("ledger.chain", "plans.state", "digests.views"):
        package = name.split(".")[0]
        made.add_module(f"consult.{name}")
        made.add_module(f"tests.{package}.test_it")
    made.add_import(importer="consult.plans.state", imported="consult.ledger.chain")
    made.add_import(importer="tests.digests.test_it", imported="tests.digests.made")
    return made


@pytest.mark.parametrize(
    ("path", "chosen"),
    [
        ("consult/ledger/chain.py", ["tests/ledger/test_it.py", "tests/plans/test_it.py"]),
        ("consult/plans/state.py", ["tests/plans/test_it.py"]),
        ("consult/plans/data/units.toml", ["tests/plans/test_it.py"]),
        ("templates/digests/digest.html", ["tests/digests/test_it.py"]),
        ("tests/digests/made.py", ["tests/digests/test_it.py"]),
        ("docs/plans.md", []),
    ],
)
def test_what_imports_a_change_is_chosen_and_the_rules_always_are(
    graph: grimp.ImportGraph, path: str, chosen: list[str]
) -> None:
    assert select_tests([path], graph) == [*chosen, *ALWAYS]


@pytest.mark.parametrize("path", ["static/kit/kit.css", "migrations/env.py", "tests/conftest.py", "consult/new.py"])
def test_everything_is_chosen_where_a_change_is_no_module(graph: grimp.ImportGraph, path: str) -> None:
    assert select_tests(["consult/plans/state.py", path], graph) == ["tests", "consult"]
