"""Drills: what somebody with a bad will could try. Each is refused, or stands in the log for everybody to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation, OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.consultations.model import Consultation
from consult.core.errors import Forbidden
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import AppealOutcome, Reason
from consult.ledger.model import LedgerEntry
from consult.ledger.service import number_entries
from consult.moderation import decision_log, service
from consult.moderation.bulk import service as bulk
from consult.moderation.bulk.service import SelfApproval
from consult.moderation.model import Batch, BatchProgress, Decision, DecisionOutcome
from consult.moderation.queue import mandates
from consult.moderation.recourse import appeals
from consult.moderation.service import ModerationVerdict, SecondReaderNeeded
from consult.submissions import return_codes
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.values import NewComment, Submitter
from tests import factories
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]
WITHHOLD = ModerationVerdict(DecisionOutcome.WITHHOLD, Reason.HATE)


@pytest.fixture
def amina(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


@pytest.fixture
def harbour(session: Session, amina: Account) -> Organisation:
    """An organisation that Amina belongs to."""
    return organisations.create_organisation(
        session, founder=amina, name="Harbour", kind=OrganisationKind.NGO, country="PE", website=""
    )


def log_of(session: Session, row: Submission) -> list[tuple[str, str | None]]:
    number_entries(session)
    session.commit()
    lines = [line for line in decision_log.list_public_entries(session).items if line.reference == row.reference]
    return [(line.decision, line.reason) for line in reversed(lines)]


def by_organisation(session: Session, harbour: Organisation, account: Account) -> Submission:
    row = filed(session, account_id=account.id)
    row.organisation_id, row.organisation_name, row.name_rule = harbour.id, harbour.name, NameRule.ORGANISATION
    session.flush()
    return row


def test_nobody_is_the_second_reader_of_what_they_proposed(session: Session, sign_in: SignIn, amina: Account) -> None:
    row = filed(session)
    batch = bulk.propose(session, moderator=amina, items=[(row.id, row.revision)], verdict=WITHHOLD, second_reader=True)
    with pytest.raises(SelfApproval):
        bulk.confirm(session, second=amina, batch_id=batch.id)
    number, browser = batch.id, sign_in(amina)
    page = browser.get(f"/review/batches/{number}").text
    assert 'value="confirm"' not in page
    browser.post(f"/review/batches/{number}", data={"do": "confirm", "answer": "I agree with myself."})
    half_a_minute_later(session)
    assert session.get_one(Submission, row.id).state is State.PENDING
    assert log_of(session, row) == []


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.POLICYMAKER])
def test_nobody_but_a_moderator_reads_second_or_answers_an_appeal(session: Session, amina: Account, role: Role) -> None:
    waiting, held_back, person = filed(session), filed(session), factories.account(session, role)
    batch = bulk.propose(
        session, moderator=amina, items=[(waiting.id, waiting.revision)], verdict=WITHHOLD, second_reader=True
    )
    for answer in (bulk.confirm, bulk.refuse):
        with pytest.raises(Forbidden):
            answer(session, second=person, batch_id=batch.id, answer="I agree.")
    of = {"submission_id": held_back.id, "revision": held_back.revision}
    service.decide(session, moderator=amina, outcome=DecisionOutcome.WITHHOLD, reason=Reason.HATE, **of)
    appeal = appeals.file(session, held_back, words="I name nobody.")
    with pytest.raises(Forbidden):
        appeals.check_not_involved(session, person, appeal)
    with pytest.raises(Forbidden):
        appeals.answer(session, moderator=person, appeal_id=appeal.id, outcome=AppealOutcome.REJECTED, reasons="No.")
    with pytest.raises(Forbidden):
        mandates.decide_mandate(session, moderator=person, evidence_id=1, publish=True)
    assert (batch.second_id, appeal.outcome) == (None, None)


def test_what_an_author_changes_after_publication_is_not_shown_until_it_was_read_again(
    client: FlaskClient, session: Session, amina: Account
) -> None:
    row = filed(session, body="Raise it to 80.")
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH
    )
    place = comments_queries.list_comments(session, row.id)[0].provision_id
    slug = session.get_one(Consultation, row.consultation_id).slug
    assert "Raise it to 80." in client.get(f"/c/{slug}/comments/{row.reference}").text
    submissions.amend(session, row, comments=[NewComment(place, None, "Buy my herbs instead.")])
    assert client.get(f"/c/{slug}/comments/{row.reference}").status_code == 404
    assert "Buy my herbs" not in client.get(f"/c/{slug}/comments").text
    assert log_of(session, row) == [("published", None), ("amended", None)]


def test_nobody_withholds_many_alone(session: Session, sign_in: SignIn, amina: Account) -> None:
    consultation = factories.consultation(session)
    rows = [filed(session, consultation=consultation) for _n in range(bulk.MAX_WITHOUT_SECOND_READER + 1)]
    browser = sign_in(amina)
    picked = [f"{row.id}:{row.revision}" for row in rows]
    page = browser.post("/review/bulk", data={"pick": picked}).text
    browser.post("/review/bulk", data={"pick": picked, "outcome": "withhold", "reason": "hate"})
    half_a_minute_later(session)
    assert "second" in page
    batch = session.query(Batch).one()
    assert batch.progress is BatchProgress.SECOND_READER
    assert {row.state for row in session.query(Submission)} == {State.PENDING}


def test_in_small_steps_it_stands_in_the_log_line_by_line(session: Session, amina: Account) -> None:
    rows = [filed(session) for _n in range(bulk.MAX_WITHOUT_SECOND_READER)]
    bulk.propose(session, moderator=amina, items=[(row.id, row.revision) for row in rows], verdict=WITHHOLD)
    half_a_minute_later(session)
    assert [log_of(session, row) for row in rows] == [[("withheld", "hate")]] * len(rows)
    actors = set(session.scalars(select(LedgerEntry.actor).where(LedgerEntry.kind == "submission.withheld")))
    assert len(actors) == 1  # one pseudonym: whoever reads the ledger sees that it was one person


def test_nobody_withholds_an_organisation_alone(
    session: Session, sign_in: SignIn, amina: Account, harbour: Organisation
) -> None:
    row = filed(session, name_rule=NameRule.ORGANISATION, organisation_name="Other", person_name=None)
    with pytest.raises(SecondReaderNeeded):
        service.decide(
            session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
            reason=Reason.HATE,
        )  # fmt: skip
    number, browser = row.id, sign_in(amina)
    page = browser.get(f"/review/{number}").text
    browser.post(f"/review/{number}", data=pressed(page, ("outcome", "withhold"), reason="hate"))
    half_a_minute_later(session)
    assert session.get_one(Submission, number).state is State.PENDING  # a second reader was asked instead


def test_nobody_decides_on_their_own_organisation_on_any_way(
    session: Session, sign_in: SignIn, amina: Account, harbour: Organisation
) -> None:
    colleague = factories.account(session)
    row, other = by_organisation(session, harbour, colleague), filed(session)
    for outcome in DecisionOutcome:
        with pytest.raises(InterestedDecider):
            service.decide(
                session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=outcome,
                reason=Reason.HATE,
            )  # fmt: skip
    with pytest.raises(InterestedDecider):
        bulk.propose(
            session, moderator=amina, items=[(row.id, row.revision)], verdict=ModerationVerdict(DecisionOutcome.PUBLISH)
        )
    bulk.propose(  # hidden among others: it is left out
        session, moderator=amina, items=[(row.id, row.revision), (other.id, other.revision)],
        verdict=ModerationVerdict(DecisionOutcome.PUBLISH),
    )  # fmt: skip
    tomas = factories.account(session, Role.MODERATOR)
    asked = bulk.propose(session, moderator=tomas, items=[(row.id, row.revision)], verdict=WITHHOLD, second_reader=True)
    with pytest.raises(InterestedDecider):
        bulk.confirm(session, second=amina, batch_id=asked.id)
    number = row.id
    half_a_minute_later(session)
    assert session.get_one(Submission, number).state is State.PENDING
    assert session.get_one(Submission, other.id).state is State.PUBLISHED


def test_a_decision_that_is_sent_again_does_nothing_the_second_time(
    session: Session, sign_in: SignIn, amina: Account
) -> None:
    row = filed(session, body="Raise it.")
    number, browser = row.id, sign_in(amina)
    form = pressed(browser.get(f"/review/{number}").text, ("outcome", "publish"))
    assert browser.post(f"/review/{number}", data=form).status_code == 303
    assert browser.post(f"/review/{number}", data=form).status_code == 409
    half_a_minute_later(session)
    assert browser.post(f"/review/{number}", data=form).status_code == 409
    tomas = sign_in(factories.account(session, Role.MODERATOR))
    withhold = pressed(tomas.get(f"/review/{number}").text, ("outcome", "withhold"), reason="hate")
    submissions.withdraw(session, session.get_one(Submission, number))
    session.commit()
    assert tomas.post(f"/review/{number}", data=withhold).status_code == 409  # what was read is no longer there
    half_a_minute_later(session)
    assert log_of(session, session.get_one(Submission, number)) == [("published", None), ("withdrawn", None)]
    assert session.query(Decision).count() == 1


def test_nobody_opens_anothers_submission_by_guessing(app: Flask, session: Session, amina: Account) -> None:
    consultation = factories.consultation(session, no_identity=True)
    theirs = return_codes.new_code()
    row = submissions.file(
        session, consultation=consultation, by=Submitter(name_rule=NameRule.NONE), key="theirs", code=theirs,
        comments=[NewComment(None, None, "Words of somebody at risk.")],
    )  # fmt: skip
    mine = filed(session)
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.HATE,
    )  # fmt: skip
    reference, secret = row.reference, submissions.author_secret(mine)
    client = app.test_client()
    for path in (f"/r/{reference}/{secret}", f"/r/{reference}/{secret}/appeal", f"/r/{reference}/{secret}/data"):
        assert client.get(path).status_code == 404
    assert client.post(f"/r/{reference}/{secret}/appeal", data={"words": "Let me in."}).status_code == 404
    limiter.enabled = True
    try:
        answers = []
        for _n in range(12):
            form = pressed(client.get("/return").text, having="words", words=return_codes.new_code())
            answers.append(client.post("/return", data=form).status_code)
        assert answers == [404] * 10 + [429] * 2 or answers == [422] * 10 + [429] * 2
        right = pressed(client.get("/return").text, having="words", words=theirs)
        assert client.post("/return", data=right).status_code == 429  # who guessed is not told that this one is right
    finally:
        limiter.enabled = False
        limiter.reset()
    assert log_of(session, session.get_one(Submission, row.id)) == [("withheld", "hate")]
