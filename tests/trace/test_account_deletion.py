"""Somebody deletes their account: what goes, what stays, and who must hand over first."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from consult.accounts import deletion, passwords
from consult.accounts import service as accounts
from consult.accounts.deletion import LastAdmin
from consult.accounts.links import LinkSpent
from consult.accounts.model import Account, LinkToken, Membership, Organisation, OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.accounts.organisations.service import LastOwner
from consult.accounts.service import WrongCredentials
from consult.api.webhooks import service as webhooks
from consult.consultations.followers import service as followers
from consult.consultations.model import Consultation, Follow
from consult.consultations.participation import facilitators
from consult.core.crypto import pseudonym
from consult.core.db import db
from consult.core.errors import Refusal
from consult.core.web.access import Role
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence, Subscription
from consult.files import service as files_service
from consult.files.model import StoredFile
from consult.mail import drain
from consult.mail.model import Letter
from consult.moderation import service as moderation
from consult.moderation.model import Decision, DecisionOutcome, SavedFilter
from consult.moderation.team import service as team
from consult.plans import watches as action_watches
from consult.plans.reports import service as reports
from consult.signals.triage import seats
from consult.signals.watchers import service as watchers
from consult.signals.watchers.service import WatchFilter
from consult.submissions import account_deletion
from consult.submissions import service as submissions
from consult.submissions.coalitions import service as coalitions
from consult.submissions.content.draft import WHOLE_DRAFT, DraftComment
from consult.submissions.content.evidence_item import EvidenceItem
from consult.submissions.drafts import service as drafts
from consult.submissions.drafts.service import DraftOwner
from consult.submissions.evidence import service as evidence
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Contact, Draft, EvidenceKind, NameRule, Stance, State, Submission
from consult.submissions.values import Submitter
from consult.trace import account_deletion as trace_deletion
from consult.trace import account_export
from tests import factories, filing, signing
from tests.accounts.letters import letters
from tests.bodies.working import make_body, work
from tests.case_studies.written import appraiser
from tests.conftest import db_tables
from tests.counting import statements
from tests.forms import pressed
from tests.plans.planned import find, given, planned

GOES = {
    "access_token", "account_session",
    "action_watch", "appraisal_request.account_id", "authenticator", "body_member", "digest_reader",
    "digest_waiting", "draft", "facilitator", "follow", "former_tie", "inbound_address", "link_token", "membership",
    "moderator_seat",
    "obligation.owner_id", "passkey", "position_hold",
    "recovery_code", "response_draft", "saved_filter", "sign_in", "sign_on_identity",
    "signal_duty", "signal_seat", "waiting", "watcher", "webhook",
}  # fmt: skip
"""Tables that refer to an account, and lose what refers to it when it is deleted."""
UNTIED = {"coalition_note", "cosignature", "sign_off.asked_by", "sign_off_event", "submission"}
STAYS = {
    "action_report", "action_report_appeal", "action_report_decision", "action_report_reader_report", "action_term",
    "appeal",
    "appraisal", "appraisal_request.asked_by_id", "appraiser",
    "argument_act",
    "argument_objection", "batch",
    "campaign", "line_choice", "case_study", "case_study_appeal", "case_study_decision", "case_study_reader_report",
    "case_study_use_appeal",
    "case_study_use_decision", "case_study_use_reader_report", "case_study_used",
    "consultation", "consultation_body.agreed_by_id",
    "decision", "evidence_tag", "facilitation", "hold_rule", "indicator_import", "lawful_start", "obligation.given_by",
    "policy_version",
    "country_fact", "peer", "recommendation_action", "recommendation_given", "recommendation_set",
    "recommendation_term", "substance_record",
    "position", "provision_tag", "recourse_answer", "report", "response", "response_beside", "response_former",
    "sample_batch",
    "sign_off.account_id", "signal", "signal_apart", "signal_link", "signal_report_file", "signal_warning",
    "site_text", "subscription", "text_group", "translation",
}  # fmt: skip
"""Those that still refer to the empty row: what somebody did, which the record keeps, and digests that have ended."""
SignIn = Callable[[Account], FlaskClient]
PASSWORD = "correct horse battery"
EMAIL = "canary@example.org"


@pytest.fixture
def ana(session: Session) -> Account:
    account = factories.account(
        session, email=EMAIL, display_name="Canary Quispe", password_hash=passwords.hash_password(PASSWORD)
    )
    session.commit()
    return account


def sent(session: Session, it: Consultation, by: Account, **values: object) -> Submission:
    who = Submitter(NameRule.OWN, account_id=by.id, person_name="A. Q.", **values)  # type: ignore[arg-type]
    return submissions.file(session, consultation=it, by=who, comments=[filing.comment(session, it, "Sixty is low.")],
                            key=f"{by.id}:{it.id}")  # fmt: skip


def found(session: Session, by: Account, name: str = "Red Andina") -> Organisation:
    return organisations.create_organisation(
        session, founder=by, name=name, kind=OrganisationKind.NETWORK, country="PE", website=None
    )


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_address_is_unknown_afterwards_and_can_join_anew(session: Session, ana: Account) -> None:
    number, token = ana.id, signing.session_token(session, ana)
    trace_deletion.delete_account(session, ana)
    with pytest.raises(WrongCredentials):
        accounts.sign_in(session, email=EMAIL, password=PASSWORD)
    assert not signing.is_signed_in(session, token)
    accounts.send_sign_in_link(session, email=EMAIL, language="en")
    assert [letter.subject for letter in letters(session)] == [
        "Your account is deleted", "This e-mail address has no account",
    ]  # fmt: skip
    again = accounts.join(session, token=letters(session)[-1].token, name="Ana", password=None, language="en")
    assert again.id != number


def test_neither_name_nor_address_is_found_in_any_table(session: Session, ana: Account) -> None:
    it = factories.consultation(session)
    followers.follow(session, consultation=it, account=ana)
    followers.request_confirmation(session, consultation=factories.consultation(session), email=EMAIL, language="en")
    accounts.send_sign_in_link(session, email=EMAIL, language="en")
    sent(session, it, ana, email="office@example.org")
    index = ana.email_index
    trace_deletion.delete_account(session, ana)
    kept = [name for name in db_tables() if not name.startswith("letter")]  # the last letter is on its way
    for name in kept:
        rows = str(session.scalars(text(f'SELECT row_to_json(t)::text FROM "{name}" t')).all())
        assert "Canary" not in rows, name
        assert index.hex() not in rows, name
    assert [count(session, table) for table in (Follow, Contact)] == [0, 0]
    tokens = session.scalars(select(LinkToken.account_id)).all()
    assert ana.id not in tokens


def test_of_every_table_that_refers_to_an_account_it_is_said_what_becomes_of_it() -> None:
    keys = [key for table in factories.Base.metadata.sorted_tables for key in table.foreign_keys]
    refers = {(key.parent.table.name, key.parent.name) for key in keys if key.column.table.name == "account"}
    said = GOES | UNTIED | STAYS
    assert {pair for pair in refers if not {pair[0], ".".join(pair)} & said} == set()
    assert said <= {name for table, column in refers for name in (table, f"{table}.{column}")}


def test_what_is_somebodys_own_goes_from_every_table(session: Session) -> None:
    one, it = factories.account(session, Role.MODERATOR, email=EMAIL), factories.consultation(session)
    found(session, one)
    followers.follow(session, consultation=it, account=one)
    facilitators.allow(session, number=it.id, by=session.get_one(Account, it.owner_id), email=EMAIL)
    team.add_seat(session, account_id=one.id, consultation_id=it.id, language="")
    delivery.set_preferences(session, account=one, joined=True, language=None, paused_until=None)
    drafts.save_submitter(session, consultation_id=it.id, owner=DraftOwner(one.id), about=DraftSubmitter(NameRule.NONE))
    deletion.send_link(session, one)
    seats.give(session, account_id=one.id, on_call=True)
    watchers.watch(session, account=one, wish=WatchFilter())
    session.add(SavedFilter(account_id=one.id, name="Mine", query={}))
    webhooks.add(session, one, address="https://a.example", topics=["own"], organisation_id=None)
    trace_deletion.delete_account(session, one)
    for name in GOES:
        table, _dot, column = name.partition(".")
        column = column or ("claimed_by" if table == "waiting" else "account_id")
        left = text(f'SELECT count(*) FROM "{table}" WHERE {column} = :one')
        assert session.scalar(left, {"one": one.id}) == 0, name


def test_what_was_filed_stays_counted_and_named_and_its_link_opens_it(session: Session, ana: Account) -> None:
    it = factories.consultation(session)
    row = sent(session, it, ana)
    filing.decide(session, row, State.PUBLISHED)
    secret = submissions.author_secret(row)
    trace_deletion.delete_account(session, ana)
    session.refresh(row)
    assert (row.state, row.public_name, row.account_id, row.contact_id) == (State.PUBLISHED, "A. Q.", None, None)
    assert submissions.author_address(session, row) is None
    assert submissions.get_by_author_link(session, reference=row.reference, secret=secret) is row


def test_drafts_go_with_their_files_and_filed_files_stay(session: Session, ana: Account) -> None:
    it, other = factories.consultation(session), factories.consultation(session)
    owner = DraftOwner(ana.id)
    files = [files_service.receive(session, data=b"district;note\nNorth;1\n", name=f"{n}.csv") for n in "ab"]
    row = sent(session, other, ana)
    items = [EvidenceItem(key=str(file.id), file_id=file.id, name=file.name, kind=EvidenceKind.STUDY) for file in files]
    evidence.attach(session, row, items[:1])
    drafts.save_comment(session, consultation_id=it.id, owner=owner, provision_id=WHOLE_DRAFT, seen="",
                comment=DraftComment("Not sent.", Stance.CONCERN))  # fmt: skip
    drafts.change_evidence(session, consultation_id=it.id, owner=owner, change=lambda _items: tuple(items))
    trace_deletion.delete_account(session, ana)
    session.expire_all()
    salts = {row.id: row.salt for row in session.scalars(select(StoredFile))}
    assert count(session, Draft) == 0
    assert salts[files[0].id] is not None
    assert salts[files[1].id] is None


def test_a_draft_that_the_browser_began_before_signing_in_goes_too(session: Session, ana: Account) -> None:
    it, note = factories.consultation(session), DraftComment("Not sent.", Stance.CONCERN)
    tokens = [
        drafts.save_comment(
            session, consultation_id=it.id, owner=DraftOwner(), provision_id=WHOLE_DRAFT, comment=note, seen=""
        )
        for _browser in range(2)
    ]
    trace_deletion.delete_account(session, ana, tokens=[tokens[0] or ""])
    assert count(session, Draft) == 1


def test_digests_end_also_those_that_wait(session: Session) -> None:
    reader = factories.account(session, Role.POLICYMAKER)
    delivery.subscribe(session, account=reader, consultation=factories.consultation(session),
                          cadence=Cadence.DAILY, language="en")  # fmt: skip
    trace_deletion.delete_account(session, reader)
    assert session.scalars(select(Subscription.ended_at)).one() is not None


def test_decisions_stay_under_the_pseudonym_of_the_public_record(session: Session) -> None:
    moderator = factories.account(session, Role.MODERATOR, display_name="Tomás")
    row = filing.file(session, factories.consultation(session), "Sixty is low.")
    moderation.decide(
        session, moderator=moderator, submission_id=row.id, outcome=DecisionOutcome.PUBLISH, revision=row.revision
    )
    trace_deletion.delete_account(session, moderator)
    shown = session.scalars(select(Account.display_name).join(Decision, Decision.moderator_id == Account.id)).one()
    assert shown == pseudonym("account", moderator.id)
    assert moderator.role is Role.CONTRIBUTOR


def test_the_last_administrator_cannot_leave(session: Session) -> None:
    one = factories.account(session, Role.ADMIN)
    with pytest.raises(LastAdmin):
        trace_deletion.delete_account(session, one)
    factories.account(session, Role.ADMIN)
    trace_deletion.delete_account(session, one)


def test_of_two_administrators_that_leave_at_once_one_stays(app: Flask, session: Session) -> None:
    numbers = [factories.account(session, Role.ADMIN).id for _ in range(2)]
    session.commit()
    barrier, outcomes = threading.Barrier(2), []

    def leave(number: int) -> None:
        with app.app_context():
            account = db.session.get_one(Account, number)
            barrier.wait()
            try:
                trace_deletion.delete_account(db.session(), account)
                db.session.commit()
                outcomes.append("left")
            except LastAdmin:
                outcomes.append("stays")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=leave, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["left", "stays"]


def test_the_last_owner_hands_over_first_where_others_are_members(session: Session, ana: Account) -> None:
    it, luz = found(session, ana), factories.account(session)
    organisations.add_member(session, organisation_id=it.id, account_id=luz.id)
    with pytest.raises(LastOwner):
        trace_deletion.delete_account(session, ana)
    organisations.set_owner(session, by=ana, organisation_id=it.id, account_id=luz.id, owner=True)
    trace_deletion.delete_account(session, ana)
    assert [member.account_id for member in organisations.list_members(session, it.id)] == [luz.id]


def test_an_organisation_of_nobody_else_goes_where_nothing_was_sent_in_its_name(session: Session, ana: Account) -> None:
    found(session, ana)
    trace_deletion.delete_account(session, ana)
    assert (count(session, Organisation), count(session, Membership)) == (0, 0)


def test_an_organisation_that_has_filed_keeps_its_name_there_and_loses_its_drafts(
    session: Session, ana: Account
) -> None:
    it, plan, other = found(session, ana), factories.consultation(session), factories.consultation(session)
    by = Submitter(NameRule.ORGANISATION, account_id=ana.id, organisation_id=it.id)
    row = submissions.file(session, consultation=plan, by=by, key="k", comments=[filing.comment(session, plan, "No.")])
    joining = coalitions.invite(session, submission=filing.file(session, other, "Yes."), name="Red Andina")
    drafts.save_comment(
        session,
        consultation_id=other.id,
        owner=DraftOwner(ana.id, None, it.id),
        provision_id=WHOLE_DRAFT,
        seen="",
        comment=DraftComment("Not sent.", Stance.CONCERN),
    )
    gone = joining.id
    trace_deletion.delete_account(session, ana)
    session.expire_all()
    assert (count(session, Organisation), count(session, Draft)) == (1, 0)
    assert row.public_name == "Red Andina"
    assert session.get(type(joining), gone) is None


def test_the_page_says_what_goes_and_stays_and_leads_to_withdrawing(
    session: Session, sign_in: SignIn, ana: Account
) -> None:
    row = sent(session, factories.consultation(session), ana)
    secret = submissions.author_secret(row)
    found(session, ana)
    client = sign_in(ana)
    page = client.get("/account/delete")
    assert f"/r/{row.reference}/{secret}" in page.text
    assert "nothing was sent in its name" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    wrong = client.post("/account/delete", data=pressed(page.text, current="wrong password"))
    assert wrong.status_code == 422
    assert "current password is wrong" in wrong.text
    done = client.post("/account/delete", data=pressed(page.text, current=PASSWORD))
    assert (done.status_code, done.location) == (303, "/")
    assert done.headers["Clear-Site-Data"] == '"storage"'
    assert "Your account is deleted." in client.get("/").text
    assert client.get("/account").status_code == 303


def test_who_must_hand_over_sees_where_and_no_button(session: Session, sign_in: SignIn, ana: Account) -> None:
    it = found(session, ana)
    organisations.add_member(session, organisation_id=it.id, account_id=factories.account(session).id)
    client = sign_in(ana)
    page = client.get("/account/delete").text
    assert f'href="/org/{it.id}"' in page
    assert "Delete my account" not in page
    assert client.post("/account/delete", data={"current": PASSWORD}).status_code == 422
    assert accounts.find_by_email(session, EMAIL) is not None


def test_an_account_without_a_password_is_deleted_by_a_link(app: Flask, session: Session, sign_in: SignIn) -> None:
    luz = factories.account(session, email="luz@example.org")
    client = sign_in(luz)
    asked = client.post("/account/delete", data=pressed(client.get("/account/delete").text, having="csrf_token"))
    assert asked.location == "/sent?what=delete"
    path = letters(session)[-1].path
    phone = app.test_client()
    opened = phone.get(path)
    assert "Delete my account" in opened.text
    assert accounts.find_by_email(session, "luz@example.org") is not None
    assert phone.post(path).status_code == 303
    assert phone.get(path).status_code == 410
    assert client.get("/account").status_code == 303
    session.expire_all()
    assert accounts.find_by_email(session, "luz@example.org") is None


def test_a_link_of_another_account_signs_nobody_else_out(session: Session, sign_in: SignIn, ana: Account) -> None:
    luz = factories.account(session, email="luz@example.org")
    deletion.send_link(session, luz)
    client = sign_in(ana)
    client.post(letters(session)[-1].path)
    assert accounts.find_by_email(session, "luz@example.org") is None
    assert client.get("/account").status_code == 200


def test_what_is_still_written_to_a_deleted_account_is_a_letter_that_says_why_it_is_not_sent(
    session: Session, ana: Account
) -> None:
    trace_deletion.delete_account(session, ana)
    late = factories.consultation(session)
    followers.follow(session, consultation=late, account=ana)  # at the same instant, in another window
    followers.notify_followers(session, late, about="reminder", key="test")
    session.commit()
    drain.drain(budget=10)
    states = {letter.key.partition(":")[0]: letter.reason for letter in session.scalars(select(Letter))}
    assert states == {"account": None, "test": "account deleted"}


def test_a_link_to_delete_is_good_for_nothing_else(session: Session) -> None:
    luz = factories.account(session, email="luz@example.org")
    deletion.send_link(session, luz)
    with pytest.raises(LinkSpent):
        accounts.use_link(session, token=letters(session)[-1].token)


def test_the_page_costs_the_same_for_one_submission_and_for_many(
    session: Session, sign_in: SignIn, ana: Account
) -> None:
    client, costs = sign_in(ana), []
    for many in (1, 10):
        for _ in range(many):
            sent(session, factories.consultation(session), ana)
        session.commit()
        with statements() as seen:
            client.get("/account/delete")
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 6


def test_ones_data_are_a_zip_of_the_account_and_each_submission(
    session: Session, sign_in: SignIn, ana: Account
) -> None:
    it, other = factories.consultation(session), factories.consultation(session)
    row = sent(session, it, ana)
    found(session, ana)
    followers.follow(session, consultation=it, account=ana)
    drafts.save_comment(session, consultation_id=other.id, owner=DraftOwner(ana.id), provision_id=WHOLE_DRAFT, seen="",
                comment=DraftComment("Not sent.", Stance.CONCERN))  # fmt: skip
    sent(session, it, factories.account(session))
    answer = sign_in(ana).get("/account/data")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as made:
        assert made.namelist() == ["account.json", f"{row.reference}.json"]
        account, submission = (json.loads(made.read(name)) for name in made.namelist())
    assert (account["email"], account["name"]) == (EMAIL, "Canary Quispe")
    assert [one["name"] for one in account["organisations"]] == ["Red Andina"]
    assert account["follows"] == [it.slug]
    assert account["drafts"][0]["comments"][0]["body"] == "Not sent."
    assert submission["comments"][0]["body"] == "Sixty is low."


def test_ones_data_hold_what_one_does_for_bodies_plans_and_warnings(session: Session) -> None:
    lead = work(session, body := make_body(session, "Ministry of Health"))
    action = find(session, planned(session, body, by=lead))
    reports.report_for_government(session, action, by=lead, given=given("under_way", "Half of it."))
    action_watches.begin(session, action, by=lead)
    watchers.watch(session, account=lead, wish=WatchFilter(countries=("PE",)))
    appraiser(session, "I advise a clinic", account=lead)
    account = json.loads(dict(account_export.export_parts(session, lead))["account.json"])
    assert account["bodies"] == [{"name": "Ministry of Health", "role": "lead"}]
    assert [row["words"] for row in account["action_reports"]] == ["Half of it."]
    assert account["watched_actions"] == [action.id]
    assert account["warnings"]["countries"] == ["PE"]
    assert account["appraiser_interests"] == ["I advise a clinic"]
    assert (
        json.loads(dict(account_export.export_parts(session, factories.account(session)))["account.json"])["warnings"]
        is None
    )


def test_nothing_is_left_to_withdraw_of_what_was_withdrawn_or_erased(session: Session, ana: Account) -> None:
    rows = [sent(session, factories.consultation(session), ana) for _ in range(3)]
    submissions.withdraw(session, rows[0])
    submissions.erase(session, rows[1])
    assert account_deletion.list_withdrawable(session, ana.id, 9) == [rows[2]]


def test_a_refused_deletion_leaves_everything(session: Session, ana: Account) -> None:
    it = found(session, ana)
    organisations.add_member(session, organisation_id=it.id, account_id=factories.account(session).id)
    followers.follow(session, consultation=factories.consultation(session), account=ana)
    session.commit()
    with pytest.raises(Refusal):
        trace_deletion.delete_account(session, ana)
    session.rollback()
    assert count(session, Follow) == 1
