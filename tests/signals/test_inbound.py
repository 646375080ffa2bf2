"""Reports by letter and by text message: off by default, checked by a person, and no number or sender is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.accounts.model import Account, Membership, Organisation
from consult.core.clock import now
from consult.core.settings import Secret
from consult.mail.model import Letter
from consult.signals.inbound.letters import MailedReport, accept_letter, get_address, organisation_token
from consult.signals.inbound.texts import ShortReport, parse_text
from consult.signals.model import ReportChannel, SignalReport
from tests import factories
from tests.accounts.letters import letters

SECRET = "a-secret-of-a-gateway-for-the-tests"
NUMBER = "+593 99 123 4567"
TEXT = "Esmeraldas, Ecuador; M30 tablets; two people fell asleep"


@pytest.fixture
def open_to_messages(app: Flask) -> Iterator[None]:
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, sms_secret=Secret(SECRET), sms_country="EC")
    yield
    app.config["SETTINGS"] = before


def sms(client: FlaskClient, text: str = TEXT, secret: str = SECRET) -> Any:
    return client.post("/in/sms", data={"sender": NUMBER, "text": text}, headers={"Authorization": f"Bearer {secret}"})


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
    assert (refused.status_code, "place; sold as; what happened" in refused.text) == (422, True)
    assert session.scalar(select(func.count()).select_from(SignalReport)) == 0


@pytest.mark.usefixtures("open_to_messages")
@pytest.mark.parametrize(
    ("text", "region", "language", "said"),
    [
        ("إسميرالداس، الإكوادور؛ أقراص M30؛ نام شخصان", "EC-E", "ar", "استُلم"),
        ("Manabi, Equateur; comprimes; deux personnes endormies", "EC-M", "fr", "Reçu"),
        ("los rios; pastillas M30; dos dormidos", "EC-R", "es", "Recibido"),
        ("Guayas; M30; 3 OD", "EC-G", "es", "Recibido"),
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


def letter(organisation: Organisation, sender: str, body: str = TEXT, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = sender, f"signals+{organisation_token(organisation.id)}@consult.example.org"
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


def test_a_letter_of_a_member_is_answered_with_a_link_and_files_nothing(
    session: Session, member: tuple[Account, Organisation], sign_in: Any
) -> None:
    account, organisation = member
    raw = letter(organisation, "Ana <ana@ngo.example.org>", f"{TEXT}\n-- \nAna, +593 99 123 4567")
    assert [accept_letter(session, raw) for _twice in range(2)] == [MailedReport.ASKED] * 2
    assert session.scalar(select(func.count()).select_from(SignalReport)) == 0
    [sent] = letters(session)
    [path] = re.findall(r"/signals/report/as/\d+\?mailed=[\w%=-]+", sent.text)
    page = sign_in(account).get(path)
    assert 'value="M30 tablets"' in page.text
    assert 'value="Esmeraldas"' in page.text, "as a person would type it, and not as a code"
    assert "two people fell asleep" in page.text
    assert "123 4567" not in page.text, "what stands under a letter is no part of it"


def test_letters_of_others_and_answers_of_machines_are_left_alone(
    session: Session, member: tuple[Account, Organisation]
) -> None:
    account, organisation = member
    other = factories.account(session, email="other@example.org")
    assert accept_letter(session, letter(organisation, "other@example.org")) is MailedReport.NO_MEMBER
    assert accept_letter(session, letter(organisation, "nobody@example.org")) is MailedReport.NO_MEMBER
    own = own_organisation(session, other)
    assert accept_letter(session, letter(own, "ana@ngo.example.org")) is MailedReport.NO_MEMBER
    machine = letter(organisation, "ana@ngo.example.org", Auto_Submitted="auto-replied")
    assert accept_letter(session, machine) is MailedReport.OTHER
    assert accept_letter(session, letter(organisation, "ana@ngo.example.org", "> quoted\n")) is MailedReport.NO_TEXT
    assert session.scalar(select(func.count()).select_from(Letter)) == 0
    assert account.id


def test_an_organisation_has_an_address_only_where_there_is_a_mailbox() -> None:
    assert get_address(12, "") == ""
