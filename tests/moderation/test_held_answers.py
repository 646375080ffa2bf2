"""Answers to appeals and reports that can be taken back: nothing is seen of them before they take effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.web.access import Role
from consult.decisions.model import AppealOutcome, DecisionEnd, Reason, ReportKind, ReportOutcome
from consult.decisions.service import UNDO_DELAY, TooLateToUndo
from consult.ledger.model import LedgerEntry
from consult.moderation import held_answers as recourse_answers
from consult.moderation import service
from consult.moderation.model import DecisionOutcome
from consult.moderation.queue.undoable import list_undoable
from consult.moderation.recourse import appeals, reports
from consult.moderation.recourse.model import Appeal, RecourseAnswer, Report
from consult.moderation.redaction import Redaction
from consult.moderation.service import AlreadyAnswered
from consult.submissions import queries as submissions_queries
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import State, Submission
from consult.submissions.values import NewComment
from tests import factories
from tests.accounts.letters import letters
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]
AFTER = timedelta(seconds=31)


@pytest.fixture
def amina(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def tomas(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Tomás R.")


@pytest.fixture
def appealed(session: Session, amina: Account) -> Appeal:
    """Against what Amina withheld; the author has an address."""
    row = filed(session, body="Shoot them all. Ask my cousin Pedro.", email="rosa@example.org")
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.HATE,
    )  # fmt: skip
    return appeals.file(session, row, words="Hide the first sentence then.")


@pytest.fixture
def reported(session: Session, amina: Account) -> Submission:
    """Published by Amina, and reported by somebody with an address."""
    row = filed(session, body="Ask my cousin Pedro about it.")
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH
    )
    report(session, row, "first", email="reader@example.net")
    return row


def report(session: Session, row: Submission, key: str, **more: Any) -> Report:
    return reports.file(session, reference=row.reference, kind=ReportKind.PERSON, key=key, **more)


def answer(
    session: Session, moderator: Account, appeal: Appeal, outcome: AppealOutcome = AppealOutcome.ACCEPTED, **more: Any
) -> None:
    appeals.answer(
        session, moderator=moderator, appeal_id=appeal.id, outcome=outcome, reasons="It may stand.",
        delay=UNDO_DELAY, **more,
    )  # fmt: skip


def submission_of(session: Session, appeal: Appeal) -> Submission:
    return session.get_one(Submission, appeal.submission_id)


def outside(session: Session, row: Submission) -> tuple[Any, ...]:
    """Return all that people other than moderators can see of a submission."""
    session.flush()
    entries = session.scalars(
        select(LedgerEntry.kind).where(LedgerEntry.subject_id == row.id).order_by(LedgerEntry.id)
    ).all()
    return (
        row.state,
        comments_queries.list_comments(session, row.id)[0].public_body,
        tuple(entries),
        len(letters(session)),
    )


@pytest.mark.parametrize("outcome", [AppealOutcome.REJECTED, AppealOutcome.ACCEPTED])
def test_an_answer_to_an_appeal_is_seen_by_nobody_until_its_time(
    session: Session, tomas: Account, appealed: Appeal, outcome: str
) -> None:
    row = submission_of(session, appealed)
    before = outside(session, row)
    answer(session, tomas, appealed, outcome)
    assert appeals.apply_due_answers(session, at=now() + timedelta(seconds=29)) == 0
    assert outside(session, row) == before
    assert appeals.apply_due_answers(session, at=now() + AFTER) == 1
    assert appeals.apply_due_answers(session, at=now() + AFTER) == 0
    assert appealed.outcome == outcome
    assert row.state is (State.PUBLISHED if outcome == AppealOutcome.ACCEPTED else State.WITHHELD)
    assert len(letters(session)) == before[3] + 1
    submissions_queries.audit(session, row.consultation_id)


def test_an_answer_takes_effect_at_the_very_second(session: Session, tomas: Account, appealed: Appeal) -> None:
    answer(session, tomas, appealed)
    due_at = session.scalars(select(RecourseAnswer.due_at)).one()
    assert appeals.apply_due_answers(session, at=due_at - timedelta(microseconds=1)) == 0
    assert appeals.apply_due_answers(session, at=due_at) == 1


def test_an_answer_that_is_taken_back_leaves_the_appeal_as_it_was(
    session: Session, amina: Account, tomas: Account, appealed: Appeal
) -> None:
    row = submission_of(session, appealed)
    before = outside(session, row)
    answer(session, tomas, appealed)
    held = session.scalars(select(RecourseAnswer)).one()
    with pytest.raises(NotFound):
        recourse_answers.undo_answer(session, moderator=amina, answer_id=held.id)
    recourse_answers.undo_answer(session, moderator=tomas, answer_id=held.id)
    assert (
        recourse_answers.undo_answer(session, moderator=tomas, answer_id=held.id).ended is DecisionEnd.TAKEN_BACK
    )  # pressed twice
    assert appeals.apply_due_answers(session, at=now() + AFTER) == 0
    assert outside(session, row) == before
    answer(session, tomas, appealed, AppealOutcome.REJECTED)
    appeals.apply_due_answers(session, at=now() + AFTER)
    assert appealed.outcome is AppealOutcome.REJECTED
    with pytest.raises(TooLateToUndo):
        recourse_answers.undo_answer(session, moderator=tomas, answer_id=session.scalars(
            select(RecourseAnswer.id).order_by(RecourseAnswer.id.desc())).first() or 0)  # fmt: skip


def test_two_who_answer_at_once_are_one_answer(session: Session, tomas: Account, appealed: Appeal) -> None:
    answer(session, tomas, appealed)
    with pytest.raises(AlreadyAnswered):
        answer(session, factories.account(session, Role.ADMIN), appealed, AppealOutcome.REJECTED)


def test_an_author_who_changes_it_first_overtakes_the_answer(session: Session, amina: Account, tomas: Account) -> None:
    row = filed(session)
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.RETURN,
        reason=Reason.UNCLEAR,
    )  # fmt: skip
    answer(session, tomas, appeals.file(session, row, words="It is clear."))
    place = comments_queries.list_comments(session, row.id)[0].provision_id
    submissions.amend(session, row, comments=[NewComment(place, None, "Other words.")])
    assert appeals.apply_due_answers(session, at=now() + AFTER) == 1
    assert session.scalars(select(RecourseAnswer.ended)).all() == [DecisionEnd.OVERTAKEN]
    assert row.state is State.PENDING
    assert appeals.lapse(session) == 1


def test_an_answer_to_reports_is_told_when_it_takes_effect_and_only_to_those_that_were_read(
    session: Session, tomas: Account, reported: Submission
) -> None:
    before = outside(session, reported)
    comment = comments_queries.list_comments(session, reported.id)[0]
    reports.answer(
        session, moderator=tomas, submission_id=reported.id, outcome=ReportOutcome.HIDDEN, words="He is named.",
        covers=[Redaction(comment.id, 14, 19, Reason.THIRD_PERSON)], delay=UNDO_DELAY,
    )  # fmt: skip
    late = report(session, reported, "late", email="late@example.net")
    assert outside(session, reported) == before
    assert reports.apply_due_answers(session, at=now() + AFTER) == 1
    assert comments_queries.list_comments(session, reported.id)[0].public_body == "Ask my cousin █████ about it."
    assert [letter.to for letter in letters(session)][before[3] :] == ["reader@example.net"]
    assert late.outcome is None


def test_what_a_colleague_withholds_meanwhile_is_not_kept(
    session: Session, amina: Account, tomas: Account, reported: Submission
) -> None:
    reports.answer(
        session, moderator=tomas, submission_id=reported.id, outcome=ReportOutcome.KEPT, words="", delay=UNDO_DELAY
    )
    service.decide(
        session,
        moderator=amina,
        submission_id=reported.id,
        revision=reported.revision,
        outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.THIRD_PERSON,
    )
    reports.apply_due_answers(session, at=now() + AFTER)
    assert session.scalars(select(RecourseAnswer.ended)).all() == [DecisionEnd.OVERTAKEN]
    reports.close_unpublished(session)
    assert session.scalars(select(Report.outcome)).all() == [ReportOutcome.WITHHELD]


def test_an_answer_leaves_its_queue_and_comes_back_when_it_is_taken_back(
    session: Session, sign_in: SignIn, tomas: Account, appealed: Appeal, reported: Submission
) -> None:
    browser, row = sign_in(tomas), submission_of(session, appealed)
    for queue, path, press, typed in (
        ("appeals", f"/review/appeals/{appealed.id}", ("do", "accept"), {"reasons": "It may stand."}),
        ("reported", f"/review/reports/{reported.id}", ("do", "keep"), {}),
    ):
        page = browser.get(path).text
        assert browser.post(path, data=pressed(page, press, **typed)).status_code == 303
        listed = browser.get(f"/review?queue={queue}").text
        assert "Nothing waiting" in listed
        assert re.search(rf'queue={queue}"[^>]*>.*?<span data-count>0', listed, re.DOTALL)
        assert "Decided a moment ago" in browser.get(path).text
        assert row.state is State.WITHHELD
        undo = re.search(r'<form method="post" action="(/review/answers/\d+/undo)"', listed)
        assert undo
        done = browser.post(undo[1], data=pressed(listed, ("do", "undo")))
        assert done.location.endswith(path)
        assert "Decision undone before anyone saw it." in browser.get(path).text
        assert "Nothing waiting" not in browser.get(f"/review?queue={queue}").text
    half_a_minute_later(session)
    assert row.state is State.WITHHELD
    assert list_undoable(session, tomas) == []
