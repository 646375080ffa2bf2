"""Calls: set up, opened, read on a small page, answered in own words, and told in numbers that name nobody."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.accounts.organisations import service as organisations
from consult.analysis.service import FOLLOWER, declare
from consult.calls import arrivals, queries, service
from consult.calls.model import CallVoice, CommentCall
from consult.calls.service import CallText
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.core.web.stylesheet import SLIM, join_components
from consult.digests.content import campaign_queries
from consult.ledger import service as ledger
from consult.ledger.model import Kind, LedgerEntry
from consult.submissions.model import Draft, Submission
from consult.trace import erasure
from tests import factories, filing
from tests.rules.test_css import ROOT

SignIn = Callable[[Any], FlaskClient]
PROMPTS = {
    "chp_1__para_1": ["How far is the nearest service?", "Who is turned away?"],
    "chp_1__para_2": ["Who decides?"],
}


def organisation(session: Session) -> tuple[Organisation, Account]:
    it, member = factories.organisation(session, name="Harm Reduction Network"), factories.account(session)
    organisations.add_member(session, organisation_id=it.id, account_id=member.id, owner=True)
    return it, member


def made(session: Session, *, opened: bool = True, **values: Any) -> tuple[CommentCall, Consultation, Account]:
    row = factories.consultation(session, **values)
    it, member = organisation(session)
    call = service.create(session, by=member, organisation_id=it.id, consultation=row, slug="naloxone", language="en")
    text = CallText("Services are far away.", PROMPTS)
    service.edit(session, call, revision=call.revision, places=list(PROMPTS), text=text, language="en",
                 ends_at=row.closes_at)  # fmt: skip
    if opened:
        service.open_call(session, call, by=member)
    session.commit()
    return call, row, member


def count(session: Session, row: Consultation) -> None:
    FOLLOWER.follow(session, consultation_id=row.id, until=ledger.number_entries(session))
    session.commit()


def answer(session: Session, call: CommentCall, row: Consultation, *words: str) -> list[Submission]:
    sent = [filing.file(session, row, said, published=True) for said in words]
    for one in sent:
        arrivals.note_voice(session, one, call.slug)
    count(session, row)
    return sent


OWN = [f"In town number {n} the clinic closed {n} years ago, said the nurse of street {n * 7}." for n in range(1, 6)]
LETTER = "We ask that every town has a needle exchange within an hour of where people live, open at night."
SAME = ["We all say the very same thing about the services that are far away."] * 2


def test_a_call_page_is_small_and_needs_neither_script_nor_cookie(client: FlaskClient, session: Session) -> None:
    made(session)
    page = client.get("/call/naloxone")
    assert page.status_code == 200
    assert "script" not in page.text
    assert "Set-Cookie" not in page.headers
    sheet = join_components(ROOT / "static/kit", SLIM)
    weight = len(gzip.compress(page.data, mtime=0)) + len(gzip.compress(sheet, mtime=0))
    assert weight <= 6 * 1024


def test_boxes_are_empty_and_no_kind_of_comment_is_chosen(client: FlaskClient, session: Session) -> None:
    made(session)
    page = client.get("/call/naloxone").text
    assert re.findall(r"<textarea[^>]*>(.*?)</textarea>", page, re.S) == ["", ""]
    assert "checked>" not in page
    assert "How far is the nearest service?" in page


def test_words_cannot_be_put_into_the_boxes_by_the_address(client: FlaskClient, session: Session) -> None:
    made(session)
    page = client.get("/call/naloxone?body_0=Sign+this&stance_0=support").text
    assert "Sign this" not in page
    assert "checked>" not in page


def token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def on(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(on_\d)" value="(\d+)"', page))


def test_what_is_typed_goes_into_the_draft_and_is_counted_once_it_is_sent(
    client: FlaskClient, session: Session
) -> None:
    call, row, _member = made(session)
    page = client.get("/call/naloxone").text
    typed = {"body_0": "The nearest is 40 km away.", "stance_0": "drop", "csrf_token": token(page), **on(page)}
    answer = client.post("/call/naloxone/write", data=typed)
    assert answer.headers["Location"] == f"/c/{row.slug}/respond/about"
    client.post(f"/c/{row.slug}/respond/about", data={"speaks": "none", "language": "en"})
    check = client.get(f"/c/{row.slug}/respond/check").text
    hidden = dict(re.findall(r'name="(key|mark)"[^>]*value="([^"]*)"', check))
    client.post(f"/c/{row.slug}/respond/check", data=hidden)
    sent = session.scalars(select(Submission)).one()
    assert session.scalars(select(CallVoice.call_id).where(CallVoice.submission_id == sent.id)).one() == call.id
    filed_next = filing.file(session, row, "By itself.")
    assert session.get(CallVoice, filed_next.id) is None


def test_a_comment_without_a_kind_keeps_what_was_typed(client: FlaskClient, session: Session) -> None:
    made(session)
    page = client.get("/call/naloxone").text
    answer = client.post("/call/naloxone/write", data={"body_0": "Too far.", "csrf_token": token(page), **on(page)})
    assert answer.status_code == 422
    assert ">Too far.</textarea>" in answer.text
    assert session.scalars(select(Draft)).all() == []


def test_a_change_of_language_on_a_page_that_came_back_keeps_what_was_typed(
    client: FlaskClient, session: Session
) -> None:
    made(session)
    page = client.get("/call/naloxone").text
    typed = {"body_0": "Too far.", "csrf_token": token(page), **on(page)}
    came_back = client.post("/call/naloxone/write", data=typed).text
    assert 'formaction="/call/naloxone/write?lang=es" name="do" value="show"' in came_back
    shown = client.post("/call/naloxone/write?lang=es", data=typed | {"stance_0": "drop", "do": "show"})
    assert shown.status_code == 422
    assert '<html lang="es"' in shown.text
    assert ">Too far.</textarea>" in shown.text
    assert session.scalars(select(Draft)).all() == []


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
def test_another_site_can_put_nothing_into_a_draft(
    client: FlaskClient, session: Session, headers: dict[str, str]
) -> None:
    made(session)
    page = client.get("/call/naloxone").text
    typed = {"body_0": "Sign this.", "stance_0": "support", "csrf_token": token(page), **on(page)}
    assert client.post("/call/naloxone/write", data=typed, headers=headers).status_code == 403
    assert client.post("/call/naloxone/write", data=typed | {"csrf_token": "x"}).status_code == 403
    assert session.scalars(select(Draft)).all() == []


def test_what_is_typed_goes_on_without_a_trace(client: FlaskClient, session: Session) -> None:
    _call, row, _member = made(session, no_identity=True)
    page = client.get("/call/naloxone").text
    assert f'formaction="/n/{row.slug}?lang=en"' in page
    typed = {"body_0": "Too far for us.", "stance_0": "drop", "boxes": "2", "do": "show", **on(page)}
    answer = client.post(f"/n/{row.slug}", data=typed | {"csrf_token": token(page)})
    assert "Too far for us." in answer.text
    assert "Set-Cookie" not in answer.headers


def test_numbers_are_told_from_five_on_and_copies_are_counted_apart(session: Session, client: FlaskClient) -> None:
    call, row, _member = made(session)
    answer(session, call, row, *OWN[:4])
    assert not queries.get_public(session, "naloxone").counts.is_told
    assert "written individually, " not in client.get("/call/naloxone").text
    answer(session, call, row, OWN[4], *SAME)
    counts = queries.get_public(session, "naloxone").counts
    assert (counts.received, counts.published, counts.own, counts.copied) == (7, 7, 5, 2)
    assert "5 written individually, 2 copied." in client.get("/call/naloxone").text


def test_the_organiser_reads_published_words_and_never_who(session: Session, sign_in: SignIn) -> None:
    call, row, member = made(session)
    sent = answer(session, call, row, *OWN[:4])
    page = f"/org/{call.organisation_id}/calls/{call.id}"
    assert OWN[0] not in sign_in(member).get(page).text
    more = filing.file(session, row, OWN[4], published=True, person="Ana Canary")
    waiting = filing.file(session, row, "This waits for a moderator.", person="Luis Canary")
    for one in (more, waiting):
        arrivals.note_voice(session, one, call.slug)
    count(session, row)
    shown = sign_in(member).get(page).text
    assert all(words in shown for words in OWN)
    assert "This waits" not in shown
    assert "Canary" not in shown
    assert [one.reference for one in [*sent, more, waiting] if one.reference in shown] == []


def test_an_erased_submission_is_no_voice_any_more(session: Session) -> None:
    call, row, _member = made(session)
    sent = answer(session, call, row, OWN[0])[0]
    erasure.erase(session, sent)
    assert session.scalars(select(CallVoice)).all() == []


def test_the_record_says_when_a_call_was_opened_and_closed(session: Session) -> None:
    call, row, member = made(session)
    service.open_call(session, call, by=member)
    assert service.close_due(session, at=now()) == 0
    assert service.close_due(session, at=call.ends_at) == 1
    assert service.close_due(session, at=call.ends_at) == 0
    service.close_call(session, call, by=member)
    kinds = session.scalars(
        select(LedgerEntry.kind).where(LedgerEntry.consultation_id == row.id).order_by(LedgerEntry.id)
    ).all()
    assert kinds == [Kind.CALL_OPENED, Kind.CALL_CLOSED]


def test_a_closed_call_takes_nothing_more(client: FlaskClient, session: Session) -> None:
    call, _row, member = made(session)
    page = client.get("/call/naloxone").text
    service.close_call(session, call, by=member)
    shut = client.get("/call/naloxone").text
    assert "<textarea" not in shut
    typed = {"body_0": "Late.", "stance_0": "drop", "csrf_token": token(page)}
    assert client.post("/call/naloxone/write", data=typed).status_code == 409


def test_a_call_that_is_not_open_is_seen_by_nobody_else(client: FlaskClient, session: Session) -> None:
    made(session, opened=False)
    for path in ("/call/naloxone", "/call/naloxone/qr.svg", "/call/naloxone/poster", "/call/nothing"):
        assert client.get(path).status_code == 404


def test_only_who_may_sign_opens_a_call(session: Session) -> None:
    call, _row, member = made(session, opened=False)
    session.scalars(select(Membership).where(Membership.account_id == member.id)).one().signatory = False
    with pytest.raises(Forbidden):
        service.open_call(session, call, by=member)


def edited(session: Session, call: CommentCall, prompts: dict[str, list[str]], **values: Any) -> None:
    given = {"revision": call.revision, "places": list(prompts), "text": CallText("Why.", prompts), "language": "en",
             "ends_at": call.ends_at}  # fmt: skip
    service.edit(session, call, **{**given, **values})


def test_the_record_says_each_time_that_an_open_call_is_changed(session: Session) -> None:
    call, row, member = made(session, opened=False)
    edited(session, call, PROMPTS)
    service.open_call(session, call, by=member)
    shown = call.texts["en"]
    edited(session, call, {**PROMPTS, "chp_1__para_2": ["Who pays?"]})
    edited(session, call, {**PROMPTS, "chp_1__para_2": ["Who pays?"]})
    session.commit()
    entries = session.scalars(
        select(LedgerEntry).where(LedgerEntry.consultation_id == row.id).order_by(LedgerEntry.id)
    ).all()
    assert [entry.kind for entry in entries] == [Kind.CALL_OPENED, Kind.CALL_CHANGED], "only where it was another"
    assert call.texts["en"] != shown
    assert entries[-1].commitment == service.compute_commitment(call) != entries[0].commitment


def test_what_a_call_may_ask_is_bounded(session: Session) -> None:
    call, row, _member = made(session, chapters=3)
    place = "chp_1__para_1"
    with pytest.raises(Refusal, match="140"):
        edited(session, call, {place: ["We demand that this paragraph is deleted at once. " * 4]})
    with pytest.raises(Refusal, match="3 prompts"):
        edited(session, call, {place: ["One?", "Two?", "Three?", "Four?"]})
    with pytest.raises(Refusal, match="5 parts of the draft"):
        edited(session, call, {f"chp_{c}__para_{p}": ["Why?"] for c in (1, 2, 3) for p in (1, 2)})
    with pytest.raises(Refusal, match="current draft"):
        edited(session, call, {"nowhere": ["Why?"]})
    with pytest.raises(Refusal, match="closes"):
        edited(session, call, PROMPTS, ends_at=row.closes_at + timedelta(days=1))
    with pytest.raises(Conflict):
        edited(session, call, PROMPTS, revision=call.revision - 1)


def test_a_call_is_read_in_the_language_of_the_reader_where_it_has_one(client: FlaskClient, session: Session) -> None:
    call, row, _member = made(session)
    french = CallText("Les services sont loin.", {"chp_1__para_1": ["À quelle distance ?"], "chp_1__para_2": []})
    service.edit(session, call, revision=call.revision, places=list(PROMPTS), text=french, language="fr",
                 ends_at=row.closes_at)  # fmt: skip
    page = client.get("/call/naloxone?lang=fr").text
    assert "Les services sont loin." in page
    assert "À quelle distance ?" in page
    assert "Who decides?" in page  # what is not translated is shown as it was written
    assert "Services are far away." in client.get("/call/naloxone?lang=es").text


def test_a_digest_tells_of_calls_and_moderators_know_them(session: Session, sign_in: SignIn) -> None:
    call, row, _member = made(session)
    answer(session, call, row, *OWN)
    assert [(one.slug, one.published, one.own) for one in campaign_queries.list_calls(session, row.id)] == [
        ("naloxone", 5, 5)
    ]
    page = sign_in(factories.account(session, Role.MODERATOR)).get("/review/campaigns").text
    assert "Harm Reduction Network" in page


def test_a_member_sets_up_and_opens_a_call_with_forms(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    row = factories.consultation(session)
    it, member = organisation(session)
    browser = sign_in(member)
    made_at = browser.post(
        f"/org/{it.id}/calls/new", data={"consultation": row.slug, "address": "far-away", "language": "en"}
    ).headers["Location"]
    asked = {
        "why": "It is far.",
        "place_0": "chp_1__para_1",
        "prompts_0": "How far?",
        "revision": "1",
        "ends": ["", "", ""],
    }
    kept = browser.post(made_at, data=asked)
    assert kept.status_code == 303, kept.text
    assert browser.post(kept.headers["Location"], data={"do": "open"}).status_code == 303
    assert "How far?" in client.get("/call/far-away").text
    assert "svg" in client.get("/call/far-away/qr.svg").text
    taken = browser.post(
        f"/org/{it.id}/calls/new", data={"consultation": row.slug, "address": "far-away", "language": "en"}
    )
    assert taken.status_code == 422
    assert "far-away" in taken.text


def test_a_letter_that_goes_with_a_call_is_told_to_moderators(session: Session, sign_in: SignIn) -> None:
    call, row, member = made(session)
    letter = declare(
        session, consultation=row, account=member, name="Eighty", organiser="Network", letter=LETTER, consent=False
    )
    others = declare(session, consultation=row, account=factories.account(session), name="Ninety", organiser="Others",
                     letter=LETTER.replace("needle", "pipe"), consent=False)  # fmt: skip
    session.commit()
    browser, address = sign_in(member), f"/org/{call.organisation_id}/calls/{call.id}/edit"
    page = browser.get(address).text
    assert f'value="{letter.id}"' in page
    assert others.name not in page
    form = {"revision": str(call.revision), "why": "Services are far away.", "letter": str(letter.id)}
    form |= {"place_0": "chp_1__para_1", "prompts_0": "How far is it?"}
    assert browser.post(address, data={**form, "letter": str(others.id)}).status_code == 422
    assert browser.post(address, data=form).status_code == 303
    assert [one.call.slug for one in queries.list_by_letter(session, letter.id)] == ["naloxone"]
    moderator = sign_in(factories.account(session, role=Role.MODERATOR))
    assert "with a declared campaign letter" in moderator.get("/review/campaigns").text
    copies = [filing.file(session, row, LETTER) for _copy in range(6)]
    count(session, row)
    assert "/call/naloxone" in moderator.get(f"/review/{copies[-1].id}").text


def test_strangers_learn_nothing_of_calls(session: Session) -> None:
    call, _row, _member = made(session)
    with pytest.raises(NotFound):
        service.get_for_member(
            session, organisation_id=call.organisation_id, number=call.id, by=factories.account(session)
        )
