"""Actions allowed in each phase, and the pages and e-mails that describe them correctly."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Conflict
from consult.core.web.access import Role
from consult.core.web.template_filters import format_moment
from consult.submissions import service
from consult.submissions.coalitions import mandates
from consult.submissions.coalitions import service as coalitions
from consult.submissions.content.draft import DraftContent
from consult.submissions.drafts import expiry
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import NameRule, State, Submission
from consult.submissions.organisations import service as organisations
from consult.submissions.pages import author
from consult.submissions.values import Submitter
from tests import factories, filing
from tests.accounts.letters import letters
from tests.files.samples import pdf
from tests.forms import pressed
from tests.submissions.test_speaking import member
from tests.submissions.test_traceless import come_back
from tests.submissions.test_views import introduce, send, write

SignIn = Callable[[Account], FlaskClient]
CLOSED_SINCE = {
    "open": timedelta(days=-3), "grace": timedelta(minutes=5), "late": timedelta(hours=2), "over": timedelta(days=3),
}  # fmt: skip
TAKEN = ("open", "grace", "late")
PHASES = pytest.mark.parametrize("phase", CLOSED_SINCE)


def move(row: Consultation, phase: str) -> datetime:
    """Puts a consultation with 15 minutes of grace and a day for the late into a phase; gives the moment to keep."""
    row.closes_at = now().replace(microsecond=0) - CLOSED_SINCE[phase]
    row.grace_minutes, row.late_until = 15, row.closes_at + timedelta(days=1)
    return {"open": row.closes_at, "grace": row.closes_at + timedelta(minutes=15)}.get(phase, row.late_until)


def said(row: Consultation, at: datetime) -> str:
    return format_moment(at, row.timezone)


def filed(session: Session, row: Consultation, state: State = State.PENDING, key: str = "one") -> Submission:
    """Return a submission that an organisation sent while the consultation was open."""
    ngo = factories.organisation(session)
    by = Submitter(NameRule.ORGANISATION, account_id=member(session, ngo).id, organisation_id=ngo.id)
    made = service.file(session, consultation=row, by=by, comments=[filing.comment(session, row, "Words")], key=key)
    if state is not State.PENDING:
        filing.decide(session, made, state, "unclear")
    return made


def done(deed: Callable[[], object]) -> bool:
    with suppress(Conflict):
        deed()
        return True
    return False


@PHASES
def test_filing_changing_joining_and_attaching_a_mandate_end_at_the_same_moment(session: Session, phase: str) -> None:
    row = factories.consultation(session)
    rows = {state: filed(session, row, state, state) for state in (State.PENDING, State.PUBLISHED, State.RETURNED)}
    guest, at = factories.organisation(session), now()
    move(row, phase)
    better = [filing.comment(session, row, "Better")]
    allowed = {
        "file": done(lambda: filing.file(session, row, "New")),
        "join": done(lambda: coalitions.invite(session, submission=rows[State.PUBLISHED], name=guest.name)),
        "mandate": done(
            lambda: mandates.attach(
                session, rows[State.PUBLISHED], data=pdf(), name="a.pdf", description="Minutes", public=False
            )
        ),
        **{state: done(lambda row=made: service.amend(session, row, comments=better)) for state, made in rows.items()},
    }  # fmt: skip
    assert allowed == {**dict.fromkeys(allowed, phase in TAKEN), State.RETURNED: True}
    late = {state: made.late for state, made in rows.items()}
    assert late == {State.PENDING: phase == "late", State.PUBLISHED: phase == "late", State.RETURNED: False}
    assert row.ends_at(at) >= row.closes_at
    for made in rows.values():
        service.withdraw(session, made)


def test_each_phase_begins_at_the_very_second(session: Session) -> None:
    row, before = factories.consultation(session), timedelta(microseconds=1)
    move(row, "open")
    upcoming, opened, grace = (False, False, False), (True, True, False), (False, True, False)
    late, over = (False, True, True), (False, False, True)
    edges = {
        row.opens_at: (upcoming, opened),
        row.closes_at: (opened, grace),
        row.closes_at + timedelta(minutes=15): (grace, late),
        row.closes_at + timedelta(days=1): (late, over),
    }
    for edge, sides in edges.items():
        for at, (is_open, taken, is_late) in zip((edge - before, edge), sides, strict=True):
            assert (row.is_open(at), row.takes(at), row.is_late(at)) == (is_open, taken, is_late)
            if not taken:
                with pytest.raises(Conflict):
                    filing.file(session, row, "Words", at=at)
            else:
                assert filing.file(session, row, "Words", at=at).late == is_late


@PHASES
def test_the_pages_of_a_filing_name_the_moment_to_keep(client: FlaskClient, session: Session, phase: str) -> None:
    row = factories.consultation(session)
    session.commit()
    write(client, row)
    introduce(client, row, email="ana@example.org")
    end = said(row, move(row, phase))
    session.commit()
    check = client.get(f"/c/{row.slug}/respond/check").text
    if phase == "over":
        assert "You can change your submission until" not in check
        assert "It no longer accepts submissions" in check
        return
    assert f"You can change your submission until {end}, and withdraw it at any time." in check
    assert ("If you send a submission now, we mark it as late" in check) == (phase == "late")
    assert ("still count as on time" in check) == (phase == "grace")
    sent = client.get(send(client, row).location).text
    assert f"change it until {end}, or when a moderator returns it" in sent
    taken = {
        "open": f"Comments are accepted until {end}.",
        "grace": f"Submissions still count as on time until {end}.",
        "late": f"Late submissions are accepted, and marked as late, until {end}.",
    }
    assert [one for one, words in taken.items() if words in sent] == [phase]
    letter = letters(session)[-1]
    for words in (letter.text, unescape(letter.html)):
        assert f"change it until {end}, or when a moderator returns it" in words
        assert ("after the closing time" in words) == (phase == "late")


@PHASES
@pytest.mark.parametrize("state", [State.PENDING, State.PUBLISHED, State.RETURNED, State.WITHHELD])
def test_the_authors_page_offers_a_change_only_where_it_is_taken(
    client: FlaskClient, session: Session, phase: str, state: State
) -> None:
    row = factories.consultation(session)
    made = filed(session, row, state)
    end = said(row, move(row, phase))
    session.commit()
    at = f"/r/{made.reference}/{service.author_secret(made)}"
    page = client.get(at).text
    changes = phase in TAKEN and state in (State.PENDING, State.PUBLISHED)
    assert (f"You can change your submission until {end}." in page) == changes
    assert ("We will then mark it as late." in page) == (changes and phase == "late")
    assert ("nobody sees your submission until a moderator has read it again" in page) == (
        changes and state is State.PUBLISHED
    )
    assert ("Invite organisations to co-sign" in page) == (phase in TAKEN and state is not State.WITHHELD)
    assert (f"/respond/amend/{made.reference}" in page) == (changes or state is State.RETURNED)
    if changes:
        begun = client.post(f"/c/{row.slug}/respond/amend/{made.reference}/{service.author_secret(made)}")
        hub = client.get(begun.location).text
        assert ("Your submission is published now." in hub) == (state is State.PUBLISHED)
        assert ("If you send a submission now, we mark it as late" in hub) == (phase == "late")
    if state is State.WITHHELD:
        assert "You can change" not in page


def test_a_change_that_was_begun_in_time_says_so_once_it_is_too_late_to_send(
    client: FlaskClient, session: Session
) -> None:
    row = factories.consultation(session)
    made = filed(session, row)
    session.commit()
    client.post(f"/c/{row.slug}/respond/amend/{made.reference}/{service.author_secret(made)}")
    move(row, "over")
    session.commit()
    page = client.get(f"/c/{row.slug}/respond/check").text
    assert ("It no longer accepts submissions" in page, "Send my submission" in page) == (True, False)


@PHASES
def test_without_identity_the_pages_name_the_same_moment(client: FlaskClient, session: Session, phase: str) -> None:
    row = factories.consultation(session, no_identity=True)
    end = said(row, move(row, phase))
    session.commit()
    form = client.get(f"/n/{row.slug}").text
    if phase == "over":
        assert "It no longer accepts submissions" in form
        return
    assert ("If you send a submission now, we mark it as late" in form) == (phase == "late")
    asked = pressed(form, ("do", "check"), body_0="Words", stance_0="drop")
    checked = client.post(f"/n/{row.slug}", data=asked).text
    assert f"You can change your submission until {end}, and withdraw it at any time." in checked
    sent = client.post(f"/n/{row.slug}", data=pressed(checked, ("do", "send"))).text
    assert f"You can change your submission until {end}, and withdraw it at any time." in sent
    assert ("after the closing time" in sent) == (phase == "late")


def test_coming_back_with_seven_words_in_late_time_changes_what_was_sent(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session, no_identity=True)
    code = "abandon ability able about above absent absorb"
    made = service.file(
        session, consultation=row, by=Submitter(), comments=[filing.comment(session, row, "Words")], key="k", code=code
    )  # fmt: skip
    end = said(row, move(row, "late"))
    session.commit()
    page = come_back(client, code).text
    assert f"You can change your submission until {end}. We will then mark it as late." in page
    form = client.post("/return/do", data=pressed(page, ("do", "change"))).text
    checked = client.post(f"/n/{row.slug}", data=pressed(form, ("do", "check"), body_0="Better", stance_0="drop"))
    client.post(f"/n/{row.slug}", data=pressed(checked.text, ("do", "send")))
    session.expire_all()
    assert (made.late, made.revision, made.state) == (True, 2, State.PENDING)


def test_a_moderator_sees_that_it_was_late(session: Session, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    in_time = filed(session, row)
    move(row, "late")
    late = filed(session, row, key="late")
    session.commit()
    browser = sign_in(factories.account(session, Role.MODERATOR))
    shown = ["after the closing time" in browser.get(f"/review/{one.id}").text for one in (in_time, late)]
    assert shown == [False, True]


@PHASES
def test_who_may_sign_is_told_until_when_it_can_be_sent(session: Session, phase: str) -> None:
    row, ngo = factories.consultation(session), factories.organisation(session)
    editor = member(session, ngo, signs=False)
    member(session, ngo)
    end = said(row, move(row, phase))
    owner, writing = DraftOwner(editor.id), DraftContent(about=DraftSubmitter(NameRule.ORGANISATION, ngo.id, ngo.name))
    drafts.save(session, row.id, owner, lambda _before: writing)
    organisations.hand_over_draft(session, consultation=row, owner=owner)
    words = {
        "open": f"This consultation closes on {end}.",
        "grace": f"Submissions still count as on time until {end}.",
        "late": f"Late submissions are accepted, and marked as late, until {end}.",
    }
    if phase in words:
        assert words[phase] in letters(session)[-1].text
        assert words[phase] in unescape(letters(session)[-1].html)


@PHASES
def test_drafts_and_invitations_under_ones_submissions_offer_what_can_be_done(
    session: Session, sign_in: SignIn, phase: str
) -> None:
    row, ngo = factories.consultation(session), factories.organisation(session)
    person = member(session, ngo)
    coalitions.invite(session, submission=filed(session, row), name=ngo.name)
    drafts.save_submitter(
        session, consultation_id=row.id, owner=DraftOwner(person.id), about=DraftSubmitter(NameRule.NONE)
    )
    move(row, phase)
    session.commit()
    page = sign_in(person).get("/my").text
    assert ("Continue writing" in page, "Co-sign<" in page) == (phase in TAKEN, phase in TAKEN)
    assert ("Too late to co-sign" in page) == (phase == "over")


def test_drafts_are_kept_as_long_as_late_submissions_are_taken(app: Flask, session: Session) -> None:
    row = factories.consultation(session)
    drafts.save_submitter(session, consultation_id=row.id, owner=DraftOwner(), about=DraftSubmitter(NameRule.NONE))
    row.opens_at, row.closes_at = now() - timedelta(days=90), now() - timedelta(days=60)
    row.late_until = now() + timedelta(days=1)
    session.commit()
    assert expiry.purge(session) == 0
    assert author.get_author_page(session, 1, after=None).drafts == []
    row.late_until = None
    session.flush()
    assert (expiry.purge(session), session.scalars(select(drafts.Draft)).all()) == (1, [])
