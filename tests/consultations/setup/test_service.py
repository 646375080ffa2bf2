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
from consult.consultations import queries, service
from consult.consultations.datetimes import to_wall_clock
from consult.consultations.model import Consultation, ParticipationRule, Phase, Question, QuestionKind
from consult.consultations.participation import service as participation
from consult.consultations.questions import service as questions
from consult.consultations.questions.service import QuestionInput
from consult.consultations.service import ConsultationTerms
from consult.consultations.setup import readiness
from consult.consultations.setup import service as setup
from consult.core.clock import now
from consult.core.errors import Forbidden, Refusal
from consult.core.web.access import Role
from consult.ledger.model import LedgerEntry
from consult.submissions.model import NameRule
from consult.submissions.values import Submitter
from tests import factories
from tests.filing import comment, file
from tests.forms import pressed

TEXT = "# Plan\n\n## 1 Aims\n\n1.1 One.\n\n## 2 Means\n\n2.1 Money."


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def draft(session: Session, owner: Account) -> Consultation:
    opens = now() + timedelta(days=3)
    terms = ConsultationTerms(
        "Plan", "Body", "Tell us.", "Why.", "en", opens, opens + timedelta(days=30), "Europe/Vienna"
    )
    return service.create(session, owner=owner, terms=terms)


def progress(session: Session, row: Consultation, owner: Account) -> dict[str, str]:
    return {task.key: task.progress for task in queries.get_sheet(session, number=row.id, by=owner).tasks(now())}


def test_each_step_of_setting_up_says_how_far_it_is(session: Session, owner: Account, draft: Consultation) -> None:
    first = progress(session, draft, owner)
    assert [key for key, state in first.items() if state == "done"] == ["about", "dates"]
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    service.write_draft(session, **what, text=TEXT)
    questions.add(session, **what, asking=QuestionInput("Why?"))
    setup.save_step(
        session,
        **what,
        step="who",
        values=setup.participation_values(takes_part=ParticipationRule.ANYONE, eligible="Everybody."),
    )
    setup.save_step(session, **what, step="names", values=setup.name_rule_values(["none", "own"]))
    setup.save_step(session, **what, step="groups", values=setup.group_values("women: 5\n\nhealth workers: 1"))
    setup.save_step(session, **what, step="languages", values=setup.language_values(["ar", "xx", "en"]))
    setup.save_step(session, **what, step="paper", values=setup.paper_values("Secretariat, Lima"))
    setup.renew_preview(session, **what)
    participation.set_no_identity(session, **what, allowed=False)
    session.flush()
    assert [key for key, state in progress(session, draft, owner).items() if state != "done"] == ["promise"]
    assert draft.name_rules == ["own", "none"]
    assert draft.groups == [{"name": "women", "target": 5}, {"name": "health workers", "target": 1}]
    assert draft.languages == ["en", "ar"]


@pytest.mark.parametrize(
    "line", ["health workers", "health workers:", ": 5", "health workers: many", "young people: 0"]
)
def test_a_group_without_its_number_is_asked_for_it_and_never_taken_as_one(line: str) -> None:
    with pytest.raises(Refusal, match="Line 2: enter the group, a colon and a target number"):
        setup.group_values(f"women: 5\n{line}")


