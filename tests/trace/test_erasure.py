"""Erased means gone: nothing that is kept holds what was erased, and nothing confirms a guess of it."""

from __future__ import annotations

import io
import logging
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from consult.analysis import queries as analysis
from consult.analysis.model import Campaign, CountedSubmission, TextGroup
from consult.arguments.model import Argument
from consult.core.crypto import UnsealError, unseal_bytes
from consult.core.database.key_check import SEALED_COLUMNS
from consult.core.settings import Settings
from consult.digests import queries as digests
from consult.digests.content.body_json import canonical_form
from consult.ledger.model import Kind, LedgerEntry
from consult.mail import drain
from consult.moderation.model import Decision
from consult.submissions import queries
from consult.submissions import values as submissions_values
from consult.submissions.model import NO_TEXT, State, Submission
from consult.submissions.values import text_hash
from consult.trace import erasure
from tests import factories, filing
from tests.arguments import speaking
from tests.canaries import crawl, dump, elsewhere, holds
from tests.forms import pressed
from tests.guesses import is_confirmed
from tests.trace.erasing import COUNTRY, PEOPLE, TEXTS, Erased, follow, live

SignIn = Callable[[Any], FlaskClient]
PLACES = {
    "comment.body", "decision.internal_note", "decision.note", "batch.internal_note", "appeal.answer", "report.answer",
    "evidence.description", "stored_file.text", "translation.body", "submission.person_name",
}  # fmt: skip
"""Where words stand before they are erased: the canaries are alive."""
CONFIRMING = {
    "submission.text_hash", "text_group.text_hash", "analysis_text.marks", "claim.key", "claim.proof",
    "heard_text.text_hash", "search_indexed.made_from", "stored_file.sha256", "translation.of_words",
}  # fmt: skip
"""Where a guess is confirmed before."""
NAMED = {("batch.note", "batch note"), ("decision.note", "batch note")}
"""What stays, as `docs/erasure.md` says: a note that went to the authors of several submissions at once."""


def guesses() -> list[str]:
    """Return the guesses of somebody who suspects these words: each text, its sentences, all together."""
    texts = [*TEXTS.values(), *PEOPLE.values()]
    sentences = [part for text in texts for part in re.split(r"(?<=[.:])\s+", text)]
    together = ["\n".join((TEXTS[first], TEXTS["answer"])) for first in ("words", "first wording")]
    return sorted({*texts, *sentences, *together})


