"""F16, F17 false alarms and hostile messages: a true alarm is told within its minute, and no message is lost.

With `-s` each drill prints its figures.
"""

from __future__ import annotations

import random
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import unseal
from consult.core.db import transaction
from consult.gateway.model import InboundChannel, InboundItem, InboundReading, InboundState
from consult.mail.model import Letter, LetterContent
from consult.signals.model import ReportStanding, SignalLink, SignalReport, Urgency
from consult.signals.on_call import service as on_call
from consult.signals.triage import queries
from tests.drills.conftest import Ground, until
from tests.gateway.hostile import mutate
from tests.gateway.test_fuzz import damaged_messages
from tests.signals.working import filed, form, hospital, seated

pytestmark = pytest.mark.drill

SIMULATED, RUNNING, TRUE_AT = 10_000, 500, timedelta(minutes=37)
LETTERS, MESSAGES = 4_000, 1_000
_SECRET = "a-secret-of-a-gateway-for-the-drill"
_KIND = (InboundItem.channel, InboundItem.state)
_TOLD = Letter.key.startswith("signals.on_call:")


def _count_told(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Letter).where(_TOLD)) or 0


def _read_told(session: Session) -> list[str]:
    rows = select(LetterContent.sealed).join(Letter, Letter.content_id == LetterContent.id).where(_TOLD)
    return [unseal(bytes(sealed)) for sealed in session.scalars(rows.order_by(Letter.id))]


def _insert_false_reports(session: Session, begins: datetime) -> None:
    """10,000 reports of deaths by strangers within an hour, each in a row of its own, as a flood at its worst is."""
    filed(session, deaths=2, at=begins)
    model = dict(session.execute(select(SignalReport.__table__)).mappings().one())
    del model["id"]
    rows = [
        model | {"reference": f"F-{n}", "idempotency_key": None, "return_key": None,
                 "received_at": begins + n * timedelta(hours=1) / SIMULATED}
        for n in range(SIMULATED)
    ]  # fmt: skip
    numbers = session.scalars(insert(SignalReport).returning(SignalReport.id), rows).all()
    values: dict[str, object] = {"due_at": begins, "at": begins, "standing": ReportStanding.WAITING, "reason": ""}
    values |= {"urgency": Urgency.UNVERIFIED}
    links = [values | {"report_id": number, "fold": f"{number}".encode()} for number in numbers]
    session.execute(insert(SignalLink), links)


def test_one_true_alarm_among_10_000_false_ones_is_told_in_its_minute(ground: Ground) -> None:
    begins = now()
    with ground.app.app_context(), transaction() as session:
        seated(session, on_call=True)
        _insert_false_reports(session, begins)
        for minute in range(37):
            on_call.ring_all(session, at=begins + timedelta(minutes=minute))
        before = _count_told(session)
        true = filed(session, organisation_id=hospital(session), deaths=2, body="Two died here.", at=begins + TRUE_AT)
        assert _count_told(session) == before + 1, "the true one has an e-mail in its minute"
        assert true.reference in _read_told(session)[-1]
        for minute in range(38, 241):
            on_call.ring_all(session, at=begins + timedelta(minutes=minute))
        told = _count_told(session)
        first = queries.get_queue(session, at=begins + TRUE_AT).reports[0]
        assert first.row.id == true.id, "and is the first of the queue"
    print(f"\n{SIMULATED + 1} false reports and 1 true one in an hour: {told} e-mails to a person in 4 hours.")
    assert told <= 9


