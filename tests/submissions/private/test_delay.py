"""Anonymous submissions are delayed, so that public pages do not show when they were sent."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.drafts import service as drafts
from consult.consultations.model import Consultation, Phase
from consult.core.clock import now
from consult.core.db import db
from consult.core.errors import NotFound
from consult.core.settings import Settings
from consult.core.web.access import Allow
from consult.documents.model import Provision
from consult.ledger import service as ledger
from consult.ledger.model import LedgerEntry
from consult.submissions import counters, filing_rules, return_codes
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment, DraftContent
from consult.submissions.model import Comment, Draft, Stance, Submission, Tally
from consult.submissions.private import delay
from consult.submissions.private.service import save_draft
from tests import factories, filing
from tests.forms import pressed
from tests.submissions.test_traceless import come_back, filed, press, write

HOURS = 24


@pytest.fixture
def waits(app: Flask) -> Iterator[None]:
    before: Settings = app.config["SETTINGS"]
    app.config.update(SETTINGS=replace(before, private_wait=HOURS))
    yield
    app.config.update(SETTINGS=before)


@pytest.fixture
def stopped() -> Iterator[datetime]:
    """A clock that stands: pages that say how long ago something was stay the same."""
    with time_machine.travel(now().replace(minute=5), tick=False):
        yield now()


@pytest.fixture
def consultation(session: Session, stopped: datetime) -> Consultation:
    row = factories.consultation(session, questions=1, no_identity=True)
    filing.file(session, row, "Said in public before.", published=True)
    ledger.number_entries(session)
    session.commit()
    return row


def say(session: Session, consultation: Consultation, words: str = "Sixty is low.", **more: Any) -> str:
    """Sends words without identity; gives the code."""
    code = return_codes.new_code()
    writing = DraftContent({WHOLE_DRAFT: DraftComment(words, Stance.CONCERN)})
    delay.hold(session, consultation=consultation, code=code, writing=writing, hours=HOURS, **more)
    return code


def public_addresses(app: Flask, it: Consultation, reference: str) -> Iterator[str]:
    """Every page for everybody that takes nothing, or a consultation, or a reference."""
    urls = app.url_map.bind("localhost")
    known = {"slug": it.slug, "reference": reference}
    for rule in app.url_map.iter_rules():
        allow = getattr(app.view_functions[rule.endpoint], "allow", None)
        if allow is Allow.ANYONE and "GET" in (rule.methods or ()) and rule.arguments <= known.keys():
            yield urls.build(rule.endpoint, {name: known[name] for name in rule.arguments})


_DRAWN = re.compile(rb'name="(?:csrf_token|code|key|mark|sealed|token)"[^>]*>|value="[^"]{40,}"|<li>[a-z]+</li>')


def watch(app: Flask, it: Consultation, reference: str) -> dict[str, tuple[int, Any, Any, bytes]]:
    """Return the response of each page to a visitor without a cookie, without the random parts of forms."""
    seen = {}
    for address in sorted(public_addresses(app, it, reference)):
        answer = app.test_client().get(address)
        body = _DRAWN.sub(b"", answer.data) if answer.mimetype != "application/zip" else b""
        seen[address] = (answer.status_code, answer.headers.get("ETag"), answer.headers.get("Last-Modified"), body)
    return seen


def test_no_public_page_tells_that_something_was_sent_until_it_is_released(
    app: Flask, session: Session, consultation: Consultation, waits: None, stopped: datetime
) -> None:
    reference = session.scalars(select(Submission.reference)).one()
    ledger.number_entries(session)
    session.commit()
    before = watch(app, consultation, reference)
    assert len(before) > 30
    assert before == watch(app, consultation, reference), "pages that differ by themselves prove nothing"
    filed(app.test_client(), consultation.slug)
    counters.fold(session)
    ledger.number_entries(session)
    session.commit()
    assert watch(app, consultation, reference) == before
    session.execute(Draft.__table__.update().values(due_at=now()))
    assert delay.release(session, at=now()) == 1
    ledger.number_entries(session)
    session.commit()
    after = watch(app, consultation, reference)
    assert [address for address in before if after[address] != before[address]], "a watcher who sees nothing at all"


def test_nothing_of_it_is_in_the_books_or_before_moderators_until_it_is_due(
    session: Session, consultation: Consultation, stopped: datetime
) -> None:
    def count() -> list[int]:
        return [
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Submission, Comment, LedgerEntry, Tally)
        ]

    before = count()
    say(session, consultation)
    due = session.scalars(select(Draft.due_at)).one()
    assert due is not None
    assert delay.release(session, at=due - timedelta(minutes=1)) == 0
    assert count() == before
    assert delay.release(session, at=due) == 1
    assert [after - was for after, was in zip(count(), before, strict=True)][:3] == [1, 1, 1]
    assert delay.release(session, at=due) == 0


def test_when_it_was_sent_is_not_stored(session: Session, consultation: Consultation, stopped: datetime) -> None:
    say(session, consultation)
    row = session.scalars(select(Draft)).one()
    assert row.due_at == row.updated_at
    assert row.due_at is not None
    assert row.due_at.replace(minute=0, second=0, microsecond=0) == row.due_at
    delay.release(session, at=row.due_at)
    filed = session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()
    assert filed.received_at == row.due_at


def test_it_is_due_on_a_full_hour_at_random_within_the_day(consultation: Consultation) -> None:
    at = now()
    drawn = [delay.draw_due(consultation, at=at, hours=HOURS) for _one in range(400)]
    assert min(drawn) >= at + timedelta(hours=1)
    assert max(drawn) <= at + timedelta(hours=HOURS)
    assert len(set(drawn)) > 20, "each hour of the day is drawn"
    assert all(delay.draw_due(consultation, at=at, hours=1) <= at + timedelta(hours=1) for _one in range(9))


def test_all_of_an_hour_are_filed_together_and_not_in_the_order_they_were_sent(
    session: Session, consultation: Consultation, stopped: datetime
) -> None:
    for number in range(12):
        say(session, consultation, f"Words {number}")
    session.execute(Draft.__table__.update().values(due_at=stopped))
    assert delay.release(session, at=stopped) == 12
    bodies = session.scalars(select(Comment.body).where(Comment.body.like("Words %")).order_by(Comment.id)).all()
    sent = [f"Words {number}" for number in range(12)]
    assert sorted(bodies) == sorted(sent)
    assert bodies != sent  # one in 479,001,600 runs would be wrong


def test_what_was_sent_before_the_closing_is_in_time_and_counted_soon_after_it(
    session: Session, consultation: Consultation, stopped: datetime
) -> None:
    consultation.closes_at = stopped + timedelta(minutes=10)
    session.flush()
    say(session, consultation)
    due = session.scalars(select(Draft.due_at)).one()
    assert due is not None
    assert due <= consultation.closes_at + timedelta(hours=2)
    assert delay.release(session, at=due + timedelta(hours=5)) == 1  # the clock was away
    filed = session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()
    assert filed.received_at < consultation.closes_at
    assert not filed.late


def test_a_version_that_was_published_meanwhile_keeps_nothing_from_being_filed(
    session: Session, consultation: Consultation, stopped: datetime
) -> None:
    place = session.scalars(
        select(Provision.id).where(Provision.version_id == consultation.version_id, Provision.kind == "paragraph")
    ).first()
    writing = DraftContent({place or 0: DraftComment("On words that go.", Stance.CONCERN)})
    delay.hold(session, consultation=consultation, code=return_codes.new_code(), writing=writing, hours=HOURS)
    owner = session.get_one(Account, consultation.owner_id)
    next_text = "# Plan\n\n## 7 All else\n\n7.1 Nothing that was said before."
    drafts.prepare_next(session, number=consultation.id, by=owner, text=next_text)
    drafts.publish(session, number=consultation.id, by=owner)
    assert delay.release(session, at=stopped + timedelta(days=1)) == 1
    assert session.scalars(select(Comment.provision_id).where(Comment.body == "On words that go.")).one() == place


def test_what_was_sent_late_says_so(session: Session, consultation: Consultation, stopped: datetime) -> None:
    consultation.opens_at, consultation.closes_at = stopped - timedelta(days=9), stopped - timedelta(hours=1)
    consultation.late_until = stopped + timedelta(hours=1)
    session.flush()
    say(session, consultation)
    session.execute(Draft.__table__.update().values(due_at=stopped + timedelta(hours=20)))
    assert delay.release(session, at=stopped + timedelta(hours=20)) == 1
    filed = session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one()
    assert filed.late
    assert filed.received_at < consultation.late_until


def test_who_sent_it_reads_when_it_is_counted_takes_it_back_or_changes_it(
    client: FlaskClient, session: Session, consultation: Consultation, waits: None
) -> None:
    words = filed(client, consultation.slug)
    due = session.scalars(select(Draft.due_at)).one()
    page = come_back(client, words)
    assert "Your submission was sent. You do not need to do anything else." in page.text
    assert due is not None
    form = press(client, page, "change", "/return/do")
    assert "Sixty per cent is low." in form.text
    at = f"/n/{consultation.slug}"
    checked = client.post(at, data=pressed(form.text, ("do", "check"), body_0="Seventy is better."))
    press(client, checked, "send", at)
    session.expire_all()
    assert session.scalars(select(Draft.due_at)).one() == due, "a change does not draw again"
    delay.release(session, at=due)
    session.commit()
    assert "Seventy is better." in come_back(client, words).text
    other = filed(client, consultation.slug)
    asked = press(client, come_back(client, other), "forget", "/return/do")
    assert "Undo sending your submission?" in asked.text
    session.expire_all()
    assert len(session.scalars(select(Draft)).all()) == 1, "one press destroys nothing"
    taken = press(client, asked, "forget-now", "/return/do")
    assert "Submission erased" in taken.text
    assert session.scalars(select(Draft)).all() == []


def test_what_was_filed_while_its_author_was_asked_is_shown_and_not_said_to_be_erased(
    client: FlaskClient, session: Session, consultation: Consultation, waits: None
) -> None:
    asked = press(client, come_back(client, filed(client, consultation.slug)), "forget", "/return/do")
    delay.release(session, at=now() + timedelta(days=2))
    session.commit()
    shown = press(client, asked, "forget-now", "/return/do")
    assert "Submission erased" not in shown.text
    assert "Sixty per cent is low." in shown.text
    session.expire_all()
    assert "Sixty per cent is low." in session.scalars(select(Comment.body)).all()


def test_sending_twice_files_once(
    client: FlaskClient, session: Session, consultation: Consultation, waits: None
) -> None:
    checked = write(client, consultation.slug)
    for _time in range(2):
        assert press(client, checked, "send", f"/n/{consultation.slug}").status_code == 200
    assert delay.release(session, at=now() + timedelta(days=2)) == 1
    session.commit()
    assert press(client, checked, "send", f"/n/{consultation.slug}").status_code == 200
    assert session.scalar(select(func.count()).select_from(Submission).where(Submission.author_key.is_(None))) == 1


def test_what_cannot_be_filed_is_refused_when_it_is_sent(session: Session, consultation: Consultation) -> None:
    consultation.closes_at = now() - timedelta(minutes=1)
    session.flush()
    with pytest.raises(filing_rules.ConsultationClosed):
        say(session, consultation)
    assert session.scalars(select(Draft)).all() == []


def test_what_is_refused_when_it_is_due_does_not_hold_up_the_others(
    session: Session, consultation: Consultation, stopped: datetime
) -> None:
    other = factories.consultation(session, no_identity=True)
    say(session, other)
    say(session, consultation)
    session.execute(Draft.__table__.update().values(due_at=stopped))
    other.phase = Phase.DRAFT  # as nothing that an owner does makes it
    session.flush()
    assert delay.release(session, at=stopped) == 1
    left = session.scalars(select(Draft)).one()
    session.refresh(left)
    assert left.due_at is not None
    assert stopped < left.due_at <= stopped + timedelta(hours=1)


def test_a_code_of_one_consultation_sends_nothing_to_another(session: Session, consultation: Consultation) -> None:
    code = say(session, consultation)
    other = factories.consultation(session, no_identity=True)
    writing = DraftContent({WHOLE_DRAFT: DraftComment("For another one.", Stance.CONCERN)})
    with pytest.raises(NotFound, match="another consultation"):
        delay.hold(session, consultation=other, code=code, writing=writing, hours=HOURS)


def test_one_that_cannot_be_read_holds_up_no_other(session: Session, consultation: Consultation) -> None:
    for _each in range(3):
        say(session, consultation)
    broken = session.scalars(select(Draft).where(Draft.due_at.is_not(None)).order_by(Draft.id)).first()
    assert broken is not None
    broken.sealed = b"nothing that any key opens"
    session.commit()
    later = now() + timedelta(hours=HOURS + 1)
    assert delay.release(session, at=later) == 2
    assert [row.id for row in session.scalars(select(Draft).where(Draft.due_at > later))] == [broken.id]


WAITING_FOR_A_LOCK = text(
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.mark.parametrize("words", ["Seventy is better.", "Sixty per cent is low."])
def test_what_is_sent_again_in_the_second_of_filing_changes_what_was_filed(
    app: Flask, client: FlaskClient, session: Session, consultation: Consultation, waits: None, words: str
) -> None:
    code, at = filed(client, consultation.slug), f"/n/{consultation.slug}"
    form = press(client, come_back(client, code), "change", "/return/do")
    checked = client.post(at, data=pressed(form.text, ("do", "check"), body_0=words))
    later = now() + timedelta(hours=HOURS + 1)
    answers: list[int] = []
    sender = threading.Thread(
        target=lambda: answers.append(press(app.test_client(), checked, "send", at).status_code), daemon=True
    )
    with Session(db.engine) as clock:
        assert delay.release(clock, at=later) == 1
        sender.start()
        while sender.is_alive() and not session.scalar(WAITING_FOR_A_LOCK):
            session.rollback()
        clock.commit()
    sender.join(60)
    session.rollback()
    assert answers == [200]
    assert session.scalars(select(Draft)).all() == []
    assert session.scalars(select(Comment.body).where(Comment.body == words)).all() == [words]
    assert session.scalar(select(func.count()).select_from(Submission).where(Submission.author_key.is_(None))) == 1


def test_a_change_that_was_kept_apart_from_what_was_filed_is_filed_as_a_change(
    session: Session, consultation: Consultation, stopped: datetime
) -> None:
    code = say(session, consultation)
    assert delay.release(session, at=stopped + timedelta(hours=HOURS)) == 1
    changed = DraftContent({WHOLE_DRAFT: DraftComment("Seventy is better.", Stance.CONCERN)})
    save_draft(session, consultation=consultation, code=code, writing=changed, due_at=stopped)
    assert delay.release(session, at=stopped + timedelta(hours=HOURS)) == 1
    assert session.scalars(select(Draft)).all() == []
    assert "Seventy is better." in session.scalars(select(Comment.body)).all()
    assert session.scalar(select(func.count()).select_from(Submission)) == 2, "with the one said in public before"
