"""Practice: a copy that its owner alone opens, that counts nowhere, and that leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, func, or_, select
from sqlalchemy.orm import Session
from werkzeug.routing import BuildError

from consult.accounts.model import Account
from consult.audit import books, submissions
from consult.consultations import names
from consult.consultations import service as consultations
from consult.consultations.model import Consultation
from consult.core.clock import CHORES, now
from consult.core.db import Base
from consult.core.errors import Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.ledger.model import LedgerEntry
from consult.practice import exercise, service
from consult.practice.exercise import AnswerFault, ExerciseDecision
from consult.submissions.coalitions import service as coalitions
from consult.submissions.model import Submission
from consult.trace import erasure
from tests import factories, filing
from tests.accounts.letters import letters

SignIn = Callable[[Any], FlaskClient]
CANARY = "Zygomorphic canary"
STAFF = (Role.MODERATOR, Role.POLICYMAKER, Role.ADMIN)


def copied(session: Session) -> tuple[Consultation, Consultation, Account]:
    """A consultation with something in it, and somebody's copy of it under a name of its own."""
    source = factories.with_draft(session, "# Plan\n\n## 1 Aims\n\n1.1 Each State shall report.\n")
    filing.file(session, source, "Said in earnest.", published=True)
    me = factories.account(session, email="practises@example.org")
    made = service.begin_copy(session, source, by=me)
    made.title = f"{CANARY} plan"
    session.commit()
    return source, made, me


def sent(browser: FlaskClient, session: Session, made: Consultation) -> Submission:
    """Filed through the pages that everybody uses."""
    slug = made.slug
    browser.post(f"/c/{slug}/respond/comment/1.1", data={"stance": "drop", "body": f"{CANARY} words", "seen": ""})
    about = {"speaks": "none", "language": "en", "email": "elsewhere@example.org"}
    browser.post(f"/c/{slug}/respond/about", data=about)
    page = browser.get(f"/c/{slug}/respond/check").text
    hidden = {name: page.split(f'name="{name}"')[1].split('value="')[1].split('"')[0] for name in ("key", "mark")}
    answer = browser.post(f"/c/{slug}/respond/check", data=hidden)
    assert answer.status_code == 303, answer.text
    return session.scalars(select(Submission).where(Submission.consultation_id == made.id)).one()


def test_filing_on_a_copy_is_as_in_earnest_and_begins_with_xx(session: Session, sign_in: SignIn) -> None:
    _source, made, me = copied(session)
    browser = sign_in(me)
    reading = browser.get(f"/c/{made.slug}/draft")
    assert "Nothing here counts" in reading.text
    assert reading.headers["X-Robots-Tag"] == "noindex"
    row = sent(browser, session, made)
    assert row.reference.startswith("XX")
    assert "Nothing here counts" in browser.get(f"/c/{made.slug}/sent/{row.reference}").text


def test_letters_of_practice_go_to_whoever_practises_and_to_nobody_else(session: Session, sign_in: SignIn) -> None:
    _source, made, me = copied(session)
    sent(sign_in(me), session, made)
    assert {letter.to for letter in letters(session)} == {"practises@example.org"}


