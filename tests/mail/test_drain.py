from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.crypto import blind_index
from consult.core.db import db
from consult.core.web.access import Role
from consult.mail import dead_letters, folder, outbox, queries, service, suppression
from consult.mail import drain as mail_drain
from consult.mail.model import AddressFailure, Letter, LetterContent, State, Suppression
from consult.mail.retries import CUT_PAUSES, MAX_REFUSALS
from consult.mail.service import LetterCopy
from consult.operator import service as operator
from tests import factories
from tests.mail.post_office import PostOffice, post_office

Post = Callable[..., Letter]


def drain() -> int:
    return mail_drain.drain(budget=10)


def due(session: Session) -> None:
    """Lets the time pass until every waiting letter is due."""
    session.execute(update(Letter).values(next_at=now() - timedelta(seconds=1)))
    session.commit()


def tried(session: Session, letter: Letter) -> Letter:
    """Tried once more; a test server on a busy machine may be too slow to greet, which counts for nothing."""
    before = fresh(session, letter).attempts
    for _time in range(20):
        due(session)
        drain()
        if fresh(session, letter).attempts > before:
            return letter
    raise AssertionError("it was never tried")


def fresh(session: Session, letter: Letter) -> Letter:
    session.rollback()
    session.refresh(letter)
    return letter


def failed_yesterday(session: Session, address: str) -> None:
    session.add(AddressFailure(index=blind_index(address), reason="550 5.1.1", at=now() - timedelta(days=1)))
    session.commit()


def edition(session: Session, readers: int, quote: str = "words") -> None:
    copies = [
        LetterCopy(
            f"edition:{n}", f"reader{n}@example.org", {"List-Unsubscribe": "<{{stop}}>"}, {"stop": f"https://c/{n}"}
        )
        for n in range(readers)
    ]
    said = {"shared_key": "edition", "template": "test/edition", "language": "en", "quote": quote}
    service.post_all(session, copies=copies, **said)
    session.commit()


def test_a_letter_comes_from_the_site_by_the_name_that_it_has_in_the_language_of_the_letter(
    office: PostOffice, post: Post, session: Session
) -> None:
    names = {("name", "en"): "Ask us", ("name", "ar"): "استشارة"}
    operator.save(session, by=factories.account(session, Role.ADMIN), values=names)
    session.commit()
    for language in ("en", "ar", "fr"):
        post(to=f"{language}@example.org", language=language)
    assert drain() == 3
    named = {taken.message["To"]: str(taken.message["From"]) for taken in office.taken}
    said = {"en": "Ask us", "ar": "استشارة", "fr": "Ask us"}
    assert named == {f"{code}@example.org": f"{name} <desk@consult.test>" for code, name in said.items()}


def test_a_letter_arrives_with_its_headers_and_both_bodies(office: PostOffice, post: Post) -> None:
    letter = post(who="Ada & co", headers={"X-Note": "one"})
    assert drain() == 1
    message = office.taken[0].message
    assert message["To"] == "ada@example.org"
    assert message["From"] == "Consult <desk@consult.test>"
    assert message["Message-ID"] == letter.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Note"] == "one"
    assert message["Date"].datetime == letter.created_at.replace(microsecond=0)
    plain, html = message.iter_parts()
    assert "Dear Ada & co," in plain.get_content()
    assert '<p style="color: red;">Dear Ada &amp; co,</p>' in html.get_content()


def test_a_sent_letter_leaves_no_address_and_no_words(session: Session, office: PostOffice, post: Post) -> None:
    letter = post(fields={"a": "b"})
    drain()
    letter = fresh(session, letter)
    assert letter.state is State.SENT
    assert letter.sent_at is not None
    assert (letter.to_sealed, letter.fields_sealed, letter.content_id) == (None, None, None)
    assert session.scalars(select(LetterContent)).all() == []


def test_an_edition_goes_to_each_reader_once_on_one_connection(session: Session, office: PostOffice) -> None:
    edition(session, 120, quote="{{stop}} & more")
    assert drain() == 120
    assert office.connections == 1
    assert sorted(taken.to for taken in office.taken) == sorted(f"reader{n}@example.org" for n in range(120))
    for n in (0, 77):
        (taken,) = office.to(f"reader{n}@example.org")
        plain, html = taken.message.iter_parts()
        assert f"Stop: https://c/{n}" in plain.get_content()
        assert "{{stop}} & more" in plain.get_content()
        assert f'href="https://c/{n}"' in html.get_content()
        assert taken.message["List-Unsubscribe"] == f"<https://c/{n}>"
    assert session.scalars(select(LetterContent.shared)).all() == [True]


