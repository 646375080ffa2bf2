"""Progress reports, case studies, appraisals, warnings and words beside answers, forged by the database's owner."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from consult.audit import statements
from consult.consultations.joint.model import ConsultationBody, PartInConsultation
from consult.core.clock import now
from consult.plans.reports import service as reports
from consult.responses import beside
from consult.responses.model import AnswerOutcome, ResponseBeside
from consult.signals import warnings
from consult.signals.model import SignalLevel, WarningKind
from tests.audit.forging import SEAL_CODES, check_everything, level, publish_again
from tests.bodies.working import make_body, work
from tests.calls.test_calls import PROMPTS, edited, made
from tests.case_studies import written
from tests.plans.planned import find, given, planned, said_by
from tests.responses.answering import answer, argued
from tests.signals.working import opened, seated

WARNING = {"en": {"sold_as": "M30 tablets", "signs": "Falls asleep.", "do": "Do not use alone."}}
FORGERIES = {
    "words of a report": ("UPDATE action_report SET words = 'All is well.' WHERE side = 'civil_society'", "statement"),
    "progress of a report": ("UPDATE action_report SET progress = 'late' WHERE side = 'government'", "statement"),
    "a report that is gone": ("DELETE FROM action_report WHERE side = 'civil_society'", "statement_no_row"),
    "a report that nobody gave": (
        "INSERT INTO action_report (action_id, side, account_id, progress, words, language, links, interests, state, "
        "at) SELECT action_id, side, account_id, 'late', 'Late.', language, links, '', state, at FROM action_report"
        " WHERE side = 'government'", "statement_no_entry",
    ),
    "words of an edition": (
        "UPDATE case_study_edition SET content = jsonb_set(content::jsonb, '{title}', '\"It worked\"')",
        "statement study_shown",
    ),
    "words of a page": ("UPDATE case_study_part SET body = 'Nothing.' WHERE kind = 'wrong'", "study_shown"),
    "how it went": ("UPDATE case_study SET told = 'harmed'", "study_shown"),
    "what an appraiser said": ("UPDATE appraisal SET direction = 'harmed'", "statement"),
    "interests of an appraiser": ("UPDATE appraisal SET interests = 'Paid by it.'", "statement"),
    "an appraisal that is gone": ("DELETE FROM appraisal", "statement_no_row"),
    "words of a warning": (
        "UPDATE signal_warning SET texts = '{\"en\": {\"do\": \"Nothing.\"}}'", "statement",
    ),
    "what was withheld": ("UPDATE action_report SET state = 'withheld', reason = 'spam'", "statement statement"),
    "words beside an answer": ("UPDATE response_beside SET reasons = 'We agree.'", "statement"),
    "words beside an answer that are gone": ("DELETE FROM response_beside", "statement_no_row"),
    "a warning that is gone": ("DELETE FROM signal_warning", "statement_no_row"),
    "words of an open call": (
        "UPDATE call SET texts = jsonb_set(texts, '{en,why}', '\"All is well.\"')", "statement",
    ),
    "the last moment of a call": ("UPDATE call SET ends_at = ends_at - interval '3 days'", "statement"),
    "a call that was closed": ("UPDATE call SET closed_at = now()", "statement"),
    "a call that is gone": ("DELETE FROM call", "statement_no_row"),
}  # fmt: skip


@pytest.fixture
def said(session: Session) -> None:
    """One of each, in agreement with the ledger."""
    body = make_body(session)
    lead = work(session, body)
    action = find(session, planned(session, body, by=lead))
    reports.report_for_government(session, action, by=lead, given=given("under_way"))
    said_by(session, action, "not_started")
    study = written.published(session)
    written.judge(session, study, written.appraiser(session))
    me, other = seated(session), seated(session)
    signal = opened(session, me, level=SignalLevel.ALERT)
    draft = warnings.write(session, signal, by=me, kind=WarningKind.WARNING, texts=WARNING, language="en")
    warnings.publish(session, signal, by=other, written_at=draft.written_at)
    speak_beside(session)
    call, row, _member = made(session)
    publish_again(session, row)
    edited(session, call, {**PROMPTS, "chp_1__para_2": ["Who pays?"]})
    level(session)


def speak_beside(session: Session) -> None:
    """Another body of a joint consultation says its own below an answer."""
    health, justice = make_body(session, "Ministry of Health"), make_body(session, "Ministry of Justice")
    lead, other = work(session, health), work(session, justice)
    row, argument = argued(session, owner=lead, body=health.name, body_id=health.id)
    agreed = {"part": PartInConsultation.ASKS, "agreed_at": now(), "agreed_by_id": other.id}
    session.add(ConsultationBody(consultation_id=row.id, body_id=justice.id, **agreed))
    session.flush()
    publish_again(session, row)
    answer(session, argument, by=lead)
    beside.answer_beside(
        session, argument_id=argument.id, by=other, body_id=justice.id, outcome=AnswerOutcome.NOT_ACCEPTED,
        reasons="Prisons have no room for it.",
    )  # fmt: skip


@pytest.mark.usefixtures("said")
def test_each_forgery_of_what_was_said_is_found_and_nothing_before(session: Session) -> None:
    assert check_everything(session) == []
    for name, (statement, code) in FORGERIES.items():
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement))
        codes = [one.code for one in check_everything(session)]
        assert " ".join(one for one in codes if one not in SEAL_CODES) == code, name
        assert SEAL_CODES & set(codes), name
        session.rollback()
    assert check_everything(session) == []


@pytest.mark.usefixtures("said")
def test_words_beside_an_answer_may_be_committed_to_as_they_were_at_first(session: Session) -> None:
    row = session.scalars(select(ResponseBeside)).one()
    first = beside.compute_first_commitment(row)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE ledger SET commitment = :made WHERE kind = 'answer.beside'"), {"made": first})
    assert {one.code for one in check_everything(session)} == {"chain"}
    session.execute(text("UPDATE response_beside SET reasons = 'We agree.'"))
    assert {one.code for one in check_everything(session)} - SEAL_CODES == {"chain", "statement"}


@pytest.mark.usefixtures("said")
def test_what_was_said_before_it_was_committed_to_is_no_finding(session: Session) -> None:
    kinds = [kind for said in statements.KINDS for kind in said.kinds]
    session.execute(text("SET LOCAL session_replication_role = replica"))
    bare = text("UPDATE ledger SET commitment = NULL WHERE kind = ANY(:kinds)")
    assert session.execute(bare, {"kinds": kinds}).rowcount == 8
    assert {one.code for one in check_everything(session)} == {"chain"}
