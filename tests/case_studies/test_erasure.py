"""Case studies of a deleted account, and case studies in an account's export."""

from __future__ import annotations

import json

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.accounts.organisations import service as organisations
from consult.case_studies.appraisal import requests
from consult.case_studies.appraisal.model import AppraisalRequest
from consult.case_studies.model import Appraiser, CaseStudy
from consult.decisions.model import FormerTie
from consult.trace import account_deletion, account_export
from tests import factories
from tests.case_studies.written import appraiser, judge, person, published, written


def test_a_deleted_account_leaves_what_is_published_without_its_name(session: Session, client: FlaskClient) -> None:
    author, judging = person(session, display_name="Halima Said"), person(session, display_name="Kwame Asante")
    study, unsent = published(session, author), written(session, author)
    judge(session, study, appraiser(session, "I advise a clinic", account=judging))
    asked = published(session)
    requests.ask(session, asked, by=session.get_one(Account, asked.account_id), account_ids=[judging.id])
    left = factories.organisation(session)
    organisations.add_member(session, organisation_id=left.id, account_id=judging.id)
    session.commit()
    exported = json.loads(dict(account_export.export_parts(session, author))["account.json"])
    assert [row["reference"] for row in exported["case_studies"]] == [unsent.reference, study.reference]
    told = json.loads(dict(account_export.export_parts(session, judging))["account.json"])
    assert [row["case_study"] for row in told["asked_to_appraise"]] == [asked.reference]
    for account in (author, judging):
        account_deletion.delete_account(session, account)
    session.commit()
    assert session.scalars(select(CaseStudy.id).order_by(CaseStudy.id)).all() == [study.id, asked.id]
    assert session.scalars(select(FormerTie)).all() == session.scalars(select(AppraisalRequest)).all() == []
    assert session.get_one(Appraiser, judging.id).interests == []
    page = client.get(f"/evidence/case-studies/{study.slug}").text
    assert "Halima" not in page
    assert "Kwame" not in page
    assert "low" in page