def _post(address: str, fields: dict[str, object], secret: str = "") -> tuple[int, str]:
    request = urllib.request.Request(address, urllib.parse.urlencode(fields, doseq=True).encode())
    if secret:
        request.add_header("Authorization", f"Bearer {secret}")
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_500_false_alarms_in_a_running_site_delay_no_true_one(ground: Ground) -> None:
    ground.settings["CONSULT_FILING_LIMIT"] = "100000 per hour"
    with ground.app.app_context(), transaction() as session:
        seated(session, on_call=True)
        organisation = hospital(session)
    base = ground.serve()
    ground.start("consult.cli", "clock")
    codes = Counter[int]()
    for n in range(RUNNING):
        fields = form(deaths="2", body=f"Died: {n} people!", key=f"false-alarm-{n:012}")
        codes[_post(f"{base}/signals/report", fields)[0]] += 1
    with ground.app.app_context():
        with transaction() as session:
            before = _count_told(session)
            reference = filed(session, organisation_id=organisation, deaths=3, body="Three died tonight.").reference
        with transaction() as session:
            told = _read_told(session)
            rows = queries.get_queue(session, at=now()).reports
            kept = session.scalar(select(func.count()).select_from(SignalReport))
            alike = [(row.row.reference, row.alike + 1) for row in rows]
    print(f"\n{dict(codes)}: {kept} reports, {len(alike)} rows, "
          f"{before} e-mails before the "
          f"true one.")  # fmt: skip
    assert codes == {200: RUNNING}
    assert kept == RUNNING + 1
    assert reference in told[-1]
    assert before <= 2
    assert alike[0] == (reference, 1)
    assert len(alike) <= 3


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def _hostile(chance: random.Random) -> Iterator[bytes]:
    return iter(dict.fromkeys(mutate(chance, LETTERS)))


def test_5_000_damaged_emails_and_messages_stop_nothing_and_none_is_lost(
    ground: Ground, chance: random.Random, maildir: Path
) -> None:
    ground.settings |= {"CONSULT_SMS_SECRET": _SECRET, "CONSULT_SMS_COUNTRY": "EC",
                        "CONSULT_SIGNALS_MAILBOX": "signals@consult.example.org"}  # fmt: skip
    letters = list(_hostile(chance))
    for n, raw in enumerate(letters):
        (maildir / "new" / f"{n:05}.host").write_bytes(raw)
    command = ground.start("consult.cli", "inbound", "read", "--maildir", str(maildir))
    assert command.wait(900) == 0
    base, codes = ground.serve(), Counter[int]()
    messages = list(dict.fromkeys(damaged_messages(36, MESSAGES)))
    for n, text in enumerate(messages):
        codes[_post(f"{base}/in/sms", {"sender": f"+593{n}", "text": text, "id": str(n)}, _SECRET)[0]] += 1
    with ground.app.app_context(), transaction() as session:
        rows = session.execute(
            select(InboundItem.channel, InboundItem.state, func.count()).group_by(
                InboundItem.channel, InboundItem.state
            )
        ).all()
        reports = session.scalar(select(func.count()).select_from(SignalReport))
    noted = Counter({(channel, state): count for channel, state, count in rows})
    print(f"\n{len(letters)} e-mails. {len(messages)} messages: {dict(codes)}, "
          f"{reports} reports. Noted: { {f'{c} {s}': n for (c, s), n in noted.items()} }.")  # fmt: skip
    assert not list((maildir / "new").iterdir())
    assert len(list((maildir / "cur").iterdir())) == len(letters)
    assert sum(n for (channel, _s), n in noted.items() if channel is InboundChannel.LETTER) == len(letters)
    assert not any(state is InboundState.READING for _channel, state in noted)
    assert set(codes) <= {200, 422}, "and never 500"
    assert noted[InboundChannel.MESSAGE, InboundState.ASIDE] == 0
    assert reports == codes[200]
    assert sum(codes.values()) == len(messages)


def test_a_mailbox_that_was_not_read_for_61_minutes_is_told_by_health(ground: Ground, maildir: Path) -> None:
    assert "Nothing to read." in ground.run("inbound", "read", "--maildir", str(maildir))
    base = ground.serve()
    assert "more than an hour" not in _read_health(base)
    with ground.app.app_context(), transaction() as session:
        reading = session.get_one(InboundReading, InboundChannel.LETTER)
        reading.read_at -= timedelta(minutes=61)
    until(lambda: "Incoming e-mail has not been read for more than an hour." in _read_health(base), 60)


def _read_health(base: str) -> str:
    try:
        with urllib.request.urlopen(f"{base}/health", timeout=120) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return str(error.read().decode())
