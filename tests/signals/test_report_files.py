"""Files of a report: added after it is filed, seen cleaned and by holders of a seat only, destroyed with it."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from consult.accounts.model import OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.core.clock import now
from consult.core.web.access import Role
from consult.core.web.limits import limiter
from consult.files import claims, store
from consult.files import service as stored_files
from consult.files.model import State, StoredFile
from consult.ledger.model import LedgerEntry
from consult.signals import service
from consult.signals.model import MAX_REPORT_FILES, ReportStanding, SignalLink, SignalReport, SignalReportFile
from consult.signals.reports import files as report_files
from consult.signals.reports import service as reports
from consult.signals.reports.files import UploadedFile
from consult.submissions import return_codes
from tests import canaries, factories
from tests.files.looking import check
from tests.files.samples import BAD, jpeg, pdf
from tests.files.samples import CANARY as PHOTOGRAPHER
from tests.forms import pressed
from tests.signals.working import filed, form, opened, seated

SignIn = Callable[[Any], FlaskClient]
NAMED = "IMG_of_Canaria_Quux.jpg"


def send(client: FlaskClient, at: str = "/signals/report") -> TestResponse:
    """A report is filed; the page that says so."""
    data = pressed(client.get(at).text, having="product", code="") if "no-trace" in at else MultiDict()
    sent = client.post(at, data=MultiDict({**form(), **({"code": data["code"]} if data else {})}))
    assert sent.status_code == 200, sent.text
    return sent


def seven(page: TestResponse) -> str:
    found = re.search(r'<ol class="ref"[^>]*>(.*?)</ol>', page.text, re.S)
    assert found, page.text
    return " ".join(re.findall(r"<li>(\w+)</li>", found[1]))


def add(client: FlaskClient, page: TestResponse, *chosen: tuple[bytes, str]) -> TestResponse:
    """Chooses files on the page that has the form for it, and sends them."""
    data = pressed(page.text, having="files").to_dict()
    sent = {**data, "files": [(io.BytesIO(made), name) for made, name in chosen] or [(io.BytesIO(b""), "")]}
    answer = client.post("/signals/return/files", data=sent, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()
    return answer


def press(client: FlaskClient, page: TestResponse, do: str) -> TestResponse:
    return client.post("/signals/return/do", data=pressed(page.text, ("do", do)))


def come_back(client: FlaskClient, words: str) -> TestResponse:
    page = client.get("/signals/return").text
    return client.post("/signals/return", data=pressed(page, having="words", words=words))


def checked(session: Session) -> list[StoredFile]:
    """All files once a worker has looked at them."""
    for number in session.scalars(select(StoredFile.id)).all():
        session.commit()
        check(number)
    session.expire_all()
    return list(session.scalars(select(StoredFile).order_by(StoredFile.id)))


def with_files(session: Session, report: SignalReport, *sent: bytes) -> list[StoredFile]:
    """A report whose files are checked."""
    chosen = [UploadedFile(f"{n}.{'pdf' if data[:4] == b'%PDF' else 'jpg'}", data) for n, data in enumerate(sent)]
    assert report_files.add(session, report, chosen) == []
    session.commit()
    return checked(session)


def words_of(report: SignalReport) -> str:
    return return_codes.derive_code(report.reference, report.salt or b"")


@pytest.mark.parametrize("at", ["/signals/report", "/signals/report/no-trace"])
def test_photographs_are_added_to_a_report_that_is_filed_without_cookie_script_or_name(
    client: FlaskClient, session: Session, at: str
) -> None:
    sent = send(client, at)
    both = add(client, sent, (jpeg(), NAMED), (pdf(), "result.pdf"))
    assert both.status_code == 200
    assert seven(both) == seven(sent), "who has not written the words down yet reads them once more"
    assert both.text.count("Being checked.") == 2
    assert "Set-Cookie" not in both.headers
    assert "<script" not in both.text
    assert "default-src 'none'" in both.headers["Content-Security-Policy"]
    assert both.headers["Cache-Control"] == "no-store"
    assert ("<title>Your report" in both.text) == ("no-trace" not in at), "the title stays in the history"
    kept = checked(session)
    assert [(it.state, it.nameless, it.sha256) for it in kept] == [(State.CLEAN, True, None)] * 2
    assert not any("Canaria" in it.name for it in kept)
    for it in kept:
        with pytest.raises(store.NotInStore):
            store.get(it.original, it.salt or b"")
    later = come_back(client, seven(sent))
    assert "the location where the picture was taken" in later.text
    assert '<ol class="ref"' not in later.text, "who typed the words need not be shown them"


def test_a_member_adds_files_to_a_report_of_an_organisation(session: Session, sign_in: SignIn) -> None:
    it, member = factories.organisation(session), factories.account(session)
    organisations.add_member(session, organisation_id=it.id, account_id=member.id, owner=True)
    session.commit()
    browser, at = sign_in(member), f"/signals/report/as/{it.id}"
    added = add(browser, browser.post(at, data=form(key="m" * 24)), (jpeg(), NAMED))
    assert "Being checked." in added.text
    assert len(session.scalars(select(SignalReportFile)).all()) == 1


def test_five_files_are_taken_one_after_the_other_and_the_same_one_once(client: FlaskClient, session: Session) -> None:
    page = send(client)
    made = [jpeg(40 + n, 40) for n in range(MAX_REPORT_FILES + 1)]
    page = add(client, page, (made[0], "0.jpg"))
    page = add(client, page, (made[0], "again.jpg"), (made[1], "1.jpg"))
    assert page.text.count('value="remove:') == 2, "a line that broke after the file had arrived"
    page = add(client, page, *((data, "x.jpg") for data in made[2:]))
    assert page.text.count('value="remove:') == MAX_REPORT_FILES
    assert "x.jpg: A report can have at most 5 files." in page.text
    assert 'type="file"' not in page.text
    page = press(client, page, "remove:2")
    assert 'type="file"' in page.text
    page = add(client, page, (made[5], "5.jpg"))
    assert sorted(session.scalars(select(SignalReportFile.position))) == [1, 2, 3, 4, 5]
    assert [it.salt for it in session.scalars(select(StoredFile)) if it.salt is None] == [None]


def test_what_cannot_be_taken_is_told_by_its_name_and_the_others_are_kept(
    client: FlaskClient, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = send(client)
    none = add(client, page)
    assert (none.status_code, "Choose a file" in none.text) == (422, True)
    bad = add(client, none, (BAD["EICAR"][1](), "Canaria.txt"))
    assert (bad.status_code, "Canaria.txt: A known virus" in bad.text) == (422, True)
    mixed = add(client, bad, (b"MZ\x90\x00", "Canaria.exe"), (jpeg(), "good.jpg"))
    assert (mixed.status_code, "Canaria.exe: " in mixed.text) == (200, True)
    assert len(session.scalars(select(SignalReportFile)).all()) == 1
    assert "Canaria" not in caplog.text


def test_a_form_of_another_site_or_of_no_report_adds_nothing(client: FlaskClient, session: Session) -> None:
    page = send(client)
    data = pressed(page.text, having="files").to_dict()
    for wrong in ({"csrf_token": "x"}, {"code": "x"}, {"code": ""}):
        sent = {**data, **wrong, "files": (io.BytesIO(jpeg()), "a.jpg")}
        answer = client.post("/signals/return/files", data=sent, content_type="multipart/form-data")
        answer.request.environ["wsgi.input"].close()
        assert answer.status_code == 422
    assert session.scalars(select(StoredFile)).all() == []


def test_uploads_are_limited_by_network(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    page = send(client)
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], filing_limit="2 per hour"))
    assert [add(client, page).status_code for _ in range(3)] == [422, 422, 429]


def test_a_request_is_read_as_far_as_a_file_needs_at_this_address_only(client: FlaskClient) -> None:
    for at, status in (("do", 413), ("files", 422)):
        large = {"files": (io.BytesIO(bytes(9 * 2**20)), "a.jpg")}
        answer = client.post(f"/signals/return/{at}", data=large, content_type="multipart/form-data")
        answer.request.environ["wsgi.input"].close()
        assert answer.status_code == status


def test_a_withdrawn_report_hides_its_files_and_an_erased_one_destroys_them(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    holder, report = seated(session), filed(session)
    [file] = with_files(session, report, jpeg())
    at, salt, clean = f"/review/signals/reports/{report.reference}/files/1", file.salt or b"", file.copy
    desk = sign_in(holder)
    assert desk.get(at).status_code == 200
    page = press(client, come_back(client, words_of(report)), "withdraw")
    assert "Only you can see these files now." in page.text
    assert 'type="file"' not in page.text
    assert [desk.get(it).status_code for it in (at, f"{at}/1")] == [404, 404]
    assert "View picture" not in desk.get(f"/review/signals/reports/{report.reference}").text
    assert store.get(clean, salt), "withdrawing destroys nothing"
    asked = press(client, page, "erase")
    assert "and your files" in asked.text
    press(client, asked, "erase-now")
    session.expire_all()
    assert session.scalars(select(SignalReportFile)).all() == []
    [left] = session.scalars(select(StoredFile)).all()
    assert (left.salt, left.text, left.name) == (None, "", "")
    stored_files.shred(session)
    assert session.scalars(select(StoredFile)).all() == []
    for place in left.everything:
        with pytest.raises(store.NotInStore):
            store.get(place, salt)


def test_nothing_is_added_to_a_report_that_is_erased_while_its_file_arrives(session: Session) -> None:
    report = filed(session)
    own = reports.find_own(session, words_of(report))

    def arriving() -> Any:
        yield UploadedFile("a.jpg", jpeg())
        reports.erase(session, own)

    report_files.add(session, report, arriving())
    assert session.scalars(select(SignalReportFile)).all() == []
    assert session.scalars(select(StoredFile.salt)).all() == [None]


def test_only_who_was_given_a_seat_sees_a_file_and_never_what_was_sent(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    holder, plain = seated(session), factories.account(session, Role.MODERATOR)
    admin, reader = factories.account(session, Role.ADMIN), factories.account(session, Role.POLICYMAKER)
    force, officer = factories.organisation(session, kind=OrganisationKind.LAW_ENFORCEMENT), seated(session)
    organisations.add_member(session, organisation_id=force.id, account_id=officer.id)
    signal = opened(session, holder, body="With a photograph.")
    report = session.scalars(select(SignalReport)).one()
    [file] = with_files(session, report, jpeg())
    here = f"/review/signals/reports/{report.reference}"
    for page in (here, f"/review/signals/{signal.slug}"):
        assert "View picture" in sign_in(holder).get(page).text
        assert sign_in(admin).get(page).status_code == 403
    for address in (f"{here}/files/1", f"{here}/files/1/1"):
        seen = {who: sign_in(who).get(address).status_code for who in (holder, plain, admin, officer, reader)}
        assert list(seen.values()) == [200, 403, 403, 403, 403]
        assert client.get(address).status_code == 303
    assert sign_in(plain).get(f"/review/evidence/{file.id}/1").status_code == 404
    assert sign_in(plain).get(f"/review/evidence/{file.id}/words").status_code == 404
    copy = sign_in(holder).get(f"{here}/files/1")
    assert copy.headers["Content-Disposition"] == f'attachment; filename="{report.reference}-1.jpg"'
    for answer in (copy, sign_in(holder).get(f"{here}/files/1/1")):
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert PHOTOGRAPHER.encode() not in answer.data
    assert Image.open(io.BytesIO(jpeg())).getexif().get_ifd(0x8825), "what was sent says where it was taken"
    assert not Image.open(io.BytesIO(copy.data)).getexif()


def test_the_public_the_ledger_and_the_confidence_know_nothing_of_a_file(client: FlaskClient, session: Session) -> None:
    me = seated(session)
    signal = opened(session, me)
    session.commit()
    its = f"/signals/{signal.slug}"
    addresses = (
        "/signals",
        its,
        f"{its}.json",
        "/signals.json",
        "/signals.atom",
        "/signals/books",
        "/signals/figures.csv",
    )
    before = [client.get(at).data for at in addresses], signal.confidence
    entries = len(session.scalars(select(LedgerEntry)).all())
    with_files(session, session.scalars(select(SignalReport)).one(), jpeg(), pdf("Protonitazene in 3 of 3."))
    assert ([client.get(at).data for at in addresses], signal.confidence) == before
    assert len(session.scalars(select(LedgerEntry)).all()) == entries
    assert "Protonitazene in 3" not in client.get("/search?q=protonitazene").text


def test_a_file_that_is_held_is_seen_at_triage_and_checked_again_there_and_is_in_no_other_queue(
    session: Session, sign_in: SignIn
) -> None:
    report, me = filed(session), seated(session)
    [file] = with_files(session, report, jpeg())
    file.state, file.reason, file.due_at = State.HELD, "unchecked", now() + timedelta(hours=1)
    session.commit()
    desk, here = sign_in(me), f"/review/signals/reports/{report.reference}"
    page = desk.get(here)
    assert "We could not check this file for viruses yet" in page.text
    assert desk.get(f"{here}/files/1").status_code == 404
    assert f'value="{file.id}"' not in desk.get("/review/files").text
    assert "1 file is being checked now." in desk.post(f"{here}/files", follow_redirects=True).text
    session.expire_all()
    assert session.get_one(StoredFile, file.id).due_at <= now()  # type: ignore[operator]


def test_who_has_a_seat_destroys_a_file_for_a_reason_that_its_reporter_reads(
    client: FlaskClient, session: Session, sign_in: SignIn
) -> None:
    report, me, admin = filed(session), seated(session), factories.account(session, Role.ADMIN)
    me.display_name = "Amina"
    picture = jpeg()
    first, other = with_files(session, report, picture, pdf())
    here, page = f"/review/signals/reports/{report.reference}", "/files/1/destroy"
    assert sign_in(admin).post(here + page, data={"reason": "A face."}).status_code == 403
    desk = sign_in(me)
    assert f'href="{here}{page}"' in desk.get(here).text
    assert "Say in a few words" in desk.post(here + page, data={"reason": " "}).text
    session.refresh(first)
    assert first.salt is not None
    assert desk.post(here + page, data={"reason": "A face can be seen."}).status_code == 303
    session.expire_all()
    assert (first.salt, other.salt is None) == (None, False)
    told = desk.get(here).text
    assert re.search(r"Erased on [^<]+ by Amina: <bdi>A face can be seen.</bdi>", told)
    assert desk.get(f"{here}/files/1").status_code == 404
    assert desk.post(here + page, data={"reason": "Once more."}).status_code == 404
    mine = come_back(client, words_of(report)).text
    assert re.search(r"Erased on [^<]+ by an assessor: <bdi>A face can be seen.</bdi>", mine)
    assert "Amina" not in mine
    report_files.remove(session, report, 1)
    assert len(session.scalars(select(SignalReportFile)).all()) == 2, "that it was destroyed, and why, stays"
    assert not report_files.add(session, report, [UploadedFile("again.jpg", picture)])
    assert len(session.scalars(select(StoredFile).where(StoredFile.salt.is_not(None))).all()) == 1, "not taken again"
    report_files.erase_all(session, report)
    assert session.scalars(select(SignalReportFile)).all() == []


def test_a_report_that_is_no_signal_takes_no_more_files(client: FlaskClient, session: Session) -> None:
    me, report = seated(session), filed(session)
    with_files(session, report, jpeg())
    before = come_back(client, words_of(report))
    session.refresh(me)
    service.decline_report(session, report, by=me, reason="A test.")
    session.commit()
    assert session.get_one(SignalLink, report.id).standing is ReportStanding.NOT_SIGNAL
    late = add(client, before, (pdf(), "late.pdf"))
    assert (late.status_code, "so you cannot add files" in late.text) == (422, True)
    assert len(session.scalars(select(StoredFile)).all()) == 1


def test_a_file_of_a_report_stays_and_one_that_belongs_to_nothing_goes_after_a_day(session: Session) -> None:
    [kept] = with_files(session, filed(session), jpeg())
    lone = stored_files.receive(session, data=pdf(), name="a.pdf")
    for it in (kept, lone):
        it.created_at = now() - claims.UNCLAIMED - timedelta(minutes=1)
    session.flush()
    assert claims.erase_unclaimed(session) == 1
    session.expire_all()
    assert (kept.salt is None, lone.salt is None) == (False, True)


def test_a_photograph_with_a_report_without_a_trace_leaves_none(
    app: Flask, session: Session, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(limiter, "enabled", True)
    browser = app.test_client()
    browser.environ_base |= {"REMOTE_ADDR": canaries.CANARY["address"], "HTTP_USER_AGENT": canaries.CANARY["agent"]}
    sent = send(browser, "/signals/report/no-trace")
    photograph = jpeg()
    assert canaries.holds(photograph, PHOTOGRAPHER)
    added = add(browser, sent, (photograph, f"{canaries.CANARY['name']}.jpg"))
    assert added.status_code == 200
    [file] = checked(session)
    assert file.state is State.CLEAN
    kept = [*canaries.dump(session), *canaries.elsewhere(app.config["SETTINGS"]), ("logs", caplog.text.encode())]
    opened_copies = [store.get(place, file.salt or b"") for place in (file.copy, file.page(1))]
    kept += [("cleaned", data) for data in opened_copies]
    secrets = [*canaries.CANARY.values(), PHOTOGRAPHER, seven(sent)]
    assert [(place, what) for what in secrets for place, data in kept if canaries.holds(data, what)] == []
    original = sha256(photograph)
    assert [
        place for place, data in kept if original.digest() in data or canaries.holds(data, original.hexdigest())
    ] == []
