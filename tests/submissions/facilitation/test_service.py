"""A peer worker files for a group: allowed by the owner, with how many were there and how they agreed, and marked."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.accounts.model import Account
from consult.consultations.model import Consultation
from consult.consultations.participation import facilitators
from consult.core.clock import now
from consult.core.errors import Forbidden, Refusal
from consult.core.web.access import Role
from consult.moderation import waiting_list as queue
from consult.submissions import service
from consult.submissions.comments import queries as comments_queries
from consult.submissions.facilitation import service as facilitation
from consult.submissions.facilitation.model import Consent, Facilitation
from consult.submissions.model import State, Submission
from tests import factories
from tests.filing import decide, numbered

GOOD: dict[str, Any] = {"present": "12", "consent": "spoken", "agreed": "y", "held_on": ["1", "1", "2026"]}


@pytest.fixture
def owner(session: Session) -> Account:
    return factories.account(session, Role.POLICYMAKER)


@pytest.fixture
def row(session: Session, owner: Account) -> Consultation:
    return factories.consultation(session, owner=owner, groups=[{"name": "women", "target": 5}])


@pytest.fixture
def helper(session: Session, owner: Account, row: Consultation) -> Account:
    account = factories.account(session, email="peer@example.org")
    facilitators.allow(session, number=row.id, by=owner, email="peer@example.org")
    return account


def write(browser: FlaskClient, row: Consultation) -> None:
    """Writes, introduces nobody, checks and sends."""
    base = f"/c/{row.slug}/respond"
    browser.post(f"{base}/comment/1.1", data={"stance": "drop", "body": "We were not asked."})
    browser.post(f"{base}/about", data={"speaks": "none", "language": "en"})
    page = browser.get(f"{base}/check").text
    key, mark = (page.split(f'name="{name}" type="hidden" value="')[1].split('"')[0] for name in ("key", "mark"))
    answer = browser.post(f"{base}/check", data={"key": key, "mark": mark})
    assert answer.status_code == 303


def test_what_a_facilitator_sends_is_the_groups_and_is_marked(
    session: Session, sign_in: Callable[[Any], FlaskClient], client: FlaskClient, helper: Account, row: Consultation
) -> None:
    browser = sign_in(helper)
    browser.post(f"/c/{row.slug}/facilitate", data={**GOOD, "group": "women"})
    assert "12 people attended." in browser.get(f"/c/{row.slug}/respond").text
    write(browser, row)
    write(browser, row)
    first, second = session.scalars(select(Submission).order_by(Submission.id)).all()
    kept = session.scalars(select(Facilitation)).one()
    assert (first.present, second.present) == (12, None)
    assert (kept.submission_id, kept.group, kept.consent) == (first.id, "women", Consent.SPOKEN)
    for sent in (first, second):
        decide(session, sent, State.PUBLISHED)
    numbered(session)
    assert "sent for a group (12 people present)" in client.get(f"/c/{row.slug}/comments/{first.reference}").text
    page = client.get(f"/c/{row.slug}").text
    assert "1 published submission came from a meeting: 12 people attended." in page
    assert "sent for a group" not in client.get(f"/c/{row.slug}/comments/{second.reference}").text


def test_that_it_is_a_groups_stands_wherever_it_is_read(
    session: Session, sign_in: Callable[[Any], FlaskClient], client: FlaskClient, helper: Account, row: Consultation
) -> None:
    browser = sign_in(helper)
    browser.post(f"/c/{row.slug}/facilitate", data={**GOOD, "group": "women"})
    write(browser, row)
    sent = session.scalars(select(Submission)).one()
    secret = service.author_secret(sent)
    assert "12 people present" in browser.get(f"/c/{row.slug}/sent/{sent.reference}").text
    numbered(session)
    queue.FOLLOWER.follow_site(session)
    session.commit()
    moderator = sign_in(factories.account(session, Role.MODERATOR))
    assert "For a group: 12 people" in moderator.get("/review?who=all").text
    case = re.sub(r"<[^>]+>", "", moderator.get(f"/review/{sent.id}").text)
    assert "12 people present (women), 1 January 2026. Each person agreed aloud." in case
    decide(session, sent, State.PUBLISHED)
    session.commit()
    mark = "sent for a group (12 people present)"
    for path in ("p/1.1", "comments", f"comments/{sent.reference}"):
        assert client.get(f"/c/{row.slug}/{path}").text.count(mark) == 1, path
    for path in (f"/r/{sent.reference}", f"/r/{sent.reference}/{secret}"):
        assert mark in client.get(path).text
    with zipfile.ZipFile(io.BytesIO(client.get(f"/r/{sent.reference}/{secret}/data").data)) as packed:
        kept = json.loads(packed.read("submission.json"))["meeting"]
    assert kept == {"present": 12, "group": "women", "held_on": "2026-01-01", "consent": "spoken"}


@pytest.mark.parametrize(
    ("typed", "leads"),
    [
        ("{code}/1.1", "comment/1.1"),
        (" {code} / 2.1 ", "comment/2.1"),
        ("2.1", "comment/2.1"),
        ("{code}/Q1", "questions#answer_"),
        ("q1", "questions#answer_"),
        ("CHP_2", "comment/2"),
        ("ZZ99/1.1", "respond"),
        ("{code}/9.9", "respond"),
        ("", "respond"),
    ],
)
def test_a_code_of_the_form_on_paper_leads_to_where_its_words_are_typed_in(
    session: Session, sign_in: Callable[[Any], FlaskClient], owner: Account, typed: str, leads: str
) -> None:
    row = factories.consultation(session, owner=owner, questions=1)
    helper = factories.account(session, email="peer@example.org")
    facilitators.allow(session, number=row.id, by=owner, email="peer@example.org")
    browser, base = sign_in(helper), f"/c/{row.slug}/respond"
    page = browser.get(base).text
    assert 'name="code"' not in page
    assert f"/c/{row.slug}/facilitate" in page, "who may is shown the way"
    assert "/facilitate" not in sign_in(owner).get(base).text
    browser.post(f"/c/{row.slug}/facilitate", data=GOOD)
    assert 'name="code"' in browser.get(base).text
    answer = browser.get(f"{base}/code", query_string={"code": typed.format(code=row.code)})
    assert answer.status_code == 303
    assert leads in answer.location
    if leads == "respond":
        page = browser.get(base).text
        assert ("begin with" if typed.startswith("ZZ") else "cannot find this code") in page


def test_who_types_in_a_form_comes_back_to_the_next_code(
    session: Session, sign_in: Callable[[Any], FlaskClient], helper: Account, row: Consultation
) -> None:
    browser, base = sign_in(helper), f"/c/{row.slug}/respond"
    browser.post(f"/c/{row.slug}/facilitate", data=GOOD)
    answer = browser.post(f"{base}/comment/1.1", data={"stance": "drop", "body": "We were not asked."})
    assert answer.location == base


def test_no_two_places_of_a_form_on_paper_have_the_same_code(session: Session, client: FlaskClient) -> None:
    row = factories.with_draft(
        session, "# Plan\n\n## Article 1 Aims\n\n1. One.\n\n2. Two.\n\n## Article 2 Means\n\n1. Three."
    )
    session.commit()
    codes = re.findall(rf"{row.code}/1/([\w.()-]+)</b>", client.get(f"/c/{row.slug}/paper").text)
    assert len(codes) == len(set(codes)) == 3
    places = comments_queries.get_provision_tree(session, row.version_id or 0)
    found = [places.find(code) for code in codes]
    assert [place.text for place in found if place] == ["One.", "Two.", "Three."]


def test_on_paper_the_lines_to_write_on_stand_below_a_paragraph_and_its_points(
    session: Session, client: FlaskClient, owner: Account
) -> None:
    text = "# Plan\n\n## 1 Aims\n\n1.1 States shall:\n\n(a) test;\n\n(b) treat.\n\n1.2 Money."
    row = factories.with_draft(session, text)
    row.groups = [{"name": "women in prison", "target": 5}]
    session.commit()
    page = client.get(f"/c/{row.slug}/paper").text
    order = [
        "women in prison",
        "States shall:",
        "test;",
        "treat.",
        f"{row.code}/1/1.1<",
        "Money.",
        f"{row.code}/1/1.2<",
    ]
    assert sorted(order, key=page.index) == order
    assert len(re.findall(rf"{row.code}/", page)) == 2


def test_nobody_files_for_a_group_unless_the_owner_says_so(
    session: Session, sign_in: Callable[[Any], FlaskClient], client: FlaskClient, helper: Account, row: Consultation,
    owner: Account,
) -> None:  # fmt: skip
    address = f"/c/{row.slug}/facilitate"
    assert client.get(address).status_code == 303
    assert sign_in(factories.account(session)).post(address, data=GOOD).status_code == 403
    assert sign_in(owner).get(address).status_code == 403
    facilitators.disallow(session, number=row.id, by=owner, account_id=helper.id)
    assert sign_in(helper).get(address).status_code == 403
    what: dict[str, Any] = {"consultation": row, "consent": Consent.WRITTEN, "held_on": now().date(), "present": 3}
    for person in (helper, owner, factories.account(session)):
        with pytest.raises(Forbidden):
            facilitation.begin(session, by=person, **what)
    other = factories.account(session, Role.POLICYMAKER)
    with pytest.raises(Forbidden):
        facilitators.allow(session, number=row.id, by=other, email="peer@example.org")


def test_an_owner_allows_an_account_and_takes_it_back(
    session: Session, sign_in: Callable[[Any], FlaskClient], row: Consultation, owner: Account
) -> None:
    desk, address = sign_in(owner), f"/desk/consultations/{row.id}/facilitators"
    unknown = desk.post(address, data={"email": "nobody@example.org"})
    assert (unknown.status_code, "No account uses this e-mail address" in unknown.text) == (422, True)
    person = factories.account(session, email="peer@example.org", display_name="Peer Worker")
    assert "Peer Worker" in desk.post(address, data={"email": "peer@example.org"}, follow_redirects=True).text
    desk.post(f"{address}/{person.id}/remove")
    assert "Peer Worker" not in desk.get(address).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"present": "0"}, "from 1 to 1000"),
        ({"present": "twelve"}, "Enter a whole number"),
        ({"held_on": ["1", "1", "2099"]}, "cannot be in the future"),
        ({"consent": ""}, "Choose how the group agreed"),
        ({"agreed": ""}, "Confirm that everyone agreed"),
    ],
)
def test_what_is_missing_about_a_group_is_said(
    session: Session, sign_in: Callable[[Any], FlaskClient], helper: Account, row: Consultation, wrong: Any, said: str
) -> None:
    data = {key: value for key, value in {**GOOD, **wrong}.items() if value}
    answer = sign_in(helper).post(f"/c/{row.slug}/facilitate", data=data)
    assert (answer.status_code, said in answer.text) == (422, True)


@pytest.mark.parametrize(("present", "taken"), [(0, False), (1, True), (1_000, True), (1_001, False)])
def test_a_group_is_of_one_to_a_thousand_people(
    session: Session, helper: Account, row: Consultation, present: int, taken: bool
) -> None:
    what: dict[str, Any] = {"consultation": row, "by": helper, "consent": Consent.WRITTEN, "held_on": now().date()}
    if taken:
        assert facilitation.begin(session, present=present, **what).present == present
    else:
        with pytest.raises(Refusal, match="from 1 to 1000") as refused:
            facilitation.begin(session, present=present, **what)
        assert refused.value.field == "present"


def test_stopping_keeps_the_draft_as_ones_own(
    session: Session, sign_in: Callable[[Any], FlaskClient], helper: Account, row: Consultation
) -> None:
    browser = sign_in(helper)
    browser.post(f"/c/{row.slug}/facilitate", data=GOOD)
    browser.post(f"/c/{row.slug}/facilitate", data={"do": "stop"})
    write(browser, row)
    assert session.scalars(select(Submission.present)).all() == [None]


def test_erasing_forgets_who_filed_for_whom(session: Session, helper: Account, row: Consultation) -> None:
    what: dict[str, Any] = {"consultation": row, "by": helper, "consent": Consent.WRITTEN, "held_on": now().date()}
    with pytest.raises(Refusal, match="from the list"):
        facilitation.begin(session, **what, present=3, group="men")
    facilitation.begin(session, **what, present=3)
    facilitation.begin(session, **what, present=4, at=now() + timedelta(minutes=1))
    sent = filed_by(session, row, helper)
    facilitation.attach_meeting(session, sent)
    assert sent.present == 4
    service.erase(session, sent)
    assert session.scalars(select(Facilitation)).all() == []
    assert sent.present is None


@pytest.mark.parametrize(
    ("zone", "at", "may"),
    [
        ("Pacific/Auckland", datetime(2027, 6, 1, 13, tzinfo=UTC), True),  # there it is 1:00 on the second
        ("America/New_York", datetime(2027, 6, 2, 1, tzinfo=UTC), False),  # there it is 21:00 on the first
    ],
)
def test_a_meeting_is_of_today_by_the_clocks_of_the_consultation(
    session: Session, helper: Account, row: Consultation, zone: str, at: datetime, may: bool
) -> None:
    row.timezone = zone
    given: dict[str, Any] = {"consultation": row, "by": helper, "present": 3, "consent": Consent.WRITTEN, "at": at}
    if may:
        assert facilitation.begin(session, **given, held_on=date(2027, 6, 2)).held_on == date(2027, 6, 2)
    else:
        with pytest.raises(Refusal, match="future"):
            facilitation.begin(session, **given, held_on=date(2027, 6, 2))


def filed_by(session: Session, row: Consultation, by: Account) -> Submission:
    from_account = service.Submitter(account_id=by.id)
    return service.file(
        session, consultation=row, by=from_account, comments=[service.NewComment(None, None, "Us.")], key="group"
    )
