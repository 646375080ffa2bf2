"""Whatever the order of decisions, appeals, reports, changes and withdrawals, the books balance.

And the public decision log explains every item that is not shown, and every place of one that is hidden.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import hypothesis
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Membership
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.decisions.model import AppealOutcome, Reason, ReportKind, ReportOutcome
from consult.decisions.service import UNDO_DELAY
from consult.ledger.service import number_entries
from consult.moderation import decision_log, service
from consult.moderation import waiting_list as queue
from consult.moderation.bulk import service as bulk
from consult.moderation.model import Batch, BatchProgress, Decision, DecisionOutcome
from consult.moderation.recourse import appeals, reports
from consult.moderation.recourse.model import Appeal, Report
from consult.moderation.redaction import Redaction
from consult.moderation.service import ModerationVerdict
from consult.submissions import queries
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import NameRule, State, Submission, SubmitterKind
from consult.submissions.values import REDACTION_BLOCK, NewComment
from tests import factories
from tests.moderation.cases import filed

WHO = st.integers(0, 2)
EXPLAINS = {
    "published": State.PUBLISHED, "withheld": State.WITHHELD, "returned": State.RETURNED, "amended": State.PENDING,
    "withdrawn": State.WITHDRAWN, "erased": State.ERASED,
}  # fmt: skip


class Process(RuleBasedStateMachine):
    """Three moderators, of whom one has filed for an organisation of theirs; authors; the public; the clock."""

    numbers: Bundle[int] = Bundle("numbers")

    def __init__(self) -> None:
        super().__init__()
        self.session: Session = db.session()
        self.row = factories.consultation(self.session)
        self.moderators = [factories.account(self.session, Role.MODERATOR) for _n in range(3)]
        self.organisation = factories.organisation(self.session)
        self.session.add(
            Membership(account_id=self.moderators[0].id, organisation_id=self.organisation.id, owner=False, since=now())
        )
        self.at, self.keys = now(), 0

    @rule(target=numbers, own=st.booleans())
    def file(self, own: bool) -> int:
        row = filed(self.session, consultation=self.row, body="My cousin Pedro says that 60 is low.")
        if own:
            row.organisation_id, row.organisation_name = self.organisation.id, self.organisation.name
            row.name_rule = NameRule.ORGANISATION
            self.session.flush()
        return row.id

    @rule(number=numbers, who=WHO, outcome=st.sampled_from(DecisionOutcome), hide=st.booleans(), later=st.booleans())
    def decide(self, number: int, who: int, outcome: DecisionOutcome, hide: bool, later: bool) -> None:
        covers = self._covers(number) if hide and outcome is DecisionOutcome.PUBLISH else []
        self._try(lambda: service.decide(
            self.session, moderator=self.moderators[who], submission_id=number, revision=self._row(number).revision,
            outcome=outcome, reason=None if outcome is DecisionOutcome.PUBLISH else Reason.HATE, covers=covers,
            delay=UNDO_DELAY if later else None, at=self.at,
        ))  # fmt: skip

    @rule(
        numbers=st.lists(numbers, min_size=2, max_size=4, unique=True),
        who=WHO,
        outcome=st.sampled_from(DecisionOutcome),
    )
    def decide_on_many(self, numbers: list[int], who: int, outcome: DecisionOutcome) -> None:
        items = [(number, self._row(number).revision) for number in numbers]
        reason = None if outcome is DecisionOutcome.PUBLISH else Reason.OFF_TOPIC
        self._try(
            lambda: bulk.propose(
                self.session,
                moderator=self.moderators[who],
                items=items,
                verdict=ModerationVerdict(outcome, reason),
                at=self.at,
            )
        )

    @rule(number=numbers, who=WHO, outcome=st.sampled_from(DecisionOutcome), hide=st.booleans())
    def ask_a_second_reader(self, number: int, who: int, outcome: DecisionOutcome, hide: bool) -> None:
        covers = tuple(self._covers(number)) if hide and outcome is DecisionOutcome.PUBLISH else ()
        reason = None if outcome is DecisionOutcome.PUBLISH else Reason.UNCLEAR
        self._try(lambda: bulk.propose(
            self.session, moderator=self.moderators[who], items=[(number, self._row(number).revision)],
            verdict=ModerationVerdict(outcome, reason, covers=covers), second_reader=True, at=self.at,
        ))  # fmt: skip

    @rule(who=WHO, does=st.sampled_from(["confirm", "confirm", "refuse", "take back"]))
    def answer_as_the_second_reader(self, who: int, does: str) -> None:
        mine = [person.id for person in self.moderators]
        asked = self.session.scalar(
            select(Batch).where(Batch.progress == BatchProgress.SECOND_READER, Batch.moderator_id.in_(mine))
            .order_by(Batch.id).limit(1)
        )  # fmt: skip
        if asked is None:
            return
        person, number, proposer = self.moderators[who], asked.id, asked.moderator_id
        if does == "take back":
            self._try(lambda: bulk.undo_batch(self.session, moderator=person, batch_id=number, at=self.at))
            return
        verb = bulk.confirm if does == "confirm" else bulk.refuse
        done = self._try(lambda: verb(self.session, second=person, batch_id=number, answer="I see.", at=self.at))
        assert done is None or person.id != proposer

    @rule(who=WHO)
    def undo(self, who: int) -> None:
        mine = self.moderators[who].id
        last = self.session.scalar(
            select(Decision).where(Decision.moderator_id == mine, Decision.ended.is_(None)).limit(1)
        )
        if last is not None:
            self._try(lambda: service.undo_decision(self.session, moderator=self.moderators[who], decision_id=last.id))

    @rule(number=numbers)
    def amend(self, number: int) -> None:
        said = NewComment(None, None, "Other words of the same author, Pedro.")
        self._try(lambda: submissions.amend(self.session, self._row(number), comments=[said], at=self.at))
        queue.requeue(self.session, [number])

    @rule(number=numbers, how=st.integers(0, 7))
    def leave(self, number: int, how: int) -> None:
        """Seldom: what has left has little left to happen to it."""
        verb = {0: submissions.erase, 1: submissions.withdraw}.get(how)
        if verb is not None:
            self._try(lambda: verb(self.session, self._row(number), at=self.at))

    @rule(number=numbers, how=st.sampled_from(["withhold", "return", "hide"]), changes=st.booleans())
    def hold_back_and_appeal(self, number: int, how: str, changes: bool) -> None:
        outcome = DecisionOutcome.PUBLISH if how == "hide" else DecisionOutcome(how)
        self.decide(number, 1, outcome, how == "hide", later=False)
        self.appeal(number)
        if changes:
            self.amend(number)

    @rule(number=numbers, kind=st.sampled_from(ReportKind), hide=st.booleans(), waits=st.booleans())
    def publish_and_report(self, number: int, kind: ReportKind, hide: bool, waits: bool) -> None:
        self.decide(number, 1, DecisionOutcome.PUBLISH, hide=False, later=False)
        self.report(number, kind)
        if not waits:
            self.answer_a_report(number, 2, hide)

    @rule(number=numbers)
    def appeal(self, number: int) -> None:
        self._try(lambda: appeals.file(self.session, self._row(number), words="Look again.", at=self.at))

    @rule(who=WHO, accepts=st.booleans(), hide=st.booleans())
    def answer_an_appeal(self, who: int, accepts: bool, hide: bool) -> None:
        open_one = self.session.scalar(
            select(Appeal).join(Submission, Submission.id == Appeal.submission_id)
            .where(Appeal.outcome.is_(None), Submission.consultation_id == self.row.id).order_by(Appeal.id).limit(1)
        )  # fmt: skip
        if open_one is None:
            return
        had_a_part, number, row = appeals.get_involved(self.session, open_one), open_one.id, open_one.submission_id
        done = self._try(lambda: appeals.answer(
            self.session, moderator=self.moderators[who], appeal_id=number, reasons="Read again.", at=self.at,
            outcome=AppealOutcome.ACCEPTED if accepts else AppealOutcome.REJECTED,
            covers=self._covers(row) if hide and accepts else (),
        ))  # fmt: skip
        if done is not None:
            assert self.moderators[who].id not in had_a_part
            assert not (who == 0 and self._row(row).organisation_id == self.organisation.id)

    @rule(number=numbers, kind=st.sampled_from(ReportKind))
    def report(self, number: int, kind: ReportKind) -> None:
        self.keys += 1
        self._try(lambda: reports.file(
            self.session, reference=self._row(number).reference, kind=kind, key=f"{self.row.id} {self.keys}", at=self.at
        ))  # fmt: skip

    @rule(number=numbers, who=WHO, hide=st.booleans())
    def answer_a_report(self, number: int, who: int, hide: bool) -> None:
        self._try(lambda: reports.answer(
            self.session, moderator=self.moderators[who], submission_id=number, words="", at=self.at,
            outcome=ReportOutcome.HIDDEN if hide else ReportOutcome.KEPT, covers=self._covers(number) if hide else (),
        ))  # fmt: skip

    @rule()
    def half_a_minute_passes(self) -> None:
        """The clock's chores, in the order in which it runs them."""
        self.at += UNDO_DELAY + timedelta(seconds=1)
        service.apply_due_decisions(self.session, at=self.at)
        for batch_id in bulk.list_due(self.session, at=self.at):
            while bulk.run(self.session, batch_id, at=self.at):
                pass
        self.session.expire_all()
        appeals.lapse(self.session, at=self.at)
        reports.close_unpublished(self.session, at=self.at)

    @invariant()
    def the_books_balance(self) -> None:
        self.session.flush()
        queries.audit(self.session, self.row.id)

    @invariant()
    def the_log_explains_what_is_not_shown(self) -> None:
        number_entries(self.session)
        said: dict[str, list[decision_log.PublicLogEntry]] = {}
        for line in self._log():
            said.setdefault(line.reference, []).append(line)
        for row in self.session.scalars(select(Submission).where(Submission.consultation_id == self.row.id)):
            _explained(self.session, row, said.get(row.reference, []))

    def teardown(self) -> None:
        """In the end nothing is open on what is no longer there, and each that was closed stands in the log."""
        self.half_a_minute_passes()
        gone = select(Submission.id).where(Submission.consultation_id == self.row.id, Submission.state.in_(
            (State.WITHDRAWN, State.ERASED)))  # fmt: skip
        for table in (Appeal, Report):
            left = self.session.scalars(select(table).where(table.submission_id.in_(gone), table.outcome.is_(None)))
            assert left.all() == []
        number_entries(self.session)
        kinds = [line.decision for line in self._log()]
        ended = sum(kinds.count(f"appeal.{outcome.name.lower()}") for outcome in AppealOutcome)
        waiting = self.session.scalars(
            select(Appeal).join(Submission, Submission.id == Appeal.submission_id)
            .where(Submission.consultation_id == self.row.id, Appeal.outcome.is_(None))
        ).all()  # fmt: skip
        assert kinds.count("appeal.filed") == ended + len(waiting)
        self.session.rollback()

    def _log(self) -> list[decision_log.PublicLogEntry]:
        """Return the public decision log of this consultation, the oldest first, from its pages."""
        found, after = [], None
        while True:
            page = decision_log.list_public_entries(self.session, after=after)
            found += [line for line in page.items if line.slug == self.row.slug]
            if page.next_cursor is None:
                return found[::-1]
            after = page.next_cursor

    def _row(self, number: int) -> Submission:
        return self.session.get_one(Submission, number)

    def _covers(self, number: int) -> list[Redaction]:
        found = []
        for comment in comments_queries.list_comments(self.session, number):
            start = comment.body.find("Pedro")
            if start >= 0:
                found.append(Redaction(comment.id, start, start + 5, Reason.THIRD_PERSON))
        return found

    def _try(self, act: Any) -> Any:
        """Return the result; None if it was refused, and then nothing of it is stored."""
        try:
            with self.session.begin_nested():
                return act()
        except Refusal:
            return None


