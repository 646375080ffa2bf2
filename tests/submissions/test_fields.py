"""The fields of a submission are in one list: one that is added to it is asked, kept, changed, erased and exported."""

from __future__ import annotations

from sqlalchemy.orm import Session

from consult.submissions import fields, service
from consult.submissions.model import NameRule, Submission, SubmitterKind
from consult.submissions.values import Submitter
from tests import factories, filing


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
