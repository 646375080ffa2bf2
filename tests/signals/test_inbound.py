"""Reports by letter and by text message: off by default, checked by a person, and no number or sender is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.core.clock import now
from consult.core.crypto import seal
from consult.core.settings import Secret
from consult.gateway import readers
from consult.gateway import service as gateway
from consult.gateway.model import InboundChannel, InboundItem, InboundState
from consult.gateway.service import Envelope
from consult.mail.model import Letter
from consult.signals.inbound import addresses
from consult.signals.inbound.addresses import get_address
from consult.signals.inbound.letters import MAX_WAITING, MailedReport, accept_letter, get_principal
from consult.signals.inbound.texts import ShortReport, parse_text
from consult.signals.model import ReportChannel, SignalReport
from tests import factories
from tests.accounts.letters import letters

SECRET = "a-secret-of-a-gateway-for-the-tests"
MAILBOX = "signals@consult.example.org"
NUMBER = "+593 99 123 4567"
read_letter = readers.get_reader(InboundChannel.LETTER)
TEXT = "Esmeraldas, Ecuador; M30 tablets; two people fell asleep"


@pytest.fixture
def open_to_messages(app: Flask) -> Iterator[None]:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, sms_secret=Secret(SECRET), sms_country="EC")
    yield
    app.config["SETTINGS"] = before


@pytest.fixture
def mailbox(app: Flask) -> Iterator[None]:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, signals_mailbox=MAILBOX)
    yield
    app.config["SETTINGS"] = before


def sms(client: FlaskClient, text: str = TEXT, secret: str = SECRET) -> Any:
    return client.post("/in/sms", data={"sender": NUMBER, "text": text}, headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.usefixtures("open_to_messages", "limits")
def test_messages_without_the_secret_close_no_number_and_only_accepted_ones_count(
    session: Session, client: FlaskClient
) -> None:
    for _each in range(30):
        refused = sms(client, secret="guess")
        assert (refused.status_code, refused.mimetype) == (403, "text/plain")
    for _each in range(30):
        assert sms(client, text="people fall asleep").status_code == 422
    for number in range(20):
        assert sms(client, text=f"{TEXT}, {number}").status_code == 200
        assert sms(client, text=f"{TEXT}, {number}").status_code == 200, "a gateway delivers it twice"
    full = sms(client, text="Guayas; pastillas M30; dos dormidos")
    assert (full.status_code, full.mimetype) == (429, "text/plain")
    assert full.text.startswith("Notificación no registrada."), "in the language of the message"
    assert sms(client, text=f"{TEXT}, 19").status_code == 200, "one that was accepted stays so"
    assert session.scalar(select(func.count()).select_from(SignalReport)) == 20


def test_there_is_no_address_for_messages_until_there_is_a_secret(client: FlaskClient) -> None:
    assert sms(client, secret="").status_code == 404


@pytest.mark.usefixtures("open_to_messages")
def test_a_message_is_a_report_once_and_its_number_is_nowhere(session: Session, client: FlaskClient) -> None:
    first, again = sms(client), sms(client)
    assert (first.status_code, again.text) == (200, first.text)
    row = session.scalars(select(SignalReport)).one()
    assert (row.country, row.region, row.product, row.channel) == ("EC", "EC-E", "M30 tablets", ReportChannel.SMS)
    assert row.reference in first.text
    kept = " ".join(str(value) for value in vars(row).values())
    assert "123 4567" not in kept
    assert "1234567" not in kept


@pytest.mark.usefixtures("open_to_messages")
def test_a_wrong_secret_and_a_text_that_says_no_place_file_nothing(session: Session, client: FlaskClient) -> None:
    assert sms(client, secret="guess").status_code == 403
    refused = sms(client, text="people fall asleep")
    assert (refused.status_code, "region, country; sold as; what happened" in refused.text) == (422, True)
    assert session.scalar(select(func.count()).select_from(SignalReport)) == 0


@pytest.mark.usefixtures("open_to_messages")
@pytest.mark.parametrize(
    ("text", "region", "language", "said"),
    [
        ("إسميرالداس، الإكوادور؛ أقراص M30؛ نام شخصان", "EC-E", "ar", "استُلم"),
        ("Manabi, Equateur; comprimes; deux personnes endormies", "EC-M", "fr", "Reçu"),
        ("los rios; pastillas M30; dos dormidos", "EC-R", "es", "Recibida"),
        ("Guayas; M30; 3 OD", "EC-G", "es", "Recibida"),
    ],
)
def test_a_message_is_answered_in_its_own_language_or_the_countrys(
    session: Session, client: FlaskClient, text: str, region: str, language: str, said: str
) -> None:
    answer = sms(client, text)
    row = session.scalars(select(SignalReport)).one()
    assert (row.region, row.language) == (region, language)
    assert row.reference in answer.text
    assert said in answer.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EC-E; M30; two; three", ShortReport("EC", "EC-E", "M30", "two; three")),
        ("guayas؛ M30؛ x", ShortReport("EC", "EC-G", "M30", "x")),
        ("Antioquia, Colombia; 2CB; x", ShortReport("CO", "CO-ANT", "2CB", "x")),
        ("Atlantis; M30; x", ShortReport("EC", "", "M30", "x")),
        ("no semicolons", ShortReport("EC", body="no semicolons")),
    ],
)
def test_a_short_text_is_read(text: str, said: ShortReport) -> None:
    assert parse_text(text, "EC") == said


def letter(
    session: Session, organisation: Organisation, of: Account, sender: str, body: str = TEXT, **headers: str
) -> bytes:
    """A letter to the address that an organisation's member `of` has."""
    message = EmailMessage()
    message["From"], message["To"] = sender, get_address(session, organisation.id, of.id, MAILBOX)
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


