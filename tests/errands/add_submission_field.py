"""Add a field of a submission, `sector`: asked, kept, changed, erased, imported and exported."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from consult.cli import import_comments
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.core.crypto import commitment
from consult.ledger.model import LedgerEntry
from consult.submissions import fields, imports, revisions, service
from consult.submissions import values as submissions_values
from consult.submissions.content.draft import DraftContent, from_json, to_json
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.submission import amend_with_content
from consult.submissions.model import Draft, NameRule, Submission
from consult.submissions.values import Submitter
from consult.trace import account_export, export
from tests import factories, filing
from tests.errands.errand import Errand
from tests.forms import hidden, pressed

_COLUMN = "    country: Mapped[str | None]  # ISO 3166-1 alpha-2\n"
_VALUE = '    email: str = ""\n'
_LIST = ")\nSTORED = "
_ROW = """    SubmissionField(
        "sector",
        committed=True,
        label="Sector you work in",
        hint="Counted, and shown to moderators.",
        title="Sector",
        what="the sector",
        choices={"health": "Health", "justice": "Justice"}.items,
        without_identity=True,
        exported="sector",
        exported_of_drafts=True,
        imported="health, justice, or empty.",
    ),
"""
ERRAND = Errand(
    {
        "consult/submissions/room.py": [
            ('"country side language received_at salt"', '"country side sector language received_at salt"')
        ],
        "consult/submissions/model.py": [(_COLUMN, f"{_COLUMN}    sector: Mapped[str | None]\n")],
        "consult/submissions/fields.py": [(_VALUE, f'{_VALUE}    sector: str = ""\n'), (_LIST, f"{_ROW}{_LIST}")],
    }
)
"""The migration is made by `make migration NAME=add_sector`."""


@pytest.fixture(scope="session", autouse=True)
def _column(database_url: str) -> None:
    """Stands for the migration."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE submission ADD COLUMN sector text"))
    engine.dispose()


@pytest.fixture
def consultation(session: Session) -> Consultation:
    row = factories.consultation(session, slug="plan", no_identity=True)
    session.commit()
    return row


def filed(session: Session, consultation: Consultation, **said: Any) -> Submission:
    who = Submitter(**{"name_rule": NameRule.OWN, "person_name": "Ana", "sector": " health ", **said})
    comments = [filing.comment(session, consultation, "Words")]
    return service.file(session, consultation=consultation, by=who, comments=comments, key="key")


def sector(session: Session) -> Any:
    session.expire_all()
    return session.scalars(select(Submission.sector)).one()  # type: ignore[attr-defined]


def confirm_the_form_asks_for_it_and_what_was_said_is_checked_and_filed(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    write, about, check = (f"/c/plan/respond/{page}" for page in ("comment/1.1", "about", "check"))
    client.post(write, data={"stance": "drop", "body": "Words", "seen": hidden(client.get(write), "seen")})
    asked = client.get(about).text
    assert "Sector you work in" in asked
    assert '<option value="justice">Justice' in asked
    client.post(about, data={"speaks": "none", "language": "en", "sector": "justice"})
    assert re.search(r"<option[^>]* selected[^>]*>Justice", client.get(about).text)
    assert drafts.unseal_draft(session.scalars(select(Draft)).one()).about == fields.DraftSubmitter(sector="justice")  # type: ignore[call-arg]
    page = client.get(check)
    assert "the sector" in page.text
    assert "Justice" in page.text
    client.post(check, data={"key": hidden(page, "key"), "mark": hidden(page, "mark")})
    assert sector(session) == "justice"


def confirm_no_identity_mode_asks_for_it_keeps_it_and_files_it(
    client: FlaskClient, session: Session, consultation: Consultation
) -> None:
    page = client.get("/n/plan").text
    assert "Sector you work in" in page
    said = {"stance_0": "drop", "body_0": "Words", "sector": "health"}
    client.post("/n/plan", data=pressed(page, ("do", "keep"), **said))
    assert drafts.unseal_draft(session.scalars(select(Draft)).one()).about == fields.DraftSubmitter(sector="health")  # type: ignore[call-arg]
    checked = client.post("/n/plan", data=pressed(page, ("do", "check"), **said)).text
    client.post("/n/plan", data=pressed(checked, ("do", "send")))
    assert sector(session) == "health"


def confirm_the_json_of_a_draft_has_it_and_one_that_was_saved_before_is_still_read() -> None:
    about = fields.DraftSubmitter(sector="health")  # type: ignore[call-arg]
    record = json.loads(to_json(DraftContent(about=about)))
    assert record["about"]["sector"] == "health"
    assert from_json(json.dumps(record)).about == about
    del record["about"]["sector"]
    assert from_json(json.dumps(record)).about == fields.DraftSubmitter()


def confirm_the_ledger_commits_to_it_where_it_was_said(session: Session, consultation: Consultation) -> None:
    row = filed(session, consultation)
    said = [{"on": "chp_1__para_1", "stance": "concern", "language": "en", "body": "Words"}]
    shape = {"reference": row.reference, "name": "Ana", "comments": said, "name_rule": "own", "language": "en"}
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.subject_id == row.id)).one()
    assert entry.commitment == commitment(row.salt or b"", submissions_values.canonical_bytes(**shape, sector="health"))


def confirm_an_amendment_keeps_it_and_can_change_it(session: Session, consultation: Consultation) -> None:
    row = filed(session, consultation)
    service.amend(session, row, comments=[filing.comment(session, consultation, "Other words")])
    assert sector(session) == "health"
    content = revisions.to_draft_content(session, row)
    assert content.about
    other = replace(content.about, sector="justice")  # type: ignore[call-arg]
    by = submissions_values.to_submitter(other)
    amend_with_content(session, row, replace(content, about=other), by=by)
    assert sector(session) == "justice"
    kept = [one.writing.about for one in revisions.list_revisions(session, row)]
    assert [about and about.sector for about in kept] == ["health", "health"]  # type: ignore[attr-defined]


def confirm_erasure_leaves_nothing_of_it(session: Session, consultation: Consultation) -> None:
    service.erase(session, filed(session, consultation))
    assert sector(session) is None


def confirm_it_is_read_from_a_file_of_comments(session: Session, consultation: Consultation) -> None:
    into = imports.get_target(session, slug="plan", source="docket")
    cells = {"source_id": "1", "body": "Words"}
    row = imports.check_record(into, **cells, sector="health")
    assert imports.file_batch(session, into, imports.seal_batch(into, [row]), at=now()) == 1
    assert sector(session) == "health"
    with pytest.raises(imports.RecordRejected, match="sector"):
        imports.check_record(into, **cells, sector="farming")
    told = CliRunner().invoke(import_comments.import_group, ["comments", "--help"])
    assert "--sector-column" in told.output


def confirm_the_download_of_ones_own_data_has_it(session: Session, consultation: Consultation) -> None:
    person = factories.account(session)
    row = filed(session, consultation, account_id=person.id)
    assert export.submission_record(session, row)["sector"] == "health"
    owner, about = drafts.DraftOwner(person.id), fields.DraftSubmitter(sector="justice")  # type: ignore[call-arg]
    drafts.save_submitter(session, consultation_id=consultation.id, owner=owner, about=about)
    _name, data = next(iter(account_export.export_parts(session, person)))
    assert json.loads(data)["drafts"][0]["sector"] == "justice"
