"""Half a minute in which a decision can be taken back: until then nobody outside has seen anything of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.errors import NotFound
from consult.core.web.access import Role
from consult.decisions.model import DecisionEnd, Reason
from consult.decisions.service import UNDO_DELAY, TooLateToUndo
from consult.ledger import service as ledger
from consult.moderation import service
from consult.moderation.bulk import service as bulk
from consult.moderation.model import Decision, DecisionOutcome, Queue, QueueEntry
from consult.moderation.queue import queries as queue_queries
from consult.moderation.queue.filters import QueueFilter
from consult.moderation.queue.undoable import list_undoable
from consult.moderation.service import ModerationVerdict, SubmissionChanged
from consult.submissions import queries as submissions_queries
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import State, Submission
from consult.submissions.values import NewComment
from tests import factories
from tests.accounts.letters import letters
from tests.moderation.cases import filed

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def moderator(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def decide(
    session: Session, moderator: Account, row: Submission, outcome: DecisionOutcome = DecisionOutcome.PUBLISH
) -> Decision:
    return service.decide(
        session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=outcome,
        reason=Reason.HATE, delay=UNDO_DELAY,
    )  # fmt: skip


def listed(session: Session, moderator: Account) -> list[str]:
    return [row.reference for row in queue_queries.get_queue_page(session, moderator, QueueFilter()).items.items]


def test_for_half_a_minute_nothing_is_published_written_or_told(session: Session, moderator: Account) -> None:
    row = filed(session, email="rosa@example.org")
    before = len(letters(session))
    decide(session, moderator, row)
    service.apply_due_decisions(session, at=now() + timedelta(seconds=29))
    assert row.state is State.PENDING
    assert listed(session, moderator) == []
    assert len(letters(session)) == before
    assert [entry.kind for entry in ledger.list_history(session, subject_id=row.id)] == ["submission.received"]
    service.apply_due_decisions(session, at=now() + timedelta(seconds=31))
    assert row.state is State.PUBLISHED
    assert len(letters(session)) == before + 1


def test_a_decision_takes_effect_at_the_very_second(session: Session, moderator: Account) -> None:
    row = filed(session)
    due_at = decide(session, moderator, row).due_at
    assert due_at is not None
    assert service.apply_due_decisions(session, at=due_at - timedelta(microseconds=1)) == 0
    assert service.apply_due_decisions(session, at=due_at) == 1
    assert row.state is State.PUBLISHED


def test_what_is_taken_back_waits_where_it_waited_and_left_no_trace_outside(
    session: Session, moderator: Account
) -> None:
    row = filed(session, body="Call me at rosa@example.org.")
    decision = decide(session, moderator, row)
    service.undo_decision(session, moderator=moderator, decision_id=decision.id)
    service.undo_decision(session, moderator=moderator, decision_id=decision.id)  # may be repeated
    assert service.apply_due_decisions(session, at=now() + timedelta(hours=1)) == 0
    assert session.get_one(QueueEntry, row.id).queue is Queue.HELD
    assert row.state is State.PENDING
    assert len(ledger.list_history(session, subject_id=row.id)) == 1
    decide(session, moderator, row, DecisionOutcome.WITHHOLD)
    service.apply_due_decisions(session, at=now() + timedelta(hours=1))
    assert row.state is State.WITHHELD
    submissions_queries.audit(session, row.consultation_id)


def test_what_has_taken_effect_is_not_taken_back(session: Session, moderator: Account) -> None:
    decision = decide(session, moderator, filed(session))
    service.apply_due_decisions(session, at=now() + timedelta(seconds=31))
    with pytest.raises(TooLateToUndo):
        service.undo_decision(session, moderator=moderator, decision_id=decision.id)


def test_nobody_takes_back_a_decision_of_somebody_else(session: Session, moderator: Account) -> None:
    decision = decide(session, moderator, filed(session))
    with pytest.raises(NotFound):
        service.undo_decision(session, moderator=factories.account(session, Role.MODERATOR), decision_id=decision.id)


def test_a_colleague_does_not_decide_while_a_decision_can_be_taken_back(session: Session, moderator: Account) -> None:
    row = filed(session)
    decide(session, moderator, row)
    with pytest.raises(SubmissionChanged):
        decide(session, factories.account(session, Role.MODERATOR), row, DecisionOutcome.WITHHOLD)


def test_an_author_who_changes_or_withdraws_first_overtakes_the_decision(session: Session, moderator: Account) -> None:
    changed, withdrawn = filed(session), filed(session)
    decisions = [decide(session, moderator, row) for row in (changed, withdrawn)]
    place = comments_queries.list_comments(session, changed.id)[0].provision_id
    submissions.amend(session, changed, comments=[NewComment(place, None, "Other words.")])
    submissions.withdraw(session, withdrawn)
    service.apply_due_decisions(session, at=now() + timedelta(seconds=31))
    assert [decision.ended for decision in decisions] == [DecisionEnd.OVERTAKEN, DecisionEnd.OVERTAKEN]
    assert (changed.state, withdrawn.state) == (State.PENDING, State.WITHDRAWN)
    assert listed(session, moderator) == [changed.reference]
    submissions_queries.audit(session, changed.consultation_id)


def test_what_was_decided_last_is_undone_first_on_one_or_on_many(
    session: Session, moderator: Account, sign_in: SignIn
) -> None:
    consultation, moment = factories.consultation(session), now()
    rows = [filed(session, consultation=consultation) for _n in range(6)]
    names = [row.reference for row in rows]
    waits = filed(session, consultation=consultation)

    def many(these: list[Submission], seconds: int) -> int:
        return bulk.propose(
            session, moderator=moderator, items=[(row.id, row.revision) for row in these],
            verdict=ModerationVerdict(DecisionOutcome.PUBLISH), at=moment + timedelta(seconds=seconds),
        ).id  # fmt: skip

    def one(row: Submission, seconds: int) -> int:
        return service.decide(
            session, moderator=moderator, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.RETURN,
            reason=Reason.UNCLEAR, delay=UNDO_DELAY, at=moment + timedelta(seconds=seconds),
        ).id  # fmt: skip

    asked, other = filed(session, consultation=consultation), factories.account(session, Role.MODERATOR)
    batch = bulk.propose(
        session,
        moderator=moderator,
        items=[(asked.id, asked.revision)],
        verdict=ModerationVerdict(DecisionOutcome.PUBLISH),
        second_reader=True,
        at=moment - timedelta(hours=1),
    )
    four, single, last = many(rows[:4], 0), one(rows[4], 5), many(rows[5:], 9)
    found = list_undoable(session, moderator)
    bulk.confirm(session, second=other, batch_id=batch.id, at=moment + timedelta(seconds=10))
    assert [each.id for each in list_undoable(session, moderator)] == [last, single, four, batch.id]
    assert [each.references for each in list_undoable(session, other)] == [[asked.reference]]
    assert [(each.id, each.kind) for each in found] == [(last, "batch"), (single, "decision"), (four, "batch")]
    assert [(each.count, list(each.references)) for each in found] == [(1, names[5:]), (1, [names[4]]), (4, names[:3])]
    session.commit()
    browser = sign_in(moderator)
    for path in (f"/review/{waits.id}", "/review", "/review?queue=second"):
        page = browser.get(path).text
        bars = page.split('<div class="undo"')[1].split("<form ")[1:4]
        assert "3 more</summary>" in bars[0], "those before the last are folded"
        assert [name in bar for name, bar in zip([names[5], names[4], names[0]], bars, strict=True)] == [True] * 3
        assert [bar.count("data-undo") for bar in bars] == [1, 0, 0], "the key is for the last"
        assert page.count('role="status"') == 1
        assert names[3] not in "".join(bars), "many are not all named"
    service.undo_decision(session, moderator=moderator, decision_id=single)
    assert [each.id for each in list_undoable(session, moderator)] == [last, four, batch.id]