def test_publishing_says_what_is_missing(
    session: Session, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    draft.opens_at, draft.closes_at = now() - timedelta(days=9), now() - timedelta(days=1)
    page = sign_in(owner).get(f"/desk/consultations/{draft.id}/publish").text
    assert "Add the text of the draft first." in page
    assert "The closing time has passed." in page
    assert ">Publish</button>" not in page
    tasks = queries.get_sheet(session, number=draft.id, by=owner).tasks(now())
    assert [task.key for task in readiness.list_blocking(tasks)] == ["draft", "dates"]


@pytest.mark.parametrize("lines", ["women: many", "women: 0", ": 5", "women: 999999", "\n".join(["a: 1"] * 21)])
def test_a_group_has_a_name_and_a_number(lines: str) -> None:
    with pytest.raises(Refusal):
        setup.group_values(lines if lines != ": 5" else f"{'x' * 121}: 5")


def test_exactly_twenty_groups_with_names_of_exactly_120_characters_are_taken() -> None:
    lines = [f"{'x' * 120}: 99999"] * setup.MAX_GROUPS
    assert len(setup.group_values("\n".join(lines))["groups"]) == 20


def test_somebody_must_be_able_to_be_named_somehow() -> None:
    with pytest.raises(Refusal, match="at least one"):
        setup.name_rule_values(["president"])


def test_after_publishing_groups_may_change_in_the_open_and_rules_may_not(
    session: Session, owner: Account, draft: Consultation
) -> None:
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    service.write_draft(session, **what, text=TEXT)
    service.publish(session, **what)
    with pytest.raises(service.AlreadyPublished):
        setup.save_step(session, **what, step="names", values=setup.name_rule_values(["none"]))
    setup.save_step(session, **what, step="groups", values=setup.group_values("women: 5"))
    session.flush()
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "consultation.changed")).one()
    assert entry.detail == {"changed": ["groups"]}


