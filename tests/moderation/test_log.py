"""The public decision log tells decisions on one from those on several, and both from what was decided elsewhere."""

from __future__ import annotations

import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.core.clock import now
from consult.core.web.access import Role
from consult.decisions.model import Reason
from consult.ledger.service import number_entries
from consult.moderation import service
from consult.moderation.bulk import service as bulk
from consult.moderation.model import DecisionOutcome
from consult.moderation.service import ModerationVerdict
from consult.submissions import imports
from consult.submissions import service as submissions
from consult.submissions.model import State
from tests import factories
from tests.counting import statements
from tests.moderation.cases import filed, half_a_minute_later


@pytest.fixture
def amina(session: Session) -> Account:
    return factories.account(session, Role.MODERATOR)


def test_the_log_marks_what_was_decided_together_and_what_was_moderated_elsewhere(
    client: FlaskClient, session: Session, amina: Account
) -> None:
    consultation = factories.consultation(session)
    into = imports.get_target(session, slug=consultation.slug, source="Elsewhere", published=True)
    rows = [imports.check_record(into, source_id=str(n), body=f"Words {n}.") for n in range(2)]
    imports.file_batch(session, into, imports.seal_batch(into, rows), at=now())
    several = [filed(session, consultation=consultation) for _n in range(3)]
    bulk.propose(
        session, moderator=amina, items=[(row.id, row.revision) for row in several],
        verdict=ModerationVerdict(DecisionOutcome.RETURN, Reason.UNCLEAR),
    )  # fmt: skip
    half_a_minute_later(session)
    alone = filed(session, consultation=consultation)
    service.decide(
        session, moderator=amina, submission_id=alone.id, revision=alone.revision, outcome=DecisionOutcome.PUBLISH,
        reason=None,
    )  # fmt: skip
    number_entries(session)
    page = client.get("/log").text
    assert page.count("moderated elsewhere, imported") == 2
    assert page.count("one of 3 in the same decision") == 3
    lines = {line["reference"]: line for line in csv.DictReader(io.StringIO(client.get("/log.csv").text))}
    assert [line["moderated_elsewhere"] for line in lines.values()].count("yes") == 2
    assert {lines[row.reference]["batch_size"] for row in several} == {"3"}
    assert len({lines[row.reference]["batch"] for row in several} - {""}) == 1
    assert {lines[alone.reference][name] for name in ("batch", "batch_size", "moderated_elsewhere")} == {""}


def test_an_entry_from_before_imports_said_so_is_told_apart_as_well(client: FlaskClient, session: Session) -> None:
    """Nobody is named in it, and no policy."""
    consultation = factories.consultation(session)
    row = filed(session, consultation=consultation)
    submissions.transition(session, row, state=State.PUBLISHED, actor=None)
    decided = filed(session, consultation=consultation)
    submissions.transition(session, decided, state=State.PUBLISHED, actor="somebody")
    number_entries(session)
    lines = {line["reference"]: line for line in csv.DictReader(io.StringIO(client.get("/log.csv").text))}
    assert [lines[one.reference]["moderated_elsewhere"] for one in (row, decided)] == ["yes", ""]


def test_the_log_costs_the_same_statements_however_large_a_batch_was(
    client: FlaskClient, session: Session, amina: Account
) -> None:
    costs = []
    for many in (2, 20):
        rows = [filed(session) for _n in range(many)]
        bulk.propose(
            session, moderator=amina, items=[(row.id, row.revision) for row in rows],
            verdict=ModerationVerdict(DecisionOutcome.RETURN, Reason.UNCLEAR),
        )  # fmt: skip
        half_a_minute_later(session)
        number_entries(session)
        with statements() as seen:
            client.get("/log")
        costs.append(len(seen))
    assert costs[0] == costs[1]
