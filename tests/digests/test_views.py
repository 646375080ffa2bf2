from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from consult.core.clock import now
from consult.core.db import db
from consult.core.web.access import Role
from consult.digests import letters as delivery_letters
from consult.digests.content.body import ReaderDuty
from consult.digests.model import Cadence, Digest, Subscription
from consult.digests.render import current_quotes, task_phrases
from consult.documents.model import Provision
from consult.mail import drain, folder
from consult.mail.message import build_template
from consult.mail.render import render_letter
from tests import factories
from tests.filing import comment, file

Compile = Callable[..., Digest]
Subscribe = Callable[..., Subscription]
SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def desk(session: Session, sign_in: SignIn) -> FlaskClient:
    """The browser of a policymaker."""
    return sign_in(factories.account(session, Role.POLICYMAKER))


def statements(run: Callable[[], object]) -> int:
    """Count the SQL statements of a request."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        run()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_a_policymaker_subscribes_changes_and_stops(session: Session, sign_in: SignIn) -> None:
    row = factories.consultation(session)
    account = factories.account(session, Role.POLICYMAKER)
    browser = sign_in(account)
    address = f"/desk/subscriptions/{row.slug}"
    assert "Subscribe" in browser.get(address).text
    assert browser.post(address, data={"cadence": "weekly", "language": "ar"}).status_code == 303
    kept = session.scalars(select(Subscription)).one()
    assert (kept.account_id, kept.cadence, kept.language) == (account.id, Cadence.WEEKLY, "ar")
    assert row.title in browser.get("/desk").text
    browser.post(address, data={"cadence": "daily", "language": "en"})
    session.refresh(kept)
    assert (kept.cadence, kept.next_cadence, kept.language) == (Cadence.WEEKLY, Cadence.DAILY, "en")
    assert browser.post(f"{address}/end").status_code == 303
    session.refresh(kept)
    assert kept.ended_at is not None
    browser.post(address, data={"cadence": "daily", "language": "en"})
    session.refresh(kept)
    assert (kept.cadence, kept.ended_at) == (Cadence.DAILY, None)
    assert len(session.scalars(select(Subscription)).all()) == 1


@pytest.mark.parametrize(
    "data", [{"cadence": ""}, {"cadence": "hourly", "language": "en"}, {"cadence": "daily", "language": "tlh"}]
)
def test_a_form_that_is_not_filled_in_says_so(session: Session, desk: FlaskClient, data: dict[str, str]) -> None:
    row = factories.consultation(session)
    session.commit()
    answer = desk.post(f"/desk/subscriptions/{row.slug}", data=data)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text


def test_closing_cannot_be_subscribed_to_once_it_has_closed(session: Session, desk: FlaskClient) -> None:
    row = factories.consultation(session, closes_at=now() - timedelta(hours=1))
    session.commit()
    answer = desk.post(f"/desk/subscriptions/{row.slug}", data={"cadence": "closing", "language": "en"})
    assert answer.status_code == 422
    assert "has closed" in answer.text


def test_a_digest_is_a_page_with_its_finding_and_verbatim_quotes(
    session: Session, desk: FlaskClient, compile: Compile
) -> None:
    row = factories.consultation(session)
    for n in range(3):
        file(
            session,
            row,
            comment(session, row, f"Sixty per cent is <b>low</b> & late, number {n}.", "2.1"),
            published=True,
        )
    digest = compile(row)
    page = desk.get(f"/desk/digests/{digest.id}").text
    assert "3 of 3 new submissions on paragraph 2.1 raise concerns" in page
    assert "Sixty per cent is &lt;b&gt;low&lt;/b&gt; &amp; late, number" in page
    assert digest.body.manifest.input in page


def test_every_link_of_a_digest_leads_somewhere(session: Session, desk: FlaskClient, compile: Compile) -> None:
    row = factories.consultation(session, questions=1)
    for n in range(12):
        said = [
            comment(session, row, f"Words {n % 4}.", "2.1", "concern"),
            comment(session, row, f"More {n}.", "", None),
        ]
        file(session, row, *said, organisation=f"O{n}" if n % 2 else None, answers={0: "Yes."}, published=n > 1)
    for _copy in range(5):
        file(session, row, "We all say this.", published=True)
    digest = compile(row)
    page = desk.get(f"/desk/digests/{digest.id}").text
    links = set(re.findall(r'href="(/(?:desk|c)/[^"#]*)', page))
    assert len(links) > 25
    assert [link for link in links if desk.get(link.replace("&amp;", "&")).status_code != 200] == []


def test_a_digest_with_nothing_new_says_so(session: Session, desk: FlaskClient, compile: Compile) -> None:
    row = factories.consultation(session)
    session.commit()
    digest = compile(row)
    answer = desk.get(f"/desk/digests/{digest.id}")
    assert (answer.status_code, "Nothing new" in answer.text) == (200, True)
    assert desk.get(f"/desk/digests/{digest.id}/list/received").status_code == 404
    assert desk.get("/desk").status_code == 200


def test_a_copy_is_sent_at_the_press_of_the_button(
    app: Flask, session: Session, desk: FlaskClient, compile: Compile
) -> None:
    row = factories.consultation(session)
    file(session, row, comment(session, row, "What this is about, said once.", "2.1"), published=True)
    digest = compile(row)
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        page = desk.get(f"/desk/digests/{digest.id}").text
        form = re.search(rf'<form method="post" action="(/desk/digests/{digest.id}/[^"]+)">(.*?)</form>', page, re.S)
        assert form
        fields = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', form[2]))
        assert desk.post(form[1], data=fields).status_code == 303
    finally:
        app.config["WTF_CSRF_ENABLED"] = False


def test_only_a_reply_is_waited_for(session: Session, desk: FlaskClient, compile: Compile) -> None:
    row = factories.consultation(session)
    file(session, row, comment(session, row, "What this is about, said once.", "2.1"), published=True)
    page = desk.get(f"/desk/digests/{compile(row).id}").text
    assert "The consultation is open until" in page
    assert ("Next steps" in page, "Waiting for you" in page) == (True, False)
    answer = replace(compile(row, "closing").body, duty=ReaderDuty(kind="answer", days=3))
    assert str(task_phrases.duty_title(answer)) == "Waiting for you"


def test_weekly_is_chosen_already(session: Session, desk: FlaskClient) -> None:
    row = factories.consultation(session)
    session.commit()
    page = desk.get(f"/desk/subscriptions/{row.slug}").text
    (chosen,) = [tag for tag in re.findall(r"<input[^>]*>", page) if 'name="cadence"' in tag and " checked" in tag]
    assert 'value="weekly"' in chosen


def test_the_letter_has_all_headers_and_is_small(
    app: Flask, session: Session, subscribe: Subscribe, compile: Compile
) -> None:
    row = factories.consultation(session, chapters=5, paragraphs=9)
    subscribe(row)
    for n in range(60):
        place = f"{n % 5 + 1}.{n % 9 + 1}"
        file(session, row, comment(session, row, f"Number {n}: " + "words of somebody. " * 40, place), published=True)
    compile(row)
    drain.drain(budget=5)
    listed = folder.list_letters(app.config["SETTINGS"].data_dir)[0]
    letter = folder.read_letter(app.config["SETTINGS"].data_dir, listed.name)
    assert letter is not None
    head = letter.source.split("\n\n")[0]
    for header in (
        "List-Unsubscribe: <http://localhost/unsubscribe/", "mailto:",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        f"List-Id: <{row.slug}.digests.localhost>", "Auto-Submitted: auto-generated", "References: <subscription.",
        "Message-ID: <",
    ):  # fmt: skip
        assert header in head
    (sheet,) = letter.files
    page = app.test_client().get(f"/outbox/{listed.name}").text
    assert sheet.name in page
    link = re.search(r'href="(/outbox/[^"]+/file/0)"', page)
    assert link
    assert app.test_client().get(link[1]).data.startswith(b"%PDF-")
    assert app.test_client().get(f"/outbox/{listed.name}/file/1").status_code == 404
    assert len(letter.html.encode()) < 100_000
    assert re.search(r'href="http://localhost/unsubscribe/\d+-\w+"', letter.html)
    assert "http://localhost/unsubscribe/" in letter.text
    assert "<script" not in letter.html
    assert "<img" not in letter.html


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_letter_full_of_long_arabic_quotes_is_under_100_kilobytes(
    session: Session, compile: Compile, language: str
) -> None:
    words = "تحتاج المجتمعات المحلية إلى خدمات قريبة من الناس وإلى من يسمعهم "
    row = factories.consultation(session, questions=1, chapters=5, paragraphs=9, title=words, body=words)
    session.execute(update(Provision).values(text=words * 5))
    for n in range(180):
        stance = ["support", "concern", "wording", "evidence"][n % 4]
        said = comment(session, row, f"رقم {n} {words * 4}"[:275] + ".", f"{n % 5 + 1}.{n % 9 + 1}", stance)
        file(session, row, said, organisation=f"منظمة رقم {n} {words}"[:60], published=True)
    for letter in range(5):
        for _copy in range(5):
            file(session, row, f"رسالة {letter} {words * 4}"[:270] + ".", published=True)
    digest = compile(row)
    body = current_quotes.fill_quotes(session, digest.body)
    context = {
        **delivery_letters.build_context(digest, body),
        "place": lambda _name: "https://consult.example.org/unsubscribe/x",
    }
    raw = build_template(render_letter(delivery_letters.TEMPLATE, language, context), "").pour({})
    assert 60_000 < len(raw) < 100_000


def test_one_click_unsubscribes_without_cookie_or_token_and_looking_does_not(
    app: Flask, session: Session, client: FlaskClient, subscribe: Subscribe
) -> None:
    kept = subscribe(factories.consultation(session))
    address = f"/unsubscribe/{delivery_letters.unsubscribe_token(kept.id)}"
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert client.get(address).status_code == 200
        session.refresh(kept)
        assert kept.ended_at is None
        answer = client.post(address, data={"List-Unsubscribe": "One-Click"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    session.refresh(kept)
    assert kept.ended_at is not None
    assert client.post(address).status_code == 200


@pytest.mark.parametrize(
    "token", ["1", "1-", "x-y", "999999999999999999999-a", "-1-a", "1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "١-a"]
)
def test_a_guessed_unsubscribe_link_is_not_found(
    client: FlaskClient, session: Session, subscribe: Subscribe, token: str
) -> None:
    subscribe(factories.consultation(session))
    assert client.post(f"/unsubscribe/{token}").status_code == 404


def test_a_page_of_the_desk_needs_as_many_statements_with_ten_times_as_much(
    session: Session, desk: FlaskClient, compile: Compile
) -> None:
    row = factories.consultation(session)
    counts = []
    for many in (3, 30):
        for n in range(many):
            file(session, row, f"Words {many} {n}.", organisation=f"O{n}", published=True)
        digest = compile(row)
        number = digest.id
        session.commit()
        pages = (
            "/desk",
            f"/desk/digests/{number}",
            f"/desk/digests/{number}/list/received",
            f"/desk/digests/{number}/list/all-at:chp_1__para_1",
        )
        counts.append([statements(lambda page=page: desk.get(page)) for page in pages])
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 9


def test_what_changed_since_the_last_edition_opens_its_list(
    session: Session, desk: FlaskClient, compile: Compile
) -> None:
    row = factories.consultation(session)
    for stance, many in (("support", 6), ("concern", 9)):
        for n in range(many):
            said = comment(session, row, f"Somebody says {stance} for the reason number {n}.", "2.1", stance)
            file(session, row, said, person=f"P{n}", published=True)
        digest = compile(row)
    page = desk.get(f"/desk/digests/{digest.id}").text
    address = f"/desk/digests/{digest.id}/list/all-at:chp_2__para_1:concern"
    moved = "Share of “Raises a concern” on paragraph 2.1: 0 of 6 (0%) before, 9 of 15 (60%) now."
    assert f'<a href="{address}">{moved}</a>' in page
    assert "9 submissions on paragraph 2.1: Raises a concern" in desk.get(address).text
