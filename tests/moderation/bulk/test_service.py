"""Decisions on many, and decisions of two people: nothing happens twice, to other words, or by one person alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.audit.submissions import check as check_submissions
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import Reason
from consult.decisions.service import TooLateToUndo
from consult.ledger import service as ledger
from consult.moderation import service
from consult.moderation.bulk import queries as bulk_queries
from consult.moderation.bulk import service as bulk
from consult.moderation.bulk.service import NothingChosen, SelfApproval
from consult.moderation.model import (
    Batch,
    BatchItem,
    BatchItemResult,
    BatchProgress,
    Decision,
    DecisionOutcome,
    Queue,
    QueueEntry,
)
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.redaction import Redaction
from consult.moderation.service import (
    ModerationVerdict,
    SecondReaderNeeded,
    SubmissionChanged,
)
from consult.submissions import queries as submissions_queries
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.evidence import service as evidence
from consult.submissions.model import Evidence, EvidenceKind, NameRule, State, Submission
from consult.submissions.values import NewComment
from tests import factories
from tests.accounts.letters import letters
from tests.counting import statements
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]
PUBLISH = ModerationVerdict(DecisionOutcome.PUBLISH)
WITHHOLD = ModerationVerdict(DecisionOutcome.WITHHOLD, Reason.OFF_TOPIC, "It is about another plan.")


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def colleague(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Tomás R.")


def several(session: Session, many: int, **values: object) -> list[Submission]:
    consultation = values.pop("consultation", None) or factories.consultation(session)
    return [filed(session, consultation=consultation, **values) for _number in range(many)]  # type: ignore[arg-type]


def read(rows: list[Submission]) -> list[tuple[int, int]]:
    return [(row.id, row.revision) for row in rows]


def results(session: Session, batch: Batch) -> dict[BatchItemResult | None, int]:
    counted = select(BatchItem.result, func.count()).where(BatchItem.batch_id == batch.id).group_by(BatchItem.result)
    return {row[0]: row[1] for row in session.execute(counted)}


def states(rows: list[Submission]) -> set[State]:
    return {row.state for row in rows}


def amend(session: Session, row: Submission) -> None:
    place = comments_queries.list_comments(session, row.id)[0].provision_id
    submissions.amend(session, row, comments=[NewComment(place, None, "Other words.")])


def test_twenty_are_decided_by_one_person_after_half_a_minute(session: Session, moderator: Account) -> None:
    rows = several(session, 20)
    batch = bulk.propose(session, moderator=moderator, items=read(rows), verdict=PUBLISH)
    assert batch.progress is BatchProgress.DUE
    assert bulk.list_due(session) == []
    assert states(rows) == {State.PENDING}
    half_a_minute_later(session)
    assert states(rows) == {State.PUBLISHED}
    assert (batch.progress, results(session, batch)) == (BatchProgress.DONE, {BatchItemResult.DECIDED: 20})
    assert session.scalar(select(func.count()).select_from(QueueEntry)) == 0
    assert {row.second_id for row in session.scalars(select(Decision))} == {None}
    submissions_queries.audit(session, rows[0].consultation_id)


def test_a_batch_is_due_at_the_very_second(session: Session, moderator: Account) -> None:
    batch = bulk.propose(session, moderator=moderator, items=read(several(session, 1)), verdict=PUBLISH)
    assert batch.due_at is not None
    before = batch.due_at - timedelta(microseconds=1)
    assert bulk.list_due(session, at=before) == []
    bulk.run(session, batch.id, at=before)
    assert results(session, batch) == {None: 1}
    assert bulk.list_due(session, at=batch.due_at) == [batch.id]
    bulk.run(session, batch.id, at=batch.due_at)
    assert results(session, batch) == {BatchItemResult.DECIDED: 1}


def test_evidence_of_many_is_shown_when_they_are_published_together(session: Session, moderator: Account) -> None:
    rows = several(session, 2)
    item = EvidenceItem(scheme="isbn", reference="9789211483524", kind=EvidenceKind.STUDY, description="A study.")
    for row in rows:
        evidence.attach(session, row, [item])
    bulk.propose(session, moderator=moderator, items=read(rows), verdict=PUBLISH)
    assert session.scalars(select(Evidence.shown)).all() == [False, False]
    half_a_minute_later(session)
    assert session.scalars(select(Evidence.shown)).all() == [True, True]


def test_twenty_one_wait_for_a_second_person_who_is_not_the_first(
    session: Session, moderator: Account, colleague: Account
) -> None:
    rows = several(session, 21)
    batch = bulk.propose(session, moderator=moderator, items=read(rows), verdict=WITHHOLD)
    half_a_minute_later(session)
    assert (batch.progress, states(rows)) == (BatchProgress.SECOND_READER, {State.PENDING})
    with pytest.raises(SelfApproval):
        bulk.confirm(session, second=moderator, batch_id=batch.id)
    with pytest.raises(Forbidden):
        bulk.confirm(session, second=factories.account(session, Role.POLICYMAKER), batch_id=batch.id)
    bulk.confirm(session, second=colleague, batch_id=batch.id, answer="I agree.")
    half_a_minute_later(session)
    assert states(rows) == {State.WITHHELD}
    made = session.scalars(select(Decision)).all()
    assert {(row.moderator_id, row.second_id, row.note) for row in made} == {
        (moderator.id, colleague.id, "It is about another plan.")
    }
    entry = ledger.list_history(session, subject_id=rows[0].id)[-1]
    assert (entry.kind, entry.reason, entry.detail.get("second_reader")) == ("submission.withheld", "off_topic", True)
    submissions_queries.audit(session, rows[0].consultation_id)


def test_an_organisation_is_not_withheld_by_one_person_however_it_is_tried(
    session: Session, moderator: Account, colleague: Account
) -> None:
    row = filed(session, name_rule=NameRule.ORGANISATION, organisation_name="Harbour Net")
    with pytest.raises(SecondReaderNeeded):
        service.decide(
            session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
            reason=Reason.HATE,
        )  # fmt: skip
    batch = bulk.propose(session, moderator=moderator, items=read([row]), verdict=WITHHOLD)
    assert batch.progress is BatchProgress.SECOND_READER
    bulk.confirm(session, second=colleague, batch_id=batch.id)
    half_a_minute_later(session)
    assert row.state is State.WITHHELD


def test_what_is_asked_of_a_second_reader_can_be_decided_by_nobody_else_meanwhile(
    session: Session, moderator: Account, colleague: Account
) -> None:
    (row,) = several(session, 1)
    batch = bulk.propose(session, moderator=moderator, items=read([row]), verdict=WITHHOLD, second_reader=True)
    assert session.get_one(QueueEntry, row.id).queue is Queue.SECOND
    with pytest.raises(SubmissionChanged):
        bulk.propose(session, moderator=colleague, items=read([row]), verdict=PUBLISH)
    with pytest.raises(Refusal):
        bulk.refuse(session, second=colleague, batch_id=batch.id, answer=" ")
    bulk.refuse(session, second=colleague, batch_id=batch.id, answer="It is about the plan.")
    assert session.get_one(QueueEntry, row.id, populate_existing=True).queue is Queue.NEW
    with pytest.raises(Conflict):
        bulk.confirm(session, second=colleague, batch_id=batch.id)
    half_a_minute_later(session)
    assert row.state is State.PENDING


def test_the_second_reader_reads_which_words_would_be_hidden_and_why(
    session: Session, moderator: Account, colleague: Account, sign_in: SignIn
) -> None:
    row = filed(session, body="My cousin Pedro waits.")
    said = comments_queries.list_comments(session, row.id)[0]
    verdict = ModerationVerdict(DecisionOutcome.PUBLISH, covers=(Redaction(said.id, 10, 15, "third_person"),))
    batch = bulk.propose(session, moderator=moderator, items=read([row]), verdict=verdict, second_reader=True)
    number, browser = row.id, sign_in(colleague)
    assert "Proposed: publish with words hidden" in browser.get("/review?queue=second").text
    page = browser.get(f"/review/batches/{batch.id}").text
    assert '<del dir="auto">Pedro</del> <small>Identifies another person</small>' in page
    assert "Pedro</mark></del> waits." in browser.get(f"/review/{number}").text  # in its place among the others
    assert ">Confirm decision <kbd" in page
    assert "Agree with author" not in page
    browser.post(f"/review/batches/{batch.id}", data=pressed(page, ("do", "confirm")))
    half_a_minute_later(session)
    assert comments_queries.list_comments(session, number)[0].public_body == "My cousin █████ waits."
    log = browser.get("/review/log").text
    assert moderator.display_name in log
    assert f"<small>Second moderator: <bdi>{colleague.display_name}</bdi></small>" in log
    assert "1 passage hidden" in log
    ledger.number_entries(session)
    session.commit()
    assert "by two people" in browser.get("/log").text


def test_what_changed_meanwhile_is_left_for_a_person(session: Session, moderator: Account) -> None:
    rows = several(session, 4)
    batch = bulk.propose(session, moderator=moderator, items=read(rows), verdict=PUBLISH)
    amend(session, rows[0])
    submissions.withdraw(session, rows[1])
    half_a_minute_later(session)
    assert [row.state for row in rows] == [State.PENDING, State.WITHDRAWN, State.PUBLISHED, State.PUBLISHED]
    assert results(session, batch) == {BatchItemResult.CHANGED: 2, BatchItemResult.DECIDED: 2}
    assert session.get_one(QueueEntry, rows[0].id, populate_existing=True).queue is Queue.NEW
    submissions_queries.audit(session, rows[0].consultation_id)


def test_what_changed_before_it_was_proposed_is_not_in_it(session: Session, moderator: Account) -> None:
    rows = several(session, 2)
    seen = read(rows)
    amend(session, rows[0])
    summary = bulk_queries.summarise_selection(session, moderator, items=seen)
    assert (summary.count, summary.changed) == (2, 1)
    batch = bulk.propose(session, moderator=moderator, items=seen, verdict=PUBLISH)
    assert results(session, batch) == {None: 1}
    with pytest.raises(SubmissionChanged):
        bulk.propose(session, moderator=moderator, items=seen[:1], verdict=PUBLISH)


def test_ones_own_words_are_left_for_others_at_both_ends(
    session: Session, moderator: Account, colleague: Account
) -> None:
    consultation = factories.consultation(session)
    mine = filed(session, consultation=consultation, account_id=moderator.id)
    theirs = filed(session, consultation=consultation, account_id=colleague.id)
    others = several(session, 21, consultation=consultation)
    batch = bulk.propose(session, moderator=moderator, items=read([mine, theirs, *others]), verdict=PUBLISH)
    bulk.confirm(session, second=colleague, batch_id=batch.id)
    half_a_minute_later(session)
    assert (mine.state, theirs.state, states(others)) == (State.PENDING, State.PENDING, {State.PUBLISHED})
    assert results(session, batch) == {BatchItemResult.OWN: 2, BatchItemResult.DECIDED: 21}
    with pytest.raises(InterestedDecider):
        bulk.propose(session, moderator=moderator, items=read([mine]), verdict=PUBLISH)
    alone = bulk.propose(session, moderator=moderator, items=read([theirs]), verdict=WITHHOLD, second_reader=True)
    with pytest.raises(InterestedDecider):
        bulk.confirm(session, second=colleague, batch_id=alone.id)


@pytest.mark.parametrize("address", ["amaran+desk@gmail.com", "a.mara.n@googlemail.com"])
def test_another_spelling_of_ones_own_mailbox_is_left_for_others_too(
    session: Session, colleague: Account, address: str
) -> None:
    """As a decision on one does: one function tells both."""
    amara = factories.account(session, Role.MODERATOR, email="amaran@gmail.com")
    consultation = factories.consultation(session)
    mine = filed(session, consultation=consultation, email=address)
    others = several(session, 2, consultation=consultation)
    with pytest.raises(InterestedDecider):
        service.check_not_own(session, mine.id, amara)
    assert bulk_queries.summarise_selection(session, amara, items=read([mine, *others])).own == 1
    batch = bulk.propose(session, moderator=amara, items=read([mine, *others]), verdict=PUBLISH)
    assert results(session, batch) == {BatchItemResult.OWN: 1, None: 2}
    alone = bulk.propose(session, moderator=colleague, items=read([mine]), verdict=PUBLISH, second_reader=True)
    assert bulk_queries.get_batch_report(session, alone.id, for_whom=amara).own
    with pytest.raises(InterestedDecider):
        bulk.confirm(session, second=amara, batch_id=alone.id)


def test_nothing_chosen_is_no_decision(session: Session, moderator: Account) -> None:
    with pytest.raises(NothingChosen):
        bulk.propose(session, moderator=moderator, items=[], verdict=PUBLISH)


def test_a_decision_on_many_is_taken_back_by_who_made_or_confirmed_it_until_it_begins(
    session: Session, moderator: Account, colleague: Account
) -> None:
    rows = several(session, 3)
    batch = bulk.propose(session, moderator=moderator, items=read(rows), verdict=PUBLISH)
    with pytest.raises(NotFound):
        bulk.undo_batch(session, moderator=colleague, batch_id=batch.id)
    for _again in range(2):
        bulk.undo_batch(session, moderator=moderator, batch_id=batch.id)
    half_a_minute_later(session)
    assert states(rows) == {State.PENDING}
    assert {row.queue for row in session.scalars(select(QueueEntry))} == {Queue.NEW}
    second = bulk.propose(session, moderator=moderator, items=read(rows), verdict=PUBLISH)
    half_a_minute_later(session)
    with pytest.raises(TooLateToUndo):
        bulk.undo_batch(session, moderator=moderator, batch_id=second.id)


def test_a_run_that_stops_goes_on_and_decides_each_once(session: Session, moderator: Account) -> None:
    rows = several(session, 12, email="rosa@example.org")
    before = len(letters(session))
    batch = bulk.propose(session, moderator=moderator, items=read(rows), verdict=PUBLISH)
    later = now() + timedelta(minutes=1)
    session.commit()
    assert bulk.run(session, batch.id, at=later, most=5)
    session.commit()
    assert bulk_queries.get_batch_report(session, batch.id, for_whom=moderator).done == 5
    bulk.run(session, batch.id, at=later, most=5)
    session.rollback()  # killed before it was committed
    assert bulk_queries.get_batch_report(session, batch.id, for_whom=moderator).done == 5
    assert bulk.list_due(session, at=now()) == [batch.id]  # begun is due, whatever the hour
    while bulk.run(session, batch.id, at=later, most=5):
        session.commit()
    session.expire_all()
    assert not bulk.run(session, batch.id, at=later)
    assert states(rows) == {State.PUBLISHED}
    assert session.scalar(select(func.count()).select_from(Decision)) == 12
    assert len(letters(session)) == before + 12
    kinds = [entry.kind for row in rows for entry in ledger.list_history(session, subject_id=row.id)]
    assert kinds.count("submission.published") == 12


def test_of_two_workers_at_once_one_works(session: Session, moderator: Account) -> None:
    batch = bulk.propose(session, moderator=moderator, items=read(several(session, 3)), verdict=PUBLISH)
    session.commit()
    later = now() + timedelta(minutes=1)
    with Session(db.engine) as other:
        assert bulk.run(other, batch.id, at=later, most=1)
        assert not bulk.run(session, batch.id, at=later, most=1)
        session.rollback()
        other.commit()
    assert results(session, batch) == {None: 2, BatchItemResult.DECIDED: 1}


def test_everything_a_filter_shows_is_decided_at_once_and_nothing_else(
    session: Session, moderator: Account, colleague: Account
) -> None:
    one, two = factories.consultation(session), factories.consultation(session)
    rows, others = several(session, 30, consultation=one), several(session, 2, consultation=two)
    where = QueueFilter.of({"consultation": one.slug}).conditions
    assert bulk_queries.summarise_selection(session, moderator, where=where).count == 30
    batch = bulk.propose(session, moderator=moderator, where=where, verdict=PUBLISH)
    bulk.confirm(session, second=colleague, batch_id=batch.id)
    half_a_minute_later(session)
    assert (states(rows), states(others)) == ({State.PUBLISHED}, {State.PENDING})


def test_many_are_returned_and_wait_for_their_authors(session: Session, moderator: Account) -> None:
    rows = several(session, 3, email="rosa@example.org")
    verdict = ModerationVerdict(DecisionOutcome.RETURN, Reason.UNCLEAR, "Which year do you mean?")
    bulk.propose(session, moderator=moderator, items=read(rows), verdict=verdict)
    half_a_minute_later(session)
    assert states(rows) == {State.RETURNED}
    assert {row.queue for row in session.scalars(select(QueueEntry))} == {Queue.RETURNED}
    assert "Which year do you mean?" in letters(session)[-1].text


def consultation_of(session: Session, many: int) -> tuple[Consultation, list[Submission]]:
    consultation = factories.consultation(session)
    return consultation, several(session, many, consultation=consultation)


def test_on_the_pages_a_summary_comes_first_and_a_report_last(
    sign_in: SignIn, session: Session, moderator: Account, colleague: Account
) -> None:
    consultation, rows = consultation_of(session, 22)
    title, ids = consultation.title, [f"{row.id}:{row.revision}" for row in rows]
    browser, second = sign_in(moderator), sign_in(colleague)
    summary = browser.post("/review/bulk", data={"pick": ids}).text
    assert "Nothing has happened yet." in summary
    assert title in summary
    assert "a second moderator must approve first" in summary
    answer = browser.post("/review/bulk", data=pressed(summary, ("outcome", "withhold"), reason="", note="No."))
    assert answer.status_code == 422
    assert "Choose a reason" in answer.text
    asked = browser.post("/review/bulk", data=pressed(summary, ("outcome", "withhold"), reason="hate", note="No."))
    page = browser.get(asked.location).text
    assert "someone else must confirm it" in page
    assert 'value="confirm"' not in page
    assert browser.post(asked.location, data={"do": "confirm"}).status_code == 422
    assert "22 submissions" in second.get("/review?queue=second").text
    second.post(asked.location, data=pressed(second.get(asked.location).text, ("do", "confirm")))
    half_a_minute_later(session)
    assert states(rows) == {State.WITHHELD}
    done = browser.get(asked.location).text
    assert "22 of 22" in done
    assert "Tomás R." in done


@pytest.mark.parametrize("many", [3, 30])
def test_pages_of_many_cost_the_same_statements_however_many(
    sign_in: SignIn, session: Session, moderator: Account, many: int
) -> None:
    _consultation, rows = consultation_of(session, many)
    batch = bulk.propose(session, moderator=moderator, items=read(rows), verdict=PUBLISH, second_reader=True)
    browser, number = sign_in(moderator), batch.id
    session.commit()
    for path in ("/review?queue=second", f"/review/batches/{number}", "/review/campaigns"):
        browser.get(path)
        with statements() as seen:
            assert browser.get(path).status_code == 200
        most = 12 if "batches" in path else 8  # who may not confirm is told by the rule of single decisions
        assert len(seen) <= most, (path, seen)


def test_what_has_hidden_words_says_so_in_its_own_entry_when_many_are_published(
    session: Session, moderator: Account
) -> None:
    hidden, plain = several(session, 2)
    [comment] = comments_queries.list_comments(session, hidden.id)
    cover = Redaction(comment.id, 0, 3, Reason.THIRD_PERSON)
    service.decide(
        session, moderator=moderator, submission_id=hidden.id, revision=hidden.revision,
        outcome=DecisionOutcome.PUBLISH, covers=[cover],
    )  # fmt: skip
    kept = NewComment(comment.provision_id, comment.stance, comment.body)
    submissions.amend(session, hidden, comments=[kept, NewComment(None, None, "And more.")])
    bulk.propose(session, moderator=moderator, items=read([hidden, plain]), verdict=PUBLISH)
    half_a_minute_later(session)
    assert states([hidden, plain]) == {State.PUBLISHED}
    last = [ledger.list_history(session, subject_id=row.id)[-1] for row in (hidden, plain)]
    assert [entry.detail.get("covered", 0) for entry in last] == [1, 0]
    assert [entry.commitment is not None for entry in last] == [True, False]
    assert check_submissions(session, [hidden.id, plain.id]) == []
