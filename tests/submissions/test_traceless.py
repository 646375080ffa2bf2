"""No-identity mode: no account, no cookie, no script, and nothing about who wrote is anywhere."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import NotFound, Refusal
from consult.core.settings import Settings
from consult.core.web import tokens
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from consult.files import claims, store
from consult.files.model import StoredFile
from consult.submissions import return_codes
from consult.submissions.content.draft import DraftComment, DraftContent
from consult.submissions.model import Comment, Draft, Evidence, Stance, State, Submission
from consult.submissions.private import service as private
from consult.submissions.private.forms import TracelessForm
from tests import factories, filing
from tests.canaries import CANARY, dump, elsewhere, holds
from tests.files.looking import check
from tests.files.samples import BAD, jpeg, pdf
from tests.files.samples import CANARY as AUTHOR
from tests.forms import pressed


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session, questions=1, no_identity=True)
    session.commit()
    return row


def write(client: FlaskClient, slug: str, do: str = "check", **typed: str) -> TestResponse:
    """Opens the form, fills in the first box and presses a button."""
    page = client.get(f"/n/{slug}").text
    given = {"stance_0": "drop", "body_0": "Sixty per cent is low.", **typed}
    return client.post(f"/n/{slug}", data=pressed(page, ("do", do), **given))


def press(client: FlaskClient, page: TestResponse, do: str, at: str) -> TestResponse:
    return client.post(at, data=pressed(page.text, ("do", do)))


def seven(page: TestResponse) -> str:
    found = re.search(r'<ol class="ref"[^>]*>(.*?)</ol>', page.text, re.S)
    assert found, page.text
    return " ".join(re.findall(r"<li>(\w+)</li>", found[1]))


def come_back(client: FlaskClient, words: str) -> TestResponse:
    page = client.get("/return").text
    return client.post("/return", data=pressed(page, having="words", words=words))


def filed(client: FlaskClient, slug: str, **typed: str) -> str:
    """Writes, checks and sends; gives the seven words."""
    checked = write(client, slug, **typed)
    return seven(press(client, checked, "send", f"/n/{slug}"))


def test_a_person_files_without_cookie_or_script_and_comes_back_with_seven_words(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    slug = consultation.slug
    checked = write(client, slug)
    assert "Sixty per cent is low." in checked.text
    sent = press(client, checked, "send", f"/n/{slug}")
    row = session.scalars(select(Submission)).one()
    assert row.reference in sent.text
    assert (row.account_id, row.contact_id, row.author_key, row.public_name) == (None, None, None, None)
    story = come_back(client, seven(sent).upper())
    assert row.reference in story.text
    assert "Sixty per cent is low." in story.text
    paper = press(client, story, "receipt", "/return/do")
    assert paper.data.startswith(b"%PDF-")
    for page in (client.get(f"/n/{slug}?lang=ar"), checked, sent, story, paper):
        assert "Set-Cookie" not in page.headers
        assert b"<script" not in page.data
        assert "script-src" not in page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert not re.search(rb'(?:src|href|action)="(?:https?:)?//', page.data), "nothing of another site"


def test_a_browser_that_has_a_cookie_is_given_no_other(
    consultation: Consultation, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    person = factories.account(session)
    browser = sign_in(person)
    page = browser.get(f"/n/{consultation.slug}?lang=ar")
    assert "Set-Cookie" not in page.headers
    assert person.display_name not in page.text
    filed(browser, consultation.slug)
    assert session.scalars(select(Submission)).one().account_id is None


def test_a_browser_that_has_a_cookie_is_told_so_and_deletes_it_without_losing_what_was_typed(
    client: FlaskClient, consultation: Consultation, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    at = f"/n/{consultation.slug}"
    assert "No account, no cookie, no script." in client.get(at).text
    client.get("/?lang=ar")
    for browser in (client, sign_in(factories.account(session))):
        held = browser.get(f"{at}?lang=en").text
        assert "has a cookie from an earlier visit" in held
        assert "no cookie, no script" not in held
        first = held.index('class="hidden" form="answer"')  # Enter in a line of the form presses this: no loss
        assert first < held.index('form="answer" name="do" value="forget"')
        typed = pressed(held, ("do", "check"), body_0="Sixty is low.")
        after = browser.post(f"{at}?lang=en", data={**typed, "do": "forget"})
        assert "No account, no cookie, no script." in after.text
        assert "Sixty is low." in after.text
        assert browser.get_cookie("session") is None
        assert "has a cookie" not in browser.get(at).text
    assert "Sign in" in browser.get("/", follow_redirects=True).text


def test_sending_twice_files_once(client: FlaskClient, session: Session, consultation: Consultation) -> None:
    checked = write(client, consultation.slug)
    first = press(client, checked, "send", f"/n/{consultation.slug}")
    again = press(client, checked, "send", f"/n/{consultation.slug}")
    assert seven(first) == seven(again)
    assert len(session.scalars(select(Submission)).all()) == 1


def test_a_draft_is_kept_under_seven_words_of_which_only_a_keyed_hash_is_stored(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    kept = write(client, consultation.slug, "keep")
    words = seven(kept)
    draft = session.scalars(select(Draft)).one()
    assert return_codes.code_token(words).encode() not in draft.token
    opened = come_back(client, words)
    assert "Sixty per cent is low." in opened.text
    checked = client.post(
        f"/n/{consultation.slug}", data=pressed(opened.text, ("do", "check"), body_0="Seventy would be better.")
    )
    sent = press(client, checked, "send", f"/n/{consultation.slug}")
    assert seven(sent) == words, "the same words from draft to answer"
    assert session.scalars(select(Comment.body)).all() == ["Seventy would be better."]
    assert session.scalars(select(Draft)).all() == []


def test_a_returned_submission_is_changed_with_the_words_even_after_closing(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    words = filed(client, consultation.slug)
    row = session.scalars(select(Submission)).one()
    filing.decide(session, row, State.RETURNED, "personal")
    consultation.opens_at, consultation.closes_at = now() - timedelta(days=9), now() - timedelta(hours=1)
    story = come_back(client, words)
    form = press(client, story, "change", "/return/do")
    assert "Sixty per cent is low." in form.text
    checked = client.post(f"/n/{consultation.slug}", data=pressed(form.text, ("do", "check"), body_0="Mended."))
    press(client, checked, "send", f"/n/{consultation.slug}")
    session.expire_all()
    assert row.state is State.PENDING
    assert session.scalars(select(Comment.body)).all() == ["Mended."]
    assert "Your text before" in come_back(client, words).text


def test_the_words_withdraw_and_erase_and_then_open_nothing(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    words = filed(client, consultation.slug)
    row = session.scalars(select(Submission)).one()
    sure = press(client, come_back(client, words), "withdraw", "/return/do")
    gone = press(client, sure, "withdraw-now", "/return/do")
    session.expire_all()
    assert row.state is State.WITHDRAWN
    assert ("do", "withdraw") not in re.findall(r'name="(do)" value="([\w-]+)"', gone.text)
    sure = press(client, gone, "erase", "/return/do")
    press(client, sure, "erase-now", "/return/do")
    session.expire_all()
    assert (row.state, row.salt, row.return_key) == (State.ERASED, None, None)
    assert come_back(client, words).status_code == 422


@pytest.mark.parametrize("typed", ["", "one two", " ".join(["zoo"] * 7), "zoo " * 60, "١٢٣"])
def test_words_that_open_nothing_say_so_alike(client: FlaskClient, typed: str) -> None:
    answer = come_back(client, typed)
    assert answer.status_code == 422
    assert "found nothing" in answer.text or not typed


def test_guesses_are_limited_and_right_words_are_not(
    client: FlaskClient, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = filed(client, consultation.slug)
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    assert [come_back(client, words).status_code for _ in range(12)] == [200] * 12
    wrong = [come_back(client, " ".join(["zoo"] * 7)).status_code for _ in range(11)]
    assert wrong == [422] * 10 + [429]
    limiter.reset()


def test_a_form_of_another_site_or_of_another_page_is_not_taken(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    page = client.get(f"/n/{consultation.slug}").text
    data = pressed(page, ("do", "check"), stance_0="drop", body_0="Low.")
    foreign = data.copy()
    foreign["csrf_token"] = tokens.token_signer("form").dumps("return")
    for token in (foreign["csrf_token"], "", "forged"):
        data["csrf_token"], data["do"] = token, "send"
        assert client.post(f"/n/{consultation.slug}", data=data).status_code == 422
    assert session.scalars(select(Submission)).all() == []


def test_the_way_is_shut_where_the_owner_has_not_opened_it(
    client: FlaskClient, session: Session, sign_in: Callable[[Any], FlaskClient]
) -> None:
    owner = factories.account(session, Role.POLICYMAKER)
    row = factories.consultation(session, owner=owner)
    session.commit()
    assert client.get(f"/n/{row.slug}").status_code == 404
    assert "/n/" not in client.get(f"/c/{row.slug}").text
    switched = sign_in(owner).post(f"/desk/consultations/{row.id}/safety", data={"no_identity": "y"})
    assert switched.status_code == 303
    session.expire_all()
    assert row.no_identity
    assert client.get(f"/n/{row.slug}").status_code == 200
    assert f"/n/{row.slug}" in client.get(f"/c/{row.slug}").text
    other = sign_in(factories.account(session, Role.POLICYMAKER))
    assert other.post(f"/desk/consultations/{row.id}/safety", data={}).status_code == 403


def test_a_code_of_one_consultation_sends_nothing_to_another(session: Session, consultation: Consultation) -> None:
    other = factories.consultation(session, no_identity=True)
    code = return_codes.new_code()
    said = DraftContent(comments={0: DraftComment("Low.", Stance.CONCERN)})
    private.send(session, consultation=consultation, code=code, writing=said)
    with pytest.raises(NotFound):
        private.send(
            session, consultation=other, code=code,
            writing=DraftContent(comments={0: DraftComment("Other.", Stance.CONCERN)}),
        )  # fmt: skip


def test_seven_words_are_at_least_77_bits() -> None:
    assert len(set(return_codes.word_list())) == 2048
    assert len({word[:4] for word in return_codes.word_list()}) == 2048
    assert return_codes.parse_code(return_codes.new_code()) is not None


def with_file(
    client: FlaskClient, page: str, slug: str, data: bytes, name: str, do: str = "file", **typed: str
) -> TestResponse:
    """Chooses a file in the form, says what it shows, and presses a button."""
    told = {"shows": "Deaths fell by a third", "evidence_kind": "study", "may_share": "y", **typed}
    form = pressed(page, ("do", do), **told).to_dict()
    answer = client.post(f"/n/{slug}", data={**form, "file": (io.BytesIO(data), name)})
    answer.request.environ["wsgi.input"].close()
    return answer


def looked_at(session: Session) -> list[StoredFile]:
    for number in session.scalars(select(StoredFile.id)).all():
        session.commit()
        check(number)
    session.expire_all()
    return list(session.scalars(select(StoredFile).order_by(StoredFile.id)))


def test_files_are_added_to_the_form_and_sent_without_name_cookie_or_original(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    slug, page = consultation.slug, client.get(f"/n/{consultation.slug}").text
    typed = {"stance_0": "drop", "body_0": "Sixty per cent is low."}
    added = with_file(client, page, slug, pdf(), "By Canaria.pdf", **typed)
    both = with_file(client, added.text, slug, jpeg(), "photo.jpg", do="check", shows="A queue")
    assert "Sixty per cent is low." in both.text, "a file that was chosen and not added goes along too"
    sent = press(client, both, "send", f"/n/{slug}")
    for answer in (added, both, sent):
        assert "Set-Cookie" not in answer.headers
        assert b"<script" not in answer.data
        assert b"Canaria" not in answer.data
    files = looked_at(session)
    assert [(row.state, row.nameless) for row in files] == [("clean", True)] * 2
    assert [row.name.partition(".")[2] for row in files] == ["pdf", "jpg"]
    for row in files:
        assert store.get(row.copy, row.salt or b"")
        with pytest.raises(store.NotInStore):
            store.get(row.original, row.salt or b"")
    filing.decide(session, session.scalars(select(Submission)).one(), State.PUBLISHED)
    session.commit()
    number = session.scalars(select(Evidence.id).order_by(Evidence.position)).first()
    handed = client.get(f"/c/{slug}/evidence/{number}/file").data
    assert handed.startswith(b"%PDF-")
    assert AUTHOR.encode() not in handed
    story = come_back(client, seven(sent)).text
    assert "Deaths fell by a third" in story
    assert "A queue" in story


def test_a_file_is_taken_out_again_and_destroyed(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    page = client.get(f"/n/{consultation.slug}").text
    added = with_file(client, page, consultation.slug, pdf(), "a.pdf", body_0="Kept words").text
    key = re.search(r'value="drop:(\w+)"', added)
    assert key
    dropped = client.post(f"/n/{consultation.slug}", data=pressed(added, ("do", f"drop:{key[1]}"))).text
    assert "drop:" not in dropped
    assert "Kept words" in dropped
    session.expire_all()
    assert session.scalars(select(StoredFile.salt)).all() == [None]


@pytest.mark.parametrize("wrong", ["no words", "no consent", "no file", "bad file", "no token"])
def test_a_file_that_cannot_be_taken_is_told_and_no_word_is_lost(
    client: FlaskClient, session: Session, consultation: Consultation, wrong: str
) -> None:
    page, slug = client.get(f"/n/{consultation.slug}").text, consultation.slug
    told = {"shows": "It", "may_share": "y", "body_0": "Sixty per cent is low."}
    told |= {"no words": {"shows": ""}, "no token": {"csrf_token": "forged"}}.get(wrong, {})
    form = pressed(page, ("do", "file"), **told).to_dict()
    if wrong == "no consent":
        del form["may_share"]
    name, data = ("a.txt", BAD["EICAR"][1]()) if wrong == "bad file" else ("a.pdf", pdf())
    chosen = {} if wrong == "no file" else {"file": (io.BytesIO(data), name)}
    answer = client.post(f"/n/{slug}", data={**form, **chosen})
    answer.request.environ["wsgi.input"].close()
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert "Sixty per cent is low." in answer.text
    assert session.scalars(select(StoredFile)).all() == []


def test_files_come_back_with_a_kept_draft_and_stay_when_words_are_changed_after_sending(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    slug, page = consultation.slug, client.get(f"/n/{consultation.slug}").text
    kept = with_file(client, page, slug, pdf(), "a.pdf", do="keep", stance_0="drop", body_0="First words.")
    words = seven(kept)
    assert session.scalars(select(Draft.file_ids)).one() == session.scalars(select(StoredFile.id)).all()
    opened = come_back(client, words).text
    assert "Deaths fell by a third" in opened
    press(client, client.post(f"/n/{slug}", data=pressed(opened, ("do", "check"))), "send", f"/n/{slug}")
    number = session.scalars(select(Evidence.file_id)).one()
    form = press(client, come_back(client, words), "change", "/return/do").text
    checked = client.post(f"/n/{slug}", data=pressed(form, ("do", "check"), body_0="Better words."))
    press(client, checked, "send", f"/n/{slug}")
    session.expire_all()
    assert session.scalars(select(Comment.body)).all() == ["Better words."]
    assert session.scalars(select(Evidence.file_id)).all() == [number]


def test_a_file_not_sent_in_time_is_destroyed_and_its_absence_is_told_before_anything_is_sent(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    slug, page = consultation.slug, client.get(f"/n/{consultation.slug}").text
    typed = {"stance_0": "drop", "body_0": "Words."}
    checked = with_file(client, page, slug, pdf(), "a.pdf", do="check", **typed)
    assert claims.erase_unclaimed(session) == 0
    row = session.scalars(select(StoredFile)).one()
    row.created_at = now() - claims.UNCLAIMED - timedelta(minutes=1)
    session.flush()
    assert claims.erase_unclaimed(session) == 1
    session.commit()
    sent = press(client, checked, "send", f"/n/{slug}")
    assert sent.status_code == 409
    assert "it was not sent within the time limit" in sent.text
    assert session.scalars(select(Submission)).all() == []


def test_files_of_one_form_cannot_be_sent_with_another(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    slug = consultation.slug
    mine = with_file(client, client.get(f"/n/{slug}").text, slug, pdf(), "a.pdf").text
    sealed = pressed(mine, ("do", "file"))["files"]
    theirs = client.get(f"/n/{slug}").text
    data = pressed(theirs, ("do", "check"), stance_0="drop", body_0="Words.", files=sealed)
    press(client, client.post(f"/n/{slug}", data=data), "send", f"/n/{slug}")
    assert len(session.scalars(select(Submission)).all()) == 1
    assert session.scalars(select(Evidence)).all() == []


def test_a_canary_is_found_only_where_it_was_written(
    app: Flask, settings: Settings, session: Session, consultation: Consultation, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Canary name and e-mail stand in the words only; address and browser are sent with every request."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(limiter, "enabled", True)
    client = app.test_client()
    client.environ_base |= {"REMOTE_ADDR": CANARY["address"], "HTTP_USER_AGENT": CANARY["agent"]}
    said = f"Write to {CANARY['email']}, says {CANARY['name']}."
    words = filed(client, consultation.slug, body_0=said)
    write(client, consultation.slug, "keep", body_0=f"Kept: {said}")
    come_back(client, words)
    come_back(client, " ".join(["zoo"] * 7))
    where = dump(session)
    assert {place for place, data in where if holds(data, CANARY["email"])} == {"comment.body"}
    assert {place for place, data in where if holds(data, CANARY["name"])} == {"comment.body"}
    pages = [client.get(path).text for path in ("/", f"/c/{consultation.slug}", f"/c/{consultation.slug}/comments")]
    kept = [data for _place, data in elsewhere(settings)]
    everywhere = [data for _place, data in where] + kept + [caplog.text.encode()]
    for secret in ("address", "agent"):
        assert [data for data in everywhere if holds(data, CANARY[secret])] == []
    for secret in ("email", "name"):
        assert [page for page in pages if CANARY[secret] in page] == []
        assert not holds(caplog.text.encode() + b"".join(kept), CANARY[secret])
    assert not holds(b"".join(data for _place, data in where), words)


def test_what_a_moderator_wrote_opens_as_nothing_else(app: Flask) -> None:
    with app.test_request_context("/n/x"):
        form = TracelessForm(formdata=None)
        form.note.data = tokens.seal_field("Who says so?", purpose="note")
        assert form.said_to_author == "Who says so?"
        with pytest.raises(Refusal):
            tokens.unseal_field(form.note.data)
        form.note.data = tokens.seal_field("Who says so?")
        assert form.said_to_author == ""
