"""What should happen to a paragraph and to the draft as a whole: asked, committed, changed, erased and counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.analysis import service as analysis
from consult.consultations.model import Consultation
from consult.core.clock import now
from consult.positions import counts
from consult.submissions import imports, service, stances
from consult.submissions.commitments import contents, recomputation
from consult.submissions.content.draft import DraftContent, from_json, to_json
from consult.submissions.fields import DraftSubmitter
from consult.submissions.model import Comment, Side, Stance, Submission
from consult.submissions.values import Submitter
from consult.trace import export
from tests import factories, filing
from tests.forms import hidden, pressed
from tests.submissions.test_speaking import member

SignIn = Callable[[Any], FlaskClient]


@pytest.fixture
def it(session: Session) -> Consultation:
    row = factories.consultation(session, no_identity=True)
    session.commit()
    return row


def write(client: FlaskClient, it: Consultation, **said: str) -> int:
    url = f"/c/{it.slug}/respond/comment/1.1"
    data = {"seen": hidden(client.get(url), "seen"), "stance": "drop", "body": "It closes our clinic.", **said}
    return client.post(url, data=data).status_code


def send(client: FlaskClient, it: Consultation, **said: str) -> int:
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": "none", "language": "en"})
    url = f"/c/{it.slug}/respond/check"
    page = client.get(url)
    data = {"key": hidden(page, "key"), "mark": hidden(page, "mark"), **said}
    return client.post(url, data=data).status_code


def record(session: Session, row: Submission) -> dict[str, Any]:
    """What the ledger commits to, which fits the commitment."""
    [stored] = contents.load(session, [row.id])
    found = recomputation.find_record(stored)
    assert found.fits
    return found.record


def test_the_form_asks_what_should_happen_to_the_paragraph(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    page = client.get(f"/c/{it.slug}/respond/comment/1.1").text
    assert "What should happen to this paragraph?" in page
    assert [
        label for label in ("Keep it", "Change it", "Delete it", "I have information to add") if label not in page
    ] == []
    assert 'value="concern"' not in page
    whole = client.get(f"/c/{it.slug}/respond/comment/whole").text
    assert "What should happen to the draft as a whole?" in whole
    assert write(client, it, stance="concern") == 422
    assert write(client, it) == 303
    assert send(client, it) == 303
    row = session.scalars(select(Comment)).one()
    assert row.stance is Stance.DROP
    filing.decide(session, session.get_one(Submission, row.submission_id), "published")
    session.commit()
    place = client.get(f"/c/{it.slug}/p/1.1").text
    assert '<li class="drop"><span>Delete <b>1</b></span></li>' in place
    assert "Delete 1</a>" in place


def test_a_side_is_stored_committed_and_shown_and_may_be_left_out(
    client: FlaskClient, session: Session, it: Consultation
) -> None:
    assert write(client, it) == 303
    assert send(client, it, side="burn") == 409
    assert send(client, it, side="drop") == 303
    row = session.scalars(select(Submission)).one()
    assert row.side is Side.DROP
    assert record(session, row)["side"] == "drop"
    assert export.submission_record(session, row)["side"] == "drop"
    receipt = client.get(f"/c/{it.slug}/sent/{row.reference}").text
    assert "The draft as a whole" in receipt
    filing.decide(session, row, "published")
    session.commit()
    assert "The draft as a whole: Delete" in client.get(f"/c/{it.slug}/comments/{row.reference}").text
    other = filing.file(session, it, "Without a side.")
    assert "side" not in record(session, other)


def test_amending_changes_a_side_and_erasure_removes_it(session: Session, it: Consultation) -> None:
    note = filing.comment(session, it, "Too slow.")
    row = service.file(session, consultation=it, by=Submitter(side="drop"), comments=[note], key="one")
    service.amend(session, row, comments=[note], by=Submitter(side="keep"))
    assert (row.side, record(session, row)["side"]) == (Side.KEEP, "keep")
    [stored] = contents.load(session, [row.id])
    [(_entry, earlier)] = recomputation.list_earlier(session, stored)
    assert earlier is not None
    assert (earlier.fits, earlier.record["side"]) == (True, "drop")
    service.erase(session, row)
    session.commit()
    assert row.side is None


def test_a_draft_without_a_side_keeps_its_fingerprint() -> None:
    draft = DraftContent(about=DraftSubmitter())
    assert '"side"' not in to_json(draft)
    assert from_json(to_json(draft.with_side("keep"))) == draft.with_side("keep")
    assert draft.with_side("keep").with_side("") == draft.with_side(None) == draft


def test_an_organisation_chooses_before_its_members_approve(
    session: Session, it: Consultation, sign_in: SignIn
) -> None:
    ngo = factories.organisation(session)
    client = sign_in(member(session, ngo))
    client.post(f"/c/{it.slug}/respond/comment/1.1", data={"body": "Too slow.", "stance": "drop"})
    client.post(f"/c/{it.slug}/respond/about", data={"speaks": f"org:{ngo.id}", "language": "en"})
    assert client.post(f"/c/{it.slug}/respond/hand-over").status_code == 303
    url = f"/c/{it.slug}/respond/check"
    page = client.get(url)
    data = {"key": hidden(page, "key"), "mark": hidden(page, "mark"), "side": "change", "do": "side"}
    assert client.post(url, data=data).status_code == 303
    page = client.get(url)
    assert client.post(url, data={"key": hidden(page, "key"), "mark": hidden(page, "mark")}).status_code == 303
    assert session.scalars(select(Submission.side)).one() is Side.CHANGE


def test_the_anonymous_form_asks_too(client: FlaskClient, session: Session, it: Consultation) -> None:
    page = client.get(f"/n/{it.slug}").text
    typed = {"stance_0": "drop", "body_0": "Sixty per cent is low.", "side": "keep"}
    checked = client.post(f"/n/{it.slug}", data=pressed(page, ("do", "check"), **typed)).text
    assert "The draft as a whole: Keep" in checked
    client.post(f"/n/{it.slug}", data=pressed(checked, ("do", "send")))
    assert session.scalars(select(Submission.side)).one() is Side.KEEP


def test_a_chosen_side_counts_before_the_types_of_comments(session: Session, it: Consultation) -> None:
    whole = filing.comment(session, it, "Keep all of it.", on="", stance="support")
    there = filing.comment(session, it, "Strike this out.", stance="drop")
    for key, side, note in (("a", "drop", whole), ("b", "keep", there), ("c", "", there), ("d", "", whole)):
        row = service.file(session, consultation=it, by=Submitter(side=side), comments=[note], key=key)
        filing.decide(session, row, "published")
    session.commit()
    analysis.FOLLOWER.follow(session, consultation_id=it.id, until=filing.numbered(session))
    analysis.compare(session, consultation_id=it.id)
    found = counts.count_sides(session, it.id, as_of=now())
    assert found.sides == {Side.DROP: 1, Side.KEEP: 2}
    assert (found.filed, found.unread, found.all) == (3, 0, 3)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("keep", "support"), ("Change", "wording"), ("drop", "drop"), ("neither", "evidence"), ("concern", "concern")],
)
def test_imports_take_sides_and_the_stored_names(session: Session, it: Consultation, typed: str, stored: str) -> None:
    into = imports.get_target(session, slug=it.slug, source="docket", published=True)
    row = imports.check_record(into, source_id="1", body="Words", stance=typed)
    imports.file_batch(session, into, imports.seal_batch(into, [row]), at=now() - timedelta(hours=1))
    filed = session.scalars(select(Submission)).one()
    assert record(session, filed)["comments"][0]["stance"] == stored
    with pytest.raises(imports.RecordRejected, match="not one of: keep, change, drop, neither, support"):
        imports.check_record(into, source_id="2", body="Words", stance="against")


def test_every_type_has_one_name_and_a_place_in_the_order() -> None:
    assert {*stances.FILED, Stance.AMENDMENT} == set(Stance)
    assert set(stances.NAMES) == {*Stance, ""}
    assert set(stances.SIDES) == set(Side)