def test_nobody_else_opens_a_copy(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    _source, made, _me = copied(session)
    rests = ("", "/draft", "/comments", "/print", "/draft.md", "/said")
    paths = [f"/c/{made.slug}{rest}" for rest in rests]
    admin = sign_in(factories.account(session, Role.ADMIN))
    assert {browser.get(path).status_code for browser in (client, admin) for path in paths} == {404}


@pytest.mark.parametrize("path", ["follow", "campaigns/declare", "respond/hand-over"])
def test_what_would_write_to_others_cannot_be_practised(session: Session, sign_in: SignIn, path: str) -> None:
    _source, made, me = copied(session)
    answer = sign_in(me).post(f"/c/{made.slug}/{path}", data={"email": "else@example.org"})
    assert answer.status_code == 403
    assert letters(session) == []


def test_only_whoever_practises_can_file_there_and_nobody_is_asked_to_join(session: Session, sign_in: SignIn) -> None:
    _source, made, me = copied(session)
    with pytest.raises(Forbidden):
        filing.file(session, made, "By somebody else.")
    session.rollback()
    row = sent(sign_in(me), session, made)
    other = factories.organisation(session)
    with pytest.raises(Refusal):
        coalitions.invite(session, submission=row, name=other.name)


def test_a_copy_is_never_published(session: Session) -> None:
    source = factories.consultation(session)
    assert source.version_id
    _source, made, me = copied(session)
    me.role = Role.POLICYMAKER
    with pytest.raises(Refusal, match="practice mode"):
        consultations.publish(session, number=made.id, by=me)
    with pytest.raises(Refusal):
        names.check_free_slug(session, "xx-mine")
    assert names.free_slug(session, "xx-mine") == "c-xx-mine"


def places(app: Flask, slug: str) -> Iterator[str]:
    """Every page, feed and file that can be opened without a secret: of the site, and of the consultation copied."""
    adapter = app.url_map.bind("localhost")
    known = {"slug": slug, "form": "md", "key": "1.1", "number": "1.1", "reference": "XX00-AAAA"}
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ("static", "site.leave"):
            continue
        try:
            yield adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
        except (KeyError, BuildError, ValueError):
            continue


def run_clock(session: Session) -> None:
    session.commit()
    for chore in CHORES:
        if not chore.name.startswith("site."):
            chore.run(session)
            session.commit()


def test_a_copy_shows_in_no_public_place(app: Flask, session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    source, made, me = copied(session)
    row = sent(sign_in(me), session, made)
    walkers = [client, *(sign_in(factories.account(session, role)) for role in STAFF)]
    reference, slug, marks = row.reference, source.slug, (CANARY, made.slug, row.reference)
    run_clock(session)
    opened, found = 0, []
    paths = [*places(app, slug), "/search?q=zygomorphic", "/consultations?q=zygomorphic",
             f"/r/{reference}", f"/c/{slug}/comments/{reference}"]  # fmt: skip
    for browser in walkers:
        for path in paths:
            answer = browser.get(path)
            opened += answer.status_code == 200
            body = answer.data.decode(errors="replace")
            asked = [reference] if reference in path else []  # the address itself may be repeated
            found += [(path, mark) for mark in marks if mark in body and mark not in asked]
    assert found == []
    assert opened >= 40 * len(walkers) // 2


def test_practice_moves_no_count_and_no_digest(session: Session, sign_in: SignIn, client: FlaskClient) -> None:
    _source, made, me = copied(session)
    before = {path: client.get(path).text for path in ("/", "/consultations", "/moderation/numbers")}
    sent(sign_in(me), session, made)
    number = made.id
    run_clock(session)
    assert {path: client.get(path).text for path in before} == before
    entries = session.scalars(select(LedgerEntry.kind).where(LedgerEntry.consultation_id == number)).all()
    assert entries
    assert [kind for kind in entries if not kind.startswith("practice.")] == []


def test_the_audit_finds_nothing_wrong_beside_practice(session: Session, sign_in: SignIn) -> None:
    _source, made, me = copied(session)
    sent(sign_in(me), session, made)
    run_clock(session)
    for check in (submissions.check_next, books.check_next):
        after: int | None = 0
        while after is not None:
            found, after = check(session, after=after)
            assert found == []


def rows_of(session: Session, made_id: int, sent_id: int, version_ids: list[int]) -> dict[str, int]:
    """Count the rows of a copy in each table."""
    keys = {"consultation_id": [made_id], "submission_id": [sent_id], "version_id": version_ids}

    def count(table: Table) -> int:
        where = [table.c[name].in_(ids) for name, ids in keys.items() if name in table.c]
        return session.scalar(select(func.count()).select_from(table).where(or_(*where))) or 0 if where else 0

    return {table.name: n for table in Base.metadata.sorted_tables if table.name != "ledger" and (n := count(table))}


def test_after_thirty_days_the_clock_leaves_nothing(session: Session, sign_in: SignIn) -> None:
    source, made, me = copied(session)
    row = sent(sign_in(me), session, made)
    of = made.id, row.id, [made.version_id or 0]
    assert {"submission", "comment", "provision"} <= rows_of(session, *of).keys()
    assert service.erase_due(session, at=now() + timedelta(days=29)) == 0
    assert service.erase_due(session, at=now() + timedelta(days=31)) == 1
    session.commit()
    assert rows_of(session, *of) == {}
    assert session.get(Consultation, source.id) is not None
    assert session.scalars(select(Submission)).all() != []
    assert service.erase_due(session, at=now() + timedelta(days=31)) == 0


def test_a_submission_of_practice_can_be_erased_by_its_author(session: Session, sign_in: SignIn) -> None:
    _source, made, me = copied(session)
    row = sent(sign_in(me), session, made)
    erasure.erase(session, row)
    assert service.erase_due(session, at=now() + timedelta(days=31)) == 1


def test_copies_are_made_and_erased_with_forms(session: Session, sign_in: SignIn) -> None:
    source, made, me = copied(session)
    browser = sign_in(me)
    answer = browser.post("/practice", data={"consultation": source.slug})
    assert "/c/xx-" in answer.headers["Location"]
    browser.post("/practice", data={"consultation": source.slug})
    full = browser.post("/practice", data={"consultation": source.slug})
    assert full.status_code == 422
    assert sign_in(factories.account(session)).post(f"/practice/{made.slug}/erase").status_code == 404
    browser.post(f"/practice/{made.slug}/erase")
    session.expire_all()
    assert len(service.list_copies(session, me)) == 2


def test_what_is_not_public_cannot_be_copied(session: Session) -> None:
    _source, made, me = copied(session)
    with pytest.raises(NotFound):
        service.get_source(session, made.slug)
    with pytest.raises(NotFound):
        service.begin_copy(session, made, by=me)


def test_the_exercise_has_twenty_comments_and_three_traps() -> None:
    cases = exercise.load_cases()
    assert (len(cases), sum(case.trap for case in cases)) == (20, 3)
    assert {case.expected for case in cases} == set(ExerciseDecision)


def test_the_exercise_says_where_one_decided_otherwise_and_keeps_nothing(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(factories.account(session, Role.MODERATOR))
    right = {f"case_{case.number}": str(case.expected) for case in exercise.load_cases()}
    assert "100" in browser.post("/practice/moderation", data=right).text
    wrong = browser.post("/practice/moderation", data={**right, "case_3": "withhold"}).text
    assert "95" in wrong
    assert "laziest" in wrong
    assert browser.post("/practice/moderation", data={}).status_code == 422


def test_the_exercise_on_answers_has_three_traps_and_each_fault() -> None:
    cases = exercise.load_answers()
    assert (len(cases), sum(case.trap for case in cases)) == (10, 3)
    assert {case.expected for case in cases} == set(AnswerFault)


def test_drafters_practise_on_answers_and_are_told_where_they_differ(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(factories.account(session, role=Role.POLICYMAKER))
    assert "/practice/answering" in browser.get("/practice").text
    right = {f"answer_{case.number}": str(case.expected) for case in exercise.load_answers()}
    assert "10 of 10" in browser.post("/practice/answering", data=right).text
    wrong = browser.post("/practice/answering", data={**right, "answer_3": "sound"}).text
    assert "9 of 10" in wrong
    assert "The outcome says accepted" in wrong
    assert browser.post("/practice/answering", data={}).status_code == 422
    assert "/practice/answering" not in sign_in(factories.account(session)).get("/practice").text
