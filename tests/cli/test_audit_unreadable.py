"""A value that the code cannot read is a finding, and hides no other: neither from the command nor from the clock."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.audit import service
from consult.cli import main
from tests import filing
from tests.audit.forging import SEAL_CODES, Scene, audit, check_everything, forge, level
from tests.audit.test_statements import said as said  # a fixture

PLAIN, OTHER, FULL = (
    (f"(SELECT id FROM submission WHERE reference = '{{{name}}}')") for name in ("plain", "other", "full")
)
FORGERIES = {
    "a running count": (
        "UPDATE tally SET n = n + 1 WHERE id = (SELECT min(id) FROM tally WHERE provision_id IS NULL)", "books",
    ),
    "a stance": (f"UPDATE comment SET stance = 'support' WHERE submission_id = {PLAIN}", "contents"),
    "a time": (f"UPDATE submission SET received_at = received_at - interval '1 day' WHERE id = {OTHER}", "received_at"),
    "a kind of evidence": (f"UPDATE evidence SET kind = 'testimony' WHERE submission_id = {FULL}", "contents"),
    "the words of a draft": (
        "UPDATE version SET source = 'Forged.' WHERE id = (SELECT min(id) FROM version)", "draft",
    ),
    "a digest": ("UPDATE digest SET body = jsonb_set(body, '{{version}}', '0') WHERE NOT empty", "digest"),
    "the day of an answer": (
        "UPDATE response SET said_at = said_at - interval '1 day' WHERE body_id IS NULL", "answer",
    ),
    "the outcome of an answer": (
        "UPDATE response SET outcome = 'not_accepted' WHERE body_id IS NOT NULL", "answer",
    ),
    "the day that a body promised": (
        "UPDATE response SET promised_for = DATE '2031-01-01' WHERE body_id IS NOT NULL", "promise",
    ),
    "an organisation of a report": (
        "UPDATE action_report SET organisation_id = 12 WHERE side = 'civil_society'", "statement",
    ),
    "a report that nobody gave": (
        "INSERT INTO action_report (action_id, side, account_id, progress, words, language, links, interests, state, "
        "at) SELECT action_id, side, account_id, 'late', 'Late.', language, links, '', state, at FROM action_report"
        " WHERE side = 'government'", "statement_no_entry",
    ),
    "interests of an appraiser": ("UPDATE appraisal SET interests = 'Paid by it.'", "statement"),
}  # fmt: skip
UNREADABLE = {
    "a kind of evidence": ("UPDATE evidence SET kind = 'nonsense'", "contents"),
    "a rule of naming": ("UPDATE submission SET name_rule = 'nonsense'", "kind"),
    "a place in the draft": ("UPDATE comment SET anchor = '3' WHERE anchor IS NOT NULL", "contents"),
    "redactions": ("UPDATE comment SET redactions = '[1]' WHERE redactions IS NOT NULL", "unreadable"),
    "an outcome": ("UPDATE response SET outcome = 'nonsense'", "unreadable"),
    "the moment of an answer": ("UPDATE response SET said_at = 'infinity'", "unreadable"),
    "the side of a report": ("UPDATE action_report SET side = 'nonsense' WHERE side = 'government'", "statement"),
    "an edition of a case study": ("UPDATE case_study_edition SET content = '3'", "unreadable"),
    "the state of a case study": ("UPDATE case_study SET state = 'nonsense'", "unreadable"),
    "the moment of a warning": ("UPDATE signal_warning SET published_at = 'infinity'", "unreadable"),
    "the moment of a version": ("UPDATE version SET published_at = 'infinity'", "unreadable"),
    "an entry of the ledger": ("UPDATE ledger SET at = 'infinity' WHERE number = 3", "check_stopped"),
}  # fmt: skip


@pytest.mark.usefixtures("said")
def test_twelve_forgeries_and_a_row_that_cannot_be_read_are_all_found_in_one_run(
    session: Session, run: CliRunner
) -> None:
    scene = Scene(session)
    names = {name: getattr(scene, name).reference for name in ("plain", "other", "full")}
    assert check_everything(session) == []
    forge(session, *(statement.format(**names) for statement, _code in FORGERIES.values()))
    forge(session, "UPDATE signal_warning SET published_at = 'infinity'")
    answer = run.invoke(main, ["audit", "--json"])
    assert answer.exit_code == 1, answer.output
    codes = [one["code"] for one in json.loads(answer.stdout)["findings"]]
    expected = [code for _statement, code in FORGERIES.values()] + ["comment_counts", "unreadable"]
    assert sorted(set(codes) - SEAL_CODES) == sorted(set(expected)), "a stance is one of the counts too"
    assert len([code for code in codes if code not in SEAL_CODES]) == 14
    assert run.invoke(main, ["audit"]).stdout.endswith(f"\n{len(codes)} differences from the public record.\n")


@pytest.mark.usefixtures("said")
def test_whatever_cannot_be_read_is_found_and_hides_no_other(session: Session) -> None:
    scene = Scene(session)
    forged = FORGERIES["a stance"][0].format(plain=scene.plain.reference)
    missed = {}
    for name, (statement, code) in UNREADABLE.items():
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for change in (statement, forged):
            session.execute(text(change))
        got = {one.code for one in check_everything(session)}
        session.rollback()
        if not {code, "comment_counts"} <= got:
            missed[name] = got
    assert missed == {}


@pytest.mark.usefixtures("said")
def test_health_says_of_what_cannot_be_read_within_a_round(session: Session, client: FlaskClient) -> None:
    Scene(session)
    assert audit(session) == []
    forge(session, UNREADABLE["the moment of an answer"][0])
    assert {one.code for one in audit(session)} - SEAL_CODES == {"unreadable"}
    assert "do not match the public record" in client.get("/health").text


def test_an_entry_that_cannot_be_read_stops_neither_the_other_checks_nor_the_command(
    session: Session, run: CliRunner
) -> None:
    Scene(session)
    forge(session, "UPDATE ledger SET at = 'infinity' WHERE number = 3", "UPDATE response SET reasons = 'Forged.'")
    answer = run.invoke(main, ["audit"])
    assert (answer.exit_code, "The check “ledger” stopped" in answer.stdout) == (1, True)
    assert "the answer does not match entry" in answer.stdout
    assert " Head " not in answer.stdout


def test_words_that_cannot_be_read_keep_no_follower_from_its_turn(session: Session) -> None:
    scene = Scene(session)
    filing.file(session, scene.row, "New words.", published=True)
    forge(session, "UPDATE comment SET redactions = '[1]' WHERE body = 'New words.'")
    level(session)
    assert [one.code for one in service.list_findings(session)] == ["unreadable"]
