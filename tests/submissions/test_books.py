"""Whatever is saved, merged, sent, amended, decided, withdrawn, erased, closed and reopened: the books balance."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import hypothesis
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import Refusal
from consult.submissions import counters, queries, return_codes, revisions, service
from consult.submissions.content.draft import DraftComment, DraftContent
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import NameRule, Stance, State, Submission
from consult.submissions.private import service as private
from tests import factories, filing

WORDS = st.sampled_from(["Sixty per cent is low.", "Keep it.", "نعم", "Ask the clinics first.", "x" * 60])
PLACES = st.sampled_from([0, 1, 2])


class Books(RuleBasedStateMachine):
    """People write, alone, in two windows or under a code; moderators decide; the consultation closes and opens."""

    owners: Bundle[DraftOwner] = Bundle("owners")
    codes: Bundle[str] = Bundle("codes")
    submissions: Bundle[int] = Bundle("submissions")

    def __init__(self) -> None:
        super().__init__()
        self.session = db.session()
        self.row: Consultation = factories.consultation(self.session, no_identity=True)
        place = filing.comment(self.session, self.row, "x").provision_id
        other = filing.comment(self.session, self.row, "x", on="2.1").provision_id
        self.places = [0, place or 0, other or 0]

    @rule(target=owners, account=st.booleans(), place=PLACES, words=WORDS)
    def begin(self, account: bool, place: int, words: str) -> DraftOwner:
        owner = DraftOwner(factories.account(self.session).id if account else None)
        return DraftOwner(owner.account_id, self._note(owner, place, words, "") or owner.token)

    @rule(owner=owners, place=PLACES, words=WORDS, stale=st.booleans())
    def save(self, owner: DraftOwner, place: int, words: str, stale: bool) -> None:
        mark = self._held(owner).writing.mark(self.places[place])
        with suppress(drafts.DraftChangedElsewhere):
            self._note(owner, place, words, "stale" if stale else mark)

    @rule(target=owners, anonymous=owners)
    def sign_in_and_merge(self, anonymous: DraftOwner) -> DraftOwner:
        return DraftOwner(anonymous.account_id or factories.account(self.session).id, anonymous.token)

    @rule(target=submissions, owner=owners)
    def send(self, owner: DraftOwner) -> Any:
        about = DraftSubmitter(NameRule.NONE, language="en")
        drafts.save_submitter(self.session, consultation_id=self.row.id, owner=owner, about=about)
        held = self._held(owner)
        return self._try(lambda: [drafts.send(
            self.session, consultation=self.row, owner=owner, key=held.key, mark=held.mark, reads="en").id
            for _twice in range(2)][-1])  # fmt: skip

    @rule(target=codes)
    def draw(self) -> str:
        return return_codes.new_code()

    @rule(target=submissions, code=codes, place=PLACES, words=WORDS)
    def send_under_a_code(self, code: str, place: int, words: str) -> Any:
        said = DraftContent(
            {self.places[place]: DraftComment(words, Stance.CONCERN)}, about=DraftSubmitter(NameRule.NONE)
        )
        return self._try(lambda: private.send(self.session, consultation=self.row, code=code, writing=said).id)

    @rule(number=submissions, words=WORDS, place=PLACES)
    def amend(self, number: Any, words: str, place: int) -> None:
        row = self._submission(number)
        if row is None:
            return
        before = len(revisions.list_revisions(self.session, row)) if row.salt else 0
        said = service.NewComment(self.places[place] or None, Stance.SUPPORT, words)
        if self._try(lambda: service.amend(self.session, row, comments=[said]).id) is not None:
            assert row.state is State.PENDING
            assert len(revisions.list_revisions(self.session, row)) == before + 1

    @rule(number=submissions, state=st.sampled_from(State))
    def decide_withdraw_or_erase(self, number: Any, state: State) -> None:
        if (row := self._submission(number)) is not None:
            self._try(lambda: filing.decide(self.session, row, state) or row.id)

    @rule()
    def close(self) -> None:
        self.row.opens_at, self.row.closes_at = now() - timedelta(days=9), now() - timedelta(hours=1)
        self.session.flush()

    @rule()
    def reopen(self) -> None:
        self.row.closes_at = now() + timedelta(days=30)
        self.session.flush()

    @rule()
    def fold(self) -> None:
        counters.fold(self.session)

    @invariant()
    def the_books_balance(self) -> None:
        self.session.flush()
        queries.audit(self.session, self.row.id)  # raises where running and recounted books differ, or do not add up

    def _note(self, owner: DraftOwner, place: int, words: str, seen: str) -> str | None:
        return drafts.save_comment(
            self.session,
            consultation_id=self.row.id,
            owner=owner,
            provision_id=self.places[place],
            comment=DraftComment(words, Stance.CONCERN),
            seen=seen,
        )

    def _held(self, owner: DraftOwner) -> drafts.SavedDraft:
        return drafts.get_draft(self.session, consultation_id=self.row.id, owner=owner)

    def _submission(self, number: Any) -> Submission | None:
        return self.session.get_one(Submission, number) if isinstance(number, int) else None

    def _try(self, act: Any) -> Any:
        """Return the result; None if it was refused, and then nothing of it is stored."""
        try:
            with self.session.begin_nested():
                return act()
        except Refusal:
            return None

    def teardown(self) -> None:
        self.session.rollback()


def test_the_books_balance_after_any_sequence_of_what_people_do(app: Flask) -> None:
    assert app is not None
    run_state_machine_as_test(Books, settings=hypothesis.settings(
        max_examples=25, stateful_step_count=25, deadline=None, database=None,
        suppress_health_check=list(hypothesis.HealthCheck)))  # type: ignore[no-untyped-call]  # fmt: skip
