"""The pages as a person without JavaScript meets them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.model import Membership
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.submissions import queries, service
from consult.submissions.model import Comment, Draft, State, Submission
from tests import factories, filing
from tests.counting import statements
from tests.forms import hidden

COMMENT = {"stance": "drop", "body": "Sixty per cent is low."}


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session, questions=2)
    session.commit()
    return row


def write(client: FlaskClient, consultation: Consultation, on: str = "1.1", **said: str) -> TestResponse:
    """Opens the page for a comment, fills it in and saves."""
    url = f"/c/{consultation.slug}/respond/comment/{on}"
    return client.post(url, data={**COMMENT, "seen": hidden(client.get(url), "seen"), **said})


def introduce(client: FlaskClient, consultation: Consultation, **said: str) -> TestResponse:
    given = {"speaks": "none", "language": "en", **said}
    return client.post(f"/c/{consultation.slug}/respond/about", data=given)


def send(client: FlaskClient, consultation: Consultation) -> TestResponse:
    url = f"/c/{consultation.slug}/respond/check"
    page = client.get(url)
    return client.post(url, data={"key": hidden(page, "key"), "mark": hidden(page, "mark")})


def test_somebody_without_an_account_or_javascript_comments_checks_and_sends(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    slug = consultation.slug
    assert "Comment on 1.1" in client.get(f"/c/{slug}/draft").text
    saved = write(client, consultation)
    assert saved.status_code == 303
    assert saved.location == f"/c/{slug}/draft/chp_1#chp_1__para_1"
    assert "In your unfinished submission" in client.get(saved.location).text
    write(client, consultation, "2.1", stance="support", body="Keep it.")
    client.post(f"/c/{slug}/respond/questions", data={f"answer_{question_id(session)}": "It would help."})
    introduce(client, consultation, speaks="other", organisation_name="Friends of the River", country="PE")
    check = client.get(f"/c/{slug}/respond/check").text
    for words in ("Sixty per cent is low.", "Keep it.", "It would help.", "Friends of the River", "Peru"):
        assert words in check
    sent = send(client, consultation)
    assert sent.status_code == 303
    filed = session.scalars(select(Submission)).one()
    receipt = client.get(sent.location).text
    for words in (filed.reference, f"/r/{filed.reference}/{service.author_secret(filed)}", "2 comments, 1 response"):
        assert words in receipt
    for place in ("1.1", "2.1"):
        assert f'<a href="/c/{slug}/p/{place}">Paragraph {place}</a>' in receipt, "a link to share"
    assert (filed.public_name, filed.organisation_id, filed.country) == ("Friends of the River", None, "PE")
    assert session.scalars(select(Draft)).all() == []
    assert "In your unfinished submission" not in client.get(f"/c/{slug}/draft").text


def question_id(session: Session) -> int:
    return session.scalars(select(factories.Question.id).order_by(factories.Question.position)).all()[0]


def test_reading_leaves_no_cookie(client: FlaskClient, consultation: Consultation) -> None:
    for path in ("draft", "draft/chp_2", "draft?whole=1", "p/1.1", "comments"):
        answer = client.get(f"/c/{consultation.slug}/{path}")
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers


ABSENT = ["draft/chp_9", "p/9.9", "p/whole", "respond/comment/9.9", "comments?on=9.9", "comments?question=7"]


@pytest.mark.parametrize("path", [*ABSENT, "comments/DP27-NONE-00"])
def test_what_the_draft_does_not_have_is_not_found(client: FlaskClient, consultation: Consultation, path: str) -> None:
    assert client.get(f"/c/{consultation.slug}/{path}").status_code == 404


@pytest.mark.parametrize(("state", "words"), [
    (State.WITHDRAWN, "The author withdrew this submission"), (State.ERASED, "was erased"),
    (State.WITHHELD, "not to publish"),
    (State.RETURNED, "may be waiting for review"), (State.PENDING, "may be waiting for review"),
])  # fmt: skip
def test_what_is_not_shown_any_more_says_why_as_the_public_log_does(
    client: FlaskClient, session: Session, consultation: Consultation, state: State, words: str
) -> None:
    row = filing.file(session, consultation, "Words")
    if state is not State.PENDING:
        filing.decide(session, row, state, "hate")
    session.commit()
    page = client.get(f"/c/{consultation.slug}/comments/{row.reference}")
    assert (page.status_code, words in page.text) == (404, True)
    assert ("may be waiting for review" in page.text) == (state in (State.RETURNED, State.PENDING))


def test_a_consultation_that_is_being_set_up_is_not_found(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session, phase=Phase.DRAFT)
    session.commit()
    for path in ("draft", "p/1.1", "comments", "respond", "respond/check"):
        assert client.get(f"/c/{row.slug}/{path}").status_code == 404


def test_a_comment_without_kind_or_words_is_asked_for_and_what_was_typed_stays(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    page = write(client, consultation, stance="", body="Typed already")
    assert page.status_code == 422
    assert "Choose what should happen" in page.text
    assert "Typed already" in page.text
    assert write(client, consultation, body=" \u202e ").status_code == 422
    too_long = write(client, consultation, body="x" * 5001)
    assert "5,000 characters or fewer. It now has 5,001" in too_long.text
    assert session.scalars(select(Draft)).all() == []


def test_two_windows_on_one_paragraph_show_both_versions(client: FlaskClient, consultation: Consultation) -> None:
    write(client, consultation)
    url = f"/c/{consultation.slug}/respond/comment/1.1"
    stale = hidden(client.get(url), "seen")
    write(client, consultation, body="From the first window")
    clash = client.post(url, data={"stance": "drop", "body": "From the second window", "seen": stale})
    assert clash.status_code == 409
    assert "From the first window" in clash.text
    assert "From the second window" in clash.text
    assert "word by word" in clash.text
    client.post(url, data={"stance": "drop", "body": "Mine", "seen": hidden(clash, "seen"), "do": "join"})
    assert "From the first window\n\nMine" in client.get(url).text.replace("\r", "")


def test_a_comment_is_removed_from_the_draft(client: FlaskClient, consultation: Consultation) -> None:
    write(client, consultation)
    page = client.get(f"/c/{consultation.slug}/respond")
    url = f"/c/{consultation.slug}/respond/comment/1.1/remove"
    assert client.post(url, data={"seen": hidden(page, "seen")}).status_code == 303
    assert "Sixty per cent" not in client.get(f"/c/{consultation.slug}/respond").text


def test_pressing_send_twice_gives_the_same_receipt(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation)
    introduce(client, consultation)
    url = f"/c/{consultation.slug}/respond/check"
    page = client.get(url)
    data = {"key": hidden(page, "key"), "mark": hidden(page, "mark")}
    one, two = client.post(url, data=data), client.post(url, data=data)
    assert one.location == two.location
    assert queries.audit(session, consultation.id).received == 1


def test_nothing_is_sent_that_was_not_the_last_thing_checked(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation)
    introduce(client, consultation)
    url = f"/c/{consultation.slug}/respond/check"
    page = client.get(url)
    write(client, consultation, "2.1", body="Added later")
    answer = client.post(url, data={"key": hidden(page, "key"), "mark": hidden(page, "mark")})
    assert answer.status_code == 409
    assert "Added later" in answer.text
    assert queries.audit(session, consultation.id).received == 0


def test_a_consultation_that_closes_while_somebody_types_keeps_and_shows_the_words(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation, body="Saved in time")
    introduce(client, consultation)
    check = client.get(f"/c/{consultation.slug}/respond/check")
    consultation.closes_at = now() - timedelta(seconds=1)
    session.commit()
    late = client.post(f"/c/{consultation.slug}/respond/comment/1.2", data={"stance": "", "body": "Typed too late"})
    assert late.status_code == 303
    for page in (
        client.get(late.location),
        client.get(f"/c/{consultation.slug}/respond/comment/1.1"),
        client.post(check.request.path, data={"key": hidden(check, "key"), "mark": hidden(check, "mark")}),
    ):
        assert "The consultation has closed" in page.text
        assert "Saved in time" in page.text
        assert "Typed too late" in page.text
    assert queries.audit(session, consultation.id).received == 0


def test_a_consultation_that_is_not_open_yet_says_when_it_opens(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session, opens_at=now() + timedelta(days=3))
    session.commit()
    for path in ("respond", "respond/comment/1.1", "respond/check", "respond/about"):
        assert "Not open yet" in client.get(f"/c/{row.slug}/{path}").text
    assert "You can send comments from" in client.get(f"/c/{row.slug}/draft").text
    assert "Comment on 1.1" not in client.get(f"/c/{row.slug}/draft").text


def test_a_receipt_is_shown_only_to_the_browser_that_sent_it(
    client: FlaskClient, app: Any, consultation: Consultation
) -> None:
    write(client, consultation)
    introduce(client, consultation)
    receipt = send(client, consultation).location
    assert "Your private link" in client.get(receipt).text
    stranger = app.test_client().get(receipt)
    assert stranger.status_code == 303
    assert stranger.location.startswith("/r/")


def test_an_account_files_for_its_organisation_and_finds_it_again(
    session: Session, sign_in: Callable[[Any], FlaskClient], consultation: Consultation
) -> None:
    account, network = factories.account(session), factories.organisation(session, name="Harm Reduction Network")
    session.add(Membership(organisation_id=network.id, account_id=account.id, since=now()))
    client = sign_in(account)
    write(client, consultation)
    assert consultation.title in client.get("/my").text
    introduce(client, consultation, speaks=f"org:{network.id}")
    send(client, consultation)
    filed = session.scalars(select(Submission)).one()
    assert (filed.organisation_id, filed.account_id) == (network.id, account.id)
    page = client.get("/my").text
    assert "Waiting for review" in page
    assert f"/r/{filed.reference}/{service.author_secret(filed)}" in page


def test_nobody_chooses_an_organisation_that_is_not_theirs(
    session: Session, sign_in: Callable[[Any], FlaskClient], consultation: Consultation
) -> None:
    other = factories.organisation(session)
    client = sign_in(factories.account(session))
    assert introduce(client, consultation, speaks=f"org:{other.id}").status_code == 422


def test_the_private_link_opens_a_returned_submission_to_be_changed(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    filed = filing.file(session, consultation, "First words")
    filing.decide(session, filed, State.RETURNED, "unclear")
    session.commit()
    base = f"/c/{consultation.slug}/respond/amend/{filed.reference}"
    assert client.post(f"{base}/wrong").status_code == 404
    assert client.post(f"{base}/{service.author_secret(filed)}").status_code == 303
    write(client, consultation, body="Better words")
    assert send(client, consultation).location.endswith(filed.reference)
    session.expire_all()
    assert session.scalars(select(Comment.body)).all() == ["Better words"]


def test_a_draft_is_deleted_on_its_authors_wish(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation)
    assert "Delete your unfinished submission?" in client.get(f"/c/{consultation.slug}/respond/discard").text
    client.post(f"/c/{consultation.slug}/respond/discard")
    assert session.scalars(select(Draft)).all() == []


def test_what_people_write_is_shown_as_text(client: FlaskClient, session: Session, consultation: Consultation) -> None:
    filing.file(session, consultation, "<script>alert(1)</script> & “more”", person="<b>Ana</b>", published=True)
    session.commit()
    for path in ("draft", "p/1.1", "comments", "comments?stance=concern"):
        page = client.get(f"/c/{consultation.slug}/{path}").text
        assert "<script>alert" not in page
        assert "<b>Ana</b>" not in page
        assert path == "draft" or "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_only_what_is_published_is_shown(client: FlaskClient, session: Session, consultation: Consultation) -> None:
    waiting = filing.file(session, consultation, "Not read yet")
    hidden_again = filing.file(session, consultation, "Withheld words", published=True)
    filing.decide(session, hidden_again, State.WITHHELD, "hate")
    session.commit()
    for path in ("draft", "p/1.1", "comments", "comments?stance=concern", "comments?on=1.1"):
        page = client.get(f"/c/{consultation.slug}/{path}").text
        assert "Not read yet" not in page
        assert "Withheld words" not in page
    assert client.get(f"/c/{consultation.slug}/comments/{waiting.reference}").status_code == 404


def test_names_are_shown_as_they_were_chosen(client: FlaskClient, session: Session, consultation: Consultation) -> None:
    filing.file(session, consultation, "One", organisation="Friends of the River", published=True)
    filing.file(session, consultation, "Two", person="Ana", published=True)
    filing.file(session, consultation, "Three", published=True)
    session.commit()
    page = client.get(f"/c/{consultation.slug}/p/1.1").text
    assert "says they represent this organisation" in page
    assert "<bdi>Ana</bdi>" in page
    assert "Name not published" in page


def test_lists_are_narrowed_and_paged_without_losing_or_repeating_anything(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    for n in range(45):
        kind = "support" if n % 2 else "concern"
        words = filing.comment(session, consultation, f"Words {n:02}", "2.1", kind)
        filing.file(session, consultation, words, published=True)
    session.commit()
    for path, expected in (("comments", 45), ("comments?on=2.1&stance=support", 22), ("p/2.1?stance=concern", 23)):
        url, seen = f"/c/{consultation.slug}/{path}", []
        while url:
            page = client.get(url).text
            seen += re.findall(r"Words \d\d", page)
            following = re.search(r'<a href="([^"]+)" rel="next">(?:Older|Older comments)<', page)
            url = unescape(following[1]) if following else ""
        assert len(seen) == len(set(seen)) == expected
        assert seen == sorted(seen, reverse=True)


def test_copies_of_a_letter_are_one_card_below_which_the_others_are_named(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    for body in ("Their own words", *["The letter"] * 14, "Between them", *["The letter"] * 10, "Others' words"):
        filing.file(session, consultation, body, person="Lucía", published=True)
    session.commit()
    first = client.get(f"/c/{consultation.slug}/p/1.1").text
    assert re.findall("Others&#39; words|The letter|Between them", first) == [
        "Others&#39; words",
        "The letter",
        "Between them",
    ]
    assert "17 other comments on this page say exactly the same" in first
    assert len(re.findall(r'<li id="c\d+"><bdi>Lucía</bdi>.*?Individual · ', first)) == 17
    following = re.search(r'<a href="([^"]+)" rel="next">', first)
    assert following
    second = client.get(unescape(following[1])).text
    assert "5 other comments on this page say exactly the same" in second
    assert "Their own words" in second


def test_a_page_is_not_made_again_while_nothing_has_happened(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    url = f"/c/{consultation.slug}/draft"
    first = client.get(url)
    unchanged = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    arabic = client.get(f"{url}?lang=ar", headers={"If-None-Match": first.headers["ETag"]})
    assert arabic.status_code == 200
    filing.file(session, consultation, "News", published=True)
    session.commit()
    changed = client.get(f"{url}?lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_page_with_a_draft_on_it_is_always_made_again(client: FlaskClient, consultation: Consultation) -> None:
    write(client, consultation)
    assert "ETag" not in client.get(f"/c/{consultation.slug}/draft").headers


READING = ["draft/chp_1", "draft?whole=1", "p/1.1", "p/1.1?stance=concern"]
LISTS = ["comments", "comments?stance=concern", "comments?on=1.1"]
WRITING = ["respond", "respond/comment/1.1", "respond/questions", "respond/about", "respond/check"]


def test_a_page_sends_as_many_statements_however_much_is_filed(
    client: FlaskClient, session: Session, sign_in: Callable[[Any], FlaskClient], consultation: Consultation
) -> None:
    signed_in, slug = sign_in(factories.account(session)), consultation.slug
    write(signed_in, consultation)

    def counted(who: FlaskClient) -> dict[str, int]:
        found = {}
        for path in READING + LISTS + WRITING:
            session.expunge_all()
            with statements() as seen:
                assert who.get(f"/c/{slug}/{path}").status_code == 200
            found[path] = len(seen)
        return found

    client.get(f"/c/{slug}/draft")  # the text itself is read once by a process
    client.get(f"/c/{slug}/respond/comment/1.1")  # its token costs a statement from here on
    few: list[dict[str, int]] = []
    for batch in (3, 27):
        for n in range(batch):
            filing.file(session, session.merge(consultation), f"Words {n}", organisation="Friends", published=True)
        session.commit()
        few.append(counted(client))
        few.append(counted(signed_in))
    assert few[0] == few[2]
    assert few[1] == few[3]
    assert max(few[0].values()) <= 7
    assert max(few[1].values()) <= 9


def test_my_page_sends_as_many_statements_however_much_was_sent(
    session: Session, sign_in: Callable[[Any], FlaskClient], consultation: Consultation
) -> None:
    account = factories.account(session)
    client = sign_in(account)
    found = []
    for batch in (1, 9):
        for n in range(batch):
            service.file(
                session, consultation=consultation, by=service.Submitter(account_id=account.id), key=f"{batch}.{n}",
                comments=[filing.comment(session, consultation, "Words")],
            )  # fmt: skip
        session.commit()
        with statements() as seen:
            client.get("/my")
        found.append(len(seen))
    assert found[0] == found[1] <= 8


def test_the_name_of_an_account_is_not_taken_for_one_that_was_made_up(
    session: Session, consultation: Consultation, sign_in: Callable[[Any], FlaskClient]
) -> None:
    client = sign_in(factories.account(session, display_name="Rosa Quispe"))
    refused = introduce(client, consultation, speaks="pseudonym", person_name="Rosa Quispe")
    assert refused.status_code == 422
    assert "Enter an invented name" in refused.text
    assert introduce(client, consultation, speaks="pseudonym", person_name="River").status_code == 303
