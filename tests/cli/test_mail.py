from __future__ import annotations

import mailbox
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from consult.cli import main
from consult.core.clock import now
from consult.core.settings import Settings
from consult.core.web.access import Role
from consult.digests import letters as delivery_letters
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence
from tests import factories
from tests.conftest import KEY


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    values = {"DATABASE_URL": settings.database_url, "BROKER_URL": "memory://", "LIMITS_URL": "memory://",
              "DATA_DIR": str(tmp_path), "LOG_LEVEL": "ERROR", "SECRET_KEY": KEY}  # fmt: skip
    for name, value in values.items():
        monkeypatch.setenv(f"CONSULT_{name}", value)
    return CliRunner()


def test_a_letter_that_says_unsubscribe_ends_its_digest_and_others_are_left_alone(
    run: CliRunner, session: Session, tmp_path: Path
) -> None:
    row = factories.consultation(session)
    reader = factories.account(session, Role.POLICYMAKER)
    kept = delivery.subscribe(
        session, account=reader, consultation=row, cadence=Cadence.WEEKLY, language="en", at=now()
    )
    session.commit()
    box = mailbox.Maildir(str(tmp_path / "box"), create=True)
    box.add(f"Subject: unsubscribe {delivery_letters.unsubscribe_token(kept.id)}\n\n".encode())
    box.add(b"Subject: unsubscribe 1-abcdefghijklmnop\n\n")
    box.add(b"Subject: Hello\n\nHow are you?")
    read = run.invoke(main, ["mail", "bounce", "--maildir", str(tmp_path / "box")])
    assert read.exit_code == 0, read.output
    assert read.output.strip() == "2 left alone, 1 unsubscribed"
    session.refresh(kept)
    assert kept.ended_at is not None
    again = run.invoke(main, ["mail", "bounce", "--maildir", str(tmp_path / "box")])
    assert again.output.strip() == "Nothing to read."
    assert run.invoke(main, ["mail", "bounce"], input=b"Subject: x\n\ny").output.strip() == "1 left alone"
