"""Deciding: what changes, who is told, and who may not."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.core.crypto import blind_index, seal
from consult.core.db import db
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.decisions import reasons
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import Reason
from consult.ledger import service as ledger
from consult.moderation import service
from consult.moderation.model import Decision, DecisionOutcome
from consult.moderation.redaction import Redaction
from consult.moderation.service import ReasonMissing, SubmissionChanged
from consult.submissions import queries
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.values import NewComment
from tests import factories
from tests.accounts.letters import letters
from tests.moderation.cases import filed


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def decide(session: Session, moderator: Account, row: Submission, outcome: DecisionOutcome, **more: Any) -> Decision:
    values = {"revision": row.revision, "outcome": outcome, **more}
    return service.decide(session, moderator=moderator, submission_id=row.id, **values)


def test_what_is_published_is_shown_and_in_the_books(session: Session, moderator: Account) -> None:
    row = filed(session)
    decide(session, moderator, row, DecisionOutcome.PUBLISH)
    assert row.state is State.PUBLISHED
    assert [comment.shown for comment in comments_queries.list_comments(session, row.id)] == [True]
    assert queries.get_books(session, row.consultation_id).published == 1
    queries.audit(session, row.consultation_id)


def test_a_reason_that_was_retired_is_not_used_until_it_is_reinstated(session: Session, moderator: Account) -> None:
    row = filed(session, body="My cousin Pedro waits.")
    cover = Redaction(comments_queries.list_comments(session, row.id)[0].id, 3, 9, Reason.THIRD_PERSON)
    reasons.retire(session, code=Reason.THIRD_PERSON)
    with pytest.raises(ReasonMissing):
        decide(session, moderator, row, DecisionOutcome.WITHHOLD, reason=Reason.THIRD_PERSON)
    with pytest.raises(ReasonMissing):
        decide(session, moderator, row, DecisionOutcome.PUBLISH, covers=[cover])
    reasons.reinstate(session, code=Reason.THIRD_PERSON)
    assert decide(session, moderator, row, DecisionOutcome.PUBLISH, covers=[cover]).redactions


@pytest.mark.parametrize("outcome", [DecisionOutcome.RETURN, DecisionOutcome.WITHHOLD])
def test_what_is_held_back_has_a_reason_in_the_ledger_and_no_name(
    session: Session, moderator: Account, outcome: DecisionOutcome
) -> None:
    row = filed(session)
    decide(session, moderator, row, outcome, reason=Reason.THIRD_PERSON, note="Leave out the street.")
    entry = ledger.list_history(session, subject_id=row.id)[-1]
    assert (entry.kind, entry.reason) == (f"submission.{service.OUTCOME_STATES[outcome]}", "third_person")
    assert entry.actor is not None
    assert moderator.display_name not in str(entry.detail) + entry.actor
    assert "street" not in str(entry.detail)
    queries.audit(session, row.consultation_id)


@pytest.mark.parametrize("outcome", [DecisionOutcome.RETURN, DecisionOutcome.WITHHOLD])
def test_nothing_is_held_back_without_a_reason(session: Session, moderator: Account, outcome: DecisionOutcome) -> None:
    row = filed(session)
    with pytest.raises(ReasonMissing):
        decide(session, moderator, row, outcome)
    assert row.state is State.PENDING
    assert session.scalar(select(func.count(Decision.id))) == 0


@pytest.mark.parametrize(
    ("outcome", "subject"),
    [
        (DecisionOutcome.PUBLISH, "Your submission is published"),
        (DecisionOutcome.RETURN, "Question from a moderator"),
        (DecisionOutcome.WITHHOLD, "Your submission is not published"),
    ],
)
def test_the_author_is_told_why_and_how_to_come_back(
    session: Session, moderator: Account, outcome: DecisionOutcome, subject: str
) -> None:
    row = filed(session, email="rosa@example.org")
    decide(session, moderator, row, outcome, reason=Reason.PERSONAL_DETAILS, note="Take out the number <1234>.")
    letter = letters(session)[-1]
    assert letter.to == "rosa@example.org"
    assert letter.subject == f"{subject} ({row.reference})"
    assert f"/r/{row.reference}/{submissions.author_secret(row)}" in letter.text
    if outcome is not DecisionOutcome.PUBLISH:
        assert "Contact details." in letter.text
        assert "Take out the number <1234>." in letter.text
        assert "Take out the number &lt;1234&gt;." in letter.html


def test_an_author_with_an_account_is_written_to_in_their_language(session: Session, moderator: Account) -> None:
    author = factories.account(session, email="amal@example.org", language="ar")
    decide(session, moderator, filed(session, account_id=author.id), DecisionOutcome.PUBLISH)
    assert letters(session)[-1].to == "amal@example.org"
    assert 'dir="rtl"' in letters(session)[-1].html


def test_an_author_who_gave_no_address_is_not_written_to(session: Session, moderator: Account) -> None:
    decide(session, moderator, filed(session), DecisionOutcome.WITHHOLD, reason=Reason.HATE)
    assert letters(session) == []


def test_a_decision_on_what_was_decided_meanwhile_is_refused(session: Session, moderator: Account) -> None:
    row, colleague = filed(session), factories.account(session, Role.MODERATOR)
    read = row.revision
    decide(session, colleague, row, DecisionOutcome.PUBLISH)
    with pytest.raises(SubmissionChanged):
        decide(session, moderator, row, DecisionOutcome.WITHHOLD, revision=read, reason=Reason.HATE)
    assert row.state is State.PUBLISHED


def test_a_decision_on_words_the_author_has_changed_is_refused(session: Session, moderator: Account) -> None:
    row = filed(session)
    decide(session, moderator, row, DecisionOutcome.RETURN, reason=Reason.UNCLEAR)
    read = row.revision
    place = comments_queries.list_comments(session, row.id)[0].provision_id
    submissions.amend(session, row, comments=[NewComment(place, None, "Clearer words.")])
    with pytest.raises(SubmissionChanged):
        decide(session, moderator, row, DecisionOutcome.PUBLISH, revision=read)
    decide(session, moderator, row, DecisionOutcome.PUBLISH)
    queries.audit(session, row.consultation_id)


@pytest.mark.parametrize("revision", [0, -1, 2, 2**31])
def test_a_revision_that_never_was_is_refused(session: Session, moderator: Account, revision: int) -> None:
    with pytest.raises(SubmissionChanged):
        decide(session, moderator, filed(session), DecisionOutcome.PUBLISH, revision=revision)


def test_a_withheld_submission_can_be_published_and_a_published_one_withheld(
    session: Session, moderator: Account
) -> None:
    row = filed(session)
    decide(session, moderator, row, DecisionOutcome.WITHHOLD, reason=Reason.OFF_TOPIC)
    decide(session, moderator, row, DecisionOutcome.PUBLISH)
    decide(session, moderator, row, DecisionOutcome.WITHHOLD, reason=Reason.ILLEGAL)
    assert [comment.shown for comment in comments_queries.list_comments(session, row.id)] == [False]
    queries.audit(session, row.consultation_id)


@pytest.mark.parametrize("outcome", list(DecisionOutcome))
def test_what_its_author_has_withdrawn_is_not_decided_on(
    session: Session, moderator: Account, outcome: DecisionOutcome
) -> None:
    row = filed(session)
    submissions.withdraw(session, row)
    with pytest.raises(submissions.TransitionNotAllowed):
        decide(session, moderator, row, outcome, reason=Reason.HATE)
    assert session.scalar(select(func.count(Decision.id))) == 0


def test_nobody_decides_on_their_own_words(session: Session, moderator: Account) -> None:
    moderator.email_index, moderator.email_sealed = blind_index("me@example.org"), seal("me@example.org")
    ngo, other = factories.organisation(session), factories.organisation(session)
    organisations.add_member(session, organisation_id=ngo.id, account_id=moderator.id)
    colleague = factories.account(session)
    organisations.add_member(session, organisation_id=ngo.id, account_id=colleague.id)
    organisations.add_member(session, organisation_id=other.id, account_id=colleague.id)
    own = [
        filed(session, account_id=moderator.id),
        filed(session, account_id=colleague.id, organisation_id=ngo.id, name_rule=NameRule.ORGANISATION),
        filed(session, email="Me@Example.org"),
    ]
    for row in own:
        with pytest.raises(InterestedDecider):
            decide(session, moderator, row, DecisionOutcome.PUBLISH)
        assert row.state is State.PENDING
    decide(
        session, moderator,
        filed(session, account_id=colleague.id, organisation_id=other.id, name_rule=NameRule.ORGANISATION),
        DecisionOutcome.PUBLISH,
    )  # fmt: skip


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.POLICYMAKER])
def test_who_is_no_moderator_decides_nothing(session: Session, role: Role) -> None:
    with pytest.raises(Forbidden):
        decide(session, factories.account(session, role), filed(session), DecisionOutcome.PUBLISH)


def test_what_is_not_there_is_not_decided_on(session: Session, moderator: Account) -> None:
    with pytest.raises(NotFound):
        service.decide(session, moderator=moderator, submission_id=404, revision=1, outcome=DecisionOutcome.PUBLISH)


def test_of_two_moderators_at_once_one_decides_and_one_is_told(app: Flask, session: Session) -> None:
    row = filed(session, email="rosa@example.org")
    ids = [factories.account(session, Role.MODERATOR).id for _ in range(2)]
    session.commit()
    number, revision, consultation = row.id, row.revision, row.consultation_id
    barrier, outcomes = threading.Barrier(2), []

    def work(moderator_id: int, outcome: DecisionOutcome) -> None:
        with app.app_context():
            me = db.session().get_one(Account, moderator_id)
            db.session().get_one(Submission, number)  # each has read it before
            barrier.wait()
            try:
                service.decide(
                    db.session(), moderator=me, submission_id=number, revision=revision, outcome=outcome,
                    reason=Reason.HATE,
                )  # fmt: skip
                db.session.commit()
                outcomes.append("decided")
            except Refusal as refusal:
                outcomes.append(type(refusal).__name__)
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=work, args=pair)
        for pair in zip(ids, (DecisionOutcome.PUBLISH, DecisionOutcome.WITHHOLD), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["SubmissionChanged", "decided"]
    session.expire_all()
    decision = session.scalars(select(Decision)).one()
    assert row.state is service.OUTCOME_STATES[decision.outcome]
    assert len([letter for letter in letters(session) if "submission" in letter.subject]) == 2  # receipt, decision
    queries.audit(session, consultation)


def test_the_author_who_withdraws_while_a_moderator_decides_leaves_whole_books(app: Flask, session: Session) -> None:
    row, moderator = filed(session), factories.account(session, Role.MODERATOR)
    session.commit()
    number, revision, by, consultation = row.id, row.revision, moderator.id, row.consultation_id
    barrier, outcomes = threading.Barrier(2), []

    def publish() -> None:
        me = db.session().get_one(Account, by)
        barrier.wait()
        service.decide(
            db.session(), moderator=me, submission_id=number, revision=revision, outcome=DecisionOutcome.PUBLISH
        )  # fmt: skip

    def withdraw() -> None:
        mine = db.session().get_one(Submission, number)
        barrier.wait()
        submissions.withdraw(db.session(), mine)

    def run(verb: Any) -> None:
        with app.app_context():
            try:
                verb()
                db.session.commit()
                outcomes.append("done")
            except Refusal:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(verb,)) for verb in (publish, withdraw)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    queries.audit(session, consultation)
