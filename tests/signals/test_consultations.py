"""Consultations that are opened from a signal: their letters do not wait when its level rises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence
from consult.mail.model import Letter
from consult.signals import service, warnings
from consult.signals.model import SignalLevel, WarningKind
from tests import factories
from tests.filing import file, numbered
from tests.signals.working import TEXTS, opened, seated

MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)


def count_letters(session: Session) -> int:
    """Count the digest e-mails once the scheduler has compiled what is due."""
    numbered(session)
    for due in digests.list_due(session, at=now()):
        digests.compile_digest(session, consultation_id=due.consultation_id, cadence=due.cadence, slot_at=due.slot_at)
    session.commit()
    return session.scalar(select(func.count()).where(Letter.key.startswith("digest"))) or 0


def test_letters_do_not_wait_when_the_level_of_the_signal_rises(session: Session) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        owner, me = factories.account(session, Role.POLICYMAKER), seated(session)
        signal, row = opened(session, me), factories.consultation(session, owner=owner)
        service.note_consultation(session, signal, row.id, by=owner)
        delivery.set_early_warning(session, consultation=row, by=owner, wished=True)
        delivery.subscribe(session, account=owner, consultation=row, cadence=Cadence.IMMEDIATE, language="en")
        levels = {3: SignalLevel.ALERT, 6: SignalLevel.WATCH, 10: SignalLevel.EMERGENCY}
        # a rise at 3 sends what waits, and ends the pause once; a fall at 6 does not; a rise at 10 waits for words
        for minutes, letters_then in ((1, 1), (2, 1), (3, 2), (4, 2), (6, 2), (10, 3), (11, 3), (24, 3), (25, 4)):
            clock.move_to(MONDAY + timedelta(minutes=minutes))
            if minutes in levels:
                service.set_level(session, signal, levels[minutes], by=me, reason="What was found.")
            elif minutes < 20:
                file(session, row, f"What was seen, report {minutes}.", published=True, at=now())
            assert count_letters(session) == letters_then, minutes


def test_a_consultation_says_at_its_head_that_the_signal_was_wrong(session: Session, client: FlaskClient) -> None:
    owner, me, other = factories.account(session, Role.POLICYMAKER), seated(session), seated(session)
    signal, row = opened(session, me), factories.consultation(session, owner=owner)
    service.note_consultation(session, signal, row.id, by=owner)
    session.commit()
    said = "The warning was wrong and has been retracted."
    assert said not in client.get(f"/c/{row.slug}").text
    for kind, words in ((WarningKind.WARNING, TEXTS), (WarningKind.RETRACTION, {"en": {"do": "The test was wrong."}})):
        draft = warnings.write(session, signal, by=me, kind=kind, texts=words, language="en")
        warnings.publish(session, signal, by=other, written_at=draft.written_at)
    session.commit()
    feed = client.get("/signals.atom").text
    assert f">RETRACTED: {signal.title}" in feed
    assert f"WATCH: {signal.title}" not in feed
    head = client.get(f"/signals/{signal.slug}").text.split("</head>")[0]
    assert "Retracted" in head
    assert "unconfirmed" not in head + feed + client.get("/search?q=oxycodone").text
    page = client.get(f"/c/{row.slug}").text
    assert said in page
