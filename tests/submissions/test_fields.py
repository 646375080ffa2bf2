"""The fields of a submission are in one list: one that is added to it is asked, kept, changed, erased and exported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy.orm import Session

from consult.submissions import fields, service
from consult.submissions.model import NameRule, Submission, SubmitterKind
from consult.submissions.values import Submitter
from tests import factories, filing

ROOT = Path(__file__).resolve().parents[2]


def test_a_field_that_is_added_to_the_list_is_found_wherever_a_field_must_be(server_urls: tuple[str, str]) -> None:
    database, redis = server_urls
    command = "-m pytest -q -n 0 -p tests.submissions.extra_field tests/submissions/extra_field_checks.py"
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    ran = subprocess.run(
        [sys.executable, *command.split()],
        cwd=ROOT,
        env={**own, "CONSULT_TEST_DATABASE_URL": database, "CONSULT_TEST_REDIS_URL": redis},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_erasure_leaves_in_each_column_what_the_list_says(session: Session) -> None:
    consultation, account = factories.consultation(session), factories.account(session)
    who = Submitter(NameRule.OWN, person_name="Ana", country="PE", email="a@example.org", account_id=account.id)
    comments = [filing.comment(session, consultation, "Words")]
    row = service.file(session, consultation=consultation, by=who, comments=comments, key="key")
    assert {row.person_name, row.country, row.account_id} == {"Ana", "PE", account.id}
    service.erase(session, row)
    session.commit()
    assert {column: getattr(row, column) for column in fields.ERASED_COLUMNS} == fields.ERASED_COLUMNS
    assert fields.read_columns(row) == fields.DraftSubmitter(language="en")


def test_columns_say_again_what_was_filed(session: Session) -> None:
    who = Submitter(NameRule.ORGANISATION, 7, "Red Andina", country="PE", language="es")
    columns = fields.to_columns(who)
    assert columns["submitter_kind"] is SubmitterKind.ORGANISATION
    assert columns["person_name"] is None
    assert fields.read_columns(Submission(**columns)) == fields.parse_record({**vars(who), "email": ""})
