"""Submissions in the name of organisations: not of others, with sign-off, and of several together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Organisation
from consult.accounts.organisations import domain_verification
from consult.accounts.organisations import service as organisations
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.site import queries as site
from consult.submissions import service
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import CoSignature, Draft, NameRule, State, Submission
from consult.submissions.values import Submitter
from tests import factories, filing
from tests.accounts.letters import letters
from tests.forms import pressed
from tests.submissions.test_views import introduce, send, write

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session)
    session.commit()
    return row


def member(session: Session, of: Organisation, *, signs: bool = True, **values: Any) -> Account:
    person = factories.account(session, **values)
    organisations.add_member(session, organisation_id=of.id, account_id=person.id)
    organisations._get_membership(session, of.id, person.id).signatory = signs
    session.flush()
    return person


def speak(session: Session, consultation: Consultation, by: Submitter) -> Submission:
    said = [filing.comment(session, consultation, "Words")]
    return service.file(session, consultation=consultation, by=by, comments=said, key=f"{by}")


def test_one_organisation_cannot_speak_as_another(session: Session, consultation: Consultation) -> None:
    ours, theirs = factories.organisation(session), factories.organisation(session, proven_at=now())
    person, editor = member(session, ours), member(session, theirs, signs=False)
    for who in (person.id, None):
        with pytest.raises(Forbidden):
            speak(session, consultation, Submitter(NameRule.ORGANISATION, account_id=who, organisation_id=theirs.id))
        with pytest.raises(Refusal, match="only its members"):
            speak(
                session,
                consultation,
                Submitter(NameRule.ORGANISATION, account_id=who, organisation_name=theirs.name.upper()),
            )
        alike = theirs.name.replace(" ", "-") + "."
        with pytest.raises(Refusal, match="only its members"):
            speak(session, consultation, Submitter(NameRule.PSEUDONYM, account_id=who, person_name=alike))
    with pytest.raises(Forbidden, match="Hand over your text"):
        speak(session, consultation, Submitter(NameRule.ORGANISATION, account_id=editor.id, organisation_id=theirs.id))
    assert session.scalars(select(Submission)).all() == []
    speak(session, consultation, Submitter(NameRule.ORGANISATION, account_id=person.id, organisation_id=ours.id))


def test_a_pseudonym_is_shown_as_it_was_chosen(session: Session, consultation: Consultation) -> None:
    row = speak(session, consultation, Submitter(NameRule.PSEUDONYM, person_name="River Reed"))
    assert row.public_name == "River Reed"


def test_only_the_ways_of_being_named_that_the_owner_takes_are_offered_and_taken(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    consultation.name_rules = ["organisation", "pseudonym"]
    page = client.get(f"/c/{consultation.slug}/respond/about").text
    assert ('value="pseudonym"' in page, 'value="other"' in page) == (True, True)
    assert ('value="own"' in page, 'value="none"' in page) == (False, False)
    with pytest.raises(Refusal, match="does not allow"):
        speak(session, consultation, Submitter(NameRule.NONE))


def test_an_editor_prepares_and_one_who_may_sign_sends(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    ngo = factories.organisation(session)
    editor, signatory = sign_in(member(session, ngo, signs=False)), sign_in(member(session, ngo))
    slug = consultation.slug
    write(editor, consultation)
    introduce(editor, consultation, speaks=f"org:{ngo.id}")
    page = editor.get(f"/c/{slug}/respond/check").text
    assert "Send my submission" not in page
    editor.post(f"/c/{slug}/respond/hand-over", data=pressed(page.partition("Hand over to the organisation")[0]))
    draft = session.scalars(select(Draft)).one()
    assert (draft.account_id, draft.organisation_id) == (None, ngo.id)
    assert "Send my submission" not in editor.get(f"/c/{slug}/respond/check").text
    assert "You can send it." in signatory.get("/my").text
    signatory.post(f"/c/{slug}/respond/as/{ngo.id}")
    assert "Sixty per cent is low." in signatory.get(f"/c/{slug}/respond").text
    assert send(signatory, consultation).status_code == 303
    assert session.scalars(select(Submission.organisation_id)).one() == ngo.id


def test_two_editors_of_one_draft_are_shown_both_versions(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    ngo = factories.organisation(session)
    one, two = sign_in(member(session, ngo)), sign_in(member(session, ngo))
    write(one, consultation)
    introduce(one, consultation, speaks=f"org:{ngo.id}")
    one.post(f"/c/{consultation.slug}/respond/hand-over")
    two.post(f"/c/{consultation.slug}/respond/as/{ngo.id}")
    path = f"/c/{consultation.slug}/respond/comment/1.1"
    opened = two.get(path).text
    write(one, consultation, body="One's words.")
    answer = two.post(path, data=pressed(opened, having="seen", stance="support", body="Two's words."))
    assert answer.status_code == 409
    assert "One&#39;s words." in answer.text
    assert "Two&#39;s words." in answer.text


def test_the_draft_of_an_organisation_is_closed_to_everybody_else(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    ngo = factories.organisation(session)
    person = member(session, ngo)
    inside, outside = sign_in(person), sign_in(factories.account(session))
    write(inside, consultation)
    introduce(inside, consultation, speaks=f"org:{ngo.id}")
    inside.post(f"/c/{consultation.slug}/respond/hand-over")
    assert outside.post(f"/c/{consultation.slug}/respond/as/{ngo.id}").status_code == 404
    with outside.session_transaction() as cookie:
        cookie["for"] = {consultation.slug: ngo.id}
    assert "Sixty per cent" not in outside.get(f"/c/{consultation.slug}/respond").text
    other = member(session, ngo)
    organisations.set_owner(session, by=_owner(session, ngo), organisation_id=ngo.id, account_id=other.id, owner=True)
    organisations.remove_member(session, by=other, organisation_id=ngo.id, account_id=person.id)
    assert "Sixty per cent" not in inside.get(f"/c/{consultation.slug}/respond").text, "who left reads it no more"


def _owner(session: Session, ngo: Organisation) -> Account:
    person = factories.account(session)
    organisations.add_member(session, organisation_id=ngo.id, account_id=person.id, owner=True)
    return person


def test_organisations_join_by_a_member_who_may_sign_and_count_as_voices_not_as_copies(
    session: Session, client: FlaskClient, consultation: Consultation, sign_in: SignIn
) -> None:
    first, second = factories.organisation(session, country="PE"), factories.organisation(session, country="CO")
    author, signatory, editor = member(session, first), member(session, second), member(session, second, signs=False)
    row = speak(session, consultation, Submitter(NameRule.ORGANISATION, account_id=author.id, organisation_id=first.id))
    asked = f"/r/{row.reference}/{service.author_secret(row)}/join"
    assert client.post(asked, data={"organisation_name": second.name}).status_code == 303
    assert "Cancel request" in client.get(asked).text
    signature = session.scalars(select(CoSignature)).one()
    for browser, status in ((client, 303), (sign_in(author), 404), (sign_in(editor), 403)):
        answer = browser.post(f"/my/join/{signature.id}", data={"do": "confirm"})
        assert (answer.status_code, signature.confirmed_at) == (status, None)
    filing.decide(session, row, State.PUBLISHED)
    assert site.get_front_page(session, consultation.slug).organisations == 1
    browser = sign_in(signatory)
    browser.post(f"/my/join/{signature.id}", data=pressed(browser.get("/my").text, ("do", "confirm")))
    session.expire_all()
    assert signature.account_id == signatory.id
    assert "Cancel request" not in client.get(asked).text, "what is signed is no request any more"
    page = site.get_front_page(session, consultation.slug)
    assert (page.organisations, page.countries, page.books.received) == (2, 2, 1)
    assert second.name in client.get(f"/c/{consultation.slug}/comments/{row.reference}").text
    mandate = client.get(f"/c/{consultation.slug}/comments/{row.reference}/mandate.csv").text.splitlines()
    assert [line.split(",")[4] for line in mandate] == ["role", "author", "co-signatory"]


def test_only_who_may_sign_for_an_organisation_asks_to_join(session: Session, consultation: Consultation) -> None:
    first, second = factories.organisation(session), factories.organisation(session)
    author = Submitter(NameRule.ORGANISATION, account_id=member(session, first).id, organisation_id=first.id)
    row = speak(session, consultation, author)
    filing.decide(session, row, State.PUBLISHED)
    asks = {"organisation_id": second.id, "submission": row}
    for person in (member(session, second, signs=False), factories.account(session)):
        with pytest.raises(Forbidden):
            coalitions.request_to_join(session, by=person, **asks)
    assert session.scalars(select(CoSignature)).all() == []
    assert coalitions.request_to_join(session, by=member(session, second), **asks).confirmed_at


def test_no_more_organisations_are_asked_to_join_than_may(
    session: Session, consultation: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coalitions, "MOST", 2)
    first, *others = (factories.organisation(session) for _each in range(4))
    by = Submitter(NameRule.ORGANISATION, account_id=member(session, first).id, organisation_id=first.id)
    row = speak(session, consultation, by)
    for ngo in (*others[:2], others[0]):
        assert coalitions.invite(session, submission=row, name=ngo.name)
    with pytest.raises(Refusal, match="At most 2 organisations"):
        coalitions.invite(session, submission=row, name=others[2].name)


def test_nobody_joins_after_closing_or_what_was_taken_back(session: Session, consultation: Consultation) -> None:
    second = factories.organisation(session)
    row = filing.file(session, consultation, "Words")
    with pytest.raises(Conflict):
        coalitions.invite(session, submission=row, name=second.name, at=consultation.closes_at + timedelta(days=9))
    asked = coalitions.invite(session, submission=row, name=second.name)
    service.withdraw(session, row)
    with pytest.raises(Conflict):
        coalitions.confirm(session, by=member(session, second), signature_id=asked.id)
    with pytest.raises(NotFound):
        coalitions.leave_coalition(session, by=factories.account(session), signature_id=asked.id)


def test_a_domain_that_cannot_be_asked_has_no_records() -> None:
    assert domain_verification.fetch_text_records("nowhere.invalid") == []


def test_a_domain_is_shown_by_an_address_there_or_by_a_line_in_its_dns(session: Session) -> None:
    ngo = factories.organisation(session, website="https://www.river.example/")
    elsewhere = factories.account(session, email="a@river.example.net")
    there = factories.account(session, email="b@river.example")
    for person in (elsewhere, there):
        organisations.add_member(session, organisation_id=ngo.id, account_id=person.id, owner=True)
    with pytest.raises(Refusal):
        domain_verification.prove_by_address(session, by=elsewhere, organisation_id=ngo.id)
    with pytest.raises(Refusal):
        domain_verification.prove_by_dns(
            session, by=elsewhere, organisation_id=ngo.id, look_up=lambda _domain: ["other"]
        )
    assert ngo.proven_at is None
    asked: list[str] = []
    line = domain_verification.dns_line(ngo)
    domain_verification.prove_by_dns(
        session, by=elsewhere, organisation_id=ngo.id, look_up=lambda domain: asked.append(domain) or [line]
    )
    assert (asked, ngo.proven_domain) == (["river.example"], "river.example")
    ngo.proven_at = None
    assert domain_verification.prove_by_address(session, by=there, organisation_id=ngo.id).proven_at is not None
    with pytest.raises(Forbidden):
        domain_verification.prove_by_address(session, by=member(session, ngo), organisation_id=ngo.id)


@pytest.mark.parametrize("email", ["a@gmail.com", "a@yahoo.fr", "a@riseup.net", "a@taken.example", "a@ngo.org.pe"])
def test_an_address_that_others_may_have_too_shows_no_domain(session: Session, email: str) -> None:
    factories.organisation(session, website="https://taken.example", proven_domain="taken.example", proven_at=now())
    domain = "org.pe" if email.endswith("org.pe") else email.partition("@")[2]
    ngo, person = factories.organisation(session, website=f"https://{domain}/"), factories.account(session, email=email)
    organisations.add_member(session, organisation_id=ngo.id, account_id=person.id, owner=True)
    with pytest.raises(Refusal, match="DNS entry instead"):
        domain_verification.prove_by_address(session, by=person, organisation_id=ngo.id)
    assert ngo.proven_at is None


def test_who_is_asked_to_sign_reads_what_it_would_sign_before_anybody_else_does(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    first, second = factories.organisation(session), factories.organisation(session)
    author, signatory, editor = member(session, first), member(session, second), member(session, second, signs=False)
    row = speak(session, consultation, Submitter(NameRule.ORGANISATION, account_id=author.id, organisation_id=first.id))
    asked = coalitions.invite(session, submission=row, name=second.name)
    session.commit()
    at = f"/my/join/{asked.id}"
    assert at in sign_in(signatory).get("/my").text
    page = sign_in(signatory).get(at).text
    assert all(words in page for words in ("Words", first.name, "Co-sign"))
    prepares = sign_in(editor).get(at).text
    assert "Words" in prepares
    assert 'value="confirm"' not in prepares
    for stranger in (author, factories.account(session)):
        assert sign_in(stranger).get(at).status_code == 404
    service.withdraw(session, row)
    session.commit()
    assert sign_in(signatory).get(at).status_code == 404


def test_those_who_may_sign_are_told_once_that_a_draft_was_handed_over(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    ngo = factories.organisation(session)
    person = member(session, ngo, signs=False)
    member(session, ngo, email="paco@example.org")
    member(session, ngo, signs=False, email="prepares@example.org")
    member(session, factories.organisation(session), email="elsewhere@example.org")
    editor = sign_in(person)
    for _twice in range(2):
        write(editor, consultation)
        introduce(editor, consultation, speaks=f"org:{ngo.id}")
        editor.post(f"/c/{consultation.slug}/respond/hand-over")
        editor.post(f"/c/{consultation.slug}/respond/as/0")
    sent = letters(session)
    assert [letter.to for letter in sent] == ["paco@example.org"]
    assert ngo.name in sent[0].subject
    assert consultation.title in sent[0].text
    assert "Sixty per cent" not in sent[0].text


def test_who_may_sign_sees_what_the_organisation_sent_whoever_sent_it_and_nobody_else_does(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    ngo, other = factories.organisation(session), factories.organisation(session)
    sender = member(session, ngo)
    by = Submitter(NameRule.ORGANISATION, account_id=sender.id, organisation_id=ngo.id)
    row = speak(session, consultation, by)
    path = f"/org/{ngo.id}/sent/{row.reference}"
    rosa = sign_in(member(session, ngo))
    assert path in rosa.get("/my").text
    page = rosa.get(path)
    assert page.status_code == 200
    assert '<p class="words" dir="auto" lang="en">Words</p>' in page.text
    assert service.author_secret(row) not in page.text + rosa.get("/my").text, (
        "the link to change it stays the sender's"
    )
    assert path not in sign_in(sender).get("/my").text, "it stands among what they sent"
    for person in (
        member(session, ngo, signs=False), member(session, other), factories.account(session),
        *(factories.account(session, role) for role in Role),
    ):  # fmt: skip
        browser = sign_in(person)
        assert path not in browser.get("/my").text
        for number in (ngo.id, other.id):
            assert browser.get(f"/org/{number}/sent/{row.reference}").status_code == 404


@pytest.mark.parametrize("choice", ["hand", "keep"])
def test_whoever_leaves_an_organisation_says_what_becomes_of_their_drafts_in_its_name(
    session: Session, consultation: Consultation, sign_in: SignIn, choice: str
) -> None:
    ngo = factories.organisation(session)
    boss, person = member(session, ngo), member(session, ngo, signs=False)
    organisations._get_membership(session, ngo.id, boss.id).owner = True
    session.commit()
    browser, address = sign_in(person), f"/org/{ngo.id}/leave"
    write(browser, consultation)
    introduce(browser, consultation, speaks=f"org:{ngo.id}")
    assert f'href="{address}"' in browser.get(f"/org/{ngo.id}").text
    asked = browser.get(address).text
    assert consultation.title in asked
    assert (
        "Choose who keeps the unfinished submissions"
        in browser.post(address, data=pressed(asked, having="drafts")).text
    )
    assert browser.post(address, data=pressed(asked, drafts=choice)).status_code == 303
    session.expire_all()
    check = browser.get(f"/c/{consultation.slug}/respond/check").text
    theirs = sign_in(boss).get("/my").text
    assert ngo.name not in check
    assert ("Sixty per cent is low." in check, consultation.title in theirs) == (choice == "keep", choice == "hand")
    if choice == "keep":
        assert "Choose how your name is shown before you send." in check
        assert "Hand over to the organisation" not in check
        introduce(browser, consultation)
        assert send(browser, consultation).status_code == 303
        assert session.scalars(select(Submission)).one().organisation_name is None
    assert browser.get(address).status_code == 404


def test_whoever_is_removed_writes_on_for_themselves_and_an_old_draft_ends_nowhere_either(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    ngo = factories.organisation(session)
    boss, person = member(session, ngo), member(session, ngo)
    organisations._get_membership(session, ngo.id, boss.id).owner = True
    session.commit()
    browser = sign_in(person)
    write(browser, consultation)
    introduce(browser, consultation, speaks=f"org:{ngo.id}")
    data = {"account": str(person.id), "change": "remove"}
    assert sign_in(boss).post(f"/org/{ngo.id}/members", data=data).status_code == 303
    check = browser.get(f"/c/{consultation.slug}/respond/check").text
    assert ("Sixty per cent is low." in check, ngo.name in check) == (True, False)
    organisations.add_member(session, organisation_id=ngo.id, account_id=person.id)
    session.commit()
    introduce(browser, consultation, speaks=f"org:{ngo.id}")
    session.delete(
        organisations._get_membership(session, ngo.id, person.id)
    )  # as it was left before drafts were asked of
    session.commit()
    check = browser.get(f"/c/{consultation.slug}/respond/check").text
    assert f"You are no longer a member of this organisation: {ngo.name}." in check
    assert ("Hand over to the organisation" in check, "Send my submission" in check) == (False, False)
    assert "Write with members of your organisation" not in browser.get(f"/c/{consultation.slug}/respond").text


def test_an_owner_without_another_cannot_leave_and_nothing_is_handed_over(
    session: Session, consultation: Consultation, sign_in: SignIn
) -> None:
    ngo = factories.organisation(session)
    person = member(session, ngo)
    organisations._get_membership(session, ngo.id, person.id).owner = True
    session.commit()
    browser = sign_in(person)
    write(browser, consultation)
    introduce(browser, consultation, speaks=f"org:{ngo.id}")
    answer = browser.post(f"/org/{ngo.id}/leave", data={"drafts": "hand"})
    assert (answer.status_code, "An organisation needs an owner." in answer.text) == (422, True)
    assert session.scalars(select(Draft.organisation_id)).all() == [None]