def own_organisation(session: Session, account: Account) -> Organisation:
    """An organisation with this one member."""
    row = factories.organisation(session)
    session.add(Membership(organisation_id=row.id, account_id=account.id, owner=True, since=now()))
    session.flush()
    return row


@pytest.fixture
def member(session: Session) -> tuple[Account, Organisation]:
    account = factories.account(session, email="ana@ngo.example.org")
    return account, own_organisation(session, account)


def outcome(session: Session, raw: bytes) -> str:
    return accept_letter(session, raw).outcome


def test_a_letter_of_a_member_is_answered_with_a_link_and_files_nothing(
    session: Session, member: tuple[Account, Organisation], sign_in: Any
) -> None:
    account, organisation = member
    body = f"{TEXT}\n-- \nAna, +593 99 123 4567"
    raw = letter(session, organisation, account, "Ana <ana@ngo.example.org>", body)
    assert [outcome(session, raw) for _twice in range(2)] == [MailedReport.ASKED] * 2
    assert session.scalar(select(func.count()).select_from(SignalReport)) == 0
    [sent] = letters(session)
    assert "works only until" not in sent.text
    [path] = re.findall(r"/signals/report/as/\d+\?mailed=[\w%=-]+", sent.text)
    page = sign_in(account).get(path)
    assert 'value="M30 tablets"' in page.text
    assert 'value="Esmeraldas"' in page.text, "as a person would type it, and not as a code"
    assert "two people fell asleep" in page.text
    assert "123 4567" not in page.text, "what stands under a letter is no part of it"


def test_letters_of_others_are_not_answered(session: Session, member: tuple[Account, Organisation]) -> None:
    account, organisation = member
    other = factories.account(session, email="other@example.org")
    own = own_organisation(session, other)
    for raw in (
        letter(session, organisation, account, "other@example.org"),
        letter(session, organisation, account, "nobody@example.org"),
        letter(session, organisation, account, "ana@ngo.example.org, other@example.org"),
        letter(session, own, other, "ana@ngo.example.org"),
    ):
        assert outcome(session, raw) == MailedReport.NO_MEMBER
    assert outcome(session, letter(session, organisation, account, "ana@ngo.example.org", "> x\n")) == (
        MailedReport.NO_TEXT
    )
    assert outcome(session, b"To: somebody@example.org\n\nx") == MailedReport.OTHER
    assert session.scalar(select(func.count()).select_from(Letter)) == 0


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"List_Id": "<a.example.org>"},
        {"Return_Path": "<>"},
    ],
)
def test_letters_of_machines_and_lists_and_those_that_came_back_are_not_answered(
    session: Session, member: tuple[Account, Organisation], header: dict[str, str]
) -> None:
    account, organisation = member
    raw = letter(session, organisation, account, "ana@ngo.example.org", **header)
    assert outcome(session, raw) == MailedReport.AUTOMATIC
    assert session.scalar(select(func.count()).select_from(Letter)) == 0


