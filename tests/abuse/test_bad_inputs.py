"""Bad values in every place of a request, to every route, as a visitor and as each role: none is answered by an error.

Tokens against forged forms are off, so that every view reads what was sent; `tests/core/web/test_csrf.py` tries those.

    .venv/bin/pytest -n 0 -s --bad-inputs 6000 --drill-seed 2 tests/abuse
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle, islice
from random import Random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from consult.accounts.service import find_by_email
from consult.core.clock import now
from consult.core.logs import EventLog
from consult.core.queue import QUEUES
from consult.core.web.access import Role
from consult.site.service import record_beat, worker_beat_name
from tests.abuse.attacks import LEFT_OUT, Attack, Attacker, learn
from tests.rules.test_routes import MAY_ENTER
from tests.sample import load_sample

pytestmark = pytest.mark.abuse

SignIn = Callable[[Any], FlaskClient]
STARTS = ("/", "/consultations", "/review", "/desk", "/my", "/account", "/moderation", "/sign-in", "/people", "/outbox")
SMALL = 400
"""Up to so many, only a visitor and an administrator, who may enter everywhere, are tried."""


class Person:
    """Somebody who tries everything, and signs in again where that ended the session."""

    def __init__(self, application: Flask, sign_in: SignIn, account: Any, most: int) -> None:
        self.sign_in, self.account = sign_in, account
        self.client = self.entered()
        self.known = learn(application, self.client, STARTS, most)
        self.role = account.role if account else None
        self.application = application

    def entered(self) -> FlaskClient:
        return self.sign_in(self.account)

    def send(self, attack: Attack) -> int:
        status, leads = attack.send(self.client)
        if self.account and leads.startswith("/sign-in?"):
            self.client = self.entered()
        return status


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The events that the site has written down as errors."""
    events: list[str] = []
    monkeypatch.setattr(EventLog, "error", lambda self, event, **facts: events.append(f"{event} {facts}"))
    return events


@pytest.fixture
def size(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--bad-inputs"))


@pytest.fixture
def people(application: Flask, app: Flask, session: Session, sign_in: SignIn, size: int) -> list[Person]:
    rows = load_sample(session)
    for part in ("clock", *(worker_beat_name(name) for name in QUEUES)):
        record_beat(session, part, now() + timedelta(hours=1))  # so that health is well, and no answer may be a 503
    firsts = {one.role: one.email for one in reversed(rows)}
    roles = [Role.ADMIN] if size <= SMALL else list(Role)
    accounts = [None, *(find_by_email(session, firsts[role]) for role in roles)]
    most = 45 if size <= SMALL else 400
    return [Person(app, lambda who: sign_in(who) if who else app.test_client(), account, most) for account in accounts]


def routes(application: Flask) -> list[tuple[Rule, str, str]]:
    """Each route and method, and who may enter."""
    found = []
    for rule in sorted(application.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint not in LEFT_OUT:
            allow = application.view_functions[rule.endpoint].allow.name.lower()  # type: ignore[attr-defined]
            found += [(rule, method, allow) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


def attacks(people: list[Person], application: Flask, seed: int) -> Iterator[tuple[Person, Attack]]:
    """Goes round the routes without end; those who may enter take turns."""
    makers = [(person, Attacker(person.known, seed + place)) for place, person in enumerate(people)]
    tried = routes(application)
    Random(seed).shuffle(tried)
    may = [MAY_ENTER[allow] or {None} for _rule, _method, allow in tried]  # a route for programs only refuses visitors
    turns = [cycle([pair for pair in makers if pair[0].role in roles]) for roles in may]
    for (rule, method, _allow), turn in cycle(zip(tried, turns, strict=True)):
        person, maker = next(turn)
        yield person, maker.attack(rule, method)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # files of forms that end too soon
@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
def test_no_bad_input_is_answered_by_an_error(
    app: Flask, people: list[Person], logged: list[str], size: int, request: pytest.FixtureRequest
) -> None:
    seed, answers, wrong = int(request.config.getoption("--drill-seed")), Counter[tuple[str, int]](), []
    for person, attack in islice(attacks(people, app, seed), size):
        try:
            status = person.send(attack)
        except Exception as error:  # as the tests' application lets them through
            last = traceback.extract_tb(error.__traceback__)[-1]
            status = 500
            wrong.append(f"{error!r:.150} at {last.filename}:{last.lineno} ({person.role}) {attack}")
        else:
            if status >= 500:
                wrong.append(f"{status} ({person.role}) {attack}")
        answers[attack.what, status] += 1
    print(f"\n{sum(answers.values())} requests:", dict(sorted(answers.items())))
    for person in people:
        for path in [path for paths in person.known.paths.values() for path in paths][: 40 if size <= SMALL else None]:
            if (status := person.send(Attack("GET", path, what="afterwards"))) >= 500:
                wrong.append(f"afterwards {status} {path}")
    assert not wrong, "\n".join(wrong)
    assert logged == []
