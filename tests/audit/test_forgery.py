"""The audit names changes made by SQL, whatever else was adjusted to fit."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.audit import chain, service
from consult.core.clock import now
from tests import filing
from tests.audit.forging import Scene, audit, check_everything, forge, found, level
from tests.trace.test_verify_receipt import carried


@pytest.fixture
def scene(session: Session) -> Scene:
    return Scene(session)


def test_what_was_filed_decided_answered_and_erased_as_it_should_agrees(session: Session, scene: Scene) -> None:
    assert found(session) == []


OF = "submission_id = (SELECT id FROM submission WHERE reference = :{name})"
PLAIN, FULL, AMENDED, REDACTED, ERASED, WAITING = (
    OF.format(name=name) for name in ("plain", "full", "amended", "redacted", "erased", "waiting")
)
SWAP = (
    "UPDATE comment SET submission_id = CASE submission_id WHEN :plain_id THEN :other_id ELSE :plain_id END "
    "WHERE submission_id IN (:plain_id, :other_id)"
)
ATTACKS = {
    "a changed comment": (f"UPDATE comment SET body = 'Forged.' WHERE {PLAIN}", {("contents", "plain")}),
    "words that wait": (f"UPDATE comment SET body = 'Forged.' WHERE {WAITING}", {("contents", "waiting")}),
    "the words of an amendment": (f"UPDATE comment SET body = 'Forged.' WHERE {AMENDED}", {("contents", "amended")}),
    "another stance": (
        f"UPDATE comment SET stance = 'support' WHERE {PLAIN}", {("contents", "plain"), ("comment_counts", "")},
    ),
    "a changed salt": (
        "UPDATE submission SET salt = sha256(salt) WHERE reference = :plain", {("contents", "plain")},
    ),
    "a salt that was destroyed": (
        "UPDATE submission SET salt = NULL WHERE reference = :plain", {("salt", "plain")},
    ),
    "comments of two submissions swapped": (SWAP, {("contents", "plain"), ("contents", "other")}),
    "another paragraph": (
        "UPDATE comment SET provision_id = (SELECT p.id FROM provision p WHERE p.version_id = (SELECT version_id FROM "
        f"provision WHERE id = comment.provision_id) AND p.number = '2.2') WHERE {PLAIN}",
        {("contents", "plain"), ("comment_counts", "")},
    ),
    "other words of the draft": (
        f"UPDATE comment SET anchor = jsonb_set(anchor, '{{start}}', '3') WHERE anchor IS NOT NULL AND {FULL}",
        {("contents", "full")},
    ),
    "another answer to a question": (
        f"UPDATE comment SET body = 'No.' WHERE question_id IS NOT NULL AND {FULL}", {("contents", "full")},
    ),
    "an answer to another question": (
        f"UPDATE comment SET question_id = question_id + 1 WHERE question_id IS NOT NULL AND {FULL}",
        {("contents", "full")},
    ),
    "another organisation": (
        "UPDATE submission SET organisation_name = 'Forgers' WHERE reference = :full", {("contents", "full")},
    ),
    "another kind of submitter": (
        "UPDATE submission SET submitter_kind = 'person' WHERE reference = :full", {("kind", "full")},
    ),
    "another country": ("UPDATE submission SET country = 'SE' WHERE reference = :full", {("contents", "full")}),
    "other evidence": (f"UPDATE evidence SET reference = '10.1000/y' WHERE {FULL}", {("contents", "full")}),
    "evidence that is gone": (f"DELETE FROM evidence WHERE {FULL}", {("contents", "full")}),
    "another reference": (
        "UPDATE submission SET reference = 'X-1' WHERE reference = :plain", {("contents", "X-1")},
    ),
    "an earlier version that is gone": (f"DELETE FROM former_words WHERE {AMENDED}", {("earlier_missing", "amended")}),
    "an earlier version that does not open": (
        f"UPDATE former_words SET sealed = sha256(sealed) WHERE {AMENDED}", {("earlier", "amended")},
    ),
    "a public text that hides nothing": (
        f"UPDATE comment SET redacted_body = NULL, redactions = NULL WHERE {REDACTED}", {("redaction", "redacted")},
    ),
    "a public text that says something else": (
        f"UPDATE comment SET redacted_body = 'My █████ lies.' WHERE {REDACTED}", {("redaction", "redacted")},
    ),
    "a forged redaction": (
        "UPDATE comment SET redacted_body = 'My cousin Ana in █████ says so.', redactions = "
        f"""'[{{"start": 17, "end": 21, "reason": "third_person"}}]' WHERE {REDACTED}""",
        {("redaction", "redacted")},
    ),
    "a redaction that nobody decided": (
        "UPDATE comment SET redacted_body = '█████ for the exchange.', redactions = "
        f"""'[{{"start": 0, "end": 3, "reason": "third_person"}}]' WHERE {PLAIN}""",
        {("redaction", "plain")},
    ),
    "a published comment that is not shown": (
        f"UPDATE comment SET shown = false WHERE {PLAIN}", {("shown", "plain")},
    ),
    "a waiting comment that is shown": (f"UPDATE comment SET shown = true WHERE {WAITING}", {("shown", "waiting")}),
    "words that come back after erasure": (
        f"UPDATE comment SET body = 'Remembered.' WHERE {ERASED}", {("not_erased", "erased")},
    ),
    "another time": (
        "UPDATE submission SET received_at = received_at - interval '1 day' WHERE reference = :plain",
        {("received_at", "plain")},
    ),
    "a forged answer": ("UPDATE response SET reasons = 'Forged.'", {("answer", "argument")}),
    "a forged outcome": ("UPDATE response SET outcome = 'not_accepted'", {("answer", "argument")}),
    "an answer that is gone": ("DELETE FROM response", {("answer_count", "argument")}),
    "a forged draft": ("UPDATE version SET source = 'Forged.'", {("draft", "draft")}),
    "a forged digest": (
        "UPDATE digest SET body = jsonb_set(body, '{version}', '0') WHERE NOT empty", {("digest", "digest")},
    ),
    "a digest that is gone": ("DELETE FROM digest", {("digest_no_row", "digest")}),
    "a running count": (
        "UPDATE tally SET n = n + 1 WHERE id = (SELECT min(id) FROM tally WHERE provision_id IS NULL)",
        {("books", "books")},
    ),
}  # fmt: skip


def test_each_forgery_is_found_by_its_reference(session: Session, scene: Scene) -> None:
    names = {
        name: getattr(scene, name).reference
        for name in ("plain", "other", "full", "amended", "redacted", "erased", "waiting")
    }
    values = {**names, "plain_id": scene.plain.id, "other_id": scene.other.id}
    known, missed = {reference: name for name, reference in names.items()}, {}
    for attack, (statement, expected) in ATTACKS.items():
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), {name: it for name, it in values.items() if f":{name}" in statement})
        got = {(one.code, known.get(one.about, one.about)) for one in check_everything(session)}
        session.rollback()
        if not got or any(not _has(got, code, about) for code, about in expected):
            missed[attack] = got
    assert missed == {}
    assert check_everything(session) == []


def _has(got: set[tuple[str, str]], code: str, about: str) -> bool:
    """Check whether the audit found something: by name for a submission, by code for all else."""
    return (code, about) in got or (code not in OF_SUBMISSIONS and code in {one for one, _about in got})


OF_SUBMISSIONS = {"contents", "kind", "not_erased", "received_at", "redaction", "salt", "shown"}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE comment SET provision_id = (SELECT id FROM provision WHERE number = '1.2' ORDER BY id DESC LIMIT 1) "
         "WHERE anchor IS NOT NULL", "place"),
        ("UPDATE comment SET anchor = jsonb_set(anchor, '{start}', '3') WHERE anchor IS NOT NULL", "place"),
        ("UPDATE placement SET anchor = jsonb_set(anchor, '{start}', '3') WHERE placer = 'author' "
         "AND anchor IS NOT NULL", "contents"),
        ("UPDATE placement SET provision_id = (SELECT id FROM provision WHERE number = '1.2' ORDER BY id LIMIT 1) "
         "WHERE placer = 'author'", "contents"),
        ("DELETE FROM placement", "contents"),
    ],
)  # fmt: skip
def test_a_comment_that_was_carried_to_a_later_version_is_not_put_elsewhere(
    session: Session, statement: str, code: str
) -> None:
    sent = carried(session)
    reference = sent.reference
    forge(session, statement)
    assert (code, reference) in found(session)


# Deleted rows, with all counts adjusted


DELETE = (
    "DELETE FROM comment WHERE submission_id = :id",
    "DELETE FROM ledger WHERE subject_id = :id AND kind LIKE 'submission.%'",
    "DELETE FROM submission WHERE id = :id",
)


def balance(session: Session, scene: Scene) -> None:
    """Makes the running counts those of the rows, whatever they were."""
    forge(
        session,
        "DELETE FROM tally",
        "INSERT INTO tally (consultation_id, provision_id, stance, state, n) SELECT consultation_id, NULL, NULL, "
        "state, count(*) FROM submission GROUP BY 1, 4",
        "INSERT INTO tally (consultation_id, provision_id, stance, state, n) SELECT c.consultation_id, c.provision_id, "
        "c.stance, s.state, count(*) FROM comment c JOIN submission s ON s.id = c.submission_id "
        "WHERE c.provision_id IS NOT NULL GROUP BY 1, 2, 3, 4",
    )


def vanish(session: Session, scene: Scene, identifier: int) -> None:
    forge(session, *DELETE, id=identifier)
    balance(session, scene)


def test_a_submission_that_vanished_with_its_entries_and_its_counts_leaves_a_gap(
    session: Session, scene: Scene
) -> None:
    vanish(session, scene, scene.plain.id)
    got = audit(session)
    assert {one.code for one in got} == {"gap"}
    assert got[0].sentence.startswith("Missing from the public record: entr")


def test_a_submission_that_vanished_and_left_its_entries_is_named(session: Session, scene: Scene) -> None:
    identifier = scene.plain.id
    forge(session, DELETE[0], DELETE[2], id=identifier)
    balance(session, scene)
    assert ("no_row", f"Submission {identifier}") in found(session)


def test_entries_that_close_the_gap_break_the_chain(session: Session, scene: Scene) -> None:
    vanish(session, scene, scene.plain.id)
    forge(
        session,
        "UPDATE ledger SET number = number + 100000",
        "UPDATE ledger l SET number = n FROM (SELECT id, row_number() OVER (ORDER BY number) AS n FROM ledger) AS o "
        "WHERE o.id = l.id",
    )
    assert {"chain", "tail"} & {code for code, _about in found(session)}


def test_a_tail_that_was_cut_off_is_missed_by_the_chain_or_by_any_follower(session: Session, scene: Scene) -> None:
    forge(session, "DELETE FROM ledger WHERE number > (SELECT max(number) - 1 FROM ledger)")
    assert "tail" in {code for code, _about in found(session)}
    forge(session, "DELETE FROM ledger_head")
    assert "tail" in {code for code, _about in found(session)}


def test_an_entry_that_was_changed_with_its_row_breaks_the_chain(session: Session, scene: Scene) -> None:
    """The forger changes the words, and the commitment and salt to fit them."""
    forge(session, "UPDATE ledger SET commitment = sha256(commitment) WHERE commitment IS NOT NULL AND number = 1")
    assert "chain" in {code for code, _about in found(session)}


def test_a_row_without_an_entry_is_named(session: Session, scene: Scene) -> None:
    forge(session, "DELETE FROM ledger WHERE subject_id = :id AND kind LIKE 'submission.%'", id=scene.plain.id)
    assert ("no_entry", scene.plain.reference) in found(session)


# Health, and the command


def health(client: FlaskClient) -> tuple[str, str]:
    answer = client.get("/health", headers={"Accept": "application/json"})
    assert answer.json
    return answer.json["checks"]["audit"], client.get("/health").text


@pytest.mark.parametrize("attack", ["a changed comment", "a forged answer", "a vanished submission"])
def test_health_is_degraded_with_a_sentence_and_well_again_once_it_is_mended(
    app: Flask, session: Session, scene: Scene, client: FlaskClient, attack: str
) -> None:
    audit(session)
    reference = scene.plain.reference
    assert health(client)[0] == "ok"
    if attack == "a vanished submission":
        vanish(session, scene, scene.plain.id)
    else:
        forge(
            session, ATTACKS[attack][0], **({"plain": scene.plain.reference} if ":plain" in ATTACKS[attack][0] else {})
        )
    audit(session)
    status, page = health(client)
    assert status == "degraded"
    assert "does not match the public record" in page or "do not match the public record" in page
    assert reference not in page, "what waits or was withheld is nobody's to list"
    if attack == "a changed comment":
        forge(session, f"UPDATE comment SET body = 'Pay for the exchange.' WHERE {PLAIN}", plain=reference)
        audit(session)
        assert health(client)[0] == "ok"


def test_a_round_begins_again_only_after_a_pause_and_a_slice_goes_on_where_the_last_one_stopped(
    session: Session, scene: Scene
) -> None:
    steps = 0
    while made := service.run_slice(session, seconds=0):
        steps += made
    assert steps >= len(service.CHECKS)
    assert service.get_state(session).checked_at is not None
    assert service.run_slice(session, seconds=60) == 0
    assert service.run_slice(session, seconds=60, at=now() + timedelta(hours=2)) >= len(service.CHECKS)


def test_a_check_whose_rounds_take_all_the_time_keeps_no_other_from_its_turn(session: Session, scene: Scene) -> None:
    moment = now()
    for _slice in range(40):
        moment += timedelta(hours=2)  # longer than a round's pause: the first check is due again each time
        service.run_slice(session, seconds=0, at=moment)
    state = service.get_state(session)
    assert state.checked_at is not None
    assert moment - state.checked_at < timedelta(hours=60)


def test_what_new_entries_are_about_is_looked_at_before_its_turn_comes(session: Session, scene: Scene) -> None:
    made = filing.file(session, scene.row, "New words.", published=True)
    forge(session, "UPDATE comment SET body = 'Forged.' WHERE submission_id = :id", id=made.id)
    level(session)
    assert [(one.code, one.about) for one in service.list_findings(session)] == [("contents", made.reference)]


def test_the_public_log_shows_the_head_that_the_audit_takes(
    session: Session, scene: Scene, client: FlaskClient
) -> None:
    number, digest = chain.compute_head(session)
    shown = re.search(r">(\d+):([0-9a-f]{64})<", client.get("/log").text)
    assert shown
    assert (int(shown[1]), shown[2]) == (number, digest.hex())
    assert chain.check_remembered(session, number=number, digest=digest) == []
