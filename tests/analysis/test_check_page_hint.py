"""The hint before sending: how many others sent the same, how it is counted, and what else one can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.analysis import service
from consult.analysis.model import Campaign
from consult.consultations.model import Consultation
from consult.site import queries as site
from consult.submissions import service as submissions
from consult.submissions.model import CoSignature, NameRule, State, Submission
from consult.submissions.values import Submitter
from tests import factories
from tests.accounts.letters import letters
from tests.analysis.writing import LETTERS, OWN
from tests.filing import comment, decide, file, numbered
from tests.forms import pressed
from tests.submissions.test_speaking import member
from tests.submissions.test_views import introduce, send, write

SignIn = Callable[[Any], FlaskClient]
LETTER = LETTERS[0]


def followed(session: Session, consultation: Consultation) -> None:
    service.FOLLOWER.follow(session, consultation_id=consultation.id, until=numbered(session))
    session.commit()


def told(client: FlaskClient, consultation: Consultation, words: str) -> str:
    """Return the text of the hint about other submissions before these words are sent."""
    write(client, consultation, body=words)
    introduce(client, consultation)
    page = client.get(f"/c/{consultation.slug}/respond/check").text
    assert "Send my submission" in page, "it never stands in the way"
    found = re.search(
        r"<h2[^>]*>([^<]*(?:exactly this text|this campaign letter|say nearly the same|says nearly the same)).*?</ul>",
        page,
        re.S,
    )
    return " ".join(re.sub("<[^>]+>", " ", found[0]).split()) if found else ""


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session, no_identity=True)
    for number in range(8):
        file(session, row, LETTER, published=number < 6)
    file(session, row, f"{LETTER} {OWN[0]}", published=True)
    file(session, row, LETTERS[1], published=True)
    followed(session, row)
    return row


@pytest.mark.parametrize(
    ("words", "title"),
    [
        (LETTER, "7 other people have sent this campaign letter"),
        (LETTER.upper(), "7 other people have sent this campaign letter"),
        (f"{LETTER} {OWN[1]}", "7 other people say nearly the same"),
        (LETTERS[1], "1 other person has sent exactly this text"),
        (f"“{LETTER}” I cannot agree with that, and nobody whom I know in the valley does.", ""),
        (OWN[7], ""),
        ("I support this", ""),
    ],
)
def test_who_sends_what_others_have_published_is_told_how_many(
    client: FlaskClient, consultation: Consultation, words: str, title: str
) -> None:
    """Published copies only: a page must not tell whether some words wait for review. An answer is no copy."""
    said = told(client, consultation, words)
    assert said.startswith(title)
    assert bool(said) == bool(title)
    if title.startswith("7"):
        assert "This is the campaign letter We ask you" in said
        assert "We count one text and everyone who sends it." in said
        assert "Add what is different for you" in said


def test_it_is_sent_all_the_same_and_its_author_is_not_among_the_others(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    told(client, consultation, LETTER)
    assert send(client, consultation).status_code == 303
    row = session.scalars(select(Submission).order_by(Submission.id.desc())).first()
    assert row is not None
    decide(session, row, State.PUBLISHED)
    followed(session, consultation)
    assert session.scalars(select(Campaign.published)).one() == 8
    client.post(f"/c/{consultation.slug}/respond/amend/{row.reference}/{submissions.author_secret(row)}")
    page = client.get(f"/c/{consultation.slug}/respond/check").text
    assert "7 other people have sent this campaign letter" in page


def test_nobody_is_told_of_words_that_only_wait(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    for _number in range(6):
        file(session, row, LETTER)
    followed(session, row)
    assert told(client, row, LETTER) == ""


def test_of_a_letter_it_is_told_from_the_fifth_published_copy(client: FlaskClient, session: Session) -> None:
    row = factories.consultation(session)
    for number in range(7):
        file(session, row, LETTER, published=number < 4)
    followed(session, row)
    assert told(client, row, LETTER).startswith("4 other people have sent exactly this text")
    assert told(client, row, f"{LETTER} {OWN[1]}") == ""
    file(session, row, LETTER, published=True)
    followed(session, row)
    assert told(client, row, LETTER).startswith("5 other people have sent this campaign letter")
    assert told(client, row, f"{LETTER} {OWN[1]}").startswith("5 other people say nearly the same")


def test_without_identity_it_is_told_too(client: FlaskClient, consultation: Consultation) -> None:
    at = f"/n/{consultation.slug}"
    page = client.get(at).text
    answer = client.post(at, data=pressed(page, ("do", "check"), stance_0="drop", body_0=f"{LETTER} {OWN[2]}"))
    assert "7 other people say nearly the same" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "Send my submission" in answer.text


def spoken(session: Session, consultation: Consultation, by: Account, ngo: Organisation) -> Submission:
    row = submissions.file(
        session, consultation=consultation, key=f"{ngo.id}", comments=[comment(session, consultation, LETTER)],
        by=Submitter(NameRule.ORGANISATION, account_id=by.id, organisation_id=ngo.id),
    )  # fmt: skip
    decide(session, row, State.PUBLISHED)
    followed(session, consultation)
    return row


def test_an_organisation_signs_what_another_sent_once_its_author_agrees(
    client: FlaskClient, session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    first, second = factories.organisation(session, country="PE"), factories.organisation(session, country="CO")
    author, signatory = member(session, first), member(session, second)
    row = spoken(session, consultation, author, first)
    browser, check = sign_in(signatory), f"/c/{consultation.slug}/respond/check"
    write(browser, consultation, body=LETTER)
    introduce(browser, consultation, speaks=f"org:{second.id}")
    page = browser.get(check).text
    assert f"Co-sign the submission by {first.name}" in page
    answer = browser.post(
        f"/c/{consultation.slug}/comments/{row.reference}/sign", data=pressed(page, having="organisation")
    )
    assert answer.location == check
    assert "or has asked to" in browser.get(check).text
    assert site.get_front_page(session, consultation.slug).organisations == 1, "not before its author agrees"
    assert second.name not in client.get(f"/c/{consultation.slug}/comments/{row.reference}").text
    assert "Waiting for the author to agree" in browser.get("/my").text
    written = letters(session)[-1]
    assert f"{second.name} asks to co-sign your submission" in str(written)
    where = f"/r/{row.reference}/{submissions.author_secret(row)}/join"
    page = client.get(where).text
    assert "Wants to co-sign" in page
    number = session.scalars(select(CoSignature.id)).one()
    client.post(f"{where}/{number}", data=pressed(page, ("do", "agree")))
    session.expire_all()
    assert site.get_front_page(session, consultation.slug).organisations == 2
    assert second.name in client.get(f"/c/{consultation.slug}/comments/{row.reference}").text
    client.post(f"{where}/{number}", data=pressed(client.get(where).text, ("do", "leave")))
    assert session.scalars(select(CoSignature)).all() == []


def test_only_who_may_sign_asks_and_only_for_what_another_organisation_has_published(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    first, second = factories.organisation(session), factories.organisation(session)
    author, editor = member(session, first), member(session, second, signs=False)
    row = spoken(session, consultation, author, first)
    person = file(session, consultation, "Ana's words", person="Ana", published=True)
    at = f"/c/{consultation.slug}/comments"
    assert sign_in(editor).post(f"{at}/{row.reference}/sign", data={"organisation": second.id}).status_code == 403
    own, other = {"organisation": first.id}, {"organisation": second.id}
    assert sign_in(author).post(f"{at}/{row.reference}/sign", data=own).status_code == 409
    assert sign_in(author).post(f"{at}/{row.reference}/sign", data=other).status_code == 403
    assert sign_in(author).post(f"{at}/{person.reference}/sign", data=own).status_code == 409
    waiting = file(session, consultation, "It waits")
    assert sign_in(author).post(f"{at}/{waiting.reference}/sign", data=own).status_code == 404
    assert session.scalars(select(CoSignature)).all() == []
    where = f"/r/{person.reference}/{submissions.author_secret(person)}/join"
    assert sign_in(author).post(f"{where}/1", data={"do": "agree"}).status_code == 404