def test_a_sent_edition_keeps_its_words_and_leaves_no_address_of_its_readers(
    session: Session, office: PostOffice
) -> None:
    edition(session, 3)
    assert drain() == 3
    kept = session.execute(select(Letter.state, Letter.to_sealed, Letter.fields_sealed)).all()
    assert [tuple(row) for row in kept] == [(State.SENT, None, None)] * 3
    assert session.scalars(select(LetterContent.shared)).all() == [True]


def test_two_workers_at_once_send_each_letter_once(app: Flask, session: Session, office: PostOffice) -> None:
    edition(session, 400)

    def work() -> None:
        with app.app_context():
            drain()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken.to for taken in office.taken) == sorted(f"reader{n}@example.org" for n in range(400))


@pytest.mark.parametrize(
    "fault",
    ["rcpt 450 4.2.1 busy", "rcpt 421 closing", "data 451 4.3.0 later", "end 452 4.3.1 full", "cut before the end"],
)
def test_a_refusal_for_now_is_tried_again_later_under_the_same_name(
    session: Session, office: PostOffice, post: Post, fault: str
) -> None:
    office.faults = lambda _to, n: fault if n == 1 else ""
    letter, before = post(), now()
    drain()
    letter = fresh(session, letter)
    assert (letter.state, letter.attempts, office.taken) == (State.PENDING, 1, [])
    assert timedelta(seconds=20) < letter.next_at - before < timedelta(seconds=60)
    assert drain() == 0
    due(session)
    drain()
    assert fresh(session, letter).state is State.SENT
    assert [taken.id for taken in office.taken] == [letter.message_id]


@pytest.mark.parametrize(
    ("fault", "gone"),
    [("rcpt 550 5.1.1 nobody", True), ("rcpt 550 nobody", True), ("rcpt 550 5.7.1 policy", False),
     ("rcpt 552 5.2.2 full", False), ("data 554 5.7.1 no", False), ("end 554 5.6.0 no", False)],
)  # fmt: skip
def test_a_refusal_for_good_is_not_repeated(
    session: Session, office: PostOffice, post: Post, fault: str, gone: bool
) -> None:
    office.faults = lambda _to, _n: fault
    letter = post()
    failed_yesterday(session, "ada@example.org")
    drain()
    letter = fresh(session, letter)
    assert letter.state is State.FAILED
    assert (letter.reason or "").startswith(fault.split()[1])
    assert letter.to_sealed is None
    assert bool(session.scalars(select(Suppression)).all()) is gone
    due(session)
    assert drain() == 0
    assert office.tries["ada@example.org"] == 1


def test_the_neighbours_of_a_refused_letter_are_sent(session: Session, office: PostOffice) -> None:
    faults = {0: "rcpt 550 5.1.1 no", 1: "cut before the end", 2: "end 451 later", 3: "rcpt 421 bye"}
    office.faults = lambda to, n: faults.get(int(to[6 : to.index("@")]), "") if n == 1 else ""
    edition(session, 8)
    drain()
    assert sorted(taken.to for taken in office.taken) == [f"reader{n}@example.org" for n in range(4, 8)]
    due(session)
    drain()
    assert len(office.taken) == 7


def test_a_letter_to_a_suppressed_address_is_not_sent_and_says_why(
    session: Session, office: PostOffice, post: Post
) -> None:
    suppression.close_address(session, address="Ada@Example.org", reason="bounced: 5.1.1")
    letter = post()
    drain()
    letter = fresh(session, letter)
    assert (letter.state, letter.reason, letter.to_sealed) == (State.SUPPRESSED, "bounced: 5.1.1", None)
    assert office.taken == []


def test_a_letter_cut_after_its_end_is_sent_once_more_with_the_same_message_id(
    session: Session, office: PostOffice, post: Post
) -> None:
    office.faults = lambda _to, n: "cut after the end" if n == 1 else ""
    letter = post()
    drain()
    assert fresh(session, letter).state is State.UNCERTAIN
    due(session)
    drain()
    assert fresh(session, letter).state is State.SENT
    assert [taken.id for taken in office.taken] == [letter.message_id] * 2
    assert office.taken[0].raw == office.taken[1].raw