def test_only_its_owner_takes_a_step(session: Session, draft: Consultation) -> None:
    other = factories.account(session, Role.POLICYMAKER)
    for attempt in (
        lambda: setup.save_step(session, number=draft.id, by=other, step="names", values={}),
        lambda: setup.renew_preview(session, number=draft.id, by=other),
        lambda: setup.duplicate(session, number=draft.id, by=other),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_who_may_not_take_part_is_told_so_and_nobody_is_filed(session: Session) -> None:
    row = factories.consultation(session, takes_part=ParticipationRule.ACCOUNT)
    with pytest.raises(Forbidden, match="You need an account to take part"):
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
    first = questions.add(
        session, **what, asking=QuestionInput("Which?", kind=QuestionKind.ONE, options=("Bread", "Milk"))
    )
    questions.add(session, **what, asking=QuestionInput("Why?", after_id=first.id, after_keys=("o2",)))
    assert client.get(f"/c/{draft.slug}/preview/none").status_code == 404
    desk = sign_in(owner)
    desk.post(f"/desk/consultations/{draft.id}/preview")
    session.expire_all()
    secret = setup.preview_secret(draft)
    page = client.get(f"/c/{draft.slug}/preview/{secret}")
    for words in (
        "Preview: nothing is sent",
        "Bread",
        "One.",
        "Only for people whose response to question 1 is: <bdi>Milk",
    ):
        assert words in page.text
    assert "<form method" not in page.text.partition("<main")[2].partition("</main")[0]
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert client.get(f"/c/{draft.slug}").status_code == 404
    desk.post(f"/desk/consultations/{draft.id}/preview")
    assert client.get(f"/c/{draft.slug}/preview/{secret}").status_code == 404


def test_an_earlier_consultation_is_set_up_again(session: Session, owner: Account, draft: Consultation) -> None:
    what: dict[str, Any] = {"number": draft.id, "by": owner}
    service.write_draft(session, **what, text=TEXT)
    first = questions.add(
        session, **what, asking=QuestionInput("Which?", kind=QuestionKind.ONE, options=("Bread", "Milk"))
    )
    questions.add(session, **what, asking=QuestionInput("Why?", after_id=first.id, after_keys=("o2",)))
    setup.save_step(session, **what, step="groups", values=setup.group_values("women: 5"))
    draft.no_identity, draft.late_until, draft.grace_minutes = True, draft.closes_at + timedelta(days=2), 15
    made = setup.duplicate(session, **what)
    assert (made.no_identity, made.grace_minutes) == (True, 15)
    assert made.late_until is not None
    assert to_wall_clock(made.late_until, "Europe/Vienna") - to_wall_clock(
        made.closes_at, "Europe/Vienna"
    ) == timedelta(days=2)
    assert (made.phase, made.title, made.groups, made.settled) == (
        Phase.DRAFT, "Plan (copy)", [{"name": "women", "target": 5}], ["copied"]
    )  # fmt: skip
    clocks = [
        to_wall_clock(at, "Europe/Vienna") for at in (draft.opens_at, draft.closes_at, made.opens_at, made.closes_at)
    ]
    assert clocks[3] - clocks[2] == clocks[1] - clocks[0]
    assert clocks[2].time() == clocks[0].time()
    asked = session.scalars(select(Question).where(Question.consultation_id == made.id).order_by(Question.position))
    one, two = asked.all()
    assert (two.after_id, two.after_keys) == (one.id, ["o2"])
    assert queries.get_sheet(session, number=made.id, by=owner).counts["paragraph"] == 2  # type: ignore[index]


def test_all_that_was_copied_is_to_be_looked_at_until_it_is_saved(
    session: Session, owner: Account, draft: Consultation
) -> None:
    service.write_draft(session, number=draft.id, by=owner, text=TEXT)
    questions.add(session, number=draft.id, by=owner, asking=QuestionInput("Why?"))
    setup.save_step(session, number=draft.id, by=owner, step="groups", values=setup.group_values("women: 5"))
    made = setup.duplicate(session, number=draft.id, by=owner)
    what: dict[str, Any] = {"number": made.id, "by": owner}
    states = progress(session, made, owner)
    kept = {"about", "dates", "draft", "questions", "who", "names", "safety", "groups"}
    assert {key for key, state in states.items() if state == "copied"} == kept
    empty = {"languages", "paper", "promise", "preview"}  # which the earlier one did not fill in either
    assert {key for key, state in states.items() if state == "not started"} == empty
    tasks = queries.get_sheet(session, **what).tasks(now())
    assert not readiness.list_blocking(tasks)
    assert {"about", "draft", "questions", "safety"} <= {task.key for task in readiness.list_optional(tasks)}
    service.edit(session, **what, revision=made.revision, terms=service.get_terms(made))
    service.write_draft(session, **what, text=TEXT)
    asked = session.scalars(select(Question).where(Question.consultation_id == made.id)).one()
    questions.edit(session, **what, question_id=asked.id, asking=QuestionInput("Why not?"))
    participation.set_no_identity(session, **what, allowed=made.no_identity)
    setup.save_step(session, **what, step="groups", values=setup.group_values("women: 6"))
    states = progress(session, made, owner)
    assert [states[key] for key in ("about", "dates", "draft", "questions", "safety", "groups")] == ["done"] * 6
    assert [states[key] for key in ("who", "names")] == ["copied"] * 2


def test_the_address_of_a_copy_can_be_chosen_and_no_other_consultation_has_it(
    session: Session, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    made = setup.duplicate(session, number=draft.id, by=owner)
    setup.renew_preview(session, number=made.id, by=owner)
    session.commit()
    desk, page = sign_in(owner), f"/desk/consultations/{made.id}/about"

    def save(address: str) -> str:
        form = pressed(desk.get(page).text, having="revision", address=address)
        answer = desk.post(page, data=form, follow_redirects=True)
        session.expire_all()
        return answer.text

    assert f'value="{made.slug}"' in desk.get(page).text
    save(" Farm-Work-2027 ")
    assert made.slug == "farm-work-2027"
    for wrong in ("farm work", "-farm", "farm--work", "ferme-é", "../x"):
        assert "can contain a–z, digits and single hyphens" in save(wrong)
    assert "Another consultation uses this web address" in save(draft.slug)
    assert made.slug == "farm-work-2027"
    save("")
    assert made.slug == "farm-work-2027", "a preview of it was given away"


def test_a_question_says_with_which_chapter_it_is_asked(
    session: Session, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    service.write_draft(session, number=draft.id, by=owner, text=TEXT)
    version = queries.get_sheet(session, number=draft.id, by=owner).version
    eid, name = queries.list_chapters(session, version.id)[-1]
    for chapter in (eid, "chp_99"):
        questions.add(session, number=draft.id, by=owner, asking=QuestionInput("Why?", chapter=chapter))
    session.commit()
    page = sign_in(owner).get(f"/desk/consultations/{draft.id}/questions").text
    assert f"asked with the chapter “{name}”" in page
    assert page.count("the chapter is no longer in the draft") == 1


def test_the_names_of_a_copy_follow_its_title_until_it_is_published(
    session: Session, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    made = setup.duplicate(session, number=draft.id, by=owner)
    session.commit()
    desk, address = sign_in(owner), f"/desk/consultations/{made.id}/about"
    assert f'value="{made.code}"' in desk.get(address).text
    year = f"{made.closes_at.year % 100:02}"

    def save(**typed: str) -> str:
        page = desk.post(
            address, data=pressed(desk.get(address).text, having="revision", **typed), follow_redirects=True
        )
        session.expire_all()
        return page.text

    page = save(title="Rules for Farm Workers")
    assert (made.slug, made.code) == ("rules-for-farm-workers", f"RF{year}")
    assert f"References now begin with RF{year}." in page
    save(title="Rules for Farm Workers and Seasons", code="FW99")
    assert (made.slug, made.code) == ("rules-for-farm-workers-and-seasons", "FW99")
    save(title="Law on Farms")
    assert (made.slug, made.code) == ("law-on-farms", "FW99"), "a code that was not made of the title stays"
    assert "Another consultation uses this code" in save(code=draft.code)
    setup.renew_preview(session, number=made.id, by=owner)
    session.commit()
    save(title="Law on Fields")
    assert (made.slug, made.title) == ("law-on-farms", "Law on Fields"), "somebody has the address of its preview"


def test_the_form_on_paper_has_a_code_for_every_place(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    service.write_draft(session, number=draft.id, by=owner, text=TEXT)
    questions.add(
        session,
        number=draft.id,
        by=owner,
        asking=QuestionInput("Which?", kind=QuestionKind.MANY, options=("Bread", "Milk")),
    )
    assert client.get(f"/c/{draft.slug}/paper").status_code == 404
    page = sign_in(owner).get(f"/desk/consultations/{draft.id}/paper").text
    for code in ("/1.1</b>", "/2.1</b>", "/Q1</b>", "Mark all that apply."):
        assert code in page
    assert "Not published yet. Do not hand out." in page
    service.publish(session, number=draft.id, by=owner)
    page = client.get(f"/c/{draft.slug}/paper").text
    assert "Version 1 of the draft, " in page
    assert "I know that this will be published, and I agree freely" in page


def test_the_form_on_paper_says_where_it_is_given_back_or_leaves_room_to_write_it(
    session: Session, client: FlaskClient, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    service.write_draft(session, number=draft.id, by=owner, text=TEXT)
    service.publish(session, number=draft.id, by=owner)
    assert "That person writes contact details here:" in client.get(f"/c/{draft.slug}/paper").text
    desk = sign_in(owner)
    assert "No return address yet." in desk.get(f"/desk/consultations/{draft.id}").text
    address = "Secretariat, room 12\nPO Box 7, Lima"
    saved = desk.post(f"/desk/consultations/{draft.id}/steps/paper", data={"paper_return": address})
    assert saved.status_code == 303
    page = client.get(f"/c/{draft.slug}/paper").text
    assert address in page
    assert "That person writes contact details here" not in page
    assert "PO Box 7" in desk.get(f"/desk/consultations/{draft.id}").text


def test_whom_a_question_is_for_is_isolated_without_characters_that_a_pdf_would_keep(
    session: Session, sign_in: Callable[[Any], FlaskClient], owner: Account, draft: Consultation
) -> None:
    first = questions.add(
        session,
        number=draft.id,
        by=owner,
        asking=QuestionInput("Which?", kind=QuestionKind.ONE, options=("<Bread>", "Milk")),
    )
    later = QuestionInput("Why?", after_id=first.id, after_keys=("o1",))
    questions.add(session, number=draft.id, by=owner, asking=later)
    page = sign_in(owner).get(f"/desk/consultations/{draft.id}/paper").text
    assert "is: <bdi>&lt;Bread&gt;</bdi>" in page
    assert not set("\u2068\u2069") & set(page)


def test_a_rule_for_names_is_one_that_submissions_know() -> None:
    assert {str(rule) for rule in NameRule} <= set(factories.Consultation.__table__.c.name_rules.default.arg(None))
    assert Submitter().name_rule == "none"
