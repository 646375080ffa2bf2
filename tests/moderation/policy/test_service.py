"""The policy: everybody reads each version, an administrator writes the next, decisions name theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.errors import Conflict, Forbidden
from consult.core.web.access import Role
from consult.decisions import policy
from consult.decisions.policy import PolicyRefused
from consult.moderation import service
from consult.moderation.model import DecisionOutcome
from tests import factories
from tests.forms import pressed
from tests.moderation.cases import filed

SignIn = Callable[[Account], FlaskClient]


def test_an_administrator_writes_the_next_version_and_the_old_one_stays(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    browser = sign_in(factories.account(session, Role.ADMIN))
    assert "within 30 days" in client.get("/moderation").text
    form = browser.get("/moderation/new").text
    sent = browser.post("/moderation/new", data=pressed(
        form, having="text_en", text_en="## Our house\n\nWe read **twice**.", text_ar="نقرأ مرتين.", appeal_days="60",
        change="Twice as long.",
    ))  # fmt: skip
    assert sent.status_code == 303
    page = client.get("/moderation").text
    assert "within 60 days" in page
    assert "<strong>twice</strong>" in page
    assert "نقرأ مرتين" in client.get("/moderation?lang=ar").text
    form = browser.get("/moderation/new").text
    browser.post("/moderation/new", data=pressed(form, having="text_en", text_en="We read once.", change="Time."))
    third = client.get("/moderation/versions/3?lang=en").text
    assert "<del>## Our house" in third
    assert "once</ins>" in third
    assert "Twice as long." in client.get("/moderation/versions/2").text
    assert "no longer applies to new decisions" in client.get("/moderation/versions/1").text
    assert client.get("/moderation/versions/4").status_code == 404
    assert [f"Version {n}" in client.get("/moderation/versions").text for n in (1, 2, 3)] == [True] * 3


@pytest.mark.parametrize("typed", [{"appeal_days": "3"}, {"appeal_days": "x"}, {"promise_days": "0"}, {"change": ""}])
def test_a_version_that_promises_too_little_or_says_nothing_is_refused(
    session: Session, sign_in: SignIn, typed: dict[str, str]
) -> None:
    browser = sign_in(factories.account(session, Role.ADMIN))
    form = browser.get("/moderation/new").text
    sent = browser.post("/moderation/new", data=pressed(form, having="text_en", **{"change": "New.", **typed}))
    assert sent.status_code == 422
    assert policy.get_current(session).number == 1


def test_of_two_administrators_the_second_reads_first_what_the_first_wrote(session: Session) -> None:
    admin = factories.account(session, Role.ADMIN)

    def publish(words: str, by: Account = admin) -> None:
        policy.publish(session, by=by, texts={"en": words}, appeal_days=30, promise_days=3, change="New.", after=1)

    with pytest.raises(Forbidden):
        publish("Ours", by=factories.account(session, Role.MODERATOR))
    with pytest.raises(PolicyRefused):
        publish("")
    publish("Ours")
    with pytest.raises(Conflict):
        publish("Theirs")


def test_a_decision_names_the_version_that_held_when_it_was_made(session: Session) -> None:
    moderator, admin = factories.account(session, Role.MODERATOR), factories.account(session, Role.ADMIN)
    numbers = []
    for after in (1, 2):
        row = filed(session)
        numbers.append(service.decide(
            session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH
        ).policy)  # fmt: skip
        policy.publish(
            session, by=admin, texts={"en": f"Text {after}"}, appeal_days=30, promise_days=3, change="New.",
            after=after,
        )  # fmt: skip
    assert numbers == [1, 2]
