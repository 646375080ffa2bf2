"""Files that show what a report on an action says, and what is taken back or taken away of reports."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult.accounts.model import Account
from consult.audit import statements
from consult.bodies.model import BodyRole, PublicBody
from consult.core.clock import now
from consult.core.errors import Conflict, Forbidden, NotFound, Refusal
from consult.core.web.access import Role
from consult.core.web.tokens import seal_field
from consult.decisions.kinds import InterestedDecider
from consult.files import claims
from consult.files import service as files
from consult.files.model import State, StoredFile
from consult.ledger.model import LedgerEntry
from consult.plans.model import ActionPlan, ActionReport, ActionReportFile, PlanAction, ReportState
from consult.plans.reports import files as report_files
from consult.plans.reports import removal
from consult.plans.reports import service as reports
from tests import factories, filing
from tests.audit.forging import check_everything, level
from tests.bodies.working import make_body, work
from tests.files.looking import check
from tests.files.samples import CANARY, EICAR, jpeg, pdf
from tests.plans.planned import find, given, half_a_minute_later, planned, publish, speaking, withhold

SignIn = Callable[[Any], FlaskClient]
HERE = "/plans/plan/actions/1.1"


@pytest.fixture
def world(session: Session) -> tuple[ActionPlan, PublicBody, Account]:
    body = make_body(session)
    lead = work(session, body)
    plan = planned(session, body, by=lead)
    session.commit()
    return plan, body, lead


def send(browser: FlaskClient, action: PlanAction, *chosen: tuple[bytes, str], **said: Any) -> TestResponse:
    """The form of a report with these files, as a browser sends it."""
    form = {"progress": "done", "words": "It is done.", "links": "", "interests": "", **said}
    parts = [(io.BytesIO(data), name) for data, name in chosen] or [(io.BytesIO(b""), "")]
    return browser.post(
        f"/actions/{action.id}/report", data={**form, "file": parts}, content_type="multipart/form-data"
    )


def find_kept(page: str) -> list[str]:
    """The sealed files of a form that came back."""
    return re.findall(r'<input checked [^>]*name="kept"[^>]*value="([^"]+)"', page)


def stored(session: Session, data: bytes = b"year;kits\n2028;9400\n", name: str = "kits.csv") -> int:
    row = files.receive(session, data=data, name=name, nameless=True)
    session.commit()
    return row.id


def waiting(
    session: Session, action: PlanAction, *file_ids: int, progress: str = "late"
) -> tuple[ActionReport, Account]:
    """A report of a new organisation that waits for a moderator, and who sent it."""
    row, person = speaking(session)
    made = reports.report_for_organisation(
        session, action, by=person, organisation_id=row.id, given=given(progress, links=(), files=file_ids)
    )
    session.commit()
    return made, person


def test_a_photograph_shows_what_the_government_says_once_it_is_clean_and_without_its_place(
    session: Session, client: FlaskClient, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action = find(session, plan)
    browser = sign_in(lead)
    assert send(browser, action, (jpeg(), "Maria at home.jpg"), speaker="government").status_code == 303
    report, row = session.scalars(select(ActionReport)).one(), session.scalars(select(StoredFile)).one()
    address = f"/action-reports/{report.id}/files/1"
    shown = client.get(HERE).text
    assert "File 1" in shown
    assert "being checked" in shown
    assert address not in shown
    assert client.get(address).status_code == 404
    assert check(row.id)
    shown = client.get(HERE).text
    assert re.search(rf'<a href="{address}"[^>]*>\s*File 1 \(<bdi>JPG</bdi>, \d+ KB\)', shown)
    assert "Maria" not in shown
    answer = client.get(address)
    assert answer.status_code == 200
    assert CANARY.encode() not in answer.data
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="report-{report.id}-1.jpg"'
    assert client.get(f"/action-reports/{report.id}/files/2").status_code == 404
    plan.published_at = None
    session.commit()
    assert client.get(address).status_code == 404, "of an action that is not public"


def test_a_file_that_is_refused_says_why_to_its_side_and_only_that_to_others(
    session: Session, client: FlaskClient, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, body, lead = world
    data = pdf().replace(b"%%EOF", b"")[:400]
    send(sign_in(lead), find(session, plan), (data, "broken.pdf"), speaker="government")
    row = session.scalars(select(StoredFile)).one()
    check(row.id)
    assert session.get_one(StoredFile, row.id).state is State.REFUSED
    for person in (lead, work(session, body, BodyRole.DRAFTER)):
        session.commit()
        assert "This file is damaged or incomplete." in sign_in(person).get(HERE).text
    for told in (client.get(HERE).text, sign_in(factories.account(session)).get(HERE).text):
        assert "not shown because the file failed the checks" in told
        assert "damaged" not in told


def test_a_form_that_comes_back_keeps_the_files_that_arrived(
    session: Session, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action, browser = find(session, plan), sign_in(lead)
    answer = send(browser, action, (b"a;b\n1;2\n", "<kits>.csv"), (EICAR, "bad.csv"), progress="dropped",
                  words="", speaker="government")  # fmt: skip
    assert answer.status_code == 200, "an error would not keep the file"
    assert "To drop an action, give your reasons." not in answer.text, "the file is mended first"
    assert "A known virus was found in this file." in answer.text
    assert "&lt;kits&gt;.csv (CSV, 1 KB)" in answer.text
    tokens = find_kept(answer.text)
    assert len(tokens) == 1
    answer = send(browser, action, kept=tokens, progress="dropped", words="", speaker="government")
    assert (answer.status_code, find_kept(answer.text)) == (422, tokens)
    assert "To drop an action, give your reasons." in answer.text
    other = sign_in(work(session, make_body(session)))
    session.commit()
    assert find_kept(send(other, action, kept=tokens, speaker="government").text) == [], "it is sealed for its sender"
    assert send(browser, action, kept=tokens, speaker="government").status_code == 303
    assert session.scalars(select(ActionReportFile.position)).all() == [0]
    again = send(browser, action, kept=tokens, speaker="government")
    assert "A file expired before it was sent" in again.text
    assert session.scalars(select(ActionReport.id)).all() == [session.scalars(select(ActionReport.id)).one()]


def test_done_needs_an_address_or_a_file_and_a_report_takes_five(
    session: Session, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action = find(session, plan)
    answer = send(sign_in(lead), action, speaker="government")
    assert answer.status_code == 422
    assert "To report an action as done, give a link to evidence or a file." in answer.text
    answer = send(sign_in(lead), action, *[(b"a;%d\n" % n, "a.csv") for n in range(6)], speaker="government")
    assert "Choose at most 5 files." in answer.text
    assert len(find_kept(answer.text)) == 5
    with pytest.raises(Refusal):
        reports.report_for_government(session, action, by=lead, given=given("done", links=(), files=range(6)))
    session.rollback()
    with pytest.raises(Refusal):
        reports.report_for_government(session, action, by=lead, given=given("late", files=(999_999,)))


def test_a_moderator_sees_the_pages_of_a_file_before_anybody_and_decides_with_it(
    session: Session, client: FlaskClient, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, _lead = world
    number = stored(session, pdf(), "survey.pdf")
    made, person = waiting(session, find(session, plan), number, progress="done")
    moderator = factories.account(session, Role.MODERATOR)
    session.commit()
    browser, public = sign_in(moderator), f"/action-reports/{made.id}/files/1"
    shown = browser.get(f"/review/action-reports/{made.id}").text
    assert "You can publish the report when you can see the file." in shown
    assert 'value="publish"' not in shown
    with pytest.raises(Conflict):
        publish(session, made, moderator)
    session.rollback()
    check(number)
    shown = browser.get(f"/review/action-reports/{made.id}").text
    for address in (f"/review{public}", f"/review{public}/1"):
        assert f'"{address}"' in shown
        assert browser.get(address).status_code == 200
        assert sign_in(person).get(address).status_code == 403
    assert browser.get(f"/review{public}/1").mimetype == "image/webp"
    assert client.get(public).status_code == 404, "nobody has decided"
    assert browser.post(f"/review/action-reports/{made.id}", data={"outcome": "publish"}).status_code == 303
    assert half_a_minute_later(session) == 1
    session.commit()
    assert client.get(public).status_code == 200
    assert client.get(f"/review/evidence/{number}/1").status_code in (303, 404)


def test_files_of_withheld_reports_are_not_public_and_their_sender_can_destroy_them(
    session: Session, client: FlaskClient, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, _lead = world
    number = stored(session)
    made, person = waiting(session, find(session, plan), number)
    withhold(session, made, "third_person")
    session.commit()
    check(number)
    public = f"/action-reports/{made.id}/files/1"
    assert client.get(public).status_code == 404
    assert public not in client.get(HERE).text
    browser = sign_in(person)
    assert f"{public}/remove" in browser.get(HERE).text
    assert browser.post(f"{public}/remove").status_code == 303
    assert session.get_one(StoredFile, number, populate_existing=True).salt is None


def test_a_file_is_destroyed_by_its_side_or_a_moderator_without_a_part_and_the_words_stay(
    session: Session, client: FlaskClient, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, body, lead = world
    action, number = find(session, plan), stored(session)
    made, person = waiting(session, action, number)
    check(number)
    publish(session, made)
    session.commit()
    remove = f"/action-reports/{made.id}/files/1/remove"
    insider = work(session, body, BodyRole.READER)
    insider.role = Role.MODERATOR
    session.commit()
    for other in (lead, factories.account(session), factories.account(session, Role.POLICYMAKER)):
        session.commit()
        assert sign_in(other).post(remove).status_code == 403
    with pytest.raises(InterestedDecider):
        removal.take_away_file(session, made.id, 1, by=insider)
    moderator = factories.account(session, Role.MODERATOR)
    session.commit()
    browser = sign_in(moderator)
    assert "Erase file" in browser.get(remove).text
    assert browser.post(remove).status_code == 303
    shown = client.get(HERE).text
    assert "So it is." in shown
    assert re.search(r"File 1\s*:\s*removed on", shown)
    assert client.get(f"/action-reports/{made.id}/files/1").status_code == 404
    assert browser.post(remove).status_code == 404
    assert files.shred(session) == 1
    last = session.scalars(select(LedgerEntry).where(filing.EVENTS).order_by(LedgerEntry.id.desc()).limit(1)).one()
    assert last.detail["file_taken_away"] == 1
    assert sign_in(person).get(remove).status_code == 404
    with pytest.raises(Forbidden):
        removal.may_take_away(session, made.id, by=lead)


def test_a_report_that_waits_can_be_taken_back_with_its_files_by_who_signs_and_no_other(
    session: Session, client: FlaskClient, sign_in: SignIn, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action, number = find(session, plan), stored(session)
    made, person = waiting(session, action, number)
    number_of_report = made.id
    withdraw = f"/action-reports/{number_of_report}/withdraw"
    for other in (lead, factories.account(session, Role.MODERATOR), speaking(session)[1]):
        session.commit()
        assert sign_in(other).post(withdraw).status_code == 404
        assert sign_in(other).get(withdraw).status_code == 404
        assert "waits for a moderator</h2>" not in sign_in(other).get(HERE).text
    browser = sign_in(person)
    assert withdraw in browser.get(HERE).text
    asked = browser.get(withdraw).text
    assert "Withdraw this report?" in asked
    assert f"/actions/{action.id}" in asked
    assert session.get_one(ActionReport, number_of_report).state is ReportState.WAITING
    assert browser.post(withdraw).status_code == 303
    assert browser.get(withdraw).status_code == 404
    assert session.scalars(select(ActionReport)).all() == []
    assert session.get_one(StoredFile, number, populate_existing=True).salt is None
    assert "1 report is waiting" not in client.get(HERE).text
    level(session)
    assert check_everything(session) == []
    decided, person = waiting(session, action)
    publish(session, decided)
    session.commit()
    assert sign_in(person).get(f"/action-reports/{decided.id}/withdraw").status_code == 409
    assert sign_in(person).post(f"/action-reports/{decided.id}/withdraw").status_code == 409
    assert session.get_one(ActionReport, decided.id).state is ReportState.PUBLISHED
    with pytest.raises(NotFound):
        removal.withdraw(session, number_of_report, by=person)


def test_files_stay_as_they_were_given(session: Session, world: tuple[ActionPlan, PublicBody, Account]) -> None:
    plan, _body, lead = world
    action, first, second = find(session, plan), stored(session), stored(session)
    made = reports.report_for_government(session, action, by=lead, given=given("done", links=(), files=(first,)))
    session.commit()
    for wrong in (
        f"INSERT INTO action_report_file (report_id, position, file_id, salt) VALUES ({made.id}, 1, {second}, 'x')",
        f"UPDATE action_report_file SET file_id = {second}",
        "DELETE FROM action_report_file",
        "UPDATE action_report SET files = '[]'",
    ):
        with pytest.raises(IntegrityError):
            session.execute(text(wrong))
        session.rollback()


def test_the_audit_finds_a_file_that_was_exchanged_and_not_one_that_was_taken_away(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    action = find(session, plan)
    told = given("done", files=(stored(session), stored(session)))
    made = reports.report_for_government(session, action, by=lead, given=told)
    level(session)
    assert check_everything(session) == []
    for forged, codes in (
        (
            "UPDATE stored_file SET sha256 = 'x' WHERE id = (SELECT min(file_id) FROM action_report_file)",
            "report_files",
        ),
        ("DELETE FROM action_report_file WHERE position = 1", "report_files seal_no_row"),
        ("UPDATE action_report SET files = '[]'", "statement seal"),
    ):
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(forged))
        assert " ".join(one.code for one in check_everything(session)) == codes, forged
        session.rollback()
    removal.take_away_file(session, made.id, 2, by=lead)
    level(session)
    assert files.shred(session) == 1
    assert check_everything(session) == []


def test_a_report_without_files_has_the_commitment_of_before_there_were_files(
    session: Session, world: tuple[ActionPlan, PublicBody, Account]
) -> None:
    plan, _body, lead = world
    made = reports.report_for_government(session, find(session, plan), by=lead, given=given("under_way"))
    kind = next(one for one in statements.KINDS if one.name == "action_reports")
    before = {
        "side": "government", "organisation": None, "progress": "under_way", "words": "So it is.", "language": "en",
        "links": [], "interests": "", "state": "published",
    }  # fmt: skip
    assert kind.commitment_of(made) == reports.commit_public(before)


def test_a_file_of_a_report_outlives_the_day_after_which_unclaimed_ones_go(
    session: Session, world: tuple[ActionPlan, PublicBody, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, _body, lead = world
    kept, left = stored(session), stored(session)
    reports.report_for_government(session, find(session, plan), by=lead, given=given("done", links=(), files=(kept,)))
    session.execute(text("UPDATE stored_file SET created_at = :then"), {"then": now() - timedelta(hours=25)})
    assert claims.erase_unclaimed(session) == 1
    session.expire_all()
    assert session.get_one(StoredFile, kept).salt is not None
    assert session.get_one(StoredFile, left).salt is None


def test_a_file_that_is_being_sent_when_its_day_ends_is_not_destroyed(session: Session) -> None:
    """Else its row would be named by a report, and no file of the site could be taken out of the store any more."""
    sent = stored(session)
    session.execute(text("UPDATE stored_file SET created_at = :then"), {"then": now() - timedelta(hours=25)})
    session.commit()
    with Session(session.get_bind()) as sending:
        report_files.lock(sending, [sent])
        assert claims.erase_unclaimed(session) == 0
    session.commit()
    assert claims.erase_unclaimed(session) == 1


@pytest.mark.parametrize("purpose", ["", "mailed report"])
def test_a_text_that_was_sealed_elsewhere_opens_no_file_of_others(
    session: Session, world: tuple[ActionPlan, PublicBody, Account], sign_in: SignIn, purpose: str
) -> None:
    """The sender of an e-mailed report of early warning gets its text back sealed."""
    plan, _body, lead = world
    action, theirs = find(session, plan), stored(session)
    said = {"file_id": theirs, "name": "kits.csv", "kind": "csv", "size": 9}
    forged = json.dumps({"report_file": said, "action": action.id, "account": lead.id})
    answer = send(sign_in(lead), action, speaker="government", kept=[seal_field(forged, purpose=purpose)])
    assert answer.status_code == 422, answer.text
    assert session.scalars(select(ActionReportFile)).all() == []
