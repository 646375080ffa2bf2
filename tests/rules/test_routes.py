"""Access to every route of the application, compared with `routes.csv`, which says who should have it.

The table is written by hand: a route that opens to others is a change of two files, and a reader of either sees it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from consult.accounts.model import Account
from consult.core.web.access import Allow, Role
from consult.core.web.requests import Blueprint
from consult.signals.triage import seats
from tests import factories

FOREIGN = {"static"}
SIGN_OUT = {"/leave", "/sign-out", "/account/sessions/<int:number>"}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
TABLE = Path(__file__).with_name("routes.csv")
EVERYBODY = {None, *Role}
MAY_ENTER: dict[str, set[Role | None]] = {
    "anyone": EVERYBODY,
    "demo": EVERYBODY,  # the tests run as a demo does
    "signed_in": {Role.CONTRIBUTOR, Role.MODERATOR, Role.POLICYMAKER, Role.ADMIN},
    "moderator": {Role.MODERATOR, Role.ADMIN},
    "policymaker": {Role.POLICYMAKER, Role.ADMIN},
    "staff": {Role.MODERATOR, Role.POLICYMAKER, Role.ADMIN},
    "admin": {Role.ADMIN},
    "program": set(),
}
"""What the words of the table mean, said apart from the code that lets people in. None is a visitor."""
Line = tuple[str, str, str]
ADVICE = """
The routes and tests/rules/routes.csv do not say the same of who may enter.
If you meant to change it, change the table by hand too, so that whoever reads your change sees it:
{}
If you did not, mend `allow=` of the route."""


def test_a_route_without_an_access_rule_does_not_import() -> None:
    with pytest.raises(TypeError, match="allow"):
        Blueprint("x", __name__).route("/x")  # type: ignore[call-arg]


def test_every_route_names_who_may_enter(application: Flask) -> None:
    bare = [rule.rule for rule in _rules(application) if not isinstance(_allowed(application, rule), Allow)]
    assert bare == []


def test_who_may_enter_each_route_is_what_the_table_says(application: Flask) -> None:
    found = {
        (_plain(rule), method, _allowed(application, rule).name.lower())
        for rule in _rules(application)
        for method in (rule.methods or set()) & METHODS
    }
    lines = table()
    asked = [f"  add:    {','.join(line)}" for line in sorted(found - set(lines))]
    asked += [f"  remove: {','.join(line)}" for line in sorted(set(lines) - found)]
    assert not asked, ADVICE.format("\n".join(asked))
    assert lines == sorted(set(lines)), "tests/rules/routes.csv is sorted, and says each route once"


def table() -> list[Line]:
    with TABLE.open(newline="") as file:
        return [(line["rule"], line["method"], line["who"]) for line in csv.DictReader(file)]


def _rules(application: Flask) -> Iterator[Rule]:
    return (rule for rule in application.url_map.iter_rules() if rule.endpoint not in FOREIGN)


def _allowed(application: Flask, rule: Rule) -> Any:
    return getattr(application.view_functions[rule.endpoint], "allow", None)


def _plain(rule: Rule) -> str:
    """The rule without the bounds of its numbers."""
    return re.sub(r"\(max=\d+\)", "", rule.rule)


def _address(rule: str) -> str:
    """The rule's path with values that name nothing: access is decided before anything is looked up."""
    rule = re.sub(r"<any\((\w+)[^)]*\):\w+>", r"\1", rule)
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: "1" if found[1] == "int" else "nothing-here", rule)


def _person(session: Session, role: Role) -> Account:
    """Somebody with this role; who moderates has a seat for signals, without which those pages answer by 403."""
    account = factories.account(session, role)
    if role in (Role.MODERATOR, Role.ADMIN):
        seats.give(session, account_id=account.id, on_call=False)
        session.commit()
    return account


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_method_that_a_route_does_not_take_is_answered_with_those_it_takes(
    application: Flask, client: FlaskClient, accept: str
) -> None:
    """Source: RFC 9110, section 15.5.6."""
    wrong, adapter = [], application.url_map.bind("localhost")
    for rule in application.url_map.iter_rules():
        address = _address(_plain(rule)).replace("<path:filename>", "nothing-here")
        taken = set(adapter.allowed_methods(address))
        for method in {"PUT", "DELETE", "POST", "GET"} - taken:
            answer = client.open(address, method=method, headers={"Accept": accept})
            if answer.status_code != 405 or set(answer.allow) != taken:
                wrong.append((method, rule.rule, answer.status_code, answer.headers.get("Allow")))
    assert wrong == []


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role or "visitor")
def test_a_role_enters_only_where_the_table_lets_it(
    application: Flask, session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], role: Role | None
) -> None:
    """Most of these addresses lead to nothing. Accounts ask for JSON, which needs no page that says so."""
    browser = sign_in(_person(session, role)) if role else client
    headers, wrong = {"Accept": "application/json" if role else "text/html"}, []
    for rule, method, who in table():
        answer = browser.open(_address(rule), method=method, headers=headers)
        refused = answer.status_code in (401, 403) or (
            answer.status_code == 303 and answer.headers.get("Location", "").startswith("/sign-in?next")
        )
        if refused == (role in MAY_ENTER[who]):
            wrong.append((method, rule, answer.status_code))
        if rule in SIGN_OUT and role:
            browser = sign_in(_person(session, role))
    assert wrong == []
