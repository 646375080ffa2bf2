"""Consultations of several bodies: all agree, one answers, another says its own below."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.bodies import members
from consult.bodies.model import BodyRole, PublicBody
from consult.consultations import charge, service
from consult.consultations.joint import service as joint
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.consultations.model import Consultation, Phase
from consult.consultations.service import ConsultationTerms
from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.errors import Forbidden, Refusal
from consult.core.web.access import Role
from consult.ledger.model import LedgerEntry
from consult.mail.model import Letter
from consult.responses import beside, pages
from consult.responses import service as responses
from consult.responses.model import AnswerOutcome, Response
from consult.site.bodies import queries
from tests import factories
from tests.accounts.letters import letters
from tests.bodies.working import make_body, work
from tests.responses.answering import answer, argued

SignIn = Callable[[Any], FlaskClient]


def drafted(session: Session, body: PublicBody, owner: Account, **more: Any) -> Consultation:
    """A consultation that its body could publish at once."""
    opens = now() + timedelta(days=1)
    terms = ConsultationTerms(
        **{
            "title": "Health in prison", "body": body.name, "summary": "Tell us.", "purpose": "Why.", "language": "en",
            "opens_at": opens, "closes_at": opens + timedelta(days=30), "timezone": "UTC", **more,
        }
    )  # fmt: skip
    row = service.create(session, owner=owner, terms=terms)
    service.write_draft(session, number=row.id, by=owner, text="# Plan\n\n## 1 Aims\n\n1.1 Each State shall report.\n")
    return row


@pytest.fixture
def health(session: Session) -> PublicBody:
    return make_body(session, "Ministry of Health")


@pytest.fixture
def justice(session: Session) -> PublicBody:
    return make_body(session, "Ministry of Justice")


def test_nothing_is_published_before_every_body_that_asks_has_agreed(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead, other = work(session, health), work(session, justice)
    row = drafted(session, health, lead)
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    with pytest.raises(Refusal, match="Ministry of Justice"):
        service.publish(session, number=row.id, by=lead)
    with pytest.raises(Forbidden):
        joint.agree(session, number=row.id, by=lead, body_id=justice.id)
    joint.agree(session, number=row.id, by=other, body_id=justice.id)
    service.publish(session, number=row.id, by=lead)
    assert [body.name for body in joint.list_asking(session, row)] == ["Ministry of Health", "Ministry of Justice"]
    entries = session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "consultation.agreed")).all()
    assert [entry.detail for entry in entries] == [{"body": justice.id}]


def test_a_body_that_is_asked_twice_is_written_to_once(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead, _other = work(session, health), work(session, justice)
    row = drafted(session, health, lead)
    for _twice in range(2):
        joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    assert len(session.scalars(select(Letter.key).where(Letter.key.startswith(f"agree:{row.id}:"))).all()) == 1


def test_the_database_itself_publishes_nothing_without_all(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead = work(session, health)
    row = drafted(session, health, lead)
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    session.commit()
    with pytest.raises(IntegrityError, match="has not agreed"):
        session.execute(text("UPDATE consultation SET phase = 'open' WHERE id = :it"), {"it": row.id})
    session.rollback()
    published = factories.consultation(session, owner=lead, body_id=health.id)
    added = text("INSERT INTO consultation_body (consultation_id, body_id, part) VALUES (:it, :body, 'asks')")
    with pytest.raises(IntegrityError, match="is published"):
        session.execute(added, {"it": published.id, "body": justice.id})
    session.rollback()


def test_a_change_before_publication_asks_the_others_again(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead, other = work(session, health), work(session, justice)
    row = drafted(session, health, lead)
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    joint.agree(session, number=row.id, by=other, body_id=justice.id)
    service.write_draft(session, number=row.id, by=lead, text="# Plan\n\n## 1 Aims\n\n1.1 No State reports.\n")
    with pytest.raises(Refusal, match="Ministry of Justice"):
        service.publish(session, number=row.id, by=lead)


def test_the_leads_of_a_body_that_is_to_agree_are_told_by_letter_and_again_after_a_change(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead, other = work(session, health), work(session, justice)
    members.add(session, justice, account=lead, role=BodyRole.LEAD, by=None)
    work(session, justice, BodyRole.READER)
    row = drafted(session, health, lead)
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    (first,) = letters(session)
    assert (first.to, first.path) == (unseal(other.email_sealed), f"/desk/consultations/{row.id}/bodies")
    invited = f"{lead.display_name} invites Ministry of Justice to consult together with the body named above."
    assert invited in first.text
    service.write_draft(session, number=row.id, by=lead, text="# Plan\n\n## 1 Aims\n\n1.1 No State reports.\n")
    assert len(letters(session)) == 1  # nothing was agreed that could lapse
    joint.agree(session, number=row.id, by=other, body_id=justice.id)
    service.write_draft(session, number=row.id, by=lead, text="# Plan\n\n## 1 Aims\n\n1.1 Some report.\n")
    again = [letter for letter in letters(session)[1:] if "Approval needed" in letter.subject]
    assert sorted(letter.to for letter in again) == sorted(unseal(it.email_sealed) for it in (lead, other))
    assert all("have changed since Ministry of Justice approved them" in letter.text for letter in again)


def test_a_body_that_only_reads_is_not_asked_by_letter(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead = work(session, health)
    work(session, justice)
    row = drafted(session, health, lead)
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.HEARS)
    assert letters(session) == []


def test_the_promise_is_the_earliest_day_of_those_who_ask(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    health.promise_days, justice.promise_days = 90, 30
    lead, other = work(session, health), work(session, justice)
    row = drafted(session, health, lead, answer_by=(now() + timedelta(days=100)).date())
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    joint.agree(session, number=row.id, by=other, body_id=justice.id)
    with pytest.raises(Refusal, match="30 days") as refused:
        service.publish(session, number=row.id, by=lead)
    assert refused.value.field == "answer_by"


def test_a_body_that_only_hears_need_not_agree(session: Session, health: PublicBody, justice: PublicBody) -> None:
    lead = work(session, health)
    row = drafted(session, health, lead)
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.HEARS)
    assert service.publish(session, number=row.id, by=lead).phase is Phase.UPCOMING


def test_a_body_takes_itself_out_before_publication_and_not_after(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead, other = work(session, health), work(session, justice)
    row = drafted(session, health, lead)
    for _ in range(2):
        joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    joint.remove(session, number=row.id, by=other, body_id=justice.id)
    assert joint.list_others(session, row) == []
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    joint.agree(session, number=row.id, by=other, body_id=justice.id)
    service.publish(session, number=row.id, by=lead)
    with pytest.raises(service.AlreadyPublished):
        joint.remove(session, number=row.id, by=other, body_id=justice.id)


def test_a_stranger_takes_no_body_out(session: Session, health: PublicBody, justice: PublicBody) -> None:
    lead, stranger = work(session, health), factories.account(session, Role.POLICYMAKER)
    row = drafted(session, health, lead)
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.ASKS)
    with pytest.raises(Forbidden):
        joint.remove(session, number=row.id, by=stranger, body_id=justice.id)


# Answers


@pytest.fixture
def asked(session: Session, health: PublicBody, justice: PublicBody) -> tuple[Consultation, int, Account, Account]:
    """A joint consultation with an argument, and a lead of each of its two bodies."""
    lead, other = work(session, health), work(session, justice)
    row, argument = argued(session, owner=lead, body=health.name, body_id=health.id)
    agreed = {"part": PartInConsultation.ASKS, "agreed_at": now(), "agreed_by_id": other.id}
    session.add(ConsultationBody(consultation_id=row.id, body_id=justice.id, **agreed))
    row.answer_by = now().date() + timedelta(days=40)
    session.commit()
    return row, argument.id, lead, other


def test_an_answer_belongs_to_one_body_and_is_handed_on_to_another(
    session: Session, asked: tuple[Consultation, int, Account, Account], justice: PublicBody
) -> None:
    _row, number, lead, other = asked
    argument = pages.get_answer_page(session, number, by=lead).argument
    with pytest.raises(Forbidden):
        answer(session, argument, by=other)
    beside.hand_on(session, argument_id=number, by=lead, body_id=justice.id)
    with pytest.raises(Forbidden):
        answer(session, argument, by=lead)  # it is not hers any more
    made = answer(session, argument, by=other)
    assert made.body_id == justice.id
    assert queries.get_record(session, justice.id).kept == 1
    with pytest.raises(Refusal, match="has an answer"):
        beside.hand_on(session, argument_id=number, by=lead, body_id=justice.id)


def test_what_another_body_says_stands_below_and_is_not_merged(
    session: Session, client: FlaskClient, sign_in: SignIn, asked: tuple[Consultation, int, Account, Account]
) -> None:
    row, number, lead, other = asked
    argument = pages.get_answer_page(session, number, by=lead).argument
    answer(session, argument, by=lead, reasons="We pay for it.")
    said = {"outcome": "not_accepted", "reasons": "Prisons have no room for it.", "body": other_body(session, other)}
    path = f"/desk/arguments/{number}/beside"
    assert sign_in(lead).post(path, data=said).status_code == 403
    assert sign_in(other).post(path, data=said).status_code == 303
    page = client.get(f"/c/{row.slug}/arguments/{number}").text
    assert page.index("We pay for it.") < page.index("From Ministry of Justice") < page.index("Prisons have no room")
    assert [one.reasons for one in session.scalars(select(Response))] == ["We pay for it."]
    assert queries.get_record(session, int(said["body"])).promised == 0  # it answers nothing, so it keeps no promise


def other_body(session: Session, person: Account) -> str:
    return (
        str(session.scalars(select(PublicBody.id).where(PublicBody.name == "Ministry of Justice")).one())
        if person
        else ""
    )


def test_below_an_answer_nothing_is_put_off(
    session: Session, asked: tuple[Consultation, int, Account, Account], justice: PublicBody
) -> None:
    _row, number, _lead, other = asked
    with pytest.raises(Refusal) as refused:
        beside.answer_beside(
            session, argument_id=number, by=other, body_id=justice.id, outcome=AnswerOutcome.DEFERRED, reasons="Later."
        )
    assert refused.value.field == "outcome"


def test_the_front_page_names_every_body_that_asks(
    client: FlaskClient, asked: tuple[Consultation, int, Account, Account]
) -> None:
    page = client.get(f"/c/{asked[0].slug}").text
    assert "/b/ministry-of-health" in page
    assert "/b/ministry-of-justice" in page


# Consultation owner


def test_a_consultation_is_handed_over_to_somebody_of_its_body(
    session: Session, sign_in: SignIn, asked: tuple[Consultation, int, Account, Account], health: PublicBody
) -> None:
    row, _number, lead, other = asked
    colleague = work(session, health)
    with pytest.raises(Refusal) as refused:
        charge.hand_over(session, number=row.id, by=lead, to_id=other.id)
    assert refused.value.field == "person"
    answer = sign_in(lead).post(f"/desk/consultations/{row.id}/charge", data={"person": colleague.id})
    assert answer.status_code == 303
    session.refresh(row)
    assert row.owner_id == colleague.id
    assert responses.is_owner(session, row, lead)  # a lead still


def test_a_lead_agrees_on_the_page(session: Session, sign_in: SignIn, health: PublicBody, justice: PublicBody) -> None:
    lead, other = work(session, health), work(session, justice)
    row = drafted(session, health, lead)
    session.commit()
    path = f"/desk/consultations/{row.id}/bodies"
    added = sign_in(lead).post(path, data={"body": justice.id, "part": "asks"})
    assert added.status_code == 303
    browser = sign_in(other)
    assert "Approve for this body" in browser.get(path).text
    assert browser.post(f"{path}/agree", data={"body": justice.id, "do": "agree"}).status_code == 303
    assert "approved on" in browser.get(path).text
    assert browser.get(f"/desk/consultations/{row.id}/about").status_code == 403
    assert "These bodies still have to approve" not in sign_in(lead).get(f"/desk/consultations/{row.id}").text


@pytest.mark.parametrize("days", ["0", "731", "-1", "x", "9" * 30])
def test_days_that_cannot_be_promised_are_refused_and_what_was_typed_stays(
    session: Session, sign_in: SignIn, health: PublicBody, days: str
) -> None:
    lead = work(session, health)
    session.commit()
    sent = {"about": "We listen to all.", "promise_days": days, "revision": str(health.revision)}
    answer = sign_in(lead).post(f"/desk/bodies/{health.slug}/about", data=sent)
    assert answer.status_code == 422
    assert "Enter a number from 1 to 730." in answer.text
    assert "We listen to all." in answer.text


def test_the_person_in_charge_is_told_what_a_body_answers(
    session: Session, health: PublicBody, justice: PublicBody
) -> None:
    lead, other = work(session, health), work(session, justice)
    row = drafted(session, health, lead)
    told = []
    for part, deeds in (
        (PartInConsultation.ASKS, ("agree", "remove")),
        (PartInConsultation.ASKS, ("remove",)),
        (PartInConsultation.HEARS, ("remove",)),
    ):
        joint.add(session, number=row.id, by=lead, body_id=justice.id, part=part)
        for deed in deeds:
            getattr(joint, deed)(session, number=row.id, by=other, body_id=justice.id)
            told.append(letters(session)[-1])
    assert [letter.subject for letter in told] == [
        "Ministry of Justice now consults with you: Health in prison",
        "Ministry of Justice no longer consults with you: Health in prison",
        "Ministry of Justice declined to consult with you: Health in prison",
        "Ministry of Justice can no longer read the workspace: Health in prison",
    ]
    assert {letter.to for letter in told} == {unseal(lead.email_sealed)}
    assert "All consulting bodies have approved." in told[0].text
    count = len(letters(session))
    joint.add(session, number=row.id, by=lead, body_id=justice.id, part=PartInConsultation.HEARS)
    joint.remove(session, number=row.id, by=lead, body_id=justice.id)
    assert len(letters(session)) == count, "nobody is told of what they did themselves"
