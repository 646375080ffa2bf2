"""The owner's desk in the browser: nothing typed is lost, and nothing is published by mistake."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.followers import service as followers
from consult.consultations.imports import tasks
from consult.consultations.model import Consultation, Phase, Question
from consult.core.clock import now
from consult.core.db import db
from consult.core.web.access import Role
from consult.documents.model import Provision
from tests import factories
from tests.accounts.letters import letters
from tests.consultations.imports.test_service import work
from tests.counting import statements
from tests.forms import pressed

TEXT = "# Plan\n\n## 1 Aims\n\n1.1 One.\n\n## 2 Means\n\n2.1 Money."
TYPED: dict[str, Any] = {
    "title": "Draft Plan on Drugs",
    "body": "Secretariat",
    "summary": "Tell us what works.",
    "purpose": "The **committee** decides.",
    "tags": "Health, Treatment، Health",
    "language": "en",
    "timezone": "Europe/Vienna",
    "opens_at": ["1", "1", "2090", "08:00"],
    "closes_at": ["31", "1", "2090", "17:00"],
    "answer_by": ["1", "6", "2090"],
}
DESK = "/desk/consultations"


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def desk(owner: Account, sign_in: Callable[[Any], FlaskClient]) -> FlaskClient:
    return sign_in(owner)


@pytest.fixture
def set_up(desk: FlaskClient, session: Session) -> Consultation:
    desk.post(f"{DESK}/new", data=TYPED)
    return session.scalars(select(Consultation)).one()


def test_a_policymaker_sets_up_a_consultation_and_publishes_it(desk: FlaskClient, session: Session) -> None:
    answer = desk.post(f"{DESK}/new", data=TYPED, follow_redirects=True)
    row = session.scalars(select(Consultation)).one()
    assert answer.request.path == f"{DESK}/{row.id}"
    assert "Add the text of the draft first." in answer.text
    assert row.opens_at.isoformat() == "2090-01-01T07:00:00+00:00"
    assert row.tags == ["Health", "Treatment"]
    named = desk.post(f"{DESK}/{row.id}/draft", data={"text": TEXT, "do": "titles"}, follow_redirects=True)
    assert named.request.path == f"{DESK}/{row.id}/titles"
    saved = desk.post(f"{DESK}/{row.id}/draft", data={"text": TEXT, "do": "save"}, follow_redirects=True)
    assert "Draft saved" in saved.text
    desk.post(f"{DESK}/{row.id}/questions", data={"wording": "What is missing?", "required": "y"})
    check = desk.get(f"{DESK}/{row.id}/publish").text
    for shown in ("2 chapters, 2 paragraphs", "31 January 2090, 17:00 CET", "What is missing?", "<strong>committee"):
        assert shown in check
    done = desk.post(f"{DESK}/{row.id}/publish", follow_redirects=True)
    assert "Consultation published." in done.text
    session.expire_all()
    assert row.phase is Phase.UPCOMING
    assert desk.get(f"/c/{row.slug}").status_code == 200


def test_what_was_typed_is_kept_beside_what_is_wrong(desk: FlaskClient, session: Session) -> None:
    typed = TYPED | {"title": "", "closes_at": ["31", "2", "2090", "17:00"], "tags": "Health"}
    answer = desk.post(f"{DESK}/new", data=typed)
    assert answer.status_code == 422
    for shown in ("Enter a title", "Enter a real date", "Tell us what works.", 'value="31"', 'value="Health"'):
        assert shown in answer.text
    assert session.scalars(select(Consultation)).all() == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"opens_at": ["28", "3", "2027", "02:30"]}, "02:30 does not exist. Use 03:30"),
        ({"opens_at": ["31", "10", "2027", "02:30"]}, "02:30 comes twice"),
        ({"closes_at": TYPED["opens_at"]}, "must be later than the opening"),
        ({"closes_at": ["31", "1", "2090", "25:00"]}, "Enter a real date and time"),
        ({"answer_by": ["31", "1", "2090"]}, "must be after the closing date"),
        ({"answer_by": ["", "6", "2090"]}, "Enter a real date, such as"),
        ({"timezone": "Mars/Olympus"}, "Choose a time zone from the list"),
        ({"code": "D-27"}, "must have four characters (A–Z or 0–9)"),
        ({"tags": ", ".join(f"topic {n}" for n in range(11))}, "at most 10 topics"),
        ({"title": "t" * 201}, "200 characters or fewer"),
    ],
)
def test_each_mistake_says_what_to_do(desk: FlaskClient, typed: dict[str, Any], says: str) -> None:
    answer = desk.post(f"{DESK}/new", data=TYPED | typed)
    assert answer.status_code == 422
    assert says in answer.text
    assert "Draft Plan on Drugs" in answer.text or "title" in typed


def test_two_browsers_do_not_overwrite_each_other(desk: FlaskClient, set_up: Consultation) -> None:
    address, read = f"{DESK}/{set_up.id}/about", str(set_up.revision)
    assert desk.post(address, data=TYPED | {"revision": read, "summary": "First."}).status_code == 303
    second = desk.post(address, data=TYPED | {"revision": read, "summary": "Second."})
    assert second.status_code == 422
    assert "Someone else has just changed this" in second.text
    assert "Second." in second.text
    assert "First." in desk.get(address).text


def test_a_text_is_previewed_without_being_saved(desk: FlaskClient, session: Session, set_up: Consultation) -> None:
    answer = desk.post(f"{DESK}/{set_up.id}/draft", data={"text": TEXT, "do": "preview"})
    assert answer.status_code == 200
    assert 'id="chp_2__para_1"' in answer.text
    assert session.scalars(select(Provision)).all() == []


def test_problems_are_shown_by_line_and_the_text_is_kept(
    desk: FlaskClient, session: Session, set_up: Consultation
) -> None:
    text = f"## 1 Aims\n\n1.1 One.\n\n1.2 Two <b>bold</b> {'word ' * 5000}."
    answer = desk.post(f"{DESK}/{set_up.id}/draft", data={"text": text, "do": "save"})
    assert answer.status_code == 422
    assert 'data-line="5"' in answer.text
    assert "This text is too long." in answer.text
    assert "1.2 Two &lt;b&gt;bold&lt;/b&gt;" in answer.text
    assert session.scalars(select(Provision)).all() == []


def test_a_file_takes_the_place_of_the_box(desk: FlaskClient, session: Session, set_up: Consultation) -> None:
    upload = (io.BytesIO("## 1 Ziele\n\n1.1 Für alle.".encode("utf-16")), "entwurf.md")
    desk.post(f"{DESK}/{set_up.id}/draft", data={"text": "old", "file": upload, "do": "save"})
    assert [row.text for row in session.scalars(select(Provision).order_by(Provision.position))] == ["", "Für alle."]


def test_a_file_in_another_encoding_is_refused_and_the_box_is_kept(desk: FlaskClient, set_up: Consultation) -> None:
    upload = (io.BytesIO("## 1 Ziele\n\n1.1 Für alle.".encode("latin-1")), "entwurf.txt")
    answer = desk.post(f"{DESK}/{set_up.id}/draft", data={"text": TEXT, "file": upload, "do": "save"})
    assert answer.status_code == 422
    assert "Line 3 is not UTF-8" in answer.text
    assert "to correct" not in answer.text
    assert "2.1 Money." in answer.text


def test_an_empty_draft_says_so(desk: FlaskClient, set_up: Consultation) -> None:
    answer = desk.post(f"{DESK}/{set_up.id}/draft", data={"text": " \n ", "do": "save"})
    assert answer.status_code == 422
    assert "The draft is empty" in answer.text


def test_a_draft_in_arabic_is_read_from_the_right(desk: FlaskClient, set_up: Consultation) -> None:
    desk.post(f"{DESK}/{set_up.id}/about", data=TYPED | {"revision": set_up.revision, "language": "ar"})
    answer = desk.post(
        f"{DESK}/{set_up.id}/draft?lang=ar", data={"text": "## ١ الأهداف\n\n١.١ \u202eعلى كل دولة", "do": "preview"}
    )
    assert 'dir="rtl"' in answer.text
    assert '<div class="para-text" dir="auto" lang="ar">' in answer.text
    assert "\u202e" not in answer.text


def test_a_draft_of_thirty_thousand_words_is_saved(
    app: Flask, desk: FlaskClient, session: Session, set_up: Consultation
) -> None:
    words = "Each State shall do as it says here. " * 25
    text = "".join(f"## {c} Chapter\n\n" + f"{words}\n\n" * 10 for c in range(1, 16))
    assert len(text.split()) > 29_000
    address = f"{DESK}/{set_up.id}/draft"
    place = desk.post(address, data={"text": text, "do": "save"}).headers["Location"]
    path, number = place.rsplit("/", 1)
    assert path.endswith("/imports")
    work(app, session, lambda: tasks.read_draft(db.session(), int(number)))
    shown = desk.get(place, follow_redirects=True).text
    assert session.scalars(select(Provision)).all() == [], "it is looked at first"
    saved = desk.post(address, data=pressed(shown, ("do", "save")))
    assert (saved.status_code, "/imports/" in saved.headers["Location"]) == (303, False)
    assert len(session.scalars(select(Provision)).all()) == 165


def test_a_published_draft_is_shown_and_not_changed(
    desk: FlaskClient, session: Session, owner: Account, set_up: Consultation
) -> None:
    desk.post(f"{DESK}/{set_up.id}/draft", data={"text": TEXT, "do": "save"})
    desk.post(f"{DESK}/{set_up.id}/publish")
    shown = desk.get(f"{DESK}/{set_up.id}/draft").text
    assert "One." in shown
    assert "<textarea" not in shown
    assert desk.post(f"{DESK}/{set_up.id}/draft", data={"text": "## 1 X\n\nY.", "do": "save"}).status_code == 422
    assert "One." in desk.get(f"{DESK}/{set_up.id}/draft").text
    assert "Changes you make here are public immediately" in desk.get(f"{DESK}/{set_up.id}/about").text


def test_what_is_published_says_what_is_in_force(desk: FlaskClient, session: Session, set_up: Consultation) -> None:
    set_up.timezone, set_up.groups, set_up.languages = "America/Lima", [{"name": "Nurses", "target": 3}], ["en", "fr"]
    session.commit()
    desk.post(f"{DESK}/{set_up.id}/draft", data={"text": TEXT, "do": "save"})
    desk.post(f"{DESK}/{set_up.id}/publish")
    own, public = desk.get(f"{DESK}/{set_up.id}").text, desk.get(f"/c/{set_up.slug}").text
    for shown in ("Anyone, with or without an account", "Nurses", "English, Français", "No preview yet."):
        assert shown in own
    assert "Done" not in own
    for page in (own, public):
        assert "11:00 UTC\N{MINUS SIGN}05" in page
        assert "Lima</bdi></dd>" in page
        assert "America/Lima" not in page
    assert "Late submissions are refused" in public


def test_a_published_consultation_can_be_extended(desk: FlaskClient, session: Session, set_up: Consultation) -> None:
    desk.post(f"{DESK}/{set_up.id}/draft", data={"text": TEXT, "do": "save"})
    desk.post(f"{DESK}/{set_up.id}/publish")
    address = f"{DESK}/{set_up.id}/extend"
    assert 'value="17:00"' in desk.get(address).text
    earlier = desk.post(
        address, data={"closes_at": ["30", "1", "2090", "17:00"], "answer_by": TYPED["answer_by"], "reason": "Floods."}
    )
    assert "later than the current closing time" in earlier.text
    check = desk.post(
        address, data={"closes_at": ["7", "2", "2090", "17:00"], "answer_by": TYPED["answer_by"], "reason": "Floods."}
    ).text
    assert "7 February 2090, 17:00 CET" not in desk.get(f"{DESK}/{set_up.id}").text, "it is checked first"
    assert "7 February 2090, 17:00 CET" in check
    changed = desk.post(address, data=pressed(check, ("do", "change")))
    assert (changed.status_code, "Floods." in changed.text) == (200, True)
    desk.post(address, data=pressed(check, ("do", "extend")))
    assert "7 February 2090, 17:00 CET" in desk.get(f"{DESK}/{set_up.id}").text


def test_more_time_keeps_what_was_promised_for_the_late_and_says_so_everywhere(
    desk: FlaskClient, client: FlaskClient, session: Session, set_up: Consultation
) -> None:
    desk.post(f"{DESK}/{set_up.id}/draft", data={"text": TEXT, "do": "save"})
    desk.post(f"{DESK}/{set_up.id}/publish")
    session.expire_all()
    set_up.grace_minutes, set_up.late_until = 15, set_up.closes_at + timedelta(days=2)
    followers.follow(session, consultation=set_up, account=factories.account(session))
    session.commit()
    address = f"{DESK}/{set_up.id}/extend"
    form = desk.get(address).text
    assert "Late submissions are now accepted until 2 February 2090, 17:00 CET." in form
    typed = {"closes_at": ["7", "2", "2090", "17:00"], "answer_by": TYPED["answer_by"], "reason": "Floods.",
             "grace_minutes": "60"}  # fmt: skip
    check = desk.post(address, data=typed).text
    assert "1 hour" in form
    assert (
        "60-minute grace period, late submissions are accepted until 9 February 2090, 17:00 CET and marked as late"
        in check
    )
    desk.post(address, data=pressed(check, ("do", "extend")))
    session.expire_all()
    assert (set_up.grace_minutes, set_up.late_until) == (60, set_up.closes_at + timedelta(days=2))
    page, letter = client.get(f"/c/{set_up.slug}").text, letters(session)[-1]
    told = "Late submissions are accepted until 9 February 2090, 17:00 CET and marked as late."
    assert f"Closing time moved to 7 February 2090, 17:00 CET. {told} Floods." in page
    for words in (letter.text, letter.html):
        assert told in words
        assert "Submissions in the first 60 minutes after closing count as on time." in words


def test_what_has_closed_says_so_before_anybody_fills_in_the_form_and_shows_the_way_out(
    desk: FlaskClient, session: Session, set_up: Consultation
) -> None:
    address = f"{DESK}/{set_up.id}/extend"
    early = desk.get(address).text
    assert ("Change its dates instead" in early, f"{DESK}/{set_up.id}/about#opens_at" in early) == (True, True)
    set_up.phase, set_up.opens_at, set_up.closes_at = Phase.CLOSED, now() - timedelta(days=9), now() - timedelta(days=1)
    set_up.late_until = now() + timedelta(days=1)
    session.commit()
    page = desk.get(address)
    assert (page.status_code, "cannot be reopened" in page.text) == (200, True)
    assert ('name="reason"' in page.text, "Late submissions are accepted until" in page.text) == (False, True)
    assert f'action="{DESK}/{set_up.id}/duplicate"' in page.text
    assert desk.post(address, data={"reason": "Outage."}).status_code == 409


def test_questions_are_changed_moved_and_removed(desk: FlaskClient, session: Session, set_up: Consultation) -> None:
    address = f"{DESK}/{set_up.id}/questions"
    for wording in ("One?", "Two?"):
        desk.post(address, data={"wording": wording, "hint": "Say why."})
    one, two = session.scalars(select(Question.id).order_by(Question.position)).all()
    desk.post(f"{address}/{two}/move", data={"to": "up"})
    desk.post(f"{address}/{one}", data={"wording": "First?"})
    page = desk.get(address).text
    assert page.index("1. Two?") < page.index("2. First?")
    desk.post(f"{address}/{two}/remove")
    assert "Two?" not in desk.get(address).text
    assert desk.get(f"{address}/{two}").status_code == 404
    assert "Write the question" in desk.post(address, data={"wording": ""}).text


PAGES = ["", "/about", "/draft", "/questions", "/publish", "/extend", "/preview", "/paper", "/facilitators"]
PAGES += [f"/steps/{step}" for step in ("who", "names", "groups", "languages", "paper")]


@pytest.mark.parametrize("page", PAGES)
def test_the_desk_is_for_its_owner_and_the_admins(
    session: Session, set_up: Consultation, sign_in: Callable[[Any], FlaskClient], client: FlaskClient, page: str
) -> None:
    address = f"{DESK}/{set_up.id}{page}"
    assert client.get(address).headers["Location"].startswith("/sign-in")
    for role, status in (
        (Role.CONTRIBUTOR, 403), (Role.MODERATOR, 403), (Role.POLICYMAKER, 403), (Role.ADMIN, 200),
    ):  # fmt: skip
        assert sign_in(factories.account(session, role)).get(address).status_code == status, role
    assert sign_in(factories.account(session, Role.ADMIN)).get(f"{DESK}/{2**62}{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_the_desk_needs_more_than_eight_statements(
    desk: FlaskClient, set_up: Consultation, page: str
) -> None:
    with statements() as sent:
        assert desk.get(f"{DESK}/{set_up.id}{page}").status_code == 200
    assert len(sent) <= 8, sent
