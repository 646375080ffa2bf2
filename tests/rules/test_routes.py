"""Who may enter where: the whole map of routes, generated from the application."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from consult.core.access import Allow, Role, permits
from consult.core.web import Blueprint
from tests import factories

FOREIGN = {"static"}


def test_a_route_without_an_access_rule_does_not_import() -> None:
    with pytest.raises(TypeError, match="allow"):
        Blueprint("x", __name__).route("/x")  # type: ignore[call-arg]


def test_every_route_names_who_may_enter(application: Flask) -> None:
    bare = [
        rule.rule
        for rule in application.url_map.iter_rules()
        if rule.endpoint not in FOREIGN and not isinstance(getattr(_view(application, rule), "allow", None), Allow)
    ]
    assert bare == []


def _view(application: Flask, rule: Rule) -> Any:
    return application.view_functions[rule.endpoint]


def _address(rule: Rule) -> str:
    """The rule's path with values that name nothing: access is decided before anything is looked up."""
    return re.sub(
        r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: "1" if found[1] == "int" else "nothing-here", rule.rule
    )


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: role or "visitor")
def test_a_role_enters_only_where_its_routes_allow(
    application: Flask, session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], role: Role | None
) -> None:
    browser = sign_in(factories.account(session, role)) if role else client
    wrong = []
    for rule in application.url_map.iter_rules():
        if rule.endpoint in FOREIGN:
            continue
        allowed = permits(_view(application, rule).allow, role, demo=True)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            answer = browser.open(_address(rule), method=method)
            refused = answer.status_code == 403 or (
                answer.status_code == 303 and answer.headers.get("Location", "").startswith("/sign-in?next")
            )
            if refused == allowed:
                wrong.append((method, rule.rule, answer.status_code))
        if rule.endpoint == "accounts.sign_out" and role:
            browser = sign_in(factories.account(session, role))
    assert wrong == []
