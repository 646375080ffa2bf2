from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.mail import draining, folder, outbox, service
from consult.mail.model import Content, Letter, State, Suppression
from consult.mail.service import Copy

from .post_office import PostOffice, post_office

Post = Callable[..., Letter]


def drain() -> int:
    return draining.drain(budget=10)


def due(session: Session) -> None:
    """Lets the time pass until every waiting letter is due."""
    session.execute(update(Letter).values(next_at=now() - timedelta(seconds=1)))
    session.commit()


def fresh(session: Session, letter: Letter) -> Letter:
    session.rollback()
    session.refresh(letter)
    return letter


def edition(session: Session, readers: int, quote: str = "words") -> None:
    copies = [
        Copy(f"edition:{n}", f"reader{n}@example.org", {"List-Unsubscribe": "<{{stop}}>"}, {"stop": f"https://c/{n}"})
        for n in range(readers)
    ]
    said = {"shared_key": "edition", "template": "test/edition", "language": "en", "quote": quote}
    service.post_all(session, copies=copies, **said)
    session.commit()


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
    assert session.scalars(select(Content)).all() == []


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
    assert session.scalars(select(Content.shared)).all() == [True]


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
    service.suppress(session, address="Ada@Example.org", reason="bounced: 5.1.1")
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


def test_a_letter_cut_after_its_end_twice_is_not_sent_a_third_time(
    session: Session, office: PostOffice, post: Post
) -> None:
    office.faults = lambda _to, n: ["cut after the end", "data 451 later", "cut after the end"][n - 1]
    letter = post()
    for state in (State.UNCERTAIN, State.UNCERTAIN, State.DEAD):
        drain()
        assert fresh(session, letter).state is state
        due(session)
    assert drain() == 0
    assert len(office.taken) == 2


def test_a_letter_that_is_refused_for_ever_dies(session: Session, office: PostOffice, post: Post) -> None:
    office.faults = lambda _to, _n: "rcpt 451 4.7.1 greylisted"
    letter = post()
    session.execute(text("UPDATE letter SET attempts = 39"))
    session.commit()
    drain()
    letter = fresh(session, letter)
    assert (letter.state, letter.reason) == (State.DEAD, "too many attempts, last: 451 4.7.1")


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
    with outbox.opened() as connection:
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
    assert name in [listed.name for listed in folder.letters(data_dir)]
    stored = folder.letter(data_dir, name)
    assert stored is not None
    assert stored.subject == "A note about paragraph 2.1 · الفقرة"
    assert stored.to == "ada@example.org"
    assert "Dear Ada" in stored.text
    assert "Dear Ada" in stored.html
    assert "Message-ID: <" in stored.source
    assert folder.letter(data_dir, "../../etc/passwd") is None
    assert fresh(session, letter).state is State.SENT
