"""Setting up is a list of tasks; publishing says what is missing; an earlier consultation is set up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations import queries, questions, readiness, service, steps
from consult.consultations.model import Consultation, Phase, Question, QuestionKind, TakesPart
from consult.consultations.moments import wall_clock
from consult.consultations.questions import Asking
from consult.consultations.service import Terms
from consult.core.access import Role
from consult.core.clock import now
from consult.core.errors import Forbidden, Refusal
from consult.ledger.model import Entry
from consult.submissions.content import Submitter
from consult.submissions.model import NameRule

from .. import factories
from ..filing import comment, file

TEXT = "# Plan\n\n## 1 Aims\n\n1.1 One.\n\n## 2 Means\n\n2.1 Money."


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def draft(session: Session, owner: Account) -> Consultation:
    opens = now() + timedelta(days=3)
    terms = Terms("Plan", "Body", "Tell us.", "Why.", "en", opens, opens + timedelta(days=30), "Europe/Vienna")
    return service.create(session, owner=owner, terms=terms)


def progress(session: Session, row: Consultation, owner: Account) -> dict[str, str]:
    return {task.key: task.progress for task in queries.sheet(session, number=row.id, by=owner).tasks(now())}


def test_each_step_of_setting_up_says_how_far_it_is(session: Session, owner: Account, draft: Consultation) -> None:
    first = progress(session, draft, owner)
    assert [key for key, state in first.items() if state == "done"] == ["about", "dates"]
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    service.write_draft(session, **what, text=TEXT)
    questions.add(session, **what, asking=Asking("Why?"))
    steps.settle(session, **what, step="who", values=steps.who(takes_part=TakesPart.ANYONE, eligible="Everybody."))
    steps.settle(session, **what, step="names", values=steps.names(["none", "own"]))
    steps.settle(session, **what, step="groups", values=steps.groups("women: 5\n\nhealth workers"))
    steps.settle(session, **what, step="languages", values=steps.languages(["ar", "xx", "en"]))
    steps.renew_preview(session, **what)
    session.flush()
    assert [key for key, state in progress(session, draft, owner).items() if state != "done"] == ["promise"]
    assert draft.name_rules == ["own", "none"]
    assert draft.groups == [{"name": "women", "target": 5}, {"name": "health workers", "target": 1}]
    assert draft.languages == ["en", "ar"]


def test_publishing_says_what_is_missing(
    session: Session, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    draft.opens_at, draft.closes_at = now() - timedelta(days=9), now() - timedelta(days=1)
    page = sign_in(owner).get(f"/desk/consultations/{draft.id}/publish").text
    assert "Give the draft its text first." in page
    assert "The closing time has passed." in page
    assert "Publish it" not in page
    tasks = queries.sheet(session, number=draft.id, by=owner).tasks(now())
    assert [task.key for task in readiness.missing(tasks)] == ["draft", "dates"]


@pytest.mark.parametrize("lines", ["women: many", "women: 0", ": 5", "women: 999999", "\n".join(["a: 1"] * 21)])
def test_a_group_has_a_name_and_a_number(lines: str) -> None:
    with pytest.raises(Refusal):
        steps.groups(lines if lines != ": 5" else f"{'x' * 121}: 5")


def test_somebody_must_be_able_to_be_named_somehow() -> None:
    with pytest.raises(Refusal, match="at least one"):
        steps.names(["president"])


def test_after_publishing_groups_may_change_in_the_open_and_rules_may_not(
    session: Session, owner: Account, draft: Consultation
) -> None:
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    service.write_draft(session, **what, text=TEXT)
    service.publish(session, **what)
    with pytest.raises(service.AlreadyPublished):
        steps.settle(session, **what, step="names", values=steps.names(["none"]))
    steps.settle(session, **what, step="groups", values=steps.groups("women: 5"))
    session.flush()
    entry = session.scalars(select(Entry).where(Entry.kind == "consultation.changed")).one()
    assert entry.detail == {"changed": ["groups"]}


def test_only_its_owner_takes_a_step(session: Session, draft: Consultation) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    for attempt in (
        lambda: steps.settle(session, number=draft.id, by=other, step="names", values={}),
        lambda: steps.renew_preview(session, number=draft.id, by=other),
        lambda: steps.duplicate(session, number=draft.id, by=other),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_who_may_not_take_part_is_told_so_and_nobody_is_filed(session: Session) -> None:
    row = factories.consultation(session, takes_part=TakesPart.ACCOUNT)
    with pytest.raises(Forbidden, match="Sign in first"):
        file(session, row, "Hello.")
    named = factories.consultation(session, name_rules=["organisation"])
    with pytest.raises(Refusal, match="another") as refused:
        file(session, named, "Hello.", person="Ana")
    assert refused.value.field == "speaks"
    assert file(session, named, comment(session, named, "Hello."), organisation="Union").name_rule == "organisation"


def test_only_allowed_ways_to_be_named_are_offered(session: Session, client: FlaskClient) -> None:
    row = factories.consultation(session, name_rules=["none"])
    page = client.get(f"/c/{row.slug}/respond/about").text
    assert ('value="none"' in page, 'value="own"' in page, 'value="other"' in page) == (True, False, False)


def test_a_preview_shows_everything_and_takes_nothing(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    service.write_draft(session, **what, text=TEXT)
    first = questions.add(session, **what, asking=Asking("Which?", kind=QuestionKind.ONE, options=("Bread", "Milk")))
    questions.add(session, **what, asking=Asking("Why?", after_id=first.id, after_keys=("o2",)))
    assert client.get(f"/c/{draft.slug}/preview/none").status_code == 404
    desk = sign_in(owner)
    desk.post(f"/desk/consultations/{draft.id}/preview")
    session.expire_all()
    secret = steps.preview_secret(draft)
    page = client.get(f"/c/{draft.slug}/preview/{secret}")
    for words in ("Preview: nothing is sent", "Bread", "One.", "Only for those who answer question 1 with: \u2068Milk"):
        assert words in page.text
    assert "<form method" not in page.text.partition("<main")[2].partition("</main")[0]
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert client.get(f"/c/{draft.slug}").status_code == 404
    desk.post(f"/desk/consultations/{draft.id}/preview")
    assert client.get(f"/c/{draft.slug}/preview/{secret}").status_code == 404


def test_an_earlier_consultation_is_set_up_again(session: Session, owner: Account, draft: Consultation) -> None:
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    service.write_draft(session, **what, text=TEXT)
    first = questions.add(session, **what, asking=Asking("Which?", kind=QuestionKind.ONE, options=("Bread", "Milk")))
    questions.add(session, **what, asking=Asking("Why?", after_id=first.id, after_keys=("o2",)))
    steps.settle(session, **what, step="groups", values=steps.groups("women: 5"))
    made = steps.duplicate(session, **what)
    assert (made.phase, made.title, made.groups, made.settled) == (
        Phase.DRAFT, "Plan (copy)", [{"name": "women", "target": 5}], []
    )  # fmt: skip
    clocks = [
        wall_clock(at, "Europe/Vienna") for at in (draft.opens_at, draft.closes_at, made.opens_at, made.closes_at)
    ]
    assert clocks[3] - clocks[2] == clocks[1] - clocks[0]
    assert clocks[2].time() == clocks[0].time()
    asked = session.scalars(select(Question).where(Question.consultation_id == made.id).order_by(Question.position))
    one, two = asked.all()
    assert (two.after_id, two.after_keys) == (one.id, ["o2"])
    assert queries.sheet(session, number=made.id, by=owner).counts["paragraph"] == 2  # type: ignore[index]


def test_the_form_on_paper_has_a_code_for_every_place(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    service.write_draft(session, number=draft.id, by=owner, text=TEXT)
    questions.add(
        session, number=draft.id, by=owner, asking=Asking("Which?", kind=QuestionKind.MANY, options=("Bread", "Milk"))
    )
    assert client.get(f"/c/{draft.slug}/paper").status_code == 404
    page = sign_in(owner).get(f"/desk/consultations/{draft.id}/paper").text
    for code in ("/1.1</b>", "/2.1</b>", "/Q1</b>", "Mark all that are true."):
        assert code in page
    service.publish(session, number=draft.id, by=owner)
    assert client.get(f"/c/{draft.slug}/paper").status_code == 200


def test_a_rule_for_names_is_one_that_submissions_know() -> None:
    assert {str(rule) for rule in NameRule} <= set(factories.Consultation.__table__.c.name_rules.default.arg(None))
    assert Submitter().name_rule == "none"
