"""Reports from the public: what anybody may send, what moderators see of it, and what becomes of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.db import Base
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from consult.decisions.kinds import InterestedDecider
from consult.decisions.model import Reason, ReportKind, ReportOutcome
from consult.decisions.process import OwnPublication
from consult.decisions.reports import unseal_words
from consult.ledger.model import Kind, LedgerEntry
from consult.ledger.service import number_entries
from consult.moderation import service
from consult.moderation.model import DecisionOutcome
from consult.moderation.recourse import reports
from consult.moderation.recourse.model import Report, SenderCheck
from consult.moderation.redaction import Redaction
from consult.moderation.service import SubmissionChanged
from consult.submissions import queries
from consult.submissions import service as submissions
from consult.submissions.comments import queries as comments_queries
from consult.submissions.model import State, Submission
from tests import factories
from tests.accounts.letters import letters
from tests.counting import statements
from tests.forms import pressed
from tests.moderation.cases import filed, half_a_minute_later

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def amina(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Amina K.")


@pytest.fixture
def tomas(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR, display_name="Tomás R.")


@pytest.fixture
def shown(session: Session, amina: Account) -> Submission:
    """Published by Amina, with an address."""
    row = filed(session, body="Ask my cousin Pedro about it.", email="rosa@example.org")
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH
    )
    return row


def made(session: Session, row: Submission, kind: str = "person", key: str = "k", **more: str) -> Report:
    return reports.file(session, reference=row.reference, kind=ReportKind(kind), key=key, **more)  # type: ignore[arg-type]


def entries(session: Session, row: Submission) -> list[str]:
    session.flush()
    return list(
        session.scalars(
            select(LedgerEntry.kind)
            .where(LedgerEntry.subject_id == row.id, LedgerEntry.kind.startswith("report."))
            .order_by(LedgerEntry.id)
        )
    )


def test_anybody_reports_without_an_account_or_a_cookie(
    client: FlaskClient, session: Session, shown: Submission
) -> None:
    slug = re.search(r'/c/([\w-]+)"', client.get(f"/r/{shown.reference}").text)
    assert slug
    page = client.get(f"/c/{slug[1]}/comments/{shown.reference}").text
    link = re.search(r'href="(/report/[^"]+)"', page)
    assert link
    form = client.get(link[1].replace("&amp;", "&"))
    assert "Set-Cookie" not in form.headers
    path = f"/report/{shown.reference}"
    assert client.post(path, data=pressed(form.text, having="words")).status_code == 422  # nothing chosen
    sent = client.post(path, data=pressed(form.text, having="words", kind="person", words="It names Pedro."))
    assert sent.status_code == 200
    assert "Thank you" in sent.text
    assert "Set-Cookie" not in sent.headers
    client.post(path, data=pressed(form.text, having="words", kind="person", words="It names Pedro."))  # once more
    report = session.query(Report).one()
    assert report.comment_id == comments_queries.list_comments(session, shown.id)[0].id
    assert unseal_words(report) == "It names Pedro."
    assert shown.state is State.PUBLISHED  # a report takes nothing away


def test_only_what_is_published_can_be_reported(client: FlaskClient, session: Session, shown: Submission) -> None:
    waiting = filed(session)
    other = comments_queries.list_comments(session, waiting.id)[0].id
    assert client.get(f"/report/{waiting.reference}").status_code == 404
    assert client.get("/report/DP27-0000-00").status_code == 404
    with pytest.raises(NotFound):
        made(session, waiting)
    with pytest.raises(NotFound):
        reports.file(session, reference=shown.reference, kind=ReportKind.HATE, key="x", comment_id=other)


def test_however_many_report_it_the_log_says_once_that_it_was_reported(
    session: Session, shown: Submission, tomas: Account
) -> None:
    for number in range(5):
        made(session, shown, key=f"k{number}")
    assert entries(session, shown) == [Kind.REPORT_FILED]
    told = reports.answer(
        session, moderator=tomas, submission_id=shown.id, outcome=ReportOutcome.KEPT, words="He agreed to it."
    )
    assert told == 5
    made(session, shown, key="later")
    assert entries(session, shown) == [Kind.REPORT_FILED, Kind.REPORT_ANSWERED, Kind.REPORT_FILED]


def test_whoever_left_an_address_is_told_and_the_address_is_destroyed(
    session: Session, shown: Submission, tomas: Account
) -> None:
    report = made(session, shown, email="reader@example.net", words="He lives next door.", language="ar")
    raw = session.execute(text("SELECT contact, words FROM report")).one()
    assert b"reader" not in raw[0]
    assert b"next door" not in raw[1]
    reports.answer(session, moderator=tomas, submission_id=shown.id, outcome=ReportOutcome.KEPT, words="He agreed.")
    letter = letters(session)[-1]
    assert letter.to == "reader@example.net"
    assert "He agreed." in letter.text
    session.refresh(report)
    assert (report.salt, report.contact, report.words) == (None, None, None)


def test_words_are_hidden_where_they_were_published(session: Session, shown: Submission, amina: Account) -> None:
    made(session, shown)
    comment = comments_queries.list_comments(session, shown.id)[0]
    with pytest.raises(Refusal):
        reports.answer(session, moderator=amina, submission_id=shown.id, outcome=ReportOutcome.HIDDEN, words="")
    reports.answer(
        session, moderator=amina, submission_id=shown.id, outcome=ReportOutcome.HIDDEN, words="",
        covers=[Redaction(comment.id, 14, 19, Reason.THIRD_PERSON)],
    )  # fmt: skip
    assert comments_queries.list_comments(session, shown.id)[0].public_body == "Ask my cousin █████ about it."
    last = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == Kind.COVERED)).one()
    assert last.detail["covered"] == 1
    assert shown.state is State.PUBLISHED
    queries.audit(session, shown.consultation_id)


def test_nobody_answers_a_report_on_what_they_published_or_filed(
    session: Session, shown: Submission, amina: Account, tomas: Account
) -> None:
    made(session, shown)
    keep = {"submission_id": shown.id, "outcome": ReportOutcome.KEPT, "words": ""}
    with pytest.raises(OwnPublication):
        reports.answer(session, moderator=amina, **keep)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        reports.answer(session, moderator=factories.account(session), **keep)  # type: ignore[arg-type]
    shown.account_id = tomas.id
    session.flush()
    with pytest.raises(InterestedDecider):
        reports.answer(session, moderator=tomas, **keep)  # type: ignore[arg-type]
    reports.answer(session, moderator=factories.account(session, Role.ADMIN), **keep)  # type: ignore[arg-type]
    with pytest.raises(SubmissionChanged):
        reports.answer(session, moderator=factories.account(session, Role.ADMIN), **keep)  # type: ignore[arg-type]


def test_withholding_it_or_withdrawing_it_answers_the_reports(
    session: Session, shown: Submission, amina: Account, tomas: Account
) -> None:
    report = made(session, shown, email="reader@example.net")
    service.decide(
        session, moderator=tomas, submission_id=shown.id, revision=shown.revision, outcome=DecisionOutcome.WITHHOLD,
        reason=Reason.THIRD_PERSON,
    )  # fmt: skip
    other = filed(session)
    service.decide(
        session, moderator=amina, submission_id=other.id, revision=other.revision, outcome=DecisionOutcome.PUBLISH
    )
    mine = made(session, other, key="other")
    submissions.withdraw(session, other)
    assert reports.close_unpublished(session) == 2
    assert reports.close_unpublished(session) == 0
    assert (report.outcome, mine.outcome) == (ReportOutcome.WITHHELD, ReportOutcome.LAPSED)
    told = [letter.text for letter in letters(session) if letter.to == "reader@example.net"]
    assert [("no longer published" in letter) for letter in told] == [True]


def test_i_did_not_send_this_asks_the_address_given_with_it_once(
    client: FlaskClient, session: Session, shown: Submission, sign_in: SignIn, tomas: Account
) -> None:
    before = len(letters(session))
    report, again = made(session, shown, "not_mine"), made(session, shown, "not_mine", key="k2")
    asked = letters(session)[before:]
    assert [letter.to for letter in asked] == ["rosa@example.org"]
    assert [report.checked, again.checked] == [SenderCheck.ASKED] * 2
    path = re.search(r"https?://[^/\s]+(/report/check/\S+)", asked[0].text)
    assert path
    page = client.get(path[1])
    assert "Set-Cookie" not in page.headers
    assert client.get(path[1] + "x").status_code == 404
    browser = sign_in(tomas)
    case = f"/review/reports/{shown.id}"
    assert "There is no answer yet, which proves nothing" in browser.get(case).text
    client.post(path[1], data=pressed(page.text, ("do", "not-mine")))
    told = browser.get(case).text
    assert "“I did not send it.”" in told
    assert "rosa@example.org" not in told
    client.post(path[1], data=pressed(page.text, ("do", "mine")))
    assert "“I sent it.”" in browser.get(case).text
    session.expire_all()
    reports.answer(session, moderator=tomas, submission_id=shown.id, outcome=ReportOutcome.KEPT, words="")
    assert client.get(path[1]).status_code == 404


def test_without_an_address_nobody_can_be_asked(session: Session, amina: Account) -> None:
    row = filed(session)
    service.decide(
        session, moderator=amina, submission_id=row.id, revision=row.revision, outcome=DecisionOutcome.PUBLISH
    )
    assert made(session, row, "not_mine").checked is SenderCheck.NO_ADDRESS
    assert letters(session) == []


def test_a_moderator_reads_and_answers_what_was_reported(
    session: Session, shown: Submission, sign_in: SignIn, amina: Account, tomas: Account, client: FlaskClient
) -> None:
    made(session, shown, words="It names Pedro.")
    browser = sign_in(tomas)
    page = browser.get("/review?queue=reported").text
    assert "Identifies another person" in page
    assert "Ask my cousin Pedro about it." in page
    assert re.search(r'queue=reported"[^>]*>.*?<span data-count>1', page, re.DOTALL)
    case = browser.get(f"/review/reports/{shown.id}").text
    assert "It names Pedro." in case
    unsaid = browser.post(f"/review/reports/{shown.id}", data=pressed(case, ("do", "hide"), hide="Pedro"))
    assert unsaid.status_code == 422  # no reason is given for the moderator
    sent = browser.post(
        f"/review/reports/{shown.id}", data=pressed(case, ("do", "hide"), hide="Pedro", cover_reason="third_person")
    )
    assert sent.status_code == 303
    assert "Nothing waiting" in browser.get("/review?queue=reported").text
    half_a_minute_later(session)
    number_entries(session)
    log = client.get("/log?kind=report.answered").text
    assert "words hidden" in log
    assert "Identifies another person" in log
    assert "report.answered,person" in client.get("/log.csv").text
    assert "Content report checked" in client.get(f"/r/{shown.reference}").text
    made(session, shown, key="again")
    keep = pressed(sign_in(tomas).get(f"/review/reports/{shown.id}").text, ("do", "hide"))
    keep["do"] = "keep"  # Tomás has hidden words of it: that it stays is for somebody else to say
    assert browser.post(f"/review/reports/{shown.id}", data=keep).status_code == 422


def test_one_network_cannot_flood_reports_and_no_address_of_it_is_kept(
    app: Flask, session: Session, shown: Submission
) -> None:
    limiter.enabled = True
    try:
        codes = []
        for number in range(22):
            client = app.test_client()
            form = pressed(
                client.get(f"/report/{shown.reference}").text, having="words", kind="hate", words=f"Report {number}"
            )
            answer = client.post(f"/report/{shown.reference}", data=form, environ_base={"REMOTE_ADDR": "198.51.100.77"})
            codes.append(answer.status_code)
    finally:
        limiter.enabled = False
        limiter.reset()
    assert codes == [200] * 20 + [429] * 2
    assert session.scalar(select(func.count()).select_from(Report)) == 20
    for table in Base.metadata.sorted_tables:
        rows = session.execute(text(f'SELECT t::text FROM "{table.name}" t')).scalars()
        assert not any("198.51.100" in row for row in rows), table.name


def test_pages_of_reports_cost_the_same_however_many_there_are(
    session: Session, sign_in: SignIn, shown: Submission, tomas: Account
) -> None:
    browser, seen_before = sign_in(tomas), []
    made(session, shown, key="first")
    browser.get(f"/review/reports/{shown.id}")  # what is kept between requests is kept now
    for number in range(2):
        for each in range(4):
            made(session, shown, key=f"{number} {each}", words="Look.")
        session.commit()
        counts = []
        for path in ("/review?queue=reported", f"/review/reports/{shown.id}"):
            with statements() as seen:
                assert browser.get(path).status_code == 200
            counts.append(len(seen))
        seen_before.append(counts)
    assert seen_before[0] == seen_before[1]
    assert max(seen_before[0]) <= 14


def test_a_decision_taken_from_the_report_works_as_any_other(
    session: Session, shown: Submission, sign_in: SignIn, tomas: Account
) -> None:
    made(session, shown)
    browser = sign_in(tomas)
    assert f'href="/review/{shown.id}#decide"' in browser.get(f"/review/reports/{shown.id}").text
    item = browser.get(f"/review/{shown.id}").text
    browser.post(f"/review/{shown.id}", data=pressed(item, ("outcome", "withhold"), reason="not_theirs"))
    half_a_minute_later(session)
    assert session.get_one(Submission, shown.id).state is State.WITHHELD