@pytest.mark.usefixtures("mailbox")
@pytest.mark.parametrize(("verdict", "answered"), [("dmarc=pass", True), ("dmarc=fail", False), ("spf=pass", False)])
def test_where_the_mail_server_proves_senders_only_those_are_answered(
    app: Flask, session: Session, member: tuple[Account, Organisation], verdict: str, answered: bool
) -> None:
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], mail_authserv="mx.example.org")
    account, organisation = member
    header = {"Authentication_Results": f"mx.example.org; {verdict} header.from=ngo.example.org"}
    raw = letter(session, organisation, account, "ana@ngo.example.org", **header)
    assert outcome(session, raw) == (MailedReport.ASKED if answered else MailedReport.UNPROVED)


@pytest.mark.usefixtures("mailbox")
def test_of_forty_letters_of_a_member_in_an_hour_one_is_answered_and_twenty_wait_behind_its_link(
    session: Session, member: tuple[Account, Organisation], sign_in: Any
) -> None:
    account, organisation = member
    numbers = (account.id, organisation.id)
    raws = [letter(session, organisation, account, "ana@ngo.example.org", f"{TEXT}, {n}") for n in range(40)]
    session.commit()
    said = [gateway.accept(Envelope(InboundChannel.LETTER, raw, len(raw)), read_letter) for raw in raws]
    assert (said[0], said[1:21], said[21:]) == (
        MailedReport.ASKED, [MailedReport.WAITS] * MAX_WAITING, [MailedReport.TOO_MANY] * 19
    )  # fmt: skip
    assert len(letters(session)) == 1
    client = sign_in(session.get_one(Account, numbers[0]))
    listed = re.findall(r"letter=\d+", client.get(f"/signals/report/as/{numbers[1]}").text)
    assert len(listed) == MAX_WAITING
    at = f"/signals/report/as/{numbers[1]}?{listed[0]}"
    page = client.get(at).text
    assert "two people fell asleep, 1" in page
    values = dict(re.findall(r'name="(csrf_token|key)"[^>]* value="([^"]+)"', page))
    sent = client.post(at, data={
        **values, "country": "EC", "region": "Esmeraldas", "product": "M30 tablets", "body": "two people fell asleep",
        "happened_on": f"{now():%-d %-m %Y}".split(), "basis": "seen", "source_kind": "outreach",
    })  # fmt: skip
    assert sent.status_code == 200, re.findall(r'class="error".*', sent.text)
    assert session.scalars(select(SignalReport.channel)).all() == [ReportChannel.MAIL]
    waiting = client.get(f"/signals/report/as/{numbers[1]}").text
    assert f'{listed[0]}"' not in waiting, "it is filed, and waits no more"
    session.execute(update(InboundItem).values(arrived_at=now() - timedelta(minutes=61)))
    session.commit()
    late = letter(session, session.get_one(Organisation, numbers[1]), session.get_one(Account, numbers[0]),
                  "ana@ngo.example.org", "again")  # fmt: skip
    session.commit()
    assert gateway.accept(Envelope(InboundChannel.LETTER, late, len(late)), read_letter) == MailedReport.ASKED
    assert len(letters(session)) == 2


def test_a_waiting_letter_is_shown_to_its_sender_alone(
    session: Session, member: tuple[Account, Organisation], sign_in: Any
) -> None:
    account, organisation = member
    other = factories.account(session)
    session.add(Membership(organisation_id=organisation.id, account_id=other.id, owner=False, since=now()))
    item = InboundItem(
        channel=InboundChannel.LETTER, key=b"k", arrived_at=now(), state=InboundState.WAITING, size=1,
        principal=get_principal(organisation.id, account.id), sealed=seal("two people fell asleep"),
    )  # fmt: skip
    session.add(item)
    session.flush()
    at = f"/signals/report/as/{organisation.id}?letter={item.id}"
    assert "two people fell asleep" in sign_in(account).get(at).text
    page = sign_in(other).get(at).text
    assert "two people fell asleep" not in page
    assert "from you is waiting" not in sign_in(other).get(f"/signals/report/as/{organisation.id}").text