def test_a_letter_cut_without_being_taken_is_sent_again_until_it_is(
    session: Session, office: PostOffice, post: Post
) -> None:
    faults = ["dropped at the end", "dropped at the end", "data 451 later", "dropped at the end", ""]
    office.faults = lambda _to, n: faults[n - 1]
    letter = post()
    for cuts in (1, 2, 2, 3):
        assert (tried(session, letter).state, letter.cuts) == (State.UNCERTAIN, cuts)
    assert tried(session, letter).state is State.SENT
    assert [taken.id for taken in office.taken] == [letter.message_id]


def test_a_letter_in_doubt_is_repeated_nine_times_over_more_than_four_days_and_then_kept(
    session: Session, office: PostOffice, post: Post
) -> None:
    office.faults = lambda _to, _n: "cut after the end"
    letter, pauses = post(), list[timedelta]()
    for _time in range(len(CUT_PAUSES)):
        assert tried(session, letter).state is State.UNCERTAIN
        pauses.append(letter.next_at - now())
    assert pauses[:5] == sorted(pauses[:5])
    assert timedelta(days=4) < sum(pauses, timedelta()) < timedelta(days=5)
    letter = tried(session, letter)
    assert (letter.state, letter.reason) == (State.DEAD, "cut after the end, 10 times: it may have arrived")
    due(session)
    assert drain() == 0
    assert {taken.raw for taken in office.taken} == {office.taken[0].raw}
    assert len(office.taken) == 1 + len(CUT_PAUSES)


def test_a_letter_that_is_refused_for_now_is_tried_for_four_to_five_days(
    session: Session, office: PostOffice, post: Post
) -> None:
    office.faults = lambda _to, _n: "rcpt 451 4.7.1 greylisted"
    letter, waited = post(), timedelta()
    for _time in range(MAX_REFUSALS - 1):
        assert tried(session, letter).state is State.PENDING
        waited += letter.next_at - now()
    assert timedelta(days=4) - timedelta(minutes=1) < waited < timedelta(days=5, minutes=1)
    letter = tried(session, letter)
    assert (letter.state, letter.reason) == (State.DEAD, "too many attempts, last: 451 4.7.1")


@pytest.fixture
def dead(session: Session, post: Post) -> Letter:
    """A letter that was given up."""
    letter = post()
    letter.state, letter.attempts, letter.cuts, letter.reason = State.DEAD, 10, 10, "cut"
    session.commit()
    return letter


def test_a_dead_letter_degrades_the_health_until_it_is_sent_again(
    session: Session, office: PostOffice, dead: Letter
) -> None:
    assert queries.check_outbox(session).dead == 1
    (row,) = dead_letters.list_dead_letters(session).items
    assert (row.kind, row.host, row.reason, row.attempts) == ("note", "example.org", "cut", 10)
    assert dead_letters.send_again(session) == 1
    session.commit()
    drain()
    assert fresh(session, dead).state is State.SENT
    assert [taken.id for taken in office.taken] == [dead.message_id]
    assert queries.check_outbox(session).dead == 0


def test_a_dead_letter_that_is_ended_leaves_no_address_and_no_words(
    session: Session, office: PostOffice, dead: Letter
) -> None:
    assert dead_letters.end_letters(session, letter_ids=[dead.id]) == 1
    session.commit()
    dead = fresh(session, dead)
    assert (dead.state, dead.reason, dead.to_sealed, dead.content_id) == (State.FAILED, "ended: cut", None, None)
    assert session.scalars(select(LetterContent)).all() == []
    assert dead_letters.send_again(session, letter_ids=[dead.id]) == 0


def test_a_dead_letter_is_kept_for_thirty_days(session: Session, dead: Letter) -> None:
    assert dead_letters.end_expired(session, at=dead.next_at + timedelta(days=30)) == 0
    assert dead_letters.end_expired(session, at=dead.next_at + timedelta(days=30, seconds=1)) == 1


def test_a_letter_of_an_edition_that_is_ended_leaves_the_words_to_the_other_readers(session: Session) -> None:
    edition(session, 2)
    letter = session.scalars(select(Letter).order_by(Letter.id)).first()
    assert letter
    letter.state = State.DEAD
    session.commit()
    dead_letters.end_letters(session, letter_ids=[letter.id])
    session.commit()
    assert session.scalars(select(LetterContent.shared)).all() == [True]
    assert fresh(session, letter).content_id is not None


