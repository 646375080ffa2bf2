"""Sign-off inside an organisation: asked in an order, agreed to one text, two people where it wants that, kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import service as organisations
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation
from consult.submissions.coalitions import service as coalitions
from consult.submissions.drafts import sign_off
from consult.submissions.drafts.sign_off import NotAgreed
from consult.submissions.model import Submission
from consult.submissions.organisations.model import SignOff, SignOffEvent
from tests import factories, filing
from tests.accounts.letters import letters
from tests.forms import hidden
from tests.submissions.test_speaking import member

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.consultation(session)
    session.commit()
    return row


@pytest.fixture
def ngo(session: Session) -> Organisation:
    row = factories.organisation(session)
    session.commit()
    return row


def shared(session: Session, client: FlaskClient, it: Consultation, ngo: Organisation) -> None:
    """A draft with one comment that its writer has handed to the organisation."""
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": "Too slow.", "stance": "drop"})
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": f"org:{ngo.id}", "language": "en"})
    assert client.post(f"/c/{it.slug}/respond/hand-over").status_code == 303


def press(client: FlaskClient, it: Consultation, do: str, **more: Any) -> int:
    page = client.get(f"/c/{it.slug}/respond/check")
    data = {"do": do, "mark": hidden(page, "mark"), **more}
    return client.post(f"/c/{it.slug}/respond/sign-off", data=data).status_code


def send(client: FlaskClient, it: Consultation) -> int:
    page = client.get(f"/c/{it.slug}/respond/check")
    data = {"key": hidden(page, "key"), "mark": hidden(page, "mark")}
    return client.post(f"/c/{it.slug}/respond/check", data=data).status_code


def open_shared(client: FlaskClient, it: Consultation, ngo: Organisation) -> FlaskClient:
    client.post(f"/c/{it.slug}/respond/as/{ngo.id}")
    return client


def test_members_agree_in_the_order_asked_and_only_then_it_is_sent_and_the_record_stays(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, one, two = (member(session, ngo, display_name=name) for name in ("Wren", "Ona", "Tomas"))
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    assert press(desk, it, "ask", ask=[one.id, two.id]) == 303
    asked = [letter.to for letter in letters(session) if "Approval requested" in letter.subject]
    assert len(asked) == 1
    second = open_shared(sign_in(two), it, ngo)
    assert press(second, it, "agree") == 409
    page = desk.get(f"/c/{it.slug}/respond/check").text
    assert "Not yet approved" in page
    assert "Send my submission" not in page
    assert "You can send the submission when everyone asked has approved it." in page
    first = open_shared(sign_in(one), it, ngo)
    assert press(first, it, "agree") == 303
    assert press(second, it, "agree") == 303
    assert any("Approved and ready to send" in letter.subject for letter in letters(session))
    assert send(desk, it) == 303
    row = session.scalars(select(Submission)).one()
    kept = session.execute(select(SignOff.account_id, SignOff.submission_id).order_by(SignOff.id)).all()
    assert [tuple(each) for each in kept] == [(one.id, row.id), (two.id, row.id)]
    assert "Ona approved this text (" in sign_in(one).get(f"/org/{ngo.id}/sent/{row.reference}").text


def test_a_change_after_somebody_agreed_asks_them_anew(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, one = member(session, ngo), member(session, ngo)
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    press(desk, it, "ask", ask=[one.id])
    press(open_shared(sign_in(one), it, ngo), it, "agree")
    form = desk.get(f"/c/{it.slug}/respond/comment/1.1")
    changed = {"body": "Too slow, and too dear.", "stance": "drop", "seen": hidden(form, "seen")}
    assert desk.post(f"/c/{it.slug}/respond/comment/1.1", data=changed).status_code == 303
    assert "Approved an earlier text" in desk.get(f"/c/{it.slug}/respond/check").text
    assert send(desk, it) == 409
    assert session.scalars(select(Submission)).all() == []


def test_where_an_organisation_wants_two_people_nobody_sends_alone(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, other = member(session, ngo), member(session, ngo)
    organisations.set_owner(
        session, by=_owned_by(session, ngo, writer), organisation_id=ngo.id, account_id=writer.id, owner=True
    )
    session.commit()
    desk = sign_in(writer)
    asked = {"account": writer.id, "change": "two_people"}
    said = desk.post(f"/org/{ngo.id}/members", data=asked, follow_redirects=True).text
    assert "Two people are needed. The member who sends" in said
    assert "Members updated" not in said
    desk.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": "Too slow.", "stance": "drop"})
    desk.post(f"/c/{it.slug}/respond/about", data={"speaks": f"org:{ngo.id}", "language": "en"})
    assert send(desk, it) == 409
    check = desk.get(f"/c/{it.slug}/respond/check").text
    assert "requires two people. Another member must approve" in check
    assert "Hand over to the organisation" in check
    assert "Send my submission" not in check
    desk.post(f"/c/{it.slug}/respond/hand-over")
    assert send(desk, it) == 409
    press(desk, it, "ask", ask=[other.id])
    press(open_shared(sign_in(other), it, ngo), it, "agree")
    assert send(desk, it) == 303


def test_where_two_people_are_wanted_another_member_agrees_to_this_very_text(
    session: Session, it: Consultation, ngo: Organisation
) -> None:
    sender, other = member(session, ngo), member(session, ngo)
    draft: dict[str, Any] = {"organisation_id": ngo.id, "consultation_id": it.id}

    def check() -> None:
        sign_off.check_agreed(session, **draft, mark="text", sender=sender.id)

    check()
    ngo.two_people = True
    session.flush()
    with pytest.raises(NotAgreed, match="two people"):
        check()  # nobody was asked
    asked: dict[str, Any] = {"consultation": it, "organisation_id": ngo.id}
    sign_off.ask(session, **asked, account_ids=[sender.id], by=sender)
    sign_off.agree(session, **asked, mark="text", text="Words", by=sender)
    with pytest.raises(NotAgreed, match="two people"):
        check()  # who sends has agreed with themselves
    sign_off.ask(session, **asked, account_ids=[other.id], by=sender)
    sign_off.agree(session, **asked, mark="an earlier text", text="Earlier", by=other)
    with pytest.raises(NotAgreed):
        check()
    sign_off.agree(session, **asked, mark="text", text="Words", by=other)
    check()


def test_a_page_that_was_opened_before_two_people_were_wanted_sends_nothing(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer = member(session, ngo)
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    page = desk.get(f"/c/{it.slug}/respond/check")
    data = {"key": hidden(page, "key"), "mark": hidden(page, "mark")}
    assert all(data.values())
    ngo.two_people = True
    session.commit()
    refused = desk.post(f"/c/{it.slug}/respond/check", data=data)
    assert refused.status_code == 409
    assert "Your organisation requires two people. Ask another member to approve first." in refused.text
    assert session.scalars(select(Submission)).all() == []


def _owned_by(session: Session, ngo: Organisation, account: Account) -> Account:
    organisations._get_membership(session, ngo.id, account.id).owner = True
    session.flush()
    return account


def test_strangers_are_neither_asked_nor_heard(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, stranger = member(session, ngo), factories.account(session)
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    assert press(desk, it, "ask", ask=[stranger.id]) == 404
    assert sign_in(stranger).post(f"/c/{it.slug}/respond/sign-off", data={"do": "agree"}).status_code == 404


def test_colleagues_are_told_that_a_draft_exists(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, other = member(session, ngo), member(session, ngo)
    session.commit()
    assert "Your organisation is already writing here" not in sign_in(other).get(f"/c/{it.slug}/respond").text
    shared(session, sign_in(writer), it, ngo)
    assert "Your organisation is already writing here" in sign_in(other).get(f"/c/{it.slug}/respond").text


def test_who_is_asked_to_sign_gets_a_letter_and_once_a_day_a_reminder(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    other = factories.organisation(session, name="Peer-led outreach group (sample)")
    member(session, other)
    row = filing.file(session, it, "Too slow.", published=True)
    with pytest.raises(coalitions.UnknownOrganisation) as refused:
        coalitions.invite(session, submission=row, name="peer-led outreach")
    assert refused.value.similar == ["Peer-led outreach group (sample)"]
    asked = coalitions.invite(session, submission=row, name="Peer-led outreach group (sample)")
    for _press in range(3):
        coalitions.remind(session, submission=row, signature_id=asked.id)
    session.commit()
    told = [letter.subject for letter in letters(session) if "Request to co-sign" in letter.subject]
    assert len(told) == 1


def test_followers_hear_of_a_new_version_once(session: Session, it: Consultation) -> None:
    followers.follow(session, consultation=it, account=factories.account(session))
    for _again in range(2):
        followers.notify_followers(session, it, about="news", key="version:1", version=2)
    session.commit()
    assert [letter.subject for letter in letters(session)] == [f"New version of the draft: {it.title}"]


@pytest.fixture
def round_of_two(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> tuple[FlaskClient, FlaskClient, FlaskClient]:
    """The browsers of who asked, who can send, and of two members who cannot and have agreed in their order."""
    writer, one, two = (member(session, ngo, display_name=name) for name in ("Wren", "Ona", "Tomas"))
    for account in (one, two):
        organisations._get_membership(session, ngo.id, account.id).signatory = False
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    press(desk, it, "ask", ask=[one.id, two.id])
    browsers = [open_shared(sign_in(account), it, ngo) for account in (one, two)]
    for browser in browsers:
        assert press(browser, it, "agree") == 303
    return desk, browsers[0], browsers[1]


def change(client: FlaskClient, it: Consultation, body: str) -> None:
    form = client.get(f"/c/{it.slug}/respond/comment/1.1")
    said = {"body": body, "stance": "drop", "seen": hidden(form, "seen")}
    assert client.post(f"/c/{it.slug}/respond/comment/1.1", data=said).status_code == 303


def test_only_who_asked_or_can_send_ends_a_round_it_is_asked_once_more_and_stays_on_record(
    session: Session, it: Consultation, round_of_two: tuple[FlaskClient, FlaskClient, FlaskClient]
) -> None:
    desk, first, _second = round_of_two
    assert "Stop sign-off" not in first.get(f"/c/{it.slug}/respond/check").text
    for do in ("end", "ask"):
        assert press(first, it, do, ask=[session.scalars(select(SignOff.account_id)).first()]) == 403
    page = desk.get(f"/c/{it.slug}/respond/check")
    once = desk.post(f"/c/{it.slug}/respond/sign-off", data={"do": "none", "mark": hidden(page, "mark")})
    assert "Stop the sign-off?" in once.text
    assert len(session.scalars(select(SignOff)).all()) == 2
    assert press(desk, it, "end") == 303
    assert session.scalars(select(SignOff)).all() == []
    past = first.get(f"/c/{it.slug}/respond/check").text
    assert "Wren\u2069 stopped the sign-off" in past
    assert "Ona\u2069 approved the text" in past


def test_after_a_change_those_who_agreed_get_the_difference_and_may_answer_in_any_order(
    session: Session, it: Consultation, ngo: Organisation, round_of_two: tuple[FlaskClient, FlaskClient, FlaskClient]
) -> None:
    desk, first, second = round_of_two
    assert "Ask again" not in desk.get(f"/c/{it.slug}/respond/check").text
    assert press(desk, it, "again") == 422
    change(desk, it, "Too slow, and too dear.")
    assert "Ask again" in desk.get(f"/c/{it.slug}/respond/check").text
    assert "Ask again" not in first.get(f"/c/{it.slug}/respond/check").text
    assert press(first, it, "again") == 403
    assert press(desk, it, "again") == 303
    told = [letter for letter in letters(session) if "Text changed" in letter.subject]
    assert len(told) == 2
    assert "<ins>" in told[0].html
    assert "and too dear" in told[0].html
    assert f"/c/{it.slug}/respond/as/{ngo.id}" in told[0].html
    page = second.get(f"/c/{it.slug}/respond/check").text
    assert "Changes since you approved" in page
    assert "and too dear</ins>" in page
    assert press(second, it, "agree") == 303
    assert press(first, it, "agree") == 303
    assert send(desk, it) == 303


def test_not_yet_needs_words_which_go_to_who_asked_and_it_can_be_asked_again(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, one = member(session, ngo, display_name="Wren"), member(session, ngo, display_name="Ona")
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    press(desk, it, "ask", ask=[one.id])
    asked = open_shared(sign_in(one), it, ngo)
    assert press(asked, it, "not yet", why=" ") == 422
    assert press(asked, it, "not yet", why="The cost is missing.") == 303
    (told,) = [letter for letter in letters(session) if "Not approved yet" in letter.subject]
    assert "The cost is missing." in told.html
    assert "The cost is missing." in desk.get(f"/c/{it.slug}/respond/check").text
    assert send(desk, it) == 409
    change(desk, it, "Too slow, and it costs 12 dollars.")
    assert press(desk, it, "again") == 303
    page = desk.get(f"/c/{it.slug}/respond/check").text
    assert "The cost is missing." not in page
    assert "Ask again" not in page, "asked, and not answered yet"
    assert press(asked, it, "agree") == 303
    assert "The cost is missing." not in desk.get(f"/c/{it.slug}/respond/check").text
    assert send(desk, it) == 303


def test_who_is_asked_finds_it_on_their_page_and_the_link_of_the_letter_opens_the_place(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, one = member(session, ngo), member(session, ngo)
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    press(desk, it, "ask", ask=[one.id])
    invited = sign_in(one)
    mine = invited.get("/my").text
    assert "Waiting for your approval" in mine
    assert mine.index("Waiting for your approval") < mine.index("You have no unfinished submissions")
    assert "Waiting for your approval" not in desk.get("/my").text
    (told,) = [letter for letter in letters(session) if "Approval requested" in letter.subject]
    way = f"/c/{it.slug}/respond/as/{ngo.id}"
    assert way in told.html
    opened = invited.get(way)
    assert opened.headers["Location"].endswith("/respond/check#agreed")
    assert "Approve this text" in invited.get(f"/c/{it.slug}/respond/check").text
    press(invited, it, "agree")
    assert "Waiting for your approval" not in invited.get("/my").text
    assert sign_in(factories.account(session)).get(way).status_code == 404


def test_an_answer_to_a_text_that_was_changed_meanwhile_is_not_taken(
    session: Session, it: Consultation, ngo: Organisation, sign_in: SignIn
) -> None:
    writer, one = member(session, ngo), member(session, ngo)
    session.commit()
    desk = sign_in(writer)
    shared(session, desk, it, ngo)
    press(desk, it, "ask", ask=[one.id])
    asked = open_shared(sign_in(one), it, ngo)
    seen = hidden(asked.get(f"/c/{it.slug}/respond/check"), "mark")
    change(desk, it, "Another text.")
    assert asked.post(f"/c/{it.slug}/respond/sign-off", data={"do": "agree", "mark": seen}).status_code == 409


def test_two_people_are_asked_for_only_of_those_who_send_and_while_it_is_true(
    session: Session, it: Consultation, ngo: Organisation, round_of_two: tuple[FlaskClient, FlaskClient, FlaskClient]
) -> None:
    desk, first, _second = round_of_two
    ngo.two_people = True
    session.commit()
    for browser in (desk, first):
        assert "requires two people" not in browser.get(f"/c/{it.slug}/respond/check").text
    change(desk, it, "Another text.")
    assert "requires two people" in desk.get(f"/c/{it.slug}/respond/check").text
    assert "requires two people" not in first.get(f"/c/{it.slug}/respond/check").text


def test_texts_that_were_agreed_to_go_with_the_draft(
    session: Session, it: Consultation, round_of_two: tuple[FlaskClient, FlaskClient, FlaskClient]
) -> None:
    assert send(round_of_two[0], it) == 303
    kept = session.scalars(select(SignOffEvent).order_by(SignOffEvent.id)).all()
    assert [str(one.act) for one in kept] == ["asked", "agreed", "agreed"]
    assert all(one.sealed is None and one.submission_id for one in kept)