def found(kept: Iterable[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """Return the places of each canary, and of each confirmed guess."""
    hits: set[tuple[str, str]] = set()
    for place, data in kept:
        hits |= {(place, name) for name, words in {**TEXTS, **PEOPLE}.items() if holds(data, words)}
        hits |= {(place, f"confirms {guess}") for guess in is_confirmed(guesses(), data)}
    return hits


def by_place(session: Session) -> Iterator[tuple[str, bytes]]:
    """The values of each column of the database together."""
    columns: dict[str, list[bytes]] = {}
    for place, data in dump(session):
        columns.setdefault(place, []).append(data)
    return ((place, b"\0".join(values)) for place, values in columns.items())


def pg_dump(settings: Settings) -> bytes:
    """The whole database as an operator backs it up, in plain SQL."""
    where = make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(["pg_dump", "--no-owner", where], check=True, capture_output=True).stdout


def opened(session: Session) -> Iterator[tuple[str, bytes]]:
    """Return the sealed data that can be opened with the key."""
    for table, column, salt in SEALED_COLUMNS:
        rows = session.execute(text(f"SELECT {column}, {salt} FROM {table} WHERE {column} IS NOT NULL"))
        for sealed, salted in rows:
            try:
                yield f"opened {table}.{column}", unseal_bytes(bytes(sealed), salt=bytes(salted or b""))
            except UnsealError:
                continue


def erase(case: Erased, client: FlaskClient) -> str:
    """Erases it as its author does; gives what the page promised."""
    at = f"/r/{case.submission.reference}/{case.secret}/erase"
    page = client.get(at).text
    assert client.post(at, data=pressed(page)).status_code == 303
    assert client.get(f"/r/{case.submission.reference}/{case.secret}").status_code == 404
    return page


def shown(case: Erased, sign_in: SignIn) -> dict[str, bytes]:
    """Every page and file that links lead to, of the public, a subscriber, the owner and a moderator."""
    anybody = sign_in(case.reader).application.test_client()
    at, number = f"/c/{case.consultation.slug}", case.digests[0].id
    pages = crawl(anybody, "/", at, f"/r/{case.submission.reference}", "/search.csv", "/search.jsonl", "/log.csv")
    pages |= crawl(sign_in(case.reader), "/desk", f"/desk/digests/{number}")
    pages |= crawl(sign_in(case.owner), f"/desk/arguments/{case.consultation.slug}")
    review = f"/review/{case.submission.id}"
    return pages | {f"as moderator {path}": data for path, data in crawl(sign_in(case.moderators[0]), review).items()}


def test_what_is_erased_is_nowhere_and_no_guess_of_it_is_confirmed(
    settings: Settings, session: Session, sign_in: SignIn, client: FlaskClient, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    case = live(session)
    by_column = dict(by_place(session))
    before = found(by_column.items())
    assert {place for place, _what in before} >= PLACES | CONFIRMING
    assert f"confirms {TEXTS['first wording']}" not in {what for _place, what in before}, "what was amended is sealed"
    assert not is_confirmed(["\n".join((TEXTS["first wording"], TEXTS["answer"]))], by_column["text_group.text_hash"])
    assert {name for _place, name in found(opened(session))} >= {
        "words",
        "first wording",
        "draft",
        "email",
        "report",
        "remark",
    }

    erase(case, client)
    at_once = {(place, what) for place, what in found(by_place(session)) if not what.startswith("confirms")}
    assert at_once == NAMED
    follow(session, case.consultation)
    drain.drain(budget=5)
    for path in Path(settings.data_dir).rglob("*.eml"):
        path.unlink()  # here a folder stands for the wire
    assert found(by_place(session)) == NAMED
    assert found([*opened(session), *elsewhere(settings)]) == set()
    assert found([("pg_dump", pg_dump(settings))]) == {("pg_dump", "batch note")}
    captured = capfd.readouterr()
    assert found([("logs", (caplog.text + captured.out + captured.err).encode())]) == set()
    pages = shown(case, sign_in)
    assert f"/desk/digests/{case.digests[0].id}" in pages
    assert {what for _page, what in found(pages.items())} <= {"batch note"}


def test_the_books_the_editions_and_the_decisions_stand_as_they_were(session: Session, client: FlaskClient) -> None:
    case = live(session)
    row, it = case.submission, case.consultation
    digest = case.digests[0]
    acts = select(Decision.moderator_id, Decision.outcome, Decision.reason, Decision.at).order_by(Decision.id)
    decided = session.execute(acts.where(Decision.submission_id == row.id)).all()
    erase(case, client)
    follow(session, it)
    books = queries.audit(session, it.id)
    assert (books.erased, books.received) == (1, 4)
    totals = analysis.get_totals(session, it.id)
    assert totals.balanced
    assert (totals.texts, totals.erased) == (3, 1), "the text that nobody has sent any longer is none"
    assert session.execute(acts.where(Decision.submission_id == row.id)).all() == decided
    assert not session.scalar(text("SELECT count(*) FROM tally WHERE state = 'erased' AND stance IS NOT NULL"))
    promised = select(LedgerEntry.commitment).where(
        LedgerEntry.kind == Kind.DIGEST_COMPILED, LedgerEntry.subject_id == digest.id
    )
    form = canonical_form(digests.get_body(digests.get_digest(session, digest.id)))
    assert session.scalars(promised).one() == sha256(form).digest(), "an edition is never changed"
    assert COUNTRY not in dict(session.execute(text("SELECT key, n FROM heard_count")).all()), (
        "nor that Tuvalu was there"
    )


def test_the_page_that_asks_says_what_goes_and_what_stays(session: Session, client: FlaskClient) -> None:
    case = live(session)
    said = erase(case, client)
    assert "We permanently erase the words and earlier versions." in said
    assert "We also erase moderators’ notes" in said
    assert "digests already sent" in said


def test_erasing_again_or_late_changes_nothing(session: Session, client: FlaskClient) -> None:
    case = live(session)
    erase(case, client)
    follow(session, case.consultation)
    follow(session, case.consultation)  # what chores have said of it since
    session.execute(text("UPDATE follower SET upto = 1 WHERE name = 'erasure'"))
    before = queries.audit(session, case.consultation.id), analysis.get_totals(session, case.consultation.id)
    follow(session, case.consultation)
    assert found(by_place(session)) == NAMED
    assert (queries.audit(session, case.consultation.id), analysis.get_totals(session, case.consultation.id)) == before


def test_what_an_earlier_release_left_of_what_was_erased_goes_too(session: Session, client: FlaskClient) -> None:
    case = live(session)
    row, it = case.submission, case.consultation
    left = bytes(row.text_hash)
    erase(case, client)
    follow(session, it)
    session.execute(update(Submission).where(Submission.id == row.id).values(text_hash=left))
    session.execute(update(CountedSubmission).where(CountedSubmission.submission_id == row.id).values(text_hash=left))
    session.add(TextGroup(consultation_id=it.id, text_hash=left, first_number=1, received=1, published=0))
    session.execute(text("UPDATE analysis_state SET texts = texts + 1"))
    session.execute(
        text("UPDATE heard_counted SET text_hash = :left WHERE submission_id = :id"), {"left": left, "id": row.id}
    )
    session.execute(text("INSERT INTO heard_text VALUES (:it, 'x', :left, 0)"), {"it": it.id, "left": left})
    plain = sha256(TEXTS["words"].encode()).digest()
    session.execute(
        text("UPDATE digest_quote SET sha256 = :plain WHERE submission_id = :id"), {"plain": plain, "id": row.id}
    )
    noted = update(Decision).where(Decision.submission_id == row.id)
    session.execute(noted.values(internal_note=TEXTS["internal note"], note=TEXTS["note"]))
    session.execute(text("UPDATE follower SET upto = 1 WHERE name = 'erasure'"))
    session.commit()
    assert found(by_place(session)) > NAMED
    follow(session, it)
    assert found(by_place(session)) == NAMED
    assert analysis.get_totals(session, it.id).texts == 3
    assert queries.audit(session, it.id).erased == 1


def test_a_copy_that_is_erased_is_told_from_no_other_and_the_letter_of_nobody_is_forgotten(session: Session) -> None:
    it = factories.consultation(session)
    words = "We, the lamplighters of Quorvath, ask the council to spare the thimbleberry from every levy it may plan."
    rows = [filing.file(session, it, words, published=True) for _ in range(6)]
    filing.file(session, it, "Somebody else says something else.", published=True)
    key = text_hash([words])
    follow(session, it)
    campaign = session.scalars(select(Campaign)).one()
    assert (campaign.members, bytes(campaign.letter_hash)) == (6, key)
    erasure.erase(session, rows[0])
    follow(session, it)
    session.expire_all()
    assert (campaign.members, campaign.published) == (5, 5)
    assert session.scalars(select(Submission.text_hash).where(Submission.state == State.ERASED)).all() == [NO_TEXT]
    assert analysis.get_totals(session, it.id).texts == 2
    for row in rows[1:]:
        erasure.erase(session, row)
    follow(session, it)
    assert [place for place, data in by_place(session) if is_confirmed([words], data)] == []
    totals = analysis.get_totals(session, it.id)
    assert (totals.balanced, totals.texts, totals.published) == (True, 1, 1)


def test_of_an_argument_that_is_erased_no_phrase_term_or_voice_stays(session: Session) -> None:
    it = factories.consultation(session)
    said = [words.replace("hepatitis", "quorvathitis") for words in speaking.NEEDLES]
    rows = [
        filing.file(session, it, words, organisation=f"Guild of {n} Zeppelins", published=True)
        for n, words in enumerate(said)
    ]
    for words in speaking.PRISONS:
        filing.file(session, it, words, published=True)
    follow(session, it)
    speaking.propose(session, it)
    kept = dict(by_place(session))
    assert any(b"quorvath" in kept[place] for place in ("argument.phrases", "argument_ground.terms"))
    assert b"zeppelins" in kept["argument_voice.submitter"]
    before = session.scalars(select(Argument.voices).order_by(Argument.id)).all()
    for row in rows:
        erasure.erase(session, row)
    follow(session, it)
    gone = [place for place, data in by_place(session) if b"quorvath" in data.lower() or b"zeppelin" in data.lower()]
    assert gone == []
    after = session.scalars(select(Argument.voices).order_by(Argument.id)).all()
    assert sorted(after) == [0, *sorted(before)[1:]]
    assert submissions_values.text_hash([said[0]]) not in set(session.scalars(select(TextGroup.text_hash)))


def test_a_withdrawn_submission_keeps_its_words_for_its_author_and_for_nobody_else(
    session: Session, sign_in: SignIn, client: FlaskClient
) -> None:
    case = live(session)
    at = f"/r/{case.submission.reference}/{case.secret}/withdraw"
    assert client.post(at, data=pressed(client.get(at).text)).status_code == 303
    follow(session, case.consultation)
    session.expire_all()
    kept = zipfile.ZipFile(io.BytesIO(client.get(f"/r/{case.submission.reference}/{case.secret}/data").data))
    assert TEXTS["words"] in kept.read("submission.json").decode()
    anybody = crawl(sign_in(case.reader).application.test_client(), "/", f"/c/{case.consultation.slug}", "/search.csv")
    anybody |= crawl(sign_in(case.reader), f"/desk/digests/{case.digests[0].id}")
    theirs = {"words", "answer", "evidence", "translation", "name", "email"}
    assert {what for _page, what in found(anybody.items())} & theirs == set()