def test_a_renewed_address_is_taken_and_the_former_is_not(
    session: Session, member: tuple[Account, Organisation]
) -> None:
    account, organisation = member
    former = letter(session, organisation, account, "ana@ngo.example.org")
    addresses.renew(session, organisation.id, account)
    assert outcome(session, former) == MailedReport.NO_MEMBER
    assert outcome(session, letter(session, organisation, account, "ana@ngo.example.org")) == MailedReport.ASKED


def test_the_address_of_a_member_who_left_is_taken_from_nobody_also_when_they_come_back(
    session: Session, member: tuple[Account, Organisation]
) -> None:
    _account, organisation = member
    leaver = factories.account(session, email="leaver@example.org")
    row = Membership(organisation_id=organisation.id, account_id=leaver.id, owner=False, since=now())
    session.add(row)
    session.flush()
    own = letter(session, organisation, leaver, "leaver@example.org")
    forged = own.replace(b"leaver@example.org", b"ana@ngo.example.org")
    assert outcome(session, forged) == MailedReport.NO_MEMBER, "each member has an address of their own"
    session.delete(row)
    session.flush()
    assert outcome(session, own) == MailedReport.NO_MEMBER
    back = Membership(organisation_id=organisation.id, account_id=leaver.id, owner=False, since=now())
    session.add(back)
    session.flush()
    assert outcome(session, own) == MailedReport.NO_MEMBER


@pytest.mark.usefixtures("mailbox")
def test_the_address_of_before_is_taken_for_ninety_days_or_until_a_member_renews_one(
    session: Session, member: tuple[Account, Organisation], monkeypatch: pytest.MonkeyPatch
) -> None:
    account, organisation = member
    monkeypatch.setattr(addresses, "OLD_UNTIL", now() + timedelta(days=90))
    old = f"signals+{organisation.id}-{addresses.make_old_token(organisation.id)}@consult.example.org"
    raw = f"From: ana@ngo.example.org\nTo: {old}\n\n{TEXT}".encode()
    assert outcome(session, raw) == MailedReport.ASKED
    assert "works only until" in letters(session)[0].text
    with monkeypatch.context() as later:
        later.setattr(addresses, "OLD_UNTIL", now())
        assert outcome(session, raw) == MailedReport.NO_MEMBER
    addresses.renew(session, organisation.id, account)
    assert outcome(session, raw) == MailedReport.NO_MEMBER


@pytest.mark.usefixtures("mailbox")
def test_a_member_renews_their_address_and_an_owner_those_of_all(
    session: Session, member: tuple[Account, Organisation], sign_in: Any
) -> None:
    owner, organisation = member
    plain = factories.account(session)
    session.add(Membership(organisation_id=organisation.id, account_id=plain.id, owner=False, since=now()))
    session.flush()
    number, people = organisation.id, (owner.id, plain.id)
    at = f"/signals/report/as/{number}/address"

    def shown() -> list[str]:
        session.expire_all()
        found = [get_address(session, number, person, MAILBOX) for person in people]
        session.commit()
        return found

    before, client = shown(), sign_in(plain)
    page = client.get(at).text
    assert before[1] in page
    assert before[0] not in page
    assert "Renew all members" not in page
    assert "tell the other members" not in page
    assert "A renewed address replaces the earlier one immediately." in page
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    assert client.post(at, data={"csrf_token": token, "do": "me"}).status_code == 303
    after = shown()
    assert (after[0], after[1] != before[1]) == (before[0], True)
    assert client.post(at, data={"csrf_token": token, "do": "all"}).status_code == 403
    client = sign_in(session.get_one(Account, people[0]))
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', client.get(at).text)[0]
    assert client.post(at, data={"csrf_token": token, "do": "all"}).status_code == 303
    assert not set(shown()) & {*before, *after}
    assert sign_in(factories.account(session)).get(at).status_code == 404


def test_an_organisation_has_an_address_only_where_there_is_a_mailbox(session: Session) -> None:
    account = factories.account(session)
    assert get_address(session, own_organisation(session, account).id, account.id, "") == ""
