"""The case studies of the sample, and the lenses and checks on it."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.case_studies import cited
from consult.case_studies.model import CaseStudy, StudyState
from consult.consultations.model import Consultation
from consult.core.crypto import unseal
from consult.mail.model import Letter, LetterContent
from tests.sample import load_sample


def test_the_sample_shows_six_case_studies_with_appraisals_that_differ_and_one_withdrawn_and_cited(
    session: Session, client: FlaskClient
) -> None:
    load_sample(session)
    session.commit()
    rows = session.scalars(select(CaseStudy).order_by(CaseStudy.id)).all()
    assert [row.state for row in rows] == [StudyState.PUBLISHED] * 5 + [StudyState.WITHDRAWN, StudyState.WAITING]
    assert [row.appraised for row in rows] == [2, 2, 1, 2, 0, 1, 0]
    assert rows[0].edition == 2
    plan = session.scalars(select(Consultation).where(Consultation.slug == "action-plan-2027-2030")).one()
    assert {one.study.reference for one in cited.list_cited_in(session, plan.id)} == {"CASE-1", "CASE-2", "CASE-6"}
    letter = session.scalars(select(Letter).where(Letter.key.startswith("case_study:withdrawn:6")).limit(1)).one()
    assert "Open Consultations" in unseal(session.get_one(LetterContent, letter.content_id).sealed)
    for row in rows[:6]:
        assert client.get(f"/evidence/case-studies/{row.slug}").status_code == 200
    page = client.get("/evidence/case-studies").text
    assert page.count('class="judged"') == 6
    assert "06 12 34" not in page
    check = client.get(f"/c/{plan.slug}/treaties").text
    assert "Not addressed" in check
    assert client.get(f"/c/{plan.slug}/treaties?pack=treaties/1988").text.count("Not addressed") >= 1
    assert client.get(f"/c/{plan.slug}/treaties?pack=nothing").status_code == 404
    assert client.get(f"/c/{plan.slug}/balance.csv").text.splitlines()[0] == "pillar,paragraphs,comments"
    assert "plot harm" in client.get(f"/c/{plan.slug}/balance").text
    lens = client.get("/taxonomy/pillars/harm").text
    assert 'id="lens-evidence"' in client.get("/taxonomy/sectors/prisons").text
    for kind in ("comments", "case-studies"):
        assert f'id="lens-{kind}"' in lens
        assert client.get(f"/taxonomy/pillars/harm/{kind}").status_code == 200
    assert "Evening hours" in client.get("/search?q=syringe+evening").text
