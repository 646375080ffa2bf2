"""Seals reveal changes of any public column, also with triggers off."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Date, DateTime, LargeBinary, Numeric, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.audit import seals, service
from consult.audit.findings import Finding
from consult.ledger import seals as row_seals
from consult.ledger import statements
from consult.ledger.model import Kind, LedgerEntry, StatementSeal
from consult.ledger.statements import PublicTable
from tests import filing, sample

SEALS = ("seals", "unsealed", "sealed_entries")
FORGERIES = {
    # early warning
    "a retracted warning is open again": "UPDATE signal SET state = 'open', level = 'emergency', closed_at = NULL "
    "WHERE id = (SELECT min(id) FROM signal)",
    "another level": "UPDATE signal SET level = 'watch' WHERE level <> 'watch'",
    "another title of a signal": "UPDATE signal SET title = title || '.'",
    "a town is shown": "UPDATE signal SET place_shown = NOT place_shown",
    "a report that is unlinked":
    "UPDATE signal_link SET standing = 'waiting', signal_id = NULL WHERE signal_id IS NOT NULL",
    "the day of a warning": "UPDATE signal_warning SET published_at = published_at - interval '1 day'",
    "the author of a warning": "UPDATE signal_warning SET author_id = second_id, second_id = author_id",
    "what was done to a signal": "UPDATE signal_act SET reason = reason || '.'",
    # plans
    "an overdue promise that is done":
    "UPDATE action SET done_at = now() WHERE overdue_at IS NOT NULL AND done_at IS NULL",
    "an overdue mark that is gone": "UPDATE action SET overdue_at = NULL WHERE overdue_at IS NOT NULL",
    "words of an action": "UPDATE action SET title = title || ' soon'",
    "the day of an action": "UPDATE action SET due_on = due_on + 365",
    "who does an action": "UPDATE action SET owner_name = 'Nobody'",
    "the day of a report": "UPDATE action_report SET at = at - interval '30 days'",
    "the person of a report": "UPDATE action_report SET account_id = account_id + 100000",
    "the value of an indicator": "UPDATE observation SET value = value + 1",
    "the target of an indicator": "UPDATE indicator SET target = coalesce(target, 0) + 1",
    "a plan movement": "UPDATE plan_movement SET content = content || '{\"x\": 1}'",
    "a milestone": "UPDATE milestone SET done_on = due_on",
    # case studies
    "a withdrawn study that is live":
    "UPDATE case_study SET state = 'published', withdrawn_at = NULL, withdrawn_by = NULL "
    "WHERE state = 'withdrawn'",
    "who appraised": "UPDATE appraisal SET account_id = account_id + 100000",
    "the day of an appraisal": "UPDATE appraisal SET at = at - interval '30 days'",
    "certainty of a study": "UPDATE case_study SET certainty = 4 WHERE certainty < 4",
    "words about a use": "UPDATE case_study_used SET happened = 'It failed.'",
    # moderation
    "the reason of a decision": "UPDATE decision SET reason = 'hate' WHERE reason = 'off_topic'",
    "who decided": "UPDATE decision SET moderator_id = moderator_id + 100000",
    "the answer to an appeal": "UPDATE appeal SET answer = answer || '.' WHERE outcome IS NOT NULL",
    "the day of an appeal": "UPDATE appeal SET received_at = received_at - interval '9 days'",
    "the answer to a report": "UPDATE report SET answer = answer || 'Kept.'",
    "a decision that is gone":
    "DELETE FROM decision WHERE id = (SELECT min(id) FROM decision WHERE ended = 'took_effect')",
    # answers
    "why an answer is late": "UPDATE response SET lateness = 'Not us.'",
    "who answered": "UPDATE response SET account_id = account_id + 100000",
    "an owed answer that is gone": "DELETE FROM obligation",
    "an answer's action": "DELETE FROM response_action",
    # consultations, bodies, organisations
    "the closing date": "UPDATE consultation SET closes_at = closes_at + interval '1 day' WHERE phase <> 'draft'",
    "the day promised": "UPDATE consultation SET answer_by = answer_by + 60 WHERE phase <> 'draft'",
    "a consultation that is hidden": "UPDATE consultation SET phase = 'draft'",
    "the wording of a question": "UPDATE question SET wording = wording || '?'",
    "who agreed for a body": "UPDATE consultation_body SET agreed_by_id = agreed_by_id + 100000",
    "a role in a body": "UPDATE body_member SET role = CASE role WHEN 'lead' THEN 'reader' ELSE 'lead' END",
    "the name of a body": "UPDATE body SET name = name || ' II'",
    "the name of an organisation": "UPDATE organisation SET name = name || ' II'",
    "a member of a body that nobody added": "INSERT INTO body_member (body_id, account_id, role, since) "
    "SELECT min(body_id), max(account_id) + 1000, 'lead', now() FROM body_member",
    # arguments, campaigns, translations, terms
    "the name of an argument": "UPDATE argument SET name = name || '!' WHERE name IS NOT NULL",
    "the counts of a campaign": "UPDATE campaign SET public_adding = public_adding + 1",
    "a translation": "UPDATE translation SET body = body || ' No.'",
    "a term": "UPDATE term SET retired = NOT retired",
    "words of the imprint": "UPDATE site_text SET text = text || '.'",
    # whoever knows of the seals
    "a kind that Consult does not write": "UPDATE signal_warning SET kind = 'rumour'",
    "a row with its seal": "WITH gone AS (DELETE FROM translation RETURNING id::text AS row) "
    "DELETE FROM statement_seal s USING gone WHERE s.statement = 'translation' AND s.row = gone.row",
    "a seal that was made to fit": "UPDATE statement_seal SET seal = sha256(seal) WHERE statement = 'response'",
    "a seal that is another row's":
    "UPDATE statement_seal SET row = (row::bigint + 1000)::text WHERE statement = 'term'",
}  # fmt: skip


@pytest.fixture
def sampled(session: Session) -> Session:
    """The sample, which agrees with the ledger."""
    sample.load_sample(session)
    assert check_seals(session) == []
    return session


def check_seals(session: Session) -> list[Finding]:
    findings: list[Finding] = []
    for check in (check for check in service.CHECKS if check.name in SEALS):
        after: int | None = 0
        while after is not None:
            found, after = check.step(session, after=after)
            findings += found
    return findings


def test_each_forgery_of_something_public_is_found(sampled: Session) -> None:
    missed, empty = [], []
    for name, statement in FORGERIES.items():
        sampled.execute(text("SET LOCAL session_replication_role = replica"))
        for part in statement.replace(":", r"\:").split("; "):
            changed = sampled.execute(text(part)).rowcount
        if not changed:
            empty.append(name)
        elif not check_seals(sampled):
            missed.append(name)
        sampled.rollback()
    assert missed == []
    assert empty == []
    assert check_seals(sampled) == []


def test_a_change_of_any_public_column_is_found(sampled: Session) -> None:
    missed, tried = [], set()
    for statement in statements.list_sealed():
        rows = select(StatementSeal.id, StatementSeal.row).where(
            StatementSeal.statement == statement.name, StatementSeal.ended_id.is_(None)
        )
        first = sampled.execute(rows.order_by(StatementSeal.id).limit(1)).first()
        for name in (*statement.public.split(), *statement.people.split()) if first else ():
            tried.add((statement.name, name))
            if not changes_are_found(sampled, statement, name, first):
                missed.append(f"{statement.name}.{name}")
    assert missed == []
    assert len({table for table, _name in tried}) >= 37
    assert len(tried) >= 320


def changes_are_found(session: Session, statement: PublicTable, name: str, first: Any) -> bool:
    """Check that another value in one column of one row is found; the table refuses some values."""
    column = statement.model.__table__.c[name]
    change = f'UPDATE "{statement.name}" SET "{name}" = {another(column)} WHERE {statement.key_sql} = :row'
    session.execute(text("SET LOCAL session_replication_role = replica"))
    try:
        assert session.execute(text(change), {"row": first.row}).rowcount == 1
        return bool(list(seals._check_seals(session, [first.id])))
    except IntegrityError:
        return True
    finally:
        session.rollback()


def another(column: Column[Any]) -> str:
    """A value that is not the present one, in SQL."""
    name = f'"{column.name}"'
    if isinstance(column.type, Boolean):
        return f"NOT {name}"
    if isinstance(column.type, DateTime):
        return f"coalesce({name}, now()) + interval '1 second'"
    if isinstance(column.type, Date):
        return f"coalesce({name}, current_date) + 1"
    if isinstance(column.type, LargeBinary):
        return f"sha256(coalesce({name}, 'x'))"
    if isinstance(column.type, JSONB):
        return f"jsonb_build_array({name})"
    if isinstance(column.type, Numeric) or column.type.python_type in (int, float):
        return f"coalesce({name}, 0) + 1"
    return (
        f"left(coalesce({name}, '') || 'x', 24)"
        if getattr(column.type, "length", None)
        else f"coalesce({name}, '') || 'x'"
    )


def test_what_is_held_back_or_waits_has_no_seal(sampled: Session) -> None:
    held = text(
        "SELECT count(*) FROM statement_seal s JOIN signal_link l ON s.row = l.report_id::text "
        "WHERE s.statement = 'signal_link' AND l.held_until IS NOT NULL"
    )
    assert sampled.scalar(held) == 0
    drafts = text(
        "SELECT count(*) FROM statement_seal s JOIN consultation c ON s.row = c.id::text "
        "WHERE s.statement = 'consultation' AND s.ended_id IS NULL AND c.phase = 'draft'"
    )
    assert sampled.scalar(drafts) == 0


def test_seals_say_neither_rows_nor_people(sampled: Session) -> None:
    entries: Sequence[LedgerEntry] = sampled.scalars(
        select(LedgerEntry).where(LedgerEntry.kind == Kind.STATEMENTS_SEALED)
    ).all()
    assert entries
    for entry in entries:
        assert (entry.subject_id, entry.actor, entry.consultation_id) == (0, None, None)
        assert entry.detail.keys() <= {"begun", "ended"}
        assert all(len(seal) == 64 for part in entry.detail.values() for seals in part.values() for seal in seals)


def test_a_document_can_be_checked_by_whoever_is_given_it(sampled: Session) -> None:
    filing.numbered(sampled)
    row = sampled.scalars(
        select(StatementSeal.row).where(StatementSeal.statement == "body", StatementSeal.ended_id.is_(None))
    ).first()
    assert row
    document = row_seals.load_documents(sampled, "body", [row])[row]
    entry = sampled.scalars(select(LedgerEntry).where(LedgerEntry.number == document.entry)).one()
    assert sha256(document.json).hexdigest() in entry.detail["begun"]["body"]
