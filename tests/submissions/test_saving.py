"""Automatic saving of a page during typing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation, Question
from consult.submissions import revisions
from consult.submissions.model import Comment, Draft, Submission
from tests import factories
from tests.forms import hidden

SignIn = Callable[[Account], FlaskClient]


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session, questions=2)
    session.commit()
    return row


def save(
    client: FlaskClient, it: Consultation, body: str, seen: str = "", stance: str = "", by: str = ""
) -> tuple[int, str]:
    url = f"/c/{it.slug}/respond/comment/1.1/save"
    answer = client.post(url, data={"body": body, "seen": seen, "stance": stance, "by": by})
    return answer.status_code, (answer.json or {}).get("seen", "")


def test_unfinished_words_of_an_account_are_saved_before_their_kind_is_chosen(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    client = sign_in(factories.account(session))
    status, seen = save(client, consultation, "Sixty per c")
    assert status == 200
    assert save(client, consultation, "Sixty per cent is low.", seen, "concern")[0] == 200
    page = client.get(f"/c/{consultation.slug}/respond/comment/1.1")
    assert "Sixty per cent is low." in page.text
    assert session.scalars(select(Draft.revision)).one() == 2


def test_what_another_window_saved_meanwhile_is_not_overwritten(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    client = sign_in(factories.account(session))
    seen = save(client, consultation, "First")[1]
    save(client, consultation, "First, and more", seen)
    assert save(client, consultation, "First, but other", seen)[0] == 409
    assert "First, and more" in client.get(f"/c/{consultation.slug}/respond/comment/1.1").text


def test_saves_of_one_form_need_not_wait_for_each_other_and_the_last_sent_stays(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    """None of them has seen what the one before it was answered, and the second arrives last."""
    client = sign_in(factories.account(session))
    at = f"/c/{consultation.slug}/respond/comment/1.1"
    assert [
        save(client, consultation, words, by=by)[0] for words, by in [("One", "a.1"), ("Three", "a.3"), ("Two", "a.2")]
    ] == [*(200, 200, 200)]
    assert ">Three</textarea>" in client.get(at).text.replace("\n", "")
    assert save(client, consultation, "Loaded anew", by="b.1+a.3")[0] == 200
    assert save(client, consultation, "A late one of the page before", by="a.4")[0] == 409
    assert save(client, consultation, "Another window", by="c.1")[0] == 409
    assert save(client, consultation, "A copy of the tab", by="d.1+a.3")[0] == 409
    assert ">Loaded anew</textarea>" in client.get(at).text.replace("\n", "")


def test_no_mark_depends_on_which_save_was_the_last(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    client = sign_in(factories.account(session))
    client.post(f"/c/{consultation.slug}/respond/about", data={"speaks": "none", "language": "en"})

    def mark() -> str:
        return hidden(client.get(f"/c/{consultation.slug}/respond/check"), "mark")

    seen = save(client, consultation, "One", stance="drop", by="a.1")[1]
    first = mark()
    assert first
    assert save(client, consultation, "One", seen, "drop", by="b.1")[0] == 200
    assert mark() == first


def test_the_first_words_of_a_visitor_are_saved_and_found_only_by_the_browser_that_typed_them(
    app: Flask, client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    url = f"/c/{consultation.slug}/respond/comment/1.1"
    assert "data-save=" in client.get(url).text
    status, seen = save(client, consultation, "Sixty per c")
    assert status == 200
    assert save(client, consultation, "Sixty per cent is low.", seen)[0] == 200
    assert "Sixty per cent is low." in client.get(url).text
    assert "Sixty per cent is low." not in app.test_client().get(url).text
    assert session.scalars(select(Draft.account_id)).all() == [None]


def test_tabs_that_save_for_the_first_time_at_once_share_one_draft(
    app: Flask, client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    """Both were opened before either saved: neither has seen what the other was answered."""
    client.get(f"/c/{consultation.slug}/respond/comment/1.1")
    cookie = client.get_cookie("session")
    assert cookie is not None
    other = app.test_client()
    other.set_cookie("session", cookie.value)
    save(client, consultation, "In the first tab")
    answer = other.post(f"/c/{consultation.slug}/respond/comment/2.1/save", data={"body": "In the second", "seen": ""})
    assert answer.status_code == 200
    page = client.get(f"/c/{consultation.slug}/respond").text
    assert "In the first tab" in page
    assert "In the second" in page
    assert len(session.scalars(select(Draft)).all()) == 1


def test_the_first_save_without_an_account_offers_seven_words(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    url = f"/c/{consultation.slug}/respond/comment/1.1"
    assert f'formaction="/c/{consultation.slug}/respond/words"' in client.get(url).text
    page = client.post(url, data={"body": "Saved", "stance": "drop"}, follow_redirects=True).text
    assert "you need seven recovery words to open it again" in page
    assert "Keep these seven recovery words" in client.post(f"/c/{consultation.slug}/respond/words").text


def test_nothing_empty_or_too_long_is_saved(session: Session, consultation: Consultation, sign_in: SignIn) -> None:
    client = sign_in(factories.account(session))
    assert [save(client, consultation, body)[0] for body in ("", "x" * 5001)] == [422, 422]
    assert session.scalars(select(Draft)).all() == []


def test_answers_are_saved_each_by_itself(session: Session, consultation: Consultation, sign_in: SignIn) -> None:
    client = sign_in(factories.account(session))
    one, two = session.scalars(select(Question.id).order_by(Question.position))
    url = f"/c/{consultation.slug}/respond/questions"
    asked = hidden(client.get(url), "asked")
    first = client.post(f"{url}/save", data={"asked": asked, "seen": "", f"answer_{one}": "First"})
    assert first.status_code == 200
    client.post(f"{url}/save", data={"asked": asked, "seen": "", f"answer_{two}": "From another window"})
    clash = client.post(f"{url}/save", data={"asked": asked, "seen": "", f"answer_{one}": "Late"})
    assert clash.status_code == 409
    page = client.get(url).text
    assert "First" in page
    assert "From another window" in page
    shown = client.post(url, data={"asked": asked, "seen": "", f"answer_{one}": "Late", f"answer_{two}": ""})
    assert shown.status_code == 409
    assert "two versions of your responses" in shown.text


def test_a_paragraph_takes_several_comments_which_are_changed_and_filed_each_by_itself(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    url = f"/c/{consultation.slug}/respond/comment/1.1"
    client.post(url, data={"body": "Too slow.", "stance": "drop"})
    assert "comment/1.1?nth=1" in client.get(f"/c/{consultation.slug}/draft").text
    client.post(f"{url}?nth=1", data={"body": "And too dear.", "stance": "support"})
    assert "Too slow." in client.get(url).text
    seen = hidden(client.get(f"{url}?nth=1"), "seen")
    client.post(f"{url}?nth=1", data={"body": "And far too dear.", "stance": "support", "seen": seen})
    client.post(f"/c/{consultation.slug}/respond/about", data={"speaks": "none", "language": "en"})
    page = client.get(f"/c/{consultation.slug}/respond/check")
    client.post(
        f"/c/{consultation.slug}/respond/check", data={"key": hidden(page, "key"), "mark": hidden(page, "mark")}
    )
    filed = session.scalars(select(Comment).order_by(Comment.position)).all()
    assert [row.body for row in filed] == ["Too slow.", "And far too dear."]
    assert len({row.provision_id for row in filed}) == 1
    again = revisions.to_draft_content(session, session.scalars(select(Submission)).one())
    assert [note.body for note in again.comments.values()] == ["Too slow.", "And far too dear."]