def test_a_server_that_is_away_costs_letters_no_attempt(app: Flask, session: Session, post: Post) -> None:
    with post_office() as gone:
        url = gone.url
    usual = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(usual, smtp_url=url)
    try:
        letter = post()
        drain()
    finally:
        app.config["SETTINGS"] = usual
    letter = fresh(session, letter)
    assert (letter.state, letter.attempts) == (State.PENDING, 0)
    assert letter.next_at > now() + timedelta(seconds=20)


def test_a_letter_whose_lease_went_to_another_is_left_alone(app: Flask, session: Session, post: Post) -> None:
    post()
    with outbox.open_connection() as connection:
        (mine,) = outbox.claim(connection, due=now(), held=now() - timedelta(seconds=1), most=5)
        (theirs,) = outbox.claim(connection, due=now(), held=now() + timedelta(seconds=30), most=5)
        assert not outbox.start(connection, mine, lease=now() + timedelta(seconds=60))
        assert outbox.start(connection, theirs, lease=now() + timedelta(seconds=60))


def test_a_letter_that_this_key_does_not_open_does_not_stop_the_others(
    session: Session, office: PostOffice, post: Post
) -> None:
    broken = post("eve@example.org")
    session.execute(update(Letter).values(to_sealed=b"\x00" * 40))
    session.commit()
    post("ada@example.org")
    drain()
    assert [taken.to for taken in office.taken] == ["ada@example.org"]
    assert fresh(session, broken).state is State.PENDING


def test_without_a_server_each_letter_is_a_file_that_can_be_read(app: Flask, session: Session, post: Post) -> None:
    letter = post(subject="paragraph 2.1 · الفقرة")
    drain()
    data_dir = app.config["SETTINGS"].data_dir
    name = f"{letter.id:09d}.eml"
    assert name in [listed.name for listed in folder.list_letters(data_dir)]
    stored = folder.read_letter(data_dir, name)
    assert stored is not None
    assert stored.subject == "A note about paragraph 2.1 · الفقرة"
    assert stored.to == "ada@example.org"
    assert "Dear Ada" in stored.text
    assert "Dear Ada" in stored.html
    assert "Message-ID: <" in stored.source
    assert folder.read_letter(data_dir, "../../etc/passwd") is None
    assert fresh(session, letter).state is State.SENT


def rows_read(connection: Connection) -> int:
    """Count the rows and index entries of the outbox read so far, by connections that reported it."""
    connection.execute(text("SELECT pg_stat_force_next_flush()"))
    asked = text(
        "SELECT (SELECT seq_tup_read FROM pg_stat_user_tables WHERE relid = 'letter'::regclass) + "
        "(SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relid = 'letter'::regclass)"
    )
    connection.execute(text("SELECT pg_stat_clear_snapshot()"))
    return int(connection.scalar(asked) or 0)


def send_claimed(connection: Connection, most: int) -> int:
    """Marks up to so many letters as started and sent; gives how many."""
    held = now() + timedelta(minutes=5)
    letters = outbox.claim(connection, due=now(), held=held, most=most)
    for letter in letters:
        assert outbox.start(connection, letter, lease=held)
        outbox.end(connection, letter, State.SENT, None, shared=True, at=now())
    return len(letters)


def test_a_letter_is_marked_by_its_number_also_with_plans_kept_from_a_tiny_outbox(app: Flask, post: Post) -> None:
    many = 120
    with outbox.open_connection() as connection:
        connection.execute(text("DELETE FROM delivery"))
        connection.execute(text("DELETE FROM letter"))
        connection.execute(text("VACUUM (ANALYZE) letter"))
        for n in range(12):  # until the driver keeps the statements
            post(key=f"few:{n}")
            assert send_claimed(connection, many) == 1
        for n in range(many):
            post(key=f"many:{n}")
        before = rows_read(connection)
        assert send_claimed(connection, many) == many
        assert rows_read(connection) - before < 20 * many


def test_what_is_set_for_the_outbox_does_not_stay_with_the_connection(app: Flask) -> None:
    with outbox.open_connection() as connection:
        process = connection.scalar(text("SELECT pg_backend_pid()"))
        assert connection.scalar(text("SHOW plan_cache_mode")) == "force_generic_plan"
    assert db.session.scalar(text("SELECT pg_backend_pid()")) == process
    for name, usual in (("plan_cache_mode", "auto"), ("enable_seqscan", "on"), ("default_transaction_read_only", "on")):
        assert db.session.scalar(text(f"SHOW {name}")) == usual