def _explained(session: Session, row: Submission, lines: list[decision_log.PublicLogEntry]) -> None:
    """Check that the log alone gives the state, its reason, and the number of hidden passages."""
    moves = [line for line in lines if line.decision in EXPLAINS]
    state = EXPLAINS[moves[-1].decision] if moves else State.PENDING
    assert state is row.state, (row.reference, row.state, [line.decision for line in lines])
    if row.state in (State.WITHHELD, State.RETURNED):
        assert moves[-1].reason
    if row.state is State.WITHHELD and row.submitter_kind is SubmitterKind.ORGANISATION:
        assert moves[-1].two
    comments = comments_queries.list_comments(session, row.id)
    assert all(comment.shown == (row.state is State.PUBLISHED) for comment in comments)
    if row.state is State.PUBLISHED:
        last = [line for line in lines if line.decision in ("published", "covered")][-1]
        assert last.hidden == sum(comment.public_body.count(REDACTION_BLOCK) for comment in comments)


def test_in_whatever_order_things_happen_the_books_balance_and_the_log_explains(app: Flask) -> None:
    assert app is not None
    run_state_machine_as_test(Process, settings=hypothesis.settings(
        max_examples=20, stateful_step_count=30, deadline=None, database=None,
        suppress_health_check=list(hypothesis.HealthCheck)))  # type: ignore[no-untyped-call]  # fmt: skip
