"""Coming back to what one wrote: by Back, by seven words, after signing in, after a moderator returned it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.core.settings import Settings
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from consult.decisions.model import Reason
from consult.moderation import service as moderation
from consult.moderation.model import DecisionOutcome
from consult.submissions import service
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.model import Submission
from tests import factories, filing, signing
from tests.forms import pressed
from tests.submissions.test_traceless import come_back, seven
from tests.submissions.test_views import introduce, send, write


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session)
    session.commit()
    return row


def test_back_after_sending_leads_to_the_receipt(client: FlaskClient, consultation: Consultation) -> None:
    write(client, consultation)
    introduce(client, consultation)
    sent = send(client, consultation).location
    page = client.get(f"/c/{consultation.slug}/respond/check").text
    assert sent in page
    assert "nothing to send" not in page


def test_a_draft_is_found_on_another_device_with_seven_words(client: FlaskClient, consultation: Consultation) -> None:
    slug = consultation.slug
    write(client, consultation)
    page = client.get(f"/c/{slug}/respond").text
    words = seven(client.post(f"/c/{slug}/respond/words", data=pressed(page.partition("Get seven")[0])))
    assert "Sixty per cent is low." in client.get(f"/c/{slug}/respond").text, "this browser goes on too"
    other = client.application.test_client()
    opened = come_back(other, words)
    assert "Set-Cookie" not in opened.headers
    assert other.post(f"/c/{slug}/respond/resume", data=pressed(opened.text, having="code")).status_code == 303
    assert "Sixty per cent is low." in other.get(f"/c/{slug}/respond").text


def test_a_forged_code_takes_up_nothing(client: FlaskClient, consultation: Consultation) -> None:
    for code in ("", "forged", "Zm9yZ2Vk"):
        answer = client.post(f"/c/{consultation.slug}/respond/resume", data={"code": code})
        assert answer.status_code == 422


def test_the_words_on_a_receipt_open_the_submission_as_the_link_does(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write(client, consultation)
    introduce(client, consultation)
    receipt = client.get(send(client, consultation).location).text
    found = re.search(r'<b dir="ltr" lang="en">([a-z ]+)</b>', receipt)
    assert found
    row = session.scalars(select(Submission)).one()
    opened = come_back(client.application.test_client(), found[1])
    assert opened.location == f"/r/{row.reference}/{service.author_secret(row)}"


def test_a_draft_begun_before_signing_in_is_among_ones_own(
    session: Session, client: FlaskClient, consultation: Consultation
) -> None:
    person = factories.account(session)
    write(client, consultation)
    with client.session_transaction() as cookie:
        cookie.update(signing.session_cookie(session, person))
    page = client.get("/my").text
    assert page.count(f'href="/c/{consultation.slug}/respond"') == 2
    write(client, consultation, "2.1")
    assert client.get("/my").text.count(f'href="/c/{consultation.slug}/respond"') == 2, "shown once"


def test_the_moderators_note_stands_beside_the_words_that_are_changed(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    row = filing.file(session, consultation, "Call Ana Quispe.")
    moderation.decide(
        session, moderator=factories.account(session, Role.MODERATOR), submission_id=row.id, revision=row.revision,
        outcome=DecisionOutcome.RETURN, reason=Reason.PERSONAL_DETAILS, note="Leave out her name.",
    )  # fmt: skip
    private = f"/r/{row.reference}/{service.author_secret(row)}"
    page = client.get(private).text
    action = re.search(r'action="(/c/[^"]+/respond/amend/[^"]+)"', page)
    assert action
    client.post(action[1])
    for path in ("respond", "respond/comment/1.1", "respond/check"):
        assert "Leave out her name." in client.get(f"/c/{consultation.slug}/{path}").text


def test_one_network_cannot_flood_a_consultation(
    client: FlaskClient, consultation: Consultation, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = replace(settings, filing_limit="3 per hour")
    monkeypatch.setitem(client.application.config, "SETTINGS", few)
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    path = f"/c/{consultation.slug}/respond/check"
    answers = [client.post(path, data={"key": "k", "mark": "m"}).status_code for _ in range(4)]
    limiter.reset()
    assert answers[0] != 429
    assert answers[-1] == 429


def test_the_author_takes_all_that_is_kept_and_erases_it(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    row = filing.file(session, consultation, "First words", person="Ana", published=True)
    service.amend(session, row, comments=[filing.comment(session, consultation, "Second words")])
    private = f"/r/{row.reference}/{service.author_secret(row)}"
    answer = client.get(f"{private}/data")
    kept = json.loads(zipfile.ZipFile(io.BytesIO(answer.data)).read("submission.json"))
    assert (kept["person"], kept["comments"][0]["body"]) == ("Ana", "Second words")
    assert kept["earlier"][0]["comments"][0]["body"] == "First words"
    assert [step["kind"] for step in kept["record"]][-1] == "submission.amended"
    sure = client.get(f"{private}/erase").text
    assert client.post(f"{private}/erase", data=pressed(sure.partition("Keep it")[0])).status_code == 303
    assert client.get(private).status_code == 404
    assert client.get(f"{private}/data").status_code == 404
    assert "Erased" in client.get(f"/r/{row.reference}").text


def test_after_withdrawing_the_private_page_offers_neither_change_nor_withdrawal(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    row = filing.file(session, consultation, "Words")
    service.withdraw(session, row)
    page = client.get(f"/r/{row.reference}/{service.author_secret(row)}").text
    for gone in ("/withdraw", "respond/amend", "change or withdraw"):
        assert gone not in page
    assert "/erase" in page


def test_who_is_not_the_author_erases_and_takes_nothing(
    client: FlaskClient, session: Session, consultation: Consultation, sign_in: Callable[[Any], FlaskClient]
) -> None:
    row = filing.file(session, consultation, "Words")
    other = service.author_secret(filing.file(session, consultation, "Others"))
    browser = sign_in(factories.account(session))
    for visitor in (client, browser):
        for path in ("erase", "data", "withdraw"):
            assert visitor.get(f"/r/{row.reference}/{other}/{path}").status_code == 404
    assert "/erase" not in browser.get(f"/r/{row.reference}").text
    assert drafts.get_draft(session, consultation_id=consultation.id, owner=DraftOwner()).writing.words == 0
